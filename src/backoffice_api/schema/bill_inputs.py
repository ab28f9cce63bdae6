"""What is said of bills on the wire: to find them, to enter and to move them."""

from datetime import date

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids, money
from backoffice_api.domain.payables.model.bills import BillKind, BillSortKey, BillStatus
from backoffice_api.domain.payables.model.drafts import (
    AttachmentDraft,
    BillLineDraft,
    InstalmentDraft,
)
from backoffice_api.domain.payables.model.matching import MatchStatus, MatchToleranceSortKey
from backoffice_api.domain.payables.model.settlements import BillPaymentMethod
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
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.money import MoneyInput, UnitPriceInput
from backoffice_api.schema.scalars import CurrencyCode

for _choices in (BillKind, BillSortKey, BillStatus, BillPaymentMethod, MatchToleranceSortKey):
    choice(_choices)
choice(MatchStatus, name="BillMatchStatus")


@filter_input
class BillFilter:
    """Which bills. All words that are given must hold."""

    supplier_id: IdFilter | None = about("Of such a supplier.", default=UNSET)
    kind: list[BillKind] | None = about("Of one of these kinds.", default=UNSET)
    status: list[BillStatus] | None = about("In one of these states.", default=UNSET)
    match_status: list[MatchStatus] | None = about(
        "Compared with orders and receipts with such a result; EXCEPTION is the queue of what "
        "somebody has to look at.",
        default=UNSET,
    )
    number: StringFilter | None = about("By the supplier's number.", default=UNSET)
    issued_on: DateFilter | None = about("With such a date.", default=UNSET)
    due_on: DateFilter | None = about("The next part of it is due on such a day.", default=UNSET)
    total: MoneyFilter | None = about("It comes to so much.", default=UNSET)
    open: MoneyFilter | None = about("So much of it is open.", default=UNSET)
    created_at: DateTimeFilter | None = about("Entered at such a time.", default=UNSET)


@strawberry.input(description="The QR code of PIX that a bill is paid by.")
class BillSetPixCodeInput:
    code: str | None = about(
        "The text of the code, as it is copied and pasted; at most 512 characters. Null: none.",
        default=None,
    )


@strawberry.input(description="The order of a list of bills.")
class BillSort:
    key: BillSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class MatchToleranceFilter:
    """Which tolerances. All words that are given must hold."""

    supplier_id: IdFilter | None = about("For such a supplier.", default=UNSET)
    category_id: IdFilter | None = about("For such a category.", default=UNSET)


@strawberry.input(
    description="A line: goods by the line of a purchase order, or a service by its account."
)
class BillLineInput:
    description: str = about("What it is for. Empty: as on the order.", default="")
    order_line_id: strawberry.ID | None = about(
        "The line of the purchase order. Null: not goods.", default=None
    )
    account_id: strawberry.ID | None = about(
        "The account it is booked to. Null: not a service, or not known yet.", default=None
    )
    quantity: int | None = about("How many pieces. Needed for goods.", default=None)
    unit_price: UnitPriceInput | None = about(
        "The price of one piece. Null: that of the order.", default=None
    )
    amount: MoneyInput | None = about(
        "What it comes to without tax. Null: price times quantity.", default=None
    )
    tax: MoneyInput | None = about("Its tax. Null: none.", default=None)

    def value(self) -> BillLineDraft:
        """Raises: MalformedId, TooPrecise, AmountTooLarge."""
        return BillLineDraft(
            description=self.description,
            order_line_id=given_id("pol", self.order_line_id),
            account_id=given_id("acc", self.account_id),
            quantity=self.quantity,
            unit_price=self.unit_price.value() if self.unit_price else None,
            amount=_money(self.amount),
            tax=_money(self.tax),
        )


@strawberry.input(description="A part of a bill that is due on a day.")
class BillInstalmentInput:
    due_on: date = about("By when it should be paid.")
    amount: MoneyInput = about("How much is due; all of them come to the total.")
    discount: MoneyInput | None = about(
        "What is let off if it is paid early. Null: nothing.", default=None
    )
    discount_until: date | None = about("The last day for that. Null: no discount.", default=None)

    def value(self) -> InstalmentDraft:
        """Raises: TooPrecise, AmountTooLarge."""
        return InstalmentDraft(
            due_on=self.due_on,
            amount=self.amount.value(),
            discount=_money(self.discount),
            discount_until=self.discount_until,
        )


@strawberry.input(description="A file that belongs to a bill.")
class BillAttachmentInput:
    file_id: strawberry.ID = about("The file, as `mediaUploadCreate` took it.")
    name: str = about("What it is, 1 to 250 characters.")

    def value(self) -> AttachmentDraft:
        """Raises: MalformedId."""
        return AttachmentDraft(file_id=ids.parse("mfl", self.file_id), name=self.name)


@strawberry.input(description="A draft of a bill, or of a credit note.")
class BillCreateInput:
    supplier_id: strawberry.ID = about("Who asks for the money.")
    number: str = about("The supplier's number, 1 to 80 characters.")
    issued_on: date = about("The date on it.")
    kind: BillKind = about("Which way the money goes.", default=BillKind.BILL)
    currency: CurrencyCode | None = about(
        "The currency of its amounts. Null: that of the supplier.", default=None
    )
    lines: list[BillLineInput] = about("At most 500.", default_factory=list)
    instalments: list[BillInstalmentInput] = about(
        "At most 60. Empty: all of it is due on one day.", default_factory=list
    )
    due_on: date | None = about(
        "When all of it is due. Null: as agreed with the supplier.", default=None
    )
    attachments: list[BillAttachmentInput] = about("At most 20.", default_factory=list)
    note: str = about("At most 4,000 characters.", default="")
    allow_similar: bool = about(
        "It is another bill, though it looks like one that is there.", default=False
    )


@strawberry.input(description="What is to change of a draft. What is absent stays.")
class BillUpdateInput:
    number: str | None = about("The supplier's number.", default=UNSET)
    issued_on: date | None = about("The date on it.", default=UNSET)
    lines: list[BillLineInput] | None = about("In place of those that are.", default=UNSET)
    instalments: list[BillInstalmentInput] | None = about(
        "In place of those that are.", default=UNSET
    )
    due_on: date | None = about("When all of it is due: one instalment.", default=UNSET)
    attachments: list[BillAttachmentInput] | None = about(
        "In place of those that are.", default=UNSET
    )
    note: str | None = about("More about it.", default=UNSET)
    allow_similar: bool = about(
        "It is another bill, though it looks like one that is there.", default=False
    )


@strawberry.input(description="Why something is done with a bill.")
class BillReasonInput:
    reason: str = about("Why, 1 to 1,000 characters.")


@strawberry.input(description="How a bill was paid outside of payment runs.")
class BillPaymentRecordInput:
    amount: MoneyInput | None = about(
        "How much. Null: all that is open and not scheduled, less the discount.", default=None
    )
    discount: MoneyInput | None = about(
        "What the supplier let off, as the bill says. Null: nothing.", default=None
    )
    paid_on: date | None = about("When. Null: today.", default=None)
    method: BillPaymentMethod = about("How.", default=BillPaymentMethod.BANK_TRANSFER)
    reference: str | None = about("What a statement may call it.", default=None)


@strawberry.input(description="What a credit note is set off against.")
class BillCreditNoteApplyInput:
    bill_id: strawberry.ID = about("A bill of the same supplier.")
    amount: MoneyInput | None = about("How much. Null: as much as both have open.", default=None)


@strawberry.input(description="How far bills may be off.")
class MatchToleranceSetInput:
    supplier_id: strawberry.ID | None = about("Of this supplier. Null: of any.", default=None)
    category_id: strawberry.ID | None = about(
        "Goods of this category, and those below it. Null: any.", default=None
    )
    quantity_bp: int = about("Hundredths of a percent of the pieces received, 0 to 10,000.")
    price_bp: int = about("Hundredths of a percent of the price, 0 to 10,000.")


def _money(given: MoneyInput | None) -> money.Money | None:
    return given.value() if given else None
