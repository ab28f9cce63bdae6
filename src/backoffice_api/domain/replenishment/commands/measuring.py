"""Measuring: what was sold and how long suppliers took, made into reorder points.

The ledger is read once a night, not with every question (ADR 0018). What is in stock and on order
is looked up when suggestions are asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from backoffice_api.domain.kernel.batches import insert_many
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing.model.items import SupplierItem, SupplierItemStatus
from backoffice_api.domain.purchasing.tables.suppliers import supplier_items, suppliers
from backoffice_api.domain.replenishment import queries
from backoffice_api.domain.replenishment.model import (
    DEMAND_DAYS,
    LEAD_TIME_DAYS_OF_HISTORY,
    Demand,
    ReplenishmentRule,
    Target,
    lead_time_of,
    target_of,
)
from backoffice_api.domain.replenishment.tables import rules, targets

# Name of the job that runs `measure_replenishment`.
MEASURE_JOB = "replenishment.measure"
BATCH_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureReplenishment(Command):
    """Run by the worker every night. `after`: go on behind this rule."""

    scope = Scope.PURCHASING_WRITE
    after: UUID | None = None


def measure_replenishment(uow: UnitOfWork, command: MeasureReplenishment) -> int:
    """Compute the reorder points of rules anew, a bounded number. How many there were.

    If there are more, another job is enqueued to go on.
    """
    statement = select_as(ReplenishmentRule, rules).order_by(rules.c.id).limit(BATCH_MAX)
    if command.after is not None:
        statement = statement.where(rules.c.id > command.after)
    found = fetch(uow.db, ReplenishmentRule, statement)
    measure(uow, found)
    if len(found) == BATCH_MAX:
        uow.enqueue(Job(MEASURE_JOB, {"after": found[-1].id.hex}))
    return len(found)


def measure(uow: UnitOfWork, of: Sequence[ReplenishmentRule]) -> None:
    """Compute the reorder points of these rules, at most `BATCH_MAX`. Six statements."""
    if not of:
        return
    variant_ids = sorted({rule.variant_id for rule in of})
    until = datetime.combine(uow.now.astimezone(UTC).date(), time(), UTC)
    demand = queries.demand_by_places(
        uow.db,
        variant_ids,
        since=until - timedelta(days=DEMAND_DAYS),
        until=until,
        days=DEMAND_DAYS,
    )
    nothing = Demand(DEMAND_DAYS, 0, 0)
    since = uow.now - timedelta(days=LEAD_TIME_DAYS_OF_HISTORY)
    observed = queries.lead_times_by_suppliers(uow.db, since=since)
    said = _said_days(uow)
    items = _items(uow, variant_ids)
    made = []
    for rule in of:
        item = _item_of(rule, items.get(rule.variant_id, ()))
        supplier_id = item.supplier_id if item else rule.supplier_id
        days = item.lead_time_days if item and item.lead_time_days is not None else None
        if days is None:
            days = said[supplier_id] if supplier_id else 0
        samples = observed.get(supplier_id, ()) if supplier_id else ()
        made.append(
            target_of(
                rule,
                demand.get((rule.variant_id, rule.location_id), nothing),
                lead_time_of(samples, days),
                measured_at=uow.now,
                supplier_id=supplier_id,
                supplier_item_id=item.id if item else None,
            )
        )
    _put(uow, made)


def _said_days(uow: UnitOfWork) -> Mapping[UUID, int]:
    """How long each supplier says that it takes."""
    rows = uow.db.execute(select(suppliers.c.id, suppliers.c.lead_time_days))
    return {row.id: row.lead_time_days for row in rows}


def _items(uow: UnitOfWork, variant_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[SupplierItem]]:
    """Who sells the variants now; the preferred one first, then who came first."""
    of = supplier_items.c
    statement = (
        select_as(SupplierItem, supplier_items)
        .where(among(of.variant_id, variant_ids), of.status == SupplierItemStatus.ACTIVE)
        .order_by(of.is_preferred.desc(), of.id)
    )
    found: dict[UUID, list[SupplierItem]] = {}
    for each in fetch(uow.db, SupplierItem, statement):
        found.setdefault(each.variant_id, []).append(each)
    return found


def _item_of(rule: ReplenishmentRule, items: Sequence[SupplierItem]) -> SupplierItem | None:
    """What is to be bought by a rule: of its own supplier, or of the preferred one."""
    for each in items:
        if rule.supplier_id in (None, each.supplier_id):
            return each
    return None


def _put(uow: UnitOfWork, made: Sequence[Target]) -> None:
    ids = [each.rule_id for each in made]
    uow.db.execute(delete(targets).where(among(targets.c.rule_id, ids)))
    names = [each.name for each in fields(Target)]
    columns = {name: [getattr(each, name) for each in made] for name in names}
    insert_many(uow.db, targets, columns)
