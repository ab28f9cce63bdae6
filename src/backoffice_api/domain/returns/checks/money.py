"""What must be true of the money of returns: what went back, and what did not after all."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, literal, or_, select, union_all

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.orders.tables import order_lines, orders
from backoffice_api.domain.payments.model.refunds import RefundStatus
from backoffice_api.domain.payments.tables import refunds
from backoffice_api.domain.returns.model.refunds import ReturnRefundKind
from backoffice_api.domain.returns.model.returns import ReturnState
from backoffice_api.domain.returns.tables import return_lines, returns
from backoffice_api.domain.returns.tables.exchanges import exchanged_pieces, exchanges
from backoffice_api.domain.returns.tables.money import (
    return_refund_lines,
    return_refund_payments,
    return_refund_reversal_lines,
    return_refund_reversals,
    return_refunds,
)

_line, _ret = return_lines.c, returns.c
_worth = (
    _line.items_minor + _line.shipping_minor + case((_line.tax_included, 0), else_=_line.tax_minor)
)


def _parts(of: Any) -> Sequence[Any]:
    return of.items_minor, of.tax_minor, of.shipping_minor


def _refunded() -> Select[Any]:
    """Of what was taken over from elsewhere, the money was never here."""
    of, other, gone = return_refund_lines.c, exchanged_pieces.c, return_refund_reversal_lines.c
    settled = union_all(
        select(of.line_id, of.quantity, literal(0).label("other"), *_parts(of), of.fee_minor),
        select(other.line_id, literal(0), other.quantity, *_parts(other), other.fee_minor),
        select(
            gone.line_id,
            -gone.quantity,
            literal(0),
            *(-each for each in _parts(gone)),
            -gone.fee_minor,
        ),
    ).subquery("settled")
    sums = (
        select(
            settled.c.line_id,
            func.sum(settled.c.quantity).label("refunded"),
            func.sum(settled.c.other).label("exchanged"),
            *(func.sum(each).label(f"settled_{each.name}") for each in _parts(settled.c)),
            func.sum(settled.c.fee_minor).label("fee_minor"),
        )
        .group_by(settled.c.line_id)
        .subquery()
    )
    names = [each.name for each in sums.c if each.name != "line_id"]
    return (
        select(_line.id, *(_line[name] for name in names))
        .join(returns, and_(_ret.id == _line.return_id, ~_ret.recorded))
        .outerjoin(sums, sums.c.line_id == _line.id)
        .where(or_(*(_line[name] != func.coalesce(sums.c[name], 0) for name in names)))
    )


def _paid() -> Select[Any]:
    """Money that went back by other amounts than was written down."""
    of, link = return_refunds.c, return_refund_payments.c
    paid_out = of.amount_minor - of.offset_minor
    sums = (
        select(link.return_refund_id, func.sum(refunds.c.amount_minor).label("amount"))
        .join(refunds, refunds.c.id == link.refund_id)
        .group_by(link.return_refund_id)
        .subquery()
    )
    return (
        select(of.id, of.amount_minor, of.offset_minor, sums.c.amount)
        .outerjoin(sums, sums.c.return_refund_id == of.id)
        .where(
            or_(
                paid_out != sums.c.amount,
                and_(of.offset_minor > 0, paid_out != func.coalesce(sums.c.amount, 0)),
            )
        )
    )


def _given() -> Subquery:
    """What went back for returns, and less what did not after all."""
    of, gone = return_refunds.c, return_refund_reversals.c
    return union_all(
        select(of.return_id, of.order_id, of.kind, of.amount_minor.label("minor")),
        select(gone.return_id, gone.order_id, gone.kind, -gone.amount_minor),
    ).subquery("given")


def _called_off() -> Select[Any]:
    """Refunds of returns that were called off and count as paid back, or the other way round."""
    link, gone = return_refund_payments.c, return_refund_reversals.c
    is_off = refunds.c.status == RefundStatus.CANCELLED
    return (
        select(refunds.c.id, refunds.c.number, refunds.c.amount_minor, gone.amount_minor)
        .join(return_refund_payments, link.refund_id == refunds.c.id)
        .outerjoin(
            return_refund_reversals,
            and_(gone.refund_id == refunds.c.id, gone.return_refund_id == link.return_refund_id),
        )
        .where(
            or_(
                and_(is_off, gone.id.is_(None)),
                and_(~is_off, gone.id.is_not(None)),
                gone.amount_minor != refunds.c.amount_minor,
            )
        )
    )


def _reversed() -> Select[Any]:
    """What is called off of pieces by other amounts than their lines come to."""
    of, gone = return_refund_reversal_lines.c, return_refund_reversals.c
    worth = of.items_minor + of.shipping_minor - of.fee_minor
    taxed = case((return_refunds.c.tax_included, 0), else_=of.tax_minor)
    sums = (
        select(of.reversal_id, func.sum(worth + taxed).label("amount"))
        .join(return_refund_reversals, gone.id == of.reversal_id)
        .join(return_refunds, return_refunds.c.id == gone.return_refund_id)
        .group_by(of.reversal_id)
        .subquery()
    )
    amount = func.coalesce(sums.c.amount, 0)
    return (
        select(gone.id, gone.amount_minor, amount.label("of_lines"))
        .outerjoin(sums, sums.c.reversal_id == gone.id)
        .where(gone.kind == ReturnRefundKind.UNITS, gone.amount_minor != amount)
    )


def _sums() -> Select[Any]:
    lines = (
        select(
            _line.return_id,
            func.sum(_worth).label("value"),
            func.sum(_line.fee_minor).label("fee"),
        )
        .group_by(_line.return_id)
        .subquery()
    )
    given = _given()
    is_goodwill = given.c.kind == ReturnRefundKind.GOODWILL
    money = (
        select(
            given.c.return_id,
            func.sum(case((is_goodwill, 0), else_=given.c.minor)).label("refunded"),
            func.sum(case((is_goodwill, given.c.minor), else_=0)).label("goodwill"),
        )
        .group_by(given.c.return_id)
        .subquery()
    )
    expected = {
        "value_minor": lines.c.value,
        "fee_minor": lines.c.fee,
        "refunded_minor": case((_ret.recorded, lines.c.value), else_=money.c.refunded),
        "goodwill_minor": money.c.goodwill,
    }
    return (
        select(_ret.id, _ret.number, *(_ret[name] for name in expected))
        .outerjoin(lines, lines.c.return_id == _ret.id)
        .outerjoin(money, money.c.return_id == _ret.id)
        .where(or_(*(_ret[name] != func.coalesce(each, 0) for name, each in expected.items())))
    )


def _worth_of_order_lines() -> Select[Any]:
    """M3: what all returns of an order line claim is more than it was worth."""
    ordered = order_lines.c
    sums = (
        select(_line.order_line_id, func.sum(_line.settled_items_minor).label("settled"))
        .join(returns, and_(_ret.id == _line.return_id, ~_ret.recorded))
        .where(_line.order_line_id.is_not(None))
        .group_by(_line.order_line_id)
        .subquery()
    )
    return (
        select(ordered.id, sums.c.settled)
        .join(sums, sums.c.order_line_id == ordered.id)
        .where(sums.c.settled > ordered.subtotal_minor - ordered.discount_minor)
    )


def _allowances() -> Select[Any]:
    """M4: what is not to be paid any more of an order is what its returns gave back."""
    given, order = _given(), orders.c
    sums = (
        select(given.c.order_id, func.sum(given.c.minor).label("amount"))
        .join(returns, _ret.id == given.c.return_id)
        .where(given.c.order_id.is_not(None), ~_ret.recorded)
        .group_by(given.c.order_id)
        .subquery()
    )
    amount = func.coalesce(sums.c.amount, 0)
    return (
        select(order.id, order.number, order.allowance_minor, amount.label("of_returns"))
        .outerjoin(sums, sums.c.order_id == order.id)
        .where(order.allowance_minor != amount)
    )


def _exchanged() -> Select[Any]:
    """Exchanges that came to other sums than their pieces, or paid back another amount."""
    of, pieces = exchanges.c, exchanged_pieces.c
    worth = (
        pieces.items_minor
        + pieces.shipping_minor
        - pieces.fee_minor
        + case((_line.tax_included, 0), else_=pieces.tax_minor)
    )
    earned = (
        select(pieces.exchange_id, func.sum(worth).label("earned"))
        .join(return_lines, _line.id == pieces.line_id)
        .group_by(pieces.exchange_id)
        .subquery()
    )
    of_return = (
        select(of.return_id, func.sum(of.refunded_minor).label("refunded"))
        .group_by(of.return_id)
        .subquery()
    )
    both = _given()
    given = (
        select(both.c.return_id, func.sum(both.c.minor).label("paid"))
        .where(both.c.kind == ReturnRefundKind.EXCHANGE)
        .group_by(both.c.return_id)
        .subquery()
    )
    paid = func.coalesce(given.c.paid, 0)
    return (
        select(of.id, of.number, of.earned_minor, of_return.c.refunded, given.c.paid)
        .outerjoin(earned, earned.c.exchange_id == of.id)
        .join(returns, _ret.id == of.return_id)
        .join(of_return, of_return.c.return_id == of.return_id)
        .outerjoin(given, given.c.return_id == of.return_id)
        .where(
            or_(
                of.earned_minor != func.coalesce(earned.c.earned, 0),
                of_return.c.refunded < paid,
                # What was called off is paid anew before the return ends.
                and_(_ret.status == ReturnState.RESOLVED, of_return.c.refunded != paid),
            )
        )
    )


MONEY_CHECKS: tuple[Check, ...] = (
    Check("R1-refunded", "What was paid back of a line is the sum of its refunds.", _refunded()),
    Check("R1-sums", "The sums of a return are those of its lines and refunds.", _sums()),
    Check("R5", "An exchange was settled for what its pieces are worth.", _exchanged()),
    Check("R6", "A refund that was called off pays nothing back of a return.", _called_off()),
    Check("R6-lines", "What did not go back is what its pieces come to.", _reversed()),
    Check("M3", "No more goes back for an order line than it was worth.", _worth_of_order_lines()),
    Check("M3-paid", "Refunds of a return pay what was written down.", _paid()),
    Check("M4-returns", "What returns took off an order is what they gave back.", _allowances()),
)
