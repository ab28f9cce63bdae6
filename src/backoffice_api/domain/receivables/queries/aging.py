"""How old what is owed is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, case, func, select

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.receivables.model.receivables import OPEN_STATES, ReceivableKind
from backoffice_api.domain.receivables.tables import receivables

# The last day late of each bucket; behind the last one is another.
_EDGES = (0, 30, 60, 90)


@dataclass(frozen=True, slots=True)
class Aging:
    """What is open in one currency, by how many days it is late."""

    currency: str
    not_due: Money
    to_30: Money
    to_60: Money
    to_90: Money
    beyond: Money
    total: Money
    count: int


def aging(
    db: Connection,
    on: date,
    *,
    kinds: Sequence[ReceivableKind] = (),
    customer_id: UUID | None = None,
) -> Sequence[Aging]:
    """What is open by its age on a day, one row per currency. One statement."""
    of = receivables.c
    # Late by n days: due n days before. The first day of each bucket, the youngest first.
    firsts = [on - timedelta(days=edge) for edge in _EDGES]
    bounds = [
        of.due_on >= firsts[0],
        *((of.due_on >= older) & (of.due_on < younger) for younger, older in pairwise(firsts)),
        of.due_on < firsts[-1],
    ]
    sums = [func.coalesce(func.sum(case((within, of.open_minor), else_=0)), 0) for within in bounds]
    statement = (
        select(of.currency, *sums, func.sum(of.open_minor), func.count())
        .where(of.state.in_(OPEN_STATES))
        .group_by(of.currency)
        .order_by(of.currency)
    )
    if kinds:
        statement = statement.where(of.kind.in_(tuple(kinds)))
    if customer_id is not None:
        statement = statement.where(of.customer_id == customer_id)
    return [_aging(tuple(row)) for row in db.execute(statement)]


def _aging(row: Sequence[Any]) -> Aging:
    currency, *amounts, count = row
    not_due, to_30, to_60, to_90, beyond, total = (Money(int(minor), currency) for minor in amounts)
    return Aging(currency, not_due, to_30, to_60, to_90, beyond, total, count)
