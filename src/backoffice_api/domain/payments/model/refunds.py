"""Refunds: money that goes back, each out of one payment.

requested > (pending approval) > submitted > succeeded
                                           > failed > submitted again
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.payments.model.payments import AmountExceeded, Payment

REFUNDS_MAX = 200
NOTE_LENGTH_MAX = 1_000


class RefundStatus(Choice):
    """How far a refund is."""

    REQUESTED = "requested", "To be submitted."
    PENDING_APPROVAL = "pending_approval", "A second person must agree."
    SUBMITTED = "submitted", "The provider was asked and has not answered yet."
    SUCCEEDED = "succeeded", "Paid back."
    FAILED = "failed", "Refused by the provider; it may be tried again."
    CANCELLED = "cancelled", "Not to be paid back."


# Amounts of these are on their way: nobody else may promise them (M2).
ON_ITS_WAY = frozenset(
    {RefundStatus.REQUESTED, RefundStatus.PENDING_APPROVAL, RefundStatus.SUBMITTED}
)

MACHINE = Machine(
    RefundStatus.REQUESTED,
    move("ask", {RefundStatus.REQUESTED}, RefundStatus.PENDING_APPROVAL),
    move("approve", {RefundStatus.PENDING_APPROVAL}, RefundStatus.REQUESTED),
    move("submit", {RefundStatus.REQUESTED}, RefundStatus.SUBMITTED),
    move("succeed", {RefundStatus.SUBMITTED}, RefundStatus.SUCCEEDED),
    move("fail", {RefundStatus.SUBMITTED}, RefundStatus.FAILED),
    move("retry", {RefundStatus.FAILED}, RefundStatus.SUBMITTED),
    move(
        "cancel",
        {RefundStatus.REQUESTED, RefundStatus.PENDING_APPROVAL, RefundStatus.FAILED},
        RefundStatus.CANCELLED,
    ),
)
_BY_PEOPLE = ("submit", "retry", "cancel")


class RefundReason(Choice):
    """Why money goes back."""

    CANCELLED = "cancelled", "The order, or part of it, was cancelled."
    RETURNED = "returned", "Goods came back."
    DAMAGED = "damaged", "Goods arrived damaged, or not at all."
    OVERPAID = "overpaid", "More was paid than was due."
    GOODWILL = "goodwill", "To please the customer."
    OTHER = "other", "Another reason."


class RefundDestination(Choice):
    """Where the money goes."""

    ORIGINAL = "original", "Back the way it came."
    STORE_CREDIT = "store_credit", "Into the customer's credit with the shop."


class RefundSortKey(Choice):
    """By what a list of refunds is sorted."""

    CREATED_AT = "created_at", "When the refund was asked for."
    UPDATED_AT = "updated_at", "When it was last changed."
    AMOUNT = "amount", "How much goes back, whatever the currency."


@dataclass(frozen=True, slots=True)
class Refund:
    """`number`: that of the order and a running count. `failure`: why the provider refused."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    order_id: UUID
    payment_id: UUID
    number: str
    status: RefundStatus
    destination: RefundDestination
    reason: RefundReason
    note: str
    created_by_kind: str
    created_by_id: UUID | None
    currency: str
    amount_minor: int
    is_approved: bool
    approval_id: UUID | None
    attempts: int
    submitted_at: datetime | None
    settled_at: datetime | None
    provider_reference: str | None
    failure: str | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        found = MACHINE.actions(self.status)
        return [each for each in found if each.name in _BY_PEOPLE]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentShare:
    """What is to be paid back out of one payment."""

    payment_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class RefundsMade:
    """The refunds that one command made."""

    refund_ids: tuple[UUID, ...]


@dataclass(eq=False)
class UnknownRefund(Missing):
    """There is no refund with this id."""

    id: UUID
    message = "There is no such refund."


@dataclass(eq=False)
class PaymentOfAnotherOrder(Invalid):
    """The payment belongs to another order than is named."""

    message = "The payment belongs to another order."


@dataclass(eq=False)
class NoCustomerToCredit(Refused):
    """The order has no customer who could have credit with the shop."""

    message = "The order has no customer: there is no credit to give or to take."


@dataclass(eq=False)
class TooManyRefunds(Refused):
    """The order has as many refunds as it may have."""

    maximum: int
    message = "An order has at most {maximum} refunds."


@dataclass(eq=False)
class RefundReturned(Refused):
    """The bank of the buyer did not take money that was paid back already."""

    number: str
    message = "The refund {number} has come back: it has to be paid another way."


def allocated(payments: Sequence[Payment], amount_minor: int) -> Mapping[UUID, int]:
    """Out of which payments an amount goes back, by their ids: the oldest first.

    Raises:
        AmountExceeded: they do not hold so much.
    """
    shares: dict[UUID, int] = {}
    left = amount_minor
    for payment in payments:
        share = min(left, payment.refundable_minor)
        if share:
            shares[payment.id] = share
            left -= share
    if left:
        raise AmountExceeded(Money(amount_minor - left, payments[0].currency))
    return shares


def refundable_of(payments: Sequence[Payment]) -> int:
    """What was paid by all of these and can still be paid back, in minor units."""
    return sum(each.refundable_minor for each in payments)
