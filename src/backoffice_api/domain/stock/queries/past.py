"""Stock as it was: counted on from the last snapshot before, however long ago that day is.

A day ends at midnight UTC; stock on a day is what there was when it ended.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, func, select, union_all

from backoffice_api.domain.kernel.filters import Operator
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.stock.model.buckets import Bucket, Contents, contents
from backoffice_api.domain.stock.model.costs import divided
from backoffice_api.domain.stock.model.locations import OUTSIDE_IDS
from backoffice_api.domain.stock.queries import InSubtree
from backoffice_api.domain.stock.tables import (
    cost_entries,
    movements,
    snapshot_months,
    snapshots,
    value_snapshots,
)


def start_of(day: date) -> datetime:
    """The moment in which a day begins."""
    return datetime.combine(day, time(), UTC)


def end_of(day: date) -> datetime:
    if day == date.max:  # behind which there is none
        return datetime.max.replace(tzinfo=UTC)
    return start_of(day) + timedelta(days=1)


def contents_on(
    db: Connection, day: date, variant_id: UUID, top_id: UUID | None = None
) -> Contents:
    """How many pieces of a variant there were when a day ended, in a part of the tree or in all.

    What was promised or kept safe then is not known: those are zero.
    """
    rows = db.execute(pieces_before(end_of(day), _base(db, day), variant_id, top_id))
    found: Counter[Bucket] = Counter()
    for row in rows:
        found[row.bucket] += int(row.pieces)
    return contents({bucket: (pieces, 0, 0, 0) for bucket, pieces in found.items()})


def value_on(db: Connection, day: date, top_id: UUID | None = None) -> Sequence[Money]:
    """What all stock was worth when a day ended, one amount per currency, by its code.

    Of a part of the tree: the pieces there, at what a piece of their variant was worth anywhere.
    """
    base, until = _base(db, day), end_of(day)
    there: Counter[UUID] = Counter()
    if top_id is not None:
        for row in db.execute(pieces_before(until, base, top_id=top_id)):
            there[row.variant_id] += int(row.pieces)
    micros: defaultdict[str, int] = defaultdict(int)
    for row in db.execute(values_before(until, base)):
        value, quantity = int(row.value_micro), int(row.quantity)
        if top_id is not None:
            value = divided(value * there[row.variant_id], quantity) if quantity else 0
        micros[row.currency] += value
    return [UnitPrice(micro, currency).times(1).money for currency, micro in sorted(micros.items())]


def _base(db: Connection, day: date) -> date | None:
    """The last month that had begun when a day ended, and that there is a snapshot of."""
    last = select(func.max(snapshot_months.c.month)).where(snapshot_months.c.month <= day)
    found: date | None = db.execute(last).scalar()
    return found


def pieces_before(
    until: datetime,
    base: date | None,
    variant_id: UUID | None = None,
    top_id: UUID | None = None,
) -> Select[Any]:
    """Pieces by `variant_id`, `location_id` and `bucket` before a moment, none that are zero.

    `base`: the month whose snapshot is counted on from; None: from the first movement.
    """
    of = movements.c
    since = (*_since(of.occurred_at, base), of.occurred_at < until)
    ends = [
        select(of.variant_id, at.label("location_id"), in_.label("bucket"), pieces.label("pieces"))
        .where(at.not_in(OUTSIDE_IDS), *since)
        .where(*_narrowed(of.variant_id, at, variant_id, top_id))
        for at, in_, pieces in (
            (of.to_location_id, of.to_bucket, of.quantity),
            (of.from_location_id, of.from_bucket, -of.quantity),
        )
    ]
    if base is not None:
        kept = snapshots.c
        ends.append(
            select(kept.variant_id, kept.location_id, kept.bucket, kept.on_hand)
            .where(kept.month == base)
            .where(*_narrowed(kept.variant_id, kept.location_id, variant_id, top_id))
        )
    each = union_all(*ends).subquery("each")
    key = (each.c.variant_id, each.c.location_id, each.c.bucket)
    total = func.sum(each.c.pieces)
    return select(*key, total.label("pieces")).group_by(*key).having(total != 0)


def values_before(until: datetime, base: date | None) -> Select[Any]:
    """`quantity` and `value_micro` of each `variant_id` and `currency` before a moment."""
    of = cost_entries.c
    parts: list[Select[Any]] = [
        select(of.variant_id, of.currency, of.quantity, of.value_micro).where(
            *_since(of.occurred_at, base), of.occurred_at < until
        )
    ]
    if base is not None:
        kept = value_snapshots.c
        parts.append(
            select(kept.variant_id, kept.currency, kept.quantity, kept.value_micro).where(
                kept.month == base
            )
        )
    each = union_all(*parts).subquery("each")
    key = (each.c.variant_id, each.c.currency)
    sums = (func.sum(each.c.quantity), func.sum(each.c.value_micro))
    return (
        select(*key, sums[0].label("quantity"), sums[1].label("value_micro"))
        .group_by(*key)
        .having((sums[0] != 0) | (sums[1] != 0))
    )


def _since(occurred_at: ColumnElement[Any], base: date | None) -> Iterable[ColumnElement[bool]]:
    return () if base is None else (occurred_at >= start_of(base),)


def _narrowed(
    variant: ColumnElement[Any],
    location: ColumnElement[Any],
    variant_id: UUID | None,
    top_id: UUID | None,
) -> Sequence[ColumnElement[bool]]:
    where = [] if variant_id is None else [variant == variant_id]
    if top_id is not None:
        where.append(InSubtree(location)(Operator.EQ, top_id))
    return where


def months_taken(db: Connection) -> Mapping[date, datetime]:
    """The months that there is a snapshot of, and when it was taken."""
    statement = select(snapshot_months.c.month, snapshot_months.c.taken_at)
    return {row[0]: row[1] for row in db.execute(statement.order_by(snapshot_months.c.month))}
