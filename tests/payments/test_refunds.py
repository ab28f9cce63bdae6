"""Refunds, approvals, disputes, and orders that come to another amount. On both databases."""

from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from backoffice_api.domain.approvals.commands.asking import WithdrawApproval, withdraw_approval
from backoffice_api.domain.approvals.commands.deciding import (
    DeclineApproval,
    GrantApproval,
    decline_approval,
    grant_approval,
)
from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.holds import ReleaseHold, release_hold
from backoffice_api.domain.orders.commands.splitting import SplitOrder, split_order
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.orders.model.payments import PaymentGate
from backoffice_api.domain.orders.model.settlement import OrderToSettle, Settlement
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.disputing import (
    AcceptDispute,
    CreateDispute,
    ResolveDispute,
    RespondToDispute,
    UpdateDispute,
    accept_dispute,
    create_dispute,
    resolve_dispute,
    respond_to_dispute,
    update_dispute,
)
from backoffice_api.domain.payments.commands.refunding import (
    CancelRefund,
    CreateRefund,
    RetryRefund,
    SubmitRefund,
    cancel_refund,
    create_refund,
    retry_refund,
    submit_refund,
)
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.payments.model.refunds import (
    PaymentShare,
    RefundDestination,
    RefundReason,
)
from tests.payments.test_payments import refused
from tests.payments.till import euros
from tests.world import caller

BANK = PaymentMethod.BANK_TRANSFER
BOSS = caller(*ALL_SCOPES)
OTHER = RefundReason.OTHER


@pytest.fixture
def paid(till):
    """An order that was paid by two transfers: 70.00, then 30.00 euros."""
    order = till.order()
    ids = [till.pay(order, BANK, minor) for minor in (7_000, 3_000)]
    for id in ids:
        till.record(id)
    return order, *ids


class TestRefunds:
    def test_come_out_of_the_oldest_payments_first(self, till, paid):
        order, first, second = paid

        made = till.refund(order, 8_000)

        assert [till.refund_of(id).amount_minor for id in made] == [7_000, 1_000]
        assert [till.refund_of(id).number for id in made] == ["W-1-R1", "W-1-R2"]
        assert till.payment(first).refunded_minor == 7_000
        assert till.payment(second).refunded_minor == 1_000
        assert till.state(order) == ("partially_refunded", 0, 10_000, 8_000, 8_000)
        till.refund(order)
        assert till.state(order) == ("refunded", 0, 10_000, 10_000, 10_000)
        again = CreateRefund(order_id=order, reason=OTHER)
        assert refused(till, create_refund, again) == ["NOTHING_TO_REFUND"]
        assert till.broken() == []

    def test_come_out_of_chosen_payments(self, till, paid):
        order, first, second = paid
        shares = (PaymentShare(payment_id=second, amount=euros(2_500)),)

        till.refund(order, shares=shares)

        assert [till.payment(id).refunded_minor for id in (first, second)] == [0, 2_500]
        assert till.broken() == []

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"amount": euros(10_001)}, "AMOUNT_EXCEEDED"),
            ({"amount": euros(-1)}, "AMOUNT_NOT_POSITIVE"),
            ({"shares": "too much"}, "AMOUNT_EXCEEDED"),
            ({"shares": "twice"}, "DUPLICATE"),
            ({"shares": "foreign"}, "PAYMENT_OF_ANOTHER_ORDER"),
        ],
    )
    def test_are_refused(self, till, paid, values, code):
        order, _, second = paid
        share = PaymentShare(payment_id=second, amount=euros(1))
        shares = {
            "too much": (replace(share, amount=euros(3_001)),),
            "twice": (share, share),
            "foreign": (replace(share, payment_id=order),),
        }
        if "shares" in values:
            values = {"shares": shares[values["shares"]]}
        command = CreateRefund(order_id=order, reason=OTHER, **values)

        assert refused(till, create_refund, command) == [code]

    def test_hold_their_money_until_they_are_called_off(self, till, paid):
        order, first, _ = paid
        (refund,) = till.refund(order, 7_000, submit=False)
        assert till.payment(first).refunding_minor == 7_000
        too_much = CreateRefund(order_id=order, amount=euros(3_001), reason=OTHER)
        assert refused(till, create_refund, too_much) == ["AMOUNT_EXCEEDED"]
        retry = RetryRefund(id=refund)
        assert refused(till, retry_refund, retry) == ["INVALID_TRANSITION"]

        till.world.run(cancel_refund, CancelRefund(id=refund))

        assert till.payment(first).refunding_minor == 0
        assert till.refund_of(refund).status.value == "cancelled"
        assert till.state(order) == ("paid", 0, 10_000, 0, 0)
        assert till.broken() == []

    def test_become_store_credit(self, till, paid):
        order, *_ = paid

        till.refund(order, 8_000, destination=RefundDestination.STORE_CREDIT)

        assert till.balance() == 8_000
        assert till.state(order) == ("partially_refunded", 0, 10_000, 8_000, 8_000)
        assert till.broken() == []


class TestApproval:
    @pytest.fixture
    def waiting(self, till, paid):
        rule = SetApprovalRule(kind=ApprovalKind.REFUND, limit=euros(5_000))
        till.world.run(set_approval_rule, rule)
        (refund,) = till.refund(paid[0], 7_000)
        return till.refund_of(refund)

    def test_is_needed_above_the_limit_of_all_refunds_together(self, till, paid):
        rule = SetApprovalRule(kind=ApprovalKind.REFUND, limit=euros(200))
        till.world.run(set_approval_rule, rule)

        made = [id for _ in range(3) for id in till.refund(paid[0], 100)]

        found = [till.refund_of(id).status.value for id in made]
        assert found == ["succeeded", "succeeded", "pending_approval"]
        assert till.broken() == []

    def test_is_asked_by_the_rule_of_the_channel(self, till, paid):
        rule = SetApprovalRule(
            kind=ApprovalKind.REFUND, limit=euros(99), channel_id=till.shop.channel_id
        )
        till.world.run(set_approval_rule, rule)

        (refund,) = till.refund(paid[0], 100)

        assert till.refund_of(refund).status.value == "pending_approval"

    def test_lets_a_refund_go(self, till, waiting):
        assert waiting.status.value == "pending_approval"
        grant = GrantApproval(id=waiting.approval_id)
        assert refused(till, grant_approval, grant) == ["APPROVER_IS_CREATOR"]
        submit = SubmitRefund(id=waiting.id)
        assert refused(till, submit_refund, submit) == ["INVALID_TRANSITION"]

        till.world.run(grant_approval, grant, caller=BOSS)

        assert till.refund_of(waiting.id).status.value == "succeeded"
        assert till.state(waiting.order_id)[3] == 7_000
        assert till.broken() == []

    def test_that_is_refused_or_taken_back_ends_a_refund(self, till, waiting):
        decline = DeclineApproval(id=waiting.approval_id)
        till.world.run(decline_approval, decline, caller=BOSS)
        assert till.refund_of(waiting.id).status.value == "cancelled"
        (again,) = till.refund(waiting.order_id, 7_000)
        till.world.run(withdraw_approval, WithdrawApproval(id=till.refund_of(again).approval_id))
        (third,) = till.refund(waiting.order_id, 7_000)
        till.world.run(cancel_refund, CancelRefund(id=third))

        assert [till.refund_of(id).status.value for id in (again, third)] == ["cancelled"] * 2
        assert till.state(waiting.order_id) == ("paid", 0, 10_000, 0, 0)
        assert till.broken() == []


class TestDisputes:
    def test_that_are_lost_take_the_money(self, till, paid):
        order, first, _ = paid
        run = till.world.run
        id = run(create_dispute, CreateDispute(payment_id=first, reason="fraud")).value
        run(update_dispute, UpdateDispute(id=id, evidence="Signed by Ana."))
        run(respond_to_dispute, RespondToDispute(id=id))

        run(resolve_dispute, ResolveDispute(id=id, is_won=False))

        found = till.world.read(queries.dispute, id)
        assert (found.status.value, found.amount_minor) == ("lost", 7_000)
        assert till.payment(first).charged_back_minor == 7_000
        assert till.payment(first).refundable_minor == 0
        assert till.shop.order(order).charged_back_minor == 7_000
        assert till.shop.events(id) == [
            "dispute.opened",
            "dispute.updated",
            "dispute.responded",
            "dispute.closed",
        ]
        assert "Ana" not in str(till.shop.log(id))
        again = ResolveDispute(id=id, is_won=True)
        assert refused(till, resolve_dispute, again) == ["INVALID_TRANSITION"]
        assert till.broken() == []

    def test_that_are_lost_leave_nothing_to_pay_back(self, till, paid):
        order, first, _ = paid
        (refund,) = till.refund(order, 7_000, submit=False)
        command = CreateDispute(payment_id=first, amount=euros(7_000))
        dispute = till.world.run(create_dispute, command).value
        till.world.run(resolve_dispute, ResolveDispute(id=dispute, is_won=False))

        submit = SubmitRefund(id=refund)
        assert refused(till, submit_refund, submit) == ["AMOUNT_EXCEEDED"]

    def test_that_are_won_or_accepted_end(self, till, paid):
        _, first, second = paid
        run = till.world.run
        won, given = (
            run(create_dispute, CreateDispute(payment_id=id, amount=euros(1_000))).value
            for id in (first, second)
        )

        run(resolve_dispute, ResolveDispute(id=won, is_won=True))
        run(accept_dispute, AcceptDispute(id=given))

        assert till.payment(first).charged_back_minor == 0
        assert till.payment(second).charged_back_minor == 1_000
        assert till.broken() == []

    def test_hold_what_is_left_of_the_order_until_they_are_won(self, till, paid):
        order, first, _ = paid
        run = till.world.run
        one, two = (run(create_dispute, CreateDispute(payment_id=id)).value for id in paid[1:])
        assert till.holds(order) == ["dispute"]

        run(resolve_dispute, ResolveDispute(id=one, is_won=True))
        assert till.holds(order) == ["dispute"]
        run(resolve_dispute, ResolveDispute(id=two, is_won=True))

        assert till.holds(order) == []
        three = run(create_dispute, CreateDispute(payment_id=first)).value
        run(accept_dispute, AcceptDispute(id=three))
        # The money is gone: somebody decides what becomes of the goods, and is believed.
        assert till.holds(order) == ["dispute"]
        run(release_hold, ReleaseHold(id=order))
        assert till.holds(order) == []
        assert till.broken() == []

    def test_let_go_what_was_split_off_while_they_were_open(self, till, paid):
        order, first, _ = paid
        run = till.world.run
        one = run(create_dispute, CreateDispute(payment_id=first)).value
        (line,) = till.shop.lines(order)
        part = (LineQuantity(line.id, 2),)
        made = run(split_order, SplitOrder(id=order, lines=part)).value
        assert (till.holds(order), till.holds(made)) == (["dispute"], ["dispute"])

        run(resolve_dispute, ResolveDispute(id=one, is_won=True))

        assert (till.holds(order), till.holds(made)) == ([], [])
        assert till.broken() == []

    def test_are_about_what_was_paid(self, till, paid):
        command = CreateDispute(payment_id=paid[1], amount=euros(7_001))

        assert refused(till, create_dispute, command) == ["AMOUNT_EXCEEDED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settle(Command):
    scope = Scope.ORDERS_WRITE
    id: UUID
    settlement: Settlement
    before_minor: int


def _settle(uow: UnitOfWork, command: _Settle) -> UUID:
    """What a change of an order tells, once its total is another one."""
    order = on_orders.locked_order(uow.db, command.id)
    event = OrderToSettle(
        id=order.id,
        version=order.version,
        order=order.name,
        settlement=command.settlement,
        currency=order.currency,
        total_before_minor=command.before_minor,
        total_after_minor=order.current_total_minor,
    )
    uow.emit(event)
    return order.id


class TestSettling:
    def cancel(self, till, order, mugs, settlement):
        (line,) = till.shop.lines(order)
        lines = (LineQuantity(line.id, mugs),)
        command = CancelOrder(id=order, lines=lines, reason=CancelReason.CUSTOMER)
        before = till.shop.order(order).current_total_minor
        till.world.run(cancel_order, command)
        settle = _Settle(id=order, settlement=settlement, before_minor=before)
        till.world.run(_settle, settle)

    def test_pays_back_what_is_too_much(self, till):
        order = till.order()
        till.credit(6_000)
        till.pay(order, PaymentMethod.STORE_CREDIT, 6_000)
        bank = till.pay(order, BANK)
        till.record(bank)

        self.cancel(till, order, 8, Settlement.REFUND)

        assert till.balance() == 6_000
        (waiting,) = till.world.read(queries.refunds_by_payments, [bank])[bank]
        assert (waiting.status.value, waiting.amount_minor) == ("requested", 2_000)
        till.world.run(submit_refund, SubmitRefund(id=waiting.id))
        assert till.state(order) == ("partially_refunded", 0, 10_000, 8_000, 0)
        assert till.broken() == []

    def test_gives_credit(self, till, paid):
        self.cancel(till, paid[0], 8, Settlement.STORE_CREDIT)

        assert till.balance() == 8_000
        assert till.state(paid[0]) == ("partially_refunded", 0, 10_000, 8_000, 0)
        assert till.broken() == []

    def test_pays_back_nothing_that_a_bank_took_back(self, till, paid):
        order, first, second = paid
        dispute = till.world.run(create_dispute, CreateDispute(payment_id=first)).value
        till.world.run(resolve_dispute, ResolveDispute(id=dispute, is_won=False))

        self.cancel(till, order, 8, Settlement.REFUND)

        (waiting,) = till.world.read(queries.refunds_by_orders, [order])[order]
        assert (waiting.payment_id, waiting.amount_minor) == (second, 1_000)
        assert till.broken() == []

    def test_leaves_open(self, till, paid):
        self.cancel(till, paid[0], 8, Settlement.LEAVE_OPEN)

        assert till.state(paid[0]) == ("overpaid", 0, 10_000, 0, -8_000)
        assert till.broken() == []

    def test_asks_for_what_is_missing(self, till):
        order = till.order()
        till.pay(order, BANK, 4_000)

        settle = _Settle(id=order, settlement=Settlement.CHARGE, before_minor=4_000)
        till.world.run(_settle, settle)
        till.world.run(_settle, settle)

        found = till.world.read(queries.payments_of, order)
        assert [each.amount_minor for each in found] == [4_000, 6_000]

    def test_minds_the_gate(self, till):
        till.gate(PaymentGate.PAID)
        order = till.order()
        bank = till.pay(order, BANK, 2_000)
        till.record(bank)
        assert till.shop.order(order).has_hold

        self.cancel(till, order, 8, Settlement.LEAVE_OPEN)

        assert not till.shop.order(order).has_hold
        assert till.broken() == []
