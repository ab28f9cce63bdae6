"""What receivables do to the books, together with those of the shop and of the bank."""

import pytest

from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.receivables import queries
from tests.bookkeeping.counting_house import CountingHouse
from tests.receivables.debts import TODAY, Book, book


class TestSettleReceivable:
    @pytest.mark.parametrize(
        ("method", "account"),
        [(PaymentMethod.TERMS, "bank"), (PaymentMethod.CASH_ON_DELIVERY, "cash")],
    )
    def test_leaves_the_money_to_the_bank_account(self, world, method, account):
        house = CountingHouse(world)
        house.open()
        order = house.order()
        house.pay(order, method, due_on=TODAY)
        (one,) = world.read(queries.receivables_by_orders, [order])[order]

        world.run(book, Book(verb="settle_receivable", id=one.id, minor=10_000))

        # The line of the statement is posted against what is owed, which makes this even.
        assert house.since() == {"receivables": 10_000, "customer_deposits": -10_000}
        assert house.wrong() == []
        world.run(book, Book(verb="unsettle_receivable", id=one.id, minor=4_000))
        assert house.since() == {"receivables": 6_000, "customer_deposits": -6_000}
        house.shipped(order)
        world.run(book, Book(verb="unsettle_receivable", id=one.id, minor=6_000))
        found = house.since()
        assert found.pop("receivables") == 10_000  # owed for what has left
        assert {each for each in found if each in ("customer_deposits", account)} == set()
        assert (house.wrong(), house.broken()) == ([], [])
