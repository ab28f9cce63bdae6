"""One figure at a time: what a request costs when many come at once."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex

import orjson
import psutil

from bench.load import Answers, Load, send
from bench.server import HOST, Server
from bench.workloads import Workload

WARM_UP_S = 2.0
_COUNTED = 7


@dataclass(frozen=True, slots=True)
class Figures:
    """What one workload came to on one database. Each is the median of the rounds.

    `cpu_ms` is the server's processor time per request, `database_cpu_ms` that of PostgreSQL's
    processes (None: it is in the server, or out of sight); `busy` is the share of a core that the
    load itself took, `memory_mb` what the server held after it.
    """

    workload: str
    backend: str
    per_second: float
    spread: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    database_cpu_ms: float | None
    statements: int
    answer_bytes: int
    busy: float
    memory_mb: float


class WrongAnswerError(Exception):
    """The server answered something else than the workload is about."""


def measure(
    server: Server,
    workload: Workload,
    bodies: Sequence[bytes],
    *,
    backend: str,
    database: psutil.Process | None,
    statements: int,
    connections: int,
    seconds: float,
    rounds: int,
) -> Figures:
    """Warm up, then load the server `rounds` times. `database`: the server of PostgreSQL, if ours.

    Raises:
        WrongAnswerError: an answer lacked the proof.
    """

    def load(seconds: float) -> Load:
        key = f"bench-{token_hex(8)}" if workload.keyed else None
        return Load(
            host=HOST,
            port=server.port,
            token=server.token,
            bodies=bodies,
            proof=workload.proof,
            connections=connections,
            seconds=seconds,
            key=key,
        )

    _checked(workload, send(load(WARM_UP_S)))
    done: list[tuple[Answers, float, float | None]] = []
    for _ in range(rounds):
        cpu_s = server.cpu_s()
        database_s = _cpu_s_of_all(database) if database else 0.0
        answers = _checked(workload, send(load(seconds)))
        per_request_ms = 1000 / len(answers.latencies_s)
        own_ms = (server.cpu_s() - cpu_s) * per_request_ms
        there_ms = (_cpu_s_of_all(database) - database_s) * per_request_ms if database else None
        done.append((answers, own_ms, there_ms))
    rates = [answers.per_second for answers, _, _ in done]
    there = [ms for _, _, ms in done if ms is not None]
    return Figures(
        workload=workload.name,
        backend=backend,
        per_second=statistics.median(rates),
        spread=(max(rates) - min(rates)) / statistics.median(rates),
        p50_ms=statistics.median(answers.percentile_ms(0.5) for answers, _, _ in done),
        p99_ms=statistics.median(answers.percentile_ms(0.99) for answers, _, _ in done),
        cpu_ms=statistics.median(ms for _, ms, _ in done),
        database_cpu_ms=statistics.median(there) if there else None,
        statements=statements,
        answer_bytes=round(statistics.median(answers.bytes_each for answers, _, _ in done)),
        busy=max(answers.busy for answers, _, _ in done),
        memory_mb=server.memory_bytes() / 1e6,
    )


def statements_of(server: Server, bodies: Sequence[bytes]) -> list[str]:
    """What a counting server sends to the database for one request: the median of a few.

    The first ones are not counted: they also find out who asks.
    """
    seen = []
    for position in range(_COUNTED):
        asked = orjson.loads(bodies[position % len(bodies)])
        server.statements()
        server.ask(asked["query"], asked["variables"])
        seen.append(server.statements())
    return sorted(seen, key=len)[len(seen) // 2]


def _checked(workload: Workload, answers: Answers) -> Answers:
    if answers.failures:
        raise WrongAnswerError(
            f"{workload.title}: {answers.failures} of {len(answers.latencies_s)} answers are wrong."
            f" The first begins: {answers.failure}"
        )
    return answers


def _cpu_s_of_all(process: psutil.Process) -> float:
    """Processor time of a process and its children, those that have ended included."""
    times = [process.cpu_times(), *(child.cpu_times() for child in process.children())]
    ended_s = times[0].children_user + times[0].children_system
    return float(sum(each.user + each.system for each in times) + ended_s)
