"""What is said of orders on the wire: to find them, to make and to change them."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.model import lines as line_model
from backoffice_api.domain.orders.model import orders as model
from backoffice_api.domain.orders.model.edits import LineChange
from backoffice_api.domain.orders.model.holds import HoldKind, HoldSortKey
from backoffice_api.domain.orders.model.lines import LineKind, LineSortKey
from backoffice_api.domain.orders.model.moves import MergedShipping
from backoffice_api.domain.orders.model.orders import (
    AddressKind,
    CancelReason,
    FulfillmentStatus,
    OrderSortKey,
    OrderStatus,
)
from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.orders.model.returning import ReturnStatus
from backoffice_api.domain.orders.model.settlement import Settlement
from backoffice_api.schema.aggregates import ExternalIdInput
from backoffice_api.schema.channels import ChannelLookup
from backoffice_api.schema.custom_fields import CustomFieldFilter
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
from backoffice_api.schema.money import MoneyInput, UnitPriceInput

for _choices in (
    CancelReason,
    FulfillmentStatus,
    HoldKind,
    HoldSortKey,
    LineSortKey,
    MergedShipping,
    OrderSortKey,
    OrderStatus,
    Settlement,
):
    choice(_choices)
choice(LineKind, name="OrderLineKind")
choice(PaymentStatus, name="OrderPaymentStatus")
choice(ReturnStatus, name="OrderReturnStatus")


@filter_input
class OrderFilter:
    """Which orders. All words that are given must hold."""

    status: list[OrderStatus] | None = about("In one of these states.", default=UNSET)
    fulfillment_status: list[FulfillmentStatus] | None = about(
        "With their goods in one of these states.", default=UNSET
    )
    payment_status: list[PaymentStatus] | None = about(
        "Paid so far as one of these says.", default=UNSET
    )
    return_status: list[ReturnStatus] | None = about(
        "With goods that came back as one of these says.", default=UNSET
    )
    has_hold: bool | None = about("Whether a hold is on it.", default=UNSET)
    channel_id: IdFilter | None = about("Of such a channel.", default=UNSET)
    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)
    number: StringFilter | None = about("By number.", default=UNSET)
    placed_at: DateTimeFilter | None = about("Placed at such a time.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)
    updated_at: DateTimeFilter | None = about("Last changed at such a time.", default=UNSET)
    total: MoneyFilter | None = about("What was ordered came to so much.", default=UNSET)
    sku: StringFilter | None = about("Has a line with such a SKU.", default=UNSET)
    lot_id: IdFilter | None = about(
        "Pieces of such a lot were shipped for it. Needs `stock:read`.", default=UNSET
    )
    discount_code_id: IdFilter | None = about("With such a discount code.", default=UNSET)
    custom_fields: list[CustomFieldFilter] | None = about(
        "All of these tests of custom fields hold.", default=UNSET
    )


@strawberry.input(description="The order of a list of orders.")
class OrderSort:
    key: OrderSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="A number is unique within its channel.")
class OrderNumberInput:
    channel: str = about("The code of the channel.")
    number: str = about("The number, with its prefix.")


@strawberry.input(one_of=True, description="Names one order, in one of these ways.")
class OrderLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    number: OrderNumberInput | None = about("By its channel and number.", default=UNSET)
    external_id: ExternalIdInput | None = about("By what another system calls it.", default=UNSET)


@strawberry.input(
    description="A line. Goods name their variant by id or by SKU; a charge has title and price."
)
class OrderLineInput:
    kind: LineKind = about("Whether it stands for something in stock.", default=LineKind.GOODS)
    variant_id: strawberry.ID | None = about("Goods: the variant.", default=None)
    sku: str | None = about(
        "Goods: the SKU of the variant, if its id is not given. Charges: a code of your own.",
        default=None,
    )
    title: str | None = about(
        "What to call it. Null: as the product. Charges need one.", default=None
    )
    quantity: int = about("How many pieces, 1 to 1,000,000,000.")
    unit_price: UnitPriceInput | None = about(
        "The price of one piece. Null: the list price. Charges need one.", default=None
    )
    tax: MoneyInput | None = about("Tax on it all. Null: as the channel says.", default=None)


@strawberry.input(description="What is taken off the whole order.")
class OrderDiscountInput:
    label: str = about("What it is called.")
    code: str | None = about("What the buyer entered.", default=None)
    amount: MoneyInput = about("How much.")

    def value(self) -> model.OrderDiscount:
        amount = self.amount.value()
        return model.OrderDiscount(self.label, self.code, amount.minor, amount.currency)


@strawberry.input(description="An address of an order.")
class OrderAddressInput:
    recipient: str = about("Who is there.")
    lines: list[str] = about("Street, number and what else is needed; 1 to 3.")
    district: str | None = about("Part of the city.", default=None)
    city: str = about("City, town or village.")
    region: str | None = about("State or province.", default=None)
    postal_code: str | None = about("Postal code, at most 20 characters.", default=None)
    country: str = about("Country by its two letters of ISO 3166-1, as BR.")

    def value(self, kind: AddressKind) -> model.OrderAddress:
        return model.OrderAddress(
            kind=kind,
            recipient=self.recipient,
            lines=tuple(self.lines),
            district=self.district,
            city=self.city,
            region=self.region,
            postal_code=self.postal_code,
            country=self.country,
        )


@strawberry.input(description="An order to be made. All amounts are in the channel's currency.")
class OrderCreateInput:
    channel: ChannelLookup = about("Where it comes from.")
    customer_id: strawberry.ID | None = about("Who orders. Null: a guest.", default=None)
    buyer_id: strawberry.ID | None = about(
        "The contact who orders for the customer: what goes beyond its limit waits for approval.",
        default=None,
    )
    lines: list[OrderLineInput] = about("What is ordered, at most 250 lines.", default_factory=list)
    discounts: list[OrderDiscountInput] = about(
        "What is taken off the whole order, at most 50.", default_factory=list
    )
    discount_code: str | None = about(
        "The discount code that the buyer entered. Placing counts it.", default=None
    )
    shipping: MoneyInput | None = about("What is asked for the delivery.", default=None)
    shipping_tax: MoneyInput | None = about("Its tax. Null: as the channel says.", default=None)
    tax_included: bool | None = about("Prices hold tax. Null: the channel says.", default=None)
    shipping_address: OrderAddressInput | None = about("Where the goods go.", default=None)
    billing_address: OrderAddressInput | None = about(
        "Who the invoice is made out to. Null: as the goods.", default=None
    )
    email: str | None = about("Where the buyer gets mail.", default=None)
    phone: str | None = about("Phone number with + and the code of its country.", default=None)
    note: str = about("What the staff should know, at most 5,000 characters.", default="")
    external_ids: list[ExternalIdInput] = about(
        "What other systems call it, at most 20. One that another order has is refused, so an "
        "order that is sent twice is made once.",
        default_factory=list,
    )
    place: bool = about("Place it at once; otherwise it is a draft.", default=False)
    reserve_until: datetime | None = about("Hold stock for the draft until then.", default=None)


@strawberry.input(description="What is to change of a draft. What is absent stays.")
class OrderUpdateInput:
    customer_id: strawberry.ID | None = about("Who orders; null: a guest.", default=UNSET)
    buyer_id: strawberry.ID | None = about(
        "The contact who orders for the customer; null: none is named.", default=UNSET
    )
    lines: list[OrderLineInput] | None = about(
        "What is ordered; takes the place of all lines.", default=UNSET
    )
    discounts: list[OrderDiscountInput] | None = about(
        "What is taken off; takes the place of all discounts but that of the discount code.",
        default=UNSET,
    )
    discount_code: str | None = about(
        "The discount code that the buyer entered; null: none.", default=UNSET
    )
    shipping: MoneyInput | None = about("For the delivery; null: nothing.", default=UNSET)
    shipping_tax: MoneyInput | None = about("Tax on the delivery; null: none.", default=UNSET)
    tax_included: bool | None = about("Prices contain the tax.", default=UNSET)
    shipping_address: OrderAddressInput | None = about(
        "Where the goods go; null: not known.", default=UNSET
    )
    billing_address: OrderAddressInput | None = about(
        "Who the invoice is made out to; null: as the goods.", default=UNSET
    )
    email: str | None = about("Where the buyer gets mail; null: not known.", default=UNSET)
    phone: str | None = about("Phone number; null: not known.", default=UNSET)
    note: str | None = about("What the staff should know.", default=UNSET)
    external_ids: list[ExternalIdInput] | None = about(
        "What other systems call it; takes the place of all it had.", default=UNSET
    )


@strawberry.input(description="For how long stock is held for a draft.")
class OrderReserveInput:
    until: datetime = about("When it is given back by itself.")


@strawberry.input(description="How long what is offered binds.")
class OrderQuoteSendInput:
    valid_until: datetime = about("Until then it can be accepted at these prices.")
    reserve: bool = about("Hold its stock until then, too.", default=False)


@strawberry.input(description="Which version of a quote is accepted.")
class OrderQuoteAcceptInput:
    quote: int = about("The version, as the buyer has it.")


@strawberry.input(description="So many pieces of one line.")
class OrderLineQuantityInput:
    line_id: strawberry.ID = about("The line.")
    quantity: int = about("How many pieces, at least 1.")

    def value(self) -> line_model.LineQuantity:
        return line_model.LineQuantity(ids.parse("oln", self.line_id), self.quantity)


@strawberry.input(description="What of an order is called off, and why.")
class OrderCancelInput:
    lines: list[OrderLineQuantityInput] | None = about(
        "Which pieces. Null: all that have not left the house.", default=None
    )
    reason: CancelReason = about("Why.")
    settlement: Settlement = about(
        "What becomes of money that was paid for it.", default=Settlement.LEAVE_OPEN
    )


@strawberry.input(description="How an order that is taken up again is settled.")
class OrderUncancelInput:
    settlement: Settlement = about(
        "What becomes of the money that is wanted again.", default=Settlement.LEAVE_OPEN
    )


@strawberry.input(description="Which pieces of an order go on as an order of their own.")
class OrderSplitInput:
    lines: list[OrderLineQuantityInput] = about("The pieces, none of which has left the house.")
    shipping: MoneyInput | None = about(
        "What goes along of what is asked for the delivery. Null: nothing.", default=None
    )


@strawberry.input(description="Which orders go on in another one.")
class OrderMergeInput:
    order_ids: list[strawberry.ID] = about("The orders that end as merged, at most 20.")
    address_of: strawberry.ID | None = about(
        "The order whose shipping address is right. Null: they all have the same.", default=None
    )
    shipping: MergedShipping = about(
        "What becomes of what was asked for their delivery.", default=MergedShipping.REFUND
    )


@strawberry.input(description="What a line of a placed order is to be. What is absent stays.")
class OrderLineChangeInput:
    line_id: strawberry.ID = about("The line.")
    quantity: int | None = about(
        "Pieces that are wanted now, with those that have left the house. 0 takes the line off.",
        default=None,
    )
    unit_price: UnitPriceInput | None = about(
        "The price of one piece; only while none has left the house.", default=None
    )
    tax: MoneyInput | None = about(
        "Tax on the pieces that are wanted. Null: it grows and shrinks with the subtotal.",
        default=None,
    )

    def value(self) -> LineChange:
        return LineChange(
            line_id=ids.parse("oln", self.line_id),
            quantity=self.quantity,
            unit_price=self.unit_price.value() if self.unit_price else None,
            tax=self.tax.value() if self.tax else None,
        )


@strawberry.input(description="What is to change of a placed order. What is absent stays.")
class OrderEditInput:
    lines: list[OrderLineChangeInput] = about(
        "Changes of lines that are there, each named once.", default_factory=list
    )
    add_lines: list[OrderLineInput] = about(
        "Goods and charges on top; at most 250 lines in all.", default_factory=list
    )
    discounts: list[OrderDiscountInput] | None = about(
        "What is taken off the whole order; takes the place of all discounts but that of the "
        "discount code, and is shared out over what has not left the house. Absent: each line "
        "keeps its share.",
        default=UNSET,
    )
    discount_code: str | None = about(
        "The discount code, anew for what is wanted now; null: none.", default=UNSET
    )
    shipping: MoneyInput | None = about("For the delivery; null: nothing.", default=UNSET)
    shipping_tax: MoneyInput | None = about("Tax on the delivery; null: none.", default=UNSET)
    shipping_address: OrderAddressInput | None = about(
        "Where the goods go; null: not known.", default=UNSET
    )
    billing_address: OrderAddressInput | None = about(
        "Who the invoice is made out to; null: as the goods.", default=UNSET
    )
    email: str | None = about("Where the buyer gets mail; null: not known.", default=UNSET)
    phone: str | None = about("Phone number; null: not known.", default=UNSET)
    note: str | None = about("What the staff should know.", default=UNSET)
    settlement: Settlement = about(
        "What becomes of the difference in money.", default=Settlement.LEAVE_OPEN
    )


@strawberry.input(description="Why an order must wait.")
class OrderHoldInput:
    kind: HoldKind = about("What kind of reason.", default=HoldKind.MANUAL)
    note: str = about("More about it, at most 1,000 characters.", default="")
    release_at: datetime | None = about(
        "When it ends by itself. Null: when somebody releases it.", default=None
    )
    line_id: strawberry.ID | None = about(
        "Only this line waits, of an order that is placed. Null: the whole order.", default=None
    )
    owner_id: strawberry.ID | None = about(
        "The member of staff who has to look. Null: whoever comes first.", default=None
    )


@strawberry.input(description="Who has to look at a hold.")
class OrderHoldAssignInput:
    hold_id: strawberry.ID = about("Which hold.")
    owner_id: strawberry.ID | None = about(
        "The member of staff. Null: nobody in particular.", default=None
    )


@filter_input
class HoldFilter:
    """Which holds. All words that are given must hold."""

    kind: list[HoldKind] | None = about("Of one of these kinds.", default=UNSET)
    owner_id: IdFilter | None = about("That such a person has to look at.", default=UNSET)
    order_id: IdFilter | None = about("On such an order.", default=UNSET)
    line_id: IdFilter | None = about("On such a line; null: on the whole order.", default=UNSET)
    is_open: bool | None = about("Whether they are on the order now.", default=UNSET)
    release_at: DateTimeFilter | None = about(
        "That end by themselves at such a time: `lt` finds what is due.", default=UNSET
    )
    placed_at: DateTimeFilter | None = about("Placed at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of holds.")
class HoldSort:
    key: HoldSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="Which hold is to be taken off an order.")
class OrderReleaseHoldInput:
    hold_id: strawberry.ID | None = about("The hold. Null: all that are on it.", default=None)


@strawberry.input(description="A comment on an order.")
class OrderCommentInput:
    body: str = about("The comment, at most 5,000 characters. It stays in the log for good.")
