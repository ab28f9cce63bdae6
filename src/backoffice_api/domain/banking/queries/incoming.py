"""What should come in: of customers, of carriers, of providers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select

from backoffice_api.domain.banking.model.forecast import (
    FLOWS_MAX,
    Flow,
    FlowKind,
    ForecastTooLarge,
    LatenessKind,
)
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.payments.model.payments import BY_HAND
from backoffice_api.domain.payments.model.transactions import TransactionKind
from backoffice_api.domain.payments.tables import transactions
from backoffice_api.domain.receivables import queries as on_receivables
from backoffice_api.domain.receivables.model.payouts import PayoutTerms, expected_on
from backoffice_api.domain.receivables.model.receivables import OPEN_STATES, ReceivableKind
from backoffice_api.domain.receivables.tables import payout_lines, payouts, receivables

# What a provider paid back longer ago than this is taken to have come off a payout.
DEDUCTION_DAYS = 60


def incoming(db: Connection, currency: str, first: date, until: date) -> Sequence[Flow]:
    """What is open and due up to a day. Four statements."""
    terms = {each.provider: each for each in on_receivables.all_terms(db)}
    return [
        *_receivables(db, currency, until, terms),
        *_payouts(db, currency, until),
        *_deductions(db, currency, first, until, terms),
    ]


def days_before(first: date, days: int) -> datetime:
    """When the day began that is so many days before another."""
    return datetime.combine(first - timedelta(days=days), time.min, UTC)


def bounded(db: Connection, statement: Select[Any]) -> Sequence[Any]:
    """Raises: ForecastTooLarge."""
    rows = db.execute(statement.limit(FLOWS_MAX + 1)).all()
    if len(rows) > FLOWS_MAX:
        raise ForecastTooLarge(FLOWS_MAX)
    return rows


def _receivables(
    db: Connection, currency: str, until: date, terms: Mapping[str, PayoutTerms]
) -> Iterator[Flow]:
    of = receivables.c
    statement = (
        select(of.id, of.kind, of.provider, of.due_on, of.open_minor, orders.c.number)
        .join_from(receivables, orders, orders.c.id == of.order_id)
        .where(of.state.in_(OPEN_STATES), of.currency == currency, of.due_on <= until)
    )
    for id, kind, provider, due_on, minor, number in bounded(db, statement):
        amount, flow, paid = Money(minor, currency), FlowKind.RECEIVABLE, LatenessKind.CAPTURE
        if kind is ReceivableKind.PAYOUT:
            known = terms.get(provider)
            fee = known.fee_of(amount) if known else None
            flow, amount = FlowKind.CAPTURE, amount if fee is None else amount - fee
        else:
            paid = LatenessKind(kind.value)
        yield Flow(flow, due_on, amount, f"Order {number}", ("rcv", id), paid)


def _payouts(db: Connection, currency: str, until: date) -> Iterator[Flow]:
    of = payouts.c
    statement = select(of.id, of.provider, of.reference, of.arrives_on, of.open_minor).where(
        of.state.in_(OPEN_STATES), of.currency == currency, of.arrives_on <= until
    )
    for id, provider, reference, arrives_on, minor in bounded(db, statement):
        label = f"{provider} {reference}"
        subject = ("pyo", id)
        amount = Money(minor, currency)
        yield Flow(FlowKind.PAYOUT, arrives_on, amount, label, subject, LatenessKind.PAYOUT)


def _deductions(
    db: Connection, currency: str, first: date, until: date, terms: Mapping[str, PayoutTerms]
) -> Iterator[Flow]:
    """What providers have paid back, and no payout has held yet."""
    of = transactions.c
    known = select(payout_lines.c.id).where(payout_lines.c.transaction_id == of.id).exists()
    statement = select(of.id, of.provider, of.occurred_at, of.amount_minor).where(
        of.kind.in_((TransactionKind.REFUND, TransactionKind.CHARGEBACK)),
        of.provider != BY_HAND,
        of.currency == currency,
        of.created_at >= days_before(first, DEDUCTION_DAYS),
        ~known,
    )
    for id, provider, occurred_at, minor in bounded(db, statement):
        on = expected_on(occurred_at, terms.get(provider))
        if on <= until:
            amount = Money(-minor, currency)
            label = f"{provider} takes back"
            yield Flow(FlowKind.DEDUCTION, on, amount, label, ("ptx", id), LatenessKind.CAPTURE)
