"""Lines settle documents: never beyond what is open of them, and back again. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import update

from backoffice_api.domain.banking.commands.documents import open_documents
from backoffice_api.domain.banking.commands.matching import MatchLines, match_lines_with
from backoffice_api.domain.banking.model.items import ItemDraft, ItemKind
from backoffice_api.domain.banking.model.lines import LineState
from backoffice_api.domain.banking.model.matches import WriteOff
from backoffice_api.domain.banking.model.rules import RuleAction
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.tables import accounts
from backoffice_api.domain.orders.queries import orders_by_ids
from backoffice_api.domain.payables.commands.paying import RecordBillPayment, record_bill_payment
from backoffice_api.domain.payables.model.payment_files import Verdict
from backoffice_api.domain.payables.model.returns import ReturnOutcome
from backoffice_api.domain.payables.queries import bills as payables
from backoffice_api.domain.payables.queries import runs
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.receivables import queries as receivables
from backoffice_api.domain.receivables.commands.writing_off import (
    WriteOffReceivable,
    write_off_receivable,
)
from backoffice_api.domain.receivables.model.payouts import PayoutLineKind
from backoffice_api.domain.receivables.model.write_offs import WriteOffReason
from tests.banking.desk import euros, line, statement
from tests.bookkeeping.counting_house import opened
from tests.payables.paying import PayDesk
from tests.receivables.debts import Debts
from tests.receivables.debts import line as payout_line


@pytest.fixture
def debts(world):
    return Debts(world)


@pytest.fixture
def pay_desk(world):
    return PayDesk(world)


def item(kind, id, minor=None):
    return ItemDraft(kind, id, None if minor is None else euros(minor))


def brought(desk, *lines):
    desk.take(statement(*lines))
    return [each.id for each in desk.lines()]


class TestReceivables:
    def test_are_settled_with_their_payments_and_back(self, desk, debts):
        opened(desk.world)
        order, payment = debts.on_terms(days=(10, 20))
        first, second = debts.of(order)
        (id,) = brought(desk, line(1, 10_000, "W-1", party_name="Ana"))

        desk.suggest()
        best = desk.suggested(id)[0]
        made = desk.match([id], *(item(ItemKind.RECEIVABLE, each.id) for each in (first, second)))

        assert {each["id"] for each in best.items} == {first.id.hex, second.id.hex}
        assert set(best.reasons) == {"sum", "reference", "party"}
        assert debts.sums(order) == [("settled", 5_000, 0)] * 2
        assert debts.payment(payment).captured_minor == 10_000
        assert desk.booked(desk.ledger(AccountRole.BANK)) == 10_000
        desk.undo(made)
        assert debts.sums(order) == [("expected", 0, 5_000)] * 2
        assert desk.booked(desk.ledger(AccountRole.BANK)) == 0
        assert desk.broken() == []

    def test_keep_what_was_paid_beyond_them_when_a_match_is_undone(self, desk, debts):
        opened(desk.world)
        order, payment = debts.on_terms(2)
        (owed,) = debts.of(order)
        brought(desk, line(1, 2_000, "W-1"))
        made = desk.match([desk.lines()[0].id], item(ItemKind.RECEIVABLE, owed.id))
        debts.record(payment, 150)

        desk.undo(made)

        assert debts.sums(order) == [("partially_settled", 150, 1_850)]
        assert desk.broken() == []

    @pytest.mark.parametrize(
        "method", [PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.BANK_TRANSFER]
    )
    def test_come_to_the_account_of_the_statement_alone(self, desk, debts, method):
        """Whoever posts what: it is on that account, and held for the order."""
        opened(desk.world)
        roles = (AccountRole.BANK, AccountRole.CASH, AccountRole.RECEIVABLES)
        deposits = desk.ledger(AccountRole.CUSTOMER_DEPOSITS)
        own = desk.ledger(AccountRole.BANK_CLEARING)
        account_id = desk.account(ledger_account_id=own)
        order = debts.order(10)
        debts.pay(order, method)
        (owed,) = debts.of(order)
        desk.take(statement(line(1, 9_700, "W-1")), account_id=account_id)
        (id,) = [each.id for each in desk.lines(account_id)]

        made = desk.match([id], item(ItemKind.RECEIVABLE, owed.id), write_off=WriteOff(euros(300)))

        fees = desk.ledger(AccountRole.BANK_FEES)
        assert (desk.booked(own), desk.booked(deposits), desk.booked(fees)) == (9_700, -10_000, 300)
        assert [desk.booked(desk.ledger(role)) for role in roles] == [0, 0, 0]
        assert debts.sums(order) == [("settled", 10_000, 0)]
        desk.undo(made)
        assert [desk.booked(each) for each in (own, deposits, fees)] == [0, 0, 0]
        assert [desk.booked(desk.ledger(role)) for role in roles] == [0, 0, 0]
        assert debts.sums(order) == [("due", 0, 10_000)]
        assert desk.broken() == []

    def test_are_as_before_where_a_rule_could_not_be_followed(self, desk, debts):
        """The books hear nothing of a match that was rolled back."""
        opened(desk.world)
        order, _ = debts.on_terms()
        shut = desk.ledger(AccountRole.CASH)
        account_id = desk.account(ledger_account_id=shut)
        desk.rule(action=RuleAction.MATCH, text="W-1", is_automatic=True)
        desk.take(statement(line(1, 10_000, "W-1")), account_id=account_id)
        with desk.world.database.writing.begin() as db:
            db.execute(update(accounts).values(is_archived=True).where(accounts.c.id == shut))

        desk.suggest(account_id)

        (found,) = desk.lines(account_id)
        assert found.state is LineState.SUGGESTED
        assert debts.sums(order) == [("expected", 0, 10_000)]
        assert debts.posted("payment_transaction:") == []
        assert desk.broken() == []

    def test_are_never_settled_beyond_what_is_open(self, desk, debts):
        order, _ = debts.on_terms()
        (owed,) = debts.of(order)
        ids = brought(desk, line(1, 6_000), line(2, 6_000))
        start = Barrier(2)

        def match(id):
            start.wait()
            try:
                return desk.match([id], item(ItemKind.RECEIVABLE, owed.id, 6_000))
            except DomainError as refusal:
                return refusal.code

        with ThreadPoolExecutor(2) as people:
            made = list(people.map(match, ids))

        assert sum(isinstance(each, str) for each in made) == 1
        assert debts.sums(order) == [("partially_settled", 6_000, 4_000)]
        states = sorted(each.state for each in desk.lines())
        assert states == [LineState.IMPORTED, LineState.RECONCILED]
        assert desk.broken() == []

    def test_that_were_written_off_may_come_after_all(self, desk, debts):
        """What is recovered goes against what was written off; undone, it is lost again."""
        opened(desk.world)
        debts.let_pass(10**6)
        order, _ = debts.on_terms(10)
        (owed,) = debts.of(order)
        given_up = WriteOffReceivable(
            id=owed.id, reason=WriteOffReason.UNCOLLECTIBLE, amount=euros(6_000)
        )
        desk.world.run(write_off_receivable, given_up)
        number = desk.world.read(orders_by_ids, [order])[order].number
        (id,) = brought(desk, line(0, 10_000, f"ORDER {number}"))

        made = desk.match([id], item(ItemKind.RECEIVABLE, owed.id, 10_000))

        assert debts.sums(order) == [("settled", 10_000, 0)]
        lost = desk.ledger(AccountRole.WRITE_OFFS)
        assert (desk.booked(lost), desk.booked(desk.ledger(AccountRole.BANK))) == (0, 10_000)
        desk.undo(made)
        assert (desk.booked(lost), debts.sums(order)) == (6_000, [("expected", 0, 4_000)])
        desk.world.run(write_off_receivable, replace(given_up, amount=None))
        desk.suggest()
        (best,) = desk.suggested(id)
        assert [each["id"] for each in best.items] == [owed.id.hex]
        assert {"reference", "amount"} <= set(best.reasons)
        desk.match([id], item(ItemKind.RECEIVABLE, owed.id))
        assert (desk.booked(lost), debts.sums(order)) == (0, [("settled", 10_000, 0)])
        assert desk.broken() == []

    def test_of_other_kinds_and_signs_are_refused(self, desk, debts):
        order, _ = debts.on_terms()
        (owed,) = debts.of(order)
        (id,) = brought(desk, line(1, 6_000))

        def refused(*items):
            return desk.refused(match_lines_with, MatchLines(line_ids=(id,), items=items))

        assert refused(item(ItemKind.PAYOUT, owed.id)) == ["UNKNOWN_OPEN_ITEM"]
        assert refused(item(ItemKind.RECEIVABLE, owed.id, 10_001)) == ["AMOUNT_BEYOND_OPEN_ITEM"]
        assert refused(item(ItemKind.RECEIVABLE, owed.id, -1)) == ["AMOUNT_BEYOND_OPEN_ITEM"]
        assert debts.sums(order) == [("expected", 0, 10_000)]


class TestPayouts:
    def test_are_settled_and_back(self, desk, debts):
        debts.captured(key="pi_1")
        payout = debts.pay_out(payout_line(PayoutLineKind.CHARGE, "pi_1", 10_000, 175))
        (id,) = brought(desk, line(0, 9_825, "FAKE PAYOUT po_1"))

        desk.suggest()
        best = desk.suggested(id)[0]
        made = desk.match([id], item(ItemKind.PAYOUT, payout))

        assert best.items[0]["id"] == payout.hex
        assert {"reference", "amount", "day", "only_one"} == set(best.reasons)
        assert debts.world.read(receivables.payout, payout).open_minor == 0
        desk.undo(made)
        assert debts.world.read(receivables.payout, payout).open_minor == 9_825
        assert desk.broken() == []


class TestPayables:
    def test_are_paid_by_lines_and_back(self, desk, pay_desk):
        bill = pay_desk.owed("100.00")
        (id,) = brought(desk, line(1, -10_000, "ACME invoice"))

        made = desk.match([id], item(ItemKind.BILL, bill))

        assert pay_desk.world.read(payables.bills_by_ids, [bill])[bill].open_minor == 0
        under_way = desk.ledger(AccountRole.PAYMENTS_UNDER_WAY)
        assert (desk.booked(under_way), desk.booked(desk.ledger(AccountRole.BANK))) == (0, -10_000)
        desk.undo(made)
        assert pay_desk.world.read(payables.bills_by_ids, [bill])[bill].open_minor == 10_000
        assert desk.broken() == []

    def test_stay_paid_by_what_a_person_has_noted(self, desk, pay_desk):
        """Undoing a match takes back what the statement had made, whatever stands on the rest."""
        bill = pay_desk.owed("100.00")
        noted = RecordBillPayment(id=bill, reference="statement")
        pay_desk.world.run(record_bill_payment, noted)
        (payment,) = pay_desk.world.read(payables.payments_by_bills, [bill])[bill]
        (id,) = brought(desk, line(1, -10_000))

        desk.undo(desk.match([id], item(ItemKind.BILL_PAYMENT, payment.id)))

        assert pay_desk.world.read(payables.bills_by_ids, [bill])[bill].open_minor == 0
        assert desk.broken() == []

    def test_of_a_run_are_one_line_at_the_bank(self, desk, pay_desk):
        house = pay_desk.house_bank()
        pay_desk.payee()
        for amount in ("100.00", "50.00"):
            pay_desk.owed(amount)
        run = pay_desk.exported(house)
        listed = [each.id for each in desk.world.read(open_documents, "EUR")]
        paid = pay_desk.world.read(runs.runs_by_ids, [run])[run]
        (id,) = brought(desk, line(19, -15_000, f"SEPA batch {paid.number}"))

        desk.suggest()
        best = desk.suggested(id)[0]
        lines = pay_desk.world.read(runs.lines_of_run, run)
        made = desk.match([id], *(item(ItemKind.RUN_LINE, each.id) for each in lines))

        assert len(listed) == len(set(listed)) == 2
        assert {"sum", "reference"} <= set(best.reasons)
        assert {each["id"] for each in best.items} == {each.id.hex for each in lines}
        assert pay_desk.world.read(runs.runs_by_ids, [run])[run].status.value == "settled"
        under_way = desk.ledger(AccountRole.PAYMENTS_UNDER_WAY)
        assert (desk.booked(under_way), desk.booked(desk.ledger(AccountRole.BANK))) == (0, -15_000)
        assert desk.broken() == []
        desk.undo(made)
        assert desk.booked(under_way) == -15_000
        assert pay_desk.run(run).status.value == "exported"
        assert desk.broken() == []
        # They are under way again: the same line shows them, or the bank refuses one.
        again = desk.match([id], *(item(ItemKind.RUN_LINE, each.id) for each in lines))
        assert (desk.booked(under_way), pay_desk.run(run).status.value) == (0, "settled")
        desk.undo(again)
        (refused,) = pay_desk.answered((lines[0].reference, Verdict.REJECTED)).results
        assert refused.outcome is ReturnOutcome.REJECTED
        assert desk.booked(under_way) == -(15_000 - lines[0].amount_minor)
        assert desk.broken() == []

    def test_of_a_run_stay_paid_where_the_bank_has_said_so(self, desk, pay_desk):
        house = pay_desk.house_bank()
        pay_desk.payee()
        bill = pay_desk.owed("100.00")
        (paid,) = pay_desk.lines_of(pay_desk.exported(house))
        (id,) = brought(desk, line(19, -10_000))
        made = desk.match([id], item(ItemKind.RUN_LINE, paid.id))

        (same,) = pay_desk.answered((paid.reference, Verdict.SETTLED)).results
        desk.undo(made)

        assert same.outcome is ReturnOutcome.NOTED
        assert (pay_desk.lines_of(paid.run_id)[0].status.value, pay_desk.status(bill)[0]) == (
            "settled",
            "PAID",
        )
        (left,) = desk.world.read(open_documents, "EUR")
        assert (left.kind, left.open_minor) == (ItemKind.BILL_PAYMENT, -10_000)
        assert desk.broken() == []
