"""Streams over HTTP: events, parts, heartbeats, and what ends them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from backoffice_api.web.negotiation import stream_type
from tests.live.station import Request, Station, customer
from tests.world import World

SSE = "text/event-stream"
PARTS = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'
QUERY = "subscription { events { sequence subjectId } }"


@asynccontextmanager
async def asking(
    station: Station, accept: str, query: str = QUERY, token: str | None = None, **headers: str
) -> AsyncIterator[Request]:
    token = station.token() if token is None else token
    request = Request(station.http, token, accept, {"query": query}, **headers)
    try:
        yield request
    finally:
        await request.leave()


async def head(request: Request) -> tuple[int, dict[bytes, bytes]]:
    message = await request.next()
    return message["status"], dict(message["headers"])


def data_of(event: bytes) -> Any:
    """What an event of the kind `next` tells."""
    lines = event.decode().removesuffix("\n\n").split("\n")
    assert "event: next" in lines
    (data,) = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return orjson.loads(data)


def json_of(part: bytes) -> Any:
    header, _, rest = part.partition(b"\r\n\r\n")
    assert header == b"\r\nContent-Type: application/json"
    return orjson.loads(rest.removesuffix(b"\r\n--graphql"))


class TestEvents:
    async def test_are_sent_as_they_happen_and_can_be_taken_up_again(
        self, station: Station
    ) -> None:
        async with asking(station, SSE) as request:
            status, headers = await head(request)
            assert status == 200
            assert headers[b"content-type"] == b"text/event-stream; charset=utf-8"
            assert await request.part() == b":\n\n"
            await station.followed_by(1)
            made = [station.happens(name) for name in ("Ada", "Bob")]
            told = [await request.part() for _ in made]
            events = [data_of(each)["data"]["events"] for each in told]
            assert [each["subjectId"] for each in events] == list(map(customer, made))
            assert told[0].startswith(b"event: next\nid: %s\n" % events[0]["sequence"].encode())
        assert station.hub.followers == 0

        async with asking(station, SSE, last_event_id=events[0]["sequence"]) as request:
            await head(request)
            await request.part()
            assert data_of(await request.part())["data"]["events"] == events[1]

    async def test_are_one_and_the_end_for_a_query(self, station: Station) -> None:
        async with asking(station, SSE, "{ me { name } }") as request:
            await head(request)
            await request.part()
            assert data_of(await request.part())["data"] == {"me": {"name": "tests"}}
            assert await request.part() == b"event: complete\ndata:\n\n"

    async def test_tell_what_is_wrong_with_the_document(self, station: Station) -> None:
        async with asking(station, SSE, "subscription { nothing }") as request:
            assert (await head(request))[0] == 200
            await request.part()
            told, _, complete = (await request.part()).partition(b"event: complete")
            code = data_of(told)["errors"][0]["extensions"]["code"]
            assert (code, complete) == ("GRAPHQL_VALIDATION_FAILED", b"\ndata:\n\n")


class TestParts:
    async def test_are_sent_as_they_happen(self, station: Station) -> None:
        async with asking(station, PARTS) as request:
            status, headers = await head(request)
            assert status == 200
            assert headers[b"content-type"].startswith(b"multipart/mixed; boundary=")
            assert await request.part() == b"--graphql"
            await station.followed_by(1)
            ada = station.happens()
            told = json_of(await request.part())
        assert told["payload"]["data"]["events"]["subjectId"] == customer(ada)

    async def test_are_not_sent_for_other_operations(self, station: Station) -> None:
        for query in ("{ me { name } }", "subscription { nothing }"):
            async with asking(station, PARTS, query) as request:
                assert (await head(request))[0] == 299  # the endpoint
                assert orjson.loads(await request.part()) == {"query": query}


class TestBoth:
    @pytest.mark.parametrize(
        ("accept", "heartbeat"),
        [
            (SSE, b":\n\n"),
            (PARTS, b"\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"),
        ],
    )
    async def test_beat_and_end_with_the_server(
        self, world: World, accept: str, heartbeat: bytes
    ) -> None:
        async with (
            Station(world, heartbeat_s=0.01) as station,
            asking(station, accept) as request,
        ):
            await head(request)
            await request.part()
            assert [await request.part() for _ in range(2)] == [heartbeat] * 2
            station.leaving.set()
            while await request.part() == heartbeat:
                pass
            await request.ends()

    @pytest.mark.parametrize("accept", [SSE, PARTS])
    async def test_end_with_the_token(self, station: Station, accept: str) -> None:
        token = station.token()
        async with asking(station, accept, token=token) as request:
            await head(request)
            await request.part()
            await station.followed_by(1)
            station.revoke(token)
            last = await request.part()
            if b"UNAUTHENTICATED" not in last:  # of the revocation itself it may still be told
                last = await request.part()
        assert b"UNAUTHENTICATED" in last
        assert last.endswith((b"event: complete\ndata:\n\n", b"--graphql--\r\n"))

    @pytest.mark.parametrize("accept", [SSE, PARTS])
    async def test_are_refused_to_strangers(self, station: Station, accept: str) -> None:
        async with asking(station, accept, token="bo_nobody") as request:
            status, headers = await head(request)
            body = orjson.loads(await request.part())
        assert (status, headers[b"www-authenticate"]) == (401, b"Bearer")
        assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, None),
        ("application/json", None),
        ("text/event-stream", "text/event-stream"),
        ("text/event-stream;q=0, application/json", None),
        (PARTS, "multipart/mixed"),
        ('multipart/mixed;subscriptionSpec="1.0"', "multipart/mixed"),
        ("multipart/mixed;deferSpec=20220824, application/json", None),
    ],
)
def test_a_stream_is_for_who_says_so(accept: str | None, expected: str | None) -> None:
    assert stream_type(accept) == expected
