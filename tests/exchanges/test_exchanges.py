"""Exchanges: what is sent for what comes back, and the difference. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.orders import CancelReason, OrderStatus
from backoffice_api.domain.payments import queries as payments
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
    SendWhen,
    settling,
)
from backoffice_api.domain.returns.model.inspections import Resolution
from backoffice_api.domain.returns.model.returns import ReturnState
from tests.exchanges.counter import euros


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
