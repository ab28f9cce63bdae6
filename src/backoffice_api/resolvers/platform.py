"""What concerns everything: nodes by id, the event log."""

import asyncio
import inspect
from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context, Info
from backoffice_api.domain.kernel import field_history, log, pages
from backoffice_api.domain.kernel.pages import Page
from backoffice_api.engine.plan import Choice
from backoffice_api.schema.aggregates import (
    EVENTS_READ,
    Event,
    EventFilter,
    FieldHistoryEntry,
)
from backoffice_api.schema.connections import Connection, asked, listed, paged, parameter
from backoffice_api.schema.directives import about
from backoffice_api.schema.filters import as_filter
from backoffice_api.schema.lookups import CHOSEN, Choices
from backoffice_api.schema.nodes import Node, choose_node, find, node_ways
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
_FROM_THE_START = BigInt(0)
_Size = Annotated[int, strawberry.argument(description="At most so many, 1 to 250.")]
_Subject = Annotated[strawberry.ID, strawberry.argument(description="Id of the record.")]
_Field = Annotated[
    str,
    strawberry.argument(
        description="The field, as `changes` of an event names it: `title`, `custom_fields.wood`."
    ),
]
_Cursor = Annotated[
    str | None, strawberry.argument(description="Begin behind the entry with this cursor.")
]
_Filter = Annotated[EventFilter | None, strawberry.argument(description="Only what passes this.")]


def _choose_node(context: Context, arguments: Mapping[str, Any]) -> Choice | None:
    return choose_node(context, arguments["id"])


async def _node(info: Info, id: _Id) -> Node | None:
    found: Node | None = await find(info.context, id)
    return found


def _choose_nodes(context: Context, arguments: Mapping[str, Any]) -> list[Choice | None]:
    return [choose_node(context, id) for id in arguments["ids"]]


async def _nodes(info: Info, ids: _Ids) -> list[Node | None]:
    return await asyncio.gather(*(find(info.context, id) for id in ids))


def _feed(db: Database, context: Context, arguments: Mapping[str, Any]) -> Any:
    size = pages.bounds(arguments["first"], None)
    page = log.feed(db, arguments["after"], size, as_filter(arguments["filter"]))
    return paged(page, context)


def _field_history(db: Database, context: Context, arguments: Mapping[str, Any]) -> Any:
    size = pages.bounds(arguments["first"], None)
    before = None
    if (cursor := arguments["after"]) is not None:
        value = context.cursors.open(cursor, field_history.SORT_NAME, int).value
        assert isinstance(value, int), "the cursor was opened as a number"
        before = value
    subject = choose_node(context, arguments["subject"])
    if subject is None:
        return paged(Page([], [], has_previous=False, has_next=False), context)
    page = field_history.field_history(db, subject.key, arguments["field"], size, before)
    return paged(page, context)


@strawberry.type
class PlatformQuery:
    node: Node | None = about(
        "Anything by its id. Null if there is no such thing, or if the caller may not see it.",
        resolver=_node,
        metadata={CHOSEN: Choices(node_ways, _choose_node)},
    )
    nodes: list[Node | None] = about(
        "Several things by their ids, in the same order, null where there is none to see.",
        resolver=_nodes,
        metadata={CHOSEN: Choices(node_ways, _choose_nodes, many=True)},
        multipliers=["ids"],
    )
    events: Connection[Event] = asked(
        _feed,
        [
            parameter("after", _After, _FROM_THE_START),
            parameter("first", _Size, pages.SIZE_DEFAULT),
            parameter("filter", _Filter),
        ],
        "Everything that happened, in order, after a sequence number. Ask again with the last "
        "number you got: nothing is missed, however much is written meanwhile.",
        scope=EVENTS_READ,
        multipliers=["first"],
    )
    event_log: Connection[Event] = listed(
        log.event_list, "What happened, newest first.", scope=EVENTS_READ, filter=EventFilter
    )
    field_history: Connection[FieldHistoryEntry] = asked(
        _field_history,
        [
            parameter("subject", _Subject, inspect.Parameter.empty),
            parameter("field", _Field, inspect.Parameter.empty),
            parameter("first", _Size, pages.SIZE_DEFAULT),
            parameter("after", _Cursor),
        ],
        "What one field of one record was, newest first, from when it was made. Empty if there "
        "is no such record or field, or if the caller may not see the record.",
        scope=EVENTS_READ,
        multipliers=["first"],
    )
