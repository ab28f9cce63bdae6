"""What else can be done with orders: closed, opened again, commented on."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import REASON_LENGTH_MAX
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.writing import move, save_order
from backoffice_api.domain.orders.model.ending import LeftToSettle, LeftToShip, OnHold, open_money
from backoffice_api.domain.orders.model.events import OrderClosed, OrderCommented, OrderReopened
from backoffice_api.domain.orders.model.orders import COMMENT_LENGTH_MAX
from backoffice_api.domain.orders.tables import orders


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOrder(Command):
    """`leave_open`: why it is closed though money is open. None: it is not."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    leave_open: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenOrder(Command):
    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentOnOrder(Command):
    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    body: str


def close_order(uow: UnitOfWork, command: CloseOrder) -> UUID:
    """Put an order away with which nothing is left to do. Its id.

    Raises:
        UnknownOrder, InvalidTransition.
        LeftToShip: some of it is neither shipped nor cancelled.
        OnHold: a hold is on it.
        LeftToSettle: money is left to collect or to pay back, and no reason is given for it.
        InvalidText: the reason is empty or too long.
        NotAllowed, OutOfReach, AboveLimit: the caller may not leave so much open.
    """
    if command.leave_open is not None:
        faults = Faults()
        check_text(command.leave_open, faults, "leave_open", maximum=REASON_LENGTH_MAX)
        faults.check()
    before = queries.locked_order(uow.db, command.id)
    closed = move(uow, before, "close")
    if before.unshipped:
        raise LeftToShip(before.unshipped)
    if before.has_hold:
        raise OnHold
    money = open_money(before)
    if money:
        _leave_open(uow, money, command.leave_open)
    after = save_order(uow, before, closed)
    event = OrderClosed(
        after.id,
        after.version,
        after.name,
        left_open=str(money.outstanding) if money else None,
        reason=command.leave_open if money else None,
    )
    uow.emit(event, before=before, after=after)
    return after.id


def _leave_open(uow: UnitOfWork, money: LeftToSettle, reason: str | None) -> None:
    """Let an order end with money open: nothing is given up, it is asked for and paid as before.

    Whoever does it must have the right to settle it, up to that much.
    """
    if reason is None:
        raise money
    owed_to_shop = money.outstanding.minor > 0
    scope = Scope.RECEIVABLES_WRITE if owed_to_shop else Scope.REFUNDS_WRITE
    uow.require_here(scope)
    uow.check_amount(scope, max(abs(money.outstanding), money.refunding))


def reopen_order(uow: UnitOfWork, command: ReopenOrder) -> UUID:
    """Take a closed order up again. Its id.

    Raises:
        UnknownOrder, InvalidTransition.
    """
    before = queries.locked_order(uow.db, command.id)
    after = save_order(uow, before, move(uow, before, "reopen"))
    uow.emit(OrderReopened(after.id, after.version, after.name), before=before, after=after)
    return after.id


def comment_on_order(uow: UnitOfWork, command: CommentOnOrder) -> UUID:
    """Leave a comment in the timeline of an order, which is not changed by it. Its id.

    Raises:
        UnknownOrder.
        InvalidText: the comment is empty or too long.
    """
    faults = Faults()
    check_text(command.body, faults, "body", maximum=COMMENT_LENGTH_MAX)
    faults.check()
    order = queries.locked_order(uow.db, command.id)
    uow.emit(OrderCommented(order.id, order.version, order.name, command.body))
    return order.id
