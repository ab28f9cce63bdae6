"""How aggregates are written: as whole rows, each change counted, none on top of another's."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Table, select, update

from backoffice_api.domain.kernel.errors import StaleVersion
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
        values = [_columns(row) for row in rows]
        for name, column in more.items():
            for each, value in zip(values, column, strict=True):
                each[name] = value
        uow.db.execute(table.insert(), values)


def save(uow: UnitOfWork, table: Table, before: A, after: A, **more: Any) -> A:
    """Write `after` over `before`, if the row is still as it was read, and count the change.

    Returns `after` with its new version. `more`: columns beyond the fields.

    Raises:
        StaleVersion: somebody else changed it in between.
    """
    after = replace(after, version=before.version + 1, updated_at=uow.now)  # type: ignore[type-var]
    written = uow.db.execute(
        update(table)
        .where(table.c.id == before.id, table.c.version == before.version)
        .values({**_columns(after), **more})
    )
    if written.rowcount == 0:
        actual = uow.db.execute(select(table.c.version).where(table.c.id == before.id))
        raise StaleVersion(before.version, actual.scalar() or 0)
    return after


def _columns(row: Any) -> dict[str, Any]:
    return {each.name: getattr(row, each.name) for each in fields(row)}
