"""Opening the books: what was there before, and what goes on meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.context import Threads
from backoffice_api.domain.bookkeeping.commands.opening import OpenBooks, open_books
from backoffice_api.domain.bookkeeping.model.opening import BooksAreOpen, OpensLater
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.orders import CancelReason, OrderDiscount
from backoffice_api.domain.orders.model.settlement import Settlement
from backoffice_api.domain.payments.model.refunds import RefundReason
from tests.bookkeeping.counting_house import CountingHouse
from tests.databases import Copies
from tests.orders.history import record, recorded
from tests.orders.shop import goods
from tests.world import NOW, World


class TestOpenBooks:
    def test_counts_what_is_owed_and_paid_ahead(self, house: CountingHouse) -> None:
        ahead, partly, owing, settled = (house.order(3) for _ in range(4))
        house.order(5)  # of which nothing has happened
        house.paid(ahead, 1_500)
        house.paid(partly, 1_200)
        house.shipped(partly, 1)
        house.shipped(owing)
        house.paid(settled)
        house.shipped(settled)

        house.world.run(open_books, OpenBooks())

        worth = 400_000 - 7 * 400
        assert house.trial() == {
            "customer_deposits": -1_500 - 200,
            "inventory": worth,
            "opening": -worth + 1_700 - 3_000,
            "receivables": 3_000,
        }
        house.shipped(partly)
        house.paid(partly)
        house.paid(owing)
        house.shipped(ahead)
        house.paid(ahead)
        assert house.trial() == {
            "bank": 1_800 + 3_000 + 1_500,
            "cost_of_sales": 5 * 400,
            "inventory": worth - 2_000,
            "opening": -worth + 1_700 - 3_000,
            "sales": -2_000 - 3_000,
        }
        assert house.wrong() == []

    def test_takes_orders_of_other_systems_in_when_they_are_paid_here(
        self, house: CountingHouse
    ) -> None:
        order_id = record(house.hall, recorded(house.hall, "A-1"))["A-1"].order_id
        house.open()
        assert "receivables" not in house.trial()

        house.paid(order_id, 1_000)
        assert house.since() == {"bank": 1_000, "opening": -1_800, "receivables": 800}
        house.paid(order_id)
        assert house.since() == {"bank": 1_800, "opening": -1_800}
        assert house.wrong() == []

    def test_is_done_once_and_not_for_a_day_to_come(self, house: CountingHouse) -> None:
        tomorrow = OpenBooks(on=NOW.date() + timedelta(days=1))
        with pytest.raises(OpensLater):
            house.world.run(open_books, tomorrow)
        house.world.run(open_books, OpenBooks(on=date(2025, 1, 1)))

        with pytest.raises(BooksAreOpen) as refusal:
            house.world.run(open_books, OpenBooks())

        assert refusal.value.opened_on == date(2025, 1, 1)

    def test_misses_nothing_that_happens_meanwhile(self, house: CountingHouse) -> None:
        def work(number: int) -> None:
            if number == 5:
                house.world.run(open_books, OpenBooks())
            else:
                house.adjust(house.mug, 1 if number % 2 else -1)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(work, range(12)))

        assert house.trial()["inventory"] == 400_000 - 400
        assert house.wrong() == []


steps = st.lists(
    st.tuples(
        st.sampled_from(["pay", "ship", "refund", "forgive"]),
        st.integers(1, 999),
    ),
    max_size=6,
)


class TestBooksOfOrders:
    @settings(max_examples=10)
    @given(
        quantities=st.lists(st.integers(1, 4), min_size=1, max_size=3),
        amounts=st.tuples(st.integers(0, 700), st.integers(0, 99), st.integers(0, 999)),
        tax_included=st.booleans(),
        steps=steps,
    )
    def test_end_with_nothing_owed_and_nothing_held(
        self,
        sqlite_copies: Copies,
        quantities: list[int],
        amounts: tuple[int, int, int],
        tax_included: bool,
        steps: list[tuple[str, int]],
    ) -> None:
        database = sqlite_copies.clean()
        threads = Threads(database, pool_size=1)
        try:
            _live_through(
                CountingHouse(World(database, threads)), quantities, amounts, tax_included, steps
            )
        finally:
            threads.shutdown()


def _live_through(
    house: CountingHouse,
    quantities: list[int],
    amounts: tuple[int, int, int],
    tax_included: bool,
    steps: list[tuple[str, int]],
) -> None:
    """An order to which all sorts of things happen, until all is paid and all has left."""
    shipping, discount, tax = (Money(minor, "EUR") for minor in amounts)
    house.open()
    order_id = house.hall.place(
        *(goods("MUG", many, tax=Money(many * 7, "EUR")) for many in quantities),
        discounts=(OrderDiscount("Hello", None, discount.minor, "EUR"),) if discount else (),
        shipping=shipping,
        shipping_tax=min(tax, shipping),
        tax_included=tax_included,
        customer_id=house.ana,
    )
    for step, minor in steps:
        order = house.hall.order(order_id)
        kept = order.captured_minor - order.refunded_minor
        match step:
            case "pay" if order.outstanding_minor > 0:
                house.paid(order_id, min(minor, order.outstanding_minor))
            case "ship" if order.unshipped:
                house.shipped(order_id, 1)
            case "refund" if kept:
                house.refund(order_id, min(minor, kept), reason=RefundReason.OTHER)
            case "forgive" if kept:
                house.refund(order_id, min(minor, kept), reason=RefundReason.GOODWILL)
        assert house.wrong() == []
    if house.hall.order(order_id).unshipped > 1:
        house.shipped(order_id, 1)
        command = CancelOrder(
            id=order_id, reason=CancelReason.CUSTOMER, settlement=Settlement.LEAVE_OPEN
        )
        house.world.run(cancel_order, command)
    elif house.hall.order(order_id).unshipped:
        house.shipped(order_id)
    trial = house.trial()
    if owed := trial.get("receivables", 0):
        house.paid(order_id, owed)
    if held := -trial.get("customer_deposits", 0):
        house.refund(order_id, held, reason=RefundReason.OVERPAID)
    trial = house.trial()
    assert "receivables" not in trial
    assert "customer_deposits" not in trial
    assert house.wrong() == []
