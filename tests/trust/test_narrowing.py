"""What is made of a statement before a caller with bounds has it run."""

from uuid import UUID

import pytest

from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.kernel.places import Conditions, Words
from backoffice_api.domain.kernel.reach import OutOfReach
from backoffice_api.domain.kernel.seeing import View
from backoffice_api.domain.places import PLACES, SIGHT
from tests.trust.callers import within

CHANNEL = UUID(int=1)
HEX = CHANNEL.hex
ORDERS = (
    f'orders AS NOT MATERIALIZED (SELECT * FROM "main".orders AS _r0 '
    f"WHERE (_r0.channel_id IN (x'{HEX}')))"
)


def view() -> View:
    bounded = dict(within(channels=[CHANNEL]).reach.bounded)
    conditions = Conditions(PLACES, Words("main", is_postgresql=False), bounded)
    return View(conditions, SIGHT._tables)


class TestNarrowing:
    @pytest.mark.parametrize(
        ("text", "narrowed"),
        [
            ("SELECT orders.id FROM orders", f"WITH {ORDERS} SELECT orders.id FROM orders"),
            ("SELECT o.id FROM orders AS o", f"WITH {ORDERS} SELECT o.id FROM orders AS o"),
            ('SELECT 1 FROM "orders"', f'WITH {ORDERS} SELECT 1 FROM "orders"'),
            ("(SELECT 1 FROM orders) UNION x", f"WITH {ORDERS} (SELECT 1 FROM orders) UNION x"),
            (
                "WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a, orders",
                f"WITH RECURSIVE {ORDERS}, a AS (SELECT 1) SELECT * FROM a, orders",
            ),
            (
                "SELECT 1 FROM orders WHERE x FOR UPDATE OF orders",
                f"WITH {ORDERS} SELECT 1 FROM orders WHERE x",
            ),
            ("SELECT products.id AS orders FROM products", None),
            ("SELECT a FROM products WHERE b = 'orders'", None),
            ("UPDATE orders SET a = 1", None),
        ],
    )
    def test_puts_what_is_seen_before_each_table(self, text: str, narrowed: str | None) -> None:
        assert view().narrowed(text) == (narrowed or text)

    def test_follows_the_ways_to_a_place(self) -> None:
        (start, *_) = view().narrowed("SELECT 1 FROM shipments").split(" SELECT 1")
        for table in ("fulfillments", "orders"):
            assert f'EXISTS (SELECT 1 FROM "main".{table} AS' in start
        assert start.endswith(")")

    def test_closes_what_is_declared_nowhere(self) -> None:
        for table in ("payouts", "login_tries"):
            with pytest.raises(Exception, match="part only"):
                view().narrowed(f"SELECT 1 FROM {table}")
        with pytest.raises(OutOfReach):
            view().narrowed("SELECT 1 FROM waves JOIN orders ON 1 = 1")

    def test_knows_each_table_by_its_name(self) -> None:
        names = [f"SELECT 1 FROM {each}" for each in metadata.tables]
        assert all(SIGHT._tables.search(each) for each in names)
