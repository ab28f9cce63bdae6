"""Levels: how many pieces of a variant there are at a location, and how many can be promised.

    available = on hand - reserved - safety

of what is sellable; pieces in any other bucket are there, too, and cannot be promised.

What is available is negative where the safety stock is eaten into, or where more is promised than
there is, at a location that allows it: it is kept and shown as it is, never cut off at zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.texts import OutOfRange
from backoffice_api.domain.stock.model.buckets import Bucket, Contents
from backoffice_api.domain.stock.model.locations import (
    CORRECTION_ID,
    CUSTOMER_ID,
    SCRAP_ID,
    SUPPLIER_ID,
)
from backoffice_api.domain.stock.model.lots import LotDraft

# What a level, a safety stock or a movement may hold: two of them still fit into 32 bits.
QUANTITY_MAX = 1_000_000_000
LINES_MAX = 1_000


class AdjustmentKind(Choice):
    """Why stock is adjusted by hand. Says with which virtual location pieces are exchanged."""

    CORRECTION = "correction", "The books were wrong."
    COUNT = "count", "A count found more or less."
    OPENING = "opening", "What is there when the books are opened."
    RECEIPT = "receipt", "It came from a supplier; if less than before, it went back there."
    SCRAP = "scrap", "It was thrown away; if more than before, it was not after all."
    RETURN = "return", "It came back from a customer. Returns put it back by themselves."

    @property
    def counterpart_id(self) -> UUID:
        """The virtual location on the other side of the movement."""
        return _COUNTERPARTS.get(self, CORRECTION_ID)


_COUNTERPARTS: Mapping[AdjustmentKind, UUID] = {
    AdjustmentKind.RECEIPT: SUPPLIER_ID,
    AdjustmentKind.SCRAP: SCRAP_ID,
    AdjustmentKind.RETURN: CUSTOMER_ID,
}


class LevelSortKey(Choice):
    """By what a list of stock levels is sorted."""

    CREATED_AT = "created_at", "When the variant was first kept at the location."
    ON_HAND = "on_hand", "How many pieces there are."
    AVAILABLE = "available", "How many pieces can be promised."


@dataclass(frozen=True, slots=True)
class StockLevel:
    """How many pieces of one variant there are at one location, in one bucket.

    `reserved` of the `on_hand` are promised, `safety` are not to be promised; `available` is what
    is left of them.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    variant_id: UUID
    location_id: UUID
    on_hand: int
    reserved: int
    safety: int
    available: int
    negative_allowed: bool
    bucket: Bucket = Bucket.SELLABLE


class Place(NamedTuple):
    """What a level is of: there is one for each."""

    variant_id: UUID
    location_id: UUID
    bucket: Bucket = Bucket.SELLABLE


def place_of(level: StockLevel) -> Place:
    return Place(level.variant_id, level.location_id, level.bucket)


@dataclass(frozen=True, slots=True)
class StockPosition(Contents):
    """The sums of one variant over all its levels."""

    variant_id: UUID


@dataclass(frozen=True, slots=True)
class Shortage:
    """What is missing of one variant. `available`: how many pieces could be had.

    `sku` is None if there is no such variant. `kit_skus` are the kits that it is wanted for.
    """

    variant_id: UUID
    sku: str | None
    requested: int
    available: int
    kit_skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StockAdjusted(Event):
    """`delta`: by how many pieces the level changed."""

    type = "stock.adjusted"
    subject = "lvl"
    summary = "Stock was adjusted by {delta:+} to {on_hand} ({kind})."
    id: UUID
    version: int
    variant_id: UUID
    location_id: UUID
    kind: AdjustmentKind
    delta: int
    on_hand: int


@dataclass(frozen=True, slots=True)
class StockMoved(Event):
    """`delta`: by how many pieces the level changed."""

    type = "stock.moved"
    subject = "lvl"
    summary = "Pieces were moved: {delta:+}, to {on_hand}."
    id: UUID
    version: int
    variant_id: UUID
    location_id: UUID
    bucket: Bucket
    delta: int
    on_hand: int


@dataclass(frozen=True, slots=True)
class SafetySet(Event):
    type = "stock.safety_set"
    subject = "lvl"
    summary = "The safety stock was set to {safety}."
    id: UUID
    version: int
    variant_id: UUID
    location_id: UUID
    safety: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustLine:
    """A level is to change by `delta` pieces, or to hold `set_to` pieces: one of the two.

    `expected_on_hand`: only if there are so many pieces now. None: whatever there are.
    With `lot`, all these numbers are of pieces of that lot. `unit_cost`: what one of the pieces
    cost that come in; None: what one costs on average.
    """

    variant_id: UUID
    location_id: UUID
    delta: int | None = None
    set_to: int | None = None
    expected_on_hand: int | None = None
    bucket: Bucket = Bucket.SELLABLE
    lot: LotDraft | None = None
    unit_cost: UnitPrice | None = None

    @property
    def place(self) -> Place:
        return Place(self.variant_id, self.location_id, self.bucket)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """Pieces that are to go from one place to another one, of the same variant."""

    variant_id: UUID
    from_location_id: UUID
    to_location_id: UUID
    quantity: int
    from_bucket: Bucket = Bucket.SELLABLE
    to_bucket: Bucket = Bucket.SELLABLE
    lot_id: UUID | None = None

    @property
    def origin(self) -> Place:
        return Place(self.variant_id, self.from_location_id, self.from_bucket)

    @property
    def destination(self) -> Place:
        return Place(self.variant_id, self.to_location_id, self.to_bucket)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyLine:
    """How many pieces of a variant are not to be promised at a location."""

    variant_id: UUID
    location_id: UUID
    safety: int

    @property
    def place(self) -> Place:
        return Place(self.variant_id, self.location_id)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a command did: the level of each line, in their order, and the movements it posted."""

    level_ids: tuple[UUID, ...]
    movement_ids: tuple[UUID, ...] = ()


@dataclass(eq=False)
class DeltaOrTotal(Invalid):
    """An adjustment says by how much or to how many, one of the two."""

    message = "Give either a difference or a total."


@dataclass(eq=False)
class GoesNowhere(Invalid):
    """A move leads from a place to the same place."""

    message = "The pieces would stay where they are: name another location or bucket."


@dataclass(eq=False)
class StockNotAsExpected(Refused):
    """There is another number of pieces than the caller believed. Look again and decide anew."""

    expected: int
    actual: int
    message = "There are {actual} pieces on hand, not {expected}."


@dataclass(eq=False)
class InsufficientStock(Refused):
    """There is not enough to promise or to take away. All shortages are told together."""

    shortages: tuple[Shortage, ...]
    message = "There is not enough stock."


@dataclass(eq=False)
class KitHasNoStock(Refused):
    """The variant is a kit: its components are kept, not the kit itself."""

    sku: str
    message = "{sku!r:.90} is a kit and has no stock of its own; its components have."


def adjusted(level: StockLevel, line: AdjustLine, sku: str) -> int:
    """How many pieces there are after an adjustment.

    Raises:
        StockNotAsExpected: there are not as many now as the line says.
        InsufficientStock: it would go below zero, or below what is promised.
        OutOfRange: it would be more than can be counted.
    """
    if line.expected_on_hand not in (None, level.on_hand):
        raise StockNotAsExpected(line.expected_on_hand, level.on_hand)
    after = line.set_to if line.set_to is not None else level.on_hand + (line.delta or 0)
    if after < level.reserved and after < level.on_hand and not level.negative_allowed:
        removed, removable = level.on_hand - after, level.on_hand - level.reserved
        raise InsufficientStock((Shortage(level.variant_id, sku, removed, removable),))
    if not -QUANTITY_MAX <= after <= QUANTITY_MAX:
        raise OutOfRange(-QUANTITY_MAX, QUANTITY_MAX)
    return after


@dataclass(frozen=True, slots=True)
class Shelf:
    """A level as allocation sees it. `limit`: how many more pieces it may promise at most.

    That is what is available, or more where stock may be negative.
    """

    level_id: UUID
    variant_id: UUID
    location_id: UUID
    available: int
    limit: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many pieces are to be taken from this shelf."""

    shelf: Shelf
    quantity: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where to take each variant from, and how many pieces can be had of those that fall short."""

    shares: Mapping[UUID, Sequence[Share]]
    short: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is kept from whoever asks: the last `buffer` pieces, and all beyond `cap`."""

    buffer: int = 0
    cap: int | None = None

    def left_of(self, available: int) -> int:
        """How many of the available pieces may be had."""
        left = max(0, available - self.buffer)
        return left if self.cap is None else min(left, self.cap)


def kept_back(
    wanted: Mapping[UUID, int], shelves: Sequence[Shelf], withheld: Mapping[UUID, Withheld]
) -> Mapping[UUID, int]:
    """How many pieces can be had of those variants of which too much is kept back."""
    short: dict[UUID, int] = {}
    for variant_id, of in withheld.items():
        limits = (max(0, each.limit) for each in shelves if each.variant_id == variant_id)
        left = of.left_of(sum(limits))
        if wanted.get(variant_id, 0) > left:
            short[variant_id] = left
    return short


def allocate(wanted: Mapping[UUID, int], shelves: Sequence[Shelf]) -> Allocation:
    """Decide from which locations to promise what is wanted, as pieces by variant.

    `shelves` come in the order of preference of their locations. As few parcels as possible: if
    one location has everything, all is taken there. Else each variant is taken where there is
    enough of it, else from one location after the other. Only then is more promised than there
    is, at locations that allow it.
    """
    by_variant: dict[UUID, list[Shelf]] = {variant_id: [] for variant_id in wanted}
    served: dict[UUID, int] = {}
    for shelf in shelves:
        by_variant[shelf.variant_id].append(shelf)
        enough = shelf.available >= wanted[shelf.variant_id]
        served[shelf.location_id] = served.get(shelf.location_id, 0) + enough
    complete = next((id for id, count in served.items() if count == len(wanted)), None)
    shares: dict[UUID, Sequence[Share]] = {}
    short: dict[UUID, int] = {}
    for variant_id, quantity in wanted.items():
        found = _shares(quantity, by_variant[variant_id], complete)
        shares[variant_id] = found
        if (total := sum(share.quantity for share in found)) < quantity:
            short[variant_id] = total
    return Allocation(shares, short)


def _shares(quantity: int, shelves: Sequence[Shelf], complete: UUID | None) -> Sequence[Share]:
    """Shares of one variant, together at most `quantity`; fewer if there is not more."""
    for shelf in shelves:
        if shelf.location_id == complete or (complete is None and shelf.available >= quantity):
            return [Share(shelf, quantity)]
    taken = dict.fromkeys(shelves, 0)
    for bounds in ([each.available for each in shelves], [each.limit for each in shelves]):
        for shelf, bound in zip(shelves, bounds, strict=True):
            missing = quantity - sum(taken.values())
            taken[shelf] += max(0, min(missing, bound - taken[shelf]))
    return [Share(shelf, pieces) for shelf, pieces in taken.items() if pieces]
