"""How goods of purchasing move: from the supplier to a shelf, and back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock.commands.ledger import (
    Change,
    change_levels,
    hold_locations,
    lock_levels,
    make_levels,
    post,
)
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
from backoffice_api.domain.stock.model.movements import Cause, MovementKind, RecordedMovement
from backoffice_api.domain.stock.tables import levels


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

    Raises:
        ArchivedLocation: nothing can come or go there.
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
    locked = lock_levels(uow, among(levels.c.id, made.values()))
    known = products.variants_by_ids(uow.db, deltas)
    changes = []
    for level in locked:
        delta = deltas[level.variant_id]
        line = AdjustLine(variant_id=level.variant_id, location_id=location_id, delta=delta)
        changes.append((level, adjusted(level, line, known[level.variant_id].sku)))
    change_levels(
        uow, [Change(level.id, on_hand=after - level.on_hand) for level, after in changes]
    )
    post(uow, [_movement(uow, location_id, each, cause, occurred_at) for each in goods])
    for level, after in changes:
        _tell(uow, level, after)


def _movement(
    uow: UnitOfWork, location_id: UUID, goods: Goods, cause: Cause, occurred_at: datetime
) -> RecordedMovement:
    came = goods.quantity > 0
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
