"""A batch of scans: gone through in memory, under the locks of all levels that it touches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import OutOfRange, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products.model import VariantKind
from backoffice_api.domain.scanning import queries
from backoffice_api.domain.scanning.commands.hall import open_hall, work_in_hall
from backoffice_api.domain.scanning.commands.keeping import keep_scans
from backoffice_api.domain.scanning.model.devices import (
    MACHINE,
    Device,
    NotYourDevice,
    ScansTaken,
    UnknownDevice,
)
from backoffice_api.domain.scanning.model.scans import (
    MOVING,
    OF_HALL,
    PASSES_MAX,
    SCANS_MAX,
    PlaceNotInUse,
    Posting,
    SamePlace,
    Scan,
    ScanKind,
    Scanned,
    ScannedInFuture,
    ScanOutcome,
    ScanStatus,
    SequenceReused,
    Shelf,
    UnknownCode,
    UnknownPlace,
    apply_scan,
    check_scan,
    takers,
)
from backoffice_api.domain.scanning.queries import Packed
from backoffice_api.domain.scanning.tables import devices
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.costs import book_costs
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    change_levels,
    hold_locations,
    lock_tracked,
    make_levels,
    post,
)
from backoffice_api.domain.stock.model.levels import (
    QUANTITY_MAX,
    InsufficientStock,
    KitHasNoStock,
    Place,
    Shortage,
)
from backoffice_api.domain.stock.model.locations import Location, LocationStatus
from backoffice_api.domain.stock.model.lots import LotNeeded, Tracking
from backoffice_api.domain.stock.model.movements import RecordedMovement


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeScans(Command):
    """What device `id` has scanned, in any order, as often as it likes."""

    scope = Scope.STOCK_WRITE
    table = devices
    id: UUID
    scans: tuple[Scan, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A scan with what it names."""

    scan: Scan
    packed: Packed
    here: Location
    there: Location | None

    @property
    def pieces(self) -> int:
        return self.scan.quantity * self.packed.pieces

    def places(self) -> Iterable[Place]:
        yield Place(self.packed.variant.id, self.here.id)
        if self.there:
            yield Place(self.packed.variant.id, self.there.id)


@dataclass(frozen=True, slots=True)
class _Book:
    """What comes of a batch: the scans that are accepted, with the movements that they take."""

    shelves: Mapping[Place, Shelf]
    accepted: Sequence[_Found] = ()
    postings: Sequence[Posting] = ()


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
    outcomes: dict[int, ScanOutcome] = {}
    fresh = [scan for scan in command.scans if scan.sequence not in known]
    hall = open_hall(uow, [scan for scan in fresh if scan.kind in OF_HALL])
    of_stock = [scan for scan in fresh if scan.kind not in OF_HALL]
    found = _resolved(uow, device, of_stock, outcomes)
    first = {each.scan.sequence: each for each in reversed(found)}
    shelves = _shelves(uow, found)
    taken = [each for each in first.values() if not _is_tracked(shelves, each)]
    book = _gone_through(shelves, sorted(taken, key=_sequence))
    for each in book.accepted:
        outcomes[id(each.scan)] = ScanOutcome(each.scan.sequence, ScanStatus.ACCEPTED)
        known[each.scan.sequence] = each.scan.digest
    for each in found:
        if each.scan.sequence not in known:
            outcomes[id(each.scan)] = _refused(each.scan, _why_not(book, each))
    _write(uow, device, book)
    done = work_in_hall(uow, hall, known)
    for work in done:
        outcomes[id(work.scan)] = ScanOutcome(work.scan.sequence, ScanStatus.ACCEPTED)
    for scan, refusal in hall.refused:
        outcomes[id(scan)] = _refused(scan, refusal)
    keep_scans(uow, device, [*book.accepted, *done])
    told = tuple(
        outcomes.get(id(scan)) or _repeated(scan, known[scan.sequence]) for scan in command.scans
    )
    _tell(uow, device, told)
    return Scanned(device.id, told)


def _locked(uow: UnitOfWork, device_id: UUID) -> Device:
    """The device, which sends one batch at a time."""
    statement = select_as(Device, devices).where(devices.c.id == device_id).with_for_update()
    if found := fetch(uow.db, Device, statement):
        return found[0]
    raise UnknownDevice(device_id).at("id")


def _resolved(
    uow: UnitOfWork, device: Device, given: Sequence[Scan], outcomes: dict[int, ScanOutcome]
) -> Sequence[_Found]:
    """The scans with what they name; those that name nothing are refused."""
    packed = queries.packed_by_codes(uow.db, {scan.code for scan in given})
    places = _places(uow, device, given)
    found = []
    for scan in given:
        try:
            found.append(_resolve(uow, device, scan, packed, places))
        except DomainError as refusal:
            outcomes[id(scan)] = _refused(scan, refusal)
    return found


def _resolve(
    uow: UnitOfWork,
    device: Device,
    scan: Scan,
    packed: Mapping[str, Packed],
    places: Mapping[str | UUID, Location],
) -> _Found:
    if scan.scanned_at > uow.now:
        raise ScannedInFuture
    if (pack := packed.get(scan.code)) is None:
        raise UnknownCode(scan.code)
    if pack.variant.kind is VariantKind.KIT:
        raise KitHasNoStock(pack.variant.sku)
    if abs(scan.quantity * pack.pieces) > QUANTITY_MAX:
        raise OutOfRange(-QUANTITY_MAX, QUANTITY_MAX)
    here = _place(scan.location or device.location_id, places)
    there = None
    if scan.kind in MOVING:
        if scan.to_location is None:
            raise SamePlace
        there = _place(scan.to_location, places)
        if there.id == here.id:
            raise SamePlace
    return _Found(scan, pack, here, there)


def _places(
    uow: UnitOfWork, device: Device, given: Sequence[Scan]
) -> Mapping[str | UUID, Location]:
    """The locations that the scans name, by code, by id as text, and that of the device.

    They stay as they are until the transaction ends.
    """
    named = {name for scan in given for name in (scan.location, scan.to_location) if name}
    by_code = stock.locations_by_codes(uow.db, named)
    by_id = {name: parts[1] for name in named if (parts := ids.split(name)) and parts[0] == "loc"}
    wanted = {each.id for each in by_code.values()} | set(by_id.values())
    held = {
        id: each
        for id, each in hold_locations(
            uow, wanted | ({device.location_id} if device.location_id else set())
        ).items()
        if _is_reached(uow, each)
    }
    keys: dict[str | UUID, UUID] = {id: id for id in held}
    keys |= {name: id for name, id in by_id.items() if id in held}
    keys |= {code: each.id for code, each in by_code.items() if each.id in held}
    return {key: held[id] for key, id in keys.items()}


def _is_reached(uow: UnitOfWork, location: Location) -> bool:
    """Whether a grant that holds for the device holds there, too. Another location is none."""
    given = uow.bounds.get(Scope.STOCK_WRITE)
    return given is None or any(each.reaches_path(location.path) for each in given)


def _place(name: str | UUID | None, places: Mapping[str | UUID, Location]) -> Location:
    if name is None or (found := places.get(name)) is None:
        raise UnknownPlace("" if name is None else str(name))
    if not found.kind.is_physical or found.status is LocationStatus.ARCHIVED:
        raise PlaceNotInUse(found.code)
    return found


def _shelves(uow: UnitOfWork, found: Sequence[_Found]) -> Mapping[Place, Shelf]:
    """The levels of all scans, locked, with what happened there since the earliest of them."""
    if not found:
        return {}
    of = {place.id: place for each in found for place in (each.here, each.there) if place}
    made = make_levels(uow, {place for each in found for place in each.places()}, of)
    skus = {each.packed.variant.id: each.packed.variant.sku for each in found}
    locked = lock_tracked(uow, made.values())
    shelves = {
        place: Shelf(
            level_id=level.id,
            variant_id=level.variant_id,
            location_id=level.location_id,
            sku=skus[level.variant_id],
            on_hand=level.on_hand,
            reserved=level.reserved,
            negative_allowed=level.negative_allowed,
            tracking=locked.tracking.get(level.variant_id, Tracking.NONE),
        )
        for place, level in locked.levels.items()
    }
    earliest = min(each.scan.scanned_at for each in found)
    for variant_id, location_id, moment in queries.counts_since(uow.db, skus, earliest):
        if shelf := shelves.get(Place(variant_id, location_id)):
            shelf.counted_at.append(moment)
    for shelf in shelves.values():
        shelf.counted_at.sort()
    _remember(uow, shelves, found)
    return shelves


def _remember(uow: UnitOfWork, shelves: Mapping[Place, Shelf], found: Sequence[_Found]) -> None:
    """Tell the shelves of variants that are counted what moved there since."""
    counts = [each for each in found if each.scan.kind is ScanKind.COUNT]
    if not counts:
        return
    counted = {each.packed.variant.id for each in counts}
    since = min(each.scan.scanned_at for each in counts)
    for place, delta, when in stock.changes_since(uow.db, counted, since):
        if shelf := shelves.get(place):
            shelf.moves.append((when, delta))


def _gone_through(shelves: Mapping[Place, Shelf], found: Sequence[_Found]) -> _Book:
    """Apply the scans, and leave out as many of the latest as no level ends too low."""
    left = list(found)
    for number in range(len(found) + 1):
        now = {place: shelf.copy() for place, shelf in shelves.items()}
        effects: dict[Place, list[tuple[int, _Found]]] = {place: [] for place in shelves}
        postings: list[Posting] = []
        for each in left:
            places = tuple(each.places())
            before = [now[place].on_hand for place in places]
            here, there = now[places[0]], now[places[1]] if len(places) > 1 else None
            postings += apply_scan(each.scan, each.pieces, here, there)
            for place, was in zip(places, before, strict=True):
                effects[place].append((now[place].on_hand - was, each))
        refused: set[int] = set()
        for place, shelf in shelves.items():
            # After so many passes, all that took something from there.
            missing = shelf.floor - now[place].on_hand if number < PASSES_MAX else QUANTITY_MAX
            if now[place].on_hand < shelf.floor:
                differences = [difference for difference, _ in effects[place]]
                refused |= {
                    effects[place][at][1].scan.sequence for at in takers(differences, missing)
                }
        if not refused:
            return _Book(shelves, left, postings)
        left = [each for each in left if each.scan.sequence not in refused]
    return _Book(shelves)


def _sequence(each: _Found) -> int:
    return each.scan.sequence


def _is_tracked(shelves: Mapping[Place, Shelf], each: _Found) -> bool:
    return shelves[next(iter(each.places()))].tracking is not Tracking.NONE


def _why_not(book: _Book, each: _Found) -> DomainError:
    """Why a scan that names what is there was not accepted."""
    shelf = book.shelves[next(iter(each.places()))]
    if shelf.tracking is not Tracking.NONE:
        return LotNeeded(shelf.sku, shelf.tracking)
    removable = max(0, shelf.on_hand - shelf.reserved)
    return InsufficientStock((Shortage(shelf.variant_id, shelf.sku, abs(each.pieces), removable),))


def _refused(scan: Scan, refusal: DomainError) -> ScanOutcome:
    return ScanOutcome(scan.sequence, ScanStatus.REFUSED, refusal.code, str(refusal))


def _repeated(scan: Scan, digest: str) -> ScanOutcome:
    if digest != scan.digest:
        return _refused(scan, SequenceReused(scan.sequence))
    return ScanOutcome(scan.sequence, ScanStatus.DUPLICATE)


def _write(uow: UnitOfWork, device: Device, book: _Book) -> None:
    if not book.accepted:
        return
    deltas: dict[Place, int] = dict.fromkeys(book.shelves, 0)
    for each in book.postings:
        for location_id, delta in (
            (each.from_location_id, -each.quantity),
            (each.to_location_id, each.quantity),
        ):
            if (place := Place(each.variant_id, location_id)) in deltas:
                deltas[place] += delta
    changes = [
        Change(book.shelves[place].level_id, on_hand=delta)
        for place, delta in deltas.items()
        if delta
    ]
    change_levels(uow, changes)
    recorded = [_recorded(uow, device, each) for each in book.postings]
    book_costs(uow, recorded, post(uow, recorded))


def _recorded(uow: UnitOfWork, device: Device, each: Posting) -> RecordedMovement:
    return RecordedMovement(
        kind=each.kind,
        variant_id=each.variant_id,
        from_location_id=each.from_location_id,
        to_location_id=each.to_location_id,
        quantity=each.quantity,
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
