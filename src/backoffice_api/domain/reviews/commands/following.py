"""Following the event log: what was placed is judged, what was called off needs no decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update

from backoffice_api.domain.kernel import log
from backoffice_api.domain.kernel.events import Logged, events, settled
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.events import OrderCancelled, OrderPlaced
from backoffice_api.domain.reviews import queries
from backoffice_api.domain.reviews.tables import review_progress

FOLLOW_JOB = "reviews.follow_events"
ASSESS_JOB = "reviews.assess_order"
VOID_JOB = "reviews.void_review"
EVENTS_MAX = 500
_FOLLOWER = "reviews"
_HEARD = Test("type", Operator.IN, (OrderPlaced.type, OrderCancelled.type))


@dataclass(frozen=True, slots=True)
class FollowOrders(Command):
    """Run by the worker every few seconds."""

    scope = Scope.ORDERS_REVIEW


def follow_orders(uow: UnitOfWork, command: FollowOrders) -> int:
    """Queue what the next events ask for, a job per order. How many jobs.

    Placing an order knows nothing of this, and so costs nothing more. If there may be more events,
    another job goes on.
    """
    mine = review_progress.c.name == _FOLLOWER
    statement = select(review_progress.c.sequence).where(mine).with_for_update()
    known = uow.db.execute(statement).scalar()
    if known is None:  # There never was a policy.
        return 0
    page = log.feed(uow.db, known, EVENTS_MAX, _HEARD)
    if not page.rows:
        return 0
    jobs = _jobs(uow, page.rows)
    uow.enqueue(*jobs)
    uow.db.execute(update(review_progress).where(mine).values(sequence=page.rows[-1].sequence))
    if page.has_next:
        uow.enqueue(Job(FOLLOW_JOB))
    return len(jobs)


def begin_following(uow: UnitOfWork) -> None:
    """Follow the log from here on, if it is not followed already."""
    present = select(func.coalesce(func.max(events.c.sequence), 0)).where(settled(uow.db))
    here = uow.db.execute(present).scalar_one()
    insert_or_ignore(uow.db, review_progress, {"name": _FOLLOWER, "sequence": here})


def _jobs(uow: UnitOfWork, told: Sequence[Logged]) -> Sequence[Job]:
    placed = {each.subject_id: each for each in told if each.type == OrderPlaced.type}
    channels = {UUID(hex=each.data["channel_id"]) for each in placed.values()}
    policies = queries.policies_by_channels(uow.db, channels)
    looked_at = {id for id, policy in policies.items() if policy.is_active}
    cancelled = [each.subject_id for each in told if each.type == OrderCancelled.type]
    judged = queries.reviews_by_orders(uow.db, cancelled)
    return [
        *(
            _job(ASSESS_JOB, id)
            for id, each in placed.items()
            if UUID(hex=each.data["channel_id"]) in looked_at
        ),
        *(_job(VOID_JOB, id) for id in judged),
    ]


def _job(kind: str, order_id: UUID) -> Job:
    return Job(kind, {"order_id": str(order_id)}, once_key=f"{kind} {order_id.hex}")
