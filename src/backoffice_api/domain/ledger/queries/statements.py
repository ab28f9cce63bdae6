"""Account statements: what went over one account, page by page, with what stood on it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select, tuple_, union_all

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.periods import month_of
from backoffice_api.domain.ledger.model.reports import AccountStatement, Span, StatementLine
from backoffice_api.domain.ledger.tables import DIMENSIONS, balances, postings, unsealed

_SIDES = (
    (postings.c.debit_account_id, postings.c.credit_account_id, 1),
    (postings.c.credit_account_id, postings.c.debit_account_id, -1),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands: its day, its entry, its position there."""

    booked_on: date
    entry_id: UUID
    position: int


def account_statement(
    db: Connection, account_id: UUID, currency: str, span: Span, after: Place | None, size: int
) -> AccountStatement:
    """`size` lines of an account in a currency behind `after`, oldest first. Two statements.

    `opening` is what stood there before the first of them, `closing` behind the last.

    Raises:
        InvalidSpan: there is no day in it.
    """
    span.check()
    net = _standing(db, account_id, currency, span, after)
    opening = Money(net, currency)
    lines = []
    rows = db.execute(_page(account_id, currency, span, after, size + 1)).all()
    for row in rows[:size]:
        net += row.sign * row.amount_minor
        amount = Money(row.amount_minor, currency)
        lines.append(
            StatementLine(
                row.entry_id,
                row.position,
                row.booked_on,
                row.counter_account_id,
                amount if row.sign > 0 else None,
                amount if row.sign < 0 else None,
                Money(net, currency),
                *(getattr(row, name) for name in DIMENSIONS),
            )
        )
    closing = Money(net, currency)
    return AccountStatement(
        account_id, span.from_, span.to, opening, lines, closing, len(rows) > size
    )


def _standing(
    db: Connection, account_id: UUID, currency: str, span: Span, after: Place | None
) -> int:
    """Debits less credits before the page: whole months by their balances, the rest one by one."""
    of = balances.c
    start = span.from_ if after is None else after.booked_on
    whole = select(func.sum(of.debit_minor - of.credit_minor).label("minor")).where(
        of.account_id == account_id, of.currency == currency, of.period < month_of(start)
    )
    parts: list[Select[Any]] = [whole]
    for column, _, sign in _SIDES:
        total = select(func.sum(sign * postings.c.amount_minor)).where(
            column == account_id, postings.c.currency == currency
        )
        recent = total.where(postings.c.booked_on >= month_of(start))
        if after is None:
            recent = recent.where(postings.c.booked_on < span.from_)
        else:
            recent = recent.where(
                postings.c.booked_on <= after.booked_on, _key() <= _literal(after)
            )
        parts.append(recent)
        waiting = total.join_from(
            postings, unsealed, unsealed.c.entry_id == postings.c.entry_id
        ).where(postings.c.booked_on < month_of(start))
        parts.append(waiting)
    return sum(int(row.minor or 0) for row in db.execute(union_all(*parts)))


def _page(
    account_id: UUID, currency: str, span: Span, after: Place | None, size: int
) -> Select[Any]:
    of = postings.c
    halves = []
    for column, counter, sign in _SIDES:
        half = select(
            of.booked_on,
            of.entry_id,
            of.position,
            of.amount_minor,
            counter.label("counter_account_id"),
            literal(sign).label("sign"),
            *(of[name] for name in DIMENSIONS),
        ).where(
            column == account_id,
            of.currency == currency,
            of.booked_on >= (span.from_ if after is None else after.booked_on),
            of.booked_on < span.to,
        )
        if after is not None:
            half = half.where(_key() > _literal(after))
        half = half.order_by(of.booked_on, of.entry_id, of.position).limit(size)
        halves.append(select(half.subquery()))
    both = union_all(*halves).subquery()
    order = (both.c.booked_on, both.c.entry_id, both.c.position)
    return select(both).order_by(*order).limit(size)


def _key() -> ColumnElement[Any]:
    of = postings.c
    return tuple_(of.booked_on, of.entry_id, of.position)


def _literal(place: Place) -> ColumnElement[Any]:
    of = postings.c
    return tuple_(
        literal(place.booked_on, of.booked_on.type),
        literal(place.entry_id, of.entry_id.type),
        literal(place.position),
    )
