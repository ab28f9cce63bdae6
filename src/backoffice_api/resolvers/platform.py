"""What concerns everything: nodes by id, the event log."""

from typing import Annotated

import strawberry

from backoffice_api.context import Info
from backoffice_api.domain.kernel import log, pages
from backoffice_api.schema.aggregates import EVENTS_READ, Event, EventFilter
from backoffice_api.schema.connections import Connection, listed, paged
from backoffice_api.schema.directives import about
from backoffice_api.schema.filters import as_filter
from backoffice_api.schema.nodes import Node, find
from backoffice_api.schema.scalars import BigInt

_Id = Annotated[strawberry.ID, strawberry.argument(description="Any id of ours.")]
_Ids = Annotated[
    list[strawberry.ID], strawberry.argument(description="Ids of any kinds, at most 250.")
]
_After = Annotated[
    BigInt,
    strawberry.argument(
        description="Sequence number of the last event you know; 0: from the start."
    ),
]
_Size = Annotated[int, strawberry.argument(description="At most so many, 1 to 250.")]
_Filter = Annotated[EventFilter | None, strawberry.argument(description="Only what passes this.")]


async def _node(info: Info, id: _Id) -> Node | None:
    return await find(info.context, id)


async def _nodes(info: Info, ids: _Ids) -> list[Node | None]:
    return [await find(info.context, id) for id in ids]


async def _feed(
    info: Info, after: _After = BigInt(0), first: _Size = pages.SIZE_DEFAULT, filter: _Filter = None
) -> Connection[Event]:
    size = pages.bounds(first, None)
    page = await info.context.read(log.feed, after, size, as_filter(filter))
    return paged(page, info.context)


@strawberry.type
class PlatformQuery:
    node: Node | None = about(
        "Anything by its id. Null if there is no such thing, or if the caller may not see it.",
        resolver=_node,
    )
    nodes: list[Node | None] = about(
        "Several things by their ids, in the same order, null where there is none to see.",
        resolver=_nodes,
        weight=10,
    )
    events: Connection[Event] = about(
        "Everything that happened, in order, after a sequence number. Ask again with the last "
        "number you got: nothing is missed, however much is written meanwhile.",
        resolver=_feed,
        scope=EVENTS_READ,
        multipliers=["first"],
    )
    event_log: Connection[Event] = listed(
        log.event_list, "What happened, newest first.", scope=EVENTS_READ, filter=EventFilter
    )
