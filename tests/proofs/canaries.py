"""Values that must be found nowhere but where they were sent to (A6)."""

import json
import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any

import psycopg
import structlog
from sqlalchemy import Connection, Engine, event

from backoffice_api.settings import Settings
from backoffice_api.web import logs

CANARIES: Mapping[str, str] = {
    "password": "Canary-Horse-77",
    "token": "bo_CanaryCanaryCanaryCanaryCanary00",
    "card number": "4111 1111 1111 1111",
    "CPF": "529.982.247-25",
    "NIF": "508025125",
    "e-mail": "canary.bird@canary.example",
    "IBAN": "DE89370400440532013000",
    "TOTP seed": "JBSWY3DPEHPK3PXPCANARY",
}
ALL = " ".join(CANARIES.values())
# Could begin a line of the log of its own, if line ends were written as they are.
FORGED = f'{ALL}\r\n{{"event":"forged","level":"info"}}\n\x1b[2J\u2028'
# What stands in right inputs where any text would do.
PLAIN = "Canary-Horse-77"


def with_canaries(given: Any) -> Any:
    """Arguments with all canaries where any text would do."""
    match given:
        case dict():
            return {key: with_canaries(each) for key, each in given.items()}
        case list():
            return [with_canaries(each) for each in given]
        case _:
            return ALL if given == PLAIN else given


def spilled(log: str) -> Sequence[str]:
    """Where a log in JSON holds a canary, and the lines that one of them has made."""
    lines = log.splitlines()
    found = [
        f"{what}: {line[:200]}" for line in lines for what, each in CANARIES.items() if each in line
    ]
    return [*found, *(line for line in lines if json.loads(line)["event"] == "forged")]


@contextmanager
def listening() -> Iterator[StringIO]:
    """All that is logged at level debug, as it is written in production."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configured = structlog.get_config()
    said = StringIO()
    logs.configure(Settings(log_level="debug", log_format="json"), said)
    try:
        yield said
    finally:
        root.handlers, root.level = handlers, level
        structlog.configure(**configured)


@contextmanager
def breaking() -> Iterator[None]:
    """Let every database fail at whatever is written, for no reason that anybody knows.

    What SQLAlchemy says then has all values of the statement in it, and so has PostgreSQL's detail.
    """

    def fail(db: Connection, _: object, statement: str, parameters: Any, *rest: object) -> None:
        if statement.lstrip().startswith(("INSERT", "UPDATE")):
            kind = sqlite3 if db.dialect.name == "sqlite" else psycopg
            values = parameters.values() if isinstance(parameters, dict) else parameters
            shown = ", ".join(map(str, values))
            raise kind.InternalError(f"no\nDETAIL:  Failing row contains ({shown}).")

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", fail)
