"""What comes before a request is one, over real connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from backoffice_api.web import heads
from backoffice_api.web.joined import JoinedWrites
from tests.thorough import within

ASKED = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the size of the body, or before it has come."""
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"%d" % size
    headers = [(b"content-length", b"%d" % len(body))]
    headers += [each for each in scope["headers"] if each[0] == b"x-seen"]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(app, http=JoinedWrites, ws="none", log_config=None, access_log=False)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: JoinedWrites(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


async def answered(port: int, *parts: bytes, ends: bool = True) -> bytes:
    """What comes until the server ends the connection, or the first of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(within(5)):
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0.001)
            return await (reader.read() if ends else reader.read(65_536))
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


class TestHeads:
    @pytest.mark.parametrize(
        "endless", [b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000, b"GET /" + b"y" * 70_000]
    )
    async def test_without_an_end_are_refused(self, port: int, endless: bytes) -> None:
        assert (await answered(port, GET + endless[:9], endless[9:])).count(b"HTTP/1.1 431") == 1
        assert await answered(port, endless) in (b"", heads._TOO_LARGE)

    @pytest.mark.parametrize("part", [b"x: " + b"y" * 40_000, b"x: y\r\n" * 7_000])
    async def test_without_an_end_behind_a_body_are_cut_off(self, port: int, part: bytes) -> None:
        asked = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"

        assert await answered(port, asked, part, part[6:]) == b""

    async def test_behind_a_body_are_no_headers(self, port: int) -> None:
        begun = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"

        found = await answered(port, begun, b"0\r\nx-seen: y\r\n\r\n", ends=False)

        assert found.endswith(b"\r\n\r\n1")
        assert b"x-seen" not in found

    @pytest.mark.parametrize("parts", [(), (b"GET / HT",), (b"\r\n", b"\r\n"), (GET, b"GET /")])
    async def test_that_do_not_come_end_the_connection(
        self, port: int, monkeypatch: pytest.MonkeyPatch, parts: tuple[bytes, ...]
    ) -> None:
        monkeypatch.setattr(heads, "HEAD_S", 0.05)

        found = await answered(port, *parts)

        assert found.count(b"HTTP/1.1 200") == parts.count(GET)

    @pytest.mark.parametrize(
        "lines",
        [
            b"content-length: 5\r\ntransfer-encoding: chunked",
            b"content-length: 5\r\ncontent-length: 6",
            b"content-length: +5",
            b"content-length: 0x5",
            b"transfer-encoding: chunked\r\ntransfer-encoding: identity",
            b"transfer-encoding : chunked",
            b"content-length: 5\r\n x: folded",
            b"x: a\nb",
            b"x: a\0b",
        ],
    )
    async def test_that_two_readers_take_for_two_things_are_refused(
        self, port: int, lines: bytes
    ) -> None:
        """A proxy may see one request there, and we another behind it (RFC 9112, 11.2)."""
        asked = b"POST / HTTP/1.1\r\nhost: x\r\n" + lines + b"\r\n\r\n0\r\n\r\n" + GET

        found = await answered(port, asked)

        assert found.startswith(b"HTTP/1.1 400")
        assert b"HTTP/1.1 200" not in found

    async def test_are_no_bodies(self, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """Which may be larger, and are as late as the application lets them be."""
        monkeypatch.setattr(heads, "HEAD_S", 0.05)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(ASKED[:30])
            writer.write(ASKED[30:] + b"x" * 100_000)
            await asyncio.sleep(0.1)
            writer.write(b"x" * 100_000)

            assert (await reader.readuntil(b"200000")).startswith(b"HTTP/1.1 200")
        writer.transport.abort()

    @pytest.mark.parametrize("rest", [(b"b", b"cde"), (b"b", b"c")])
    async def test_come_in_time_after_bodies_that_were_answered_before_their_end(
        self, port: int, monkeypatch: pytest.MonkeyPatch, rest: tuple[bytes, ...]
    ) -> None:
        monkeypatch.setattr(heads, "HEAD_S", 0.05)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /early HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\na")
        await reader.readuntil(b"\r\n\r\n0")
        async with asyncio.timeout(within(4)):
            for part in rest:
                writer.write(part)
                await asyncio.sleep(0.001)

            with suppress(ConnectionError):
                assert await reader.read() == b""
        writer.transport.abort()
