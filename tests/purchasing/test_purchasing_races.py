"""Purchasing by several at once: nothing is received twice or numbered twice. On both databases."""

from concurrent.futures import ThreadPoolExecutor

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.purchasing.commands.approving import (
    SubmitPurchaseOrder,
    submit_purchase_order,
)
from backoffice_api.domain.purchasing.commands.receiving import (
    ReceivePurchase,
    receive_purchase,
)
from backoffice_api.domain.purchasing.commands.scans import ReceivedLine
from tests.purchasing.desk import ANNA, Desk


def all_at_once(desk: Desk, jobs):
    """What each pair of a handler and a command came to: an answer, or the code of a refusal."""

    def one(job):
        try:
            return desk.world.run(*job, caller=ANNA).value
        except DomainError as refusal:
            return refusal.code

    # SQLite has one connection that writes: more threads would only wait for it.
    with ThreadPoolExecutor(2 if desk.world.database.dialect == "sqlite" else 6) as writers:
        return list(writers.map(one, jobs))


class TestReceiving:
    def test_takes_exactly_what_was_ordered(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12))
        line = ReceivedLine(line_id=desk.lines(order)[0].id, accepted=1)
        command = ReceivePurchase(id=order, lines=(line,))

        came_to = all_at_once(desk, [(receive_purchase, command)] * 16)

        refused = [each for each in came_to if isinstance(each, str)]
        assert len(refused) == 4
        # Whoever comes after the last piece finds the order received, or the line full.
        assert {*refused} <= {"INVALID_TRANSITION", "OVER_RECEIPT"}
        assert desk.pieces(order) == [(12, 12, 0, 0, 0)]
        assert desk.on_hand(desk.a) == 12
        assert desk.broken() == []


class TestNumbers:
    def test_are_drawn_once_each_without_gaps(self, desk: Desk) -> None:
        drafts = [desk.draft((desk.a, 6)) for _ in range(12)]
        jobs = [(submit_purchase_order, SubmitPurchaseOrder(id=id)) for id in drafts]

        came_to = all_at_once(desk, jobs)

        assert sorted(came_to, key=str) == sorted(drafts, key=str)
        assert sorted(desk.order(id).serial for id in drafts) == list(range(1, 13))
        assert desk.broken() == []
