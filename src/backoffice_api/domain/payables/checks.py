"""What must be true of stored bills: sums, states and counts are recomputed."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    not_,
    or_,
    select,
)

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.ledger.tables import entries
from backoffice_api.domain.payables.model.bills import OUTSIDE, BillKind, BillStatus
from backoffice_api.domain.payables.model.matching import MatchStatus
from backoffice_api.domain.payables.model.runs import LIVE, SENT, RunLineStatus, RunStatus
from backoffice_api.domain.payables.tables.bills import (
    bill_credits,
    bill_instalments,
    bill_lines,
    bill_payments,
    bills,
)
from backoffice_api.domain.payables.tables.matching import billed_lines
from backoffice_api.domain.payables.tables.runs import payment_run_lines, payment_runs

_bil, _line = bills.c, bill_lines.c
_MONEY_DECIDES = (
    BillStatus.APPROVED,
    BillStatus.SCHEDULED,
    BillStatus.PARTIALLY_PAID,
    BillStatus.PAID,
)


def _summed(amount: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(amount), 0), BigInteger)


def _or_zero(column: ColumnElement[Any]) -> ColumnElement[int]:
    return func.coalesce(column, 0)


def _paid() -> Select[Any]:
    of = bill_payments.c
    sums = (
        select(
            of.bill_id,
            _summed(of.amount_minor).label("paid"),
            _summed(of.discount_minor).label("discounted"),
        )
        .group_by(of.bill_id)
        .subquery("payments_sums")
    )
    paid, discounted = _or_zero(sums.c.paid), _or_zero(sums.c.discounted)
    return (
        select(
            _bil.id,
            _bil.paid_minor,
            paid.label("paid_of_payments"),
            _bil.discounted_minor,
            discounted.label("discounted_of_payments"),
        )
        .outerjoin(sums, sums.c.bill_id == _bil.id)
        .where(or_(_bil.paid_minor != paid, _bil.discounted_minor != discounted))
    )


def _credits_by(column: ColumnElement[Any], name: str) -> Subquery:
    amount = _summed(bill_credits.c.amount_minor)
    statement = select(column.label("id"), amount.label("amount")).group_by(column)
    return statement.subquery(name)


def _credited() -> Select[Any]:
    of_bills = _credits_by(bill_credits.c.bill_id, "of_bills")
    of_notes = _credits_by(bill_credits.c.credit_note_id, "of_notes")
    expected = case(
        (_bil.kind == BillKind.BILL, _or_zero(of_bills.c.amount)),
        else_=_or_zero(of_notes.c.amount),
    )
    return (
        select(_bil.id, _bil.credited_minor, expected.label("credited_of_notes"))
        .outerjoin(of_bills, of_bills.c.id == _bil.id)
        .outerjoin(of_notes, of_notes.c.id == _bil.id)
        .where(_bil.credited_minor != expected)
    )


def _statuses() -> Select[Any]:
    settled = _bil.paid_minor + _bil.credited_minor + _bil.discounted_minor
    expected = case(
        (_bil.open_minor == 0, BillStatus.PAID.value),
        (_bil.scheduled_minor > 0, BillStatus.SCHEDULED.value),
        (settled > 0, BillStatus.PARTIALLY_PAID.value),
        else_=BillStatus.APPROVED.value,
    )
    stored = cast(_bil.status, String)
    wrong = and_(_bil.status.in_(_MONEY_DECIDES), stored != expected)
    too_early = and_(
        _bil.status.in_((*OUTSIDE, BillStatus.PENDING_APPROVAL)),
        or_(settled > 0, _bil.scheduled_minor > 0),
    )
    return select(_bil.id, _bil.status, expected.label("expected")).where(or_(wrong, too_early))


def _totals() -> Select[Any]:
    lines = (
        select(
            _line.bill_id,
            _summed(_line.amount_minor).label("amount"),
            _summed(_line.tax_minor).label("tax"),
        )
        .group_by(_line.bill_id)
        .subquery("line_sums")
    )
    parts = (
        select(bill_instalments.c.bill_id, _summed(bill_instalments.c.amount_minor).label("amount"))
        .group_by(bill_instalments.c.bill_id)
        .subquery("part_sums")
    )
    amount, tax = _or_zero(lines.c.amount), _or_zero(lines.c.tax)
    due = _or_zero(parts.c.amount)
    return (
        select(
            _bil.id,
            _bil.subtotal_minor,
            amount.label("subtotal_of_lines"),
            _bil.tax_minor,
            tax.label("tax_of_lines"),
            _bil.total_minor,
            due.label("total_of_instalments"),
        )
        .outerjoin(lines, lines.c.bill_id == _bil.id)
        .outerjoin(parts, parts.c.bill_id == _bil.id)
        .where(or_(_bil.subtotal_minor != amount, _bil.tax_minor != tax, _bil.total_minor != due))
    )


def _billed() -> Select[Any]:
    counted = (
        select(
            _line.order_line_id,
            _bil.kind,
            _summed(_line.billed_quantity).label("quantity"),
            _summed(_line.waived_quantity).label("waived"),
        )
        .join(bills, _bil.id == _line.bill_id)
        .where(_line.order_line_id.is_not(None))
        .group_by(_line.order_line_id, _bil.kind)
        .subquery("counted")
    )
    of = billed_lines.c
    quantity, waived = _or_zero(counted.c.quantity), _or_zero(counted.c.waived)
    same = and_(counted.c.order_line_id == of.order_line_id, counted.c.kind == of.kind)
    return (
        select(
            of.order_line_id,
            of.kind,
            of.quantity,
            quantity.label("quantity_of_bills"),
            of.waived,
            waived.label("waived_of_bills"),
        )
        .outerjoin(counted, same)
        .where(or_(of.quantity != quantity, of.waived != waived))
    )


def _counted() -> Select[Any]:
    """Whether the lines of a bill count is a matter of what comparing it came to."""
    fits = _bil.match_status.in_((MatchStatus.MATCHED, MatchStatus.WAIVED))
    expected = case((fits, _line.quantity), else_=0)
    return (
        select(_line.id, _bil.match_status, _line.billed_quantity, expected.label("expected"))
        .join(bills, _bil.id == _line.bill_id)
        .where(_line.order_line_id.is_not(None), _line.billed_quantity != expected)
    )


def _four_eyes() -> Select[Any]:
    def same(who: str, other: str) -> ColumnElement[bool]:
        kind, id = _bil[f"{who}_by_kind"], _bil[f"{who}_by_id"]
        return and_(kind == _bil[f"{other}_by_kind"], id == _bil[f"{other}_by_id"])

    wrong = [
        same(who, author) for who in ("approved", "waived") for author in ("created", "submitted")
    ]
    return select(_bil.id, _bil.status, _bil.created_by_id, _bil.approved_by_id).where(or_(*wrong))


def _scheduled() -> Select[Any]:
    """What is promised of a bill is what its one live line of a run promises."""
    of = payment_run_lines.c
    promised = (
        select(of.bill_id, _summed(of.amount_minor + of.discount_minor).label("promised"))
        .where(of.status.in_(LIVE))
        .group_by(of.bill_id)
        .subquery("promises")
    )
    expected = _or_zero(promised.c.promised)
    return (
        select(_bil.id, _bil.scheduled_minor, expected.label("promised"))
        .outerjoin(promised, promised.c.bill_id == _bil.id)
        .where(_bil.scheduled_minor != expected)
    )


def _of_lines() -> Subquery:
    of = payment_run_lines.c
    return (
        select(
            of.run_id,
            func.count().label("lines"),
            _summed(of.amount_minor).label("total"),
            _summed(of.discount_minor).label("discount"),
            *(
                _summed(case((of.status == each, of.amount_minor), else_=0)).label(each.value)
                for each in (RunLineStatus.SETTLED, RunLineStatus.REJECTED)
            ),
            *(
                _summed(case((of.status == each, 1), else_=0)).label(f"{each.value}_count")
                for each in RunLineStatus
            ),
        )
        .group_by(of.run_id)
        .subquery("sums_of_lines")
    )


def _runs() -> Select[Any]:
    """The sums of a run are those of its lines."""
    run, of = payment_runs.c, _of_lines()
    return (
        select(run.id, run.total_minor, of.c.total, run.settled_minor, run.rejected_minor)
        .outerjoin(of, of.c.run_id == run.id)
        .where(
            or_(
                of.c.run_id.is_(None),
                run.lines_count != of.c.lines,
                run.total_minor != of.c.total,
                run.discount_minor != of.c.discount,
                run.settled_minor != of.c.settled,
                run.rejected_minor != of.c.rejected,
            )
        )
    )


def _run_states() -> Select[Any]:
    """The state of a run follows from those of its lines, or they follow from it."""
    run, of = payment_runs.c, _of_lines()
    fits = case(
        (run.status == RunStatus.CANCELLED, of.c.cancelled_count == of.c.lines),
        (run.status.not_in(SENT), of.c.proposed_count == of.c.lines),
        (of.c.proposed_count + of.c.cancelled_count > 0, false()),
        (of.c.rejected_count > 0, run.status == RunStatus.PARTIALLY_REJECTED),
        (of.c.settled_count == of.c.lines, run.status == RunStatus.SETTLED),
        else_=run.status == RunStatus.EXPORTED,
    )
    return (
        select(run.id, run.status, of.c.lines, of.c.settled_count, of.c.rejected_count)
        .join(of, of.c.run_id == run.id)
        .where(not_(fits))
    )


def _paid_by_lines() -> Select[Any]:
    """A line that was settled has paid its bill, once and as much as it says; no other has.

    What it has paid before it was under way again is taken back.
    """
    of, paid = payment_run_lines.c, bill_payments.c
    made = and_(paid.run_line_id == of.id, paid.reverses_id.is_(None), paid.attempt == of.attempt)
    is_settled = of.status == RunLineStatus.SETTLED
    differs = or_(
        paid.bill_id != of.bill_id,
        paid.amount_minor != of.amount_minor,
        paid.discount_minor != of.discount_minor,
    )
    return (
        select(of.id, of.status, of.amount_minor, paid.amount_minor.label("paid"))
        .outerjoin(bill_payments, made)
        .where(or_(is_settled != paid.id.is_not(None), and_(paid.id.is_not(None), differs)))
    )


def _posted() -> Select[Any]:
    """A bill that somebody agreed to is in the books, until it is voided, and not after that.

    What was taken over from another system nobody here agreed to: its books are the old ones.
    """
    back = entries.alias("reversals")
    is_reversed = exists().where(back.c.reverses_id == _bil.entry_id)
    comes_to_something = exists().where(
        _line.bill_id == _bil.id, or_(_line.amount_minor != 0, _line.tax_minor != 0)
    )
    is_owed = and_(_bil.approved_by_kind.is_not(None), _bil.status != BillStatus.VOIDED)
    # Goods that went back are posted when they leave, not with their credit note.
    missing = and_(is_owed, _bil.kind == BillKind.BILL, _bil.entry_id.is_(None), comes_to_something)
    is_posted = _bil.entry_id.is_not(None)
    wrong = or_(
        missing,
        and_(is_owed, is_posted, is_reversed),
        and_(not_(is_owed), is_posted, not_(is_reversed)),
    )
    statement = select(_bil.id, _bil.status, _bil.approved_by_kind, _bil.entry_id)
    return statement.where(wrong)


CHECKS = (
    Check("F3", "What is paid and let off of a bill is what its payments come to.", _paid()),
    Check("F3-credits", "What is credited is what credit notes were set off for.", _credited()),
    Check("F3-status", "The state of a bill follows from what is settled of it.", _statuses()),
    Check("F3-totals", "A bill comes to its lines, and so do its instalments.", _totals()),
    Check("F3-posted", "A bill is in the books as long as it is owed or paid.", _posted()),
    Check("F3-scheduled", "What is promised of a bill is what a run is to pay.", _scheduled()),
    Check("F3-run-sums", "A payment run comes to its payments.", _runs()),
    Check("F3-run-states", "The state of a run follows from its payments.", _run_states()),
    Check("F3-run-lines", "A payment of a run settles its bill, once.", _paid_by_lines()),
    Check("F4", "What is billed of an order is what bills count of it.", _billed()),
    Check("F4-lines", "Lines count when their bill matches or is waived.", _counted()),
    Check("F4-people", "Who enters a bill neither approves nor waives it.", _four_eyes()),
)
