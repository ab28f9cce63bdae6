"""What can be asked about accounts, journal entries, periods and rates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, false, select, union_all

from backoffice_api.domain.kernel.filters import On, OnMoney, Operator, Present, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import fetch, many_per, one_per, select_as
from backoffice_api.domain.ledger.model.accounts import Account, AccountSortKey, ChartInstalled
from backoffice_api.domain.ledger.model.entries import EntrySortKey, JournalEntry, Posting
from backoffice_api.domain.ledger.model.lines import JournalLine, lines_of
from backoffice_api.domain.ledger.model.periods import Period, PeriodException, PeriodSortKey
from backoffice_api.domain.ledger.model.rates import (
    Books,
    ExchangeRate,
    RatesAdded,
    RateSortKey,
    Revalued,
)
from backoffice_api.domain.ledger.model.refusals import (
    BooksNotSet,
    UnknownAccount,
    UnknownJournalEntry,
    UnknownPeriod,
)
from backoffice_api.domain.ledger.model.sealing import Seal
from backoffice_api.domain.ledger.tables import (
    DIMENSIONS,
    accounts,
    books,
    entries,
    exceptions,
    periods,
    postings,
    rates,
    seals,
)

SEARCHED = "jen"
"""Under which prefix entries are in the search index, from their seal on."""

accounts_by_ids = one_per(Account, accounts, accounts.c.id)
books_by_ids = one_per(Books, books, books.c.id)
entries_by_ids = one_per(JournalEntry, entries, entries.c.id)
entries_by_reversed = one_per(JournalEntry, entries, entries.c.reverses_id)
exceptions_by_ids = one_per(PeriodException, exceptions, exceptions.c.id)
exceptions_by_periods = many_per(
    PeriodException, exceptions, exceptions.c.period_id, exceptions.c.created_at, exceptions.c.id
)
periods_by_ids = one_per(Period, periods, periods.c.id)
periods_by_months = one_per(Period, periods, periods.c.starts_on)
postings_by_entries = many_per(
    Posting, postings, postings.c.entry_id, postings.c.entry_id, postings.c.position
)
rates_by_ids = one_per(ExchangeRate, rates, rates.c.id)
seals_by_entries = one_per(Seal, seals, seals.c.entry_id)

account_list = Listing(
    Account,
    accounts,
    sorts={AccountSortKey.CODE: accounts.c.code, AccountSortKey.NAME: accounts.c.name},
    words={
        "code": On(accounts.c.code),
        "kind": On(accounts.c.kind),
        "role": On(accounts.c.role),
        "parent_id": On(accounts.c.parent_id),
        "is_archived": On(accounts.c.is_archived),
    },
    descending=False,
)


@dataclass(frozen=True, slots=True, eq=False)
class OfAccount:
    """A word that holds if some posting of the entry debits or credits one of the accounts."""

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        if operator is Operator.IS_NULL:  # There is no entry without an account.
            return ~false() if not value else false()
        sides = [
            select(postings.c.entry_id).where(On(column)(operator, value))
            for column in (postings.c.debit_account_id, postings.c.credit_account_id)
        ]
        return entries.c.id.in_(union_all(*sides))


@dataclass(frozen=True, slots=True, eq=False)
class OnPostings(OnMoney):
    """A word that holds if some posting of the entry is of such an amount."""

    def __call__(self, operator: Operator, value: Money) -> ColumnElement[bool]:
        is_such = OnMoney(self.minor, self.currency)(operator, value)
        return entries.c.id.in_(select(postings.c.entry_id).where(is_such))


@dataclass(frozen=True, slots=True, eq=False)
class Unrated(Present):
    """A word that holds if some posting of the entry has no amount in the books' currency yet."""

    def __call__(self, operator: Operator, value: bool) -> ColumnElement[bool]:
        lacking = select(postings.c.entry_id).where(
            self.column.is_(None),
            postings.c.currency > "",  # By its own index, which holds only these.
        )
        is_lacking = entries.c.id.in_(lacking)
        return is_lacking if value else ~is_lacking


entry_list = Listing(
    JournalEntry,
    entries,
    sorts={
        EntrySortKey.BOOKED_ON: entries.c.booked_on,
        EntrySortKey.CREATED_AT: entries.c.created_at,
    },
    words={
        "number": Within(entries.c.id, seals.c.entry_id, seals.c.number),
        "booked_on": On(entries.c.booked_on),
        "period": On(entries.c.period),
        "source": On(entries.c.source),
        "subject_id": On(entries.c.subject_id),
        "account_id": OfAccount(),
        "amount": OnPostings(postings.c.amount_minor, postings.c.currency),
        "is_unrated": Unrated(postings.c.base_minor),
        "created_at": On(entries.c.created_at),
        **{
            name: Within(entries.c.id, postings.c.entry_id, postings.c[name]) for name in DIMENSIONS
        },
    },
    searched=SEARCHED,
)

period_list = Listing(
    Period,
    periods,
    sorts={PeriodSortKey.STARTS_ON: periods.c.starts_on},
    words={"starts_on": On(periods.c.starts_on), "is_closed": On(periods.c.is_closed)},
)

rate_list = Listing(
    ExchangeRate,
    rates,
    sorts={RateSortKey.VALID_ON: rates.c.valid_on},
    words={
        "from_currency": On(rates.c.from_currency),
        "to_currency": On(rates.c.to_currency),
        "valid_on": On(rates.c.valid_on),
        "source": On(rates.c.source),
    },
)


def lines_by_entries(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[JournalLine]]:
    """What each entry debits and credits, as people write it."""
    return {id: lines_of(each) for id, each in postings_by_entries(db, ids).items()}


def numbers_by_entries(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, int]:
    """The numbers of the entries that are sealed."""
    return {id: each.number for id, each in seals_by_entries(db, ids).items()}


def hashes_by_entries(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The hashes of the entries that are sealed, in hexadecimal digits."""
    return {id: each.hash.hex() for id, each in seals_by_entries(db, ids).items()}


def accounts_by_installed(
    db: Connection, keys: Iterable[ChartInstalled]
) -> Mapping[ChartInstalled, Sequence[Account]]:
    """The accounts of charts, in the order in which they were given."""
    wanted = tuple(keys)
    found = accounts_by_ids(db, {id for each in wanted for id in each.account_ids})
    return {each: [found[id] for id in each.account_ids] for each in wanted}


def rates_by_added(
    db: Connection, keys: Iterable[RatesAdded]
) -> Mapping[RatesAdded, Sequence[ExchangeRate]]:
    """The rates that were given, in their order."""
    wanted = tuple(keys)
    found = rates_by_ids(db, {id for each in wanted for id in each.rate_ids})
    return {each: [found[id] for id in each.rate_ids] for each in wanted}


def entries_by_revalued(
    db: Connection, keys: Iterable[Revalued]
) -> Mapping[Revalued, Sequence[JournalEntry]]:
    """The entries that counting anew has made."""
    wanted = tuple(keys)
    found = entries_by_ids(db, {id for each in wanted for id in each.entry_ids})
    return {each: [found[id] for id in each.entry_ids] for each in wanted}


def the_books(db: Connection) -> Books | None:
    """In which currency the books are kept. None: nobody has said."""
    return next(iter(fetch(db, Books, select_as(Books, books))), None)


def base_currency(db: Connection) -> str:
    """The currency of the books. Raises: BooksNotSet."""
    if found := the_books(db):
        return found.base_currency
    raise BooksNotSet


def account(db: Connection, id: UUID, *path: str) -> Account:
    """Raises: UnknownAccount."""
    if found := accounts_by_ids(db, [id]).get(id):
        return found
    raise UnknownAccount(id.hex).at(*(path or ("id",)))


def entry(db: Connection, id: UUID) -> JournalEntry:
    """Raises: UnknownJournalEntry."""
    if found := entries_by_ids(db, [id]).get(id):
        return found
    raise UnknownJournalEntry(id).at("id")


def period(db: Connection, id: UUID) -> Period:
    """Raises: UnknownPeriod."""
    if found := periods_by_ids(db, [id]).get(id):
        return found
    raise UnknownPeriod(id).at("id")
