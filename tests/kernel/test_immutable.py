from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, text
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.immutable import (
    forbid_changes,
    statements_to_forbid_changes,
    statements_to_let_erase,
)
from backoffice_api.domain.kernel.tables import Json

ROWS = [(1, "in"), (2, "out")]


def moves_table() -> Table:
    return Table(
        "moves",
        MetaData(),
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("way", String(10), nullable=False),
    )


@pytest.fixture
def opened(empty_database_url: str) -> Iterator[Database]:
    database = open_database(empty_database_url)
    yield database
    database.dispose()


@pytest.fixture(params=["create_all", "migration"])
def moves(opened: Database, request: pytest.FixtureRequest) -> Database:
    """A database with an immutable table of two rows, created in both of the ways there are."""
    table = moves_table()
    if request.param == "create_all":
        forbid_changes(table)
    with opened.writing.begin() as db:
        table.metadata.create_all(db)
        if request.param == "migration":
            for statement in statements_to_forbid_changes("moves", opened.dialect):
                db.exec_driver_sql(statement)
        db.execute(table.insert(), [{"id": id, "way": way} for id, way in ROWS])
    return opened


def rows(database: Database) -> list[tuple[int, str]]:
    with database.reading.connect() as db:
        return [(id, way) for id, way in db.execute(text("SELECT id, way FROM moves ORDER BY id"))]


class TestForbidChanges:
    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE moves SET way = 'back' WHERE id = 1",
            "DELETE FROM moves WHERE id = 1",
            "DELETE FROM moves",
            "INSERT INTO moves VALUES (1, 'back') ON CONFLICT (id) DO UPDATE SET way = 'back'",
        ],
    )
    def test_refuses_to_change_or_remove_rows(self, moves: Database, change: str) -> None:
        with (
            pytest.raises(IntegrityError, match="moves cannot be changed: rows are only added"),
            moves.writing.begin() as db,
        ):
            db.execute(text(change))

        assert rows(moves) == ROWS

    def test_refuses_what_only_one_database_has(self, moves: Database) -> None:
        change = "REPLACE INTO moves VALUES (1, 'back')"
        if moves.dialect == "postgresql":
            change = "TRUNCATE moves"

        with (
            pytest.raises(IntegrityError, match="moves cannot be changed: rows are only added"),
            moves.writing.begin() as db,
        ):
            db.execute(text(change))

        assert rows(moves) == ROWS

    def test_lets_rows_be_added(self, moves: Database) -> None:
        with moves.writing.begin() as db:
            db.execute(text("INSERT INTO moves VALUES (3, 'in')"))
            db.execute(text("INSERT INTO moves VALUES (1, 'x') ON CONFLICT (id) DO NOTHING"))

        assert rows(moves) == [*ROWS, (3, "in")]

    def test_lets_the_table_be_dropped(self, moves: Database) -> None:
        with moves.writing.begin() as db:
            db.execute(text("DROP TABLE moves"))
            moves_table().create(db)
            db.execute(text("INSERT INTO moves VALUES (1, 'in')"))
            db.execute(text("UPDATE moves SET way = 'out'"))

        assert rows(moves) == [(1, "out")]


class TestErasing:
    @pytest.fixture(params=["create_all", "migration"])
    def letters(self, opened: Database, request: pytest.FixtureRequest) -> Database:
        """A database with one letter, which can be erased and not changed."""
        columns = (
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("text", String(40), info=personal.CONTENT),
            Column("parts", Json, info=personal.CONTENT),
        )
        table = Table("letters", MetaData(), *columns)
        if request.param == "create_all":
            forbid_changes(table)
        with opened.writing.begin() as db:
            table.metadata.create_all(db)
            if request.param == "migration":
                erasable = {"text": False, "parts": True}
                for statement in (
                    *statements_to_forbid_changes("letters", opened.dialect),
                    *statements_to_let_erase("letters", opened.dialect, ["id"], erasable),
                ):
                    db.exec_driver_sql(statement)
            row = {"id": 1, "text": "Dear Ana", "parts": {"name": "Ana", "count": 3}}
            db.execute(table.insert(), [row])
        return opened

    @pytest.mark.parametrize(
        ("change", "is_allowed"),
        [
            ("text = '(erased)'", True),
            ("text = NULL", True),
            ("text = 'Dear Eva'", False),
            ("id = 2", False),
            ("""parts = '{"name": "(erased)", "count": 3}'""", True),
            ("""parts = '{"count": 3}'""", True),
            ("parts = NULL", True),
            ("""parts = '{"name": "Eva", "count": 3}'""", False),
            ("""parts = '{"name": "(erased)", "count": 4}'""", False),
        ],
    )
    def test_lets_personal_columns_only_say_less(
        self, letters: Database, change: str, is_allowed: bool
    ) -> None:
        statement = text(f"UPDATE letters SET {change}".replace(":", "\\:"))

        try:
            with letters.writing.begin() as db:
                db.execute(statement)
        except IntegrityError:
            done = False
        else:
            done = True

        assert done is is_allowed
