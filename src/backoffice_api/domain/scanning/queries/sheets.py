"""What may be asked with a scanner in hand: nothing of it says how many pieces there are."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.counts import queries as counts
from backoffice_api.domain.counts.model import CountLine
from backoffice_api.domain.counts.tables import count_lines
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.scanning.model.sheets import DeviceTask, Names, SheetLine
from backoffice_api.domain.scanning.queries.tasks import open_tasks
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.queries.lots import lots_by_ids


def device_tasks(db: Connection, caller: Caller, now: datetime) -> Sequence[DeviceTask]:
    """What is open, oldest first: in the hall, and of orders what the caller may see."""
    found = open_tasks(db, now, may=lambda each: each is Scope.STOCK_READ or caller.may(each))
    names = _names(
        db,
        {each.variant_id for each in found if each.variant_id},
        {id for each in found for id in (each.from_location_id, each.to_location_id) if id},
        {each.lot_id for each in found if each.lot_id},
    )
    return [
        DeviceTask(
            kind=each.kind,
            title=each.title,
            subject_id=each.subject,
            since=each.since,
            sku=names.skus.get(each.variant_id) if each.variant_id else None,
            lot=names.lots.get(each.lot_id) if each.lot_id else None,
            bucket=each.bucket,
            from_location=_code(names, each.from_location_id),
            to_location=_code(names, each.to_location_id),
        )
        for each in found
    ]


def count_sheet(db: Connection, id: UUID, first: int, skip: int) -> Sequence[SheetLine]:
    """What a count is of, place after place: some lines behind so many others.

    Raises:
        UnknownCount: there is none.
    """
    counts.count_task(db, id)
    statement = (
        select_as(CountLine, count_lines)
        .where(count_lines.c.task_id == id)
        .order_by(count_lines.c.position)
        .offset(skip)
        .limit(first)
    )
    lines = fetch(db, CountLine, statement)
    names = _names(
        db,
        {each.variant_id for each in lines},
        {each.location_id for each in lines},
        {each.lot_id for each in lines if each.lot_id},
    )
    return [
        SheetLine(
            position=each.position,
            sku=names.skus[each.variant_id],
            location=names.locations[each.location_id],
            bucket=each.bucket,
            lot=names.lots[each.lot_id] if each.lot_id else None,
            status=each.status,
            counted=each.counted,
        )
        for each in lines
    ]


def _code(names: Names, location_id: UUID | None) -> str | None:
    return names.locations.get(location_id) if location_id else None


def _names(
    db: Connection, variants: Iterable[UUID], locations: Iterable[UUID], lots: Iterable[UUID]
) -> Names:
    return Names(
        {id: each.sku for id, each in products.variants_by_ids(db, variants).items()},
        {id: each.code for id, each in stock.locations_by_ids(db, locations).items()},
        {id: each.code for id, each in lots_by_ids(db, lots).items()},
    )
