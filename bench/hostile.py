"""More than 10,000 hostile requests to a server that others use meanwhile.

    python -m bench.hostile [--database both] [--seed 9] [--typed 5000] [--bent 5000]

Nothing may answer 5xx, show the inside of the program, or take a second of processor time; who asks
for something harmless every 25 ms must not wait; memory and files must not grow. Ends with 1 where
one of these does not hold. Mutations with wrong inputs are dry runs, bent operations are not: the
database is made for this, with one of everything in it.
"""

import http.client
import itertools
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click
import orjson

from backoffice_api.domain.kernel.database import open_database
from bench.server import HOST, PROGRAM, Server, environment_for, free_port, running
from tests.databases import BACKENDS, Copies, PostgresCopies, SqliteCopies
from tests.keyring import KEYS
from tests.proofs.hostility import INSIDE, Hostile, bent, hand_made, typed
from tests.proofs.inputs import Inputs
from tests.proofs.office import open_office
from tests.run import new_run

CPU_MAX_S = 1.0
CANARY_P99_MAX_S = 0.25
CANARY_WORST_MAX_S = 1.0
GROWTH_MAX_BYTES = 150 * 2**20
FILES_MAX = 5

_CANARY_EVERY_S = 0.025
_CANARY = b'{"query": "{ orders(first: 5) { nodes { number } } }"}'
_TIMEOUT_S = 60
_WARM_UP = 200


@dataclass(slots=True)
class Findings:
    """What came of the requests to one server."""

    statuses: Counter[int] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    cpu_s: list[tuple[float, str]] = field(default_factory=list)
    canary_s: list[float] = field(default_factory=list)
    growth_bytes: int = 0
    files: int = 0

    def note(self, hostile: Hostile, status: int, body: bytes, cpu_s: float) -> None:
        self.statuses[status] += 1
        self.cpu_s.append((cpu_s, hostile.about))
        if status >= 500 or INSIDE.search(body):
            self.faults.append(f"{hostile.about}: {status} {body[:300]!r}")
        with suppress(ValueError, KeyError, TypeError):
            self.codes.update(each["extensions"]["code"] for each in orjson.loads(body)["errors"])

    def canary_ms(self, share: float) -> float:
        """What this share of the harmless requests did not exceed."""
        waited = sorted(self.canary_s)
        return waited[min(len(waited) - 1, int(len(waited) * share))] * 1_000

    def held(self) -> Iterator[tuple[str, bool]]:
        """Each goal in words, with its figure, and whether it was reached."""
        worst, about = max(self.cpu_s)
        count = sum(self.statuses.values())
        answers = ", ".join(f"{n} x {status}" for status, n in sorted(self.statuses.items()))
        yield f"{count} requests: {answers}", not self.faults
        yield f"{len(self.faults)} answers 5xx or with the inside shown", not self.faults
        yield f"most CPU for one: {worst * 1_000:.0f} ms ({about})", worst <= CPU_MAX_S
        p50, p99, most = (self.canary_ms(share) for share in (0.5, 0.99, 1))
        yield (
            f"others waited p50 {p50:.0f} ms, p99 {p99:.0f} ms, at most {most:.0f} ms",
            p99 <= CANARY_P99_MAX_S * 1_000 and most <= CANARY_WORST_MAX_S * 1_000,
        )
        grown = self.growth_bytes / 2**20
        yield f"memory grew by {grown:.0f} MiB", self.growth_bytes <= GROWTH_MAX_BYTES
        yield f"open files grew by {self.files}", self.files <= FILES_MAX


class Line:
    """One connection, made anew where the server has closed it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._http = http.client.HTTPConnection(HOST, server.port, timeout=_TIMEOUT_S)

    def send(self, hostile: Hostile) -> tuple[int, bytes]:
        headers = {**hostile.headers, "Authorization": f"Bearer {self._server.token}"}
        given = {name: value.encode("latin-1") for name, value in headers.items()}
        for is_last in (False, True):
            try:
                self._http.request(hostile.method, hostile.target, hostile.body, given)
                answer = self._http.getresponse()
                return answer.status, answer.read()
            except (TimeoutError, http.client.HTTPException, ConnectionError):
                self._http.close()
                if is_last:
                    raise
        raise AssertionError("unreachable")


@contextmanager
def canary(server: Server, findings: Findings) -> Iterator[None]:
    """Somebody who asks for something harmless, over and over."""
    ended = threading.Event()

    def ask() -> None:
        line, harmless = Line(server), Hostile("canary", _CANARY)
        while not ended.wait(_CANARY_EVERY_S):
            begun_s = time.perf_counter()
            status, body = line.send(harmless)
            findings.canary_s.append(time.perf_counter() - begun_s)
            if status != 200:
                findings.faults.append(f"canary: {status} {body[:300]!r}")

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def attack(server: Server, requests: Iterable[Hostile]) -> Findings:
    """Send all, one after the other."""
    findings, line = Findings(), Line(server)
    requests = iter(requests)
    for hostile in itertools.islice(requests, _WARM_UP):
        findings.note(hostile, *line.send(hostile), 0.0)
    memory, files = server.resident_bytes(), server.process.num_fds()
    with canary(server, findings):
        for hostile in requests:
            before_s = server.cpu_s()
            status, body = line.send(hostile)
            findings.note(hostile, status, body, server.cpu_s() - before_s)
    findings.growth_bytes = server.resident_bytes() - memory
    findings.files = server.process.num_fds() - files
    return findings


def _furnished(url: str) -> tuple[str, Inputs]:
    """A token for the database, which then has one of everything, and inputs that name it."""
    database = open_database(url)
    try:
        with open_office(url, database) as office:
            return office.token, office.inputs
    finally:
        database.dispose()


def _attack(copies: Copies, folder: Path, requests: tuple[int, int, int]) -> Findings:
    seed, wrong, changed = requests
    url = copies.migrated()
    token, inputs = _furnished(url)
    port = free_port()
    environment = {
        **environment_for(url),
        "BACKOFFICE_ENCRYPTION_KEYS_SECRET": KEYS,
        "BACKOFFICE_HOST": HOST,
        "BACKOFFICE_PORT": str(port),
        "BACKOFFICE_LOG_LEVEL": "error",
        # Everything is to be looked at: nothing is refused for its price.
        "BACKOFFICE_BUDGET_CAPACITY": "0",
    }
    command = (sys.executable, "-m", *PROGRAM, "serve")
    with running(command, environment, folder / "server.log", port, token) as server:
        sent = itertools.chain(hand_made(), typed(inputs, wrong, seed), bent(changed, seed))
        return attack(server, sent)


@click.command()
@click.option("--database", "backend", default="both", type=click.Choice([*BACKENDS, "both"]))
@click.option("--seed", default=9, show_default=True)
@click.option("--typed", "wrong", default=5_000, show_default=True, help="Wrong inputs.")
@click.option("--bent", "changed", default=5_000, show_default=True, help="Bent operations.")
def main(backend: str, seed: int, wrong: int, changed: int) -> None:
    """Send hostile requests, and say what came of them."""
    is_well = True
    backends: Sequence[str] = BACKENDS if backend == "both" else (backend,)
    with new_run() as run, tempfile.TemporaryDirectory() as folder:
        for name in backends:
            copies = SqliteCopies(run) if name == "sqlite" else PostgresCopies(run)
            findings = _attack(copies, Path(folder), (seed, wrong, changed))
            copies.close()
            click.echo(name)
            for words, holds in findings.held():
                click.echo(f"  {'holds ' if holds else 'BROKEN'}  {words}")
                is_well = is_well and holds
            click.echo(f"          codes: {dict(findings.codes.most_common())}")
            for fault in findings.faults[:20]:
                click.echo(f"          {fault}")
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
