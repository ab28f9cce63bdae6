"""Orders: words and rules.

A draft may still be changed at will and has no number. Placing it promises the stock, freezes the
prices and draws the number. From then on it only moves forward: cancelled by quantity, shipped,
closed. Holds lie over it and stop it; they are no state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.customers.model import (
    ADDRESS,
    CONTACT,
    AddressDraft,
    check_address,
)
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.orders.model.amounts import Amounts
from backoffice_api.domain.orders.model.ending import LeftToShip, OnHold, open_money
from backoffice_api.domain.orders.model.payments import Payable, PaymentStatus
from backoffice_api.domain.orders.model.returning import ReturnStatus
from backoffice_api.domain.taxes.model.terms import TaxSource

DISCOUNTS_MAX = 50
NOTE_LENGTH_MAX = 5_000
COMMENT_LENGTH_MAX = 5_000

# What of an order follows from its lines.
SUMS = (
    "subtotal_minor",
    "discount_minor",
    "tax_minor",
    "total_minor",
    "current_subtotal_minor",
    "current_discount_minor",
    "current_shipping_minor",
    "current_tax_minor",
    "current_total_minor",
)


class OrderStatus(Choice):
    """Where an order stands between offer and end."""

    DRAFT = "draft", "Being put together: an offer, a telephone order. Has no number yet."
    PENDING_APPROVAL = (
        "pending_approval",
        "Placed, with its stock promised; goes on when somebody else has approved it.",
    )
    OPEN = "open", "Placed: stock is promised and prices are frozen."
    CLOSED = "closed", "Nothing is left to do."
    CANCELLED = "cancelled", "Called off as a whole."


# Stock is promised to these for good.
PROMISED = frozenset({OrderStatus.PENDING_APPROVAL, OrderStatus.OPEN})
UNFINISHED = PROMISED | {OrderStatus.DRAFT}

MACHINE = Machine(
    OrderStatus.DRAFT,
    move("update", {OrderStatus.DRAFT}),
    move("reserve", {OrderStatus.DRAFT}),
    move("place", {OrderStatus.DRAFT}, OrderStatus.OPEN),
    # Instead of `place`, where a rule of approvals asks for it; again when it was edited.
    move("await_approval", {OrderStatus.DRAFT, OrderStatus.OPEN}, OrderStatus.PENDING_APPROVAL),
    move("approve", {OrderStatus.PENDING_APPROVAL}, OrderStatus.OPEN),
    # What has left the house cannot be called off: the rest of the order is, and it goes on.
    move("decline", {OrderStatus.PENDING_APPROVAL}, OrderStatus.OPEN),
    move("hold", set(UNFINISHED)),
    move("release_hold", set(UNFINISHED)),
    move("send_quote", {OrderStatus.DRAFT}),
    move("edit", {OrderStatus.OPEN}),
    move("merge", {OrderStatus.OPEN}),
    move("split", {OrderStatus.OPEN}),
    move("cancel_lines", {OrderStatus.OPEN}),
    move("cancel", set(UNFINISHED), OrderStatus.CANCELLED),
    move("uncancel", {OrderStatus.CANCELLED}, OrderStatus.OPEN),
    move("close", {OrderStatus.OPEN}, OrderStatus.CLOSED),
    move("reopen", {OrderStatus.CLOSED}, OrderStatus.OPEN),
    move("comment", set(OrderStatus)),
)

# Moves that follow from others: nobody asks for them here.
DERIVED = frozenset({"await_approval", "approve", "decline"})


class FulfillmentStatus(Choice):
    """How far the goods of an order are on their way. Derived; nobody sets it."""

    UNALLOCATED = "unallocated", "No stock is promised: a draft, or nothing that could be shipped."
    ALLOCATED = "allocated", "Stock is promised or waited for; nothing has left the house."
    PARTIALLY_SHIPPED = "partially_shipped", "Some of it has left the house."
    SHIPPED = "shipped", "All that was not cancelled has left the house."
    PARTIALLY_DELIVERED = "partially_delivered", "All has left the house; some of it has arrived."
    DELIVERED = "delivered", "All that was not cancelled has arrived."


# Something has left the house; nothing is left to send.
SENT = frozenset(FulfillmentStatus) - {FulfillmentStatus.UNALLOCATED, FulfillmentStatus.ALLOCATED}
ALL_SENT = SENT - {FulfillmentStatus.PARTIALLY_SHIPPED}


class CancelReason(Choice):
    """Why an order, or part of it, is called off."""

    CUSTOMER = "customer", "The customer changed their mind."
    STOCK = "stock", "It cannot be delivered."
    PAYMENT = "payment", "It was not paid."
    FRAUD = "fraud", "It is, or seems to be, fraud."
    DECLINED = "declined", "It was not approved."
    MISTAKE = "mistake", "It should not have been made."
    MERGED = "merged", "It went on in another order."
    OTHER = "other", "Another reason."


class OrderSortKey(Choice):
    """By what a list of orders is sorted."""

    CREATED_AT = "created_at", "When the order was made here."
    UPDATED_AT = "updated_at", "When the order was last changed."
    PLACED_AT = "placed_at", "When it was placed; a draft counts by when it was made."
    NUMBER = "number", "The digits of the number; drafts count as zero."
    TOTAL = "total", "The total as ordered, whatever the currency."


class AddressKind(Choice):
    """What an address of an order is for."""

    SHIPPING = "shipping", "Where the goods go."
    BILLING = "billing", "Who the invoice is made out to."


@dataclass(frozen=True, slots=True)
class Order(Payable):
    """Amounts without `current_` are what was ordered, those with it what is left of that.

    What an edit adds counts as ordered, at the prices of the edit. `uncancel_until`: until when
    its cancellation can be undone. `quoted_until`: until when the prices of the quote that was
    sent last bind. `allowance_minor`: what returns gave back of it, and what else was given for
    them; it is not to be paid any more. `written_off_minor`: what of the rest was given up, which
    `receivables` writes. `authorized_minor` and those below it are sums over its
    payments, which only `settling` writes. `buyer_id`: the contact who ordered for the customer.
    `tax_source`: where taxes come from that nobody gives.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    channel_id: UUID
    number: str | None
    serial: int
    recorded: bool
    customer_id: UUID | None
    status: OrderStatus
    fulfillment_status: FulfillmentStatus
    unshipped: int
    has_hold: bool
    placed_at: datetime | None
    dated_at: datetime
    closed_at: datetime | None
    cancelled_at: datetime | None
    reserved_until: datetime | None
    email: str | None = field(metadata=CONTACT)
    phone: str | None = field(metadata=CONTACT)
    note: str
    currency: str
    tax_included: bool
    shipping_tax_minor: int
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    current_subtotal_minor: int
    current_discount_minor: int
    current_shipping_minor: int
    current_tax_minor: int
    current_total_minor: int
    payment_status: PaymentStatus = PaymentStatus.UNPAID
    authorized_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    refunding_minor: int = 0
    charged_back_minor: int = 0
    uncancel_until: datetime | None = None
    merged_into_id: UUID | None = None
    split_from_id: UUID | None = None
    quote_count: int = 0
    quoted_until: datetime | None = None
    return_status: ReturnStatus = ReturnStatus.NONE
    allowance_minor: int = 0
    written_off_minor: int = 0
    buyer_id: UUID | None = None
    tax_source: TaxSource = TaxSource.GIVEN

    @property
    def name(self) -> str:
        """How to speak of it: its number, or that it is a draft."""
        return self.number or "(draft)"

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def shipping(self) -> Money:
        return Money(self.shipping_minor, self.currency)

    @property
    def shipping_tax(self) -> Money:
        return Money(self.shipping_tax_minor, self.currency)

    @property
    def ordered(self) -> Amounts:
        """What was ordered came to."""
        return Amounts(
            *(
                Money(minor, self.currency)
                for minor in (
                    self.subtotal_minor,
                    self.discount_minor,
                    self.shipping_minor,
                    self.tax_minor,
                    self.total_minor,
                )
            )
        )

    @property
    def current(self) -> Amounts:
        """What it comes to now, without what was cancelled."""
        return Amounts(
            *(
                Money(minor, self.currency)
                for minor in (
                    self.current_subtotal_minor,
                    self.current_discount_minor,
                    self.current_shipping_minor,
                    self.current_tax_minor,
                    self.current_total_minor,
                )
            )
        )

    @property
    def actions(self) -> Sequence[Action]:
        actions = MACHINE.actions(self.status, blocks(self))
        return [each for each in actions if each.name not in DERIVED]


@dataclass(frozen=True, slots=True)
class OrderAddress:
    """Kept with the order as it was when it was ordered, whatever the customer's book says later.

    `country` is that of ISO 3166-1.
    """

    kind: AddressKind
    recipient: str = field(metadata=ADDRESS)
    lines: Sequence[str] = field(metadata=ADDRESS)
    district: str | None = field(metadata=ADDRESS)
    city: str = field(metadata=ADDRESS)
    region: str | None = field(metadata=ADDRESS)
    postal_code: str | None = field(metadata=ADDRESS)
    country: str = field(metadata=ADDRESS)


@dataclass(frozen=True, slots=True)
class OrderDiscount:
    """What is taken off the whole order, and why. `code` is what the buyer entered, if anything.

    `code_id`: the discount code of the shop which that was.
    """

    label: str
    code: str | None
    amount_minor: int
    currency: str
    code_id: UUID | None = None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(eq=False)
class UnknownOrder(Missing):
    """There is no order with this id."""

    id: UUID
    message = "There is no such order."


@dataclass(eq=False)
class EmptyOrder(Invalid):
    """An order cannot be placed without a line."""

    message = "An order needs at least one line to be placed."


@dataclass(eq=False)
class NumberTaken(Refused):
    """The channel has an order with this number already."""

    number: str
    message = "The channel has an order {number!r:.90} already."


@dataclass(eq=False)
class NothingToCancel(Refused):
    """All that could be cancelled is cancelled or shipped."""

    message = "Nothing is left that could be cancelled."


@dataclass(eq=False)
class ReservedOrPlaced(Invalid):
    """`reserveUntil` is for drafts: what is placed has its stock for good."""

    message = "An order that is placed at once needs no reservation until a date."


@dataclass(eq=False)
class CustomerNotActive(Refused):
    """The customer is archived, or merged into another one: no orders are made for it."""

    message = "The customer is archived, or merged into another one."


@dataclass(eq=False)
class NotUncancellable(Refused):
    """It was never placed, or went on in another order: nothing can be taken up again."""

    message = "It was never placed, or it went on in another order."


@dataclass(eq=False)
class UncancelTooLate(Refused):
    """The time in which the cancellation could be undone is over."""

    until: datetime
    message = "The cancellation could be undone until {until}."


@dataclass(eq=False)
class NotInFuture(Invalid):
    """A moment lies in the past at which something is still to happen."""

    message = "This lies in the future."


def blocks(order: Order) -> Mapping[str, Sequence[str]]:
    """What, besides its state, stands in the way of actions, in words."""
    closing = []
    if order.unshipped:
        closing.append(str(LeftToShip(order.unshipped)))
    if order.has_hold:
        closing.append(str(OnHold()))
    if money := open_money(order):
        closing.append(str(money))
    cannot_return = order.status is OrderStatus.CANCELLED and order.uncancel_until is None
    return {
        "uncancel": (str(NotUncancellable()),) if cannot_return else (),
        "close": closing,
        "release_hold": () if order.has_hold else ("No hold is on the order.",),
    }


def check_order_address(faults: Faults, address: OrderAddress) -> None:
    """Note what is wrong with an address of an order."""
    draft = AddressDraft(
        label=None,
        recipient=address.recipient,
        lines=tuple(address.lines),
        district=address.district,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
        is_default_shipping=False,
        is_default_billing=False,
    )
    check_address(draft, faults, f"{address.kind.value}_address")
