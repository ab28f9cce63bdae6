"""The load: a fixed number of connections, each of which asks again as soon as it has an answer.

It runs in a process of its own, so that it takes no time from the server's interpreter, and speaks
just enough HTTP/1.1 to cost little. How busy it was is part of what it tells.
"""

import asyncio
import pickle
import subprocess
import sys
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# How long answers are waited for after the last request was sent.
DRAIN_TIMEOUT_S = 60
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
_SAMPLE_BYTES = 600


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be sent, how, for how long.

    `bodies` are sent in turn, over and over. `proof` is in every good answer. `key`, if there is
    one, and the number of the request make an `Idempotency-Key` of its own for each.
    """

    host: str
    port: int
    token: str
    bodies: Sequence[bytes]
    proof: bytes
    connections: int
    seconds: float
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back. `latencies_s` are sorted; `busy` is the share of a core that the load took.

    `failure` is the beginning of the first answer without the proof.
    """

    latencies_s: "array[float]"
    elapsed_s: float
    bytes_each: float
    busy: float
    failures: int
    failure: str

    @property
    def per_second(self) -> float:
        return len(self.latencies_s) / self.elapsed_s

    def percentile_ms(self, share: float) -> float:
        """The latency that this share of the requests did not exceed, in milliseconds."""
        count = len(self.latencies_s)
        return self.latencies_s[min(count - 1, int(count * share))] * 1000 if count else 0.0


def send(load: Load) -> Answers:
    """Send the load from another process, and wait for its end.

    Raises:
        CalledProcessError: answers were missing long after the last request, or the server closed
            a connection; the process has said so.
        TimeoutExpired: the process hangs.
    """
    another = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        cwd=Path(__file__).parents[1],
        input=pickle.dumps(load),
        stdout=subprocess.PIPE,
        check=True,
        timeout=load.seconds + 2 * DRAIN_TIMEOUT_S,
    )
    answers: Answers = pickle.loads(another.stdout)
    return answers


def send_from_here(load: Load) -> Answers:
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return asyncio.run(_drive(load))
    return uvloop.run(_drive(load))


async def _drive(load: Load) -> Answers:
    loop = asyncio.get_running_loop()
    state = _State(load)
    connections = [
        (await loop.create_connection(lambda: _Connection(state), load.host, load.port))[1]
        for _ in range(load.connections)
    ]
    cpu_s, state.begun_s = time.process_time(), time.perf_counter()
    state.ends_s = state.begun_s + load.seconds
    for each in connections:
        each.ask()
    try:
        async with asyncio.timeout(load.seconds + DRAIN_TIMEOUT_S):
            await asyncio.gather(*(each.ended for each in connections))
    finally:
        for each in connections:
            each.close()
    elapsed_s = time.perf_counter() - state.begun_s
    count = len(state.latencies_s)
    return Answers(
        latencies_s=array("d", sorted(state.latencies_s)),
        elapsed_s=elapsed_s,
        bytes_each=state.bytes / count if count else 0.0,
        busy=(time.process_time() - cpu_s) / elapsed_s,
        failures=state.failures,
        failure=state.failure,
    )


class _State:
    """What the connections share: the next request, and the sums."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.begun_s = self.ends_s = 0.0
        self.latencies_s = array("d")
        self.bytes = 0
        self.failures = 0
        self.failure = ""
        self._number = 0
        self._heads = [_head(load, body) for body in load.bodies]

    def next_request(self) -> bytes:
        number = self._number
        self._number += 1
        position = number % len(self._heads)
        key = f"Idempotency-Key: {self.load.key}-{number}\r\n" if self.load.key else ""
        return b"%b%b\r\n%b" % (self._heads[position], key.encode(), self.load.bodies[position])

    def note(self, latency_s: float, head: bytes, body: bytes) -> None:
        self.latencies_s.append(latency_s)
        self.bytes += len(body)
        if not head.startswith(b"HTTP/1.1 200") or self.load.proof not in body:
            self.failures += 1
            self.failure = self.failure or (head[:15] + b" " + body[:_SAMPLE_BYTES]).decode()


class _Connection(asyncio.Protocol):
    """One client: one request at a time."""

    def __init__(self, state: _State) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._state = state
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        self._missing = 0
        self._head = b""
        self._asked_s = 0.0

    def ask(self) -> None:
        assert self._transport is not None, "connected"
        self._asked_s = time.perf_counter()
        self._transport.write(self._state.next_request())

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("The server closed a connection."))

    def data_received(self, data: bytes) -> None:
        if not self._head:
            data = b"".join((*self._parts, data))
            self._parts.clear()
            end = data.find(_HEAD_END)
            if end < 0:
                self._parts.append(data)
                return
            self._head, data = data[:end], data[end + len(_HEAD_END) :]
            self._missing = _length(self._head)
        self._parts.append(data)
        self._missing -= len(data)
        if self._missing <= 0:
            self._answered()

    def _answered(self) -> None:
        now_s = time.perf_counter()
        self._state.note(now_s - self._asked_s, self._head, b"".join(self._parts))
        self._parts.clear()
        self._head = b""
        if now_s < self._state.ends_s:
            self.ask()
        else:
            self.ended.set_result(None)


def _head(load: Load, body: bytes) -> bytes:
    """All of a request that stands above its body, but for the key and the empty line."""
    lines = (
        "POST /graphql HTTP/1.1",
        f"Host: {load.host}:{load.port}",
        f"Authorization: Bearer {load.token}",
        "Accept: application/graphql-response+json",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "",
    )
    return "\r\n".join(lines).encode()


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.index(_LENGTH) + len(_LENGTH)
    end = lower.find(b"\r\n", start)
    return int(lower[start : end if end >= 0 else len(lower)])


if __name__ == "__main__":
    from bench import load as named  # by the name that the other process knows

    sys.stdout.buffer.write(pickle.dumps(named.send_from_here(pickle.load(sys.stdin.buffer))))
