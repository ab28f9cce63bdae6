"""Moving what belongs to a customer to another one, set by set, with a record of each row.

Of every table whose rows name a customer, whichever context it is of: it is found in `metadata`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    literal,
    null,
    select,
    update,
)

from backoffice_api.domain.customers.model.merging import Merge, MergeStatus
from backoffice_api.domain.customers.queries.merging import owned_tables
from backoffice_api.domain.customers.tables import addresses
from backoffice_api.domain.customers.tables.accounts import contacts, group_members
from backoffice_api.domain.customers.tables.merging import merges, moves
from backoffice_api.domain.kernel.uow import UnitOfWork

# What only one of a customer's rows can be. The one that stays keeps its own choice.
FLAGS: Mapping[Table, Sequence[str]] = {
    addresses: ("is_default_shipping", "is_default_billing"),
    contacts: ("is_primary",),
}


def record(
    uow: UnitOfWork, merge_id: UUID, table_name: str, rows: Mapping[UUID, Mapping[str, Any] | None]
) -> None:
    """Note that a merge moved these rows, by their ids, with what is needed to put them back."""
    values = [
        {"merge_id": merge_id, "table_name": table_name, "row_id": id, "detail": detail}
        for id, detail in rows.items()
    ]
    if values:
        uow.db.execute(moves.insert(), values)


def recorded(
    uow: UnitOfWork, merge_id: UUID, table_name: str
) -> Sequence[tuple[UUID, Mapping[str, Any]]]:
    """The rows of a table that a merge moved, with what was noted of each, by id."""
    of = moves.c
    statement = select(of.row_id, of.detail).where(
        of.merge_id == merge_id, of.table_name == table_name
    )
    rows = uow.db.execute(statement.order_by(of.row_id))
    return [(id, detail or {}) for id, detail in rows]


def move_rows(uow: UnitOfWork, merge: Merge) -> int:
    """Give what names the duplicate to the one that stays. How many rows; two statements a table.

    Rows of other contexts count a version, where they have one: who has read one before writes
    nothing over it.
    """
    return sum(_move(uow, merge, column) for column in owned_tables())


def move_stragglers(uow: UnitOfWork) -> int:
    """Give what has come to merged customers since then to those that stay. How many rows."""
    return sum(_move_late(uow, column) for column in owned_tables())


def put_back(uow: UnitOfWork, merge: Merge) -> int:
    """Give back what was moved and is still there. How many rows; one statement a table."""
    moved = 0
    for column in owned_tables():
        statement = _give(uow, column, merge.into_id, merge.from_id)
        moved += uow.db.execute(
            statement.where(column.table.c.id.in_(_ids(merge, column.table.name)))
        ).rowcount
    return moved


def move_flagged(uow: UnitOfWork, merge: Merge) -> int:
    """The same for addresses and contacts, which lose what only one of them can be."""
    moved = 0
    for table, flags in FLAGS.items():
        columns = [table.c[name] for name in flags]
        found = uow.db.execute(
            select(table.c.id, *columns).where(table.c.customer_id == merge.from_id)
        ).all()
        record(
            uow, merge.id, table.name, {id: dict(zip(flags, on, strict=True)) for id, *on in found}
        )
        statement = update(table).where(table.c.customer_id == merge.from_id)
        uow.db.execute(statement.values(customer_id=merge.into_id, **dict.fromkeys(flags, False)))
        moved += len(found)
    return moved


def put_back_flagged(uow: UnitOfWork, merge: Merge) -> int:
    """Give back addresses and contacts as they were. Those that were removed since stay so."""
    moved = 0
    for table, flags in FLAGS.items():
        rows = recorded(uow, merge.id, table.name)
        if not rows:
            continue
        statement = (
            update(table)
            .where(table.c.id == bindparam("row"), table.c.customer_id == merge.into_id)
            .values(customer_id=merge.from_id, **{name: bindparam(f"on_{name}") for name in flags})
        )
        values = [
            {"row": id, **{f"on_{name}": detail[name] for name in flags}} for id, detail in rows
        ]
        uow.db.execute(statement, values)
        moved += len(rows)
    return moved


def join_groups(uow: UnitOfWork, merge: Merge) -> int:
    """Put the one that stays into those groups of the duplicate in which it is not. How many."""
    of = group_members.c
    own = select(of.group_id).where(of.customer_id == merge.into_id)
    statement = select(of.group_id).where(of.customer_id == merge.from_id, of.group_id.not_in(own))
    joined = list(uow.db.execute(statement).scalars())
    record(uow, merge.id, group_members.name, dict.fromkeys(joined))
    if joined:
        rows = [{"group_id": id, "customer_id": merge.into_id} for id in joined]
        uow.db.execute(group_members.insert(), rows)
    return len(joined)


def leave_groups(uow: UnitOfWork, merge: Merge) -> None:
    """Take the one that stays out of the groups that it came into by the merge."""
    of = group_members.c
    joined = _ids(merge, group_members.name)
    statement = group_members.delete().where(
        of.customer_id == merge.into_id, of.group_id.in_(joined)
    )
    uow.db.execute(statement)


def _move(uow: UnitOfWork, merge: Merge, column: ColumnElement[Any]) -> int:
    table: Any = column.table
    found = select(
        literal(merge.id, moves.c.merge_id.type), literal(table.name), table.c.id, null()
    ).where(column == merge.from_id)
    names = ["merge_id", "table_name", "row_id", "detail"]
    if not uow.db.execute(insert(moves).from_select(names, found)).rowcount:
        return 0
    statement = _give(uow, column, merge.from_id, merge.into_id)
    ids = _ids(merge, table.name)
    return uow.db.execute(statement.where(table.c.id.in_(ids))).rowcount


def _move_late(uow: UnitOfWork, column: ColumnElement[Any]) -> int:
    table: Any = column.table
    is_done = merges.c.from_id == column, merges.c.status == MergeStatus.DONE
    noted = (
        select(literal(1))
        .where(
            moves.c.merge_id == merges.c.id,
            moves.c.table_name == table.name,
            moves.c.row_id == table.c.id,
        )
        .correlate(merges, table)
        .exists()
    )
    found = (
        select(merges.c.id, literal(table.name), table.c.id, null())
        .select_from(merges)
        .join(table, column == merges.c.from_id)
        .where(merges.c.status == MergeStatus.DONE, ~noted)
    )
    names = ["merge_id", "table_name", "row_id", "detail"]
    if not uow.db.execute(insert(moves).from_select(names, found)).rowcount:
        return 0
    into = select(merges.c.into_id).where(*is_done).correlate(table).scalar_subquery()
    is_noted = select(literal(1)).select_from(merges).where(*is_done, noted).correlate(table)
    gone = select(merges.c.from_id).where(merges.c.status == MergeStatus.DONE)
    statement = update(table).where(column.in_(gone), is_noted.exists())
    return uow.db.execute(statement.values(_changed(uow, column, into))).rowcount


def _give(uow: UnitOfWork, column: Any, from_id: UUID, to_id: UUID) -> Update:
    return update(column.table).where(column == from_id).values(_changed(uow, column, to_id))


def _changed(uow: UnitOfWork, column: Any, owner: Any) -> dict[str, Any]:
    """What changes of a row with its owner."""
    of = column.table.c
    values: dict[str, Any] = {column.name: owner}
    if "version" in of:
        values["version"] = of.version + 1
    if "updated_at" in of:
        values["updated_at"] = uow.now
    return values


def _ids(merge: Merge, table_name: str) -> Select[Any]:
    of = moves.c
    return select(of.row_id).where(of.merge_id == merge.id, of.table_name == table_name)
