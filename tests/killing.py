"""Processes that die in the middle of their work, as `kill -9` leaves them.

A child dies right before its n-th step, where a step is a statement or a commit on any engine. A
test goes through n = 1, 2, ... until the child has survived.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from itertools import count
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from typing import Any

from sqlalchemy import Engine, event

_TIMEOUT_S = 60

# Children are forked by a process that has no threads, and has imported what takes long already.
_IMPORTED = (
    "pytest",
    "psycopg",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "backoffice_api.command",
    "backoffice_api.domain.all_tables",
    "backoffice_api.domain.execute",
    "backoffice_api.migrate",
    "tests.keyring",
    "tests.killing",
    "tests.execute.steps",
    "tests.mailboxes.room",
    "tests.orders.shop",
    "tests.serving",
)
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(list(_IMPORTED))


def start(target: Callable[..., object], *arguments: Any) -> BaseProcess:
    """A child process that runs `target`, a function of a module, on `arguments`."""
    process = _PROCESSES.Process(target=target, args=arguments)
    process.start()
    return process


def new_event() -> Event:
    """A flag that a child and its parent share."""
    return _PROCESSES.Event()


def exit_code(process: BaseProcess) -> int | None:
    """How a child ended: 0 for well, negative for the signal that ended it, None for not at all."""
    process.join(_TIMEOUT_S)
    return process.exitcode


def killed_at_each_step(
    target: Callable[..., object], *arguments: Any, first: int = 1, every: int = 1
) -> Iterator[int]:
    """Run `target` in a child that is killed before step 1, in another before step 2, and so on.

    Gives the number of the step after each death, so that the test can look at what is left; ends
    when a child has come through. `every`: 5 goes on with step 6, where there are very many;
    `first`: 2 then begins with the second, and goes on with the seventh.
    """
    for step in count(first, every):
        ended = exit_code(start(_run_until, step, target, *arguments))
        if ended == 0:
            return
        assert ended == -signal.SIGKILL, f"The child ended with {ended} before step {step}."
        yield step


def _run_until(step: int, target: Callable[..., object], *arguments: Any) -> None:
    steps = count(1)

    def die(*_event: object) -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", die)
    event.listen(Engine, "commit", die)
    target(*arguments)
