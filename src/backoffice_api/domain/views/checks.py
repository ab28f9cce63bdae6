"""What must be true of stored views, runs and comments."""

from sqlalchemy import ColumnElement, case, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.views.model.runs import ItemStatus, RunStatus
from backoffice_api.domain.views.model.views import Sharing
from backoffice_api.domain.views.tables import (
    bulk_run_items,
    bulk_runs,
    comment_mentions,
    comments,
    saved_view_readers,
    saved_views,
)

_run, _item = bulk_runs.c, bulk_run_items.c


def _many(status: ItemStatus) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((_item.status == status, 1), else_=0)), 0)


_counted = (
    select(
        _item.run_id,
        func.count().label("total"),
        _many(ItemStatus.SUCCEEDED).label("succeeded"),
        _many(ItemStatus.FAILED).label("failed"),
    )
    .group_by(_item.run_id)
    .subquery("counted")
)

CHECKS: tuple[Check, ...] = (
    Check(
        "VIEW1",
        "A run counts its items right.",
        select(_run.id, _run.items_total, _run.items_succeeded, _run.items_failed, _counted)
        .outerjoin(_counted, _counted.c.run_id == _run.id)
        .where(
            or_(
                _run.items_total != func.coalesce(_counted.c.total, 0),
                _run.items_succeeded != func.coalesce(_counted.c.succeeded, 0),
                _run.items_failed != func.coalesce(_counted.c.failed, 0),
            )
        ),
    ),
    Check(
        "VIEW2",
        "Every item of a run that is finished was tried.",
        select(_item.id, _item.run_id)
        .join(bulk_runs, _run.id == _item.run_id)
        .where(_run.status == RunStatus.FINISHED, _item.status == ItemStatus.PENDING),
    ),
    Check(
        "VIEW3",
        "A view has readers exactly while it is shared with some.",
        select(saved_views.c.id, saved_views.c.sharing).where(
            (saved_views.c.sharing == Sharing.STAFF)
            != saved_views.c.id.in_(select(saved_view_readers.c.view_id))
        ),
    ),
    Check(
        "VIEW4",
        "Nobody is mentioned in a comment that was removed.",
        select(comment_mentions.c.id, comment_mentions.c.comment_id)
        .join(comments, comments.c.id == comment_mentions.c.comment_id)
        .where(comments.c.removed_at.is_not(None)),
    ),
)
