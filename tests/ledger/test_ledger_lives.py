"""Whatever is done with the books, in whatever order, and whoever dies over it: they stay right."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.ledger.checks import CHECKS
from backoffice_api.domain.ledger.commands.closing import (
    AllowPeriodException,
    ClosePeriod,
    ReopenPeriod,
    allow_period_exception,
    close_period,
    reopen_period,
)
from backoffice_api.domain.ledger.commands.journal import (
    PostJournalEntry,
    ReverseJournalEntry,
    post_journal_entry,
    reverse_journal_entry,
)
from backoffice_api.domain.ledger.commands.rates import (
    AddExchangeRates,
    RatePostings,
    SetBooks,
    add_exchange_rates,
    rate_postings,
    set_books,
)
from backoffice_api.domain.ledger.commands.revaluing import RevalueBalances, revalue_balances
from backoffice_api.domain.ledger.commands.sealing import SealEntries, seal_entries
from backoffice_api.domain.ledger.model.lines import EntryLine
from backoffice_api.domain.ledger.model.rates import RateDraft
from backoffice_api.domain.ledger.model.reports import Span
from backoffice_api.domain.ledger.queries.reports import trial_balance
from backoffice_api.domain.ledger.tables import accounts, entries, periods
from tests.execute.steps import dump
from tests.killing import killed_at_each_step
from tests.ledger.office import post_as_shop, sale
from tests.soundness import broken
from tests.world import NOW, World

JANUARY = date(2025, 1, 1)
EVER = Span(date(2024, 1, 1), date(2026, 1, 1))


class Bookkeeper:
    """Does one thing after the other, at hours that pass; what is refused leaves no trace."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.count = 0
        self.now = NOW
        world.run(set_books, SetBooks(base_currency="EUR"))
        self.shop(0)
        with world.database.reading.connect() as db:
            self.accounts = db.execute(select(accounts.c.id)).scalars().all()

    def do(self, deed: str, day: int) -> None:
        self.count += 1
        self.now += timedelta(minutes=1)
        with suppress(DomainError):
            getattr(self, deed)(day)

    def run(self, handler: Callable[..., Any], command: Any) -> Any:
        return self.world.run(handler, command, now=self.now)

    def shop(self, day: int) -> None:
        currency = ("EUR", "USD", "JPY")[day % 3]
        on = JANUARY + timedelta(days=day)
        draft = sale(self.count, 1_000 + self.count, currency, on)
        post_as_shop(self.world.database, draft, now=self.now)

    def person(self, day: int) -> None:
        amount = Money(700 + self.count, ("USD", "EUR")[day % 2])
        lines = (
            EntryLine(account_id=self.accounts[0], debit=amount),
            EntryLine(account_id=self.accounts[1], credit=amount),
        )
        on = JANUARY + timedelta(days=day)
        self.run(post_journal_entry, PostJournalEntry(booked_on=on, description="x", lines=lines))

    def reverse(self, day: int) -> None:
        with self.world.database.reading.connect() as db:
            ids = db.execute(select(entries.c.id).order_by(entries.c.id)).scalars().all()
        on = JANUARY + timedelta(days=day)
        command = ReverseJournalEntry(entry_id=ids[day % len(ids)], booked_on=on)
        self.run(reverse_journal_entry, command)

    def close(self, day: int) -> None:
        self.run(close_period, ClosePeriod(day=JANUARY + timedelta(days=day)))

    def reopen(self, day: int) -> None:
        self.run(reopen_period, ReopenPeriod(id=self._period()))

    def allow(self, day: int) -> None:
        until = self.now + timedelta(minutes=day)
        command = AllowPeriodException(
            id=self._period(), reason="audit", expires_at=until, entries_max=2
        )
        self.run(allow_period_exception, command)

    def rate(self, day: int) -> None:
        draft = RateDraft(
            valid_on=JANUARY + timedelta(days=day % 40),
            from_currency=("USD", "EUR")[day % 2],
            to_currency=("EUR", "JPY")[day % 2],
            rate=Decimal(1 + day) / 8,
        )
        self.run(add_exchange_rates, AddExchangeRates(source="x", rates=(draft,)))

    def count_base(self, day: int) -> None:
        self.world.run(rate_postings, RatePostings(), caller=THE_SYSTEM, now=self.now)

    def revalue(self, day: int) -> None:
        self.run(revalue_balances, RevalueBalances(day=JANUARY + timedelta(days=day)))

    def seal(self, day: int) -> None:
        self.world.run(seal_entries, SealEntries(), caller=THE_SYSTEM, now=self.now)

    def _period(self) -> Any:
        with self.world.database.reading.connect() as db:
            found = db.execute(select(periods.c.id).order_by(periods.c.id)).scalars().first()
        return found or self.accounts[0]


DEEDS = (
    *("shop", "shop", "shop", "person", "person", "reverse", "close", "reopen", "allow"),
    *("rate", "count_base", "revalue", "seal", "seal"),
)


class TestBooks:
    def test_stay_right_whatever_is_done(self, world: World) -> None:
        keeper = Bookkeeper(world)

        @given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 59)), max_size=10))
        @settings(max_examples=12)
        def live(deeds: list[tuple[str, int]]) -> None:
            for deed, day in deeds:
                keeper.do(deed, day)
            assert wrong(world.database) == []
            for in_base in (False, True):
                report = world.read(partial(trial_balance, span=EVER, in_base=in_base))
                assert all(each.debit == each.credit for each in report.totals)
                nets = [each.closing for each in report.rows]
                for currency in {each.currency for each in nets}:
                    assert sum(net.minor for net in nets if net.currency == currency) == 0

        live()

    def test_survive_a_death_at_each_step_of_a_seal(
        self, database_url: str, opens: Callable[..., Database]
    ) -> None:
        database = opens(database_url)
        post_as_shop(database, *(sale(number) for number in range(3)))
        before = stored(database)

        deaths = killed_at_each_step(seal_once, database_url, every=3)
        left = [stored(database) for _step in deaths]

        after = stored(database)
        undone = left.count(before)
        assert left == [before] * undone + [after] * (len(left) - undone)
        assert 2 <= undone <= len(left)
        assert seal_once(database_url) == 0


def wrong(database: Database) -> list[str]:
    return broken(database, CHECKS)


def stored(database: Database) -> Any:
    assert wrong(database) == []
    kept = dump(database)
    database.dispose()  # so that the next to open it has to recover what the dead have left
    return kept


def seal_once(url: str) -> int:
    """What the worker does every few seconds, in a process of its own."""
    database = open_database(url)
    world = World(database, None)  # type: ignore[arg-type]
    moment = datetime(2025, 3, 2, tzinfo=UTC)
    sealed: int = world.run(seal_entries, SealEntries(), caller=THE_SYSTEM, now=moment).value
    database.dispose()
    return sealed
