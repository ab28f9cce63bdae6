"""Rows as the driver gives them: some columns of what a query declares, as plain tuples.

`rows` makes values of what it reads. An answer that is only written down again needs none: here
a declared query or listing is narrowed to the columns that are wanted, its statement is compiled
once, and what comes back are the driver's own tuples. A raw id is 16 bytes on both databases;
everything else is as the driver has it, and `RawColumn.decode` makes the value of it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Enum,
    Integer,
    Select,
    String,
    Text,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import ARRAY, psycopg
from sqlalchemy.types import TypeEngine

from backoffice_api.domain.kernel.database import PREPARES
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import PageRequest, Position
from backoffice_api.domain.kernel.prepared import PreparedRows
from backoffice_api.domain.kernel.rows import ManyPer, OnePer, in_parts
from backoffice_api.domain.kernel.tables import Id

Raw = Any
Row = tuple[Raw, ...]

_STATEMENTS_KEPT = 2_000
_BELOW = "raw rows"

_DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(json_deserializer=orjson.loads),
    "postgresql": psycopg.dialect(paramstyle="format"),  # type: ignore[no-untyped-call]
}


@dataclass(frozen=True, slots=True, eq=False)
class RawColumn:
    """How a column looks when the driver gives it.

    `decode` makes the value of a raw one that is not NULL; None: they are the same. `known` has
    the values of all raw ones, where these are few. `python` is the class of every raw value that
    is not NULL, where the database guarantees one.
    """

    element: ColumnElement[Any]
    nullable: bool
    decode: Callable[[Raw], Any] | None
    encode: Callable[[Any], Raw] | None
    is_id: bool = False
    known: Mapping[Raw, Any] | None = None
    python: type[Any] | None = None

    @property
    def type_name(self) -> str:
        """The name of the class of its SQL type."""
        return type(self.element.type).__name__


def raw_column(element: ColumnElement[Any], dialect: str) -> RawColumn:
    """The column as the driver of the dialect gives it."""
    kind = element.type
    nullable = not isinstance(element, Column) or bool(element.nullable)
    if isinstance(kind, Id):
        return RawColumn(element, nullable, _id, _id_bytes, is_id=True)
    decode = _decoder(kind, dialect)
    encode = _encoder(kind, dialect)
    if isinstance(kind, Enum):
        assert decode is not None, "an enum has members"
        known = {raw: decode(raw) for raw in kind.enums}
        return RawColumn(element, nullable, decode, encode, known=known)
    if isinstance(kind, String):
        return RawColumn(element, nullable, decode, encode, python=str)
    if isinstance(kind, Integer):
        return RawColumn(element, nullable, decode, encode, python=int)
    if isinstance(kind, Boolean):
        return RawColumn(element, nullable, bool, encode)
    return RawColumn(element, nullable, decode, encode)


def _id(raw: bytes) -> UUID:
    return UUID(bytes=raw)


def _id_bytes(id: UUID) -> bytes:
    return id.bytes


def _decoder(kind: TypeEngine[Any], dialect: str) -> Callable[[Any], Any] | None:
    of = _DIALECTS[dialect]
    return kind.dialect_impl(of).result_processor(of, None)


def _encoder(kind: TypeEngine[Any], dialect: str) -> Callable[[Any], Any] | None:
    of = _DIALECTS[dialect]
    return kind.dialect_impl(of).bind_processor(of)


class KeyedRows:
    """Some columns of a `OnePer` or `ManyPer`: tuples of the raw key and the raw columns.

    Called with a connection and raw keys.
    """

    def __init__(self, query: OnePer[Any, Any] | ManyPer[Any, Any], names: Sequence[str], on: str):
        columns = [query.source.c[name] for name in names]
        statement = select(query.key, *columns).where(_among(query.key, on), *query.where)
        if isinstance(query, ManyPer):
            statement = statement.order_by(*query.order)
        self._statement = _Statement(statement, on)

    def __call__(self, db: Connection, keys: Iterable[Raw]) -> Sequence[Row]:
        return [row for part in in_parts(keys) for row in self._statement.rows(db, keys=part)]


@lru_cache(maxsize=_STATEMENTS_KEPT)
def keyed_rows(
    query: OnePer[Any, Any] | ManyPer[Any, Any], names: tuple[str, ...], dialect: str
) -> KeyedRows:
    """The same `KeyedRows` for all who want these columns."""
    return KeyedRows(query, names, dialect)


@dataclass(frozen=True, slots=True)
class RawPage:
    """Raw rows in the order of the list, and whether there are more."""

    rows: Sequence[Row]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True, eq=False)
class PagedRows:
    """Pages of some columns of a listing; behind these come the raw sort value and the raw id.

    With an `owner`, each row ends with the raw owner.
    """

    listing: Listing[Any]
    names: tuple[str, ...]
    dialect: str
    owner: ColumnElement[Any] | None = None

    def page(self, db: Connection, request: PageRequest) -> RawPage:
        """One page of the whole list."""
        statement = _page_statement(self, _blank(request), False)
        return _page(statement.rows(db, **self._start(request)), request)

    def pages(
        self, db: Connection, keys: Iterable[Raw], request: PageRequest
    ) -> Mapping[Raw, RawPage]:
        """The same page of the list of each key, with one statement."""
        wanted = tuple(keys)
        if not wanted:
            return {}
        many = len(wanted) > 1
        statement = _page_statement(self, _blank(request), many)
        if not many:
            rows = statement.rows(db, keys=wanted, **self._start(request))
            return {wanted[0]: _page(rows, request)}
        found: dict[Raw, list[Row]] = {key: [] for key in wanted}
        for part in in_parts(wanted):
            for row in statement.rows(db, keys=part, **self._start(request)):
                found[row[-1]].append(row)
        return {key: _page(rows, request) for key, rows in found.items()}

    def position(self, request: PageRequest) -> Callable[[Raw, Raw], Position]:
        """Makes positions in the list of raw sort values and raw ids."""
        name = self.listing.sort_name(request)
        key = request.sort or self.listing.default_sort()
        decode = _decoder(self.listing.sorts[key].type, self.dialect)

        def position(sort: Raw, id: Raw) -> Position:
            return Position(name, decode(sort) if decode else sort, UUID(bytes=id))

        return position

    def _start(self, request: PageRequest) -> Mapping[str, Any]:
        if request.start is None:
            return {"size": request.size + 1}
        kind = self.listing.sorts[request.sort or self.listing.default_sort()].type
        encode = _encoder(kind, self.dialect)
        value, id = request.start.value, request.start.id
        return {
            "size": request.size + 1,
            "start_value": encode(value) if encode else value,
            "start_id": id.bytes if self.dialect == "sqlite" else id,
        }


@lru_cache(maxsize=_STATEMENTS_KEPT)
def paged_rows(
    listing: Listing[Any], names: tuple[str, ...], dialect: str, owner: ColumnElement[Any] | None
) -> PagedRows:
    """The same `PagedRows` for all who want these columns."""
    return PagedRows(listing, names, dialect, owner)


_ANY_START: Final = Position("", "", UUID(int=0))


def _blank(request: PageRequest) -> PageRequest:
    """The request without what is given to its statement only when it is run."""
    return replace(request, size=0, start=_ANY_START if request.start else None)


@lru_cache(maxsize=_STATEMENTS_KEPT)
def _page_statement(rows: PagedRows, request: PageRequest, many: bool) -> "_Statement":
    listing, owner, on = rows.listing, rows.owner, rows.dialect
    size = bindparam("size", None, Integer)
    sort = listing.sorts[request.sort or listing.default_sort()]
    start = None
    if request.start:
        start = (
            bindparam("start_value", None, sort.type),
            bindparam("start_id", None, listing.table.c.id.type),
        )
    columns = [listing.table.c[name] for name in rows.names]
    if owner is None:
        return _Statement(listing.select_page(columns, request, start, size), on)
    order = listing.order(request)
    statement = listing.select(columns, request, start)
    statement = statement.add_columns(owner.label("_owner")).where(_among(owner, on))
    if not many:
        return _Statement(statement.order_by(*order).limit(size), on)
    number = func.row_number().over(partition_by=owner, order_by=order).label("_number")
    inner = statement.add_columns(number).subquery()
    wanted = [column for column in inner.c if column.name != "_number"]
    numbered = select(*wanted).where(inner.c._number <= size).order_by(inner.c._number)
    return _Statement(numbered, on)


def _page(rows: Sequence[Row], request: PageRequest) -> RawPage:
    more = len(rows) > request.size
    shown = rows[: request.size]
    if request.backwards:
        shown = shown[::-1]
    behind_start = request.start is not None
    if request.backwards:
        return RawPage(shown, has_previous=more, has_next=behind_start)
    return RawPage(shown, has_previous=behind_start, has_next=more)


def _among(key: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
    """`key` is one of the keys that are given when the statement is run."""
    if dialect == "postgresql":
        # Not as VARCHAR(n): the cast of the array would cut longer keys, and find others' rows.
        kind = Text() if isinstance(key.type, String) else key.type
        return key == any_(bindparam("keys", None, ARRAY(kind)))
    return key == bindparam("keys", None, key.type)


@dataclass(frozen=True, slots=True)
class _Given:
    """A parameter that gets its value when the statement is run."""

    name: str


class _Statement:
    """A SELECT as the driver takes it: compiled once, its constants in the driver's form."""

    def __init__(self, statement: Select[Any], dialect: str) -> None:
        of = _DIALECTS[dialect]
        compiled = statement.compile(dialect=of, compile_kwargs={"render_postcompile": True})
        order: Sequence[str] = compiled.positiontup or ()
        self._text = str(compiled)
        self._parameters = [self._parameter(compiled, name, dialect) for name in order]
        self._keys_at = order.index("keys") if "keys" in order else None
        self._ids = any(
            name == "keys" and isinstance(_item(bind.type), Id)
            for name, bind in compiled.binds.items()
        )
        self._spreads = dialect == "sqlite" and self._keys_at is not None
        self._texts: dict[int, str] = {}

    @staticmethod
    def _parameter(compiled: Any, name: str, dialect: str) -> Any:
        value = compiled.params[name]
        # The parts of an IN list are named after the list.
        binds = compiled.binds
        bind = binds[name] if name in binds else binds[name.rpartition("_")[0]]
        if bind.key in ("keys", "size", "start_value", "start_id"):
            return _Given(name)
        encode = _encoder(bind.type, dialect)
        return encode(value) if encode else value

    def rows(self, db: Connection, **given: Any) -> list[Row]:
        """Run it on the driver's connection below `db`, in the transaction of `db`."""
        if self._keys_at is None:
            return run(db, self._text, tuple(self._filled(given)))
        keys = given["keys"]
        if self._spreads:
            # A power of two, so that few texts serve all numbers of keys.
            room = 1 << (len(keys) - 1).bit_length()
            at = self._keys_at
            parameters = self._filled(given)
            parameters[at : at + 1] = [*keys, *(keys[-1:] * (room - len(keys)))]
            return run(db, self._texts.get(room) or self._spread(room), tuple(parameters))
        listed = "{" + ",".join([key.hex() for key in keys]) + "}" if self._ids else list(keys)
        return run(db, self._text, tuple(self._filled({**given, "keys": listed})))

    def _filled(self, given: Mapping[str, Any]) -> list[Any]:
        return [given[each.name] if each.__class__ is _Given else each for each in self._parameters]

    def _spread(self, room: int) -> str:
        """The text with places for so many keys."""
        parts = self._text.split("?")
        assert len(parts) == len(self._parameters) + 1, "a ? that is no parameter"
        assert self._keys_at is not None
        before, after = parts[: self._keys_at + 1], parts[self._keys_at + 1 :]
        places = ", ".join(["?"] * room)
        text = f"{'?'.join(before).removesuffix('= ')}IN ({places}){'?'.join(after)}"
        self._texts[room] = text
        return text


def _item(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.item_type if isinstance(kind, ARRAY) else kind


def run(db: Connection, text: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
    """What a statement in the driver's own words selects, prepared once per connection."""
    if not db.in_transaction():
        db.begin()
    below = db.info.get(_BELOW)
    if below is None:
        below = db.info[_BELOW] = _below(db)
    # Past SQLAlchemy's execution, but not past those who listen to it: the clock on SQLite, and
    # what narrows a statement to the reach of its caller.
    for listener in db.dispatch.before_cursor_execute:
        text, parameters = listener(db, below.listened, text, parameters, None, False)
    rows: list[Row] = below(text, parameters)
    return rows


class _SqliteRows:
    """Runs statements on one connection of SQLite."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.listened = cursor

    def __call__(self, text: str, parameters: tuple[Any, ...]) -> list[Row]:
        return self.listened.execute(text, parameters).fetchall()


def _below(db: Connection) -> _SqliteRows | PreparedRows:
    """What runs statements on the driver's connection; it is made once per connection."""
    driver: Any = db.connection.driver_connection
    if db.dialect.name == "postgresql":
        return PreparedRows(driver, prepares=db.info[PREPARES])
    return _SqliteRows(driver.cursor())
