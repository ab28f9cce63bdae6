"""The follower and the dispatcher: several at once, killed ones, long logs."""

import asyncio
from datetime import timedelta
from threading import Barrier, Thread

from sqlalchemy import func, select

from backoffice_api.app import dispatcher_from
from backoffice_api.domain.customers.commands.customers import UpdateCustomer, update_customer
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.commands import following
from backoffice_api.domain.webhooks.commands.delivering import (
    BeginDeliveries,
    SettleDelivery,
    begin_deliveries,
    settle_delivery,
)
from backoffice_api.domain.webhooks.commands.following import FollowLog, follow_log
from backoffice_api.domain.webhooks.commands.upkeep import ForgetDeliveries, forget_deliveries
from backoffice_api.domain.webhooks.model.deliveries import BUDGET, DeliveryStatus, Outcome
from backoffice_api.domain.webhooks.tables import webhook_attempts, webhook_deliveries
from backoffice_api.settings import Settings
from backoffice_api.webhooks_out import dispatcher as dispatching
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.webhooks.consumer import Consumer

URL = "https://example.com/"


def follow(room):
    room.world.settle()
    return follow_now(room)


def follow_now(room):
    return room.run(follow_log, FollowLog(), caller=THE_SYSTEM)


def begin(room, id):
    return room.run(begin_deliveries, BeginDeliveries(webhook_id=id), caller=THE_SYSTEM)


def settled(begun):
    return SettleDelivery(id=begun.id, attempt=begun.attempt, outcome=Outcome())


class TestFollowLog:
    async def test_takes_as_many_statements_for_many_as_for_one(self, room):
        room.hook(URL)
        room.customer()
        room.world.settle()
        with count_statements(room.world.database) as of_one:
            follow_now(room)
        for _ in range(3):
            room.hook(URL, "customer.*", "webhook.created")
        for _ in range(5):
            room.customer()
        room.world.settle()

        with count_statements(room.world.database) as of_many:
            follow_now(room)

        written = [each.status for each in room.deliveries()]
        told_of_webhooks = 3 + 2 + 1  # each of its own making, and of those made later
        assert len(written) == 1 + 4 * 5 + told_of_webhooks
        assert len(of_one) == len(of_many) <= 10
        room.verify()

    async def test_writes_each_delivery_once_however_many_follow(self, room):
        for _ in range(2):
            room.hook(URL)
        for _ in range(5):
            room.customer()
        room.world.settle()
        barrier = Barrier(4)

        def race():
            barrier.wait()
            follow(room)

        threads = [Thread(target=race) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

        assert len(room.deliveries()) == 10
        assert {each.status for each in room.deliveries()} == {DeliveryStatus.PENDING}
        room.verify()


class TestDispatcher:
    async def test_sends_what_is_due_before_the_log_is_read_to_its_end(
        self, room, consumer, monkeypatch
    ):
        monkeypatch.setattr(following, "EVENTS_MAX", 1)
        monkeypatch.setattr(dispatching, "PARTS_AT_ONCE", 2)
        room.hook(consumer.url)
        for _ in range(3):
            room.customer()
        room.world.settle()
        dispatcher = room.dispatcher(consumer)

        assert (await dispatcher.tick(), len(room.deliveries())) == (2, 2)
        await dispatcher.drain()
        await room.send(dispatcher)

        assert len(consumer.received) == 3


class TestBeginDeliveries:
    async def test_lets_nobody_wait_behind_nobody_while_others_settle(self, room):
        """One subject, ten changes: while some thread follows the log, others send and settle."""
        made = room.hook(URL, "customer.*")
        id = room.customer()
        barrier, sent = Barrier(3), []

        def follow_on():
            barrier.wait()
            for number in range(10):
                change = UpdateCustomer(id=id, tags=(f"t{number}",))
                room.run(update_customer, change)
                follow(room)

        def send_on():
            barrier.wait()
            for _ in range(25):
                for each in begin(room, made.id):
                    sent.append(each.id)
                    room.run(settle_delivery, settled(each), caller=THE_SYSTEM)

        threads = [Thread(target=each) for each in (follow_on, send_on, send_on)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        room.verify()
        while begun := begin(room, made.id):
            sent += [each.id for each in begun]
            for each in begun:
                room.run(settle_delivery, settled(each), caller=THE_SYSTEM)

        assert sent == [each.id for each in room.deliveries()]
        assert len(sent) == 11
        room.verify()

    async def test_gives_each_to_one_of_many_and_no_more_than_there_is_room_for(self, room):
        made = room.hook(URL)
        for _ in range(6):
            room.customer()
        follow(room)
        barrier, begun = Barrier(4), []

        def race():
            barrier.wait()
            begun.extend(begin(room, made.id))

        threads = [Thread(target=race) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

        assert len({each.id for each in begun}) == len(begun) == BUDGET

    async def test_takes_over_what_somebody_had_who_died(self, room, consumer):
        """He has sent it, perhaps: the receiver gets it once more, under the same id."""
        made = room.hook(consumer.url)
        room.customer()
        follow(room)
        (dead,) = begin(room, made.id)
        dispatcher = room.dispatcher(consumer)

        await room.send(dispatcher, after=timedelta(seconds=80))
        assert consumer.received == []
        await room.send(dispatcher, after=timedelta(seconds=20))
        late = SettleDelivery(id=dead.id, attempt=dead.attempt, outcome=Outcome(reason="late"))
        room.run(settle_delivery, late, caller=THE_SYSTEM)

        (delivery,) = room.deliveries()
        assert (delivery.status, delivery.attempts) == (DeliveryStatus.DELIVERED, 2)
        assert delivery.reason == ""
        assert len(consumer.received) == 1
        room.verify()

    async def test_is_asked_for_through_indexes(self, room):
        made = room.hook(URL)
        room.customer()
        follow(room)
        webhook = room.webhook(made.id)

        with (
            all_indexed(room.world.database.reading, sorts=True, walks=("webhook_states",)),
            room.world.database.reading.connect() as db,
        ):
            free = queries.free_webhooks(db, room.now)
            due = queries.due(db, webhook, DeliveryStatus.PENDING, room.now, 4)
            queries.dispatch(db, due[0], room.now)

        assert [(each.webhook_id, each.slots) for each in free] == [(made.id, BUDGET)]


class TestForgetDeliveries:
    async def test_forgets_what_was_settled_a_month_ago(self, room, consumer):
        room.hook(consumer.url)
        room.customer()
        await room.send(room.dispatcher(consumer))
        room.now += timedelta(days=29)
        assert room.run(forget_deliveries, ForgetDeliveries(), caller=THE_SYSTEM) == 0
        room.now += timedelta(days=2)

        assert room.run(forget_deliveries, ForgetDeliveries(), caller=THE_SYSTEM) == 1

        for table in (webhook_deliveries, webhook_attempts):
            statement = select(func.count()).select_from(table)
            assert room.world.read(lambda db, s=statement: db.execute(s).scalar()) == 0


class TestDispatcherThread:
    async def test_delivers_from_a_thread_of_its_own(self, room):
        async with Consumer() as consumer:
            settings = Settings(webhook_ports=(consumer.port,), webhook_loopback=True)
            room.keep_time()
            room.now -= timedelta(hours=1)
            room.hook(consumer.url)
            room.customer()
            room.world.settle()
            thread = dispatcher_from(settings, room.world.database)

            thread.start()
            for _ in range(200):
                if consumer.received:
                    break
                await consumer.heard()
            thread.stop()
            await asyncio.to_thread(thread.join, 10)

        assert len(consumer.received) == 1
        assert room.deliveries()[0].status is DeliveryStatus.DELIVERED
