"""Promising bills to payment runs: what is promised is neither disputed nor paid another way."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.payables.commands.writing import save_bills
from backoffice_api.domain.payables.model.bills import MACHINE, Bill, with_money
from backoffice_api.domain.payables.model.run_events import BillScheduled, BillUnscheduled
from backoffice_api.domain.payables.queries import bills as queries


def schedule(
    uow: UnitOfWork, found: Sequence[Bill], promised: Mapping[UUID, int], run: str
) -> None:
    """Promise amounts of locked bills, in minor units by bill, to the run of this number.

    Raises:
        InvalidTransition: a bill is not to be paid now.
    """
    for each in found:
        MACHINE.check("schedule", each.status)
    _change(uow, found, promised, run, BillScheduled)


def unschedule(uow: UnitOfWork, promised: Mapping[UUID, int], run: str) -> None:
    """Take back what was promised of bills: it is open again, for another run."""
    taken_back = {id: -minor for id, minor in promised.items()}
    _change(uow, queries.locked_bills(uow.db, promised), taken_back, run, BillUnscheduled)


def _change(
    uow: UnitOfWork,
    found: Sequence[Bill],
    by: Mapping[UUID, int],
    run: str,
    event: type[BillScheduled | BillUnscheduled],
) -> None:
    parts = queries.instalments_by_bills(uow.db, [each.id for each in found])
    changes = []
    for before in found:
        scheduled = replace(before, scheduled_minor=before.scheduled_minor + by[before.id])
        changes.append((before, with_money(scheduled, parts.get(before.id, ()))))
    for (before, _), after in zip(changes, save_bills(uow, changes), strict=True):
        told = event(after.id, after.version, after.supplier_id, after.number, run)
        uow.emit(told, before=before, after=after)
