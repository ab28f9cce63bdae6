"""Quotes: what the services of all carriers ask for a parcel, and which one is best.

Best is what costs least, once the risk of being late is added to the price: with a service that
is late nine times in a hundred, 10.00 count as 10.90. What arrives after the day that is needed
comes after all that arrives in time, and what a carrier refuses comes last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.customers.model import ADDRESS
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.shipping.model.rating import (
    LineKind,
    Piece,
    Place,
    PriceLine,
    RateRefusal,
)

TEXT_LENGTH_MAX = 300


class Wish(Choice):
    """What makes a candidate better than another one."""

    BEST = "best", "The lowest price with the risk of being late: `expected` of a candidate."
    CHEAPEST = "cheapest", "The lowest price."
    FASTEST = "fastest", "The earliest day; of these the lowest price."


class QuoteStatus(Choice):
    """Whether all carriers have been asked."""

    PENDING = "pending", "Some carriers are being asked; those that are known here are there."
    READY = "ready", "All have answered, or did not in time."


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a parcel goes that is only thought of."""

    country: str
    region: str | None = None
    postal_code: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True)
class RateQuote:
    """What was asked: a parcel, a place, a day. Values are in `currency`."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    status: QuoteStatus
    parcel_id: UUID | None
    wish: Wish
    needed_by: date | None
    currency: str
    weight_g: int
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    value_minor: int
    cash_minor: int
    region: str | None = field(metadata=ADDRESS)
    postal_code: str | None = field(metadata=ADDRESS)
    city: str | None = field(metadata=ADDRESS)
    country: str = field(metadata=ADDRESS)

    @property
    def piece(self) -> Piece:
        return Piece(
            self.weight_g,
            self.length_mm,
            self.width_mm,
            self.height_mm,
            self.value_minor,
            self.cash_minor,
        )

    @property
    def place(self) -> Place:
        return Place(self.country, self.region, self.postal_code)


@dataclass(frozen=True, slots=True)
class CostLine:
    """A part of a price."""

    kind: LineKind
    label: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one service asks, or why it does not take the parcel. `position`: 0 is the best.

    `expected_minor`: the price with the risk of being late.
    """

    quote_id: UUID
    position: int
    carrier_id: UUID
    service_id: UUID
    currency: str
    total_minor: int | None
    expected_minor: int | None
    billable_g: int
    promised_on: date | None
    late_permille: int | None
    in_time: bool
    refused: Sequence[str]
    said: str | None
    parts: Sequence[dict[str, Any]]

    @property
    def total(self) -> Money | None:
        return None if self.total_minor is None else Money(self.total_minor, self.currency)

    @property
    def expected(self) -> Money | None:
        return None if self.expected_minor is None else Money(self.expected_minor, self.currency)

    @property
    def refusals(self) -> Sequence[RateRefusal]:
        return [RateRefusal(each) for each in self.refused]

    @property
    def lines(self) -> Sequence[CostLine]:
        return [
            CostLine(LineKind(each["kind"]), each["label"], Money(each["minor"], self.currency))
            for each in self.parts
        ]

    @property
    def is_best(self) -> bool:
        return self.position == 0 and self.total_minor is not None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a service came to, before the offers are compared. Without lines: refused."""

    carrier_id: UUID
    service_id: UUID
    currency: str
    billable_g: int
    promised_on: date | None
    lines: tuple[PriceLine, ...] = ()
    refusals: tuple[RateRefusal, ...] = ()
    said: str | None = None
    late_permille: int | None = None

    @property
    def total_minor(self) -> int | None:
        return None if self.refusals else sum(each.minor for each in self.lines)

    @property
    def expected_minor(self) -> int | None:
        total = self.total_minor
        return None if total is None else total * (1_000 + (self.late_permille or 0)) // 1_000


@dataclass(frozen=True, slots=True)
class RateQuoteMade(Event):
    type = "rate_quote.made"
    subject = "qut"
    summary = "Rates were asked for; {offers} services take the parcel so far."
    id: UUID
    version: int
    offers: int


@dataclass(frozen=True, slots=True)
class RateQuoteSettled(Event):
    type = "rate_quote.settled"
    subject = "qut"
    summary = "All carriers have answered; {offers} services take the parcel."
    id: UUID
    version: int
    offers: int


@dataclass(eq=False)
class UnknownRateQuote(Missing):
    """There is no quote with this id."""

    id: UUID
    message = "There is no such quote."


def ranked(offers: Sequence[Offer], wish: Wish, needed_by: date | None) -> Sequence[Offer]:
    """The offers, best first: those in time, those that are late, those that are refused."""

    def key(offer: Offer) -> tuple[Any, ...]:
        total, expected = offer.total_minor, offer.expected_minor
        if total is None or expected is None:
            return (2, offer.service_id)
        day = offer.promised_on or date.max
        order = {
            Wish.BEST: (expected, day),
            Wish.CHEAPEST: (total, day),
            Wish.FASTEST: (day, total),
        }[wish]
        return (0 if in_time(offer, needed_by) else 1, *order, offer.service_id)

    return sorted(offers, key=key)


def in_time(offer: Offer, needed_by: date | None) -> bool:
    """Whether it arrives on the day that is needed; a day that nobody promises does not count."""
    if needed_by is None:
        return True
    return offer.promised_on is not None and offer.promised_on <= needed_by


def candidates(
    quote_id: UUID, offers: Sequence[Offer], wish: Wish, needed_by: date | None
) -> Sequence[Candidate]:
    """The offers as they are kept, best first."""
    return [
        Candidate(
            quote_id=quote_id,
            position=position,
            carrier_id=offer.carrier_id,
            service_id=offer.service_id,
            currency=offer.currency,
            total_minor=offer.total_minor,
            expected_minor=offer.expected_minor,
            billable_g=offer.billable_g,
            promised_on=offer.promised_on,
            late_permille=offer.late_permille,
            in_time=in_time(offer, needed_by),
            refused=[each.value for each in offer.refusals],
            said=offer.said,
            parts=[
                {"kind": each.kind.value, "label": each.label, "minor": each.minor}
                for each in offer.lines
            ],
        )
        for position, offer in enumerate(ranked(offers, wish, needed_by))
    ]
