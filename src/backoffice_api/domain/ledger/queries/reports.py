"""Reports: trial balance, balance sheet, income statement. A constant number of statements each."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model.accounts import AccountKind
from backoffice_api.domain.ledger.model.reports import (
    Report,
    ReportSection,
    Span,
    TrialBalance,
    TrialRow,
    TrialTotal,
    section,
)
from backoffice_api.domain.ledger.queries.standing import AccountSum, sums
from backoffice_api.domain.ledger.tables import accounts, postings


def trial_balance(
    db: Connection,
    span: Span,
    *,
    in_base: bool = False,
    currency: str | None = None,
    dimensions: Mapping[str, UUID] | None = None,
) -> TrialBalance:
    """What every account came to over `span`, by its code: a row per currency.

    `in_base`: all in the currency of the books, a row per account. `dimensions`: only what is
    about these, by the names of the columns.

    Raises:
        InvalidSpan: there is no day in it.
        BooksNotSet: nobody has said in which currency the books are kept.
    """
    span.check()
    base = queries.base_currency(db) if in_base else None
    found = sums(db, span, dimensions)
    if base is not None:
        rows = _in_base(found, base)
    else:
        rows = [_row(each) for each in found if currency in (None, each.currency)]
    codes = {row.id: row.code for row in db.execute(select(accounts.c.id, accounts.c.code))}
    rows = sorted(
        (each for each in rows if each.opening or each.debit or each.credit),
        key=lambda each: (codes[each.account_id], each.debit.currency),
    )
    return TrialBalance(span.from_, span.to, rows, _totals(rows), unrated_before(db, span.to))


def income_statement(db: Connection, span: Span) -> Report:
    """What was earned and spent over `span`, in the currency of the books.

    Raises:
        InvalidSpan, BooksNotSet.
    """
    span.check()
    base = queries.base_currency(db)
    net = {
        row.account_id: row.debit.minor - row.credit.minor for row in _in_base(sums(db, span), base)
    }
    sections = _sections(db, net, base, AccountKind.INCOME, AccountKind.EXPENSE)
    result = sections[0].total - sections[1].total
    return Report(span.from_, span.to, sections, result, unrated_before(db, span.to))


def balance_sheet(db: Connection, on: date) -> Report:
    """What the shop had and owed when the day before `on` ended, in the currency of the books.

    Assets are liabilities, equity and the result together.

    Raises:
        BooksNotSet.
    """
    base = queries.base_currency(db)
    span = Span(date.min, on)
    net = {row.account_id: row.closing.minor for row in _in_base(sums(db, span), base)}
    kinds = (AccountKind.ASSET, AccountKind.LIABILITY, AccountKind.EQUITY)
    sections = _sections(db, net, base, *kinds)
    assets, liabilities, equity = (each.total for each in sections)
    result = assets - liabilities - equity
    return Report(date.min, on, sections, result, unrated_before(db, on))


def unrated_before(db: Connection, day: date) -> int:
    """How many postings before the day have no amount in the currency of the books."""
    statement = select(func.count()).where(
        postings.c.base_minor.is_(None), postings.c.booked_on < day
    )
    return int(db.execute(statement).scalar_one())


def _row(each: AccountSum) -> TrialRow:
    opening = each.before_debit - each.before_credit
    return TrialRow(
        each.account_id,
        Money(opening, each.currency),
        Money(each.debit, each.currency),
        Money(each.credit, each.currency),
        Money(opening + each.debit - each.credit, each.currency),
    )


def _in_base(found: Sequence[AccountSum], base: str) -> list[TrialRow]:
    merged: dict[UUID, list[int]] = {}
    for each in found:
        of = merged.setdefault(each.account_id, [0, 0, 0])
        of[0] += each.base_before_debit - each.base_before_credit
        of[1] += each.base_debit
        of[2] += each.base_credit
    return [
        TrialRow(
            id,
            Money(opening, base),
            Money(debit, base),
            Money(credit, base),
            Money(opening + debit - credit, base),
        )
        for id, (opening, debit, credit) in merged.items()
    ]


def _totals(rows: Sequence[TrialRow]) -> Sequence[TrialTotal]:
    currencies = sorted({each.debit.currency for each in rows})
    return [
        TrialTotal(
            Money(sum(row.debit.minor for row in rows if row.debit.currency == currency), currency),
            Money(
                sum(row.credit.minor for row in rows if row.debit.currency == currency), currency
            ),
        )
        for currency in currencies
    ]


def _sections(
    db: Connection, net: Mapping[UUID, int], base: str, *kinds: AccountKind
) -> Sequence[ReportSection]:
    known = queries.accounts_by_ids(db, net)
    rows = [(known[id], minor) for id, minor in net.items()]
    return [section(kind, rows, base) for kind in kinds]
