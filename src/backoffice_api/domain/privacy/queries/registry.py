"""Where persons are: every table that leads to a customer, found by walking the tables themselves.

Export and erasure walk the same places, so that nothing is in one and not in the other. A table
leads to a customer by foreign keys, in as many steps as it takes, or by a column that holds the
id of whatever its rows are about.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Column, Table

from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.personal import personal_columns
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.returns.tables import return_orders


@dataclass(frozen=True, slots=True)
class Way:
    """How rows of a table lead on: by `column`, to rows of `to`. None: to whatever has the id.

    `of`: the column that holds the id of the row; that of another table where the two are joined.
    """

    column: Column[object]
    to: Table | None
    of: Column[object] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A table with rows of persons. `columns`: those that are personal; it may have none."""

    table: Table
    ways: Sequence[Way]

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def columns(self) -> Sequence[Column[object]]:
        return personal_columns(self.table)

    @property
    def has_id(self) -> bool:
        """Whether its rows have ids of their own, so that others can lead to them."""
        return "id" in self.table.c

    @property
    def goes(self) -> bool:
        """Whether rows are removed with their person."""
        return bool(self.table.info.get("goes"))

    @property
    def duty(self) -> str | None:
        """The schedule of the law that keeps its rows. None: no law does."""
        duty: str | None = self.table.info.get("kept")
        return duty

    @property
    def files(self) -> Sequence[Column[object]]:
        """The columns that name files in a storage."""
        return [each for each in self.table.columns if "file" in each.info]


# Where rows lead on by a table that does nothing but join them.
_JOINED = {"returns": (return_orders.c.order_id, return_orders.c.return_id)}


@cache
def places() -> Sequence[Place]:
    """Every place, parents before those that lead to them; customers come first.

    Left out are tables that hold nothing personal, that nothing leads through and that nothing
    can be about, as lines of invoices.
    """
    wanted: dict[str, Place] = {}
    for place in reversed(_found()):
        led_through = any(way.to is place.table for each in wanted.values() for way in each.ways)
        if place.columns or place.files or place.goes or led_through or _is_of(place):
            wanted[place.name] = place
    return tuple(reversed(wanted.values()))


def _is_of(place: Place) -> bool:
    """Whether comments, files and events can be about its rows."""
    return "version" in place.table.c


def _found() -> Sequence[Place]:
    found = {customers.name: Place(customers, ())}
    _follow(found)
    for table in metadata.sorted_tables:
        column = table.info.get("person")
        if column is not None and table.name not in found:
            ways = (Way(table.c[column], None), *_ways(table, found))
            found[table.name] = Place(table, ways)
    _follow(found)
    return tuple(found.values())


@cache
def of_anybody() -> Sequence[Table]:
    """Tables that may hold anybody's words and do not say whose."""
    return tuple(_whose("anybody"))


@cache
def unled() -> Mapping[str, str]:
    """Tables with personal data that lead to no customer, and whose data they hold."""
    known = {each.name for each in places()}
    return {
        table.name: str(table.info.get("whose", ""))
        for table in metadata.sorted_tables
        if personal_columns(table) and table.name not in known
    }


def _whose(who: str) -> Iterator[Table]:
    return (each for each in metadata.sorted_tables if each.info.get("whose") == who)


def _follow(found: dict[str, Place]) -> None:
    """Add what leads to places that were found, until nothing more does."""
    for table in metadata.sorted_tables:  # parents come before children
        if table.name in found or "person" in table.info or "whose" in table.info:
            continue
        if ways := tuple(_ways(table, found)):
            found[table.name] = Place(table, ways)


def _ways(table: Table, found: Mapping[str, Place]) -> Iterator[Way]:
    for column in table.columns:
        for key in column.foreign_keys:
            parent = key.column.table
            if parent is table or parent is events or parent.name not in found:
                continue
            if key.column.name == "id":
                yield Way(column, parent)
    if joined := _JOINED.get(table.name):
        column, of = joined
        yield Way(column, orders, of)
