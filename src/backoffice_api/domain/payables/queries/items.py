"""What of payables a statement of the bank may still show."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Connection, case, exists, select
from sqlalchemy.sql.expression import literal

from backoffice_api.domain.kernel.rows import among, fetch
from backoffice_api.domain.payables.model.bills import OWED, BillKind
from backoffice_api.domain.payables.model.items import OpenItem, OpenItemKind
from backoffice_api.domain.payables.model.runs import RunLineStatus
from backoffice_api.domain.payables.model.settlements import BillPaymentMethod
from backoffice_api.domain.payables.tables.bills import bill_payments, bills
from backoffice_api.domain.payables.tables.runs import payment_run_lines, payment_runs
from backoffice_api.domain.purchasing.tables.suppliers import suppliers

ITEMS_MAX = 1_000


def open_items(
    db: Connection,
    currency: str,
    amount_from: int | None = None,
    amount_to: int | None = None,
    *,
    supplier_id: UUID | None = None,
    is_incoming: bool | None = None,
    ids: Collection[UUID] | None = None,
    limit: int = ITEMS_MAX,
) -> Sequence[OpenItem]:
    """Payments that no statement has shown, and what is owed without one; the oldest first.

    `amount_from`, `amount_to`: bounds of what is open, in minor units. `ids`: only these. Three
    statements.
    """
    asked = (amount_from, amount_to, supplier_id, is_incoming, ids, limit)
    found = [
        *_payments(db, currency, *asked),
        *_run_lines(db, currency, *asked),
        *_bills(db, currency, *asked),
    ]
    return sorted(found, key=lambda each: (each.due_on, each.id))[:limit]


def _payments(
    db: Connection,
    currency: str,
    low: int | None,
    high: int | None,
    supplier_id: UUID | None,
    is_incoming: bool | None,
    ids: Collection[UUID] | None,
    limit: int,
) -> Sequence[OpenItem]:
    taken_back = bill_payments.alias()
    left = bill_payments.c.amount_minor - bill_payments.c.cleared_minor
    incoming = bills.c.kind == BillKind.CREDIT_NOTE
    statement = (
        select(
            bill_payments.c.id,
            literal(OpenItemKind.BILL_PAYMENT.value),
            incoming,
            bill_payments.c.currency,
            left,
            bill_payments.c.paid_on,
            suppliers.c.id,
            suppliers.c.name,
            case(
                (bill_payments.c.reference.is_not(None), bill_payments.c.reference),
                else_=bills.c.number,
            ),
        )
        .join(bills, bills.c.id == bill_payments.c.bill_id)
        .join(suppliers, suppliers.c.id == bills.c.supplier_id)
        .where(
            bill_payments.c.currency == currency,
            bill_payments.c.reverses_id.is_(None),
            left > 0,
            ~exists().where(taken_back.c.reverses_id == bill_payments.c.id),
            # What was taken over from another system, nobody here approved: that is done with.
            bills.c.approved_by_kind.is_not(None),
            # No bank shows what was paid in cash.
            bill_payments.c.method != BillPaymentMethod.CASH,
        )
        .order_by(bill_payments.c.paid_on, bill_payments.c.id)
        .limit(limit)
    )
    if ids is not None:
        statement = statement.where(among(bill_payments.c.id, ids))
    if low is not None:
        statement = statement.where(left >= low, bill_payments.c.amount_minor >= low)
    if high is not None:
        statement = statement.where(left <= high)
    if supplier_id is not None:
        statement = statement.where(bills.c.supplier_id == supplier_id)
    if is_incoming is not None:
        statement = statement.where(incoming if is_incoming else ~incoming)
    return [_item(row) for row in fetch(db, OpenItem, statement)]


def _run_lines(
    db: Connection,
    currency: str,
    low: int | None,
    high: int | None,
    supplier_id: UUID | None,
    is_incoming: bool | None,
    ids: Collection[UUID] | None,
    limit: int,
) -> Sequence[OpenItem]:
    if is_incoming:
        return ()
    line = payment_run_lines.c
    statement = (
        select(
            line.id,
            literal(OpenItemKind.RUN_LINE.value),
            literal(False),
            line.currency,
            line.amount_minor,
            payment_runs.c.pay_on,
            suppliers.c.id,
            suppliers.c.name,
            line.reference,
        )
        .join(payment_runs, payment_runs.c.id == line.run_id)
        .join(suppliers, suppliers.c.id == line.supplier_id)
        .where(line.status == RunLineStatus.UNDER_WAY, line.currency == currency)
        .order_by(payment_runs.c.pay_on, line.id)
        .limit(limit)
    )
    if ids is not None:
        statement = statement.where(among(line.id, ids))
    if low is not None:
        statement = statement.where(line.amount_minor >= low)
    if high is not None:
        statement = statement.where(line.amount_minor <= high)
    if supplier_id is not None:
        statement = statement.where(line.supplier_id == supplier_id)
    return [_item(row) for row in fetch(db, OpenItem, statement)]


def _bills(
    db: Connection,
    currency: str,
    low: int | None,
    high: int | None,
    supplier_id: UUID | None,
    is_incoming: bool | None,
    ids: Collection[UUID] | None,
    limit: int,
) -> Sequence[OpenItem]:
    incoming = bills.c.kind == BillKind.CREDIT_NOTE
    left = bills.c.open_minor - bills.c.scheduled_minor
    statement = (
        select(
            bills.c.id,
            case((incoming, OpenItemKind.CREDIT_NOTE.value), else_=OpenItemKind.BILL.value),
            incoming,
            bills.c.currency,
            left,
            bills.c.due_on,
            suppliers.c.id,
            suppliers.c.name,
            bills.c.number,
        )
        .join(suppliers, suppliers.c.id == bills.c.supplier_id)
        .where(bills.c.currency == currency, bills.c.status.in_(sorted(OWED)), left > 0)
        .order_by(bills.c.due_on, bills.c.id)
        .limit(limit)
    )
    if ids is not None:
        statement = statement.where(among(bills.c.id, ids))
    if low is not None:
        statement = statement.where(left >= low, bills.c.open_minor >= low)
    if high is not None:
        statement = statement.where(left <= high)
    if supplier_id is not None:
        statement = statement.where(bills.c.supplier_id == supplier_id)
    if is_incoming is not None:
        statement = statement.where(incoming if is_incoming else ~incoming)
    return [_item(row) for row in fetch(db, OpenItem, statement)]


def _item(row: OpenItem) -> OpenItem:
    """With its kind as one: a literal comes back as text."""
    return OpenItem(
        row.id,
        OpenItemKind(row.kind),
        bool(row.is_incoming),
        row.currency,
        row.open_minor,
        row.due_on,
        row.party_id,
        row.party_name,
        row.reference,
    )
