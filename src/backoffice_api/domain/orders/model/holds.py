"""Holds: reasons why an order must wait. Several may lie on one order at the same time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event

HOLDS_MAX = 20
NOTE_LENGTH_MAX = 1_000


class HoldKind(Choice):
    """Why an order must wait."""

    MANUAL = "manual", "Somebody wants it so."
    PAYMENT = "payment", "The payment is not settled."
    ADDRESS = "address", "The address has to be checked."
    FRAUD = "fraud", "It might be fraud."
    STOCK = "stock", "Goods are missing or have to be checked."
    INVENTORY = "inventory", "What the stock should be has to be counted."
    FISCAL = "fiscal", "A tax document or number is missing or wrong."
    DELIVERY_DATE = "delivery_date", "It is not to be delivered before a day."
    HIGH_VALUE = "high_value", "It is worth a second look."
    DISPUTE = "dispute", "The buyer has asked the bank for the money back."
    CREDIT = "credit", "The customer owes more than the credit limit."
    OTHER = "other", "Another reason."


@dataclass(frozen=True, slots=True)
class Hold:
    """`release_at` None: until somebody releases it. `released_at` None: it still holds.

    `line_id` None: the whole order waits. `owner_id`: who has to look; None: whoever comes first.
    """

    id: UUID
    order_id: UUID
    kind: HoldKind
    note: str
    release_at: datetime | None
    placed_at: datetime
    placed_by_kind: str
    placed_by_id: UUID | None
    released_at: datetime | None
    released_by_kind: str | None
    released_by_id: UUID | None
    line_id: UUID | None = None
    owner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OrderHeld(Event):
    type = "order.held"
    subject = "ord"
    summary = "Order {order} was put on hold: {kind}."
    id: UUID
    version: int
    order: str
    hold_id: UUID
    kind: HoldKind
    note: str
    release_at: datetime | None
    line_id: UUID | None = None
    owner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OrderHoldAssigned(Event):
    """`owner_id` None: nobody in particular has to look any more."""

    type = "order.hold_assigned"
    subject = "ord"
    summary = "Somebody else has to look at a hold on order {order}: {kind}."
    id: UUID
    version: int
    order: str
    hold_id: UUID
    kind: HoldKind
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class OrderHoldReleased(Event):
    type = "order.hold_released"
    subject = "ord"
    summary = "A hold was released from order {order}: {kind}."
    id: UUID
    version: int
    order: str
    hold_id: UUID
    kind: HoldKind


class HoldSortKey(Choice):
    """By what a list of holds is sorted."""

    PLACED_AT = "placed_at", "When it was placed."


@dataclass(eq=False)
class LineOfDraft(Refused):
    """Lines of drafts are rewritten at will: only those of placed orders can be held alone."""

    message = "Only a line of an order that is placed can be held by itself."


@dataclass(eq=False)
class UnknownHold(Missing):
    """The order has no such hold."""

    hold_id: UUID
    message = "The order has no such hold."


@dataclass(eq=False)
class NotOnHold(Refused):
    """There is no open hold to release."""

    message = "No such hold is on the order any more."


@dataclass(eq=False)
class TooManyHolds(Refused):
    """The order has as many open holds as it may have."""

    maximum: int
    message = "An order has at most {maximum} holds at a time."
