"""How a variant hands itself over to another one. Stock calls this, and moves what there is."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.drafts import key_of
from backoffice_api.domain.products.model import (
    BARCODES_MAX,
    MACHINE,
    Variant,
    VariantKind,
)
from backoffice_api.domain.products.model.merging import (
    MergeBlock,
    MergeBlocked,
    VariantAbsorbed,
    VariantMerged,
)
from backoffice_api.domain.products.tables import barcodes, variants


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeVariant(Command):
    """Variant `id` is the same as `into_id`, which stays."""

    scope = Scope.PRODUCTS_WRITE
    table = variants
    id: UUID
    into_id: UUID


def check_mergeable(uow: UnitOfWork, merged: Variant, into: Variant) -> None:
    """Refuse what is out of use, and kits.

    Raises:
        InvalidTransition, MergeBlocked.
    """
    MACHINE.check("archive", merged.status)
    MACHINE.check("update", into.status)
    kits = [each for each in (merged, into) if each.kind is VariantKind.KIT]
    if kits or queries.used_in_kits(uow.db, [merged.id]):
        raise MergeBlocked(merged.sku, MergeBlock.KIT).at("id")


def hand_over(uow: UnitOfWork, merged: Variant, into: Variant, pieces: int) -> None:
    """Give barcodes and external ids of `merged` to `into`, and take it out of use.

    External ids of systems in which `into` has one stay where they are, and lead to `merged`,
    which says what it became. `pieces`: how many moved.

    Raises:
        TooMany: they would have more barcodes than a variant may have.
    """
    codes = queries.barcodes_by_variants(uow.db, [merged.id, into.id])
    if sum(len(of_variant) for of_variant in codes.values()) > BARCODES_MAX:
        raise TooMany(BARCODES_MAX).at("into_id")
    uow.db.execute(
        update(barcodes).where(barcodes.c.variant_id == merged.id).values(variant_id=into.id)
    )
    named = names.by_subjects(uow.db, [merged.id, into.id])
    theirs = {each.system for each in named.get(into.id, ())}
    taken = [each for each in named.get(merged.id, ()) if each.system not in theirs]
    kept = [each for each in named.get(merged.id, ()) if each.system in theirs]
    names.replace(uow.db, "sku", {merged.id: kept, into.id: [*named.get(into.id, ()), *taken]})
    status = MACHINE.check("archive", merged.status)
    gone = save(
        uow,
        variants,
        merged,
        replace(merged, status=status, merged_into_id=into.id),
        options_key=None,
    )
    stays = save(uow, variants, into, into, options_key=key_of(into))
    event = VariantMerged(
        gone.id,
        gone.version,
        gone.sku,
        into_id=into.id,
        into_sku=into.sku,
        pieces=pieces,
        barcodes=len(codes.get(merged.id, ())),
        external_ids=len(taken),
    )
    uow.emit(event, before=merged, after=gone)
    uow.emit(VariantAbsorbed(stays.id, stays.version, stays.sku, gone.id, gone.sku))
