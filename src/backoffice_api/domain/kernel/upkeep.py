"""What keeps a database fit by itself: old rows go, and the planner is told of new ones."""

from dataclasses import dataclass

from backoffice_api.domain.kernel import answers
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.statistics import refresh_statistics
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

FORGET_ANSWERS_JOB = "kernel.forget_answers"
REFRESH_STATISTICS_JOB = "kernel.refresh_statistics"
FORGOTTEN_MAX = 5_000


@dataclass(frozen=True, slots=True)
class ForgetAnswers(Command):
    """Run by the worker every hour."""

    scope = Scope.JOBS_WRITE


@dataclass(frozen=True, slots=True)
class RefreshStatistics(Command):
    """Run by the worker every hour."""

    scope = Scope.JOBS_WRITE


def forget_answers(uow: UnitOfWork, command: ForgetAnswers) -> int:
    """Drop answers that were kept for replays and are past their time. How many were dropped."""
    forgotten = answers.forget_old(uow.db, now=uow.now, limit=FORGOTTEN_MAX)
    if forgotten == FORGOTTEN_MAX:
        uow.enqueue(Job(FORGET_ANSWERS_JOB))
    return forgotten


def refresh(uow: UnitOfWork, command: RefreshStatistics) -> None:
    """Let SQLite's planner look at the tables as they are now."""
    refresh_statistics(uow.db, metadata)
