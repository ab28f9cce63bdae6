"""What can be asked about the catalogue, and how products are found by it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, and_, case, func, literal, or_, select

from backoffice_api.domain.catalog.model.categories import (
    AFTER_PATHS,
    Category,
    CategorySortKey,
    ProductCategory,
    UnknownCategory,
    ids_on,
)
from backoffice_api.domain.catalog.model.collections import (
    Collection,
    CollectionSortKey,
    CollectionStatus,
    UnknownCollection,
)
from backoffice_api.domain.catalog.model.rules import Match, Rule, RuleField, filter_of
from backoffice_api.domain.catalog.tables import (
    categories,
    collection_choices,
    collection_members,
    collections,
    product_categories,
)
from backoffice_api.domain.custom_fields.model.definitions import OwnerType
from backoffice_api.domain.custom_fields.queries import OnCustomFields
from backoffice_api.domain.kernel.filters import On, Operator, Within, Word, condition
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.products import queries as of_products
from backoffice_api.domain.products.model import Product, ProductStatus, VariantKind
from backoffice_api.domain.products.tables import prices, products, variants
from backoffice_api.domain.stock.queries.positions import available_kits
from backoffice_api.domain.stock.tables import levels

categories_by_ids = one_per(Category, categories, categories.c.id)
categories_by_slugs = one_per(Category, categories, categories.c.slug)
children_by_categories = many_per(
    Category, categories, categories.c.parent_id, categories.c.position, categories.c.id
)
categories_by_products = many_per(
    Category,
    categories,
    product_categories.c.product_id,
    product_categories.c.is_primary.desc(),
    categories.c.path,
    where=(product_categories.c.category_id == categories.c.id,),
)
primary_categories_by_products = one_per(
    Category,
    categories,
    product_categories.c.product_id,
    product_categories.c.category_id == categories.c.id,
    product_categories.c.is_primary.is_(True),
)
filings_by_products = many_per(
    ProductCategory,
    product_categories,
    product_categories.c.product_id,
    product_categories.c.category_id,
)
collections_by_ids = one_per(Collection, collections, collections.c.id)
collections_by_slugs = one_per(Collection, collections, collections.c.slug)
collections_by_products = many_per(
    Collection,
    collections,
    collection_members.c.product_id,
    collections.c.name,
    collections.c.id,
    where=(collection_members.c.collection_id == collections.c.id,),
)


@dataclass(frozen=True, slots=True, eq=False)
class FiledUnder:
    """A word that holds for products that are filed in a category or below it."""

    id: Column[Any]

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        owners = select(product_categories.c.product_id)
        if operator is Operator.IS_NULL:
            filed = self.id.in_(owners)
            return ~filed if value else filed
        several = value if operator is Operator.IN else (value,)
        under = or_(*(_under(id) for id in several)) if several else literal(False)
        below = select(categories.c.id).where(under)
        return self.id.in_(owners.where(product_categories.c.category_id.in_(below)))


def _under(id: UUID) -> ColumnElement[bool]:
    root = categories.alias()
    path = select(root.c.path).where(root.c.id == id).scalar_subquery()
    return and_(categories.c.path >= path, categories.c.path < path.concat(AFTER_PATHS))


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """A word that holds for products with a variant in use at such a price."""

    id: Column[Any]

    def __call__(self, operator: Operator, value: UnitPrice) -> ColumnElement[bool]:
        # Looked up for each product: most often only few are asked about.
        priced = (
            select(literal(1))
            .select_from(variants.join(prices, prices.c.variant_id == variants.c.id))
            .where(
                variants.c.product_id == self.id,
                variants.c.status == ProductStatus.ACTIVE,
                prices.c.currency == value.currency,
                On(prices.c.price_micro)(operator, value.micro),
            )
        )
        return priced.correlate(self.id.table).exists()


@dataclass(frozen=True, slots=True, eq=False)
class Promisable:
    """A word that tests how many pieces can be promised, of all variants at all locations."""

    id: Column[Any]

    def __call__(self, operator: Operator, value: int) -> ColumnElement[bool]:
        kept = (
            select(func.coalesce(func.sum(levels.c.available), 0))
            .where(levels.c.variant_id == variants.c.id)
            .scalar_subquery()
        )
        of_variant = case((variants.c.kind == VariantKind.KIT, available_kits()), else_=kept)
        pieces = (
            select(func.coalesce(func.sum(of_variant), 0))
            .where(variants.c.product_id == self.id)
            .correlate(self.id.table)
            .scalar_subquery()
        )
        return On(pieces)(operator, value)


# How rules of collections become conditions.
RULE_WORDS: Mapping[str, Word] = {
    RuleField.TITLE: On(products.c.title),
    RuleField.BRAND: On(products.c.brand),
    RuleField.SKU: Within(products.c.id, variants.c.product_id, variants.c.sku),
    RuleField.CREATED_AT: On(products.c.created_at),
    RuleField.CATEGORY: FiledUnder(products.c.id),
    RuleField.PRICE: Priced(products.c.id),
    RuleField.AVAILABLE: Promisable(products.c.id),
    RuleField.CUSTOM_FIELD: OnCustomFields(products.c.id, OwnerType.PRODUCT),
}

category_list = Listing(
    Category,
    categories,
    sorts={
        CategorySortKey.POSITION: categories.c.position,
        CategorySortKey.NAME: categories.c.name,
        CategorySortKey.CREATED_AT: categories.c.created_at,
    },
    words={
        "parent_id": On(categories.c.parent_id),
        "slug": On(categories.c.slug),
        "name": On(categories.c.name),
    },
    descending=False,
)

collection_list = Listing(
    Collection,
    collections,
    sorts={
        CollectionSortKey.NAME: collections.c.name,
        CollectionSortKey.CREATED_AT: collections.c.created_at,
    },
    words={
        "status": On(collections.c.status),
        "slug": On(collections.c.slug),
        "name": On(collections.c.name),
    },
    descending=False,
)

# Products as the catalogue knows them: to be found by where they are shown, too.
catalog_list: Listing[Product] = replace(
    of_products.product_list,
    words={
        **of_products.product_list.words,
        "category_id": FiledUnder(products.c.id),
        "collection_id": Within(
            products.c.id, collection_members.c.product_id, collection_members.c.collection_id
        ),
    },
)


def category(db: Connection, id: UUID, *path: str) -> Category:
    """The category `id`. `path`: where the input names it, if that is not its own `id`.

    Raises:
        UnknownCategory: there is none.
    """
    if found := categories_by_ids(db, [id]).get(id):
        return found
    raise UnknownCategory(id).at(*(path or ("id",)))


def collection(db: Connection, id: UUID) -> Collection:
    """The collection `id`.

    Raises:
        UnknownCollection: there is none.
    """
    if found := collections_by_ids(db, [id]).get(id):
        return found
    raise UnknownCollection(id).at("id")


def paths_by_ids(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The path of each category."""
    statement = select(categories.c.id, categories.c.path).where(among(categories.c.id, ids))
    return {row[0]: row[1] for row in db.execute(statement)}


def breadcrumbs_by_ids(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Category]]:
    """The categories above each one, from the root down. Two statements."""
    on_paths = {id: ids_on(path)[:-1] for id, path in paths_by_ids(db, ids).items()}
    rows = categories_by_ids(db, {id for above in on_paths.values() for id in above})
    return {id: [rows[each] for each in above] for id, above in on_paths.items()}


def all_collections(db: Connection) -> Sequence[Collection]:
    """The collections, archived ones too, by id; at most 500."""
    return fetch(db, Collection, select_as(Collection, collections).order_by(collections.c.id))


def passing(match: Match, rules: Sequence[Rule]) -> ColumnElement[bool]:
    """What of `products` passes the rules: only what is in use."""
    return and_(
        products.c.status == ProductStatus.ACTIVE,
        condition(filter_of(match, rules), RULE_WORDS),
    )


def belonging(found: Collection) -> ColumnElement[bool]:
    """What of `products` belongs to a collection, by its rules and by hand."""
    if found.status is not CollectionStatus.ACTIVE:
        return literal(False)
    by_hand = select(collection_choices.c.product_id).where(
        collection_choices.c.collection_id == found.id
    )
    included = products.c.id.in_(by_hand.where(collection_choices.c.is_included.is_(True)))
    excluded = products.c.id.in_(by_hand.where(collection_choices.c.is_included.is_(False)))
    return and_(
        products.c.status == ProductStatus.ACTIVE,
        or_(condition(filter_of(found.match, found.parsed_rules), RULE_WORDS), included),
        ~excluded,
    )


def choices_of(db: Connection, id: UUID, product_ids: Iterable[UUID]) -> Mapping[UUID, bool]:
    """Which of these products were included in a collection by hand, or excluded."""
    statement = select(collection_choices.c.product_id, collection_choices.c.is_included).where(
        collection_choices.c.collection_id == id,
        among(collection_choices.c.product_id, product_ids),
    )
    return {row[0]: row[1] for row in db.execute(statement)}


def preview(
    db: Connection, match: Match, rules: Sequence[Rule], size: int
) -> tuple[Sequence[Product], int]:
    """The newest `size` products that pass the rules, and how many pass. Two statements."""
    passes = passing(match, rules)
    newest = (
        select_as(Product, products)
        .where(passes)
        .order_by(products.c.created_at.desc(), products.c.id.desc())
        .limit(size)
    )
    number = select(func.count()).select_from(products).where(passes)
    return fetch(db, Product, newest), int(db.execute(number).scalar_one())


def member_counts_by_ids(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, int]:
    """How many products belong to each collection; zero to those that lack any."""
    wanted = tuple(ids)
    statement = (
        select(collection_members.c.collection_id, func.count())
        .where(among(collection_members.c.collection_id, wanted))
        .group_by(collection_members.c.collection_id)
    )
    found = {row[0]: row[1] for row in db.execute(statement)}
    return {id: found.get(id, 0) for id in wanted}
