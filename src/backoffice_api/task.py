"""Work of a worker that is no single command: with files, or what no transaction undoes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Told after each step how many rows are done of how many. False: stop, somebody else goes on.
Progress = Callable[[int, int | None], bool]


@dataclass(frozen=True, slots=True)
class Task:
    """What is done for a kind of jobs: it takes the payload of the job, and may be repeated.

    It answers whether there is more to do: then the job is given back to the queue, and anybody
    goes on with it. `every_s`: it is also done by itself, this often.
    """

    work: Callable[[Mapping[str, Any], Progress], bool]
    every_s: int | None = None
