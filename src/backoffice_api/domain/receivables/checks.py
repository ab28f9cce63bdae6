"""What must be true of stored receivables, payouts and write-offs: every sum is recomputed."""

from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.payments.model.payments import BY_HAND
from backoffice_api.domain.payments.model.transactions import TransactionKind
from backoffice_api.domain.payments.tables import payments, transactions
from backoffice_api.domain.receivables.model.payouts import DIFFERENCES, PayoutLineKind
from backoffice_api.domain.receivables.model.receivables import ReceivableKind, ReceivableState
from backoffice_api.domain.receivables.model.write_offs import WriteOffStatus
from backoffice_api.domain.receivables.tables import (
    payout_lines,
    payouts,
    receivables,
    settlements,
    write_offs,
)

_rcv, _pyo, _pay = receivables.c, payouts.c, payments.c


def _settled() -> Select[Any]:
    of = settlements.c
    came = (
        select(of.receivable_id, func.sum(of.amount_minor).label("amount"))
        .group_by(of.receivable_id)
        .subquery("came")
    )
    amount = func.coalesce(came.c.amount, 0)
    return (
        select(_rcv.id, _rcv.settled_minor, amount.label("of_settlements"))
        .outerjoin(came, came.c.receivable_id == _rcv.id)
        .where(_rcv.settled_minor != amount)
    )


def _written_off() -> Select[Any]:
    of = write_offs.c
    lost = (
        select(of.receivable_id, func.sum(of.amount_minor).label("amount"))
        .where(of.status == WriteOffStatus.POSTED)
        .group_by(of.receivable_id)
        .subquery("lost")
    )
    amount = func.coalesce(lost.c.amount, 0)
    return (
        select(_rcv.id, _rcv.written_off_minor, amount.label("of_write_offs"))
        .outerjoin(lost, lost.c.receivable_id == _rcv.id)
        .where(_rcv.written_off_minor != amount)
    )


def _of_payments() -> Select[Any]:
    """Payments to the shop of which other sums came than of their receivables."""
    came = (
        select(
            _rcv.payment_id,
            func.sum(_rcv.amount_minor).label("amount"),
            func.sum(_rcv.settled_minor).label("settled"),
        )
        .where(_rcv.kind != ReceivableKind.PAYOUT)
        .group_by(_rcv.payment_id)
        .subquery("came")
    )
    expected = case((_pay.captured_minor < came.c.amount, _pay.captured_minor), else_=came.c.amount)
    return (
        select(_pay.id, _pay.amount_minor, came.c.amount, _pay.captured_minor, came.c.settled)
        .join(came, came.c.payment_id == _pay.id)
        .where(or_(came.c.settled != expected, came.c.amount != _pay.amount_minor))
    )


def _of_captures() -> Select[Any]:
    """What is expected of a provider is another amount than it captured."""
    of = transactions.c
    return (
        select(_rcv.id, _rcv.amount_minor, of.amount_minor.label("captured"))
        .join(transactions, of.id == _rcv.transaction_id)
        .where(
            or_(
                _rcv.amount_minor != of.amount_minor,
                of.kind != TransactionKind.CAPTURE,
                of.provider == BY_HAND,
            )
        )
    )


def _owed() -> Select[Any]:
    """Orders of which more is expected of customers than they owe."""
    of = orders.c
    asked = (
        select(_rcv.order_id, func.sum(_rcv.open_minor).label("open"))
        .where(_rcv.kind != ReceivableKind.PAYOUT, _rcv.open_minor > 0)
        .group_by(_rcv.order_id)
        .subquery("asked")
    )
    due = of.current_total_minor - of.allowance_minor
    outstanding = due - of.captured_minor + of.refunded_minor
    return (
        select(of.id, outstanding.label("outstanding"), asked.c.open)
        .join(asked, asked.c.order_id == of.id)
        .where(asked.c.open > outstanding)
    )


def _lost() -> Select[Any]:
    """Orders that say something else of what was written off than their receivables."""
    lost = (
        select(
            _rcv.order_id, func.sum(_rcv.written_off_minor - _rcv.recovered_minor).label("amount")
        )
        .where(_rcv.written_off_minor > 0)
        .group_by(_rcv.order_id)
        .subquery("lost")
    )
    of, amount = orders.c, func.coalesce(lost.c.amount, 0)
    return (
        select(of.id, of.number, of.written_off_minor, amount.label("of_receivables"))
        .select_from(orders.outerjoin(lost, lost.c.order_id == of.id))
        .where(of.written_off_minor != amount)
    )


def _states() -> Select[Any]:
    """States that the sums contradict."""
    lost = _rcv.written_off_minor > _rcv.recovered_minor
    ended = case(
        (lost, ReceivableState.WRITTEN_OFF.value),
        (_rcv.settled_minor > 0, ReceivableState.SETTLED.value),
        else_=ReceivableState.CALLED_OFF.value,
    )
    in_part = _rcv.state == ReceivableState.PARTIALLY_SETTLED
    return select(_rcv.id, _rcv.state, _rcv.open_minor, ended.label("expected")).where(
        or_(
            and_(_rcv.open_minor == 0, _rcv.state != ended),
            and_(in_part, _rcv.settled_minor == 0),
        )
    )


def _payouts() -> Select[Any]:
    of = payout_lines.c
    lines = (
        select(
            of.payout_id,
            func.sum(of.net_minor).label("net"),
            func.sum(of.fee_minor).label("fee"),
            func.sum(case((of.finding.in_(DIFFERENCES), 1), else_=0)).label("differences"),
        )
        .group_by(of.payout_id)
        .subquery("lines")
    )
    return (
        select(_pyo.id, _pyo.amount_minor, lines.c.net, _pyo.differences, lines.c.differences)
        .outerjoin(lines, lines.c.payout_id == _pyo.id)
        .where(
            or_(
                lines.c.net.is_(None),
                _pyo.amount_minor != lines.c.net,
                _pyo.fee_minor != lines.c.fee,
                _pyo.differences != lines.c.differences,
            )
        )
    )


def _paid_out() -> Select[Any]:
    """Charges that a payout held, of which something else came than it said."""
    of = payout_lines.c
    gross = case((of.gross_minor < _rcv.amount_minor, of.gross_minor), else_=_rcv.amount_minor)
    return (
        select(_rcv.id, _rcv.settled_minor, of.gross_minor)
        .join(payout_lines, of.transaction_id == _rcv.transaction_id)
        .where(of.kind == PayoutLineKind.CHARGE, _rcv.settled_minor != gross)
    )


CHECKS = (
    Check("F5-receivables", "What settled a receivable is the sum of what came.", _settled()),
    Check("F5-write-offs", "What is written off is what was agreed to.", _written_off()),
    Check("F5-payments", "Receivables settle with their payment.", _of_payments()),
    Check("F5-owed", "No more is expected of an order than it owes.", _owed()),
    Check("F5-lost", "An order says what of it was written off, as its receivables do.", _lost()),
    Check("F5-captures", "What a provider owes is what it captured.", _of_captures()),
    Check("F5-states", "The state of a receivable is what its sums come to.", _states()),
    Check("F5-payouts", "A payout is the sum of its lines.", _payouts()),
    Check("F5-paid-out", "A charge that was paid out is settled with it.", _paid_out()),
)
