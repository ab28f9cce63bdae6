"""What can be asked about returns."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.kernel.filters import On, OnMoney, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, columns_of, many_per, one_per
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.payments.model.refunds import Refund
from backoffice_api.domain.payments.tables import refunds
from backoffice_api.domain.returns.model.inspections import ReturnInspection, ReturnReceipt
from backoffice_api.domain.returns.model.policies import (
    PolicySortKey,
    ReturnPolicy,
    UnknownReturnPolicy,
)
from backoffice_api.domain.returns.model.reasons import ReturnReason
from backoffice_api.domain.returns.model.refunds import (
    RefundSuggestion,
    ReturnRefund,
)
from backoffice_api.domain.returns.model.returns import (
    Return,
    ReturnLine,
    ReturnSortKey,
    UnknownReturn,
)
from backoffice_api.domain.returns.tables import (
    return_inspections,
    return_lines,
    return_orders,
    return_policies,
    return_reasons,
    return_receipts,
    returns,
)
from backoffice_api.domain.returns.tables.money import return_refund_payments, return_refunds

# How many returns of one order are shown with it.
OF_ORDER_MAX = 250

returns_by_ids = one_per(Return, returns, returns.c.id)
return_lines_by_ids = one_per(ReturnLine, return_lines, return_lines.c.id)
lines_by_returns = many_per(
    ReturnLine,
    return_lines,
    return_lines.c.return_id,
    return_lines.c.position,
    return_lines.c.id,
)
lines_by_order_lines = many_per(
    ReturnLine, return_lines, return_lines.c.order_line_id, return_lines.c.id
)
reasons_by_ids = one_per(ReturnReason, return_reasons, return_reasons.c.id)
policies_by_ids = one_per(ReturnPolicy, return_policies, return_policies.c.id)
policies_by_codes = one_per(ReturnPolicy, return_policies, return_policies.c.code)
receipts_by_returns = many_per(
    ReturnReceipt,
    return_receipts,
    return_receipts.c.return_id,
    return_receipts.c.created_at,
    return_receipts.c.id,
)
inspections_by_ids = one_per(ReturnInspection, return_inspections, return_inspections.c.id)
inspections_by_lines = many_per(
    ReturnInspection,
    return_inspections,
    return_inspections.c.line_id,
    return_inspections.c.created_at,
    return_inspections.c.id,
)
return_refunds_by_returns = many_per(
    ReturnRefund,
    return_refunds,
    return_refunds.c.return_id,
    return_refunds.c.created_at,
    return_refunds.c.id,
)
refunds_by_return_refunds = many_per(
    Refund,
    refunds,
    return_refund_payments.c.return_refund_id,
    refunds.c.created_at,
    refunds.c.id,
    where=(return_refund_payments.c.refund_id == refunds.c.id,),
)
returns_by_orders = many_per(
    Return,
    returns,
    return_orders.c.order_id,
    returns.c.created_at,
    returns.c.id,
    where=(return_orders.c.return_id == returns.c.id,),
)
orders_by_returns = many_per(
    Order,
    orders,
    return_orders.c.return_id,
    orders.c.id,
    where=(return_orders.c.order_id == orders.c.id,),
)

return_list = Listing(
    Return,
    returns,
    sorts={
        ReturnSortKey.CREATED_AT: returns.c.created_at,
        ReturnSortKey.UPDATED_AT: returns.c.updated_at,
        ReturnSortKey.NUMBER: returns.c.serial,
        ReturnSortKey.VALUE: returns.c.value_minor,
    },
    words={
        "kind": On(returns.c.kind),
        "status": On(returns.c.status),
        "origin": On(returns.c.origin),
        "verdict": On(returns.c.verdict),
        "rule": On(returns.c.rule),
        "number": On(returns.c.number),
        "reference": On(returns.c.reference),
        "customer_id": On(returns.c.customer_id),
        "channel_id": On(returns.c.channel_id),
        "location_id": On(returns.c.location_id),
        "order_id": Within(returns.c.id, return_orders.c.return_id, return_orders.c.order_id),
        "sku": Within(returns.c.id, return_lines.c.return_id, return_lines.c.sku),
        "reason_id": Within(returns.c.id, return_lines.c.return_id, return_lines.c.reason_id),
        "value": OnMoney(returns.c.value_minor, returns.c.currency),
        "expires_at": On(returns.c.expires_at),
        "created_at": On(returns.c.created_at),
        "updated_at": On(returns.c.updated_at),
    },
)

policy_list = Listing(
    ReturnPolicy,
    return_policies,
    sorts={
        PolicySortKey.PRIORITY: return_policies.c.priority,
        PolicySortKey.CODE: return_policies.c.code,
    },
    words={"channel_id": On(return_policies.c.channel_id), "code": On(return_policies.c.code)},
    descending=False,
)


def return_(db: Connection, id: UUID) -> Return:
    """The return with this id.

    Raises:
        UnknownReturn: there is none.
    """
    if found := returns_by_ids(db, [id]).get(id):
        return found
    raise UnknownReturn(id).at("id")


def policy(db: Connection, id: UUID) -> ReturnPolicy:
    """Raises: UnknownReturnPolicy."""
    if found := policies_by_ids(db, [id]).get(id):
        return found
    raise UnknownReturnPolicy(id).at("id")


def lines_of(db: Connection, return_id: UUID) -> Sequence[ReturnLine]:
    """All lines of one return, in their order."""
    return lines_by_returns(db, [return_id]).get(return_id, ())


def order_ids_of(db: Connection, return_id: UUID) -> Sequence[UUID]:
    """The orders that a return is of, in the order of their ids. They never change."""
    statement = select(return_orders.c.order_id).where(return_orders.c.return_id == return_id)
    return sorted(db.execute(statement).scalars())


def lines_by_orders(db: Connection, order_ids: Iterable[UUID]) -> Mapping[UUID, list[ReturnLine]]:
    """All lines of returns that name one of the orders, by order."""
    statement = select(*columns_of(ReturnLine, return_lines)).where(
        among(return_lines.c.order_id, order_ids)
    )
    found: dict[UUID, list[ReturnLine]] = {}
    for row in db.execute(statement.order_by(return_lines.c.id)):
        line = ReturnLine(*row)
        if line.order_id:
            found.setdefault(line.order_id, []).append(line)
    return found


def suggestions_by_returns(
    db: Connection, ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[RefundSuggestion]]:
    """What may go back now for the pieces of each return that may be paid back."""
    found = lines_by_returns(db, ids)
    open_ones = [line for lines in found.values() for line in lines if line.refundable > 0]
    reasons = reasons_by_ids(db, {line.reason_id for line in open_ones if line.reason_id})
    suggested: dict[UUID, list[RefundSuggestion]] = {}
    for line in open_ones:
        terms = line.terms(reasons.get(line.reason_id) if line.reason_id else None)
        suggested.setdefault(line.return_id, []).append(line.suggestion(line.refundable, terms))
    return suggested


def returns_by_number_or_id(db: Connection, number: str, id: UUID | None) -> Sequence[UUID]:
    """The id of the return of this number, or of this id: at most one."""
    named = returns.c.number == number if id is None else returns.c.id == id
    return tuple(db.execute(select(returns.c.id).where(named)).scalars())
