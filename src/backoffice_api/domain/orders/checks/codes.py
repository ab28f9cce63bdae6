"""What must hold between orders and the discount codes that they were placed with."""

from typing import Any

from sqlalchemy import Select, and_, or_, select

from backoffice_api.domain.discounts.tables import discount_uses
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.orders.model.orders import PROMISED, OrderStatus
from backoffice_api.domain.orders.tables import order_discounts, orders

_order, _use, _discount = orders.c, discount_uses.c, order_discounts.c
_COUNTING = (*PROMISED, OrderStatus.CLOSED)


def _uncounted() -> Select[Any]:
    """Orders whose code does not count them, and uses by orders that have not the code."""
    of_order = and_(
        _use.order_id == _order.id,
        _use.code_id == _discount.code_id,
        _use.given_back_at.is_(None),
    )
    without_use = (
        select(_order.id, _discount.code_id)
        .join(order_discounts, _discount.order_id == _order.id)
        .outerjoin(discount_uses, of_order)
        .where(_discount.code_id.is_not(None), _order.status.in_(_COUNTING), _use.id.is_(None))
    )
    # What went on in another order keeps its code: its discount went along.
    ended = and_(_order.status == OrderStatus.CANCELLED, _order.merged_into_id.is_(None))
    of_use = and_(_discount.order_id == _use.order_id, _discount.code_id == _use.code_id)
    without_code = (
        select(_order.id, _use.code_id)
        .join(discount_uses, _use.order_id == _order.id)
        .outerjoin(order_discounts, of_use)
        .where(
            _use.given_back_at.is_(None),
            or_(_discount.code_id.is_(None), _order.status == OrderStatus.DRAFT, ended),
        )
    )
    return select(without_use.union_all(without_code).subquery("uncounted"))


CHECKS = (
    Check(
        "DC2",
        "A discount code counts the orders that were placed with it and are not called off.",
        _uncounted(),
    ),
)
