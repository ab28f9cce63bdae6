"""What a failure of the database means for whoever asked."""

import sqlite3
from enum import Enum, auto

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Trouble(Enum):
    """A failure that is nobody's fault. Failures without a trouble are bugs or broken rules."""

    RETRY = auto()
    """Nothing was changed, since others were in the way: the same transaction may be run again."""
    LOCKED = auto()
    """Nothing was changed. Others held a lock for as long as one waits for it: ask again later."""
    UNAVAILABLE = auto()
    """The database cannot answer now. Whether a COMMIT under way took place is not known."""


# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL_RETRY = frozenset(
    {
        "40001",  # serialization failure
        "40P01",  # deadlock
    }
)
_POSTGRESQL_LOCKED = "55P03"  # not available within lock_timeout
_POSTGRESQL_UNAVAILABLE = frozenset(
    {
        "25006",  # read-only: a primary that has become a standby
        "25P03",  # idle in transaction for too long
        "25P04",  # transaction_timeout
        "40003",  # statement completion unknown
        "57014",  # statement_timeout
        "57P01",  # shut down
        "57P02",  # crashed
        "57P03",  # starting or stopping
        "57P05",  # idle for too long
        "58030",  # input or output failed
    }
)
_POSTGRESQL_UNAVAILABLE_CLASSES = (
    "08",  # connection
    "53",  # disk full, out of memory, too many connections
)

# https://sqlite.org/rescode.html; the lowest byte of an extended code is the primary one.
# SQLITE_BUSY as it is says that the time to wait is over; its extended codes come at once.
_SQLITE_RETRY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,  # the statement's time was over
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


def classify(exception: BaseException) -> Trouble | None:
    """The trouble behind an exception of SQLAlchemy, sqlite3 or psycopg; None when there is none.

    None means that asking again will not help: a broken constraint, a malformed statement, or
    something that does not come from the database at all.
    """
    if isinstance(exception, PoolTimeout):
        return Trouble.UNAVAILABLE
    if isinstance(exception, DBAPIError):
        if exception.connection_invalidated:
            return Trouble.UNAVAILABLE
        return classify(exception.orig) if exception.orig is not None else None
    if isinstance(exception, sqlite3.Error):
        return _sqlite(exception)
    if isinstance(exception, psycopg.Error):
        return _postgresql(exception)
    return None


def _sqlite(exception: sqlite3.Error) -> Trouble | None:
    # Errors that the driver finds by itself carry no code.
    extended: int = getattr(exception, "sqlite_errorcode", sqlite3.SQLITE_OK)
    if extended == sqlite3.SQLITE_BUSY:
        return Trouble.LOCKED
    code = extended & 0xFF
    if code in _SQLITE_RETRY:
        return Trouble.RETRY
    return Trouble.UNAVAILABLE if code in _SQLITE_UNAVAILABLE else None


def _postgresql(exception: psycopg.Error) -> Trouble | None:
    state = exception.sqlstate
    if state is None:
        # Without a code the server has not spoken: refused, lost, or too late.
        return Trouble.UNAVAILABLE if isinstance(exception, psycopg.OperationalError) else None
    if state in _POSTGRESQL_RETRY or is_outdated(exception):
        return Trouble.RETRY
    if state == _POSTGRESQL_LOCKED:
        return Trouble.LOCKED
    if state in _POSTGRESQL_UNAVAILABLE or state.startswith(_POSTGRESQL_UNAVAILABLE_CLASSES):
        return Trouble.UNAVAILABLE
    return None


def is_outdated(exception: psycopg.Error) -> bool:
    """Whether a migration has changed the types of what was prepared before it."""
    # The code says no more than that something is not supported, the text depends on the language.
    return (
        isinstance(exception, psycopg.errors.FeatureNotSupported)
        and exception.diag.source_function == "RevalidateCachedQuery"
    )
