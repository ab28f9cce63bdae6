"""What can be asked about saved views, runs and comments."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from backoffice_api.domain.kernel.filters import On, Present
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import Count
from backoffice_api.domain.kernel.rows import fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.views.model.comments import (
    Comment,
    CommentSortKey,
    Mention,
    MentionSortKey,
    Seen,
    UnknownComment,
)
from backoffice_api.domain.views.model.runs import (
    BulkRun,
    ItemSortKey,
    ItemStatus,
    RunItem,
    RunSortKey,
    UnknownBulkRun,
)
from backoffice_api.domain.views.model.views import (
    VIEWS_SHOWN_MAX,
    Reader,
    SavedView,
    Sharing,
    UnknownSavedView,
    Viewer,
)
from backoffice_api.domain.views.ports import Prepared
from backoffice_api.domain.views.tables import (
    bulk_run_items,
    bulk_runs,
    comment_mentions,
    comments,
    saved_view_readers,
    saved_views,
)

# So many lists are counted by one statement.
COUNTED_AT_ONCE = 25

views_by_ids = one_per(SavedView, saved_views, saved_views.c.id)
readers_by_views = many_per(
    Reader, saved_view_readers, saved_view_readers.c.view_id, saved_view_readers.c.staff_id
)
runs_by_ids = one_per(BulkRun, bulk_runs, bulk_runs.c.id)
items_by_ids = one_per(RunItem, bulk_run_items, bulk_run_items.c.id)
comments_by_ids = one_per(Comment, comments, comments.c.id)
mentions_by_comments = many_per(
    Mention, comment_mentions, comment_mentions.c.comment_id, comment_mentions.c.id
)

run_list = Listing(
    BulkRun,
    bulk_runs,
    sorts={RunSortKey.CREATED_AT: bulk_runs.c.created_at},
    words={
        "status": On(bulk_runs.c.status),
        "mutation": On(bulk_runs.c.mutation),
        "source_run_id": On(bulk_runs.c.source_run_id),
        "created_at": On(bulk_runs.c.created_at),
    },
)
item_list = Listing(
    RunItem,
    bulk_run_items,
    sorts={ItemSortKey.POSITION: bulk_run_items.c.position},
    words={"status": On(bulk_run_items.c.status), "code": On(bulk_run_items.c.code)},
    descending=False,
)
comment_list = Listing(Comment, comments, sorts={CommentSortKey.CREATED_AT: comments.c.created_at})
mention_list = Listing(
    Mention,
    comment_mentions,
    sorts={MentionSortKey.CREATED_AT: comment_mentions.c.created_at},
    words={"is_read": Present(comment_mentions.c.read_at)},
)


def visible_views(db: Connection, viewer: Viewer, target: str | None) -> Sequence[SavedView]:
    """Views that somebody may see, of one list or of all, by list and position. Bounded."""
    statement = select_as(SavedView, saved_views).where(_visible(viewer))
    if target is not None:
        statement = statement.where(saved_views.c.target == target)
    order = (saved_views.c.target, saved_views.c.position, saved_views.c.id)
    return fetch(db, SavedView, statement.order_by(*order).limit(VIEWS_SHOWN_MAX))


def views_of_viewers(
    db: Connection, keys: Collection[tuple[Viewer, UUID]]
) -> Mapping[tuple[Viewer, UUID], SavedView]:
    """Views by who asks for them and their ids; those are lacking that he may not see."""
    found: dict[tuple[Viewer, UUID], SavedView] = {}
    for viewer in {viewer for viewer, _ in keys}:
        wanted = [id for each, id in keys if each == viewer]
        statement = select_as(SavedView, saved_views).where(
            saved_views.c.id.in_(wanted), _visible(viewer)
        )
        found |= {(viewer, each.id): each for each in fetch(db, SavedView, statement)}
    return found


def visible_view(db: Connection, viewer: Viewer, id: UUID) -> SavedView:
    """The view `id`, if the viewer may see it.

    Raises:
        UnknownSavedView: there is none that he may see.
    """
    if found := views_of_viewers(db, [(viewer, id)]).get((viewer, id)):
        return found
    raise UnknownSavedView(id).at("id")


def views_kept(db: Connection, viewer: Viewer, target: str) -> int:
    """How many views of a list belong to somebody."""
    statement = select(func.count()).where(
        saved_views.c.owner_id == viewer.id, saved_views.c.target == target
    )
    return db.execute(statement).scalar_one()


def views_with_alerts(db: Connection, after: UUID | None, limit: int) -> Sequence[SavedView]:
    """Up to `limit` views that are watched, by their ids, behind `after`."""
    statement = select_as(SavedView, saved_views).where(saved_views.c.alert_above >= 0)
    if after is not None:
        statement = statement.where(saved_views.c.id > after)
    return fetch(db, SavedView, statement.order_by(saved_views.c.id).limit(limit))


def counts(db: Connection, prepared: Sequence[Prepared], limit: int) -> Sequence[Count]:
    """How many rows each of these lists has, counted no further than `limit`; a few statements."""
    found: list[Count] = []
    for start in range(0, len(prepared), COUNTED_AT_ONCE):
        part = prepared[start : start + COUNTED_AT_ONCE]
        columns = [
            each.listing.select_count(each.request, limit).scalar_subquery() for each in part
        ]
        row = db.execute(select(*columns)).one()
        found += [Count(min(value, limit), exact=value <= limit) for value in row]
    return found


def selected_ids(db: Connection, prepared: Prepared, limit: int) -> Sequence[UUID]:
    """Ids of the first rows of a list, in its order."""
    listing, request = prepared.listing, prepared.request
    statement = listing.select_page((), request, None, limit)
    return [row._id for row in db.execute(statement)]


def bulk_run(db: Connection, id: UUID) -> BulkRun:
    """The run `id`.

    Raises:
        UnknownBulkRun: there is none.
    """
    if found := runs_by_ids(db, [id]).get(id):
        return found
    raise UnknownBulkRun(id).at("id")


def locked_run(db: Connection, id: UUID) -> BulkRun:
    """The same; nobody else changes it until the end of the transaction."""
    statement = select_as(BulkRun, bulk_runs).where(bulk_runs.c.id == id).with_for_update()
    for found in fetch(db, BulkRun, statement):
        return found
    raise UnknownBulkRun(id).at("id")


def items_of(db: Connection, run_id: UUID, status: ItemStatus, limit: int) -> Sequence[RunItem]:
    """The first items of a run that are in a state, in the order in which they are done."""
    statement = select_as(RunItem, bulk_run_items).where(
        bulk_run_items.c.run_id == run_id, bulk_run_items.c.status == status
    )
    order = (bulk_run_items.c.position, bulk_run_items.c.id)
    return fetch(db, RunItem, statement.order_by(*order).limit(limit))


def seen_comments(db: Connection, keys: Collection[Seen]) -> Mapping[Seen, Comment]:
    """Comments by their ids and what who asks may see; those on anything else are lacking."""
    found = comments_by_ids(db, {each.id for each in keys})
    return {
        each: comment
        for each in keys
        if (comment := found.get(each.id)) and comment.subject_kind in each.kinds
    }


def seen_comment(db: Connection, id: UUID, kinds: frozenset[str]) -> Comment:
    """The comment `id` on something of these kinds.

    Raises:
        UnknownComment: there is none.
    """
    key = Seen(id, kinds)
    if found := seen_comments(db, [key]).get(key):
        return found
    raise UnknownComment(id).at("id")


def _visible(viewer: Viewer) -> ColumnElement[bool]:
    own = and_(saved_views.c.owner_id == viewer.id, saved_views.c.owner_kind == viewer.kind)
    ways: list[Any] = [own, saved_views.c.sharing == Sharing.EVERYBODY]
    if viewer.kind is ActorKind.STAFF:
        shared = select(saved_view_readers.c.view_id).where(
            saved_view_readers.c.staff_id == viewer.id
        )
        ways.append(saved_views.c.id.in_(shared))
    return or_(*ways)
