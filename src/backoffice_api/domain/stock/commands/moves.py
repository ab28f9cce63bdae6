"""What can be done with pieces that stay in the house: moved to another location or bucket."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant, Variant
from backoffice_api.domain.stock.commands.capacity import Added, overfilled
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    Locked,
    change_levels,
    change_lots,
    hold_locations,
    lock_tracked,
    make_levels,
    post,
)
from backoffice_api.domain.stock.commands.levels import unfit
from backoffice_api.domain.stock.commands.lots import LotsThere, where_lots_lie
from backoffice_api.domain.stock.model.buckets import Bucket, WrongBucket
from backoffice_api.domain.stock.model.levels import (
    LINES_MAX,
    QUANTITY_MAX,
    GoesNowhere,
    InsufficientStock,
    MoveLine,
    Place,
    Shortage,
    StockLevel,
    StockMoved,
    Touched,
)
from backoffice_api.domain.stock.model.locations import IN_TRANSIT_ID, Location
from backoffice_api.domain.stock.model.lots import (
    Lot,
    LotNeeded,
    LotNotTracked,
    Tracking,
    UnknownLot,
)
from backoffice_api.domain.stock.model.movements import Cause, MovementKind, RecordedMovement
from backoffice_api.domain.stock.queries.lots import lots_by_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStock(Command):
    """All lines or none, one after the other: a later line may move what an earlier one brought."""

    scope = Scope.STOCK_WRITE
    lines: tuple[MoveLine, ...]


def move_stock(uow: UnitOfWork, command: MoveStock) -> Touched:
    """Move pieces to another location, another bucket, or both. The levels that they left.

    Raises:
        WrongBucket: only transfers move what is in transit.
        LocationFull: it does not fit into its new location.
        DomainError: as `move`.
    """
    faults = Faults()
    for position, line in enumerate(command.lines[: LINES_MAX + 1]):
        for name in ("from_bucket", "to_bucket"):
            if (bucket := getattr(line, name)) is Bucket.IN_TRANSIT:
                faults.add(WrongBucket(bucket).at("lines", position, name))
    faults.check()
    came = [Added(x.to_location_id, x.variant_id, x.quantity) for x in command.lines]
    went = [Added(x.from_location_id, x.variant_id, -x.quantity) for x in command.lines]
    # What only changes its condition takes no more room than before.
    moved = [each for pair in zip(went, came, strict=True) for each in pair]
    refusals, _ = overfilled(uow, moved[: 2 * LINES_MAX])
    for position, refusal in enumerate(refusals[1::2]):
        if refusal:
            faults.add(refusal.at("lines", position, "to_location_id"))
    faults.check()
    return move(uow, command.lines)


def move(uow: UnitOfWork, lines: Sequence[MoveLine], *, cause: Cause | None = None) -> Touched:
    """The same for the commands of other contexts, which may move what is in transit, too.

    A constant number of statements. What the pieces are worth does not change.

    Raises:
        UnknownVariant, UnknownLocation, VirtualLocation, ArchivedLocation, UnknownLot: a line
            names these.
        OutOfRange, TooMany, GoesNowhere, LotNeeded, LotNotTracked: the lines are wrong.
        InsufficientStock, InsufficientLot: there are not so many pieces that are not promised.
    """
    faults = Faults()
    variants, locations = _named(uow, faults, lines)
    places = {place for line in lines for place in (line.origin, line.destination)}
    made = make_levels(uow, sorted(places), locations)
    moving = _Moving(lock_tracked(uow, list(made.values())), variants, _Lots(uow, lines))
    for position, line in enumerate(lines):
        try:
            moving.take(line)
        except DomainError as fault:
            faults.add(fault.at("lines", position))
    faults.check()
    postings = [_movement(uow, line, cause) for line in lines]
    moving.write(uow)
    posted = post(uow, postings)
    change_lots(uow, postings, made, moving.lots.there.kinds)
    return Touched(tuple(made[line.origin] for line in lines), tuple(posted))


class _Lots:
    """The lots that lines name, and where they lie."""

    def __init__(self, uow: UnitOfWork, lines: Sequence[MoveLine]) -> None:
        named = {line.lot_id for line in lines if line.lot_id}
        self.known: Mapping[UUID, Lot] = lots_by_ids(uow.db, named) if named else {}
        of = list(self.known.values())
        self.there = LotsThere(where_lots_lie(uow, of) if of else (), of)

    def of(self, line: MoveLine, tracking: Tracking, sku: str) -> Lot | None:
        """Raises: LotNeeded, LotNotTracked, UnknownLot."""
        if line.lot_id is None:
            if tracking is not Tracking.NONE:
                raise LotNeeded(sku, tracking)
            return None
        lot = self.known.get(line.lot_id)
        if lot is None or lot.variant_id != line.variant_id:
            raise UnknownLot(line.lot_id)
        if tracking is Tracking.NONE:
            raise LotNotTracked(sku)
        return lot


class _Moving:
    """Levels as they become, line by line."""

    def __init__(self, locked: Locked, variants: Mapping[UUID, Variant], lots: _Lots) -> None:
        self._locked = locked
        self._variants = variants
        self.lots = lots
        self._deltas: Counter[Place] = Counter()

    def take(self, line: MoveLine) -> None:
        """Raises: InsufficientStock, InsufficientLot, LotNeeded, LotNotTracked, UnknownLot."""
        level, sku = self._locked.levels[line.origin], self._variants[line.variant_id].sku
        tracking = self._locked.tracking.get(line.variant_id, Tracking.NONE)
        lot = self.lots.of(line, tracking, sku)
        free = level.on_hand + self._deltas[line.origin] - level.reserved
        if line.quantity > free and not level.negative_allowed:
            raise InsufficientStock((Shortage(line.variant_id, sku, line.quantity, max(0, free)),))
        if lot is not None:
            there = self.lots.there
            there.take(level.id, lot, line.quantity)
            there.put(self._locked.levels[line.destination].id, lot, line.quantity)
        self._deltas[line.origin] -= line.quantity
        self._deltas[line.destination] += line.quantity

    def write(self, uow: UnitOfWork) -> None:
        """Change the levels, and tell of each."""
        before = self._locked.levels
        changed = {place: delta for place, delta in self._deltas.items() if delta}
        change_levels(
            uow, [Change(before[place].id, on_hand=delta) for place, delta in changed.items()]
        )
        for place, delta in changed.items():
            _tell_moved(uow, before[place], delta)


def _named(
    uow: UnitOfWork, faults: Faults, lines: Sequence[MoveLine]
) -> tuple[Mapping[UUID, Variant], Mapping[UUID, Location]]:
    """What the lines name. The locations stay in use until the transaction ends."""
    check_size(lines, faults, "lines", maximum=LINES_MAX)
    faults.check()
    variants = products.variants_by_ids(uow.db, {line.variant_id for line in lines})
    named = {id for line in lines for id in (line.from_location_id, line.to_location_id)}
    locations = hold_locations(uow, named)
    for position, line in enumerate(lines):
        here = ("lines", position)
        check_range(line.quantity, faults, *here, "quantity", minimum=1, maximum=QUANTITY_MAX)
        if line.variant_id not in variants:
            name = ids.text("sku", line.variant_id)
            faults.add(UnknownVariant(name).at(*here, "variant_id"))
        for end in ("from", "to"):
            id, bucket = getattr(line, f"{end}_location_id"), getattr(line, f"{end}_bucket")
            if id != IN_TRANSIT_ID or bucket is not Bucket.IN_TRANSIT:
                faults.extend(
                    fault.at(*here, f"{end}_location_id") for fault in unfit(locations.get(id), id)
                )
        if line.origin == line.destination:
            faults.add(GoesNowhere().at(*here))
    faults.check()
    return variants, locations


def _movement(uow: UnitOfWork, line: MoveLine, cause: Cause | None) -> RecordedMovement:
    stays = line.from_location_id == line.to_location_id
    return RecordedMovement(
        kind=MovementKind.INSPECTION if stays else MovementKind.TRANSFER,
        variant_id=line.variant_id,
        from_location_id=line.from_location_id,
        to_location_id=line.to_location_id,
        from_bucket=line.from_bucket,
        to_bucket=line.to_bucket,
        quantity=line.quantity,
        lot_id=line.lot_id,
        cause_kind=cause.kind if cause else None,
        cause_id=cause.id if cause else None,
        reason=uow.meta.reason,
    )


def _tell_moved(uow: UnitOfWork, before: StockLevel, delta: int) -> None:
    promised = delta if before.bucket is Bucket.SELLABLE else 0
    after = replace(before, on_hand=before.on_hand + delta, available=before.available + promised)
    event = StockMoved(
        id=before.id,
        version=before.version + 1,
        variant_id=before.variant_id,
        location_id=before.location_id,
        bucket=before.bucket,
        delta=delta,
        on_hand=after.on_hand,
    )
    uow.emit(event, before=before, after=after)
