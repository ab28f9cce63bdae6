"""Rows are written whole, each change is counted, and none is written on top of another's."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, update

from backoffice_api.domain.kernel.aggregates import add, save, save_all
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import StaleVersion
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import JobStatus, jobs
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta, UnitOfWork
from tests.databases import count_statements

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
REST = {
    "payload": {},
    "status": JobStatus.QUEUED,
    "run_at": NOW,
    "attempts": 0,
    "attempts_max": 1,
    "progress_done": 0,
}
new_id = IdSource()


@dataclass(frozen=True, slots=True)
class Thing:
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: str


def unit(db: Connection, now: datetime = NOW) -> UnitOfWork:
    return UnitOfWork(db, now, THE_SYSTEM, Meta(), new_id)


def make(db: Connection, count: int = 1) -> list[Thing]:
    things = [Thing(new_id(), 1, NOW, NOW, f"k{number}") for number in range(count)]
    columns = {name: [value] * count for name, value in REST.items()}
    add(unit(db), jobs, things, **columns, error=[thing.kind for thing in things])
    return things


def stored(db: Connection) -> list[Thing]:
    return fetch(db, Thing, select_as(Thing, jobs).order_by(jobs.c.id))


class TestAdd:
    def test_writes_rows_with_what_they_do_not_hold(self, database: Database) -> None:
        with database.writing.begin() as db:
            things = make(db, 2)

            assert stored(db) == things
            assert list(db.execute(select(jobs.c.error).order_by(jobs.c.id)).scalars()) == [
                "k0",
                "k1",
            ]

    def test_refuses_columns_of_another_length(self, database: Database) -> None:
        with database.writing.begin() as db, pytest.raises(ValueError, match="shorter"):
            add(unit(db), jobs, [Thing(new_id(), 1, NOW, NOW, "k")], error=[])

    def test_of_nothing_asks_nothing(self, database: Database) -> None:
        with database.writing.begin() as db, count_statements(database) as statements:
            add(unit(db), jobs, [])

        assert statements == []


class TestSave:
    def test_counts_the_change_and_notes_the_hour(self, database: Database) -> None:
        with database.writing.begin() as db:
            (before,) = make(db)

            after = save(unit(db, LATER), jobs, before, replace(before, kind="new"), error="e")

            assert after == Thing(before.id, 2, NOW, LATER, "new")
            assert stored(db) == [after]
            assert db.execute(select(jobs.c.error)).scalar() == "e"

    def test_refuses_a_row_that_was_changed_since(self, database: Database) -> None:
        with database.writing.begin() as db:
            (before,) = make(db)
            newer = save(unit(db), jobs, before, replace(before, kind="theirs"))

            with pytest.raises(StaleVersion) as refusal:
                save(unit(db), jobs, before, replace(before, kind="mine"))

            assert (refusal.value.expected, refusal.value.actual) == (1, 2)
            assert stored(db) == [newer]

    def test_refuses_a_row_that_is_gone(self, database: Database) -> None:
        with database.writing.begin() as db, pytest.raises(StaleVersion) as refusal:
            save(unit(db), jobs, *[Thing(new_id(), 3, NOW, NOW, "k")] * 2)

        assert (refusal.value.expected, refusal.value.actual) == (3, 0)


class TestSaveAll:
    def test_writes_each_as_save_does(self, database: Database) -> None:
        with database.writing.begin() as db:
            things = make(db, 3)
            changes = [(each, replace(each, kind=f"new {each.kind}")) for each in things[:2]]

            saved = save_all(unit(db, LATER), jobs, changes[::-1], error=["e1", "e0"])

            assert [each.kind for each in saved] == ["new k1", "new k0"]
            assert {each.version for each in saved} == {2}
            assert stored(db) == [saved[1], saved[0], things[2]]
            assert list(db.execute(select(jobs.c.error).order_by(jobs.c.id)).scalars()) == [
                "e0",
                "e1",
                "k2",
            ]

    def test_refuses_all_when_one_was_changed_since(self, database: Database) -> None:
        with database.writing.begin() as db:
            things = make(db, 3)
            db.execute(update(jobs).where(jobs.c.id == things[1].id).values(version=7))
            before = stored(db)

            with pytest.raises(StaleVersion) as refusal:
                save_all(unit(db), jobs, [(each, replace(each, kind="new")) for each in things])

            assert (refusal.value.expected, refusal.value.actual) == (1, 7)
            assert stored(db) == before

    def test_takes_two_statements(self, database: Database) -> None:
        with database.writing.begin() as db:
            changes = [(each, each) for each in make(db, 50)]
            with count_statements(database) as statements:
                save_all(unit(db), jobs, changes)

        assert len(statements) == 2

    def test_of_nothing_asks_nothing(self, database: Database) -> None:
        with database.writing.begin() as db, count_statements(database) as statements:
            assert save_all(unit(db), jobs, []) == ()

        assert statements == []
