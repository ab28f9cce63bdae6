"""Orders that were completed in another system: taken over in bulk, as they were.

Rules that the past may have broken are not asked (a variant may be archived, a price be any), but
every constraint and every sum holds for them as for all others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.bulk import insert_columns
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId, ExternalIdTaken
from backoffice_api.domain.kernel.money import AmountTooLarge, CurrencyMismatch, Rounded, UnitPrice
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import Duplicate, TooMany, check_range, check_text
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.channels import skip_numbers
from backoffice_api.domain.orders.model.amounts import NegativeAmount, amount_max
from backoffice_api.domain.orders.model.channels import Channel, UnknownChannel, parts_of
from backoffice_api.domain.orders.model.events import OrderRecorded
from backoffice_api.domain.orders.model.lines import (
    QUANTITY_MAX,
    TITLE_LENGTH_MAX,
    LineKind,
    VariantNeeded,
)
from backoffice_api.domain.orders.model.orders import (
    SUMS,
    FulfillmentStatus,
    NumberTaken,
    Order,
    OrderStatus,
)
from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.orders.tables import order_lines, orders

# Both databases take this many values in one IN, and one event per order is no loop.
ORDERS_MAX = 5_000

# Columns of `order_lines` that are zero for history.
_ZEROS = (
    "cancelled",
    "returned",
    "discount_minor",
    "tax_minor",
    "current_discount_minor",
    "current_tax_minor",
)


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """A line as it was sold. `variant_id` is None for charges, and only for them."""

    kind: LineKind
    variant_id: UUID | None
    sku: str
    title: str
    quantity: int
    unit_price: UnitPrice


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """An order of which all goods were shipped. `customer_id` None: a guest."""

    channel_id: UUID
    number: str
    customer_id: UUID | None
    currency: str
    placed_at: datetime
    external_ids: tuple[ExternalId, ...]
    lines: tuple[RecordedLine, ...]


@dataclass(frozen=True, slots=True)
class RecordedIds:
    """Ids of an order that was taken over, and of its lines in their order."""

    order_id: UUID
    line_ids: tuple[UUID, ...]


def record_orders(uow: UnitOfWork, recorded: Sequence[RecordedOrder]) -> Mapping[str, RecordedIds]:
    """Take over orders that were completed elsewhere: closed, every piece shipped. Ids by number.

    They keep their numbers and times; the channel's own series goes on above them. Stock is not
    touched: what moved is recorded by `stock`. The number of statements depends on the number of
    channels and of systems of external ids, not on that of the orders.

    Raises:
        NotAllowed: the caller may not import.
        UnknownChannel: there is none with this id.
        NumberTaken, ExternalIdTaken: an order is there already; then nothing is taken over.
        TooMany: more than `ORDERS_MAX` at once.
        Duplicate: two have the same number.
        InvalidText, OutOfRange, CurrencyMismatch, NegativeAmount, AmountTooLarge, VariantNeeded:
            an order is wrong in itself.
    """
    uow.require(Scope.IMPORTS_WRITE)
    _check(recorded)
    channels = _channels(uow, recorded)
    _check_free(uow, recorded)
    taken = [_taken(uow, order) for order in recorded]
    add(uow, orders, [each.row for each in taken])
    _add_lines(uow, taken)
    names.add(uow.db, "ord", {each.row.id: each.recorded.external_ids for each in taken})
    search.add(uow.db, "ord", {each.row.id: _texts(each.recorded) for each in taken})
    _pass_numbers(uow, recorded, channels)
    for each in taken:
        row = each.row
        uow.emit(OrderRecorded(row.id, row.version, row.name, str(row.total)))
    return {each.recorded.number: RecordedIds(each.row.id, each.line_ids) for each in taken}


@dataclass(frozen=True, slots=True)
class _Taken:
    """An order to be written. `subtotals`: one per line, in their order."""

    recorded: RecordedOrder
    row: Order
    line_ids: tuple[UUID, ...]
    subtotals: Sequence[Rounded]


def _check(recorded: Sequence[RecordedOrder]) -> None:
    if len(recorded) > ORDERS_MAX:
        raise TooMany(ORDERS_MAX)
    faults = Faults()
    seen: set[str] = set()
    for position, order in enumerate(recorded):
        here = ("orders", position)
        if order.number in seen:
            faults.add(Duplicate(order.number).at(*here, "number"))
        seen.add(order.number)
        check_text(order.number, faults, *here, "number")
        for at, line in enumerate(order.lines):
            _check_line(faults, line, order.currency, *here, "lines", at)
    faults.check()


def _check_line(faults: Faults, line: RecordedLine, currency: str, *path: str | int) -> None:
    check_range(line.quantity, faults, *path, "quantity", minimum=1, maximum=QUANTITY_MAX)
    check_text(line.sku, faults, *path, "sku", minimum=0, maximum=CODE_LENGTH_MAX)
    check_text(line.title, faults, *path, "title", minimum=0, maximum=TITLE_LENGTH_MAX)
    if line.unit_price.currency != currency:
        faults.add(CurrencyMismatch(currency, line.unit_price.currency).at(*path, "unit_price"))
    if line.unit_price.micro < 0:
        faults.add(NegativeAmount().at(*path, "unit_price"))
    if (line.kind is LineKind.GOODS) != (line.variant_id is not None):
        faults.add(VariantNeeded().at(*path, "variant_id"))


def _channels(uow: UnitOfWork, recorded: Sequence[RecordedOrder]) -> Mapping[UUID, Channel]:
    """Raises: UnknownChannel."""
    wanted = {order.channel_id for order in recorded}
    found = queries.channels_by_ids(uow.db, wanted)
    for id in wanted - found.keys():
        raise UnknownChannel(id.hex)
    return found


def _check_free(uow: UnitOfWork, recorded: Sequence[RecordedOrder]) -> None:
    """Refuse numbers and external ids that orders have already."""
    wanted = [name for order in recorded for name in order.external_ids]
    for name in names.find(uow.db, "ord", wanted):
        raise ExternalIdTaken(name.system, name.key)
    for channel_id, numbers in _numbers(recorded).items():
        statement = select(orders.c.number).where(
            orders.c.channel_id == channel_id, among(orders.c.number, numbers)
        )
        for number in uow.db.execute(statement.limit(1)).scalars():
            raise NumberTaken(number)


def _numbers(recorded: Sequence[RecordedOrder]) -> Mapping[UUID, Sequence[str]]:
    """The numbers by channel, in the order of the channels' ids: in which they are locked."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for order in recorded:
        found[order.channel_id].append(order.number)
    return dict(sorted(found.items()))


def _taken(uow: UnitOfWork, recorded: RecordedOrder) -> _Taken:
    """Raises: AmountTooLarge."""
    subtotals = [line.unit_price.times(line.quantity) for line in recorded.lines]
    subtotal = sum(each.money.minor for each in subtotals)
    maximum = amount_max(recorded.currency)
    if subtotal > maximum.minor:
        raise AmountTooLarge(recorded.currency, maximum.amount)
    row = _order(recorded, uow.new_id(), subtotal)
    return _Taken(recorded, row, tuple(uow.new_id() for _ in recorded.lines), subtotals)


def _add_lines(uow: UnitOfWork, taken: Sequence[_Taken]) -> None:
    """Write the lines of all orders. Not by way of `OrderLine`: there may be half a million."""
    lines = [line for each in taken for line in each.recorded.lines]
    subtotals = [subtotal for each in taken for subtotal in each.subtotals]
    minors = [each.money.minor for each in subtotals]
    columns: dict[str, Iterable[Any]] = {
        "id": [id for each in taken for id in each.line_ids],
        "order_id": [each.row.id for each in taken for _ in each.line_ids],
        "position": [at for each in taken for at in range(len(each.line_ids))],
        "kind": [line.kind for line in lines],
        "variant_id": [line.variant_id for line in lines],
        "sku": [line.sku for line in lines],
        "title": [line.title for line in lines],
        "quantity": [line.quantity for line in lines],
        "shipped": [line.quantity if line.variant_id else 0 for line in lines],
        "currency": [each.row.currency for each in taken for _ in each.line_ids],
        "unit_price_micro": [line.unit_price.micro for line in lines],
        "price_given": repeat(True),
        "subtotal_minor": minors,
        "rounding_micro": [each.remainder_micro for each in subtotals],
        "current_subtotal_minor": minors,
    }
    insert_columns(uow.db, order_lines, {**columns, **dict.fromkeys(_ZEROS, repeat(0))})


def _order(order: RecordedOrder, id: UUID, subtotal: int) -> Order:
    maximum = amount_max(order.currency)
    if subtotal > maximum.minor:
        raise AmountTooLarge(order.currency, maximum.amount)
    any_shipped = any(line.variant_id for line in order.lines)
    sums: dict[str, Any] = dict.fromkeys(SUMS, 0)
    for name in ("subtotal_minor", "total_minor"):
        sums[name] = sums[f"current_{name}"] = subtotal
    return Order(
        id=id,
        version=1,
        created_at=order.placed_at,
        updated_at=order.placed_at,
        channel_id=order.channel_id,
        number=order.number,
        serial=parts_of(order.number)[1],
        recorded=True,
        customer_id=order.customer_id,
        status=OrderStatus.CLOSED,
        fulfillment_status=(
            FulfillmentStatus.SHIPPED if any_shipped else FulfillmentStatus.UNALLOCATED
        ),
        unshipped=0,
        has_hold=False,
        placed_at=order.placed_at,
        dated_at=order.placed_at,
        closed_at=order.placed_at,
        cancelled_at=None,
        reserved_until=None,
        email=None,
        phone=None,
        note="",
        currency=order.currency,
        tax_included=True,
        shipping_tax_minor=0,
        shipping_minor=0,
        payment_status=PaymentStatus.NOT_TRACKED,
        **sums,
    )


def _texts(order: RecordedOrder) -> Iterable[str]:
    """Under what it is found. Each text once: the same things are sold again and again."""
    texts = [order.number, *(name.key for name in order.external_ids)]
    for line in order.lines:
        texts += (line.sku, line.title)
    return dict.fromkeys(texts)


def _pass_numbers(
    uow: UnitOfWork, recorded: Sequence[RecordedOrder], channels: Mapping[UUID, Channel]
) -> None:
    """Let each channel's series go on above the numbers that look like its own."""
    for channel_id, numbers in _numbers(recorded).items():
        parts = (parts_of(number) for number in numbers)
        prefix = channels[channel_id].number_prefix
        highest = max((serial for found, serial in parts if found == prefix), default=0)
        skip_numbers(uow, channel_id, highest)
