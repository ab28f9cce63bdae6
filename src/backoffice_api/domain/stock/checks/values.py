"""What must be true of stored values: what pieces are worth, and snapshots of the past."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, func, or_, select, union_all

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.stock.model.costs import CostKind, ValuationMethod
from backoffice_api.domain.stock.model.locations import OUTSIDE_IDS
from backoffice_api.domain.stock.tables import (
    cost_entries,
    cost_layers,
    costs,
    levels,
    movements,
    snapshot_months,
    snapshots,
    value_snapshots,
)

_of = movements.c
_on_hand = (
    select(levels.c.variant_id, func.sum(levels.c.on_hand).label("pieces"))
    .group_by(levels.c.variant_id)
    .subquery("on_hand")
)
_entered = (
    select(
        cost_entries.c.variant_id,
        func.sum(cost_entries.c.quantity).label("quantity"),
        func.sum(cost_entries.c.value_micro).label("value_micro"),
    )
    .group_by(cost_entries.c.variant_id)
    .subquery("entered")
)
_left = cost_layers.c.quantity - cost_layers.c.consumed
_layered = (
    select(
        cost_layers.c.variant_id,
        func.sum(_left).label("quantity"),
        func.sum(_left * cost_layers.c.unit_cost_micro).label("value_micro"),
    )
    .group_by(cost_layers.c.variant_id)
    .subquery("layered")
)
_lays = and_(costs.c.method == ValuationMethod.FIFO, costs.c.quantity >= 0)

_next_month = func.lead(snapshot_months.c.month).over(order_by=snapshot_months.c.month)
_months = select(snapshot_months.c.month, _next_month.label("next")).cte("months")


def _counted_in(occurred_at: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first month that began after a moment, of those that there is a snapshot of."""
    later = select(func.min(snapshot_months.c.month)).where(snapshot_months.c.month > occurred_at)
    return later.scalar_subquery().label("month")


def _differing(
    kept: Table, ledger: Sequence[Select[Any]], key: Sequence[str], sums: Sequence[str]
) -> Select[Any]:
    """What snapshots grew by from month to month, less what the ledger says, if any."""
    names = [kept.c[name] for name in key]
    amounts = [kept.c[name] for name in sums]
    grown = union_all(
        select(kept.c.month, *names, *amounts),
        select(_months.c.next, *names, *(-each for each in amounts))
        .join(_months, _months.c.month == kept.c.month)
        .where(_months.c.next.is_not(None)),
        *ledger,
    ).subquery("grown")
    by = (grown.c.month, *(grown.c[name] for name in key))
    totals = [func.sum(grown.c[name]) for name in sums]
    return (
        select(*by, *(total.label(name) for name, total in zip(sums, totals, strict=True)))
        .where(grown.c.month.is_not(None))
        .group_by(*by)
        .having(or_(*(total != 0 for total in totals)))
    )


_pieces_differing = _differing(
    snapshots,
    [
        select(_counted_in(_of.occurred_at), _of.variant_id, at, in_, pieces).where(
            at.not_in(OUTSIDE_IDS)
        )
        for at, in_, pieces in (
            (_of.to_location_id, _of.to_bucket, -_of.quantity),
            (_of.from_location_id, _of.from_bucket, _of.quantity),
        )
    ],
    ("variant_id", "location_id", "bucket"),
    ("on_hand",),
)
_values_differing = _differing(
    value_snapshots,
    [
        select(
            _counted_in(cost_entries.c.occurred_at),
            cost_entries.c.variant_id,
            cost_entries.c.currency,
            -cost_entries.c.quantity,
            -cost_entries.c.value_micro,
        )
    ],
    ("variant_id", "currency"),
    ("quantity", "value_micro"),
)

CHECKS: tuple[Check, ...] = (
    Check(
        "F7",
        "What all pieces of a variant are worth is what its entries come to.",
        select(
            costs.c.variant_id,
            costs.c.quantity,
            costs.c.value_micro,
            _entered.c.quantity.label("entered"),
            _entered.c.value_micro.label("entered_micro"),
            _on_hand.c.pieces.label("on_hand"),
        )
        .outerjoin(_entered, _entered.c.variant_id == costs.c.variant_id)
        .outerjoin(_on_hand, _on_hand.c.variant_id == costs.c.variant_id)
        .where(
            or_(
                costs.c.quantity != func.coalesce(_entered.c.quantity, 0),
                costs.c.value_micro != func.coalesce(_entered.c.value_micro, 0),
                costs.c.quantity != func.coalesce(_on_hand.c.pieces, 0),
            )
        ),
    ),
    Check(
        "F7-layers",
        "What is valued by layers is worth what is left of them.",
        select(costs.c.variant_id, costs.c.quantity, costs.c.value_micro, _layered.c.quantity)
        .outerjoin(_layered, _layered.c.variant_id == costs.c.variant_id)
        .where(
            _lays,
            or_(
                costs.c.quantity != func.coalesce(_layered.c.quantity, 0),
                costs.c.value_micro != func.coalesce(_layered.c.value_micro, 0),
            ),
        ),
    ),
    Check(
        "F7-pieces",
        "An entry of the ledger of costs is of as many pieces as its movement.",
        select(cost_entries.c.sequence, cost_entries.c.quantity, _of.quantity.label("moved"))
        .join(movements, _of.id == cost_entries.c.movement_id)
        .where(
            or_(
                _of.variant_id != cost_entries.c.variant_id,
                and_(
                    cost_entries.c.kind == CostKind.ENTRY, cost_entries.c.quantity != _of.quantity
                ),
                and_(
                    cost_entries.c.kind == CostKind.EXIT, cost_entries.c.quantity != -_of.quantity
                ),
            )
        ),
    ),
    Check("V1", "Snapshots of pieces are what the ledger comes to.", _pieces_differing),
    Check(
        "V1-values", "Snapshots of values are what the ledger of costs comes to.", _values_differing
    ),
)
