"""What is said of returns on the wire: to find them, to ask for them and to move them."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.returns.model.customer_states import CustomerState
from backoffice_api.domain.returns.model.drafts import (
    InspectedDraft,
    RefundedDraft,
    ReturnLineDraft,
    ScannedPieces,
)
from backoffice_api.domain.returns.model.inspections import (
    Disposition,
    ItemCondition,
    ReceiptOutcome,
    ResaleGrade,
    Resolution,
)
from backoffice_api.domain.returns.model.policies import (
    PolicyPreset,
    PolicySortKey,
    Rule,
    ShippingPayer,
    Verdict,
    WindowStart,
)
from backoffice_api.domain.returns.model.refunds import ReturnRefundKind
from backoffice_api.domain.returns.model.returns import (
    LineOrigin,
    LinePieces,
    ReturnKind,
    ReturnOrigin,
    ReturnSortKey,
    ReturnState,
)
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    MoneyFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.payment_choices import RefundDestination
from backoffice_api.schema.payment_inputs import RefundPaymentInput
from backoffice_api.schema.scalars import CurrencyCode

for _choices in (ReturnKind, ReturnOrigin, ReturnSortKey, ReturnRefundKind):
    choice(_choices)
choice(ReturnState, name="ReturnStatus")
choice(CustomerState, name="ReturnCustomerState")
choice(LineOrigin, name="ReturnLineOrigin")
choice(ItemCondition, name="ReturnItemCondition")
choice(ReceiptOutcome, name="ReturnReceiptOutcome")
choice(Disposition, name="ReturnDisposition")
choice(ResaleGrade, name="ReturnResaleGrade")
choice(Resolution, name="ReturnResolution")
choice(Verdict, name="ReturnVerdict")
choice(Rule, name="ReturnRule")
choice(WindowStart, name="ReturnWindowStart")
choice(ShippingPayer, name="ReturnShippingPayer")
choice(PolicyPreset, name="ReturnPolicyPreset")
choice(PolicySortKey, name="ReturnPolicySortKey")


@filter_input
class ReturnFilter:
    """Which returns. All words that are given must hold."""

    kind: list[ReturnKind] | None = about("Of one of these kinds.", default=UNSET)
    status: list[ReturnState] | None = about("In one of these states.", default=UNSET)
    origin: list[ReturnOrigin] | None = about("Asked for by one of these.", default=UNSET)
    verdict: list[Verdict] | None = about("Judged so by the policies.", default=UNSET)
    rule: list[Rule] | None = about("Judged by one of these rules.", default=UNSET)
    number: StringFilter | None = about("By number.", default=UNSET)
    reference: StringFilter | None = about("As who asked calls it.", default=UNSET)
    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)
    channel_id: IdFilter | None = about("Of orders of such a channel.", default=UNSET)
    location_id: IdFilter | None = about("Received at such a location.", default=UNSET)
    order_id: IdFilter | None = about("Of such an order.", default=UNSET)
    sku: StringFilter | None = about("Has a line with such a SKU.", default=UNSET)
    reason_id: IdFilter | None = about("Has a line with such a reason.", default=UNSET)
    value: MoneyFilter | None = about("Its pieces are worth so much.", default=UNSET)
    expires_at: DateTimeFilter | None = about(
        "Ends at such a time if nothing comes.", default=UNSET
    )
    created_at: DateTimeFilter | None = about("Asked for at such a time.", default=UNSET)
    updated_at: DateTimeFilter | None = about("Last changed at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of returns.")
class ReturnSort:
    key: ReturnSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class ReturnPolicyFilter:
    """Which policies. All words that are given must hold."""

    channel_id: IdFilter | None = about("For such a channel.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)


@strawberry.input(description="The order of a list of return policies.")
class ReturnPolicySort:
    key: PolicySortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="So many units of something that is to come back.")
class ReturnLineInput:
    quantity: int = about("How many; of a whole kit, kits.")
    order_line_id: strawberry.ID | None = about(
        "The line of an order that they were sent for. Null: no order is known.", default=None
    )
    variant_id: strawberry.ID | None = about(
        "Which variant, where no order is known; with a line of a kit, one of its components.",
        default=None,
    )
    unit_value: MoneyInput | None = about(
        "What one is worth, only where no order tells it.", default=None
    )
    reason_id: strawberry.ID | None = about("Why. Null: nobody said.", default=None)
    condition: ItemCondition = about(
        "In which condition they are said to be.", default=ItemCondition.UNKNOWN
    )
    lot_code: str | None = about(
        "The lot or serial number, as the customer names it.", default=None
    )
    note: str = about("More about it, at most 2,000 characters.", default="")

    def value(self) -> ReturnLineDraft:
        """Raises: MalformedId, TooPrecise, AmountTooLarge."""
        return ReturnLineDraft(
            quantity=self.quantity,
            order_line_id=given_id("oln", self.order_line_id),
            variant_id=given_id("sku", self.variant_id),
            unit_value=self.unit_value.value() if self.unit_value else None,
            reason_id=given_id("rre", self.reason_id),
            condition=self.condition,
            lot_code=self.lot_code,
            note=self.note,
        )


@strawberry.input(description="Goods that are to come back.")
class ReturnRequestInput:
    lines: list[ReturnLineInput] = about(
        "What, at most 250 lines: of one order, of several of a customer, or of none."
    )
    kind: ReturnKind = about("What kind of a return it is.", default=ReturnKind.RETURN)
    origin: ReturnOrigin = about("Who asked for it.", default=ReturnOrigin.STAFF)
    customer_id: strawberry.ID | None = about("Whose it is, where no order tells it.", default=None)
    currency: CurrencyCode | None = about(
        "Of what it is worth, where no order tells it.", default=None
    )
    location_id: strawberry.ID | None = about(
        "Where it is to be received. Null: to be said when it comes.", default=None
    )
    reference: str | None = about("What who asked calls it, at most 120 characters.", default=None)
    note: str = about("What the staff should know, at most 5,000 characters.", default="")


@strawberry.input(description="How a return is approved by hand.")
class ReturnApproveInput:
    expires_at: datetime | None = about(
        "When it ends if nothing comes. Null: as its policies say.", default=None
    )


@strawberry.input(description="Why a return is declined.")
class ReturnDeclineInput:
    rule: Rule | None = about("By which rule. Null: the one its policies name.", default=None)
    note: str = about("What the customer is told, at most 5,000 characters.", default="")


@strawberry.input(description="That the customer knows how to send the goods.")
class ReturnAwaitItemsInput:
    expires_at: datetime | None = about(
        "When it ends if nothing comes. Null: as it was.", default=None
    )


@strawberry.input(description="So many pieces of a line of a return.")
class ReturnPiecesInput:
    line_id: strawberry.ID = about("Which line.")
    quantity: int = about("How many pieces.")

    def value(self) -> LinePieces:
        """Raises: MalformedId."""
        return LinePieces(ids.parse("rti", self.line_id), self.quantity)


@strawberry.input(description="Which pieces of a return are not waited for any more.")
class ReturnCancelInput:
    lines: list[ReturnPiecesInput] = about(
        "Which pieces. Empty: all that have not come.", default_factory=list
    )


@strawberry.input(description="Which pieces need not come back, and are paid back all the same.")
class ReturnWaiveInput:
    lines: list[ReturnPiecesInput] = about(
        "Which pieces. Empty: all that have not come.", default_factory=list
    )


@strawberry.input(description="Which pieces were mended and are back with their customer.")
class ReturnRepairInput:
    lines: list[ReturnPiecesInput] = about("Which pieces.")


@strawberry.input(description="So many times a code was scanned.")
class ReturnScanInput:
    code: str = about("A bar code or a SKU.")
    quantity: int = about("How often.", default=1)
    lot_code: str | None = about("The lot or serial number on them, if any.", default=None)

    def value(self) -> ScannedPieces:
        return ScannedPieces(code=self.code, quantity=self.quantity, lot_code=self.lot_code)


@strawberry.input(description="Goods of a return that came.")
class ReturnReceiveInput:
    lines: list[ReturnPiecesInput] = about(
        "What came, by line. More than is waited for becomes a line of its own.",
        default_factory=list,
    )
    scans: list[ReturnScanInput] = about(
        "What came, as it was scanned: it goes to the lines that wait for it; what none does "
        "becomes a line of its own.",
        default_factory=list,
    )
    location_id: strawberry.ID | None = about(
        "Where. Null: where the return is to be received.", default=None
    )


@strawberry.input(description="What is decided of some pieces of a line, all alike.")
class ReturnInspectedInput:
    line_id: strawberry.ID = about("Which line.")
    quantity: int = about("How many pieces.")
    disposition: Disposition = about("Where they go.")
    resolution: Resolution = about("What the customer gets for them.")
    condition: ItemCondition = about("In which condition they are.", default=ItemCondition.UNKNOWN)
    location_id: strawberry.ID | None = about(
        "Where they are put. Null: where they were received.", default=None
    )
    lot_code: str | None = about(
        "Their lot or serial number; needed where the variant is tracked.", default=None
    )
    note: str = about("What was found, at most 2,000 characters.", default="")
    photo_ids: list[strawberry.ID] = about(
        "Uploaded files that show it, at most 10.", default_factory=list
    )

    def value(self) -> InspectedDraft:
        """Raises: MalformedId."""
        return InspectedDraft(
            line_id=ids.parse("rti", self.line_id),
            quantity=self.quantity,
            disposition=self.disposition,
            resolution=self.resolution,
            condition=self.condition,
            location_id=given_id("loc", self.location_id),
            lot_code=self.lot_code,
            note=self.note,
            photo_ids=tuple(ids.parse("mfl", each) for each in self.photo_ids),
        )


@strawberry.input(description="What is decided of goods that came.")
class ReturnInspectInput:
    pieces: list[ReturnInspectedInput] = about(
        "All or none. A line may be named more than once: its pieces can fare differently."
    )


@strawberry.input(description="So many pieces of a line that are to be paid back.")
class ReturnRefundLineInput:
    line_id: strawberry.ID = about("Which line.")
    quantity: int = about("How many pieces.")
    amount: MoneyInput | None = about(
        "How much. Null: what is suggested. Less than they are worth: the rest is kept as a fee.",
        default=None,
    )

    def value(self) -> RefundedDraft:
        """Raises: MalformedId, TooPrecise, AmountTooLarge."""
        return RefundedDraft(
            line_id=ids.parse("rti", self.line_id),
            quantity=self.quantity,
            amount=self.amount.value() if self.amount else None,
        )


@strawberry.input(description="What is to be paid back of a return.")
class ReturnRefundInput:
    lines: list[ReturnRefundLineInput] = about(
        "Which pieces. Empty: all that may be, as suggested.", default_factory=list
    )
    destination: RefundDestination | None = about(
        "Where the money goes. Null: store credit if that was decided of all of them, else back "
        "the way it came.",
        default=None,
    )
    shipping: bool | None = about(
        "Whether their share of the delivery goes back. Null: as the policy said.", default=None
    )
    payments: list[RefundPaymentInput] = about(
        "Out of which payments; for each order they come to what goes back. Empty: the oldest.",
        default_factory=list,
    )
    note: str = about("More about it, at most 1,000 characters.", default="")


@strawberry.input(description="Money beyond what pieces are worth.")
class ReturnGoodwillInput:
    amount: MoneyInput = about("How much.")
    note: str = about("Why, at most 1,000 characters.")
    order_id: strawberry.ID | None = about(
        "Out of the payments of which order. Null: of the only one.", default=None
    )
    destination: RefundDestination = about(
        "Where the money goes.", default=RefundDestination.ORIGINAL
    )


@strawberry.input(description="All of a return policy; what is null is as its preset says.")
class ReturnPolicySetInput:
    code: str = about("Its code. A policy that has it is changed.")
    currency: CurrencyCode = about("The currency of its limit.")
    preset: PolicyPreset | None = about(
        "What the law grants; it can only grant more.", default=None
    )
    name: str | None = about("What people call it.", default=None)
    priority: int = about("Lower ones are tried first.", default=100)
    channel_id: strawberry.ID | None = about("Only for this channel.", default=None)
    category_id: strawberry.ID | None = about(
        "Only for what is filed in this category, or below it.", default=None
    )
    countries: list[str] | None = about(
        "Only for goods that went to these countries, by ISO 3166-1. Empty: anywhere.",
        default=None,
    )
    window_days: int | None = about("For how many days goods may come back.", default=None)
    window_start: WindowStart | None = about("From when these are counted.", default=None)
    conditions: list[ItemCondition] = about(
        "In which conditions they are taken back. Empty: in any.", default_factory=list
    )
    excluded: bool = about("What fits is never taken back.", default=False)
    fee_basis_points: int = about(
        "What is kept of the price, in hundredths of a percent.", default=0
    )
    refunds_shipping: bool = about("The share of the delivery is paid back.", default=True)
    shipping_payer: ShippingPayer | None = about("Who pays for sending it back.", default=None)
    auto_approve: MoneyInput | None = about(
        "Up to which worth what is allowed is approved by itself. Null: whatever it is worth; "
        "zero: never.",
        default=None,
    )
    auto_decline: bool = about("What is refused is declined by itself.", default=False)
    expires_days: int = about("For how long an approved return waits for its goods.", default=30)
    source: str | None = about("Where the law is written, at most 500 characters.", default=None)
