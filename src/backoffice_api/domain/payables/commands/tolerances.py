"""How far bills may be off: one rule for each supplier and category that has its own."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.catalog import queries as catalog
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.model.events import MatchToleranceRemoved, MatchToleranceSet
from backoffice_api.domain.payables.model.matching import (
    TOLERANCE_BP_MAX,
    MatchTolerance,
    tolerance_key,
)
from backoffice_api.domain.payables.model.refusals import UnknownMatchTolerance
from backoffice_api.domain.payables.queries import matching as queries
from backoffice_api.domain.payables.tables.matching import match_tolerances
from backoffice_api.domain.purchasing import queries as purchasing


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMatchTolerance(Command):
    """In hundredths of a percent. Without supplier and category: for everything else."""

    scope = Scope.BILLS_APPROVE
    supplier_id: UUID | None = None
    category_id: UUID | None = None
    quantity_bp: int
    price_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMatchTolerance(Command):
    scope = Scope.BILLS_APPROVE
    table = match_tolerances
    id: UUID


def set_match_tolerance(uow: UnitOfWork, command: SetMatchTolerance) -> UUID:
    """Say how far bills may be off, for bills that are compared from now on. Id of the rule.

    Raises:
        UnknownSupplier, UnknownCategory, OutOfRange.
    """
    faults = Faults()
    for name in ("quantity_bp", "price_bp"):
        check_range(getattr(command, name), faults, name, minimum=0, maximum=TOLERANCE_BP_MAX)
    faults.check()
    if command.supplier_id:
        purchasing.supplier(uow.db, command.supplier_id, "supplier_id")
    if command.category_id:
        catalog.category(uow.db, command.category_id, "category_id")
    key = tolerance_key(command.supplier_id, command.category_id)
    before = queries.tolerances_by_keys(uow.db, [key]).get(key)
    if before is None:
        after = MatchTolerance(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            supplier_id=command.supplier_id,
            category_id=command.category_id,
            quantity_bp=command.quantity_bp,
            price_bp=command.price_bp,
        )
        add(uow, match_tolerances, [after], key=[key])
    else:
        changed = replace(before, quantity_bp=command.quantity_bp, price_bp=command.price_bp)
        after = save(uow, match_tolerances, before, changed)
    uow.emit(MatchToleranceSet(after.id, after.version), before=before, after=after)
    return after.id


def remove_match_tolerance(uow: UnitOfWork, command: RemoveMatchTolerance) -> UUID:
    """Have the next rule decide again that fits. Id of the rule that was.

    Raises:
        UnknownMatchTolerance.
    """
    before = queries.tolerances_by_ids(uow.db, [command.id]).get(command.id)
    if before is None:
        raise UnknownMatchTolerance(command.id).at("id")
    uow.db.execute(delete(match_tolerances).where(match_tolerances.c.id == before.id))
    uow.emit(MatchToleranceRemoved(before.id, before.version + 1), before=before)
    return before.id
