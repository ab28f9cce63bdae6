"""What can be asked about money of returns that did not go back."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, func, literal, select, union_all

from backoffice_api.domain.kernel.rows import among, fetch, many_per, select_as
from backoffice_api.domain.payments.model.refunds import RefundStatus
from backoffice_api.domain.payments.tables import refunds
from backoffice_api.domain.returns.model.refunds import ReturnRefund, ReturnRefundKind, Worth
from backoffice_api.domain.returns.model.reversals import PaidPieces, ReturnRefundReversal
from backoffice_api.domain.returns.tables.money import (
    return_refund_lines,
    return_refund_payments,
    return_refund_reversal_lines,
    return_refund_reversals,
    return_refunds,
)

_of = return_refund_reversals.c

reversals_by_returns = many_per(
    ReturnRefundReversal, return_refund_reversals, _of.return_id, _of.created_at, _of.id
)
reversals_by_return_refunds = many_per(
    ReturnRefundReversal, return_refund_reversals, _of.return_refund_id, _of.created_at, _of.id
)


def paid_by(db: Connection, refund_id: UUID) -> ReturnRefund | None:
    """What of a return is paid by a refund of a payment. None: nothing is."""
    statement = (
        select_as(ReturnRefund, return_refunds)
        .join(
            return_refund_payments,
            return_refund_payments.c.return_refund_id == return_refunds.c.id,
        )
        .where(return_refund_payments.c.refund_id == refund_id)
    )
    return next(iter(fetch(db, ReturnRefund, statement)), None)


def reversed_refunds(db: Connection, refund_ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of these refunds were taken out of their returns."""
    statement = select(_of.refund_id).where(among(_of.refund_id, refund_ids))
    return frozenset(db.execute(statement).scalars())


def refused_refund(db: Connection, return_id: UUID) -> str | None:
    """The number of a refund of the return that its provider refused; goodwill does not count."""
    statement = (
        select(refunds.c.number)
        .join(return_refund_payments, return_refund_payments.c.refund_id == refunds.c.id)
        .join(return_refunds, return_refunds.c.id == return_refund_payments.c.return_refund_id)
        .where(
            return_refunds.c.return_id == return_id,
            return_refunds.c.kind != ReturnRefundKind.GOODWILL,
            refunds.c.status == RefundStatus.FAILED,
        )
        .order_by(refunds.c.number)
        .limit(1)
    )
    found: str | None = db.execute(statement).scalar()
    return found


def exchanged_back(db: Connection, return_id: UUID) -> Mapping[UUID | None, int]:
    """What was paid back for exchanges of a return, less what was called off, by order."""
    of = return_refunds.c
    exchange = ReturnRefundKind.EXCHANGE
    both = union_all(
        select(of.order_id, of.amount_minor).where(of.return_id == return_id, of.kind == exchange),
        select(_of.order_id, literal(0) - _of.amount_minor).where(
            _of.return_id == return_id, _of.kind == exchange
        ),
    ).subquery("both")
    statement = select(both.c.order_id, func.sum(both.c.amount_minor)).group_by(both.c.order_id)
    return {row[0]: int(row[1]) for row in db.execute(statement)}


def standing_pieces(
    db: Connection, return_refund_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[PaidPieces]]:
    """What amounts of returns were for, less what was called off of them, in order of the lines."""
    of, gone = return_refund_lines.c, return_refund_reversal_lines.c
    names = ("quantity", "items_minor", "tax_minor", "shipping_minor", "fee_minor")
    both = union_all(
        select(of.return_refund_id, of.line_id, *(of[name] for name in names)).where(
            among(of.return_refund_id, return_refund_ids)
        ),
        select(
            _of.return_refund_id,
            gone.line_id,
            *((literal(0) - gone[name]).label(name) for name in names),
        )
        .join(return_refund_reversals, _of.id == gone.reversal_id)
        .where(among(_of.return_refund_id, return_refund_ids)),
    ).subquery("both")
    statement = (
        select(
            both.c.return_refund_id,
            return_refunds.c.tax_included,
            both.c.line_id,
            *(func.sum(both.c[name]).label(name) for name in names),
        )
        .join(return_refunds, return_refunds.c.id == both.c.return_refund_id)
        .group_by(both.c.return_refund_id, return_refunds.c.tax_included, both.c.line_id)
        .order_by(both.c.return_refund_id, both.c.line_id)
    )
    found: dict[UUID, list[PaidPieces]] = {}
    for id, tax_included, line_id, *sums in db.execute(statement):
        quantity, items, tax, shipping, fee = (int(each) for each in sums)
        worth = Worth(items, tax, shipping, tax_included)
        # Of a piece of which all came back, a later part may have called off one more.
        found.setdefault(id, []).append(PaidPieces(line_id, max(quantity, 0), worth, fee))
    return found
