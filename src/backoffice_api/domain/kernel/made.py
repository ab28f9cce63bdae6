"""Statements that are made once and run for as long as the process lives.

SQLAlchemy finds out at each execution what it has to do with a statement: how it is compiled,
how values are handed over, what a result looks like. Where the statement is the same object each
time, all of that is known after the first. Here it is kept, and the driver is run itself: a third
of what a command costs its process is saved (bench/README.md, What writing costs).

On PostgreSQL, rows that nobody is told the number of (`add`) wait for what comes next, and are sent
with it: one wait for both.

What is made for one question only goes through `Connection.execute`, as ever.
"""

import re
import sqlite3
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Executable, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from backoffice_api.domain.kernel.prepared import PREPARES, PreparedRows

Values = Mapping[str, Any]
_Row = tuple[Any, ...]
# A text, and the values of each time that it is to be run.
_Asked = tuple[str, Sequence[Sequence[Any]]]
_Encode = Callable[[Any], Any] | None

_KEPT = 4_000
_BELOW = "made statements"
COMMIT = "COMMIT"
# Rows that go out in one INSERT on PostgreSQL.
_TOGETHER_MAX = 16

# The same languages, with places instead of names: a driver need not look for them in the text.
_LANGUAGES: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(),
    "postgresql": psycopg.dialect(paramstyle="format"),  # type: ignore[no-untyped-call]
}
# Where SQLAlchemy would put the places of an IN list, once it knows how many there are.
_LIST = re.compile(r"__\[POSTCOMPILE_(?P<name>\w+)\]")
_INSERTED = re.compile(
    r"(?P<head>INSERT INTO .*? VALUES )(?P<row>\((?:[^()]|\([^()]*\))*\))(?P<tail>.*)", re.DOTALL
)


def write(db: Connection, statement: Executable, *rows: Values) -> int:
    """Run an INSERT, UPDATE or DELETE for each of the rows of values. How many rows it wrote.

    The rows have the same names. `statement` is an object that is kept and given again.

    Raises:
        DBAPIError: as `Connection.execute`.
    """
    if not rows:
        return 0
    written: int = _run(db, "write", _made(statement, tuple(rows[0]), db.dialect).asked(rows))
    return written


def add(db: Connection, statement: Executable, *rows: Values) -> None:
    """The same for who need not know how many rows were written.

    On PostgreSQL that happens with the next statement, or with the commit: a failure shows there.
    """
    if not rows:
        return
    _run(db, "add", _made(statement, tuple(rows[0]), db.dialect).asked(rows))


def read(db: Connection, statement: Executable, **values: Any) -> list[_Row]:
    """The rows of a SELECT, with the values that its columns stand for.

    Where it has `in_(bindparam(name, expanding=True))`, any number of values is given for `name`.

    Raises:
        DBAPIError: as `Connection.execute`.
    """
    made = _made(statement, tuple(values), db.dialect)
    asked = made.spread(values) if made.lists else (made.text, [made.bound(values)])
    return made.decoded(_run(db, "read", asked))


def flush(db: Connection) -> None:
    """Send what waits on the connection.

    Raises:
        DBAPIError: as `Connection.execute`.
    """
    below = db.info.get(_BELOW)
    if below is not None and below.waiting:
        _failing_as_ever(db, below.flush)


def copy(db: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Have PostgreSQL take rows by a COPY, which nobody who listens hears of.

    Raises:
        DBAPIError: as `Connection.execute`.
    """
    flush(db)
    driver: Any = db.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row(row)
    except db.dialect.loaded_dbapi.Error as failure:
        raise known(db, statement, failure) from failure


def send_what_waits(engine: Engine) -> None:
    """Have what waits on a connection of the engine sent before all that does not go this way."""

    def send(db: Connection, *_: object) -> None:
        flush(db)

    def commit(db: Connection) -> None:
        # Together, so that others wait for no lock of ours while we wait for an answer. psycopg
        # finds nothing left to commit then.
        below = db.info.get(_BELOW)
        if below is not None and below.waiting:
            below.waiting.append((COMMIT, ()))
            flush(db)

    def forget(db: Connection, *_: object) -> None:
        below = None if db.invalidated else db.info.get(_BELOW)
        if below is not None:
            below.waiting.clear()

    event.listen(engine, "before_cursor_execute", send)
    event.listen(engine, "commit", commit)
    for name in ("rollback", "rollback_savepoint"):
        event.listen(engine, name, forget)


@lru_cache(maxsize=_KEPT)
def _made(statement: Executable, names: tuple[str, ...], dialect: Dialect) -> "_Made":
    return _Made(statement, names, dialect)


class _Made:
    """A statement as a driver takes it, and what becomes of the values on their way."""

    def __init__(self, statement: Executable, names: tuple[str, ...], dialect: Dialect) -> None:
        compiled: Any = statement.compile(  # type: ignore[attr-defined]
            dialect=_LANGUAGES[dialect.name], column_keys=list(names), for_executemany=True
        )
        self._place = "%s" if dialect.name == "postgresql" else "?"
        self._places: list[tuple[str, _Encode]] = []
        self._constants: dict[str, Any] = {}
        fixed: dict[str, int] = {}
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            encode = _encoder(bind.type, dialect)
            if name in names:
                self._places.append((name, encode))
                continue
            values = compiled.params[name] if bind.expanding else [compiled.params[name]]
            fixed[name] = len(values)
            for at, value in enumerate(values):
                part = f"{name} {at}"  # which no parameter is called
                self._constants[part] = encode(value) if encode else value
                self._places.append((part, None))
        self._encoders = [(at, each) for at, (_, each) in enumerate(self._places) if each]
        self._values = _in_order([name for name, _ in self._places])
        self.text = self._with_places(str(compiled), fixed)
        # A list of none is one that is NULL: it finds nothing, where NOT IN would have to find all.
        assert "NOT IN (__[POSTCOMPILE" not in self.text, "lists can only be looked in"
        self.lists = tuple(dict.fromkeys(_LIST.findall(self.text)))
        self._texts: dict[Hashable, str] = {}
        self._decoders = [
            (at, decode)
            for at, column in enumerate(compiled._result_columns)
            if (decode := _decoder(column.type, dialect)) is not None
        ]

    def asked(self, rows: Sequence[Values]) -> _Asked:
        """What is to be run for rows of values."""
        return self.text, [self.bound(each) for each in rows]

    def bound(self, values: Values) -> _Row:
        """The values in the order of their places, as the driver takes them."""
        if self._constants:
            values = {**self._constants, **values}
        if not self._encoders:
            return self._values(values)
        bound = list(self._values(values))
        for at, encode in self._encoders:
            bound[at] = encode(bound[at])
        return tuple(bound)

    def spread(self, values: Values) -> _Asked:
        """The text with a place for each value of a list, and all values in their order."""
        # A power of two of each, so that few texts serve all numbers; of none, one that is NULL.
        rooms = {name: 1 << max(len(values[name]) - 1, 0).bit_length() for name in self.lists}
        given: list[Any] = []
        for name, encode in self._places:
            room = rooms.get(name)
            if room is None:
                value = self._constants[name] if name in self._constants else values[name]
                given.append(encode(value) if encode else value)
                continue
            each = [encode(one) for one in values[name]] if encode else list(values[name])
            given += each + (each[-1:] or [None]) * (room - len(each))
        return self._texts.get(tuple(rooms.values())) or self._with_rooms(rooms), [tuple(given)]

    def _with_rooms(self, rooms: Mapping[str, int]) -> str:
        text = self._texts[tuple(rooms.values())] = self._with_places(self.text, rooms)
        return text

    def _with_places(self, text: str, rooms: Mapping[str, int]) -> str:
        """The text with so many places in the lists of these names, and others left as they are."""

        def places(found: re.Match[str]) -> str:
            room = rooms.get(found["name"])
            return found[0] if room is None else ", ".join([self._place] * room)

        return _LIST.sub(places, text)

    def decoded(self, rows: list[_Row]) -> list[_Row]:
        """The values that the driver's rows stand for."""
        if not self._decoders:
            return rows
        decoded = []
        for row in rows:
            values = list(row)
            for at, decode in self._decoders:
                values[at] = decode(values[at])
            decoded.append(tuple(values))
        return decoded


def _in_order(names: Sequence[str]) -> Callable[[Values], _Row]:
    """What takes the values of these names out of a row of values."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple([values[name] for name in names])


class _OnSqlite:
    """The cursor of sqlite3, which runs everything at once."""

    waiting: Sequence[Any] = ()

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.listened = cursor

    def read(self, text: str, runs: Sequence[Sequence[Any]]) -> list[_Row]:
        (given,) = runs
        return self.listened.execute(text, given).fetchall()

    def write(self, text: str, runs: Sequence[Sequence[Any]]) -> int:
        if len(runs) == 1:
            return self.listened.execute(text, runs[0]).rowcount
        return self.listened.executemany(text, runs).rowcount

    add = write

    def flush(self) -> None:
        """Nothing waits."""


class _OnPostgresql:
    """libpq, with what waits sent before all else, in one go."""

    def __init__(self, rows: PreparedRows) -> None:
        self.listened = rows.listened
        self._rows = rows
        self.waiting: list[tuple[str, Sequence[Any]]] = []

    def read(self, text: str, runs: Sequence[Sequence[Any]]) -> list[_Row]:
        self.add(text, runs)
        return self._rows.together(self._taken())[-1]

    def write(self, text: str, runs: Sequence[Sequence[Any]]) -> int:
        before = len(self.waiting)
        self.add(text, runs)
        return sum(self._rows.written(self._taken())[before:])

    def add(self, text: str, runs: Sequence[Sequence[Any]]) -> None:
        if len(runs) == 1 or not _INSERTED.fullmatch(text):
            self.waiting += [(text, given) for given in runs]
            return
        for at in range(0, len(runs), _TOGETHER_MAX):
            rows = runs[at : at + _TOGETHER_MAX]
            self.waiting.append((_inserting(text, len(rows)), list(chain.from_iterable(rows))))

    def flush(self) -> None:
        self._rows.written(self._taken())

    def _taken(self) -> Sequence[tuple[str, Sequence[Any]]]:
        taken, self.waiting = self.waiting, []
        return taken


@lru_cache(maxsize=_KEPT)
def _inserting(text: str, count: int) -> str:
    """The INSERT of one row as one of so many rows."""
    inserted = _INSERTED.fullmatch(text)
    assert inserted is not None, "it was one"
    head, row, tail = inserted.groups()
    return f"{head}{', '.join([row] * count)}{tail}"


def _run(db: Connection, way: str, asked: _Asked) -> Any:
    """Run a statement on the driver's connection, in the transaction of `db`."""
    if not db.in_transaction():
        db.begin()
    below = _below(db)
    text, runs = asked
    many = len(runs) > 1
    given: Any = runs if many else runs[0]
    # Past SQLAlchemy's execution, but not past those who listen to it. What waits goes out with
    # this one, not because of it.
    waiting, below.waiting = below.waiting, []
    for listener in db.dispatch.before_cursor_execute:
        text, given = listener(db, below.listened, text, given, None, many)
    below.waiting = waiting
    return _failing_as_ever(db, getattr(below, way), text, given if many else [given])


def _failing_as_ever(db: Connection, call: Callable[..., Any], text: str = "", *more: Any) -> Any:
    """What the call comes to, with the failures that SQLAlchemy would have raised."""
    try:
        return call(text, *more) if more else call()
    except db.dialect.loaded_dbapi.Error as failure:
        raise known(db, text, failure) from failure


def _below(db: Connection) -> Any:
    below = db.info.get(_BELOW)
    if below is None:
        driver: Any = db.connection.driver_connection
        if db.dialect.name == "postgresql":
            below = _OnPostgresql(PreparedRows(driver, prepares=db.info[PREPARES], raw=False))
        else:
            below = _OnSqlite(driver.cursor())
        db.info[_BELOW] = below
    return below


def _encoder(kind: TypeEngine[Any], dialect: Dialect) -> _Encode:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _decoder(kind: TypeEngine[Any], dialect: Dialect) -> _Encode:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def known(db: Connection, text: str, failure: Any) -> DBAPIError:
    """What SQLAlchemy would have raised, without the values, and with the connection given up."""
    lost = db.dialect.is_disconnect(failure, db.connection, None)
    if lost:
        db.invalidate(failure)
    made = DBAPIError.instance(
        text,
        None,
        failure,
        db.dialect.loaded_dbapi.Error,
        connection_invalidated=lost,
        dialect=db.dialect,
    )
    assert isinstance(made, DBAPIError)
    return made
