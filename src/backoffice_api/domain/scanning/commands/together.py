"""Doing many things at once, and finding out which of them cannot be done."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from backoffice_api.domain.kernel.errors import Denied, DomainError
from backoffice_api.domain.kernel.uow import UnitOfWork

T = TypeVar("T")


def apart(
    uow: UnitOfWork, act: Callable[[UnitOfWork, Sequence[T]], None], together: Sequence[T]
) -> Iterator[tuple[T, DomainError | None]]:
    """What was done, and why the others were not.

    Where not all can be done at once, half of them are tried, and then the others: a few that are
    refused cost the many little.
    """
    refusal = _tried(uow, act, together)
    if refusal is None or len(together) == 1:
        yield from ((each, refusal) for each in together)
        return
    half = len(together) // 2
    yield from apart(uow, act, together[:half])
    yield from apart(uow, act, together[half:])


def _tried(
    uow: UnitOfWork, act: Callable[[UnitOfWork, Sequence[T]], None], together: Sequence[T]
) -> DomainError | None:
    """Why it was not done; then nothing of it was."""
    mark, savepoint = uow.mark(), uow.db.begin_nested()
    try:
        act(uow, together)
    except Denied:
        raise
    except DomainError as refusal:
        savepoint.rollback()
        uow.forget(mark)
        return next(iter(refusal.reasons()))
    savepoint.commit()
    return None
