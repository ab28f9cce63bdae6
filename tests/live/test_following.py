"""Following the log: in order, each event once, without a gap, whoever writes meanwhile."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, aclosing
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from backoffice_api.context import Threads
from backoffice_api.domain.kernel import ids, jobs, log
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.job_commands import CancelJob, cancel_job
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.tickets.commands.drafting import TellPresence, tell_presence
from backoffice_api.domain.tickets.model.shared_drafts import TicketActivity
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.live.notifications import Notifier
from backoffice_api.schema.following import FromLog, Watched
from tests.databases import count_statements
from tests.live.station import WAIT_S, Socket, Station, customer
from tests.orders.shop import Shop, goods
from tests.tickets.office import Office
from tests.trust.callers import within
from tests.world import NOW, PREPARER, World

WRITERS = 8
EACH = 12
AFTER = "subscription ($after: BigInt) { events(after: $after) { sequence subjectId } }"


async def told(socket: Socket, id: str, count: int) -> list[tuple[int, str]]:
    """Number and subject of the next events."""
    found = [(await socket.data(id))["events"] for _ in range(count)]
    return [(int(each["sequence"]), each["subjectId"]) for each in found]


def log_of(world: World) -> list[tuple[int, str]]:
    world.settle()
    page = world.read(log.feed, 0, 1_000, None)
    return [(each.sequence, ids.text(each.subject_kind, each.subject_id)) for each in page.rows]


class TestReplaying:
    @pytest.mark.parametrize("window", [5, 1_000])
    async def test_goes_on_where_it_was_without_gap_or_double(
        self, world: World, window: int
    ) -> None:
        """While many write: from the start, from now, and again and again from where it was."""
        async with Station(world, window=window, stretch=7) as station, AsyncExitStack() as stack:
            token = station.token()
            before = len(log_of(world))
            one, two = [await stack.enter_async_context(station.socket(token)) for _ in "ab"]
            one.subscribe("all", AFTER, after="0")
            two.subscribe("new", AFTER)
            await station.followed_by(2)

            def write(writer: int) -> None:
                for number in range(EACH):
                    station.happens(f"{writer} {number}")

            async def come_and_go() -> list[tuple[int, str]]:
                seen: list[tuple[int, str]] = []
                while len(seen) < before + WRITERS * EACH:
                    async with station.socket(token) as socket:
                        last = seen[-1][0] if seen else 0
                        socket.subscribe("some", AFTER, after=str(last))
                        left = before + WRITERS * EACH - len(seen)
                        seen += await told(socket, "some", min(left, 4))
                return seen

            loop = asyncio.get_running_loop()
            with ThreadPoolExecutor(WRITERS) as threads:
                writing = [loop.run_in_executor(threads, write, each) for each in range(WRITERS)]
                total = before + WRITERS * EACH
                found = await asyncio.gather(
                    told(one, "all", total),
                    told(two, "new", WRITERS * EACH),
                    come_and_go(),
                    *writing,
                )
            expected = log_of(world)
            assert len(expected) == total
            assert found[0] == expected
            assert found[1] == expected[before:]
            assert found[2] == expected
            assert await one.is_quiet()

    @pytest.mark.parametrize("after", ["0", None])
    async def test_can_be_narrowed(self, station: Station, after: str | None) -> None:
        query = """subscription ($after: BigInt, $a: [String!], $b: [String!], $c: [ID!]) {
            events(after: $after, types: $a, subjectKinds: $b, subjectIds: $c) { subjectId }
        }"""
        ada = station.happens("Ada")
        cases: dict[str, tuple[dict[str, Any], bool, bool]] = {
            "all of a type": ({"a": ["customer.*"]}, True, True),
            "none of a type": ({"a": ["order.placed", "order.held"]}, False, False),
            "all of a kind": ({"b": ["cus"]}, True, True),
            "one": ({"c": [customer(ada)], "a": ["customer.created"]}, True, False),
            "none of two": ({"c": [customer(ada)], "b": ["ord"]}, False, False),
        }
        async with station.socket(station.token()) as socket:
            await asyncio.to_thread(station.world.settle)
            for name, (given, _, __) in cases.items():
                socket.subscribe(name, query, after=after, **given)
            await station.followed_by(len(cases))
            bob = station.happens("Bob")
            found: dict[str, list[str]] = {name: [] for name in cases}
            for _ in range(5 if after == "0" else 2):
                heard = await socket.hear()
                found[heard["id"]].append(heard["payload"]["data"]["events"]["subjectId"])
            assert await socket.is_quiet()
        for name, (_, first, second) in cases.items():
            old = [customer(ada)] if first and after == "0" else []
            assert found[name] == old + ([customer(bob)] if second else []), name

    async def test_takes_as_many_statements_for_many_events_as_for_one(
        self, station: Station
    ) -> None:
        query = "subscription { events(after: 0) { subject { ... on Customer { id name } } } }"
        token = station.token()
        counts = []
        for count in (1, 20):
            for _ in range(count):
                station.happens()
            await asyncio.to_thread(station.world.settle)
            async with station.socket(token) as socket:
                with count_statements(station.world.database) as statements:
                    socket.subscribe("a", query)
                    for _ in log_of(station.world):
                        await socket.data("a")
                counts.append(len([each for each in statements if "FROM customers" in each]))
        assert counts == [1, 1]


class TestRights:
    async def test_are_those_of_the_moment(self, station: Station) -> None:
        scopes = (Scope.CUSTOMERS_READ, Scope.EVENTS_READ, Scope.PERSONAL_READ)
        token = station.token(*scopes)
        query = "subscription { events { subjectId event { type } subject { id } } }"
        async with station.socket(token) as socket, station.socket(token) as other:
            socket.subscribe("a", query)
            other.subscribe("b", 'subscription { events(subjectKinds: ["cus"]) { type } }')
            await station.followed_by(2)
            ada = station.happens()
            assert (await socket.data("a"))["events"]["subjectId"] == customer(ada)
            assert await other.data("b") == {"events": {"type": "customer.created"}}

            station.strip(token, Scope.ORDERS_READ)
            station.happens()

            assert await socket.refusal("a") == "FORBIDDEN"
            assert await other.refusal("b") == "FORBIDDEN"

    async def test_leave_out_what_may_not_be_seen(self, station: Station) -> None:
        async with station.socket(station.token(Scope.ORDERS_READ)) as socket:
            socket.subscribe("a", "subscription { events { type } }")
            await station.followed_by(1)
            station.happens()
            assert await socket.is_quiet()

    @pytest.mark.parametrize(
        "query",
        [
            'subscription { events(subjectKinds: ["cus"]) { type } }',
            "subscription { events { event { type } } }",
            'subscription { timeline(id: "cus_%s") { type } }',
            'subscription { ticketPresence(id: "tic_%s") { since } }',
            'subscription { job(id: "job_%s") { id } }',
        ],
    )
    async def test_are_needed(self, station: Station, query: str) -> None:
        async with station.socket(station.token(Scope.ORDERS_READ)) as socket:
            socket.subscribe("a", query.replace("%s", "0" * 32))
            assert await socket.refusal("a") == "FORBIDDEN"


class Purse:
    """A budget that is empty every third time."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.used = 0

    async def spend(self, caller: Caller, cost: int) -> "Purse":
        self.asked.append(cost)
        if len(self.asked) % 3 == 0:
            raise RequestError(ErrorCode.THROTTLED, "Later.", retry_after_s=0)
        return self

    def settle(self, used: int) -> dict[str, int]:
        self.used += used
        return {"currentlyAvailable": 1}


class TestPrices:
    async def test_are_taken_for_the_start_and_each_answer(self, world: World) -> None:
        purse = Purse()
        query = "subscription { events { subject { id } event { type } } }"
        async with Station(world, budget=purse) as station:  # type: ignore[arg-type]
            async with station.socket(station.token()) as socket:
                socket.subscribe("a", query)
                await station.followed_by(1)
                for _ in range(4):
                    station.happens()
                    heard = await socket.hear()
                    cost = heard["payload"]["extensions"]["cost"]
                    assert cost["requestedQueryCost"] == 3
                    assert cost["throttleStatus"] == {"currentlyAvailable": 1}
            assert purse.asked == [1, 3, 3, 3, 3, 3, 3]
            assert purse.used == 1 + 4 * 3
            assert station.tally.throttled == 2

    async def test_are_waited_for_with_the_rights_of_the_moment(self, world: World) -> None:
        class Stripping(Purse):
            """When it is empty, the token loses its rights."""

            async def spend(self, caller: Caller, cost: int) -> Purse:
                if len(self.asked) == 2:
                    station.strip(token, Scope.ORDERS_READ)
                return await super().spend(caller, cost)

        async with Station(world, budget=Stripping()) as station:  # type: ignore[arg-type]
            token = station.token(Scope.CUSTOMERS_READ)
            async with station.socket(token) as socket:
                socket.subscribe("a", "subscription { events { type } }")
                await station.followed_by(1)
                station.happens()
                assert await socket.data("a") == {"events": {"type": "customer.created"}}
                station.happens()
                await station.throttled(1)
                assert await socket.is_quiet()


class TestReach:
    async def test_leaves_out_what_is_elsewhere(self, station: Station) -> None:
        shop = Shop(station.world)
        shop.variant("A", 5)
        order = ids.text("ord", shop.place(goods("A")))
        channel = CreateChannel(code="pos", name="POS", currency="EUR", number_prefix="P-")
        elsewhere = station.world.run(create_channel, channel).value
        await asyncio.to_thread(station.world.settle)
        prepared = PREPARER.prepare("subscription { events(after: 0) { subjectId } }", None)

        async def told(*channels: UUID) -> set[str]:
            async def caller_now() -> Caller:
                return within(channels=channels)

            found = set()
            deliveries = station.streams.deliveries(prepared, {}, caller_now, "test")
            async with aclosing(deliveries):
                async for each in deliveries:
                    found.add(each.content["data"]["events"]["subjectId"])
                    if each.content["data"]["events"]["subjectId"] == last:
                        return found
            raise AssertionError("it never ends")

        last = ids.text("chn", elsewhere)
        everywhere = await told(shop.channel_id, elsewhere)
        here = await told(elsewhere)

        assert order in everywhere
        assert {each for each in everywhere - here if each.startswith("ord_")} == {order}


class TestWatching:
    async def test_tells_of_a_job_until_it_has_ended(self, station: Station) -> None:
        world = station.world
        query = "subscription ($id: ID!) { job(id: $id) { id ... on Job { status progressDone } } }"
        with world.database.writing.begin() as db:
            (id,) = jobs.enqueue(db, [Job("some")], now=NOW, new_id=IdSource())
        async with station.socket(station.token()) as socket:
            for name in ("a", "b"):
                socket.subscribe(name, query, id=ids.text("job", id))
            waits = {"id": ids.text("job", id), "status": "QUEUED", "progressDone": 0}
            first = [await socket.hear() for _ in range(2)]
            assert [each["payload"]["data"]["job"] for each in first] == [waits, waits]
            world.run(cancel_job, CancelJob(id=id))
            for _ in range(4):
                heard = await socket.hear()
                if heard["type"] == "next":
                    assert heard["payload"]["data"]["job"]["status"] == "CANCELLED"
            await station.followed_by(0)
            socket.subscribe("c", query, id="job_" + "0" * 32)
            assert await socket.data("c") == {"job": None}
            assert await socket.hear() == {"id": "c", "type": "complete"}

    async def test_tells_who_is_at_a_ticket(self, station: Station) -> None:
        ticket = Office(station.world).open()
        query = "subscription ($id: ID!) { ticketPresence(id: $id) { activity actor { id } } }"
        async with station.socket(station.token()) as socket:
            socket.subscribe("a", query, id=ids.text("tic", ticket))
            assert await socket.data("a") == {"ticketPresence": []}
            command = TellPresence(id=ticket, activity=TicketActivity.TYPING)
            station.world.run(tell_presence, command)
            (found,) = (await socket.data("a"))["ticketPresence"]
            assert found["activity"] == "TYPING"
            socket.subscribe("b", query, id="tic_" + "0" * 32)
            assert await socket.refusal("b") == "FORBIDDEN"

    async def test_tells_who_comes_during_a_look_of_what_there_is(self, station: Station) -> None:
        looked: list[list[str]] = []
        looking, done, both = (threading.Event() for _ in range(3))

        def query(_: Connection, keys: list[str]) -> dict[str, str]:
            looked.append(keys)
            if keys == ["a"] and looked.count(keys) == 2:
                looking.set()
                done.wait(WAIT_S)
            elif keys == ["a", "b"]:
                both.set()
            return dict.fromkeys(keys, "here")

        def watched(key: str) -> Watched:
            return Watched(query, key, "job_" + "0" * 32, frozenset())

        first = await station.hub.watch(watched("a"))
        assert await asyncio.to_thread(looking.wait, WAIT_S)
        second = await station.hub.watch(watched("b"))
        second.woken.clear()
        done.set()

        assert await asyncio.to_thread(both.wait, WAIT_S)
        assert second.found == "here"
        assert not second.woken.is_set()
        for each in (first, second):
            await station.hub.leave(each)

    async def test_leaves_events_of_before_to_who_asks_for_them(self, station: Station) -> None:
        """A place begins now, also where only other things were followed until now."""
        other = Watched(lambda _, keys: {}, "a", "job_" + "0" * 32, frozenset())
        view = await station.hub.watch(other)
        station.happens()
        await asyncio.to_thread(station.world.settle)

        place = await station.hub.enter(FromLog())

        assert place.last == log_of(station.world)[-1][0]
        await station.hub.leave(place)
        await station.hub.leave(view)


class TestSeveralProcesses:
    @pytest.mark.parametrize("listens", [True, False])
    async def test_hear_of_each_other(
        self, world: World, opens: Callable[..., Database], listens: bool
    ) -> None:
        """Two hubs with databases of their own: one process each, as far as they can tell."""
        url = world.database.writing.url.render_as_string(hide_password=False)
        elsewhere = opens(url)
        threads = Threads(elsewhere, 2)
        listens = listens and world.database.dialect == "postgresql"
        other = World(elsewhere, threads)
        try:
            async with (
                Station(world, listens=listens, poll_s=5 if listens else 0.05) as here,
                Station(other) as there,
                here.socket(here.token()) as one,
                there.socket(there.token()) as two,
            ):
                notifier = Notifier(elsewhere)
                notifier.start()
                for socket, station in ((one, here), (two, there)):
                    socket.subscribe("a", AFTER)
                    await station.followed_by(1)
                if listens:
                    await asyncio.sleep(0.1)
                ada = there.happens()
                for socket in (one, two):
                    ((_, subject),) = await told(socket, "a", 1)
                    assert subject == customer(ada)
                notifier.stop()
        finally:
            threads.shutdown()
