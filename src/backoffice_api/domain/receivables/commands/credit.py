"""Credit limits: set, and minded after orders are placed and paid.

Placing an order knows nothing of limits. A job follows the event log: an order that a customer
placed above the limit is held, and let go once the customer owes less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select, update

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.commands import moving
from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.customers.model.merging import CustomerMerged, CustomerMergeUndone
from backoffice_api.domain.kernel import log
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import Logged, events, settled
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.rows import among, insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import SYSTEM, Command, UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.commands.holds import HoldOrder, put_hold, take_off
from backoffice_api.domain.orders.model.events import OrderPlaced
from backoffice_api.domain.orders.model.holds import HOLDS_MAX, HoldKind
from backoffice_api.domain.orders.model.orders import UNFINISHED, Order
from backoffice_api.domain.orders.model.payments import OrderPaymentChanged
from backoffice_api.domain.orders.tables import holds, orders
from backoffice_api.domain.payments.model.payments import AmountNotPositive
from backoffice_api.domain.receivables.model.credit import CreditLimit, CreditStatus
from backoffice_api.domain.receivables.model.events import CreditLimitSet
from backoffice_api.domain.receivables.queries.credit import (
    limits_by_customers,
    status_by_customers,
)
from backoffice_api.domain.receivables.tables import credit_limits, credit_progress

FOLLOW_JOB = "receivables.mind_credit"
EVENTS_MAX = 200
RELEASED_MAX = 200
NOTE = "The customer's credit limit is used up."
_FOLLOWER = "credit"
Standing = Mapping[tuple[UUID, str], CreditStatus]
_HEARD = Test(
    "type", Operator.IN, (OrderPlaced.type, OrderPaymentChanged.type, CreditLimitSet.type)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCreditLimit(Command):
    """`limit` None: it is lifted."""

    scope = Scope.RECEIVABLES_WRITE
    customer_id: UUID
    currency: str
    limit: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MindCredit(Command):
    """Run by the worker every few seconds."""

    scope = Scope.RECEIVABLES_WRITE


def set_credit_limit(uow: UnitOfWork, command: SetCreditLimit) -> UUID:
    """Say how much a customer may owe in a currency. Id of the limit.

    Raises:
        UnknownCustomer, CurrencyMismatch, AmountNotPositive: the input is wrong.
    """
    faults = Faults()
    if not customers.customers_by_ids(uow.db, [command.customer_id]):
        faults.add(UnknownCustomer(command.customer_id).at("customer_id"))
    if command.limit is not None and command.limit.minor < 0:
        faults.add(AmountNotPositive().at("limit"))
    if command.limit is not None and command.limit.currency != command.currency:
        faults.add(CurrencyMismatch(command.currency, command.limit.currency).at("limit"))
    faults.check()
    present = limits_by_customers(uow.db, [command.customer_id]).get(command.customer_id, ())
    before = next((each for each in present if each.currency == command.currency), None)
    after = CreditLimit(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        customer_id=command.customer_id,
        currency=command.currency,
        limit_minor=None if command.limit is None else command.limit.minor,
    )
    if before is None:
        _begin_following(uow)
        add(uow, credit_limits, [after])
    else:
        after = save(uow, credit_limits, before, after)
    limit = None if after.limit is None else str(after.limit)
    event = CreditLimitSet(after.id, after.version, after.customer_id, after.currency, limit)
    uow.emit(event, before=before, after=after)
    return after.id


def follow_merge(uow: UnitOfWork, event: CustomerMerged) -> None:
    """The limits of a duplicate count for the customer that stays, where that has none."""
    found = limits_by_customers(uow.db, [event.id, event.from_id])
    limited = {each.currency for each in found.get(event.id, ())}
    moved = [each for each in found.get(event.from_id, ()) if each.currency not in limited]
    moving.record(uow, event.merge_id, credit_limits.name, {each.id: None for each in moved})
    for each in moved:
        _give(uow, each, event.id)


def follow_undone_merge(uow: UnitOfWork, event: CustomerMergeUndone) -> None:
    """The limits that came over go back, as they are now."""
    moved = {id for id, _ in moving.recorded(uow, event.merge_id, credit_limits.name)}
    for each in limits_by_customers(uow.db, [event.id]).get(event.id, ()):
        if each.id in moved:
            _give(uow, each, event.from_id)


def _give(uow: UnitOfWork, before: CreditLimit, customer_id: UUID) -> None:
    after = save(uow, credit_limits, before, replace(before, customer_id=customer_id))
    limit = None if after.limit is None else str(after.limit)
    event = CreditLimitSet(after.id, after.version, customer_id, after.currency, limit)
    uow.emit(event, before=before, after=after)


def mind_credit(uow: UnitOfWork, command: MindCredit) -> int:
    """Hold what the next events put above a limit, let go what is below it. How many orders.

    If there may be more events, another job goes on.
    """
    mine = credit_progress.c.name == _FOLLOWER
    statement = select(credit_progress.c.sequence).where(mine).with_for_update()
    known = uow.db.execute(statement).scalar()
    if known is None:  # There never was a limit.
        return 0
    page = log.feed(uow.db, known, EVENTS_MAX, _HEARD)
    if not page.rows:
        return 0
    changed = _mind(uow, page.rows)
    uow.db.execute(update(credit_progress).where(mine).values(sequence=page.rows[-1].sequence))
    if page.has_next:
        uow.enqueue(Job(FOLLOW_JOB))
    return changed


def _mind(uow: UnitOfWork, told: Sequence[Logged]) -> int:
    of_orders = {each.subject_id for each in told if each.type != CreditLimitSet.type}
    found = on_orders.orders_by_ids(uow.db, of_orders)
    concerned = {each.customer_id for each in found.values() if each.customer_id}
    concerned |= {
        UUID(hex=each.data["customer_id"]) for each in told if each.type == CreditLimitSet.type
    }
    limited = limits_by_customers(uow.db, concerned)
    if not limited:
        return 0
    standing = {
        (each.customer_id, each.currency): each
        for of in status_by_customers(uow.db, limited).values()
        for each in of
    }
    placed = {each.subject_id for each in told if each.type == OrderPlaced.type}
    above = _above(standing, [found[id] for id in sorted(placed & found.keys())])
    return sum(_hold(uow, id) for id in above) + _let_go(uow, standing)


def _above(standing: Standing, placed: Sequence[Order]) -> Sequence[UUID]:
    """Those of the orders, given in the order in which they were placed, that go beyond limits.

    The newest are held first, as many as make up for what is too much.
    """
    excess = {
        key: each.used_minor - each.limit_minor
        for key, each in standing.items()
        if each.limit_minor is not None
    }
    found = []
    for order in reversed(placed):
        if order.customer_id is None:
            continue
        key = (order.customer_id, order.currency)
        if excess.get(key, 0) > 0:
            excess[key] -= order.outstanding_minor
            found.append(order.id)
    return sorted(found)


def _begin_following(uow: UnitOfWork) -> None:
    """Follow the log from here on, if it is not followed already."""
    present = select(func.coalesce(func.max(events.c.sequence), 0)).where(settled(uow.db))
    here = uow.db.execute(present).scalar_one()
    insert_or_ignore(uow.db, credit_progress, {"name": _FOLLOWER, "sequence": here})


def _hold(uow: UnitOfWork, order_id: UUID) -> bool:
    """Hold an order that takes its customer above the limit, unless it is held or gone."""
    order = on_orders.locked_order(uow.db, order_id)
    if order.status not in UNFINISHED or not order.unshipped:
        return False
    present = on_orders.open_holds_by_orders(uow.db, [order.id]).get(order.id, ())
    if len(present) >= HOLDS_MAX or any(each.kind is HoldKind.CREDIT for each in present):
        return False
    put_hold(uow, order, HoldOrder(id=order.id, kind=HoldKind.CREDIT, note=NOTE))
    return True


def _let_go(uow: UnitOfWork, standing: Standing) -> int:
    """Let go of what this file has held, of customers who are not above their limit."""
    fine = {key for key, each in standing.items() if not each.is_over}
    if not fine:
        return 0
    statement = (
        select(orders.c.id, orders.c.customer_id, orders.c.currency)
        .join_from(orders, holds, holds.c.order_id == orders.c.id)
        .where(
            among(orders.c.customer_id, {customer_id for customer_id, _ in fine}),
            holds.c.kind == HoldKind.CREDIT,
            holds.c.placed_by_kind == SYSTEM.kind.value,
            holds.c.released_at.is_(None),
        )
        .order_by(orders.c.id)
        .limit(RELEASED_MAX)
    )
    held = [row.id for row in uow.db.execute(statement) if (row.customer_id, row.currency) in fine]
    return sum(_release(uow, id) for id in held)


def _release(uow: UnitOfWork, order_id: UUID) -> bool:
    order = on_orders.locked_order(uow.db, order_id)
    present = on_orders.open_holds_by_orders(uow.db, [order.id]).get(order.id, ())
    ours = [
        each
        for each in present
        if each.kind is HoldKind.CREDIT and each.placed_by_kind == SYSTEM.kind.value
    ]
    if not ours:
        return False
    take_off(uow, order, ours, others_stay=len(ours) < len(present))
    return True
