"""The command that records one batch. On both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice_api.domain.integrations import queries
from backoffice_api.domain.integrations.commands.batches import RecordBatch, record_batch
from backoffice_api.domain.integrations.model import (
    BATCH_DOCUMENTS_MAX,
    BatchSkipped,
    Document,
    DocumentRow,
    ImportStatus,
    Source,
)
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.returns.model.matching import MatchEnding
from tests.integrations.sheets import state
from tests.world import NOW

SOURCE = Source("elsewhere", "Elsewhere", "EUR", "E-", "sales.csv", "f" * 64)
ROW = DocumentRow("12345A", "12345", "A thing", 2, UnitPrice(1_500_000, "EUR"))


def document(key="1001", **values):
    given = {"line": 2, "digest": "d" * 64, "recorded_at": NOW, "customer_key": None}
    given |= {"country": None, "is_return": False, "rows": (ROW,), **values}
    lines = tuple(range(given["line"], given["line"] + len(given["rows"])))
    return Document(key=key, row_lines=lines, **given)


def batch(number=1, *documents, **values):
    return RecordBatch(source=SOURCE, number=number, documents=documents, **values)


def run_of(world):
    return world.read(queries.running, SOURCE.name, SOURCE.fingerprint)


class TestRecordBatch:
    def test_starts_a_run(self, world):
        world.run(record_batch, batch(1, document(), rejected_rows=3, rejected_documents=1))

        run = run_of(world)
        assert (run.status, run.batches, run.file) == (ImportStatus.RUNNING, 1, "sales.csv")
        assert (run.total.rows_read, run.total.rows_imported, run.total.rows_rejected) == (4, 1, 3)
        assert (run.total.documents_imported, run.total.documents_rejected) == (1, 1)

    def test_adds_up_over_the_batches_of_a_run(self, world):
        world.run(record_batch, batch(1, document()))

        done = world.run(record_batch, batch(2, document("1002"), document("1003"))).value

        assert (done.run.rows_read, done.batch.rows_read) == (3, 2)
        assert run_of(world).total == done.run

    def test_ends_a_run(self, world):
        world.run(record_batch, batch(1, document(), is_last=True))

        assert run_of(world) is None
        assert [status for status, *_ in state(world.database)["runs"]] == ["finished"]

    def test_changes_nothing_when_given_once_more(self, world):
        first = world.run(record_batch, batch(1, document())).value
        before = state(world.database)

        again = world.run(record_batch, batch(1, document())).value

        assert state(world.database) == before
        assert (again.run_id, again.run) == (first.run_id, first.run)
        assert again.batch.rows_merged == 1

    def test_changes_nothing_when_somebody_else_has_finished_the_run(self, world):
        world.run(record_batch, batch(1, document()))
        world.run(record_batch, batch(2, document("1002"), is_last=True))
        before = state(world.database)

        again = world.run(record_batch, batch(2, document("1002"), is_last=True)).value

        assert state(world.database) == before
        assert (again.run.rows_imported, again.batch.rows_merged) == (2, 1)

    def test_starts_another_run_after_one_that_is_finished(self, world):
        first = world.run(record_batch, batch(1, document(), is_last=True)).value
        later = NOW + timedelta(seconds=1)

        second = world.run(record_batch, batch(1, document()), now=later).value

        assert second.run_id != first.run_id
        assert (second.run.rows_imported, second.run.rows_merged) == (0, 1)

    def test_is_refused_when_one_before_it_is_missing(self, world):
        world.run(record_batch, batch(1, document()))
        before = state(world.database)

        with pytest.raises(BatchSkipped) as refusal:
            world.run(record_batch, batch(3, document("1003")))

        assert (refusal.value.expected, refusal.value.given) == (2, 3)
        assert state(world.database) == before

    def test_is_refused_when_it_is_too_large(self, world):
        documents = [document(str(number)) for number in range(BATCH_DOCUMENTS_MAX + 1)]

        with pytest.raises(TooMany):
            world.run(record_batch, batch(1, *documents))

        assert state(world.database)["runs"] == []

    def test_takes_the_first_of_two_that_differ(self, world):
        other = document(digest="e" * 64, line=9, rows=(ROW, ROW))

        done = world.run(record_batch, batch(1, document(), other)).value

        assert done.differing == (1,)
        assert (done.batch.rows_imported, done.batch.rows_rejected) == (1, 2)
        assert len(state(world.database)["lines"]) == 1

    def test_merges_the_second_of_two_that_are_equal(self, world):
        done = world.run(record_batch, batch(1, document(), document(line=9))).value

        assert (done.batch.rows_imported, done.batch.rows_merged) == (1, 1)
        assert len(state(world.database)["lines"]) == 1

    def test_matches_what_came_back_with_earlier_sales(self, world):
        sale = document("1", customer_key="7")
        later = document("2", customer_key="7", recorded_at=NOW + timedelta(days=2))
        back = document(
            "C1",
            is_return=True,
            customer_key="7",
            recorded_at=NOW + timedelta(days=1),
            rows=(
                replace(ROW, quantity=-3),
                replace(ROW, sku="POST", product_key=None, quantity=-1),
            ),
        )

        done = world.run(record_batch, batch(1, back, later, sale)).value

        assert (done.batch.returns, done.batch.credit_notes) == (1, 1)
        assert (done.batch.partly_matched_rows, done.batch.movements) == (1, 4)
        assert [(each.document, each.row, each.ending) for each in done.unmatched] == [
            (0, 0, MatchEnding.PARTIAL)
        ]
        found = state(world.database)
        assert found["returns"] == [("C1", "resolved", 450, 450)]
        assert found["return_lines"] == [("C1", 0, "1", 2, 300), ("C1", 1, None, 1, 150)]
        assert found["credits"] == [("C1", "POST", 1, 150)]
        assert found["returned"] == [("1", "returned", 2)]

    def test_leaves_the_numbers_of_the_channel_alone(self, world):
        world.run(record_batch, batch(1, document("536365")))

        assert [number for number, *_ in state(world.database)["orders"]] == ["536365"]
        with world.database.reading.connect() as db:
            row = db.exec_driver_sql(
                "SELECT number_prefix, number_next FROM channels WHERE code = 'elsewhere'"
            ).one()
        assert tuple(row) == ("E-", 1)

    def test_is_told_in_the_log(self, world):
        world.run(record_batch, batch(1, document(), is_last=True))

        events = state(world.database)["events"]
        assert events[("import.started",)] == events[("import.finished",)] == 1
        assert events[("order.recorded",)] == events[("product.created",)] == 1
