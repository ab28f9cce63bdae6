"""What can be asked and done with accounts, journal entries, periods and rates."""

import inspect
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Db

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.commands import (
    chart,
    closing,
    installing,
    journal,
    rates,
    revaluing,
)
from backoffice_api.domain.ledger.queries.rates import quote
from backoffice_api.schema.connections import (
    Connection,
    Count,
    asked,
    counted,
    listed,
    parameter,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.ledger import (
    READ,
    Account,
    AccountPayload,
    Books,
    BooksPayload,
    ChartPayload,
    ExchangeQuote,
    ExchangeRate,
    ExchangeRatesPayload,
    JournalEntry,
    JournalEntryPayload,
    LedgerPeriod,
    LedgerPeriodPayload,
    RevaluationPayload,
)
from backoffice_api.schema.ledger_inputs import (
    AccountAssignRoleInput,
    AccountCreateInput,
    AccountFilter,
    AccountSort,
    AccountUpdateInput,
    BooksRevalueInput,
    BooksSetInput,
    ChartInstallInput,
    ExchangeRateFilter,
    ExchangeRatesAddInput,
    ExchangeRateSort,
    JournalEntryFilter,
    JournalEntryPostInput,
    JournalEntryReverseInput,
    JournalEntrySort,
    LedgerPeriodFilter,
    LedgerPeriodSort,
    PeriodAllowExceptionInput,
    PeriodCloseInput,
)
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.scalars import CurrencyCode

_REQUIRED = inspect.Parameter.empty
_Currency = Annotated[CurrencyCode, strawberry.argument(description="A currency.")]
_On = Annotated[date, strawberry.argument(description="The day.")]


def _books(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    return queries.the_books(db)


def _quote(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    one, other = arguments["from_currency"], arguments["to_currency"]
    exponent(one)
    exponent(other)
    return quote(db, one, other, arguments["on"])


@strawberry.type
class LedgerQuery:
    account: Account | None = found_by_id(
        "acc", queries.accounts_by_ids, "Its id.", "One account. Null if there is none.", scope=READ
    )
    accounts: Connection[Account] = listed(
        queries.account_list,
        "The chart of accounts, by number.",
        scope=READ,
        filter=AccountFilter,
        sort=AccountSort,
    )
    accounts_count: Count = counted(
        queries.account_list, "How many accounts there are.", scope=READ, filter=AccountFilter
    )
    journal_entry: JournalEntry | None = found_by_id(
        "jen",
        queries.entries_by_ids,
        "Its id.",
        "One journal entry. Null if there is none.",
        scope=READ,
    )
    journal_entries: Connection[JournalEntry] = listed(
        queries.entry_list,
        "Journal entries, latest day first. Searching finds words of what is sealed.",
        scope=READ,
        filter=JournalEntryFilter,
        sort=JournalEntrySort,
    )
    journal_entries_count: Count = counted(
        queries.entry_list,
        "How many journal entries there are.",
        scope=READ,
        filter=JournalEntryFilter,
    )
    ledger_period: LedgerPeriod | None = found_by_id(
        "per", queries.periods_by_ids, "Its id.", "One period. Null if there is none.", scope=READ
    )
    ledger_periods: Connection[LedgerPeriod] = listed(
        queries.period_list,
        "Months that are or were closed, newest first.",
        scope=READ,
        filter=LedgerPeriodFilter,
        sort=LedgerPeriodSort,
    )
    exchange_rates: Connection[ExchangeRate] = listed(
        queries.rate_list,
        "Exchange rates, newest day first.",
        scope=READ,
        filter=ExchangeRateFilter,
        sort=ExchangeRateSort,
    )
    exchange_rate: ExchangeQuote | None = asked(
        _quote,
        [
            parameter("from_currency", _Currency, _REQUIRED),
            parameter("to_currency", _Currency, _REQUIRED),
            parameter("on", _On, _REQUIRED),
        ],
        "What a unit of a currency is worth in another on a day: by the newest rate up to it, "
        "given so or the other way round, or over the currency of the books. Null: not known.",
        scope=READ,
        weight=5,
    )
    books: Books | None = asked(
        _books, [], "How the books are kept. Null: nobody has said.", scope=READ
    )


@strawberry.type
class LedgerMutation:
    @mutation(chart.create_account, AccountPayload)
    def account_create(input: AccountCreateInput) -> chart.CreateAccount:
        """Add an account to the chart."""
        parent = input.parent_id
        return chart.CreateAccount(
            code=input.code,
            name=input.name,
            kind=input.kind,
            parent_id=given_id("acc", parent),
            currency=input.currency,
        )

    @mutation(chart.update_account, AccountPayload)
    def account_update(id: strawberry.ID, input: AccountUpdateInput) -> chart.UpdateAccount:
        """Change what an account is called, adds to, or takes."""
        parent = keep(input.parent_id, nullable=True)
        return chart.UpdateAccount(
            id=ids.parse("acc", id),
            code=keep(input.code),
            name=keep(input.name),
            parent_id=ids.parse("acc", parent) if isinstance(parent, str) else parent,
            currency=keep(input.currency, nullable=True),
        )

    @mutation(chart.assign_account_role, AccountPayload)
    def account_assign_role(
        id: strawberry.ID, input: AccountAssignRoleInput
    ) -> chart.AssignAccountRole:
        """Have the back office post to this account what it posted to another one."""
        return chart.AssignAccountRole(id=ids.parse("acc", id), role=input.role)

    @mutation(chart.archive_account, AccountPayload)
    def account_archive(id: strawberry.ID) -> chart.ArchiveAccount:
        """Take an account out of use, on which there is nothing."""
        return chart.ArchiveAccount(id=ids.parse("acc", id))

    @mutation(chart.restore_account, AccountPayload)
    def account_restore(id: strawberry.ID) -> chart.RestoreAccount:
        """Take an archived account into use again."""
        return chart.RestoreAccount(id=ids.parse("acc", id))

    @mutation(installing.install_chart, ChartPayload)
    def chart_install(input: ChartInstallInput) -> installing.InstallChart:
        """Install a chart of accounts: what is new is made, what is there is changed."""
        return installing.InstallChart(accounts=tuple(each.value() for each in input.accounts))

    @mutation(rates.set_books, BooksPayload)
    def books_set(input: BooksSetInput) -> rates.SetBooks:
        """Say in which currency the books are kept, before anything is counted in another."""
        return rates.SetBooks(base_currency=input.base_currency)

    @mutation(revaluing.revalue_balances, RevaluationPayload)
    def books_revalue(input: BooksRevalueInput) -> revaluing.RevalueBalances:
        """Count open foreign balances anew at the end of a month, and back on the next day."""
        return revaluing.RevalueBalances(day=input.day)

    @mutation(journal.post_journal_entry, JournalEntryPayload)
    def journal_entry_post(input: JournalEntryPostInput) -> journal.PostJournalEntry:
        """Post an entry by hand."""
        return journal.PostJournalEntry(
            booked_on=input.booked_on,
            description=input.description,
            lines=tuple(each.value() for each in input.lines),
        )

    @mutation(journal.reverse_journal_entry, JournalEntryPayload)
    def journal_entry_reverse(
        id: strawberry.ID, input: JournalEntryReverseInput
    ) -> journal.ReverseJournalEntry:
        """Take an entry back by another one: the only correction there is. Answers that one."""
        return journal.ReverseJournalEntry(
            entry_id=ids.parse("jen", id),
            booked_on=input.booked_on,
            description=input.description,
        )

    @mutation(closing.close_period, LedgerPeriodPayload)
    def period_close(input: PeriodCloseInput) -> closing.ClosePeriod:
        """Have a month that is over take no more entries."""
        return closing.ClosePeriod(day=input.day)

    @mutation(closing.reopen_period, LedgerPeriodPayload)
    def period_reopen(id: strawberry.ID) -> closing.ReopenPeriod:
        """Have a closed month take entries again."""
        return closing.ReopenPeriod(id=ids.parse("per", id))

    @mutation(closing.allow_period_exception, LedgerPeriodPayload)
    def period_allow_exception(
        id: strawberry.ID, input: PeriodAllowExceptionInput
    ) -> closing.AllowPeriodException:
        """Let some entries that people post into a closed month."""
        return closing.AllowPeriodException(
            id=ids.parse("per", id),
            reason=input.reason,
            expires_at=input.expires_at,
            entries_max=input.entries_max,
        )

    @mutation(rates.add_exchange_rates, ExchangeRatesPayload)
    def exchange_rates_add(input: ExchangeRatesAddInput) -> rates.AddExchangeRates:
        """Add what a source says of rates. What it has said before is known already."""
        return rates.AddExchangeRates(
            source=input.source, rates=tuple(each.value() for each in input.rates)
        )
