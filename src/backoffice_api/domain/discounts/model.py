"""Discount codes: words and rules.

A code takes a share or an amount off the lines of an order, within its dates, for its channel and
its customer, so many times. It is counted when an order is placed, and no longer when that order
is called off as a whole. In letters of either case, and with spaces, it is the same code.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.texts import OutOfRange, check_range, check_text
from backoffice_api.domain.pricing.model.lists import EndsBeforeItBegins

WHOLE_BP = 10_000
USES_MAX = 1_000_000_000
# What nobody mistakes for another one when it is read out: no 0 and O, no 1, I and L.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
# 59 bits: nobody finds one by trying.
MADE_LENGTH = 12
# So many more than it takes that no letter is likelier than another.
RANDOM_BYTES = 24

_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,39}")


class DiscountCodeStatus(Choice):
    """Whether a code can be used."""

    ACTIVE = "active", "It can be used, within its dates and limits."
    DISABLED = "disabled", "Out of use for good. Orders that were placed with it keep it."


MACHINE = Machine(
    DiscountCodeStatus.ACTIVE,
    move("update", {DiscountCodeStatus.ACTIVE}),
    move("disable", {DiscountCodeStatus.ACTIVE}, DiscountCodeStatus.DISABLED),
)


class DiscountCodeSortKey(Choice):
    """By what a list of discount codes is sorted."""

    CREATED_AT = "created_at", "When the code was made."
    CODE = "code", "The code, by code point."
    USED = "used", "How many orders use it."


@dataclass(frozen=True, slots=True)
class DiscountCode:
    """One of `percent_bp`, in hundredths of a percent, and `amount_minor` is given.

    `currency` is that of the amount and of the smallest subtotal; a share without one has none.
    `channel_id`, `customer_id` None: of every channel, for everybody.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    label: str
    percent_bp: int | None
    amount_minor: int | None
    minimum_minor: int | None
    currency: str | None
    channel_id: UUID | None
    customer_id: UUID | None
    valid_from: datetime | None
    valid_until: datetime | None
    usage_limit: int | None
    once_per_customer: bool
    status: DiscountCodeStatus
    disabled_at: datetime | None

    @property
    def amount(self) -> Money | None:
        return _money(self.amount_minor, self.currency)

    @property
    def minimum_subtotal(self) -> Money | None:
        return _money(self.minimum_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class CountedDiscountCode(DiscountCode):
    """The same as it is shown: `used` is counted beside it, whoever changes the rest."""

    used: int


@dataclass(frozen=True, slots=True)
class DiscountUse:
    """That an order was placed with a code. `given_back_at`: since when it counts no more."""

    id: UUID
    code_id: UUID
    order_id: UUID
    customer_id: UUID | None
    used_at: datetime
    given_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a code is to take something off. `left`: what other discounts leave of the subtotal."""

    channel_id: UUID
    customer_id: UUID | None
    subtotal: Money
    left: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class DiscountCodeCreated(Event):
    type = "discount_code.created"
    subject = "dsc"
    summary = "Discount code {name} was created."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class DiscountCodeUpdated(Event):
    type = "discount_code.updated"
    subject = "dsc"
    summary = "Discount code {name} was changed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class DiscountCodeDisabled(Event):
    type = "discount_code.disabled"
    subject = "dsc"
    summary = "Discount code {name} was put out of use."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class DiscountCodeUsed(Event):
    type = "discount_code.used"
    subject = "dsc"
    summary = "Discount code {name} was used, {used} times by now."
    id: UUID
    version: int
    name: str
    order_id: UUID
    used: int


@dataclass(frozen=True, slots=True)
class DiscountCodeGivenBack(Event):
    type = "discount_code.given_back"
    subject = "dsc"
    summary = "An order uses discount code {name} no more, {used} others do."
    id: UUID
    version: int
    name: str
    order_id: UUID
    used: int


@dataclass(eq=False)
class UnknownDiscountCode(Missing):
    """There is no such discount code."""

    name: str
    message = "There is no discount code {name!r:.60}."


@dataclass(eq=False)
class InvalidDiscountCode(Invalid):
    """A code has 3 to 40 letters A to Z, digits, hyphens and underscores."""

    message = "A code has 3 to 40 letters A to Z, digits, - and _, and begins with no mark."


@dataclass(eq=False)
class DiscountCodeTaken(Refused):
    """Another discount code reads the same, in letters of either case."""

    name: str
    message = "There is a discount code {name!r:.60} already."


@dataclass(eq=False)
class ShareOrAmount(Invalid):
    """A code takes off either a share or an amount."""

    message = "Give either a share or an amount."


@dataclass(eq=False)
class UsedMoreOften(Refused):
    """The limit would be below what has been used already."""

    used: int
    message = "It was used {used} times already."


@dataclass(eq=False)
class DiscountCodeOutOfUse(Refused):
    """The code was disabled."""

    name: str
    message = "Discount code {name!r:.60} is out of use."


@dataclass(eq=False)
class DiscountCodeNotYetValid(Refused):
    """The code can be used only later."""

    name: str
    valid_from: datetime
    message = "Discount code {name!r:.60} can be used from {valid_from} on."


@dataclass(eq=False)
class DiscountCodeExpired(Refused):
    """The time of the code is over."""

    name: str
    valid_until: datetime
    message = "Discount code {name!r:.60} could be used until {valid_until}."


@dataclass(eq=False)
class DiscountCodeUsedUp(Refused):
    """As many orders use the code as may."""

    name: str
    usage_limit: int
    message = "Discount code {name!r:.60} was used {usage_limit} times, as often as it may be."


@dataclass(eq=False)
class DiscountCodeUsedByCustomer(Refused):
    """Each customer can use the code once, and this one has."""

    name: str
    message = "This customer has used discount code {name!r:.60} already."


@dataclass(eq=False)
class DiscountCodeNotForChannel(Refused):
    """The code is for another channel."""

    name: str
    message = "Discount code {name!r:.60} is for another channel."


@dataclass(eq=False)
class DiscountCodeNotForCustomer(Refused):
    """The code is for one customer, or once for each; this is somebody else, or nobody known."""

    name: str
    message = "Discount code {name!r:.60} is not for this customer, or not for guests."


@dataclass(eq=False)
class DiscountCodeBelowMinimum(Refused):
    """The order comes to less than the code asks for."""

    name: str
    minimum: str
    message = "Discount code {name!r:.60} is for orders of at least {minimum}."


@dataclass(eq=False)
class DiscountCodeWithoutEffect(Refused):
    """The code would take nothing off this order."""

    name: str
    message = "Discount code {name!r:.60} would take nothing off this order."


def normalised(code: str) -> str:
    """The code as it is kept: without spaces, in capital letters."""
    return "".join(code.split()).upper()


def made_up(random: bytes) -> str:
    """A code that nobody guesses, in groups of four, of `RANDOM_BYTES` random ones."""
    number, letters = int.from_bytes(random), ""
    for _ in range(MADE_LENGTH):
        number, letter = divmod(number, len(ALPHABET))
        letters += ALPHABET[letter]
    return "-".join(letters[at : at + 4] for at in range(0, MADE_LENGTH, 4))


def check_discount_code(faults: Faults, wanted: DiscountCode) -> None:
    """Note what is wrong with a code that is to be."""
    if not _CODE.fullmatch(wanted.code):
        faults.add(InvalidDiscountCode().at("code"))
    check_text(wanted.label, faults, "label")
    if (wanted.percent_bp is None) == (wanted.amount_minor is None):
        faults.add(ShareOrAmount().at("percent_bp"))
    check_range(wanted.percent_bp, faults, "percent_bp", minimum=1, maximum=WHOLE_BP)
    check_range(wanted.usage_limit, faults, "usage_limit", minimum=1, maximum=USES_MAX)
    for name, amount in (("amount", wanted.amount), ("minimum_subtotal", wanted.minimum_subtotal)):
        if amount is not None and amount.minor < 1:
            faults.add(OutOfRange(1, 2**63 - 1).at(name))
    if wanted.valid_from and wanted.valid_until and wanted.valid_until <= wanted.valid_from:
        faults.add(EndsBeforeItBegins().at("valid_until"))


def discount_of(code: DiscountCode, purchase: Purchase) -> Money:
    """What the code takes off: its share of the subtotal, rounded half up, or its amount.

    At most what other discounts leave.

    Raises:
        DiscountCodeOutOfUse, DiscountCodeNotYetValid, DiscountCodeExpired.
        DiscountCodeNotForChannel, DiscountCodeNotForCustomer, DiscountCodeBelowMinimum.
        CurrencyMismatch: it is in another currency than the order.
        DiscountCodeWithoutEffect: it takes nothing off.
    """
    _check_time(code, purchase.at)
    if code.channel_id not in (None, purchase.channel_id):
        raise DiscountCodeNotForChannel(code.code)
    is_guest = purchase.customer_id is None and code.once_per_customer
    if is_guest or code.customer_id not in (None, purchase.customer_id):
        raise DiscountCodeNotForCustomer(code.code)
    subtotal = purchase.subtotal
    if code.currency not in (None, subtotal.currency):
        raise CurrencyMismatch(subtotal.currency, code.currency)
    if code.minimum_subtotal is not None and subtotal < code.minimum_subtotal:
        raise DiscountCodeBelowMinimum(code.code, str(code.minimum_subtotal))
    whole = code.amount or _share(subtotal, code.percent_bp or 0)
    discount = min(whole, purchase.left)
    if discount.minor <= 0:
        raise DiscountCodeWithoutEffect(code.code)
    return discount


def _check_time(code: DiscountCode, at: datetime) -> None:
    if code.status is not DiscountCodeStatus.ACTIVE:
        raise DiscountCodeOutOfUse(code.code)
    if code.valid_from and at < code.valid_from:
        raise DiscountCodeNotYetValid(code.code, code.valid_from)
    if code.valid_until and at >= code.valid_until:
        raise DiscountCodeExpired(code.code, code.valid_until)


def _share(of: Money, percent_bp: int) -> Money:
    return Money((of.minor * percent_bp + WHOLE_BP // 2) // WHOLE_BP, of.currency)


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)
