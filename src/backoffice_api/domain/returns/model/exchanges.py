"""Exchanges: other goods for those that come back.

What is sent is an order of its own, so that it is reserved, packed, invoiced and paid for like any
other. It bears a discount of what the pieces are expected to be worth that come back; so it comes
to what is to be paid on top. When it is known what came, the exchange is settled, once: what the
pieces turned out to be worth less is asked for, what they are worth more is paid back.

    deducted = min(promised, outgoing)        when the goods are reserved
    surcharge = max(0, deducted - earned)     when it is settled
    refunded = max(0, earned - deducted)

All of these are with tax, and less the fee that the terms of the return keep. Goods are taxed as
those were that come back: so what is paid on top bears its tax, and no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.orders.model.lines import LINES_MAX as ORDER_LINES_MAX
from backoffice_api.domain.returns.model.events import ReturnEvent

LINES_MAX = min(100, ORDER_LINES_MAX)


class ExchangeState(Choice):
    """How far an exchange is."""

    REQUESTED = "requested", "Wanted; the return is not approved yet."
    RESERVED = "reserved", "The goods are reserved, and wait for those that come back."
    RELEASED = "released", "The goods may leave, or have left."
    SETTLED = "settled", "The difference was asked for or paid back."
    CANCELLED = "cancelled", "Called off; nothing is sent."


class SendWhen(Choice):
    """When the goods of an exchange leave."""

    AT_ONCE = "at_once", "As soon as the return is approved."
    ON_RECEIPT = "on_receipt", "When all is here that comes back."


class ExchangeSortKey(Choice):
    """By what a list of exchanges is sorted."""

    CREATED_AT = "created_at", "When it was asked for."
    UPDATED_AT = "updated_at", "When it was last changed."


MACHINE = Machine(
    ExchangeState.REQUESTED,
    move("reserve", {ExchangeState.REQUESTED}, ExchangeState.RESERVED),
    move("release", {ExchangeState.RESERVED}, ExchangeState.RELEASED),
    move("settle", {ExchangeState.RESERVED, ExchangeState.RELEASED}, ExchangeState.SETTLED),
    move(
        "cancel",
        {ExchangeState.REQUESTED, ExchangeState.RESERVED, ExchangeState.RELEASED},
        ExchangeState.CANCELLED,
    ),
)
LIVE = frozenset({ExchangeState.REQUESTED, ExchangeState.RESERVED, ExchangeState.RELEASED})


@dataclass(frozen=True, slots=True)
class Exchange:
    """`number` is that of its return with a running count.

    `outgoing_minor`: what the goods cost with their tax, before the discount. `promised_minor`:
    what the pieces are expected to be worth that come back. `order_id`: what is sent. None: it is
    not reserved. `earned_minor`: what they turned out to be worth. `surcharge_order_id`: by which
    the surcharge is asked for.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: str
    return_id: UUID
    status: ExchangeState
    send_when: SendWhen
    currency: str
    order_id: UUID | None
    outgoing_minor: int
    promised_minor: int
    deducted_minor: int
    earned_minor: int
    surcharge_minor: int
    refunded_minor: int
    surcharge_order_id: UUID | None
    settled_at: datetime | None

    def _money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def outgoing(self) -> Money:
        return self._money(self.outgoing_minor)

    @property
    def promised(self) -> Money:
        return self._money(self.promised_minor)

    @property
    def deducted(self) -> Money:
        return self._money(self.deducted_minor)

    @property
    def earned(self) -> Money:
        return self._money(self.earned_minor)

    @property
    def surcharge(self) -> Money:
        return self._money(self.surcharge_minor)

    @property
    def refunded(self) -> Money:
        return self._money(self.refunded_minor)

    @property
    def actions(self) -> list[Action]:
        """What can be done with it; reserving and releasing follow from its return."""
        return [each for each in MACHINE.actions(self.status) if each.name in ("settle", "cancel")]


@dataclass(frozen=True, slots=True)
class ExchangeLine:
    """So many pieces that are to be sent. `unit_price_micro` None: at the list price."""

    id: UUID
    exchange_id: UUID
    position: int
    variant_id: UUID
    quantity: int
    unit_price_micro: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class ExchangedPieces:
    """Pieces of a line of the return that were settled by the exchange, and their worth."""

    exchange_id: UUID
    line_id: UUID
    quantity: int
    items_minor: int
    tax_minor: int
    shipping_minor: int
    fee_minor: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A line that is to be sent: what it costs, and the tax on that, in minor units."""

    subtotal: int
    tax: int


@dataclass(frozen=True, slots=True)
class Deduction:
    """What is taken off an order, and the tax that stays on each of its lines."""

    discount: int
    taxes: tuple[int, ...]


def deduction(
    lines: Sequence[Outgoing], promised: int, currency: str, *, tax_included: bool
) -> Deduction:
    """What an order is lessened by that is paid with goods that come back, as far as they go.

    Tax falls with the price, so that what is left of both comes to what is to be paid.
    """
    subtotal, tax = (sum(getattr(each, name) for each in lines) for name in ("subtotal", "tax"))
    whole = subtotal if tax_included else subtotal + tax
    left = max(0, whole - promised)
    if not tax:
        return Deduction(subtotal - left, (0,) * len(lines))
    kept = tax * left // whole
    if not tax_included:
        # No more of the price stays than there is.
        kept = max(kept, left - subtotal)
    shares = Money(kept, currency).allocate([each.tax for each in lines])
    net = left if tax_included else left - kept
    return Deduction(subtotal - net, tuple(each.minor for each in shares))


@dataclass(frozen=True, slots=True)
class Settling:
    """What an exchange comes to when it is settled, in minor units."""

    surcharge: int
    refunded: int


def settling(deducted_minor: int, earned_minor: int) -> Settling:
    """What is asked for, or paid back, once it is known what the pieces were worth."""
    difference = earned_minor - deducted_minor
    return Settling(max(0, -difference), max(0, difference))


@dataclass(frozen=True, slots=True)
class ExchangeEvent(Event):
    """Something that happened to an exchange."""

    subject = "exc"
    id: UUID
    version: int
    number: str
    return_id: UUID


@dataclass(frozen=True, slots=True)
class ExchangeRequested(ExchangeEvent):
    type = "exchange.requested"
    summary = "Exchange {number} was asked for."


@dataclass(frozen=True, slots=True)
class ExchangeReserved(ExchangeEvent):
    type = "exchange.reserved"
    summary = "The goods of exchange {number} are reserved."
    order_id: UUID
    currency: str
    outgoing_minor: int
    deducted_minor: int


@dataclass(frozen=True, slots=True)
class ExchangeReleased(ExchangeEvent):
    type = "exchange.released"
    summary = "The goods of exchange {number} may leave."


@dataclass(frozen=True, slots=True)
class ExchangeSettled(ExchangeEvent):
    """`earned_minor`: what came back was worth. At most one of the others is not zero."""

    type = "exchange.settled"
    summary = "Exchange {number} was settled: {earned_minor} of {currency} came back."
    order_id: UUID | None
    currency: str
    earned_minor: int
    surcharge_minor: int
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class ExchangeCancelled(ExchangeEvent):
    type = "exchange.cancelled"
    summary = "Exchange {number} was called off."


@dataclass(frozen=True, slots=True)
class ReturnExchanged(ReturnEvent):
    """Pieces of a return were settled by other goods; they were worth `earned_minor`."""

    type = "return.exchanged"
    summary = "Other goods were given for {pieces} pieces of return {number}."
    exchange_id: UUID
    pieces: int
    currency: str
    earned_minor: int


@dataclass(eq=False)
class UnknownExchange(Missing):
    """There is no exchange with this id."""

    id: UUID
    message = "There is no such exchange."


@dataclass(eq=False)
class ExchangeUnderWay(Refused):
    """The return has an exchange that is not settled."""

    exchange: str
    message = "Exchange {exchange} of this return is not settled yet."


@dataclass(eq=False)
class NothingToExchange(Refused):
    """The return has ended, or nothing of it is left that could be exchanged."""

    message = "Nothing of this return is left to be exchanged."


@dataclass(eq=False)
class ExchangeNotReady(Refused):
    """Pieces are still to come or to be inspected: nobody knows what they are worth."""

    awaited: int
    to_inspect: int
    message = "Still to come: {awaited}; to be inspected: {to_inspect}."


@dataclass(eq=False)
class ExchangeHasLeft(Refused):
    """Goods of it have left the house: it is settled instead."""

    message = "Goods of this exchange have left; settle it instead."


def facts_of(exchange: Exchange) -> tuple[UUID, int, str, UUID]:
    """What every event of an exchange begins with."""
    return (exchange.id, exchange.version, exchange.number, exchange.return_id)
