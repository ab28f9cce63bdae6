"""Statements that are made once and run for as long as the process lives.

SQLAlchemy finds out at each execution what it has to do with a statement: how it is compiled,
how values are handed over, what a result looks like. Where the statement is the same object each
time, all of that is known after the first. Here it is kept, and the driver's cursor is run itself:
a third of what a command costs its process is saved (bench/README.md, What writing costs).

What is made for one question only goes through `Connection.execute`, as ever.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any

from psycopg import RawCursor
from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
_Encode = Callable[[Any], Any] | None

_KEPT = 4_000
_CURSOR = "made statements"
# Rows that go out together in one INSERT on PostgreSQL; more of them go one after another.
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
    made = _made(statement, tuple(rows[0]), db.dialect)
    text = made.text if len(rows) == 1 else made.together(len(rows))
    if text is None:
        cursor = made.run(db, made.text, [made.bound(each) for each in rows], many=True)
    else:
        given = tuple([value for each in rows for value in made.bound(each)])
        cursor = made.run(db, text, given)
    written: int = cursor.rowcount
    return written


def read(db: Connection, statement: Executable, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a SELECT, with the values that its columns stand for.

    Where it has `in_(bindparam(name, expanding=True))`, any number of values is given for `name`.

    Raises:
        DBAPIError: as `Connection.execute`.
    """
    made = _made(statement, tuple(values), db.dialect)
    text, given = made.spread(values) if made.lists else (made.text, made.bound(values))
    return made.decoded(made.run(db, text, given).fetchall())


@lru_cache(maxsize=_KEPT)
def _made(statement: Executable, names: tuple[str, ...], dialect: Dialect) -> "_Made":
    return _Made(statement, names, dialect)


class _Made:
    """A statement as a driver takes it, and what becomes of the values on their way."""

    def __init__(self, statement: Executable, names: tuple[str, ...], dialect: Dialect) -> None:
        compiled: Any = statement.compile(  # type: ignore[attr-defined]
            dialect=_LANGUAGES[dialect.name], column_keys=list(names), for_executemany=True
        )
        self._is_numbered = dialect.name == "postgresql"
        self._place = "%s" if self._is_numbered else "?"
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
        self._unfinished = self._with_places(str(compiled), fixed)
        # A list of none is one that is NULL: it finds nothing, where NOT IN would have to find all.
        assert "NOT IN (__[POSTCOMPILE" not in self._unfinished, "lists can only be looked in"
        self.text = self._finished(self._unfinished)
        self.lists = tuple(dict.fromkeys(_LIST.findall(self._unfinished)))
        self._inserted = _INSERTED.fullmatch(self._unfinished) if self._is_numbered else None
        self._texts: dict[Hashable, str] = {}
        self._decoders = [
            (at, decode)
            for at, column in enumerate(compiled._result_columns)
            if (decode := _decoder(column.type, dialect)) is not None
        ]

    def bound(self, values: Values) -> tuple[Any, ...]:
        """The values in the order of their places, as the driver takes them."""
        if self._constants:
            values = {**self._constants, **values}
        return tuple(
            [encode(values[name]) if encode else values[name] for name, encode in self._places]
        )

    def together(self, count: int) -> str | None:
        """The text that inserts so many rows at once. None: they are to be written one by one."""
        if self._inserted is None or count > _TOGETHER_MAX:
            return None
        text = self._texts.get(count)
        if text is None:
            head, row, tail = self._inserted.groups()
            text = self._finished(f"{head}{', '.join([row] * count)}{tail}")
            self._texts[count] = text
        return text

    def spread(self, values: Values) -> tuple[str, tuple[Any, ...]]:
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
        return self._texts.get(tuple(rooms.values())) or self._with_rooms(rooms), tuple(given)

    def _with_rooms(self, rooms: Mapping[str, int]) -> str:
        text = self._finished(self._with_places(self._unfinished, rooms))
        self._texts[tuple(rooms.values())] = text
        return text

    def _with_places(self, text: str, rooms: Mapping[str, int]) -> str:
        """The text with so many places in the lists of these names, and others left as they are."""

        def places(found: re.Match[str]) -> str:
            room = rooms.get(found["name"])
            return found[0] if room is None else ", ".join([self._place] * room)

        return _LIST.sub(places, text)

    def _finished(self, text: str) -> str:
        """The text as the driver takes it: PostgreSQL's places are `$1`, `$2`."""
        if not self._is_numbered:
            return text
        first, *rest = text.split("%s")
        numbered = first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1))
        return numbered.replace("%%", "%")

    def run(self, db: Connection, text: str, given: Any, *, many: bool = False) -> Any:
        """The driver's cursor, in the transaction of `db`, after it ran the statement."""
        if not db.in_transaction():
            db.begin()
        cursor = db.info.get(_CURSOR)
        if cursor is None:
            cursor = db.info[_CURSOR] = _cursor(db)
        # Past SQLAlchemy's execution, but not past those who listen to it.
        for listener in db.dispatch.before_cursor_execute:
            text, given = listener(db, cursor, text, given, None, many)
        try:
            (cursor.executemany if many else cursor.execute)(text, given)
        except db.dialect.loaded_dbapi.Error as failure:
            raise _known(db, text, failure) from failure
        return cursor

    def decoded(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
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


def _cursor(db: Connection) -> Any:
    """A cursor of the driver that takes texts as they are."""
    driver: Any = db.connection.driver_connection
    return RawCursor(driver) if db.dialect.name == "postgresql" else driver.cursor()


def _encoder(kind: TypeEngine[Any], dialect: Dialect) -> _Encode:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _decoder(kind: TypeEngine[Any], dialect: Dialect) -> _Encode:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _known(db: Connection, text: str, failure: Any) -> DBAPIError:
    """What SQLAlchemy would have raised, without the values, and with the connection given up."""
    lost = db.dialect.is_disconnect(failure, db.connection, None)
    if lost:
        db.invalidate(failure)
    known = DBAPIError.instance(
        text,
        None,
        failure,
        db.dialect.loaded_dbapi.Error,
        connection_invalidated=lost,
        dialect=db.dialect,
    )
    assert isinstance(known, DBAPIError)
    return known
