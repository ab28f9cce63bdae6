"""Payment runs from the proposal to what the bank says, with the books. On both databases."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from backoffice_api.adapters.payment_files import cnab240
from backoffice_api.domain.approvals.commands.deciding import (
    DeclineApproval,
    GrantApproval,
    decline_approval,
    grant_approval,
)
from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.pix_keys import InvalidPixKey
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.ledger.tables import entries
from backoffice_api.domain.payables.commands.disputing import DisputeBill, dispute_bill
from backoffice_api.domain.payables.commands.exporting import (
    KeepPaymentFile,
    content_of,
    keep_payment_file,
)
from backoffice_api.domain.payables.commands.paying import RecordBillPayment, record_bill_payment
from backoffice_api.domain.payables.commands.pix_codes import SetBillPixCode, set_bill_pix_code
from backoffice_api.domain.payables.commands.returns_of_bank import (
    ImportPaymentReturn,
    RecordPaymentRun,
    import_payment_return,
    record_payment_run,
)
from backoffice_api.domain.payables.commands.runs import (
    ApprovePaymentRun,
    CancelPaymentRun,
    CreatePaymentRun,
    approve_payment_run,
    cancel_payment_run,
    create_payment_run,
)
from backoffice_api.domain.payables.model.drafts import BillLineDraft, InstalmentDraft
from backoffice_api.domain.payables.model.payment_files import (
    BankReturn,
    FileFormat,
    ReturnedPayment,
    Verdict,
)
from backoffice_api.domain.payables.model.pix_codes import (
    BillTakesNoCode,
    PixCodeDiffers,
    PixKeyNotAgreed,
)
from backoffice_api.domain.payables.model.proposing import LeftOutReason
from backoffice_api.domain.payables.model.returns import ReturnOutcome
from backoffice_api.domain.payables.model.run_refusals import PayerPaysFromAccount
from backoffice_api.domain.payables.model.runs import RunLineStatus, RunMethod
from backoffice_api.domain.payables.queries import open_items
from backoffice_api.domain.payables.tables.runs import payment_files, payment_runs
from backoffice_api.domain.payments.model.br_code import InvalidBrCode, PixReceiver, br_code
from backoffice_api.domain.purchasing.commands.bank import ApproveBankChange, approve_bank_change
from backoffice_api.domain.purchasing.commands.suppliers import UpdateSupplier, update_supplier
from backoffice_api.domain.purchasing.model.bank import BankChangeKind, BankDetails
from backoffice_api.domain.purchasing.tables.suppliers import supplier_bank_accounts
from tests.databases import count_statements
from tests.payables.paying import OTHER_IBAN, PayDesk
from tests.payables.settling import Settle, settle
from tests.purchasing.desk import ANNA, BERT, euros
from tests.world import World


@pytest.fixture
def desk(world: World) -> PayDesk:
    return PayDesk(world)


class TestProposing:
    def test_pays_what_is_due_within_the_limit_and_says_what_is_left_out(
        self, desk: PayDesk
    ) -> None:
        desk.payee()
        bank = desk.house_bank()
        saving = desk.owed(
            "100",
            instalments=(
                InstalmentDraft(
                    due_on=date(2025, 6, 1),
                    amount=euros("100"),
                    discount=euros("3"),
                    discount_until=date(2025, 3, 10),
                ),
            ),
        )
        first, large = desk.owed("50", due_on=date(2025, 3, 5)), desk.owed("500")
        small, later = desk.owed("10"), desk.owed("20", due_on=date(2025, 6, 1))
        argued, waits = desk.owed("30"), desk.submitted(desk.service("40"))
        desk.world.run(dispute_bill, DisputeBill(id=argued, reason="Broken"))

        answer = desk.world.run(
            create_payment_run,
            CreatePaymentRun(
                payer_account_id=bank,
                method=RunMethod.SEPA,
                due_until=date(2025, 3, 31),
                cash_limit=euros("160"),
            ),
            caller=ANNA,
        ).value

        lines = desk.lines_of(answer.run_id)
        assert [(each.bill_id, each.amount, each.discount) for each in lines] == [
            (saving, euros("97"), euros("3")),
            (first, euros("50"), euros("0")),
            (small, euros("10"), euros("0")),
        ]
        assert {each.bill_id: each.reason for each in answer.left_out} == {
            large: LeftOutReason.CASH_LIMIT,
            argued: LeftOutReason.DISPUTED,
            waits: LeftOutReason.NOT_APPROVED,
        }
        run = desk.run(answer.run_id)
        assert (run.number, run.status.name, run.total) == ("RUN-000001", "DRAFT", euros("157"))
        assert desk.status(small)[0] == "SCHEDULED"
        assert desk.status(later)[0] == "APPROVED"
        assert desk.broken() == []

    def test_of_bills_by_hand_takes_the_rest_of_them(self, desk: PayDesk) -> None:
        desk.payee()
        later = desk.owed("20", due_on=date(2025, 6, 1))
        part = RecordBillPayment(id=later, amount=euros("5"))
        desk.world.run(record_bill_payment, part)

        run = desk.propose(desk.house_bank(), bill_ids=(later,))

        assert [each.amount for each in desk.lines_of(run)] == [euros("15")]

    def test_pays_a_bill_by_one_run_only(self, desk: PayDesk) -> None:
        desk.payee()
        bill = desk.owed("10")
        bank = desk.house_bank()
        run = desk.propose(bank)

        with pytest.raises(DomainError) as caught:
            desk.propose(bank, bill_ids=(bill,))
        assert caught.value.code == "NOTHING_TO_PAY"
        with pytest.raises(DomainError) as caught:
            desk.world.run(dispute_bill, DisputeBill(id=bill, reason="Late"))
        assert caught.value.code == "INVALID_TRANSITION"
        with pytest.raises(DomainError) as caught:
            desk.world.run(record_bill_payment, RecordBillPayment(id=bill, amount=euros("1")))
        assert caught.value.code == "AMOUNT_ABOVE_OPEN"

        desk.world.run(cancel_payment_run, CancelPaymentRun(id=run))
        assert desk.status(bill)[0] == "APPROVED"
        assert desk.run(desk.propose(bank)).number == "RUN-000002"
        assert desk.broken() == []

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"method": RunMethod.CNAB}, "METHOD_MISMATCH"),
            ({"pay_on": date(2025, 2, 28)}, "PAY_ON_PAST"),
            ({"cash_limit": euros("0")}, "NOT_ABOVE_ZERO"),
            ({}, "NOTHING_TO_PAY"),
        ],
    )
    def test_refuses(self, desk: PayDesk, values: dict[str, Any], code: str) -> None:
        bank = desk.house_bank()

        with pytest.raises(DomainError) as caught:
            desk.propose(bank, **values)

        assert caught.value.code == code
        assert (
            desk.world.read(
                lambda db: db.execute(select(func.count()).select_from(payment_runs)).scalar()
            )
            == 0
        )


class TestCost:
    def test_of_a_run_does_not_grow_with_its_bills(self, desk: PayDesk) -> None:
        desk.payee()
        bank = desk.house_bank()
        seen: list[int] = []
        for size in (1, 6):
            for _ in range(size):
                desk.owed("10")
            with count_statements(desk.world.database) as statements:
                run = desk.exported(bank)
                said = [(each.reference, Verdict.SETTLED) for each in desk.lines_of(run)]
                desk.answered(*said)
            seen.append(len(statements))
            assert desk.run(run).status.name == "SETTLED"

        # The ledger makes its accounts with the first run.
        assert seen[1] <= seen[0]


class TestBrazil:
    def test_is_paid_by_cnab(self, desk: PayDesk) -> None:
        tax_ids = (TaxId(TaxIdKind.CNPJ, "11222333000181"),)
        desk.world.run(update_supplier, UpdateSupplier(id=desk.supplier, tax_ids=tax_ids))
        change = desk.proposed(bank_code="001-4321", account_number="987654-X")
        desk.world.run(approve_bank_change, ApproveBankChange(id=change), caller=BERT)
        line = BillLineDraft(account_id=desk.account(), amount=Money(15_000, "BRL"))
        bill = desk.approved(line, currency="BRL", due_on=date(2025, 3, 20))
        details = BankDetails(holder="Loja", bank_code="341-1234", account_number="56789-0")
        values = {"currency": "BRL", "details": details, "tax_id": "11.444.777/0001-61"}
        bank = desk.house_bank(**values, agreement="77")

        run = desk.exported(bank, method=RunMethod.CNAB)

        file = desk.file(run)
        assert file.name == "RUN-000001.rem"
        lines = file.content.decode("ascii").split("\r\n")
        assert {len(each) for each in lines[:-1]} == {240}
        assert lines[2][73:88] == "RUN-000001-0001"
        assert lines[3][17:32] == "211222333000181"
        bad = lines[2][:230] + "AN" + lines[2][232:]
        returned = [lines[0][:142] + "2" + lines[0][143:], lines[1], bad, *lines[3:]]
        answer = cnab240.read_return("\r\n".join(returned))
        command = ImportPaymentReturn(answer=answer, sha256="3" * 64, content=b"")
        desk.world.run(import_payment_return, command)
        assert desk.run(run).status.name == "PARTIALLY_REJECTED"
        assert desk.status(bill)[0] == "APPROVED"
        assert desk.lines_of(run)[0].said == "Wrong account or check digit of the payee"
        assert desk.broken() == []

    def test_is_paid_by_pix(self, desk: PayDesk) -> None:
        """A key is approved by two people, as any account; the bank says if it is none."""
        with pytest.raises(InvalidPixKey):
            desk.proposed(bank_code="pix", account_number="nobody")
        longest = f"{'A' * 60}@ACME.example"
        change = desk.proposed(bank_code="pix", account_number=longest)
        desk.world.run(approve_bank_change, ApproveBankChange(id=change), caller=BERT)
        line = BillLineDraft(account_id=desk.account(), amount=Money(15_000, "BRL"))
        bill = desk.approved(line, currency="BRL", due_on=date(2025, 3, 20))
        details = BankDetails(holder="Loja", bank_code="341-1234", account_number="56789-0")
        values = {"currency": "BRL", "details": details, "tax_id": "11.444.777/0001-61"}

        run = desk.exported(desk.house_bank(**values, agreement="77"), method=RunMethod.CNAB)

        lines = desk.file(run).content.decode("ascii").split("\r\n")
        assert lines[3][127:226].rstrip() == longest.lower()
        bad = lines[2][:230] + "PJ" + lines[2][232:]
        returned = [lines[0][:142] + "2" + lines[0][143:], lines[1], bad, *lines[3:]]
        answer = cnab240.read_return("\r\n".join(returned))
        command = ImportPaymentReturn(answer=answer, sha256="4" * 64, content=b"")
        desk.world.run(import_payment_return, command)
        assert desk.lines_of(run)[0].said == "There is no such PIX key"
        assert desk.status(bill)[0] == "APPROVED"
        assert desk.broken() == []

    def test_is_paid_by_a_qr_code(self, desk: PayDesk) -> None:
        """The key of a code is one that two people agreed to (F8), and it asks for what is open."""
        agreed = desk.proposed(bank_code="pix", account_number="contas@acme.example")
        desk.world.run(approve_bank_change, ApproveBankChange(id=agreed), caller=BERT)
        newer = desk.proposed(bank_code="001-4321", account_number="987654-X")
        desk.world.run(approve_bank_change, ApproveBankChange(id=newer), caller=BERT)
        account = desk.account()
        line = BillLineDraft(account_id=account, amount=Money(15_000, "BRL"))
        bill = desk.approved(line, currency="BRL", due_on=date(2025, 3, 20))
        euros = desk.owed("10")

        def code(key: str = "contas@acme.example", amount: int | None = 15_000) -> str:
            asked = None if amount is None else Money(amount, "BRL")
            receiver = PixReceiver(key=key, name="ACME", city="Santos")
            return br_code(receiver, amount=asked, transaction_id="FATURA7")

        def set_code(text: str | None, id: UUID = bill) -> None:
            desk.world.run(set_bill_pix_code, SetBillPixCode(id=id, code=text))

        for wrong, refusal in (
            (code()[:-1] + "0", InvalidBrCode),
            (code("thief@evil.example"), PixKeyNotAgreed),
            (code("nobody"), InvalidPixKey),
            (code(amount=15_001), PixCodeDiffers),
        ):
            with pytest.raises(refusal):
                set_code(wrong)
        with pytest.raises(CurrencyMismatch):
            set_code(code(), euros)
        set_code(code(amount=None))
        set_code(None)
        set_code(f" {code()} ")
        details = BankDetails(holder="Loja", bank_code="341-1234", account_number="56789-0")
        values = {"currency": "BRL", "details": details, "tax_id": "11.444.777/0001-61"}

        run = desk.exported(desk.house_bank(**values, agreement="77"), method=RunMethod.CNAB)

        lines = desk.file(run).content.decode("ascii").split("\r\n")
        assert {len(each) for each in lines[:-1]} == {240}
        assert (lines[1][11:13], lines[1][13:16]) == ("47", "040")
        assert (lines[2][13], lines[2][152:167], lines[2][182:197]) == (
            "J",
            f"{15_000:015}",
            "RUN-000001-0001",
        )
        assert (lines[3][13], lines[3][17:19]) == ("J", "52")
        assert lines[3][131:210].rstrip() == "contas@acme.example"
        assert lines[3][210:240].rstrip() == "FATURA7"
        with pytest.raises(BillTakesNoCode):
            set_code(None)
        paid = lines[2][:230] + "00" + lines[2][232:]
        returned = [lines[0][:142] + "2" + lines[0][143:], lines[1], paid, *lines[3:]]
        answer = cnab240.read_return("\r\n".join(returned))
        command = ImportPaymentReturn(answer=answer, sha256="5" * 64, content=b"")
        desk.world.run(import_payment_return, command)
        assert desk.status(bill)[0] == "PAID"
        assert desk.broken() == []


class TestPayerAccounts:
    def test_are_no_pix_keys(self, desk: PayDesk) -> None:
        key = BankDetails(holder="Loja", bank_code="PIX", account_number="loja@acme.example")
        with pytest.raises(PayerPaysFromAccount):
            desk.house_bank(details=key)

    def test_are_set_by_their_name_and_archived(self, desk: PayDesk) -> None:
        bank = desk.house_bank()
        desk.owed("10")

        assert desk.house_bank() == bank
        assert desk.house_bank(is_archived=True) == bank

        with pytest.raises(DomainError) as caught:
            desk.propose(bank, method=RunMethod.MANUAL)
        assert caught.value.code == "UNKNOWN_PAYER_ACCOUNT"

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"currency": "ZZZ"}, "UNKNOWN_CURRENCY"),
            ({"details": BankDetails(holder="x", iban="DE00")}, "INVALID_IBAN"),
            ({"details": BankDetails(holder="x")}, "ACCOUNT_NUMBER_NEEDED"),
            ({"tax_id": "11222333000182"}, "INVALID_TAX_ID"),
            ({"agreement": "x" * 21}, "INVALID_TEXT"),
            ({"sepa_format": FileFormat.CNAB_240}, "METHOD_MISMATCH"),
        ],
    )
    def test_refuse(self, desk: PayDesk, values: dict[str, Any], code: str) -> None:
        with pytest.raises(DomainError) as caught:
            desk.house_bank(**values)

        assert caught.value.code == code


class TestApproving:
    def test_takes_another_person(self, desk: PayDesk) -> None:
        desk.payee()
        desk.owed("10")
        run = desk.propose(desk.house_bank())
        command = ApprovePaymentRun(id=run)

        with pytest.raises(DomainError) as caught:
            desk.world.run(approve_payment_run, command, caller=ANNA)
        assert caught.value.code == "APPROVER_IS_CREATOR"
        desk.world.run(approve_payment_run, command, caller=BERT)

        assert desk.run(run).status.name == "APPROVED"

    def test_follows_the_rules_of_approvals(self, desk: PayDesk) -> None:
        rule = SetApprovalRule(kind=ApprovalKind.PAYMENT_RUN, limit=euros("5"))
        desk.world.run(set_approval_rule, rule)
        desk.payee()
        bill = desk.owed("10")
        bank = desk.house_bank()
        first = desk.propose(bank)

        request = desk.request_of(first)
        desk.world.run(decline_approval, DeclineApproval(id=request), caller=BERT)
        assert desk.run(first).status.name == "CANCELLED"
        assert desk.status(bill)[0] == "APPROVED"

        second = desk.propose(bank)
        request = desk.request_of(second)
        desk.world.run(grant_approval, GrantApproval(id=request), caller=BERT)
        assert desk.run(second).status.name == "APPROVED"

    def test_waits_for_changes_of_bank_accounts(self, desk: PayDesk) -> None:
        """F8: who changed the account is not the only one who has seen it before money moves."""
        desk.payee()
        bill = desk.owed("10")
        bank = desk.house_bank()
        run = desk.propose(bank)
        account = desk.world.read(
            lambda db: db.execute(select(supplier_bank_accounts.c.id)).scalar_one()
        )
        change = desk.proposed(kind=BankChangeKind.REPLACE, account=account, iban=OTHER_IBAN)

        with pytest.raises(DomainError) as caught:
            desk.world.run(approve_payment_run, ApprovePaymentRun(id=run), caller=BERT)
        assert caught.value.code == "BANK_CHANGE_PENDING"
        desk.world.run(cancel_payment_run, CancelPaymentRun(id=run))
        with pytest.raises(DomainError) as caught:
            desk.propose(bank)
        assert caught.value.code == "NOTHING_TO_PAY"

        desk.world.run(approve_bank_change, ApproveBankChange(id=change), caller=BERT)
        run = desk.agreed(bank)
        assert [each.iban for each in desk.lines_of(run)] == [OTHER_IBAN]
        assert desk.status(bill)[0] == "SCHEDULED"

        desk.proposed(iban="AT611904300234573201")
        with pytest.raises(DomainError) as caught:
            desk.export(run)
        assert caught.value.code == "BANK_CHANGE_PENDING"
        assert desk.run(run).status.name == "APPROVED"


class TestExporting:
    def test_makes_one_file_whatever_happens(self, desk: PayDesk) -> None:
        desk.payee()
        bill = desk.owed("10")
        run = desk.agreed(desk.house_bank())
        desk.export(run)
        content = desk.world.read(content_of, run)

        # Two workers wrote it, one of whom was taken for dead; and one wrote something else.
        desk.write(run)
        kept = desk.file(run)
        command = KeepPaymentFile(id=run, sha256="0" * 64, content=b"another one")
        assert desk.world.run(keep_payment_file, command).value is False
        desk.export(run)
        desk.write(run)

        assert desk.file(run) == kept
        assert kept.number == content.number == "RUN-000001"
        assert b"<EndToEndId>RUN-000001-0001</EndToEndId>" in kept.content
        assert b'<InstdAmt Ccy="EUR">10.00</InstdAmt>' in kept.content
        assert desk.status(bill)[0] == "SCHEDULED"
        assert desk.balances()["PAYMENTS_UNDER_WAY"] == -1_000
        posted = select(func.count()).where(entries.c.source == f"payment_run:{run}")
        assert desk.world.read(lambda db: db.execute(posted).scalar()) == 1
        assert desk.broken() == []

    def test_takes_approval_and_the_approved_account(self, desk: PayDesk) -> None:
        desk.payee()
        desk.owed("10")
        bank = desk.house_bank()
        run = desk.propose(bank)
        with pytest.raises(DomainError) as caught:
            desk.export(run)
        assert caught.value.code == "INVALID_TRANSITION"

        desk.world.run(approve_payment_run, ApprovePaymentRun(id=run), caller=BERT)
        with desk.world.database.writing.begin() as db:
            db.execute(delete(supplier_bank_accounts))
        with pytest.raises(DomainError) as caught:
            desk.export(run)
        assert caught.value.code == "BANK_ACCOUNT_GONE"
        assert desk.world.read(lambda db: db.execute(select(payment_files)).all()) == []

    def test_by_hand_has_no_file(self, desk: PayDesk) -> None:
        bill = desk.owed("10")
        run = desk.exported(desk.house_bank(), method=RunMethod.MANUAL)
        assert desk.file(run) is None

        desk.world.run(record_payment_run, RecordPaymentRun(id=run, is_paid=True))

        assert desk.run(run).status.name == "SETTLED"
        assert desk.status(bill)[0] == "PAID"
        with pytest.raises(DomainError) as caught:
            desk.world.run(record_payment_run, RecordPaymentRun(id=run, is_paid=True))
        assert caught.value.code == "INVALID_TRANSITION"


class TestAnswersOfBanks:
    def test_settle_and_reject_once(self, desk: PayDesk) -> None:
        desk.payee()
        paid, refused = desk.owed("10"), desk.owed("20")
        run = desk.exported(desk.house_bank())
        one, two = desk.lines_of(run)

        said = (
            (one.reference, Verdict.SETTLED),
            (two.reference, Verdict.REJECTED),
            ("RUN-9-9", Verdict.SETTLED),
        )
        taken = desk.answered(*said)

        assert [each.outcome for each in taken.results] == [
            ReturnOutcome.SETTLED,
            ReturnOutcome.REJECTED,
            ReturnOutcome.UNKNOWN,
        ]
        found = desk.run(run)
        assert found.status.name == "PARTIALLY_REJECTED"
        assert {found.settled, found.rejected} == {euros("10"), euros("20")}
        by_bill = {each.bill_id: each for each in desk.lines_of(run)}
        settled = paid if by_bill[paid].status is RunLineStatus.SETTLED else refused
        opened = refused if settled == paid else paid
        assert (desk.status(settled)[0], desk.status(opened)[0]) == ("PAID", "APPROVED")
        version, balances = found.version, desk.balances()

        again = desk.answered(*said)

        assert again.is_repeated
        assert [each.outcome for each in again.results[:2]] == [ReturnOutcome.UNCHANGED] * 2
        assert desk.run(run).version == version
        assert desk.balances() == balances
        assert balances["PAYMENTS_UNDER_WAY"] == -desk.bill(settled).total_minor
        (conflict,) = desk.answered((one.reference, Verdict.REJECTED)).results
        assert conflict.outcome in (ReturnOutcome.CONFLICT, ReturnOutcome.UNCHANGED)
        assert desk.broken() == []

    def test_of_a_whole_file_hold_for_all_that_is_not_named(self, desk: PayDesk) -> None:
        desk.payee()
        bills = [desk.owed("10"), desk.owed("20")]
        run = desk.exported(desk.house_bank())
        refused = ReturnedPayment("", Verdict.REJECTED, "RJCT", "The file was not taken")
        answer = BankReturn(desk.run(run).number, (), rest=refused)
        command = ImportPaymentReturn(answer=answer, sha256="1" * 64, content=b"")

        desk.world.run(import_payment_return, command)

        assert desk.run(run).rejected == euros("30")
        assert {desk.status(each)[0] for each in bills} == {"APPROVED"}
        assert "PAYMENTS_UNDER_WAY" not in desk.balances()
        second = desk.exported(desk.house_bank())
        desk.world.run(record_payment_run, RecordPaymentRun(id=second, is_paid=True))
        assert {desk.status(each)[0] for each in bills} == {"PAID"}
        assert desk.broken() == []

    def test_that_only_take_it_up_are_noted(self, desk: PayDesk) -> None:
        desk.payee()
        bill = desk.owed("10")
        run = desk.exported(desk.house_bank())
        (line,) = desk.lines_of(run)

        (noted,) = desk.answered((line.reference, Verdict.ACCEPTED)).results
        (same,) = desk.answered((line.reference, Verdict.ACCEPTED)).results

        assert (noted.outcome, same.outcome) == (ReturnOutcome.NOTED, ReturnOutcome.UNCHANGED)
        (after,) = desk.lines_of(run)
        assert replace(after, said_code=None, said=None) == line
        assert desk.status(bill)[0] == "SCHEDULED"

    def test_may_be_known_from_a_statement_first(self, desk: PayDesk) -> None:
        desk.payee()
        bill = desk.owed("10")
        run = desk.exported(desk.house_bank())
        (line,) = desk.lines_of(run)
        (item,) = desk.world.read(open_items, "EUR", 1_000, 1_000)
        assert (item.id, item.kind.name, item.reference) == (line.id, "RUN_LINE", line.reference)

        desk.world.run(settle, Settle(id=line.id, amount=euros("10")))

        assert (desk.status(bill)[0], desk.run(run).status.name) == ("PAID", "SETTLED")
        assert desk.world.read(open_items, "EUR") == []
        said = [desk.answered((line.reference, Verdict.SETTLED)).results[0] for _ in range(2)]
        assert [each.outcome.name for each in said] == ["NOTED", "UNCHANGED"]
        assert desk.balances()["PAYMENTS_UNDER_WAY"] == -1_000
        assert desk.broken() == []
