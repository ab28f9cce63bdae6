"""The WebSocket: its protocol, its limits, and what ends it."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.web.bearers import Room
from backoffice_api.web.sockets import SocketLimits
from tests.live.station import Socket, Station, customer
from tests.world import World

EVENTS = "subscription { events { type subjectId subject { id ... on Customer { name } } } }"
CREATE = """
    mutation ($name: String!) {
      customerCreate(input: {kind: PERSON, name: $name}) {
        customer { name } userErrors { code } replayed
      }
    }
"""


class TestSubscribing:
    async def test_tells_what_happens(self, station: Station) -> None:
        async with station.socket(station.token()) as socket:
            socket.subscribe("a", EVENTS)
            await station.followed_by(1)
            ada = station.happens("Ada")

            heard = await socket.hear()

            assert (heard["id"], heard["type"]) == ("a", "next")
            assert heard["payload"]["data"]["events"] == {
                "type": "customer.created",
                "subjectId": customer(ada),
                "subject": {"id": customer(ada), "name": "Ada"},
            }
            assert heard["payload"]["extensions"]["sequence"].isdecimal()
            assert (station.tally.sockets, station.tally.subscriptions) == (1, 1)

            socket.say(type="complete", id="a")
            await station.followed_by(0)
            station.happens("Bob")
            assert await socket.is_quiet()
        assert (station.tally.sockets, station.tally.delivered) == (0, 1)
        assert len(station.noted) == 1

    async def test_answers_queries_and_mutations_once(self, station: Station) -> None:
        async with station.socket(station.token()) as socket:
            socket.subscribe("q", "{ me { name } }")
            assert await socket.data("q") == {"me": {"name": "tests"}}
            assert await socket.hear() == {"id": "q", "type": "complete"}
            for replayed in (False, True):
                extensions = {"idempotencyKey": "one"}
                variables = {"name": "Ada"}
                payload = {"query": CREATE, "variables": variables, "extensions": extensions}
                socket.say(type="subscribe", id="m", payload=payload)
                made = (await socket.data("m"))["customerCreate"]
                assert made["customer"] == {"name": "Ada"}
                assert made["replayed"] is replayed
                assert (await socket.hear())["type"] == "complete"
        assert station.watched == [("query", "OK"), ("mutation", "OK"), ("mutation", "OK")]

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("subscription { events { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { events { ", "GRAPHQL_PARSE_FAILED"),
            (
                "subscription { events { type } job(id: 1) { id } }",
                "GRAPHQL_VALIDATION_FAILED",
            ),
            ("subscription ($x: BigInt) { events(after: $x) { type } }", "BAD_USER_INPUT"),
            ('subscription { events(types: ["nothing.ever"]) { type } }', "BAD_USER_INPUT"),
            ('subscription { job(id: "cus_1") { id } }', "BAD_USER_INPUT"),
            ("subscription { events @skip(if: true) { type } }", "GRAPHQL_VALIDATION_FAILED"),
        ],
    )
    async def test_refuses_by_a_message(self, station: Station, query: str, code: str) -> None:
        async with station.socket(station.token()) as socket:
            socket.subscribe("a", query, x="no number")
            assert await socket.refusal("a") == code
            socket.subscribe("a", "{ __typename }")
            assert await socket.data("a") == {"__typename": "Query"}


class TestTheProtocol:
    @pytest.mark.parametrize("protocols", [("graphql-ws",), ()])
    async def test_is_the_only_one(self, station: Station, protocols: tuple[str, ...]) -> None:
        async with station.socket(protocols=protocols) as socket:
            assert (await socket.next())["subprotocol"] is None
            assert await socket.closed() == (4406, "Subprotocol not acceptable")

    @pytest.mark.parametrize(
        ("say", "closed"),
        [
            (lambda s: s.put("no JSON"), (4400, "Invalid message")),
            (lambda s: s.put("[]"), (4400, "Invalid message")),
            (lambda s: s.say(type="start"), (4400, "Invalid message")),
            (lambda s: s.say(type="connection_init", payload=1), 4400),
            (lambda s: s.say(type="connection_init"), (4401, "Unauthorized")),
            (lambda s: s.say(type="connection_init", payload={"Authorization": 7}), 4401),
            (
                lambda s: s.say(type="connection_init", payload={"authorization": "Bearer bo_x"}),
                4401,
            ),
            (lambda s: s.subscribe("a", EVENTS), (4401, "Unauthorized")),
            (lambda s: s.put("x" * 256_001), (1009, "Message too large")),
        ],
    )
    async def test_begins_with_a_token(
        self, station: Station, say: Callable[[Socket], None], closed: Any
    ) -> None:
        async with station.socket() as socket:
            await socket.next()
            say(socket)
            found = await socket.closed()
            assert closed in (found, found[0])

    @pytest.mark.parametrize(
        ("say", "closed"),
        [
            (lambda s: s.say(type="connection_init"), 4429),
            (lambda s: s.say(type="subscribe", id="", payload={}), 4400),
            (lambda s: s.say(type="subscribe", id="x", payload=None), 4400),
            (lambda s: s.say(type="complete"), 4400),
            (lambda s: s.say(type="next", id="x"), 4400),
            (lambda s: [s.subscribe("\U0001f600" * 40, EVENTS) for _ in range(2)], 4409),
        ],
    )
    async def test_is_kept_to(
        self, station: Station, say: Callable[[Socket], Any], closed: int
    ) -> None:
        async with station.socket(station.token()) as socket:
            say(socket)
            code, reason = await socket.closed()
            assert code == closed
            assert len(reason.encode()) <= 123
        assert station.tally.closed == {closed: 1}

    async def test_takes_the_token_of_the_header(self, station: Station) -> None:
        token = station.token()
        socket = Socket(station.sockets, ("graphql-transport-ws",), authorization=f"Bearer {token}")
        await socket.next()
        socket.say(type="connection_init")
        assert await socket.hear() == {"type": "connection_ack"}
        await socket.leave()


class TestLimits:
    async def test_of_the_time_to_begin(self, world: World) -> None:
        limits = SocketLimits(init_s=0.01)
        async with Station(world, limits=limits) as station, station.socket() as socket:
            assert await socket.closed() == (4408, "Connection initialisation timeout")

    async def test_of_what_is_open(self, world: World) -> None:
        room = Room(connections=3, connections_per_token=2, subscriptions_per_token=3)
        limits = SocketLimits(operations=2)
        async with Station(world, room=room, limits=limits) as station:
            token, other = station.token(), station.token()
            async with station.socket(token) as one, station.socket(token) as two:
                async with station.socket() as third:
                    await third.next()
                    bearer = {"Authorization": f"Bearer {token}"}
                    third.say(type="connection_init", payload=bearer)
                    assert await third.closed() == (4429, "Too many connections")
                async with station.socket(other), station.socket() as full:
                    assert await full.closed() == (1013, "Try again later")

                for id in "abc":
                    one.subscribe(id, EVENTS)
                assert await one.refusal("c") == "THROTTLED"  # two on one connection
                await station.followed_by(2)
                two.subscribe("a", EVENTS)
                await station.followed_by(3)
                two.subscribe("b", EVENTS)
                assert await two.refusal("b") == "THROTTLED"  # three of one token
                one.say(type="complete", id="a")
                await station.followed_by(2)
                two.subscribe("b", EVENTS)
                await station.followed_by(3)

    async def test_of_who_takes_nothing(self, world: World) -> None:
        async with Station(world, limits=SocketLimits(send_s=0.05)) as station:
            async with station.socket(station.token()) as socket:
                socket.subscribe("a", EVENTS)
                await station.followed_by(1)
                socket.takes.clear()
                station.happens()
                await station.closed(1)
                socket.takes.set()
                await socket.ends()
            assert station.tally.closed == {1013: 1}
            assert station.hub.followers == 0


class TestTheEnd:
    @pytest.mark.parametrize("failure", [OSError(), RuntimeError()])
    async def test_leaves_room_where_it_comes_before_the_welcome(
        self, world: World, failure: Exception
    ) -> None:
        async with Station(world, room=Room(connections_per_token=1)) as station:
            token = station.token()
            async with station.socket() as socket:
                await socket.next()
                socket.failure = failure
                socket.say(type="connection_init", payload={"Authorization": f"Bearer {token}"})
                await socket.ends()
            async with station.socket(token) as socket:
                socket.subscribe("q", "{ __typename }")
                assert await socket.data("q") == {"__typename": "Query"}
                socket.failure = failure
                socket.say(type="ping")
                await socket.ends()

    async def test_leaves_no_answer_unnoted(self, station: Station) -> None:
        """Whoever leaves while he is told may have read it."""
        async with station.socket(station.token()) as socket:
            socket.subscribe("a", EVENTS)
            await station.followed_by(1)
            socket.failure = OSError()
            station.happens()
            await socket.ends()
        assert len(station.noted) == 1

    async def test_comes_with_that_of_the_token(self, station: Station) -> None:
        token = station.token()
        async with station.socket(token) as socket:
            socket.subscribe("a", EVENTS)
            await station.followed_by(1)
            station.revoke(token)
            assert await socket.closed() == (4403, "Forbidden")
        assert station.hub.followers == 0

    async def test_comes_with_that_of_the_token_though_a_round_has_failed(
        self, station: Station, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token, asked = station.token(), station.authenticator.gone
        failures = iter([ValueError("a bug"), OperationalError("ask", None, OSError())])

        async def gone(secrets: Collection[Secret]) -> Sequence[Secret]:
            for failure in failures:
                raise failure
            return await asked(secrets)

        monkeypatch.setattr(station.authenticator, "gone", gone)
        async with station.socket(token) as socket:
            station.revoke(token)
            assert await socket.closed() == (4403, "Forbidden")

    async def test_comes_with_that_of_the_server(self, station: Station) -> None:
        async with station.socket(station.token()) as socket:
            socket.subscribe("a", EVENTS)
            await station.followed_by(1)
            station.leaving.set()
            assert await socket.closed() == (1001, "Going away")

    async def test_comes_with_that_of_the_server_to_who_has_not_begun(
        self, station: Station
    ) -> None:
        async with station.socket() as socket:
            await socket.next()
            station.leaving.set()
            assert await socket.closed() == (1001, "Going away")
