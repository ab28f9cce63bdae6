"""Where the demo keeps its goods, what it sells, and to whom."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from backoffice_api.demo.stage import (
    BRANDS,
    CHANNELS,
    COLOURS,
    CUSTOMERS,
    FIRST,
    KINDS,
    LAST,
    PLACES,
    PRODUCTS,
    SIZES,
    THINGS,
    WAREHOUSES,
    Shop,
)
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import AddressDraft, CustomerDraft, CustomerKind
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.gtin import check_digit
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.products.commands.drafts import VariantDraft
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.products.commands.variants import SetCost, set_cost
from backoffice_api.domain.products.model import Barcode, BarcodeKind
from backoffice_api.domain.products.queries import variants_of
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.levels import AdjustLine, AdjustmentKind


def places(shop: Shop) -> Iterator[int]:
    opened = shop.now - timedelta(days=760)
    for priority, (code, name) in enumerate(WAREHOUSES):
        command = CreateLocation(code=code, name=name, priority=priority)
        shop.locations.append(shop.run(create_location, command, opened))
    for code, name, currency, prefix in CHANNELS:
        channel = CreateChannel(code=code, name=name, currency=currency, number_prefix=prefix)
        shop.channels.append((shop.run(create_channel, channel, opened), currency, prefix))
    yield 1


def products(shop: Shop) -> Iterator[int]:
    names = [f"{kind} {thing}" for thing in THINGS for kind in KINDS]
    for number, title in enumerate(names[:PRODUCTS]):
        at = shop.now - timedelta(days=750, minutes=-number)
        id = shop.run(create_product, _product(shop.chance, number, title), at)
        made = shop.read(variants_of, id)
        costs: dict[UUID, UnitPrice] = {}
        for variant in made:
            shop.variants.append((variant.id, variant.sku, f"{title} {variant.title}".strip()))
            cost = UnitPrice.of(Decimal(shop.chance.randint(150, 4_000)) / 100, "EUR")
            shop.run(set_cost, SetCost(id=variant.id, cost=cost), at)
            costs[variant.id] = cost
        lines = tuple(
            AdjustLine(
                variant_id=variant.id,
                location_id=place,
                delta=shop.chance.randint(40, 160),
                unit_cost=costs[variant.id],
            )
            for variant in made
            for place in shop.locations
        )
        opening = AdjustStock(kind=AdjustmentKind.OPENING, lines=lines)
        shop.run(adjust_stock, opening, at)
        yield 1


def _product(chance: random.Random, number: int, title: str) -> CreateProduct:
    options: dict[str, Sequence[str]] = {}
    if number % 3 == 0:
        options = {"Size": SIZES}
    elif number % 3 == 1:
        options = {"Colour": COLOURS}
    values = next(iter(options.values()), ("",))
    euros = Decimal(chance.randint(490, 14_900)) / 100
    return CreateProduct(
        title=title,
        description=f"{title}, made to last.",
        brand=chance.choice(BRANDS),
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


def customers(shop: Shop) -> Iterator[int]:
    for number in range(CUSTOMERS):
        name = f"{shop.chance.choice(FIRST)} {shop.chance.choice(LAST)}"
        street, city, region, postal_code, country = shop.chance.choice(PLACES)
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
