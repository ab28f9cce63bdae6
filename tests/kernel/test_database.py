"""The two doors, on both databases: what they refuse, what they survive."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import JSON, Column, Connection, Engine, MetaData, Table, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backoffice_api.domain.kernel import database as kernel_database
from backoffice_api.domain.kernel import made
from backoffice_api.domain.kernel.database import Database, DatabaseUrlError, Synchronous
from backoffice_api.domain.kernel.trouble import Trouble, classify
from tests.databases import Copies
from tests.postgres import Server, new_server
from tests.run import Run

Opens = Callable[..., Database]

# Work without end, as far as a test is concerned.
_SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000000)"
    " SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


@pytest.fixture
def counter(empty_database_url: str, opens: Opens) -> str:
    """URL of a database with one number, 0, in table `counter`."""
    with opens(empty_database_url).writing.begin() as db:
        db.execute(text("CREATE TABLE counter (id integer PRIMARY KEY, n integer NOT NULL)"))
        db.execute(text("INSERT INTO counter VALUES (1, 0)"))
    return empty_database_url


@pytest.fixture
def opened(counter: str, opens: Opens) -> Database:
    return opens(counter)


def count(db: Connection) -> int:
    number: int = db.execute(text("SELECT n FROM counter")).scalar_one()
    return number


def add_one(engine: Engine) -> None:
    with engine.begin() as db:
        number = count(db)
        db.execute(text("UPDATE counter SET n = :n"), {"n": number + 1})


class TestOpenDatabase:
    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:"])
    def test_refuses_a_database_in_memory(self, url: str, opens: Opens) -> None:
        with pytest.raises(DatabaseUrlError, match="in memory cannot be shared"):
            opens(url)

    @pytest.mark.parametrize("url", ["mysql://root:geheim@host/shop", "postgresql+asyncpg://x/y"])
    def test_refuses_another_kind_of_database(self, url: str, opens: Opens) -> None:
        with pytest.raises(DatabaseUrlError, match="is not supported: use") as refusal:
            opens(url)

        assert "geheim" not in str(refusal.value)

    def test_refuses_what_is_no_url_without_repeating_it(self, opens: Opens) -> None:
        with pytest.raises(DatabaseUrlError, match="cannot be read") as refusal:
            opens("postgresql//root:geheim@host")

        assert "geheim" not in str(refusal.value)

    def test_refuses_options_on_an_sqlite_url(self, opens: Opens) -> None:
        with pytest.raises(DatabaseUrlError, match="names a file and nothing else"):
            opens("sqlite:///shop.db?mode=ro")

    def test_refuses_a_replica_of_sqlite(self, tmp_path: Path, opens: Opens) -> None:
        with pytest.raises(DatabaseUrlError, match="no replicas"):
            opens(f"sqlite:///{tmp_path}/a.db", reading_url=f"sqlite:///{tmp_path}/b.db")

    def test_refuses_a_replica_of_another_kind(self, tmp_path: Path, opens: Opens) -> None:
        with pytest.raises(DatabaseUrlError, match="must name a PostgreSQL database"):
            opens("postgresql://host/shop", reading_url=f"sqlite:///{tmp_path}/b.db")

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_reads_every_spelling_of_postgresql(self, scheme: str, opens: Opens) -> None:
        database = opens(f"{scheme}://me@host/shop", reading_url=f"{scheme}://me@copy/shop")

        assert database.dialect == "postgresql"
        assert str(database.writing.url) == "postgresql+psycopg://me@host/shop"
        assert str(database.reading.url) == "postgresql+psycopg://me@copy/shop"

    def test_makes_the_folder_of_an_sqlite_file(self, tmp_path: Path, opens: Opens) -> None:
        database = opens(f"sqlite:///{tmp_path}/var/lib/shop.db")

        with database.writing.begin() as db:
            db.execute(text("CREATE TABLE t (id integer)"))

        assert (tmp_path / "var/lib/shop.db").exists()

    @pytest.mark.parametrize(("asked", "level"), [("FULL", 2), ("NORMAL", 1)])
    def test_writes_sqlite_as_safely_as_asked(
        self, tmp_path: Path, asked: Synchronous, level: int, opens: Opens
    ) -> None:
        database = opens(f"sqlite:///{tmp_path}/shop.db", sqlite_synchronous=asked)

        with database.writing.connect() as db:
            assert db.exec_driver_sql("PRAGMA synchronous").scalar() == level
            assert db.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


class TestReading:
    def test_cannot_write(self, opened: Database) -> None:
        with opened.reading.connect() as db, pytest.raises(DBAPIError, match=r"read-?only"):
            db.execute(text("UPDATE counter SET n = 1"))

        with opened.reading.connect() as db:
            assert count(db) == 0

    def test_cannot_write_by_changing_its_mind(self, postgres_url: str, opens: Opens) -> None:
        database = opens(postgres_url)

        with database.reading.connect() as db:
            db.execute(text("SELECT 1"))
            with pytest.raises(DBAPIError, match="read-write mode must be set before"):
                db.execute(text("SET TRANSACTION READ WRITE"))

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
    def test_lets_a_hundred_at_once_through(self, counter: str, opens: Opens) -> None:
        database = opens(counter, lock_timeout_s=30, pool_timeout_s=30)

        def add(_number: int) -> None:
            with database.writing.begin() as db:
                db.execute(text("UPDATE counter SET n = n + 1"))

        with ThreadPoolExecutor(100) as threads:
            list(threads.map(add, range(100)))

        with database.reading.connect() as db:
            assert count(db) == 100

    def test_lets_a_hundred_connections_to_sqlite_through(
        self, sqlite_copies: Copies, opens: Opens
    ) -> None:
        # Each reads before it writes, with a connection of its own, as processes would.
        url = sqlite_copies.empty()
        databases = [opens(url, lock_timeout_s=60) for _ in range(100)]
        with databases[0].writing.begin() as db:
            db.execute(text("CREATE TABLE counter (id integer PRIMARY KEY, n integer)"))
            db.execute(text("INSERT INTO counter VALUES (1, 0)"))

        with ThreadPoolExecutor(100) as threads:
            list(threads.map(add_one, [each.writing for each in databases]))

        with databases[0].reading.connect() as db:
            assert count(db) == 100
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

    def test_a_statement_ends(self, counter: str, opens: Opens) -> None:
        database = opens(counter, statement_timeout_s=0.05)

        for engine in (database.reading, database.writing):
            with engine.connect() as db, pytest.raises(OperationalError) as failure:
                db.execute(text(_SLOW[database.dialect])).all()
            assert classify(failure.value) is Trouble.UNAVAILABLE

        add_one(database.writing)

    def test_a_statement_has_the_whole_time_to_itself(
        self, sqlite_url: str, opens: Opens, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now_s = 0.0
        monkeypatch.setattr(kernel_database, "monotonic", lambda: now_s)
        database = opens(sqlite_url, statement_timeout_s=0.5)
        # Long enough for the hour to be looked at meanwhile.
        counting = text(_SLOW["sqlite"].replace("1000000000", "30000"))

        with database.reading.connect() as db:
            for _ in range(3):
                db.execute(counting).all()
                now_s += 0.4

    def test_waiting_for_a_lock_ends(self, counter: str, opens: Opens) -> None:
        database = opens(counter, lock_timeout_s=0.05)
        other = opens(counter)

        with other.writing.begin() as held:
            held.execute(text("UPDATE counter SET n = 1"))
            with pytest.raises(OperationalError) as failure:
                add_one(database.writing)
        assert classify(failure.value) is Trouble.LOCKED

        add_one(database.writing)

    def test_waiting_for_a_connection_ends(self, counter: str, opens: Opens) -> None:
        database = opens(counter, pool_size=1, pool_timeout_s=0.05)

        for engine in (database.reading, database.writing):
            with engine.connect(), pytest.raises(PoolTimeout) as failure:
                engine.connect()
            assert classify(failure.value) is Trouble.UNAVAILABLE

    def test_connecting_ends(self, opens: Opens) -> None:
        database = opens("postgresql://me@127.0.0.1:1/shop")

        with pytest.raises(OperationalError) as failure:
            database.reading.connect()

        assert classify(failure.value) is Trouble.UNAVAILABLE

    def test_a_full_disk_stops_writing_and_not_reading(self, sqlite_url: str, opens: Opens) -> None:
        database = opens(sqlite_url)
        with database.writing.begin() as db:
            db.execute(text("CREATE TABLE t (content blob)"))
            pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
            db.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")

        with pytest.raises(OperationalError) as failure, database.writing.begin() as db:
            db.execute(text("INSERT INTO t VALUES (zeroblob(100000))"))
        assert classify(failure.value) is Trouble.UNAVAILABLE

        with database.reading.connect() as db:
            assert db.execute(text("SELECT count(*) FROM t")).scalar() == 0


@pytest.fixture(scope="module")
def server(test_run: Run) -> Iterator[Server]:
    """A server that nobody else minds losing."""
    folder = test_run.folder / f"restarted-{os.getpid()}"
    server = new_server(folder, test_run.lifeline)
    yield server
    server.kill()
    shutil.rmtree(folder)


class TestRestart:
    """A PostgreSQL server that goes away and comes back."""

    def test_is_survived_by_both_doors(self, server: Server, opens: Opens) -> None:
        database = opens(server.url)
        with database.writing.begin() as db:
            db.execute(text("CREATE TABLE counter AS SELECT 0 AS n"))
        with database.reading.connect() as db, database.reading.connect() as another:
            assert (count(db), count(another)) == (0, 0)

        with database.writing.connect() as db:
            assert count(db) == 0
            server.kill()
            with pytest.raises(OperationalError) as used:
                count(db)
        with pytest.raises(OperationalError) as new:
            add_one(database.writing)
        server.start()
        add_one(database.writing)
        with database.reading.connect() as db, database.reading.connect() as another:
            after = count(db), count(another)

        assert classify(used.value) is Trouble.UNAVAILABLE
        assert classify(new.value) is Trouble.UNAVAILABLE
        assert after == (1, 1)

    def test_is_not_suspected_when_there_is_a_notice(self, server: Server, opens: Opens) -> None:
        database = opens(server.url)
        pid = text("SELECT pg_backend_pid()")
        with database.writing.connect() as db:
            before = db.scalar(pid)
            db.exec_driver_sql("LISTEN news")
            db.commit()
            with psycopg.connect(server.url, autocommit=True) as other:
                other.execute("NOTIFY news")

        with database.writing.connect() as db:
            assert db.scalar(pid) == before

    def test_between_two_requests_goes_unnoticed(self, server: Server, opens: Opens) -> None:
        database = opens(server.url)
        with database.reading.connect() as db, database.reading.connect() as another:
            assert db.scalar(text("SELECT 1")) == another.scalar(text("SELECT 1")) == 1

        server.kill()
        server.start()

        with database.reading.connect() as db, database.reading.connect() as another:
            assert db.scalar(text("SELECT 2")) == another.scalar(text("SELECT 2")) == 2


class TestBehindAPooler:
    """With `prepared_statements=False` nothing outlives a transaction but what the server keeps."""

    @pytest.mark.parametrize(("prepared", "kept"), [(True, 1), (False, 0)])
    def test_keeps_no_prepared_statements(
        self, postgres_url: str, prepared: bool, kept: int, opens: Opens
    ) -> None:
        database = opens(postgres_url, prepared_statements=prepared)

        with database.writing.connect() as db:
            often = text("SELECT 1 AS often")
            for _ in range(10):
                made.read(db, often)
            found = db.execute(
                text("SELECT count(*) FROM pg_prepared_statements WHERE statement ~ 'AS often'")
            ).scalar()

        assert found == kept

    def test_sets_its_limits_for_each_transaction(self, postgres_url: str, opens: Opens) -> None:
        database = opens(
            postgres_url, prepared_statements=False, statement_timeout_s=7, lock_timeout_s=2
        )

        settings = {}
        for name in ("statement_timeout", "lock_timeout", "timezone"):
            with database.reading.connect() as db:
                inside = db.exec_driver_sql(f"SHOW {name}").scalar()
                read_only = db.exec_driver_sql("SHOW transaction_read_only").scalar()
            settings[name] = inside, read_only

        assert settings == {
            "statement_timeout": ("7s", "on"),
            "lock_timeout": ("2s", "on"),
            "timezone": ("UTC", "on"),
        }


class TestJson:
    def test_comes_back_as_it_went(self, opened: Database) -> None:
        documents = Table("documents", MetaData(), Column("content", JSON))
        content = {"name": "Café ☕", "sizes": [1, 2.5, None, True], "big": 2**53 + 1}

        with opened.writing.begin() as db:
            documents.create(db)
            db.execute(documents.insert(), {"content": content})

        with opened.reading.connect() as db:
            assert db.execute(select(documents.c.content)).scalar_one() == content
