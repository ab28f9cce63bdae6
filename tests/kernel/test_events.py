"""The event log: what an event says, and that who follows the log misses none."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.kernel import events, log
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import (
    COST,
    HIDDEN,
    MASKED,
    Effect,
    Event,
    change,
    differences,
    effect,
)
from backoffice_api.domain.kernel.money import UnitPrice
from tests.kernel.log_steps import ID, NOW, record, settled_references


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


@dataclass(frozen=True, slots=True)
class Priced:
    sku: str
    price: str = field(metadata=COST)


@dataclass(frozen=True, slots=True)
class Bought:
    id: UUID
    total: int | None = field(default=None, metadata=COST)
    lines: tuple[Priced, ...] = ()


class TestCosts:
    def test_lie_beside_what_anybody_reads(self) -> None:
        (entry,) = differences(Bought(UUID(int=1)), Bought(UUID(int=1), 12))

        assert entry == {
            "path": "total",
            "before": None,
            "after": HIDDEN,
            "costs": {"before": None, "after": 12},
        }

    def test_are_hidden_within_what_is_none(self) -> None:
        (entry,) = differences(None, Bought(UUID(int=1), None, (Priced("MUG", "1.25"),)))

        assert entry == {
            "path": "lines",
            "before": None,
            "after": [{"sku": "MUG", "price": HIDDEN}],
            "costs": {"before": None, "after": [{"sku": "MUG", "price": "1.25"}]},
        }

    def test_are_not_marked_where_there_are_none(self) -> None:
        assert change("title", "a", "b") == {"path": "title", "before": "a", "after": "b"}
