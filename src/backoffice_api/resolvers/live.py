"""What can be subscribed to."""

import inspect
from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.domain.webhooks.model.selecting import PATTERNS_MAX, Selection, check_selection
from backoffice_api.schema.aggregates import EVENTS_READ, Event
from backoffice_api.schema.connections import parameter
from backoffice_api.schema.following import FromLog, Watched, followed
from backoffice_api.schema.live import EventNotice
from backoffice_api.schema.nodes import KINDS, Node
from backoffice_api.schema.scalars import BigInt
from backoffice_api.schema.ticket_desk import TicketPresence

IDS_MAX = 250
# What is done after the request that asked for it: kinds of ids.
_WORK = ("job", "brn", "bim", "bex")
_ENDED = frozenset({"succeeded", "finished", "failed", "cancelled", "stopped"})

_After = Annotated[
    BigInt | None,
    strawberry.argument(
        description="Sequence number of the last event you know; 0: from the start. Null: what "
        "happens from now on."
    ),
]
_Types = Annotated[
    list[str] | None,
    strawberry.argument(description="Only of these types, as `order.placed` or `order.*`."),
]
_Kinds = Annotated[
    list[str] | None,
    strawberry.argument(description="Only what happened to these, as `ord`: prefixes of ids."),
]
_Ids = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="Only what happened to these records, at most 250."),
]
_Of = Annotated[strawberry.ID, strawberry.argument(description="Id of the record.")]
_Work = Annotated[
    strawberry.ID, strawberry.argument(description="Of a job, or of a run, import or export.")
]
_Ticket = Annotated[strawberry.ID, strawberry.argument(description="Which ticket.")]


def _events(arguments: Mapping[str, Any]) -> FromLog:
    types = tuple(arguments["types"] or ())
    kinds = tuple(arguments["subject_kinds"] or ())
    named = tuple(arguments["subject_ids"] or ())
    faults = Faults()
    if types:
        check_selection(faults, Selection(types))
    check_size(kinds, faults, "subject_kinds", maximum=PATTERNS_MAX)
    check_size(named, faults, "subject_ids", maximum=IDS_MAX)
    faults.check()
    return _of_records(arguments["after"], named, types=types, kinds=frozenset(kinds))


def _timeline(arguments: Mapping[str, Any]) -> FromLog:
    return _of_records(arguments["after"], (arguments["id"],))


def _of_records(
    after: int | None,
    named: tuple[str, ...],
    *,
    types: tuple[str, ...] = (),
    kinds: frozenset[str] = frozenset(),
) -> FromLog:
    parts = [_parts(each) for each in named]
    return FromLog(
        after,
        types,
        kinds,
        frozenset(key for _, key in parts),
        frozenset(prefix for prefix, _ in parts),
    )


def _parts(id: str) -> Any:
    parts = ids.split(id)
    if parts is None:
        raise ids.MalformedId("kind")
    return parts


def _job(arguments: Mapping[str, Any]) -> Watched:
    prefix, key = _parts(arguments["id"])
    if prefix not in _WORK:
        raise ids.MalformedId("job")
    kind = KINDS[prefix]
    return Watched(
        kind.by_ids,
        key,
        arguments["id"],
        frozenset({kind.scope}),
        is_over=lambda found: found is None or found.status.value in _ENDED,
    )


def _ticket_presence(arguments: Mapping[str, Any]) -> Watched:
    key = ids.parse("tic", arguments["id"])
    return Watched(
        desk.presences_by_tickets,
        key,
        arguments["id"],
        frozenset({Scope.TICKETS_READ}),
        default=(),
        is_over=lambda _: False,
    )


@strawberry.type
class Subscription:
    events: EventNotice = followed(
        _events,
        [
            parameter("after", _After),
            parameter("types", _Types),
            parameter("subject_kinds", _Kinds),
            parameter("subject_ids", _Ids),
        ],
        "What happens, in order, each event once. Events of what the caller may not see are left "
        "out; asked for by kind or id, they end the subscription.",
    )
    timeline: Event = followed(
        _timeline,
        [parameter("id", _Of, inspect.Parameter.empty), parameter("after", _After)],
        "What happens to one record, as its timeline has it.",
        scope=EVENTS_READ,
    )
    job: Node | None = followed(
        _job,
        [parameter("id", _Work, inspect.Parameter.empty)],
        "Work that is done in the background: as it is now, and whenever it has got further, "
        "until it has ended. Null if there is none.",
    )
    ticket_presence: list[TicketPresence] = followed(
        _ticket_presence,
        [parameter("id", _Ticket, inspect.Parameter.empty)],
        "Who is at a ticket: now, and whenever that changes.",
        scope=Scope.TICKETS_READ,
    )
