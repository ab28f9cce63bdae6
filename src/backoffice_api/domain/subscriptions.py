"""Who reacts to what, and what is done in the background: the whole choreography on one page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

Reaction = Callable[[UnitOfWork, Any], None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """What a job of one kind does: runs a command, made from the job's payload, as the system.

    `every_s`: it is also done by itself, this often.
    """

    handler: Callable[[UnitOfWork, Any], Any]
    command: type[Command]
    every_s: int | None = None


# Reactions that must be true together with the event: they run in its transaction.
TOGETHER: Mapping[type[Event], Sequence[Reaction]] = {}

# What the worker does, by the kind of the job.
JOBS: Mapping[str, JobKind] = {}
