"""One figure at a time: what a request costs when many come at once."""

import statistics
from collections.abc import Sequence
from contextlib import suppress
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
    load itself took. Of the memory that the server held after it, `memory_mb` is its own alone, and
    `resident_mb` all of it, libraries that others share included.
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
    resident_mb: float


class WrongAnswerError(Exception):
    """The server answered something else than the workload is about."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to; processor times are per request."""

    answers: Answers
    cpu_ms: float
    database_cpu_ms: float | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One workload on one server. `database`: the server of PostgreSQL, if it is ours."""

    server: Server
    workload: Workload
    bodies: Sequence[bytes]
    connections: int
    database: psutil.Process | None

    def warm_up(self) -> None:
        """Load the server for a while that does not count.

        Raises:
            WrongAnswerError: an answer lacked the proof.
        """
        self._send(WARM_UP_S)

    def run(self, seconds: float) -> Round:
        """Load the server for one round.

        Raises:
            WrongAnswerError: an answer lacked the proof.
        """
        cpu_s = self.server.cpu_s()
        database_s = _cpu_s_of_all(self.database) if self.database else 0.0
        answers = self._send(seconds)
        per_request_ms = 1000 / len(answers.latencies_s)
        own_ms = (self.server.cpu_s() - cpu_s) * per_request_ms
        there_ms = None
        if self.database:
            there_ms = (_cpu_s_of_all(self.database) - database_s) * per_request_ms
        return Round(answers, own_ms, there_ms)

    def _send(self, seconds: float) -> Answers:
        answers = send(
            Load(
                host=HOST,
                port=self.server.port,
                token=self.server.token,
                bodies=self.bodies,
                proof=self.workload.proof,
                connections=self.connections,
                seconds=seconds,
                key=f"bench-{token_hex(8)}" if self.workload.keyed else None,
            )
        )
        return _checked(self.workload, answers)


def measure(trial: Trial, *, backend: str, statements: int, seconds: float, rounds: int) -> Figures:
    """Warm up, then load the server `rounds` times.

    Raises:
        WrongAnswerError: an answer lacked the proof.
    """
    trial.warm_up()
    done = [trial.run(seconds) for _ in range(rounds)]
    return figures_of(trial, done, backend=backend, statements=statements)


def figures_of(
    trial: Trial, rounds: Sequence[Round], *, backend: str, statements: int = 0
) -> Figures:
    """The medians of the rounds, and what the server holds now."""
    rates = [each.answers.per_second for each in rounds]
    there = [each.database_cpu_ms for each in rounds if each.database_cpu_ms is not None]
    return Figures(
        workload=trial.workload.name,
        backend=backend,
        per_second=statistics.median(rates),
        spread=(max(rates) - min(rates)) / statistics.median(rates),
        p50_ms=statistics.median(each.answers.percentile_ms(0.5) for each in rounds),
        p99_ms=statistics.median(each.answers.percentile_ms(0.99) for each in rounds),
        cpu_ms=statistics.median(each.cpu_ms for each in rounds),
        database_cpu_ms=statistics.median(there) if there else None,
        statements=statements,
        answer_bytes=round(statistics.median(each.answers.bytes_each for each in rounds)),
        busy=max(each.answers.busy for each in rounds),
        memory_mb=trial.server.memory_bytes() / 1e6,
        resident_mb=trial.server.resident_bytes() / 1e6,
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
    times = [process.cpu_times()]
    for child in process.children():
        with suppress(psutil.NoSuchProcess):  # ended meanwhile
            times.append(child.cpu_times())
    ended_s = times[0].children_user + times[0].children_system
    return float(sum(each.user + each.system for each in times) + ended_s)
