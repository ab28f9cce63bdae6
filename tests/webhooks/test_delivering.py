"""Fault F8: receivers that misbehave, on both databases."""

import hmac
from base64 import b64decode, b64encode
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from time import monotonic

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.webhooks.commands.subscribing import (
    RotateWebhookSecret,
    rotate_secret,
)
from backoffice_api.domain.webhooks.model.deliveries import DeliveryFailure, DeliveryStatus
from backoffice_api.domain.webhooks.model.webhooks import PauseReason, WebhookStatus
from tests.thorough import within
from tests.webhooks.consumer import Consumer, answer, drop, hang, huge, slow
from tests.webhooks.room import TIMEOUT_S

HOUR = timedelta(hours=1)
# For receivers that say nothing. Others are not to be given up because the machine is busy.
SOON_S = 0.5


class TestADelivery:
    async def test_is_sent_once_with_what_its_owner_may_see(self, room, consumer):
        room.customer("before")
        made = room.hook(consumer.url)
        id = room.customer("Ana")
        dispatcher = room.dispatcher(consumer)

        await room.send(dispatcher)
        await room.send(dispatcher)

        (received,) = consumer.received
        (delivery,) = room.deliveries()
        assert received.line == "POST /hook?a=1 HTTP/1.1"
        assert received.headers["host"] == f"127.0.0.1:{consumer.port}"
        assert received.json == {
            "type": "customer.created",
            "timestamp": room.now.isoformat(),
            "sequence": str(delivery.sequence),
            "subject": {"id": ids.text("cus", id), "version": 1},
            "data": {"node": {"id": ids.text("cus", id), "name": "Ana", "tags": []}},
        }
        assert (delivery.status, delivery.response_status) == (DeliveryStatus.DELIVERED, 200)
        assert (delivery.webhook_id, received.id) == (made.id, ids.text("whd", delivery.id))
        room.verify()

    async def test_is_signed_for_both_secrets_while_they_change(self, room, consumer):
        old = room.hook(consumer.url)
        new = room.run(rotate_secret, RotateWebhookSecret(id=old.id))
        dispatcher = room.dispatcher(consumer)
        room.customer()
        await room.send(dispatcher)
        room.customer()
        await room.send(dispatcher, after=25 * HOUR)

        during, later = consumer.received

        assert signed(during) == [sign(each.secret, during) for each in (new, old)]
        assert signed(later) == [sign(new.secret, later)]
        assert int(later.headers["webhook-timestamp"]) == int(room.now.timestamp())

    async def test_is_tried_ten_times_over_three_days_and_then_pauses(self, room, consumer):
        consumer.default = answer(500, b"no")
        made = room.hook(consumer.url)
        room.customer()
        dispatcher = room.dispatcher(consumer)
        tried_at = []

        for _ in range(10):
            room.now = room.deliveries()[0].due_at if tried_at else room.now
            await room.send(dispatcher)
            tried_at.append(room.now)

        (delivery,) = room.deliveries()
        stamps = [int(each.headers["webhook-timestamp"]) for each in consumer.received]
        assert len({each.id for each in consumer.received}) == 1
        assert stamps == [int(each.timestamp()) for each in tried_at]
        assert all(sign(made.secret, each) in signed(each) for each in consumer.received)
        assert timedelta(hours=75) <= tried_at[-1] - tried_at[0] <= timedelta(hours=84)
        assert all(later > earlier for earlier, later in pairwise(tried_at))
        assert (delivery.status, delivery.attempts) == (DeliveryStatus.FAILED, 10)
        assert delivery.failure is DeliveryFailure.STATUS
        hook = room.webhook(made.id)
        assert (hook.status, hook.pause_reason) == (WebhookStatus.PAUSED, PauseReason.FAILING)
        assert [each["pause_reason"] for each in room.told("webhook.paused")] == ["failing"]
        room.verify()

    @pytest.mark.parametrize(
        ("behaviour", "failure", "status"),
        [
            (answer(302, location="http://127.0.0.1/"), DeliveryFailure.REDIRECT, 302),
            (hang, DeliveryFailure.TIMEOUT, None),
            (slow, DeliveryFailure.TIMEOUT, None),
            (drop, DeliveryFailure.UNREACHABLE, None),
        ],
    )
    async def test_is_tried_again_after(self, room, consumer, behaviour, failure, status):
        consumer.answers = [behaviour]
        room.hook(consumer.url)
        room.customer()
        is_silent = failure is DeliveryFailure.TIMEOUT
        dispatcher = room.dispatcher(consumer, timeout_s=SOON_S if is_silent else TIMEOUT_S)

        await room.send(dispatcher)

        (delivery,) = room.deliveries()
        assert (delivery.status, delivery.failure) == (DeliveryStatus.PENDING, failure)
        assert delivery.response_status == status
        assert len(consumer.received) == 1
        await room.send(room.dispatcher(consumer), after=timedelta(seconds=6))
        assert room.deliveries()[0].status is DeliveryStatus.DELIVERED
        room.verify()

    async def test_reads_little_of_an_answer_of_50_mb_and_keeps_less(self, room, consumer):
        consumer.answers = [huge, answer(200, b"your token=abc123 \x00")]
        room.hook(consumer.url)
        room.customer()
        room.customer()

        await room.send(room.dispatcher(consumer))

        lengths = sorted(len(each.answer) for each in room.deliveries())
        shown = {each.answer for each in room.deliveries()}
        assert consumer.sent_bytes < 10_000_000
        assert lengths[-1] == 500
        assert "your token=*** \\x00" in shown
        assert {each.status for each in room.deliveries()} == {DeliveryStatus.DELIVERED}

    async def test_waits_as_long_as_the_receiver_asks_for(self, room, consumer):
        consumer.answers = [answer(429, retry_after="3600")]
        room.hook(consumer.url)
        room.customer("Ana")
        dispatcher = room.dispatcher(consumer)
        await room.send(dispatcher)
        room.customer("Bea")

        await room.send(dispatcher, after=timedelta(minutes=59))
        assert len(consumer.received) == 1
        await room.send(dispatcher, after=timedelta(minutes=2))

        names = [each.json["data"]["node"]["name"] for each in consumer.received]
        assert sorted(names) == ["Ana", "Ana", "Bea"]

    async def test_goes_by_its_status_whatever_else_the_receiver_says(self, room, consumer):
        consumer.answers = [answer(503, retry_after="Mon, 01 Jan 2020 00:00:00 +99999999999999999")]
        room.hook(consumer.url)
        room.customer("Ana")

        await room.send(room.dispatcher(consumer))

        (delivery,) = room.deliveries()
        assert (delivery.failure, delivery.response_status) == (DeliveryFailure.STATUS, 503)

    async def test_that_meets_410_disables_the_webhook(self, room, consumer):
        consumer.default = answer(410)
        made = room.hook(consumer.url)
        room.customer()
        dispatcher = room.dispatcher(consumer)

        await room.send(dispatcher)
        room.customer()
        await room.send(dispatcher, after=HOUR)

        hook = room.webhook(made.id)
        assert (hook.status, hook.pause_reason) == (WebhookStatus.DISABLED, PauseReason.GONE)
        assert (len(consumer.received), len(room.deliveries())) == (1, 1)
        assert len(room.told("webhook.disabled")) == 1

    async def test_keeps_the_order_of_its_subject_through_failures(self, room, consumer):
        made = room.hook(consumer.url, "customer.*")
        id = room.customer()
        change = "mutation ($id: ID!) { customerUpdate(id: $id, input: {tags: [%s]})"
        for tag in ("a", "b"):
            text = (change % f'"{tag}"') + " { userErrors { code } } }"
            await room.world.graphql(text, id=ids.text("cus", id))
        other = room.customer("other")
        consumer.default = answer(503)
        dispatcher = room.dispatcher(consumer)

        await room.send(dispatcher)
        first = [each.json["subject"]["id"] for each in consumer.received]
        consumer.default = answer(200)
        await room.send(dispatcher, after=HOUR)

        told = [each for each in consumer.received if each.json["subject"]["id"].endswith(id.hex)]
        assert sorted(first) == sorted(ids.text("cus", each) for each in (id, other))
        assert [each.json["subject"]["version"] for each in told] == [1, 1, 2, 3]
        assert room.webhook(made.id).status is WebhookStatus.ACTIVE
        room.verify()


class TestABadConsumer:
    async def test_delays_no_other_by_a_second(self, room, consumer):
        """Eight deliveries alone, and eight beside one that hangs for as long as it lasts."""
        async with Consumer(hang) as bad:
            room.hook(consumer.url)
            dispatcher = room.dispatcher(consumer, bad, timeout_s=60)
            alone_s = await self.time_of(8, room, consumer, dispatcher)
            room.hook(bad.url)

            beside_s = await self.time_of(8, room, consumer, dispatcher)

            assert len(bad.received) == 4
            assert beside_s - alone_s < within(1)
            bad.released.set()
            await dispatcher.drain()

    async def time_of(self, count, room, consumer, dispatcher):
        wanted = len(consumer.received) + count
        for _ in range(count):
            room.customer()
        room.world.settle()
        begun_s = monotonic()
        while len(consumer.received) < wanted:
            await dispatcher.tick()
            await consumer.heard()
        return monotonic() - begun_s


def signed(received):
    return [each.removeprefix("v1,") for each in received.headers["webhook-signature"].split()]


def sign(secret, received):
    """As a receiver does it, by the text of the specification."""
    key = b64decode(secret.reveal().removeprefix("whsec_"))
    stamp = received.headers["webhook-timestamp"].encode()
    content = received.id.encode() + b"." + stamp + b"." + received.body
    return b64encode(hmac.new(key, content, sha256).digest()).decode()
