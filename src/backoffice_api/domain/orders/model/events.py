"""What happens to orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.orders.model.payments import PaymentGate
from backoffice_api.domain.taxes.model.sheets import TaxAnswerStatus


@dataclass(frozen=True, slots=True)
class OrderCreated(Event):
    type = "order.created"
    subject = "ord"
    summary = "A draft was made."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class OrderUpdated(Event):
    type = "order.updated"
    subject = "ord"
    summary = "A draft was changed."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class OrderTaxed(Event):
    """A provider has answered about the taxes of a draft, or failed to."""

    type = "order.taxed"
    subject = "ord"
    summary = "{provider} was asked for the taxes of the draft: {status}."
    id: UUID
    version: int
    provider: str
    status: TaxAnswerStatus


@dataclass(frozen=True, slots=True)
class OrderReserved(Event):
    type = "order.reserved"
    subject = "ord"
    summary = "Stock was reserved for a draft."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class OrderPlaced(Event):
    type = "order.placed"
    subject = "ord"
    summary = "Order {number} was placed: {total}."
    id: UUID
    version: int
    number: str
    channel_id: UUID
    customer_id: UUID | None
    total: str
    payment_gate: PaymentGate


@dataclass(frozen=True, slots=True)
class OrderAwaitsApproval(Event):
    """It was placed, but somebody else has to agree before it goes on."""

    type = "order.awaits_approval"
    subject = "ord"
    summary = "Order {number} waits for approval: {total}."
    id: UUID
    version: int
    number: str
    total: str


@dataclass(frozen=True, slots=True)
class OrderApproved(Event):
    type = "order.approved"
    subject = "ord"
    summary = "Order {order} was approved."
    id: UUID
    version: int
    order: str


@dataclass(frozen=True, slots=True)
class OrderDeclined(Event):
    """It was not approved, though some of it had left the house: it goes on with that."""

    type = "order.declined"
    subject = "ord"
    summary = "Order {order} was not approved; what has left the house stays in it."
    id: UUID
    version: int
    order: str


@dataclass(frozen=True, slots=True)
class OrderRecorded(Event):
    """The order was placed and completed in another system; it was taken over as it was."""

    type = "order.recorded"
    subject = "ord"
    summary = "Order {number} was taken over from another system: {total}."
    id: UUID
    version: int
    number: str
    total: str


@dataclass(frozen=True, slots=True)
class OrderLinesCancelled(Event):
    type = "order.lines_cancelled"
    subject = "ord"
    summary = "Part of order {order} was cancelled."
    id: UUID
    version: int
    order: str
    reason: CancelReason
    lines: Sequence[LineQuantity]


@dataclass(frozen=True, slots=True)
class OrderCancelled(Event):
    type = "order.cancelled"
    subject = "ord"
    summary = "Order {order} was cancelled."
    id: UUID
    version: int
    order: str
    reason: CancelReason
    lines: Sequence[LineQuantity]


@dataclass(frozen=True, slots=True)
class LineEdit:
    """What an edit did to a line: so many pieces more and fewer, and its price if it is another.

    A line with as many pieces `added` as it has now may be new.
    """

    line_id: UUID
    sku: str
    added: int
    removed: int
    unit_price: str | None


@dataclass(frozen=True, slots=True)
class OrderEdited(Event):
    """A placed order was changed. `lines` are those that changed; totals are what is left."""

    type = "order.edited"
    subject = "ord"
    summary = "Order {order} was edited: {total_before} became {total_after}."
    id: UUID
    version: int
    order: str
    lines: Sequence[LineEdit]
    total_before: str
    total_after: str


@dataclass(frozen=True, slots=True)
class OrderUncancelled(Event):
    type = "order.uncancelled"
    subject = "ord"
    summary = "Order {order} was taken up again."
    id: UUID
    version: int
    order: str
    lines: Sequence[LineQuantity]


@dataclass(frozen=True, slots=True)
class OrderShipped(Event):
    """`pieces` left the house now; of kits, each counts as one. `unshipped` are still to leave."""

    type = "order.shipped"
    subject = "ord"
    summary = "Of order {order}, {pieces} pieces left the house; {unshipped} are left."
    id: UUID
    version: int
    order: str
    pieces: int
    unshipped: int


@dataclass(frozen=True, slots=True)
class OrderDelivered(Event):
    """`pieces` have arrived now; of kits, each counts as one."""

    type = "order.delivered"
    subject = "ord"
    summary = "Of order {order}, {pieces} pieces have arrived."
    id: UUID
    version: int
    order: str
    pieces: int


@dataclass(frozen=True, slots=True)
class OrderClosed(Event):
    """`left_open`: what was still to be paid, or was paid too much if negative; `reason`: why."""

    type = "order.closed"
    subject = "ord"
    summary = "Order {order} was closed."
    id: UUID
    version: int
    order: str
    left_open: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OrderReopened(Event):
    type = "order.reopened"
    subject = "ord"
    summary = "Order {order} was opened again."
    id: UUID
    version: int
    order: str


@dataclass(frozen=True, slots=True)
class OrderCommented(Event):
    type = "order.commented"
    subject = "ord"
    summary = "A comment was made on order {order}."
    id: UUID
    version: int
    order: str
    body: str
