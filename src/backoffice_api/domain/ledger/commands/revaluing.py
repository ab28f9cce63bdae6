"""Open foreign balances are counted anew at the end of a month, and back on the next day.

What is owed and had in foreign money is worth something else when its rate changes. At the end of
a month the difference goes to EXCHANGE_DIFFERENCES, with what is left of what was settled at
another rate. On the first of the next month that is taken back, to be counted anew at its end.
Goods and deposits are no money to come, and keep their rate (IAS 21, paragraph 23).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.commands.journal import take_back
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.accounts import Account, AccountKind, AccountRole
from backoffice_api.domain.ledger.model.entries import EntryDraft, PostingDraft
from backoffice_api.domain.ledger.model.periods import month_of, next_month
from backoffice_api.domain.ledger.model.rates import (
    BooksRevalued,
    ExchangeRate,
    Revalued,
    converted,
)
from backoffice_api.domain.ledger.model.refusals import (
    BooksNotSet,
    PeriodNotOver,
    PostingsWithoutRate,
    RateMissing,
)
from backoffice_api.domain.ledger.model.reports import Span
from backoffice_api.domain.ledger.queries.rates import between
from backoffice_api.domain.ledger.queries.reports import unrated_before
from backoffice_api.domain.ledger.queries.standing import sums

_KEPT = frozenset(
    {AccountRole.INVENTORY, AccountRole.INVENTORY_IN_TRANSIT, AccountRole.CUSTOMER_DEPOSITS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevalueBalances(Command):
    """`day`: any of the month at whose end is counted."""

    scope = Scope.LEDGER_WRITE
    day: date


def revalue_balances(uow: UnitOfWork, command: RevalueBalances) -> Revalued:
    """Count open foreign balances anew, once per month; asked again, it answers the same.

    Raises:
        BooksNotSet: nobody has said in which currency the books are kept.
        PeriodNotOver: the month goes on.
        PostingsWithoutRate: there are some up to the end of the month.
        RateMissing: there is a balance in a currency without a rate.
        PeriodClosed: the month is closed, and nothing lets the entry in.
    """
    books = queries.the_books(uow.db)
    if books is None:
        raise BooksNotSet
    month = month_of(command.day)
    behind = next_month(month)
    if uow.now.date() < behind:
        raise PeriodNotOver(month).at("day")
    if waiting := unrated_before(uow.db, behind):
        raise PostingsWithoutRate(waiting)
    last = behind - timedelta(days=1)
    lines = _differences(uow, books.base_currency, last)
    source = f"revaluation:{month.isoformat()}"
    made = post(
        uow,
        EntryDraft(
            source=source,
            booked_on=last,
            description=f"Foreign balances counted anew on {last.isoformat()}",
            postings=lines,
            keeps_day=True,
            revalues=True,
        ),
    )
    uow.emit(BooksRevalued(books.id, books.version, last))
    if not made:
        return Revalued(())
    description = f"Taken back: foreign balances counted anew on {last.isoformat()}"
    take_back(uow, [source], booked_on=behind, description=description)
    reversal = queries.entries_by_reversed(uow.db, made)[made[0]]
    return Revalued((made[0], reversal.id))


def _differences(uow: UnitOfWork, base: str, last: date) -> Sequence[PostingDraft]:
    """A posting per account whose foreign balances are worth something else on the day."""
    found = [
        each
        for each in sums(uow.db, Span(date.min, last + timedelta(days=1)))
        if each.currency != base
    ]
    known = queries.accounts_by_ids(uow.db, {each.account_id for each in found})
    open_ones = [each for each in found if _is_counted(known[each.account_id])]
    used = _rates(
        uow, base, {each.currency for each in open_ones if each.debit != each.credit}, last
    )
    lines = []
    for each in open_ones:
        # Nothing is left of what was settled, but what its rates made of it in between.
        worth, open_minor = 0, each.debit - each.credit
        if open_minor:
            worth = converted(open_minor, each.currency, used[each.currency])
        difference = worth - (each.base_debit - each.base_credit)
        lines.append(
            PostingDraft(
                debit=each.account_id,
                credit=AccountRole.EXCHANGE_DIFFERENCES,
                amount=Money(difference, base),
            )
        )
    return lines


def _is_counted(account: Account) -> bool:
    is_money = account.kind in (AccountKind.ASSET, AccountKind.LIABILITY)
    return is_money and account.role not in _KEPT


def _rates(
    uow: UnitOfWork, base: str, currencies: set[str], on: date
) -> Mapping[str, ExchangeRate]:
    found = {}
    for currency in sorted(currencies):
        rate = between(uow.db, currency, base, on)
        if rate is None:
            raise RateMissing(currency, on)
        found[currency] = rate
    return found
