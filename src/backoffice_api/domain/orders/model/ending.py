"""What stands in the way of putting an order away: goods, holds, money."""

from dataclasses import dataclass

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.orders.model.payments import Payable, PaymentStatus


class MoneySettledBy(Choice):
    """What would settle the money that is open of an order."""

    CAPTURE = "capture", "Capturing what is authorised: `paymentCapture`."
    COLLECT = "collect", "Being paid: `paymentCreate`, `paymentRecord`."
    WRITE_OFF = "write_off", "Giving up what is asked for: `receivableWriteOff`."
    REFUND = "refund", "Paying back what is too much, or giving credit: `refundCreate`."
    WAIT = "wait", "Waiting until what is being paid back has arrived."


@dataclass(eq=False)
class LeftToShip(Refused):
    """The order cannot be closed: some of it has neither been shipped nor cancelled."""

    quantity: int
    message = "Pieces that are neither shipped nor cancelled: {quantity}."


@dataclass(eq=False)
class OnHold(Refused):
    """The order cannot be closed while a hold is on it."""

    message = "A hold is on the order."


@dataclass(eq=False)
class LeftToSettle(Refused):
    """The order cannot be closed while money is left to collect or to pay back.

    `outstanding` is what is still to be paid, negative where too much was; `refunding` is on its
    way back.
    """

    outstanding: Money
    written_off: Money
    authorized: Money
    refunding: Money
    settled_by: tuple[MoneySettledBy, ...]
    message = "Money is open: {outstanding} outstanding, {refunding} on its way back."


def open_money(order: Payable) -> LeftToSettle | None:
    """What is left to collect or to pay back of an order. None: nothing, or it is not known.

    What was written off is owed still, but not waited for.
    """
    left = order.outstanding_minor - order.written_off_minor
    if order.payment_status is PaymentStatus.NOT_TRACKED or not (left or order.refunding_minor):
        return None
    ways = []
    if left > 0:
        ways = [MoneySettledBy.CAPTURE] if order.authorized_minor else []
        ways += [MoneySettledBy.COLLECT, MoneySettledBy.WRITE_OFF]
    if left + order.refunding_minor < 0:
        ways.append(MoneySettledBy.REFUND)
    if order.refunding_minor:
        ways.append(MoneySettledBy.WAIT)
    return LeftToSettle(
        outstanding=Money(order.outstanding_minor, order.currency),
        written_off=order.written_off,
        authorized=order.authorized,
        refunding=Money(order.refunding_minor, order.currency),
        settled_by=tuple(ways),
    )
