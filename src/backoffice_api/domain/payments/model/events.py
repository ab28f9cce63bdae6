"""What happens to payments, refunds, disputes and credit. Amounts are told as people read them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.payments.model.credits import CreditReason
from backoffice_api.domain.payments.model.disputes import DisputeStatus
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.payments.model.refunds import RefundDestination, RefundReason


@dataclass(frozen=True, slots=True)
class PaymentCreated(Event):
    """`due_on`: the first day by which some of it should be paid. None: at once."""

    type = "payment.created"
    subject = "pay"
    summary = "A payment for order {order} was asked for: {amount} by {method}."
    id: UUID
    version: int
    order_id: UUID
    order: str
    method: PaymentMethod
    amount: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class PaymentSubmitted(Event):
    """A provider is asked to do something with it."""

    type = "payment.submitted"
    subject = "pay"
    summary = "The provider is asked for a payment of order {order}: {operation} {amount}."
    id: UUID
    version: int
    order_id: UUID
    order: str
    operation: str
    amount: str


@dataclass(frozen=True, slots=True)
class PaymentActionRequired(Event):
    type = "payment.action_required"
    subject = "pay"
    summary = "The buyer must confirm a payment of order {order}: {amount}."
    id: UUID
    version: int
    order_id: UUID
    order: str
    amount: str


@dataclass(frozen=True, slots=True)
class PaymentAuthorized(Event):
    type = "payment.authorized"
    subject = "pay"
    summary = "A payment of order {order} was authorised: {amount}."
    id: UUID
    version: int
    order_id: UUID
    order: str
    method: PaymentMethod
    amount: str


@dataclass(frozen=True, slots=True)
class PaymentCaptured(Event):
    type = "payment.captured"
    subject = "pay"
    summary = "{amount} were paid for order {order}."
    id: UUID
    version: int
    order_id: UUID
    order: str
    method: PaymentMethod
    amount: str


@dataclass(frozen=True, slots=True)
class PaymentReversed(Event):
    """Money was noted as paid by mistake, and that was taken back."""

    type = "payment.reversed"
    subject = "pay"
    summary = "{amount} had not been paid for order {order} after all."
    id: UUID
    version: int
    order_id: UUID
    order: str
    method: PaymentMethod
    amount: str


@dataclass(frozen=True, slots=True)
class PaymentVoided(Event):
    type = "payment.voided"
    subject = "pay"
    summary = "A payment of order {order} was called off."
    id: UUID
    version: int
    order_id: UUID
    order: str


@dataclass(frozen=True, slots=True)
class PaymentExpired(Event):
    type = "payment.expired"
    subject = "pay"
    summary = "The time of a payment of order {order} was over."
    id: UUID
    version: int
    order_id: UUID
    order: str


@dataclass(frozen=True, slots=True)
class PaymentFailed(Event):
    type = "payment.failed"
    subject = "pay"
    summary = "The provider refused to {operation} a payment of order {order}."
    id: UUID
    version: int
    order_id: UUID
    order: str
    operation: str


@dataclass(frozen=True, slots=True)
class RefundRequested(Event):
    type = "refund.requested"
    subject = "rfd"
    summary = "Refund {number} was asked for: {amount}."
    id: UUID
    version: int
    number: str
    order_id: UUID
    order: str
    payment_id: UUID
    amount: str
    reason: RefundReason
    destination: RefundDestination


@dataclass(frozen=True, slots=True)
class RefundApprovalAsked(Event):
    type = "refund.approval_asked"
    subject = "rfd"
    summary = "Refund {number} waits for approval: {amount}."
    id: UUID
    version: int
    number: str
    order_id: UUID
    amount: str


@dataclass(frozen=True, slots=True)
class RefundApproved(Event):
    type = "refund.approved"
    subject = "rfd"
    summary = "Refund {number} was approved."
    id: UUID
    version: int
    number: str
    order_id: UUID


@dataclass(frozen=True, slots=True)
class RefundSubmitted(Event):
    type = "refund.submitted"
    subject = "rfd"
    summary = "Refund {number} is on its way: {amount}."
    id: UUID
    version: int
    number: str
    order_id: UUID
    amount: str


@dataclass(frozen=True, slots=True)
class RefundSucceeded(Event):
    type = "refund.succeeded"
    subject = "rfd"
    summary = "Refund {number} was paid back: {amount}."
    id: UUID
    version: int
    number: str
    order_id: UUID
    order: str
    amount: str
    destination: RefundDestination


@dataclass(frozen=True, slots=True)
class RefundFailed(Event):
    type = "refund.failed"
    subject = "rfd"
    summary = "The provider refused refund {number}: {amount}."
    id: UUID
    version: int
    number: str
    order_id: UUID
    amount: str


@dataclass(frozen=True, slots=True)
class RefundCancelled(Event):
    type = "refund.cancelled"
    subject = "rfd"
    summary = "Refund {number} was called off."
    id: UUID
    version: int
    number: str
    order_id: UUID


@dataclass(frozen=True, slots=True)
class DisputeOpened(Event):
    type = "dispute.opened"
    subject = "dsp"
    summary = "A payment of order {order} is disputed: {amount}."
    id: UUID
    version: int
    order_id: UUID
    order: str
    payment_id: UUID
    amount: str
    reason: str


@dataclass(frozen=True, slots=True)
class DisputeUpdated(Event):
    type = "dispute.updated"
    subject = "dsp"
    summary = "A dispute was changed."
    id: UUID
    version: int
    order_id: UUID


@dataclass(frozen=True, slots=True)
class DisputeResponded(Event):
    type = "dispute.responded"
    subject = "dsp"
    summary = "A dispute was answered."
    id: UUID
    version: int
    order_id: UUID


@dataclass(frozen=True, slots=True)
class DisputeClosed(Event):
    """How a dispute ended: what a review of orders learns from."""

    type = "dispute.closed"
    subject = "dsp"
    summary = "A dispute about order {order} ended: {outcome}, {amount}."
    id: UUID
    version: int
    order_id: UUID
    order: str
    payment_id: UUID
    outcome: DisputeStatus
    amount: str


@dataclass(frozen=True, slots=True)
class StoreCreditChanged(Event):
    type = "store_credit.changed"
    subject = "scr"
    summary = "Store credit changed by {delta}; it is {balance} now."
    id: UUID
    version: int
    customer_id: UUID
    reason: CreditReason
    delta: str
    balance: str
