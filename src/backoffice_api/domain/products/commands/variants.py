"""What can be done with variants: made, changed, archived, restored, given a cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_distinct, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.model import (
    MACHINE,
    VARIANTS_MAX,
    Barcode,
    BarcodeTaken,
    CostSet,
    NegativePrice,
    OptionsMismatch,
    OptionsTaken,
    Product,
    ProductStatus,
    SkuTaken,
    Variant,
    VariantArchived,
    VariantCreated,
    VariantRestored,
    VariantUpdated,
    barcode_key,
    check_barcodes,
    check_measures,
    check_prices,
    options_key,
)
from backoffice_api.domain.products.tables import barcodes, costs, prices, variants


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """A variant that is to be made. Sizes in millimetres, weight in grams."""

    sku: str
    option_values: tuple[str, ...] = ()
    barcodes: tuple[Barcode, ...] = ()
    prices: tuple[UnitPrice, ...] = ()
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    external_ids: tuple[ExternalId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateVariant(Command):
    scope = Scope.PRODUCTS_WRITE
    product_id: UUID
    draft: VariantDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateVariant(Command):
    """Barcodes, prices and external ids are replaced as a whole where they are given."""

    scope = Scope.PRODUCTS_WRITE
    table = variants
    id: UUID
    sku: str | Keep = KEEP
    option_values: tuple[str, ...] | Keep = KEEP
    barcodes: tuple[Barcode, ...] | Keep = KEEP
    prices: tuple[UnitPrice, ...] | Keep = KEEP
    weight_g: int | Keep | None = KEEP
    length_mm: int | Keep | None = KEEP
    width_mm: int | Keep | None = KEEP
    height_mm: int | Keep | None = KEEP
    external_ids: tuple[ExternalId, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveVariant(Command):
    scope = Scope.PRODUCTS_WRITE
    table = variants
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreVariant(Command):
    scope = Scope.PRODUCTS_WRITE
    table = variants
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCost(Command):
    """None takes the cost away."""

    scope = Scope.COSTS_WRITE
    table = variants
    id: UUID
    cost: UnitPrice | None


def create_variant(uow: UnitOfWork, command: CreateVariant) -> UUID:
    """Add a variant to a product. Its id.

    Raises:
        UnknownProduct: there is none with this id.
        InvalidTransition: the product is archived.
        SkuTaken, BarcodeTaken, OptionsTaken, ExternalIdTaken: another one has it.
        OptionsMismatch, InvalidText, OutOfRange, InvalidGtin, NegativePrice: the draft is wrong.
    """
    product = queries.product(uow.db, command.product_id)
    MACHINE.check("update", product.status)
    faults = Faults()
    check_drafts(faults, product.option_names, (command.draft,))
    faults.check()
    (variant,) = add_variants(uow, product, (command.draft,))
    return variant.id


def update_variant(uow: UnitOfWork, command: UpdateVariant) -> UUID:
    """Change what is given of a variant; what is absent stays. Its id.

    Raises:
        UnknownVariant: there is none with this id.
        InvalidTransition: it is archived.
        SkuTaken, BarcodeTaken, OptionsTaken, ExternalIdTaken: another one has it.
        OptionsMismatch, InvalidText, OutOfRange, InvalidGtin, NegativePrice: the change is wrong.
    """
    before = queries.variant(uow.db, command.id)
    MACHINE.check("update", before.status)
    product = queries.product(uow.db, before.product_id)
    draft = VariantDraft(
        sku=patched(command.sku, before.sku),
        option_values=patched(command.option_values, tuple(before.option_values)),
        barcodes=patched(command.barcodes, ()),
        prices=patched(command.prices, ()),
        weight_g=patched(command.weight_g, before.weight_g),
        length_mm=patched(command.length_mm, before.length_mm),
        width_mm=patched(command.width_mm, before.width_mm),
        height_mm=patched(command.height_mm, before.height_mm),
        external_ids=patched(command.external_ids, ()),
    )
    faults = Faults()
    _check_draft(faults, product.option_names, draft)
    _check_free(uow, faults, {before.id: (draft, ())})
    _check_options_free(uow, faults, product, {before.id: (draft.option_values, ())})
    faults.check()

    after = _write(uow, before, draft)
    _put_parts(
        uow,
        {after.id: draft},
        with_barcodes=command.barcodes is not KEEP,
        with_prices=command.prices is not KEEP,
    )
    if command.external_ids is not KEEP:
        names.put(uow.db, "sku", after.id, command.external_ids)
    index_variants(uow, product, (after,))
    uow.emit(VariantUpdated(after.id, after.version, after.sku), before=before, after=after)
    return after.id


def archive_variant(uow: UnitOfWork, command: ArchiveVariant) -> UUID:
    """Take a variant out of use. What names it keeps its name. Its id.

    Raises:
        UnknownVariant, InvalidTransition.
    """
    before = queries.variant(uow.db, command.id)
    after = _move(uow, before, "archive")
    event = VariantArchived(after.id, after.version, after.sku)
    uow.emit(event, before=before, after=after)
    return after.id


def restore_variant(uow: UnitOfWork, command: RestoreVariant) -> UUID:
    """Take an archived variant into use again. Its id.

    Raises:
        UnknownVariant, InvalidTransition.
        OptionsTaken: another variant has taken its options since.
    """
    before = queries.variant(uow.db, command.id)
    MACHINE.check("restore", before.status)
    faults = Faults()
    product = queries.product(uow.db, before.product_id)
    _check_options_free(uow, faults, product, {before.id: (tuple(before.option_values), ())})
    faults.check()
    after = _move(uow, before, "restore")
    event = VariantRestored(after.id, after.version, after.sku)
    uow.emit(event, before=before, after=after)
    return after.id


def set_cost(uow: UnitOfWork, command: SetCost) -> UUID:
    """Set what one piece of a variant costs the shop. Id of the variant.

    Raises:
        UnknownVariant, InvalidTransition, NegativePrice.
    """
    before = queries.variant(uow.db, command.id)
    MACHINE.check("update", before.status)
    if command.cost and command.cost.micro < 0:
        raise NegativePrice().at("cost")
    uow.db.execute(delete(costs).where(costs.c.variant_id == before.id))
    if command.cost:
        uow.db.execute(
            costs.insert().values(
                variant_id=before.id,
                currency=command.cost.currency,
                cost_micro=command.cost.micro,
            )
        )
    after = _save(uow, before, before)
    uow.emit(CostSet(after.id, after.version, after.sku))
    return after.id


def check_drafts(
    faults: Faults, option_names: Sequence[str], drafts: tuple[VariantDraft, ...], *path: str
) -> None:
    """Note what is wrong with variants to be made of one product, taken by themselves."""
    check_size(drafts, faults, *path, maximum=VARIANTS_MAX)
    check_distinct(tuple(draft.sku for draft in drafts), faults, *path)
    for position, draft in enumerate(drafts):
        here = (*path, position) if path else ()
        _check_draft(faults, option_names, draft, *here)


def add_variants(
    uow: UnitOfWork, product: Product, drafts: tuple[VariantDraft, ...], *path: str
) -> Sequence[Variant]:
    """Make checked drafts variants of a product, with a constant number of statements.

    Raises:
        SkuTaken, BarcodeTaken, OptionsTaken, ExternalIdTaken: another one has it.
    """
    if not drafts:
        return ()
    made = [_made(uow, product, draft) for draft in drafts]
    faults = Faults()
    places = {
        variant.id: (draft, (*path, position) if path else ())
        for position, (variant, draft) in enumerate(zip(made, drafts, strict=True))
    }
    _check_free(uow, faults, places)
    options = {id: (draft.option_values, path) for id, (draft, path) in places.items()}
    _check_options_free(uow, faults, product, options)
    faults.check()
    add(uow, variants, made, options_key=[_key(variant) for variant in made])
    by_id = dict(zip((variant.id for variant in made), drafts, strict=True))
    _put_parts(uow, by_id, with_barcodes=True, with_prices=True)
    for id, draft in by_id.items():
        if draft.external_ids:
            names.put(uow.db, "sku", id, draft.external_ids)
    index_variants(uow, product, made)
    for variant in made:
        uow.emit(VariantCreated(variant.id, variant.version, variant.sku), after=variant)
    return made


def index_variants(uow: UnitOfWork, product: Product, changed: Sequence[Variant]) -> None:
    """Let the search find variants by SKU, by the product's title and by their options."""
    search.put(
        uow.db,
        "sku",
        {each.id: (each.sku, product.title, *each.option_values) for each in changed},
    )


def _check_draft(
    faults: Faults, option_names: Sequence[str], draft: VariantDraft, *path: str | int
) -> None:
    check_text(draft.sku, faults, *path, "sku", maximum=CODE_LENGTH_MAX)
    if len(draft.option_values) != len(option_names):
        mismatch = OptionsMismatch(len(option_names), len(draft.option_values))
        faults.add(mismatch.at(*path, "option_values"))
    for position, value in enumerate(draft.option_values):
        check_text(value, faults, *path, "option_values", position)
    check_barcodes(faults, draft.barcodes, *path)
    check_prices(faults, draft.prices, *path)
    check_measures(
        faults,
        *path,
        weight_g=draft.weight_g,
        length_mm=draft.length_mm,
        width_mm=draft.width_mm,
        height_mm=draft.height_mm,
    )
    names.check(draft.external_ids, faults)


Places = dict[UUID, tuple[VariantDraft, tuple[str | int, ...]]]


def _check_free(uow: UnitOfWork, faults: Faults, places: Places) -> None:
    """Note SKUs and barcodes that other variants have. Two statements."""
    by_sku = queries.variants_by_skus(uow.db, [draft.sku for draft, _ in places.values()])
    keys = {barcode_key(code) for draft, _ in places.values() for code in draft.barcodes}
    owners = queries.variants_by_barcodes(uow.db, keys)
    seen: set[str] = set()
    for id, (draft, path) in places.items():
        if (owner := by_sku.get(draft.sku)) and owner.id != id:
            faults.add(SkuTaken(draft.sku).at(*path, "sku"))
        for position, code in enumerate(draft.barcodes):
            key = barcode_key(code)
            if key in seen or ((owner := owners.get(key)) and owner.id != id):
                faults.add(BarcodeTaken(code.code).at(*path, "barcodes", position, "code"))
            seen.add(key)


def _check_options_free(
    uow: UnitOfWork,
    faults: Faults,
    product: Product,
    wanted: Mapping[UUID, tuple[tuple[str, ...], tuple[str | int, ...]]],
) -> None:
    """Note options that another active variant has; `wanted`: values and path by variant."""
    taken = {
        options_key(each.option_values): each.id
        for each in queries.variants_of(uow.db, product.id)
        if each.id not in wanted and each.status is ProductStatus.ACTIVE
    }
    for id, (values, path) in wanted.items():
        if taken.setdefault(options_key(values), id) != id:
            faults.add(OptionsTaken(" / ".join(values)).at(*path, "option_values"))


def _made(uow: UnitOfWork, product: Product, draft: VariantDraft) -> Variant:
    return Variant(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        product_id=product.id,
        sku=draft.sku,
        option_values=draft.option_values,
        status=MACHINE.start,
        weight_g=draft.weight_g,
        length_mm=draft.length_mm,
        width_mm=draft.width_mm,
        height_mm=draft.height_mm,
    )


def _write(uow: UnitOfWork, before: Variant, draft: VariantDraft) -> Variant:
    after = replace(
        before,
        sku=draft.sku,
        option_values=draft.option_values,
        weight_g=draft.weight_g,
        length_mm=draft.length_mm,
        width_mm=draft.width_mm,
        height_mm=draft.height_mm,
    )
    return _save(uow, before, after)


def _move(uow: UnitOfWork, before: Variant, action: str) -> Variant:
    """The only place that changes the status of a variant."""
    return _save(uow, before, replace(before, status=MACHINE.check(action, before.status)))


def _save(uow: UnitOfWork, before: Variant, after: Variant) -> Variant:
    return save(uow, variants, before, after, options_key=_key(after))


def _key(variant: Variant) -> str | None:
    """Archived variants leave their options to others."""
    active = variant.status is ProductStatus.ACTIVE
    return options_key(variant.option_values) if active else None


def _put_parts(
    uow: UnitOfWork, drafts: dict[UUID, VariantDraft], *, with_barcodes: bool, with_prices: bool
) -> None:
    """Replace barcodes and prices of the variants."""
    if with_barcodes:
        uow.db.execute(delete(barcodes).where(barcodes.c.variant_id.in_(drafts)))
        rows = [
            {
                "key": barcode_key(each),
                "variant_id": id,
                "code": each.code,
                "kind": each.kind,
                "pack_quantity": each.pack_quantity,
            }
            for id, draft in drafts.items()
            for each in draft.barcodes
        ]
        if rows:
            uow.db.execute(barcodes.insert(), rows)
    if with_prices:
        uow.db.execute(delete(prices).where(prices.c.variant_id.in_(drafts)))
        rows = [
            {"variant_id": id, "currency": each.currency, "price_micro": each.micro}
            for id, draft in drafts.items()
            for each in draft.prices
        ]
        if rows:
            uow.db.execute(prices.insert(), rows)
