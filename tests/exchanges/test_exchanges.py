"""Exchanges: what is sent for what comes back, and the difference. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.orders import AddressKind, CancelReason, OrderStatus
from backoffice_api.domain.payments import queries as payments
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.returns.commands.deciding import (
    ApproveReturn,
    CancelReturn,
    DeclineReturn,
    approve_return,
    cancel_return,
    decline_return,
)
from backoffice_api.domain.returns.commands.exchanging import (
    CancelExchange,
    CreateExchange,
    OutgoingLine,
    SettleExchange,
    cancel_exchange,
    create_exchange,
    settle_exchange,
)
from backoffice_api.domain.returns.commands.policies import SetReturnPolicy, set_return_policy
from backoffice_api.domain.returns.commands.refunding import RefundReturn, refund_return
from backoffice_api.domain.returns.commands.resolving import ResolveReturn, resolve_return
from backoffice_api.domain.returns.model.exchanges import (
    ExchangeState,
    Outgoing,
    SendWhen,
    deduction,
    settling,
)
from backoffice_api.domain.returns.model.inspections import Resolution
from backoffice_api.domain.returns.model.returns import ReturnState
from tests.exchanges.counter import AT_ONCE, euros
from tests.orders.shop import address, goods


class TestReserving:
    def test_waits_for_the_return_to_be_approved(self, counter):
        back = counter.returned(counter.sold(), approve=False)
        id = counter.exchange(back, counter.pen, 2)
        assert (counter.of(id).status, counter.shop.reserved(counter.pen)) == (
            ExchangeState.REQUESTED,
            0,
        )

        counter.world.run(approve_return, ApproveReturn(id=back))

        assert counter.of(id).status is ExchangeState.RESERVED
        assert counter.shop.reserved(counter.pen) == 2
        assert counter.broken() == []

    def test_sends_for_the_difference(self, counter):
        id = counter.exchange(counter.returned(counter.sold(2), 2), counter.bag)

        found = counter.of(id)
        order = counter.shop.order(found.order_id)
        assert (found.outgoing_minor, found.promised_minor, found.deducted_minor) == (
            2500,
            2000,
            2000,
        )
        assert (order.total_minor, order.discount_minor, order.has_hold) == (500, 2000, True)
        assert order.customer_id == counter.till.ana

    def test_lets_goods_leave_at_once_where_that_is_wanted(self, counter):
        id = counter.exchange(
            counter.returned(counter.sold()), counter.pen, send_when=SendWhen.AT_ONCE
        )

        found = counter.of(id)
        assert found.status is ExchangeState.RELEASED
        assert not counter.shop.order(found.order_id).has_hold

    def test_lets_goods_leave_when_all_is_here(self, counter):
        back = counter.returned(counter.sold(3), 3)
        id = counter.exchange(back, counter.pen)

        counter.receive(back, 2)
        assert counter.of(id).status is ExchangeState.RESERVED
        counter.receive(back, 1)

        found = counter.of(id)
        assert found.status is ExchangeState.RELEASED
        assert not counter.shop.order(found.order_id).has_hold

    def test_keeps_a_return_from_being_approved_without_stock(self, counter):
        back = counter.returned(counter.sold(), approve=False)
        counter.exchange(back, counter.pen, 51)

        with pytest.raises(DomainError) as refusal:
            counter.world.run(approve_return, ApproveReturn(id=back))

        assert refusal.value.code == "INSUFFICIENT_STOCK"
        assert counter.return_(back).status is ReturnState.REQUESTED


class TestSettling:
    def test_asks_for_what_is_to_be_paid_on_top(self, counter):
        back = counter.returned(counter.sold(2), 2)
        id = counter.exchange(back, counter.bag)
        counter.receive(back, 2)
        counter.inspect(back, 2)

        found = counter.settle(id)

        assert (found.status, found.earned_minor) == (ExchangeState.SETTLED, 2000)
        assert (found.surcharge_minor, found.refunded_minor) == (0, 0)
        (asked,) = counter.world.read(payments.payments_of, found.order_id)
        assert asked.amount_minor == 500
        assert counter.lines(back)[0].exchanged == 2
        counter.world.run(resolve_return, ResolveReturn(id=back))
        assert counter.broken() == []

    def test_keeps_the_delivery_where_the_policy_does(self, counter):
        policy = SetReturnPolicy(code="all", currency="EUR", refunds_shipping=False)
        counter.world.run(set_return_policy, policy)
        back = counter.returned(counter.sold(2, shipping=euros(500)), 2, approve=False)
        id = counter.exchange(back, counter.pen)
        counter.receive(back, 2)
        counter.inspect(back, 2)

        found = counter.settle(id)

        assert (found.promised_minor, found.earned_minor, found.refunded_minor) == (
            2000,
            2000,
            1600,
        )
        assert counter.broken() == []

    def test_comes_before_the_end_of_its_return(self, counter):
        back = counter.returned(counter.sold(2), 2)
        id = counter.exchange(back, counter.pen, send_when=SendWhen.AT_ONCE)
        counter.receive(back, 2)
        counter.inspect(back, 2, Resolution.REFUND)
        counter.world.run(refund_return, RefundReturn(id=back))

        with pytest.raises(DomainError) as refusal:
            counter.world.run(resolve_return, ResolveReturn(id=back))

        assert refusal.value.code == "EXCHANGE_UNDER_WAY"
        assert counter.settle(id).surcharge_minor == 400
        counter.world.run(resolve_return, ResolveReturn(id=back))
        assert counter.broken() == []

    def test_pays_back_what_was_worth_more(self, counter):
        order = counter.sold(2)
        back = counter.returned(order, 2)
        id = counter.exchange(back, counter.pen, 2)
        counter.receive(back, 2)
        counter.inspect(back, 2)

        found = counter.settle(id)

        assert (found.deducted_minor, found.earned_minor, found.refunded_minor) == (800, 2000, 1200)
        assert counter.shop.order(order).refunded_minor == 1200
        assert counter.return_(back).refunded_minor == 1200
        assert counter.shop.order(found.order_id).total_minor == 0
        assert counter.broken() == []

    def test_asks_for_what_did_not_come(self, counter):
        back = counter.returned(counter.sold(3), 3)
        id = counter.exchange(back, counter.bag, send_when=SendWhen.AT_ONCE)
        counter.receive(back, 1)
        counter.world.run(cancel_return, CancelReturn(id=back))
        counter.inspect(back, 1)

        found = counter.settle(id)

        assert (found.deducted_minor, found.earned_minor, found.surcharge_minor) == (
            2500,
            1000,
            1500,
        )
        (asked,) = counter.world.read(payments.payments_of, found.surcharge_order_id)
        assert asked.amount_minor == 1500
        assert counter.broken() == []

    def test_pays_all_back_where_the_order_was_called_off(self, counter):
        order = counter.sold(1)
        back = counter.returned(order, 1)
        id = counter.exchange(back, counter.pen)
        counter.receive(back, 1)
        counter.inspect(back, 1)
        command = CancelOrder(id=counter.of(id).order_id, reason=CancelReason.OTHER)
        counter.world.run(cancel_order, command)

        found = counter.settle(id)

        assert (found.deducted_minor, found.refunded_minor) == (0, 1000)
        assert counter.broken() == []

    def test_waits_for_the_inspection(self, counter):
        back = counter.returned(counter.sold(3), 3)
        id = counter.exchange(back, counter.pen)
        counter.receive(back, 2)

        with pytest.raises(DomainError) as refusal:
            counter.settle(id)

        assert (refusal.value.code, refusal.value.awaited, refusal.value.to_inspect) == (
            "EXCHANGE_NOT_READY",
            1,
            2,
        )

    def test_happens_once_when_two_do_it(self, counter):
        order = counter.sold(2)
        back = counter.returned(order, 2)
        id = counter.exchange(back, counter.pen)
        counter.receive(back, 2)
        counter.inspect(back, 2)
        together = Barrier(2)

        def settle(_):
            together.wait()
            try:
                counter.world.run(settle_exchange, SettleExchange(id=id))
            except InvalidTransition:
                return "refused"
            return "settled"

        with ThreadPoolExecutor(2) as threads:
            outcomes = sorted(threads.map(settle, range(2)))

        assert outcomes == ["refused", "settled"]
        assert counter.shop.order(order).refunded_minor == 1600
        assert counter.broken() == []

    @pytest.mark.parametrize(
        ("deducted", "earned", "surcharge", "refunded"),
        [(5, 5, 0, 0), (5, 3, 2, 0), (5, 9, 0, 4), (0, 0, 0, 0)],
    )
    def test_goes_in_one_direction(self, deducted, earned, surcharge, refunded):
        found = settling(deducted, earned)

        assert (found.surcharge, found.refunded) == (surcharge, refunded)


class TestTax:
    def test_is_that_of_the_goods_that_come_back(self, counter):
        order = taxed(counter, tax_included=False)
        id = counter.exchange(counter.returned(order, 1), counter.bag)

        found = counter.of(id)
        sent = counter.shop.order(found.order_id)
        assert (found.outgoing_minor, found.promised_minor, found.deducted_minor) == (
            2_750,
            1_100,
            1_100,
        )
        assert (sent.total_minor, sent.tax_minor, sent.discount_minor) == (1_650, 150, 1_000)
        counter.receive(found.return_id, 1)
        counter.inspect(found.return_id, 1)
        settled = counter.settle(id)
        assert (settled.earned_minor, settled.surcharge_minor, settled.refunded_minor) == (
            1_100,
            0,
            0,
        )
        assert counter.broken() == []

    def test_is_part_of_what_is_asked_for_later(self, counter):
        order = taxed(counter, tax_included=True)
        id = counter.exchange(counter.returned(order, 2), counter.bag, **AT_ONCE)
        sent = counter.shop.order(counter.of(id).order_id)
        assert (sent.total_minor, sent.tax_minor) == (500, 50)
        counter.receive(counter.of(id).return_id, 2)
        counter.inspect(counter.of(id).return_id, 1)
        counter.inspect(counter.of(id).return_id, 1, Resolution.REJECT)

        settled = counter.settle(id)
        surcharge = counter.shop.order(settled.surcharge_order_id)
        assert (surcharge.total_minor, surcharge.tax_minor) == (1_000, 100)
        assert counter.broken() == []

    def test_comes_less_the_fee_of_the_policy(self, counter):
        policy = SetReturnPolicy(code="fee", currency="EUR", window_days=30, fee_basis_points=1_000)
        counter.world.run(set_return_policy, policy)
        # Its policy approves it by itself.
        id = counter.exchange(counter.returned(counter.sold(1), 1, approve=False), counter.pen)
        counter.receive(counter.of(id).return_id, 1)
        counter.inspect(counter.of(id).return_id, 1)

        settled = counter.settle(id)
        assert (settled.promised_minor, settled.earned_minor, settled.refunded_minor) == (
            900,
            900,
            500,
        )
        assert counter.return_(settled.return_id).fee_minor == 100
        assert counter.broken() == []

    @given(
        st.lists(st.tuples(st.integers(1, 999), st.integers(0, 250)), min_size=1, max_size=4),
        st.integers(0, 3_000),
        st.booleans(),
    )
    def test_leaves_what_is_to_be_paid_to_the_last_cent(self, lines, promised, tax_included):
        sent = [Outgoing(price, min(tax, price)) for price, tax in lines]
        subtotal, tax = sum(x.subtotal for x in sent), sum(x.tax for x in sent)
        whole = subtotal if tax_included else subtotal + tax

        less = deduction(sent, promised, "EUR", tax_included=tax_included)

        assert 0 <= less.discount <= subtotal
        assert all(0 <= kept <= each.tax for kept, each in zip(less.taxes, sent, strict=True))
        left = subtotal - less.discount + (0 if tax_included else sum(less.taxes))
        assert left == max(0, whole - promised)


def taxed(counter, **values):
    """Two mugs at 10.00, with a tax of 1.00 on each, paid and sent."""
    order = counter.shop.place(
        goods("MUG", 2, tax=euros(200)),
        customer_id=counter.till.ana,
        shipping_address=address(AddressKind.SHIPPING),
        **values,
    )
    counter.till.record(counter.till.pay(order, PaymentMethod.BANK_TRANSFER))
    counter.shop.ship(order, 2)
    return order


class TestEnding:
    def test_follows_a_return_that_is_declined(self, counter):
        back = counter.returned(counter.sold(), approve=False)
        id = counter.exchange(back, counter.pen)

        counter.world.run(decline_return, DeclineReturn(id=back, note="No."))

        assert counter.of(id).status is ExchangeState.CANCELLED

    def test_gives_the_stock_back_of_a_return_that_is_called_off(self, counter):
        back = counter.returned(counter.sold())
        id = counter.exchange(back, counter.pen, 2)

        counter.world.run(cancel_return, CancelReturn(id=back))

        found = counter.of(id)
        assert found.status is ExchangeState.CANCELLED
        assert counter.shop.order(found.order_id).status is OrderStatus.CANCELLED
        assert counter.shop.reserved(counter.pen) == 0

    def test_asks_for_all_of_what_has_left_where_nothing_comes(self, counter):
        back = counter.returned(counter.sold())
        id = counter.exchange(back, counter.pen, 2, send_when=SendWhen.AT_ONCE)
        counter.shop.ship(counter.of(id).order_id, 1)

        counter.world.run(cancel_return, CancelReturn(id=back))

        found = counter.of(id)
        assert (found.status, found.surcharge_minor) == (ExchangeState.SETTLED, 800)
        assert counter.broken() == []

    def test_can_be_asked_for_anew_after_it_was_called_off(self, counter):
        back = counter.returned(counter.sold(1), 1)
        id = counter.exchange(back, counter.pen)
        counter.receive(back, 1)
        counter.inspect(back, 1)

        counter.world.run(cancel_exchange, CancelExchange(id=id))
        second = counter.of(counter.exchange(back, counter.bag))

        assert second.number.endswith("-X2")
        assert (second.promised_minor, second.status) == (1000, ExchangeState.RELEASED)


class TestRefusals:
    def test_say_what_is_in_the_way(self, counter):
        back = counter.returned(counter.sold(1), 1)
        id = counter.exchange(back, counter.pen, send_when=SendWhen.AT_ONCE)
        counter.shop.ship(counter.of(id).order_id, 1)
        done = counter.returned(counter.sold(1), 1)
        counter.world.run(cancel_return, CancelReturn(id=done))
        pen = OutgoingLine(variant_id=counter.pen, quantity=1)

        def code(handler, command):
            (found,) = counter.shop.refused(handler, command)
            return found

        assert code(create_exchange, CreateExchange(return_id=back, lines=(pen,))) == (
            "EXCHANGE_UNDER_WAY"
        )
        assert code(create_exchange, CreateExchange(return_id=done, lines=(pen,))) == (
            "NOTHING_TO_EXCHANGE"
        )
        assert code(create_exchange, CreateExchange(return_id=back, lines=())) == "NOTHING_RETURNED"
        unknown = OutgoingLine(variant_id=UUID(int=1), quantity=1)
        assert code(create_exchange, CreateExchange(return_id=back, lines=(unknown,))) == (
            "UNKNOWN_VARIANT"
        )
        assert code(cancel_exchange, CancelExchange(id=id)) == "EXCHANGE_HAS_LEFT"
        assert code(cancel_exchange, CancelExchange(id=UUID(int=1))) == "UNKNOWN_EXCHANGE"

    def test_leave_refunded_pieces_alone(self, counter):
        back = counter.returned(counter.sold(2), 2)
        id = counter.exchange(back, counter.pen)
        counter.receive(back, 2)
        counter.inspect(back, 1)
        counter.inspect(back, 1, Resolution.REFUND)

        assert counter.settle(id).earned_minor == 1000
