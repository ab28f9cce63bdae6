"""What is said of purchase orders on the wire: to find them, to make and to change them."""

from datetime import date, datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.purchasing.model.lines import PurchaseLineSortKey
from backoffice_api.domain.purchasing.model.orders import (
    ApprovalLimitSortKey,
    PurchaseOrderSortKey,
    PurchaseOrderStatus,
)
from backoffice_api.domain.purchasing.model.receipts import (
    Charge,
    ChargeBasis,
    ChargeKind,
    PurchaseReturnSortKey,
    ReceiptLineSortKey,
    ReceiptSortKey,
)
from backoffice_api.domain.purchasing.model.series import DocumentKind
from backoffice_api.domain.stock.model.buckets import Bucket
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
from backoffice_api.schema.money import MoneyInput, UnitPriceInput
from backoffice_api.schema.scalars import BigInt, CurrencyCode
from backoffice_api.schema.stock_inputs import LotInput

for _choices in (PurchaseLineSortKey, PurchaseOrderSortKey, PurchaseOrderStatus):
    choice(_choices)
choice(ApprovalLimitSortKey, name="PurchaseApprovalLimitSortKey")
choice(ChargeBasis, name="PurchaseChargeBasis")
choice(ChargeKind, name="PurchaseChargeKind")
choice(DocumentKind, name="PurchasingDocumentKind")
choice(PurchaseReturnSortKey)
choice(ReceiptLineSortKey, name="PurchaseReceiptLineSortKey")
choice(ReceiptSortKey, name="PurchaseReceiptSortKey")


@filter_input
class PurchaseOrderFilter:
    """Which purchase orders. All words that are given must hold."""

    status: list[PurchaseOrderStatus] | None = about("In one of these states.", default=UNSET)
    supplier_id: IdFilter | None = about("Of such a supplier.", default=UNSET)
    location_id: IdFilter | None = about("To arrive at such a location.", default=UNSET)
    number: StringFilter | None = about("By number.", default=UNSET)
    expected_on: DateFilter | None = about("Expected on such a day.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)
    updated_at: DateTimeFilter | None = about("Last changed at such a time.", default=UNSET)
    total: MoneyFilter | None = about(
        "What was ordered comes to so much. Takes the scope costs:read.", default=UNSET
    )
    variant_id: IdFilter | None = about("Has a line of such a variant.", default=UNSET)
    supplier_sku: StringFilter | None = about("Has a line of such a SKU.", default=UNSET)


@strawberry.input(description="The order of a list of purchase orders.")
class PurchaseOrderSort:
    key: PurchaseOrderSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one purchase order, in one of these ways.")
class PurchaseOrderLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    number: str | None = about("By its number.", default=UNSET)


@filter_input
class PurchaseReceiptFilter:
    """Which receipts. All words that are given must hold."""

    number: StringFilter | None = about("By number.", default=UNSET)
    order_id: IdFilter | None = about("Of such a purchase order.", default=UNSET)
    supplier_id: IdFilter | None = about("Of such a supplier.", default=UNSET)
    delivery_note: StringFilter | None = about("By the supplier's delivery note.", default=UNSET)
    received_at: DateTimeFilter | None = about("Arrived at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of receipts.")
class PurchaseReceiptSort:
    key: ReceiptSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class PurchaseReturnFilter:
    """Which returns to suppliers. All words that are given must hold."""

    number: StringFilter | None = about("By number of the debit note.", default=UNSET)
    order_id: IdFilter | None = about("Of such a purchase order.", default=UNSET)
    supplier_id: IdFilter | None = about("To such a supplier.", default=UNSET)
    created_at: DateTimeFilter | None = about("Written down at such a time.", default=UNSET)


@strawberry.input(
    description="A line. It names its variant by id, by SKU or by the supplier's SKU: one of them."
)
class PurchaseOrderLineInput:
    variant_id: strawberry.ID | None = about("The variant.", default=None)
    sku: str | None = about("The SKU of the variant.", default=None)
    supplier_sku: str | None = about("What the supplier calls it.", default=None)
    quantity: int = about("How many pieces, 1 to 1,000,000,000.")
    unit_price: UnitPriceInput | None = about(
        "The price of one piece. Null: that of the supplier for so many.", default=None
    )
    tax: MoneyInput | None = about("Tax on the whole line. Null: none.", default=None)
    expected_on: date | None = about("When it is expected. Null: as the order.", default=None)


@strawberry.input(description="A draft of a purchase order.")
class PurchaseOrderCreateInput:
    supplier_id: strawberry.ID = about("Who sells it.")
    location_id: strawberry.ID = about("Where it is to arrive: a physical location in use.")
    lines: list[PurchaseOrderLineInput] = about("At most 500.", default_factory=list)
    currency: CurrencyCode | None = about(
        "The currency of its amounts. Null: that of the supplier.", default=None
    )
    note: str = about("At most 5,000 characters.", default="")
    supplier_reference: str | None = about("What the supplier calls it.", default=None)
    expected_on: date | None = about(
        "When its lines are expected. Null: after the lead time.", default=None
    )


@strawberry.input(description="What is to change of a draft. What is absent stays.")
class PurchaseOrderUpdateInput:
    location_id: strawberry.ID | None = about("Where it is to arrive.", default=UNSET)
    lines: list[PurchaseOrderLineInput] | None = about(
        "What is ordered; takes the place of all lines.", default=UNSET
    )
    note: str | None = about("What should be known.", default=UNSET)
    supplier_reference: str | None = about("What the supplier calls it.", default=UNSET)
    expected_on: date | None = about("When its lines are expected.", default=UNSET)


@strawberry.input(description="What the supplier says of a line.")
class PurchaseOrderConfirmLineInput:
    line_id: strawberry.ID = about("Which line.")
    quantity: int | None = about(
        "How many pieces come; the others are called off. Null: all.", default=None
    )
    expected_on: date | None = about("When. Null: as it was expected.", default=None)


@strawberry.input(description="What the supplier promises.")
class PurchaseOrderConfirmInput:
    lines: list[PurchaseOrderConfirmLineInput] = about(
        "Lines that come otherwise than ordered. All others are confirmed as they are.",
        default_factory=list,
    )
    supplier_reference: str | None = about("What the supplier calls the order.", default=UNSET)


@strawberry.input(description="So many pieces of a line.")
class PurchaseOrderLinePiecesInput:
    line_id: strawberry.ID = about("Which line.")
    quantity: int = about("How many pieces, at least 1.")


@strawberry.input(description="Pieces that do not come and are called off.")
class PurchaseOrderCancelOpenInput:
    lines: list[PurchaseOrderLinePiecesInput] = about("Each line once, at most 500.")


@strawberry.input(
    description="What arrived, by the line of the order or by a scanned code: one of both."
)
class PurchaseReceiptLineInput:
    line_id: strawberry.ID | None = about("The line of the order.", default=None)
    scan: str | None = about(
        "A code as it was scanned: a barcode of the variant (then packs are counted, if it is "
        "that of a pack), the supplier's SKU, or the SKU.",
        default=None,
    )
    accepted: int = about("How many are taken on stock.", default=0)
    rejected: int = about("How many are not; the supplier still owes them.", default=0)
    rejection: str | None = about("Why they are not.", default=None)
    bucket: Bucket = about(
        "Where accepted pieces go, as for an inspection.", default=Bucket.SELLABLE
    )
    lot: LotInput | None = about(
        "Lot or serial number; needed where the variant is tracked.", default=None
    )


@strawberry.input(description="What a receipt cost besides its goods.")
class PurchaseChargeInput:
    kind: ChargeKind = about("What for.", default=ChargeKind.FREIGHT)
    basis: ChargeBasis = about("How it is spread over the lines.", default=ChargeBasis.VALUE)
    description: str | None = about("More about it.", default=None)
    amount: MoneyInput = about("How much, in the currency of the order.")

    def value(self) -> Charge:
        amount = self.amount.value()
        return Charge(self.kind, self.basis, self.description, amount.minor, amount.currency)


@strawberry.input(description="What arrived of a purchase order.")
class PurchaseOrderReceiveInput:
    lines: list[PurchaseReceiptLineInput] = about("At most 500; a line may come several times.")
    charges: list[PurchaseChargeInput] = about(
        "Freight, duty and the like, as far as known; at most 50.", default_factory=list
    )
    delivery_note: str | None = about("Number of the supplier's delivery note.", default=None)
    received_at: datetime | None = about("When it arrived. Null: now.", default=None)


@strawberry.input(description="All charges of a receipt.")
class PurchaseReceiptSetChargesInput:
    charges: list[PurchaseChargeInput] = about("They take the place of those that were.")


@strawberry.input(description="Pieces of a line that go back.")
class PurchaseReturnLineInput:
    line_id: strawberry.ID = about("The line of the order.")
    quantity: int = about("How many pieces, at least 1.")
    amount: MoneyInput | None = about(
        "What the supplier owes for them. Null: what they cost on the order.", default=None
    )
    bucket: Bucket = about("Where they lie.", default=Bucket.SELLABLE)
    lot: LotInput | None = about(
        "Lot or serial number; needed where the variant is tracked.", default=None
    )


@strawberry.input(description="Goods that go back to the supplier.")
class PurchaseReturnCreateInput:
    lines: list[PurchaseReturnLineInput] = about("Each line once, at most 500.")
    reason: str = about("Why, at most 5,000 characters.")


@strawberry.input(description="How the next documents of a kind are numbered.")
class PurchasingSeriesSetInput:
    kind: DocumentKind = about("What is numbered.")
    prefix: str | None = about(
        "What numbers begin with, at most 20 characters, not ending in a digit.", default=UNSET
    )
    number_next: BigInt | None = about(
        "The digits of the next number. It can only go up.", default=UNSET
    )


@strawberry.input(description="Up to which total orders need no second person.")
class PurchaseApprovalLimitSetInput:
    limit: MoneyInput = about("One limit per currency; without one, every order needs approval.")
