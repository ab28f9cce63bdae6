"""Quotes: drafts that were offered to somebody, at prices that bind until a day.

Each time a draft is sent it becomes a version, kept as it was offered. While one is open, placing
the draft keeps its prices, whatever the lists say by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.orders.model.amounts import Amounts, LineAmounts
from backoffice_api.domain.orders.model.lines import LineKind, OrderLine
from backoffice_api.domain.orders.model.orders import Order

QUOTES_MAX = 50
# How many quotes are ended by one command.
EXPIRE_BATCH_MAX = 200


class QuoteStatus(Choice):
    """What became of a quote."""

    OPEN = "open", "It can be accepted."
    ACCEPTED = "accepted", "The order was placed at its prices."
    REPLACED = "replaced", "Another version was sent, or the draft was changed."
    EXPIRED = "expired", "Its time is over."
    WITHDRAWN = "withdrawn", "The draft was cancelled."


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A line as it was offered. `unit_price_micro` in millionths of the main unit."""

    kind: str
    sku: str
    title: str
    quantity: int
    currency: str
    unit_price_micro: int
    subtotal_minor: int
    discount_minor: int
    tax_minor: int

    @property
    def unit_price(self) -> UnitPrice:
        return UnitPrice(self.unit_price_micro, self.currency)

    @property
    def amounts(self) -> LineAmounts:
        return LineAmounts(
            Money(self.subtotal_minor, self.currency),
            Money(self.discount_minor, self.currency),
            Money(self.tax_minor, self.currency),
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """A version of what was offered, from 1. `ended_at` None: it is open. `lines` as in JSON."""

    order_id: UUID
    number: int
    status: QuoteStatus
    sent_at: datetime
    valid_until: datetime
    ended_at: datetime | None
    currency: str
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    lines: Sequence[Sequence[str | int]]

    @property
    def amounts(self) -> Amounts:
        return Amounts(
            Money(self.subtotal_minor, self.currency),
            Money(self.discount_minor, self.currency),
            Money(self.shipping_minor, self.currency),
            Money(self.tax_minor, self.currency),
            Money(self.total_minor, self.currency),
        )

    @property
    def offered(self) -> Sequence[QuoteLine]:
        """What was offered, line by line."""
        return [QuoteLine(*line) for line in self.lines]  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class OrderQuoted(Event):
    type = "order.quoted"
    subject = "ord"
    summary = "Version {quote} of the quote was sent: {total}."
    id: UUID
    version: int
    quote: int
    total: str
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class OrderQuoteEnded(Event):
    type = "order.quote_ended"
    subject = "ord"
    summary = "Version {quote} of the quote has ended: {status}."
    id: UUID
    version: int
    quote: int
    status: QuoteStatus


@dataclass(eq=False)
class QuoteOver(Refused):
    """This version of the quote cannot be accepted: it ended, or was never sent."""

    quote: int
    message = "Version {quote} of the quote is not open."


@dataclass(eq=False)
class TooManyQuotes(Refused):
    """The draft was offered as often as it may be."""

    maximum: int
    message = "A draft is offered at most {maximum} times."


def frozen(line: OrderLine) -> Sequence[str | int]:
    """A line as a quote keeps it: the fields of `QuoteLine`, in their order."""
    return (
        LineKind(line.kind).value,
        line.sku,
        line.title,
        line.quantity,
        line.currency,
        line.unit_price_micro,
        line.subtotal_minor,
        line.discount_minor,
        line.tax_minor,
    )


def binds(order: Order, now: datetime) -> bool:
    """A quote of the draft is open: its prices stay as they are."""
    return order.quoted_until is not None and order.quoted_until > now
