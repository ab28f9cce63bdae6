"""Payment runs, and bills that came as files, on the wire."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from backoffice_api.context import Outcome
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.payables.model import runs as model
from backoffice_api.domain.payables.model.bill_documents import BillFormat, UnreadableBill
from backoffice_api.domain.payables.model.payment_files import (
    FileFormat,
    UnreadablePaymentFile,
    Verdict,
)
from backoffice_api.domain.payables.model.proposing import LeftOutReason
from backoffice_api.domain.payables.model.returns import ReturnOutcome
from backoffice_api.domain.payables.model.run_refusals import BankAccountGone, BankChangePending
from backoffice_api.domain.payables.model.runs import RunLineStatus, RunMethod, RunStatus
from backoffice_api.domain.payables.queries import bills as bill_queries
from backoffice_api.domain.payables.queries import runs as queries
from backoffice_api.domain.payables.tables.runs import payment_run_lines
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.bills import READ as BILLS_READ
from backoffice_api.schema.bills import Bill
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.money import Money
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.payment_run_inputs import PaymentRunLineFilter
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.suppliers import Supplier

READ = Scope.PAYMENT_RUNS_READ
EXPORT = Scope.PAYMENT_RUNS_EXPORT

choice(BillFormat, name="BillFileFormat")
choice(LeftOutReason, name="PaymentRunLeftOutReason")
choice(ReturnOutcome, name="PaymentReturnOutcome")
choice(Verdict, name="PaymentVerdict")


def _secret(description: str) -> Any:
    """A field of payments: who may not see numbers of accounts cannot ask for it."""
    return about(description, personal="payment", scope=Scope.PAYMENTS_READ)


@node("pac", model.PayerAccount, queries.payer_accounts_by_ids, scope=READ)
class PayerAccount(Node, Versioned, HasTimeline):
    """An account of the shop that payment runs pay from."""

    name: str = about("What it is called here; no other one is.")
    currency: CurrencyCode = about("Its currency.")
    masked_number: str | None = about("Its number with all but the ends hidden.")
    holder: str = _secret("Whose account it is.")
    iban: str | None = _secret("The IBAN. Null if it has none.")
    bic: str | None = _secret("The BIC of its bank. Null if not known.")
    account_number: str | None = _secret("Its number, if it has no IBAN.")
    bank_code: str | None = _secret("The code of its bank and branch, if it has no IBAN.")
    tax_id: str | None = _secret("CNPJ or CPF of its holder. Null if not needed.")
    agreement: str | None = about("Number of the agreement with the bank. Null if not needed.")
    sepa_format: FileFormat = about("The version of SEPA files that its bank takes.")
    is_archived: bool = about("True: no new run pays from it.")

    @strawberry.field(description="The same account among those whose statements are read.")
    def bank_account_id(parent: strawberry.Parent[model.PayerAccount]) -> strawberry.ID | None:
        id = parent.bank_account_id
        return strawberry.ID(ids.text("bac", id)) if id else None


@described
class PaymentFileContent:
    """What stands in a file."""

    text: str = about("The file as text, to be given to the bank as it is.", personal="payment")


@described
class PaymentFile:
    """The file of a run. There is one, and it never changes."""

    number: str = about("What the file is called in itself: the number of the run.")
    format: FileFormat = about("Its form.")
    name: str = about("A name for it on a disk.")
    made_at: datetime = about("When the run was exported.")
    size_bytes: int = about("How large it is.")
    sha256: str = about("SHA-256 of the content in hexadecimal digits.")
    content: PaymentFileContent = one(
        queries.file_contents_by_runs, "run_id", "What stands in it.", scope=EXPORT
    )


@node("pnl", model.PaymentRunLine, queries.run_lines_by_ids, scope=READ)
class PaymentRunLine(Node):
    """One payment of a run."""

    position: int = about("Its place in the run, from 1.")
    reference: str = about("Our name of it in the file, once for ever.")
    status: RunLineStatus = about("What became of it.")
    amount: Money = about("What is paid.")
    discount: Money = about("What is taken off for paying early.")
    due_on: date = about("When it was due.")
    remittance: str = about("What the supplier reads: the number of its bill.")
    masked_number: str | None = about(
        "The account that is paid to, with all but the ends hidden. Null: none is named."
    )
    holder: str = _secret("Who is paid.")
    iban: str | None = _secret("The IBAN that is paid to. Null if it has none.")
    account_number: str | None = _secret("The number that is paid to, if there is no IBAN.")
    bank_code: str | None = _secret("The bank that is paid to, if there is no IBAN.")
    said_code: str | None = about("What the bank says of it, in its words. Null: nothing yet.")
    said: str | None = about("What that means. Null: nothing yet.")
    paid_on: date | None = about("When it was paid. Null: it is not.")
    ended_at: datetime | None = about("When it was settled, rejected or cancelled here.")
    bill: Bill = one(bill_queries.bills_by_ids, "bill_id", "What it pays.", scope=BILLS_READ)
    supplier: Supplier = one(
        purchasing.suppliers_by_ids, "supplier_id", "Who is paid.", scope=Scope.PURCHASING_READ
    )
    run: "PaymentRun" = one(queries.runs_by_ids, "run_id", "The run that it is part of.")


@node("prn", model.PaymentRun, queries.runs_by_ids, scope=READ)
class PaymentRun(Node, Versioned, HasTimeline):
    """Many bills, paid by one file that is given to the bank once."""

    number: str = about("Its number, which is that of its file.")
    status: RunStatus = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    method: RunMethod = about("How the bank is told.")
    format: FileFormat | None = about("The form of its file. Null: it has none.")
    currency: CurrencyCode = about("The currency of all its payments.")
    pay_on: date = about("When the bank is to pay.")
    due_until: date = about("What was due by that day was proposed.")
    lines_count: int = about("How many payments it has.")
    total: Money = about("What it comes to.")
    discount: Money = about("What is saved by paying early.")
    settled: Money = about("What was paid of it.")
    rejected: Money = about("What the bank refused of it.")
    under_way: Money = about("Given to the bank, which has not said yet what became of it.")
    approved_at: datetime | None = about("When it was approved. Null: it is not.")
    exported_at: datetime | None = about("When it was exported. Null: it is not.")
    cancelled_at: datetime | None = about("When it was called off. Null: it is not.")
    payer_account: PayerAccount = one(
        queries.payer_accounts_by_ids, "payer_account_id", "The account that is paid from."
    )
    file: PaymentFile | None = one(
        queries.file_facts_by_runs,
        "id",
        "Its file. Null: it is not written yet, or the run has none.",
    )
    lines: Connection[PaymentRunLine] = listed_under(
        queries.run_line_list,
        payment_run_lines.c.run_id,
        "Its payments, in their order; at most 500.",
        filter=PaymentRunLineFilter,
    )

    @strawberry.field(description="Who proposed it.")
    def created_by(parent: strawberry.Parent[model.PaymentRun]) -> Actor:
        return actor_of(parent.created_by_kind, parent.created_by_id)

    @strawberry.field(description="Who approved it. Null: nobody yet.")
    def approved_by(parent: strawberry.Parent[model.PaymentRun]) -> Actor | None:
        kind = parent.approved_by_kind
        return None if kind is None else actor_of(kind, parent.approved_by_id)

    @strawberry.field(description="Who exported it. Null: nobody yet.")
    def exported_by(parent: strawberry.Parent[model.PaymentRun]) -> Actor | None:
        kind = parent.exported_by_kind
        return None if kind is None else actor_of(kind, parent.exported_by_id)


@described
class PaymentRunLeftOut:
    """A bill that is not in a run, and why."""

    amount: Money = about("What would have been paid of it.")
    reason: LeftOutReason = about("Why not.")
    bill: Bill = one(bill_queries.bills_by_ids, "bill_id", "The bill.", scope=BILLS_READ)


@described
class PaymentReturnResult:
    """What a bank said of one payment, and what that came to."""

    reference: str = about("Our name of the payment.")
    verdict: Verdict = about("What the bank says of it.")
    outcome: ReturnOutcome = about("What that came to.")
    code: str = about("What the bank says, in its words.")
    says: str = about("What that means. Empty: nothing more is said.")
    line: PaymentRunLine | None = one(
        queries.run_lines_by_ids, "line_id", "The payment. Null: nobody knows it.", scope=READ
    )


@error(UnreadablePaymentFile)
class UnreadablePaymentFileError(UserError):
    """An answer of a bank is not what it should be."""

    line: int = about("Which line, from 1; 0: the file as a whole.")
    field: str = about("What is wrong in it, with its positions.")
    why: str = about("Why.")


@error(UnreadableBill)
class UnreadableBillError(UserError):
    """A file is no bill that can be read, or does not add up."""

    element: str = about("Where in it.")
    why: str = about("Why.")


@error(BankChangePending, BankAccountGone)
class SupplierAccountsChangedError(UserError):
    """Bank accounts of suppliers changed, or are about to: the run cannot go on as it is."""

    suppliers: list[str] = about("Codes of these suppliers.")


@described
class BillSource:
    """The file that a bill was read from."""

    format: BillFormat = about("Its form.")
    media_type: str = about("application/xml or application/pdf.")
    size_bytes: int = about("How large it is.")
    sha256: str = about("SHA-256 of the content in hexadecimal digits.")
    base64: str = about("The file as it came, in base64.")


attach(
    Bill,
    "source",
    BillSource | None,
    one(
        queries.sources_by_bills,
        "id",
        "The file that it was read from. Null: it was entered by hand.",
        scope=BILLS_READ,
    ),
)
attach(
    Bill,
    "run_lines",
    Connection[PaymentRunLine],
    listed_under(
        queries.run_line_list,
        payment_run_lines.c.bill_id,
        "The payments of it in runs.",
        scope=READ,
    ),
)


def _proposed_run(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return None if parent.value is None else parent.value.run_id


def _imported_bill(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return None if parent.value is None else parent.value.bill_id


@payload
class PayerAccountPayload(MutationPayload):
    """What a mutation of an account to pay from answers."""

    payer_account: PayerAccount | None = one(
        queries.payer_accounts_by_ids, "value", "As it is now. Null if it was refused."
    )


@payload
class PaymentRunPayload(MutationPayload):
    """What a mutation of a payment run answers."""

    payment_run: PaymentRun | None = one(
        queries.runs_by_ids, "value", "The run as it is now. Null if it was refused."
    )


@payload
class PaymentRunCreatePayload(MutationPayload):
    """What proposing a payment run answers."""

    payment_run: PaymentRun | None = found_of(
        _proposed_run, queries.runs_by_ids, "The run. Null if it was refused."
    )

    @strawberry.field(description="Bills that are not in it, and why; the first 250.")
    def left_out(parent: strawberry.Parent[Outcome]) -> list[PaymentRunLeftOut]:
        return list(parent.value.left_out) if parent.value else []

    @strawberry.field(description="How many bills are not in it. Null if it was refused.")
    def left_out_count(parent: strawberry.Parent[Outcome]) -> int | None:
        return parent.value.left_out_count if parent.value else None


@payload
class PaymentRunReturnPayload(MutationPayload):
    """What taking in an answer of a bank answers."""

    @strawberry.field(description="The very same file came before. Null if it was refused.")
    def is_repeated(parent: strawberry.Parent[Outcome]) -> bool | None:
        return parent.value.is_repeated if parent.value else None

    @strawberry.field(description="What became of each payment that it names. Empty if refused.")
    def results(parent: strawberry.Parent[Outcome]) -> list[PaymentReturnResult]:
        return list(parent.value.results) if parent.value else []

    payment_runs: list[PaymentRun] = many(
        queries.runs_by_taken, "value", "The runs that it is about. Empty if refused."
    )


@payload
class BillImportPayload(MutationPayload):
    """What taking in a bill that is a file answers."""

    bill: Bill | None = found_of(
        _imported_bill,
        bill_queries.bills_by_ids,
        "The draft. Null if it was refused, or for who may not see bills.",
        scope=BILLS_READ,
    )

    @strawberry.field(
        description="How many of its lines are for lines of orders. Null if it was refused."
    )
    def matched_count(parent: strawberry.Parent[Outcome]) -> int | None:
        return parent.value.matched_count if parent.value else None
