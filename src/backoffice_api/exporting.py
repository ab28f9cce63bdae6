"""Writes what the back office holds into files, page by page, so that memory does not grow.

One export reads one snapshot of the data, in the order in which things were made.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import orjson
from sqlalchemy import Connection

from backoffice_api.adapters.csv_output import CsvOutput
from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.model import Customer, CustomerSortKey
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.orders import Order, OrderSortKey
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import Variant, VariantSortKey
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.levels import LevelSortKey, StockLevel

PAGE_SIZE = 500

Row = Sequence[Any]


class Format(Choice):
    """How an export is written."""

    CSV = "csv", "One line per row, with a header; safe to open in a spreadsheet."
    JSONL = "jsonl", "One JSON object per line."


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of export: its columns, the list it reads, and how a page becomes rows."""

    columns: Sequence[str]
    listing: Listing[Any]
    sort: Choice
    rows: Callable[[Connection, Sequence[Any]], Iterator[Row]]


def export(
    database: Database,
    kind: Export,
    format: Format,
    file: IO[str],
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Write all rows of a kind into `file`. How many those were.

    Amounts are decimals of the main unit, times are in UTC. `progress` is told after each page
    how many rows there are so far.
    """
    write = _writer(kind.columns, format, file)
    count = 0
    request = PageRequest(size=PAGE_SIZE, sort=kind.sort, descending=False)
    with database.reading.connect() as db:
        while True:
            page = kind.listing.page(db, request)
            for row in kind.rows(db, page.rows):
                write(row)
                count += 1
            progress(count)
            if not page.has_next:
                return count
            request = PageRequest(
                size=PAGE_SIZE, sort=kind.sort, descending=False, start=page.positions[-1]
            )


def _writer(columns: Sequence[str], format: Format, file: IO[str]) -> Callable[[Row], None]:
    if format is Format.CSV:
        return CsvOutput(file, columns).write

    def write(row: Row) -> None:
        record = dict(zip(columns, row, strict=True))
        file.write(orjson.dumps(record, default=str, option=orjson.OPT_UTC_Z).decode() + "\n")

    return write


def _orders(db: Connection, page: Sequence[Order]) -> Iterator[Row]:
    channels = orders.channels_by_ids(db, {order.channel_id for order in page})
    for each in page:
        yield (
            ids.text("ord", each.id),
            each.number,
            channels[each.channel_id].code,
            each.placed_at,
            each.status,
            each.fulfillment_status,
            ids.text("cus", each.customer_id) if each.customer_id else None,
            each.currency,
            *(
                Money(minor, each.currency).amount
                for minor in (
                    each.subtotal_minor,
                    each.discount_minor,
                    each.shipping_minor,
                    each.tax_minor,
                    each.total_minor,
                    each.current_total_minor,
                )
            ),
        )


def _products(db: Connection, page: Sequence[Variant]) -> Iterator[Row]:
    of_page = [variant.id for variant in page]
    titles = products.products_by_ids(db, {variant.product_id for variant in page})
    barcodes = products.barcodes_by_variants(db, of_page)
    prices = products.prices_by_variants(db, of_page)
    for each in page:
        yield (
            ids.text("prd", each.product_id),
            titles[each.product_id].title,
            titles[each.product_id].brand,
            ids.text("sku", each.id),
            each.sku,
            each.title,
            each.status,
            " ".join(barcode.code for barcode in barcodes.get(each.id, ())),
            " ".join(
                f"{price.unit_price.amount} {price.currency}" for price in prices.get(each.id, ())
            ),
            each.weight_g,
        )


def _customers(_db: Connection, page: Sequence[Customer]) -> Iterator[Row]:
    for each in page:
        yield (
            ids.text("cus", each.id),
            each.kind,
            each.name,
            each.email,
            each.phone,
            each.country,
            each.status,
            each.created_at,
        )


def _stock(db: Connection, page: Sequence[StockLevel]) -> Iterator[Row]:
    variants = products.variants_by_ids(db, {level.variant_id for level in page})
    locations = stock.locations_by_ids(db, {level.location_id for level in page})
    for each in page:
        yield (
            ids.text("sku", each.variant_id),
            variants[each.variant_id].sku,
            locations[each.location_id].code,
            each.bucket,
            each.on_hand,
            each.reserved,
            each.safety,
            each.available,
        )


EXPORTS: Mapping[str, Export] = {
    "orders": Export(
        (
            "id",
            "number",
            "channel",
            "placed_at",
            "status",
            "fulfillment_status",
            "customer_id",
            "currency",
            "subtotal",
            "discount",
            "shipping",
            "tax",
            "total",
            "current_total",
        ),
        orders.order_list,
        OrderSortKey.CREATED_AT,
        _orders,
    ),
    "products": Export(
        (
            "product_id",
            "product",
            "brand",
            "variant_id",
            "sku",
            "variant",
            "status",
            "barcodes",
            "prices",
            "weight_g",
        ),
        products.variant_list,
        VariantSortKey.CREATED_AT,
        _products,
    ),
    "customers": Export(
        ("id", "kind", "name", "email", "phone", "country", "status", "created_at"),
        customers.customer_list,
        CustomerSortKey.CREATED_AT,
        _customers,
    ),
    "stock": Export(
        (
            "variant_id",
            "sku",
            "location",
            "bucket",
            "on_hand",
            "reserved",
            "safety",
            "available",
        ),
        stock.level_list,
        LevelSortKey.CREATED_AT,
        _stock,
    ),
}
