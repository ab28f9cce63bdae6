"""What is said of payment runs on the wire: to find, to propose and to settle them."""

from datetime import date

import strawberry
from strawberry import UNSET

from backoffice_api.domain.payables.model.payment_files import FileFormat
from backoffice_api.domain.payables.model.runs import (
    PayerAccountSortKey,
    RunLineSortKey,
    RunLineStatus,
    RunMethod,
    RunSortKey,
    RunStatus,
)
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateFilter,
    DateTimeFilter,
    IdFilter,
    MoneyFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.supplier_inputs import SupplierBankDetailsInput

choice(FileFormat, name="PaymentFileFormat")
choice(PayerAccountSortKey)
choice(RunLineSortKey, name="PaymentRunLineSortKey")
choice(RunLineStatus, name="PaymentRunLineStatus")
choice(RunMethod, name="PaymentRunMethod")
choice(RunSortKey, name="PaymentRunSortKey")
choice(RunStatus, name="PaymentRunStatus")


@filter_input
class PaymentRunFilter:
    """Which payment runs. All words that are given must hold."""

    status: list[RunStatus] | None = about("In one of these states.", default=UNSET)
    method: list[RunMethod] | None = about("Paid in one of these ways.", default=UNSET)
    payer_account_id: IdFilter | None = about("From such an account.", default=UNSET)
    number: StringFilter | None = about("By number.", default=UNSET)
    total: MoneyFilter | None = about("That come to such an amount.", default=UNSET)
    pay_on: DateFilter | None = about("Paid on such a day.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of payment runs.")
class PaymentRunSort:
    key: RunSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class PaymentRunLineFilter:
    """Which payments of a run. All words that are given must hold."""

    status: list[RunLineStatus] | None = about("In one of these states.", default=UNSET)


@filter_input
class PayerAccountFilter:
    """Which accounts to pay from. All words that are given must hold."""

    is_archived: bool | None = about("Whether they are out of use.", default=UNSET)


@strawberry.input(description="An account that runs pay from. Set as a whole, by its name.")
class PayerAccountSetInput:
    name: str = about("What it is called here; an account of this name is set anew.")
    details: SupplierBankDetailsInput = about("Whose it is, and its numbers.")
    currency: CurrencyCode | None = about("Its currency. Null: that of the books.", default=None)
    tax_id: str | None = about("CNPJ or CPF of its holder; CNAB needs it.", default=None)
    agreement: str | None = about(
        "Number of the agreement with the bank; CNAB needs it.", default=None
    )
    sepa_format: FileFormat = about(
        "The version of SEPA files that its bank takes.", default=FileFormat.PAIN_001_03
    )
    bank_account_id: strawberry.ID | None = about(
        "The same account among those whose statements are read.", default=None
    )
    is_archived: bool = about("True: no new run pays from it.", default=False)


@strawberry.input(description="What a payment run is to pay.")
class PaymentRunCreateInput:
    payer_account_id: strawberry.ID = about("The account that is paid from.")
    method: RunMethod = about("How the bank is told.")
    pay_on: date | None = about("When the bank is to pay. Null: today.", default=None)
    due_until: date | None = about(
        "What is due by that day is paid. Null: by the day of payment.", default=None
    )
    cash_limit: MoneyInput | None = about("The run comes to no more. Null: to any.", default=None)
    take_discounts: bool = about(
        "Pay what is due later, too, if a discount is still to be had.", default=True
    )
    supplier_ids: list[strawberry.ID] = about(
        "Only to these suppliers. Empty: to all.", default_factory=list
    )
    bill_ids: list[strawberry.ID] = about(
        "Just these bills, whenever they are due; at most 500. Empty: what is due.",
        default_factory=list,
    )


@strawberry.input(description="What became of payments that were given to the bank.")
class PaymentRunRecordInput:
    is_paid: bool = about("True: they were paid. False: the bank refused them.")
    paid_on: date | None = about("When they were paid. Null: today.", default=None)
    line_ids: list[strawberry.ID] = about(
        "Which payments, at most 250. Empty: all that are under way.", default_factory=list
    )


@strawberry.input(description="An answer of a bank to payment files.")
class PaymentRunReturnImportInput:
    content: str = about(
        "The file as text: pain.002 or a return file of CNAB 240; which one, it says itself."
    )


@strawberry.input(description="A bill that came as a file. Give `xml` or `base64`.")
class BillImportInput:
    xml: str | None = about(
        "The file as text: UBL 2.1, CII or NF-e. What has no room in a request comes by "
        "`POST /bills`.",
        default=None,
    )
    base64: str | None = about(
        "The same, or a PDF with the XML in it (Factur-X, ZUGFeRD), in base64.", default=None
    )
    supplier_id: strawberry.ID | None = about(
        "Whose bill it is. Null: of the supplier with its tax id.", default=None
    )
    allow_similar: bool = about("It is another bill, though one looks like it.", default=False)
