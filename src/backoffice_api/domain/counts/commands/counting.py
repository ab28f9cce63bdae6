"""How pieces are counted: number by number or scan by scan, while the hall works."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, update

from backoffice_api.domain.counts import queries
from backoffice_api.domain.counts.commands.planning import add_lines
from backoffice_api.domain.counts.model import (
    DONE,
    ENTRIES_MAX,
    LINES_MAX,
    MACHINE,
    CountedAlready,
    CountedLater,
    CountEntered,
    CountEntry,
    CountLine,
    CountLineStatus,
    CountStatus,
    CountTask,
    NotInCount,
    Spot,
    TotalOrScanned,
    spot_of,
)
from backoffice_api.domain.counts.tables import count_lines, count_tasks
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.texts import TooMany, check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.ledger import lock_tracked
from backoffice_api.domain.stock.model.buckets import SHELVED
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX, Place
from backoffice_api.domain.stock.model.lots import LotNeeded, LotNotTracked, Tracking, UnknownLot
from backoffice_api.domain.stock.queries.counting import moved_since
from backoffice_api.domain.stock.queries.lots import (
    lots_at_levels,
    lots_by_ids,
    tracking_by_variants,
)

_save_each = UpdateEach(
    lambda given: (
        update(count_lines)
        .where(count_lines.c.id == given("id"))
        .values(
            status=given("status"),
            expected=given("expected"),
            counted=given("counted"),
            first_counted=given("first_counted"),
            counted_at=given("counted_at"),
            counted_by_id=given("counted_by_id"),
        )
    ),
    id=Id(),
    status=count_lines.c.status.type,
    expected=BigInteger(),
    counted=BigInteger(),
    first_counted=BigInteger(),
    counted_at=Instant(),
    counted_by_id=Id(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterCount(Command):
    """All entries or none."""

    scope = Scope.STOCK_WRITE
    table = count_tasks
    id: UUID
    entries: tuple[CountEntry, ...]


def enter_count(uow: UnitOfWork, command: EnterCount) -> UUID:
    """Write down what was found, and beside it what the books said at that moment. Its id.

    Several may count at the same time. What the plan does not name becomes a line of its own.

    Raises:
        UnknownCount, InvalidTransition.
        TotalOrScanned, OutOfRange, TooMany, NotInCount, CountedLater, UnknownVariant, UnknownLot,
            LotNeeded, LotNotTracked: an entry is wrong.
        CountedAlready: nobody has asked to count it again.
    """
    before = queries.count_task(uow.db, command.id)
    status = MACHINE.check("enter", before.status)
    faults = Faults()
    _check_entries(uow, faults, before, command.entries)
    # From here on nobody else enters anything, so that scans of two devices add up.
    after = save(uow, count_tasks, before, replace(before, status=status))
    lines = lines_of(uow, before.id)
    spots = {spot_of(line): line for line in lines}
    books = _books(uow, command.entries)
    changed: dict[Spot, CountLine] = {}
    for position, entry in enumerate(command.entries):
        line = changed.get(entry.spot) or spots.get(entry.spot) or _new(uow, before, entry)
        try:
            changed[entry.spot] = _entered(uow, before, line, entry, books)
        except DomainError as fault:
            faults.add(fault.at("entries", position))
    faults.check()
    fresh = [each for spot, each in changed.items() if spot not in spots]
    if len(lines) + len(fresh) > LINES_MAX:
        raise TooMany(LINES_MAX).at("entries")
    start = max((line.position for line in lines), default=-1) + 1
    add_lines(uow, [replace(each, position=start + at) for at, each in enumerate(fresh)])
    save_lines(uow, [each for spot, each in changed.items() if spot in spots])
    now = {**spots, **changed}
    left = sum(line.status not in DONE for line in now.values())
    event = CountEntered(after.id, after.version, len(changed), left)
    uow.emit(event, before=before, after=after)
    return after.id


def lines_of(uow: UnitOfWork, task_id: UUID) -> Sequence[CountLine]:
    """All lines of a count, in their order; bounded by its plan."""
    statement = select_as(CountLine, count_lines).where(count_lines.c.task_id == task_id)
    return fetch(uow.db, CountLine, statement.order_by(count_lines.c.position))


def save_lines(uow: UnitOfWork, lines: Sequence[CountLine]) -> None:
    """Write what was counted of lines, with one statement."""
    _save_each(
        uow.db,
        [
            {
                "id": line.id,
                "status": line.status,
                "expected": line.expected,
                "counted": line.counted,
                "first_counted": line.first_counted,
                "counted_at": line.counted_at,
                "counted_by_id": line.counted_by_id,
            }
            for line in lines
        ],
    )


def _check_entries(
    uow: UnitOfWork, faults: Faults, task: CountTask, entries: Sequence[CountEntry]
) -> None:
    check_size(entries, faults, "entries", maximum=ENTRIES_MAX)
    faults.check()
    variants = products.variants_by_ids(uow.db, {entry.variant_id for entry in entries})
    places = stock.locations_by_ids(uow.db, {entry.location_id for entry in entries})
    top = stock.location(uow.db, task.location_id)
    tracking = tracking_by_variants(uow.db, variants)
    lots = lots_by_ids(uow.db, {entry.lot_id for entry in entries if entry.lot_id})
    for position, entry in enumerate(entries):
        here = ("entries", position)
        if (entry.quantity is None) == (entry.scanned is None):
            faults.add(TotalOrScanned().at(*here))
        for name in ("quantity", "scanned"):
            value = getattr(entry, name)
            check_range(value, faults, *here, name, minimum=0, maximum=QUANTITY_MAX)
        if entry.counted_at and not task.created_at <= entry.counted_at <= uow.now:
            faults.add(CountedLater().at(*here, "counted_at"))
        place = places.get(entry.location_id)
        if place is None or not place.path.startswith(top.path) or entry.bucket not in SHELVED:
            faults.add(NotInCount().at(*here, "location_id"))
        if (variant := variants.get(entry.variant_id)) is None:
            faults.add(UnknownVariant(entry.variant_id.hex).at(*here, "variant_id"))
            continue
        kind = tracking.get(variant.id, Tracking.NONE)
        if entry.lot_id is None:
            if kind is not Tracking.NONE:
                faults.add(LotNeeded(variant.sku, kind).at(*here, "lot_id"))
        elif kind is Tracking.NONE:
            faults.add(LotNotTracked(variant.sku).at(*here, "lot_id"))
        elif (lot := lots.get(entry.lot_id)) is None or lot.variant_id != variant.id:
            faults.add(UnknownLot(entry.lot_id).at(*here, "lot_id"))
    faults.check()


class _Books:
    """What the books say of spots now, and said at any moment since."""

    def __init__(
        self,
        now: Mapping[Spot, int],
        moved: Sequence[tuple[tuple[UUID, UUID, object, UUID | None], datetime, int]],
    ) -> None:
        self._now = now
        self._moved = moved

    def at(self, spot: Spot, moment: datetime) -> int:
        """So many pieces are there now, without what has moved after the moment."""
        since = sum(pieces for place, at, pieces in self._moved if place == spot and at > moment)
        return self._now.get(spot, 0) - since


def _books(uow: UnitOfWork, entries: Sequence[CountEntry]) -> _Books:
    """The levels that entries are of, locked: who moves something there now has to wait."""
    places = {Place(each.variant_id, each.location_id, each.bucket) for each in entries}
    level_ids = stock.level_ids_by_places(uow.db, places)
    locked = lock_tracked(uow, list(level_ids.values()))
    now: Counter[Spot] = Counter()
    for place, level in locked.levels.items():
        now[Spot(*place, None)] = level.on_hand
    if locked.tracking:
        at_levels = lots_at_levels(uow.db, level_ids.values())
        for place, level in locked.levels.items():
            for lot, pieces in at_levels.get(level.id, ()):
                now[Spot(*place, lot.id)] = pieces
    earlier = [each.counted_at for each in entries if each.counted_at is not None]
    if not earlier:
        return _Books(now, ())
    variant_ids = {each.variant_id for each in entries}
    return _Books(now, moved_since(uow.db, variant_ids, min(earlier)))


def _entered(
    uow: UnitOfWork, task: CountTask, line: CountLine, entry: CountEntry, books: _Books
) -> CountLine:
    """The line with what was found, and what was expected then.

    Raises:
        CountedAlready.
        OutOfRange: more was scanned than can be counted.
    """
    again = task.status is CountStatus.RECOUNT
    fresh = line.status in (CountLineStatus.OPEN, CountLineStatus.RECOUNT)
    stands = line.status is CountLineStatus.COUNTED and again
    if stands or (not fresh and entry.quantity is not None):
        raise CountedAlready(line.counted or 0)
    before = 0 if fresh else line.counted or 0
    counted = before + (entry.scanned or 0) if entry.quantity is None else entry.quantity
    recounted = line.status in (CountLineStatus.RECOUNT, CountLineStatus.RECOUNTED)
    moment = entry.counted_at or uow.now
    faults = Faults()
    check_range(counted, faults, "scanned", minimum=0, maximum=QUANTITY_MAX)
    faults.check()
    return replace(
        line,
        status=CountLineStatus.RECOUNTED if recounted else CountLineStatus.COUNTED,
        expected=books.at(spot_of(line), moment),
        counted=counted,
        counted_at=moment,
        counted_by_id=uow.caller.actor.id,
    )


def _new(uow: UnitOfWork, task: CountTask, entry: CountEntry) -> CountLine:
    """A line of what nobody had planned to find."""
    return CountLine(
        id=uow.new_id(),
        task_id=task.id,
        position=0,
        variant_id=entry.variant_id,
        location_id=entry.location_id,
        bucket=entry.bucket,
        lot_id=entry.lot_id,
        status=CountLineStatus.OPEN,
        expected=None,
        counted=None,
        first_counted=None,
        counted_at=None,
        counted_by_id=None,
    )
