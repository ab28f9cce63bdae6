"""A receiver on loopback that behaves as it is told, badly for the most part."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson

HUGE_BYTES = 50_000_000

Behaviour = Callable[["Consumer", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    line: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Consumer:
    """Answers by a script; when it has ended, by `default`."""

    def __init__(
        self, default: "Behaviour | None" = None, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._tls = tls
        self.received: list[Received] = []
        self.answers: list[Behaviour] = []
        self.default = default or answer(200)
        self.released = asyncio.Event()
        self.sent_bytes = 0
        self._news = asyncio.Event()
        self.port = 0
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.released.set()
        self._server.close()
        for each in list(self._open):
            each.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"

    async def heard(self) -> None:
        """Wait for the next request, if one has not come meanwhile; but not for long."""
        try:
            async with asyncio.timeout(0.05):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = (line.partition(": ") for line in head[1:] if line)
            headers = {name.lower(): value for name, _, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.received.append(Received(head[0], headers, body))
            self._news.set()
            behave = self.answers.pop(0) if self.answers else self.default
            await behave(self, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # who called has heard enough
        finally:
            self._open.discard(task)
            writer.close()


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    async def behave(_: Consumer, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return behave


async def hang(consumer: Consumer, _: asyncio.StreamWriter) -> None:
    await consumer.released.wait()


async def drop(_: Consumer, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def slow(consumer: Consumer, writer: asyncio.StreamWriter) -> None:
    """One byte of the status line, and then nothing for as long as anybody waits."""
    writer.write(b"H")
    await writer.drain()
    await consumer.released.wait()


async def huge(consumer: Consumer, writer: asyncio.StreamWriter) -> None:
    part = b"x" * 50_000
    writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {HUGE_BYTES}\r\n\r\n".encode())
    for _ in range(HUGE_BYTES // len(part)):
        writer.write(part)
        await writer.drain()
        consumer.sent_bytes += len(part)
