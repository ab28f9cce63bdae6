"""What `backoffice verify` finds where money does not add up. On both databases."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.payments.checks import CHECKS
from backoffice_api.domain.payments.model.payments import IntentStatus, PaymentMethod
from backoffice_api.domain.payments.model.refunds import RefundStatus
from backoffice_api.domain.payments.tables import (
    installments,
    payments,
    refunds,
    store_credits,
)
from tests.soundness import broken

WRONG = [
    (payments, {"captured_minor": 9_999, "refunded_minor": 0}, "M1-sums"),
    (payments, {"status": IntentStatus.PENDING}, "M1-status"),
    (payments, {"refunding_minor": 1}, "M2-pending"),
    (refunds, {"status": RefundStatus.SUBMITTED, "settled_at": None}, "M2-refunds"),
    (orders, {"captured_minor": 10_001}, "M4"),
    (orders, {"payment_status": PaymentStatus.UNPAID}, "O4-payments"),
    (payments, {"currency": "USD"}, "M5-payments"),
    (payments, {"currency": "USD"}, "M5-transactions"),
    (store_credits, {"balance_minor": 1}, "M1-credit"),
    (payments, {"pending_operation": "capture"}, "M1-asked"),
]


@pytest.fixture
def settled(till):
    """An order that was paid, and paid back in part as credit."""
    order = till.order()
    till.record(till.pay(order, PaymentMethod.BANK_TRANSFER))
    till.refund(order, 1_000)
    till.credit(500)
    return till


def found(till):
    return set(broken(till.world.database, CHECKS))


class TestChecks:
    @pytest.mark.parametrize(("table", "values", "check"), WRONG)
    def test_find_what_is_wrong(self, settled, table, values, check):
        assert found(settled) == set()

        with settled.world.database.writing.begin() as db:
            db.execute(update(table).values(**values))

        assert check in found(settled)

    def test_find_a_schedule_that_is_not_whole(self, settled):
        id = settled.pay(settled.order(), PaymentMethod.TERMS)
        row = {"payment_id": id, "position": 0, "due_on": settled.payment(id).created_at.date()}
        with settled.world.database.writing.begin() as db:
            db.execute(installments.insert().values(**row, currency="EUR", amount_minor=1))

        assert found(settled) == {"M5-instalments"}


class TestOrders:
    def test_have_their_bounds_in_the_database(self, settled):
        for values in ({"refunding_minor": 9_001}, {"charged_back_minor": 10_001}):
            with (
                pytest.raises(IntegrityError),
                settled.world.database.writing.begin() as db,
            ):
                db.execute(update(orders).values(**values))
