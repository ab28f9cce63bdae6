"""What a bounded caller sees: each table holds for him only those rows that he may see.

His statements are those of everybody. Before one runs, each table that it reads from is given a
name that stands for the rows within his reach (a common table expression of the same name). So
lists, counts, sums, links and lookups are narrowed in one place, and a row that is out of reach is
to him as one that does not exist. Statements of callers without bounds are not looked at.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event

from backoffice_api.domain.kernel.places import Conditions, Places, Words
from backoffice_api.domain.kernel.reach import EVERYWHERE, Reach
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller

_KEPT = 500
_TEXTS_KEPT = 2_000
_WITH = re.compile(r"\s*WITH(\s+RECURSIVE)?\s", re.IGNORECASE)
# What stands for a table cannot be locked; what is read so is compared by its version.
_LOCKS = re.compile(r"\s+FOR (UPDATE|SHARE)( OF [\w, ]+)?( SKIP LOCKED| NOWAIT)?\s*$")
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\s", re.IGNORECASE)


class View:
    """The world of one bounded caller: rewrites statements, each text once."""

    def __init__(self, conditions: Conditions, tables: re.Pattern[str]) -> None:
        self._conditions = conditions
        self._tables = tables
        self._texts: dict[str, str] = {}
        self._rows: dict[str, str | None] = {}

    def narrowed(self, text: str) -> str:
        """The same statement over what the caller sees. What only writes stays as it is.

        Raises:
            OutOfReach, NotToldApart: it reads a table that is closed to such a caller.
        """
        found = self._texts.get(text)
        if found is None:
            if len(self._texts) >= _TEXTS_KEPT:
                self._texts.clear()
            found = self._texts[text] = self._narrow(text)
        return found

    def _narrow(self, text: str) -> str:
        if _WRITES.match(text):
            return text
        names = dict.fromkeys(match[1] for match in self._tables.finditer(text))
        parts = [part for name in names if (part := self._part(name)) is not None]
        if not parts:
            return text
        joined, text = ", ".join(parts), _LOCKS.sub("", text)
        if begin := _WITH.match(text):
            return f"WITH{begin[1] or ''} {joined}, {text[begin.end() :]}"
        return f"WITH {joined} {text}"

    def _part(self, table: str) -> str | None:
        if table not in self._rows:
            condition = self._conditions.of(table, "_r0")
            self._rows[table] = condition and (
                f"{table} AS NOT MATERIALIZED (SELECT * FROM "  # noqa: S608  # nosec B608
                f"{self._conditions.words.table(table)} AS _r0 WHERE {condition})"
            )
        return self._rows[table]


class Sight:
    """Makes the views of callers from what is declared of all tables."""

    def __init__(self, places: Places, tables: Callable[[], frozenset[str]]) -> None:
        self._places = places
        self._names = tables

    @cached_property
    def _tables(self) -> re.Pattern[str]:
        """Where a statement reads from a table: its bare name, which is no label and no column."""
        names = "|".join(sorted(self._names(), key=lambda name: (-len(name), name)))
        return re.compile(rf"(?<![\w.'])(?<!AS )(?<!AS \")\"?\b({names})\b\"?(?![\w.'(])")

    def view(self, caller: Caller, db: Connection) -> View:
        """What the caller sees through this connection."""
        owner = (caller.actor.kind.value, caller.actor.id)
        return _view(self, caller.reach, caller.scopes, owner, *_dialect(db))

    def conditions(self, db: Connection, caller: Caller | None = None) -> Conditions:
        """What makes conditions in the words of the database, and of the bounds of a caller."""
        reach = EVERYWHERE if caller is None else caller.reach
        owner = ("", None) if caller is None else (caller.actor.kind.value, caller.actor.id)
        held: frozenset[Scope] = frozenset() if caller is None else caller.scopes
        words, bounds_of = Words(*_dialect(db)), dict(reach.bounded)
        return Conditions(self._places, words, bounds_of, owner, caller is None, held)

    def make(
        self,
        reach: Reach,
        held: frozenset[Scope],
        owner: tuple[str, UUID | None],
        schema: str,
        is_postgresql: bool,
    ) -> View:
        words, bounds_of = Words(schema, is_postgresql), dict(reach.bounded)
        conditions = Conditions(self._places, words, bounds_of, owner, held=held)
        return View(conditions, self._tables)


@lru_cache(maxsize=_KEPT)
def _view(sight: Sight, *key: Any) -> View:
    return sight.make(*key)


def _dialect(db: Connection) -> tuple[str, bool]:
    if db.dialect.name == "sqlite":
        return "main", False
    return db.dialect.default_schema_name or "public", True


@contextmanager
def seen_through(db: Connection, view: View) -> Iterator[Connection]:
    """Have what is read through the connection narrowed, until the block ends."""
    narrow = _narrowing(view)
    event.listen(db, "before_cursor_execute", narrow, retval=True)
    try:
        yield db
    finally:
        event.remove(db, "before_cursor_execute", narrow)


def _narrowing(view: View) -> Callable[..., tuple[str, Any]]:
    def narrow(
        _db: Connection, _cursor: Any, text: str, parameters: Any, _context: Any, _many: bool
    ) -> tuple[str, Any]:
        return view.narrowed(text), parameters

    return narrow
