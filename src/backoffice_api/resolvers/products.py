"""What can be asked and done with products."""

import strawberry

from backoffice_api.domain.catalog.queries import catalog_list
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands import custom_fields as on_fields
from backoffice_api.domain.products.commands import products as on_products
from backoffice_api.domain.products.commands import variants as on_variants
from backoffice_api.domain.products.commands.drafts import VariantDraft
from backoffice_api.schema.aggregates import ExternalIdInput
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.costs import VariantSetCostInput
from backoffice_api.schema.custom_fields import CustomFieldsInput
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep, keep_each
from backoffice_api.schema.products import (
    READ,
    Product,
    ProductCreateInput,
    ProductFilter,
    ProductLookup,
    ProductPayload,
    ProductSetInput,
    ProductSort,
    ProductUpdateInput,
    Variant,
    VariantCreateInput,
    VariantFilter,
    VariantInput,
    VariantLookup,
    VariantPayload,
    VariantSort,
    VariantUpdateInput,
)


@strawberry.type
class ProductQuery:
    product: Product | None = lookup(
        ProductLookup,
        "One product. Null if there is none.",
        {
            "id": by_id("prd", queries.products_by_ids),
            "external_id": Way(queries.products_by_external_ids, ExternalIdInput.value),
        },
        scope=READ,
    )
    variant: Variant | None = lookup(
        VariantLookup,
        "One variant. Null if there is none.",
        {
            "id": by_id("sku", queries.variants_by_ids),
            "sku": Way(queries.variants_by_skus, str),
            "barcode": Way(queries.variants_by_printed_codes, str),
            "external_id": Way(queries.variants_by_external_ids, ExternalIdInput.value),
        },
        scope=READ,
    )
    products: Connection[Product] = listed(
        catalog_list,
        "Products, newest first.",
        scope=READ,
        filter=ProductFilter,
        sort=ProductSort,
    )
    products_count: Count = counted(
        catalog_list, "How many products there are.", scope=READ, filter=ProductFilter
    )
    variants: Connection[Variant] = listed(
        queries.variant_list,
        "Variants, newest first.",
        scope=READ,
        filter=VariantFilter,
        sort=VariantSort,
    )
    variants_count: Count = counted(
        queries.variant_list, "How many variants there are.", scope=READ, filter=VariantFilter
    )


@strawberry.type
class ProductMutation:
    @mutation(on_products.create_product, ProductPayload)
    def product_create(input: ProductCreateInput) -> on_products.CreateProduct:
        """Make a product with its variants."""
        return on_products.CreateProduct(
            title=input.title,
            description=input.description,
            brand=input.brand,
            option_names=tuple(input.option_names),
            variants=tuple(_draft(each) for each in input.variants),
            external_ids=tuple(each.value() for each in input.external_ids),
        )

    @mutation(on_products.update_product, ProductPayload)
    def product_update(id: strawberry.ID, input: ProductUpdateInput) -> on_products.UpdateProduct:
        """Change a product. What is absent stays; null clears."""
        return on_products.UpdateProduct(
            id=ids.parse("prd", id),
            title=keep(input.title),
            description=keep(input.description),
            brand=keep(input.brand, nullable=True),
            external_ids=keep_each(input.external_ids),
        )

    @mutation(on_products.set_product, ProductPayload)
    def product_set(input: ProductSetInput) -> on_products.SetProduct:
        """Make the product that another system knows by a key be as described, as a whole.

        Finds it or makes it; archives variants that are not named; changes only what differs, so
        that sending the same twice does nothing the second time. The effects tell what changed.
        """
        return on_products.SetProduct(
            external_id=input.external_id.value(),
            title=input.title,
            description=input.description,
            brand=input.brand,
            option_names=tuple(input.option_names),
            variants=tuple(_draft(each) for each in input.variants),
        )

    @mutation(on_products.archive_product, ProductPayload)
    def product_archive(id: strawberry.ID) -> on_products.ArchiveProduct:
        """Take a product out of use; none of its variants can be ordered any more."""
        return on_products.ArchiveProduct(id=ids.parse("prd", id))

    @mutation(on_products.restore_product, ProductPayload)
    def product_restore(id: strawberry.ID) -> on_products.RestoreProduct:
        """Take an archived product into use again."""
        return on_products.RestoreProduct(id=ids.parse("prd", id))

    @mutation(on_variants.create_variant, VariantPayload)
    def variant_create(input: VariantCreateInput) -> on_variants.CreateVariant:
        """Add a variant to a product."""
        return on_variants.CreateVariant(
            product_id=ids.parse("prd", input.product_id), draft=_draft(input.variant)
        )

    @mutation(on_variants.update_variant, VariantPayload)
    def variant_update(id: strawberry.ID, input: VariantUpdateInput) -> on_variants.UpdateVariant:
        """Change a variant. What is absent stays; null clears."""
        return on_variants.UpdateVariant(
            id=ids.parse("sku", id),
            sku=keep(input.sku),
            option_values=keep(input.option_values),
            barcodes=keep_each(input.barcodes),
            prices=keep_each(input.prices),
            weight_g=keep(input.weight_g, nullable=True),
            length_mm=keep(input.length_mm, nullable=True),
            width_mm=keep(input.width_mm, nullable=True),
            height_mm=keep(input.height_mm, nullable=True),
            external_ids=keep_each(input.external_ids),
        )

    @mutation(on_variants.archive_variant, VariantPayload)
    def variant_archive(id: strawberry.ID) -> on_variants.ArchiveVariant:
        """Take a variant out of use: it cannot be ordered any more."""
        return on_variants.ArchiveVariant(id=ids.parse("sku", id))

    @mutation(on_variants.restore_variant, VariantPayload)
    def variant_restore(id: strawberry.ID) -> on_variants.RestoreVariant:
        """Take an archived variant into use again."""
        return on_variants.RestoreVariant(id=ids.parse("sku", id))

    @mutation(on_variants.set_cost, VariantPayload)
    def variant_set_cost(id: strawberry.ID, input: VariantSetCostInput) -> on_variants.SetCost:
        """Set what one piece of a variant costs the shop."""
        cost = input.unit_cost.value() if input.unit_cost else None
        return on_variants.SetCost(id=ids.parse("sku", id), cost=cost, source=input.source)

    @mutation(on_fields.set_product_fields, ProductPayload)
    def product_set_custom_fields(
        id: strawberry.ID, input: CustomFieldsInput
    ) -> on_fields.SetProductFields:
        """Set or clear custom fields. Those that are not named stay."""
        return on_fields.SetProductFields(id=ids.parse("prd", id), custom_fields=input.patches())

    @mutation(on_fields.set_variant_fields, VariantPayload)
    def variant_set_custom_fields(
        id: strawberry.ID, input: CustomFieldsInput
    ) -> on_fields.SetVariantFields:
        """Set or clear custom fields. Those that are not named stay."""
        return on_fields.SetVariantFields(id=ids.parse("sku", id), custom_fields=input.patches())


def _draft(input: VariantInput) -> VariantDraft:
    return VariantDraft(
        sku=input.sku,
        option_values=tuple(input.option_values),
        barcodes=tuple(each.value() for each in input.barcodes),
        prices=tuple(each.value() for each in input.prices),
        weight_g=input.weight_g,
        length_mm=input.length_mm,
        width_mm=input.width_mm,
        height_mm=input.height_mm,
        external_ids=tuple(each.value() for each in input.external_ids),
    )
