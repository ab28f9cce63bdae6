"""Payments through a gateway that does all that gateways do. On both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backoffice_api.adapters.payments_fake import FakeGateway, Manner
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.inbox import ReceiveMessage, inbox, receive_message
from backoffice_api.domain.kernel.jobs import jobs
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.orders.model.payments import PaymentGate
from backoffice_api.domain.payments.commands.expiring import ExpirePayments, expire_payments
from backoffice_api.domain.payments.commands.refunding import RetryRefund, retry_refund
from backoffice_api.domain.payments.commands.settling import settle_operation
from backoffice_api.domain.payments.model.gateways import (
    DisputeNews,
    GatewayDispute,
    GatewayRefund,
    GatewayStatus,
)
from backoffice_api.domain.payments.model.payments import IntentStatus, PaymentMethod
from backoffice_api.domain.payments.tables import operations
from backoffice_api.tasks.payments import HANDLE_JOB, TOPIC, GatewayWork, tasks_of
from backoffice_api.worker import Worker
from tests.world import NOW

CARD = PaymentMethod.CARD
MANY = 12


class Counter:
    """A till with the gateway `fake`, and a worker who asks it."""

    def __init__(self, till):
        self.till = till
        self.gateway = FakeGateway()
        self.database = till.world.database
        self.work = GatewayWork(self.database, {"fake": self.gateway}, lambda: NOW)
        self.hours = 0

    def pay(self, order, **values):
        return self.till.pay(order, CARD, provider="fake", token="tok_1", **values)

    def toil(self):
        """Do all that waits, again and again, each try an hour after the one before."""
        worker = Worker(self.database, {}, tasks_of(self.work))
        for _ in range(MANY):
            self.hours += 2
            at = datetime.now(UTC) + timedelta(hours=self.hours)
            while worker.work(at):
                pass

    def told(self, id, news, count=1):
        """Let a message come in, `count` times."""
        body, _ = self.gateway.message(id, news, NOW)
        event = ReceiveMessage(
            topic=TOPIC,
            provider="fake",
            event_id=id,
            type="any",
            body=body.decode(),
            job=HANDLE_JOB,
        )
        for _ in range(count):
            execute(self.database, receive_message, event, caller=THE_SYSTEM, now=NOW)
        self.toil()

    def inbox(self):
        with self.database.reading.connect() as db:
            rows = db.execute(select(inbox.c.event_id, inbox.c.status)).all()
        return {id: status.value for id, status in rows}

    def tokens(self):
        with self.database.reading.connect() as db:
            return [each for each in db.execute(select(operations.c.token)).scalars() if each]

    def key(self, id):
        return ids.text("pay", id)


@pytest.fixture
def counter(till):
    return Counter(till)


class TestAsking:
    def test_authorises_captures_in_parts_and_voids(self, counter):
        till = counter.till
        till.gate(PaymentGate.AUTHORIZED)
        order = till.order()
        id = counter.pay(order)
        assert till.payment(id).pending_operation == "authorize"
        assert (counter.gateway.calls, till.state(order)[0]) == ([], "unpaid")

        counter.toil()
        paid = till.payment(id)
        assert (paid.status, paid.pending_operation) == (IntentStatus.AUTHORIZED, None)
        assert (paid.card_brand, paid.card_last_four, paid.card_expires) == (
            "visa",
            "4242",
            "2030-12",
        )
        assert not till.shop.order(order).has_hold
        assert counter.tokens() == []
        till.capture(id, 4_000)
        counter.toil()
        till.void(id)
        counter.toil()

        assert till.moved(id) == [("authorize", 10_000), ("capture", 4_000), ("void", 6_000)]
        assert till.payment(id).status is IntentStatus.CAPTURED
        assert till.state(order) == ("partially_paid", 0, 4_000, 0, 6_000)
        assert counter.gateway.calls == ["authorize", "capture", "void"]
        assert till.broken() == []

    def test_is_refused(self, counter):
        counter.gateway.manners = [Manner.REFUSE]
        id = counter.pay(counter.till.order())
        counter.toil()

        paid = counter.till.payment(id)
        assert (paid.status, paid.failure) == (IntentStatus.FAILED, "card_declined")
        assert counter.till.moved(id) == []
        assert counter.till.broken() == []

    @pytest.mark.parametrize("is_forgetful", [False, True])
    @pytest.mark.parametrize("manner", [Manner.TIME_OUT, Manner.DO_AND_TIME_OUT])
    def test_that_times_out_charges_once(self, counter, manner, is_forgetful):
        till, gateway = counter.till, counter.gateway
        gateway.forgetful = is_forgetful
        gateway.manners = [manner, manner] if manner is Manner.TIME_OUT else [manner]
        order = till.order()
        id = counter.pay(order, capture_at_once=True)

        counter.toil()

        assert gateway.charged == [10_000]
        assert till.state(order) == ("paid", 0, 10_000, 0, 0)
        gateway.manners = [manner]
        refund = till.refund(order, 2_500)[0]
        counter.toil()
        assert gateway.refunded == [2_500]
        assert till.refund_of(refund).status.value == "succeeded"
        assert till.payment(id).refunded_minor == 2_500
        assert till.broken() == []

    def test_goes_on_where_a_worker_died_before_it_could_settle(self, counter, monkeypatch):
        """Whatever the worker had done when it died, the buyer is charged once."""
        till, gateway = counter.till, counter.gateway
        gateway.forgetful = True
        order = till.order()
        counter.pay(order, capture_at_once=True)
        run = counter.work._run

        def dies(handler, command):
            if handler is settle_operation:
                raise SystemExit
            run(handler, command)

        monkeypatch.setattr(counter.work, "_run", dies)
        worker = Worker(counter.database, {}, tasks_of(counter.work))
        with pytest.raises(SystemExit):
            worker.work(datetime.now(UTC))
        assert (gateway.charged, till.state(order)[0]) == ([10_000], "unpaid")
        monkeypatch.setattr(counter.work, "_run", run)
        counter.toil()

        assert gateway.charged == [10_000]
        assert till.state(order) == ("paid", 0, 10_000, 0, 0)
        assert till.broken() == []

    def test_waits_for_the_buyer(self, counter):
        till = counter.till
        counter.gateway.manners = [Manner.ASK_BUYER]
        order = till.order()
        id = counter.pay(order)
        counter.toil()
        waiting = till.payment(id)
        assert waiting.status is IntentStatus.REQUIRES_ACTION
        assert waiting.action_url == "https://bank.example/confirm"

        done = counter.gateway.become(
            counter.key(id), status=GatewayStatus.OPEN, authorized_minor=10_000
        )
        counter.told("evt_1", done, count=3)

        assert (till.payment(id).status, till.payment(id).action_url) == (
            IntentStatus.AUTHORIZED,
            None,
        )
        assert till.moved(id) == [("authorize", 10_000)]
        assert till.broken() == []

    def test_that_is_over_is_called_off_there_first(self, counter):
        till = counter.till
        later = NOW + timedelta(hours=1)
        id = counter.pay(till.order(), expires_at=later)
        counter.toil()
        till.world.run(expire_payments, ExpirePayments(), now=later)
        assert till.payment(id).status is IntentStatus.AUTHORIZED
        counter.work._now = lambda: later
        counter.toil()

        assert till.payment(id).status is IntentStatus.EXPIRED
        assert till.moved(id) == [("authorize", 10_000), ("void", 10_000)]
        assert till.broken() == []


class TestRefunds:
    def test_fail_and_are_tried_again(self, counter):
        till = counter.till
        order = till.order()
        counter.pay(order, capture_at_once=True)
        counter.toil()
        counter.gateway.manners = [Manner.REFUSE]
        (refund,) = till.refund(order, 4_000)
        counter.toil()
        failed = till.refund_of(refund)
        assert (failed.status.value, failed.failure) == ("failed", "insufficient_funds")
        assert till.state(order) == ("paid", 0, 10_000, 0, 0)

        till.world.run(retry_refund, RetryRefund(id=refund))
        counter.toil()

        again = till.refund_of(refund)
        assert (again.status.value, again.attempts, again.failure) == ("succeeded", 2, None)
        assert counter.gateway.refunded == [4_000]
        assert till.state(order) == ("partially_refunded", 0, 10_000, 4_000, 4_000)
        assert till.broken() == []

    def test_end_by_a_message(self, counter):
        till = counter.till
        order = till.order()
        id = counter.pay(order, capture_at_once=True)
        counter.toil()
        counter.gateway.manners = [Manner.LATER]
        (refund,) = till.refund(order)
        counter.toil()
        waiting = till.refund_of(refund)
        assert (waiting.status.value, till.payment(id).refunding_minor) == ("submitted", 10_000)

        told = GatewayRefund(
            key=None,
            reference=waiting.provider_reference,
            payment_reference=till.payment(id).provider_reference,
            succeeded=True,
            currency="EUR",
            amount_minor=10_000,
        )
        counter.told("evt_2", told, count=2)
        counter.told("evt_3", replace(told, succeeded=None))

        assert till.refund_of(refund).status.value == "succeeded"
        assert till.state(order) == ("refunded", 0, 10_000, 10_000, 10_000)
        assert till.broken() == []

    def test_that_come_back_are_left_to_be_looked_at(self, counter):
        till = counter.till
        order = till.order()
        id = counter.pay(order, capture_at_once=True)
        counter.toil()
        (refund,) = till.refund(order)
        counter.toil()
        paid_back = till.refund_of(refund)
        told = GatewayRefund(
            key=None,
            reference=paid_back.provider_reference,
            payment_reference=till.payment(id).provider_reference,
            succeeded=False,
            currency="EUR",
            amount_minor=10_000,
        )

        counter.told("back", told)

        assert counter.inbox() == {"back": "received"}
        assert till.refund_of(refund) == paid_back
        assert till.broken() == []

    def test_made_at_the_provider_are_noted(self, counter):
        till = counter.till
        order = till.order()
        id = counter.pay(order, capture_at_once=True)
        counter.toil()
        told = GatewayRefund(
            key=None,
            reference="re_foreign",
            payment_reference=till.payment(id).provider_reference,
            succeeded=True,
            currency="EUR",
            amount_minor=300,
        )

        counter.told("evt_4", told)
        counter.told("evt_5", told)

        assert till.state(order) == ("partially_refunded", 0, 10_000, 300, 300)
        assert till.broken() == []


class TestMessages:
    def test_come_in_any_order(self, counter):
        till, gateway = counter.till, counter.gateway
        order = till.order()
        id = counter.pay(order)
        counter.toil()
        early = gateway.state(counter.key(id))
        middle = gateway.become(counter.key(id), captured_minor=4_000)
        late = gateway.become(counter.key(id), captured_minor=10_000)

        for name, news in (("c", late), ("a", early), ("b", middle), ("c", late)):
            counter.told(name, news)

        assert till.moved(id) == [("authorize", 10_000), ("capture", 10_000)]
        assert till.state(order) == ("paid", 0, 10_000, 0, 0)
        assert counter.inbox() == dict.fromkeys("abc", "handled")
        assert till.broken() == []

    def test_that_nobody_knows_are_kept_and_flagged(self, counter):
        id = counter.pay(counter.till.order())
        counter.toil()
        state = counter.gateway.state(counter.key(id))
        foreign = replace(state, key="of somebody else", reference="nobody's")

        counter.told("strange", None)
        counter.told("foreign", foreign)

        assert counter.inbox() == {"strange": "unknown", "foreign": "unknown"}

    def test_that_name_no_payment_are_about_none(self, counter):
        id = counter.pay(counter.till.order())
        assert counter.till.payment(id).provider_reference is None
        news = GatewayDispute(
            reference="dp_1",
            payment_reference=None,
            news=DisputeNews.OPENED,
            currency="EUR",
            amount_minor=10_000,
        )

        counter.told("of_nothing", news)

        assert counter.inbox() == {"of_nothing": "unknown"}
        assert "dispute.opened" not in counter.till.shop.events()

    def test_that_contradict_our_books_stay_to_be_looked_at(self, counter):
        till = counter.till
        order = till.order()
        id = counter.pay(order)
        counter.toil()
        state = counter.gateway.state(counter.key(id))

        counter.told("odd", replace(state, currency="USD", captured_minor=10_000))

        assert counter.inbox() == {"odd": "received"}
        assert till.state(order)[0] == "authorized"
        with counter.database.reading.connect() as db:
            failed = db.execute(select(jobs.c.status).where(jobs.c.kind == HANDLE_JOB)).scalars()
            assert [each.value for each in failed] == ["failed"]

    def test_tell_of_disputes(self, counter):
        till = counter.till
        order = till.order()
        id = counter.pay(order, capture_at_once=True)
        counter.toil()
        opened = GatewayDispute(
            reference="dp_1",
            payment_reference=till.payment(id).provider_reference,
            news=DisputeNews.OPENED,
            currency="EUR",
            amount_minor=10_000,
            reason="fraudulent",
            respond_by=NOW,
        )

        lost = replace(opened, news=DisputeNews.LOST)
        for name, news in (("2", lost), ("1", opened), ("3", lost)):
            counter.told(name, news)

        assert till.moved(id) == [
            ("authorize", 10_000),
            ("capture", 10_000),
            ("chargeback", 10_000),
        ]
        assert till.shop.order(order).charged_back_minor == 10_000
        assert till.shop.events().count("dispute.closed") == 1
        assert till.broken() == []
