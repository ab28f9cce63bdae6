"""Random lives of receivables: whatever happens in whatever order, F5 holds. On both databases."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.receivables.commands.writing_off import (
    WriteOffReceivable,
    write_off_receivable,
)
from backoffice_api.domain.receivables.model.write_offs import WriteOffReason
from tests.payments.till import euros
from tests.receivables.debts import NOW, Debts

amounts = st.integers(1, 4_000)
which = st.integers(0, 2)


class ReceivableMachine(RuleBasedStateMachine):
    """An order over 60.00 euros in three instalments. A refusal changes nothing."""

    def __init__(self, debts: Debts) -> None:
        super().__init__()
        self.debts = debts
        self.order, self.payment = debts.on_terms(6, days=(0, 10, 20))
        self.card = debts.pay(self.order, PaymentMethod.MANUAL, 6_000)
        debts.authorize(self.card)
        self.days = 0

    def attempt(self, act, *given, **more):
        try:
            act(*given, **more)
        except DomainError:
            return

    def some(self, number):
        return self.debts.of(self.order)[number].id

    @rule(minor=amounts)
    def record(self, minor):
        self.attempt(self.debts.record, self.payment, minor)

    @rule(number=which, minor=amounts, verb=st.sampled_from(["settle", "unsettle"]))
    def book(self, number, minor, verb):
        self.attempt(self.debts.book, f"{verb}_receivable", self.some(number), minor)

    @rule(minor=amounts)
    def pay_otherwise(self, minor):
        self.attempt(self.debts.capture, self.card, minor)

    @rule(minor=amounts)
    def refund(self, minor):
        self.attempt(self.debts.refund, self.order, minor)

    @rule(number=which, minor=amounts)
    def write_off(self, number, minor):
        command = WriteOffReceivable(
            id=self.some(number), reason=WriteOffReason.OTHER, amount=euros(minor)
        )
        self.attempt(self.debts.world.run, write_off_receivable, command)

    @rule(days=st.integers(1, 9))
    def wait(self, days):
        self.days += days
        self.debts.sweep(NOW + timedelta(days=self.days))

    @rule()
    def void(self):
        self.attempt(self.debts.void, self.payment)

    @invariant()
    def holds(self):
        for each in self.debts.of(self.order):
            parts = each.settled_minor + each.called_off_minor + each.lost_minor
            assert 0 <= each.open_minor == each.amount_minor - parts

    def teardown(self):
        assert self.debts.broken() == []


def test_lives_of_receivables(debts):
    """Small write-offs need nobody's approval here."""
    debts.let_pass(10**6)
    run_state_machine_as_test(
        lambda: ReceivableMachine(debts),
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
