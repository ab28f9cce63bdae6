"""Each check is silent on what commands wrote, and finds what they would never write."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import inspect, text, update

from backoffice_api.domain.orders.checks import CHECKS
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.orders import OrderDiscount
from backoffice_api.domain.orders.tables import (
    channels,
    holds,
    order_discounts,
    order_lines,
    orders,
)
from tests import soundness
from tests.orders.history import record, recorded
from tests.orders.shop import POSTAGE, euros, goods, price
from tests.world import NOW

LINE = order_lines.c
ORDER = orders.c
IS_MUG = LINE.sku == "MUG"
IS_W_1 = ORDER.number == "W-1"

WRONG = {
    "more cancelled than ordered": (
        "O1 O3-line O3-left O4-goods S4-orders",
        update(order_lines).where(IS_MUG).values(cancelled=4),
    ),
    "more returned than shipped": ("O1", update(order_lines).where(IS_MUG).values(returned=1)),
    "an exact value that is not the price times the quantity": (
        "O3-line",
        update(order_lines).where(IS_MUG).values(rounding_micro=4_000),
    ),
    "a line rounded away from the even": (
        "O3-line O3-left O3-order",
        update(order_lines)
        .where(IS_MUG)
        .values(subtotal_minor=335, rounding_micro=-5_000, discount_minor=101),
    ),
    "a line of which too little is left": (
        "O3-line O3-order",
        update(order_lines).where(IS_MUG).values(current_subtotal_minor=333),
    ),
    "a discount of which too little is left": (
        "O3-left O3-order",
        update(order_lines).where(IS_MUG).values(current_discount_minor=99),
    ),
    "a tax of which too much is left": (
        "O3-left O3-order",
        update(order_lines).where(IS_MUG).values(current_tax_minor=51),
    ),
    "an order that is not the sum of its lines": (
        "O3-order",
        update(orders)
        .where(IS_W_1)
        .values(subtotal_minor=ORDER.subtotal_minor + 1, total_minor=ORDER.total_minor + 1),
    ),
    "shipping that is left out": (
        "O3-order",
        update(orders)
        .where(IS_W_1)
        .values(current_shipping_minor=0, current_total_minor=ORDER.current_total_minor - 500),
    ),
    "a discount that is not shared out": (
        "O3-discounts",
        update(order_discounts).values(amount_minor=99),
    ),
    "a line in another currency": (
        "M5-orders",
        update(order_lines).where(IS_MUG).values(currency="USD"),
    ),
    "a discount in another currency": ("M5-orders", update(order_discounts).values(currency="USD")),
    "pieces left to ship that were forgotten": (
        "O4-goods",
        update(orders).where(IS_W_1).values(unshipped=2),
    ),
    "a wrong state of the goods": (
        "O4-goods",
        update(orders).where(IS_W_1).values(fulfillment_status="shipped"),
    ),
    "an open order of which nothing is left": (
        "O3-line O4-cancelled",
        update(order_lines)
        .where(
            LINE.sku == "POST",
            LINE.order_id.in_(
                orders.select().with_only_columns(ORDER.id).where(ORDER.number == "W-2")
            ),
        )
        .values(cancelled=1),
    ),
    "a hold that is not shown": ("O4-holds", update(orders).values(has_hold=False)),
    "a hold that is shown and not there": (
        "O4-holds",
        update(holds).values(released_at=NOW, released_by_kind="system"),
    ),
    "a number that was drawn and not used": ("O6-gaps", update(channels).values(number_next=9)),
    "a number that would be drawn twice": ("O6-gaps", update(channels).values(number_next=2)),
    "a serial that is not that of the number": (
        "O6-serials",
        update(orders).where(IS_W_1).values(serial=2),
    ),
    "stock that an open order lacks": (
        "S4-orders",
        text("UPDATE stock_reservations SET quantity = 2 WHERE status = 'allocated'"),
    ),
    "stock for nobody": (
        "S4-orders S7-orders",
        text("UPDATE stock_reservations SET line_id = id WHERE status = 'allocated'"),
    ),
    "stock for another order": (
        "S7-orders",
        text("UPDATE stock_reservations SET owner_id = id WHERE status = 'allocated'"),
    ),
}


@pytest.fixture
def shop(shop):
    """With orders of every kind."""
    shop.variant("MUG", 9, price=price(1_115_000))
    shop.variant("PEN", 9)
    placed = shop.place(
        goods("MUG", 3, tax=euros(50)),
        shipping=euros(500),
        shipping_tax=euros(10),
        discounts=(OrderDiscount("Voucher", None, 100, "EUR"),),
    )
    shop.place(POSTAGE)
    shop.create(goods("PEN", 2), reserve_until=NOW + timedelta(hours=1))
    shop.world.run(hold_order, HoldOrder(id=placed, kind=HoldKind.FRAUD))
    record(shop, recorded(shop, "536365"))
    return shop


@contextmanager
def written(shop, statement):
    """A transaction that has done it, past all commands and constraints; then it is undone."""
    with shop.world.database.writing.connect() as db:
        is_sqlite = db.dialect.name == "sqlite"
        if is_sqlite:
            db.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        for table in () if is_sqlite else (orders, order_lines, channels, holds):
            for each in inspect(db).get_check_constraints(table.name):
                db.execute(text(f'ALTER TABLE {table.name} DROP CONSTRAINT "{each["name"]}"'))
        db.execute(statement)
        yield db
        db.rollback()
        if is_sqlite:
            db.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


def findings(db):
    return soundness.findings(db, CHECKS)


class TestChecks:
    def test_are_silent_on_what_commands_wrote(self, shop):
        assert shop.broken() == []

    @pytest.mark.parametrize("wrong", WRONG)
    def test_find(self, shop, wrong):
        ids, statement = WRONG[wrong]

        with written(shop, statement) as db:
            assert [each.check.id for each in findings(db)] == ids.split()

        assert shop.broken() == []

    def test_show_the_rows_that_are_wrong(self, shop):
        with written(shop, update(orders).where(IS_W_1).values(unshipped=2)) as db:
            (finding,) = findings(db)

        (row,) = finding.rows
        assert (row["number"], row["unshipped"], row["unshipped_of_lines"]) == ("W-1", 2, 3)
