"""How far the log was followed, and who stands before whom: what several commands do alike."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select, update

from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.model.deliveries import DeliveryStatus
from backoffice_api.domain.webhooks.tables import webhook_deliveries, webhook_progress

_MINE = webhook_progress.c.name == queries.FOLLOWER


def last_event(uow: UnitOfWork) -> int:
    """The highest number that any event has by now."""
    return uow.db.execute(select(func.max(events.c.sequence))).scalar() or 0


def locked_progress(uow: UnitOfWork) -> int | None:
    """How far the log was followed; nobody follows it until the end of the transaction.

    To be locked before the state of any webhook. None: there was never a webhook.
    """
    statement = select(webhook_progress.c.sequence).where(_MINE).with_for_update()
    return uow.db.execute(statement).scalar()


def begin_to_follow(uow: UnitOfWork) -> int:
    """The same; from now on, if the log was never followed."""
    known = locked_progress(uow)
    if known is not None:
        return known
    row = {"name": queries.FOLLOWER, "sequence": last_event(uow)}
    insert_or_ignore(uow.db, webhook_progress, row)
    known = locked_progress(uow)
    assert known is not None, "it was begun by us or by somebody else"
    return known


def note_progress(uow: UnitOfWork, sequence: int) -> None:
    uow.db.execute(update(webhook_progress).where(_MINE).values(sequence=sequence))


def promote(
    uow: UnitOfWork,
    webhook_ids: Collection[UUID],
    subject_ids: Collection[UUID] | None = None,
) -> None:
    """Let those go that wait behind nobody. `subject_ids` None: of all subjects.

    The states of the webhooks must be locked, so that nobody takes a place at the same time.
    """
    rows = webhook_deliveries.c
    statement = update(webhook_deliveries).where(
        rows.webhook_id.in_(tuple(webhook_ids)),
        rows.status == DeliveryStatus.WAITING,
        ~queries.is_behind(),
    )
    if subject_ids is not None:
        statement = statement.where(rows.subject_id.in_(tuple(subject_ids)))
    uow.db.execute(statement.values(status=DeliveryStatus.PENDING))
