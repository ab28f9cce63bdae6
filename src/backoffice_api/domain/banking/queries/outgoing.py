"""What should go out: to suppliers, and what comes back every so often."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, exists, func, select

from backoffice_api.domain.banking.model.forecast import Flow, FlowKind, LatenessKind
from backoffice_api.domain.banking.model.recurring import (
    DOCUMENT_DAYS,
    RecurringItem,
    is_documented,
    occurrences,
)
from backoffice_api.domain.banking.queries.incoming import bounded, days_before
from backoffice_api.domain.banking.queries.recurring import all_items
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.payables.model.bills import OUTSIDE, OWED, BillKind, BillStatus
from backoffice_api.domain.payables.model.runs import LIVE
from backoffice_api.domain.payables.model.settlements import BillPaymentMethod
from backoffice_api.domain.payables.tables.bills import (
    bill_instalments,
    bill_lines,
    bill_payments,
    bills,
)
from backoffice_api.domain.payables.tables.runs import payment_run_lines, payment_runs
from backoffice_api.domain.purchasing.model.orders import INCOMING, PurchaseOrderStatus
from backoffice_api.domain.purchasing.tables.orders import purchase_order_lines, purchase_orders
from backoffice_api.domain.purchasing.tables.suppliers import suppliers

# A bill that waits for approval is one all the same; one that is disputed is not paid for now.
_TO_PAY = sorted({*OWED, BillStatus.PENDING_APPROVAL})
_ORDERED = sorted({*INCOMING, PurchaseOrderStatus.RECEIVED})
# An order that was made longer ago is taken to be billed.
ORDER_DAYS = 400


def outgoing(db: Connection, currency: str, first: date, until: date) -> Sequence[Flow]:
    """What is to be paid up to a day. A constant number of statements."""
    return [
        *_payments(db, currency, until),
        *_runs(db, currency, until),
        *_bills(db, currency, until),
        *_orders(db, currency, first, until),
        *_recurring(db, currency, first, until),
    ]


def _payments(db: Connection, currency: str, until: date) -> Iterator[Flow]:
    """What was paid, and no statement has shown."""
    of, taken_back = bill_payments.c, bill_payments.alias()
    left = of.amount_minor - of.cleared_minor
    statement = (
        select(bills.c.id, bills.c.kind, bills.c.number, suppliers.c.name, of.paid_on, left)
        .join_from(bill_payments, bills, bills.c.id == of.bill_id)
        .join(suppliers, suppliers.c.id == bills.c.supplier_id)
        .where(
            of.currency == currency,
            of.reverses_id.is_(None),
            left > 0,
            of.paid_on <= until,
            ~exists().where(taken_back.c.reverses_id == of.id),
            # What was taken over from another system is done with.
            bills.c.entry_id.is_not(None),
            # No bank shows what was paid in cash.
            of.method != BillPaymentMethod.CASH,
        )
    )
    for id, kind, number, name, paid_on, minor in bounded(db, statement):
        sign = -1 if kind is BillKind.BILL else 1
        amount = Money(sign * minor, currency)
        yield Flow(FlowKind.PAYMENT, paid_on, amount, f"{name} {number}", ("bil", id))


def _runs(db: Connection, currency: str, until: date) -> Iterator[Flow]:
    of, run = payment_run_lines.c, payment_runs.c
    statement = (
        select(run.id, run.number, of.remittance, run.pay_on, of.amount_minor)
        .join_from(payment_run_lines, payment_runs, run.id == of.run_id)
        .where(of.status.in_(LIVE), of.currency == currency, run.pay_on <= until)
    )
    for id, number, remittance, pay_on, minor in bounded(db, statement):
        amount = Money(-minor, currency)
        yield Flow(FlowKind.PAYMENT_RUN, pay_on, amount, f"{number} {remittance}", ("prn", id))


def _bills(db: Connection, currency: str, until: date) -> Iterator[Flow]:
    """What is open of each instalment of bills and is in no run, the earliest paid first."""
    of, part = bills.c, bill_instalments.c
    statement = (
        select(
            *(of.id, of.kind, of.number, suppliers.c.name, of.due_on, of.total_minor),
            (of.open_minor - of.scheduled_minor).label("left"),
            *(part.position, part.due_on.label("part_due_on"), part.amount_minor),
        )
        .join_from(bills, suppliers, suppliers.c.id == of.supplier_id)
        .outerjoin(bill_instalments, part.bill_id == of.id)
        .where(
            of.status.in_(_TO_PAY),
            of.currency == currency,
            of.open_minor > of.scheduled_minor,
            of.due_on <= until,
        )
        .order_by(of.id, part.position.desc())
    )
    left: dict[UUID, int] = {}
    for row in bounded(db, statement):
        open_minor = left.setdefault(row.id, row.left)
        # The last instalments are the ones that are open.
        minor = open_minor if row.position is None else min(open_minor, row.amount_minor)
        left[row.id] = open_minor - minor
        due_on = row.part_due_on or row.due_on
        if minor and due_on <= until:
            yield _bill(row, due_on, minor, currency)


def _bill(row: Row[Any], due_on: date, minor: int, currency: str) -> Flow:
    label, subject = f"{row.name} {row.number}", ("bil", row.id)
    if row.kind is BillKind.CREDIT_NOTE:
        return Flow(FlowKind.CREDIT_NOTE, due_on, Money(minor, currency), label, subject)
    amount = Money(-minor, currency)
    return Flow(FlowKind.BILL, due_on, amount, label, subject, LatenessKind.BILL)


def _orders(db: Connection, currency: str, first: date, until: date) -> Iterator[Flow]:
    """What was ordered and no bill asks for: as many pieces as are not billed, at their price.

    It is paid as many days after the goods are expected as the supplier gives.
    """
    of, line = purchase_orders.c, purchase_order_lines.c
    billed = (
        select(func.coalesce(func.sum(bill_lines.c.quantity), 0))
        .join_from(bill_lines, bills, bills.c.id == bill_lines.c.bill_id)
        .where(
            bill_lines.c.order_line_id == line.id,
            bills.c.kind == BillKind.BILL,
            bills.c.status.not_in(sorted(OUTSIDE)),
        )
        .scalar_subquery()
    )
    statement = (
        select(
            *(of.id, of.number, suppliers.c.name, suppliers.c.payment_days, of.created_at),
            func.coalesce(line.expected_on, of.expected_on).label("expected_on"),
            line.lead_time_days,
            (line.quantity - line.cancelled).label("wanted"),
            (line.current_subtotal_minor + line.current_tax_minor).label("total"),
            billed.label("billed"),
        )
        .join_from(purchase_orders, purchase_order_lines, line.order_id == of.id)
        .join(suppliers, suppliers.c.id == of.supplier_id)
        .where(
            of.status.in_(_ORDERED),
            of.currency == currency,
            of.created_at >= days_before(first, ORDER_DAYS),
            line.quantity > line.cancelled,
        )
        .order_by(of.id, line.position)
    )
    sums: dict[tuple[UUID, date], tuple[str, int]] = {}
    for row in bounded(db, statement):
        left = max(row.wanted - int(row.billed), 0)
        minor = row.total * left // row.wanted
        arrives = row.expected_on or row.created_at.date() + timedelta(days=row.lead_time_days)
        key = (row.id, max(arrives, first) + timedelta(days=row.payment_days))
        label, so_far = sums.get(key, (f"{row.name} {row.number}", 0))
        sums[key] = (label, so_far + minor)
    for (id, on), (label, minor) in sums.items():
        if minor and on <= until:
            amount, paid = Money(-minor, currency), LatenessKind.BILL
            yield Flow(FlowKind.PURCHASE_ORDER, on, amount, label, ("por", id), paid)


def _recurring(db: Connection, currency: str, first: date, until: date) -> Iterator[Flow]:
    items = [each for each in all_items(db) if each.currency == currency]
    due = _documents(db, items, first, until)
    for item in items:
        bills_of = due.get(item.supplier_id, ()) if item.supplier_id else ()
        for day in occurrences(item, first, until):
            if not is_documented(day, bills_of):
                yield Flow(FlowKind.RECURRING, day, item.amount, item.name, ("rec", item.id))


def _documents(
    db: Connection, items: Sequence[RecurringItem], first: date, until: date
) -> Mapping[UUID, Sequence[date]]:
    """When bills of the suppliers of items are due, whatever became of them."""
    wanted = {each.supplier_id for each in items if each.supplier_id}
    of = bills.c
    statement = select(of.supplier_id, of.due_on).where(
        among(of.supplier_id, wanted),
        of.kind == BillKind.BILL,
        of.status.not_in(sorted(OUTSIDE)),
        of.due_on.between(
            first - timedelta(days=DOCUMENT_DAYS), until + timedelta(days=DOCUMENT_DAYS)
        ),
    )
    found: dict[UUID, list[date]] = {}
    for supplier_id, due_on in db.execute(statement):
        found.setdefault(supplier_id, []).append(due_on)
    return found
