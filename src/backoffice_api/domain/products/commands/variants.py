"""What can be done with variants: made, changed, archived, restored, given a cost."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import among
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
    check_draft,
    key_of,
)
from backoffice_api.domain.products.model import (
    MACHINE,
    Barcode,
    CostSet,
    NegativePrice,
    UnknownVariant,
    Variant,
)
from backoffice_api.domain.products.model.costs import CostRecord, CostSource
from backoffice_api.domain.products.tables import cost_history, costs, variants


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
    source: CostSource = CostSource.MANUAL


def create_variant(uow: UnitOfWork, command: CreateVariant) -> UUID:
    """Add a variant to a product. Its id.

    Raises:
        UnknownProduct: there is none with this id.
        InvalidTransition: the product is archived.
        SkuTaken, BarcodeTaken, OptionsTaken, ExternalIdTaken: another one has it.
        TooMany: the product has as many variants as it can have.
        OptionsMismatch, InvalidText, OutOfRange, InvalidGtin, NegativePrice: the draft is wrong.
    """
    product = queries.product(uow.db, command.product_id, "product_id")
    MACHINE.check("update", product.status)
    faults = Faults()
    check_draft(faults, product.option_names, command.draft, "variant")
    faults.check()
    (variant,) = add_variants(uow, product, [(command.draft, ("variant",))])
    return variant.id


def update_variant(uow: UnitOfWork, command: UpdateVariant) -> UUID:
    """Change what is given of a variant; what is absent stays. Its id.

    Raises:
        UnknownVariant: there is none with this id.
        InvalidTransition: it is archived.
        SkuTaken, BarcodeTaken, OptionsTaken, ExternalIdTaken: another one has it.
        OptionsMismatch, InvalidText, OutOfRange, InvalidGtin, NegativePrice: the change is wrong.
    """
    variant = queries.variant(uow.db, command.id)
    MACHINE.check("update", variant.status)
    product = queries.product(uow.db, variant.product_id)
    before = as_drafts(uow, [variant])[variant.id]
    after = VariantDraft(
        sku=patched(command.sku, before.sku),
        option_values=patched(command.option_values, before.option_values),
        barcodes=patched(command.barcodes, before.barcodes),
        prices=patched(command.prices, before.prices),
        weight_g=patched(command.weight_g, before.weight_g),
        length_mm=patched(command.length_mm, before.length_mm),
        width_mm=patched(command.width_mm, before.width_mm),
        height_mm=patched(command.height_mm, before.height_mm),
        external_ids=patched(command.external_ids, before.external_ids),
    )
    faults = Faults()
    check_draft(faults, product.option_names, after)
    faults.check()
    change_variants(uow, product, [Change(variant, before, after, ())])
    return variant.id


def archive_variant(uow: UnitOfWork, command: ArchiveVariant) -> UUID:
    """Take a variant out of use. What names it keeps its name. Its id.

    Raises:
        UnknownVariant, InvalidTransition.
    """
    variant = queries.variant(uow.db, command.id)
    archive_variants(uow, [variant])
    return variant.id


def restore_variant(uow: UnitOfWork, command: RestoreVariant) -> UUID:
    """Take an archived variant into use again. Its id.

    Raises:
        UnknownVariant, InvalidTransition.
        OptionsTaken: another variant has taken its options since.
        OptionsMismatch: its product has got other options since.
        TooMany: the product has as many variants as it can have.
    """
    variant = queries.variant(uow.db, command.id)
    MACHINE.check("restore", variant.status)
    product = queries.product(uow.db, variant.product_id)
    draft = as_drafts(uow, [variant])[variant.id]
    faults = Faults()
    check_draft(faults, product.option_names, draft, "id")
    faults.check()
    change_variants(uow, product, [Change(variant, draft, draft, ("id",))])
    return variant.id


def set_cost(uow: UnitOfWork, command: SetCost) -> UUID:
    """Set what one piece of a variant costs the shop. Id of the variant.

    Raises:
        UnknownVariant, InvalidTransition, NegativePrice.
    """
    before = queries.variant(uow.db, command.id)
    MACHINE.check("update", before.status)
    if command.cost and command.cost.micro < 0:
        raise NegativePrice().at("unit_cost")
    after = save(uow, variants, before, before, options_key=key_of(before))
    _note_cost(uow, before.id, command)
    uow.db.execute(delete(costs).where(costs.c.variant_id == before.id))
    if command.cost:
        uow.db.execute(
            costs.insert().values(
                variant_id=before.id,
                currency=command.cost.currency,
                cost_micro=command.cost.micro,
            )
        )
    uow.emit(CostSet(after.id, after.version, after.sku))
    return after.id


def _note_cost(uow: UnitOfWork, variant_id: UUID, command: SetCost) -> None:
    """Let the cost of until now end, and another one begin."""
    at = cost_history.c
    is_open = (at.variant_id == variant_id) & at.valid_to.is_(None)
    # Twice at the same moment: only the last one was ever the cost.
    uow.db.execute(delete(cost_history).where(is_open, at.valid_from >= uow.now))
    uow.db.execute(update(cost_history).where(is_open).values(valid_to=uow.now))
    made = CostRecord(
        id=uow.new_id(),
        variant_id=variant_id,
        currency=command.cost.currency if command.cost else None,
        cost_micro=command.cost.micro if command.cost else None,
        source=command.source,
        valid_from=uow.now,
        valid_to=None,
    )
    add(uow, cost_history, [made])


def hold_variants(uow: UnitOfWork, ids: Collection[UUID], field: str) -> Mapping[UUID, Variant]:
    """Variants that nobody refers to anew, as by a movement, until the transaction ends.

    Raises:
        UnknownVariant: one is not there; `field` names the argument that it came from.
    """
    statement = select(variants.c.id).where(among(variants.c.id, ids)).order_by(variants.c.id)
    uow.db.execute(statement.with_for_update()).all()
    found = queries.variants_by_ids(uow.db, ids)
    for id in ids:
        if id not in found:
            raise UnknownVariant(text("sku", id)).at(field)
    return found
