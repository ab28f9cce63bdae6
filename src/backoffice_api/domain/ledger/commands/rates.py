"""The currency of the books, exchange rates, and what postings come to by them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Select, exists, or_, select, tuple_, update

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import columns_of, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.commands.sealing import add_to_balances
from backoffice_api.domain.ledger.model.entries import Posting
from backoffice_api.domain.ledger.model.periods import month_of
from backoffice_api.domain.ledger.model.rates import (
    RATE_SOURCE_LENGTH_MAX,
    RATES_MAX,
    Books,
    BooksWereSet,
    ExchangeRate,
    ExchangeRateAdded,
    RateDraft,
    RatesAdded,
    converted,
    decimal_of,
    pico_of,
)
from backoffice_api.domain.ledger.model.refusals import (
    BaseCurrencyFixed,
    RateExists,
    RateOfOneCurrency,
)
from backoffice_api.domain.ledger.model.sealing import BalanceKey, Sums
from backoffice_api.domain.ledger.queries.rates import newest
from backoffice_api.domain.ledger.tables import books, postings, rates, unsealed

RATE_JOB = "ledger.rate_postings"
RATED_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBooks(Command):
    """Say in which currency the books are kept."""

    scope = Scope.LEDGER_WRITE
    base_currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddExchangeRates(Command):
    """At most `RATES_MAX` of one source."""

    scope = Scope.LEDGER_WRITE
    source: str
    rates: tuple[RateDraft, ...]


@dataclass(frozen=True, slots=True)
class RatePostings(Command):
    """Run by the worker every few seconds."""

    scope = Scope.LEDGER_WRITE


def set_books(uow: UnitOfWork, command: SetBooks) -> UUID:
    """Say in which currency the books are kept. Id of the books.

    Raises:
        UnknownCurrency.
        BaseCurrencyFixed: something was counted in another currency already.
    """
    exponent(command.base_currency)
    before = queries.the_books(uow.db)
    after = Books(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        base_currency=command.base_currency,
    )
    if before is None:
        add(uow, books, [after], only=[1])
    elif before.base_currency == after.base_currency:
        return before.id
    else:
        counted = select(postings.c.entry_id).where(postings.c.base_minor.is_not(None)).limit(1)
        if uow.db.execute(counted).first():
            raise BaseCurrencyFixed(before.base_currency).at("base_currency")
        after = save(uow, books, before, after)
    event = BooksWereSet(after.id, after.version, after.base_currency)
    uow.emit(event, before=before, after=after)
    return after.id


def add_exchange_rates(uow: UnitOfWork, command: AddExchangeRates) -> RatesAdded:
    """Add what a source says of rates. One that it has said before is known already.

    Raises:
        TooMany, InvalidText, UnknownCurrency, RateOfOneCurrency, RateOutOfRange.
        RateExists: the source has said something else for that day, or says two things now.
    """
    drafts = _checked(uow, command)
    of = rates.c
    keys = tuple_(of.from_currency, of.to_currency, of.valid_on)
    statement = select_as(ExchangeRate, rates).where(
        of.source == command.source, keys.in_(list(drafts))
    )
    present = fetch(uow.db, ExchangeRate, statement) if drafts else []
    known = {_key(each): each for each in present}
    made = []
    for key, each in drafts.items():
        if key not in known:
            known[key] = each
            made.append(each)
    for position, draft in enumerate(command.rates):
        there = known[draft.from_currency, draft.to_currency, draft.valid_on]
        if there.rate_pico != pico_of(draft.rate):
            refusal = RateExists(str(draft.rate), str(there.rate))
            raise refusal.at("rates", position, "rate")
    add(uow, rates, made)
    for each in made:
        uow.emit(
            ExchangeRateAdded(
                each.id,
                1,
                each.valid_on,
                each.from_currency,
                each.to_currency,
                str(decimal_of(each.rate_pico)),
            )
        )
    return RatesAdded(
        tuple(
            known[each.from_currency, each.to_currency, each.valid_on].id for each in command.rates
        )
    )


def rate_postings(uow: UnitOfWork, command: RatePostings) -> int:
    """Count sealed postings in the currency of the books that are not yet. How many it was.

    By the newest rate of the day that is known, direct or turned round. Postings whose rate is
    not known wait. If there may be more, another job goes on.
    """
    base = queries.the_books(uow.db)
    if base is None:
        return 0
    found = uow.db.execute(_countable(base.base_currency)).all()
    used = queries.rates_by_ids(uow.db, {row.found_id for row in found if row.found_id is not None})
    values: list[dict[str, Any]] = []
    sums: dict[BalanceKey, Sums] = defaultdict(Sums)
    for row in found:
        each, minor = Posting(*row[:-2]), row.amount_minor
        if row.found_id is not None:
            minor = converted(minor, each.currency, used[row.found_id])
        values.append(
            {
                "entry_id": each.entry_id,
                "position": each.position,
                "base_minor": minor,
                "rate_id": row.found_id,
            }
        )
        month = month_of(row.booked_on)
        debited = sums[BalanceKey(each.debit_account_id, each.currency, month)]
        debited.base_debit_minor += minor
        credited = sums[BalanceKey(each.credit_account_id, each.currency, month)]
        credited.base_credit_minor += minor
    if values and _rate(uow.db, values) != len(values):
        raise RuntimeError("somebody else counted these postings")
    add_to_balances(uow, sums)
    if len(found) == RATED_MAX:
        uow.enqueue(Job(RATE_JOB))
    return len(found)


_rate = UpdateEach(
    lambda given: (
        update(postings)
        .where(
            postings.c.entry_id == given("entry_id"),
            postings.c.position == given("position"),
            postings.c.base_minor.is_(None),
        )
        .values(base_minor=given("base_minor"), rate_id=given("rate_id"))
    ),
    entry_id=Id(),
    position=Integer(),
    base_minor=BigInteger(),
    rate_id=Id(),
)


def _countable(base: str) -> Select[Any]:
    """Sealed postings without an amount in the currency of the books, and the rate of each."""
    of = postings.c
    rate_id = newest(of.currency, base, of.booked_on)
    waits = exists().where(unsealed.c.entry_id == of.entry_id)
    known = or_(
        of.currency == base,
        of.currency.in_(select(rates.c.from_currency).where(rates.c.to_currency == base)),
        of.currency.in_(select(rates.c.to_currency).where(rates.c.from_currency == base)),
    )
    return (
        select(*columns_of(Posting, postings), of.booked_on, rate_id.label("found_id"))
        .where(of.base_minor.is_(None), known, ~waits)
        .where(or_(of.currency == base, rate_id.is_not(None)))
        .order_by(of.currency, of.booked_on, of.entry_id)
        .limit(RATED_MAX)
        .with_for_update(of=postings)
    )


def _checked(
    uow: UnitOfWork, command: AddExchangeRates
) -> Mapping[tuple[str, str, date], ExchangeRate]:
    faults = Faults()
    check_text(command.source, faults, "source", maximum=RATE_SOURCE_LENGTH_MAX)
    check_size(command.rates, faults, "rates", maximum=RATES_MAX)
    faults.check()
    found: dict[tuple[str, str, date], ExchangeRate] = {}
    for position, each in enumerate(command.rates):
        try:
            exponent(each.from_currency)
            exponent(each.to_currency)
            rate_pico = pico_of(each.rate)
        except DomainError as fault:
            faults.add(fault.at("rates", position))
            continue
        if each.from_currency == each.to_currency:
            faults.add(RateOfOneCurrency().at("rates", position))
            continue
        rate = ExchangeRate(
            uow.new_id(),
            uow.now,
            each.valid_on,
            each.from_currency,
            each.to_currency,
            rate_pico,
            command.source,
        )
        found.setdefault(_key(rate), rate)
    faults.check()
    return found


def _key(rate: ExchangeRate) -> tuple[str, str, date]:
    return rate.from_currency, rate.to_currency, rate.valid_on
