"""The journal of some days as a whole: for accountants, in rows or as Beancount text.

It is read page by page, a constant number of statements each. Entries are whole, so what is
written balances.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, literal, select, tuple_

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model import beancount
from backoffice_api.domain.ledger.model.accounts import Account
from backoffice_api.domain.ledger.model.beancount import Told
from backoffice_api.domain.ledger.model.entries import JournalEntry, Posting
from backoffice_api.domain.ledger.model.lines import lines_of
from backoffice_api.domain.ledger.model.rates import ExchangeRate
from backoffice_api.domain.ledger.model.reports import Span
from backoffice_api.domain.ledger.tables import accounts, entries, rates

COLUMNS = (
    "number",
    "hash",
    "entry_id",
    "booked_on",
    "source",
    "description",
    "position",
    "account",
    "account_name",
    "debit",
    "credit",
    "currency",
    "base_debit",
    "base_credit",
    "base_currency",
    "rate_id",
    "channel_id",
    "supplier_id",
    "product_id",
    "location_id",
)
_PREFIXES = {"rate_id": "xrt", "channel_id": "chn", "supplier_id": "sup"}
_PREFIXES |= {"product_id": "prd", "location_id": "loc"}
_PAGE = 500


def journal_rows(db: Connection, span: Span) -> Iterator[Sequence[Any]]:
    """Two rows per posting, by `COLUMNS`: what it debits, and what it credits. By days."""
    books = queries.the_books(db)
    base = books.base_currency if books else None
    chart = {each.id: each for each in _chart(db)}
    for page in _pages(db, span):
        of_all = [each.id for each in page]
        lines = queries.postings_by_entries(db, of_all)
        sealed = queries.seals_by_entries(db, of_all)
        for entry in page:
            seal = sealed.get(entry.id)
            head = (
                seal.number if seal else None,
                seal.hash.hex() if seal else None,
                ids.text("jen", entry.id),
                entry.booked_on.isoformat(),
                entry.source,
                entry.description,
            )
            for each in lines.get(entry.id, ()):
                yield (*head, *_side(each, chart, base, is_debit=True))
                yield (*head, *_side(each, chart, base, is_debit=False))


def beancount_text(db: Connection, span: Span) -> Iterator[str]:
    """The same as Beancount text, piece by piece: accounts, rates of these days, transactions."""
    books = queries.the_books(db)
    chart = _chart(db)
    names = beancount.names_of(chart)
    is_open = False
    for page in _pages(db, span):
        if not is_open:
            is_open = True
            base = books.base_currency if books else None
            yield from beancount.opening(chart, names, page[0].booked_on, base)
            days = rates.c.valid_on.between(page[0].booked_on, span.to)
            statement = select_as(ExchangeRate, rates).where(days, rates.c.valid_on < span.to)
            for rate in fetch(db, ExchangeRate, statement.order_by(rates.c.valid_on, rates.c.id)):
                yield beancount.price(rate)
        of_all = [each.id for each in page]
        lines = queries.postings_by_entries(db, of_all)
        sealed = queries.seals_by_entries(db, of_all)
        for entry in page:
            told = Told(entry, sealed.get(entry.id), lines_of(lines.get(entry.id, ())))
            yield beancount.transaction(told, names)


def _chart(db: Connection) -> Sequence[Account]:
    return fetch(db, Account, select_as(Account, accounts).order_by(accounts.c.code))


def _pages(db: Connection, span: Span) -> Iterator[Sequence[JournalEntry]]:
    span.check()
    key = tuple_(entries.c.booked_on, entries.c.id)
    statement = (
        select(*select_as(JournalEntry, entries).selected_columns)
        .where(entries.c.booked_on >= span.from_, entries.c.booked_on < span.to)
        .order_by(entries.c.booked_on, entries.c.id)
        .limit(_PAGE)
    )
    page = fetch(db, JournalEntry, statement)
    while page:
        yield page
        behind = tuple_(
            literal(page[-1].booked_on, entries.c.booked_on.type),
            literal(page[-1].id, entries.c.id.type),
        )
        page = fetch(db, JournalEntry, statement.where(key > behind))


def _side(
    each: Posting, chart: Mapping[UUID, Account], base: str | None, *, is_debit: bool
) -> Sequence[Any]:
    account = chart[each.debit_account_id if is_debit else each.credit_account_id]
    amount = each.amount.amount
    in_base = None
    if base is not None and each.base_minor is not None:
        in_base = Money(each.base_minor, base).amount
    named = [getattr(each, name) for name in _PREFIXES]
    return (
        each.position,
        account.code,
        account.name,
        amount if is_debit else None,
        None if is_debit else amount,
        each.currency,
        in_base if is_debit else None,
        None if is_debit else in_base,
        None if in_base is None else base,
        *(
            None if id is None else ids.text(prefix, id)
            for id, prefix in zip(named, _PREFIXES.values(), strict=True)
        ),
    )
