"""A shop and a desk where its orders are looked at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.jobs import JobStatus, jobs
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.holds import Hold
from backoffice_api.domain.orders.model.orders import AddressKind
from backoffice_api.domain.reviews import queries
from backoffice_api.domain.reviews.checks import CHECKS
from backoffice_api.domain.reviews.commands.assessing import (
    AssessOrder,
    VoidReview,
    assess_order,
    void_review,
)
from backoffice_api.domain.reviews.commands.following import (
    ASSESS_JOB,
    VOID_JOB,
    FollowOrders,
    follow_orders,
)
from backoffice_api.domain.reviews.commands.policies import SetRiskRule, set_risk_rule
from backoffice_api.domain.reviews.model.reviews import Review
from backoffice_api.domain.reviews.model.rules import RiskCode
from backoffice_api.domain.reviews.model.signals import Signal
from tests.orders.shop import Shop, address, goods
from tests.soundness import broken
from tests.world import NOW, World

_HANDLERS = {ASSESS_JOB: (assess_order, AssessOrder), VOID_JOB: (void_review, VoidReview)}


class Desk(Shop):
    """Its orders are proper unless a test says otherwise: nothing is found in them."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.variant("MUG", 999)
        self.done: set[UUID] = set()
        for code in (RiskCode.PRODUCT_WEIGHT,):
            self.rule(code, is_active=False, score=0)

    def rule(self, code: RiskCode, **values: Any) -> UUID:
        command = SetRiskRule(code=code, **values)
        id: UUID = self.world.run(set_risk_rule, command).value
        return id

    def order_of(self, *, now: datetime = NOW, **values: Any) -> UUID:
        """A proper order, but for `values`."""
        given = {
            "email": "ana@example.com",
            "shipping_address": address(),
            "billing_address": address(AddressKind.BILLING),
            **values,
        }
        return self.create(goods("MUG", given.pop("pieces", 1)), place=True, now=now, **given)

    def work(self, now: datetime = NOW) -> None:
        """What the worker does: it follows the log, and does the jobs that come of it."""
        self.world.settle()
        self.world.run(follow_orders, FollowOrders(), caller=THE_SYSTEM, now=now)
        with self.world.database.reading.connect() as db:
            waiting = select(jobs).where(jobs.c.status == JobStatus.QUEUED).order_by(jobs.c.id)
            found = [job for job in db.execute(waiting) if job.kind in _HANDLERS]
        for job in found:
            if job.id not in self.done:
                handler, command = _HANDLERS[job.kind]
                given = command(order_id=UUID(job.payload["order_id"]))
                self.world.run(handler, given, caller=THE_SYSTEM, now=now)
                self.done.add(job.id)

    def reviewed(self, *, now: datetime = NOW, **values: Any) -> Review:
        """The review of an order that was just placed."""
        id = self.order_of(now=now, **values)
        self.work(now)
        return self.review(id)

    def review(self, order_id: UUID) -> Review:
        found: Review = self.world.read(queries.reviews_by_orders, [order_id])[order_id]
        return found

    def signals(self, review: Review) -> Sequence[Signal]:
        found: Sequence[Signal] = self.world.read(queries.signals_by_reviews, [review.id]).get(
            review.id, ()
        )
        return found

    def codes(self, review: Review) -> list[str]:
        return [each.code.name for each in self.signals(review)]

    def holds(self, order_id: UUID) -> Sequence[Hold]:
        found: Sequence[Hold] = self.world.read(orders.blocking_holds, [order_id]).get(order_id, ())
        return found

    def wrong(self) -> list[str]:
        """Ids of the checks of reviews and orders that do not hold."""
        own = broken(self.world.database, CHECKS)
        return own + self.broken()
