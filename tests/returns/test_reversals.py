"""Money that does not go back after all, and orders that were never paid. On both databases."""

from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.approvals.commands.deciding import DeclineApproval, decline_approval
from backoffice_api.domain.approvals.commands.rules import (
    RemoveApprovalRule,
    SetApprovalRule,
    remove_approval_rule,
    set_approval_rule,
)
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payments import queries as on_payments
from backoffice_api.domain.payments.commands.paying_back import fail, locked_refund
from backoffice_api.domain.payments.commands.refunding import CancelRefund, cancel_refund
from backoffice_api.domain.payments.commands.writing import book
from backoffice_api.domain.payments.model.refunds import RefundStatus
from backoffice_api.domain.payments.tables import refunds
from backoffice_api.domain.returns.commands.reversing import ReverseRefunds, reverse_refunds
from backoffice_api.domain.returns.model.inspections import Resolution
from backoffice_api.domain.returns.model.refunds import Worth
from backoffice_api.domain.returns.model.reversals import PaidPieces, called_off
from backoffice_api.domain.returns.queries import return_refunds_by_returns
from backoffice_api.domain.returns.queries.reversals import reversals_by_returns
from tests.bookkeeping.counting_house import opened, trial_balance, wrong
from tests.orders.shop import goods
from tests.returns.desk import euros
from tests.world import caller

BOSS = caller(*ALL_SCOPES)
SHOWN = """
query ($id: ID!) {
  return(id: $id) {
    status refunded { amount } lines { refunded refundable }
    refunds { amount { amount } offset { amount }
      reversals { amount { amount } kind refund { status } } }
  }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Command):
    """A provider that was asked for a refund says no."""

    scope = Scope.REFUNDS_WRITE
    id: UUID


def refuse(uow: UnitOfWork, command: Refuse) -> UUID:
    order, before = locked_refund(uow, command.id)
    asked = save(uow, refunds, before, replace(before, status=RefundStatus.SUBMITTED))
    fail(uow, asked, "insufficient_funds")
    book(uow, order)
    return command.id


@pytest.fixture
def careful(desk):
    """A desk at which a second person must agree to whatever is paid back."""
    made = desk.world.run(
        set_approval_rule, SetApprovalRule(kind=ApprovalKind.REFUND, limit=euros(0))
    )
    desk.rule = made.value
    return desk


def trust(desk):
    desk.world.run(remove_approval_rule, RemoveApprovalRule(id=desk.rule))


def waiting(desk, order_id):
    """The refunds of an order that wait for somebody, in the order of their numbers."""
    found = desk.world.read(on_payments.refunds_by_orders, [order_id])[order_id]
    asked = (each for each in found if each.status is RefundStatus.PENDING_APPROVAL)
    return sorted(asked, key=lambda each: each.number)


def counts(desk, id):
    """What is counted of the first line: pieces, items, tax, delivery, fee."""
    line = desk.of_return(id)[0]
    settled = line.settled
    return line.refunded, settled.items, settled.tax, settled.shipping, line.fee_minor


class TestCalledOff:
    async def test_opens_a_return_again_that_had_ended(self, careful):
        opened(careful.world)
        order_id = careful.bought(2)
        id = careful.back(order_id, 2)
        before = careful.world.read(trial_balance)
        careful.refund(id)
        careful.resolve(id)
        assert careful.order(order_id).allowance_minor == 2_000
        (refund,) = waiting(careful, order_id)
        decline = DeclineApproval(id=refund.approval_id)
        careful.world.run(decline_approval, decline, caller=BOSS)

        shown = await careful.world.graphql(SHOWN, id=ids.text("ret", id))
        assert shown["return"] == {
            "status": "RECEIVED",
            "refunded": {"amount": "0.00"},
            "lines": [{"refunded": 0, "refundable": 2}],
            "refunds": [
                {
                    "amount": {"amount": "20.00"},
                    "offset": {"amount": "0.00"},
                    "reversals": [
                        {
                            "amount": {"amount": "20.00"},
                            "kind": "UNITS",
                            "refund": {"status": "CANCELLED"},
                        }
                    ],
                }
            ],
        }
        told = careful.log(id)[-1]
        assert (told.type, told.data["reopened"]) == ("return.refund_reversed", True)
        assert careful.order(order_id).allowance_minor == 0
        assert careful.world.read(trial_balance) == before
        trust(careful)
        careful.refund(id)
        careful.resolve(id)

        done = careful.return_(id)
        assert (done.status.value, done.refunded_minor) == ("resolved", 2_000)
        assert careful.order(order_id).refunded_minor == 2_000
        assert careful.wrong() == wrong(careful.world) == []

    def test_takes_back_its_share_of_what_several_payments_pay(self, careful):
        careful.policy(code="fee", window_days=30, priority=1, fee_basis_points=1_500)
        order_id = careful.sent(
            goods("MUG", 3, tax=euros(301)),
            paid=False,
            shipping=euros(100),
            tax_included=False,
        )
        for minor in (1_234, 1_000, 1_167):
            careful.pay(order_id, minor)
        id = careful.back(order_id, 3)
        careful.refund(id)
        paid = counts(careful, id)
        assert paid == (3, 3_000, 301, 100, 450)
        first, second, third = waiting(careful, order_id)
        assert [each.amount_minor for each in (first, second, third)] == [1_234, 1_000, 717]

        careful.world.run(cancel_refund, CancelRefund(id=second.id))
        assert counts(careful, id) == (1, 1_983, 199, 66, 297)
        assert careful.return_(id).refunded_minor == 3_401 - 450 - 1_000
        assert careful.wrong() == []
        careful.world.run(cancel_refund, CancelRefund(id=first.id))
        careful.world.run(cancel_refund, CancelRefund(id=third.id))
        assert counts(careful, id) == (0, 0, 0, 0, 0)
        assert careful.order(order_id).allowance_minor == 0
        trust(careful)
        careful.refund(id)
        careful.resolve(id)

        assert counts(careful, id) == paid
        assert careful.order(order_id).refunded_minor == 2_951
        assert careful.wrong() == []

    def test_leaves_a_return_open_while_a_provider_refuses(self, careful):
        order_id = careful.bought(1)
        id = careful.back(order_id)
        careful.refund(id)
        careful.resolve(id)
        (refund,) = waiting(careful, order_id)
        careful.world.run(refuse, Refuse(id=refund.id))

        told = careful.log(id)[-1]
        assert (told.type, told.data["reopened"]) == ("return.refund_failed", True)
        with pytest.raises(DomainError) as refusal:
            careful.resolve(id)
        assert refusal.value.code == "REFUND_REFUSED"
        assert careful.return_(id).refunded_minor == 1_000
        careful.world.run(cancel_refund, CancelRefund(id=refund.id))

        assert careful.return_(id).refunded_minor == 0
        assert careful.world.run(reverse_refunds, ReverseRefunds()).value == 0
        assert careful.wrong() == []

    @given(
        st.lists(
            st.tuples(
                st.integers(1, 9), st.integers(0, 999), st.integers(0, 99), st.integers(0, 99)
            ),
            min_size=1,
            max_size=4,
        ),
        st.integers(0, 10_000),
        st.lists(st.integers(1, 700), max_size=4),
        st.booleans(),
    )
    def test_is_shared_out_exactly(self, lines, basis_points, amounts, tax_included):
        left = [
            PaidPieces(
                UUID(int=at),
                pieces,
                Worth(items, min(tax, items) if tax_included else tax, shipping, tax_included),
                items * basis_points // 10_000,
            )
            for at, (pieces, items, tax, shipping) in enumerate(lines)
        ]
        for wanted in amounts:
            minor = min(wanted, sum(each.amount_minor for each in left))
            if not minor:
                break
            gone = called_off(left, minor, "EUR")
            assert sum(each.amount_minor for each in gone) == minor
            left = [
                PaidPieces(
                    a.line_id, a.quantity - b.quantity, a.worth - b.worth, a.fee_minor - b.fee_minor
                )
                for a, b in zip(left, gone, strict=True)
            ]
            for each in left:
                stays = each.worth
                assert min(each.quantity, stays.items, stays.tax, stays.shipping) >= 0
                assert 0 <= each.fee_minor <= stays.items


class TestUnpaid:
    def test_owes_less_for_what_came_back(self, desk):
        opened(desk.world)
        order_id = desk.bought(3, paid=False)
        id = desk.request(desk.line(order_id, 2))
        desk.receive(id)
        desk.inspect(id, resolution=Resolution.STORE_CREDIT)
        desk.refund(id)
        desk.resolve(id)

        (row,) = desk.world.read(return_refunds_by_returns, [id])[id]
        order = desk.order(order_id)
        assert (row.amount_minor, row.offset_minor) == (2_000, 2_000)
        assert (order.outstanding_minor, order.payment_status.value) == (1_000, "unpaid")
        assert desk.balance() == 0
        desk.pay(order_id)
        assert desk.order(order_id).payment_status.value == "paid"
        assert desk.wrong() == wrong(desk.world) == []

    def test_pays_back_what_was_paid_beyond_what_is_left(self, desk):
        opened(desk.world)
        order_id = desk.bought(3, paid=False)
        desk.pay(order_id, 2_500)
        id = desk.back(order_id, 3)
        desk.refund(id, 1)
        after_one = desk.order(order_id).refunded_minor
        desk.refund(id)
        desk.resolve(id)

        rows = desk.world.read(return_refunds_by_returns, [id])[id]
        assert [each.offset_minor for each in rows] == [500, 0]
        assert (after_one, desk.order(order_id).refunded_minor) == (500, 2_500)
        assert desk.world.read(trial_balance).get("receivables", 0) == 0
        assert desk.world.read(reversals_by_returns, [id]) == {}
        assert desk.wrong() == wrong(desk.world) == []
