"""Policies: what is promised to whom, and which of them holds for a ticket."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.fulfillment.model.opening_hours import OpeningHours
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_distinct, check_range, check_size, check_text
from backoffice_api.domain.tickets.model.clocks import ClockKind, Promise
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketSource

# Sixty days round the clock.
TARGET_MIN_MAX = 60 * 24 * 60
WARN_PERCENT_DEFAULT = 80
POSITION_MAX = 1_000_000
CONDITIONS_MAX = 50
POLICIES_MAX = 200


class SlaPolicySortKey(Choice):
    """By what a list of policies is sorted."""

    POSITION = "position", "The order in which they are tried."
    CREATED_AT = "created_at", "When it was made."


class TicketClockSortKey(Choice):
    """By what a list of clocks is sorted."""

    STARTED_AT = "started_at", "When it began."
    DUE_AT = "due_at", "When it is due; what is not comes last."


class SlaGroup(Choice):
    """By what figures of clocks are told apart."""

    POLICY = "policy", "By policy."
    TEAM = "team", "By the team that the ticket has now."
    PRIORITY = "priority", "By the priority that the ticket has now."
    SOURCE = "source", "By how the ticket came in."


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """For which tickets something is promised. An empty condition lets every ticket pass.

    `languages`: by their first part, as `pt` for `pt-BR`. `customer_tags`, `customer_group_ids`:
    the customer has one of them. `terms_id`: what is promised now. Removed ones are not active.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    position: int
    is_active: bool
    sources: Sequence[str]
    priorities: Sequence[str]
    team_ids: Sequence[str]
    languages: Sequence[str]
    customer_tags: Sequence[str]
    customer_group_ids: Sequence[str]
    terms_id: UUID

    @property
    def asks_for_customer(self) -> bool:
        return bool(self.customer_tags or self.customer_group_ids)

    def holds_for(self, case: "Case") -> bool:
        """Whether a ticket passes all its conditions."""
        language = (case.language or "").lower()
        spoken = {language, language.partition("-")[0]}
        return (
            (not self.sources or case.source.value in self.sources)
            and (not self.priorities or case.priority.value in self.priorities)
            and (not self.team_ids or (case.team_id or UUID(int=0)).hex in self.team_ids)
            and (not self.languages or not spoken.isdisjoint(self.languages))
            and (not self.customer_tags or not case.tags.isdisjoint(self.customer_tags))
            and (
                not self.customer_group_ids
                or not {each.hex for each in case.group_ids}.isdisjoint(self.customer_group_ids)
            )
        )


@dataclass(frozen=True, slots=True)
class Case:
    """What of a ticket policies ask for."""

    source: TicketSource
    priority: TicketPriority
    team_id: UUID | None
    language: str | None
    tags: frozenset[str] = frozenset()
    group_ids: frozenset[UUID] = frozenset()


def first_match(policies: Iterable[SlaPolicy], case: Case) -> SlaPolicy | None:
    """The policy that holds for a ticket: the first one by position whose conditions it passes."""
    ordered = sorted(policies, key=lambda each: (each.position, each.code))
    return next((each for each in ordered if each.holds_for(case)), None)


@dataclass(frozen=True, slots=True)
class SlaTerms:
    """What a policy promised from a moment on, with the calendar as it was: never changed.

    So a due time can be worked out again as long as its ticket is kept. `hours`: the calendar,
    as `OpeningHours.plain` gives it; round the clock where `calendar_id` is None.
    """

    id: UUID
    policy_id: UUID
    revision: int
    made_at: datetime
    calendar_id: UUID | None
    hours: Mapping[str, Any]
    first_response_min: int | None
    next_response_min: int | None
    resolution_min: int | None
    warn_percent: int
    pauses_internal: bool

    @property
    def promise(self) -> Promise:
        return Promise(
            hours=OpeningHours.parsed(self.hours),
            first_response_min=self.first_response_min,
            next_response_min=self.next_response_min,
            resolution_min=self.resolution_min,
            warn_percent=self.warn_percent,
            pauses_internal=self.pauses_internal,
        )

    def says(self, other: "SlaTerms") -> bool:
        """Whether both promise the same."""
        return self.calendar_id == other.calendar_id and self.promise == other.promise


@dataclass(frozen=True, slots=True)
class SlaPolicySet(Event):
    type = "sla_policy.set"
    subject = "slp"
    summary = "The policy {code} was set; it promises its revision {revision}."
    id: UUID
    version: int
    code: str
    revision: int


@dataclass(frozen=True, slots=True)
class SlaPolicyRemoved(Event):
    type = "sla_policy.removed"
    subject = "slp"
    summary = "The policy {code} promises nothing more."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class TicketSlaAtRisk(Event):
    """Most of the time for something is used up."""

    type = "ticket.sla_at_risk"
    subject = "tic"
    summary = "Ticket {number} is at risk: its {clock} is due at {due_at}."
    id: UUID
    version: int
    number: str
    clock: ClockKind
    started_at: datetime
    due_at: datetime
    policy_id: UUID


@dataclass(frozen=True, slots=True)
class TicketSlaBreached(Event):
    """Something did not come in time."""

    type = "ticket.sla_breached"
    subject = "tic"
    summary = "Ticket {number} missed what was promised: its {clock} was due at {due_at}."
    id: UUID
    version: int
    number: str
    clock: ClockKind
    started_at: datetime
    due_at: datetime
    policy_id: UUID


@dataclass(eq=False)
class UnknownSlaPolicy(Missing):
    """There is no policy with this id, or it was removed."""

    id: UUID
    message = "There is no such policy in use."


@dataclass(eq=False)
class NothingPromised(Invalid):
    """A policy promises neither a response nor a resolution."""

    message = "Promise a first response, a next response or a resolution."


@dataclass(eq=False)
class NeverDue(Invalid):
    """The calendar is not open for so long within the next ten years."""

    message = "The calendar is not open for so long: nothing would ever be due."


@dataclass(eq=False)
class TooManyPolicies(Invalid):
    """There are as many policies as are tried on a ticket."""

    maximum: int
    message = "There are at most {maximum} policies in use."


def check_policy(
    faults: Faults,
    *,
    code: str,
    name: str,
    position: int,
    warn_percent: int,
    targets: Mapping[str, int | None],
    conditions: Mapping[str, Collection[str]],
) -> None:
    """Note what is wrong with a policy. `targets` and `conditions`: by their names."""
    check_text(code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(name, faults, "name")
    check_range(position, faults, "position", minimum=0, maximum=POSITION_MAX)
    check_range(warn_percent, faults, "warn_percent", minimum=1, maximum=100)
    for word, minutes in targets.items():
        check_range(minutes, faults, word, minimum=1, maximum=TARGET_MIN_MAX)
    if not any(targets.values()):
        faults.add(NothingPromised())
    for word, values in conditions.items():
        given = tuple(values)
        check_size(given, faults, word, maximum=CONDITIONS_MAX)
        check_distinct(given[:CONDITIONS_MAX], faults, word)
        for at, value in enumerate(given[:CONDITIONS_MAX]):
            check_text(value, faults, word, at, maximum=CODE_LENGTH_MAX)
