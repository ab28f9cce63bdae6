"""Restating: costs that no line caused alone are shared out over the lines of a time.

What a provider keeps of a payout, or a bill above its order, is posted long after the goods have
left. A restatement shares such amounts out over what was sold in a time, by revenue: of the same
order if it is known, else of the same product, supplier, channel, else of all. It takes them from
where they were and adds them there, so that nothing appears or goes: its rows sum to zero.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.margins.model.margins import MarginMeasure

DAYS_MAX = 366
REASON_LENGTH_MAX = 500


class RestatementSortKey(Choice):
    """By what a list of restatements is sorted."""

    CREATED_AT = "created_at", "When it was made."


@dataclass(frozen=True, slots=True)
class Restatement:
    """Of the days from `from_on` up to but without `to_on`; its shares count on the last of them.

    `number`: counts restatements, from 1."""

    id: UUID
    created_at: datetime
    number: int
    from_on: date
    to_on: date
    reason: str
    actor_kind: str
    actor_id: UUID | None


@dataclass(frozen=True, slots=True)
class About:
    """What an amount is about, as far as it is known."""

    channel_id: UUID | None
    supplier_id: UUID | None
    product_id: UUID | None
    order_id: UUID | None
    order_line_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """An amount that a measure adds to a margin; below zero for costs."""

    about: About
    measure: MarginMeasure
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class Sold:
    """What a line has brought in within the time."""

    about: About
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class MarginsRestated(Event):
    type = "margins.restated"
    subject = "mrs"
    summary = "Margins from {from_on} up to {to_on} were restated: {reason}."
    id: UUID
    version: int
    from_on: date
    to_on: date
    reason: str


@dataclass(eq=False)
class RestatedInPart(Refused):
    """Some of these days were shared out together with others, which cannot be told apart again."""

    from_on: date
    to_on: date
    message = "Some of it was restated from {from_on} up to {to_on}: take in all of these days."


def restated(
    pool: Collection[Shared], present: Collection[Shared], sold: Collection[Sold]
) -> Sequence[Shared]:
    """The rows of a new restatement: those `present` are taken back, the pool is shared anew.

    `pool`: what is without a line. `present`: what restatements of the same time come to.
    """
    index = _index(sold)
    rows = [Shared(each.about, each.measure, each.currency, -each.minor) for each in present]
    for each in pool:
        bearing = _bearing(each, index)
        if each.minor and bearing:
            rows.append(Shared(each.about, each.measure, each.currency, -each.minor))
            rows += _shares(each, bearing)
    return _summed(rows)


# From the nearest to the farthest: who bears an amount.
_NEAR = ("order_id", "product_id", "supplier_id", "channel_id")
_Index = Mapping[tuple[str, str, UUID | None], list[Sold]]


def _index(sold: Collection[Sold]) -> _Index:
    found: dict[tuple[str, str, UUID | None], list[Sold]] = {}
    for each in sold:
        if each.minor > 0:
            for name in _NEAR:
                key = each.currency, name, getattr(each.about, name)
                found.setdefault(key, []).append(each)
            found.setdefault((each.currency, "", None), []).append(each)
    return found


def _bearing(amount: Shared, index: _Index) -> Sequence[Sold]:
    """The lines that bear an amount. What is about something that was not sold, nobody bears."""
    for name in _NEAR:
        if (id := getattr(amount.about, name)) is not None:
            return index.get((amount.currency, name, id), ())
    return index.get((amount.currency, "", None), ())


def _shares(amount: Shared, bearing: Sequence[Sold]) -> Iterator[Shared]:
    parts = Money(amount.minor, amount.currency).allocate([each.minor for each in bearing])
    for each, part in zip(bearing, parts, strict=True):
        if part.minor:
            yield Shared(each.about, amount.measure, amount.currency, part.minor)


def _summed(rows: Sequence[Shared]) -> Sequence[Shared]:
    """One row for each thing and measure; none where nothing is left."""
    sums: dict[tuple[About, MarginMeasure, str], int] = {}
    for each in rows:
        key = each.about, each.measure, each.currency
        sums[key] = sums.get(key, 0) + each.minor
    return [Shared(*key, minor) for key, minor in sums.items() if minor]
