"""The server with a counter: which statements it sends to the database.

Only `bench` runs it, apart from the server whose speed is measured. It is asked one thing at a
time, so what was sent between two looks belongs to what was asked in between:
`GET /bench/statements` answers them as a list, and forgets them.

The drivers are watched, not SQLAlchemy, so that nothing goes past; so is what goes past psycopg's
cursors. BEGIN and COMMIT are left out, which are sent along with others.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

import orjson
import psycopg
from sqlalchemy import Engine, event
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice_api import app
from backoffice_api.domain.kernel.made import COMMIT
from backoffice_api.domain.kernel.prepared import PreparedRows

PATH = "/bench/statements"

_seen: list[str] = []


def from_environment() -> ASGIApp:
    """The application as `backoffice serve` makes it, with the counter around it."""
    event.listen(Engine, "do_connect", _watch_sqlite)
    for name in ("execute", "executemany"):
        setattr(psycopg.Cursor, name, _watched(getattr(psycopg.Cursor, name)))
    for name in ("together", "written"):
        setattr(PreparedRows, name, _all_watched(getattr(PreparedRows, name)))
    served = app.from_environment()

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await served(scope, receive, send)
            return
        answer = Response(orjson.dumps(_seen), media_type="application/json")
        _seen.clear()
        await answer(scope, receive, send)

    return counted


def _watched(method: Callable[..., Any]) -> Callable[..., Any]:
    def noted(cursor: Any, statement: Any, *rest: Any, **options: Any) -> Any:
        text = statement if isinstance(statement, str) else repr(statement)
        if not text.startswith("BEGIN"):
            _seen.append(text)
        return method(cursor, statement, *rest, **options)

    return noted


def _all_watched(method: Callable[..., Any]) -> Callable[..., Any]:
    def noted(rows: Any, asked: Any) -> Any:
        _seen.extend(text for text, _ in asked if text != COMMIT)
        return method(rows, asked)

    return noted


class _SqliteCursor(sqlite3.Cursor):
    execute = _watched(sqlite3.Cursor.execute)
    executemany = _watched(sqlite3.Cursor.executemany)


def _watch_sqlite(
    dialect: Any, _record: object, _positional: object, options: dict[str, Any]
) -> None:
    """Let the connection that is about to be made hand out cursors that are watched."""
    if dialect.name != "sqlite":
        return
    base = options["factory"]
    make = {"cursor": lambda connection, factory=_SqliteCursor: base.cursor(connection, factory)}
    options["factory"] = type("_WatchedConnection", (base,), make)
