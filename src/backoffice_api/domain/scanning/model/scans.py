"""Scans: what a device saw while it was offline, in a form that may be sent again and in any order.

A device numbers its scans. What was accepted under a number is done once; the same again is a
duplicate. What is refused is not kept: the device sends it again when things have changed, as when
the receipt has come in that it takes pieces of.

Pieces that come, go and move add up in any order. A count does not: it says how many there were at
a moment. So it is compared with what the ledger holds of that moment, and whatever comes in later
but happened before it was counted already: it is posted, and taken off again as of the count.

Which of them are accepted, `batches` says.
"""

import json
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.stock.model.locations import CORRECTION_ID, SUPPLIER_ID
from backoffice_api.domain.stock.model.lots import LOT_CODE_LENGTH_MAX
from backoffice_api.domain.stock.model.movements import MovementKind

SCANS_MAX = 2_000
SEQUENCE_MAX = 2**53
CODE_READ_MAX = 500
# A count is compared with so many movements at most that happened there since.
MOVES_MAX = 100_000


class ScanKind(Choice):
    """What somebody did with what was scanned."""

    MOVE = "move", "Pieces went from one location to another."
    PUT_AWAY = "put_away", "Pieces that had come in went to where they are kept."
    RECEIVE = "receive", "Pieces came from a supplier."
    ADJUST = "adjust", "There are so many more than the books say; negative for fewer."
    COUNT = "count", "So many were there, all in all."
    PICK = "pick", "Pieces were taken from their place for a fulfillment."
    PACK = "pack", "Pieces were put into a parcel of a fulfillment."
    RECEIVE_PURCHASE = "receive_purchase", "Pieces of a purchase order came in."
    INSPECT = "inspect", "Pieces that waited for an inspection are fit for sale, or not."


class ScanStatus(Choice):
    """What became of a scan."""

    ACCEPTED = "accepted", "It was done."
    DUPLICATE = "duplicate", "It was done before, under the same number."
    REFUSED = "refused", "It was not done, for the reason given. It may be sent again."


MOVING = frozenset({ScanKind.MOVE, ScanKind.PUT_AWAY})
# Those that are of a fulfillment: they move no pieces in the ledger.
OF_HALL = frozenset({ScanKind.PICK, ScanKind.PACK})
# Those that are done before what moves among sellable pieces.
OF_DOCK = frozenset({ScanKind.RECEIVE_PURCHASE, ScanKind.INSPECT})
_MOVEMENTS = {
    ScanKind.MOVE: MovementKind.TRANSFER,
    ScanKind.PUT_AWAY: MovementKind.TRANSFER,
    ScanKind.RECEIVE: MovementKind.RECEIPT,
    ScanKind.ADJUST: MovementKind.CORRECTION,
    ScanKind.COUNT: MovementKind.COUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """`quantity` packs of what carries the `code`.

    `location`: where it was, by code or id; None: where the device is used. `to_location`: where
    pieces were moved to. `lot`: which lot or serial number, if the code does not say it.
    `fulfillment`, by number or id, and `parcel`, by code or id, are those of a pick and a pack.
    `purchase_order`, by number or id, is that of a receipt. `bucket`: in which condition the pieces
    are; None: sellable, or, of an inspection, waiting for it. `to_bucket`: what it came to.
    """

    sequence: int
    kind: ScanKind
    code: str
    quantity: int
    location: str | None = None
    to_location: str | None = None
    scanned_at: datetime
    fulfillment: str | None = None
    parcel: str | None = None
    lot: str | None = None
    purchase_order: str | None = None
    bucket: Bucket | None = None
    to_bucket: Bucket | None = None

    @property
    def is_of_dock(self) -> bool:
        """Whether it is of a purchase order, or of pieces that are not, or not yet, sellable."""
        unsellable = self.bucket not in (None, Bucket.SELLABLE)
        return self.kind in OF_DOCK or (self.kind in MOVING and unsellable)

    @property
    def digest(self) -> str:
        """Tells it from another scan under the same number."""
        more: tuple[str | None, ...] = () if self.lot is None else (self.lot,)
        if self.is_of_dock:
            more = (self.lot, self.purchase_order, self.bucket, self.to_bucket)
        if self.kind in OF_HALL:
            more = (self.fulfillment, self.parcel)
        parts = [self.kind, self.code, self.quantity, self.location, self.to_location]
        text = json.dumps([*parts, self.scanned_at.isoformat(), *more])
        return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ScanOutcome:
    """What became of one scan. `refusal` is the code of the reason, None if there is none."""

    sequence: int
    status: ScanStatus
    refusal: str | None = None
    message: str | None = None
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a batch came to: the outcomes, in the order in which the scans were given."""

    device_id: UUID
    outcomes: tuple[ScanOutcome, ...]


@dataclass(eq=False)
class UnknownCode(Missing):
    """No variant has this code: none of the barcodes, no SKU, no id."""

    name: str
    message = "No variant has the code {name!r:.90}."


@dataclass(eq=False)
class UnknownPlace(Missing):
    """There is no location with this code or id, and the device is not used at any."""

    name: str
    message = "There is no location {name!r:.90} to scan at."


@dataclass(eq=False)
class PlaceNotInUse(Refused):
    """The location is virtual or archived."""

    name: str
    message = "Nothing is kept at location {name!r:.90}."


@dataclass(eq=False)
class SamePlace(Invalid):
    """Pieces are to move to where they are, or nobody said where to."""

    message = "Pieces move from one location to another one."


@dataclass(eq=False)
class SequenceReused(Refused):
    """Another scan was accepted under this number."""

    sequence: int
    message = "The device has used the number {sequence} for another scan."


@dataclass(eq=False)
class ScannedInFuture(Invalid):
    """The clock of the device is ahead: the scan has not happened yet."""

    message = "The scan lies in the future."


@dataclass(eq=False)
class CountedTooLongAgo(Refused):
    """A count is compared with all that has moved there since: that is too much, count again."""

    maximum: int
    message = "More than {maximum} movements came after this count: count again."


@dataclass(frozen=True, slots=True)
class Posting:
    """A movement that a scan comes to."""

    kind: MovementKind
    variant_id: UUID
    from_location_id: UUID
    to_location_id: UUID
    quantity: int
    occurred_at: datetime
    lot_id: UUID | None = None


@dataclass(slots=True)
class Shelf:
    """A level, or a lot at one, while a batch is gone through: what is there, and how it came.

    `moves` are differences by when they happened, `counted_at` when it was counted; both as far
    back as the batch reaches.
    """

    variant_id: UUID
    location_id: UUID
    on_hand: int
    lot_id: UUID | None = None
    moves: list[tuple[datetime, int]] = field(default_factory=list)
    counted_at: list[datetime] = field(default_factory=list)

    def copy(self) -> "Shelf":
        return replace(self, moves=[*self.moves], counted_at=[*self.counted_at])

    def at(self, moment: datetime) -> int:
        """How many pieces there were, as far as the ledger knows now."""
        return self.on_hand - sum(delta for when, delta in self.moves if when > moment)

    def next_count(self, moment: datetime) -> datetime | None:
        """When it was first counted at that moment or after it."""
        return next((each for each in self.counted_at if each >= moment), None)


def check_scan(faults: Faults, scan: Scan, *path: str | int) -> None:
    """Note what is wrong with a scan so that it cannot even be answered by its number."""
    check_range(scan.sequence, faults, *path, "sequence", minimum=1, maximum=SEQUENCE_MAX)
    check_text(scan.code, faults, *path, "code", maximum=CODE_READ_MAX)
    check_text(scan.location, faults, *path, "location")
    check_text(scan.to_location, faults, *path, "to_location")
    check_text(scan.fulfillment, faults, *path, "fulfillment")
    check_text(scan.parcel, faults, *path, "parcel", maximum=CODE_LENGTH_MAX)
    check_text(scan.purchase_order, faults, *path, "purchase_order", maximum=CODE_LENGTH_MAX)
    check_text(scan.lot, faults, *path, "lot", maximum=LOT_CODE_LENGTH_MAX)
    least = 0 if scan.kind is ScanKind.COUNT else 1
    minimum = -QUANTITY_MAX if scan.kind is ScanKind.ADJUST else least
    check_range(scan.quantity, faults, *path, "quantity", minimum=minimum, maximum=QUANTITY_MAX)


def apply_scan(scan: Scan, pieces: int, here: Shelf, there: Shelf | None) -> Sequence[Posting]:
    """Do what a scan says to the shelves, and say which movements that takes."""
    moment, kind = scan.scanned_at, _MOVEMENTS[scan.kind]
    if scan.kind is ScanKind.COUNT:
        delta = pieces - here.at(moment)
        postings = list(_changed(here, delta, moment, kind, CORRECTION_ID, counted=True))
        insort(here.counted_at, moment)
        return postings
    if there is not None:
        moved = Posting(
            kind, here.variant_id, here.location_id, there.location_id, pieces, moment, here.lot_id
        )
        return [moved, *_noted(here, -pieces, moment), *_noted(there, pieces, moment)]
    other = SUPPLIER_ID if scan.kind is ScanKind.RECEIVE else CORRECTION_ID
    return list(_changed(here, pieces, moment, kind, other))


def _changed(
    shelf: Shelf,
    delta: int,
    moment: datetime,
    kind: MovementKind,
    other_id: UUID,
    *,
    counted: bool = False,
) -> Iterator[Posting]:
    if delta:
        yield _posting(shelf, delta, moment, kind, other_id)
        yield from _noted(shelf, delta, moment, counted=counted)


def _noted(
    shelf: Shelf, delta: int, moment: datetime, *, counted: bool = False
) -> Iterator[Posting]:
    """Keep in mind what happened, and take it off again as of the count that saw it already.

    A count itself is no news to another one of the same moment.
    """
    shelf.moves.append((moment, delta))
    later = (each for each in shelf.counted_at if each > moment)
    seen_at = next(later, None) if counted else shelf.next_count(moment)
    if seen_at is None:
        shelf.on_hand += delta
        return
    shelf.moves.append((seen_at, -delta))
    yield _posting(shelf, -delta, seen_at, MovementKind.COUNT, CORRECTION_ID)


def _posting(
    shelf: Shelf, delta: int, moment: datetime, kind: MovementKind, other_id: UUID
) -> Posting:
    came = delta > 0
    return Posting(
        kind=kind,
        variant_id=shelf.variant_id,
        from_location_id=other_id if came else shelf.location_id,
        to_location_id=shelf.location_id if came else other_id,
        quantity=abs(delta),
        occurred_at=moment,
        lot_id=shelf.lot_id,
    )
