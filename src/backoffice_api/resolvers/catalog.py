"""What can be asked and done with categories and collections."""

import inspect
from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.catalog import queries
from backoffice_api.domain.catalog.commands import categories as on_categories
from backoffice_api.domain.catalog.commands import collections as on_collections
from backoffice_api.domain.catalog.model.rules import RuleField, check_rules, fields_in
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.schema.catalog import (
    Category,
    CategoryCreateInput,
    CategoryFilter,
    CategoryLookup,
    CategoryMoveInput,
    CategoryPayload,
    CategorySort,
    CategoryUpdateInput,
    Collection,
    CollectionCreateInput,
    CollectionFilter,
    CollectionLookup,
    CollectionPayload,
    CollectionPreview,
    CollectionPreviewInput,
    CollectionSetProductsInput,
    CollectionSort,
    CollectionUpdateInput,
    Preview,
    ProductSetCategoriesInput,
    products_of,
)
from backoffice_api.schema.connections import (
    COUNT_WEIGHT,
    Connection,
    asked,
    listed,
    parameter,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep, keep_each
from backoffice_api.schema.products import READ, ProductPayload

PREVIEW_SIZE_MAX = 50

_Rules = Annotated[
    CollectionPreviewInput, strawberry.argument(description="The rules to be tried out.")
]


def _preview(db: Database, context: Context, arguments: Mapping[str, Any]) -> Preview:
    given = arguments["input"]
    rules = tuple(each.value() for each in given.rules)
    faults = Faults()
    check_rules(faults, rules)
    faults.check()
    if RuleField.AVAILABLE in fields_in(rules):
        context.caller.require(Scope.STOCK_READ)
    return Preview(*queries.preview(db, given.match, rules, PREVIEW_SIZE_MAX))


@strawberry.type
class CatalogQuery:
    category: Category | None = lookup(
        CategoryLookup,
        "One category. Null if there is none.",
        {
            "id": by_id("ctg", queries.categories_by_ids),
            "slug": Way(queries.categories_by_slugs, str),
        },
        scope=READ,
    )
    categories: Connection[Category] = listed(
        queries.category_list,
        "Categories, by their place among those with the same parent.",
        scope=READ,
        filter=CategoryFilter,
        sort=CategorySort,
    )
    collection: Collection | None = lookup(
        CollectionLookup,
        "One collection. Null if there is none.",
        {
            "id": by_id("col", queries.collections_by_ids),
            "slug": Way(queries.collections_by_slugs, str),
        },
        scope=READ,
    )
    collections: Connection[Collection] = listed(
        queries.collection_list,
        "Collections, by name.",
        scope=READ,
        filter=CollectionFilter,
        sort=CollectionSort,
    )
    collection_preview: CollectionPreview = asked(
        _preview,
        [parameter("input", _Rules, inspect.Parameter.empty)],
        "What would belong to a collection with such rules. Rules about stock take the scope "
        "stock:read.",
        scope=READ,
        weight=COUNT_WEIGHT * 10,
    )


@strawberry.type
class CatalogMutation:
    @mutation(on_categories.create_category, CategoryPayload)
    def category_create(input: CategoryCreateInput) -> on_categories.CreateCategory:
        """Make a category, the last one of those with the same parent."""
        return on_categories.CreateCategory(
            parent_id=given_id("ctg", input.parent_id),
            name=input.name,
            slug=input.slug,
            description=input.description,
        )

    @mutation(on_categories.update_category, CategoryPayload)
    def category_update(
        id: strawberry.ID, input: CategoryUpdateInput
    ) -> on_categories.UpdateCategory:
        """Change a category. What is absent stays."""
        return on_categories.UpdateCategory(
            id=ids.parse("ctg", id),
            name=keep(input.name),
            slug=keep(input.slug),
            description=keep(input.description),
        )

    @mutation(on_categories.move_category, CategoryPayload)
    def category_move(id: strawberry.ID, input: CategoryMoveInput) -> on_categories.MoveCategory:
        """Put a category, with all that lies under it, somewhere else in the tree."""
        parent_id = keep(input.parent_id, nullable=True)
        return on_categories.MoveCategory(
            id=ids.parse("ctg", id),
            parent_id=parent_id if not isinstance(parent_id, str) else ids.parse("ctg", parent_id),
            after_id=given_id("ctg", input.after_id),
        )

    @mutation(on_categories.delete_category, CategoryPayload)
    def category_delete(id: strawberry.ID) -> on_categories.DeleteCategory:
        """Remove a category under which no others lie. Its products stay, without it."""
        return on_categories.DeleteCategory(id=ids.parse("ctg", id))

    @mutation(on_categories.set_product_categories, ProductPayload)
    def product_set_categories(
        id: strawberry.ID, input: ProductSetCategoriesInput
    ) -> on_categories.SetProductCategories:
        """File a product under these categories and no others."""
        return on_categories.SetProductCategories(
            id=ids.parse("prd", id),
            category_ids=tuple(ids.parse("ctg", each) for each in input.category_ids),
            primary_id=given_id("ctg", input.primary_id),
        )

    @mutation(on_collections.create_collection, CollectionPayload)
    def collection_create(input: CollectionCreateInput) -> on_collections.CreateCollection:
        """Make a collection, with the products that pass its rules."""
        return on_collections.CreateCollection(
            name=input.name,
            slug=input.slug,
            description=input.description,
            match=input.match,
            rules=tuple(each.value() for each in input.rules),
        )

    @mutation(on_collections.update_collection, CollectionPayload)
    def collection_update(
        id: strawberry.ID, input: CollectionUpdateInput
    ) -> on_collections.UpdateCollection:
        """Change a collection. What is absent stays; its members follow."""
        return on_collections.UpdateCollection(
            id=ids.parse("col", id),
            name=keep(input.name),
            slug=keep(input.slug),
            description=keep(input.description),
            match=keep(input.match),
            rules=keep_each(input.rules),
        )

    @mutation(on_collections.set_collection_products, CollectionPayload)
    def collection_set_products(
        id: strawberry.ID, input: CollectionSetProductsInput
    ) -> on_collections.SetCollectionProducts:
        """Include or exclude products by hand, or leave them to the rules again."""
        return on_collections.SetCollectionProducts(
            id=ids.parse("col", id),
            included=products_of(input.included_ids),
            excluded=products_of(input.excluded_ids),
            by_rules=products_of(input.by_rules_ids),
        )

    @mutation(on_collections.archive_collection, CollectionPayload)
    def collection_archive(id: strawberry.ID) -> on_collections.ArchiveCollection:
        """Take a collection out of use: nothing belongs to it any more."""
        return on_collections.ArchiveCollection(id=ids.parse("col", id))

    @mutation(on_collections.restore_collection, CollectionPayload)
    def collection_restore(id: strawberry.ID) -> on_collections.RestoreCollection:
        """Take a collection into use again, with what belongs to it now."""
        return on_collections.RestoreCollection(id=ids.parse("col", id))
