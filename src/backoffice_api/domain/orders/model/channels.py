"""Channels: where orders come from, each with its own currency and its own series of numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.orders.model.payments import PaymentGate
from backoffice_api.domain.taxes.model.terms import TaxSource

PREFIX_LENGTH_MAX = 20
# For how long a cancelled order can be taken up again: by default, and at most (30 days).
UNCANCEL_MINUTES = 30
UNCANCEL_MINUTES_MAX = 43_200
# Numbers have at most 15 digits, so that no series ever comes near the end of 64 bits.
SERIAL_MAX = 10**15 - 1
_LAST_DIGITS = re.compile(r"[0-9]{1,15}$")


class ChannelStatus(Choice):
    """Whether orders can be placed in a channel."""

    ACTIVE = "active", "Orders can be made and placed."
    ARCHIVED = "archived", "Out of use: its orders stay, new ones cannot be placed."


MACHINE = Machine(
    ChannelStatus.ACTIVE,
    move("update", {ChannelStatus.ACTIVE}),
    move("archive", {ChannelStatus.ACTIVE}, ChannelStatus.ARCHIVED),
    move("restore", {ChannelStatus.ARCHIVED}, ChannelStatus.ACTIVE),
)


class UnknownSkus(Choice):
    """What becomes of an order from outside that names a SKU which is not known here."""

    HOLD = "hold", "It is taken with a line of its own kind for that, and put on hold."
    REFUSE = "refuse", "It is refused, until the SKU is known."


class ChannelSortKey(Choice):
    """By what a list of channels is sorted."""

    CODE = "code", "The code, by code point."
    CREATED_AT = "created_at", "When the channel was made."


@dataclass(frozen=True, slots=True)
class Channel:
    """The series of its order numbers is not part of the row: it moves with every order."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    currency: str
    number_prefix: str
    status: ChannelStatus
    payment_gate: PaymentGate = PaymentGate.NONE
    uncancel_minutes: int = UNCANCEL_MINUTES
    unknown_skus: UnknownSkus = UnknownSkus.HOLD
    tax_source: TaxSource = TaxSource.GIVEN

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class Number:
    """An order number: `serial` is its place in the channel's series, `text` what people see.

    `payment_gate`: what the channel lets the order wait for, which is told with it.
    `needs_asking`: there are rules of approvals for orders, which may or may not be about this one.
    """

    serial: int
    text: str
    payment_gate: PaymentGate = PaymentGate.NONE
    needs_asking: bool = False


@dataclass(frozen=True, slots=True)
class ChannelCreated(Event):
    type = "channel.created"
    subject = "chn"
    summary = "Channel {name} was created."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class ChannelUpdated(Event):
    type = "channel.updated"
    subject = "chn"
    summary = "Channel {name} was changed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class ChannelArchived(Event):
    type = "channel.archived"
    subject = "chn"
    summary = "Channel {name} was archived."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class ChannelRestored(Event):
    type = "channel.restored"
    subject = "chn"
    summary = "Channel {name} is in use again."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class ChannelTaxesSet(Event):
    type = "channel.taxes_set"
    subject = "chn"
    summary = "It was set how orders of channel {name} are taxed."
    id: UUID
    version: int
    name: str


@dataclass(eq=False)
class UnknownChannel(Missing):
    """There is no channel with this id or code."""

    channel: str
    message = "There is no channel {channel!r:.90}."


@dataclass(eq=False)
class ChannelCodeTaken(Refused):
    """Another channel has this code."""

    channel: str
    message = "Another channel has the code {channel!r:.90}."


@dataclass(eq=False)
class ChannelNotActive(Refused):
    """The channel is archived: no orders are made or placed in it."""

    channel: str
    message = "The channel {channel!r:.90} is archived."


@dataclass(eq=False)
class PrefixEndsInDigit(Invalid):
    """A number prefix that ends in a digit would let two numbers look the same: 1 + 23, 12 + 3."""

    message = "A number prefix does not end in a digit."


def check_channel(
    faults: Faults,
    *,
    code: str,
    name: str,
    number_prefix: str,
    number_next: int | None = None,
    uncancel_minutes: int = UNCANCEL_MINUTES,
) -> None:
    check_text(code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(name, faults, "name")
    check_text(number_prefix, faults, "number_prefix", minimum=0, maximum=PREFIX_LENGTH_MAX)
    check_range(number_next, faults, "number_next", minimum=1, maximum=SERIAL_MAX)
    check_range(
        uncancel_minutes, faults, "uncancel_minutes", minimum=0, maximum=UNCANCEL_MINUTES_MAX
    )
    if number_prefix[-1:].isdigit():
        faults.add(PrefixEndsInDigit().at("number_prefix"))


def parts_of(number: str) -> tuple[str, int]:
    """A number as prefix and serial: `("EU-", 1001)` for EU-1001. The serial is 0 without digits.

    Numbers of other systems sort by it, too, and tell how far a series has been used.
    """
    if not (match := _LAST_DIGITS.search(number)):
        return number, 0
    return number[: match.start()], int(match[0])
