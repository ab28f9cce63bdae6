"""Accounts, journal entries, periods and rates on the wire.

Who may read the books sees what things cost the shop, too: cost of sales is one of the accounts.
"""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model import accounts as account_model
from backoffice_api.domain.ledger.model import entries as entry_model
from backoffice_api.domain.ledger.model import periods as period_model
from backoffice_api.domain.ledger.model import rates as rate_model
from backoffice_api.domain.ledger.model.accounts import (
    AccountKind,
    AccountRole,
    AccountSortKey,
    AccountStatus,
)
from backoffice_api.domain.ledger.model.entries import EntrySortKey
from backoffice_api.domain.ledger.model.periods import PeriodSortKey, PeriodStatus
from backoffice_api.domain.ledger.model.rates import RateSortKey
from backoffice_api.domain.ledger.model.refusals import UnbalancedEntry
from backoffice_api.domain.ledger.model.sealing import Seal
from backoffice_api.domain.ledger.queries.standing import standing_by_accounts
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.stock import queries as stock
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.channels import READ as ORDERS
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import many, one
from backoffice_api.schema.money import Money
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import READ as PRODUCTS
from backoffice_api.schema.products import Product
from backoffice_api.schema.scalars import BigInt, CurrencyCode
from backoffice_api.schema.stock import READ as STOCK
from backoffice_api.schema.stock import Location
from backoffice_api.schema.suppliers import READ as PURCHASING
from backoffice_api.schema.suppliers import Supplier

READ = Scope.LEDGER_READ

for _choices in (AccountKind, AccountRole, AccountSortKey, AccountStatus):
    choice(_choices)
choice(EntrySortKey, name="JournalEntrySortKey")
choice(PeriodSortKey, name="LedgerPeriodSortKey")
choice(PeriodStatus, name="LedgerPeriodStatus")
choice(RateSortKey, name="ExchangeRateSortKey")


@node("acc", account_model.Account, queries.accounts_by_ids, scope=READ)
class Account(Node, Versioned, HasTimeline):
    """What money is kept as, owed, owned, earned or spent for."""

    code: str = about("Its number, unique in the chart.")
    name: str = about("Its name.")
    kind: AccountKind = about("What it is about; stays as it is.")
    role: AccountRole | None = about(
        "What the back office posts to it by itself. Null: nothing; people and rules do."
    )
    currency: CurrencyCode | None = about("The only currency that it takes. Null: any.")
    status: AccountStatus = about("Whether it is in use.")
    actions: list[ActionState] = about("What can be done with it now.")
    parent: "Account | None" = one(
        queries.accounts_by_ids, "parent_id", "The account that it adds to. Null: to none."
    )
    balances: list[Money] = many(
        standing_by_accounts,
        "id",
        "What is on it now, without what adds to it: debits less credits, one amount per currency.",
    )


@described
class JournalLine:
    """What an entry debits or credits an account. One of both is null."""

    debit: Money | None = about("What is debited. Null: it is a credit.")
    credit: Money | None = about("What is credited. Null: it is a debit.")
    account: Account = one(queries.accounts_by_ids, "account_id", "The account.")
    channel: Channel | None = one(
        orders.channels_by_ids, "channel_id", "About which channel. Null: none.", scope=ORDERS
    )
    supplier: Supplier | None = one(
        purchasing.suppliers_by_ids,
        "supplier_id",
        "About which supplier. Null: none.",
        scope=PURCHASING,
    )
    product: Product | None = one(
        products.products_by_ids, "product_id", "About which product. Null: none.", scope=PRODUCTS
    )
    location: Location | None = one(
        stock.locations_by_ids, "location_id", "About which location. Null: none.", scope=STOCK
    )


@node("xrt", rate_model.ExchangeRate, queries.rates_by_ids, scope=READ)
class ExchangeRate(Node):
    """What a unit of a currency is worth in another from a day on. It is never changed."""

    created_at: datetime = about("When it became known here.")
    valid_on: date = about("From this day on, until there is a newer one.")
    from_currency: CurrencyCode = about("A unit of this currency.")
    to_currency: CurrencyCode = about("Is worth so much of this one.")
    rate: Decimal = about("How much, with at most 12 decimals.")
    source: str = about("Who says so.")


@described
class JournalPosting:
    """An amount that goes from one account to another: it debits one and credits the other."""

    position: int = about("Its place in the entry, from 0.")
    amount: Money = about("How much; above zero.")
    base_minor: BigInt | None = about(
        "The same in the smallest unit of the currency of the books. Null: no rate is known yet."
    )
    debit_account: Account = one(
        queries.accounts_by_ids, "debit_account_id", "What it is debited to."
    )
    credit_account: Account = one(
        queries.accounts_by_ids, "credit_account_id", "What it is credited to."
    )
    rate: ExchangeRate | None = one(
        queries.rates_by_ids,
        "rate_id",
        "The rate behind `baseMinor`. Null: none was needed, or known.",
    )


@described
class JournalSeal:
    """The number of an entry, and the hash that chains it to the one before."""

    number: BigInt = about("Its number: from 1, without gaps.")
    sealed_at: datetime = about("When it was sealed.")

    @strawberry.field(description="The hash of the entry before, in hexadecimal digits.")
    def previous_hash(parent: strawberry.Parent[Seal]) -> str:
        return parent.previous_hash.hex()

    @strawberry.field(description="The hash of this entry, in hexadecimal digits.")
    def hash(parent: strawberry.Parent[Seal]) -> str:
        return parent.hash.hex()


@node("per", period_model.Period, queries.periods_by_ids, scope=READ)
class LedgerPeriod(Node, Versioned, HasTimeline):
    """A month that is or was closed. Months that never were are open, and have no record."""

    starts_on: date = about("Its first day.")
    status: PeriodStatus = about("Whether it takes entries.")
    closed_at: datetime | None = about("When it was closed. Null: it is open.")
    actions: list[ActionState] = about("What can be done with it now.")
    exceptions: "list[LedgerPeriodException]" = many(
        queries.exceptions_by_periods, "id", "What was let in all the same, oldest first."
    )


@node("pex", period_model.PeriodException, queries.exceptions_by_ids, scope=READ)
class LedgerPeriodException(Node):
    """Some entries that people post may come into a closed month."""

    created_at: datetime = about("When it was made.")
    reason: str = about("Why.")
    expires_at: datetime = about("Until then.")
    entries_max: int = about("How many entries may come in by it.")
    entries_used: int = about("How many have.")

    @strawberry.field(description="Who allowed it.")
    def made_by(parent: strawberry.Parent[period_model.PeriodException]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


def _subject_id(entry: entry_model.JournalEntry) -> str | None:
    if entry.subject_prefix is None or entry.subject_id is None:
        return None
    return ids.text(entry.subject_prefix, entry.subject_id)


@node("jen", entry_model.JournalEntry, queries.entries_by_ids, scope=READ)
class JournalEntry(Node, HasTimeline):
    """What happened to the books, told once. It is never changed, and corrected by a reversal."""

    created_at: datetime = about("When it was posted.")
    booked_on: date = about("The day it counts for.")
    period: date = about("The first day of its month.")
    source: str = about("What it was made for, once: the kind and the id of that.")
    description: str = about("What happened, in words.")
    number: BigInt | None = one(
        queries.numbers_by_entries,
        "id",
        "Its number: from 1, without gaps. Null for some seconds, until it is sealed.",
    )
    hash: str | None = one(
        queries.hashes_by_entries,
        "id",
        "SHA-256 over the entry and the hash before it. Null until it is sealed.",
    )
    seal: JournalSeal | None = one(
        queries.seals_by_entries, "id", "Number, hashes and time of its seal. Null: not yet."
    )
    lines: list[JournalLine] = many(
        queries.lines_by_entries, "id", "What it debits and credits, debits first."
    )
    postings: list[JournalPosting] = many(
        queries.postings_by_entries, "id", "The same as amounts that go from account to account."
    )
    subject: Node | None = linked_node(
        _subject_id, "What is behind it. Null: nothing, or the caller may not see it."
    )
    reverses: "JournalEntry | None" = one(
        queries.entries_by_ids, "reverses_id", "The entry that it takes back. Null: none."
    )
    reversed_by: "JournalEntry | None" = one(
        queries.entries_by_reversed, "id", "The entry that takes it back. Null: none does."
    )
    exception: LedgerPeriodException | None = one(
        queries.exceptions_by_ids,
        "exception_id",
        "What let it into a closed month. Null: nothing had to.",
    )

    @strawberry.field(description="Who posted it, or did what it was posted for.")
    def posted_by(parent: strawberry.Parent[entry_model.JournalEntry]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)

    @strawberry.field(description="Id of what is behind it. Null: nothing.")
    def subject_id(parent: strawberry.Parent[entry_model.JournalEntry]) -> strawberry.ID | None:
        found = _subject_id(parent)
        return None if found is None else strawberry.ID(found)


@node("bks", rate_model.Books, queries.books_by_ids, scope=READ)
class Books(Node, Versioned, HasTimeline):
    """How the books are kept."""

    base_currency: CurrencyCode = about("The currency in which all amounts are counted.")


@described
class ExchangeQuote:
    """What a unit of one currency is worth in another on a day."""

    from_currency: CurrencyCode = about("A unit of this currency.")
    to_currency: CurrencyCode = about("Is worth so much of this one.")
    on: date = about("The day.")
    rate: Decimal = about("How much, rounded half-even to 12 decimals.")
    rates: list[ExchangeRate] = about("What it rests on: one rate, or two over the books'.")


@error(UnbalancedEntry)
class UnbalancedEntryError(UserError):
    """Debits and credits differ."""

    sums: list[str] = about("Both sums of each currency in which they do, in words.")


@payload
class AccountPayload(MutationPayload):
    """What a mutation of an account answers."""

    account: Account | None = one(
        queries.accounts_by_ids, "value", "The account as it is now. Null if it was refused."
    )


@payload
class ChartPayload(MutationPayload):
    """What installing a chart answers."""

    accounts: list[Account] = many(
        queries.accounts_by_installed,
        "value",
        "The accounts, in the order given, at most 1,000. Empty if it was refused.",
    )


@payload
class JournalEntryPayload(MutationPayload):
    """What posting an entry answers."""

    journal_entry: JournalEntry | None = one(
        queries.entries_by_ids, "value", "The entry that was posted. Null if it was refused."
    )


@payload
class RevaluationPayload(MutationPayload):
    """What counting foreign balances anew answers."""

    journal_entries: list[JournalEntry] = many(
        queries.entries_by_revalued,
        "value",
        "The entry at the end of the month, and the one that takes it back. Empty: no difference.",
    )


@payload
class LedgerPeriodPayload(MutationPayload):
    """What a mutation of a period answers."""

    period: LedgerPeriod | None = one(
        queries.periods_by_ids, "value", "The period as it is now. Null if it was refused."
    )


@payload
class ExchangeRatesPayload(MutationPayload):
    """What adding rates answers."""

    rates: list[ExchangeRate] = many(
        queries.rates_by_added,
        "value",
        "The rates, in the order given, at most 1,000. Empty if it was refused.",
    )


@payload
class BooksPayload(MutationPayload):
    """What a mutation of the books answers."""

    books: Books | None = one(
        queries.books_by_ids, "value", "The books as they are now. Null if it was refused."
    )
