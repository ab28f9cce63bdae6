"""What must be true of stored payments: every sum and every status is recomputed."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    or_,
    select,
)

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.payments.model.gateways import OperationStatus
from backoffice_api.domain.payments.model.payments import AUTHORIZED_FIRST, IntentStatus
from backoffice_api.domain.payments.model.refunds import ON_ITS_WAY, RefundStatus
from backoffice_api.domain.payments.model.transactions import SUM_BY_KIND, TAKEN_BY_KIND
from backoffice_api.domain.payments.tables import (
    credit_entries,
    installments,
    operations,
    payments,
    refunds,
    store_credits,
    transactions,
)

_pay, _ord = payments.c, orders.c


def _moved() -> Subquery:
    """What the transactions of each payment come to, kind by kind."""
    of = transactions.c
    taken = {name: kind for kind, name in TAKEN_BY_KIND.items()}
    sums = [
        func.coalesce(
            func.sum(
                case(
                    (of.kind == kind, of.amount_minor),
                    (of.kind == taken.get(name, kind), -of.amount_minor),
                    else_=0,
                )
            ),
            0,
        ).label(name)
        for kind, name in SUM_BY_KIND.items()
    ]
    return select(of.payment_id, *sums).group_by(of.payment_id).subquery("moved")


def _sums() -> Select[Any]:
    moved = _moved()
    names = tuple(SUM_BY_KIND.values())
    expected = {name: func.coalesce(moved.c[name], 0) for name in names}
    shown = [
        column
        for name in names
        for column in (_pay[name], expected[name].label(f"{name}_of_transactions"))
    ]
    return (
        select(_pay.id, *shown)
        .outerjoin(moved, moved.c.payment_id == _pay.id)
        .where(or_(*(_pay[name] != expected[name] for name in names)))
    )


def _on_their_way() -> Select[Any]:
    of = refunds.c
    held = (
        select(of.payment_id, func.sum(of.amount_minor).label("amount"))
        .where(of.status.in_(ON_ITS_WAY))
        .group_by(of.payment_id)
        .subquery("held")
    )
    amount = func.coalesce(held.c.amount, 0)
    return (
        select(_pay.id, _pay.refunding_minor, amount.label("on_their_way"))
        .outerjoin(held, held.c.payment_id == _pay.id)
        .where(_pay.refunding_minor != amount)
    )


def _refunds() -> Select[Any]:
    of = transactions.c
    paid = (
        select(of.refund_id, func.sum(of.amount_minor).label("amount"))
        .where(of.refund_id.is_not(None))
        .group_by(of.refund_id)
        .subquery("paid")
    )
    amount = func.coalesce(paid.c.amount, 0)
    expected = case((refunds.c.status == RefundStatus.SUCCEEDED, refunds.c.amount_minor), else_=0)
    return (
        select(refunds.c.id, refunds.c.status, expected.label("expected"), amount.label("paid"))
        .outerjoin(paid, paid.c.refund_id == refunds.c.id)
        .where(expected != amount)
    )


def _statuses() -> Select[Any]:
    """Statuses that the sums contradict."""
    first = _pay.method.in_(AUTHORIZED_FIRST)
    paid = _pay.captured_minor > 0
    left = _pay.authorized_minor - _pay.voided_minor - _pay.captured_minor
    is_paid = _pay.status.in_((IntentStatus.CAPTURED, IntentStatus.PARTIALLY_CAPTURED))
    return select(
        _pay.id,
        _pay.status,
        _pay.authorized_minor,
        _pay.captured_minor,
        _pay.voided_minor,
    ).where(
        or_(
            paid != is_paid,
            and_(first, ~paid, (left > 0) != (_pay.status == IntentStatus.AUTHORIZED)),
            and_(first, paid, (left > 0) != (_pay.status == IntentStatus.PARTIALLY_CAPTURED)),
        )
    )


def _order_sums() -> Select[Any]:
    open_minor = case(
        (
            _pay.method.in_(AUTHORIZED_FIRST),
            _pay.authorized_minor - _pay.captured_minor - _pay.voided_minor,
        ),
        else_=0,
    )
    columns: dict[str, ColumnElement[Any]] = {
        "authorized_minor": open_minor,
        **{
            name: _pay[name]
            for name in (
                "captured_minor",
                "refunded_minor",
                "refunding_minor",
                "charged_back_minor",
            )
        },
    }
    sums = (
        select(_pay.order_id, *(func.sum(each).label(name) for name, each in columns.items()))
        .group_by(_pay.order_id)
        .subquery("sums")
    )
    expected = {name: func.coalesce(sums.c[name], 0) for name in columns}
    shown = [
        column
        for name, each in expected.items()
        for column in (_ord[name], each.label(f"{name}_of_payments"))
    ]
    return (
        select(_ord.id, _ord.number, *shown)
        .outerjoin(sums, sums.c.order_id == _ord.id)
        .where(or_(*(_ord[name] != each for name, each in expected.items())))
    )


def _order_status() -> Select[Any]:
    """`orders.model.payments.payment_status` in SQL."""
    kept = _ord.captured_minor - _ord.refunded_minor
    total = _ord.current_total_minor - _ord.allowance_minor
    nothing = and_(_ord.captured_minor == 0, _ord.authorized_minor == 0)
    status = case(
        (and_(nothing, _ord.recorded), PaymentStatus.NOT_TRACKED.value),
        (and_(nothing, total == 0), PaymentStatus.NOTHING_DUE.value),
        (nothing, PaymentStatus.UNPAID.value),
        (
            and_(_ord.captured_minor == 0, _ord.authorized_minor >= total),
            PaymentStatus.AUTHORIZED.value,
        ),
        (_ord.captured_minor == 0, PaymentStatus.PARTIALLY_AUTHORIZED.value),
        (kept == 0, PaymentStatus.REFUNDED.value),
        (kept > total, PaymentStatus.OVERPAID.value),
        (_ord.refunded_minor > 0, PaymentStatus.PARTIALLY_REFUNDED.value),
        (kept == total, PaymentStatus.PAID.value),
        else_=PaymentStatus.PARTIALLY_PAID.value,
    )
    expected = cast(status, String)
    return select(
        _ord.id, _ord.number, _ord.payment_status.label("stored"), expected.label("expected")
    ).where(cast(_ord.payment_status, String) != expected)


def _currencies() -> Select[Any]:
    return (
        select(_pay.id, _pay.currency, _ord.currency.label("of_order"))
        .join(orders, _ord.id == _pay.order_id)
        .where(_pay.currency != _ord.currency)
    )


def _transaction_currencies() -> Select[Any]:
    of = transactions.c
    return (
        select(of.id, of.currency, _pay.currency.label("of_payment"))
        .join(payments, _pay.id == of.payment_id)
        .where(or_(of.currency != _pay.currency, of.order_id != _pay.order_id))
    )


def _credits() -> Select[Any]:
    of = credit_entries.c
    sums = (
        select(of.account_id, func.sum(of.delta_minor).label("amount"))
        .group_by(of.account_id)
        .subquery("sums")
    )
    amount = func.coalesce(sums.c.amount, 0)
    account = store_credits.c
    return (
        select(account.id, account.balance_minor, amount.label("of_entries"))
        .outerjoin(sums, sums.c.account_id == account.id)
        .where(account.balance_minor != amount)
    )


def _schedules() -> Select[Any]:
    of = installments.c
    sums = (
        select(of.payment_id, func.sum(of.amount_minor).label("amount"))
        .group_by(of.payment_id)
        .subquery("sums")
    )
    return (
        select(_pay.id, _pay.amount_minor, sums.c.amount)
        .join(sums, sums.c.payment_id == _pay.id)
        .where(_pay.amount_minor != sums.c.amount)
    )


def _asked() -> Select[Any]:
    of = operations.c
    open_ones = (
        select(of.payment_id)
        .where(of.status == OperationStatus.PENDING, of.refund_id.is_(None))
        .subquery("open_ones")
    )
    return (
        select(_pay.id, _pay.pending_operation)
        .outerjoin(open_ones, open_ones.c.payment_id == _pay.id)
        .where(_pay.pending_operation.is_(None) != open_ones.c.payment_id.is_(None))
    )


CHECKS: tuple[Check, ...] = (
    Check("M1-sums", "The sums of a payment are those of its transactions.", _sums()),
    Check("M1-status", "The status of a payment is what its sums come to.", _statuses()),
    Check("M2-pending", "A payment holds what its refunds on their way come to.", _on_their_way()),
    Check("M2-refunds", "A refund is paid back once, and only when it succeeded.", _refunds()),
    Check("M4", "What is paid of an order is what its payments come to.", _order_sums()),
    Check(
        "O4-payments", "The payment status of an order is what its sums come to.", _order_status()
    ),
    Check("M5-payments", "A payment is in the currency of its order.", _currencies()),
    Check(
        "M5-transactions",
        "A transaction is in the currency of its payment.",
        _transaction_currencies(),
    ),
    Check("M1-credit", "Store credit is the sum of its entries.", _credits()),
    Check("M5-instalments", "Instalments come to the amount of the payment.", _schedules()),
    Check("M1-asked", "A payment waits for its provider while it was asked something.", _asked()),
)
