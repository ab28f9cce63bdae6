"""Merging variants: what there is of one becomes stock of the other, by movements."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products.commands.merging import (
    MergeVariant,
    check_mergeable,
    hand_over,
)
from backoffice_api.domain.products.commands.variants import hold_variants
from backoffice_api.domain.products.model import Variant
from backoffice_api.domain.products.model.merging import MergeBlock, MergeBlocked, MergeIntoItself
from backoffice_api.domain.stock.commands.costs import book_costs
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    Locked,
    change_levels,
    hold_locations,
    lock_tracked,
    make_levels,
    post,
)
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import Place, StockLevel
from backoffice_api.domain.stock.model.locations import CORRECTION_ID
from backoffice_api.domain.stock.model.lots import Tracking
from backoffice_api.domain.stock.model.movements import MovementKind, RecordedMovement
from backoffice_api.domain.stock.tables import levels


def merge_variant(uow: UnitOfWork, command: MergeVariant) -> UUID:
    """Let one variant take the place of another one that is the same thing. Id of the other one.

    Movements, lines of orders and whatever else names it stay as they are. Its stock is moved by
    movements of the kind merge, its barcodes and external ids lead to the one that stays, and it
    is archived for good. A constant number of statements.

    Raises:
        UnknownVariant, InvalidTransition, MergeIntoItself.
        MergeBlocked: something stands in the way, as an open reservation.
        TooMany: together they have more barcodes than a variant may have.
    """
    if command.id == command.into_id:
        raise MergeIntoItself().at("into_id")
    found = hold_variants(uow, sorted((command.id, command.into_id)), "into_id")
    merged, into = found[command.id], found[command.into_id]
    check_mergeable(uow, merged, into)
    of_merged, locked = _locked(uow, merged, into)
    _check(merged, of_merged, locked)
    moved = [level for level in of_merged if level.on_hand]
    _move(uow, moved, into, locked.levels)
    hand_over(uow, merged, into, sum(level.on_hand for level in moved))
    return merged.id


def _locked(uow: UnitOfWork, merged: Variant, into: Variant) -> tuple[Sequence[StockLevel], Locked]:
    """The levels of the one that goes, and all that its stock comes to, held still.

    The variants are held, so that no level can be made of the one that goes.
    """
    theirs = select_as(StockLevel, levels).where(levels.c.variant_id == merged.id)
    present = fetch(uow.db, StockLevel, theirs)
    of = hold_locations(uow, {level.location_id for level in present})
    places = [Place(into.id, level.location_id, level.bucket) for level in present]
    made = make_levels(uow, places, of)
    locked = lock_tracked(uow, [*made.values(), *(level.id for level in present)])
    return [each for each in locked.levels.values() if each.variant_id == merged.id], locked


def _check(merged: Variant, present: Sequence[StockLevel], locked: Locked) -> None:
    """Raises: MergeBlocked."""
    blocks = {
        MergeBlock.RESERVED: any(level.reserved for level in present),
        MergeBlock.IN_TRANSIT: any(
            level.on_hand and level.bucket is Bucket.IN_TRANSIT for level in present
        ),
        MergeBlock.BELOW_ZERO: any(level.on_hand < 0 for level in present),
        MergeBlock.TRACKED: any(
            tracking is not Tracking.NONE for tracking in locked.tracking.values()
        ),
    }
    for block, holds in blocks.items():
        if holds:
            raise MergeBlocked(merged.sku, block).at("id")


def _move(
    uow: UnitOfWork,
    moved: Sequence[StockLevel],
    into: Variant,
    present: Mapping[Place, StockLevel],
) -> None:
    changes, postings = [], []
    for level in moved:
        there = present[Place(into.id, level.location_id, level.bucket)]
        changes += [Change(level.id, on_hand=-level.on_hand), Change(there.id, level.on_hand)]
        postings.append(_posting(uow, level, level.variant_id, into.id, leaves=True))
        postings.append(_posting(uow, level, into.id, level.variant_id, leaves=False))
    change_levels(uow, sorted(changes, key=lambda change: change.level_id))
    book_costs(uow, postings, post(uow, postings))


def _posting(
    uow: UnitOfWork, level: StockLevel, variant_id: UUID, other_id: UUID, *, leaves: bool
) -> RecordedMovement:
    """What leaves as one variant enters as the other; each names the other as its cause."""
    here = level.location_id
    return RecordedMovement(
        kind=MovementKind.MERGE,
        variant_id=variant_id,
        from_location_id=here if leaves else CORRECTION_ID,
        to_location_id=CORRECTION_ID if leaves else here,
        from_bucket=level.bucket if leaves else Bucket.SELLABLE,
        to_bucket=Bucket.SELLABLE if leaves else level.bucket,
        quantity=level.on_hand,
        cause_kind="sku",
        cause_id=other_id,
        reason=uow.meta.reason,
    )
