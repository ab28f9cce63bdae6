"""What can be done with reservations: made, held longer, made firm, given back, shipped.

Orders call the functions here within their own transaction, under the right of their own
command. Each takes a constant number of statements and locks levels first, in one order.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select

from backoffice_api.domain.kernel import made
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.commands import holdings
from backoffice_api.domain.stock.commands.ledger import lock_levels
from backoffice_api.domain.stock.commands.shipping import TO_CUSTOMERS, Destination, ship
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import (
    QUANTITY_MAX,
    InsufficientStock,
    Shelf,
    Shortage,
    Withheld,
    allocate,
    kept_back,
)
from backoffice_api.domain.stock.model.locations import LocationStatus
from backoffice_api.domain.stock.model.lots import LotPieces
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.model.reservations import (
    EXPIRE_BATCH_MAX,
    MACHINE,
    OPEN,
    Demand,
    ExpiryNotAhead,
    NotReserved,
    Reservation,
    ReservationConsumed,
    ReservationExpired,
    ReservationExtended,
    ReservationHardened,
    ReservationMade,
    ReservationReleased,
    ReservationStatus,
    dealt_out,
    taken_off,
    without,
)
from backoffice_api.domain.stock.tables import levels, locations, reservations

# Of lines that are kits: how many pieces of each variant one kit is made of, by line.
Parts = Mapping[UUID, Mapping[UUID, int]]
_NO_KITS: Parts = {}
_NOTHING_WITHHELD: Mapping[UUID, Withheld] = {}
_NONE_MAY_LACK: Mapping[UUID, int] = {}

# What is in use of variants: anywhere, or at some locations.
_SHELVES = (
    select(
        levels.c.id,
        levels.c.variant_id,
        levels.c.location_id,
        levels.c.available,
        levels.c.reserved,
        levels.c.negative_allowed,
        locations.c.priority,
    )
    .join(locations, locations.c.id == levels.c.location_id)
    .where(
        locations.c.status == LocationStatus.ACTIVE,
        levels.c.bucket == Bucket.SELLABLE,
        levels.c.variant_id.in_(bindparam("variants", expanding=True)),
    )
    .order_by(levels.c.id)
    .with_for_update(of=levels, key_share=True)
)
_SHELVES_THERE = _SHELVES.where(levels.c.location_id.in_(bindparam("locations", expanding=True)))

# Name of the job that runs `expire_reservations`.
EXPIRE_JOB = "stock.expire_reservations"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireReservations(Command):
    """Run by the worker every minute."""

    scope = Scope.STOCK_WRITE


def reserve(
    uow: UnitOfWork,
    demands: Sequence[Demand],
    *,
    expires_at: datetime | None,
    location_ids: Collection[UUID] | None = None,
    withheld: Mapping[UUID, Withheld] = _NOTHING_WITHHELD,
    may_lack: Mapping[UUID, int] = _NONE_MAY_LACK,
) -> Mapping[UUID, int]:
    """Promise pieces to lines of an order, all of them or none.

    Several demands may be of the same variant. Where the pieces are taken is decided by
    `allocate`. With `expires_at` the reservations are soft; with None they are allocated at once.
    `location_ids`: only from these; None: from every location that is in use. `withheld`: what is
    kept from whoever asks, by variant. `may_lack`: so many pieces of a variant may be missing;
    the last demands get less then. How many pieces each line lacks.

    Three statements from the first lock on.

    Raises:
        InsufficientStock: with every variant that falls short.
        ExpiryNotAhead: `expires_at` has passed.
    """
    _check_ahead(uow, expires_at)
    wanted: Counter[UUID] = Counter()
    for demand in demands:
        wanted[demand.variant_id] += demand.quantity
    if not wanted:
        return {}
    shelves = _locked_shelves(uow, wanted, location_ids)
    allocation = allocate(wanted, shelves)
    short = {**allocation.short, **kept_back(wanted, shelves, withheld)}
    lacking: Mapping[UUID, int] = {}
    if short:
        lacks = {id: wanted[id] - pieces for id, pieces in short.items()}
        if any(pieces > may_lack.get(id, 0) for id, pieces in lacks.items()):
            raise _insufficient(uow, demands, wanted, short)
        demands, lacking = without(demands, lacks)
        allocation = allocate({**wanted, **short}, shelves)

    made = [
        _made(uow, demand, shelf, pieces, expires_at)
        for demand, shelf, pieces in dealt_out(demands, allocation.shares)
    ]
    holdings.change_levels(uow, [(each, each.quantity) for each in made], reserved=1)
    add(uow, reservations, made)
    for each in made:
        uow.emit(holdings.told(ReservationMade, each), after=each)
    return lacking


def hold_levels(uow: UnitOfWork, line_ids: Collection[UUID], variant_ids: Collection[UUID]) -> None:
    """Lock the levels that lines hold pieces of, and those that variants are promised from.

    For who gives back and reserves at once: all locks are taken at once, in the usual order.
    """
    held = select(reservations.c.level_id).where(
        among(reservations.c.line_id, line_ids), reservations.c.status.in_(OPEN)
    )
    wanted = and_(among(levels.c.variant_id, variant_ids), levels.c.bucket == Bucket.SELLABLE)
    lock_levels(uow, or_(levels.c.id.in_(held), wanted))


def harden(uow: UnitOfWork, line_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Let what is softly reserved for the lines expire no more.

    How many pieces are allocated to each line now. It can be fewer than were once reserved, if
    some have expired before: it is for the caller to compare.
    """
    held = holdings.of_lines(uow, line_ids)
    soft = [each for each in held if each.status is ReservationStatus.SOFT]
    after = [
        replace(each, status=MACHINE.check("harden", each.status), expires_at=None) for each in soft
    ]
    holdings.save(uow, soft, after, ReservationHardened)
    allocated = dict.fromkeys(line_ids, 0)
    for each in held:
        allocated[each.line_id] += each.quantity
    return allocated


def extend(uow: UnitOfWork, line_ids: Collection[UUID], until: datetime) -> None:
    """Let what is softly reserved for the lines expire at another moment. The rest stays as it is.

    Raises:
        ExpiryNotAhead: the moment has passed.
    """
    _check_ahead(uow, until)
    held = holdings.of_lines(uow, line_ids)
    soft = [each for each in held if each.status is ReservationStatus.SOFT]
    holdings.save(
        uow, soft, [replace(each, expires_at=until) for each in soft], ReservationExtended
    )


def release(
    uow: UnitOfWork, quantities: Mapping[UUID, int | None], *, parts: Parts = _NO_KITS
) -> Mapping[UUID, int]:
    """Give back up to so many pieces of each line; None gives back all that it holds.

    What was reserved last is released first. How many pieces each line gave back: fewer than
    asked for if it held fewer. Of a line that is a kit, `parts` says what one is made of; it gives
    back pieces of its components.
    """
    held = holdings.by_line(reversed(holdings.of_lines(uow, quantities.keys())))
    taken = [
        part
        for line_id, quantity in quantities.items()
        for part in taken_off(held.get(line_id, ()), quantity, parts.get(line_id))
    ]
    holdings.end(uow, taken, "release", ReservationReleased)
    released = dict.fromkeys(quantities, 0)
    for each, pieces in taken:
        released[each.line_id] += pieces
    return released


def consume(
    uow: UnitOfWork,
    quantities: Mapping[UUID, int],
    *,
    cause: Cause,
    location_id: UUID | None = None,
    lots: Mapping[UUID, Sequence[LotPieces]] | None = None,
    to: Destination = TO_CUSTOMERS,
    parts: Parts = _NO_KITS,
) -> None:
    """Ship so many pieces of each line: they leave the level and what is reserved of it at once.

    `cause` is what they are shipped for. With `location_id` only what is allocated there is
    shipped. What was reserved first is shipped first. Of what is tracked, `lots` says which lots
    are taken, by line; where it does not, those that expire first. Of a line that is a kit,
    `parts` says what one is made of, and these are shipped.

    Raises:
        NotReserved: fewer pieces are allocated to a line (soft reservations do not count).
        InsufficientLot, LotIsBlocked, NoLotToShip: the lots do not allow it.
    """
    held = holdings.by_line(
        each
        for each in holdings.of_lines(uow, quantities.keys())
        if each.status is ReservationStatus.ALLOCATED and location_id in (None, each.location_id)
    )
    taken: list[tuple[Reservation, int]] = []
    for line_id, quantity in quantities.items():
        of_line = taken_off(held.get(line_id, ()), quantity, parts.get(line_id))
        wanted = quantity * sum(parts[line_id].values()) if line_id in parts else quantity
        if (there := sum(pieces for _, pieces in of_line)) < wanted:
            raise NotReserved(line_id, wanted, there)
        taken += of_line
    ship(uow, taken, lots or {}, cause, to)
    holdings.end(uow, taken, "consume", ReservationConsumed, shipped=True)


def expire_reservations(uow: UnitOfWork, command: ExpireReservations) -> int:
    """Give back soft reservations whose time is over, a bounded number. How many there were.

    If there are more, another job is enqueued to go on.
    """
    due = dict(queries.due_reservations(uow.db, uow.now, EXPIRE_BATCH_MAX))
    taken = [
        (each, each.quantity)
        for each in holdings.of_lines(uow, set(due.values()))
        # It may have been extended, made firm or given back before the lock was ours.
        if each.id in due and each.expires_at is not None and each.expires_at <= uow.now
    ]
    holdings.end(uow, taken, "expire", ReservationExpired)
    if len(due) == EXPIRE_BATCH_MAX:
        uow.enqueue(Job(EXPIRE_JOB))
    return len(taken)


def _check_ahead(uow: UnitOfWork, until: datetime | None) -> None:
    if until is not None and until <= uow.now:
        raise ExpiryNotAhead


def _locked_shelves(
    uow: UnitOfWork, variant_ids: Collection[UUID], location_ids: Collection[UUID] | None
) -> Sequence[Shelf]:
    """What can be promised of the variants, by preference of the locations. Locks the levels."""
    variants = tuple(variant_ids)
    if location_ids is None:
        rows = made.read(uow.db, _SHELVES, variants=variants)
    else:
        there = tuple(location_ids)
        rows = made.read(uow.db, _SHELVES_THERE, variants=variants, locations=there)
    rows.sort(key=lambda row: (row[-1], row[2]))
    return [
        Shelf(
            level_id=level_id,
            variant_id=variant_id,
            location_id=location_id,
            available=available,
            limit=QUANTITY_MAX - reserved if negative_allowed else available,
        )
        for level_id, variant_id, location_id, available, reserved, negative_allowed, _ in rows
    ]


def _insufficient(
    uow: UnitOfWork,
    demands: Sequence[Demand],
    wanted: Mapping[UUID, int],
    short: Mapping[UUID, int],
) -> InsufficientStock:
    known = products.variants_by_ids(uow.db, short)
    kits: dict[UUID, set[str]] = {id: set() for id in short}
    for demand in demands:
        if demand.kit_sku is not None and demand.variant_id in kits:
            kits[demand.variant_id].add(demand.kit_sku)
    return InsufficientStock(
        tuple(
            Shortage(
                variant_id=id,
                sku=known[id].sku if id in known else None,
                requested=wanted[id],
                available=available,
                kit_skus=tuple(sorted(kits[id])),
            )
            for id, available in short.items()
        )
    )


def _made(
    uow: UnitOfWork, demand: Demand, shelf: Shelf, pieces: int, expires_at: datetime | None
) -> Reservation:
    soft = MACHINE.start
    return Reservation(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=demand.owner_id,
        line_id=demand.line_id,
        level_id=shelf.level_id,
        variant_id=shelf.variant_id,
        location_id=shelf.location_id,
        quantity=pieces,
        status=soft if expires_at else MACHINE.check("harden", soft),
        expires_at=expires_at,
        owner_kind=demand.owner_kind,
    )
