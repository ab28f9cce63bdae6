"""Categories and collections on the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from backoffice_api.domain.catalog import queries
from backoffice_api.domain.catalog.model import categories as of_categories
from backoffice_api.domain.catalog.model import collections as of_collections
from backoffice_api.domain.catalog.model import rules as of_rules
from backoffice_api.domain.catalog.model.categories import CategoryNotEmpty, CategorySortKey
from backoffice_api.domain.catalog.model.collections import CollectionSortKey, CollectionStatus
from backoffice_api.domain.catalog.model.rules import InvalidRule, Match, RuleField, RuleOperator
from backoffice_api.domain.catalog.tables import categories
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.products.model import Product as ProductRow
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import READ, Product

choice(CategorySortKey)
choice(CollectionSortKey)
choice(CollectionStatus)
choice(Match, name="CollectionMatch")
choice(RuleField, name="CollectionRuleField")
choice(RuleOperator, name="CollectionRuleOperator")


@node("ctg", of_categories.Category, queries.categories_by_ids, scope=READ)
class Category(Node, Versioned, HasTimeline):
    """A place in the tree in which products are filed."""

    name: str = about("Its name.")
    slug: str = about("Its name in web addresses, unique among categories.")
    description: str = about("Longer text; empty if there is none.")
    parent: "Category | None" = one(
        queries.categories_by_ids, "parent_id", "The category above it. Null for a root."
    )
    ancestors: list["Category"] = many(
        queries.breadcrumbs_by_ids, "id", "All categories above it, from the root down; at most 9."
    )
    children: Connection["Category"] = listed_under(
        queries.category_list, categories.c.parent_id, "The categories right below it, in order."
    )


@described
class CollectionRule:
    """What a product must be to belong to a collection."""

    field: RuleField = about("The fact that is compared.")
    operator: RuleOperator = about("How it is compared.")
    value: JSON = about("What it is compared with; a list for IN.")
    key: str | None = about("The currency of a price, the key of a custom field. Else null.")


@node("col", of_collections.Collection, queries.collections_by_ids, scope=READ)
class Collection(Node, Versioned, HasTimeline):
    """Products that are shown together, by rules or by hand.

    Its members follow changes of products within half a minute. They are listed by
    `products(filter: {collectionId: …})`.
    """

    name: str = about("Its name.")
    slug: str = about("Its name in web addresses, unique among collections.")
    description: str = about("Longer text; empty if there is none.")
    match: Match = about("How many of the rules a product must pass.")
    status: CollectionStatus = about("Whether it is in use.")
    actions: list[ActionState] = about("What can be done with it now.")
    product_count: int = one(
        queries.member_counts_by_ids, "id", "How many products belong to it now."
    )

    @strawberry.field(description="Its rules, at most 20. Empty: filled by hand alone.")
    def rules(parent: strawberry.Parent[of_collections.Collection]) -> list[CollectionRule]:
        found: Any = parent.parsed_rules
        return found


@dataclass(frozen=True, slots=True)
class Preview:
    """What would belong to a collection."""

    products: Sequence[ProductRow]
    count: int


@described
class CollectionPreview:
    """What would belong to a collection with such rules, before it is saved."""

    products: list[Product] = about("The newest of them, at most 50.")
    count: int = about("How many there are.")


PRODUCT_FIELDS: Sequence[tuple[str, Any, Any]] = (
    (
        "categories",
        list[Category],
        many(
            queries.categories_by_products,
            "id",
            "Where it is filed, the primary category first; at most 20.",
        ),
    ),
    (
        "primary_category",
        Category | None,
        one(
            queries.primary_categories_by_products,
            "id",
            "The category that stands for it in paths and feeds. Null if it is filed nowhere.",
        ),
    ),
    (
        "collections",
        list[Collection],
        many(queries.collections_by_products, "id", "What it belongs to, by name; at most 500."),
    ),
)
for _name, _type, _field in PRODUCT_FIELDS:
    attach(Product, _name, _type, _field)


@error(InvalidRule)
class InvalidRuleError(UserError):
    """The operator, the value or the key of a rule does not go with its field."""

    field: RuleField = about("What the rule is about.")
    reason: str = about("What is wrong, in words.")


@error(CategoryNotEmpty)
class CategoryNotEmptyError(UserError):
    """Other categories lie under it, or rules of collections name it."""

    categories: int = about("How many categories lie right under it.")
    collections: int = about("How many collections have rules about it.")


@filter_input
class CategoryFilter:
    """Which categories. All words that are given must hold."""

    parent_id: IdFilter | None = about("Right under such a category; null: a root.", default=UNSET)
    slug: StringFilter | None = about("By slug.", default=UNSET)
    name: StringFilter | None = about("By name.", default=UNSET)


@strawberry.input(description="The order of a list of categories.")
class CategorySort:
    key: CategorySortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@filter_input
class CollectionFilter:
    """Which collections. All words that are given must hold."""

    status: list[CollectionStatus] | None = about("In one of these states.", default=UNSET)
    slug: StringFilter | None = about("By slug.", default=UNSET)
    name: StringFilter | None = about("By name.", default=UNSET)


@strawberry.input(description="The order of a list of collections.")
class CollectionSort:
    key: CollectionSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(one_of=True, description="Names one category, in one of these ways.")
class CategoryLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    slug: str | None = about("By its slug.", default=UNSET)


@strawberry.input(one_of=True, description="Names one collection, in one of these ways.")
class CollectionLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    slug: str | None = about("By its slug.", default=UNSET)


@strawberry.input(description="A category to be made.")
class CategoryCreateInput:
    name: str = about("Its name, at most 250 characters.")
    slug: str = about("Small letters and digits joined by hyphens, at most 120 characters.")
    description: str = about("Longer text, at most 20,000 characters.", default="")
    parent_id: strawberry.ID | None = about("The category above it; null: a root.", default=None)


@strawberry.input(description="What is to change of a category. What is absent stays.")
class CategoryUpdateInput:
    name: str | None = about("Its name.", default=UNSET)
    slug: str | None = about("Its name in web addresses.", default=UNSET)
    description: str | None = about("Longer text.", default=UNSET)


@strawberry.input(description="Where a category is to lie.")
class CategoryMoveInput:
    parent_id: strawberry.ID | None = about(
        "The category above it; null: it is a root. Absent: as it is.", default=UNSET
    )
    after_id: strawberry.ID | None = about(
        "The one right before it, with the same parent; null: it comes first.", default=None
    )


@strawberry.input(description="Where a product is to be filed; takes the place of all it had.")
class ProductSetCategoriesInput:
    category_ids: list[strawberry.ID] = about("The categories, at most 20.")
    primary_id: strawberry.ID | None = about(
        "The one that stands for the product; null: the first.", default=None
    )


@strawberry.input(description="A rule of a collection.")
class CollectionRuleInput:
    field: RuleField = about("The fact that is compared.")
    operator: RuleOperator = about("How it is compared.")
    value_: JSON = about("What it is compared with; a list for IN.", name="value")
    key: str | None = about("The currency of a price, the key of a custom field.", default=None)

    def value(self) -> of_rules.Rule:
        several = tuple(self.value_) if isinstance(self.value_, list) else self.value_
        return of_rules.Rule(self.field, self.operator, several, self.key)


@strawberry.input(description="A collection to be made.")
class CollectionCreateInput:
    name: str = about("Its name, at most 250 characters.")
    slug: str = about("Small letters and digits joined by hyphens, at most 120 characters.")
    description: str = about("Longer text, at most 20,000 characters.", default="")
    match: Match = about("How many rules a product must pass.", default=Match.ALL)
    rules: list[CollectionRuleInput] = about("Its rules, at most 20.", default_factory=list)


@strawberry.input(description="What is to change of a collection. What is absent stays.")
class CollectionUpdateInput:
    name: str | None = about("Its name.", default=UNSET)
    slug: str | None = about("Its name in web addresses.", default=UNSET)
    description: str | None = about("Longer text.", default=UNSET)
    match: Match | None = about("How many rules a product must pass.", default=UNSET)
    rules: list[CollectionRuleInput] | None = about(
        "Its rules; take the place of all it had.", default=UNSET
    )


@strawberry.input(description="What is done by hand, whatever the rules say; 250 products at most.")
class CollectionSetProductsInput:
    included_ids: list[strawberry.ID] = about("Belong to it.", default_factory=list)
    excluded_ids: list[strawberry.ID] = about("Do not belong to it.", default_factory=list)
    by_rules_ids: list[strawberry.ID] = about("Are left to the rules.", default_factory=list)


@strawberry.input(description="Rules to be tried out.")
class CollectionPreviewInput:
    match: Match = about("How many rules a product must pass.", default=Match.ALL)
    rules: list[CollectionRuleInput] = about("The rules, at most 20.")


@payload
class CategoryPayload(MutationPayload):
    """What a mutation of a category answers."""

    category: Category | None = one(
        queries.categories_by_ids,
        "value",
        "The category as it is now. Null if it was refused or deleted.",
    )


@payload
class CollectionPayload(MutationPayload):
    """What a mutation of a collection answers."""

    collection: Collection | None = one(
        queries.collections_by_ids, "value", "The collection as it is now. Null if it was refused."
    )


def products_of(given: Sequence[strawberry.ID]) -> tuple[Any, ...]:
    """Ids of products.

    Raises:
        MalformedId: one of them is none.
    """
    return tuple(ids.parse("prd", each) for each in given)
