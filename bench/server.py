"""A server of the back office in a process of its own, as an installation runs it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson
import psutil

from bench import counting
from bench.given import NO_SETTINGS, Settings

HOST = "127.0.0.1"
_START_TIMEOUT_S = 300  # of a machine that others use, too
_STOP_TIMEOUT_S = 30
_SAMPLE_BYTES = 1_000
_ROOT = Path(__file__).parents[1]


class ServerError(Exception):
    """The server does not start, or does not answer as it should; the message says how."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers on `HOST` and `port`. `token` may do anything."""

    port: int
    token: str
    process: psutil.Process

    def ask(self, document: str, variables: Mapping[str, Any]) -> Any:
        """The data of the answer to one request.

        Raises:
            ServerError: it has errors.
        """
        return self.ask_with(orjson.dumps({"query": document, "variables": variables}))

    def ask_with(self, body: bytes) -> Any:
        """The same for the body of a request.

        Raises:
            ServerError: the answer has errors.
        """
        answer = self._get("/graphql", body)
        if "errors" in answer:
            raise ServerError(orjson.dumps(answer["errors"][:3]).decode())
        return answer["data"]

    def statements(self) -> list[str]:
        """What was sent to the database since the last call. Only a counting server knows."""
        seen: list[str] = self._get(counting.PATH)
        return seen

    def cpu_s(self) -> float:
        """Seconds of processor time that the server's processes have used, user and system."""
        times = [each.cpu_times() for each in self._processes()]
        return float(sum(each.user + each.system for each in times))

    def memory_bytes(self) -> int:
        """Memory that the server has for itself alone."""
        return int(self._processes()[-1].memory_full_info().uss)

    def resident_bytes(self) -> int:
        """Memory that the server has at hand, what it shares with others included."""
        return int(self._processes()[-1].memory_info().rss)

    def _processes(self) -> list[psutil.Process]:
        """The process that was started, and those it has started: the last of them serves."""
        return [self.process, *self.process.children()]

    def _get(self, path: str, body: bytes | None = None) -> Any:
        request = Request(
            f"http://{HOST}:{self.port}{path}",
            body,
            {
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Accept": "application/graphql-response+json, application/json",
            },
        )
        try:
            with urlopen(request, timeout=_START_TIMEOUT_S) as answer:
                return orjson.loads(answer.read())
        except HTTPError as failure:
            said = failure.read()[:_SAMPLE_BYTES].decode(errors="replace")
            raise ServerError(f"{failure}: {said}") from failure


@contextmanager
def serving(
    url: str,
    folder: Path,
    token: str,
    *,
    count: bool = False,
    cores: Collection[int] | None = None,
    settings: Settings = NO_SETTINGS,
) -> Iterator[Server]:
    """A server for the database at `url`, until the block ends. Its log goes into `folder`.

    One process, with the settings of production, but no log of requests and no jobs. `count`: it
    counts statements, and so is not to be measured. `settings`: more of them, by the names of their
    variables; those of our own environment never reach it.

    Raises:
        ServerError: it does not start; the message ends with its log.
    """
    port = free_port()
    environment = {
        **environment_for(url),
        "BACKOFFICE_HOST": HOST,
        "BACKOFFICE_PORT": str(port),
        "BACKOFFICE_LOG_LEVEL": "warning",
        "BACKOFFICE_WORKER_IN_PROCESS": "false",
        # One token asks for all there is: its price is taken, and there is always enough.
        "BACKOFFICE_BUDGET_CAPACITY": "1000000000",
        "BACKOFFICE_BUDGET_RESTORE_PER_S": "1000000000",
        **settings,
    }
    factory = ("uvicorn", "bench.counting:from_environment", "--factory")
    serve = (*factory, "--host", HOST, "--port", str(port)) if count else (*PROGRAM, "serve")
    command = (sys.executable, "-m", *serve)
    with running(command, environment, folder / "server.log", port, token, cores) as server:
        yield server


@contextmanager
def running(
    command: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    port: int,
    token: str = "",
    cores: Collection[int] | None = None,
) -> Iterator[Server]:
    """The server that `command` starts on `port`, on these cores only, until the block ends.

    It runs in the folder of its log, where no .env lies, and can import this package.

    Raises:
        ServerError: it does not start; the message ends with its log.
    """
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    with log.open("wb") as output, confined_to(cores):
        child = subprocess.Popen(
            command,
            cwd=log.parent,
            env={**environment, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _await(port, child, log)
        yield Server(port, token, psutil.Process(child.pid))
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def confined_to(cores: Collection[int] | None) -> Iterator[None]:
    """Processes that are started in the block run on these cores only. None: on any."""
    if cores is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


PROGRAM = ("backoffice_api.command",)


def environment_for(url: str) -> dict[str, str]:
    """The environment of a process that works on the database at `url`, with nothing else set."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("BACKOFFICE_")}
    keys = "BACKOFFICE_ENCRYPTION_KEYS_SECRET"
    return {**inherited, "BACKOFFICE_DATABASE_URL": url, keys: os.environ[keys]}


def new_token(url: str, folder: Path) -> str:
    """A token that may do anything in the database at `url`."""
    made = subprocess.run(
        [sys.executable, "-m", *PROGRAM, "token", "create", "--name", "bench", "--scope", "*"],
        cwd=folder,
        env=environment_for(url),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return made.stdout.strip()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _await(port: int, child: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < end and child.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise ServerError(f"The server does not start:\n{log.read_text()[-4000:]}")
