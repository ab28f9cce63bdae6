"""What exports write: the rows of a list, page by page, in columns that imports read.

Each row begins with the ids of what it is about, so that importing it again finds the same things
and changes nothing. Lists are lists here; how a cell shows them is the writer's matter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.bulk.model.runs import BulkKind
from backoffice_api.domain.bulk.queries import details
from backoffice_api.domain.catalog import queries as catalog
from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.model import AddressDraft, Customer, CustomerSortKey
from backoffice_api.domain.kernel import external_ids, ids
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.filters import Filter
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.orders import Order, OrderSortKey
from backoffice_api.domain.pricing import queries as pricing
from backoffice_api.domain.pricing.model.lists import ListPriceSortKey
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import (
    Barcode,
    BarcodeKind,
    Product,
    ProductSortKey,
    Variant,
    VariantSortKey,
)
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.levels import LevelSortKey, StockLevel
from backoffice_api.domain.stock.queries.lots import lots_along

PAGE_SIZE = 250
ROWS_MAX = 1_000

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of export: its columns, the list that it reads, and how a page becomes rows."""

    columns: tuple[str, ...]
    listing: Listing[Any]
    sort: Choice
    rows: Callable[[Connection, Sequence[Any]], Iterator[Row]]


def pages(
    db: Connection, kind: BulkKind, filter: Filter | None, search: str | None
) -> Iterator[Sequence[Row]]:
    """All rows that pass, some at a time, in the order in which the things were made.

    A constant number of statements for each page of the list, whatever there is before it; and one
    for each `PORTION_MAX` lots. No more than that, and `ROWS_MAX` rows, are held at a time.
    """
    sheet = SHEETS[kind]
    start = None
    while True:
        request = PageRequest(
            size=PAGE_SIZE,
            sort=sheet.sort,
            descending=False,
            filter=filter,
            search=search,
            start=start,
        )
        page = sheet.listing.page(db, request)
        rows = sheet.rows(db, page.rows)
        while portion := list(islice(rows, ROWS_MAX)):
            yield portion
        if not page.has_next:
            return
        start = page.positions[-1]


def _products(db: Connection, page: Sequence[Product]) -> Iterator[Row]:
    of_products = products.variants_by_products(db, [each.id for each in page])
    named = external_ids.by_subjects(db, [each.id for each in page])
    parts = _parts(db, [variant for of_one in of_products.values() for variant in of_one])
    for each in page:
        head = (
            ids.text("prd", each.id),
            each.title,
            each.description,
            each.brand,
            list(each.option_names),
            each.status,
            _names(named.get(each.id, ())),
        )
        of_one = of_products.get(each.id, ())
        for variant in of_one:
            yield (*head, *parts[variant.id])
        if not of_one:
            yield (*head, *(None for _ in _VARIANT))


def _variants(db: Connection, page: Sequence[Variant]) -> Iterator[Row]:
    parts = _parts(db, page)
    for each in page:
        yield (ids.text("prd", each.product_id), *parts[each.id])


def _parts(db: Connection, variants: Sequence[Variant]) -> Mapping[UUID, Row]:
    of_all = [each.id for each in variants]
    barcodes = products.barcodes_by_variants(db, of_all)
    prices = products.prices_by_variants(db, of_all)
    named = external_ids.by_subjects(db, of_all)
    return {
        each.id: (
            ids.text("sku", each.id),
            each.sku,
            list(each.option_values),
            each.status,
            [_barcode(barcode) for barcode in barcodes.get(each.id, ())],
            [_price(price.unit_price) for price in prices.get(each.id, ())],
            each.weight_g,
            each.length_mm,
            each.width_mm,
            each.height_mm,
            _names(named.get(each.id, ())),
        )
        for each in variants
    }


def _prices(db: Connection, page: Sequence[Variant]) -> Iterator[Row]:
    prices = products.prices_by_variants(db, [each.id for each in page])
    for each in page:
        for price in prices.get(each.id, ()):
            yield (ids.text("sku", each.id), each.sku, price.currency, price.unit_price.amount)


def _stock(db: Connection, page: Sequence[StockLevel]) -> Iterator[Row]:
    variants = products.variants_by_ids(db, {level.variant_id for level in page})
    locations = stock.locations_by_ids(db, {level.location_id for level in page})
    # A level may be of as many serial numbers as it has pieces: they are read as they are written.
    lots = groupby(lots_along(db, [level.id for level in page]), lambda found: found[0])
    level_id, of_level = next(lots, (None, iter(())))
    for each in sorted(page, key=lambda level: level.id.bytes):
        named: Iterable[tuple[Any, Any, int]] = [(None, None, each.on_hand)]
        is_told_apart = level_id == each.id
        if is_told_apart:
            named = ((lot.code, lot.expires_on, pieces) for _, lot, pieces in of_level)
        for lot, expires_on, on_hand in named:
            yield (
                ids.text("sku", each.variant_id),
                variants[each.variant_id].sku,
                locations[each.location_id].code,
                each.bucket,
                lot,
                expires_on,
                on_hand,
                each.safety,
                each.reserved,
                each.available,
            )
        if is_told_apart:
            level_id, of_level = next(lots, (None, iter(())))


def _customers(db: Connection, page: Sequence[Customer]) -> Iterator[Row]:
    of_all = [each.id for each in page]
    tags = customers.tags_by_customers(db, of_all)
    tax_ids = customers.tax_ids_by_customers(db, of_all)
    named = external_ids.by_subjects(db, of_all)
    addresses = customers.addresses_by_customers(db, of_all)
    for each in page:
        yield (
            ids.text("cus", each.id),
            each.kind,
            each.name,
            each.email,
            each.phone,
            each.locale,
            each.country,
            each.note,
            list(tags.get(each.id, ())),
            sorted(f"{number.kind.value}:{number.value}" for number in tax_ids.get(each.id, ())),
            each.status,
            _names(named.get(each.id, ())),
            [_address(address) for address in addresses.get(each.id, ())],
            each.created_at,
        )


def _orders(db: Connection, page: Sequence[Order]) -> Iterator[Row]:
    channels = orders.channels_by_ids(db, {order.channel_id for order in page})
    lines = orders.lines_by_orders(db, [order.id for order in page])
    for each in page:
        head = (
            ids.text("ord", each.id),
            channels[each.channel_id].code,
            each.number,
            each.placed_at,
            each.status,
            each.fulfillment_status,
            ids.text("cus", each.customer_id) if each.customer_id else None,
            each.currency,
            *(
                Money(minor, each.currency).amount
                for minor in (
                    each.discount_minor,
                    each.shipping_minor,
                    each.tax_minor,
                    each.total_minor,
                    each.current_total_minor,
                )
            ),
        )
        for line in lines.get(each.id, ()):
            price = UnitPrice(line.unit_price_micro, line.currency)
            subtotal = Money(line.subtotal_minor, line.currency)
            yield (
                *head,
                line.kind,
                line.sku,
                line.title,
                line.quantity,
                price.amount,
                subtotal.amount,
            )
        if each.id not in lines:
            yield (*head, *(None for _ in _LINE))


def _barcode(barcode: Barcode) -> Any:
    """The code alone where that says everything."""
    if barcode == Barcode(barcode.code, BarcodeKind.GTIN, 1):
        return barcode.code
    return {
        "code": barcode.code,
        "kind": barcode.kind.value,
        "packQuantity": barcode.pack_quantity,
        "level": barcode.level.value,
    }


def _price(price: UnitPrice) -> str:
    return f"{price.amount} {price.currency}"


def _names(names: Sequence[ExternalId]) -> list[Mapping[str, str]]:
    return [{"system": each.system, "key": each.key} for each in names]


def _address(address: AddressDraft) -> Mapping[str, Any]:
    return {
        "label": address.label,
        "recipient": address.recipient,
        "lines": list(address.lines),
        "district": address.district,
        "city": address.city,
        "region": address.region,
        "postalCode": address.postal_code,
        "country": address.country,
        "isDefaultShipping": address.is_default_shipping,
        "isDefaultBilling": address.is_default_billing,
    }


_VARIANT = (
    "variant_id",
    "sku",
    "option_values",
    "variant_status",
    "barcodes",
    "prices",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "variant_external_ids",
)
_PRODUCT = (
    "product_id",
    "title",
    "description",
    "brand",
    "option_names",
    "product_status",
    "product_external_ids",
)
_LINE = (
    "line_kind",
    "line_sku",
    "line_title",
    "line_quantity",
    "line_unit_price",
    "line_subtotal",
)
_ORDER = (
    "order_id",
    "channel",
    "number",
    "placed_at",
    "status",
    "fulfillment_status",
    "customer_id",
    "currency",
    "discount",
    "shipping",
    "tax",
    "total",
    "current_total",
)

SHEETS: Mapping[BulkKind, Sheet] = {
    BulkKind.PRODUCTS: Sheet(
        (*_PRODUCT, *_VARIANT), catalog.catalog_list, ProductSortKey.CREATED_AT, _products
    ),
    BulkKind.VARIANTS: Sheet(
        ("product_id", *_VARIANT), products.variant_list, VariantSortKey.CREATED_AT, _variants
    ),
    BulkKind.PRICES: Sheet(
        ("variant_id", "sku", "currency", "price"),
        products.variant_list,
        VariantSortKey.CREATED_AT,
        _prices,
    ),
    BulkKind.STOCK: Sheet(
        (
            *("variant_id", "sku", "location", "bucket", "lot", "expires_on"),
            *("on_hand", "safety", "reserved", "available"),
        ),
        stock.level_list,
        LevelSortKey.CREATED_AT,
        _stock,
    ),
    BulkKind.CUSTOMERS: Sheet(
        (
            "customer_id",
            "kind",
            "name",
            "email",
            "phone",
            "locale",
            "country",
            "note",
            "tags",
            "tax_ids",
            "status",
            "external_ids",
            "addresses",
            "created_at",
        ),
        customers.customer_list,
        CustomerSortKey.CREATED_AT,
        _customers,
    ),
    BulkKind.ORDERS: Sheet((*_ORDER, *_LINE), orders.order_list, OrderSortKey.CREATED_AT, _orders),
    BulkKind.PRODUCT_FIELDS: Sheet(
        ("product_id", *details.FIELD_COLUMNS),
        catalog.catalog_list,
        ProductSortKey.CREATED_AT,
        details.product_fields,
    ),
    BulkKind.VARIANT_FIELDS: Sheet(
        ("variant_id", "sku", *details.FIELD_COLUMNS),
        products.variant_list,
        VariantSortKey.CREATED_AT,
        details.variant_fields,
    ),
    BulkKind.CUSTOMER_FIELDS: Sheet(
        ("customer_id", *details.FIELD_COLUMNS),
        customers.customer_list,
        CustomerSortKey.CREATED_AT,
        details.customer_fields,
    ),
    BulkKind.COSTS: Sheet(
        ("variant_id", "sku", "unit_cost", "currency"),
        products.variant_list,
        VariantSortKey.CREATED_AT,
        details.costs,
    ),
    BulkKind.LIST_PRICES: Sheet(
        (
            *("price_list", "variant_id", "sku", "minimum_quantity"),
            *("price", "valid_from", "valid_to"),
        ),
        pricing.list_price_list,
        ListPriceSortKey.VALID_FROM,
        details.list_prices,
    ),
}
