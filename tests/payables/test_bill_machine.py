"""Whatever is done with bills, in whatever order: what is owed, billed and posted stays true.

F3: paid is the sum of payments, open is never below zero. F4: nothing is billed beyond what was
received but by a waiver. And PAYABLES holds what bills have open.
"""

from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.payables.commands.approving import (
    ApproveBill,
    RejectBill,
    ReopenBill,
    SubmitBill,
    approve_bill,
    reject_bill,
    reopen_bill,
    submit_bill,
)
from backoffice_api.domain.payables.commands.crediting import (
    ApplyCreditNote,
    ReverseBillCredit,
    apply_credit_note,
    reverse_bill_credit,
)
from backoffice_api.domain.payables.commands.disputing import (
    DisputeBill,
    ResolveBillDispute,
    VoidBill,
    dispute_bill,
    resolve_bill_dispute,
    void_bill,
)
from backoffice_api.domain.payables.commands.matching import (
    MatchBill,
    WaiveBillMatch,
    match_bill,
    waive_bill_match,
)
from backoffice_api.domain.payables.commands.paying import (
    RecordBillPayment,
    ReverseBillPayment,
    record_bill_payment,
    reverse_bill_payment,
)
from backoffice_api.domain.payables.model.bills import BillKind, BillStatus
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.tables.bills import bills
from backoffice_api.domain.payables.tables.matching import billed_lines
from tests.payables.accounting import Accounting
from tests.payables.settling import Settle, settle
from tests.purchasing.desk import ANNA, BERT, euros

STEPS = (
    "goods",
    "service",
    "note",
    "submit",
    "match",
    "waive",
    "approve",
    "reject",
    "reopen",
    "dispute",
    "resolve",
    "void",
    "pay",
    "reverse",
    "settle",
    "credit",
    "uncredit",
    "receive",
)


class TestWhateverIsDone:
    @settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        steps=some.lists(
            some.tuples(some.sampled_from(STEPS), some.integers(0, 4), some.integers(1, 9)),
            min_size=10,
            max_size=30,
        )
    )
    def test_keeps_sums_and_counts(
        self, books: Accounting, steps: list[tuple[str, int, int]]
    ) -> None:
        books.order = books.desk.sent((books.desk.a, 12))
        books.desk.receive(books.order, (0, 5, 0))
        made = [books.approved(books.service("9"))]
        for step, which, many in steps:
            with suppress(DomainError):
                if step in ("goods", "service", "note"):
                    made.append(_enter(books, step, many))
                else:
                    _do(books, step, made[which % len(made)], made[-1], many)
        assert books.broken() == []
        with books.world.database.reading.connect() as db:
            billed = db.execute(billed_lines.select()).all()
        received = {each.id: each.received for each in books.desk.lines(books.order)}
        for each in billed:
            if each.order_line_id in received:
                assert each.quantity - each.waived <= received[each.order_line_id]
        assert books.balances().get("PAYABLES", 0) == -_open(books, BillKind.BILL)
        assert books.balances().get("SUPPLIER_CREDITS", 0) == _open(books, BillKind.CREDIT_NOTE)


def _enter(books: Accounting, step: str, many: int) -> object:
    match step:
        case "goods":
            return books.draft(books.goods(many))
        case "service":
            return books.submitted(books.service(str(many)))
        case _:
            return books.submitted(books.service(str(many)), kind=BillKind.CREDIT_NOTE)


def _do(books: Accounting, step: str, bill, other, many: int) -> None:
    run = books.world.run
    amount = euros(str(many))
    match step:
        case "submit":
            run(submit_bill, SubmitBill(id=bill), caller=ANNA)
        case "match":
            run(match_bill, MatchBill(id=bill), caller=ANNA)
        case "waive":
            run(waive_bill_match, WaiveBillMatch(id=bill, reason="x"), caller=BERT)
        case "approve":
            run(approve_bill, ApproveBill(id=bill), caller=BERT)
        case "reject":
            run(reject_bill, RejectBill(id=bill, reason="x"), caller=BERT)
        case "reopen":
            run(reopen_bill, ReopenBill(id=bill), caller=ANNA)
        case "dispute":
            run(dispute_bill, DisputeBill(id=bill, reason="x"), caller=ANNA)
        case "resolve":
            run(resolve_bill_dispute, ResolveBillDispute(id=bill), caller=ANNA)
        case "void":
            run(void_bill, VoidBill(id=bill, reason="x"), caller=BERT)
        case "pay":
            run(record_bill_payment, RecordBillPayment(id=bill, amount=amount), caller=ANNA)
        case "reverse":
            paid = books.world.read(queries.payments_by_bills, [bill]).get(bill, ())
            for each in paid[-1:]:
                run(reverse_bill_payment, ReverseBillPayment(payment_id=each.id), caller=ANNA)
        case "settle":
            run(settle, Settle(bill, amount), caller=ANNA)
        case "credit":
            run(apply_credit_note, ApplyCreditNote(id=bill, bill_id=other), caller=ANNA)
        case "uncredit":
            for each in books.world.read(queries.credits_by_bills, [bill]).get(bill, ()):
                run(reverse_bill_credit, ReverseBillCredit(credit_id=each.id), caller=ANNA)
        case "receive":
            books.desk.receive(books.order, (0, 1, 0))


def _open(books: Accounting, kind: BillKind) -> int:
    """What bills of a kind have open that are in the books."""
    with books.world.database.reading.connect() as db:
        rows = db.execute(bills.select().where(bills.c.kind == kind)).all()
    return sum(
        row.open_minor
        for row in rows
        if row.entry_id is not None and row.status is not BillStatus.VOIDED
    )
