"""Aging: one statement over the instalments of what is owed."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, case, cast, func, or_, select

from backoffice_api.domain.payables.model.aging import (
    BUCKETS,
    ROWS_MAX,
    Aging,
    AgingSums,
    SupplierAging,
)
from backoffice_api.domain.payables.model.bills import BillKind, BillStatus
from backoffice_api.domain.payables.tables.bills import bill_instalments, bills

_COUNTED = (
    BillStatus.APPROVED,
    BillStatus.SCHEDULED,
    BillStatus.PARTIALLY_PAID,
    BillStatus.DISPUTED,
)


def aging(
    db: Connection, on: date, *, supplier_id: UUID | None = None, currency: str | None = None
) -> Aging:
    """What is owed, by currency and supplier and by how long before `on` it was due.

    Of a bill in instalments, what is settled counts for the earliest ones. One statement.
    """
    rows = db.execute(_statement(on, supplier_id, currency)).all()
    found = [
        SupplierAging(row[0], AgingSums(row[1], *(int(each) for each in row[2:]))) for row in rows
    ]
    found.sort(key=lambda each: (-each.sums.total_minor, each.sums.currency, each.supplier_id))
    return Aging(on, tuple(found[:ROWS_MAX]), _totals(found))


def _statement(on: date, supplier_id: UUID | None, currency: str | None) -> Any:
    parts = _parts(supplier_id, currency)
    last_days = [on - timedelta(days=days) for days in BUCKETS]
    is_bill = parts.c.kind == BillKind.BILL
    due = parts.c.due_on
    buckets = (
        due >= last_days[0],
        and_(due < last_days[0], due >= last_days[1]),
        and_(due < last_days[1], due >= last_days[2]),
        and_(due < last_days[2], due >= last_days[3]),
        due < last_days[3],
    )
    return (
        select(
            parts.c.supplier_id,
            parts.c.currency,
            *(_sum(parts.c.open, and_(is_bill, bucket)) for bucket in buckets),
            _sum(parts.c.open, ~is_bill),
        )
        .where(parts.c.open > 0)
        .group_by(parts.c.supplier_id, parts.c.currency)
    )


def _parts(supplier_id: UUID | None, currency: str | None) -> Any:
    """Each instalment of what is owed, with what is open of it."""
    until = func.sum(bill_instalments.c.amount_minor).over(
        partition_by=bill_instalments.c.bill_id,
        order_by=(bill_instalments.c.due_on, bill_instalments.c.position),
    )
    left = cast(until, BigInteger) - (bills.c.total_minor - bills.c.open_minor)
    amount = bill_instalments.c.amount_minor
    statement = (
        select(
            bills.c.supplier_id,
            bills.c.currency,
            bills.c.kind,
            bill_instalments.c.due_on,
            case((left > amount, amount), else_=left).label("open"),
        )
        .join(bills, bills.c.id == bill_instalments.c.bill_id)
        .where(
            bills.c.status.in_(_COUNTED),
            # What is disputed before it was approved is not owed yet.
            or_(bills.c.status != BillStatus.DISPUTED, bills.c.approved_at.is_not(None)),
        )
    )
    if supplier_id is not None:
        statement = statement.where(bills.c.supplier_id == supplier_id)
    if currency is not None:
        statement = statement.where(bills.c.currency == currency)
    return statement.subquery()


def _sum(amount: ColumnElement[int], when: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(case((when, amount), else_=0)), 0), BigInteger)


def _totals(found: Sequence[SupplierAging]) -> tuple[AgingSums, ...]:
    sums: dict[str, list[int]] = {}
    for each in found:
        own = each.sums
        amounts = (
            own.not_due_minor,
            own.to_30_minor,
            own.to_60_minor,
            own.to_90_minor,
            own.over_90_minor,
            own.credits_minor,
        )
        present = sums.setdefault(own.currency, [0] * len(amounts))
        sums[own.currency] = [a + b for a, b in zip(present, amounts, strict=True)]
    return tuple(AgingSums(currency, *amounts) for currency, amounts in sorted(sums.items()))
