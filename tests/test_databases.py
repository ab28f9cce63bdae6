"""The ground the other tests stand on: what one test does must not reach the next."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from sqlalchemy import Column, Integer, MetaData, Select, String, Table, select, text

from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes
from tests.databases import Copies, Eraser, count_statements, open_connections
from tests.plans import all_indexed, assert_indexed, explain

books = Table(
    "books",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("title", String(40), index=True),
    Column("pages", Integer),
)


@pytest.fixture
def shop(empty_database_url: str, opens: Callable[..., Database]) -> Database:
    """A database with a hundred books; their titles are indexed, their pages are not."""
    database = opens(empty_database_url)
    with database.writing.begin() as db:
        books.create(db)
        db.execute(books.insert(), [{"title": f"T{n}", "pages": n} for n in range(100)])
    return database


class TestClean:
    def test_forgets_tables_that_a_test_has_made(self, copies: Copies) -> None:
        database = copies.clean()
        with database.writing.begin() as db:
            db.execute(text("CREATE TABLE intruder (id integer)"))

        again = copies.clean()

        assert again is database
        with again.writing.begin() as db:
            db.execute(text("CREATE TABLE intruder (id integer)"))
        copies.clean()

    def test_comes_over_a_test_that_still_has_a_connection(self, copies: Copies) -> None:
        held = copies.clean().writing.connect()
        held.execute(text("DELETE FROM external_ids"))

        again = copies.clean()

        assert open_connections(again) == 0
        with again.writing.begin() as db:
            db.execute(text("DELETE FROM external_ids"))
        held.invalidate()
        held.close()


class TestEraser:
    @pytest.fixture
    def url(self, postgres_copies: Copies) -> Iterator[str]:
        url = postgres_copies.empty()
        yield url
        postgres_copies.drop(url)

    @pytest.fixture
    def db(self, url: str) -> Iterator[Connection]:
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("CREATE TABLE shelves (id serial PRIMARY KEY, name text)")
            db.execute("INSERT INTO shelves (name) VALUES ('a'), (E'b\\t\\\\\\n'), (NULL)")
            db.execute("CREATE TABLE moves (shelf_id integer REFERENCES shelves)")
            for statement in statements_to_forbid_changes("moves", "postgresql"):
                db.execute(statement)
            yield db

    def test_brings_back_the_first_rows_and_numbers(self, url: str, db: Connection) -> None:
        first = db.execute("SELECT * FROM shelves").fetchall()
        eraser = Eraser(url)
        db.execute("UPDATE shelves SET name = 'x'")
        db.execute("INSERT INTO shelves (name) VALUES ('d')")
        db.execute("INSERT INTO moves VALUES (1), (4)")

        possible = eraser.erase()
        eraser.close()

        assert possible
        assert db.execute("SELECT * FROM shelves").fetchall() == first
        assert db.execute("SELECT count(*) FROM moves").fetchone() == (0,)
        db.execute("INSERT INTO shelves (name) VALUES ('e')")
        assert db.execute("SELECT id FROM shelves WHERE name = 'e'").fetchone() == (4,)

    @pytest.mark.parametrize(
        "change",
        [
            "CREATE TABLE more (id integer)",
            "CREATE INDEX more ON shelves (name)",
            "ALTER TABLE shelves ADD more integer",
            "DROP TABLE moves",
            "DROP TRIGGER moves_rows_stay ON moves",
            "ALTER TABLE shelves ADD CHECK (id > 0)",
        ],
    )
    def test_cannot_undo_a_change_of_tables(self, url: str, db: Connection, change: str) -> None:
        eraser = Eraser(url)

        db.execute(change)
        possible = eraser.erase()
        eraser.close()

        assert not possible


class TestCountStatements:
    def test_sees_both_doors(self, shop: Database) -> None:
        with count_statements(shop) as statements:
            with shop.reading.connect() as db:
                db.execute(select(books.c.id))
            with shop.writing.begin() as db:
                db.execute(books.delete())
        with shop.reading.connect() as db:
            db.execute(select(books.c.title))

        asked = [statement for statement in statements if "BEGIN" not in statement]
        assert [statement.split()[0] for statement in asked] == ["SELECT", "DELETE"]


class TestPlans:
    @pytest.mark.parametrize(
        "statement",
        [
            select(books).where(books.c.id.in_([1, 2])),
            select(books).where(books.c.title == "T3"),
            select(books).order_by(books.c.title).limit(3),
            select(books).where(books.c.id > 3).order_by(books.c.id).limit(3),
        ],
    )
    def test_pass_what_an_index_answers(self, shop: Database, statement: Select[Any]) -> None:
        with shop.reading.connect() as db:
            assert_indexed(db, statement)
        with all_indexed(shop.reading), shop.reading.connect() as db:
            db.execute(statement).all()

    @pytest.mark.parametrize(
        "statement",
        [
            select(books),
            select(books).where(books.c.pages == 3),
            select(books).order_by(books.c.pages).limit(3),
            select(books).where(books.c.title > "T3").order_by(books.c.pages).limit(3),
        ],
    )
    def test_stop_what_no_index_answers(self, shop: Database, statement: Select[Any]) -> None:
        with shop.reading.connect() as db, pytest.raises(AssertionError, match="No index fits"):
            assert_indexed(db, statement)
        with (
            pytest.raises(AssertionError, match="No index fits"),
            all_indexed(shop.reading),
            shop.reading.connect() as db,
        ):
            db.execute(statement).all()

    def test_let_pass_what_they_are_told_to(self, shop: Database) -> None:
        found = select(books).where(books.c.title == "T3").order_by(books.c.pages)
        newest = select(books).order_by(books.c.id.desc()).limit(3)

        with shop.reading.connect() as db:
            assert_indexed(db, found, sorts=True)
            assert_indexed(db, newest, walks={"books"})

    def test_are_told_in_the_words_of_the_database(self, shop: Database) -> None:
        with shop.reading.connect() as db:
            plan = explain(db, select(books.c.title).where(books.c.id == 1))

        assert (
            plan
            == {
                "sqlite": ["SEARCH books USING INTEGER PRIMARY KEY (rowid=?)"],
                "postgresql": ["Index Scan · books · books_pkey · (id = 1)"],
            }[shop.dialect]
        )
