"""Comparing the books with what somebody else counts: a warehouse of others, a shop with a till."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock.commands.ledger import hold_locations, lock_levels
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust, unfit
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import (
    LINES_MAX,
    QUANTITY_MAX,
    AdjustLine,
    AdjustmentKind,
)
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.model.reconciling import (
    Compared,
    Reconciled,
    ReportedLater,
    ReportedLine,
)
from backoffice_api.domain.stock.queries import moved_since
from backoffice_api.domain.stock.tables import levels


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileStock(Command):
    """What a location had at `reported_at`, by its own books. None: now. All lines or none."""

    scope = Scope.STOCK_WRITE
    location_id: UUID
    lines: tuple[ReportedLine, ...]
    reported_at: datetime | None = None


def reconcile_stock(uow: UnitOfWork, command: ReconcileStock) -> Reconciled:
    """Compare what a location reports with our books of that moment, and heal what has drifted.

    What moved since the report counts: the difference of then is posted, with the location as
    cause. A dry run only compares. A constant number of statements.

    Raises:
        UnknownLocation, VirtualLocation, ArchivedLocation: nothing is kept there.
        ReportedLater, Duplicate, OutOfRange, TooMany: the report is wrong.
        UnknownVariant, KitHasNoStock, LotNeeded: a line names these.
        InsufficientStock: more is promised than would be there.
    """
    _check(uow, command)
    location_id, moment = command.location_id, command.reported_at or uow.now
    wanted = [line.variant_id for line in command.lines]
    held = lock_levels(
        uow,
        levels.c.location_id == location_id,
        levels.c.bucket == Bucket.SELLABLE,
        among(levels.c.variant_id, wanted),
    )
    present = Counter({level.variant_id: level.on_hand for level in held})
    if moment < uow.now:
        present.subtract(moved_since(uow.db, wanted, location_id, Bucket.SELLABLE, moment))
    compared = tuple(
        Compared(line.variant_id, line.quantity, present[line.variant_id]) for line in command.lines
    )
    healing = tuple(
        AdjustLine(variant_id=each.variant_id, location_id=location_id, delta=each.drift)
        for each in compared
        if each.drift
    )
    if healing:
        cause = Cause("loc", location_id)
        adjust(uow, AdjustStock(kind=AdjustmentKind.COUNT, lines=healing, cause=cause))
    return Reconciled(location_id, compared)


def _check(uow: UnitOfWork, command: ReconcileStock) -> None:
    faults = Faults()
    check_size(command.lines, faults, "lines", maximum=LINES_MAX)
    faults.check()
    if command.reported_at is not None and command.reported_at > uow.now:
        faults.add(ReportedLater().at("reported_at"))
    location = hold_locations(uow, [command.location_id]).get(command.location_id)
    faults.extend(fault.at("location_id") for fault in unfit(location, command.location_id))
    seen: set[UUID] = set()
    for position, line in enumerate(command.lines):
        here = ("lines", position)
        check_range(line.quantity, faults, *here, "quantity", minimum=0, maximum=QUANTITY_MAX)
        if line.variant_id in seen:
            faults.add(Duplicate(ids.text("sku", line.variant_id)).at(*here, "variant_id"))
        seen.add(line.variant_id)
    faults.check()
