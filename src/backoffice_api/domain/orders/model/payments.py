"""How far an order is paid: derived from its sums, nobody sets it."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money


class PaymentStatus(Choice):
    """How far an order is paid. Derived; nobody sets it."""

    NOTHING_DUE = "nothing_due", "It comes to nothing, and nothing was paid."
    UNPAID = "unpaid", "Nothing is paid or authorised."
    PARTIALLY_AUTHORIZED = "partially_authorized", "Less than the total is authorised."
    AUTHORIZED = "authorized", "The total is authorised; nothing is captured yet."
    PARTIALLY_PAID = "partially_paid", "Less than the total is paid."
    PAID = "paid", "The total is paid."
    OVERPAID = "overpaid", "More than the total is paid."
    PARTIALLY_REFUNDED = "partially_refunded", "Some of what was paid was paid back."
    REFUNDED = "refunded", "All that was paid was paid back."
    NOT_TRACKED = "not_tracked", "Taken over from another system: its payments are not known here."


class PaymentGate(Choice):
    """What an order of a channel waits for before its goods may leave."""

    NONE = "none", "For nothing: the payment is looked after apart."
    AUTHORIZED = "authorized", "Until all that is open is authorised or paid."
    PAID = "paid", "Until nothing is open."


@dataclass(frozen=True, slots=True)
class PaymentSums:
    """What all payments of one order come to, in minor units of its currency.

    `authorized_minor` can still be captured; `refunding_minor` is on its way back;
    `charged_back_minor` was taken back by banks.
    """

    authorized_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    refunding_minor: int = 0
    charged_back_minor: int = 0


class Payable:
    """What is said of the payments of an order, as amounts."""

    __slots__ = ()
    currency: str
    payment_status: PaymentStatus
    current_total_minor: int
    allowance_minor: int
    authorized_minor: int
    captured_minor: int
    refunded_minor: int
    refunding_minor: int
    charged_back_minor: int
    written_off_minor: int

    @property
    def authorized(self) -> Money:
        return Money(self.authorized_minor, self.currency)

    @property
    def captured(self) -> Money:
        return Money(self.captured_minor, self.currency)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_minor, self.currency)

    @property
    def charged_back(self) -> Money:
        return Money(self.charged_back_minor, self.currency)

    @property
    def allowance(self) -> Money:
        return Money(self.allowance_minor, self.currency)

    @property
    def written_off(self) -> Money:
        return Money(self.written_off_minor, self.currency)

    @property
    def due_minor(self) -> int:
        """What was to be paid in all: of what is left of the order, less what returns gave back."""
        return self.current_total_minor - self.allowance_minor

    @property
    def outstanding_minor(self) -> int:
        """What is still to be paid (M4); negative where too much was paid."""
        return self.due_minor - self.captured_minor + self.refunded_minor

    @property
    def outstanding(self) -> Money | None:
        """The same as an amount. None: what was paid is not known here."""
        if self.payment_status is PaymentStatus.NOT_TRACKED:
            return None
        return Money(self.outstanding_minor, self.currency)


@dataclass(frozen=True, slots=True)
class OrderPaymentChanged(Event):
    """What is authorised, paid or paid back of an order has changed; amounts in minor units."""

    type = "order.payment_changed"
    subject = "ord"
    summary = "Order {order} is {payment_status}."
    id: UUID
    version: int
    order: str
    payment_status: PaymentStatus
    currency: str
    authorized_minor: int
    captured_minor: int
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class OrderWrittenOff(Event):
    """What is given up of what an order still owes; `written_off` is all of it, as it is now."""

    type = "order.written_off"
    subject = "ord"
    summary = "Of order {order}, {written_off} is written off."
    id: UUID
    version: int
    order: str
    written_off: str


@dataclass(eq=False)
class RefundedBeyondCaptured(Refused):
    """More would be paid back of an order than was paid."""

    message = "More would be paid back than was paid."


def payment_status(
    *, recorded: bool, total: int, authorized: int, captured: int, refunded: int
) -> PaymentStatus:
    """The status that these sums come to; `total` is what the order comes to now."""
    kept = captured - refunded
    if not captured and not authorized:
        if recorded:
            return PaymentStatus.NOT_TRACKED
        return PaymentStatus.UNPAID if total else PaymentStatus.NOTHING_DUE
    if not captured:
        is_enough = authorized >= total
        return PaymentStatus.AUTHORIZED if is_enough else PaymentStatus.PARTIALLY_AUTHORIZED
    if not kept:
        return PaymentStatus.REFUNDED
    if kept > total:
        return PaymentStatus.OVERPAID
    if refunded:
        return PaymentStatus.PARTIALLY_REFUNDED
    return PaymentStatus.PAID if kept == total else PaymentStatus.PARTIALLY_PAID


def passes(gate: PaymentGate, *, total: int, sums: PaymentSums) -> bool:
    """Whether an order that comes to `total` may go on."""
    kept = sums.captured_minor - sums.refunded_minor - sums.charged_back_minor
    match gate:
        case PaymentGate.PAID:
            return kept >= total
        case PaymentGate.AUTHORIZED:
            return kept + sums.authorized_minor >= total
        case _:
            return True
