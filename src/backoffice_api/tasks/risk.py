"""Asking outside providers about orders: read whom to ask about, ask, settle by a command.

No transaction is open while somebody outside thinks. A worker that dies in between asks again,
and what was settled is not settled twice.
"""

from collections.abc import Callable, Mapping
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
from backoffice_api.task import Progress, Task

ASK_JOB = "reviews.ask_providers"
ASKED_MAX = 50
ANSWER_MAX_S = 10.0

log = structlog.get_logger("backoffice_api.risk")


class AskProviders:
    """Asks each provider about the orders that wait for it; silence is settled, too."""

    def __init__(
        self,
        database: Database,
        providers: Mapping[str, RiskProvider],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._providers = providers
        self._now = now

    def __call__(self, progress: Progress = lambda done, total: True) -> int:
        """How many reviews were settled. `progress`: told after each; it may stop the work."""
        with self._database.fresh.connect() as db:
            waiting = queries.waiting_for_provider(db, ASKED_MAX)
        settled = 0
        for done, each in enumerate(waiting, start=1):
            settled += self._ask(each)
            if not progress(done, len(waiting)):
                break
        return settled

    def _ask(self, review: Review) -> bool:
        now = self._now()
        due, provider = review.provider_due_at, self._providers.get(review.provider or "")
        if due is None or provider is None or now >= due:
            # Nobody is there to answer, or it took too long: a person looks.
            return self._settle(review, None)
        left_s = min((due - now).total_seconds(), ANSWER_MAX_S)
        question = self._question(review)
        try:
            answer = provider.judge(question, left_s)
        except OSError as failure:
            reason = type(failure).__name__
            log.warning("risk.provider_silent", provider=review.provider, reason=reason)
            return False
        except Exception as bug:  # The border: one provider's bug keeps no other order waiting.
            log.error("risk.provider_bug", provider=review.provider, exc_info=bug)
            return False
        return self._settle(review, answer.score, answer.explanation)

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

    def _settle(self, review: Review, score: int | None, explanation: str = "") -> bool:
        name = f"risk {review.id.hex}"
        command = SettleReview(
            id=review.id,
            score=None if score is None else max(0, min(100, score)),
            explanation=explanation,
        )
        now, meta = self._now(), Meta(request_id=name)
        execute(self._database, settle_review, command, caller=THE_SYSTEM, now=now, meta=meta)
        return True


def risk_tasks(
    database: Database, providers: Mapping[str, RiskProvider] | None = None
) -> Mapping[str, Task]:
    """What a worker does about outside providers, by the kind of the job.

    `providers`: by the names that policies give them, besides `simulated`, which knows nothing
    about anybody.
    """
    ask = AskProviders(
        database,
        {"simulated": SimulatedRisk(), **(providers or {})},
        lambda: datetime.now(UTC),
    )

    def work(_: Mapping[str, Any], progress: Progress) -> bool:
        ask(progress)
        return False

    return {ASK_JOB: Task(work, every_s=5)}
