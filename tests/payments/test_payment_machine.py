"""Random lives of payments: whatever is done in whatever order, M1 to M5 hold.

On both databases.
"""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.disputing import (
    AcceptDispute,
    CreateDispute,
    accept_dispute,
    create_dispute,
)
from backoffice_api.domain.payments.commands.refunding import (
    CancelRefund,
    SubmitRefund,
    cancel_refund,
    submit_refund,
)
from backoffice_api.domain.payments.model.payments import PaymentMethod
from tests.payments.till import Till

amounts = st.integers(1, 6_000)
which = st.integers(0, 3)
METHODS = [PaymentMethod.MANUAL, PaymentMethod.BANK_TRANSFER, PaymentMethod.STORE_CREDIT]


class PaymentMachine(RuleBasedStateMachine):
    """One order over 100.00 euros. A refusal is as good as an answer: it changes nothing."""

    def __init__(self, till: Till) -> None:
        super().__init__()
        self.till = till
        self.order = till.order()
        self.payments = [till.pay(self.order, METHODS[0]), till.pay(self.order, METHODS[1], 1)]
        self.refunds = []

    def attempt(self, act, *given, **more):
        try:
            return act(*given, **more)
        except DomainError:
            return None

    def some(self, number):
        return self.payments[number % len(self.payments)]

    @rule(method=st.sampled_from(METHODS), minor=amounts)
    def ask(self, method, minor):
        if made := self.attempt(self.till.pay, self.order, method, minor):
            self.payments.append(made)

    @rule(number=which)
    def authorize(self, number):
        self.attempt(self.till.authorize, self.some(number))

    @rule(number=which, minor=amounts)
    def capture(self, number, minor):
        self.attempt(self.till.capture, self.some(number), minor)

    @rule(number=which, minor=amounts)
    def record(self, number, minor):
        self.attempt(self.till.record, self.some(number), minor)

    @rule(number=which)
    def void(self, number):
        self.attempt(self.till.void, self.some(number))

    @rule(minor=amounts, submit=st.booleans())
    def refund(self, minor, submit):
        made = self.attempt(self.till.refund, self.order, minor, submit=submit)
        self.refunds += made or ()

    @rule(number=which, submit=st.booleans())
    def end_refund(self, number, submit):
        if self.refunds:
            id = self.refunds[number % len(self.refunds)]
            handler, command = (
                (submit_refund, SubmitRefund(id=id))
                if submit
                else (cancel_refund, CancelRefund(id=id))
            )
            self.attempt(self.till.world.run, handler, command)

    @rule(number=which, minor=amounts)
    def lose(self, number, minor):
        command = CreateDispute(payment_id=self.some(number), amount=None)
        made = self.attempt(self.till.world.run, create_dispute, command)
        if made:
            self.till.world.run(accept_dispute, AcceptDispute(id=made.value))

    @rule(minor=amounts)
    def give_credit(self, minor):
        self.till.credit(minor)

    @invariant()
    def holds(self):
        if not hasattr(self, "payments"):
            return
        for each in self.till.world.read(queries.payments_of, self.order):
            if each.method is PaymentMethod.MANUAL:
                assert each.captured_minor + each.voided_minor <= each.authorized_minor
            assert each.refunded_minor + each.refunding_minor <= each.captured_minor
        order = self.till.shop.order(self.order)
        assert order.refunded_minor + order.refunding_minor <= order.captured_minor

    def teardown(self):
        assert self.till.broken() == []


def test_money_keeps_its_bounds(till):
    run_state_machine_as_test(
        lambda: PaymentMachine(till),
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
