"""Payments: words and rules.

A payment is an intent: so much is to be paid for an order in one way. What really happened to the
money stands in its transactions, which are only ever added; the sums of a payment and its status
follow from them. So what a provider tells late, twice or in another order changes nothing twice.

    pending > requires action > authorized > partially captured > captured
                                           > voided, expired, failed
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move

PAYMENTS_MAX = 100
PROVIDER_LENGTH_MAX = 40
REFERENCE_LENGTH_MAX = 250
URL_LENGTH_MAX = 2_000
PAY_CODE_LENGTH_MAX = 512
FAILURE_LENGTH_MAX = 250
# The provider of what is done by hand.
BY_HAND = "manual"


class PaymentMethod(Choice):
    """How it is paid."""

    MANUAL = "manual", "By hand, whatever way: authorised and captured by staff."
    BANK_TRANSFER = "bank_transfer", "By a transfer that the buyer makes."
    CASH_ON_DELIVERY = "cash_on_delivery", "To the carrier, at the door."
    TERMS = "terms", "Later, by the due dates of a schedule."
    CARD = "card", "By card, through a gateway. Card numbers are never kept here."
    PIX = "pix", "By PIX: the buyer's bank reads a BR Code."
    BOLETO = "boleto", "By boleto: a slip with a digit line and a bar code."
    STORE_CREDIT = "store_credit", "Out of the customer's credit with the shop."


# What is authorised before it is captured (M1).
AUTHORIZED_FIRST = frozenset({PaymentMethod.MANUAL, PaymentMethod.CARD})
# What the buyer sends by himself, and staff or a provider note when it has come.
RECORDED = frozenset(
    {
        PaymentMethod.BANK_TRANSFER,
        PaymentMethod.CASH_ON_DELIVERY,
        PaymentMethod.TERMS,
        PaymentMethod.PIX,
        PaymentMethod.BOLETO,
    }
)


class IntentStatus(Choice):
    """How far a payment is."""

    PENDING = "pending", "Nothing was paid or authorised yet."
    REQUIRES_ACTION = "requires_action", "The buyer must do something, as confirm it at the bank."
    AUTHORIZED = "authorized", "The amount is set aside and can be captured."
    PARTIALLY_CAPTURED = "partially_captured", "Some of it was paid; the rest still can be."
    CAPTURED = "captured", "Paid; nothing more is expected."
    VOIDED = "voided", "Called off; nothing was paid."
    EXPIRED = "expired", "Its time was over before anything was paid."
    FAILED = "failed", "It was refused."


_OPEN = {IntentStatus.PENDING, IntentStatus.REQUIRES_ACTION}
_CAPTURABLE = {IntentStatus.AUTHORIZED, IntentStatus.PARTIALLY_CAPTURED}
# Money that comes late is money all the same.
_ENDED = {IntentStatus.VOIDED, IntentStatus.EXPIRED, IntentStatus.FAILED}

MACHINE = Machine(
    IntentStatus.PENDING,
    move("require_action", {IntentStatus.PENDING}, IntentStatus.REQUIRES_ACTION),
    move("authorize", _OPEN, IntentStatus.AUTHORIZED),
    move("capture", _CAPTURABLE, IntentStatus.PARTIALLY_CAPTURED),
    # What comes beyond the amount is taken, too.
    move("record", set(IntentStatus), IntentStatus.PARTIALLY_CAPTURED),
    move("complete", _OPEN | _CAPTURABLE | _ENDED, IntentStatus.CAPTURED),
    # Money that was noted as paid by mistake.
    move("reverse", {IntentStatus.PARTIALLY_CAPTURED, IntentStatus.CAPTURED}, IntentStatus.PENDING),
    move("void", _OPEN | _CAPTURABLE, IntentStatus.VOIDED),
    move("expire", _OPEN | _CAPTURABLE, IntentStatus.EXPIRED),
    move("fail", _OPEN, IntentStatus.FAILED),
    move("refund", {IntentStatus.PARTIALLY_CAPTURED, IntentStatus.CAPTURED}),
)
# The other moves follow by themselves, from what is told of the money.
_BY_PEOPLE = ("authorize", "capture", "record", "void", "refund")


class PaymentSortKey(Choice):
    """By what a list of payments is sorted."""

    CREATED_AT = "created_at", "When the payment was made here."
    UPDATED_AT = "updated_at", "When it was last changed."
    AMOUNT = "amount", "How much is to be paid, whatever the currency."


@dataclass(frozen=True, slots=True)
class Payment:
    """So much to be paid for an order in one way; sums in minor units of `currency`.

    `provider` is `manual` for what no gateway does. `pending_operation` names what a gateway was
    asked and has not answered yet. `due_on`: the first day by which some of it should be paid.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    order_id: UUID
    method: PaymentMethod
    provider: str
    status: IntentStatus
    currency: str
    amount_minor: int
    authorized_minor: int
    captured_minor: int
    voided_minor: int
    refunded_minor: int
    refunding_minor: int
    charged_back_minor: int
    capture_at_once: bool
    pending_operation: str | None
    expires_at: datetime | None
    due_on: date | None
    provider_reference: str | None
    pay_code: str | None
    bar_code: str | None
    action_url: str | None
    card_brand: str | None
    card_last_four: str | None
    card_expires: str | None
    failure: str | None
    note: str

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def amount(self) -> Money:
        return self.money(self.amount_minor)

    @property
    def authorized(self) -> Money:
        return self.money(self.authorized_minor)

    @property
    def captured(self) -> Money:
        return self.money(self.captured_minor)

    @property
    def voided(self) -> Money:
        return self.money(self.voided_minor)

    @property
    def refunded(self) -> Money:
        return self.money(self.refunded_minor)

    @property
    def refunding(self) -> Money:
        return self.money(self.refunding_minor)

    @property
    def charged_back(self) -> Money:
        return self.money(self.charged_back_minor)

    @property
    def is_by_hand(self) -> bool:
        """No gateway is asked: what staff says is so."""
        return self.provider == BY_HAND

    @property
    def capturable_minor(self) -> int:
        """What is authorised and neither captured nor voided."""
        return (
            self.authorized_minor - self.captured_minor - self.voided_minor
            if (self.method in AUTHORIZED_FIRST)
            else 0
        )

    @property
    def capturable(self) -> Money:
        return self.money(self.capturable_minor)

    @property
    def refundable_minor(self) -> int:
        """What was paid and is neither paid back, on its way back, nor taken back by a bank."""
        spent = self.refunded_minor + self.refunding_minor + self.charged_back_minor
        return max(self.captured_minor - spent, 0)

    @property
    def refundable(self) -> Money:
        return self.money(self.refundable_minor)

    @property
    def requested_minor(self) -> int:
        """What is asked for or set aside, and not yet paid."""
        if self.status in _ENDED or self.status is IntentStatus.CAPTURED:
            return 0
        return max(self.amount_minor - self.captured_minor - self.voided_minor, 0)

    @property
    def actions(self) -> Sequence[Action]:
        found = MACHINE.actions(self.status, blocks(self))
        return [each for each in found if each.name in _BY_PEOPLE]


def blocks(payment: Payment) -> Mapping[str, Sequence[str]]:
    """What, besides its state, stands in the way of actions, in words."""
    operation = payment.pending_operation
    waiting = (str(OperationUnderWay(operation)),) if operation else ()
    known = () if payment.provider_reference is None else (str(KnownToProvider()),)
    of_method = (str(NotByMethod(payment.method.value)),)
    is_first = payment.method in AUTHORIZED_FIRST
    return {
        "authorize": (*waiting, *known) if is_first else of_method,
        "capture": waiting if is_first else of_method,
        "record": () if payment.method in RECORDED else of_method,
        "void": waiting,
        "refund": () if payment.refundable_minor else (str(NothingToRefund()),),
    }


def settled_status(payment: Payment) -> IntentStatus:
    """The status that its sums come to; what they do not tell stays as it is."""
    if payment.captured_minor:
        expected = payment.amount_minor
        if payment.method in AUTHORIZED_FIRST:
            expected = payment.authorized_minor - payment.voided_minor
        is_whole = payment.captured_minor >= expected or payment.status in (
            IntentStatus.CAPTURED,
            *_ENDED,
        )
        return IntentStatus.CAPTURED if is_whole else IntentStatus.PARTIALLY_CAPTURED
    if payment.authorized_minor > payment.voided_minor:
        return IntentStatus.AUTHORIZED
    return payment.status


@dataclass(eq=False)
class UnknownPayment(Missing):
    """There is no payment with this id."""

    id: UUID
    message = "There is no such payment."


@dataclass(eq=False)
class AmountExceeded(Refused):
    """More is asked for than there is: to capture, to refund, to void."""

    maximum: Money
    message = "At most {maximum} is left."


@dataclass(eq=False)
class AmountNotPositive(Invalid):
    """An amount that is to move must be above zero."""

    message = "The amount must be above zero."


@dataclass(eq=False)
class NothingOutstanding(Refused):
    """Nothing is left to be paid of the order, and no amount was given."""

    message = "Nothing is left to be paid of the order."


@dataclass(eq=False)
class NothingToRefund(Refused):
    """Nothing was paid that could be paid back."""

    message = "Nothing is left that could be paid back."


@dataclass(eq=False)
class NotByMethod(Refused):
    """This is not done with payments of this method."""

    method: str
    message = "This is not done with the method {method}."


@dataclass(eq=False)
class OperationUnderWay(Refused):
    """The provider was asked something and has not answered; wait for that first."""

    operation: str | None
    message = "The provider has not yet answered: {operation}."


@dataclass(eq=False)
class KnownToProvider(Refused):
    """The provider has the payment already: asking again would charge the buyer twice."""

    message = "The provider has this payment already."


@dataclass(eq=False)
class NotPayable(Refused):
    """The order is cancelled: nothing is to be paid for it any more."""

    message = "The order is cancelled."


@dataclass(eq=False)
class TooManyPayments(Refused):
    """The order has as many payments as it may have."""

    maximum: int
    message = "An order has at most {maximum} payments."
