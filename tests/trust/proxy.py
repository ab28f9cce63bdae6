"""A TCP proxy before PostgreSQL that does to connections what networks and servers do.

It runs on an event loop of its own, in a thread. What it does when is drawn from a seed; whatever
is set on it holds from the next chunk of bytes on.
"""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL, make_url

_CHUNK_BYTES = 65_536
_COMMIT = b"COMMIT\0"
_BEGIN_S = 10


class Proxy:
    """Between a client and the PostgreSQL server at `url`."""

    def __init__(self, url: str, seed: int = 0) -> None:
        self._server = make_url(url)
        self._chance = random.Random(seed)
        self.before_commit = 0.0
        """How many of the connections are cut when they would commit, as a share."""
        self.after_commit = 0.0
        """How many are cut when they have committed, and before they hear of it."""
        self.chunks = 0.0
        """How many of the chunks are the last of their connection."""
        self.delay_s = 0.0
        """How much longer each round trip takes."""
        self.cuts: Counter[str] = Counter()
        self._open: set[asyncio.StreamWriter] = set()
        self._flows: asyncio.Event
        self._loop = asyncio.new_event_loop()
        self._listener: asyncio.Server | None = None
        self.port = 0
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where the same database is reached through the proxy."""
        there = URL.create(
            "postgresql", self._server.username, None, "127.0.0.1", self.port, self._server.database
        )
        return there.render_as_string(hide_password=False)

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._open) // 2

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._begin())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.refuse()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def refuse(self) -> None:
        """Be away: what is open is cut, and nobody is let in."""
        self._run(self._close())

    def hang(self) -> None:
        """Take whatever comes, and pass nothing on."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def work(self) -> None:
        """Be there again, after `refuse` or `hang`."""
        self.before_commit = self.after_commit = self.chunks = self.delay_s = 0.0
        self._run(self._begin())

    def lead_to(self, url: str) -> None:
        """Lead those who come from now on to another server."""
        self._server = make_url(url)

    def _run(self, what: Coroutine[Any, Any, None]) -> None:
        done: Future[None] = asyncio.run_coroutine_threadsafe(what, self._loop)
        done.result(_BEGIN_S)

    async def _begin(self) -> None:
        if not hasattr(self, "_flows"):
            self._flows = asyncio.Event()
        self._flows.set()
        if self._listener is None:
            self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._flows.set()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for each in list(self._open):
            each.transport.abort()
        await asyncio.sleep(0.01)  # for those who serve them to end

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await self._connect()
        both = {writer, questions}
        self._open |= both
        cut = asyncio.Event()
        try:
            ways = self._ask(reader, questions, cut), self._answer(answers, writer, cut)
            ended = list(map(asyncio.ensure_future, ways))
            await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
            for way in ended:
                way.cancel()
            await asyncio.gather(*ended, return_exceptions=True)
        finally:
            for each in both:
                each.transport.abort()
            self._open -= both

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder = self._server.query.get("host")
        if folder:
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        return await asyncio.open_connection(self._server.host, self._server.port or 5432)

    async def _ask(
        self, client: asyncio.StreamReader, server: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        """What the client says, on its way to the server. `cut`: its answer is the end."""
        while data := await client.read(_CHUNK_BYTES):
            await self._delay()
            if self._falls("chunks"):
                return
            if _COMMIT in data:
                if self._falls("before_commit"):
                    return
                if self._falls("after_commit"):
                    cut.set()
            server.write(data)

    async def _answer(
        self, server: asyncio.StreamReader, client: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await server.read(_CHUNK_BYTES):
            await self._delay()
            if cut.is_set() or self._falls("chunks"):
                return
            client.write(data)

    async def _delay(self) -> None:
        await self._flows.wait()
        if self.delay_s:
            await asyncio.sleep(self.delay_s / 2)

    def _falls(self, what: str) -> bool:
        share: float = getattr(self, what)
        if share and self._chance.random() < share:
            self.cuts[what] += 1
            return True
        return False
