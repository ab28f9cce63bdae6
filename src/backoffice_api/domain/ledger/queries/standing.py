"""Sums over the journal: from the balances, and from the postings that these do not hold yet.

Balances hold whole months of what is sealed. The rest is read posting by posting: what is not
sealed, and the days of a month that is asked for in part.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.ledger.model.periods import month_of, next_month
from backoffice_api.domain.ledger.model.reports import Span
from backoffice_api.domain.ledger.tables import balances, postings, unsealed

_SIDES = (
    (postings.c.debit_account_id, 1),
    (postings.c.credit_account_id, 0),
)


@dataclass(frozen=True, slots=True)
class AccountSum:
    """What an account was debited and credited in a currency, before a span of days and in it.

    The base amounts are those in the currency of the books, of what has a rate.
    """

    account_id: UUID
    currency: str
    before_debit: int
    before_credit: int
    debit: int
    credit: int
    base_before_debit: int
    base_before_credit: int
    base_debit: int
    base_credit: int


_SUMS = tuple(each.name for each in fields(AccountSum))[2:]


def sums(
    db: Connection, span: Span, dimensions: Mapping[str, UUID] | None = None
) -> Sequence[AccountSum]:
    """The sums of every account and currency that has any up to the end of `span`.

    One statement. With `dimensions`, by the name of the column, only postings about these count:
    they are then read one by one.
    """
    if dimensions:
        where = [postings.c[name] == id for name, id in dimensions.items()]
        parts = _of_postings(span, *where, postings.c.booked_on < span.to)
    else:
        whole, rest = _split(span)
        parts = [
            _of_balances(span, whole),
            *_of_postings(span, or_(false(), *(_within(each) for each in rest))),
            *_of_unsealed(span, or_(false(), *(_within(each) for each in whole))),
        ]
    each = union_all(*parts).subquery("each")
    key = (each.c.account_id, each.c.currency)
    statement = select(*key, *(func.sum(each.c[name]) for name in _SUMS))
    statement = statement.group_by(*key).order_by(*key)
    return [AccountSum(row[0], row[1], *map(int, row[2:])) for row in db.execute(statement)]


def standing_by_accounts(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Money]]:
    """What is on accounts now, debits above zero; an amount per currency that is not zero."""
    wanted = tuple(ids)
    sealed = (
        select(
            balances.c.account_id,
            balances.c.currency,
            func.sum(balances.c.debit_minor - balances.c.credit_minor).label("minor"),
        )
        .where(among(balances.c.account_id, wanted))
        .group_by(balances.c.account_id, balances.c.currency)
    )
    waiting = [
        select(
            column,
            postings.c.currency,
            func.sum(postings.c.amount_minor if is_debit else -postings.c.amount_minor),
        )
        .join_from(unsealed, postings, unsealed.c.entry_id == postings.c.entry_id)
        .where(among(column, wanted))
        .group_by(column, postings.c.currency)
        for column, is_debit in _SIDES
    ]
    net: dict[tuple[UUID, str], int] = {}
    for id, currency, minor in db.execute(union_all(sealed, *waiting)):
        net[id, currency] = net.get((id, currency), 0) + int(minor)
    found: dict[UUID, list[Money]] = {}
    for (id, currency), minor in sorted(net.items()):
        if minor:
            found.setdefault(id, []).append(Money(minor, currency))
    return found


def _split(span: Span) -> tuple[Sequence[Span], Sequence[Span]]:
    """Whole months up to the end of `span`, and the days beside them. Either may be empty."""
    starts = month_of(span.from_)
    first = starts if span.from_ == starts else next_month(starts)
    last = month_of(span.to)
    whole, rest = [Span(date.min, starts)], []
    if first < last:
        whole.append(Span(first, last))
        rest = [Span(starts, first), Span(last, span.to)]
    else:
        # Within one month, or from the middle of one into the next.
        rest = [Span(starts, span.to)]
    return whole, [each for each in rest if each.from_ < each.to]


def _within(span: Span) -> ColumnElement[bool]:
    return and_(postings.c.booked_on >= span.from_, postings.c.booked_on < span.to)


def _of_balances(span: Span, whole: Sequence[Span]) -> Select[Any]:
    of = balances.c
    months = or_(false(), *(and_(of.period >= each.from_, of.period < each.to) for each in whole))
    before = of.period < span.from_
    amounts = (of.debit_minor, of.credit_minor)
    base = (of.base_debit_minor, of.base_credit_minor)
    return select(
        of.account_id,
        of.currency,
        *_parted(before, amounts, base),
    ).where(months)


def _of_postings(span: Span, *where: ColumnElement[bool]) -> Sequence[Select[Any]]:
    of = postings.c
    nothing: ColumnElement[int] = literal(0, Integer)
    base = func.coalesce(of.base_minor, 0)
    return [
        select(
            column.label("account_id"),
            of.currency,
            *_parted(
                of.booked_on < span.from_,
                (of.amount_minor, nothing) if is_debit else (nothing, of.amount_minor),
                (base, nothing) if is_debit else (nothing, base),
            ),
        ).where(*where)
        for column, is_debit in _SIDES
    ]


def _of_unsealed(span: Span, *where: ColumnElement[bool]) -> Sequence[Select[Any]]:
    return [
        each.join_from(postings, unsealed, unsealed.c.entry_id == postings.c.entry_id)
        for each in _of_postings(span, *where)
    ]


def _parted(
    is_before: ColumnElement[bool], *pairs: tuple[ColumnElement[Any], ColumnElement[Any]]
) -> Sequence[ColumnElement[Any]]:
    """Debits and credits, each pair as four amounts: what was before the span, what is in it."""
    yes = is_before.cast(Integer)
    found = [amount * part for pair in pairs for part in (yes, 1 - yes) for amount in pair]
    return [each.label(name) for each, name in zip(found, _SUMS, strict=True)]
