"""What can be asked and done with payment runs, and with bills that came as files."""

from base64 import b64decode
from hashlib import sha256
from uuid import UUID

import strawberry

from backoffice_api.adapters.bill_xml.reading import PDF_BEGINNING, read_bill
from backoffice_api.adapters.payment_files.returns import read_return
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.payables.commands import (
    exporting,
    importing_bills,
    payer_accounts,
    returns_of_bank,
    runs,
)
from backoffice_api.domain.payables.model.bill_documents import UnreadableBill
from backoffice_api.domain.payables.queries import runs as queries
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payment_run_inputs import (
    BillImportInput,
    PayerAccountFilter,
    PayerAccountSetInput,
    PaymentRunCreateInput,
    PaymentRunFilter,
    PaymentRunRecordInput,
    PaymentRunReturnImportInput,
    PaymentRunSort,
)
from backoffice_api.schema.payment_runs import (
    READ,
    BillImportPayload,
    PayerAccount,
    PayerAccountPayload,
    PaymentRun,
    PaymentRunCreatePayload,
    PaymentRunPayload,
    PaymentRunReturnPayload,
)


@strawberry.type
class PaymentRunQuery:
    payment_run: PaymentRun | None = found_by_id(
        "prn",
        queries.runs_by_ids,
        "Its id.",
        "One payment run. Null if there is none.",
        scope=READ,
    )
    payment_runs: Connection[PaymentRun] = listed(
        queries.run_list,
        "Payment runs, newest first.",
        scope=READ,
        filter=PaymentRunFilter,
        sort=PaymentRunSort,
    )
    payment_runs_count: Count = counted(
        queries.run_list, "How many payment runs there are.", scope=READ, filter=PaymentRunFilter
    )
    payer_accounts: Connection[PayerAccount] = listed(
        queries.payer_account_list,
        "Accounts that payment runs pay from, by name.",
        scope=READ,
        filter=PayerAccountFilter,
    )


@strawberry.type
class PaymentRunMutation:
    @mutation(payer_accounts.set_payer_account, PayerAccountPayload)
    def payer_account_set(input: PayerAccountSetInput) -> payer_accounts.SetPayerAccount:
        """Say from which account payment runs can pay, and what its bank wants in files."""
        account = input.bank_account_id
        return payer_accounts.SetPayerAccount(
            name=input.name,
            currency=input.currency,
            details=input.details.value(),
            tax_id=input.tax_id,
            agreement=input.agreement,
            sepa_format=input.sepa_format,
            bank_account_id=given_id("bac", account),
            is_archived=input.is_archived,
        )

    @mutation(runs.create_payment_run, PaymentRunCreatePayload)
    def payment_run_create(input: PaymentRunCreateInput) -> runs.CreatePaymentRun:
        """Propose what is to be paid. A dry run shows what it would be, and what is left out."""
        return runs.CreatePaymentRun(
            payer_account_id=ids.parse("pac", input.payer_account_id),
            method=input.method,
            pay_on=input.pay_on,
            due_until=input.due_until,
            cash_limit=input.cash_limit.value() if input.cash_limit else None,
            take_discounts=input.take_discounts,
            supplier_ids=tuple(ids.parse("sup", each) for each in input.supplier_ids),
            bill_ids=tuple(ids.parse("bil", each) for each in input.bill_ids),
        )

    @mutation(runs.approve_payment_run, PaymentRunPayload)
    def payment_run_approve(id: strawberry.ID) -> runs.ApprovePaymentRun:
        """Agree to a run that somebody else proposed; it goes to the accounts of now."""
        return runs.ApprovePaymentRun(id=ids.parse("prn", id))

    @mutation(runs.cancel_payment_run, PaymentRunPayload)
    def payment_run_cancel(id: strawberry.ID) -> runs.CancelPaymentRun:
        """Call off a run that was not exported: its bills are open again."""
        return runs.CancelPaymentRun(id=ids.parse("prn", id))

    @mutation(exporting.export_payment_run, PaymentRunPayload)
    def payment_run_export(id: strawberry.ID) -> exporting.ExportPaymentRun:
        """Have the file of a run written, once. Asked again, it is the same file.

        A worker writes it: it is in `paymentRun.file` as soon as it is there.
        """
        return exporting.ExportPaymentRun(id=ids.parse("prn", id))

    @mutation(returns_of_bank.record_payment_run, PaymentRunPayload)
    def payment_run_record(
        id: strawberry.ID, input: PaymentRunRecordInput
    ) -> returns_of_bank.RecordPaymentRun:
        """Say by hand what became of payments that were given to the bank."""
        return returns_of_bank.RecordPaymentRun(
            id=ids.parse("prn", id),
            line_ids=tuple(ids.parse("pnl", each) for each in input.line_ids),
            is_paid=input.is_paid,
            paid_on=input.paid_on,
        )

    @mutation(returns_of_bank.import_payment_return, PaymentRunReturnPayload, apart=True)
    def payment_run_return_import(
        input: PaymentRunReturnImportInput,
    ) -> returns_of_bank.ImportPaymentReturn:
        """Take in a bank's answer: payments are settled or rejected. Twice changes nothing more."""
        content = input.content.encode(errors="replace")
        return returns_of_bank.ImportPaymentReturn(
            answer=read_return(content),
            sha256=sha256(content).hexdigest(),
            content=content,
        )

    @mutation(importing_bills.import_bill, BillImportPayload, apart=True)
    def bill_import(input: BillImportInput) -> importing_bills.ImportBill:
        """Make a draft of a bill that came as XML, or as a PDF with XML in it."""
        supplier_id = given_id("sup", input.supplier_id)
        return bill_of(_content(input), supplier_id=supplier_id, allow_similar=input.allow_similar)


def bill_of(
    content: bytes, *, supplier_id: UUID | None, allow_similar: bool
) -> importing_bills.ImportBill:
    """What is to be done with a bill in a file. Raises: UnreadableBill."""
    is_pdf = content.startswith(PDF_BEGINNING)
    return importing_bills.ImportBill(
        document=read_bill(content),
        content=content,
        media_type="application/pdf" if is_pdf else "application/xml",
        sha256=sha256(content).hexdigest(),
        supplier_id=supplier_id,
        allow_similar=allow_similar,
    )


def _content(input: BillImportInput) -> bytes:
    """Raises: UnreadableBill: neither or both are given, or it is no base64."""
    if (input.xml is None) == (input.base64 is None):
        raise UnreadableBill("file", "give it as xml or as base64")
    if input.xml is not None:
        return input.xml.encode(errors="replace")
    try:
        return b64decode(input.base64 or "", validate=True)
    except ValueError:
        raise UnreadableBill("file", "it is no base64").at("base64") from None
