"""What is expected, and what becomes of it. On both databases."""

from datetime import timedelta
from threading import Thread

import pytest

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.model.receivables import SettledBeyondOpen
from backoffice_api.domain.receivables.tables import receivables
from tests.databases import count_statements
from tests.receivables.debts import NOW, TODAY


class TestReceivable:
    def test_follows_a_schedule(self, debts):
        order, payment = debts.on_terms(days=(0, 30))
        assert debts.sums(order) == [("due", 0, 5_000), ("expected", 0, 5_000)]

        debts.record(payment, 6_000)

        assert debts.sums(order) == [("settled", 5_000, 0), ("partially_settled", 1_000, 4_000)]
        first, second = debts.of(order)
        assert (first.settled_on, second.settled_on) == (TODAY, None)
        assert (first.customer_id, first.kind.value) == (debts.ana, "terms")
        debts.record(payment, 9_000)  # more than is owed is nobody's
        assert debts.sums(order) == [("settled", 5_000, 0), ("settled", 5_000, 0)]
        assert debts.broken() == []

    def test_is_called_off_with_its_payment_or_order(self, debts):
        order, payment = debts.on_terms()
        debts.void(payment)
        assert debts.sums(order) == [("called_off", 0, 0)]
        other, _ = debts.on_terms(days=(10, 20))
        paid = debts.pay(other, PaymentMethod.MANUAL, 7_000)
        debts.authorize(paid)
        debts.capture(paid)

        # The last due is called off first; what goes back is owed again.
        assert debts.sums(other) == [("expected", 0, 3_000), ("called_off", 0, 0)]
        debts.refund(other, 6_000)
        assert debts.sums(other) == [("expected", 0, 5_000), ("expected", 0, 4_000)]
        asked = debts.order()  # for more than it owes
        debts.pay(asked, PaymentMethod.BOLETO, 15_000)
        assert debts.sums(asked) == [("due", 0, 10_000)]
        third, _ = debts.on_terms()
        debts.world.run(cancel_order, CancelOrder(id=third, reason=CancelReason.CUSTOMER))
        assert debts.sums(third) == [("called_off", 0, 0)]
        assert debts.broken() == []

    def test_grows_due_and_overdue(self, debts):
        order, payment = debts.on_terms(days=(1, 2))
        debts.record(payment, 1_000)

        assert debts.sweep(NOW + timedelta(days=1)) == 0  # part of it came, and it is not late
        assert debts.sweep(NOW + timedelta(days=2)) == 2
        assert debts.sums(order) == [("overdue", 1_000, 4_000), ("due", 0, 5_000)]
        assert debts.sweep(NOW + timedelta(days=2)) == 0
        assert debts.sweep(NOW + timedelta(days=3)) == 1
        assert debts.broken() == []

    def test_settles_at_the_bank_and_back(self, debts):
        order, payment = debts.on_terms(days=(10, 20))
        second = debts.of(order)[1].id
        debts.book("settle_receivable", second, 5_000)
        assert debts.sums(order) == [("expected", 0, 5_000), ("settled", 5_000, 0)]
        assert debts.state(order)[2] == 5_000
        assert debts.payment(payment).status.value == "partially_captured"

        debts.book("unsettle_receivable", second, 5_000)

        assert debts.sums(order) == [("expected", 0, 5_000), ("expected", 0, 5_000)]
        assert debts.state(order)[::2] == ("unpaid", 0, 10_000)
        paid = debts.payment(payment)
        assert (paid.status.value, paid.due_on) == ("pending", TODAY + timedelta(days=10))
        assert debts.moved(payment) == [("capture", 5_000), ("reversal", 5_000)]
        assert debts.broken() == []

    def test_is_never_settled_beyond_what_is_open(self, debts):
        """F5: two who settle the same at once."""
        order, _ = debts.on_terms()
        (one,) = debts.of(order)
        refused = []

        def settle():
            try:
                debts.book("settle_receivable", one.id, 6_000)
            except DomainError as refusal:
                refused.append(refusal)

        threads = [Thread(target=settle) for _ in range(2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

        assert [type(each) for each in refused] == [SettledBeyondOpen]
        assert refused[0].maximum.minor == 4_000
        assert debts.sums(order) == [("partially_settled", 6_000, 4_000)]
        assert debts.broken() == []

    def test_is_caught_up_with(self, debts):
        """Payments of before there were receivables."""
        order, payment = debts.on_terms(days=(10, 20))
        done, _ = debts.on_terms()
        with debts.world.database.writing.begin() as db:
            db.execute(receivables.delete().where(receivables.c.order_id == order))
        debts.record(payment, 6_000)
        assert debts.sums(order) == []

        assert debts.sweep(NOW) == 1

        assert debts.sums(order) == [("settled", 5_000, 0), ("partially_settled", 1_000, 4_000)]
        assert debts.sums(done) == [("expected", 0, 10_000)]
        assert (debts.sweep(NOW), debts.broken()) == (0, [])

    def test_costs_placing_nothing(self, debts):
        debts.order()
        with count_statements(debts.world.database) as seen:
            debts.order()
        assert not [each for each in seen if "receivables" in each]

    def test_is_an_open_item(self, debts):
        debts.on_terms(days=(10, 20))
        debts.captured()
        with count_statements(debts.world.database) as seen:
            found = debts.world.read(queries.open_items, "EUR", 5_000, 5_000)
        assert [(each.kind, each.open.minor, each.party, each.reference) for each in found] == [
            ("terms", 5_000, "Ana", "W-1"),
            ("terms", 5_000, "Ana", "W-1"),
        ]
        assert len([each for each in seen if each.startswith("SELECT")]) == 3
        with debts.world.database.reading.connect() as db:
            assert queries.open_items(db, "EUR", ids=[found[1].id]) == found[1:]


@pytest.mark.parametrize("verb", ["settle_receivable", "unsettle_receivable"])
def test_a_provider_pays_by_payouts(debts, verb):
    order, _ = debts.captured()
    (one,) = debts.of(order)
    with pytest.raises(DomainError):
        debts.book(verb, one.id, 100)
    assert debts.sums(order) == [("expected", 0, 10_000)]
