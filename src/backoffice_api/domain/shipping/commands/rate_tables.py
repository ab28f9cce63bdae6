"""What can be done with rate tables: made, changed, filled with zones and rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import delete, func, select

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.model.carriers import UnknownService
from backoffice_api.domain.shipping.model.rate_tables import (
    EmptyValidity,
    RateTable,
    RateTableCreated,
    RateTableUpdated,
    RowDraft,
    TableRow,
    TableZone,
    check_table,
)
from backoffice_api.domain.shipping.model.rating import Zone
from backoffice_api.domain.shipping.tables import rate_table_rows, rate_table_zones, rate_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRateTable(Command):
    scope = Scope.SHIPPING_WRITE
    service_id: UUID
    name: str
    valid_from: date
    valid_until: date | None = None
    zones: tuple[Zone, ...] = ()
    rows: tuple[RowDraft, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRateTable(Command):
    scope = Scope.SHIPPING_WRITE
    table = rate_tables
    id: UUID
    name: str | Keep = KEEP
    valid_from: date | Keep = KEEP
    valid_until: date | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRateTableRows(Command):
    """Zones and rows take the place of all that there were."""

    scope = Scope.SHIPPING_WRITE
    table = rate_tables
    id: UUID
    zones: tuple[Zone, ...]
    rows: tuple[RowDraft, ...]


def create_rate_table(uow: UnitOfWork, command: CreateRateTable) -> UUID:
    """Make a rate table of a service, in the currency of its carrier. Its id.

    Raises:
        UnknownService, EmptyValidity, InvalidText.
        OutOfRange, TooMany, UnknownCountry, ZoneWithoutPlaces, RowTwice, HalfAStep.
    """
    service = queries.services_by_ids(uow.db, [command.service_id]).get(command.service_id)
    if service is None:
        raise UnknownService(command.service_id).at("service_id")
    made = RateTable(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        service_id=service.id,
        name=command.name.strip(),
        currency=queries.carrier(uow.db, service.carrier_id).currency,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
    )
    _check(made, command.zones, command.rows)
    add(uow, rate_tables, [made])
    _add_rows(uow, made, command.zones, command.rows)
    event = RateTableCreated(made.id, made.version, made.name, len(command.rows))
    uow.emit(event, after=made)
    return made.id


def update_rate_table(uow: UnitOfWork, command: UpdateRateTable) -> UUID:
    """Change what is given; what is absent stays. Its id.

    Raises:
        UnknownRateTable, EmptyValidity, InvalidText.
    """
    before = queries.rate_table(uow.db, command.id)
    after = replace(
        before,
        name=patched(command.name, before.name).strip(),
        valid_from=patched(command.valid_from, before.valid_from),
        valid_until=patched(command.valid_until, before.valid_until),
    )
    _check(after, (), ())
    after = save(uow, rate_tables, before, after)
    mine = rate_table_rows.c.table_id == after.id
    rows = uow.db.execute(
        select(func.count()).select_from(rate_table_rows).where(mine)
    ).scalar_one()
    event = RateTableUpdated(after.id, after.version, after.name, rows)
    uow.emit(event, before=before, after=after)
    return after.id


def set_rows(uow: UnitOfWork, command: SetRateTableRows) -> UUID:
    """Put zones and rows in the place of those that a table has. Its id.

    Raises:
        UnknownRateTable.
        InvalidText, OutOfRange, TooMany, UnknownCountry, ZoneWithoutPlaces, RowTwice, HalfAStep.
    """
    before = queries.rate_table(uow.db, command.id)
    _check(before, command.zones, command.rows)
    after = save(uow, rate_tables, before, before)
    for table in (rate_table_zones, rate_table_rows):
        uow.db.execute(delete(table).where(table.c.table_id == after.id))
    _add_rows(uow, after, command.zones, command.rows)
    event = RateTableUpdated(after.id, after.version, after.name, len(command.rows))
    uow.emit(event, before=before, after=after)
    return after.id


def _check(table: RateTable, zones: Sequence[Zone], rows: Sequence[RowDraft]) -> None:
    faults = Faults()
    check_text(table.name, faults, "name")
    if table.valid_until is not None and table.valid_until <= table.valid_from:
        faults.add(EmptyValidity().at("valid_until"))
    check_table(faults, table.currency, zones, rows)
    faults.check()


def _add_rows(
    uow: UnitOfWork, table: RateTable, zones: Sequence[Zone], rows: Sequence[RowDraft]
) -> None:
    add(
        uow,
        rate_table_zones,
        [
            TableZone(
                table.id,
                position,
                each.code,
                each.country,
                each.region,
                each.postal_from,
                each.postal_to,
            )
            for position, each in enumerate(zones)
        ],
    )
    add(
        uow,
        rate_table_rows,
        [
            TableRow(
                table.id,
                each.zone,
                each.up_to_g,
                each.price_minor,
                each.step_g,
                each.step_minor,
                table.currency,
            )
            for each in (draft.row for draft in rows)
        ],
    )
