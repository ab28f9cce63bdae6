"""The log of readers: which persons a request has shown, found out after it was answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select

from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.kernel.rows import among, in_parts
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.privacy.model.reads import Reading
from backoffice_api.domain.privacy.queries.registry import Place, places
from backoffice_api.domain.privacy.tables import OPERATION_LENGTH_MAX, reads


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
    statement = _owned(place)
    if statement is None:
        return {}
    found: dict[UUID, UUID] = {}
    for part in in_parts(sorted(ids)):
        rows = db.execute(statement.where(among(place.table.c.id, part)))
        found |= {row.id: row.customer_id for row in rows if row.customer_id is not None}
    return found


def _owned(place: Place) -> Select[Any] | None:
    """Ids of a place with those of their customers: straight, or by the order."""
    table = place.table
    if table is customers:
        return select(table.c.id, table.c.id.label("customer_id"))
    for way in place.ways:
        if way.to is customers:
            return select(table.c.id, way.column.label("customer_id"))
    for way in place.ways:
        if way.to is orders and way.of is None:
            joined = table.join(orders, orders.c.id == way.column)
            return select(table.c.id, orders.c.customer_id).select_from(joined)
    return None
