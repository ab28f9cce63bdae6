"""What can be asked about replenishment: rules, suggestions, and what can be promised when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, select

from backoffice_api.domain.kernel.filters import Filter, On, Operator, condition
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import Page, Position
from backoffice_api.domain.kernel.rows import among, one_per
from backoffice_api.domain.kernel.tables import Instant
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.model.orders import (
    INCOMING,
    PurchaseOrder,
    PurchaseOrderStatus,
)
from backoffice_api.domain.purchasing.tables.orders import (
    purchase_order_lines,
    purchase_orders,
    receipts,
)
from backoffice_api.domain.replenishment.model import (
    Demand,
    OrdersMade,
    Promise,
    ReplenishmentRule,
    ReplenishmentRuleSortKey,
    RulesTouched,
    Suggestion,
)
from backoffice_api.domain.replenishment.tables import rules, targets
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.movements import MovementKind
from backoffice_api.domain.stock.queries import InSubtree
from backoffice_api.domain.stock.queries.positions import position_of, positions_of
from backoffice_api.domain.stock.tables import levels, movements

PROMISES_MAX = 100
SUGGESTION_ORDER = "replenishment_suggestions id asc"

rules_by_ids = one_per(ReplenishmentRule, rules, rules.c.id)

rule_list = Listing(
    ReplenishmentRule,
    rules,
    sorts={ReplenishmentRuleSortKey.CREATED_AT: rules.c.created_at},
    words={
        "variant_id": On(rules.c.variant_id),
        "location_id": On(rules.c.location_id),
        "supplier_id": On(rules.c.supplier_id),
        "created_at": On(rules.c.created_at),
    },
)

# What suggestions can be filtered by.
_WORDS = {
    "variant_id": On(rules.c.variant_id),
    "location_id": On(rules.c.location_id),
    "supplier_id": On(targets.c.supplier_id),
}

# What waits for its inspection will be sellable soon; what is set aside or broken will not.
_COUNTED_ON = (Bucket.SELLABLE, Bucket.QUALITY_CHECK)

_DRAFTED = (PurchaseOrderStatus.DRAFT, PurchaseOrderStatus.PENDING_APPROVAL)

_line, _order = purchase_order_lines.c, purchase_orders.c


def _on_order() -> Subquery:
    """Open pieces by variant and location: what is to come, and what is only drafted."""
    is_draft = _order.status.in_(_DRAFTED)
    return (
        select(
            _line.variant_id,
            _order.location_id,
            func.sum(case((is_draft, 0), else_=_line.open)).label("incoming"),
            func.sum(case((is_draft, _line.open), else_=0)).label("drafted"),
        )
        .join_from(purchase_orders, purchase_order_lines, _line.order_id == _order.id)
        .where(_order.status.in_((*_DRAFTED, *sorted(INCOMING))))
        .group_by(_line.variant_id, _order.location_id)
        .subquery("on_order")
    )


def _on_shelf() -> Subquery:
    return (
        select(
            levels.c.variant_id,
            levels.c.location_id,
            func.sum(levels.c.on_hand).label("on_hand"),
            func.sum(levels.c.reserved).label("reserved"),
        )
        .where(levels.c.bucket.in_(_COUNTED_ON))
        .group_by(levels.c.variant_id, levels.c.location_id)
        .subquery("on_shelf")
    )


# Fields of a suggestion that are sums, made for each question.
_COUNTED = ("on_hand", "reserved", "incoming", "drafted")
_PACKS = ("pack_size", "minimum_quantity")
_NAMES = tuple(each.name for each in fields(Suggestion) if each.name not in _PACKS)


# What is read of the target: not what the rule has given for it.
_OWN = {name: targets.c[name] for name in _NAMES if name in targets.c}


def suggestions(
    db: Connection, filter: Filter | None, *, size: int, after: UUID | None = None
) -> Page[Suggestion]:
    """What should be bought now, by rule: one page of it, with two statements.

    Stock and orders are those of now, demand and lead times those of the last measurement.
    """
    where = [] if filter is None else [condition(filter, _WORDS)]
    if after is not None:
        where.append(rules.c.id > after)
    found = _suggested(db, where, size + 1)
    rows = found[:size]
    return Page(
        rows=rows,
        positions=[Position(SUGGESTION_ORDER, each.id.hex, each.id) for each in rows],
        has_previous=after is not None,
        has_next=len(found) > size,
    )


def suggestions_by_rules(db: Connection, ids: Sequence[UUID]) -> Mapping[UUID, Suggestion]:
    """What is suggested now for these rules. It lacks those for which nothing is."""
    found = _suggested(db, [among(rules.c.id, ids)], len(ids))
    return {each.id: each for each in found}


def _suggested(
    db: Connection, where: Sequence[ColumnElement[bool]], limit: int
) -> Sequence[Suggestion]:
    shelf, on_order = _on_shelf(), _on_order()
    sums = {
        "on_hand": shelf.c.on_hand,
        "reserved": shelf.c.reserved,
        "incoming": on_order.c.incoming,
        "drafted": on_order.c.drafted,
    }
    counted = {name: func.coalesce(each, 0) for name, each in sums.items()}
    position = counted["on_hand"] - counted["reserved"] + counted["incoming"] + counted["drafted"]
    columns = [
        counted[name] if name in counted else _OWN[name] if name in _OWN else rules.c[name]
        for name in _NAMES
    ]
    statement = (
        select(*columns)
        .join_from(rules, targets, targets.c.rule_id == rules.c.id)
        .outerjoin(shelf, _same_place(shelf))
        .outerjoin(on_order, _same_place(on_order))
        .where(position <= targets.c.reorder_point, targets.c.order_up_to > position, *where)
        .order_by(rules.c.id)
        .limit(limit)
    )
    return _with_packs(db, [_suggestion(row) for row in db.execute(statement)])


def _same_place(other: Subquery) -> ColumnElement[bool]:
    return and_(
        other.c.variant_id == rules.c.variant_id, other.c.location_id == rules.c.location_id
    )


def _suggestion(row: Sequence[Any]) -> Suggestion:
    values = dict(zip(_NAMES, row, strict=True))
    # PostgreSQL answers a Decimal to sums of sums.
    return Suggestion(**values | {name: int(values[name]) for name in _COUNTED})


def _with_packs(db: Connection, found: Sequence[Suggestion]) -> Sequence[Suggestion]:
    """The suggestions with how the suppliers pack what is to be bought."""
    wanted = {each.supplier_item_id for each in found if each.supplier_item_id}
    items = purchasing.items_by_ids(db, wanted)
    return [
        replace(each, pack_size=item.pack_size, minimum_quantity=item.minimum_quantity)
        if (item := items.get(each.supplier_item_id or each.id))
        else each
        for each in found
    ]


def demand_by_places(
    db: Connection, variant_ids: Sequence[UUID], *, since: datetime, until: datetime, days: int
) -> Mapping[tuple[UUID, UUID], Demand]:
    """What was shipped of each variant from each location, in `days` full days of UTC.

    It lacks the places from which nothing was.
    """
    of = movements.c
    day = func.date(of.occurred_at)
    daily = (
        select(of.variant_id, of.from_location_id, func.sum(of.quantity).label("pieces"))
        .where(
            of.kind == MovementKind.SHIPMENT,
            of.occurred_at >= since,
            of.occurred_at < until,
            among(of.variant_id, variant_ids),
        )
        .group_by(of.variant_id, of.from_location_id, day)
        .subquery("daily")
    )
    statement = select(
        daily.c.variant_id,
        daily.c.from_location_id,
        func.sum(daily.c.pieces),
        func.sum(daily.c.pieces * daily.c.pieces),
    ).group_by(daily.c.variant_id, daily.c.from_location_id)
    return {
        (variant_id, location_id): Demand(days, int(total), int(squares))
        for variant_id, location_id, total, squares in db.execute(statement)
    }


def lead_times_by_suppliers(db: Connection, *, since: datetime) -> Mapping[UUID, Sequence[float]]:
    """Days from sending to the first receipt, for orders of each supplier received since then."""
    of = receipts.c
    statement = (
        select(_order.supplier_id, _order.sent_at, func.min(of.received_at, type_=Instant))
        .join_from(receipts, purchase_orders, of.order_id == _order.id)
        .where(of.received_at >= since, _order.sent_at.is_not(None))
        .group_by(_order.id, _order.supplier_id, _order.sent_at)
    )
    found: dict[UUID, list[float]] = {}
    for supplier_id, sent_at, received_at in db.execute(statement):
        days = max(0.0, (received_at - sent_at).total_seconds() / 86_400)
        found.setdefault(supplier_id, []).append(days)
    return found


def promise(db: Connection, variant_id: UUID, location_id: UUID | None, on: date) -> Promise:
    """What can be promised of a variant on a day, at a location and its parts; None: at all.

    Of a kit, what its components make now; nobody orders kits from suppliers.
    """
    coming = (
        select(func.coalesce(func.sum(_line.open), 0))
        .join_from(purchase_order_lines, purchase_orders, _line.order_id == _order.id)
        .where(
            _line.variant_id == variant_id,
            _order.status.in_(sorted(INCOMING)),
            _line.expected_on <= on,
        )
    )
    if location_id is not None:
        coming = coming.where(InSubtree(_order.location_id)(Operator.EQ, location_id))
    return Promise(
        variant_id=variant_id,
        location_id=location_id,
        on=on,
        available=position_of(db, variant_id, location_id).available,
        expected=int(db.execute(coming).scalar_one()),
    )


def promises_by_variants(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Promise]]:
    """What can be promised of each variant from each day on at which something arrives.

    At all locations together; at most `PROMISES_MAX` days. It lacks variants that nothing is
    expected of.
    """
    wanted = tuple(ids)
    statement = (
        select(_line.variant_id, _line.expected_on, func.sum(_line.open))
        .join_from(purchase_order_lines, purchase_orders, _line.order_id == _order.id)
        .where(
            among(_line.variant_id, wanted),
            _order.status.in_(sorted(INCOMING)),
            _line.expected_on.is_not(None),
            _line.open > 0,
        )
        .group_by(_line.variant_id, _line.expected_on)
        .order_by(_line.variant_id, _line.expected_on)
    )
    positions = positions_of(db, wanted)
    found: dict[UUID, list[Promise]] = {}
    for variant_id, on, pieces in db.execute(statement):
        before = found.setdefault(variant_id, [])
        expected = (before[-1].expected if before else 0) + int(pieces)
        available = positions[variant_id].available
        before.append(Promise(variant_id, None, on, available, expected))
    return {id: each[:PROMISES_MAX] for id, each in found.items()}


def rules_by_touched(
    db: Connection, keys: Iterable[RulesTouched]
) -> Mapping[RulesTouched, Sequence[ReplenishmentRule]]:
    """The rules that commands were about, in the order of their input."""
    wanted = tuple(keys)
    found = rules_by_ids(db, {id for each in wanted for id in each.rule_ids})
    return {each: [found[id] for id in each.rule_ids if id in found] for each in wanted}


def orders_by_made(
    db: Connection, keys: Iterable[OrdersMade]
) -> Mapping[OrdersMade, Sequence[PurchaseOrder]]:
    """The drafts that commands made of suggestions."""
    wanted = tuple(keys)
    found = purchasing.orders_by_ids(db, {id for each in wanted for id in each.order_ids})
    return {each: [found[id] for id in each.order_ids] for each in wanted}
