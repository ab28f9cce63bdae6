"""The event log: what an event says, and that who follows the log misses none."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from time import monotonic
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text, true, update
from sqlalchemy.exc import IntegrityError, OperationalError

from backoffice_api.domain.kernel import events, log
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import FEED_PAGE_MAX, MASKED, Effect, Event, effect
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import Job, enqueue, jobs
from backoffice_api.domain.kernel.money import UnitPrice

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
SETTLING_TIME_MAX_S = 30
ID = UUID(int=1)
new_id = IdSource()


class Colour(Choice):
    RED = "red", "Like a rose."
    BLUE = "blue", "Like the sky."


@dataclass(frozen=True, slots=True)
class Thing:
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    colour: Colour
    tags: Sequence[str] = ()
    owner: str | None = field(default=None, metadata={"personal": "contact"})


@dataclass(frozen=True, slots=True)
class ThingMade(Event):
    type = "thing.made"
    subject = "thg"
    summary = "Thing {name} was made."
    id: UUID
    version: int
    name: str


def thing(**changes: object) -> Thing:
    columns: dict[str, object] = {
        "id": ID,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "colour": Colour.RED,
    }
    return Thing(**{**columns, **changes})  # type: ignore[arg-type]


def row(**columns: object) -> dict[str, object]:
    """A row for the log, of no interest but for `columns`."""
    return {
        "id": new_id(),
        "type": "thing.made",
        "subject_kind": "thg",
        "subject_id": ID,
        "subject_version": 1,
        "actor_kind": "system",
        "actor_id": None,
        "command": "MakeThing",
        "request_id": "",
        "occurred_at": NOW,
        "reason": None,
        "reference": None,
        "changes": [],
        "data": {},
        **columns,
    }


def has_written(db: Connection) -> None:
    """Let the transaction have its id, as one has that has changed a row."""
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_current_xact_id()"))


def record(db: Connection, *texts: str) -> None:
    events.record(db, [row(reference=each) for each in texts])


def references(database: Database) -> list[str | None]:
    """What a reader of the feed sees now."""
    with database.reading.connect() as db:
        return [each.reference for each in log.feed(db, 0, FEED_PAGE_MAX, None).rows]


def settled_references(database: Database, count: int) -> list[str | None]:
    """What a reader of the feed sees as soon as it is so many.

    Transactions of the whole server hold an event back, those of other tests too.
    """
    deadline = monotonic() + SETTLING_TIME_MAX_S
    while len(seen := references(database)) < count and monotonic() < deadline:
        pass
    return seen


class TestDifferences:
    def test_are_the_fields_that_differ_in_their_order(self) -> None:
        before, after = thing(), thing(colour=Colour.BLUE, tags=("a", "b"))

        assert events.differences(before, after) == [
            {"path": "colour", "before": "red", "after": "blue"},
            {"path": "tags", "before": [], "after": ["a", "b"]},
        ]

    def test_of_something_new_are_all_that_it_has(self) -> None:
        assert events.differences(None, thing(tags=("a",))) == [
            {"path": "colour", "before": None, "after": "red"},
            {"path": "tags", "before": None, "after": ["a"]},
        ]

    def test_of_something_gone_are_all_that_it_had(self) -> None:
        assert events.differences(thing(), None) == [
            {"path": "colour", "before": "red", "after": None},
            {"path": "tags", "before": [], "after": None},
        ]

    def test_leave_out_what_only_counts_the_change(self) -> None:
        later = NOW.replace(year=2026)

        assert events.differences(thing(), thing(version=2, updated_at=later)) == []

    def test_do_not_tell_a_list_from_a_tuple(self) -> None:
        assert events.differences(thing(tags=["a"]), thing(tags=("a",))) == []

    def test_show_of_personal_values_only_that_they_changed(self) -> None:
        assert events.differences(thing(owner="Ann"), thing(owner="Bob")) == [
            {"path": "owner", "before": MASKED, "after": MASKED}
        ]

    def test_show_whether_there_was_a_personal_value(self) -> None:
        assert events.differences(thing(), thing(owner="Bob")) == [
            {"path": "owner", "before": None, "after": MASKED}
        ]

    def test_without_rows_are_none(self) -> None:
        assert events.differences(None, None) == ()


class TestPlain:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (None, None),
            (True, True),
            (7, 7),
            ("a", "a"),
            (Colour.RED, "red"),
            (ID, "00000000000000000000000000000001"),
            (NOW, "2025-03-01T09:30:00+00:00"),
            (date(2025, 3, 1), "2025-03-01"),
            (Decimal("1.50"), "1.50"),
            ((1, (2,)), [1, [2]]),
            ({ID: Colour.BLUE}, {str(ID): "blue"}),
            (UnitPrice(1_500_000, "EUR"), {"micro": 1_500_000, "currency": "EUR"}),
        ],
    )
    def test_is_what_json_can_keep(self, value: object, shown: object) -> None:
        assert events.plain(value) == shown


class TestEffect:
    def test_names_the_type_the_subject_and_what_happened(self) -> None:
        assert effect(ThingMade(ID, 1, "box")) == Effect(
            "thing.made", "thg_00000000000000000000000000000001", "Thing box was made."
        )


class TestRecord:
    def test_numbers_rows_in_the_order_given(self, database: Database) -> None:
        with database.writing.begin() as db:
            record(db, "a", "b")
            record(db, "c")

        settled_references(database, 3)
        with database.reading.connect() as db:
            page = log.feed(db, 0, 10, None)
        assert [(each.sequence, each.reference) for each in page.rows] == [
            (1, "a"),
            (2, "b"),
            (3, "c"),
        ]
        assert (page.has_previous, page.has_next) == (False, False)

    @pytest.mark.parametrize("change", ["UPDATE events SET reference = 'x'", "DELETE FROM events"])
    def test_is_for_ever(self, database: Database, change: str) -> None:
        with database.writing.begin() as db:
            record(db, "a")

        with (
            pytest.raises(IntegrityError, match="events cannot be changed"),
            database.writing.begin() as db,
        ):
            db.execute(text(change))

        assert settled_references(database, 1) == ["a"]

    def test_notes_a_horizon_above_every_transaction_that_runs(
        self, postgres_url: str, opens: Callable[..., Database]
    ) -> None:
        database = opens(postgres_url)
        with ExitStack() as open_ones:
            running = []
            for _ in range(5):
                db = open_ones.enter_context(database.writing.connect())
                running.append(db.execute(text("SELECT pg_current_xact_id()::text")).scalar_one())
            record(db, "last to begin")
            horizon = db.execute(select(events.events.c.horizon)).scalar_one()

        assert all(horizon > int(each) for each in running)


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
            while True:
                was_done = done.is_set()
                with shop.reading.connect() as db:
                    page = log.feed(db, last, 7, None)
                for each in page.rows:
                    assert each.sequence > last
                    last = each.sequence
                    seen.append((each.subject_id, each.subject_version))
                if was_done and len(seen) >= len(committed):
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
