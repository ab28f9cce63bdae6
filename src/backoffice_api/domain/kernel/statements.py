"""Statements as the drivers take them: compiled once, several sent together, rows as they come.

SQLAlchemy builds and compiles a statement when it is first needed; after that it goes straight to
the driver's connection, in SQLAlchemy's transaction.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import ARRAY, psycopg
from sqlalchemy.types import TypeEngine

from backoffice_api.domain.kernel.prepared import PREPARES, PreparedRows
from backoffice_api.domain.kernel.tables import Id

Raw = Any
Row = tuple[Raw, ...]
Asked = tuple[str, tuple[Any, ...]]
"""A statement in the driver's own words, and its parameters."""

_BELOW = "raw rows"
_ROOM_LEAST = 16

DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(json_deserializer=orjson.loads),
    "postgresql": psycopg.dialect(paramstyle="format"),  # type: ignore[no-untyped-call]
}


def encoder(kind: TypeEngine[Any], dialect: str) -> Callable[[Any], Any] | None:
    """What makes of a value what the driver takes for it. None: it takes it as it is."""
    of = DIALECTS[dialect]
    return kind.dialect_impl(of).bind_processor(of)


@dataclass(frozen=True, slots=True)
class _Given:
    """A parameter that gets its value when the statement is run."""

    name: str


class Statement:
    """A SELECT as the driver takes it: compiled once, its constants in the driver's form."""

    def __init__(self, statement: Select[Any], dialect: str) -> None:
        of = DIALECTS[dialect]
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
        encode = encoder(bind.type, dialect)
        return encode(value) if encode else value

    def asked(self, **given: Any) -> Asked:
        """It as the driver takes it, with these parameters."""
        if self._keys_at is None:
            return self._text, tuple(self._filled(given))
        keys = given["keys"]
        if self._spreads:
            room = _room(len(keys))
            at = self._keys_at
            parameters = self._filled(given)
            parameters[at : at + 1] = [*keys, *(keys[-1:] * (room - len(keys)))]
            return self._texts.get(room) or self._spread(room), tuple(parameters)
        listed = "{" + ",".join([key.hex() for key in keys]) + "}" if self._ids else list(keys)
        return self._text, tuple(self._filled({**given, "keys": listed}))

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


def _room(keys: int) -> int:
    """Room for so many keys: few sizes, so that few texts serve all, and at most a third too much.

    Each place that is not needed is filled and looked up like the others.
    """
    power = 1 << (keys - 1).bit_length()
    return power if power < _ROOM_LEAST or keys > power * 3 // 4 else power * 3 // 4


def _item(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.item_type if isinstance(kind, ARRAY) else kind


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Statements to be run, and what is made of the rows of each."""

    asked: Sequence[Asked]
    answer: Callable[[Sequence[list[Row]]], Any]


def together(db: Connection, *questions: Question) -> list[Any]:
    """What is read for each question; on PostgreSQL all are sent before any is waited for."""
    found = iter(run_all(db, [asked for each in questions for asked in each.asked]))
    return [each.answer(list(islice(found, len(each.asked)))) for each in questions]


def run(db: Connection, text: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
    """What a statement in the driver's own words selects, prepared once per connection."""
    (rows,) = run_all(db, [(text, parameters)])
    return rows


def run_all(db: Connection, asked: Sequence[Asked]) -> list[list[Row]]:
    """The same for several, on the driver's connection below `db`, in the transaction of `db`."""
    if not asked:
        return []
    if not db.in_transaction():
        db.begin()
    below = db.info.get(_BELOW)
    if below is None:
        below = db.info[_BELOW] = _below(db)
    # Past SQLAlchemy's execution, but not past those who listen to it: the clock on SQLite, and
    # what narrows a statement to the reach of its caller.
    heard: list[Asked] = []
    for text, parameters in asked:
        for listener in db.dispatch.before_cursor_execute:
            text, parameters = listener(db, below.listened, text, parameters, None, False)
        heard.append((text, parameters))
    rows: list[list[Row]] = below.together(heard)
    return rows


class _SqliteRows:
    """Runs statements on one connection of SQLite."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.listened = cursor

    def together(self, asked: Sequence[Asked]) -> list[list[Row]]:
        execute = self.listened.execute
        return [execute(text, parameters).fetchall() for text, parameters in asked]


def _below(db: Connection) -> _SqliteRows | PreparedRows:
    """What runs statements on the driver's connection; it is made once per connection."""
    driver: Any = db.connection.driver_connection
    if db.dialect.name == "postgresql":
        return PreparedRows(driver, prepares=db.info[PREPARES])
    return _SqliteRows(driver.cursor())
