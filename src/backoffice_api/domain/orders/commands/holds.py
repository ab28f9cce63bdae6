"""What can be done with holds: placed, released, by hand or when their time is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, select, update

from backoffice_api.domain.identity.model.staff import UnknownStaff
from backoffice_api.domain.identity.queries.staff import staff_by_ids
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import change
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.writing import save_order
from backoffice_api.domain.orders.model.holds import (
    HOLDS_MAX,
    NOTE_LENGTH_MAX,
    Hold,
    HoldKind,
    LineOfDraft,
    NotOnHold,
    OrderHeld,
    OrderHoldAssigned,
    OrderHoldReleased,
    TooManyHolds,
    UnknownHold,
)
from backoffice_api.domain.orders.model.lines import UnknownOrderLine
from backoffice_api.domain.orders.model.orders import MACHINE, NotInFuture, Order
from backoffice_api.domain.orders.tables import holds, orders

# Name of the job that runs `release_due_holds`, and how many orders it looks at in one go.
RELEASE_DUE_JOB = "orders.release_due_holds"
RELEASE_BATCH_MAX = 200

_PUT_HAS_HOLD = UpdateEach(
    lambda given: (
        update(orders)
        .where(orders.c.id == given("id"))
        .values(has_hold=given("has_hold"), version=orders.c.version + 1, updated_at=given("now"))
    ),
    id=Id(),
    has_hold=Boolean(),
    now=Instant(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder(Command):
    """`release_at` None: until somebody releases it. `line_id` None: the whole order waits.

    `owner_id`: the member of staff who has to look.
    """

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    kind: HoldKind
    note: str = ""
    release_at: datetime | None = None
    line_id: UUID | None = None
    owner_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignHold(Command):
    """`owner_id` None: nobody in particular."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    hold_id: UUID
    owner_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold(Command):
    """`hold_id` None: all that are on the order."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    hold_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDueHolds(Command):
    """Run by the worker every minute."""

    scope = Scope.ORDERS_WRITE


def hold_order(uow: UnitOfWork, command: HoldOrder) -> UUID:
    """Make an order wait, for one more reason. Id of the order.

    Raises:
        UnknownOrder, InvalidTransition.
        TooManyHolds: it has as many as it may have.
        InvalidText, NotInFuture, UnknownOrderLine, LineOfDraft, UnknownStaff: the input is wrong.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("hold", before.status)
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    if command.release_at and command.release_at <= uow.now:
        faults.add(NotInFuture().at("release_at"))
    _check_line(uow, faults, before, command.line_id)
    _check_owner(uow, faults, command.owner_id)
    faults.check()
    return put_hold(uow, before, command).order_id


def put_hold(uow: UnitOfWork, before: Order, command: HoldOrder) -> Hold:
    """Place a hold that is known to be possible on an order that is locked.

    Raises:
        TooManyHolds: it has as many as it may have.
    """
    if len(_open(uow, before.id)) >= HOLDS_MAX:
        raise TooManyHolds(HOLDS_MAX)
    hold = Hold(
        id=uow.new_id(),
        order_id=before.id,
        kind=command.kind,
        note=command.note,
        release_at=command.release_at,
        placed_at=uow.now,
        placed_by_kind=uow.caller.actor.kind.value,
        placed_by_id=uow.caller.actor.id,
        released_at=None,
        released_by_kind=None,
        released_by_id=None,
        line_id=command.line_id,
        owner_id=command.owner_id,
    )
    add(uow, holds, [hold])
    after = save_order(uow, before, replace(before, has_hold=True))
    event = OrderHeld(
        after.id,
        after.version,
        after.name,
        hold.id,
        hold.kind,
        hold.note,
        hold.release_at,
        hold.line_id,
        hold.owner_id,
    )
    uow.emit(event, before=before, after=after)
    return hold


def assign_hold(uow: UnitOfWork, command: AssignHold) -> UUID:
    """Say who has to look at a hold. Id of the order.

    Raises:
        UnknownOrder, InvalidTransition, UnknownHold, UnknownStaff.
        NotOnHold: it was released.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("release_hold", before.status)
    _check_known(uow, before, command.hold_id)
    faults = Faults()
    _check_owner(uow, faults, command.owner_id)
    faults.check()
    hold = next((each for each in _open(uow, before.id) if each.id == command.hold_id), None)
    if hold is None:
        raise NotOnHold
    uow.db.execute(update(holds).where(holds.c.id == hold.id).values(owner_id=command.owner_id))
    after = save_order(uow, before, before)
    event = OrderHoldAssigned(
        after.id, after.version, after.name, hold.id, hold.kind, command.owner_id
    )
    changed = change(f"holds.{hold.id.hex}.owner_id", hold.owner_id, command.owner_id)
    uow.emit(event, before=before, after=after, changes=[changed])
    return after.id


def release_hold(uow: UnitOfWork, command: ReleaseHold) -> UUID:
    """Take one hold off an order, or all of them. Id of the order.

    Raises:
        UnknownOrder, InvalidTransition, UnknownHold.
        NotOnHold: there is none, or it was released before.
        NotAllowed: it might be fraud, and the caller may not review orders.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("release_hold", before.status)
    present = _open(uow, before.id)
    released = [each for each in present if command.hold_id in (None, each.id)]
    if not released:
        _check_known(uow, before, command.hold_id)
        raise NotOnHold
    if any(each.kind is HoldKind.FRAUD for each in released):
        uow.require_here(Scope.ORDERS_REVIEW)
    return take_off(uow, before, released, others_stay=len(released) < len(present)).id


def release_due_holds(uow: UnitOfWork, command: ReleaseDueHolds) -> int:
    """Release holds whose time is over, of a bounded number of orders. How many holds there were.

    Orders that somebody is at work on wait for the next time. If there may be more, another job
    goes on.
    """
    due = select(holds.c.order_id).where(
        holds.c.released_at.is_(None), holds.c.release_at <= uow.now
    )
    statement = (
        select_as(Order, orders)
        .where(orders.c.id.in_(due))
        .order_by(orders.c.id)
        .limit(RELEASE_BATCH_MAX)
        .with_for_update(skip_locked=True)
    )
    locked = fetch(uow.db, Order, statement)
    present = queries.open_holds_by_orders(uow.db, [order.id for order in locked])
    released: list[Hold] = []
    changed: list[Order] = []
    for before in locked:
        of_order = present.get(before.id, ())
        over = [each for each in of_order if each.release_at and each.release_at <= uow.now]
        if over:
            after = replace(
                before,
                has_hold=len(over) < len(of_order),
                version=before.version + 1,
                updated_at=uow.now,
            )
            released += over
            changed.append(after)
            _tell(uow, before, after, over)
    _PUT_HAS_HOLD(
        uow.db,
        [{"id": order.id, "has_hold": order.has_hold, "now": uow.now} for order in changed],
    )
    _end(uow, released)
    if len(locked) == RELEASE_BATCH_MAX:
        uow.enqueue(Job(RELEASE_DUE_JOB))
    return len(released)


def take_off(
    uow: UnitOfWork, before: Order, released: Sequence[Hold], *, others_stay: bool
) -> Order:
    """Take open holds off an order that is locked. The order as it is now."""
    after = save_order(uow, before, replace(before, has_hold=others_stay))
    _end(uow, released)
    _tell(uow, before, after, released)
    return after


def holds_going(
    uow: UnitOfWork, order: Order, to: UUID, lines: Mapping[UUID, UUID]
) -> Sequence[Hold]:
    """The open holds of an order as another one gets them, whose lines were made of its `lines`.

    Holds of lines that do not go along stay behind.
    """
    if not order.has_hold:
        return ()
    return [
        replace(
            each,
            id=uow.new_id(),
            order_id=to,
            line_id=lines[each.line_id] if each.line_id else None,
        )
        for each in _open(uow, order.id)
        if each.line_id is None or each.line_id in lines
    ]


def put_holds(uow: UnitOfWork, order: Order, going: Sequence[Hold]) -> None:
    """Put holds of other orders on this one, whose row says already that it is held.

    Raises:
        TooManyHolds: it would have more than it may.
    """
    if not going:
        return
    if len(_open(uow, order.id)) + len(going) > HOLDS_MAX:
        raise TooManyHolds(HOLDS_MAX)
    add(uow, holds, going)
    for each in going:
        uow.emit(
            OrderHeld(
                order.id,
                order.version,
                order.name,
                each.id,
                each.kind,
                each.note,
                each.release_at,
                each.line_id,
                each.owner_id,
            )
        )


def release_all(uow: UnitOfWork, order: Order) -> None:
    """Take every hold off an order that has ended; the order itself is the caller's to write."""
    released = _open(uow, order.id)
    _end(uow, released)
    _tell(uow, order, order, released)


def _open(uow: UnitOfWork, order_id: UUID) -> Sequence[Hold]:
    return queries.open_holds_by_orders(uow.db, [order_id]).get(order_id, ())


def _check_known(uow: UnitOfWork, order: Order, hold_id: UUID | None) -> None:
    if hold_id is None:
        return
    hold = queries.holds_by_ids(uow.db, [hold_id]).get(hold_id)
    if hold is None or hold.order_id != order.id:
        raise UnknownHold(hold_id).at("hold_id")


def _check_line(uow: UnitOfWork, faults: Faults, order: Order, line_id: UUID | None) -> None:
    if line_id is None:
        return
    line = queries.lines_by_ids(uow.db, [line_id]).get(line_id)
    if line is None or line.order_id != order.id:
        faults.add(UnknownOrderLine(line_id).at("line_id"))
    elif order.number is None:
        faults.add(LineOfDraft().at("line_id"))


def _check_owner(uow: UnitOfWork, faults: Faults, owner_id: UUID | None) -> None:
    if owner_id is not None and owner_id not in staff_by_ids(uow.db, [owner_id]):
        faults.add(UnknownStaff(owner_id).at("owner_id"))


def _end(uow: UnitOfWork, released: Sequence[Hold]) -> None:
    """The only place where holds end."""
    actor = uow.caller.actor
    uow.db.execute(
        update(holds)
        .where(among(holds.c.id, (each.id for each in released)))
        .values(released_at=uow.now, released_by_kind=actor.kind.value, released_by_id=actor.id)
    )


def _tell(uow: UnitOfWork, before: Order, after: Order, released: Sequence[Hold]) -> None:
    for each in released:
        event = OrderHoldReleased(after.id, after.version, after.name, each.id, each.kind)
        uow.emit(event, before=before, after=after)
