"""Saved views on the wire."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import strawberry
from sqlalchemy import Connection as Database
from strawberry import UNSET
from strawberry.scalars import JSON

from backoffice_api.context import Context, Info
from backoffice_api.domain.identity.queries import staff as identity
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.views import queries
from backoffice_api.domain.views.model import lists, views
from backoffice_api.domain.views.model.views import COUNT_LIMIT, Sharing, Viewer
from backoffice_api.domain.views.ports import Prepared
from backoffice_api.engine.plan import Choice
from backoffice_api.schema.aggregates import Actor, HasTimeline, actor_of
from backoffice_api.schema.connections import Count, CountPrecision
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.identity import Staff
from backoffice_api.schema.links import many, one
from backoffice_api.schema.lookups import CHOSEN, Choices
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import (
    MutationPayload,
    UserError,
    error,
    payload,
)
from backoffice_api.schema.roots import ROOTS

READ = Scope.VIEWS_READ

choice(Sharing)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Which list is to be counted, as a key: its filter as text."""

    target: str
    filter: str
    search: str | None


def viewer(caller: Caller) -> Viewer:
    """Who asks for views."""
    return Viewer(caller.actor.kind, caller.actor.id)


def view_key(caller: Caller, id: UUID) -> tuple[Viewer, UUID]:
    """What `queries.views_of_viewers` is asked for."""
    return viewer(caller), id


def _counted(view: views.SavedView) -> _Counted:
    return _Counted(view.target, msgspec.json.encode(view.filter).decode(), view.search)


def _prepared(key: _Counted) -> Prepared:
    query = lists.ListQuery(key.target, msgspec.json.decode(key.filter), key.search)
    return ROOTS.prepare(query)


def _choose_count(context: Context, key: _Counted) -> Choice | None:
    """None: the view does not fit its list any more, or the caller may not ask the list this."""
    try:
        scopes = _prepared(key).scopes
    except DomainError:
        return None
    return Choice("count", key) if all(map(context.caller.may, scopes)) else None


def _counts(db: Database, keys: Collection[_Counted]) -> Mapping[_Counted, Count]:
    wanted = list(keys)
    found = queries.counts(db, [_prepared(each) for each in wanted], COUNT_LIMIT)
    return {
        key: Count(
            value=each.value,
            precision=CountPrecision.EXACT if each.exact else CountPrecision.AT_LEAST,
        )
        for key, each in zip(wanted, found, strict=True)
    }


async def _count(parent: strawberry.Parent[views.SavedView], info: Info) -> Count | None:
    chosen = _choose_count(info.context, _counted(parent))
    if chosen is None:
        return None
    found: Count | None = await info.context.load(_counts, chosen.key)
    return found


def _problems(parent: strawberry.Parent[views.SavedView]) -> list[str]:
    try:
        ROOTS.prepare(parent.query)
    except DomainError as fault:
        return [str(each) for each in fault.reasons()]
    return []


def _owner(parent: strawberry.Parent[views.SavedView]) -> Actor:
    return actor_of(parent.owner_kind, parent.owner_id)


def _staff_id(parent: strawberry.Parent[views.Reader]) -> strawberry.ID:
    return strawberry.ID(ids.text("stf", parent.staff_id))


@described
class SavedViewReader:
    """A member of staff with whom a view is shared."""

    staff_id: strawberry.ID = about("Its id.", resolver=_staff_id)
    staff: Staff | None = one(identity.staff_by_ids, "staff_id", "The account.")


@node("viw", views.SavedView, queries.views_of_viewers, scope=READ, key=view_key)
class SavedView(Node, Versioned, HasTimeline):
    """A filter of a list under a name. Give `filter`, `search` and `sort` to the list as they are.

    Only whom it belongs to changes it. Others see it if it is shared with them.
    """

    name: str = about("What people call it.")
    target: str = about("The list, by the name of its field in `Query`, as `orders`.")
    filter: JSON | None = about("The list's argument `filter`. Null: everything.")
    search: str | None = about("The list's argument `search`. Null: nothing is searched.")
    sort: JSON | None = about("The list's argument `sort`. Null: as the list comes.")
    position: int = about("Where it stands among the views of its list, smallest first.")
    sharing: Sharing = about("Who may see it.")
    readers: list[SavedViewReader] = many(
        queries.readers_by_views, "id", "Members of staff with whom it is shared, at most 100."
    )
    alert_above: int | None = about(
        "When its list grows above so many rows, the event `saved_view.alerted` tells. Null: never."
    )
    alerted_at: datetime | None = about("Since when it is above. Null: it is not.")
    owner: Actor = about("Whom it belongs to.", resolver=_owner)
    problems: list[str] = about(
        "Why it does not fit its list any more, after a change of the schema. Empty: it fits.",
        resolver=_problems,
    )
    count: Count | None = about(
        "How many rows it has, counted up to 1,000. Null: it does not fit its list, or you may "
        "not ask the list this.",
        resolver=_count,
        metadata={
            CHOSEN: Choices(lambda: {"count": ("Count", _counts)}, _choose_count, of=_counted)
        },
        weight=1,
    )


@strawberry.input(description="A view to be saved, for oneself.")
class SavedViewCreateInput:
    name: str = about("What people are to call it.")
    target: str = about("The list, by the name of its field in `Query`, as `orders`.")
    filter: JSON | None = about(
        "What is to be the list's argument `filter`, as it is written in variables.", default=None
    )
    search: str | None = about("What is to be searched.", default=None)
    sort: JSON | None = about("What is to be the list's argument `sort`.", default=None)
    position: int = about("Where it is to stand among the others.", default=0)
    alert_above: int | None = about(
        "Tell when the list grows above so many rows, at most 10,000.", default=None
    )


@strawberry.input(description="What is to change of a view. What is absent stays.")
class SavedViewUpdateInput:
    name: str | None = about("What people are to call it.", default=UNSET)
    filter: JSON | None = about("The list's argument `filter`; null: everything.", default=UNSET)
    search: str | None = about("What is searched; null: nothing.", default=UNSET)
    sort: JSON | None = about("The list's argument `sort`; null: none.", default=UNSET)
    position: int | None = about("Where it is to stand among the others.", default=UNSET)
    alert_above: int | None = about(
        "Tell when the list grows above so many rows; null: never.", default=UNSET
    )


@strawberry.input(description="Who is to see a view.")
class SavedViewShareInput:
    sharing: Sharing = about("With whom it is shared.")
    staff_ids: list[strawberry.ID] = about(
        "With STAFF: these members, at most 100, in the place of all before.", default_factory=list
    )


@error(lists.UnknownList)
class UnknownListError(UserError):
    """There is no list of this name."""

    known: list[str] = about("The lists that there are.")


@payload
class SavedViewPayload(MutationPayload):
    """What a mutation of a view answers."""

    saved_view: SavedView | None = one(
        queries.views_by_ids, "value", "The view as it is now. Null if it was refused, or removed."
    )


def visible(db: Database, context: Context, arguments: Mapping[str, Any]) -> Sequence[Any]:
    """Views that the caller may see, of the list `target` or of all."""
    return queries.visible_views(db, viewer(context.caller), arguments["target"])
