"""Products, variants, barcodes and prices on the wire."""

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import external_ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.products import model, queries
from backoffice_api.domain.products.model import (
    BarcodeFormat,
    BarcodeKind,
    PackLevel,
    ProductSortKey,
    ProductStatus,
    VariantKind,
    VariantSortKey,
)
from backoffice_api.domain.products.tables import variants
from backoffice_api.schema.aggregates import ActionState, ExternalId, ExternalIdInput, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.custom_fields import CustomFieldFilter, HasCustomFields
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import many, one
from backoffice_api.schema.money import UnitPrice, UnitPriceInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload

READ = Scope.PRODUCTS_READ

for _choices in (
    BarcodeFormat,
    BarcodeKind,
    PackLevel,
    ProductSortKey,
    ProductStatus,
    VariantKind,
    VariantSortKey,
):
    choice(_choices)


@described
class Barcode:
    """A code that is printed on a pack."""

    code: str = about("The code as it is printed.")
    kind: BarcodeKind = about("Whether it is a GS1 number or another code.")
    format: BarcodeFormat = about("How the code is made up.")
    level: PackLevel = about("What kind of pack it is.")
    pack_quantity: int = about("How many pieces the pack holds that carries it.")


@described
class Cost:
    """What one piece costs the shop."""

    unit_cost: UnitPrice = about("The cost of one piece.")


@node("prd", model.Product, queries.products_by_ids, scope=READ)
class Product(Node, Versioned, HasTimeline, HasCustomFields):
    """What a shop shows; what is kept, priced and counted are its variants."""

    title: str = about("Its name.")
    description: str = about("Longer text; empty if there is none.")
    brand: str | None = about("Who makes it. Null if not known.")
    option_names: list[str] = about("By what its variants differ, as Size and Colour; at most 10.")
    status: ProductStatus = about("Whether it is in use.")
    actions: list[ActionState] = about("What can be done with it now.")
    external_ids: list[ExternalId] = many(
        external_ids.by_subjects, "id", "What other systems call it; at most 20."
    )
    variants: Connection["Variant"] = listed_under(
        queries.variant_list,
        variants.c.product_id,
        "Its variants, archived ones too, newest first.",
    )


@node("sku", model.Variant, queries.variants_by_ids, scope=READ)
class Variant(Node, Versioned, HasTimeline, HasCustomFields):
    """One thing that is kept, priced and counted, under a SKU."""

    sku: str = about("Stock-keeping unit: its name in the shop, unique.")
    title: str = about('Its option values, as "M / Red". Empty if the product has no options.')
    option_values: list[str] = about("One value per option of the product, in the same order.")
    status: ProductStatus = about("Whether it is in use.")
    kind: VariantKind = about("Whether it is kept in stock itself, or is a kit of others.")
    weight_g: int | None = about("Weight of one piece in grams. Null if not known.")
    length_mm: int | None = about("Length of one piece in millimetres. Null if not known.")
    width_mm: int | None = about("Width of one piece in millimetres. Null if not known.")
    height_mm: int | None = about("Height of one piece in millimetres. Null if not known.")
    actions: list[ActionState] = about("What can be done with it now.")
    product: Product = one(queries.products_by_ids, "product_id", "The product it belongs to.")
    barcodes: list[Barcode] = many(
        queries.barcodes_by_variants, "id", "Codes on its packs, at most 20, by code."
    )
    prices: list["Price"] = many(
        queries.prices_by_variants, "id", "Its price in each currency, at most 50."
    )
    cost: Cost | None = one(
        queries.costs_by_variants,
        "id",
        "What one piece costs the shop. Null if not known.",
        scope=Scope.COSTS_READ,
    )
    external_ids: list[ExternalId] = many(
        external_ids.by_subjects, "id", "What other systems call it; at most 20."
    )


@described
class Price:
    """The price of one piece in one currency."""

    unit_price: UnitPrice = about("The price.")


@filter_input
class ProductFilter:
    """Which products. All words that are given must hold."""

    status: list[ProductStatus] | None = about("In one of these states.", default=UNSET)
    title: StringFilter | None = about("By title.", default=UNSET)
    brand: StringFilter | None = about("By brand.", default=UNSET)
    sku: StringFilter | None = about("Has a variant with such a SKU.", default=UNSET)
    category_id: IdFilter | None = about("Filed in such a category or below it.", default=UNSET)
    collection_id: IdFilter | None = about("Belongs to such a collection.", default=UNSET)
    custom_fields: list[CustomFieldFilter] | None = about(
        "All of these tests of custom fields hold.", default=UNSET
    )
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)
    updated_at: DateTimeFilter | None = about("Last changed at such a time.", default=UNSET)


@filter_input
class VariantFilter:
    """Which variants. All words that are given must hold."""

    status: list[ProductStatus] | None = about("In one of these states.", default=UNSET)
    sku: StringFilter | None = about("By SKU.", default=UNSET)
    barcode: StringFilter | None = about("Has such a barcode.", default=UNSET)
    product_id: IdFilter | None = about("Of such a product.", default=UNSET)
    custom_fields: list[CustomFieldFilter] | None = about(
        "All of these tests of custom fields hold.", default=UNSET
    )
    kind: list[VariantKind] | None = about("Of one of these kinds.", default=UNSET)
    component_id: IdFilter | None = about("A kit that holds such a variant.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of products.")
class ProductSort:
    key: ProductSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="The order of a list of variants.")
class VariantSort:
    key: VariantSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one product, in one of these ways.")
class ProductLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    external_id: ExternalIdInput | None = about("By what another system calls it.", default=UNSET)


@strawberry.input(one_of=True, description="Names one variant, in one of these ways.")
class VariantLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    sku: str | None = about("By its SKU.", default=UNSET)
    barcode: str | None = about("By a code on one of its packs.", default=UNSET)
    external_id: ExternalIdInput | None = about("By what another system calls it.", default=UNSET)


@strawberry.input(description="A code on a pack.")
class BarcodeInput:
    code: str = about("The code as it is printed, at most 80 characters.")
    kind: BarcodeKind = about("A GTIN's check digit is checked.", default=BarcodeKind.GTIN)
    pack_quantity: int = about("How many pieces the pack holds.", default=1)
    level: PackLevel | None = about(
        "What kind of pack it is. Null: a single piece, or a case if it holds several.",
        default=None,
    )

    def value(self) -> model.Barcode:
        usual = PackLevel.EACH if self.pack_quantity == 1 else PackLevel.CASE
        return model.Barcode(self.code, self.kind, self.pack_quantity, self.level or usual)


@strawberry.input(description="A variant to be made.")
class VariantInput:
    sku: str = about("Stock-keeping unit, unique, at most 80 characters.")
    option_values: list[str] = about("One per option of the product.", default_factory=list)
    barcodes: list[BarcodeInput] = about("Codes on its packs, at most 20.", default_factory=list)
    prices: list[UnitPriceInput] = about("At most one per currency.", default_factory=list)
    weight_g: int | None = about("Weight of one piece in grams.", default=None)
    length_mm: int | None = about("Length of one piece in millimetres.", default=None)
    width_mm: int | None = about("Width of one piece in millimetres.", default=None)
    height_mm: int | None = about("Height of one piece in millimetres.", default=None)
    external_ids: list[ExternalIdInput] = about(
        "What other systems call it, at most 20.", default_factory=list
    )


@strawberry.input(description="A product to be made, with its variants.")
class ProductCreateInput:
    title: str = about("Its name, at most 250 characters.")
    description: str = about("Longer text, at most 20,000 characters.", default="")
    brand: str | None = about("Who makes it.", default=None)
    option_names: list[str] = about(
        "By what its variants differ, at most 10.", default_factory=list
    )
    variants: list[VariantInput] = about("Its variants, at most 250.", default_factory=list)
    external_ids: list[ExternalIdInput] = about(
        "What other systems call it, at most 20.", default_factory=list
    )


@strawberry.input(description="What is to change of a product. What is absent stays.")
class ProductUpdateInput:
    title: str | None = about("Its name.", default=UNSET)
    description: str | None = about("Longer text.", default=UNSET)
    brand: str | None = about("Who makes it; null: not known.", default=UNSET)
    external_ids: list[ExternalIdInput] | None = about(
        "What other systems call it; takes the place of all it had.", default=UNSET
    )


@strawberry.input(description="A product as it is to be. Variants that are not named are archived.")
class ProductSetInput:
    external_id: ExternalIdInput = about("What another system calls it: finds it or makes it.")
    title: str = about("Its name, at most 250 characters.")
    description: str = about("Longer text, at most 20,000 characters.", default="")
    brand: str | None = about("Who makes it.", default=None)
    option_names: list[str] = about(
        "By what its variants differ, at most 10.", default_factory=list
    )
    variants: list[VariantInput] = about("Its variants, matched by SKU.", default_factory=list)


@strawberry.input(description="What is to change of a variant. What is absent stays.")
class VariantUpdateInput:
    sku: str | None = about("Stock-keeping unit.", default=UNSET)
    option_values: list[str] | None = about("One per option of the product.", default=UNSET)
    barcodes: list[BarcodeInput] | None = about(
        "Codes on its packs; take the place of all it had.", default=UNSET
    )
    prices: list[UnitPriceInput] | None = about(
        "Its prices; take the place of all it had.", default=UNSET
    )
    weight_g: int | None = about("Weight in grams; null: not known.", default=UNSET)
    length_mm: int | None = about("Length in millimetres; null: not known.", default=UNSET)
    width_mm: int | None = about("Width in millimetres; null: not known.", default=UNSET)
    height_mm: int | None = about("Height in millimetres; null: not known.", default=UNSET)
    external_ids: list[ExternalIdInput] | None = about(
        "What other systems call it; takes the place of all it had.", default=UNSET
    )


@strawberry.input(description="A variant to be added to a product.")
class VariantCreateInput:
    product_id: strawberry.ID = about("The product it belongs to.")
    variant: VariantInput = about("The variant.")


@payload
class ProductPayload(MutationPayload):
    """What a mutation of a product answers."""

    product: Product | None = one(
        queries.products_by_ids, "value", "The product as it is now. Null if it was refused."
    )


@payload
class VariantPayload(MutationPayload):
    """What a mutation of a variant answers."""

    variant: Variant | None = one(
        queries.variants_by_ids, "value", "The variant as it is now. Null if it was refused."
    )
