"""What can be done with products: made, changed, archived, restored, set as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.drafts import (
    Change,
    VariantDraft,
    add_variants,
    archive_variants,
    as_drafts,
    change_variants,
    check_drafts,
    index_variants,
)
from backoffice_api.domain.products.model import (
    MACHINE,
    Product,
    ProductArchived,
    ProductCreated,
    ProductRestored,
    ProductStatus,
    ProductUpdated,
    check_option_names,
    check_product,
)
from backoffice_api.domain.products.tables import products


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProduct(Command):
    scope = Scope.PRODUCTS_WRITE
    title: str
    description: str = ""
    brand: str | None = None
    option_names: tuple[str, ...] = ()
    variants: tuple[VariantDraft, ...] = ()
    external_ids: tuple[ExternalId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProduct(Command):
    scope = Scope.PRODUCTS_WRITE
    table = products
    id: UUID
    title: str | Keep = KEEP
    description: str | Keep = KEEP
    brand: str | Keep | None = KEEP
    external_ids: tuple[ExternalId, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveProduct(Command):
    scope = Scope.PRODUCTS_WRITE
    table = products
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreProduct(Command):
    scope = Scope.PRODUCTS_WRITE
    table = products
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProduct(Command):
    """The product known as `external_id`, as it is to be; variants are matched by SKU.

    Variants that are not named are archived, as the whole product is described.
    """

    scope = Scope.PRODUCTS_WRITE
    external_id: ExternalId
    title: str
    description: str = ""
    brand: str | None = None
    option_names: tuple[str, ...] = ()
    variants: tuple[VariantDraft, ...] = ()


def create_product(uow: UnitOfWork, command: CreateProduct) -> UUID:
    """Make a product with its variants. Its id.

    Raises:
        SkuTaken, BarcodeTaken, OptionsTaken, ExternalIdTaken: another one has it.
        OptionsMismatch, InvalidText, OutOfRange, InvalidGtin, NegativePrice, TooMany, Duplicate:
            the input is wrong.
    """
    return _create(uow, command, names.put)


def _create(
    uow: UnitOfWork,
    command: CreateProduct,
    name: Callable[[Connection, str, UUID, Sequence[ExternalId]], None],
) -> UUID:
    """Make a product; `name` gives it its external ids, first of all that is written."""
    faults = Faults()
    check_product(faults, title=command.title, description=command.description, brand=command.brand)
    check_option_names(faults, command.option_names)
    check_drafts(faults, command.option_names, command.variants, "variants")
    names.check(command.external_ids, faults)
    faults.check()
    made = Product(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        title=command.title,
        description=command.description,
        brand=command.brand,
        option_names=command.option_names,
        status=MACHINE.start,
    )
    name(uow.db, "prd", made.id, command.external_ids)
    add(uow, products, [made])
    _index(uow, made)
    uow.emit(ProductCreated(made.id, made.version, made.title), after=made)
    drafts = [(draft, ("variants", place)) for place, draft in enumerate(command.variants)]
    add_variants(uow, made, drafts)
    return made.id


def update_product(uow: UnitOfWork, command: UpdateProduct) -> UUID:
    """Change what is given of a product; what is absent stays. Its id.

    Raises:
        UnknownProduct, InvalidTransition, InvalidText, ExternalIdTaken.
    """
    before = queries.product(uow.db, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        title=patched(command.title, before.title),
        description=patched(command.description, before.description),
        brand=patched(command.brand, before.brand),
    )
    faults = Faults()
    check_product(faults, title=after.title, description=after.description, brand=after.brand)
    if command.external_ids is not KEEP:
        names.check(command.external_ids, faults)
    faults.check()
    if command.external_ids is not KEEP:
        names.put(uow.db, "prd", before.id, command.external_ids)
    return _change(uow, before, after).id


def archive_product(uow: UnitOfWork, command: ArchiveProduct) -> UUID:
    """Take a product out of use: none of its variants can be ordered any more. Its id.

    Raises:
        UnknownProduct, InvalidTransition.
    """
    before = queries.product(uow.db, command.id)
    after = _move(uow, before, "archive")
    event = ProductArchived(after.id, after.version, after.title)
    uow.emit(event, before=before, after=after)
    return after.id


def restore_product(uow: UnitOfWork, command: RestoreProduct) -> UUID:
    """Take an archived product into use again. Its id.

    Raises:
        UnknownProduct, InvalidTransition.
    """
    before = queries.product(uow.db, command.id)
    after = _move(uow, before, "restore")
    event = ProductRestored(after.id, after.version, after.title)
    uow.emit(event, before=before, after=after)
    return after.id


def set_product(uow: UnitOfWork, command: SetProduct) -> UUID:
    """Make the product that another system knows by a key be as described. Its id.

    It is created if there is none; otherwise only what differs is changed, so that doing it
    twice changes nothing the second time. The effects tell what was changed.

    Raises:
        SkuTaken: a SKU belongs to a variant of another product.
        BarcodeTaken, OptionsTaken: another one has it.
        OptionsMismatch, InvalidText, OutOfRange, InvalidGtin, NegativePrice, TooMany, Duplicate:
            the input is wrong.
    """
    faults = Faults()
    names.check_one(command.external_id, faults, "external_id")
    faults.check()
    found = names.find(uow.db, "prd", [command.external_id]).get(command.external_id)
    if found is None:
        # Claimed without a further look: who does the same at the same time waits here, is tried
        # again, and finds what this one made.
        return _create(
            uow,
            CreateProduct(
                title=command.title,
                description=command.description,
                brand=command.brand,
                option_names=command.option_names,
                variants=command.variants,
                external_ids=(command.external_id,),
            ),
            lambda db, kind, id, given: names.add(db, kind, {id: given}),
        )
    before = queries.product(uow.db, found)
    check_product(faults, title=command.title, description=command.description, brand=command.brand)
    check_option_names(faults, command.option_names)
    check_drafts(faults, command.option_names, command.variants, "variants")
    faults.check()
    product = _set_product(uow, before, command)
    _set_variants(uow, product, command.variants)
    return product.id


def _set_product(uow: UnitOfWork, before: Product, command: SetProduct) -> Product:
    if before.status is ProductStatus.ARCHIVED:
        restore_product(uow, RestoreProduct(id=before.id))
        before = queries.product(uow.db, before.id)
    after = replace(
        before,
        title=command.title,
        description=command.description,
        brand=command.brand,
        option_names=list(command.option_names),
    )
    return before if after == before else _change(uow, before, after)


def _set_variants(uow: UnitOfWork, product: Product, drafts: tuple[VariantDraft, ...]) -> None:
    present = {variant.sku: variant for variant in queries.variants_of(uow.db, product.id)}
    known = as_drafts(uow, tuple(present.values()))
    wanted = {draft.sku for draft in drafts}
    changes, added = [], []
    for position, draft in enumerate(drafts):
        place = ("variants", position)
        variant = present.get(draft.sku)
        if variant is None:
            added.append((draft, place))
        elif variant.status is ProductStatus.ARCHIVED or known[variant.id] != draft.ordered():
            changes.append(Change(variant, known[variant.id], draft, place))
    # First what goes, so that its options are free for what comes.
    gone = [
        variant
        for sku, variant in present.items()
        if sku not in wanted and variant.status is ProductStatus.ACTIVE
    ]
    archive_variants(uow, gone)
    change_variants(uow, product, changes)
    add_variants(uow, product, added)


def _change(uow: UnitOfWork, before: Product, after: Product) -> Product:
    after = save(uow, products, before, after)
    _index(uow, after)
    if after.title != before.title:
        index_variants(uow, after, queries.variants_of(uow.db, after.id))
    event = ProductUpdated(after.id, after.version, after.title)
    uow.emit(event, before=before, after=after)
    return after


def _index(uow: UnitOfWork, product: Product) -> None:
    search.put(uow.db, "prd", {product.id: (product.title, product.brand, product.description)})


def _move(uow: UnitOfWork, before: Product, action: str) -> Product:
    """The only place that changes the status of a product."""
    after = replace(before, status=MACHINE.check(action, before.status))
    return save(uow, products, before, after)
