"""What is open for whoever holds a device: asked of all who have work to be done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from backoffice_api.domain.counts import queries as counts
from backoffice_api.domain.counts.model import CountStatus
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.model.orders import PurchaseOrderStatus
from backoffice_api.domain.scanning.model.tasks import TASKS_MAX, Task, TaskKind
from backoffice_api.domain.slotting import queries as slotting
from backoffice_api.domain.slotting.model import Carry
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.tables import levels
from backoffice_api.domain.transfers import queries as transfers
from backoffice_api.domain.transfers.model import Transfer, TransferStatus

_RECEIVING = (TransferStatus.IN_TRANSIT, TransferStatus.PARTIALLY_RECEIVED)
_COUNTING = (CountStatus.PLANNED, CountStatus.COUNTING, CountStatus.RECOUNT)
_EXPECTED = (
    PurchaseOrderStatus.SENT,
    PurchaseOrderStatus.CONFIRMED,
    PurchaseOrderStatus.PARTIALLY_RECEIVED,
)


@dataclass(frozen=True, slots=True)
class TaskSource:
    """One kind of work: how what is open of it at a moment is found, at most so many.

    With a number of statements that does not depend on what there is: one, where nothing is.
    """

    scope: Scope
    find: Callable[[Connection, datetime, int], Sequence[Task]]


def open_tasks(db: Connection, now: datetime, *, may: Callable[[Scope], bool]) -> Sequence[Task]:
    """What is open now, oldest first, at most `TASKS_MAX`."""
    found = [
        task
        for source in TASK_SOURCES
        if may(source.scope)
        for task in source.find(db, now, TASKS_MAX)
    ]
    return sorted(found, key=lambda task: (task.since, task.subject))[:TASKS_MAX]


def _oldest(limit: int, *statuses: Choice) -> PageRequest:
    return PageRequest(
        size=limit, descending=False, filter=Test("status", Operator.IN, tuple(statuses))
    )


def _picks(db: Connection, _: datetime, limit: int) -> Sequence[Task]:
    return [
        Task(TaskKind.PICK, ids.text("ord", each.id), each.name, each.unshipped, each.dated_at)
        for each in orders.orders_to_ship(db, limit)
    ]


def _sendings(db: Connection, _: datetime, limit: int) -> Sequence[Task]:
    found = transfers.transfer_list.page(db, _oldest(limit, TransferStatus.READY)).rows
    return [_of_transfer(TaskKind.SEND, each) for each in found]


def _receivings(db: Connection, _: datetime, limit: int) -> Sequence[Task]:
    found = transfers.transfer_list.page(db, _oldest(limit, *_RECEIVING)).rows
    return [_of_transfer(TaskKind.RECEIVE, each) for each in found]


def _of_transfer(kind: TaskKind, each: Transfer) -> Task:
    return Task(kind, ids.text("trf", each.id), each.reference or "", None, each.created_at)


def _counts(db: Connection, _: datetime, limit: int) -> Sequence[Task]:
    found = counts.count_list.page(db, _oldest(limit, *_COUNTING)).rows
    return [
        Task(TaskKind.COUNT, ids.text("cnt", each.id), each.name or "", None, each.created_at)
        for each in found
    ]


def _purchases(db: Connection, _: datetime, limit: int) -> Sequence[Task]:
    found = purchasing.order_list.page(db, _oldest(limit, *_EXPECTED)).rows
    return [
        Task(
            TaskKind.RECEIVE_PURCHASE,
            ids.text("por", each.id),
            each.name,
            None,
            each.created_at,
            to_location_id=each.location_id,
        )
        for each in found
    ]


def _put_aways(db: Connection, now: datetime, limit: int) -> Sequence[Task]:
    return [_carried(TaskKind.PUT_AWAY, each) for each in slotting.to_put_away(db, now, limit)]


def _fillings(db: Connection, _: datetime, limit: int) -> Sequence[Task]:
    return [_carried(TaskKind.REPLENISH, each) for each in slotting.to_fill(db, limit)]


def _carried(kind: TaskKind, each: Carry) -> Task:
    return Task(
        kind,
        each.subject,
        "",
        each.pieces,
        each.since,
        variant_id=each.variant_id,
        from_location_id=each.from_location_id,
        to_location_id=each.to_location_id,
        bucket=each.bucket,
        lot_id=each.lot_id,
    )


def _inspections(db: Connection, _: datetime, limit: int) -> Sequence[Task]:
    of = levels.c
    statement = (
        select(of.id, of.on_hand, of.updated_at, of.variant_id, of.location_id)
        .where(of.bucket == Bucket.QUALITY_CHECK, of.on_hand > 0)
        .order_by(of.created_at, of.id)
        .limit(limit)
    )
    return [
        Task(
            TaskKind.INSPECT,
            ids.text("lvl", id),
            "",
            pieces,
            since,
            variant_id=variant_id,
            from_location_id=location_id,
            bucket=Bucket.QUALITY_CHECK,
        )
        for id, pieces, since, variant_id, location_id in db.execute(statement)
    ]


TASK_SOURCES: Sequence[TaskSource] = (
    TaskSource(Scope.ORDERS_READ, _picks),
    TaskSource(Scope.STOCK_READ, _sendings),
    TaskSource(Scope.STOCK_READ, _receivings),
    TaskSource(Scope.STOCK_READ, _counts),
    TaskSource(Scope.PURCHASING_READ, _purchases),
    TaskSource(Scope.STOCK_READ, _put_aways),
    TaskSource(Scope.STOCK_READ, _fillings),
    TaskSource(Scope.STOCK_READ, _inspections),
)
