"""How orders keep their taxes."""

from collections.abc import Mapping
from dataclasses import fields, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.taxes import queries
from backoffice_api.domain.taxes.model.sheets import TaxSheet, kept
from backoffice_api.domain.taxes.tables import order_taxes


def put_sheet(uow: UnitOfWork, sheet: TaxSheet) -> None:
    """Keep the taxes of an order, in the place of what was kept."""
    uow.db.execute(delete(order_taxes).where(order_taxes.c.order_id == sheet.order_id))
    row = {each.name: getattr(sheet, each.name) for each in fields(TaxSheet)}
    uow.db.execute(order_taxes.insert().values(row))


def follow_lines(uow: UnitOfWork, from_id: UUID, to_id: UUID, lines: Mapping[UUID, UUID]) -> None:
    """Keep with an order by what its lines were taxed that came from another one.

    `lines`: the new ones by the old ones.
    """
    sheets = queries.sheets_by_orders(uow.db, [from_id, to_id])
    source = sheets.get(from_id)
    if source is None:
        return
    target = sheets.get(to_id) or replace(source, order_id=to_id, lines=())
    gone = [replace(each, key=lines[key]) for key, each in source.verdicts.items() if key in lines]
    put_sheet(uow, replace(target, lines=[*target.lines, *kept(gone)]))
