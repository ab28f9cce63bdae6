"""The log of readers: which persons a request has shown, found out after it was answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Table, select, union_all

from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.kernel.rows import among, in_parts
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.privacy.model.reads import Reading
from backoffice_api.domain.privacy.queries.registry import Place, places
from backoffice_api.domain.privacy.tables import OPERATION_LENGTH_MAX, reads

# What papers are about.
_SUBJECTS = ("orders", "invoices", "shipments", "returns", "fulfillments")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReads(Command):
    """Several requests at once. Run as the system."""

    scope = Scope.PRIVACY_READ
    readings: tuple[Reading, ...]


def note_reads(uow: UnitOfWork, command: NoteReads) -> int:
    """Note who has read of whom. How many rows that came to.

    One statement per kind of thing that was read, however many there are of each.
    """
    wanted: dict[str, set[UUID]] = {}
    for reading in command.readings:
        for table, id in reading.subjects:
            wanted.setdefault(table, set()).add(id)
    owners: dict[tuple[str, UUID], UUID] = {}
    for place in places():
        if place.name in wanted:
            found = _customers_of(uow.db, place, wanted[place.name])
            owners |= {(place.name, id): customer for id, customer in found.items()}
    rows = [row for each in command.readings for row in _rows(uow, each, owners)]
    if rows:
        uow.db.execute(reads.insert(), rows)
    return len(rows)


def _rows(
    uow: UnitOfWork, reading: Reading, owners: Mapping[tuple[str, UUID], UUID]
) -> Iterable[Mapping[str, Any]]:
    known = {owners[each] for each in reading.subjects if each in owners}
    unknown = reading.more + sum(each not in owners for each in reading.subjects)
    # Nobody can be told, and nothing was named: that personal data were read is noted all the same.
    whom: list[tuple[UUID | None, int]] = [(each, 0) for each in sorted(known)]
    if reading.more or not known:
        whom.append((None, unknown))
    for customer_id, count in whom:
        yield {
            "id": uow.new_id(),
            "read_at": reading.read_at,
            "actor_kind": reading.actor_kind,
            "actor_id": reading.actor_id,
            "request_id": reading.request_id,
            "operation": reading.operation[:OPERATION_LENGTH_MAX],
            "customer_id": customer_id,
            "count": count,
        }


def _customers_of(db: Connection, place: Place, ids: set[UUID]) -> Mapping[UUID, UUID]:
    """Whose these rows are. Those that lead to no customer lack."""
    statement = _owned(place.name)
    if statement is None:
        return {}
    id, owner = statement.selected_columns
    found: dict[UUID, UUID] = {}
    for part in in_parts(sorted(ids)):
        rows = db.execute(statement.where(among(id, part), owner.is_not(None)))
        found |= {row.id: row.customer_id for row in rows}
    return found


@cache
def _owned(name: str) -> Select[Any] | None:
    """Ids of a place with those of their customers, in as many steps as it takes. None: of nobody.

    What can be about anything is about an order, or what belongs to one.
    """
    place = next(each for each in places() if each.name == name)
    table = place.table
    if table is customers:
        return select(table.c.id, table.c.id.label("customer_id"))
    for way in place.ways:
        if way.to is customers:
            return select(table.c.id, way.column.label("customer_id"))
    for way in place.ways:
        if way.to is not None and way.of is None and (parent := _owned(way.to.name)) is not None:
            return _through(table, way.column, parent)
    if not any(way.to is None for way in place.ways):
        return None
    (column,) = (way.column for way in place.ways if way.to is None)
    every = (_owned(each) for each in _SUBJECTS)
    through = [_through(table, column, each) for each in every if each is not None]
    return select(union_all(*through).subquery("owned"))


def _through(table: Table, column: ColumnElement[Any], parent: Select[Any]) -> Select[Any]:
    """Rows that lead on by a column, with the customers of those that they lead to."""
    led = parent.subquery(f"of_{table.name}")
    return select(table.c.id, led.c.customer_id).join(led, led.c.id == column)
