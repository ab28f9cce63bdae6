"""Ways around approval and towards paying twice that are shut. On both databases."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backoffice_api.adapters.bill_xml.reading import read_bill
from backoffice_api.adapters.payment_files.returns import read_return
from backoffice_api.domain.approvals.commands.deciding import GrantApproval, grant_approval
from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind, ApprovalStatus
from backoffice_api.domain.approvals.tables import approval_requests
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller, Command, UnitOfWork
from backoffice_api.domain.ledger.commands.journal import (
    ReverseJournalEntry,
    reverse_journal_entry,
)
from backoffice_api.domain.ledger.model.refusals import EntryOfDocument
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
from backoffice_api.domain.payables.commands.disputing import (
    DisputeBill,
    ResolveBillDispute,
    VoidBill,
    dispute_bill,
    resolve_bill_dispute,
    void_bill,
)
from backoffice_api.domain.payables.commands.history import record_payments
from backoffice_api.domain.payables.commands.importing_bills import ImportBill, import_bill
from backoffice_api.domain.payables.commands.paying import (
    RecordBillPayment,
    ReverseBillPayment,
    record_bill_payment,
    reverse_bill_payment,
)
from backoffice_api.domain.payables.commands.returns_of_bank import (
    ImportPaymentReturn,
    import_payment_return,
)
from backoffice_api.domain.payables.model.drafts import InstalmentDraft
from backoffice_api.domain.payables.model.history import RecordedPayment
from backoffice_api.domain.payables.model.payment_files import BankReturn, ReturnedPayment, Verdict
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.tables.bills import bill_payments
from tests.payables.accounting import Accounting
from tests.payables.bill_samples import nfe_bill
from tests.payables.paying import PayDesk
from tests.payables.settling import Settle, Unsettle, settle, unsettle
from tests.payables.test_bill_races import outcomes
from tests.payables.test_payment_files import _return
from tests.purchasing.desk import ANNA, BERT, euros
from tests.world import NOW, World

CARL = Caller(Actor(ActorKind.STAFF, UUID(int=103), "Carl"), ALL_SCOPES)


@dataclass(frozen=True, slots=True)
class TakeOver(Command):
    scope = Scope.IMPORTS_WRITE
    payment: RecordedPayment


def take_over(uow: UnitOfWork, command: TakeOver) -> int:
    return record_payments(uow, "old", "EUR", [command.payment])


def refusal(world: World, handler: Any, command: Any, **options: Any) -> str:
    with pytest.raises(DomainError) as refused:
        world.run(handler, command, **options)
    return refused.value.code


class TestApproval:
    @pytest.mark.parametrize("second_limit", [None, euros("2")])
    def test_is_not_the_submitters_once_somebody_else_ended_a_dispute(
        self, books: Accounting, second_limit: Money | None
    ) -> None:
        rule = SetApprovalRule(kind=ApprovalKind.BILL, limit=euros("1"), second_limit=second_limit)
        books.world.run(set_approval_rule, rule)
        bill = books.draft(books.service("50"))
        books.world.run(submit_bill, SubmitBill(id=bill), caller=BERT)
        books.world.run(dispute_bill, DisputeBill(id=bill, reason="Why?"), caller=BERT)
        books.world.run(resolve_bill_dispute, ResolveBillDispute(id=bill), caller=CARL)
        waiting = select(approval_requests.c.id).where(
            approval_requests.c.subject_id == bill,
            approval_requests.c.status == ApprovalStatus.PENDING,
        )
        request = books.world.read(lambda db: db.execute(waiting).scalar_one())

        for handler, command in (
            (approve_bill, ApproveBill(id=bill)),
            (grant_approval, GrantApproval(id=request)),
        ):
            found = refusal(books.world, handler, command, caller=BERT)
            assert found == "APPROVER_IS_CREATOR"

    def test_is_not_gone_round_by_taking_back_what_was_taken_over(self, books: Accounting) -> None:
        paid = RecordedPayment(1, "OLD-1", 1, date(2020, 1, 2), 500, "7", "Old Ltd", "Rent")
        books.world.run(take_over, TakeOver(paid))
        payment = books.world.read(lambda db: db.execute(select(bill_payments)).one())

        reverse = ReverseBillPayment(payment_id=payment.id)

        found = refusal(books.world, reverse_bill_payment, reverse, caller=ANNA)
        assert found == "INVALID_TRANSITION"
        assert books.status(payment.bill_id)[0] == "PAID"
        assert books.balances() == {}


class TestOneBill:
    def test_is_not_opened_again_beside_the_one_entered_anew(self, books: Accounting) -> None:
        first = books.submitted(books.service("5"), number="INV-1")
        books.world.run(reject_bill, RejectBill(id=first, reason="Wrong"), caller=BERT)
        books.draft(books.service("5"), number="INV-1")

        found = refusal(books.world, reopen_bill, ReopenBill(id=first), caller=ANNA)

        assert found == "DUPLICATE_BILL"

    def test_comes_of_a_file_again_once_the_first_is_voided(self, books: Accounting) -> None:
        def taken(number: int) -> UUID:
            document = replace(read_bill(nfe_bill()), key="3" * 44)
            command = ImportBill(
                document=document,
                content=b"<NFe/>",
                media_type="application/xml",
                sha256=f"{number:064}",
                supplier_id=books.supplier,
                allow_similar=True,
            )
            id: UUID = books.world.run(import_bill, command, caller=ANNA).value.bill_id
            return id

        first = taken(1)
        with pytest.raises(DomainError) as refused:
            taken(2)
        assert refused.value.code == "DUPLICATE_BILL"
        books.world.run(void_bill, VoidBill(id=first, reason="No"), caller=BERT)

        assert taken(3) != first

    def test_is_taken_out_of_the_books_once(self, books: Accounting) -> None:
        bill = books.approved(books.service("5"))
        entry = books.bill(bill).entry_id
        assert entry is not None
        back = ReverseJournalEntry(entry_id=entry)
        with pytest.raises(EntryOfDocument):
            books.world.run(reverse_journal_entry, back, caller=CARL)

        books.world.run(void_bill, VoidBill(id=bill, reason="No"), caller=BERT)

        assert books.balances() == {}
        assert books.broken() == []

    def test_may_be_of_the_last_day_there_is(self, books: Accounting) -> None:
        bill = books.draft(books.service("5"), issued_on=date.max)

        assert books.bill(bill).due_on == date.max


class TestOnePayment:
    def test_by_hand_stays_when_a_match_is_undone(self, books: Accounting) -> None:
        bill = books.approved(books.service("5"))
        books.world.run(record_bill_payment, RecordBillPayment(id=bill, reference="statement"))
        payment = books.world.read(queries.payments_by_bills, [bill])[bill][0].id
        books.world.run(settle, Settle(payment, euros("5")))

        books.world.run(unsettle, Unsettle(payment, euros("5")))

        assert books.status(bill)[0] == "PAID"

    def test_is_taken_back_or_shown_but_not_both(self, books: Accounting) -> None:
        for _ in range(3):
            bill = books.approved(books.service("5"))
            books.world.run(record_bill_payment, RecordBillPayment(id=bill))
            payment = books.world.read(queries.payments_by_bills, [bill])[bill][0].id

            came_to = outcomes(
                books,
                (reverse_bill_payment, ReverseBillPayment(payment_id=payment), ANNA),
                (settle, Settle(payment, euros("5")), BERT),
            )

            assert came_to in (["PAYMENT_REVERSED", "done"], ["PAYMENT_CLEARED", "done"])

    def test_takes_no_discount_whose_day_is_over_at_the_export(self, world: World) -> None:
        desk = PayDesk(world)
        desk.payee()
        part = InstalmentDraft(
            due_on=date(2025, 3, 20),
            amount=euros("10"),
            discount=euros("1"),
            discount_until=date(2025, 3, 2),
        )
        desk.owed("10", instalments=(part,))
        run = desk.agreed(desk.house_bank())
        assert desk.run(run).discount == euros("1")

        with pytest.raises(DomainError) as refused:
            desk.export(run, datetime(2025, 3, 3, 9, tzinfo=NOW.tzinfo))

        assert refused.value.code == "DISCOUNT_TOO_LATE"
        desk.export(run)
        assert desk.run(run).status.name == "EXPORTED"

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"is_archived": True}, "UNKNOWN_PAYER_ACCOUNT"),
            ({"currency": "USD"}, "METHOD_MISMATCH"),
        ],
    )
    def test_leaves_only_the_account_that_can_pay_it(
        self, world: World, values: dict[str, Any], code: str
    ) -> None:
        desk = PayDesk(world)
        desk.payee()
        desk.owed("10")
        run = desk.agreed(desk.house_bank())
        desk.house_bank(**values)

        with pytest.raises(DomainError) as refused:
            desk.export(run)

        assert refused.value.code == code
        assert desk.run(run).status.name == "APPROVED"

    def test_of_another_amount_than_ordered_settles_nothing(self, world: World) -> None:
        desk = PayDesk(world)
        desk.payee()
        bill = desk.owed("10")
        run = desk.exported(desk.house_bank())
        reference = desk.lines_of(run)[0].reference
        said = ReturnedPayment(reference, Verdict.SETTLED, "00", "", None, amount_minor=400)
        command = ImportPaymentReturn(
            answer=BankReturn(None, (said,)), sha256="0" * 64, content=b""
        )

        [result] = desk.world.run(import_payment_return, command).value.results

        assert result.outcome.name == "CONFLICT"
        assert desk.status(bill)[0] == "SCHEDULED"


class TestReturnFiles:
    def test_say_how_much_was_paid(self) -> None:
        lines = _return("00", "00").split("\r\n")
        lines[2] = lines[2][:162] + f"{400:015}" + lines[2][177:]

        [first, second] = read_return("\r\n".join(lines).encode()).payments

        assert (first.amount_minor, second.amount_minor) == (400, int(lines[4][119:134]))

    def test_may_have_accents_as_text_or_as_bytes_of_the_bank(self) -> None:
        text = _return("00", "00").replace("LOJA", "LOJ\u00c3")
        assert "\u00c3" in text

        assert read_return(text.encode()) == read_return(text.encode("latin-1"))
