"""Asking outside providers about orders: read whom to ask about, ask, settle by a command.

No transaction is open while somebody outside thinks. A worker that dies in between asks again,
and what was settled is not settled twice.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from backoffice_api.adapters.risk_simulated import SimulatedRisk
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.reviews import queries
from backoffice_api.domain.reviews.commands.assessing import SettleReview, settle_review
from backoffice_api.domain.reviews.model.reviews import Review
from backoffice_api.domain.reviews.ports import RiskProvider, RiskQuestion
from backoffice_api.tasks import Progress, Task

ASK_JOB = "reviews.ask_providers"
ASKED_MAX = 50
ANSWER_MAX_S = 10.0

log = structlog.get_logger("backoffice_api.risk")


class AskProviders:
    """Asks each provider about the orders that wait for it; silence is settled, too."""

    def __init__(self, database: Database, providers: Mapping[str, RiskProvider]) -> None:
        self._database = database
        self._providers = providers

    def __call__(self, now: datetime) -> int:
        """How many reviews were settled."""
        with self._database.fresh.connect() as db:
            waiting = queries.waiting_for_provider(db, ASKED_MAX)
        return sum(self._ask(each, now) for each in waiting)

    def _ask(self, review: Review, now: datetime) -> bool:
        due, provider = review.provider_due_at, self._providers.get(review.provider or "")
        if due is None or provider is None or now >= due:
            # Nobody is there to answer, or it took too long: a person looks.
            return self._settle(review, None, now)
        left_s = min((due - now).total_seconds(), ANSWER_MAX_S)
        try:
            answer = provider.judge(self._question(review), left_s)
        except OSError as failure:
            reason = type(failure).__name__
            log.warning("risk.provider_silent", provider=review.provider, reason=reason)
            return False
        return self._settle(review, answer.score, now, answer.explanation)

    def _question(self, review: Review) -> RiskQuestion:
        with self._database.fresh.connect() as db:
            order = orders.orders_by_ids(db, [review.order_id])[review.order_id]
            shipping = orders.shipping_addresses_by_orders(db, [order.id]).get(order.id)
            billing = orders.billing_addresses_by_orders(db, [order.id]).get(order.id)
        return RiskQuestion(
            review_id=review.id,
            order=order.name,
            total=order.total,
            email=order.email,
            phone=order.phone,
            shipping=shipping,
            billing=billing,
        )

    def _settle(
        self, review: Review, score: int | None, now: datetime, explanation: str = ""
    ) -> bool:
        name = f"risk {review.id.hex}"
        command = SettleReview(
            id=review.id,
            score=None if score is None else max(0, min(100, score)),
            explanation=explanation,
        )
        meta = Meta(request_id=name)
        execute(self._database, settle_review, command, caller=THE_SYSTEM, now=now, meta=meta)
        return True


def risk_tasks(
    database: Database, providers: Mapping[str, RiskProvider] | None = None
) -> Mapping[str, Task]:
    """What a worker does about outside providers, by the kind of the job.

    `providers`: by the names that policies give them; by default only `simulated`, which knows
    nothing about anybody.
    """
    ask = AskProviders(database, providers or {"simulated": SimulatedRisk()})

    def work(_: Mapping[str, Any], progress: Progress) -> bool:
        ask(datetime.now(UTC))
        return False

    return {ASK_JOB: Task(work, every_s=5)}
