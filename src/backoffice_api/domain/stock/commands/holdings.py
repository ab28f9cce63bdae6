"""How reservations are written: held still, changed, ended.

The level of a reservation is always locked first: so nobody else changes it, and no two
commands wait for each other crosswise.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Integer, select, update

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.stock.commands import ledger
from backoffice_api.domain.stock.commands.ledger import Change, lock_levels
from backoffice_api.domain.stock.model.reservations import (
    MACHINE,
    OPEN,
    Reservation,
    ReservationEvent,
    ReservationReduced,
)
from backoffice_api.domain.stock.tables import levels, reservations

_save_each = UpdateEach(
    lambda given: (
        update(reservations)
        .where(reservations.c.id == given("id"), reservations.c.version == given("version"))
        .values(
            quantity=given("quantity"),
            status=given("status"),
            expires_at=given("expires_at"),
            version=reservations.c.version + 1,
            updated_at=given("updated_at"),
        )
    ),
    id=Id(),
    version=Integer(),
    quantity=Integer(),
    status=reservations.c.status.type,
    expires_at=Instant(),
    updated_at=Instant(),
)

# Makes the event that tells of a reservation.
Telling = Callable[..., ReservationEvent]

# Reservations with the number of pieces that are taken off each.
Taken = Sequence[tuple[Reservation, int]]


def of_lines(uow: UnitOfWork, line_ids: Collection[UUID]) -> Sequence[Reservation]:
    """Open reservations of the lines, oldest first. Locks their levels, and them by that."""
    if not line_ids:
        return ()
    theirs = (among(reservations.c.line_id, line_ids), reservations.c.status.in_(OPEN))
    locked = lock_levels(uow, levels.c.id.in_(select(reservations.c.level_id).where(*theirs)))
    # Read only now: others may have changed them while we waited for the lock.
    statement = (
        select_as(Reservation, reservations)
        .where(*theirs, among(reservations.c.level_id, [level.id for level in locked]))
        .order_by(reservations.c.created_at, reservations.c.id)
    )
    return fetch(uow.db, Reservation, statement)


def by_line(held: Iterable[Reservation]) -> Mapping[UUID, Sequence[Reservation]]:
    by_line: dict[UUID, list[Reservation]] = {}
    for each in held:
        by_line.setdefault(each.line_id, []).append(each)
    return by_line


def change_levels(uow: UnitOfWork, taken: Taken, *, reserved: int, on_hand: int = 0) -> None:
    """Change the levels by the pieces, times the factors that are given."""
    pieces: Counter[UUID] = Counter()
    for each, quantity in taken:
        pieces[each.level_id] += quantity
    ledger.change_levels(
        uow,
        [
            Change(level_id, on_hand=on_hand * quantity, reserved=reserved * quantity)
            for level_id, quantity in sorted(pieces.items())
        ],
    )


def end(
    uow: UnitOfWork, taken: Taken, action: str, event: Telling, *, shipped: bool = False
) -> None:
    """The only place where pieces stop being held. `shipped`: they leave the level, too."""
    change_levels(uow, taken, reserved=-1, on_hand=-1 if shipped else 0)
    whole = [each for each, pieces in taken if pieces == each.quantity]
    ended = [
        replace(each, status=MACHINE.check(action, each.status), expires_at=None) for each in whole
    ]
    save(uow, whole, ended, event)
    parts = [(each, pieces) for each, pieces in taken if pieces < each.quantity]
    left = [replace(each, quantity=each.quantity - pieces) for each, pieces in parts]
    save(uow, [each for each, _ in parts], left, ReservationReduced)
    split = [
        replace(
            each,
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            quantity=pieces,
            status=MACHINE.check(action, each.status),
            expires_at=None,
        )
        for each, pieces in parts
    ]
    add(uow, reservations, split)
    for each in split:
        uow.emit(told(event, each), after=each)


def save(
    uow: UnitOfWork,
    before: Sequence[Reservation],
    after: Sequence[Reservation],
    event: Telling,
) -> None:
    """Write reservations whose levels are locked, with one statement, and tell of each."""
    rows = [
        {
            "id": each.id,
            "version": each.version,
            "quantity": each.quantity,
            "status": each.status,
            "expires_at": each.expires_at,
            "updated_at": uow.now,
        }
        for each in after
    ]
    if (saved := _save_each(uow.db, rows)) != len(rows):
        raise RuntimeError(f"{len(rows)} reservations were to change, {saved} did")
    for old, new in zip(before, after, strict=True):
        uow.emit(told(event, replace(new, version=new.version + 1)), before=old, after=new)


def told(event: Telling, each: Reservation) -> ReservationEvent:
    return event(
        id=each.id,
        version=each.version,
        owner_id=each.owner_id,
        line_id=each.line_id,
        variant_id=each.variant_id,
        location_id=each.location_id,
        quantity=each.quantity,
    )
