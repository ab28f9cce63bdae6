"""What can be asked about channels and orders."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, or_, select, tuple_

from backoffice_api.domain.custom_fields.model.definitions import OwnerType
from backoffice_api.domain.custom_fields.queries import OnCustomFields
from backoffice_api.domain.customers.model import Customer
from backoffice_api.domain.customers.queries import customers_by_ids
from backoffice_api.domain.kernel import external_ids
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.filters import On, OnMoney, Operator, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, columns_of, fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders.model.channels import Channel, ChannelSortKey, UnknownChannel
from backoffice_api.domain.orders.model.holds import Hold, HoldSortKey
from backoffice_api.domain.orders.model.kits import ComponentShare, LineComponent, shares
from backoffice_api.domain.orders.model.lines import LineSortKey, OrderLine
from backoffice_api.domain.orders.model.orders import (
    AddressKind,
    Order,
    OrderAddress,
    OrderDiscount,
    OrderSortKey,
    OrderStatus,
    UnknownOrder,
)
from backoffice_api.domain.orders.model.parts import Parts
from backoffice_api.domain.orders.model.quotes import Quote
from backoffice_api.domain.orders.tables import (
    channels,
    holds,
    order_addresses,
    order_discounts,
    order_line_components,
    order_lines,
    order_quotes,
    orders,
)
from backoffice_api.domain.stock.queries.lots import shipped_by_lots

# How many customers of a lot are named at once.
RECALLED_MAX = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class IsOpen:
    """A yes-or-no word: something has not ended yet."""

    ended_at: ColumnElement[datetime]

    def __call__(self, operator: Operator, value: bool) -> ColumnElement[bool]:
        return self.ended_at.is_(None) if value else self.ended_at.is_not(None)


channels_by_ids = one_per(Channel, channels, channels.c.id)
channels_by_codes = one_per(Channel, channels, channels.c.code)
orders_by_ids = one_per(Order, orders, orders.c.id)
lines_by_ids = one_per(OrderLine, order_lines, order_lines.c.id)
lines_by_orders = many_per(
    OrderLine, order_lines, order_lines.c.order_id, order_lines.c.position, order_lines.c.id
)
discounts_by_orders = many_per(
    OrderDiscount, order_discounts, order_discounts.c.order_id, order_discounts.c.position
)
addresses_by_orders = many_per(
    OrderAddress, order_addresses, order_addresses.c.order_id, order_addresses.c.kind.desc()
)
shipping_addresses_by_orders = one_per(
    OrderAddress,
    order_addresses,
    order_addresses.c.order_id,
    order_addresses.c.kind == AddressKind.SHIPPING,
)
billing_addresses_by_orders = one_per(
    OrderAddress,
    order_addresses,
    order_addresses.c.order_id,
    order_addresses.c.kind == AddressKind.BILLING,
)
components_by_lines = many_per(
    LineComponent,
    order_line_components,
    order_line_components.c.line_id,
    order_line_components.c.position,
)
quotes_by_orders = many_per(
    Quote, order_quotes, order_quotes.c.order_id, order_quotes.c.number.desc()
)
holds_by_ids = one_per(Hold, holds, holds.c.id)
open_holds_by_orders = many_per(
    Hold,
    holds,
    holds.c.order_id,
    holds.c.placed_at,
    holds.c.id,
    where=(holds.c.released_at.is_(None),),
)

hold_list = Listing(
    Hold,
    holds,
    sorts={HoldSortKey.PLACED_AT: holds.c.placed_at},
    words={
        "kind": On(holds.c.kind),
        "owner_id": On(holds.c.owner_id),
        "order_id": On(holds.c.order_id),
        "line_id": On(holds.c.line_id),
        "is_open": IsOpen(holds.c.released_at),
        "release_at": On(holds.c.release_at),
        "placed_at": On(holds.c.placed_at),
    },
)

channel_list = Listing(
    Channel,
    channels,
    sorts={
        ChannelSortKey.CODE: channels.c.code,
        ChannelSortKey.CREATED_AT: channels.c.created_at,
    },
    words={"status": On(channels.c.status), "code": On(channels.c.code)},
    descending=False,
)

_shipped = shipped_by_lots()

order_list = Listing(
    Order,
    orders,
    sorts={
        OrderSortKey.CREATED_AT: orders.c.created_at,
        OrderSortKey.UPDATED_AT: orders.c.updated_at,
        OrderSortKey.PLACED_AT: orders.c.dated_at,
        OrderSortKey.NUMBER: orders.c.serial,
        OrderSortKey.TOTAL: orders.c.total_minor,
    },
    words={
        "status": On(orders.c.status),
        "fulfillment_status": On(orders.c.fulfillment_status),
        "payment_status": On(orders.c.payment_status),
        "return_status": On(orders.c.return_status),
        "has_hold": On(orders.c.has_hold),
        "channel_id": On(orders.c.channel_id),
        "customer_id": On(orders.c.customer_id),
        "number": On(orders.c.number),
        "placed_at": On(orders.c.placed_at),
        "created_at": On(orders.c.created_at),
        "updated_at": On(orders.c.updated_at),
        "total": OnMoney(orders.c.total_minor, orders.c.currency),
        "sku": Within(orders.c.id, order_lines.c.order_id, order_lines.c.sku),
        "discount_code_id": Within(
            orders.c.id, order_discounts.c.order_id, order_discounts.c.code_id
        ),
        "lot_id": Within(orders.c.id, _shipped.c.cause_id, _shipped.c.lot_id),
        "custom_fields": OnCustomFields(orders.c.id, OwnerType.ORDER),
    },
    searched="ord",
    scopes={"lot_id": Scope.STOCK_READ},
)

line_list = Listing(
    OrderLine,
    order_lines,
    sorts={LineSortKey.POSITION: order_lines.c.position},
    descending=False,
)


def customers_by_lots(db: Connection, lot_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Customer]]:
    """Who got a piece of each lot, whoever got one last first, at most `RECALLED_MAX`.

    Guests are no customers: their orders can be listed by the lot.
    """
    last = func.max(_shipped.c.occurred_at).label("last")
    statement = (
        select(_shipped.c.lot_id, orders.c.customer_id, last)
        .join(orders, orders.c.id == _shipped.c.cause_id)
        .where(among(_shipped.c.lot_id, lot_ids), orders.c.customer_id.is_not(None))
        .group_by(_shipped.c.lot_id, orders.c.customer_id)
        .order_by(last.desc(), orders.c.customer_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for row in db.execute(statement):
        of_lot = found.setdefault(row.lot_id, [])
        if len(of_lot) < RECALLED_MAX:
            of_lot.append(row.customer_id)
    known = customers_by_ids(db, {id for of_lot in found.values() for id in of_lot})
    return {lot_id: [known[id] for id in of_lot] for lot_id, of_lot in found.items()}


@dataclass(frozen=True, slots=True)
class OrderNumber:
    """Numbers are unique within a channel, which is named by its code."""

    channel: str
    number: str


def orders_by_numbers(db: Connection, names: Iterable[OrderNumber]) -> Mapping[OrderNumber, Order]:
    wanted = [(each.channel, each.number) for each in names]
    statement = (
        select(channels.c.code, *columns_of(Order, orders))
        .join_from(orders, channels, orders.c.channel_id == channels.c.id)
        .where(tuple_(channels.c.code, orders.c.number).in_(wanted))
    )
    found = [(code, Order(*row)) for code, *row in db.execute(statement)]
    return {OrderNumber(code, row.number): row for code, row in found if row.number is not None}


def orders_by_external_ids(
    db: Connection, names: Sequence[ExternalId]
) -> Mapping[ExternalId, Order]:
    found = external_ids.find(db, "ord", names)
    rows = orders_by_ids(db, found.values())
    return {name: rows[id] for name, id in found.items() if id in rows}


def orders_by_number_or_id(
    db: Connection, number: str, id: UUID | None, limit: int = 20
) -> Sequence[UUID]:
    """The ids of the orders of this number, in whichever channel, and of this id; newest first."""
    named = orders.c.number == number
    if id is not None:
        named = or_(named, orders.c.id == id)
    statement = select(orders.c.id).where(named).order_by(orders.c.id.desc()).limit(limit)
    return tuple(db.execute(statement).scalars())


def orders_to_ship(db: Connection, limit: int) -> Sequence[Order]:
    """Open orders that no hold is on and that have goods to leave the house, oldest first."""
    statement = (
        select_as(Order, orders)
        .where(
            orders.c.status == OrderStatus.OPEN,
            orders.c.unshipped > 0,
            orders.c.has_hold.is_(False),
        )
        .order_by(orders.c.created_at, orders.c.id)
        .limit(limit)
    )
    return fetch(db, Order, statement)


def blocking_holds(db: Connection, order_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Hold]]:
    """What keeps orders, or lines of them, in the house: the open holds of each, oldest first.

    Orders that may go lack. A hold with a `line_id` keeps only that line. Lock the orders first
    (`locked_order`), so that none is placed in between (O5).
    """
    return open_holds_by_orders(db, order_ids)


def channel(db: Connection, name: UUID | str) -> Channel:
    """The channel with this id or code.

    Raises:
        UnknownChannel: there is none.
    """
    match name:
        case UUID():
            found = channels_by_ids(db, [name]).get(name)
        case _:
            found = channels_by_codes(db, [name]).get(name)
    if found:
        return found
    raise UnknownChannel(name.hex if isinstance(name, UUID) else name)


def locked_order(db: Connection, id: UUID) -> Order:
    """The order `id`, which nobody else can change until the transaction ends.

    Whoever changes an order, its lines or its holds begins here; so all that is decided on what
    was read stays right. On SQLite the transaction has the database to itself anyway.

    Raises:
        UnknownOrder: there is none.
    """
    statement = select_as(Order, orders).where(orders.c.id == id).with_for_update()
    if found := fetch(db, Order, statement):
        return found[0]
    raise UnknownOrder(id).at("id")


def lines_of(db: Connection, order_id: UUID) -> Sequence[OrderLine]:
    """All lines of one order, in their order."""
    return lines_by_orders(db, [order_id]).get(order_id, ())


def components_of(
    db: Connection, lines: Iterable[OrderLine]
) -> Mapping[UUID, Sequence[LineComponent]]:
    """What those of the lines are made of that are kits. No statement if none is."""
    return components_by_lines(db, [line.id for line in lines if line.is_kit])


def shares_by_lines(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[ComponentShare]]:
    """What of the amounts of each line falls to its components; only for lines that are kits."""
    found = lines_by_ids(db, ids)
    components = components_of(db, found.values())
    return {id: shares(found[id], of_line) for id, of_line in components.items()}


def parts(db: Connection, order_id: UUID) -> Parts:
    """What is written on one order besides its own row."""
    addresses = addresses_by_orders(db, [order_id]).get(order_id, ())
    lines = tuple(lines_of(db, order_id))
    components = components_of(db, lines)
    return Parts(
        lines=lines,
        components=tuple(each for line in lines for each in components.get(line.id, ())),
        discounts=tuple(discounts_by_orders(db, [order_id]).get(order_id, ())),
        # JSON gives lists, which compare and hash otherwise than what was written.
        addresses=tuple(replace(each, lines=tuple(each.lines)) for each in addresses),
        external_ids=tuple(external_ids.by_subjects(db, [order_id]).get(order_id, ())),
    )
