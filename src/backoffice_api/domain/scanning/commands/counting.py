"""Counting with a scanner in hand: codes in, and nothing out that says how many there should be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.counts.commands.counting import EnterCount, enter_count
from backoffice_api.domain.counts.commands.planning import StartCount, start_count
from backoffice_api.domain.counts.model import ENTRIES_MAX, CountEntry, CountStatus
from backoffice_api.domain.counts.queries import count_task
from backoffice_api.domain.counts.tables import count_tasks
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.scanning import queries
from backoffice_api.domain.scanning.model.scans import UnknownCode, UnknownPlace
from backoffice_api.domain.scanning.model.sheets import CodeEntry, NoSuchLot, check_entry
from backoffice_api.domain.scanning.queries import Packed
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.lots import LotNotTracked, Tracking
from backoffice_api.domain.stock.queries.lots import lots_by_codes, tracking_by_variants


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCount(Command):
    """All entries or none. It takes no right to see stock, nor to change it."""

    scope = Scope.DEVICES_USE
    table = count_tasks
    id: UUID
    entries: tuple[CodeEntry, ...]


def scan_count(uow: UnitOfWork, command: ScanCount) -> UUID:
    """Write down what was found, by what was read off packs and shelves. Id of the count.

    A count that was only planned begins with that.

    Raises:
        UnknownCode, UnknownPlace, NoSuchLot: an entry names these.
        InvalidText: so it can name nothing.
        UnknownCount, InvalidTransition, and whatever `enter_count` refuses.
    """
    faults = Faults()
    check_size(command.entries, faults, "entries", maximum=ENTRIES_MAX)
    faults.check()
    for position, each in enumerate(command.entries):
        check_entry(faults, each, "entries", position)
    faults.check()
    packed = queries.packed_by_codes(uow.db, {each.code for each in command.entries})
    places = _places(uow, command.entries)
    known: list[tuple[CodeEntry, Packed, UUID]] = []
    for position, each in enumerate(command.entries):
        if (pack := packed.get(each.code)) is None:
            faults.add(UnknownCode(each.code).at("entries", position, "code"))
        elif (location_id := places.get(each.location)) is None:
            faults.add(UnknownPlace(each.location).at("entries", position, "location"))
        else:
            known.append((each, pack, location_id))
    faults.check()
    lots = _lots(uow, faults, known)
    faults.check()
    entries = tuple(
        CountEntry(
            variant_id=pack.variant.id,
            location_id=location_id,
            bucket=each.bucket,
            lot_id=lots[position],
            quantity=None if each.quantity is None else each.quantity * pack.pieces,
            scanned=None if each.scanned is None else each.scanned * pack.pieces,
            counted_at=each.counted_at,
        )
        for position, (each, pack, location_id) in enumerate(known)
    )
    if count_task(uow.db, command.id).status is CountStatus.PLANNED:
        start_count(uow, StartCount(id=command.id))
    return enter_count(uow, EnterCount(id=command.id, entries=entries))


def _places(uow: UnitOfWork, entries: Sequence[CodeEntry]) -> Mapping[str, UUID]:
    named = {each.location for each in entries}
    own = {name: parts[1] for name in named if (parts := ids.split(name)) and parts[0] == "loc"}
    present = stock.locations_by_ids(uow.db, own.values())
    found = {name: id for name, id in own.items() if id in present}
    return {**found, **{x.code: x.id for x in stock.locations_by_codes(uow.db, named).values()}}


def _lots(
    uow: UnitOfWork, faults: Faults, known: Sequence[tuple[CodeEntry, Packed, UUID]]
) -> Sequence[UUID | None]:
    """The lot of each entry; None where pieces are not told apart, or none is named."""
    tracking = tracking_by_variants(uow.db, {pack.variant.id for _, pack, _ in known})
    codes = [
        _lot_code(each, pack, tracking.get(pack.variant.id, Tracking.NONE))
        for each, pack, _ in known
    ]
    wanted = {
        (pack.variant.id, code)
        for (_, pack, _), code in zip(known, codes, strict=True)
        if code is not None and pack.variant.id in tracking
    }
    found = lots_by_codes(uow.db, wanted, tracking) if wanted else {}
    lots: list[UUID | None] = []
    for position, ((_, pack, _), code) in enumerate(zip(known, codes, strict=True)):
        lot = found.get((pack.variant.id, code)) if code is not None else None
        if code is not None and lot is None:
            sku, is_tracked = pack.variant.sku, pack.variant.id in tracking
            fault: DomainError = NoSuchLot(code) if is_tracked else LotNotTracked(sku)
            faults.add(fault.at("entries", position, "lot"))
        lots.append(lot.id if lot else None)
    return lots


def _lot_code(each: CodeEntry, pack: Packed, tracking: Tracking) -> str | None:
    said = pack.message
    if each.lot is not None or said is None or tracking is Tracking.NONE:
        return each.lot
    return said.serial if tracking is Tracking.SERIAL else said.lot
