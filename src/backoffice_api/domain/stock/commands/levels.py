"""What can be done with levels by hand: adjusted, given a safety stock."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Integer, update

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.shapes import replaced
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant, Variant, VariantKind
from backoffice_api.domain.stock.commands.costs import book_costs
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    Locked,
    change_levels,
    change_lots,
    hold_locations,
    lock_levels,
    lock_tracked,
    make_levels,
    post,
)
from backoffice_api.domain.stock.commands.lots import LotsThere, lots_of_lines
from backoffice_api.domain.stock.model.buckets import Bucket, WrongBucket
from backoffice_api.domain.stock.model.costs import NegativeCost
from backoffice_api.domain.stock.model.levels import (
    LINES_MAX,
    QUANTITY_MAX,
    AdjustLine,
    AdjustmentKind,
    DeltaOrTotal,
    KitHasNoStock,
    Place,
    SafetyLine,
    SafetySet,
    StockAdjusted,
    StockLevel,
    Touched,
    adjusted,
    place_of,
)
from backoffice_api.domain.stock.model.locations import (
    ArchivedLocation,
    Location,
    LocationStatus,
    UnknownLocation,
    VirtualLocation,
)
from backoffice_api.domain.stock.model.lots import Lot
from backoffice_api.domain.stock.model.movements import Cause, MovementKind, RecordedMovement
from backoffice_api.domain.stock.tables import levels

_SET_SAFETY = UpdateEach(
    lambda given: (
        update(levels)
        .where(levels.c.id == given("id"))
        .values(safety=given("safety"), version=levels.c.version + 1, updated_at=given("now"))
    ),
    id=Id(),
    safety=Integer(),
    now=Instant(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustStock(Command):
    """All lines or none. A level may be named once; of what is tracked, each of its lots once.

    `cause`: what it is done for. None: nothing that is on record.
    """

    scope = Scope.STOCK_WRITE
    kind: AdjustmentKind = AdjustmentKind.CORRECTION
    lines: tuple[AdjustLine, ...]
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSafety(Command):
    """All lines or none. A level may be named once."""

    scope = Scope.STOCK_WRITE
    lines: tuple[SafetyLine, ...]


@dataclass(frozen=True, slots=True)
class _Named:
    """What the lines of a command name, by id."""

    variants: Mapping[UUID, Variant]
    locations: Mapping[UUID, Location]


@dataclass(frozen=True, slots=True)
class _Step:
    """What a line comes to: so many pieces more or less at a level, perhaps of a lot."""

    line: AdjustLine
    delta: int
    lot: Lot | None


@dataclass(slots=True)
class _Adjusting:
    """Levels and lots as they become, line by line; several lines may be of one level."""

    named: _Named
    now: dict[Place, StockLevel]
    lots: LotsThere
    faults: Faults
    steps: list[_Step] = field(default_factory=list)

    def take(self, line: AdjustLine, lot: Lot | None) -> None:
        """Raises: DomainError, if the level or the lot does not allow it."""
        level, sku = self.now[line.place], self.named.variants[line.variant_id].sku
        if lot is not None:
            delta = self.lots.adjusted(level.id, lot, line)
            line_of_level = replaced(line, delta=delta, set_to=None, expected_on_hand=None)
        else:
            line_of_level = line
        delta = adjusted(level, line_of_level, sku) - level.on_hand
        self.now[line.place] = _with(level, delta)
        self.steps.append(_Step(line, delta, lot))


def adjust_stock(uow: UnitOfWork, command: AdjustStock) -> Touched:
    """Change levels by hand, each with a movement from or to a virtual location.

    Raises:
        NotAllowed: a line says what a piece cost, and the caller may not say that.
        DomainError: as `adjust`.
    """
    if any(line.unit_cost for line in command.lines):
        uow.require(Scope.COSTS_WRITE)
    return adjust(uow, command)


def adjust(uow: UnitOfWork, command: AdjustStock) -> Touched:
    """Change levels, for the commands of other contexts too: a receipt, a count that is posted.

    A line that changes nothing posts no movement. The number of statements does not depend on
    the number of lines.

    Raises:
        UnknownVariant, KitHasNoStock, UnknownLocation, VirtualLocation, ArchivedLocation: a line
            names these.
        DeltaOrTotal, Duplicate, OutOfRange, TooMany, WrongBucket, NegativeCost: the lines are
            wrong.
        LotNeeded, LotNotTracked, InvalidText: a line should name a lot, or should not.
        StockNotAsExpected, InsufficientStock, InsufficientLot, SerialElsewhere: the levels do
            not allow it.
        CurrencyMismatch: the variant is valued in another currency.
    """
    faults = Faults()
    for position, line in enumerate(command.lines[: LINES_MAX + 1]):
        _check_amounts(faults, line, position)
    named = _check_places(uow, faults, command.lines)
    locked = _locked(uow, command.lines, named)
    lots, there = lots_of_lines(uow, faults, command.lines, locked.tracking, named.variants)
    faults.check()
    adjusting = _Adjusting(named, dict(locked.levels), there, faults)
    for position, (line, lot) in enumerate(zip(command.lines, lots, strict=True)):
        try:
            adjusting.take(line, lot)
        except DomainError as fault:
            faults.add(fault.at("lines", position))
    faults.check()
    posted = _write(uow, command, locked, adjusting)
    touched = [locked.levels[line.place].id for line in command.lines]
    return Touched(tuple(touched), tuple(posted))


def set_safety(uow: UnitOfWork, command: SetSafety) -> Touched:
    """Say how many pieces are not to be promised at a location, whatever was said before.

    What is promised already stays promised: what is available may become negative.

    Raises:
        UnknownVariant, KitHasNoStock, UnknownLocation, VirtualLocation, ArchivedLocation: a line
            names these.
        Duplicate, OutOfRange, TooMany: the lines are wrong.
    """
    faults = Faults()
    for position, line in enumerate(command.lines[: LINES_MAX + 1]):
        here = ("lines", position, "safety")
        check_range(line.safety, faults, *here, minimum=0, maximum=QUANTITY_MAX)
    named = _check_places(uow, faults, command.lines)
    made = make_levels(uow, [line.place for line in command.lines], named.locations)
    locked = lock_levels(uow, among(levels.c.id, made.values()))
    present = {place_of(level): level for level in locked}
    changes = [
        (level, line.safety)
        for line in command.lines
        if (level := present[line.place]).safety != line.safety
    ]
    _SET_SAFETY(
        uow.db,
        [{"id": level.id, "safety": safety, "now": uow.now} for level, safety in changes],
    )
    for level, safety in changes:
        after = replaced(level, safety=safety, available=level.available + level.safety - safety)
        event = SafetySet(level.id, level.version + 1, level.variant_id, level.location_id, safety)
        uow.emit(event, before=level, after=after)
    return Touched(tuple(present[line.place].id for line in command.lines))


def _check_amounts(faults: Faults, line: AdjustLine, position: int) -> None:
    here = ("lines", position)
    if (line.delta is None) == (line.set_to is None):
        faults.add(DeltaOrTotal().at(*here))
    for name, value in (("delta", line.delta), ("set_to", line.set_to)):
        check_range(value, faults, *here, name, minimum=-QUANTITY_MAX, maximum=QUANTITY_MAX)
    if line.bucket is Bucket.IN_TRANSIT:
        faults.add(WrongBucket(line.bucket).at(*here, "bucket"))
    if line.unit_cost and line.unit_cost.micro < 0:
        faults.add(NegativeCost().at(*here, "unit_cost"))


def _check_places(
    uow: UnitOfWork, faults: Faults, lines: Sequence[AdjustLine | SafetyLine]
) -> _Named:
    """Refuse lines that name what is not there or not in use, or the same level twice.

    What they name. The locations stay in use until the transaction ends.
    """
    check_size(lines, faults, "lines", maximum=LINES_MAX)
    faults.check()
    variants = products.variants_by_ids(uow.db, {line.variant_id for line in lines})
    locations = hold_locations(uow, {line.location_id for line in lines})
    seen: set[tuple[Place, str | None]] = set()
    for position, line in enumerate(lines):
        here = ("lines", position)
        if line.variant_id not in variants:
            name = ids.text("sku", line.variant_id)
            faults.add(UnknownVariant(name).at(*here, "variant_id"))
        elif (variant := variants[line.variant_id]).kind is VariantKind.KIT:
            faults.add(KitHasNoStock(variant.sku).at(*here, "variant_id"))
        faults.extend(
            fault.at(*here, "location_id")
            for fault in unfit(locations.get(line.location_id), line.location_id)
        )
        lot = line.lot.code if isinstance(line, AdjustLine) and line.lot else None
        if (named := (line.place, lot)) in seen:
            faults.add(Duplicate(ids.text("sku", line.variant_id)).at(*here))
        seen.add(named)
    faults.check()
    return _Named(variants, locations)


def unfit(location: Location | None, id: UUID) -> Iterator[DomainError]:
    """Why pieces cannot be put at a location or taken from there by hand."""
    if location is None:
        yield UnknownLocation(id)
    elif not location.kind.is_physical:
        yield VirtualLocation(location.kind)
    elif location.status is LocationStatus.ARCHIVED:
        yield ArchivedLocation(location.id)


def _locked(uow: UnitOfWork, lines: Sequence[AdjustLine], named: _Named) -> Locked:
    """The levels of the lines, made if missing, and locked."""
    made = make_levels(uow, [line.place for line in lines], named.locations)
    return lock_tracked(uow, list(made.values()))


def _write(
    uow: UnitOfWork, command: AdjustStock, locked: Locked, adjusting: _Adjusting
) -> Sequence[UUID]:
    """Write what the steps come to. The ids of the movements."""
    steps = [step for step in adjusting.steps if step.delta]
    deltas: Counter[Place] = Counter()
    for step in steps:
        deltas[step.line.place] += step.delta
    changed = {place: delta for place, delta in deltas.items() if delta}
    before = locked.levels
    change_levels(uow, [Change(before[at].id, on_hand=delta) for at, delta in changed.items()])
    postings = [_movement(uow, command, step) for step in steps]
    posted = post(uow, postings)
    level_ids = {place: level.id for place, level in before.items()}
    change_lots(uow, postings, level_ids, adjusting.lots.kinds)
    book_costs(uow, postings, posted)
    for place in changed:
        _tell_adjusted(uow, command.kind, before[place], adjusting.now[place])
    return posted


def _movement(uow: UnitOfWork, command: AdjustStock, step: _Step) -> RecordedMovement:
    here, there = step.line.location_id, command.kind.counterpart_id
    came, bucket, cause = step.delta > 0, step.line.bucket, command.cause
    unit_cost: UnitPrice | None = step.line.unit_cost if came else None
    return RecordedMovement(
        kind=MovementKind(command.kind.value),
        variant_id=step.line.variant_id,
        from_location_id=there if came else here,
        to_location_id=here if came else there,
        from_bucket=Bucket.SELLABLE if came else bucket,
        to_bucket=bucket if came else Bucket.SELLABLE,
        quantity=abs(step.delta),
        lot_id=step.lot.id if step.lot else None,
        unit_cost=unit_cost,
        cause_kind=cause.kind if cause else None,
        cause_id=cause.id if cause else None,
        reason=uow.meta.reason,
    )


def _with(level: StockLevel, delta: int) -> StockLevel:
    """The level with so many pieces more."""
    promised = delta if level.bucket is Bucket.SELLABLE else 0
    return replaced(level, on_hand=level.on_hand + delta, available=level.available + promised)


def _tell_adjusted(
    uow: UnitOfWork, kind: AdjustmentKind, before: StockLevel, after: StockLevel
) -> None:
    event = StockAdjusted(
        id=before.id,
        version=before.version + 1,
        variant_id=before.variant_id,
        location_id=before.location_id,
        kind=kind,
        delta=after.on_hand - before.on_hand,
        on_hand=after.on_hand,
    )
    uow.emit(event, before=before, after=after)
