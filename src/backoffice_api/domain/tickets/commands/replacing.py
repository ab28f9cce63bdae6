"""Goods are sent again: an order like the first one, for which nothing is paid."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, OutOfRange
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.model.lines import (
    QUANTITY_MAX,
    LineQuantity,
    OrderLine,
    QuantityExceeded,
    UnknownOrderLine,
)
from backoffice_api.domain.returns.commands.exchange_sending import order_like
from backoffice_api.domain.tickets.model.acts import NothingToReplace
from backoffice_api.domain.tickets.queries.desk import replacements_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceGoods(Command):
    """`lines` empty: all that has left the house, did not come back, and was not replaced.

    A replacement that is lost, too, is replaced by the order that it was sent with.
    """

    scope = Scope.ORDERS_WRITE
    order_id: UUID
    lines: tuple[LineQuantity, ...] = ()


def replace_goods(uow: UnitOfWork, command: ReplaceGoods) -> UUID:
    """Send goods of an order once more, to the same address, for nothing. Id of the new order.

    Raises:
        UnknownOrder, UnknownOrderLine, QuantityExceeded, OutOfRange, Duplicate, NothingToReplace.
        InsufficientStock, VariantNotForSale, ChannelNotActive: they cannot be sent.
    """
    order = on_orders.locked_order(uow.db, command.order_id)
    sent = [each for each in on_orders.lines_of(uow.db, order.id) if _sent(each) > 0]
    left = _left(uow, order.id, sent)
    wanted = command.lines or tuple(
        LineQuantity(id, pieces) for id, pieces in left.items() if pieces
    )
    if not wanted:
        raise NothingToReplace().at("order_id")
    _check(wanted, sent, left)
    of = {each.id: each for each in sent}
    drafts = [
        LineDraft(
            variant_id=of[each.line_id].variant_id,
            quantity=each.quantity,
            unit_price=UnitPrice(0, order.currency),
        )
        for each in wanted
    ]
    id = order_like(uow, order, drafts, f"Replacement for {order.name}")
    return place_order(uow, PlaceOrder(id=id))


def _sent(line: OrderLine) -> int:
    """Pieces that their customer should have."""
    return line.shipped - line.returned if line.variant_id else 0


def _left(uow: UnitOfWork, order_id: UUID, sent: Sequence[OrderLine]) -> Mapping[UUID, int]:
    """Pieces of each line that their customer should have, and that were not replaced yet."""
    again: Counter[UUID | None] = Counter()
    for lines in on_orders.lines_by_orders(uow.db, replacements_of(uow.db, order_id)).values():
        for each in lines:
            again[each.variant_id] += each.current_quantity - each.returned
    left = {}
    for each in sent:
        replaced = min(_sent(each), again[each.variant_id])
        again[each.variant_id] -= replaced
        left[each.id] = _sent(each) - replaced
    return left


def _check(
    wanted: Sequence[LineQuantity], sent: Sequence[OrderLine], left: Mapping[UUID, int]
) -> None:
    by_id = {line.id: line for line in sent}
    faults, seen = Faults(), set()
    for position, each in enumerate(wanted):
        here = ("lines", position)
        if (line := by_id.get(each.line_id)) is None:
            faults.add(UnknownOrderLine(each.line_id).at(*here, "line_id"))
        elif each.line_id in seen:
            faults.add(Duplicate(line.sku).at(*here, "line_id"))
        elif each.quantity < 1:
            faults.add(OutOfRange(1, QUANTITY_MAX).at(*here, "quantity"))
        elif each.quantity > left[line.id]:
            faults.add(QuantityExceeded(left[line.id]).at(*here, "quantity"))
        seen.add(each.line_id)
    faults.check()
