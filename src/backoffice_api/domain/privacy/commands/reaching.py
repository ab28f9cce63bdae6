"""Gathering the ids of all rows of one person, table by table, one statement each.

Whoever leads to a row that has to stay, stays with it: the address of an order that is under way,
the document of an invoice that the law keeps.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
    update,
)

from backoffice_api.domain.customers.model.merging import MergeStatus
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.customers.tables.merging import merges
from backoffice_api.domain.mailboxes.tables import received_mails
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.privacy.model.duties import Reason
from backoffice_api.domain.privacy.queries.holds import holds
from backoffice_api.domain.privacy.queries.registry import Place, Way, places
from backoffice_api.domain.privacy.tables import reach
from backoffice_api.domain.tickets.tables import ticket_messages, ticket_participants

_COLUMNS = ("run_id", "place", "row_id", "hold")


def gather(
    db: Connection, run_id: UUID, customer_id: UUID, *, today: date, years: Mapping[Reason, int]
) -> None:
    """Note under `run_id` every row of a customer, and of orders by its mail address alone.

    Two statements per table at most, however many rows there are.
    """
    # What stayed from a round before: held again, if it still has to be.
    db.execute(update(reach).where(reach.c.run_id == run_id).values(hold=None))
    first = select(
        literal(run_id, reach.c.run_id.type), literal(customers.name), customers.c.id, null()
    ).where(customers.c.id.in_(_selves(customer_id)))
    db.execute(insert(reach).from_select(_COLUMNS, first))
    by_place: dict[str, list[tuple[Reason, ColumnElement[bool]]]] = {}
    for hold in holds(today, years):
        by_place.setdefault(hold.table.name, []).append((hold.reason, hold.condition))
    for place in places():
        if not place.has_id:
            continue
        if place.ways:
            _insert(db, run_id, place)
        if place.table in _ADDRESSES:
            rows = by_address(run_id, place.table)
            db.execute(insert(reach).from_select(_COLUMNS, rows))
        if here := by_place.get(place.name):
            _hold(db, run_id, place, here)


def _selves(customer_id: UUID) -> Select[tuple[UUID]]:
    """The customer, and all who went on in it when duplicates were merged."""
    chain = select(literal(customer_id, customers.c.id.type).label("id")).cte(
        "chain", recursive=True
    )
    merged = select(merges.c.from_id).where(
        merges.c.into_id == chain.c.id, merges.c.status == MergeStatus.DONE
    )
    chain = chain.union(merged)
    return select(chain.c.id)


def release(db: Connection, run_id: UUID, *, but_orders_alone: bool = False) -> None:
    """Forget what was gathered. `but_orders_alone`: keep held orders that have no customer."""
    statement = delete(reach).where(reach.c.run_id == run_id)
    if but_orders_alone:
        alone = exists().where(
            orders.c.id == reach.c.row_id,
            orders.c.customer_id.is_(None),
            reach.c.place == orders.name,
            reach.c.hold.is_not(None),
        )
        statement = statement.where(~alone)
    db.execute(statement)


def _insert(db: Connection, run_id: UUID, place: Place) -> None:
    led = union_all(*(_led(run_id, place, way) for way in place.ways)).subquery("led")
    known = exists().where(
        reach.c.run_id == run_id, reach.c.row_id == led.c.id, reach.c.place == place.name
    )
    rows = (
        select(
            literal(run_id, reach.c.run_id.type),
            literal(place.name),
            led.c.id,
            func.max(led.c.hold),
        )
        .where(~known)
        .group_by(led.c.id)
    )
    db.execute(insert(reach).from_select(_COLUMNS, rows))


def _led(run_id: UUID, place: Place, way: Way) -> Select[tuple[UUID, str]]:
    """Ids of rows of a place that lead to gathered ones, and whether these have to stay."""
    id = place.table.c.id if way.of is None else way.of
    there = [reach.c.run_id == run_id, reach.c.row_id == way.column]
    if way.to is not None:
        there.append(reach.c.place == way.to.name)
    return select(id.label("id"), reach.c.hold.label("hold")).where(*there)


# Where somebody is named by an address of mail alone, as in a ticket of somebody else.
_ADDRESSES: Mapping[Table, ColumnElement[Any]] = {
    orders: func.lower(orders.c.email),
    received_mails: received_mails.c.sender_key,
    ticket_messages: ticket_messages.c.author_email_key,
    ticket_participants: ticket_participants.c.email_key,
}


def by_address(run_id: UUID, table: Table) -> Select[Any]:
    """What is to be noted of rows that name the mail address of the customer, and nobody else."""
    known = exists().where(
        reach.c.run_id == run_id, reach.c.row_id == table.c.id, reach.c.place == table.name
    )
    of_person = (
        select(customers.c.email_key)
        .join(reach, reach.c.row_id == customers.c.id)
        .where(reach.c.run_id == run_id, reach.c.place == customers.name)
    )
    rows = select(
        literal(run_id, reach.c.run_id.type), literal(table.name), table.c.id, null()
    ).where(_ADDRESSES[table].in_(of_person), ~known)
    # Of an order with a customer, the customer is who it is of.
    return rows.where(orders.c.customer_id.is_(None)) if table is orders else rows


def _hold(
    db: Connection, run_id: UUID, place: Place, here: list[tuple[Reason, ColumnElement[bool]]]
) -> None:
    """Mark which of the gathered rows have to stay, by the first reason that holds."""
    of_row = (
        select(case(*((condition, reason.value) for reason, condition in here)))
        .where(place.table.c.id == reach.c.row_id)
        .scalar_subquery()
    )
    # The law keeps for longer than the matter that a row belongs to.
    hold = func.coalesce(of_row, reach.c.hold) if place.duty else of_row
    here_only = [reach.c.hold.is_(None)] if place.duty is None else []
    db.execute(
        update(reach)
        .where(reach.c.run_id == run_id, reach.c.place == place.name, *here_only)
        .values(hold=hold)
    )
