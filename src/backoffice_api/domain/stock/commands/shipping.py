"""How pieces leave the levels that they are reserved of, lot by lot where they are tracked."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.stock.commands.costs import book_costs
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    change_levels,
    change_lots,
    lock_tracked,
    make_levels,
    post,
)
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import Place
from backoffice_api.domain.stock.model.locations import CORRECTION_ID, CUSTOMER_ID, IN_TRANSIT_ID
from backoffice_api.domain.stock.model.lots import (
    InsufficientLot,
    Lot,
    LotIsBlocked,
    LotPieces,
    LotStatus,
    NoLotToShip,
    UnknownLot,
    first_expired,
)
from backoffice_api.domain.stock.model.movements import Cause, MovementKind, RecordedMovement
from backoffice_api.domain.stock.model.reservations import Reservation
from backoffice_api.domain.stock.queries import locations_by_ids
from backoffice_api.domain.stock.queries.lots import (
    lots_at_levels,
    lots_by_ids,
    tracking_by_variants,
)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where pieces go, and how such a movement is called."""

    kind: MovementKind
    location_id: UUID
    bucket: Bucket


TO_CUSTOMERS = Destination(MovementKind.SHIPMENT, CUSTOMER_ID, Bucket.SELLABLE)
INTO_TRANSIT = Destination(MovementKind.TRANSFER, IN_TRANSIT_ID, Bucket.IN_TRANSIT)

# Reservations with the number of pieces that are taken of each.
Taken = Sequence[tuple[Reservation, int]]


@dataclass(frozen=True, slots=True)
class _Part:
    """Pieces that leave together. `lot_id` None: the variant is not tracked."""

    quantity: int
    lot_id: UUID | None = None


def ship(
    uow: UnitOfWork,
    taken: Taken,
    lots: Mapping[UUID, Sequence[LotPieces]],
    cause: Cause,
    to: Destination,
) -> None:
    """Write down that pieces leave their levels, which are locked and the caller's to change.

    What goes into transit is added there. `lots`: which are taken, by line; where a line is not
    named, what expires first.

    Raises:
        UnknownLot, InsufficientLot, LotIsBlocked, NoLotToShip: the lots do not allow it.
    """
    tracked = tracking_by_variants(uow.db, {each.variant_id for each, _ in taken})
    picked = _Picked(uow, [(each, pieces) for each, pieces in taken if each.variant_id in tracked])
    postings = [
        _movement(uow, each, part, cause, to)
        for each, pieces in taken
        for part in (
            picked.of(each, pieces, lots.get(each.line_id))
            if each.variant_id in tracked
            else [_Part(pieces)]
        )
    ]
    posted = post(uow, postings)
    level_ids = {Place(each.variant_id, each.location_id): each.level_id for each, _ in taken}
    if to.bucket is Bucket.IN_TRANSIT:
        level_ids |= _enter_transit(uow, postings)
    change_lots(uow, postings, level_ids, picked.kinds)
    book_costs(uow, postings, posted)


class _Picked:
    """The lots that are left at the levels while pieces are taken of them."""

    def __init__(self, uow: UnitOfWork, taken: Taken) -> None:
        there = lots_at_levels(uow.db, {each.level_id for each, _ in taken}) if taken else {}
        self._today: date = uow.now.date()
        self._lots: Mapping[UUID, Mapping[UUID, Lot]] = {
            level_id: {lot.id: lot for lot, _ in of_level} for level_id, of_level in there.items()
        }
        self._pieces = Counter(
            {
                (level_id, lot.id): pieces
                for level_id, of_level in there.items()
                for lot, pieces in of_level
            }
        )
        self.kinds = {lot.id: lot.kind for of_level in there.values() for lot, _ in of_level}
        self._wished: dict[UUID, list[LotPieces]] = {}

    def of(
        self, held: Reservation, pieces: int, wished: Sequence[LotPieces] | None
    ) -> Iterator[_Part]:
        """Which lots so many pieces of a reservation are taken of."""
        if wished is None:
            yield from self._first_expired(held, pieces)
        else:
            yield from self._as_wished(held, pieces, wished)

    def _first_expired(self, held: Reservation, pieces: int) -> Iterator[_Part]:
        known = self._lots.get(held.level_id, {})
        there = [(lot, self._pieces[held.level_id, lot.id]) for lot in known.values()]
        shares = first_expired(there, pieces, self._today)
        if (found := sum(share.quantity for share in shares)) < pieces:
            raise NoLotToShip(held.variant_id, pieces, found)
        for share in shares:
            self._pieces[held.level_id, share.lot_id] -= share.quantity
            yield _Part(share.quantity, share.lot_id)

    def _as_wished(
        self, held: Reservation, pieces: int, wished: Sequence[LotPieces]
    ) -> Iterator[_Part]:
        """What is wished for a line may lie at several levels, as it is reserved."""
        left = self._wished.setdefault(held.line_id, list(wished))
        while pieces:
            if not left:
                raise NoLotToShip(held.variant_id, pieces, 0)
            wish = left.pop(0)
            lot = self._lots.get(held.level_id, {}).get(wish.lot_id)
            if lot is None:
                raise UnknownLot(wish.lot_id)
            if lot.status is LotStatus.BLOCKED:
                raise LotIsBlocked(lot.code)
            part = min(pieces, wish.quantity)
            if (there := self._pieces[held.level_id, lot.id]) < part:
                raise InsufficientLot(lot.code, part, there)
            if wish.quantity > part:
                left.insert(0, LotPieces(lot.id, wish.quantity - part))
            self._pieces[held.level_id, lot.id] -= part
            pieces -= part
            yield _Part(part, lot.id)


def _enter_transit(uow: UnitOfWork, postings: Sequence[RecordedMovement]) -> Mapping[Place, UUID]:
    """Add what was shipped to what is in transit. The levels there."""
    pieces: Counter[Place] = Counter()
    for each in postings:
        pieces[Place(each.variant_id, each.to_location_id, each.to_bucket)] += each.quantity
    there = locations_by_ids(uow.db, [IN_TRANSIT_ID])
    made = make_levels(uow, list(pieces), there)
    change_levels(
        uow,
        [Change(made[place], on_hand=count) for place, count in sorted(pieces.items())],
    )
    return made


def _movement(
    uow: UnitOfWork, each: Reservation, part: _Part, cause: Cause, to: Destination
) -> RecordedMovement:
    return RecordedMovement(
        kind=to.kind,
        variant_id=each.variant_id,
        from_location_id=each.location_id,
        to_location_id=to.location_id,
        to_bucket=to.bucket,
        quantity=part.quantity,
        lot_id=part.lot_id,
        cause_kind=cause.kind,
        cause_id=cause.id,
        reason=uow.meta.reason,
    )


def lose_in_transit(
    uow: UnitOfWork, pieces: Mapping[UUID, Mapping[UUID | None, int]], cause: Cause
) -> int:
    """Take pieces off the books that are in transit, by variant and lot. How many those were."""
    postings = [
        RecordedMovement(
            kind=MovementKind.CORRECTION,
            variant_id=variant_id,
            from_location_id=IN_TRANSIT_ID,
            from_bucket=Bucket.IN_TRANSIT,
            to_location_id=CORRECTION_ID,
            quantity=count,
            lot_id=lot_id,
            cause_kind=cause.kind,
            cause_id=cause.id,
            reason=uow.meta.reason,
        )
        for variant_id, by_lot in pieces.items()
        for lot_id, count in by_lot.items()
    ]
    places = [Place(variant_id, IN_TRANSIT_ID, Bucket.IN_TRANSIT) for variant_id in pieces]
    there = make_levels(uow, places, locations_by_ids(uow.db, [IN_TRANSIT_ID]))
    locked = lock_tracked(uow, list(there.values()))
    change_levels(
        uow,
        [
            Change(locked.levels[place].id, on_hand=-sum(pieces[place.variant_id].values()))
            for place in places
        ],
    )
    posted = post(uow, postings)
    named = {each.lot_id for each in postings if each.lot_id}
    kinds = {id: lot.kind for id, lot in lots_by_ids(uow.db, named).items()} if named else {}
    change_lots(uow, postings, there, kinds)
    book_costs(uow, postings, posted)
    return sum(each.quantity for each in postings)
