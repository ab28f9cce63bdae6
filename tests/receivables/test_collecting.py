"""Dunning, credit limits and write-offs. On both databases."""

from datetime import timedelta

import pytest

from backoffice_api.domain.approvals.commands.deciding import (
    DeclineApproval,
    GrantApproval,
    decline_approval,
    grant_approval,
)
from backoffice_api.domain.approvals.model.refusals import ApproverIsCreator
from backoffice_api.domain.approvals.tables import approval_requests
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.orders.model.ending import open_money
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.commands.contesting import (
    DisputeReceivable,
    EndReceivableDispute,
    dispute_receivable,
    end_receivable_dispute,
)
from backoffice_api.domain.receivables.commands.credit import (
    MindCredit,
    SetCreditLimit,
    mind_credit,
    set_credit_limit,
)
from backoffice_api.domain.receivables.commands.dunning import (
    RunDunning,
    SetDunningStep,
    run_dunning,
    set_dunning_step,
)
from backoffice_api.domain.receivables.commands.writing_off import (
    WriteOffReceivable,
    write_off_receivable,
)
from backoffice_api.domain.receivables.model.dunning import DunningKind, StepsNotInOrder
from backoffice_api.domain.receivables.model.write_offs import WriteOffPending, WriteOffReason
from backoffice_api.domain.receivables.queries.aging import aging
from backoffice_api.domain.receivables.queries.credit import status_by_customers
from tests.databases import count_statements
from tests.messages.post import Post
from tests.payments.till import euros
from tests.receivables.debts import NOW, TODAY
from tests.world import CLERK


def step(debts, number, days, kind=DunningKind.REMINDER, fee=None):
    command = SetDunningStep(number=number, days_after_due=days, kind=kind, fee=fee)
    return debts.world.run(set_dunning_step, command).value


def dun(debts, days, **meta):
    """Who is reminded so many days from now: step, days late and amount of each."""
    now = NOW + timedelta(days=days)
    made = debts.world.run(run_dunning, RunDunning(), now=now, **meta).value.notice_ids
    found = debts.world.read(queries.notices_by_ids, made)
    return [
        (each.step_number, each.days_overdue, each.amount_minor, each.fee_minor)
        for id in made
        if (each := found.get(id))
    ]


class TestDunning:
    def test_reminds_of_the_last_step_that_was_reached(self, debts):
        debts.on_terms(days=(1, 10))
        step(debts, 1, 7)
        step(debts, 2, 14, DunningKind.FINAL_NOTICE, fee=euros(500))
        with pytest.raises(StepsNotInOrder):
            step(debts, 3, 14)

        assert dun(debts, 7) == []  # six days late
        assert dun(debts, 8, dry_run=True) == []
        assert dun(debts, 8) == [(1, 7, 5_000, 0)]
        assert dun(debts, 8) == []
        assert dun(debts, 30) == [(2, 29, 5_000, 500), (2, 20, 5_000, 500)]
        assert dun(debts, 60) == []
        assert debts.broken() == []

    def test_stops_when_paid_or_disputed(self, debts):
        _, payment = debts.on_terms(days=(1,))
        order, _ = debts.on_terms(days=(2,))
        step(debts, 1, 7)
        debts.record(payment)
        (one,) = debts.of(order)
        debts.world.run(dispute_receivable, DisputeReceivable(id=one.id, note="It was broken."))
        assert dun(debts, 20) == []
        debts.world.run(end_receivable_dispute, EndReceivableDispute(id=one.id))
        assert dun(debts, 20) == [(1, 18, 10_000, 0)]

    def test_is_written_of_by_templates(self, debts):
        post = Post.__new__(Post)
        post.world = debts.world
        post.template(
            MessageTopic.PAYMENT_REMINDER,
            subject="{{ order.number }}",
            text="{{ reminder.amount }} {{ reminder.due_on }} {{ reminder.days_overdue }} "
            "{{ reminder.kind }} {{ reminder.fee }}",
        )
        order = debts.order(email="ana@example.com")
        debts.pay(order, PaymentMethod.TERMS, due_on=TODAY)
        step(debts, 1, 7, fee=euros(500))
        dun(debts, 7)

        assert post.follow(NOW + timedelta(days=7)) == 1
        assert post.message().text.strip() == "100.00 EUR 2025-03-01 7 reminder 5.00 EUR"

    def test_takes_a_constant_number_of_statements(self, debts):
        step(debts, 1, 7)
        counts = []
        for day, many in ((8, 1), (30, 4)):
            for _ in range(many):
                debts.on_terms(days=(1,))
            with count_statements(debts.world.database) as seen:
                assert len(dun(debts, day)) == many
            counts.append(len([each for each in seen if each.startswith("SELECT")]))
        assert counts[0] == counts[1]


class TestCreditLimit:
    def limit(self, debts, minor):
        amount = None if minor is None else euros(minor)
        command = SetCreditLimit(customer_id=debts.ana, currency="EUR", limit=amount)
        debts.world.run(set_credit_limit, command)

    def follow(self, debts):
        debts.world.settle()
        return debts.world.run(mind_credit, MindCredit(), caller=THE_SYSTEM).value

    def status(self, debts):
        (found,) = debts.world.read(status_by_customers, [debts.ana])[debts.ana]
        return found

    def test_counts_what_is_asked_for_and_what_is_not(self, debts):
        debts.on_terms()
        debts.order(3)
        card = debts.order(5)
        debts.authorize(debts.pay(card))
        self.limit(debts, 15_000)

        found = self.status(debts)

        assert (found.receivables_minor, found.unbilled_minor) == (10_000, 3_000)
        assert (found.available.minor, found.is_over) == (2_000, False)

    def test_holds_what_goes_beyond(self, debts):
        self.limit(debts, 12_000)
        _, payment = debts.on_terms()
        second = debts.order(5)
        assert not debts.shop.order(second).has_hold  # placing knows of no limit
        assert self.follow(debts) == 1
        assert debts.shop.order(second).has_hold
        assert self.follow(debts) == 0

        debts.record(payment)

        assert self.follow(debts) == 1
        assert not debts.shop.order(second).has_hold
        self.limit(debts, None)
        debts.order(90)
        assert self.follow(debts) == 0
        assert debts.broken() == []


class TestWriteOff:
    def write_off(self, debts, id, minor=None, **who):
        amount = None if minor is None else euros(minor)
        command = WriteOffReceivable(id=id, reason=WriteOffReason.UNCOLLECTIBLE, amount=amount)
        return debts.world.run(write_off_receivable, command, **who).value

    def request(self, debts, write_off):
        with debts.world.database.reading.connect() as db:
            table = approval_requests.c
            return db.execute(
                table.id.table.select()
                .with_only_columns(table.id)
                .where(table.subject_id == write_off)
            ).scalar_one()

    def test_needs_another_person(self, debts, boss):
        order, payment = debts.on_terms()
        (one,) = debts.of(order)
        made = self.write_off(debts, one.id, 6_000)
        request = self.request(debts, made)
        assert debts.sums(order) == [("expected", 0, 10_000)]
        with pytest.raises(WriteOffPending):
            self.write_off(debts, one.id)
        with pytest.raises(ApproverIsCreator):
            debts.world.run(grant_approval, GrantApproval(id=request), caller=CLERK)
        debts.record(payment, 7_000)  # less is open by the time that somebody agrees

        debts.world.run(grant_approval, GrantApproval(id=request), caller=boss)

        assert debts.sums(order) == [("written_off", 7_000, 0)]
        assert debts.posted("write_off:") == [("write_offs", "receivables", 3_000)]
        assert debts.world.read(queries.write_off, made).amount_minor == 3_000
        # It is owed, and not waited for.
        told = debts.shop.order(order)
        assert (told.outstanding, told.written_off) == (euros(3_000), euros(3_000))
        assert open_money(told) is None
        # What comes after all is owed once more, so that it can be paid.
        debts.record(payment, 1_000)
        assert debts.sums(order) == [("written_off", 8_000, 0)]
        assert debts.posted("recovery:") == [("receivables", "write_offs", 1_000)]
        debts.record(payment, 2_000)
        assert debts.sums(order) == [("settled", 10_000, 0)]
        assert debts.shop.order(order).written_off == euros(0)
        assert debts.broken() == []

    def test_is_declined(self, debts, boss):
        order, _ = debts.on_terms()
        (one,) = debts.of(order)
        made = self.write_off(debts, one.id)
        declined = DeclineApproval(id=self.request(debts, made), note="No.")
        debts.world.run(decline_approval, declined, caller=boss)
        assert debts.world.read(queries.write_off, made).status.value == "declined"
        assert debts.sums(order) == [("expected", 0, 10_000)]
        assert debts.posted("write_off:") == []
        self.write_off(debts, one.id)


def test_aging(debts):
    for days in (0, 1, 5, 40, 100):
        debts.on_terms(1, days=(days,))
    with count_statements(debts.world.database) as seen:
        (found,) = debts.world.read(aging, TODAY + timedelta(days=101))
    assert len([each for each in seen if each.startswith("SELECT")]) == 1
    amounts = (found.not_due, found.to_30, found.to_60, found.to_90, found.beyond, found.total)
    assert [each.minor for each in amounts] == [0, 1_000, 0, 1_000, 3_000, 5_000]
    assert found.count == 5
