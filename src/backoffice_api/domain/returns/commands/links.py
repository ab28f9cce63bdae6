"""Links for customers: made by staff, used by whoever has one."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.keys import key
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.model.lines import UnknownOrderLine
from backoffice_api.domain.returns.commands.requesting import RequestReturn, request_return
from backoffice_api.domain.returns.commands.writing import lock_orders
from backoffice_api.domain.returns.model.drafts import ReturnLineDraft
from backoffice_api.domain.returns.model.links import (
    DAY,
    DAYS_DEFAULT,
    DAYS_MAX,
    REQUESTS_A_DAY_MAX,
    LinkedOrder,
    ReturnLink,
    ReturnLinkMade,
    ReturnLinkNotGood,
    TooManyRequests,
    read,
    signed,
)
from backoffice_api.domain.returns.model.returns import ReturnOrigin
from backoffice_api.domain.returns.tables import return_orders, returns

KEY = "return-links"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateReturnLink(Command):
    """`days`: for how long it is good."""

    scope = Scope.RETURNS_WRITE
    order_id: UUID
    days: int = DAYS_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestByLink(Command):
    """The code is the right to it: it is run as the system, for whoever has one."""

    scope = None
    code: Secret
    lines: tuple[ReturnLineDraft, ...]
    note: str = ""


def create_return_link(uow: UnitOfWork, command: CreateReturnLink) -> ReturnLink:
    """Make a code by which a customer can ask for a return of an order. It is shown once.

    Raises:
        UnknownOrder, OutOfRange.
    """
    faults = Faults()
    check_range(command.days, faults, "days", minimum=1, maximum=DAYS_MAX)
    faults.check()
    order = on_orders.locked_order(uow.db, command.order_id)
    expires_at = (uow.now + timedelta(days=command.days)).replace(microsecond=0)
    code = signed(key(uow.db, KEY), LinkedOrder(order.id, expires_at))
    uow.emit(ReturnLinkMade(order.id, order.version, order.name, expires_at))
    return ReturnLink(order.id, expires_at, code)


def request_by_link(uow: UnitOfWork, command: RequestByLink) -> UUID:
    """Ask for a return of the order that a code names. Its id.

    Raises:
        ReturnLinkNotGood, TooManyRequests.
        UnknownOrderLine: a line is of another order, or no order's.
        What `request_return` raises.
    """
    link = read(key(uow.db, KEY), command.code, uow.now)
    if link.order_id not in lock_orders(uow, [link.order_id]):
        raise ReturnLinkNotGood
    if _requests(uow, link.order_id) >= REQUESTS_A_DAY_MAX:
        raise TooManyRequests(REQUESTS_A_DAY_MAX)
    theirs = {line.id for line in on_orders.lines_of(uow.db, link.order_id)}
    faults = Faults()
    for position, each in enumerate(command.lines):
        if each.order_line_id is None or each.order_line_id not in theirs:
            fault = UnknownOrderLine(each.order_line_id or UUID(int=0))
            faults.add(fault.at("lines", position, "order_line_id"))
    faults.check()
    request = RequestReturn(lines=command.lines, origin=ReturnOrigin.CUSTOMER, note=command.note)
    return request_return(uow, request)


def _requests(uow: UnitOfWork, order_id: UUID) -> int:
    """How often returns of an order were asked for by links within a day."""
    statement = (
        select(func.count())
        .select_from(return_orders.join(returns, returns.c.id == return_orders.c.return_id))
        .where(
            return_orders.c.order_id == order_id,
            returns.c.origin == ReturnOrigin.CUSTOMER,
            returns.c.created_at > uow.now - DAY,
        )
    )
    return int(uow.db.execute(statement).scalar_one())
