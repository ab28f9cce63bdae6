"""Statements on libpq itself: prepared once per connection, answered in one call.

A cursor of psycopg asks for each execution in which types it was prepared, and waits for the
socket in Python. For the small statements of which answers and commands are made, that took as long
as the statement (bench/README.md, What was tuned).
"""

from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.types.string import ByteaBinaryLoader
from psycopg.waiting import wait

from backoffice_api.domain.kernel.trouble import is_outdated

# In the `info` of a connection to PostgreSQL: whether statements may be prepared on it for good.
PREPARES = "prepares"

# Each holds memory on the server; those used longest ago go first.
PREPARED_MAX = 200
_BINARY: Final = 1
# So long psycopg waits in one call of the system; with none given, it asks again and again.
_WAIT_S: Final = 1.0


class PreparedRows:
    """Runs statements on one connection of psycopg, and gives their rows as tuples.

    Where it is `raw`, ids come as 16 bytes, JSON as the bytes that the server sends. To be used by
    one thread at a time, as the connection itself. Unless it `prepares`, statements are parsed each
    time: behind PgBouncer. psycopg must prepare none of its own, since with each rollback it would
    have the server forget all there are.
    """

    def __init__(
        self, connection: psycopg.Connection[Any], *, prepares: bool, raw: bool = True
    ) -> None:
        self._connection = connection.pgconn
        cursor = connection.cursor(binary=True)
        for kind in ("uuid", "json", "jsonb") if raw else ():
            cursor.adapters.register_loader(kind, ByteaBinaryLoader)
        # What those are given who listen to statements: nothing runs on it.
        self.listened = cursor
        self._adapt = Transformer(cursor)
        self._begin = _begin(connection)
        self._prepares = prepares
        self._names: dict[str, bytes] = {}
        # Two of a connection, one of them raw, do not take the same names.
        self._name = b"backoffice_raw_%d" if raw else b"backoffice_%d"
        self._made = 0

    def __call__(self, text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of a SELECT with places `%s`, in the transaction that is open or is begun.

        Raises:
            psycopg.Error: the server refuses it, or is gone.
        """
        (rows,) = self.together([(text, parameters)])
        return rows

    def together(self, asked: Sequence[tuple[str, Sequence[Any]]]) -> list[list[tuple[Any, ...]]]:
        """The rows of several SELECTs, which are sent together: one wait for all of them.

        Raises:
            psycopg.Error: as above.
        """
        return [self._rows(result) for result in self._results(asked)]

    def written(self, asked: Sequence[tuple[str, Sequence[Any]]]) -> list[int]:
        """The same for statements that write: how many rows each of them wrote."""
        return [result.command_tuples or 0 for result in self._results(asked)]

    def _results(self, asked: Sequence[tuple[str, Sequence[Any]]]) -> Sequence[PGresult]:
        if len(asked) > PREPARED_MAX:
            # What is prepared for the first ones would be gone before they are sent.
            first = self._results(asked[:PREPARED_MAX])
            return [*first, *self._results(asked[PREPARED_MAX:])]
        for text, _ in asked:
            if text in self._names:
                self._names[text] = self._names.pop(text)
        sent = [(self._sendable(text), self._dumped(given)) for text, given in asked]
        begins = self._connection.transaction_status == TransactionStatus.IDLE
        if len(sent) == 1 and not begins:
            results = [self._answered(*sent[0])]
        else:
            results = self._piped(sent, begins=begins)
        for result in results:
            self._checked(result)
        return results[begins:]

    def _dumped(self, parameters: Sequence[Any]) -> Sequence[Any]:
        # As text, which the server reads as whatever type it wants at that place.
        return self._adapt.dump_sequence(parameters, [PyFormat.TEXT] * len(parameters))

    def _rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        self._adapt.set_pgresult(result)
        rows = self._adapt.load_rows(0, result.ntuples, tuple)
        self._adapt.set_pgresult(None)
        return rows

    def _sendable(self, text: str) -> bytes:
        """The name of what was prepared, or, where nothing is, the statement."""
        if self._prepares:
            return self._names.get(text) or self._prepare(text)
        return _numbered(text)

    def _answered(self, statement: bytes, given: Sequence[Any]) -> PGresult:
        if self._prepares:
            return self._connection.exec_prepared(statement, given, None, _BINARY)
        return self._connection.exec_params(statement, given, None, None, _BINARY)

    def _piped(
        self, sent: Sequence[tuple[bytes, Sequence[Any]]], *, begins: bool
    ) -> list[PGresult]:
        """One result each, and before these that of BEGIN: by the pipeline of libpq."""
        connection, is_answered = self._connection, False
        connection.enter_pipeline_mode()
        try:
            if begins:
                connection.send_query_params(self._begin, None)
            for statement, given in sent:
                if self._prepares:
                    connection.send_query_prepared(statement, given, None, _BINARY)
                else:
                    connection.send_query_params(statement, given, None, None, _BINARY)
            connection.pipeline_sync()
            wait(send(connection), connection.socket, _WAIT_S)
            # After a failure the others come, too, as not run; what comes last is the sync.
            found = [
                wait(fetch_many(connection), connection.socket, _WAIT_S)[0]
                for _ in range(begins + len(sent) + 1)
            ]
            connection.exit_pipeline_mode()
            is_answered = True
        finally:
            if not is_answered:
                # Nobody knows what it would answer next.
                connection.finish()
        return found[:-1]

    def _prepare(self, text: str) -> bytes:
        if len(self._names) >= PREPARED_MAX:
            oldest = next(iter(self._names))
            self._checked(self._connection.exec_(b"DEALLOCATE " + self._names.pop(oldest)))
        self._made += 1
        name = self._name % self._made
        self._checked(self._connection.prepare(name, _numbered(text)))
        self._names[text] = name
        return name

    def _checked(self, result: PGresult) -> None:
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return
        if self._connection.status == ConnStatus.BAD:
            message = self._connection.get_error_message()
            raise psycopg.OperationalError(f"the connection is lost: {message}")
        failure = error_from_result(result)
        if is_outdated(failure):
            self._names.clear()  # they would fail for as long as the connection lives
        raise failure


def _numbered(text: str) -> bytes:
    """The statement with `$1`, `$2` for its places."""
    first, *rest = text.split("%s")
    numbered = first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1))
    return numbered.replace("%%", "%").encode()


def _begin(connection: psycopg.Connection[Any]) -> bytes:
    """What psycopg sends before the first statement of a transaction of this connection."""
    words = ["BEGIN"]
    if connection.isolation_level is not None:
        level = connection.isolation_level.name.replace("_", " ")
        words.append(f"ISOLATION LEVEL {level}")
    if connection.read_only:
        words.append("READ ONLY")
    return " ".join(words).encode()
