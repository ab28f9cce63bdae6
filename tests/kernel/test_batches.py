"""Many rows at once, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    String,
    Table,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.kernel.batches import UpdateEach, insert_many
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.tables import Id, Instant, Json, Serial, choice
from tests.databases import count_statements

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(microseconds=1)
ROWS = 300


class Colour(Choice):
    RED = "red", "As blood."
    BLUE = "blue", "As the sea."


metadata = MetaData()
shelves = Table("shelves", metadata, Column("id", Id, primary_key=True))
boxes = Table(
    "boxes",
    metadata,
    Column("number", Serial, Identity(), primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("shelf_id", Id, ForeignKey("shelves.id")),
    choice("colour", Colour),
    Column("label", String(40)),
    Column("pieces", Integer, nullable=False),
    Column("packed_at", Instant),
    Column("facts", Json),
    CheckConstraint("pieces >= 0", name="pieces_not_negative"),
)


@pytest.fixture
def opened(empty_database_url: str) -> Iterator[Database]:
    database = open_database(empty_database_url)
    with database.writing.begin() as db:
        metadata.create_all(db)
        db.execute(shelves.insert().values(id=UUID(int=1)))
    yield database
    database.dispose()


def columns(*numbers: int, **more: list[object]) -> dict[str, list[object]]:
    """Boxes with these numbers as ids, column by column."""
    return {
        "id": [UUID(int=each) for each in numbers],
        "colour": [list(Colour)[each % 2] for each in numbers],
        "pieces": [each % 7 for each in numbers],
        **more,
    }


def stored(database: Database, *names: str) -> list[tuple[object, ...]]:
    with database.reading.connect() as db:
        statement = select(*(boxes.c[name] for name in names)).order_by(boxes.c.number)
        return [tuple(row) for row in db.execute(statement)]


class TestInsertMany:
    # PostgreSQL takes few rows by another way than many.
    @pytest.mark.parametrize("times", [1, 100])
    def test_keeps_values_of_every_type(self, opened: Database, times: int) -> None:
        rows: list[tuple[object, ...]] = [
            (UUID(int=1), Colour.BLUE, "plain", 1, NOW, {"a": [1, None]}),
            (UUID(int=1), Colour.RED, 'a\ttab, \\N and "quotes"\nin two lines', 2, LATER, {}),
            (None, Colour.BLUE, None, 3, None, None),
        ] * times
        names = ("shelf_id", "colour", "label", "pieces", "packed_at", "facts")
        given = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        ids = [UUID(int=each) for each in range(len(rows))]

        with opened.writing.begin() as db:
            insert_many(db, boxes, {"id": ids, **given})

        assert stored(opened, "number", "id", *names) == [
            (number, id, *row) for number, (id, row) in enumerate(zip(ids, rows, strict=True), 1)
        ]

    def test_keeps_the_order_of_many(self, opened: Database) -> None:
        with opened.writing.begin() as db:
            insert_many(db, boxes, columns(*range(ROWS)))
            insert_many(db, boxes, columns(*range(ROWS, 2 * ROWS)))

        expected = [(each + 1, UUID(int=each)) for each in range(2 * ROWS)]
        assert stored(opened, "number", "id") == expected

    def test_does_nothing_for_no_rows(self, opened: Database) -> None:
        with opened.writing.begin() as db:
            insert_many(db, boxes, columns())

        assert stored(opened, "id") == []

    @pytest.mark.parametrize("rows", [2, ROWS])
    @pytest.mark.parametrize(
        "wrong",
        [("pieces", -1), ("pieces", None), ("id", UUID(int=0)), ("shelf_id", UUID(int=9))],
    )
    def test_breaks_no_constraint(
        self, opened: Database, rows: int, wrong: tuple[str, object]
    ) -> None:
        given = columns(*range(rows), shelf_id=[None] * rows)
        name, value = wrong
        given[name][-1] = value

        with pytest.raises(IntegrityError), opened.writing.begin() as db:
            insert_many(db, boxes, given)

        assert stored(opened, "id") == []

    @pytest.mark.parametrize("rows", [2, ROWS])
    def test_refuses_columns_of_unequal_length(self, opened: Database, rows: int) -> None:
        given = columns(*range(rows), label=["only one"])

        with pytest.raises(ValueError, match="shorter"), opened.writing.begin() as db:
            insert_many(db, boxes, given)

        assert stored(opened, "id") == []


class TestUpdateEach:
    ADD = UpdateEach(
        lambda given: (
            update(boxes)
            .where(boxes.c.id == given("id"), boxes.c.pieces + given("more") >= 0)
            .values(pieces=boxes.c.pieces + given("more"))
        ),
        id=Id(),
        more=Integer(),
    )
    MARK = UpdateEach(
        lambda given: (
            update(boxes)
            .where(boxes.c.id == given("id"))
            .values(colour=given("colour"), packed_at=given("packed_at"), label=given("label"))
        ),
        id=Id(),
        colour=boxes.c.colour.type,
        packed_at=Instant(),
        label=String(),
    )

    @pytest.fixture
    def filled(self, opened: Database) -> Database:
        with opened.writing.begin() as db:
            insert_many(db, boxes, columns(*range(ROWS)))
        return opened

    def test_changes_each_row_by_its_own_values(self, filled: Database) -> None:
        rows = [{"id": UUID(int=each), "more": each} for each in range(ROWS)]

        with filled.writing.begin() as db, count_statements(filled) as seen:
            changed = self.ADD(db, rows[::-1])

        assert (changed, len(seen)) == (ROWS, 1)
        assert stored(filled, "pieces") == [(each % 7 + each,) for each in range(ROWS)]

    def test_leaves_rows_that_the_condition_excludes(self, filled: Database) -> None:
        rows = [{"id": UUID(int=1), "more": -1}, {"id": UUID(int=2), "more": -3}]

        with filled.writing.begin() as db:
            changed = self.ADD(db, [*rows, {"id": UUID(int=ROWS), "more": 1}])

        assert changed == 1
        assert stored(filled, "pieces")[:3] == [(0,), (0,), (2,)]

    def test_takes_values_of_every_type(self, filled: Database) -> None:
        rows = [
            {"id": UUID(int=0), "colour": Colour.BLUE, "packed_at": NOW, "label": '{a,"b"}'},
            {"id": UUID(int=1), "colour": Colour.RED, "packed_at": None, "label": None},
        ]

        with filled.writing.begin() as db:
            self.MARK(db, rows)

        assert stored(filled, "colour", "packed_at", "label")[:3] == [
            (Colour.BLUE, NOW, '{a,"b"}'),
            (Colour.RED, None, None),
            (Colour.RED, None, None),
        ]

    def test_does_nothing_for_no_rows(self, filled: Database) -> None:
        with filled.writing.begin() as db, count_statements(filled) as seen:
            changed = self.ADD(db, [])

        assert (changed, seen) == (0, [])


class TestInsertOrIgnore:
    def test_inserts_what_is_not_there(self, opened: Database) -> None:
        rows = [
            {"id": UUID(int=each), "colour": Colour.RED, "pieces": each} for each in range(ROWS)
        ]

        with opened.writing.begin() as db:
            first = insert_or_ignore(db, boxes, *rows[:2])
            second = insert_or_ignore(db, boxes, *rows)
            third = insert_or_ignore(db, boxes)

        assert (first, second, third) == (2, ROWS - 2, 0)
        assert sorted(stored(opened, "pieces")) == [(each,) for each in range(ROWS)]
