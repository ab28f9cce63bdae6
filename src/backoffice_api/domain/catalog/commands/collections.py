"""What can be done with collections: made, changed, archived, restored, filled by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, func, select

from backoffice_api.domain.catalog import queries
from backoffice_api.domain.catalog.commands.members import begin_following, refresh
from backoffice_api.domain.catalog.model.categories import UnknownCategory
from backoffice_api.domain.catalog.model.collections import (
    BY_HAND_MAX,
    COLLECTIONS_MAX,
    MACHINE,
    Collection,
    CollectionArchived,
    CollectionCreated,
    CollectionProductsSet,
    CollectionRestored,
    CollectionUpdated,
    check_collection,
    kept_rules,
)
from backoffice_api.domain.catalog.model.rules import (
    Match,
    Rule,
    RuleField,
    categories_in,
    check_rules,
    fields_in,
)
from backoffice_api.domain.catalog.model.slugs import SlugTaken
from backoffice_api.domain.catalog.tables import collection_choices, collections
from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany, check_distinct, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as of_products
from backoffice_api.domain.products.model import UnknownProduct


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCollection(Command):
    scope = Scope.PRODUCTS_WRITE
    name: str
    slug: str
    description: str = ""
    match: Match = Match.ALL
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCollection(Command):
    scope = Scope.PRODUCTS_WRITE
    table = collections
    id: UUID
    name: str | Keep = KEEP
    slug: str | Keep = KEEP
    description: str | Keep = KEEP
    match: Match | Keep = KEEP
    rules: tuple[Rule, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCollectionProducts(Command):
    """Products to be included or excluded whatever the rules say, or to be left to the rules."""

    scope = Scope.PRODUCTS_WRITE
    table = collections
    id: UUID
    included: tuple[UUID, ...] = ()
    excluded: tuple[UUID, ...] = ()
    by_rules: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveCollection(Command):
    scope = Scope.PRODUCTS_WRITE
    table = collections
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCollection(Command):
    scope = Scope.PRODUCTS_WRITE
    table = collections
    id: UUID


def create_collection(uow: UnitOfWork, command: CreateCollection) -> UUID:
    """Make a collection, with the products that pass its rules. Its id.

    Raises:
        SlugTaken, TooMany, UnknownCategory.
        InvalidText, InvalidSlug, InvalidRule: the input is wrong.
        NotAllowed: a rule is about stock, which the caller may not see.
    """
    _check_rules(uow, command.rules)
    made = Collection(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        name=command.name,
        slug=command.slug,
        description=command.description,
        match=command.match,
        rules=kept_rules(command.rules),
        status=MACHINE.start,
    )
    _check(uow, made)
    number = select(func.count()).select_from(collections)
    if uow.db.execute(number).scalar_one() >= COLLECTIONS_MAX:
        raise TooMany(COLLECTIONS_MAX)
    begin_following(uow)
    add(uow, collections, [made])
    uow.emit(CollectionCreated(made.id, made.version, made.name), after=made)
    refresh(uow, made)
    return made.id


def update_collection(uow: UnitOfWork, command: UpdateCollection) -> UUID:
    """Change what is given of a collection; what is absent stays. Its id.

    Raises:
        UnknownCollection, InvalidTransition, SlugTaken, UnknownCategory.
        InvalidText, InvalidSlug, InvalidRule: the change is wrong.
        NotAllowed: a rule is about stock, which the caller may not see.
    """
    before = queries.collection(uow.db, command.id)
    MACHINE.check("update", before.status)
    rules = before.rules
    if command.rules is not KEEP:
        _check_rules(uow, command.rules)
        rules = kept_rules(command.rules)
    after = replace(
        before,
        name=patched(command.name, before.name),
        slug=patched(command.slug, before.slug),
        description=patched(command.description, before.description),
        match=patched(command.match, before.match),
        rules=rules,
    )
    _check(uow, after)
    after = save(uow, collections, before, after)
    uow.emit(CollectionUpdated(after.id, after.version, after.name), before=before, after=after)
    refresh(uow, after)
    return after.id


def set_collection_products(uow: UnitOfWork, command: SetCollectionProducts) -> UUID:
    """Include or exclude products by hand, or leave them to the rules. Id of the collection.

    Raises:
        UnknownCollection, InvalidTransition, UnknownProduct, TooMany, Duplicate.
    """
    wanted = {
        "included": (command.included, True),
        "excluded": (command.excluded, False),
        "by_rules": (command.by_rules, None),
    }
    faults = Faults()
    named = [id for ids, _ in wanted.values() for id in ids]
    check_size(named, faults, maximum=BY_HAND_MAX)
    check_distinct(tuple(id.hex for id in named), faults)
    faults.check()
    known = of_products.products_by_ids(uow.db, named)
    for field, (ids, _) in wanted.items():
        for position, id in enumerate(ids):
            if id not in known:
                faults.add(UnknownProduct(id).at(field, position))
    faults.check()
    before = queries.collection(uow.db, command.id)
    MACHINE.check("set_products", before.status)
    after = save(uow, collections, before, before)
    old = queries.choices_of(uow.db, after.id, named)
    uow.db.execute(
        delete(collection_choices).where(
            collection_choices.c.collection_id == after.id,
            among(collection_choices.c.product_id, named),
        )
    )
    rows = [
        {"collection_id": after.id, "product_id": id, "is_included": is_included}
        for ids, is_included in wanted.values()
        if is_included is not None
        for id in ids
    ]
    if rows:
        uow.db.execute(collection_choices.insert(), rows)
    new = {row["product_id"]: row["is_included"] for row in rows}
    changes = [
        events.change(f"choices.{id.hex}", old.get(id), new.get(id))
        for id in named
        if old.get(id) is not new.get(id)
    ]
    uow.emit(CollectionProductsSet(after.id, after.version, after.name), changes=changes)
    refresh(uow, after, named)
    return after.id


def archive_collection(uow: UnitOfWork, command: ArchiveCollection) -> UUID:
    """Take a collection out of use: nothing belongs to it any more. Its id.

    Raises:
        UnknownCollection, InvalidTransition.
    """
    before = queries.collection(uow.db, command.id)
    after = _move(uow, before, "archive")
    uow.emit(CollectionArchived(after.id, after.version, after.name), before=before, after=after)
    refresh(uow, after)
    return after.id


def restore_collection(uow: UnitOfWork, command: RestoreCollection) -> UUID:
    """Take a collection into use again, with what belongs to it now. Its id.

    Raises:
        UnknownCollection, InvalidTransition.
    """
    before = queries.collection(uow.db, command.id)
    after = _move(uow, before, "restore")
    uow.emit(CollectionRestored(after.id, after.version, after.name), before=before, after=after)
    refresh(uow, after)
    return after.id


def _check_rules(uow: UnitOfWork, rules: Sequence[Rule]) -> None:
    faults = Faults()
    check_rules(faults, rules)
    faults.check()
    if RuleField.AVAILABLE in fields_in(rules):
        uow.require(Scope.STOCK_READ)
    named = categories_in(rules)
    known = queries.categories_by_ids(uow.db, named)
    for id in named - known.keys():
        raise UnknownCategory(id).at("rules")


def _check(uow: UnitOfWork, collection: Collection) -> None:
    faults = Faults()
    check_collection(
        faults,
        name=collection.name,
        slug=collection.slug,
        description=collection.description,
    )
    faults.check()
    owner = queries.collections_by_slugs(uow.db, [collection.slug]).get(collection.slug)
    if owner and owner.id != collection.id:
        raise SlugTaken(collection.slug).at("slug")


def _move(uow: UnitOfWork, before: Collection, action: str) -> Collection:
    """The only place that changes the status of a collection."""
    after = replace(before, status=MACHINE.check(action, before.status))
    return save(uow, collections, before, after)
