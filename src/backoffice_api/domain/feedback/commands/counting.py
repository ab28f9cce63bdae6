"""Counting: each answer is counted once wherever it belongs, and no more when it is gone."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Insert, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from backoffice_api.domain.feedback.model.measures import Place
from backoffice_api.domain.feedback.tables import feedback_counts
from backoffice_api.domain.kernel.uow import UnitOfWork

_KEYS = ("measure", "dimension", "subject_id", "period", "score")


def count(uow: UnitOfWork, before: Iterable[Place], after: Iterable[Place]) -> None:
    """Count what lies in `after`, and no more what lies in `before`. One statement, or none.

    The rows are taken in one order, so that two who count the same do not wait for each other.
    """
    changes = Counter(after)
    changes.subtract(Counter(before))
    rows = [
        {name: getattr(place, name) for name in _KEYS}
        # A new row must not begin below zero, even one that is not kept.
        | {"answers": max(change, 0), "change": change}
        for place, change in sorted(changes.items())
        if change
    ]
    if rows:
        uow.db.execute(_add(uow.db.dialect.name), rows)


@cache
def _add(dialect: str) -> Insert:
    if dialect == "postgresql":
        insert: Any = postgresql.insert(feedback_counts)
    else:
        insert = sqlite.insert(feedback_counts)
    changed = {"answers": feedback_counts.c.answers + bindparam("change")}
    keys = [feedback_counts.c[name] for name in _KEYS]
    statement: Insert = insert.on_conflict_do_update(index_elements=keys, set_=changed)
    return statement
