"""The feed: who follows the log misses nothing, however many write at the same time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from random import Random
from time import monotonic
from uuid import UUID

import pytest
from sqlalchemy import Connection, true, update
from sqlalchemy.exc import OperationalError

from backoffice_api.domain.kernel import events, log
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import FEED_PAGE_MAX
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.jobs import Job, enqueue, jobs
from tests.kernel.log_steps import (
    NOW,
    SETTLING_TIME_MAX_S,
    has_written,
    new_id,
    record,
    references,
    row,
    settled_references,
)


class TestFeed:
    def test_is_read_in_pages(self, database: Database) -> None:
        with database.writing.begin() as db:
            record(db, "a", "b", "c")

        settled_references(database, 3)
        with database.reading.connect() as db:
            first = log.feed(db, 0, 2, None)
            second = log.feed(db, first.rows[-1].sequence, 2, None)

        assert [each.reference for each in first.rows] == ["a", "b"]
        assert [each.reference for each in second.rows] == ["c"]
        assert (first.has_next, second.has_previous, second.has_next) == (True, True, False)

    def test_can_be_filtered(self, database: Database) -> None:
        with database.writing.begin() as db:
            events.record(db, [row(type="a.b"), row(type="c.d"), row(type="a.b")])

        settled_references(database, 3)
        with database.reading.connect() as db:
            page = log.feed(db, 1, 10, Test("type", Operator.EQ, "a.b"))

        assert [each.sequence for each in page.rows] == [3]

    def test_has_no_more_than_the_limit(self, database: Database) -> None:
        with database.writing.begin() as db:
            record(db, *(str(number) for number in range(FEED_PAGE_MAX + 1)))

        settled_references(database, FEED_PAGE_MAX)
        with database.reading.connect() as db:
            page = log.feed(db, 0, 1_000_000, None)

        assert (len(page.rows), page.has_next) == (FEED_PAGE_MAX, True)

    def test_does_not_show_what_was_undone(self, database: Database) -> None:
        with database.writing.connect() as db:
            record(db, "undone")
            db.rollback()
        with database.writing.begin() as db:
            record(db, "kept")

        assert settled_references(database, 1) == ["kept"]


class TestInterleaving:
    """Two writers of PostgreSQL, step by step. `early` always draws the smaller number."""

    @pytest.fixture
    def shop(self, postgres_url: str, opens: Callable[..., Database]) -> Database:
        return opens(postgres_url)

    @pytest.mark.parametrize("first_to_begin", ["early", "late", "late, after its number"])
    def test_holds_a_number_back_until_the_smaller_ones_are_there(
        self, shop: Database, first_to_begin: str
    ) -> None:
        with shop.writing.connect() as early, shop.writing.connect() as late:
            order = [early, late] if first_to_begin == "early" else [late, early]
            for writer in order:
                if first_to_begin != "late, after its number" or writer is late:
                    has_written(writer)
            record(early, "early")
            record(late, "late")
            late.commit()

            seen_before = references(shop)
            early.commit()

        assert seen_before == []
        assert settled_references(shop, 2) == ["early", "late"]

    def test_does_not_wait_for_a_number_that_was_given_up(self, shop: Database) -> None:
        with shop.writing.connect() as early, shop.writing.connect() as late:
            record(early, "early")
            record(late, "late")
            late.commit()
            early.rollback()

        assert settled_references(shop, 1) == ["late"]

    def test_does_not_wait_for_writers_that_began_later(self, shop: Database) -> None:
        with shop.writing.connect() as writer, shop.writing.connect() as later:
            record(writer, "done")
            writer.commit()
            has_written(later)

            assert settled_references(shop, 1) == ["done"]

    def test_shows_what_is_sure_of_several(self, shop: Database) -> None:
        with ExitStack() as open_ones:
            writers = [open_ones.enter_context(shop.writing.connect()) for _ in range(4)]
            for number, writer in enumerate(writers):
                record(writer, f"{number}")
            seen = []
            for number, count in ((1, 0), (0, 2), (3, 2), (2, 4)):
                writers[number].commit()
                seen.append(settled_references(shop, count))

        assert seen == [[], ["0", "1"], ["0", "1"], ["0", "1", "2", "3"]]

    def test_needs_the_rule_of_what_is_settled(
        self, shop: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without it the log shows the later one first, and who follows it misses the other."""
        monkeypatch.setattr(log, "settled", lambda db: true())
        with shop.writing.connect() as early, shop.writing.connect() as late:
            record(early, "early")
            record(late, "late")
            late.commit()

            assert references(shop) == ["late"]


class TestFollowing:
    """Sixteen writers at once, and one reader who asks again with the last number he saw."""

    WRITERS = 16
    ROUNDS = 8

    def test_misses_nothing_and_keeps_each_subject_in_order(
        self, database: Database, opens: Callable[..., Database]
    ) -> None:
        with database.writing.begin() as db:
            kinds = [Job(f"subject {number}") for number in range(4)]
            subjects = sorted(enqueue(db, kinds, now=NOW, new_id=new_id))
        shop = opens(
            database.writing.url.render_as_string(hide_password=False),
            pool_size=self.WRITERS,
            pool_timeout_s=60,
            lock_timeout_s=60,
        )
        committed: list[tuple[UUID, int]] = []
        done = threading.Event()
        barrier = threading.Barrier(self.WRITERS)

        def write(seed: int) -> None:
            """Count subjects up, an event for each step; every fourth time it comes to nothing."""
            random = Random(seed)
            barrier.wait(30)
            for _ in range(self.ROUNDS):
                picked = sorted(random.sample(subjects, random.choice([1, 1, 2])))
                with shop.writing.connect() as db:
                    made = [(subject, count_up(db, subject)) for subject in picked]
                    rows = [row(subject_id=id, subject_version=count) for id, count in made]
                    events.record(db, rows)
                    if random.randrange(4) == 0:
                        db.rollback()
                    else:
                        db.commit()
                        committed.extend(made)

        def follow() -> list[tuple[UUID, int]]:
            seen, last = [], 0
            deadline = monotonic() + SETTLING_TIME_MAX_S
            while True:
                was_done = done.is_set()
                with shop.reading.connect() as db:
                    page = log.feed(db, last, 7, None)
                for each in page.rows:
                    assert each.sequence > last
                    last = each.sequence
                    seen.append((each.subject_id, each.subject_version))
                late = was_done and monotonic() > deadline
                if late or (was_done and len(seen) >= len(committed)):
                    return seen

        with ThreadPoolExecutor(self.WRITERS + 1) as threads:
            reader = threads.submit(follow)
            writers = [threads.submit(write, seed) for seed in range(self.WRITERS)]
            try:
                for writer in writers:
                    writer.result()
            finally:
                done.set()
            seen = reader.result()

        assert len(committed) > self.WRITERS
        assert sorted(seen) == sorted(committed)
        for subject in subjects:
            counts = [count for id, count in seen if id == subject]
            assert counts == list(range(1, len(counts) + 1))


def count_up(db: Connection, subject: UUID) -> int:
    """Change a row that all who write about this subject change, as an aggregate's version is."""
    counted = update(jobs).where(jobs.c.id == subject).values(version=jobs.c.version + 1)
    count: int = db.execute(counted.returning(jobs.c.version)).scalar_one()
    return count - 1


class TestInterleavingOnSqlite:
    def test_lets_nobody_draw_a_number_while_another_writes(
        self, sqlite_url: str, opens: Callable[..., Database]
    ) -> None:
        one, other = opens(sqlite_url), opens(sqlite_url, lock_timeout_s=0.01)
        with one.writing.connect() as early, other.writing.connect() as late:
            record(early, "early")
            with pytest.raises(OperationalError, match="locked"):
                record(late, "late")
            early.commit()
            late.rollback()
            record(late, "late")
            late.commit()

        assert references(one) == ["early", "late"]
