"""Statements that are made once come to what SQLAlchemy's own execution comes to."""

import gc
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from weakref import ref

import pytest
from sqlalchemy import Connection, bindparam, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError

from backoffice_api.domain.kernel import made
from backoffice_api.domain.kernel.answers import answers
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.trouble import Trouble, classify
from backoffice_api.domain.products.model import ProductStatus
from backoffice_api.domain.products.tables import products
from tests.databases import count_statements

NOON = datetime(2026, 3, 1, 12, 30, 0, 125, tzinfo=UTC)
_ADD = answers.insert()
_FIND = (
    select(answers.c.key, answers.c.answer, answers.c.created_at)
    .where(
        answers.c.actor == bindparam("who"),
        answers.c.key.in_(bindparam("keys", expanding=True)),
        answers.c.command.in_(["buy", "sell"]),
    )
    .order_by(answers.c.key)
)
_RENAME = update(answers).where(answers.c.key == bindparam("old")).returning(answers.c.answer)


def row(key: str, command: str = "buy") -> dict[str, object]:
    return {
        "actor": "ana",
        "key": key,
        "command": command,
        "input_hash": "100 %s",
        "answer": {"key": key},
        "created_at": NOON,
    }


def driver_of(db: Connection) -> Any:
    """The connection of the driver below."""
    return db.connection.driver_connection


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    with database.writing.connect() as db:
        yield db


class TestWrite:
    @pytest.mark.parametrize("count", [0, 1, 2, 16, 17, 40])
    def test_writes_each_row_and_counts_them(self, db: Connection, count: int) -> None:
        rows = [row(f"k{number:02}") for number in range(count)]

        written = made.write(db, _ADD, *rows)

        assert written == count
        stored = db.execute(select(answers).order_by(answers.c.key)).mappings()
        assert [dict(each) for each in stored] == rows

    def test_raises_what_sqlalchemy_raises_without_the_values(self, db: Connection) -> None:
        made.write(db, _ADD, row("secret-key"))

        with pytest.raises(IntegrityError) as failure:
            made.write(db, _ADD, row("secret-key"))

        assert failure.value.params is None
        assert failure.value.connection_invalidated is False

    def test_gives_a_lost_connection_up(self, postgres_url: str, opens) -> None:  # type: ignore[no-untyped-def]
        database = opens(postgres_url)
        with database.writing.connect() as db:
            made.write(db, _ADD, row("a"))
            db.connection.driver_connection.close()

            with pytest.raises(OperationalError) as failure:
                made.write(db, _ADD, row("b"))

            assert failure.value.connection_invalidated
            assert db.invalidated
            db.rollback()
            assert made.write(db, _ADD, row("c")) == 1

    def test_is_heard_by_those_who_listen(self, database: Database) -> None:
        with count_statements(database) as seen, database.writing.begin() as db:
            made.write(db, _ADD, row("a"), row("b"))

        assert [each for each in seen if each.startswith("INSERT INTO answers")] == seen[-1:]

    def test_sends_what_those_who_listen_make_of_it(self, db: Connection) -> None:
        @event.listens_for(db, "before_cursor_execute", retval=True)
        def narrow(_db, _cursor, text, given, _context, _many):  # type: ignore[no-untyped-def]
            return text.replace("answers.key IN", "1 = 0 AND answers.key IN").replace(
                'answers."key" IN', '1 = 0 AND answers."key" IN'
            ), given

        made.write(db, _ADD, row("a"))

        assert made.read(db, _FIND, who="ana", keys=["a"]) == []

    def test_keeps_what_follows_the_values(self, db: Connection) -> None:
        keys = [answers.c.actor, answers.c.key]
        insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
        new = insert(answers).on_conflict_do_nothing(index_elements=keys)

        assert made.write(db, new, row("a"), row("b")) == 2
        assert made.write(db, new, row("b"), row("c")) == 1


class TestAdd:
    def test_is_there_for_whatever_comes_next(self, db: Connection) -> None:
        made.add(db, _ADD, row("a"), row("b"))
        assert made.read(db, _RENAME, old="a", command="sell") == [({"key": "a"},)]
        made.add(db, _ADD, row("c"))
        assert made.write(db, _ADD, row("d")) == 1
        made.add(db, _ADD, row("e"))
        keys = db.execute(select(answers.c.key).order_by(answers.c.key)).scalars().all()
        assert keys == ["a", "b", "c", "d", "e"]

    def test_is_kept_with_the_transaction(self, database: Database) -> None:
        with database.writing.begin() as db:
            made.add(db, _ADD, row("a"))
        with database.writing.connect() as db:
            made.add(db, _ADD, row("b"))
            db.rollback()
            made.add(db, _ADD, row("c"))
            point = db.begin_nested()
            made.add(db, _ADD, row("d"))
            point.rollback()
            db.commit()
        with database.reading.connect() as db:
            assert db.execute(select(answers.c.key).order_by(answers.c.key)).scalars().all() == [
                "a",
                "c",
            ]

    def test_fails_with_the_commit_at_the_latest(self, database: Database) -> None:
        def add_twice() -> None:
            with database.writing.begin() as db:
                made.add(db, _ADD, row("a"))
                made.add(db, _ADD, row("a"))

        with pytest.raises(IntegrityError):
            add_twice()
        with database.reading.connect() as db:
            assert db.execute(select(answers.c.key)).all() == []


class TestRead:
    def test_looks_for_nothing_outside_a_list(self, db: Connection) -> None:
        others = select(answers.c.key).where(answers.c.key.not_in(bindparam("k", expanding=True)))

        with pytest.raises(AssertionError):
            made.read(db, others, k=["a"])

    @pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
    def test_finds_any_number_of_values(self, db: Connection, count: int) -> None:
        made.write(db, _ADD, *[row(f"k{number}") for number in range(9)], row("k9", "give"))
        keys = [f"k{number}" for number in range(count)]

        found = made.read(db, _FIND, who="ana", keys=[*keys, "k9"][: count or 0])

        assert found == [(key, {"key": key}, NOON) for key in keys]

    def test_reads_what_an_update_returns(self, db: Connection) -> None:
        made.write(db, _ADD, row("a"), row("b"))

        assert made.read(db, _RENAME, old="a", command="sell") == [({"key": "a"},)]
        assert made.read(db, _RENAME, old="none", command="sell") == []

    def test_gives_ids_choices_and_absent_values(self, db: Connection) -> None:
        id = UUID(int=7)
        values = {"id": id, "version": 1, "created_at": NOON, "updated_at": NOON}
        texts: dict[str, object] = {
            "title": "50 % off",
            "status": ProductStatus.ACTIVE,
            "brand": None,
        }
        texts |= {"description": "", "option_names": []}
        made.write(db, products.insert(), {**values, **texts})
        statement = select(products.c.id, products.c.title, products.c.status, products.c.brand)

        found = made.read(db, statement.where(products.c.status == ProductStatus.ACTIVE))

        assert found == [(id, "50 % off", ProductStatus.ACTIVE, None)]

    def test_leaves_no_other_failure_than_that_the_connection_is_lost(
        self, postgres_url: str, opens: Callable[..., Database]
    ) -> None:
        def lose(database: Database) -> None:
            with database.reading.connect() as db:
                made.read(db, _FIND, who="ana", keys=["a"])
                driver_of(db).close()
                made.read(db, _FIND, who="ana", keys=["a"])

        with pytest.raises(OperationalError) as failure:
            lose(opens(postgres_url))

        assert classify(failure.value) is Trouble.UNAVAILABLE

    def test_gives_back_what_a_lost_connection_held(
        self, postgres_url: str, opens: Callable[..., Database]
    ) -> None:
        database = opens(postgres_url)
        gc.disable()
        try:
            with suppress(OperationalError), database.writing.connect() as db:
                held = ref(driver_of(db))
                driver_of(db).close()
                db.execute(_FIND, {"who": "ana", "keys": ["a"]})
            assert held() is not None
            db.close()
            with database.writing.connect():
                assert held() is None
        finally:
            gc.enable()
