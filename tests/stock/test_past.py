"""Stock as it was on a day, with snapshots and without. On both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.commands.snapshots import (
    ForgetSnapshots,
    TakeSnapshots,
    forget_snapshots,
    take_snapshots,
)
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import AdjustmentKind, MoveLine
from backoffice_api.domain.stock.queries import past
from backoffice_api.domain.stock.tables import snapshots, value_snapshots
from tests.plans import all_indexed
from tests.stock.depot import line, shown
from tests.stock.test_stock_history import received, shipped

DAYS = {
    month: datetime(2025, month, day, 12, tzinfo=UTC)
    for month, day in ((1, 10), (2, 28), (3, 1), (4, 15))
}
NOW = datetime(2025, 5, 20, 9, tzinfo=UTC)


def take(depot, now=NOW):
    return depot.world.run(take_snapshots, TakeSnapshots(), now=now).value


@pytest.fixture
def kept(depot):
    """Pieces that came in January and left in March and April, at a cost that rose in February."""
    depot.kept = depot.variant("A")

    def buy(month, pieces, cost):
        unit_cost = UnitPrice.of(Decimal(cost), "EUR")
        lines = (line(depot.kept, depot.north, delta=pieces, unit_cost=unit_cost),)
        depot.adjust(*lines, kind=AdjustmentKind.RECEIPT, now=DAYS[month])

    buy(1, 10, "1.00")
    buy(2, 10, "3.00")
    depot.adjust(line(depot.kept, depot.north, delta=-5), now=DAYS[3])
    move = MoveLine(
        variant_id=depot.kept,
        from_location_id=depot.north,
        to_location_id=depot.south,
        to_bucket=Bucket.DAMAGED,
        quantity=4,
    )
    depot.move(move, now=DAYS[4])
    return depot


EXPECTED = {
    date(2025, 1, 9): (0, 0, []),
    date(2025, 1, 10): (10, 0, [Money(1000, "EUR")]),
    date(2025, 2, 27): (10, 0, [Money(1000, "EUR")]),
    date(2025, 2, 28): (20, 0, [Money(4000, "EUR")]),
    date(2025, 3, 1): (15, 0, [Money(3000, "EUR")]),
    date(2025, 4, 30): (11, 4, [Money(3000, "EUR")]),
    date(2025, 5, 20): (11, 4, [Money(3000, "EUR")]),
}


def was(depot, day):
    found = depot.world.read(past.contents_on, day, depot.kept)
    return found.on_hand, found.damaged, depot.world.read(past.value_on, day)


class TestPast:
    def test_is_the_same_with_snapshots_and_without(self, kept):
        assert {day: was(kept, day) for day in EXPECTED} == EXPECTED

        assert take(kept) == 4

        assert {day: was(kept, day) for day in EXPECTED} == EXPECTED
        assert kept.broken() == []

    def test_is_on_the_last_day_of_all_as_it_is_now(self, kept):
        assert was(kept, date.max) == was(kept, max(EXPECTED))

    def test_of_a_part_of_the_tree_is_worth_its_pieces(self, kept):
        take(kept)

        values = [
            kept.world.read(past.value_on, date(2025, 4, 30), place)
            for place in (kept.north, kept.south)
        ]

        assert values == [[Money(2200, "EUR")], [Money(800, "EUR")]]

    def test_reads_no_more_than_what_followed_the_snapshot(self, kept):
        take(kept)

        with all_indexed(kept.world.database.reading, sorts=True, walks={"each", "anon_1"}):
            kept.world.read(past.contents_on, date(2025, 5, 2), kept.kept)

    async def test_is_asked_over_graphql(self, kept):
        take(kept)
        document = """query ($of: ID!, $in: ID) {
          stockOn(variantId: $of, on: "2025-04-30") { on onHand damaged owned inTransit }
          stockValue(on: "2025-04-30", withinId: $in) { on totals { amount currency } }
        }"""

        answer = await kept.world.graphql(
            document, **{"of": shown("sku", kept.kept), "in": shown("loc", kept.south)}
        )

        assert answer["stockOn"] == {
            "on": "2025-04-30",
            "onHand": 11,
            "damaged": 4,
            "owned": 15,
            "inTransit": 0,
        }
        totals = [{"amount": "8.00", "currency": "EUR"}]
        assert answer["stockValue"] == {"on": "2025-04-30", "totals": totals}


class TestSnapshots:
    def test_are_taken_once_and_only_of_months_that_have_begun(self, kept):
        assert take(kept, datetime(2025, 3, 1, 0, 59, tzinfo=UTC)) == 1
        assert take(kept, datetime(2025, 3, 1, 1, 0, tzinfo=UTC)) == 1
        assert take(kept, datetime(2025, 3, 1, 1, 0, tzinfo=UTC)) == 0

        assert list(kept.world.read(past.months_taken)) == [date(2025, 2, 1), date(2025, 3, 1)]

    def test_are_taken_a_year_at_a_time(self, kept):
        later = NOW + timedelta(days=400)

        assert [take(kept, later), take(kept, later), take(kept, later)] == [12, 5, 0]
        assert kept.broken() == []

    def test_are_forgotten_when_something_older_is_recorded(self, kept):
        take(kept)
        late = replace(received(kept.kept, kept.north, 100), occurred_at=DAYS[2])
        later = replace(shipped(kept.kept, kept.north, 1), occurred_at=DAYS[3])

        kept.call(record_movements, [late, later])

        assert list(kept.world.read(past.months_taken)) == [date(2025, 2, 1)]
        assert was(kept, date(2025, 2, 28))[0] == 120
        take(kept)
        assert was(kept, date(2025, 2, 28))[0] == 120
        assert was(kept, date(2025, 5, 2))[0] == 110
        assert kept.broken() == []

    @pytest.mark.parametrize(
        ("wrong", "found"),
        [
            (update(snapshots).values(on_hand=snapshots.c.on_hand + 1), "V1"),
            (
                update(value_snapshots).values(value_micro=value_snapshots.c.value_micro - 1),
                "V1-values",
            ),
        ],
    )
    async def test_that_are_wrong_are_found_and_made_anew(self, kept, wrong, found):
        take(kept)
        table = wrong.table
        with kept.world.database.writing.begin() as db:
            db.execute(wrong.where(table.c.month == date(2025, 4, 1)))
        assert kept.broken() == [found]

        document = """mutation {
          stockForgetSnapshots(input: {since: "2025-04-01"}) { months userErrors { code } }
        }"""
        answer = await kept.world.graphql(document)
        assert answer["stockForgetSnapshots"] == {
            "months": ["2025-04-01", "2025-05-01"],
            "userErrors": [],
        }
        take(kept)

        assert kept.broken() == []

    def test_are_forgotten_from_a_day_on(self, kept):
        take(kept)

        answer = kept.world.run(forget_snapshots, ForgetSnapshots(since=date(2025, 3, 2)))

        assert answer.value.months == (date(2025, 4, 1), date(2025, 5, 1))
        with kept.world.database.reading.connect() as db:
            months = db.execute(select(snapshots.c.month).distinct()).scalars().all()
        assert sorted(months) == [date(2025, 2, 1), date(2025, 3, 1)]
