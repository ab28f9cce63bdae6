"""What customers owe, against what they may."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, case, func, literal, select

from backoffice_api.domain.kernel.rows import among, many_per, one_per
from backoffice_api.domain.orders.model.orders import OrderStatus
from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.receivables.model.credit import CreditLimit, CreditStatus
from backoffice_api.domain.receivables.model.receivables import ReceivableKind
from backoffice_api.domain.receivables.tables import credit_limits, receivables

_PLACED = (OrderStatus.PENDING_APPROVAL, OrderStatus.OPEN, OrderStatus.CLOSED)

limits_by_ids = one_per(CreditLimit, credit_limits, credit_limits.c.id)
limits_by_customers = many_per(
    CreditLimit, credit_limits, credit_limits.c.customer_id, credit_limits.c.currency
)


def status_by_customers(
    db: Connection, ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[CreditStatus]]:
    """What each customer owes and may, one row per currency. Two statements.

    A customer without a limit who owes nothing has no row.
    """
    wanted = tuple(ids)
    used = {(row[0], row[1]): (row[2], row[3]) for row in _used(db, wanted)}
    limits = {
        (each.customer_id, each.currency): each.limit_minor
        for of in limits_by_customers(db, wanted).values()
        for each in of
    }
    found: dict[UUID, list[CreditStatus]] = {}
    for key in sorted({*used, *limits}, key=lambda each: (each[0].bytes, each[1])):
        open_minor, unbilled_minor = used.get(key, (0, 0))
        limit = limits.get(key)
        if limit is not None or open_minor or unbilled_minor:
            status = CreditStatus(*key, limit, open_minor, unbilled_minor)
            found.setdefault(key[0], []).append(status)
    return found


def _used(db: Connection, customer_ids: Sequence[UUID]) -> Sequence[tuple[UUID, str, int, int]]:
    """Customer, currency, what is open, what placed orders come to beyond that."""
    of, owed = orders.c, receivables.c
    asked = (
        select(
            owed.order_id,
            func.sum(owed.open_minor).label("open"),
            func.sum(owed.written_off_minor - owed.recovered_minor).label("lost"),
        )
        .where(among(owed.customer_id, customer_ids), owed.kind != ReceivableKind.PAYOUT)
        .group_by(owed.order_id)
        .subquery("asked")
    )
    open_minor = func.coalesce(asked.c.open, 0)
    due = of.current_total_minor - of.allowance_minor
    outstanding = due - of.captured_minor + of.refunded_minor
    beyond = outstanding - of.authorized_minor - open_minor - func.coalesce(asked.c.lost, 0)
    counts: ColumnElement[bool] = of.status.in_(_PLACED)
    is_known = of.payment_status != PaymentStatus.NOT_TRACKED
    unbilled = case((counts & is_known & (beyond > 0), beyond), else_=literal(0))
    statement = (
        select(of.customer_id, of.currency, func.sum(open_minor), func.sum(unbilled))
        .select_from(orders.outerjoin(asked, asked.c.order_id == of.id))
        .where(among(of.customer_id, customer_ids))
        .group_by(of.customer_id, of.currency)
    )
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in db.execute(statement)]
