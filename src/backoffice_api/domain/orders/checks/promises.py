"""What must be true of the stock that orders are promised."""

from typing import Any

from sqlalchemy import Select, Subquery, and_, case, exists, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import PROMISED, OrderStatus
from backoffice_api.domain.orders.tables import (
    backorders,
    order_line_components,
    order_lines,
    orders,
)
from backoffice_api.domain.stock import queries as stock

_line = order_lines.c
_order = orders.c
_left = _line.quantity - _line.cancelled


def _promises() -> Select[Any]:
    held = stock.held_by_lines()
    soft, allocated = func.coalesce(held.c.soft, 0), func.coalesce(held.c.allocated, 0)
    is_goods = _line.kind == LineKind.GOODS
    is_open = _order.status.in_(PROMISED)
    is_draft = _order.status == OrderStatus.DRAFT
    kits = _pieces_of_kits()
    pieces = func.coalesce(kits.c.pieces, 1)
    waits = _waiting()
    waiting = func.coalesce(waits.c.pieces, 0)
    due = case((and_(is_goods, is_open), (_left - _line.shipped) * pieces - waiting), else_=0)
    soft_max = case((and_(is_goods, is_draft), _line.quantity * pieces), else_=0)
    return (
        select(
            _order.id,
            _order.number,
            _order.status,
            _line.id.label("line_id"),
            due.label("to_be_allocated"),
            allocated.label("allocated"),
            soft.label("soft"),
        )
        .select_from(
            order_lines.join(orders, _order.id == _line.order_id)
            .outerjoin(held, held.c.line_id == _line.id)
            .outerjoin(kits, kits.c.line_id == _line.id)
            .outerjoin(waits, waits.c.line_id == _line.id)
        )
        .where(or_(allocated != due, soft > soft_max, and_(~is_open, waiting > 0)))
    )


def _waiting() -> Subquery:
    """Pieces that lines wait for."""
    of = backorders.c
    return select(of.line_id, (of.ordered - of.filled - of.cancelled).label("pieces")).subquery(
        "waits"
    )


def _pieces_of_kits() -> Subquery:
    """How many pieces one kit of a line is made of, by line."""
    of = order_line_components.c
    return (
        select(of.line_id, func.sum(of.quantity).label("pieces"))
        .group_by(of.line_id)
        .subquery("kits")
    )


def _kits() -> Select[Any]:
    held = stock.held_by_parts()
    of = order_line_components.c
    is_open = _order.status.in_(PROMISED)
    due = case((is_open, (_left - _line.shipped) * of.quantity), else_=0)
    allocated = func.coalesce(held.c.allocated, 0)
    return (
        select(_order.id, _line.id.label("line_id"), of.sku, due.label("due"), allocated)
        .select_from(
            order_line_components.join(order_lines, _line.id == of.line_id)
            .join(orders, _order.id == _line.order_id)
            .outerjoin(held, and_(held.c.line_id == _line.id, held.c.variant_id == of.variant_id))
        )
        .where(or_(allocated != due, ~_line.is_kit))
    )


def _orphans() -> Select[Any]:
    held = stock.held_by_lines()
    is_there = exists().where(_line.id == held.c.line_id, _line.order_id == held.c.owner_id)
    return select(held).where(~is_there)


CHECKS: tuple[Check, ...] = (
    Check(
        "S4-orders", "An open order has exactly what it still has to ship allocated.", _promises()
    ),
    Check("S9-orders", "A kit that is ordered has just its components allocated.", _kits()),
    Check("S7-orders", "What is reserved belongs to a line of its owner.", _orphans()),
)
