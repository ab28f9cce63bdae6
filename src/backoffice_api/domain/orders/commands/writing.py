"""How orders are written, by whichever command."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Integer, delete, update

from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import made, search
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.model.lines import OrderLine, QuantityExceeded
from backoffice_api.domain.orders.model.orders import (
    MACHINE,
    Order,
    OrderAddress,
    OrderDiscount,
    OrderStatus,
)
from backoffice_api.domain.orders.model.parts import Parts
from backoffice_api.domain.orders.model.quotes import QuoteStatus
from backoffice_api.domain.orders.model.settlement import OrderToSettle, Settlement
from backoffice_api.domain.orders.tables import (
    order_addresses,
    order_discounts,
    order_line_components,
    order_lines,
    order_quotes,
    orders,
)

# What follows from the price and the quantities of a line.
_AMOUNTS = (
    "unit_price_micro",
    "subtotal_minor",
    "rounding_micro",
    "discount_minor",
    "current_subtotal_minor",
    "current_discount_minor",
    "current_tax_minor",
)

_PUT_AMOUNTS = UpdateEach(
    lambda given: (
        update(order_lines)
        .where(order_lines.c.id == given("id"))
        .values({name: given(name) for name in _AMOUNTS})
    ),
    id=Id(),
    **dict.fromkeys(_AMOUNTS, BigInteger()),
)

# Guarded, though the order is locked: what was shipped can never be cancelled.
_CANCEL = UpdateEach(
    lambda given: (
        update(order_lines)
        .where(
            order_lines.c.id == given("id"),
            order_lines.c.quantity - order_lines.c.cancelled - order_lines.c.shipped
            >= given("more"),
        )
        .values(
            cancelled=order_lines.c.cancelled + given("more"),
            cancelled_with_order=order_lines.c.cancelled_with_order + given("with_order"),
        )
    ),
    id=Id(),
    more=Integer(),
    with_order=Integer(),
)


_COUNTS = ("quantity", "added", "cancelled", "cancelled_with_order")

# Guarded, though the order is locked: what has left the house since it was read is not edited.
_PUT_CHANGED = UpdateEach(
    lambda given: (
        update(order_lines)
        .where(order_lines.c.id == given("id"), order_lines.c.shipped == given("shipped"))
        .values({name: given(name) for name in (*_COUNTS, *_AMOUNTS, "tax_minor", "price_given")})
    ),
    id=Id(),
    shipped=Integer(),
    price_given=Boolean(),
    **dict.fromkeys(_COUNTS, Integer()),
    **dict.fromkeys((*_AMOUNTS, "tax_minor"), BigInteger()),
)


def move(uow: UnitOfWork, order: Order, action: str) -> Order:
    """The order in the state to which `action` leads. The only place that changes the status.

    Raises:
        InvalidTransition: the present state does not allow it.
    """
    status = MACHINE.check(action, order.status)
    return replace(
        order,
        status=status,
        closed_at=uow.now if status is OrderStatus.CLOSED else None,
        cancelled_at=uow.now if status is OrderStatus.CANCELLED else None,
    )


def save_order(uow: UnitOfWork, before: Order, after: Order) -> Order:
    """Write an order that is locked. The order with its new version."""
    return save(uow, orders, before, after)


def add_parts(uow: UnitOfWork, order_id: UUID, parts: Parts) -> None:
    """Write the parts of an order that is new.

    Raises:
        ExternalIdTaken: an external id names another order.
    """
    if parts.external_ids:
        names.put(uow.db, "ord", order_id, parts.external_ids)
    add(uow, order_lines, parts.lines)
    add(uow, order_line_components, parts.components)
    _add_addresses(uow, order_id, parts.addresses)
    _add_discounts(uow, order_id, parts.discounts)


def replace_parts(uow: UnitOfWork, order_id: UUID, before: Parts, after: Parts) -> None:
    """Write those parts of a draft that differ.

    Raises:
        ExternalIdTaken: an external id names another order.
    """
    if after.external_ids != before.external_ids:
        names.put(uow.db, "ord", order_id, after.external_ids)
    if [line.id for line in after.lines] == [line.id for line in before.lines]:
        put_amounts(uow, after.lines)
    else:
        _remove_components(uow, before)
        uow.db.execute(delete(order_lines).where(order_lines.c.order_id == order_id))
        add(uow, order_lines, after.lines)
        add(uow, order_line_components, after.components)
    replace_addresses_and_discounts(uow, order_id, before, after)


def replace_addresses_and_discounts(
    uow: UnitOfWork, order_id: UUID, before: Parts, after: Parts
) -> None:
    """Write the addresses and the discounts of an order, where they differ."""
    if after.addresses != before.addresses:
        uow.db.execute(delete(order_addresses).where(order_addresses.c.order_id == order_id))
        _add_addresses(uow, order_id, after.addresses)
    if after.discounts != before.discounts:
        uow.db.execute(delete(order_discounts).where(order_discounts.c.order_id == order_id))
        _add_discounts(uow, order_id, after.discounts)


def _remove_components(uow: UnitOfWork, parts: Parts) -> None:
    if parts.components:
        lines = {each.line_id for each in parts.components}
        uow.db.execute(
            delete(order_line_components).where(among(order_line_components.c.line_id, lines))
        )


def tell_to_settle(uow: UnitOfWork, before: Order, after: Order, settlement: Settlement) -> None:
    """Tell that a placed order comes to another amount than before, if it does."""
    if before.current_total_minor != after.current_total_minor and after.number:
        uow.emit(
            OrderToSettle(
                after.id,
                after.version,
                after.number,
                settlement,
                after.currency,
                before.current_total_minor,
                after.current_total_minor,
            )
        )


def end_quote(uow: UnitOfWork, order: Order, status: QuoteStatus) -> None:
    """End the open quote of a draft, if there is one; the order itself is the caller's to write."""
    if order.quoted_until is None:
        return
    of = order_quotes.c
    uow.db.execute(
        update(order_quotes)
        .where(of.order_id == order.id, of.number == order.quote_count)
        .values(status=status, ended_at=uow.now)
    )


def put_amounts(uow: UnitOfWork, lines: Sequence[OrderLine]) -> None:
    """Write the amounts of lines that exist."""
    columns = ("id", *_AMOUNTS)
    _PUT_AMOUNTS(uow.db, [{name: getattr(line, name) for name in columns} for line in lines])


def put_changed(uow: UnitOfWork, lines: Sequence[OrderLine]) -> None:
    """Write quantities, prices and amounts of lines that exist.

    Raises:
        QuantityExceeded: pieces of a line have left the house since it was read.
    """
    columns = ("id", "shipped", "price_given", *_COUNTS, *_AMOUNTS, "tax_minor")
    rows = [{name: getattr(line, name) for name in columns} for line in lines]
    if _PUT_CHANGED(uow.db, sorted(rows, key=lambda row: row["id"])) != len(rows):
        raise QuantityExceeded(0)


def cancel_quantities(uow: UnitOfWork, quantities: Mapping[UUID, int], *, with_order: bool) -> None:
    """Count pieces of lines as cancelled. `with_order`: together with the order as a whole.

    Raises:
        QuantityExceeded: a line has not so many pieces left.
    """
    rows = [
        {"id": id, "more": quantity, "with_order": quantity if with_order else 0}
        for id, quantity in sorted(quantities.items())
    ]
    if _CANCEL(uow.db, rows) != len(rows):
        raise QuantityExceeded(0)


def index_order(uow: UnitOfWork, order: Order, parts: Parts, *, is_new: bool) -> None:
    """Let the search find an order by its number, by external keys, by SKUs and titles."""
    texts = (text for line in parts.lines for text in (line.sku, line.title))
    keys = (name.key for name in parts.external_ids)
    write = search.add if is_new else search.put
    write(uow.db, "ord", {order.id: (order.number, *keys, *texts)})


_ADD_ADDRESS = order_addresses.insert()
_ADD_DISCOUNT = order_discounts.insert()


def _add_addresses(uow: UnitOfWork, order_id: UUID, addresses: Sequence[OrderAddress]) -> None:
    if addresses:
        rows = [{"order_id": order_id, **_columns(each)} for each in addresses]
        made.add(uow.db, _ADD_ADDRESS, *rows)


def _add_discounts(uow: UnitOfWork, order_id: UUID, discounts: Sequence[OrderDiscount]) -> None:
    if discounts:
        rows = [
            {"order_id": order_id, "position": position, **_columns(each)}
            for position, each in enumerate(discounts)
        ]
        made.add(uow.db, _ADD_DISCOUNT, *rows)


def _columns(part: OrderAddress | OrderDiscount) -> Mapping[str, Any]:
    return {each.name: getattr(part, each.name) for each in fields(part)}
