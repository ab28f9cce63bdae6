"""A small application under the supervisor, with routes that misbehave as no product code may."""

import asyncio
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from backoffice_api.serving import Attended, configuration
from backoffice_api.settings import Settings
from backoffice_api.supervisor import Post, Supervisor
from backoffice_api.web import logs
from tests.killing import exit_code, start
from tests.serving import TRUSTING_NOBODY, await_true, free_port

ANSWER_TIMEOUT_S = 30


async def _pid(_: Request) -> Response:
    return PlainTextResponse(str(os.getpid()))


async def _slow(_: Request) -> Response:
    async def parts() -> AsyncIterator[str]:
        yield str(os.getpid())
        await asyncio.sleep(0.7)
        yield "done"

    return StreamingResponse(parts(), media_type="text/plain")


async def spin_for_ever(_: Request) -> Response:
    while True:
        pass


def _application(post: Post) -> Starlette:
    async def ready(_: Request) -> Response:
        return PlainTextResponse(post.trouble or "ready", 503 if post.trouble else 200)

    async def unwell(_: Request) -> Response:
        post.watch(lambda: False)
        return PlainTextResponse("")

    return Starlette(
        routes=[
            Route("/pid", _pid),
            Route("/slow", _slow),
            Route("/spin", spin_for_ever),
            Route("/ready", ready),
            Route("/unwell", unwell),
        ]
    )


def run(log: str, port: int, count: int, silence_s: float, stop_s: float, dies: str) -> None:
    """Be the supervisor. While the file `dies` is there, each new child ends at once."""
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(output, 2)
    settings = Settings(port=port, shutdown_timeout_s=round(stop_s))
    logs.configure(settings, os.fdopen(os.dup(output), "w", buffering=1))
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))

    def body(post: Post) -> int:
        if os.path.exists(dies):
            return 7
        Attended(configuration(_application(post), settings), post).run([listener])
        return 0

    supervisor = Supervisor(
        body, count=count, silence_s=silence_s, stop_s=stop_s, on_stop=listener.close
    )
    sys.exit(supervisor.run())


class Small:
    """The running supervisor of the small application."""

    def __init__(self, folder: Path, *, count: int, silence_s: float, stop_s: float) -> None:
        self.port = free_port()
        self.dies = folder / "dies"
        self._log = folder / "log"
        self._log.touch()
        self.process = start(
            run, str(self._log), self.port, count, silence_s, stop_s, str(self.dies)
        )
        self.await_event("supervisor.all_up")

    def client(self, timeout_s: float = ANSWER_TIMEOUT_S) -> httpx2.Client:
        """Keeps its connection to one of the processes."""
        url = f"http://127.0.0.1:{self.port}"
        return httpx2.Client(base_url=url, timeout=timeout_s, verify=TRUSTING_NOBODY)

    def ask(self, path: str, timeout_s: float = ANSWER_TIMEOUT_S) -> httpx2.Response:
        """Ask on a connection of its own."""
        with self.client(timeout_s) as client:
            return client.get(path)

    def begin(self, path: str) -> threading.Thread:
        """Ask, and wait for no answer."""

        def call() -> None:
            with suppress(httpx2.TransportError):
                self.ask(path)

        thread = threading.Thread(target=call)
        thread.start()
        return thread

    @contextmanager
    def under_way(self) -> Iterator[tuple[int, Iterator[str]]]:
        """A slow answer that has begun: who gives it, and the rest of it, to be waited for."""
        with self.client() as client, client.stream("GET", "/slow") as answer:
            parts = answer.iter_text()
            yield int(next(parts)), parts

    def pids(self) -> set[int]:
        """The processes that serve, as far as the kernel knows of them."""
        (found,) = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return set(map(int, found.read_text().split()))

    def events(self, name: str) -> list[dict[str, Any]]:
        """What the supervisor has logged of this kind."""
        lines = map(json.loads, self._log.read_text().splitlines())
        return [line for line in lines if line["event"] == name]

    def await_event(self, name: str, count: int = 1) -> dict[str, Any]:
        """The last of these, once there are so many."""
        await_true(lambda: len(self.events(name)) >= count, name)
        return self.events(name)[-1]

    def signal(self, what: signal.Signals) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, what)

    def exit_code(self) -> int | None:
        return exit_code(self.process)


@contextmanager
def attended(
    folder: Path, *, count: int = 2, silence_s: float = 60.0, stop_s: float = 60.0
) -> Iterator[Small]:
    """The small application in `count` processes; nothing is left of it after the block."""
    small = Small(folder, count=count, silence_s=silence_s, stop_s=stop_s)
    try:
        yield small
    finally:
        if small.process.is_alive():
            assert small.process.pid is not None
            os.killpg(small.process.pid, signal.SIGKILL)
        small.exit_code()
