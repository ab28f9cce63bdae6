"""Keeping fulfillments within what is left of their orders, whatever becomes of these.

What is cancelled of an order is taken off what waits, then off what nobody has touched. What is
picked already is noted to be put back: an order can be called off until it has left the house, and
the goods find their way back to the shelf.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from uuid import UUID

from sqlalchemy import delete, update

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.planning import plan
from backoffice_api.domain.fulfillment.commands.promises import Promises, Want
from backoffice_api.domain.fulfillment.commands.writing import (
    finish_wave,
    locked_orders,
    opened,
    parts_by_lines,
    picks_of,
    pieces_of,
    put_lines,
    remove_lines,
    save_told,
    units_by_lines,
)
from backoffice_api.domain.fulfillment.model.events import (
    FulfillmentCancelled,
    FulfillmentShrunk,
    PiecesPutBack,
    PiecesToPutBack,
)
from backoffice_api.domain.fulfillment.model.fulfillments import (
    MACHINE,
    Fulfillment,
    FulfillmentLine,
    FulfillmentState,
    Pick,
    PutBack,
    UnknownPutBack,
)
from backoffice_api.domain.fulfillment.model.packing import ParcelRemoved
from backoffice_api.domain.fulfillment.model.routing import Weights
from backoffice_api.domain.fulfillment.queries.waiting import orders_to_fill, waiting_by_lines
from backoffice_api.domain.fulfillment.tables import (
    fulfillments,
    parcel_lines,
    parcels,
    picks,
    put_backs,
)
from backoffice_api.domain.kernel.aggregates import add, save_all
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.orders import Order, OrderStatus

# Name of the job that runs `fill_fulfillments`, and how many orders it looks at in one go.
FILL_JOB = "fulfillment.fill"
FILL_BATCH_MAX = 200

_S = FulfillmentState
# Of what is taken off first; what waits is apart.
_FIRST = (_S.PLANNED, _S.RELEASED, _S.PICKING, _S.PICKED, _S.PACKED, _S.READY)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelFulfillment(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePutBack(Command):
    """The pieces of the note `note_id` lie where they came from again."""

    scope = Scope.FULFILLMENT_WRITE
    note_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FillFulfillments(Command):
    """Run by the worker every minute."""

    scope = Scope.FULFILLMENT_WRITE


@dataclass(slots=True)
class Loose:
    """What comes loose while lines shrink: picks, pieces in parcels, notes of what to put back."""

    notes: list[PutBack] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    cut: list[tuple[UUID, int]] = field(default_factory=list)


def cancel_fulfillment(uow: UnitOfWork, command: CancelFulfillment) -> UUID:
    """Call a fulfillment off; its pieces stay promised to the order. What was picked is put back.

    Its id.

    Raises:
        UnknownFulfillment, InvalidTransition, OrderNotOpen.
    """
    of = opened(uow, command.id, "cancel")
    cancel_whole(uow, of.order, of.before, of.lines)
    return of.before.id


def note_put_back(uow: UnitOfWork, command: NotePutBack) -> UUID:
    """Note that pieces were put back. Id of the fulfillment that they were picked for.

    Raises:
        UnknownPutBack: there is nothing of this id to put back any more.
    """
    statement = (
        update(put_backs)
        .where(put_backs.c.id == command.note_id, put_backs.c.done_at.is_(None))
        .values(done_at=uow.now)
    )
    if uow.db.execute(statement).rowcount == 0:
        raise UnknownPutBack(command.note_id).at("id")
    note = queries.put_backs_by_ids(uow.db, [command.note_id])[command.note_id]
    of = queries.fulfillment(uow.db, note.fulfillment_id)
    uow.emit(PiecesPutBack(of.id, of.version, note.quantity))
    return of.id


def fill_fulfillments(uow: UnitOfWork, command: FillFulfillments) -> int:
    """Plan what waited for goods that have come. How many orders there were.

    A bounded number; if there may be more, another job is enqueued to go on.
    """
    due = orders_to_fill(uow.db, FILL_BATCH_MAX)
    ordered = list(locked_orders(uow, due).values())
    for order in ordered:
        _shrink(uow, order)
    if ordered:
        plan(uow, [each for each in ordered if each.status is OrderStatus.OPEN], Weights())
    if len(due) == FILL_BATCH_MAX:
        uow.enqueue(Job(FILL_JOB))
    return len(ordered)


class _OfOrder(Protocol):
    """Any event of an order."""

    @property
    def id(self) -> UUID: ...


def keep_within(uow: UnitOfWork, event: _OfOrder) -> None:
    """An order has changed: its fulfillments are of no more than what is left of it.

    What is promised lies where the rest of them is sent from.
    """
    if event.id not in queries.open_by_orders(uow.db, [event.id]):
        return
    order = orders.orders_by_ids(uow.db, [event.id])[event.id]
    _shrink(uow, order)
    _align(uow, order)


def shrink_line(
    uow: UnitOfWork,
    of: Fulfillment,
    line: FulfillmentLine,
    pieces: int,
    taken: Sequence[Pick],
    loose: Loose,
) -> FulfillmentLine:
    """The line with so many pieces less; what was picked beyond that comes loose, last first."""
    left = line.quantity - pieces
    excess = max(0, line.picked - left)
    for pick in reversed(taken):
        part = min(excess, pick.quantity)
        excess -= part
        if part:
            loose.notes.append(_note(uow, of, line, pick, part))
            if part == pick.quantity:
                loose.gone.append(pick.id)
            else:
                loose.cut.append((pick.id, pick.quantity - part))
    picked = min(line.picked, left)
    return replace(line, quantity=left, picked=picked, packed=min(line.packed, picked))


def _note(
    uow: UnitOfWork, of: Fulfillment, line: FulfillmentLine, pick: Pick, pieces: int
) -> PutBack:
    return PutBack(
        uow.new_id(), of.id, line.variant_id, pick.location_id, pick.lot_id, pieces, uow.now, None
    )


def write_loose(uow: UnitOfWork, of: Fulfillment, order: Order, loose: Loose) -> None:
    """Write what came loose of a fulfillment, and tell of it."""
    if loose.gone:
        uow.db.execute(delete(picks).where(among(picks.c.id, loose.gone)))
    for id, pieces in loose.cut:
        uow.db.execute(update(picks).where(picks.c.id == id).values(quantity=pieces))
    add(uow, put_backs, loose.notes)
    if pieces := sum(each.quantity for each in loose.notes):
        uow.emit(PiecesToPutBack(of.id, of.version, of.number, order.id, pieces))


def unpack_beyond(uow: UnitOfWork, lines: Iterable[FulfillmentLine]) -> None:
    """Take out of parcels what lines have beyond what they say is packed; empty ones go."""
    present = {line.id: line.packed for line in lines}
    rows = uow.db.execute(
        parcel_lines.select()
        .where(among(parcel_lines.c.fulfillment_line_id, present))
        .order_by(parcel_lines.c.parcel_id.desc())
    ).all()
    packed: Counter[UUID] = Counter()
    for row in rows:
        packed[row.fulfillment_line_id] += row.quantity
    touched: Counter[UUID] = Counter()
    for row in rows:
        excess = packed[row.fulfillment_line_id] - present[row.fulfillment_line_id]
        part = min(max(0, excess), row.quantity)
        if not part:
            continue
        packed[row.fulfillment_line_id] -= part
        touched[row.parcel_id] += part
        here = (parcel_lines.c.parcel_id == row.parcel_id) & (
            parcel_lines.c.fulfillment_line_id == row.fulfillment_line_id
        )
        if part == row.quantity:
            uow.db.execute(delete(parcel_lines).where(here))
        else:
            left = row.quantity - part
            uow.db.execute(update(parcel_lines).where(here).values(quantity=left))
    if touched:
        filled = queries.lines_by_parcels(uow.db, touched)
        _remove_parcels(uow, {id: out for id, out in touched.items() if id not in filled})


def _remove_parcels(uow: UnitOfWork, emptied: Mapping[UUID, int]) -> None:
    """Remove parcels in which nothing is left, given how many pieces were taken out of each."""
    found = queries.parcels_by_ids(uow.db, emptied)
    before = [found[id] for id in sorted(emptied)]
    after = save_all(uow, parcels, [(each, replace(each, removed_at=uow.now)) for each in before])
    for old, new in zip(before, after, strict=True):
        event = ParcelRemoved(new.id, new.version, new.code, new.order_id, emptied[new.id])
        uow.emit(event, before=old, after=new)


def cancel_whole(
    uow: UnitOfWork, order: Order, before: Fulfillment, lines: Sequence[FulfillmentLine]
) -> Fulfillment:
    """Cancel a fulfillment; what was picked is to be put back. The fulfillment as it is then."""
    status = MACHINE.check("cancel", before.status)
    after = replace(before, status=status, wave_id=None)
    after = save_told(uow, before, after, FulfillmentCancelled, order, pieces_of(lines))
    loose = Loose()
    for line_id, taken in picks_of(uow, lines).items():
        line = next(each for each in lines if each.id == line_id)
        shrink_line(uow, after, line, line.quantity, taken, loose)
    if any(line.picked for line in lines):
        nothing = [replace(line, picked=0, packed=0) for line in lines]
        unpack_beyond(uow, nothing)
        put_lines(uow, nothing)
    write_loose(uow, after, order, loose)
    finish_wave(uow, before)
    return after


def _shrink(uow: UnitOfWork, order: Order) -> None:
    """Take off fulfillments what is no more left of an order, or waits no more."""
    lines = orders.lines_of(uow.db, order.id)
    parts = parts_by_lines(uow, lines)
    present = queries.open_by_orders(uow.db, [order.id]).get(order.id, ())
    theirs = queries.lines_by_fulfillments(uow.db, [each.id for each in present])
    units = {each.id: dict(units_by_lines(theirs.get(each.id, ()), parts)) for each in present}
    waiting = waiting_by_lines(uow.db, list(parts))
    less: dict[UUID, Counter[UUID]] = defaultdict(Counter)
    for line in lines:
        if line.id in parts:
            waits = waiting.get(line.id, 0)
            late = [each for each in present if each.status is _S.BACKORDERED]
            _take(line, late, units, waits, less)
            held = [each for state in _FIRST for each in present if each.status is state]
            _take(line, held, units, line.unshipped - waits, less)
    for each in present:
        if less[each.id].total():
            _take_off(uow, order, each, theirs.get(each.id, ()), less[each.id], parts)


def _take(
    line: OrderLine,
    present: Sequence[Fulfillment],
    units: Mapping[UUID, Mapping[UUID, int]],
    allowed: int,
    less: Mapping[UUID, Counter[UUID]],
) -> None:
    """Note by how many units of a line each fulfillment shrinks, the first ones first."""
    excess = sum(units[each.id].get(line.id, 0) for each in present) - max(0, allowed)
    for each in present:
        taken = min(max(0, excess), units[each.id].get(line.id, 0))
        if taken:
            less[each.id][line.id] += taken
            excess -= taken


def _take_off(
    uow: UnitOfWork,
    order: Order,
    before: Fulfillment,
    lines: Sequence[FulfillmentLine],
    less: Mapping[UUID, int],
    parts: Mapping[UUID, Mapping[UUID, int]],
) -> None:
    """Take units off the lines of a fulfillment; it is cancelled if nothing is left of it."""
    pieces = {
        line.id: min(
            line.quantity,
            less.get(line.order_line_id, 0) * parts[line.order_line_id][line.variant_id],
        )
        for line in lines
    }
    if all(line.quantity == pieces[line.id] for line in lines):
        cancel_whole(uow, order, before, lines)
        return
    taken, loose = picks_of(uow, lines), Loose()
    after = [
        shrink_line(uow, before, line, pieces[line.id], taken.get(line.id, ()), loose)
        if pieces[line.id]
        else line
        for line in lines
    ]
    total = sum(pieces.values())
    saved = save_told(uow, before, before, FulfillmentShrunk, order, total)
    unpack_beyond(uow, [line for line in after if pieces[line.id]])
    write_loose(uow, saved, order, loose)
    put_lines(uow, [line for line in after if line.quantity and pieces[line.id]])
    remove_lines(uow, [line.id for line in after if not line.quantity])


def _align(uow: UnitOfWork, order: Order) -> None:
    """Have what is promised to an order lie where its fulfillments are sent from."""
    present = queries.open_by_orders(uow.db, [order.id]).get(order.id, ())
    of = {each.id: each for each in present if each.status is not _S.BACKORDERED}
    lines = [line for group in queries.lines_by_fulfillments(uow.db, of).values() for line in group]
    if not lines:
        return
    picked = picks_of(uow, lines)
    wants = []
    for line in lines:
        part, rest = (line.order_line_id, line.variant_id), line.quantity
        site_id = of[line.fulfillment_id].location_id
        for pick in picked.get(line.id, ()):
            wants.append(Want(part, site_id, pick.quantity, pick.location_id))
            rest -= pick.quantity
        wants.append(Want(part, site_id, rest))
    owners = {line.order_line_id: order.id for line in lines}
    promises = Promises(uow, owners, {line.variant_id for line in lines})
    promises.settle(wants)
    promises.write()
