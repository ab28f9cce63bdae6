"""What is cleared away by itself, so that tables do not grow for ever."""

from dataclasses import dataclass

from backoffice_api.domain.kernel import answers
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

FORGET_ANSWERS_JOB = "kernel.forget_answers"
FORGOTTEN_MAX = 5_000


@dataclass(frozen=True, slots=True)
class ForgetAnswers(Command):
    """Run by the worker every hour."""

    scope = Scope.JOBS_WRITE


def forget_answers(uow: UnitOfWork, command: ForgetAnswers) -> int:
    """Drop answers that were kept for replays and are past their time. How many were dropped."""
    forgotten = answers.forget_old(uow.db, now=uow.now, limit=FORGOTTEN_MAX)
    if forgotten == FORGOTTEN_MAX:
        uow.enqueue(Job(FORGET_ANSWERS_JOB))
    return forgotten
