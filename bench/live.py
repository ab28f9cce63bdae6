"""Events to many subscribers: `python -m bench.live` says how fast they come, and how late.

One server process, so many WebSockets of a few tokens with one subscription each, and one writer
who makes customers over HTTP. Timed is from the moment that an event notes, before its commit, to
its arrival at each subscriber. These are in a process of their own, and take their share of the
cores.
"""

import asyncio
import multiprocessing
import signal
import sys
import time
from array import array
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

import click
import orjson
from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect

from backoffice_api.migrate import migrate
from bench.databases import BACKENDS, CACHE, locked, name_of, shelf
from bench.server import HOST, Server, new_token, serving

TOKENS = 4
PROTOCOL = "graphql-transport-ws"
DOCUMENTS = {
    "the notice alone": "{ events { sequence type occurredAt subjectId } }",
    "with its subject": "{ events { sequence occurredAt subject { id ...on Customer { name } } } }",
}
CREATE = """mutation ($name: String!) {
  customerCreate(input: {kind: PERSON, name: $name}) { userErrors { code } }
}"""

console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one round came to. Latencies are sorted; `server` and `clients` are shares of a core."""

    latencies_s: Sequence[float]
    elapsed_s: float
    server: float
    clients: float
    memory_mb: float

    def percentile_ms(self, share: float) -> float:
        """The latency that this share of the deliveries did not exceed."""
        count = len(self.latencies_s)
        return self.latencies_s[min(count - 1, int(count * share))] * 1000


def listen(
    said: Connection, port: int, tokens: Sequence[str], subscribers: int, count: int, query: str
) -> None:
    """Be the subscribers: say when all are there, and at the end how late each event came."""
    asyncio.run(_listen(said, port, tokens, subscribers, count, query))


async def _listen(
    said: Connection, port: int, tokens: Sequence[str], subscribers: int, count: int, query: str
) -> None:
    latencies = array("d")
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(
                connect(f"ws://{HOST}:{port}/graphql", subprotocols=[PROTOCOL], compression=None)  # type: ignore[list-item]
            )
            for _ in range(subscribers)
        ]
        for number, each in enumerate(sockets):
            await _begin(each, tokens[number % len(tokens)], query)
        await asyncio.sleep(1.0)
        said.send("ready")
        before = time.process_time()
        await asyncio.gather(*(_take(each, count, latencies) for each in sockets))
        said.send((time.time(), time.process_time() - before, sorted(latencies)))


async def _begin(socket: ClientConnection, token: str, query: str) -> None:
    payload = {"Authorization": f"Bearer {token}"}
    await socket.send(orjson.dumps({"type": "connection_init", "payload": payload}).decode())
    assert orjson.loads(await socket.recv())["type"] == "connection_ack"
    asked = {"query": f"subscription {query}"}
    await socket.send(orjson.dumps({"type": "subscribe", "id": "a", "payload": asked}).decode())


async def _take(socket: ClientConnection, count: int, latencies: "array[float]") -> None:
    last = 0
    for _ in range(count):
        message = orjson.loads(await socket.recv())
        now = time.time()
        event = message["payload"]["data"]["events"]
        assert int(event["sequence"]) > last, "in order, each once"
        last = int(event["sequence"])
        latencies.append(now - datetime.fromisoformat(event["occurredAt"]).timestamp())


def measure(
    server: Server,
    tokens: Sequence[str],
    subscribers: int,
    count: int,
    per_second: float,
    document: str,
) -> Figures:
    """One round: `count` events to all subscribers; `per_second` 0: as fast as it goes."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    clients = multiprocessing.get_context("spawn").Process(
        target=listen, args=(theirs, server.port, tokens, subscribers, count, document)
    )
    clients.start()
    assert ours.recv() == "ready"
    cpu_s, begun_s = server.cpu_s(), time.time()
    for number in range(count):
        if per_second:
            time.sleep(max(0.0, begun_s + number / per_second - time.time()))
        server.ask(CREATE, {"name": f"Customer {number}"})
    ended_s, clients_s, latencies = ours.recv()
    clients.join()
    elapsed_s = ended_s - begun_s
    busy = (server.cpu_s() - cpu_s) / elapsed_s
    return Figures(latencies, elapsed_s, busy, clients_s / elapsed_s, server.resident_bytes() / 1e6)


@click.command()
@click.option("--events", default=1_000, show_default=True)
@click.option("--subscribers", default=100, show_default=True)
@click.option("--per-second", default=(50.0, 0.0), multiple=True, help="0: as fast as it goes.")
@click.option("--database", "backends", multiple=True, type=click.Choice(BACKENDS))
@click.option("--postgres-url")
@click.option("--cache", type=click.Path(path_type=Path), default=CACHE)
def main(
    events: int,
    subscribers: int,
    per_second: Sequence[float],
    backends: Sequence[str],
    postgres_url: str | None,
    cache: Path,
) -> None:
    """Deliver events to many subscribers, and say how fast and how late."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    table = Table(title=f"{events:,} events to {subscribers} subscribers")
    for name in ("database", "document", "events/s asked", "deliveries/s", "p50 ms", "p99 ms"):
        table.add_column(name)
    for name in ("server", "clients", "MB"):
        table.add_column(name)
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache):
        for backend in backends or BACKENDS:
            with (
                shelf(backend, cache, postgres_url) as kept,
                kept.copy(name_of(0), migrate) as url,
            ):
                tokens = [new_token(url, cache) for _ in range(TOKENS)]
                with serving(url, cache, tokens[0]) as server:
                    for name, document in DOCUMENTS.items():
                        for rate in per_second:
                            found = measure(server, tokens, subscribers, events, rate, document)
                            deliveries = len(found.latencies_s) / found.elapsed_s
                            table.add_row(
                                backend,
                                name,
                                f"{rate:g}" if rate else "all at once",
                                f"{deliveries:,.0f}",
                                f"{found.percentile_ms(0.5):.0f}",
                                f"{found.percentile_ms(0.99):.0f}",
                                f"{found.server:.2f}",
                                f"{found.clients:.2f}",
                                f"{found.memory_mb:.0f}",
                            )
                            console.print(
                                f"{backend}, {name}, {rate:g}/s: {deliveries:,.0f} deliveries/s"
                            )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
