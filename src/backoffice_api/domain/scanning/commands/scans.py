"""A batch of scans: gone through in memory, under the locks of all levels that it touches."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from uuid import UUID

from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.scanning import queries
from backoffice_api.domain.scanning.commands.dock import work_at_dock
from backoffice_api.domain.scanning.commands.hall import open_hall, work_in_hall
from backoffice_api.domain.scanning.commands.keeping import Accepted, keep_scans
from backoffice_api.domain.scanning.commands.naming import Found, named_by
from backoffice_api.domain.scanning.commands.room import with_room
from backoffice_api.domain.scanning.model.batches import Bound, Outcome, Slot, Step, gone_through
from backoffice_api.domain.scanning.model.devices import (
    MACHINE,
    Device,
    NotYourDevice,
    ScansTaken,
    UnknownDevice,
)
from backoffice_api.domain.scanning.model.scans import (
    MOVES_MAX,
    OF_HALL,
    SCANS_MAX,
    CountedTooLongAgo,
    Posting,
    Scan,
    ScanKind,
    Scanned,
    ScanOutcome,
    ScanStatus,
    SequenceReused,
    Shelf,
    check_scan,
)
from backoffice_api.domain.scanning.tables import devices
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.costs import book_costs
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    Locked,
    change_levels,
    change_lots,
    lock_tracked,
    make_levels,
    post,
)
from backoffice_api.domain.stock.commands.lots import make_lots, where_lots_lie
from backoffice_api.domain.stock.model.capacity import LocationFull
from backoffice_api.domain.stock.model.levels import (
    QUANTITY_MAX,
    InsufficientStock,
    Place,
    Shortage,
    StockLevel,
)
from backoffice_api.domain.stock.model.lots import (
    InsufficientLot,
    Lot,
    SerialElsewhere,
    Tracking,
)
from backoffice_api.domain.stock.model.movements import RecordedMovement
from backoffice_api.domain.stock.queries.lots import lots_by_codes


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeScans(Command):
    """What device `id` has scanned, in any order, as often as it likes."""

    scope = Scope.STOCK_WRITE
    table = devices
    id: UUID
    scans: tuple[Scan, ...]


@dataclass(slots=True)
class _Ground:
    """What the scans of a batch are about, locked: levels and lots, and what may become of them.

    `lots`: of each scan, by its identity, where pieces are told apart.
    """

    levels: Mapping[Place, StockLevel]
    skus: Mapping[UUID, str]
    lots: dict[int, Lot] = field(default_factory=dict)
    shelves: dict[Slot, Shelf] = field(default_factory=dict)
    bounds: list[Bound] = field(default_factory=list)

    def step(self, each: Found) -> Step:
        lot = self.lots.get(id(each.scan))
        slots = [(place, lot.id if lot else None) for place in each.places]
        return Step(each.scan, each.pieces, slots[0], slots[1] if len(slots) > 1 else None)


def take_scans(uow: UnitOfWork, command: TakeScans) -> Scanned:
    """Do what a device has scanned, each scan by itself: accepted, or refused with its reason.

    What was accepted before under the same number is not done again. The number of statements
    does not depend on the number of scans of stock; picks and packs take some for each fulfillment,
    and three more for each code at most.

    Raises:
        UnknownDevice, InvalidTransition: there is none, or it is retired.
        NotYourDevice: it is bound to somebody else.
        TooMany, InvalidText, OutOfRange: a device that sends this is broken; nothing is done.
    """
    device = _locked(uow, command.id)
    MACHINE.check("scan", device.status)
    if not device.is_of(uow.caller.actor):
        raise NotYourDevice().at("id")
    faults = Faults()
    check_size(command.scans, faults, "scans", maximum=SCANS_MAX)
    faults.check()
    for position, scan in enumerate(command.scans):
        check_scan(faults, scan, "scans", position)
    faults.check()

    known = dict(queries.digests(uow.db, device.id, {each.sequence for each in command.scans}))
    refused: dict[int, DomainError] = {}
    fresh = [scan for scan in command.scans if scan.sequence not in known]
    hall = open_hall(uow, [scan for scan in fresh if scan.kind in OF_HALL])
    dock = work_at_dock(uow, device, [scan for scan in fresh if scan.is_of_dock], known)
    refused |= dock.refused
    of_stock = [
        scan
        for scan in fresh
        if not (scan.kind in OF_HALL or scan.is_of_dock or scan.sequence in known)
    ]
    fitting = with_room(uow, named_by(uow, device, of_stock, refused), refused)
    found = fitting.found
    ground = _ground(uow, found, refused)
    first = {each.scan.sequence: each for each in reversed(found) if id(each.scan) not in refused}
    taken = [each for _, each in sorted(first.items())]
    outcome = gone_through(ground.shelves, ground.bounds, [ground.step(each) for each in taken])
    _write(uow, device, ground, outcome)
    known |= {step.scan.sequence: step.scan.digest for step in outcome.accepted}
    done = work_in_hall(uow, hall, known)
    refused |= {id(scan): refusal for scan, refusal in hall.refused}
    sequences = {step.scan.sequence for step in outcome.accepted}
    moved = [each for each in taken if each.scan.sequence in sequences]
    accepted: list[Accepted] = [*dock.done, *moved, *done]
    keep_scans(uow, device, accepted, {**ground.lots, **dock.lots})
    full = fitting.overfilled | dock.overfilled
    kept = {id(each.scan): each.there is not None and each.there.id in full for each in accepted}
    told = tuple(_outcomes(command.scans, kept, known, refused, outcome))
    _tell(uow, device, told)
    return Scanned(device.id, told)


def _outcomes(
    given: Sequence[Scan],
    kept: Mapping[int, bool],
    known: Mapping[int, str],
    refused: Mapping[int, DomainError],
    outcome: Outcome,
) -> Iterable[ScanOutcome]:
    """What became of each scan, in the order in which they were given.

    By their identity, those that are `kept` now, each with whether there is no room for it, and
    those that are `refused`.
    """
    for scan in given:
        if id(scan) in kept:
            warning = LocationFull.code if kept[id(scan)] else None
            yield ScanOutcome(scan.sequence, ScanStatus.ACCEPTED, warning=warning)
        elif (refusal := refused.get(id(scan)) or outcome.refused.get(scan.sequence)) is not None:
            yield _refused(scan, refusal)
        else:
            yield _repeated(scan, known[scan.sequence])


def _locked(uow: UnitOfWork, device_id: UUID) -> Device:
    """The device, which sends one batch at a time."""
    statement = select_as(Device, devices).where(devices.c.id == device_id).with_for_update()
    if found := fetch(uow.db, Device, statement):
        return found[0]
    raise UnknownDevice(device_id).at("id")


def _ground(uow: UnitOfWork, found: Sequence[Found], refused: dict[int, DomainError]) -> _Ground:
    """The levels of all scans, locked, with what happened there since the earliest of them.

    By their identity, why scans are `refused` that do not say of which lot they are.
    """
    if not found:
        return _Ground({}, {})
    of = {place.id: place for each in found for place in (each.here, each.there) if place}
    made = make_levels(uow, {place for each in found for place in each.places}, of)
    locked = lock_tracked(uow, made.values())
    skus = {each.packed.variant.id: each.packed.variant.sku for each in found}
    ground = _Ground(locked.levels, skus)
    _name_lots(uow, ground, found, locked, refused)
    left = [each for each in found if id(each.scan) not in refused]
    for slot in {slot for each in left for slot in ground.step(each).slots}:
        place, lot_id = slot
        on_hand = locked.levels[place].on_hand if lot_id is None else 0
        ground.shelves[slot] = Shelf(place.variant_id, place.location_id, on_hand, lot_id)
    _bind(uow, ground)
    _remember(uow, ground, left, refused)
    return ground


def _name_lots(
    uow: UnitOfWork,
    ground: _Ground,
    found: Sequence[Found],
    locked: Locked,
    refused: dict[int, DomainError],
) -> None:
    """The lots of the scans; what brings pieces of one that was never heard of makes it."""
    codes: dict[int, tuple[UUID, str]] = {}
    drafts: dict[tuple[UUID, str], date | None] = {}
    for each in found:
        variant_id = each.packed.variant.id
        try:
            code = each.lot_code(locked.tracking.get(variant_id, Tracking.NONE))
        except DomainError as refusal:
            refused[id(each.scan)] = refusal
            continue
        if code is not None:
            codes[id(each.scan)] = variant_id, code
            if each.there is None and each.pieces > 0:
                drafts.setdefault((variant_id, code), each.expires_on(uow.now.date()))
    if not codes:
        return
    made = make_lots(uow, drafts, locked.tracking) if drafts else {}
    lots = {**lots_by_codes(uow.db, set(codes.values()) - made.keys(), locked.tracking), **made}
    for each in found:
        if key := codes.get(id(each.scan)):
            if lot := lots.get(key):
                ground.lots[id(each.scan)] = lot
            else:
                refused[id(each.scan)] = InsufficientLot(key[1], abs(each.pieces), 0)


def _bind(uow: UnitOfWork, ground: _Ground) -> None:
    """What there is of each lot, and by how much levels, lots and serial numbers may change."""
    lots = {lot.id: lot for lot in ground.lots.values()}
    there = where_lots_lie(uow, list(lots.values())) if lots else ()
    slots_of: dict[Place, list[Slot]] = {}
    for slot in ground.shelves:
        slots_of.setdefault(slot[0], []).append(slot)
    places = {level.id: place for place, level in ground.levels.items()}
    for each in there:
        place = places.get(each.level_id)
        if place and (shelf := ground.shelves.get((place, each.lot_id))):
            shelf.on_hand = each.on_hand
    for place, slots in slots_of.items():
        level, sku = ground.levels[place], ground.skus[place.variant_id]
        floor = -QUANTITY_MAX if level.negative_allowed else min(level.on_hand, level.reserved)
        removable = max(0, level.on_hand - level.reserved)
        short = partial(_short, place.variant_id, sku, removable)
        ground.bounds.append(Bound(tuple(slots), floor - level.on_hand, None, short))
    for slot, shelf in ground.shelves.items():
        if slot[1] is not None:
            lacking = partial(_lacking, lots[slot[1]].code, shelf.on_hand)
            ground.bounds.append(Bound((slot,), -shelf.on_hand, None, lacking))
    for lot in lots.values():
        if lot.kind is Tracking.SERIAL:
            pieces = sum(each.on_hand for each in there if each.lot_id == lot.id)
            mine = tuple(slot for slot in ground.shelves if slot[1] == lot.id)
            elsewhere = partial(_elsewhere, lot.code)
            ground.bounds.append(Bound(mine, -pieces, 1 - pieces, elsewhere))


def _short(variant_id: UUID, sku: str, removable: int, pieces: int) -> DomainError:
    return InsufficientStock((Shortage(variant_id, sku, pieces, removable),))


def _lacking(code: str, present: int, pieces: int) -> DomainError:
    return InsufficientLot(code, pieces, present)


def _elsewhere(code: str, _: int) -> DomainError:
    return SerialElsewhere(code)


def _remember(
    uow: UnitOfWork, ground: _Ground, found: Sequence[Found], refused: dict[int, DomainError]
) -> None:
    """Tell the shelves when they were counted since, and what moved there if they are now.

    By their identity, why counts are `refused` since which too much has moved.
    """
    if not found:
        return
    earliest = min(each.scan.scanned_at for each in found)
    variant_ids = {each.packed.variant.id for each in found}
    for variant_id, location_id, lot_id, moment in queries.counts_since(
        uow.db, variant_ids, earliest
    ):
        if shelf := ground.shelves.get((Place(variant_id, location_id), lot_id)):
            shelf.counted_at.append(moment)
    for shelf in ground.shelves.values():
        shelf.counted_at.sort()
    counts = [each for each in found if each.scan.kind is ScanKind.COUNT]
    if not counts:
        return
    counted = {each.packed.variant.id for each in counts}
    there = {each.here.id for each in counts}
    since = min(each.scan.scanned_at for each in counts)
    changes = stock.changes_since(uow.db, counted, there, since, limit=MOVES_MAX + 1)
    if len(changes) > 2 * MOVES_MAX:  # each movement has two ends
        horizon = changes[-1][3]
        for each in counts:
            if each.scan.scanned_at <= horizon:
                refused[id(each.scan)] = CountedTooLongAgo(MOVES_MAX)
    for place, lot_id, delta, when in changes:
        if shelf := ground.shelves.get((place, lot_id)):
            shelf.moves.append((when, delta))


def _refused(scan: Scan, refusal: DomainError) -> ScanOutcome:
    return ScanOutcome(scan.sequence, ScanStatus.REFUSED, refusal.code, str(refusal))


def _repeated(scan: Scan, digest: str) -> ScanOutcome:
    if digest != scan.digest:
        return _refused(scan, SequenceReused(scan.sequence))
    return ScanOutcome(scan.sequence, ScanStatus.DUPLICATE)


def _write(uow: UnitOfWork, device: Device, ground: _Ground, outcome: Outcome) -> None:
    if not outcome.accepted:
        return
    deltas: Counter[Place] = Counter()
    for each in outcome.postings:
        deltas[Place(each.variant_id, each.from_location_id)] -= each.quantity
        deltas[Place(each.variant_id, each.to_location_id)] += each.quantity
    changes = [
        Change(level.id, on_hand=deltas[place])
        for place, level in ground.levels.items()
        if deltas[place]
    ]
    change_levels(uow, changes)
    recorded = [_recorded(uow, device, each) for each in outcome.postings]
    posted = post(uow, recorded)
    level_ids = {place: level.id for place, level in ground.levels.items()}
    change_lots(uow, recorded, level_ids, {lot.id: lot.kind for lot in ground.lots.values()})
    book_costs(uow, recorded, posted)


def _recorded(uow: UnitOfWork, device: Device, each: Posting) -> RecordedMovement:
    return RecordedMovement(
        kind=each.kind,
        variant_id=each.variant_id,
        from_location_id=each.from_location_id,
        to_location_id=each.to_location_id,
        quantity=each.quantity,
        lot_id=each.lot_id,
        cause_kind="dev",
        cause_id=device.id,
        reason=uow.meta.reason,
        occurred_at=each.occurred_at,
    )


def _tell(uow: UnitOfWork, device: Device, outcomes: Sequence[ScanOutcome]) -> None:
    counts = {status: sum(each.status is status for each in outcomes) for status in ScanStatus}
    uow.emit(
        ScansTaken(
            device.id,
            device.version,
            device.code,
            accepted=counts[ScanStatus.ACCEPTED],
            duplicates=counts[ScanStatus.DUPLICATE],
            refused=counts[ScanStatus.REFUSED],
        )
    )
