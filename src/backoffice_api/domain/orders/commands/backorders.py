"""What can be done with backorders: made by placing, filled by stock, moved in the queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.kernel.aggregates import add, save, save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.backorders import (
    FILL_BATCH_MAX,
    MACHINE,
    PRIORITY_DEFAULT,
    PRIORITY_MAX,
    Backorder,
    BackorderCancelled,
    BackorderFilled,
    BackorderMade,
    BackorderPrioritized,
    BackorderStatus,
    UnknownBackorder,
)
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.queries import backorders as queries
from backoffice_api.domain.orders.queries.channel_stock import rules_of_variants
from backoffice_api.domain.orders.tables import backorders, channel_stock_rules, orders
from backoffice_api.domain.stock.commands.reservations import reserve
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.stock.model.reservations import Demand

# Name of the job that runs `fill_backorders`.
FILL_JOB = "orders.fill_backorders"


@dataclass(frozen=True, slots=True, kw_only=True)
class FillBackorders(Command):
    """Run by the worker every minute, and after each receipt."""

    scope = Scope.ORDERS_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class PrioritizeBackorder(Command):
    """Smaller numbers are filled first."""

    scope = Scope.ORDERS_WRITE
    table = backorders
    id: UUID
    priority: int


def fill_backorders(uow: UnitOfWork, command: FillBackorders) -> int:
    """Promise stock that arrived to those who wait for it, in their order. How many pieces.

    A bounded number of backorders; if there may be more, another job is enqueued to go on.
    Buffers keep nothing from what was sold already.
    """
    due = queries.fillable_backorders(uow.db, FILL_BATCH_MAX)
    if not due:
        return 0
    # Orders first, then stock: as everybody locks who changes both.
    locked = select(orders.c.id).where(among(orders.c.id, {each.order_id for each in due}))
    uow.db.execute(locked.order_by(orders.c.id).with_for_update()).all()
    waiting = [
        each
        for each in _held(uow, [each.id for each in due])
        if each.status is BackorderStatus.WAITING
    ]
    demands = [
        Demand(each.line_id, each.order_id, each.variant_id, each.waiting) for each in waiting
    ]
    any_number = dict.fromkeys({each.variant_id for each in waiting}, QUANTITY_MAX)
    missing = reserve(uow, demands, expires_at=None, may_lack=any_number)
    changes = []
    for each in waiting:
        came = each.waiting - missing.get(each.line_id, 0)
        if came:
            changes.append((each, _settled(replace(each, filled=each.filled + came))))
    for (before, _), after in zip(changes, save_all(uow, backorders, changes), strict=True):
        pieces = after.filled - before.filled
        event = BackorderFilled(after.id, after.version, after.order_id, after.variant_id, pieces)
        uow.emit(event, before=before, after=after)
    if changes and len(due) == FILL_BATCH_MAX:
        uow.enqueue(Job(FILL_JOB))
    return sum(after.filled - before.filled for before, after in changes)


def prioritize_backorder(uow: UnitOfWork, command: PrioritizeBackorder) -> UUID:
    """Move a backorder in the queue. Its id.

    Raises:
        UnknownBackorder, InvalidTransition.
        OutOfRange: the priority is not between 0 and 1,000,000.
    """
    faults = Faults()
    check_range(command.priority, faults, "priority", minimum=0, maximum=PRIORITY_MAX)
    faults.check()
    before = queries.backorders_by_ids(uow.db, [command.id]).get(command.id)
    if before is None:
        raise UnknownBackorder(command.id).at("id")
    MACHINE.check("prioritize", before.status)
    after = save(uow, backorders, before, replace(before, priority=command.priority))
    event = BackorderPrioritized(after.id, after.version, after.priority)
    uow.emit(event, before=before, after=after)
    return after.id


def wake(uow: UnitOfWork, _event: object) -> None:
    """Goods were received: see soon who waits for them."""
    uow.enqueue(Job(FILL_JOB, once_key=FILL_JOB))


def allowance(uow: UnitOfWork, order: Order, variant_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many pieces of each variant the channel may sell beyond the stock now.

    It lacks those of which none. The rules are held still, so that two who sell at once do not
    both take the last of them.
    """
    limits = {
        id: rule.backorder_limit
        for id, rule in rules_of_variants(uow.db, order.channel_id, variant_ids).items()
        if rule.backorder_limit
    }
    if not limits:
        return {}
    rules = select(channel_stock_rules.c.id).where(
        channel_stock_rules.c.channel_id == order.channel_id
    )
    uow.db.execute(rules.order_by(channel_stock_rules.c.id).with_for_update()).all()
    of = backorders.c
    waiting = (
        select(of.variant_id, func.sum(of.ordered - of.filled - of.cancelled))
        .where(
            of.channel_id == order.channel_id,
            of.status == BackorderStatus.WAITING,
            among(of.variant_id, limits),
        )
        .group_by(of.variant_id)
    )
    taken = {row[0]: int(row[1]) for row in uow.db.execute(waiting)}
    return {id: max(0, limit - taken.get(id, 0)) for id, limit in limits.items()}


def make_backorders(
    uow: UnitOfWork, order: Order, missing: Mapping[UUID, int], variants: Mapping[UUID, UUID]
) -> None:
    """Let lines wait for so many pieces. `variants`: by line.

    A line that waited before waits for so many more, in its place of the queue.
    """
    if not missing:
        return
    theirs = select_as(Backorder, backorders).where(among(backorders.c.line_id, missing))
    known = fetch(uow.db, Backorder, theirs.order_by(backorders.c.id).with_for_update())
    changes = [
        (
            each,
            replace(
                each,
                ordered=each.ordered + missing[each.line_id],
                status=MACHINE.check("extend", each.status),
            ),
        )
        for each in known
    ]
    for (before, _), after in zip(changes, save_all(uow, backorders, changes), strict=True):
        pieces = after.ordered - before.ordered
        event = BackorderMade(after.id, after.version, after.order_id, after.variant_id, pieces)
        uow.emit(event, before=before, after=after)
    missing = {id: missing[id] for id in missing.keys() - {each.line_id for each in known}}
    made = [
        Backorder(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            channel_id=order.channel_id,
            order_id=order.id,
            line_id=line_id,
            variant_id=variants[line_id],
            ordered=pieces,
            filled=0,
            cancelled=0,
            priority=PRIORITY_DEFAULT,
            status=MACHINE.start,
        )
        for line_id, pieces in sorted(missing.items())
    ]
    add(uow, backorders, made)
    for each in made:
        event = BackorderMade(each.id, 1, each.order_id, each.variant_id, each.ordered)
        uow.emit(event, after=each)


def wait_again(
    uow: UnitOfWork, order: Order, missing: Mapping[UUID, int], variants: Mapping[UUID, UUID]
) -> None:
    """Let lines wait for pieces that were promised and are not there after all.

    `variants`: by line. The order is locked.
    """
    if not missing:
        return
    statement = select_as(Backorder, backorders).where(among(backorders.c.line_id, missing))
    present = {
        each.line_id: each
        for each in fetch(uow.db, Backorder, statement.order_by(backorders.c.id).with_for_update())
    }
    changes = [
        (
            each,
            replace(
                each,
                ordered=each.ordered + missing[each.line_id],
                status=MACHINE.check("wait_again", each.status),
            ),
        )
        for each in present.values()
    ]
    for (before, _), after in zip(changes, save_all(uow, backorders, changes), strict=True):
        pieces = after.ordered - before.ordered
        event = BackorderMade(after.id, after.version, after.order_id, after.variant_id, pieces)
        uow.emit(event, before=before, after=after)
    fresh = {id: pieces for id, pieces in missing.items() if id not in present}
    make_backorders(uow, order, fresh, variants)


def cancel_waiting(uow: UnitOfWork, quantities: Mapping[UUID, int]) -> Mapping[UUID, int]:
    """Call off pieces of lines that wait, before those that are promised.

    How many pieces of each line are left to be given back. The order of the lines is locked.
    """
    statement = (
        select_as(Backorder, backorders)
        .where(
            among(backorders.c.line_id, quantities),
            backorders.c.status == BackorderStatus.WAITING,
        )
        .order_by(backorders.c.id)
        .with_for_update()
    )
    left = dict(quantities)
    changes = []
    for each in fetch(uow.db, Backorder, statement):
        pieces = min(each.waiting, left[each.line_id])
        if pieces:
            left[each.line_id] -= pieces
            changes.append((each, _settled(replace(each, cancelled=each.cancelled + pieces))))
    for (before, _), after in zip(changes, save_all(uow, backorders, changes), strict=True):
        pieces = after.cancelled - before.cancelled
        event = BackorderCancelled(
            after.id, after.version, after.order_id, after.variant_id, pieces
        )
        uow.emit(event, before=before, after=after)
    return {id: pieces for id, pieces in left.items() if pieces}


def _held(uow: UnitOfWork, ids: Sequence[UUID]) -> Sequence[Backorder]:
    """The backorders in the order of the queue, as they are until the transaction ends."""
    statement = select_as(Backorder, backorders).where(among(backorders.c.id, ids))
    found = fetch(uow.db, Backorder, statement.order_by(backorders.c.id).with_for_update())
    return sorted(found, key=lambda each: (each.priority, each.id))


def _settled(backorder: Backorder) -> Backorder:
    """The backorder in the state that follows from its pieces."""
    if backorder.waiting:
        return backorder
    action = "fill" if backorder.filled else "cancel"
    return replace(backorder, status=MACHINE.check(action, backorder.status))
