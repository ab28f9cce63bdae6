"""The two doors, on both databases: what they refuse, what they survive."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backoffice_api.domain.kernel.database import (
    Database,
    DatabaseUrlError,
    Synchronous,
    open_database,
)
from backoffice_api.domain.kernel.trouble import Trouble, classify
from tests.databases import Copies

# Work without end, as far as a test is concerned.
_SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000000)"
    " SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


@pytest.fixture
def counter(empty_database_url: str) -> str:
    """URL of a database with one number, 0, in table `counter`."""
    database = open_database(empty_database_url)
    with database.writing.begin() as db:
        db.execute(text("CREATE TABLE counter (id integer PRIMARY KEY, n integer NOT NULL)"))
        db.execute(text("INSERT INTO counter VALUES (1, 0)"))
    database.dispose()
    return empty_database_url


@pytest.fixture
def opened(counter: str) -> Iterator[Database]:
    database = open_database(counter)
    yield database
    database.dispose()


def count(db: Connection) -> int:
    number: int = db.execute(text("SELECT n FROM counter")).scalar_one()
    return number


def add_one(engine: Engine) -> None:
    with engine.begin() as db:
        number = count(db)
        db.execute(text("UPDATE counter SET n = :n"), {"n": number + 1})


class TestOpenDatabase:
    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:"])
    def test_refuses_a_database_in_memory(self, url: str) -> None:
        with pytest.raises(DatabaseUrlError, match="in memory cannot be shared"):
            open_database(url)

    @pytest.mark.parametrize("url", ["mysql://root:geheim@host/shop", "postgresql+asyncpg://x/y"])
    def test_refuses_another_kind_of_database(self, url: str) -> None:
        with pytest.raises(DatabaseUrlError, match="is not supported: use") as refusal:
            open_database(url)

        assert "geheim" not in str(refusal.value)

    def test_refuses_what_is_no_url_without_repeating_it(self) -> None:
        with pytest.raises(DatabaseUrlError, match="cannot be read") as refusal:
            open_database("postgresql//root:geheim@host")

        assert "geheim" not in str(refusal.value)

    def test_refuses_options_on_an_sqlite_url(self) -> None:
        with pytest.raises(DatabaseUrlError, match="names a file and nothing else"):
            open_database("sqlite:///shop.db?mode=ro")

    def test_refuses_a_replica_of_sqlite(self, tmp_path: Path) -> None:
        with pytest.raises(DatabaseUrlError, match="no replicas"):
            open_database(f"sqlite:///{tmp_path}/a.db", reading_url=f"sqlite:///{tmp_path}/b.db")

    def test_refuses_a_replica_of_another_kind(self, tmp_path: Path) -> None:
        with pytest.raises(DatabaseUrlError, match="must name a PostgreSQL database"):
            open_database("postgresql://host/shop", reading_url=f"sqlite:///{tmp_path}/b.db")

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_reads_every_spelling_of_postgresql(self, scheme: str) -> None:
        database = open_database(f"{scheme}://me@host/shop", reading_url=f"{scheme}://me@copy/shop")

        assert database.dialect == "postgresql"
        assert str(database.writing.url) == "postgresql+psycopg://me@host/shop"
        assert str(database.reading.url) == "postgresql+psycopg://me@copy/shop"

    def test_makes_the_folder_of_an_sqlite_file(self, tmp_path: Path) -> None:
        database = open_database(f"sqlite:///{tmp_path}/var/lib/shop.db")

        with database.writing.begin() as db:
            db.execute(text("CREATE TABLE t (id integer)"))
        database.dispose()

        assert (tmp_path / "var/lib/shop.db").exists()

    @pytest.mark.parametrize(("asked", "level"), [("FULL", 2), ("NORMAL", 1)])
    def test_writes_sqlite_as_safely_as_asked(
        self, tmp_path: Path, asked: Synchronous, level: int
    ) -> None:
        database = open_database(f"sqlite:///{tmp_path}/shop.db", sqlite_synchronous=asked)

        with database.writing.connect() as db:
            assert db.exec_driver_sql("PRAGMA synchronous").scalar() == level
            assert db.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        database.dispose()


class TestReading:
    def test_cannot_write(self, opened: Database) -> None:
        with opened.reading.connect() as db, pytest.raises(DBAPIError, match="read-?only"):
            db.execute(text("UPDATE counter SET n = 1"))

        with opened.reading.connect() as db:
            assert count(db) == 0

    def test_cannot_write_by_changing_its_mind(self, postgres_url: str) -> None:
        database = open_database(postgres_url)

        with database.reading.connect() as db:
            db.execute(text("SELECT 1"))
            with pytest.raises(DBAPIError, match="read-write mode must be set before"):
                db.execute(text("SET TRANSACTION READ WRITE"))
        database.dispose()

    def test_sees_one_snapshot_while_others_write(self, opened: Database) -> None:
        with opened.reading.connect() as db:
            before = count(db)
            add_one(opened.writing)
            meanwhile = count(db)
        with opened.reading.connect() as db:
            after = count(db)

        assert (before, meanwhile, after) == (0, 0, 1)

    def test_goes_on_while_somebody_writes(self, opened: Database) -> None:
        with opened.writing.begin() as writing, opened.reading.connect() as db:
            writing.execute(text("UPDATE counter SET n = 1"))

            assert count(db) == 0

    def test_serves_connections_to_any_thread(self, opened: Database) -> None:
        def read(_number: int) -> int:
            with opened.reading.connect() as db:
                return count(db)

        with ThreadPoolExecutor(16) as threads:
            counts = list(threads.map(read, range(200)))

        assert counts == [0] * 200


class TestWriting:
    def test_lets_a_hundred_at_once_through(self, counter: str) -> None:
        database = open_database(counter, lock_timeout_s=30, pool_timeout_s=30)

        def add(_number: int) -> None:
            with database.writing.begin() as db:
                db.execute(text("UPDATE counter SET n = n + 1"))

        with ThreadPoolExecutor(100) as threads:
            list(threads.map(add, range(100)))

        with database.reading.connect() as db:
            assert count(db) == 100
        database.dispose()

    def test_lets_a_hundred_connections_to_sqlite_through(self, sqlite_copies: Copies) -> None:
        # Each reads before it writes, with a connection of its own, as processes would.
        url = sqlite_copies.empty()
        databases = [open_database(url, lock_timeout_s=60) for _ in range(100)]
        with databases[0].writing.begin() as db:
            db.execute(text("CREATE TABLE counter (id integer PRIMARY KEY, n integer)"))
            db.execute(text("INSERT INTO counter VALUES (1, 0)"))

        with ThreadPoolExecutor(100) as threads:
            list(threads.map(add_one, [each.writing for each in databases]))

        with databases[0].reading.connect() as db:
            assert count(db) == 100
        for database in databases:
            database.dispose()
        sqlite_copies.drop(url)

    def test_keeps_what_was_not_committed_to_itself(self, opened: Database) -> None:
        with opened.writing.connect() as db:
            db.execute(text("UPDATE counter SET n = 1"))

        with opened.reading.connect() as db:
            assert count(db) == 0

    def test_is_bound_by_foreign_keys(self, opened: Database) -> None:
        with opened.writing.begin() as db:
            db.execute(text("CREATE TABLE t (id integer REFERENCES counter (id))"))

        with pytest.raises(IntegrityError) as failure, opened.writing.begin() as db:
            db.execute(text("INSERT INTO t VALUES (2)"))

        assert classify(failure.value) is None


class TestLimits:
    """Every wait has an end, and at the end stands a trouble that the caller understands."""

    def test_a_statement_ends(self, counter: str) -> None:
        database = open_database(counter, statement_timeout_s=0.05)

        for engine in (database.reading, database.writing):
            with engine.connect() as db, pytest.raises(OperationalError) as failure:
                db.execute(text(_SLOW[database.dialect])).all()
            assert classify(failure.value) is Trouble.UNAVAILABLE

        add_one(database.writing)
        database.dispose()

    def test_a_statement_has_the_whole_time_to_itself(self, sqlite_url: str) -> None:
        database = open_database(sqlite_url, statement_timeout_s=0.2)
        clock = text(_SLOW["sqlite"].replace("1000000000", "300000"))

        with database.reading.connect() as db:
            for _ in range(12):
                db.execute(clock).all()
        database.dispose()

    def test_waiting_for_a_lock_ends(self, counter: str) -> None:
        database = open_database(counter, lock_timeout_s=0.05)
        other = open_database(counter)

        with other.writing.begin() as held:
            held.execute(text("UPDATE counter SET n = 1"))
            with pytest.raises(OperationalError) as failure:
                add_one(database.writing)
        assert classify(failure.value) is Trouble.RETRY

        add_one(database.writing)
        database.dispose()
        other.dispose()

    def test_waiting_for_a_connection_ends(self, counter: str) -> None:
        database = open_database(counter, pool_size=1, pool_timeout_s=0.05)

        for engine in (database.reading, database.writing):
            with engine.connect(), pytest.raises(PoolTimeout) as failure:
                engine.connect()
            assert classify(failure.value) is Trouble.UNAVAILABLE
        database.dispose()
