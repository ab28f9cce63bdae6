"""Many rows at once, given by columns: the same rows as one by one. On both databases."""

from itertools import repeat
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.kernel.bulk import insert_columns
from backoffice_api.domain.kernel.jobs import JobStatus, jobs
from tests.world import NOW


def columns(**values):
    given = {
        "id": [UUID(int=1), UUID(int=2)],
        "kind": ["tab\there", 'quote " and \\ and\nline'],
        "payload": [{"a": [1, None, "ü"]}, {}],
        "status": [JobStatus.QUEUED, JobStatus.FAILED],
        "run_at": repeat(NOW),
        "attempts": [0, 1],
        "attempts_max": repeat(1),
        "progress_done": repeat(0),
        "progress_total": [None, 7],
        "created_at": repeat(NOW),
        "updated_at": repeat(NOW),
        "version": repeat(1),
    }
    return {**given, **values}


def stored(database):
    names = ("id", "kind", "payload", "status", "run_at", "progress_total", "error")
    with database.reading.connect() as db:
        rows = db.execute(select(*(jobs.c[name] for name in names)).order_by(jobs.c.id))
        return [tuple(row) for row in rows]


class TestInsertColumns:
    def test_writes_rows_as_they_are_read_back(self, database):
        with database.writing.begin() as db:
            insert_columns(db, jobs, columns())

        assert stored(database) == [
            (
                UUID(int=1),
                "tab\there",
                {"a": [1, None, "ü"]},
                JobStatus.QUEUED,
                NOW,
                None,
                None,
            ),
            (UUID(int=2), 'quote " and \\ and\nline', {}, JobStatus.FAILED, NOW, 7, None),
        ]

    def test_writes_nothing_where_there_is_nothing(self, database):
        with database.writing.begin() as db:
            insert_columns(db, jobs, columns(id=[]))

        assert stored(database) == []

    def test_keeps_constraints_on(self, database):
        with pytest.raises(IntegrityError), database.writing.begin() as db:
            insert_columns(db, jobs, columns(attempts=[0, 2]))

        assert stored(database) == []

    def test_keeps_keys_unique(self, database):
        with pytest.raises(IntegrityError), database.writing.begin() as db:
            insert_columns(db, jobs, columns(id=[UUID(int=1), UUID(int=1)]))

        assert stored(database) == []
