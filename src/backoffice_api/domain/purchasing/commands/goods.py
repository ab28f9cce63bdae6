"""How goods of purchasing move: from the supplier to a shelf, and back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock.commands.costs import book_costs
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    change_levels,
    hold_locations,
    lock_tracked,
    make_levels,
    post,
)
from backoffice_api.domain.stock.commands.snapshots import forget_after
from backoffice_api.domain.stock.model.costs import VariantCost
from backoffice_api.domain.stock.model.levels import (
    AdjustLine,
    AdjustmentKind,
    Place,
    StockAdjusted,
    StockLevel,
    adjusted,
)
from backoffice_api.domain.stock.model.locations import (
    SUPPLIER_ID,
    ArchivedLocation,
    LocationStatus,
)
from backoffice_api.domain.stock.model.lots import LotNeeded, Tracking
from backoffice_api.domain.stock.model.movements import Cause, MovementKind, RecordedMovement
from backoffice_api.domain.stock.queries.costs import costs_by_variants


@dataclass(frozen=True, slots=True)
class Goods:
    """Pieces of a variant that arrive, or, if `quantity` is negative, go back.

    `unit_cost_micro`: what one of them cost, in millionths of the main unit of `currency`.
    """

    variant_id: UUID
    quantity: int
    unit_cost_micro: int | None
    currency: str


def move_goods(
    uow: UnitOfWork,
    location_id: UUID,
    goods: Sequence[Goods],
    cause: Cause,
    *,
    occurred_at: datetime,
) -> None:
    """Put goods on stock, or take them off it, each with a movement from or to the supplier.

    `occurred_at`: when they arrived or left. A constant number of statements, three of them
    under the locks.

    What a piece cost goes into the ledger of costs, unless its variant is valued in another
    currency: then it counts as what pieces cost on average, as nobody said the rate.

    Raises:
        ArchivedLocation: nothing can come or go there.
        LotNeeded: the pieces of a variant are told apart; they come in by hand, lot by lot.
        InsufficientStock: what is to go back is not there, or is promised.
        OutOfRange: it would be more than can be counted.
    """
    if not goods:
        return
    locations = hold_locations(uow, [location_id])
    if locations[location_id].status is LocationStatus.ARCHIVED:
        raise ArchivedLocation(location_id)
    deltas: Counter[UUID] = Counter()
    for each in goods:
        deltas[each.variant_id] += each.quantity
    made = make_levels(uow, [Place(id, location_id) for id in deltas], locations)
    locked = lock_tracked(uow, list(made.values()))
    known = products.variants_by_ids(uow.db, deltas)
    changes = []
    for level in locked.levels.values():
        tracking = locked.tracking.get(level.variant_id, Tracking.NONE)
        if tracking is not Tracking.NONE:
            raise LotNeeded(known[level.variant_id].sku, tracking)
        delta = deltas[level.variant_id]
        line = AdjustLine(variant_id=level.variant_id, location_id=location_id, delta=delta)
        changes.append((level, adjusted(level, line, known[level.variant_id].sku)))
    change_levels(
        uow, [Change(level.id, on_hand=after - level.on_hand) for level, after in changes]
    )
    valued = costs_by_variants(uow.db, deltas)
    postings = [
        _movement(uow, location_id, each, cause, occurred_at, valued.get(each.variant_id))
        for each in goods
    ]
    posted = post(uow, postings)
    book_costs(uow, postings, posted)
    if occurred_at < uow.now:
        forget_after(uow, occurred_at)
    for level, after in changes:
        _tell(uow, level, after)


def _movement(
    uow: UnitOfWork,
    location_id: UUID,
    goods: Goods,
    cause: Cause,
    occurred_at: datetime,
    valued: VariantCost | None,
) -> RecordedMovement:
    came = goods.quantity > 0
    known = goods.unit_cost_micro is not None and (
        valued is None or valued.currency == goods.currency
    )
    return RecordedMovement(
        kind=MovementKind.RECEIPT,
        variant_id=goods.variant_id,
        from_location_id=SUPPLIER_ID if came else location_id,
        to_location_id=location_id if came else SUPPLIER_ID,
        quantity=abs(goods.quantity),
        cause_kind=cause.kind,
        cause_id=cause.id,
        reason=uow.meta.reason,
        occurred_at=occurred_at,
        unit_cost=UnitPrice(goods.unit_cost_micro or 0, goods.currency) if known and came else None,
    )


def _tell(uow: UnitOfWork, level: StockLevel, after: int) -> None:
    delta = after - level.on_hand
    event = StockAdjusted(
        id=level.id,
        version=level.version + 1,
        variant_id=level.variant_id,
        location_id=level.location_id,
        kind=AdjustmentKind.RECEIPT,
        delta=delta,
        on_hand=after,
    )
    changed = replace(level, on_hand=after, available=level.available + delta)
    uow.emit(event, before=level, after=changed)
