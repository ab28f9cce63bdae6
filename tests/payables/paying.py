"""A desk for payment runs in tests: approved bills of suppliers with bank accounts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.approvals.tables import approval_requests
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.payables.commands.exporting import ExportPaymentRun, export_payment_run
from backoffice_api.domain.payables.commands.payer_accounts import (
    SetPayerAccount,
    set_payer_account,
)
from backoffice_api.domain.payables.commands.returns_of_bank import (
    ImportPaymentReturn,
    import_payment_return,
)
from backoffice_api.domain.payables.commands.runs import (
    ApprovePaymentRun,
    CreatePaymentRun,
    approve_payment_run,
    create_payment_run,
)
from backoffice_api.domain.payables.model.payment_files import (
    BankReturn,
    ReturnedPayment,
    Verdict,
)
from backoffice_api.domain.payables.model.returns import ReturnTaken
from backoffice_api.domain.payables.model.runs import PaymentRun, PaymentRunLine, RunMethod
from backoffice_api.domain.payables.queries import runs as queries
from backoffice_api.domain.purchasing.commands.bank import (
    ApproveBankChange,
    ProposeBankChange,
    approve_bank_change,
    propose_bank_change,
)
from backoffice_api.domain.purchasing.model.bank import BankChangeKind, BankDetails
from backoffice_api.tasks.payables import FileWriting
from tests.payables.accounting import Accounting
from tests.purchasing.desk import ANNA, BERT
from tests.world import NOW

IBAN, OTHER_IBAN = "DE89370400440532013000", "FR1420041010050500013M02606"


class PayDesk(Accounting):
    """ACME has a bank account; the shop pays from its house bank. Anna proposes, Bert approves."""

    def house_bank(self, **values: Any) -> UUID:
        details = BankDetails(holder="Shop AG", iban="AT611904300234573201")
        given = {"name": "House bank", "currency": "EUR", "details": details, **values}
        id: UUID = self.world.run(set_payer_account, SetPayerAccount(**given)).value
        return id

    def payee(self, *, iban: str = IBAN) -> UUID:
        """ACME is paid there from now on. Id of the change."""
        change = self.proposed(iban=iban)
        self.world.run(approve_bank_change, ApproveBankChange(id=change), caller=BERT)
        return change

    def proposed(
        self,
        *,
        kind: BankChangeKind = BankChangeKind.ADD,
        account: UUID | None = None,
        iban: str = IBAN,
        **details: Any,
    ) -> UUID:
        """Anna proposes that ACME be paid there."""
        given = details or {"iban": iban}
        command = ProposeBankChange(
            supplier_id=self.supplier,
            kind=kind,
            account_id=account,
            details=BankDetails(holder="ACME Ltd", **given),
        )
        id: UUID = self.world.run(propose_bank_change, command, caller=ANNA).value
        return id

    def owed(self, amount: str, **values: Any) -> UUID:
        """An approved bill, due on 20 March unless said otherwise."""
        given = {"due_on": date(2025, 3, 20), **values}
        return self.approved(self.service(amount), **given)

    def propose(self, account: UUID, caller: Caller = ANNA, **values: Any) -> UUID:
        given = {"method": RunMethod.SEPA, "due_until": date(2025, 3, 31), **values}
        command = CreatePaymentRun(payer_account_id=account, **given)
        id: UUID = self.world.run(create_payment_run, command, caller=caller).value.run_id
        return id

    def agreed(self, account: UUID, **values: Any) -> UUID:
        """A run that Bert has approved."""
        id = self.propose(account, **values)
        self.world.run(approve_payment_run, ApprovePaymentRun(id=id), caller=BERT)
        return id

    def exported(self, account: UUID, **values: Any) -> UUID:
        """A run that was given to the bank, with its file."""
        id = self.agreed(account, **values)
        self.export(id)
        self.write(id)
        return id

    def export(self, id: UUID, now: datetime = NOW) -> None:
        self.world.run(export_payment_run, ExportPaymentRun(id=id), now=now)

    def write(self, id: UUID) -> None:
        """Do what the worker does."""
        FileWriting(self.world.database, lambda: NOW)(id)

    def answered(self, *said: tuple[str, Verdict], number: str | None = None) -> ReturnTaken:
        """The bank says this of payments, by their references."""
        payments = tuple(
            ReturnedPayment(reference, verdict, verdict.name, "as it is", date(2025, 3, 4))
            for reference, verdict in said
        )
        command = ImportPaymentReturn(
            answer=BankReturn(number, payments), sha256=f"{said}".ljust(64, "0")[:64], content=b""
        )
        taken: ReturnTaken = self.world.run(import_payment_return, command).value
        return taken

    def run(self, id: UUID) -> PaymentRun:
        found: PaymentRun = self.world.read(queries.runs_by_ids, [id])[id]
        return found

    def all_runs(self) -> Sequence[PaymentRun]:
        found: Sequence[PaymentRun] = self.world.read(
            lambda db: queries.run_list.page(db, PageRequest()).rows
        )
        return found

    def lines_of(self, id: UUID) -> list[PaymentRunLine]:
        return list(self.world.read(queries.lines_of_run, id))

    def request_of(self, run: UUID) -> UUID:
        """The request for the approval of a run."""
        statement = select(approval_requests.c.id).where(approval_requests.c.subject_id == run)
        found: UUID = self.world.read(lambda db: db.execute(statement).scalar_one())
        return found

    def file(self, id: UUID) -> Any:
        return self.world.read(queries.files_by_runs, [id]).get(id)
