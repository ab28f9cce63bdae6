"""What becomes of the money when an order comes to another amount than before."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import Event


class Settlement(Choice):
    """How the difference is settled when the total of an order changes after it was placed."""

    CHARGE = "charge", "What is missing is asked for; what is too much is left as it is."
    REFUND = (
        "refund",
        "What was paid too much is paid back the way it came. Takes `refunds:write`, too.",
    )
    STORE_CREDIT = (
        "store_credit",
        "What was paid too much becomes credit of the customer's. Takes `refunds:write`, too.",
    )
    LEAVE_OPEN = "leave_open", "Nothing is done: the difference shows as open."


# Money goes back with these, and so they take the right to pay back.
PAYING_BACK = frozenset({Settlement.REFUND, Settlement.STORE_CREDIT})


@dataclass(frozen=True, slots=True)
class OrderToSettle(Event):
    """The total of a placed order has changed, by `total_after_minor - total_before_minor`."""

    type = "order.to_settle"
    subject = "ord"
    summary = "Order {order} comes to another amount: {settlement}."
    id: UUID
    version: int
    order: str
    settlement: Settlement
    currency: str
    total_before_minor: int
    total_after_minor: int
