"""What can be done with levels by hand: adjusted, given a safety stock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Integer, update

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant, Variant
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    change_levels,
    hold_locations,
    lock_levels,
    make_levels,
    post,
)
from backoffice_api.domain.stock.model.levels import (
    LINES_MAX,
    QUANTITY_MAX,
    AdjustLine,
    AdjustmentKind,
    DeltaOrTotal,
    SafetyLine,
    SafetySet,
    StockAdjusted,
    StockLevel,
    Touched,
    adjusted,
)
from backoffice_api.domain.stock.model.locations import (
    ArchivedLocation,
    Location,
    LocationStatus,
    UnknownLocation,
    VirtualLocation,
)
from backoffice_api.domain.stock.model.movements import MovementKind, RecordedMovement
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
    """All lines or none. A level may be named once."""

    scope = Scope.STOCK_WRITE
    kind: AdjustmentKind = AdjustmentKind.CORRECTION
    lines: tuple[AdjustLine, ...]


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


def adjust_stock(uow: UnitOfWork, command: AdjustStock) -> Touched:
    """Change levels by hand, each with a movement from or to a virtual location.

    A line that changes nothing posts no movement. The number of statements does not depend on
    the number of lines, and three of them are run under the locks.

    Raises:
        UnknownVariant, UnknownLocation, VirtualLocation, ArchivedLocation: a line names these.
        DeltaOrTotal, Duplicate, OutOfRange, TooMany: the lines are wrong.
        StockNotAsExpected, InsufficientStock: the levels do not allow it.
    """
    faults = Faults()
    for position, line in enumerate(command.lines[: LINES_MAX + 1]):
        _check_amounts(faults, line, position)
    named = _check_places(uow, faults, command.lines)
    present = _locked(uow, command.lines, named)
    changes: list[tuple[StockLevel, int]] = []
    for position, line in enumerate(command.lines):
        level = present[line.variant_id, line.location_id]
        try:
            changes.append((level, adjusted(level, line, named.variants[line.variant_id].sku)))
        except DomainError as fault:
            faults.add(fault.at("lines", position))
    faults.check()

    changes = [(level, after) for level, after in changes if after != level.on_hand]
    change_levels(
        uow, [Change(level.id, on_hand=after - level.on_hand) for level, after in changes]
    )
    posted = post(uow, [_movement(uow, command.kind, level, after) for level, after in changes])
    for level, after in changes:
        _tell_adjusted(uow, command.kind, level, after)
    touched = [present[line.variant_id, line.location_id].id for line in command.lines]
    return Touched(tuple(touched), tuple(posted))


def set_safety(uow: UnitOfWork, command: SetSafety) -> Touched:
    """Say how many pieces are not to be promised at a location, whatever was said before.

    What is promised already stays promised: what is available may become negative.

    Raises:
        UnknownVariant, UnknownLocation, VirtualLocation, ArchivedLocation: a line names these.
        Duplicate, OutOfRange, TooMany: the lines are wrong.
    """
    faults = Faults()
    for position, line in enumerate(command.lines[: LINES_MAX + 1]):
        here = ("lines", position, "safety")
        check_range(line.safety, faults, *here, minimum=0, maximum=QUANTITY_MAX)
    named = _check_places(uow, faults, command.lines)
    present = _locked(uow, command.lines, named)
    changes = [
        (level, line.safety)
        for line in command.lines
        if (level := present[line.variant_id, line.location_id]).safety != line.safety
    ]
    _SET_SAFETY(
        uow.db,
        [{"id": level.id, "safety": safety, "now": uow.now} for level, safety in changes],
    )
    for level, safety in changes:
        after = replace(level, safety=safety, available=level.available + level.safety - safety)
        event = SafetySet(level.id, level.version + 1, level.variant_id, level.location_id, safety)
        uow.emit(event, before=level, after=after)
    touched = [present[line.variant_id, line.location_id].id for line in command.lines]
    return Touched(tuple(touched))


def _check_amounts(faults: Faults, line: AdjustLine, position: int) -> None:
    here = ("lines", position)
    if (line.delta is None) == (line.set_to is None):
        faults.add(DeltaOrTotal().at(*here))
    for name, value in (("delta", line.delta), ("set_to", line.set_to)):
        check_range(value, faults, *here, name, minimum=-QUANTITY_MAX, maximum=QUANTITY_MAX)


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
    seen: set[tuple[UUID, UUID]] = set()
    for position, line in enumerate(lines):
        here = ("lines", position)
        if line.variant_id not in variants:
            name = ids.text("sku", line.variant_id)
            faults.add(UnknownVariant(name).at(*here, "variant_id"))
        location = locations.get(line.location_id)
        if location is None:
            faults.add(UnknownLocation(line.location_id).at(*here, "location_id"))
        elif not location.kind.is_physical:
            faults.add(VirtualLocation(location.kind).at(*here, "location_id"))
        elif location.status is LocationStatus.ARCHIVED:
            faults.add(ArchivedLocation(location.id).at(*here, "location_id"))
        if (place := (line.variant_id, line.location_id)) in seen:
            faults.add(Duplicate(ids.text("sku", line.variant_id)).at(*here))
        seen.add(place)
    faults.check()
    return _Named(variants, locations)


def _locked(
    uow: UnitOfWork, lines: Sequence[AdjustLine | SafetyLine], named: _Named
) -> Mapping[tuple[UUID, UUID], StockLevel]:
    """The levels of the lines, by variant and location, made if missing, and locked."""
    places = [(line.variant_id, line.location_id) for line in lines]
    made = make_levels(uow, places, named.locations)
    locked = lock_levels(uow, among(levels.c.id, made.values()))
    return {(level.variant_id, level.location_id): level for level in locked}


def _movement(
    uow: UnitOfWork, kind: AdjustmentKind, level: StockLevel, after: int
) -> RecordedMovement:
    here, there = level.location_id, kind.counterpart_id
    came = after > level.on_hand
    return RecordedMovement(
        kind=MovementKind(kind.value),
        variant_id=level.variant_id,
        from_location_id=there if came else here,
        to_location_id=here if came else there,
        quantity=abs(after - level.on_hand),
        reason=uow.meta.reason,
    )


def _tell_adjusted(uow: UnitOfWork, kind: AdjustmentKind, level: StockLevel, after: int) -> None:
    delta = after - level.on_hand
    event = StockAdjusted(
        id=level.id,
        version=level.version + 1,
        variant_id=level.variant_id,
        location_id=level.location_id,
        kind=kind,
        delta=delta,
        on_hand=after,
    )
    changed = replace(level, on_hand=after, available=level.available + delta)
    uow.emit(event, before=level, after=changed)
