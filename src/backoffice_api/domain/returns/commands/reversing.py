"""What becomes of returns when refunds that pay for them are refused or called off.

The return has what did not go back taken off its sums and its lines, is open again if it had
ended, and its pieces can be paid back anew. Whoever moves money of one order comes one after the
other, so a refund is called off once, and its reversal is written once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payments import queries as on_payments
from backoffice_api.domain.payments.model.events import RefundCancelled, RefundFailed
from backoffice_api.domain.payments.model.refunds import Refund, RefundStatus
from backoffice_api.domain.payments.tables import refunds
from backoffice_api.domain.returns.commands.writing import Opened, lock_orders, opened, save_told
from backoffice_api.domain.returns.model.refunds import ReturnRefund, ReturnRefundKind, Worth
from backoffice_api.domain.returns.model.returns import MACHINE, Return, ReturnLine, ReturnState
from backoffice_api.domain.returns.model.reversals import (
    PaidPieces,
    ReturnRefundFailed,
    ReturnRefundReversal,
    ReturnRefundReversed,
    called_off,
)
from backoffice_api.domain.returns.queries import reversals as queries
from backoffice_api.domain.returns.tables import return_orders
from backoffice_api.domain.returns.tables.money import (
    return_refund_payments,
    return_refund_reversal_lines,
    return_refund_reversals,
    return_refunds,
)

REVERSE_JOB = "returns.reverse_refunds"
REVERSE_BATCH_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseRefunds(Command):
    """Run by the worker: for refunds that were called off before returns followed them."""

    scope = Scope.RETURNS_WRITE


def follow_cancelled(uow: UnitOfWork, event: RefundCancelled) -> None:
    """Take a refund that was called off out of the return that it was to pay for."""
    if (paid := queries.paid_by(uow.db, event.id)) is None:
        return
    of = opened(uow, paid.return_id)
    if event.id not in queries.reversed_refunds(uow.db, [event.id]):
        _reverse(uow, of, paid, on_payments.refund(uow.db, event.id))


def follow_failed(uow: UnitOfWork, event: RefundFailed) -> None:
    """Say of a return that a refund of it was refused; it is not settled before that one is."""
    if (paid := queries.paid_by(uow.db, event.id)) is None:
        return
    of = opened(uow, paid.return_id)
    after = _reopened(of.before, paid.kind)
    save_told(
        uow,
        of,
        after,
        of.lines,
        ReturnRefundFailed,
        refund_id=event.id,
        refund=event.number,
        reopened=after.status is not of.before.status,
    )


def reverse_refunds(uow: UnitOfWork, command: ReverseRefunds) -> int:
    """Take back what was called off and is counted as paid still, a bounded number. How many.

    If there may be more, another job goes on.
    """
    link = return_refund_payments.c
    left_over = (
        select(link.refund_id, return_refunds.c.return_id)
        .join(refunds, refunds.c.id == link.refund_id)
        .join(return_refunds, return_refunds.c.id == link.return_refund_id)
        .outerjoin(return_refund_reversals, return_refund_reversals.c.refund_id == link.refund_id)
        .where(refunds.c.status == RefundStatus.CANCELLED, return_refund_reversals.c.id.is_(None))
        .order_by(link.refund_id)
        .limit(REVERSE_BATCH_MAX)
    )
    found = uow.db.execute(left_over).all()
    theirs = select(return_orders.c.order_id).where(
        among(return_orders.c.return_id, {row.return_id for row in found})
    )
    # All of them first and in one order, as everybody locks them.
    lock_orders(uow, set(uow.db.execute(theirs).scalars()))
    known = queries.reversed_refunds(uow.db, [row.refund_id for row in found])
    for row in found:
        paid = queries.paid_by(uow.db, row.refund_id)
        if paid and row.refund_id not in known:
            refund = on_payments.refund(uow.db, row.refund_id)
            _reverse(uow, opened(uow, paid.return_id), paid, refund)
    if len(found) == REVERSE_BATCH_MAX:
        uow.enqueue(Job(REVERSE_JOB))
    return len(found)


def _reverse(uow: UnitOfWork, of: Opened, paid: ReturnRefund, refund: Refund) -> None:
    made = ReturnRefundReversal(
        id=uow.new_id(),
        created_at=uow.now,
        return_refund_id=paid.id,
        refund_id=refund.id,
        return_id=of.before.id,
        order_id=refund.order_id,
        kind=paid.kind,
        currency=refund.currency,
        amount_minor=refund.amount_minor,
    )
    standing = queries.standing_pieces(uow.db, [paid.id]).get(paid.id, ())
    taken = called_off(standing, refund.amount_minor, refund.currency) if standing else ()
    shares = {each.line_id: _with_a_piece(of.by_id[each.line_id], each) for each in taken}
    add(uow, return_refund_reversals, [made])
    _add_lines(uow, made, shares.values())
    after = _reopened(of.before, paid.kind)
    reopened = after.status is not of.before.status
    if paid.kind is ReturnRefundKind.GOODWILL:
        after = replace(after, goodwill_minor=after.goodwill_minor - made.amount_minor)
    else:
        after = replace(after, refunded_minor=after.refunded_minor - made.amount_minor)
    save_told(
        uow,
        of,
        after,
        _lines_after(of.lines, shares),
        ReturnRefundReversed,
        reversal_id=made.id,
        return_refund_id=paid.id,
        refund_id=refund.id,
        order_id=made.order_id,
        kind=paid.kind,
        currency=made.currency,
        amount_minor=made.amount_minor,
        tax_included=paid.tax_included,
        reopened=reopened,
    )


def _reopened(of: Return, kind: ReturnRefundKind) -> Return:
    """A return that had ended is open again; nobody has a right to goodwill."""
    if of.status is not ReturnState.RESOLVED or kind is ReturnRefundKind.GOODWILL:
        return of
    return replace(of, status=MACHINE.check("reopen", of.status))


def _with_a_piece(line: ReturnLine, share: PaidPieces) -> PaidPieces:
    """The share, with as many pieces as are counted, and one at least that may be paid anew."""
    pieces = min(share.quantity, line.refunded)
    if share.amount_minor and not pieces and not line.refundable:
        pieces = 1
    return replace(share, quantity=pieces)


def _lines_after(
    lines: Sequence[ReturnLine], shares: Mapping[UUID, PaidPieces]
) -> Sequence[ReturnLine]:
    return [
        replace(
            line.settling(Worth(tax_included=line.tax_included) - each.worth),
            refunded=line.refunded - each.quantity,
            fee_minor=line.fee_minor - each.fee_minor,
        )
        if (each := shares.get(line.id))
        else line
        for line in lines
    ]


def _add_lines(uow: UnitOfWork, made: ReturnRefundReversal, shares: Collection[PaidPieces]) -> None:
    rows = [
        {
            "reversal_id": made.id,
            "line_id": each.line_id,
            "quantity": each.quantity,
            "items_minor": each.worth.items,
            "tax_minor": each.worth.tax,
            "shipping_minor": each.worth.shipping,
            "fee_minor": each.fee_minor,
        }
        for each in shares
    ]
    if rows:
        uow.db.execute(return_refund_reversal_lines.insert(), rows)
