"""Statements that go past psycopg's cursors."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.errors import (
    DivisionByZero,
    FeatureNotSupported,
    ReadOnlySqlTransaction,
    UndefinedTable,
)
from sqlalchemy import Connection, text

from backoffice_api.domain.kernel import prepared
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.prepared import PREPARES, PreparedRows
from backoffice_api.domain.kernel.trouble import Trouble, classify

MADE = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'backoffice%%'"


@pytest.fixture
def postgres(postgres_url: str, opens: Callable[..., Database]) -> Database:
    return opens(postgres_url, pool_size=1)


@pytest.fixture
def reading(postgres: Database) -> Iterator[Connection]:
    with postgres.reading.connect() as db:
        yield db


def rows_of(db: Connection) -> PreparedRows:
    driver: Any = db.connection.driver_connection
    return PreparedRows(driver, prepares=db.info[PREPARES])


class TestPreparedRows:
    def test_fills_the_places_in_their_order(self, reading: Connection) -> None:
        rows = rows_of(reading)
        asked = "SELECT %s::text, %s::bigint, %s::bool, '100 %%', %s::text"
        assert rows(asked, ["a", 2**40, True, None]) == [("a", 2**40, True, "100 %", None)]

    def test_gives_ids_as_bytes(self, reading: Connection) -> None:
        [(id,)] = rows_of(reading)("SELECT %s::uuid", ["0" * 31 + "f"])
        assert bytes(id) == bytes(15) + b"\x0f"

    def test_keeps_what_it_prepared_beyond_the_transaction(self, reading: Connection) -> None:
        rows = rows_of(reading)
        for number in range(3):
            assert rows("SELECT %s::int", [number]) == [(number,)]
            for _ in range(8):
                reading.execute(text("SELECT 1"))
            reading.rollback()
        assert rows(MADE, []) == [(2,)]

    def test_forgets_the_oldest(self, reading: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(prepared, "PREPARED_MAX", 2)
        rows = rows_of(reading)
        for number in (1, 2, 3, 1):
            assert rows(f"SELECT {number}", []) == [(number,)]
        assert rows(MADE, []) == [(2,)]

    def test_prepares_nothing_where_it_would_be_lost(
        self, postgres_url: str, opens: Callable[..., Database]
    ) -> None:
        with opens(postgres_url, prepared_statements=False).writing.connect() as db:
            rows = rows_of(db)
            assert rows("SELECT %s::int", [1]) == [(1,)]
            assert rows(MADE, []) == [(0,)]

    def test_reads_in_a_snapshot_that_cannot_write(self, reading: Connection) -> None:
        rows = rows_of(reading)
        assert rows("SHOW transaction_isolation", []) == [("repeatable read",)]
        with pytest.raises(ReadOnlySqlTransaction):
            rows("SELECT nextval('event_sequence')", [])

    def test_answers_several_in_their_order_and_one_snapshot(self, reading: Connection) -> None:
        rows = rows_of(reading)
        asked = [("SELECT %s::int, pg_current_snapshot()::text", [number]) for number in range(5)]
        for _ in range(2):  # first prepared, then known
            found = rows.together([*asked, ("SELECT 1 WHERE false", [])])
            assert [[row[0] for row in each] for each in found] == [[0], [1], [2], [3], [4], []]
            assert len({row[1] for each in found for row in each}) == 1
            reading.connection.rollback()

    def test_forgets_none_of_those_that_it_sends_together(
        self, reading: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(prepared, "PREPARED_MAX", 3)
        rows = rows_of(reading)
        for number in (1, 2, 3):
            rows(f"SELECT {number}", [])
        assert rows.together([("SELECT 1", []), ("SELECT 4", [])]) == [[(1,)], [(4,)]]
        assert rows(MADE, []) == [(3,)]

    def test_sends_more_than_it_keeps_in_one_snapshot(
        self, reading: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(prepared, "PREPARED_MAX", 3)
        rows = rows_of(reading)
        asked = [(f"SELECT {number}, txid_current_snapshot()::text", []) for number in range(8)]
        found = [row for (row,) in rows.together(asked)]
        assert [number for number, _ in found] == list(range(8))
        assert len({snapshot for _, snapshot in found}) == 1
        assert rows(MADE, []) == [(3,)]

    def test_is_good_for_more_after_one_of_several_has_failed(self, reading: Connection) -> None:
        rows = rows_of(reading)
        with pytest.raises(DivisionByZero):
            rows.together([("SELECT 1", []), ("SELECT 1 / %s::int", [0]), ("SELECT 2", [])])
        reading.connection.rollback()
        assert rows.together([("SELECT 3", []), ("SELECT 4", [])]) == [[(3,)], [(4,)]]

    def test_says_what_the_server_refused(self, reading: Connection) -> None:
        with pytest.raises(UndefinedTable):
            rows_of(reading)("SELECT 1 FROM nowhere", [])

    def test_says_that_the_server_is_gone(self, postgres: Database, reading: Connection) -> None:
        rows = rows_of(reading)
        [(pid,)] = rows("SELECT pg_backend_pid()", [])
        with postgres.writing.connect() as other:
            other.execute(text(f"SELECT pg_terminate_backend({pid}, 5000)"))
        with pytest.raises(psycopg.OperationalError):
            rows("SELECT 1", [])

    @pytest.mark.timeout(20)
    def test_says_that_the_server_goes_in_the_middle_of_several(self, reading: Connection) -> None:
        rows = rows_of(reading)
        ends = ("SELECT pg_terminate_backend(pg_backend_pid())", [])
        with pytest.raises(psycopg.OperationalError):
            rows.together([("SELECT 1", []), ends, ("SELECT 2", []), ("SELECT 3", [])])

    def test_prepares_anew_what_a_migration_has_changed(
        self, postgres: Database, reading: Connection
    ) -> None:
        rows = rows_of(reading)
        asked = ("SELECT name FROM api_tokens", [])
        assert rows.together([asked, asked]) == [[], []]
        reading.rollback()
        reading.connection.rollback()
        with postgres.writing.begin() as other:
            other.execute(text("ALTER TABLE api_tokens ALTER COLUMN name TYPE varchar(999)"))
        with pytest.raises(FeatureNotSupported) as failure:
            rows(*asked)
        assert classify(failure.value) is Trouble.RETRY
        reading.connection.rollback()
        assert rows(*asked) == []
