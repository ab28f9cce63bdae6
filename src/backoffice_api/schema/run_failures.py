"""Refusals as runs keep them: in the words of the schema, with their facts."""

from collections.abc import Sequence
from dataclasses import fields

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.events import plain
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.views.model.runs import ERROR_LENGTH_MAX, Failure
from backoffice_api.schema.payloads import path_of

FAILURES_MAX = 20


def failures_of(refusals: Sequence[DomainError]) -> tuple[Failure, ...]:
    """Why something was refused, at most the first `FAILURES_MAX` reasons."""
    return tuple(_failure(each) for each in refusals[:FAILURES_MAX])


def _failure(refusal: DomainError) -> Failure:
    facts = {each.name: getattr(refusal, each.name) for each in fields(refusal)}  # type: ignore[arg-type]
    path = path_of(refusal)
    return Failure(
        code=refusal.code,
        message=storable(str(refusal)[:ERROR_LENGTH_MAX]),
        path=None if path is None else tuple(path),
        data=plain(facts),
    )
