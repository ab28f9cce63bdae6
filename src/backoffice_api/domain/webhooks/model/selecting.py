"""Which events a webhook is told of: by type, by facts of the event, by fields that changed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.events import COSTS, Event, Logged
from backoffice_api.domain.kernel.texts import check_distinct, check_size, check_text

PATTERNS_MAX = 50
CONDITIONS_MAX = 10
VALUES_MAX = 50
CHANGED_MAX = 20
# A statement takes no more of them by name; then all events are read.
TYPES_NAMED_MAX = 200

ALL = "*"
_ANY_OF = ".*"


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of events: what it is of (prefix of ids), what facts it tells, in one sentence."""

    type: str
    subject_kind: str
    facts: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact of the event is one of these values. Ids as the API writes them."""

    fact: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Of which events a webhook is told: all of these must hold.

    `event_types` are `order.placed`, `order.*` or `*`. `changed_fields`: one of these fields
    changed; none: whatever changed.
    """

    event_types: Sequence[str]
    conditions: Sequence[Condition] = ()
    changed_fields: Sequence[str] = ()

    def wants(self, event: Logged) -> bool:
        """Whether the webhook is told of this event."""
        return (
            any(fits(each, event.type) for each in self.event_types)
            and all(_holds(each, event.data) for each in self.conditions)
            and (
                not self.changed_fields
                or any(each["path"] in self.changed_fields for each in event.changes)
            )
        )


@dataclass(eq=False)
class UnknownEventType(Invalid):
    """There are no events of this type."""

    type: str
    message = "There are no events {type!r:.90}."


@dataclass(eq=False)
class UnknownFact(Invalid):
    """No event that is selected tells this fact."""

    fact: str
    message = "None of these events tells {fact!r:.90}."


@cache
def known_event_types() -> Mapping[str, EventType]:
    """Every type of events that this version of the program tells, sorted by name."""
    found = {
        each.type: EventType(each.type, each.subject, _facts(each), each.summary)
        for each in _subclasses(Event)
        if hasattr(each, "type") and is_dataclass(each)
    }
    return dict(sorted(found.items()))


def fits(pattern: str, type: str) -> bool:
    """Whether events of this type are among those that the pattern names."""
    if pattern in (ALL, type):
        return True
    return pattern.endswith(_ANY_OF) and type.startswith(pattern[:-1])


def types_named(patterns: Iterable[str], known: Collection[str]) -> tuple[str, ...] | None:
    """The types that any of the patterns names, for a statement. None: too many to name them."""
    wanted = set(patterns)
    named = {each for each in known if any(fits(pattern, each) for pattern in wanted)}
    # A type that an older version told, and this one does not know any more.
    named |= {each for each in wanted if not each.endswith(ALL)}
    return None if ALL in wanted or len(named) > TYPES_NAMED_MAX else tuple(sorted(named))


def kinds_of(patterns: Iterable[str]) -> frozenset[str]:
    """What the events are of that the patterns name: prefixes of ids."""
    known = known_event_types()
    wanted = tuple(patterns)
    return frozenset(
        each.subject_kind
        for each in known.values()
        if any(fits(pattern, each.type) for pattern in wanted)
    )


def check_selection(faults: Faults, wanted: Selection) -> None:
    """Note what is wrong with a selection: too much, nothing, or of what there is not."""
    known = known_event_types()
    types = tuple(wanted.event_types)
    check_size(types, faults, "event_types", maximum=PATTERNS_MAX)
    check_distinct(types, faults, "event_types")
    if not types:
        faults.add(UnknownEventType("").at("event_types"))
    facts: set[str] = set()
    for position, pattern in enumerate(types):
        named = [each for each in known.values() if fits(pattern, each.type)]
        facts.update(fact for each in named for fact in each.facts)
        if not named:
            faults.add(UnknownEventType(pattern).at("event_types", position))
    check_size(tuple(wanted.conditions), faults, "conditions", maximum=CONDITIONS_MAX)
    for position, each in enumerate(wanted.conditions):
        here = ("conditions", position)
        if each.fact not in facts:
            faults.add(UnknownFact(each.fact).at(*here, "fact"))
        check_size(each.values, faults, *here, "values", maximum=VALUES_MAX)
        for number, value in enumerate(each.values):
            check_text(value, faults, *here, "values", number)
    check_size(tuple(wanted.changed_fields), faults, "changed_fields", maximum=CHANGED_MAX)
    for position, name in enumerate(wanted.changed_fields):
        check_text(name, faults, "changed_fields", position)


def _holds(condition: Condition, data: Mapping[str, Any]) -> bool:
    if condition.fact == COSTS:
        return False
    fact = data.get(condition.fact)
    told = fact if isinstance(fact, list) else [fact]
    wanted = {_as_kept(each) for each in condition.values}
    return any(_shown(each) in wanted for each in told if each is not None)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _as_kept(value: str) -> str:
    """An id as the log keeps it; anything else as it is."""
    parts = ids.split(value)
    return value if parts is None else parts[1].hex


def _facts(event: type[Event]) -> tuple[str, ...]:
    return tuple(
        each.name
        for each in fields(event)  # type: ignore[arg-type]
        if each.name not in ("id", "version") and not {"cost", "personal"} & set(each.metadata)
    )


def _subclasses(of: type[Event]) -> Iterator[type[Event]]:
    for each in of.__subclasses__():
        yield each
        yield from _subclasses(each)
