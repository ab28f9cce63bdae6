"""Payments by hand, by bank, in cash, by terms and by store credit. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.editing import EditOrder, LineChange, edit_order
from backoffice_api.domain.orders.commands.splitting import SplitOrder, split_order
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason, OrderStatus
from backoffice_api.domain.orders.model.payments import PaymentGate
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.creating import CreatePayment, create_payment
from backoffice_api.domain.payments.commands.crediting import (
    AdjustStoreCredit,
    adjust_store_credit,
)
from backoffice_api.domain.payments.commands.disputing import (
    CreateDispute,
    ResolveDispute,
    create_dispute,
    resolve_dispute,
)
from backoffice_api.domain.payments.commands.expiring import ExpirePayments, expire_payments
from backoffice_api.domain.payments.commands.moving import (
    AuthorizePayment,
    CapturePayment,
    RecordIncoming,
    VoidPayment,
    authorize_payment,
    capture_payment,
    record_incoming,
    void_payment,
)
from backoffice_api.domain.payments.commands.refunding import CreateRefund, create_refund
from backoffice_api.domain.payments.model.payments import IntentStatus, PaymentMethod
from backoffice_api.domain.payments.model.refunds import RefundReason
from backoffice_api.domain.payments.model.schedules import InstallmentDraft
from backoffice_api.domain.payments.tables import payments, transactions
from tests.payments.till import euros
from tests.world import NOW, caller

BANK, MANUAL, TERMS = PaymentMethod.BANK_TRANSFER, PaymentMethod.MANUAL, PaymentMethod.TERMS
LATER = NOW + timedelta(days=1)


def refused(till, handler, command, **how):
    """The codes of the refusals; nothing was changed, not even the log."""
    before = till.shop.everything()
    with pytest.raises(DomainError) as refusal:
        till.world.run(handler, command, **how)
    assert till.shop.everything() == before
    return [each.code for each in refusal.value.reasons()]


class TestByHand:
    def test_is_authorised_captured_in_parts_and_voided(self, till):
        order = till.order()
        assert till.state(order) == ("unpaid", 0, 0, 0, 10_000)

        id = till.pay(order)
        till.authorize(id)
        assert till.state(order) == ("authorized", 10_000, 0, 0, 10_000)
        till.capture(id, 3_000)
        assert till.payment(id).status is IntentStatus.PARTIALLY_CAPTURED
        assert till.state(order) == ("partially_paid", 7_000, 3_000, 0, 7_000)
        till.capture(id, 5_000)
        till.void(id)

        assert till.payment(id).status is IntentStatus.CAPTURED
        assert till.state(order) == ("partially_paid", 0, 8_000, 0, 2_000)
        assert till.moved(id) == [
            ("authorize", 10_000),
            ("capture", 3_000),
            ("capture", 5_000),
            ("void", 2_000),
        ]
        assert till.broken() == []

    def test_is_captured_no_further_than_authorised(self, till):
        order = till.order()
        id = till.pay(order)
        till.authorize(id)
        till.capture(id, 6_000)

        too_much = CapturePayment(id=id, amount=euros(4_001))
        assert refused(till, capture_payment, too_much) == ["AMOUNT_EXCEEDED"]
        assert refused(till, authorize_payment, AuthorizePayment(id=id)) == ["INVALID_TRANSITION"]
        other = CapturePayment(id=id, amount=Money(1, "USD"))
        assert refused(till, capture_payment, other) == ["CURRENCY_MISMATCH"]

    def test_is_not_taken_for_an_order_that_was_called_off(self, till):
        order = till.order()
        pending, authorized = till.pay(order, minor=4_000), till.pay(order)
        till.authorize(authorized)
        till.world.run(cancel_order, CancelOrder(id=order, reason=CancelReason.CUSTOMER))

        authorize, capture = AuthorizePayment(id=pending), CapturePayment(id=authorized)
        assert refused(till, authorize_payment, authorize) == ["NOT_PAYABLE"]
        assert refused(till, capture_payment, capture) == ["NOT_PAYABLE"]

    def test_is_called_off(self, till):
        order = till.order()
        pending, authorized = till.pay(order, minor=4_000), till.pay(order)
        till.authorize(authorized)

        till.void(pending)
        till.void(authorized)

        assert [till.payment(id).status.value for id in (pending, authorized)] == ["voided"] * 2
        assert till.moved(authorized) == [("authorize", 6_000), ("void", 6_000)]
        assert till.state(order) == ("unpaid", 0, 0, 0, 10_000)
        assert refused(till, void_payment, VoidPayment(id=pending)) == ["INVALID_TRANSITION"]
        assert till.broken() == []

    def test_has_its_bounds_in_the_database(self, till):
        id = till.pay(till.order())
        till.authorize(id)
        wrong = (
            {"captured_minor": 10_001},
            {"captured_minor": 5_000, "voided_minor": 5_001},
            {"captured_minor": 5_000, "refunded_minor": 3_000, "refunding_minor": 2_001},
            {"captured_minor": 5_000, "charged_back_minor": 5_001},
            {"refunded_minor": -1},
        )
        for values in wrong:
            with (
                pytest.raises(IntegrityError),
                till.world.database.writing.begin() as db,
            ):
                db.execute(update(payments).where(payments.c.id == id).values(**values))
        for statement in (update(transactions).values(amount_minor=1), transactions.delete()):
            with (
                pytest.raises(IntegrityError),
                till.world.database.writing.begin() as db,
            ):
                db.execute(statement)
        with till.world.database.reading.connect() as db:
            row = dict(db.execute(select(transactions)).mappings().one())
        with (
            pytest.raises(IntegrityError),
            till.world.database.writing.begin() as db,
        ):
            db.execute(insert(transactions).values({**row, "id": id}))


class TestIncoming:
    def test_is_recorded_in_parts_and_taken_as_it_comes(self, till):
        order = till.order()
        id = till.pay(order, BANK, due_on=date(2025, 3, 10))

        till.record(id, 4_000, reference="EREF 1")
        assert till.payment(id).status is IntentStatus.PARTIALLY_CAPTURED
        assert till.payment(id).due_on == date(2025, 3, 10)
        till.record(id)
        assert (till.payment(id).status, till.payment(id).due_on) == (IntentStatus.CAPTURED, None)
        assert till.state(order) == ("paid", 0, 10_000, 0, 0)
        till.record(id, 500)

        assert till.state(order) == ("overpaid", 0, 10_500, 0, -500)
        assert till.broken() == []

    def test_comes_though_its_time_was_over(self, till):
        order = till.order()
        id = till.pay(order, BANK, expires_at=LATER)
        till.world.run(expire_payments, ExpirePayments(), now=LATER)
        assert till.payment(id).status is IntentStatus.EXPIRED

        till.record(id)

        assert till.state(order) == ("paid", 0, 10_000, 0, 0)
        assert till.broken() == []

    def test_is_noted_once_by_its_reference(self, till):
        order = till.order()
        first, second = till.pay(order, BANK, 7_000), till.pay(order, BANK, 3_000)
        till.record(first, 4_000, reference="EREF 1")

        again = RecordIncoming(id=first, amount=euros(3_000), reference="EREF 1")
        assert refused(till, record_incoming, again) == ["DUPLICATE"]
        till.record(second, reference="EREF 1")

        assert till.state(order) == ("partially_paid", 0, 7_000, 0, 3_000)
        assert till.broken() == []

    def test_is_for_what_buyers_send_themselves(self, till):
        id = till.pay(till.order())

        assert refused(till, record_incoming, RecordIncoming(id=id)) == ["NOT_BY_METHOD"]

    def test_fills_the_schedule_from_its_beginning(self, till):
        order = till.order()
        days = (date(2025, 4, 1), date(2025, 5, 1), date(2025, 6, 1))
        parts = tuple(map(InstallmentDraft, days, map(euros, (5_000, 3_000, 2_000))))
        id = till.pay(order, TERMS, installments=parts)
        assert till.payment(id).due_on == days[0]

        till.record(id, 6_000)

        found = till.world.read(queries.schedules_by_payments, [id])[id]
        assert [(each.paid.minor, each.status.value) for each in found] == [
            (5_000, "paid"),
            (1_000, "partially_paid"),
            (0, "open"),
        ]
        assert till.payment(id).due_on == days[1]
        assert till.broken() == []

    @pytest.mark.parametrize(
        ("parts", "code"),
        [
            (((date(2025, 4, 1), 9_999),), "SCHEDULE_NOT_WHOLE"),
            (((date(2025, 4, 1), 5_000), (date(2025, 4, 1), 5_000)), "SCHEDULE_NOT_IN_ORDER"),
        ],
    )
    def test_needs_a_schedule_that_makes_sense(self, till, parts, code):
        drafts = tuple(InstallmentDraft(day, euros(minor)) for day, minor in parts)
        command = CreatePayment(order_id=till.order(), method=TERMS, installments=drafts)

        assert refused(till, create_payment, command) == [code]


class TestAsking:
    def test_asks_for_what_is_left(self, till):
        order = till.order()
        till.pay(order, BANK, 7_000)

        id = till.pay(order)

        assert till.payment(id).amount_minor == 3_000
        command = CreatePayment(order_id=order, method=BANK)
        assert refused(till, create_payment, command) == ["NOTHING_OUTSTANDING"]

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"method": PaymentMethod.CARD}, "PROVIDER_NOT_FIT"),
            ({"method": BANK, "provider": "stripe"}, "PROVIDER_NOT_FIT"),
            (
                {
                    "method": PaymentMethod.CARD,
                    "provider": "stripe",
                    "token": "4242 4242 4242 4242",
                },
                "CARD_NUMBER_GIVEN",
            ),
            ({"method": BANK, "token": "tok"}, "NOT_BY_METHOD"),
            ({"method": BANK, "amount": euros(0)}, "AMOUNT_NOT_POSITIVE"),
            ({"method": BANK, "amount": Money(1, "USD")}, "CURRENCY_MISMATCH"),
            ({"method": BANK, "expires_at": NOW}, "NOT_IN_FUTURE"),
            ({"method": BANK, "note": "x" * 1_001}, "INVALID_TEXT"),
        ],
    )
    def test_refuses(self, till, values, code):
        command = CreatePayment(order_id=till.order(), **values)

        assert refused(till, create_payment, command) == [code]


class TestExpiry:
    def test_gives_up_what_was_set_aside(self, till):
        order = till.order()
        till.gate(PaymentGate.NONE)
        first, second = till.pay(order, minor=4_000, expires_at=LATER), till.pay(order, BANK)
        till.authorize(first)
        third = till.pay(till.order(), BANK, expires_at=LATER)
        run = till.world.run

        assert run(expire_payments, ExpirePayments(), now=LATER - timedelta(seconds=1)).value == 0
        assert run(expire_payments, ExpirePayments(), now=LATER).value == 2
        assert run(expire_payments, ExpirePayments(), now=LATER).value == 0

        found = [till.payment(id).status.value for id in (first, second, third)]
        assert found == ["expired", "pending", "expired"]
        assert till.moved(first) == [("authorize", 4_000), ("void", 4_000)]
        assert till.broken() == []


class TestStoreCredit:
    def test_pays_and_gets_refunds_back(self, till):
        order = till.order()
        till.credit(6_000)

        id = till.pay(order, PaymentMethod.STORE_CREDIT, 5_000)
        assert (till.balance(), till.payment(id).status.value) == (1_000, "captured")
        assert till.state(order) == ("partially_paid", 0, 5_000, 0, 5_000)
        till.refund(order, 2_000)

        assert till.balance() == 3_000
        assert till.state(order) == ("partially_refunded", 0, 5_000, 2_000, 7_000)
        assert till.broken() == []

    def test_is_never_overdrawn(self, till):
        till.credit(500)
        method = PaymentMethod.STORE_CREDIT
        command = CreatePayment(order_id=till.order(), method=method, amount=euros(501))
        assert refused(till, create_payment, command) == ["INSUFFICIENT_STORE_CREDIT"]
        take = AdjustStoreCredit(customer_id=till.ana, delta=euros(-501))
        assert refused(till, adjust_store_credit, take) == ["INSUFFICIENT_STORE_CREDIT"]
        nothing = AdjustStoreCredit(customer_id=till.ana, delta=euros(0))
        assert refused(till, adjust_store_credit, nothing) == ["NOTHING_TO_ADJUST"]
        guest = CreatePayment(order_id=till.shop.place(*_mug()), method=method)
        assert refused(till, create_payment, guest) == ["NO_CUSTOMER_TO_CREDIT"]


class TestGate:
    def test_holds_orders_until_they_are_paid(self, till):
        till.gate(PaymentGate.PAID)
        order = till.order()
        assert till.shop.order(order).has_hold

        id = till.pay(order)
        till.authorize(id)
        assert till.shop.order(order).has_hold
        till.capture(id)

        assert not till.shop.order(order).has_hold
        assert till.broken() == []

    def test_holds_again_when_money_goes_back(self, till):
        till.gate(PaymentGate.AUTHORIZED)
        order = till.order()
        id = till.pay(order)
        till.authorize(id)
        assert not till.shop.order(order).has_hold

        till.void(id)

        assert till.shop.order(order).has_hold
        assert till.broken() == []

    def test_holds_orders_that_wait_for_approval(self, till):
        till.gate(PaymentGate.PAID)
        order = till.order()
        id = till.pay(order)
        till.authorize(id)
        till.capture(id)
        rule = SetApprovalRule(kind=ApprovalKind.ORDER, limit=euros(15_000))
        till.world.run(set_approval_rule, rule)
        more = LineChange(line_id=till.shop.lines(order)[0].id, quantity=20)

        till.world.run(edit_order, EditOrder(id=order, lines=(more,)))

        found = till.shop.order(order)
        assert (found.status, found.has_hold) == (OrderStatus.PENDING_APPROVAL, True)
        assert till.broken() == []

    def test_holds_what_was_split_off(self, till):
        till.gate(PaymentGate.PAID)
        order = till.order()
        id = till.pay(order)
        till.authorize(id)
        till.capture(id)
        piece = LineQuantity(till.shop.lines(order)[0].id, 1)

        new = till.world.run(split_order, SplitOrder(id=order, lines=(piece,))).value

        assert [till.shop.order(each).has_hold for each in (order, new)] == [False, True]
        assert till.broken() == []

    def test_counts_what_a_bank_took_back_as_gone(self, till):
        till.gate(PaymentGate.PAID)
        order = till.order()
        id = till.pay(order)
        till.authorize(id)
        till.capture(id)
        dispute = till.world.run(create_dispute, CreateDispute(payment_id=id)).value

        till.world.run(resolve_dispute, ResolveDispute(id=dispute, is_won=False))

        assert till.shop.order(order).has_hold
        assert till.broken() == []


class TestAtOnce:
    def test_keep_their_bounds(self, till):
        """Many capture and refund the same payment: as much as there is goes, and no more."""
        order = till.order()
        id = till.pay(order)
        till.authorize(id)
        capture = (capture_payment, CapturePayment(id=id, amount=euros(3_000)))
        refund = (
            create_refund,
            CreateRefund(order_id=order, amount=euros(2_500), reason=RefundReason.OTHER),
        )

        assert _all_at_once(till, [capture] * 8) == ["AMOUNT_EXCEEDED"] * 5 + ["done"] * 3
        came_to = _all_at_once(till, [refund] * 8)

        assert came_to == ["AMOUNT_EXCEEDED"] * 5 + ["done"] * 3
        assert till.state(order) == ("partially_refunded", 1_000, 9_000, 7_500, 8_500)
        assert till.broken() == []

    def test_spend_credit_once(self, till):
        till.credit(1_000)
        orders = [till.order(1) for _ in range(4)]
        jobs = [
            (create_payment, CreatePayment(order_id=id, method=PaymentMethod.STORE_CREDIT))
            for id in orders
        ]

        assert _all_at_once(till, jobs) == ["INSUFFICIENT_STORE_CREDIT"] * 3 + ["done"]
        assert till.balance() == 0
        assert till.broken() == []


class TestRights:
    @pytest.mark.parametrize(
        ("handler", "command", "scope"),
        [
            (capture_payment, CapturePayment, Scope.PAYMENTS_WRITE),
            (void_payment, VoidPayment, Scope.PAYMENTS_WRITE),
        ],
    )
    def test_are_needed(self, till, handler, command, scope):
        id = till.pay(till.order())
        somebody = caller(*(ALL_SCOPES - {scope}))

        assert refused(till, handler, command(id=id), caller=somebody) == ["NOT_ALLOWED"]


def _mug():
    from tests.orders.shop import goods

    return (goods("MUG"),)


def _all_at_once(till, jobs):
    """What each came to, sorted."""

    def one(job):
        try:
            till.world.run(*job)
        except DomainError as refusal:
            return refusal.code
        return "done"

    writers = 2 if till.world.database.dialect == "sqlite" else 8
    with ThreadPoolExecutor(writers) as threads:
        return sorted(threads.map(one, jobs))
