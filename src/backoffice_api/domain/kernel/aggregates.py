"""How aggregates are written: as whole rows, each change counted, none on top of another's."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Table, Update, bindparam, select, update

from backoffice_api.domain.kernel import made
from backoffice_api.domain.kernel.batches import insert_into
from backoffice_api.domain.kernel.errors import StaleVersion
from backoffice_api.domain.kernel.shapes import as_dict, replaced
from backoffice_api.domain.kernel.uow import UnitOfWork


class Aggregate(Protocol):
    """A frozen row with an id, a version and two times."""

    @property
    def id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...


A = TypeVar("A", bound=Aggregate)


def add(uow: UnitOfWork, table: Table, rows: Sequence[Any], **more: Sequence[Any]) -> None:
    """Insert rows, one column per field. `more`: columns beyond the fields, a value per row."""
    if rows:
        values = [as_dict(row) for row in rows]
        for name, column in more.items():
            for each, value in zip(values, column, strict=True):
                each[name] = value
        made.add(uow.db, insert_into(table), *values)


def save(uow: UnitOfWork, table: Table, before: A, after: A, **more: Any) -> A:
    """Write `after` over `before`, if the row is still as it was read, and count the change.

    Returns `after` with its new version. `more`: columns beyond the fields.

    Raises:
        StaleVersion: somebody else changed it in between.
    """
    after = _next(uow, before, after)
    values = {**_changeable(after), **more, "old_id": before.id, "old_version": before.version}
    if made.write(uow.db, _overwrite(table), values) == 0:
        actual = uow.db.execute(select(table.c.version).where(table.c.id == before.id))
        raise StaleVersion(before.version, actual.scalar() or 0)
    return after


def save_all(
    uow: UnitOfWork, table: Table, changes: Sequence[tuple[A, A]], **more: Sequence[Any]
) -> Sequence[A]:
    """Write several rows as `save` does, each a pair of before and after. Two statements.

    Returns the rows as they are now, in the order given. `more`: columns beyond the fields, a
    value per row.

    Raises:
        StaleVersion: somebody else changed one of them in between.
    """
    if not changes:
        return ()
    # Locked in one order, so that two who change the same rows do not wait for each other.
    present = (
        select(table.c.id, table.c.version)
        .where(table.c.id.in_([before.id for before, _ in changes]))
        .order_by(table.c.id)
        .with_for_update()
    )
    versions = {row.id: row.version for row in uow.db.execute(present)}
    for before, _ in changes:
        if versions.get(before.id) != before.version:
            raise StaleVersion(before.version, versions.get(before.id, 0))
    saved = [_next(uow, before, after) for before, after in changes]
    values = [{**_changeable(after), "old_id": after.id} for after in saved]
    for name, column in more.items():
        for each, value in zip(values, column, strict=True):
            each[name] = value
    made.add(uow.db, _overwrite_locked(table), *values)
    return saved


@cache
def _overwrite(table: Table) -> Update:
    """Sets the columns that are given when it is run. Made once, since that takes its time."""
    return _overwrite_locked(table).where(table.c.version == bindparam("old_version"))


@cache
def _overwrite_locked(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("old_id"))


def _next(uow: UnitOfWork, before: A, after: A) -> A:
    return replaced(after, version=before.version + 1, updated_at=uow.now)


def _changeable(row: Any) -> dict[str, Any]:
    """Without the id: SQLite would look for rows that refer to it, though it stays the same."""
    columns = as_dict(row)
    del columns["id"]
    return columns
