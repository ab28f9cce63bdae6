"""Fills an empty database with a shop, always the same one but for its ids.

Most of it is history, taken over in bulk by the commands that imports use; the newest orders are
placed one by one, so that they hold stock and have all that an order can have.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from random import Random
from typing import TypeVar
from uuid import UUID

from sqlalchemy import insert

from backoffice_api.domain.customers.commands.history import RecordedCustomer, record_customers
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Command, UnitOfWork
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.domain.orders.commands.history import (
    RecordedLine,
    RecordedOrder,
    record_orders,
)
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import AddressKind, OrderAddress, OrderDiscount
from backoffice_api.domain.products.commands.history import RecordedVariant, record_variants
from backoffice_api.domain.products.tables import prices
from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.locations import CUSTOMER_ID, SUPPLIER_ID
from backoffice_api.domain.stock.model.movements import MovementKind, RecordedMovement
from backoffice_api.migrate import migrate

# Part of the name under which a shop is kept: to be changed whenever other rows would come out.
VERSION = "1"

PRODUCTS = 10_000
VARIANTS_PER_PRODUCT = 3
LOCATIONS = 3
CHANNELS = 4
CUSTOMERS = 20_000
LINES_MAX = 5
PIECES_MAX = 3
# So many of the newest orders are placed, not recorded.
PLACED = 500
ON_HAND = 1_000_000
CURRENCY = "EUR"
SYSTEM = "old-shop"

_SEED = 20_260_101
_BATCH = 1_000
_MOVEMENTS_BATCH = 10_000
_OPENED = datetime(2024, 1, 1, tzinfo=UTC)
_HISTORY = timedelta(days=730)
_COUNTRIES = ("DE", "FR", "GB", "BR", "US")
_COLOURS = ("Black", "White", "Red")

T = TypeVar("T")

# Says how far it is: what is being made, how many of how many.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fill(Command):
    scope = None


@dataclass(frozen=True, slots=True)
class _Shop:
    """What orders are made of."""

    variants: Sequence[tuple[str, UUID]]
    customers: Sequence[UUID]
    channels: Sequence[UUID]
    locations: Sequence[UUID]
    random: Random

    def basket(self) -> Sequence[tuple[str, UUID, int]]:
        """SKU, id and pieces of three variants on average; some are bought more than others."""
        count = self.random.randint(1, LINES_MAX)
        places = {int(len(self.variants) * self.random.random() ** 2) for _ in range(count)}
        return [
            (*self.variants[place], self.random.randint(1, PIECES_MAX)) for place in sorted(places)
        ]


def fill(url: str, orders: int, progress: Progress) -> None:
    """Make the tables in the empty database at `url`, and a shop with so many orders in them."""
    migrate(url)
    furnish(url, orders, progress)


def furnish(url: str, orders: int, progress: Progress) -> None:
    """Make a shop with so many orders in the empty tables at `url`."""
    database = open_database(url, statement_timeout_s=0)
    try:
        shop = _Shop(
            variants=_variants(database, progress),
            customers=_customers(database, progress),
            channels=[_channel(database, number) for number in range(CHANNELS)],
            locations=[_location(database, number) for number in range(LOCATIONS)],
            random=Random(_SEED),
        )
        _open_stock(database, shop, progress)
        placed = min(PLACED, orders)
        _history(database, shop, orders - placed, progress)
        for number in range(placed):
            progress("placed orders", number, placed)
            _place(database, shop, number)
    finally:
        database.dispose()


def price_of(sku: str) -> UnitPrice:
    """The list price of a variant: 1.00 to 99.99."""
    return UnitPrice((100 + int(sku[3:8]) * 37 % 9_900) * 10_000, CURRENCY)


def _run(database: Database, work: Callable[[UnitOfWork], T], now: datetime = _OPENED) -> T:
    """What `work` returns, done in one transaction by the one door for writing."""

    def handler(uow: UnitOfWork, _: _Fill) -> T:
        return work(uow)

    return execute(database, handler, _Fill(), caller=THE_SYSTEM, now=now).value


def _variants(database: Database, progress: Progress) -> Sequence[tuple[str, UUID]]:
    recorded = [
        RecordedVariant(
            product_key=f"{product:05}",
            product_title=f"Article {product:05} of the range {product % 97}",
            sku=f"SKU{product:05}-{colour[0]}",
            title=colour,
            recorded_at=_OPENED + timedelta(minutes=product),
        )
        for product in range(PRODUCTS)
        for colour in _COLOURS[:VARIANTS_PER_PRODUCT]
    ]
    found: dict[str, UUID] = {}
    for batch in _batches(recorded):
        progress("variants", len(found), len(recorded))

        def record(uow: UnitOfWork, batch: Sequence[RecordedVariant] = batch) -> Mapping[str, UUID]:
            made = record_variants(uow, SYSTEM, batch)
            rows = [
                {
                    "variant_id": id,
                    "currency": CURRENCY,
                    "price_micro": price_of(sku).micro,
                }
                for sku, id in made.items()
            ]
            uow.db.execute(insert(prices), rows)
            return made

        found |= _run(database, record)
    return sorted(found.items())


def _customers(database: Database, progress: Progress) -> Sequence[UUID]:
    recorded = [
        RecordedCustomer(
            system=SYSTEM,
            key=str(number),
            name=f"Customer {number:05}",
            country=_COUNTRIES[number % len(_COUNTRIES)],
            recorded_at=_OPENED + timedelta(minutes=number),
        )
        for number in range(CUSTOMERS)
    ]
    found: dict[str, UUID] = {}
    for batch in _batches(recorded):
        progress("customers", len(found), CUSTOMERS)
        found |= _run(database, partial(record_customers, customers=batch))
    return [found[str(number)] for number in range(CUSTOMERS)]


def _channel(database: Database, number: int) -> UUID:
    command = CreateChannel(
        code=f"shop-{number}", name=f"Shop {number}", currency=CURRENCY, number_prefix=f"S{number}-"
    )
    return _run(database, lambda uow: create_channel(uow, command))


def _location(database: Database, number: int) -> UUID:
    command = CreateLocation(code=f"WH{number}", name=f"Warehouse {number}", priority=number)
    return _run(database, lambda uow: create_location(uow, command))


def _open_stock(database: Database, shop: _Shop, progress: Progress) -> None:
    movements = [
        RecordedMovement(
            kind=MovementKind.OPENING,
            variant_id=variant_id,
            from_location_id=SUPPLIER_ID,
            to_location_id=location_id,
            quantity=ON_HAND,
            occurred_at=_OPENED,
        )
        for _, variant_id in shop.variants
        for location_id in shop.locations
    ]
    done = 0
    for batch in _batches(movements, _MOVEMENTS_BATCH):
        progress("stock levels", done, len(movements))
        _run(database, partial(record_movements, recorded=batch))
        done += len(batch)


def _history(database: Database, shop: _Shop, count: int, progress: Progress) -> None:
    recorded = (_recorded(shop, number, count) for number in range(count))
    done = 0
    for batch in _batches(recorded):
        progress("recorded orders", done, count)

        def record(uow: UnitOfWork, batch: Sequence[RecordedOrder] = batch) -> None:
            made = record_orders(uow, batch)
            record_movements(
                uow,
                [
                    RecordedMovement(
                        kind=MovementKind.SHIPMENT,
                        variant_id=line.variant_id,
                        from_location_id=shop.locations[0],
                        to_location_id=CUSTOMER_ID,
                        quantity=line.quantity,
                        cause_kind="ord",
                        cause_id=made[order.number].order_id,
                        occurred_at=order.placed_at,
                    )
                    for order in batch
                    for line in order.lines
                    if line.variant_id is not None
                ],
            )

        _run(database, record)
        done += len(batch)


def _recorded(shop: _Shop, number: int, count: int) -> RecordedOrder:
    channel = number % CHANNELS
    return RecordedOrder(
        channel_id=shop.channels[channel],
        number=f"S{channel}-{number // CHANNELS + 1}",
        customer_id=shop.random.choice(shop.customers),
        currency=CURRENCY,
        placed_at=_OPENED + _HISTORY * (number / count),
        external_ids=(ExternalId(SYSTEM, str(number)),),
        lines=tuple(
            RecordedLine(LineKind.GOODS, variant_id, sku, f"Article {sku}", pieces, price_of(sku))
            for sku, variant_id, pieces in shop.basket()
        ),
    )


def _place(database: Database, shop: _Shop, number: int) -> None:
    """An order with everything; its lines take the list price."""
    address = OrderAddress(
        kind=AddressKind.SHIPPING,
        recipient=f"Recipient {number}",
        lines=(f"Street {number}",),
        district=None,
        city="Berlin",
        region=None,
        postal_code="10115",
        country="DE",
    )
    command = CreateOrder(
        channel=shop.channels[number % CHANNELS],
        customer_id=shop.random.choice(shop.customers),
        lines=tuple(
            LineDraft(variant_id=variant_id, quantity=pieces)
            for _, variant_id, pieces in shop.basket()
        ),
        discounts=(OrderDiscount("Welcome", "WELCOME", 50, CURRENCY),),
        shipping=Money(495, CURRENCY),
        shipping_address=address,
        email=f"person{number}@example.com",
        external_ids=(ExternalId("web", str(number)),),
        place=True,
    )
    now = _OPENED + _HISTORY + timedelta(minutes=number + 1)
    _run(database, lambda uow: create_order(uow, command), now)


def _batches(items: Sequence[T] | Iterator[T], size: int = _BATCH) -> Iterator[list[T]]:
    given = iter(items)
    while batch := list(islice(given, size)):
        yield batch
