"""What exports of details write: custom fields, standard costs, prices of lists."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.custom_fields import queries as custom_fields
from backoffice_api.domain.custom_fields.model.values import shown
from backoffice_api.domain.customers.model import Customer
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.pricing import queries as pricing
from backoffice_api.domain.pricing.model.lists import ListPrice
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import Product, Variant

Row = Sequence[Any]

FIELD_COLUMNS = ("field", "value")


class _Owner(Protocol):
    @property
    def id(self) -> UUID: ...


def product_fields(db: Connection, page: Sequence[Product]) -> Iterator[Row]:
    """Without personal ones, which nobody looks for in a file of products."""
    for each, field, value in _fields(db, page, personal=False):
        yield (ids.text("prd", each.id), field, value)


def variant_fields(db: Connection, page: Sequence[Variant]) -> Iterator[Row]:
    skus = {each.id: each.sku for each in page}
    for each, field, value in _fields(db, page, personal=False):
        yield (ids.text("sku", each.id), skus[each.id], field, value)


def customer_fields(db: Connection, page: Sequence[Customer]) -> Iterator[Row]:
    for each, field, value in _fields(db, page, personal=True):
        yield (ids.text("cus", each.id), field, value)


def costs(db: Connection, page: Sequence[Variant]) -> Iterator[Row]:
    found = products.costs_by_variants(db, [each.id for each in page])
    for each in page:
        if cost := found.get(each.id):
            unit_cost = cost.unit_cost
            yield (ids.text("sku", each.id), each.sku, unit_cost.amount, unit_cost.currency)


def list_prices(db: Connection, page: Sequence[ListPrice]) -> Iterator[Row]:
    lists = pricing.price_lists_by_ids(db, {each.price_list_id for each in page})
    variants = products.variants_by_ids(db, {each.variant_id for each in page})
    for each in page:
        price = each.unit_price
        yield (
            lists[each.price_list_id].code,
            ids.text("sku", each.variant_id),
            variants[each.variant_id].sku,
            each.minimum_quantity,
            price.amount if price else None,
            each.valid_from,
            each.valid_to,
        )


def _fields(
    db: Connection, page: Sequence[_Owner], *, personal: bool
) -> Iterator[tuple[_Owner, str, Any]]:
    found = custom_fields.values_by_owners(db, [each.id for each in page])
    for each in page:
        for field in found.get(each.id, ()):
            if personal or not field.definition.is_personal:
                value = shown(field.definition, field.values)
                yield each, field.key, value
