"""The program as an operator runs it: processes of their own, spoken to over HTTP."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from backoffice_api.domain.execute import execute
from backoffice_api.domain.identity.commands.tokens import CreateToken, create_token
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import THE_SYSTEM

PROGRAM = (sys.executable, "-m", "backoffice_api.cli")
# A shared machine may be slow to start a process; nothing waits for longer than it has to.
START_TIMEOUT_S = 60
END_TIMEOUT_S = 60
ANSWER_TIMEOUT_S = 180
_POLL_S = 0.02
# Below those that the system gives to connections that nobody named a port for.
_PORTS = range(20_000, 32_000)


@dataclass(slots=True)
class Program:
    """A running command of `backoffice`. It is killed at the end of a `with` block.

    What it says goes to the file `log`.
    """

    command: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        clean = {key: value for key, value in os.environ.items() if "BACKOFFICE" not in key}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                list(self.command),
                cwd=self.log.parent,
                env={**clean, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

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
        if self.process.poll() is None:  # else its number may be somebody else's by now
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(END_TIMEOUT_S)

    def terminate(self) -> None:
        """Ask it to end, as a supervisor does."""
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """How it ended, once it has: 0 for well, negative for the signal that ended it."""
        return self.process.wait(END_TIMEOUT_S)

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
        program: Iterable[str | Path] = PROGRAM,
        **settings: object,
    ) -> None:
        """`settings` are those of the environment, without their prefix and in lower case."""
        self.port = free_port()
        given = {"worker_in_process": "false", **settings, "database_url": database_url}
        environment = {f"BACKOFFICE_{key.upper()}": str(value) for key, value in given.items()}
        super().__init__([*program, "serve", "--port", str(self.port)], log, environment)
        self.start_s = self._await_answer()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, token: str | None = None) -> httpx2.Client:
        """Speaks to it, with a token or without."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=ANSWER_TIMEOUT_S)

    def _await_answer(self) -> float:
        """Return when it answers; after how many seconds that was."""
        begun = time.monotonic()
        while time.monotonic() < begun + START_TIMEOUT_S:
            if self.process.poll() is not None:
                break
            with suppress(httpx2.TransportError):
                if httpx2.get(f"{self.url}/healthz").status_code == 200:
                    return time.monotonic() - begun
            time.sleep(_POLL_S)
        self.kill()
        raise AssertionError(f"The server does not answer:\n{self.log.read_text()[-4000:]}")


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
