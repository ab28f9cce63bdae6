"""Bills by several at once: nothing is billed or paid twice, no half entry. On both databases."""

from collections.abc import Callable, Sequence
from typing import Any

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.payables.commands.approving import (
    ApproveBill,
    SubmitBill,
    approve_bill,
    submit_bill,
)
from backoffice_api.domain.payables.commands.disputing import DisputeBill, dispute_bill
from backoffice_api.domain.payables.commands.paying import RecordBillPayment, record_bill_payment
from tests.execute.steps import at_once
from tests.payables.accounting import Accounting
from tests.payables.settling import Settle, settle
from tests.purchasing.desk import ANNA, BERT, euros


def outcomes(books: Accounting, *jobs: tuple[Any, ...], **meta: Any) -> Sequence[str]:
    """What each came to: "done", or the code of its refusal; sorted."""

    def one(handler: Callable[..., Any], command: Any, caller: Any) -> Callable[[], str]:
        def run() -> str:
            try:
                books.world.run(handler, command, caller=caller, **meta)
            except DomainError as refusal:
                return refusal.code
            return "done"

        return run

    return sorted(at_once(*(one(*job) for job in jobs)))


class TestAtOnce:
    def test_one_wins_who_approves_or_disputes(self, books: Accounting) -> None:
        for _ in range(3):
            bill = books.submitted(books.service("5"))
            version = books.bill(bill).version
            before = books.balances()

            came_to = outcomes(
                books,
                (approve_bill, ApproveBill(id=bill), BERT),
                (dispute_bill, DisputeBill(id=bill, reason="Why?"), ANNA),
                expected_version=version,
            )

            assert came_to == ["STALE_VERSION", "done"]
            found = books.bill(bill)
            is_posted = books.balances() != before
            assert (found.status.name, is_posted) in {("APPROVED", True), ("DISPUTED", False)}
        assert books.broken() == []

    def test_two_bills_for_the_same_goods_do_not_both_match(self, books: Accounting) -> None:
        first, second = books.draft(books.goods(12)), books.draft(books.goods(12))

        came_to = outcomes(
            books, *((submit_bill, SubmitBill(id=id), ANNA) for id in (first, second))
        )

        assert came_to == ["done", "done"]
        assert sorted(books.status(id)[1] for id in (first, second)) == ["EXCEPTION", "MATCHED"]
        assert books.broken() == []

    def test_nothing_is_paid_twice(self, books: Accounting) -> None:
        bill = books.approved(books.service("10"))
        pay = RecordBillPayment(id=bill, amount=euros("6"))

        came_to = outcomes(
            books,
            *[(record_bill_payment, pay, BERT)] * 3,
            (settle, Settle(bill, euros("6")), BERT),
        )

        assert came_to == ["AMOUNT_ABOVE_OPEN"] * 3 + ["done"]
        assert books.bill(bill).paid == euros("6")
        assert books.balances() == {
            "PURCHASED_SERVICES": 1000,
            "PAYABLES": -400,
            "PAYMENTS_UNDER_WAY": -600,
        }
        assert books.broken() == []
