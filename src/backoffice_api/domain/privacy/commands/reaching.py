"""Gathering the ids of all rows of one person, table by table, one statement each.

Whoever leads to a row that has to stay, stays with it: the address of an order that is under way,
the document of an invoice that the law keeps.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
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

from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.privacy.model.duties import Reason
from backoffice_api.domain.privacy.queries.holds import holds
from backoffice_api.domain.privacy.queries.registry import Place, Way, places
from backoffice_api.domain.privacy.tables import reach

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
    ).where(customers.c.id == customer_id)
    db.execute(insert(reach).from_select(_COLUMNS, first))
    by_place: dict[str, list[tuple[Reason, ColumnElement[bool]]]] = {}
    for hold in holds(today, years):
        by_place.setdefault(hold.table.name, []).append((hold.reason, hold.condition))
    for place in places():
        if not place.has_id:
            continue
        if place.ways:
            _insert(db, run_id, place)
        if place.table is orders:
            _insert_guest_orders(db, run_id, customer_id)
        if here := by_place.get(place.name):
            _hold(db, run_id, place, here)


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


def _insert_guest_orders(db: Connection, run_id: UUID, customer_id: UUID) -> None:
    """Orders without a customer that were made under its mail address."""
    known = exists().where(
        reach.c.run_id == run_id, reach.c.row_id == orders.c.id, reach.c.place == orders.name
    )
    key = select(customers.c.email_key).where(customers.c.id == customer_id).scalar_subquery()
    rows = select(
        literal(run_id, reach.c.run_id.type), literal(orders.name), orders.c.id, null()
    ).where(orders.c.customer_id.is_(None), func.lower(orders.c.email) == key, ~known)
    db.execute(insert(reach).from_select(_COLUMNS, rows))


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
