"""What can be asked about products."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, bindparam, or_, select

from backoffice_api.domain.custom_fields.model.definitions import OwnerType
from backoffice_api.domain.custom_fields.queries import OnCustomFields
from backoffice_api.domain.kernel import external_ids, made
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.filters import On, Within
from backoffice_api.domain.kernel.gtin import InvalidGtin, normal
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, columns_of, fetch, many_per, one_per, select_as
from backoffice_api.domain.products.model import (
    Barcode,
    Cost,
    Pack,
    Price,
    Product,
    ProductSortKey,
    UnknownProduct,
    UnknownVariant,
    Variant,
    VariantKind,
    VariantSortKey,
)
from backoffice_api.domain.products.model.costs import (
    CostRecord,
    CostSortKey,
    PriceMargin,
    PriceSince,
)
from backoffice_api.domain.products.model.kits import KitComponent
from backoffice_api.domain.products.model.matrix import Generated
from backoffice_api.domain.products.tables import (
    barcodes,
    cost_history,
    costs,
    kit_components,
    price_history,
    prices,
    products,
    variants,
)

products_by_ids = one_per(Product, products, products.c.id)
variants_by_ids = one_per(Variant, variants, variants.c.id)
variants_by_skus = one_per(Variant, variants, variants.c.sku)
_WITH_PRODUCTS = select(*columns_of(Variant, variants), *columns_of(Product, products)).join_from(
    variants, products, products.c.id == variants.c.product_id
)
_VARIANT_WIDTH = len(columns_of(Variant, variants))
_HAS_ID = variants.c.id.in_(bindparam("ids", expanding=True))
_HAS_SKU = variants.c.sku.in_(bindparam("skus", expanding=True))
# Made once: by whether ids are given, and whether SKUs are.
_NAMED = {
    (True, False): _WITH_PRODUCTS.where(_HAS_ID),
    (False, True): _WITH_PRODUCTS.where(_HAS_SKU),
    (True, True): _WITH_PRODUCTS.where(or_(_HAS_ID, _HAS_SKU)),
}


def variants_with_products(
    db: Connection, *, ids: Collection[UUID] = (), skus: Collection[str] = ()
) -> Sequence[tuple[Variant, Product]]:
    """The variants with these ids or SKUs, each with its product; one statement, or none."""
    if not ids and not skus:
        return ()
    given = {name: list(keys) for name, keys in (("ids", ids), ("skus", skus)) if keys}
    return [
        (Variant(*row[:_VARIANT_WIDTH]), Product(*row[_VARIANT_WIDTH:]))
        for row in made.read(db, _NAMED[bool(ids), bool(skus)], **given)
    ]


variants_by_barcodes = one_per(
    Variant, variants, barcodes.c.key, barcodes.c.variant_id == variants.c.id
)
variants_by_products = many_per(
    Variant, variants, variants.c.product_id, variants.c.created_at, variants.c.id
)
barcodes_by_variants = many_per(Barcode, barcodes, barcodes.c.variant_id, barcodes.c.code)
packs_by_keys = one_per(Pack, barcodes, barcodes.c.key)
prices_by_variants = many_per(Price, prices, prices.c.variant_id, prices.c.currency)
price_history_by_variants = many_per(
    PriceSince, price_history, price_history.c.variant_id, price_history.c.valid_from
)
costs_by_variants = one_per(Cost, costs, costs.c.variant_id)
cost_list = Listing(
    CostRecord,
    cost_history,
    sorts={CostSortKey.VALID_FROM: cost_history.c.valid_from},
    words={"valid_from": On(cost_history.c.valid_from)},
)

_components = (
    select(kit_components, variants.c.sku, variants.c.status)
    .join(variants, variants.c.id == kit_components.c.component_id)
    .subquery("components")
)
components_by_kits = many_per(
    KitComponent, _components, _components.c.kit_id, _components.c.position
)

product_list = Listing(
    Product,
    products,
    sorts={
        ProductSortKey.CREATED_AT: products.c.created_at,
        ProductSortKey.UPDATED_AT: products.c.updated_at,
        ProductSortKey.TITLE: products.c.title,
    },
    words={
        "status": On(products.c.status),
        "title": On(products.c.title),
        "brand": On(products.c.brand),
        "created_at": On(products.c.created_at),
        "updated_at": On(products.c.updated_at),
        "sku": Within(products.c.id, variants.c.product_id, variants.c.sku),
        "custom_fields": OnCustomFields(products.c.id, OwnerType.PRODUCT),
    },
    searched="prd",
)

variant_list = Listing(
    Variant,
    variants,
    sorts={VariantSortKey.CREATED_AT: variants.c.created_at, VariantSortKey.SKU: variants.c.sku},
    words={
        "status": On(variants.c.status),
        "sku": On(variants.c.sku),
        "barcode": Within(variants.c.id, barcodes.c.variant_id, barcodes.c.code),
        "product_id": On(variants.c.product_id),
        "kind": On(variants.c.kind),
        "component_id": Within(
            variants.c.id, kit_components.c.kit_id, kit_components.c.component_id
        ),
        "created_at": On(variants.c.created_at),
        "custom_fields": OnCustomFields(variants.c.id, OwnerType.VARIANT),
    },
    searched="sku",
)


def products_by_external_ids(
    db: Connection, names: Sequence[ExternalId]
) -> Mapping[ExternalId, Product]:
    found = external_ids.find(db, "prd", names)
    rows = products_by_ids(db, found.values())
    return {name: rows[id] for name, id in found.items() if id in rows}


def margins_by_variants(
    db: Connection, ids: Collection[UUID]
) -> Mapping[UUID, Sequence[PriceMargin]]:
    """What is left of each price above the cost, where both are of one currency."""
    known = costs_by_variants(db, ids)
    amounts = prices_by_variants(db, known)
    return {
        id: [
            PriceMargin(price.unit_price, known[id].unit_cost)
            for price in of_variant
            if price.currency == known[id].currency
        ]
        for id, of_variant in amounts.items()
    }


def products_by_generated(db: Connection, keys: Iterable[Generated]) -> Mapping[Generated, Product]:
    """The product whose variants were made."""
    wanted = tuple(keys)
    found = products_by_ids(db, {each.product_id for each in wanted})
    return {each: found[each.product_id] for each in wanted}


def variants_by_generated(
    db: Connection, keys: Iterable[Generated]
) -> Mapping[Generated, Sequence[Variant]]:
    """The variants that were made, in their order."""
    wanted = tuple(keys)
    found = variants_by_ids(db, {id for each in wanted for id in each.variant_ids})
    return {each: [found[id] for id in each.variant_ids] for each in wanted}


def variants_by_external_ids(
    db: Connection, names: Sequence[ExternalId]
) -> Mapping[ExternalId, Variant]:
    found = external_ids.find(db, "sku", names)
    rows = variants_by_ids(db, found.values())
    return {name: rows[id] for name, id in found.items() if id in rows}


def variants_by_printed_codes(db: Connection, codes: Sequence[str]) -> Mapping[str, Variant]:
    """Whose pack carries the code. A GTIN is found with or without its leading zeros."""
    keys = {code: _barcode_keys(code) for code in codes}
    found = variants_by_barcodes(db, {key for of_code in keys.values() for key in of_code})
    return {code: found[key] for code, of_code in keys.items() for key in of_code if key in found}


def _barcode_keys(code: str) -> Sequence[str]:
    try:
        return code, normal(code)
    except InvalidGtin:
        return (code,)


def variants_by_sku_or_id(db: Connection, sku: str, id: UUID | None) -> Sequence[UUID]:
    """The ids of the variants that this SKU or this id names: at most two."""
    named = variants.c.sku == sku if id is None else or_(variants.c.sku == sku, variants.c.id == id)
    return tuple(db.execute(select(variants.c.id).where(named)).scalars())


def product(db: Connection, id: UUID, *path: str) -> Product:
    """The product `id`. `path`: where the input names it, if that is not its own `id`.

    Raises:
        UnknownProduct: there is none.
    """
    if found := products_by_ids(db, [id]).get(id):
        return found
    raise UnknownProduct(id).at(*(path or ("id",)))


def variant(db: Connection, id: UUID) -> Variant:
    """The variant `id`.

    Raises:
        UnknownVariant: there is none.
    """
    if found := variants_by_ids(db, [id]).get(id):
        return found
    raise UnknownVariant(id.hex).at("id")


def kits_among(db: Connection, ids: Collection[UUID]) -> Sequence[Variant]:
    """Those of the variants that are kits."""
    statement = select_as(Variant, variants).where(
        among(variants.c.id, ids), variants.c.kind == VariantKind.KIT
    )
    return fetch(db, Variant, statement)


def used_in_kits(db: Connection, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the variants that are part of some kit."""
    statement = select(kit_components.c.component_id).where(
        among(kit_components.c.component_id, ids)
    )
    return frozenset(db.execute(statement.distinct()).scalars())


def variants_of(db: Connection, product_id: UUID) -> Sequence[Variant]:
    """All variants of one product, archived ones too, oldest first."""
    return variants_by_products(db, [product_id]).get(product_id, ())


def titles_by_variants(db: Connection, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Under which name each variant is sold: title of the product, then its options."""
    found = variants_by_ids(db, ids)
    named = products_by_ids(db, {each.product_id for each in found.values()})
    return {
        id: " / ".join((named[each.product_id].title, *each.option_values))
        for id, each in found.items()
    }
