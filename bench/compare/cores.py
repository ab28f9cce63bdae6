"""Which processor cores do what: the server has one to itself, all else shares the others."""

import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Cores:
    """None: wherever the system puts it."""

    server: Collection[int] | None = None
    others: Collection[int] | None = None

    def __str__(self) -> str:
        if self.server is None:
            return "as the system puts them"
        return f"server on {_named(self.server)}, load and database on {_named(self.others or ())}"


def divided() -> Cores:
    """The cores of this machine, as far as it has several and lets us choose."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores()
    free = sorted(os.sched_getaffinity(0))
    # The first one often has the interrupts as well.
    return Cores({free[-1]}, set(free[:-1])) if len(free) > 1 else Cores()


def confine(process: psutil.Process, cores: Collection[int] | None) -> None:
    """Keep a process, its children and those that it will have on these cores."""
    if cores is not None:
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # ended meanwhile
                each.cpu_affinity(list(cores))


def _named(cores: Collection[int]) -> str:
    return ", ".join(map(str, sorted(cores)))
