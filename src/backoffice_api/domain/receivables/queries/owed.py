"""What customers owe: one statement, however many customers."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.receivables.model.owed import Owed
from backoffice_api.domain.receivables.model.receivables import ReceivableKind
from backoffice_api.domain.receivables.tables import receivables

_of = receivables.c


def owed_by_customers(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Owed]]:
    """What is open of each customer, by currency; what a provider owes the shop is not.

    It lacks those who owe nothing.
    """
    statement = (
        select(
            _of.customer_id,
            _of.currency,
            func.sum(_of.open_minor),
            func.count(),
            func.min(_of.due_on, type_=_of.due_on.type),
        )
        .where(
            among(_of.customer_id, tuple(ids)),
            _of.open_minor > 0,
            _of.kind != ReceivableKind.PAYOUT,
        )
        .group_by(_of.customer_id, _of.currency)
        .order_by(_of.customer_id, _of.currency)
    )
    found: dict[UUID, list[Owed]] = {}
    for id, currency, minor, count, oldest in db.execute(statement):
        found.setdefault(id, []).append(Owed(currency, int(minor), count, oldest))
    return found
