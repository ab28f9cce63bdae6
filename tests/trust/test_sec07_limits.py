"""SEC-07, A11: amounts up to which one may go alone, and what takes somebody else altogether."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.approvals.commands.deciding import GrantApproval, grant_approval
from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.execute import Handler
from backoffice_api.domain.identity.commands.roles import SetAccessPolicy, set_access_policy
from backoffice_api.domain.identity.model.duties import DutyDoneBefore
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.reach import AboveLimit, Bounds, OutOfReach
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller, Command
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.payables.commands.approving import (
    ApproveBill,
    SubmitBill,
    approve_bill,
    submit_bill,
)
from backoffice_api.domain.payables.commands.runs import ApprovePaymentRun, approve_payment_run
from backoffice_api.domain.payments.commands.crediting import (
    AdjustStoreCredit,
    adjust_store_credit,
)
from backoffice_api.domain.payments.commands.refunding import CreateRefund, create_refund
from backoffice_api.domain.payments.model.refunds import RefundReason
from backoffice_api.domain.purchasing.commands.bank import ApproveBankChange, approve_bank_change
from backoffice_api.domain.receivables.commands.credit import SetCreditLimit, set_credit_limit
from tests.payables.paying import OTHER_IBAN, PayDesk
from tests.payables.test_payment_run_races import outcomes
from tests.payments.till import Till
from tests.purchasing.desk import ANNA, BERT, euros
from tests.trust.callers import bounded, within
from tests.world import World

CARL = Caller(Actor(ActorKind.STAFF, UUID(int=103), "Carl"), ALL_SCOPES)


def refunded(order_id: UUID, minor: int) -> Command:
    return CreateRefund(order_id=order_id, amount=Money(minor, "EUR"), reason=RefundReason.GOODWILL)


def refusal(
    world: World, handler: Handler[Any, Any], command: Command, caller: Caller
) -> tuple[str, int]:
    """Which conflict it is that a command is refused for, and of how many things."""
    with pytest.raises(DutyDoneBefore) as caught:
        world.run(handler, command, caller=caller)
    return caught.value.conflict, caught.value.count


def limit_of(world: World, caller: Caller, order_id: UUID, minor: int) -> int:
    """The limit by which a refund is refused."""
    with pytest.raises(AboveLimit) as refusal:
        world.run(create_refund, refunded(order_id, minor), caller=caller)
    return refusal.value.minor


class TestLimits:
    def test_end_what_one_may_pay_back_at_once(self, world: World) -> None:
        till = Till(world)
        order = till.order()
        payment = till.pay(order)
        till.authorize(payment)
        till.capture(payment)
        clerk = within(amounts=[("EUR", 2_000), ("USD", 9_900)])

        assert limit_of(world, clerk, order, 2_001) == 2_000
        assert limit_of(world, within(amounts=[("USD", 9_900)]), order, 1) == 0
        assert till.state(order)[3] == 0
        world.run(create_refund, refunded(order, 1_500), caller=clerk)
        assert limit_of(world, clerk, order, 501) == 2_000  # not in small steps, either
        world.run(create_refund, refunded(order, 500), caller=clerk)
        credit = AdjustStoreCredit(customer_id=till.ana, delta=Money(2_001, "EUR"))
        with pytest.raises(AboveLimit):
            world.run(adjust_store_credit, credit, caller=clerk)
        assert till.balance() == 0

    def test_go_with_the_other_bounds_of_their_grant(self, world: World) -> None:
        till = Till(world)
        order = till.order()
        payment = till.pay(order)
        till.authorize(payment)
        till.capture(payment)
        command = CreateChannel(code="pos", name="POS", currency="EUR", number_prefix="P-")
        pos = world.run(create_channel, command).value
        clerk = bounded(
            Bounds(channels=frozenset({till.shop.channel_id}), amounts=(("EUR", 1_000),)),
            Bounds(channels=frozenset({pos}), amounts=(("EUR", 5_000),)),
        )

        assert limit_of(world, clerk, order, 1_001) == 1_000
        world.run(create_refund, refunded(order, 1_000), caller=clerk)

    def test_keep_from_what_does_not_measure(self, world: World) -> None:
        till = Till(world)
        command = SetCreditLimit(customer_id=till.ana, currency="EUR", limit=None)
        with pytest.raises(OutOfReach):
            world.run(set_credit_limit, command, caller=within(amounts=[("EUR", 10**9)]))


class TestFourEyes:
    def test_are_needed_for_runs_and_bank_accounts_whoever_is_faster(self, world: World) -> None:
        desk = PayDesk(world)
        desk.payee()
        bank = desk.house_bank()
        for _ in range(2):
            desk.owed("10")
            run = ApprovePaymentRun(id=desk.propose(bank))
            with pytest.raises(AboveLimit):
                world.run(approve_payment_run, run, caller=within(amounts=[("EUR", 999)]))

            came_to = outcomes(
                desk,
                *[(approve_payment_run, run, ANNA)] * 3,
                *[(approve_payment_run, run, BERT)] * 3,
            )

            assert came_to.count("done") == 1
            assert came_to.count("APPROVER_IS_CREATOR") + came_to.count("INVALID_TRANSITION") == 5
            found = desk.run(run.id)
            assert (found.approved_by_id, found.created_by_id) == (BERT.actor.id, ANNA.actor.id)
        change = ApproveBankChange(id=desk.proposed(iban=OTHER_IBAN))

        came_to = outcomes(
            desk, *[(approve_bank_change, change, ANNA)] * 2, (approve_bank_change, change, BERT)
        )

        assert came_to.count("done") == 1
        assert "APPROVER_IS_CREATOR" in came_to

    def test_are_not_those_of_one_who_signed_in_twice(self, world: World) -> None:
        desk = PayDesk(world)
        desk.payee()
        bank = desk.house_bank()
        desk.owed("10")
        run = desk.propose(bank)
        again = Caller(ANNA.actor, ANNA.scopes)

        with pytest.raises(DomainError, match=r"."):
            world.run(approve_payment_run, ApprovePaymentRun(id=run), caller=again)

    def test_see_the_whole_way_of_a_payment_where_duties_are_kept_apart(self, world: World) -> None:
        """Rights do not help: who has entered what is paid, or where to, does not agree to it."""
        desk = PayDesk(world)
        desk.payee()  # Anna has proposed the account
        bank = desk.house_bank()
        desk.owed("10")  # and entered the bill
        free = ApprovePaymentRun(id=desk.propose(bank, CARL))
        world.run(approve_payment_run, free, caller=ANNA)  # nobody has asked for more
        world.run(set_access_policy, SetAccessPolicy(refuses_conflicts=True))
        desk.owed("10")
        own = ApprovePaymentRun(id=desk.propose(bank, CARL))

        assert refusal(world, approve_payment_run, own, ANNA) == ("BILL_AND_PAYMENT", 1)
        world.run(approve_payment_run, own, caller=BERT)

        rule = SetApprovalRule(kind=ApprovalKind.PAYMENT_RUN, limit=euros("5"))
        world.run(set_approval_rule, replace(rule, second_limit=euros("6")))
        bill = desk.draft(desk.service("10"), caller=CARL, due_on=date(2025, 3, 20))
        world.run(submit_bill, SubmitBill(id=bill), caller=CARL)
        world.run(approve_bill, ApproveBill(id=bill), caller=BERT)
        both = GrantApproval(id=desk.request_of(desk.propose(bank, CARL)))
        assert refusal(world, grant_approval, both, ANNA) == ("SUPPLIER_AND_PAYMENT", 1)
