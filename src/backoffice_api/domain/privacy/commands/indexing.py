"""The search, external names and custom fields of a person: rows that go only in part."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, or_, select

from backoffice_api.domain.custom_fields.tables import definitions
from backoffice_api.domain.custom_fields.tables import values as custom_values
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.external_ids import external_ids
from backoffice_api.domain.kernel.rows import among, in_parts
from backoffice_api.domain.kernel.search import entries, words_of
from backoffice_api.domain.privacy.queries.registry import places
from backoffice_api.domain.privacy.tables import reach
from backoffice_api.domain.tickets.tables import ticket_participants

_CUSTOMERS = "cus"
# Found by numbers, goods and names of other systems: these tell of nobody.
_ORDERS = "ord"
# But a name that is an address of mail does.
_ADDRESS = external_ids.c.key.contains("@")


def only_some(table: Table) -> Sequence[ColumnElement[bool]]:
    """Which of the rows of a person go, where not all of them do."""
    if table is external_ids:
        # Orders are known by theirs when their channel tells of them again.
        return [or_(external_ids.c.kind == _CUSTOMERS, _ADDRESS)]
    if table is custom_values:
        of_customer = select(customers.c.id).where(customers.c.id == custom_values.c.owner_id)
        personal = select(definitions.c.id).where(
            definitions.c.id == custom_values.c.definition_id, definitions.c.is_personal
        )
        return [or_(of_customer.exists(), personal.exists())]
    if table is ticket_participants:
        return [ticket_participants.c.staff_id.is_(None)]
    return []


def renew(db: Connection, run_id: UUID) -> int:
    """Let the search find what was gathered by its number only. How many entries changed."""
    mine = select(reach.c.row_id).where(reach.c.run_id == run_id, reach.c.hold.is_(None))
    named = select(external_ids.c.subject_id).where(
        external_ids.c.subject_id == entries.c.subject_id, _ADDRESS
    )
    statement = select(entries.c.subject_id, entries.c.kind, entries.c.words).where(
        entries.c.subject_id.in_(mine), or_(entries.c.kind != _ORDERS, named.exists())
    )
    found = {row.subject_id: (row.kind, row.words) for row in db.execute(statement)}
    renewed = 0
    for part in in_parts(found):
        numbers = _numbers(db, part)
        stale = [id for id in part if found[id][1] != " ".join(words_of(numbers.get(id) or ""))]
        search.drop(db, stale)
        for kind in sorted({found[id][0] for id in stale}):
            search.add(db, kind, {id: (numbers.get(id),) for id in stale if found[id][0] == kind})
        renewed += len(stale)
    return renewed


def _numbers(db: Connection, subjects: Sequence[UUID]) -> Mapping[UUID, str | None]:
    """What is printed on papers about these things, where they have numbers."""
    numbers: dict[UUID, str | None] = {}
    for place in places():
        if place.has_id and "number" in place.table.c:
            columns = place.table.c
            statement = select(columns.id, columns.number).where(among(columns.id, subjects))
            numbers |= {row.id: row.number for row in db.execute(statement)}
    return numbers
