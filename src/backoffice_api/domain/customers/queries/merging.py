"""What can be asked about merges of customers and about duplicates."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    UniqueConstraint,
    func,
    literal,
    or_,
    select,
    union_all,
)

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.model import CustomerStatus
from backoffice_api.domain.customers.model.merging import (
    Duplicate,
    DuplicateSortKey,
    Merge,
    MergePreview,
    MergeStatus,
    MovedCount,
    UnknownCustomerDuplicate,
    UnknownCustomerMerge,
    filled,
)
from backoffice_api.domain.customers.tables import addresses, customers, tags, tax_ids
from backoffice_api.domain.customers.tables.accounts import contacts, group_members
from backoffice_api.domain.customers.tables.consents import consent_states, consents
from backoffice_api.domain.customers.tables.merging import STAYS, duplicates, keys, merges, moves
from backoffice_api.domain.kernel.external_ids import external_ids
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.tables import metadata

merges_by_ids = one_per(Merge, merges, merges.c.id)
merges_into = many_per(
    Merge,
    merges,
    merges.c.into_id,
    merges.c.id,
    where=(merges.c.status == MergeStatus.DONE,),
)
merges_of = one_per(Merge, merges, merges.c.from_id, merges.c.status == MergeStatus.DONE)

_moved = (
    select(moves.c.merge_id, moves.c.table_name, func.count().label("count"))
    .group_by(moves.c.merge_id, moves.c.table_name)
    .subquery("moved")
)
moved_by_merges = many_per(MovedCount, _moved, _moved.c.merge_id, _moved.c.table_name)

duplicates_by_ids = one_per(Duplicate, duplicates, duplicates.c.id)

duplicate_list = Listing(
    Duplicate,
    duplicates,
    sorts={
        DuplicateSortKey.SCORE: duplicates.c.score,
        DuplicateSortKey.CREATED_AT: duplicates.c.created_at,
    },
    words={"status": On(duplicates.c.status)},
)

# These are moved in ways of their own: they belong to the customer itself.
OWN = frozenset(
    each.name
    for each in (
        addresses,
        consent_states,
        consents,
        contacts,
        duplicates,
        group_members,
        keys,
        merges,
        tags,
        tax_ids,
    )
)


def owned_tables() -> Sequence[ColumnElement[Any]]:
    """The columns of other tables that name a customer, and whose rows have ids of their own.

    Left out are those marked as `STAYS`.

    Of a table with one row for each customer, the context above moves the rows itself, in the
    transaction of the merge.
    """
    return [
        column
        for table in sorted(metadata.tables.values(), key=lambda each: each.name)
        if table.name not in OWN and table.info.get("merging") != STAYS["merging"]
        for column in table.columns
        if _names_customer(column) and not is_one_per_customer(table, column)
    ]


def is_one_per_customer(table: Table, column: ColumnElement[Any]) -> bool:
    """Whether a customer has at most so many rows that another's could not be added to them."""
    unique = [index.columns for index in table.indexes if index.unique]
    unique += [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
    return any(column.name in of for of in unique) or column.primary_key


def moved_counts(db: Connection, customer_id: UUID) -> Mapping[str, int]:
    """How many rows of each table a merge of this customer would move. One statement."""
    counted = [
        _count(column, customer_id)
        for column in (
            *owned_tables(),
            addresses.c.customer_id,
            contacts.c.customer_id,
            group_members.c.customer_id,
            tags.c.customer_id,
            tax_ids.c.customer_id,
            external_ids.c.subject_id,
        )
    ]
    return {name: count for name, count in db.execute(union_all(*counted)) if count}


def survivor(db: Connection, customer_id: UUID) -> UUID:
    """In whom a customer went on when duplicates were merged: the last one, or itself."""
    statement = (
        select(merges.c.into_id)
        .join(customers, customers.c.id == merges.c.from_id)
        .where(merges.c.status == MergeStatus.DONE, customers.c.status == CustomerStatus.MERGED)
    )
    while into := db.execute(statement.where(merges.c.from_id == customer_id)).scalar():
        customer_id = into
    return customer_id


def merge_preview(db: Connection, into_id: UUID, from_id: UUID) -> MergePreview:
    """What merging one customer into another would move and fill. Nothing is changed.

    Raises:
        UnknownCustomer.
    """
    into, duplicate = queries.customer(db, into_id), queries.customer(db, from_id)
    counts = moved_counts(db, from_id)
    return MergePreview(
        into_id,
        from_id,
        [MovedCount(name, count) for name, count in sorted(counts.items())],
        filled(into, duplicate),
    )


def merge(db: Connection, id: UUID) -> Merge:
    """The merge `id`.

    Raises:
        UnknownCustomerMerge: there is none.
    """
    if found := merges_by_ids(db, [id]).get(id):
        return found
    raise UnknownCustomerMerge(id).at("id")


def duplicate(db: Connection, id: UUID) -> Duplicate:
    """The pair `id`.

    Raises:
        UnknownCustomerDuplicate: there is none.
    """
    if found := duplicates_by_ids(db, [id]).get(id):
        return found
    raise UnknownCustomerDuplicate(id).at("id")


def duplicates_by_customers(
    db: Connection, ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[Duplicate]]:
    """The pairs that each customer is one of, the likeliest first. One statement."""
    wanted = tuple(ids)
    found: dict[UUID, list[Duplicate]] = {}
    for each in fetch(db, Duplicate, _pairs_of(wanted)):
        for id in (each.first_id, each.second_id):
            if id in wanted:
                found.setdefault(id, []).append(each)
    for of in found.values():
        of.sort(key=lambda each: (-each.score, each.id.bytes))
    return found


def _pairs_of(ids: Sequence[UUID]) -> Select[Any]:
    is_one = or_(duplicates.c.first_id.in_(ids), duplicates.c.second_id.in_(ids))
    return select_as(Duplicate, duplicates).where(is_one)


def _names_customer(column: Any) -> bool:
    return any(key.column is customers.c.id for key in column.foreign_keys)


def _count(column: Any, customer_id: UUID) -> Select[Any]:
    return select(literal(column.table.name), func.count()).where(column == customer_id)
