"""A shop to try things on: products, warehouses, customers, and orders in every state.

Always the same shop: the numbers come from a fixed seed, only ids and dates are new. It is made by
the same commands that users send, so everything in it is as it would be after two busy years.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select

from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import AddressDraft, CustomerDraft, CustomerKind
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.gtin import check_digit
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Command, Meta, UnitOfWork
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.domain.orders.commands.history import (
    RecordedLine,
    RecordedOrder,
    record_orders,
)
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.lines import LineKind, LineQuantity
from backoffice_api.domain.orders.model.orders import (
    AddressKind,
    CancelReason,
    OrderAddress,
    OrderDiscount,
)
from backoffice_api.domain.orders.queries import lines_by_orders
from backoffice_api.domain.products.commands.drafts import VariantDraft
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.products.commands.variants import SetCost, set_cost
from backoffice_api.domain.products.model import Barcode, BarcodeKind
from backoffice_api.domain.products.queries import variants_of
from backoffice_api.domain.products.tables import products
from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.levels import AdjustLine, AdjustmentKind
from backoffice_api.domain.stock.model.locations import CUSTOMER_ID
from backoffice_api.domain.stock.model.movements import MovementKind, RecordedMovement

SEED = 20_260_101
PRODUCTS = 220
CUSTOMERS = 500
WAREHOUSES = (("BER", "Berlin"), ("LIS", "Lisbon"), ("GRU", "São Paulo"))
CHANNELS = (("web", "Web shop", "EUR", "W-"), ("loja", "Loja online", "BRL", "L-"))
PAST_BATCH = 100

_THINGS = (
    "Shirt Trousers Jacket Scarf Mug Bowl Lamp Chair Notebook Pen Backpack Bottle"
    " Blanket Candle Clock Basket Apron Towel Umbrella Wallet Vase Tray"
).split()
_KINDS = ("Linen Oak Cobalt Amber Nordic Coastal Plain Striped Woven Classic").split()
_BRANDS = ("Northwind Goods", "Casa Verde", "Atelier 9", "Plumb & Level")
_SIZES, _COLOURS = ("S", "M", "L", "XL"), ("Red", "Blue", "Sand")
_FIRST = (
    "Ana Bruno Carla Diego Emma Felix Greta Hugo Inês João Klara Luca Marta Nina Otto"
).split()
_LAST = ("Almeida Bauer Costa Duarte Engel Fischer Gomes Hoffmann Iversen Jung Klein Lima").split()
_PLACES = (
    ("Rua Augusta 100", "São Paulo", "SP", "01304-000", "BR"),
    ("Torstraße 12", "Berlin", None, "10119", "DE"),
    ("Rua da Prata 8", "Lisboa", None, "1100-420", "PT"),
    ("Calle Mayor 3", "Madrid", None, "28013", "ES"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _RecordPast(Command):
    """Orders that were delivered before the shop came here."""

    scope = Scope.IMPORTS_WRITE
    orders: tuple[RecordedOrder, ...]
    location_id: UUID


@dataclass(slots=True)
class _Shop:
    """What was made so far, for what comes after."""

    run: Callable[..., Any]
    chance: random.Random
    now: datetime
    variants: list[tuple[UUID, str, str]] = field(default_factory=list)
    customers: list[UUID] = field(default_factory=list)
    channels: list[tuple[UUID, str, str]] = field(default_factory=list)
    locations: list[UUID] = field(default_factory=list)


def fill(database: Database, console: Console, *, orders: int) -> None:
    """Make the shop, unless there is one already. Shows how far it is."""
    with database.reading.connect() as db:
        if db.execute(select(products.c.id).limit(1)).first():
            console.print("The shop is there already.")
            return

    def run(handler: Callable[..., Any], command: Command, at: datetime) -> Any:
        meta = Meta(request_id="demo", reason="Demo data")
        return execute(database, handler, command, caller=THE_SYSTEM, now=at, meta=meta).value

    shop = _Shop(run, random.Random(SEED), datetime.now(UTC))  # noqa: S311 - not for secrets
    parts: Sequence[tuple[str, int, Iterator[int]]] = (
        ("Places", 1, _places(shop)),
        ("Products", PRODUCTS, _products(database, shop)),
        ("Customers", CUSTOMERS, _customers(shop)),
        ("Past orders", orders // 4, _past(shop, orders // 4)),
        ("Orders", orders - orders // 4, _orders(database, shop, orders - orders // 4)),
    )
    with Progress(console=console, disable=not console.is_terminal) as progress:
        for name, total, steps in parts:
            task = progress.add_task(name, total=total)
            for done in steps:
                progress.advance(task, done)
            if not console.is_terminal:
                console.print(f"{name}: {total}")


def _places(shop: _Shop) -> Iterator[int]:
    opened = shop.now - timedelta(days=760)
    for priority, (code, name) in enumerate(WAREHOUSES):
        command = CreateLocation(code=code, name=name, priority=priority)
        shop.locations.append(shop.run(create_location, command, opened))
    for code, name, currency, prefix in CHANNELS:
        channel = CreateChannel(code=code, name=name, currency=currency, number_prefix=prefix)
        shop.channels.append((shop.run(create_channel, channel, opened), currency, prefix))
    yield 1


def _products(database: Database, shop: _Shop) -> Iterator[int]:
    names = [f"{kind} {thing}" for thing in _THINGS for kind in _KINDS]
    for number, title in enumerate(names[:PRODUCTS]):
        at = shop.now - timedelta(days=750, minutes=-number)
        id = shop.run(create_product, _product(shop.chance, number, title), at)
        with database.reading.connect() as db:
            made = variants_of(db, id)
        for variant in made:
            shop.variants.append((variant.id, variant.sku, f"{title} {variant.title}".strip()))
            cost = UnitPrice.of(Decimal(shop.chance.randint(150, 4_000)) / 100, "EUR")
            shop.run(set_cost, SetCost(id=variant.id, cost=cost), at)
        lines = tuple(
            AdjustLine(variant_id=variant.id, location_id=place, delta=shop.chance.randint(40, 160))
            for variant in made
            for place in shop.locations
        )
        opening = AdjustStock(kind=AdjustmentKind.OPENING, lines=lines)
        shop.run(adjust_stock, opening, at)
        yield 1


def _product(chance: random.Random, number: int, title: str) -> CreateProduct:
    options: dict[str, Sequence[str]] = {}
    if number % 3 == 0:
        options = {"Size": _SIZES}
    elif number % 3 == 1:
        options = {"Colour": _COLOURS}
    values = next(iter(options.values()), ("",))
    euros = Decimal(chance.randint(490, 14_900)) / 100
    return CreateProduct(
        title=title,
        description=f"{title}, made to last.",
        brand=chance.choice(_BRANDS),
        option_names=tuple(options),
        variants=tuple(
            VariantDraft(
                sku="-".join(filter(None, (f"P{number:04}", value.upper()[:3]))),
                option_values=(value,) if value else (),
                barcodes=(_barcode(number * 10 + position),),
                prices=(
                    UnitPrice.of(euros, "EUR"),
                    UnitPrice.of((euros * 6).quantize(Decimal("0.01")), "BRL"),
                ),
                weight_g=chance.randint(80, 4_000),
            )
            for position, value in enumerate(values)
        ),
        external_ids=(ExternalId("erp", f"{number:06}"),),
    )


def _barcode(number: int) -> Barcode:
    """A number for use inside of a shop: GS1 keeps the prefix 20 free for that."""
    body = f"20{number:010}"
    return Barcode(body + check_digit(body), BarcodeKind.GTIN, 1)


def _customers(shop: _Shop) -> Iterator[int]:
    for number in range(CUSTOMERS):
        name = f"{shop.chance.choice(_FIRST)} {shop.chance.choice(_LAST)}"
        street, city, region, postal_code, country = shop.chance.choice(_PLACES)
        draft = CustomerDraft(
            kind=CustomerKind.PERSON,
            name=name,
            email=f"customer{number}@example.com",
            country=country,
            tags=("newsletter",) if number % 4 == 0 else (),
        )
        address = AddressDraft(
            label="Home",
            recipient=name,
            lines=(street,),
            district=None,
            city=city,
            region=region,
            postal_code=postal_code,
            country=country,
            is_default_shipping=True,
            is_default_billing=True,
        )
        command = CreateCustomer(
            draft=draft,
            addresses=(address,),
            external_ids=(ExternalId("crm", str(number)),),
        )
        at = shop.now - timedelta(days=740 - number)
        shop.customers.append(shop.run(create_customer, command, at))
        yield 1


def _past(shop: _Shop, count: int) -> Iterator[int]:
    """Delivered orders, recorded as an import records them."""
    for begin in range(0, count, PAST_BATCH):
        size = min(PAST_BATCH, count - begin)
        recorded = tuple(_past_order(shop, begin + each, count) for each in range(size))
        command = _RecordPast(orders=recorded, location_id=shop.locations[0])
        shop.run(_record_past, command, shop.now - timedelta(days=30))
        yield size


def _past_order(shop: _Shop, number: int, count: int) -> RecordedOrder:
    channel_id, currency, _ = shop.channels[0]
    return RecordedOrder(
        channel_id=channel_id,
        number=f"A{number:05}",
        customer_id=shop.chance.choice(shop.customers),
        currency=currency,
        placed_at=shop.now - timedelta(days=730 - 690 * number / max(count, 1)),
        external_ids=(ExternalId("archive", f"A{number:05}"),),
        lines=tuple(
            RecordedLine(
                kind=LineKind.GOODS,
                variant_id=id,
                sku=sku,
                title=title,
                quantity=1,
                unit_price=UnitPrice.of(Decimal(shop.chance.randint(490, 9_900)) / 100, currency),
            )
            for id, sku, title in shop.chance.sample(shop.variants, shop.chance.randint(1, 3))
        ),
    )


def _record_past(uow: UnitOfWork, command: _RecordPast) -> None:
    made = record_orders(uow, command.orders)
    record_movements(
        uow,
        [
            RecordedMovement(
                kind=MovementKind.SHIPMENT,
                variant_id=line.variant_id,
                from_location_id=command.location_id,
                to_location_id=CUSTOMER_ID,
                quantity=line.quantity,
                cause_kind="ord",
                cause_id=made[order.number].order_id,
                reason=None,
                occurred_at=order.placed_at,
            )
            for order in command.orders
            for line in order.lines
            if line.variant_id is not None
        ],
    )


def _orders(database: Database, shop: _Shop, count: int) -> Iterator[int]:
    """The orders of the last weeks: drafts, reserved drafts, open, held, cancelled, in part too."""
    for number in range(count):
        at = shop.now - timedelta(days=29 - 29 * number / max(count, 1))
        fate = number % 20
        id = shop.run(create_order, _order(shop, at, number, is_draft=fate < 2), at)
        later = at + timedelta(minutes=30)
        if fate in (2, 3):
            command = CancelOrder(id=id, reason=shop.chance.choice(list(CancelReason)))
            shop.run(cancel_order, command, later)
        elif fate == 4:
            with database.reading.connect() as db:
                line = lines_by_orders(db, [id])[id][0]
            part = CancelOrder(
                id=id, lines=(LineQuantity(line.id, 1),), reason=CancelReason.CUSTOMER
            )
            shop.run(cancel_order, part, later)
        elif fate in (5, 6):
            hold = HoldOrder(id=id, kind=shop.chance.choice(list(HoldKind)), note="Please check.")
            shop.run(hold_order, hold, later)
        yield 1


def _order(shop: _Shop, at: datetime, number: int, *, is_draft: bool) -> CreateOrder:
    channel_id, currency, _ = shop.chance.choice(shop.channels)
    street, city, region, postal_code, country = shop.chance.choice(_PLACES)
    address = OrderAddress(
        kind=AddressKind.SHIPPING,
        recipient=f"{shop.chance.choice(_FIRST)} {shop.chance.choice(_LAST)}",
        lines=(street,),
        district=None,
        city=city,
        region=region,
        postal_code=postal_code,
        country=country,
    )
    reserved = is_draft and number % 2 == 0
    return CreateOrder(
        channel=channel_id,
        customer_id=shop.chance.choice(shop.customers),
        lines=tuple(
            LineDraft(variant_id=id, quantity=shop.chance.randint(1, 3))
            for id, _, _ in shop.chance.sample(shop.variants, shop.chance.randint(1, 4))
        ),
        discounts=(OrderDiscount("Welcome", "WELCOME5", 500, currency),)
        if number % 10 == 7
        else (),
        shipping=Money(490, currency),
        tax_included=True,
        shipping_address=address,
        external_ids=(ExternalId("shop", f"{number:06}"),),
        place=not is_draft,
        reserve_until=shop.now + timedelta(days=7) if reserved else None,
    )
