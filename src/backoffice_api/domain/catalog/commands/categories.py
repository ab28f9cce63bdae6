"""What can be done with categories: made, changed, moved, deleted, and given products.

Whoever makes or moves a category locks what its path depends on: its parent, or all of the tree.
So paths and positions that were read stay right until they are written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Integer, delete, func, literal, select, update

from backoffice_api.domain.catalog import queries
from backoffice_api.domain.catalog.model.categories import (
    AFTER_PATHS,
    CATEGORIES_MAX,
    OF_PRODUCT_MAX,
    Category,
    CategoryCreated,
    CategoryDeleted,
    CategoryInItself,
    CategoryMoved,
    CategoryNotEmpty,
    CategoryUpdated,
    NotASibling,
    PrimaryNotAmong,
    ProductCategoriesSet,
    UnknownCategory,
    check_category,
    check_depth,
    path_under,
)
from backoffice_api.domain.catalog.model.rules import categories_in
from backoffice_api.domain.catalog.model.slugs import SlugTaken
from backoffice_api.domain.catalog.tables import categories, product_categories
from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.texts import TooMany, check_distinct, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products.commands.touching import touch_product
from backoffice_api.domain.products.tables import products

# Name of the job that works out anew who belongs to collections: declared with the others.
REFRESH_JOB = "catalog.refresh_collections"

_PUT_POSITION = UpdateEach(
    lambda given: (
        update(categories).where(categories.c.id == given("id")).values(position=given("position"))
    ),
    id=Id(),
    position=Integer(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCategory(Command):
    """`parent_id` None: a root. It comes last of those with the same parent."""

    scope = Scope.PRODUCTS_WRITE
    parent_id: UUID | None = None
    name: str
    slug: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCategory(Command):
    scope = Scope.PRODUCTS_WRITE
    table = categories
    id: UUID
    name: str | Keep = KEEP
    slug: str | Keep = KEEP
    description: str | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCategory(Command):
    """Under `parent_id` (None: to the roots), behind `after_id` there (None: first)."""

    scope = Scope.PRODUCTS_WRITE
    table = categories
    id: UUID
    parent_id: UUID | Keep | None = KEEP
    after_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCategory(Command):
    scope = Scope.PRODUCTS_WRITE
    table = categories
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProductCategories(Command):
    """All categories of a product. `primary_id` None: the first one."""

    scope = Scope.PRODUCTS_WRITE
    table = products
    id: UUID
    category_ids: tuple[UUID, ...]
    primary_id: UUID | None = None


def create_category(uow: UnitOfWork, command: CreateCategory) -> UUID:
    """Make a category, the last one of those with the same parent. Its id.

    Raises:
        UnknownCategory: there is no such parent.
        SlugTaken, TooDeep, TooMany, InvalidText, InvalidSlug.
    """
    made = Category(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        parent_id=command.parent_id,
        name=command.name,
        slug=command.slug,
        description=command.description,
    )
    _check(made)
    parent = _locked_path(uow, command.parent_id)
    path = path_under(parent, made.id)
    _check_free(uow, made)
    number = select(func.count()).select_from(categories)
    if uow.db.execute(number).scalar_one() >= CATEGORIES_MAX:
        raise TooMany(CATEGORIES_MAX)
    position = len(_siblings(uow, command.parent_id))
    add(uow, categories, [made], path=[path], position=[position])
    uow.emit(CategoryCreated(made.id, made.version, made.name), after=made)
    return made.id


def update_category(uow: UnitOfWork, command: UpdateCategory) -> UUID:
    """Change what is given of a category; what is absent stays. Its id.

    Raises:
        UnknownCategory, SlugTaken, InvalidText, InvalidSlug.
    """
    before = queries.category(uow.db, command.id)
    after = replace(
        before,
        name=patched(command.name, before.name),
        slug=patched(command.slug, before.slug),
        description=patched(command.description, before.description),
    )
    _check(after)
    if after.slug != before.slug:
        _check_free(uow, after)
    after = save(uow, categories, before, after)
    uow.emit(CategoryUpdated(after.id, after.version, after.name), before=before, after=after)
    return after.id


def move_category(uow: UnitOfWork, command: MoveCategory) -> UUID:
    """Put a category, with all that lies under it, somewhere else in the tree. Its id.

    Raises:
        UnknownCategory.
        CategoryInItself: the new parent lies under it.
        NotASibling: the one to stand behind has another parent.
        TooDeep: it or what lies under it would lie too deep.
    """
    # All of the tree, in one order: it has at most 5,000 rows and is seldom rebuilt.
    paths = _locked_tree(uow)
    before = queries.category(uow.db, command.id)
    parent_id = patched(command.parent_id, before.parent_id)
    if parent_id is not None and parent_id not in paths:
        raise UnknownCategory(parent_id).at("parent_id")
    old = paths[before.id]
    parent = paths[parent_id] if parent_id else ""
    if parent.startswith(old):
        raise CategoryInItself().at("parent_id")
    new = path_under(parent, before.id)
    deepest = max((path for path in paths.values() if path.startswith(old)), key=len)
    check_depth(new + deepest[len(old) :])
    siblings = [each for each in _siblings(uow, parent_id) if each != before.id]
    position = _behind(siblings, command.after_id)
    after = save(uow, categories, before, replace(before, parent_id=parent_id))
    if new != old:
        _rebase(uow, old, new)
    _number(uow, [*siblings[:position], before.id, *siblings[position:]])
    event = CategoryMoved(after.id, after.version, after.name, position)
    uow.emit(event, before=before, after=after)
    if new != old:
        refresh_later(uow)
    return after.id


def delete_category(uow: UnitOfWork, command: DeleteCategory) -> UUID:
    """Remove a category under which no others lie; its products stay without it. Its id.

    Raises:
        UnknownCategory.
        CategoryNotEmpty: others lie under it, or rules of collections name it.
    """
    before = queries.category(uow.db, command.id)
    _locked_path(uow, before.id)
    below = len(_siblings(uow, before.id))
    naming = [
        each
        for each in queries.all_collections(uow.db)
        if before.id in categories_in(each.parsed_rules)
    ]
    if below or naming:
        raise CategoryNotEmpty(below, len(naming)).at("id")
    uow.db.execute(delete(product_categories).where(product_categories.c.category_id == before.id))
    uow.db.execute(delete(categories).where(categories.c.id == before.id))
    uow.emit(CategoryDeleted(before.id, before.version + 1, before.name), before=before)
    return before.id


def set_product_categories(uow: UnitOfWork, command: SetProductCategories) -> UUID:
    """File a product under these categories and no others. Id of the product.

    Raises:
        UnknownProduct, InvalidTransition, UnknownCategory.
        PrimaryNotAmong: the primary category is none of them.
        TooMany, Duplicate.
    """
    faults = Faults()
    ids = command.category_ids
    check_size(ids, faults, "category_ids", maximum=OF_PRODUCT_MAX)
    check_distinct(tuple(id.hex for id in ids), faults, "category_ids")
    faults.check()
    known = queries.categories_by_ids(uow.db, ids)
    for position, id in enumerate(ids):
        if id not in known:
            faults.add(UnknownCategory(id).at("category_ids", position))
    primary = command.primary_id or (ids[0] if ids else None)
    if primary is not None and primary not in ids:
        faults.add(PrimaryNotAmong().at("primary_id"))
    faults.check()
    before = queries.filings_by_products(uow.db, [command.id]).get(command.id, ())
    wanted = {id: id == primary for id in ids}
    if wanted == {each.category_id: each.is_primary for each in before}:
        return command.id
    after = touch_product(uow, command.id)
    uow.db.execute(delete(product_categories).where(product_categories.c.product_id == command.id))
    rows = [
        {"product_id": command.id, "category_id": id, "is_primary": is_primary}
        for id, is_primary in wanted.items()
    ]
    if rows:
        uow.db.execute(product_categories.insert(), rows)
    old_primary = next((each.category_id for each in before if each.is_primary), None)
    changes = [
        events.change("category_ids", sorted(each.category_id for each in before), sorted(ids)),
        events.change("primary_category_id", old_primary, primary),
    ]
    event = ProductCategoriesSet(after.id, after.version, after.title)
    uow.emit(event, changes=[each for each in changes if each["before"] != each["after"]])
    return command.id


def refresh_later(uow: UnitOfWork) -> None:
    """Have all collections worked out anew: what moves a category moves many products."""
    uow.enqueue(Job(REFRESH_JOB, once_key=REFRESH_JOB))


def _check(category: Category) -> None:
    faults = Faults()
    check_category(faults, name=category.name, slug=category.slug, description=category.description)
    faults.check()


def _check_free(uow: UnitOfWork, category: Category) -> None:
    owner = queries.categories_by_slugs(uow.db, [category.slug]).get(category.slug)
    if owner and owner.id != category.id:
        raise SlugTaken(category.slug).at("slug")


def _locked_path(uow: UnitOfWork, id: UUID | None) -> str:
    """The path of a category that nobody moves until the transaction ends. Empty: of no parent."""
    if id is None:
        return ""
    statement = select(categories.c.path).where(categories.c.id == id).with_for_update()
    if (path := uow.db.execute(statement).scalar()) is None:
        raise UnknownCategory(id).at("parent_id")
    return str(path)


def _locked_tree(uow: UnitOfWork) -> dict[UUID, str]:
    statement = (
        select(categories.c.id, categories.c.path).order_by(categories.c.id).with_for_update()
    )
    return {row[0]: row[1] for row in uow.db.execute(statement)}


def _siblings(uow: UnitOfWork, parent_id: UUID | None) -> Sequence[UUID]:
    """The categories under a parent, in their order."""
    statement = (
        select(categories.c.id)
        .where(categories.c.parent_id == parent_id)
        .order_by(categories.c.position, categories.c.id)
    )
    return uow.db.execute(statement).scalars().all()


def _behind(siblings: Sequence[UUID], after_id: UUID | None) -> int:
    if after_id is None:
        return 0
    if after_id not in siblings:
        raise NotASibling(after_id).at("after_id")
    return siblings.index(after_id) + 1


def _rebase(uow: UnitOfWork, old: str, new: str) -> None:
    """Let all paths that begin with `old` begin with `new`. One statement."""
    rest = func.substr(categories.c.path, len(old) + 1)
    uow.db.execute(
        update(categories)
        .where(categories.c.path >= old, categories.c.path < old + AFTER_PATHS)
        .values(path=literal(new, categories.c.path.type).concat(rest))
    )


def _number(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Number siblings in this order."""
    _PUT_POSITION(uow.db, [{"id": id, "position": place} for place, id in enumerate(ids)])
