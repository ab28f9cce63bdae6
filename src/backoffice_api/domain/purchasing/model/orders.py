"""Purchase orders: what the shop asks a supplier for, and how far that is.

A draft has no number. Submitting gives it one; what comes to more than the limit of its currency
waits for somebody else's approval. Then it is sent, confirmed and received. What was received
follows from its receipts; nobody sets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import COST, Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import ActorKind

NOTE_LENGTH_MAX = 5_000


class PurchaseOrderStatus(Choice):
    """Where a purchase order stands."""

    DRAFT = "draft", "Being put together. Has no number yet."
    PENDING_APPROVAL = "pending_approval", "Waits for the approval of another person."
    APPROVED = "approved", "Can be sent."
    SENT = "sent", "The supplier has it."
    CONFIRMED = "confirmed", "The supplier has said what comes, and when."
    PARTIALLY_RECEIVED = "partially_received", "Some of it has arrived."
    RECEIVED = "received", "All that was not called off has arrived."
    CLOSED = "closed", "Nothing more is expected."
    CANCELLED = "cancelled", "Called off as a whole."


_S = PurchaseOrderStatus

# The supplier has it, and something may still arrive.
UNDER_WAY = frozenset({_S.SENT, _S.CONFIRMED, _S.PARTIALLY_RECEIVED})
# What is open of these is expected.
INCOMING = UNDER_WAY | {_S.APPROVED}
# Nothing is open any more.
ENDED = frozenset({_S.RECEIVED, _S.CLOSED, _S.CANCELLED})

MACHINE = Machine(
    _S.DRAFT,
    move("update", {_S.DRAFT}),
    move("submit", {_S.DRAFT}, _S.PENDING_APPROVAL),
    move("approve", {_S.PENDING_APPROVAL}, _S.APPROVED),
    move("decline", {_S.PENDING_APPROVAL}, _S.DRAFT),
    move("send", {_S.APPROVED}, _S.SENT),
    move("confirm", {_S.SENT, _S.CONFIRMED}, _S.CONFIRMED),
    move("receive", set(UNDER_WAY), _S.PARTIALLY_RECEIVED),
    move("cancel_open", set(INCOMING)),
    move("complete", set(INCOMING), _S.RECEIVED),
    move("return", {_S.PARTIALLY_RECEIVED, _S.RECEIVED, _S.CLOSED}),
    move("close_short", set(UNDER_WAY), _S.CLOSED),
    move("close", {_S.RECEIVED}, _S.CLOSED),
    move(
        "cancel",
        {_S.DRAFT, _S.PENDING_APPROVAL, _S.APPROVED, _S.SENT, _S.CONFIRMED},
        _S.CANCELLED,
    ),
)

# Moves that follow from others: nobody asks for them.
DERIVED = frozenset({"complete"})


class PurchaseOrderSortKey(Choice):
    """By what a list of purchase orders is sorted."""

    CREATED_AT = "created_at", "When it was made."
    UPDATED_AT = "updated_at", "When it was last changed."
    NUMBER = "number", "The digits of the number; drafts count as zero."
    TOTAL = "total", "What was ordered comes to, whatever the currency. Takes costs:read."


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """Amounts without `current_` are what was ordered, those with it what is left of that.

    `subtotal` is the sum of the lines, `tax` as it was given for them, `total` the two together.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: str | None
    serial: int
    supplier_id: UUID
    location_id: UUID
    status: PurchaseOrderStatus
    currency: str
    note: str
    supplier_reference: str | None
    expected_on: date | None
    created_by_kind: ActorKind
    created_by_id: UUID | None
    submitted_by_kind: ActorKind | None
    submitted_by_id: UUID | None
    approved_by_kind: ActorKind | None
    approved_by_id: UUID | None
    submitted_at: datetime | None
    approved_at: datetime | None
    sent_at: datetime | None
    confirmed_at: datetime | None
    closed_at: datetime | None
    subtotal_minor: int = field(metadata=COST)
    tax_minor: int = field(metadata=COST)
    total_minor: int = field(metadata=COST)
    current_subtotal_minor: int = field(metadata=COST)
    current_tax_minor: int = field(metadata=COST)
    current_total_minor: int = field(metadata=COST)

    @property
    def name(self) -> str:
        """How to speak of it: its number, or that it is a draft."""
        return self.number or "(draft)"

    @property
    def subtotal(self) -> Money:
        return Money(self.subtotal_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def current_total(self) -> Money:
        return Money(self.current_total_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name not in DERIVED]


@dataclass(frozen=True, slots=True)
class ApprovalLimit:
    """Orders of this currency up to the limit need no second person. One per currency."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    currency: str
    limit_minor: int

    @property
    def limit(self) -> Money:
        return Money(self.limit_minor, self.currency)


class ApprovalLimitSortKey(Choice):
    """By what the list of limits is sorted."""

    CURRENCY = "currency", "The code of the currency."


@dataclass(frozen=True, slots=True)
class ApprovalLimitSet(Event):
    type = "purchase_approval_limit.set"
    subject = "apl"
    summary = "Purchase orders need approval above {limit}."
    id: UUID
    version: int
    limit: str


@dataclass(frozen=True, slots=True)
class PurchaseOrderEvent(Event):
    """Something that happened to a purchase order."""

    id: UUID
    version: int
    order: str


@dataclass(frozen=True, slots=True)
class PurchaseOrderCreated(PurchaseOrderEvent):
    type = "purchase_order.created"
    subject = "por"
    summary = "A draft of a purchase order was made."


@dataclass(frozen=True, slots=True)
class PurchaseOrderUpdated(PurchaseOrderEvent):
    type = "purchase_order.updated"
    subject = "por"
    summary = "A draft of a purchase order was changed."


@dataclass(frozen=True, slots=True)
class PurchaseOrderSubmitted(PurchaseOrderEvent):
    type = "purchase_order.submitted"
    subject = "por"
    summary = "Purchase order {order} was submitted: {total}."
    total: str = field(metadata=COST)


@dataclass(frozen=True, slots=True)
class PurchaseOrderApproved(PurchaseOrderEvent):
    """`within_limit`: it needed no second person."""

    type = "purchase_order.approved"
    subject = "por"
    summary = "Purchase order {order} was approved."
    within_limit: bool


@dataclass(frozen=True, slots=True)
class PurchaseOrderDeclined(PurchaseOrderEvent):
    type = "purchase_order.declined"
    subject = "por"
    summary = "Purchase order {order} was declined and is a draft again."


@dataclass(frozen=True, slots=True)
class PurchaseOrderSent(PurchaseOrderEvent):
    type = "purchase_order.sent"
    subject = "por"
    summary = "Purchase order {order} was sent to the supplier."


@dataclass(frozen=True, slots=True)
class PurchaseOrderConfirmed(PurchaseOrderEvent):
    type = "purchase_order.confirmed"
    subject = "por"
    summary = "Purchase order {order} was confirmed by the supplier."


@dataclass(frozen=True, slots=True)
class PurchaseOrderReceived(PurchaseOrderEvent):
    type = "purchase_order.received"
    subject = "por"
    summary = "Goods of purchase order {order} were received: {receipt}."
    receipt: str


@dataclass(frozen=True, slots=True)
class PurchaseOrderOpenCancelled(PurchaseOrderEvent):
    type = "purchase_order.open_cancelled"
    subject = "por"
    summary = "Open pieces of purchase order {order} were called off."


@dataclass(frozen=True, slots=True)
class PurchaseOrderReturned(PurchaseOrderEvent):
    type = "purchase_order.returned"
    subject = "por"
    summary = "Goods of purchase order {order} went back: {debit_note}."
    debit_note: str


@dataclass(frozen=True, slots=True)
class PurchaseOrderClosed(PurchaseOrderEvent):
    """`short`: something was still open and was called off."""

    type = "purchase_order.closed"
    subject = "por"
    summary = "Purchase order {order} was closed."
    short: bool


@dataclass(frozen=True, slots=True)
class PurchaseOrderCancelled(PurchaseOrderEvent):
    type = "purchase_order.cancelled"
    subject = "por"
    summary = "Purchase order {order} was cancelled."


@dataclass(eq=False)
class UnknownPurchaseOrder(Missing):
    """There is no purchase order with this id."""

    id: UUID
    message = "There is no such purchase order."


@dataclass(eq=False)
class EmptyPurchaseOrder(Invalid):
    """A purchase order cannot be submitted without a line."""

    message = "A purchase order needs at least one line to be submitted."


@dataclass(eq=False)
class BelowMinimumOrder(Refused):
    """The order comes to less than the supplier takes orders for."""

    minimum: Money
    message = "The supplier takes orders from {minimum} on."
