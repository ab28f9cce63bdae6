"""The program as an operator runs it: processes of their own, spoken to over HTTP."""

import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import httpx2

from backoffice_api.cli.program import main
from backoffice_api.domain.execute import execute
from backoffice_api.domain.identity.commands.tokens import CreateToken, create_token
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from tests.keyring import KEYS
from tests.killing import start

# A shared machine may be slow to start a process; nothing waits for longer than it has to.
START_TIMEOUT_S = 60
END_TIMEOUT_S = 60
ANSWER_TIMEOUT_S = 180
_POLL_S = 0.02
# Nothing here is asked over TLS. Each client would load what the system trusts, for 20 ms.
TRUSTING_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# Below those that the system gives to connections that nobody named a port for.
_PORTS = range(20_000, 32_000)


class Process(Protocol):
    """What can be asked of a process, however it was started."""

    @property
    def pid(self) -> int | None: ...
    def exit_code(self, timeout_s: float) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Installed:
    """A program that was started by its file."""

    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    def exit_code(self, timeout_s: float) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(timeout_s)
        return None


@dataclass(frozen=True, slots=True)
class Forked:
    """This program, in a process whose parent has imported it already: that takes seconds."""

    process: BaseProcess

    @property
    def pid(self) -> int | None:
        return self.process.pid

    def exit_code(self, timeout_s: float) -> int | None:
        self.process.join(timeout_s)
        return self.process.exitcode


def run_here(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Be `backoffice` from here on, alone in a session, with all that is said going to `log`."""
    os.setsid()
    os.chdir(log.parent)
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for stream, file in enumerate((os.open(os.devnull, os.O_RDONLY), output, output)):
        os.dup2(file, stream)
    sys.stdin = os.fdopen(0)  # multiprocessing has put another file there
    sys.argv = ["backoffice", *arguments]
    main(arguments, prog_name="backoffice")


class Program:
    """A running command of `backoffice`. It is killed at the end of a `with` block.

    What it says goes to the file `log`. `program`: the file to run; None: the program as it lies
    here.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        log: Path,
        environment: Mapping[str, str],
        *,
        program: Path | None = None,
    ) -> None:
        self.log = log
        clean = {key: value for key, value in os.environ.items() if "BACKOFFICE" not in key}
        clean["BACKOFFICE_ENCRYPTION_KEYS_SECRET"] = KEYS
        log.touch()
        self.process = _started(arguments, log, {**clean, **environment}, program)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """End it, with the processes that it has started, as `kill -9` does."""
        if self.has_ended():  # its number may be somebody else's by now
            return
        assert self.process.pid is not None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:  # it is so young that it has no group of its own yet
            os.kill(self.process.pid, signal.SIGKILL)
        self.exit_code()

    def terminate(self) -> None:
        """Ask it to end, as a supervisor does."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGTERM)

    def has_ended(self) -> bool:
        return self.process.exit_code(0) is not None

    def exit_code(self) -> int:
        """How it ended, once it has: 0 for well, negative for the signal that ended it."""
        ended = self.process.exit_code(END_TIMEOUT_S)
        assert ended is not None, f"It does not end:\n{self.log.read_text()[-4000:]}"
        return ended

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged, as long as it logs JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


class Server(Program):
    """`backoffice serve` on a port of its own, answering."""

    def __init__(
        self,
        database_url: str,
        log: Path,
        *,
        program: Path | None = None,
        **settings: object,
    ) -> None:
        """`settings` are those of the environment, without their prefix and in lower case."""
        self.port = free_port()
        given = {"worker_in_process": "false", **settings, "database_url": database_url}
        environment = {f"BACKOFFICE_{key.upper()}": str(value) for key, value in given.items()}
        arguments = ["serve", "--port", str(self.port)]
        super().__init__(arguments, log, environment, program=program)
        self.start_s = self._await_answer()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, token: str | None = None) -> httpx2.Client:
        """Speaks to it, with a token or without."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(
            base_url=self.url, headers=headers, timeout=ANSWER_TIMEOUT_S, verify=TRUSTING_NOBODY
        )

    def _await_answer(self) -> float:
        """Return when it answers; after how many seconds that was."""
        begun = time.monotonic()
        while time.monotonic() < begun + START_TIMEOUT_S:
            if self.has_ended():
                break
            with suppress(httpx2.TransportError):
                if httpx2.get(f"{self.url}/healthz", verify=TRUSTING_NOBODY).status_code == 200:
                    return time.monotonic() - begun
            time.sleep(_POLL_S)
        self.kill()
        raise AssertionError(f"The server does not answer:\n{self.log.read_text()[-4000:]}")


def _started(
    arguments: Sequence[str], log: Path, environment: Mapping[str, str], program: Path | None
) -> Process:
    if program is None:
        return Forked(start(run_here, arguments, environment, log))
    with log.open("ab") as output:
        return Installed(
            subprocess.Popen(
                [program, *arguments],
                cwd=log.parent,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        )


def await_true(question: Callable[[], bool], what: str) -> None:
    """Return as soon as the answer is yes; that it has to be in the end."""
    end = time.monotonic() + ANSWER_TIMEOUT_S
    while not question():
        assert time.monotonic() < end, f"It has not come to pass: {what}"
        time.sleep(_POLL_S)


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    for port in random.SystemRandom().sample(_PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("There is no free port.")


def new_token(database: Database, *scopes: Scope) -> str:
    """An API token with these rights; with all of them if none is named."""
    command = CreateToken(name="tests", scopes=scopes or tuple(sorted(ALL_SCOPES)))
    made = execute(database, create_token, command, caller=THE_SYSTEM, now=datetime.now(UTC))
    assert made.value.secret is not None
    return made.value.secret.reveal()


def graphql(
    client: httpx2.Client, document: str, *, key: str | None = None, **variables: Any
) -> httpx2.Response:
    """Send a GraphQL request, with an idempotency key or without."""
    headers = {"idempotency-key": key} if key else {}
    body = {"query": document, "variables": variables}
    return client.post("/graphql", json=body, headers=headers)
