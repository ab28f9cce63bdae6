"""Money: what is posted when customers pay, are paid back, or take their money back by the bank."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.bookkeeping.model.postings import (
    BILLED,
    LinePart,
    OrderBook,
    ShopPosting,
    moved,
    spread,
)
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.payments.model.credits import CreditEntry, CreditReason
from backoffice_api.domain.payments.model.payments import BY_HAND, PaymentMethod
from backoffice_api.domain.payments.model.refunds import RefundDestination, RefundReason

_DEPOSITS = AccountRole.CUSTOMER_DEPOSITS


def held_in(method: PaymentMethod, provider: str) -> AccountRole:
    """Where money lies that was paid by a method: with whom, as far as we know."""
    if method is PaymentMethod.STORE_CREDIT:
        return AccountRole.STORE_CREDIT
    if provider != BY_HAND:
        return AccountRole.PAYMENTS_IN_TRANSIT
    if method is PaymentMethod.CASH_ON_DELIVERY:
        return AccountRole.CASH
    return AccountRole.BANK


def captured(book: OrderBook, amount: Money, account: AccountRole) -> Iterator[ShopPosting]:
    """A customer pays: first what is owed, then ahead of what is to leave."""
    owed = min(max(book.owed, 0), amount.minor)
    of, money = book.of.dimensions, book.of.money
    yield from moved(account, AccountRole.RECEIVABLES, money(owed), of)
    yield from moved(account, _DEPOSITS, money(amount.minor - owed), of)


def taken_back(book: OrderBook, amount: Money, account: AccountRole) -> Iterator[ShopPosting]:
    """A customer had not paid after all: what was held ahead is not, then it is owed again."""
    held = min(max(book.held, 0), amount.minor)
    of, money = book.of.dimensions, book.of.money
    yield from moved(_DEPOSITS, account, money(held), of)
    yield from moved(AccountRole.RECEIVABLES, account, money(amount.minor - held), of)


@dataclass(frozen=True, slots=True)
class PaidBack:
    """A refund that was paid, and out of which account."""

    amount: Money
    reason: RefundReason
    account: AccountRole


def refund_account(
    method: PaymentMethod, provider: str, destination: RefundDestination
) -> AccountRole:
    """Where the money of a refund comes from."""
    if destination is RefundDestination.STORE_CREDIT:
        return AccountRole.STORE_CREDIT
    return held_in(method, provider)


def refunded(book: OrderBook, told: PaidBack) -> Iterator[ShopPosting]:
    """A customer is paid back: what was promised, what was paid ahead, else out of the earnings.

    - Goodwill is an expense, whole: the customer owes nothing again.
    - Damaged goods lessen the earnings as far as there are any, then what was paid ahead.
    - All else uses up what was promised for a return, then what was paid ahead, then lessens the
      earnings.
    """
    left = told.amount.minor
    money, weights = book.of.money, earned_by_lines(book)
    if told.reason is RefundReason.GOODWILL:
        yield from spread(
            AccountRole.GOODWILL, told.account, told.amount, LinePart.GOODWILL, book.of, weights
        )
        return
    steps: list[tuple[AccountRole, int]] = [
        (AccountRole.REFUNDS_DUE, book.due),
        (_DEPOSITS, book.held),
    ]
    if told.reason is RefundReason.DAMAGED:
        earned = sum(weights.values()) - book.balances[AccountRole.RETURNS]
        steps = [(AccountRole.RETURNS, earned), steps[1]]
    for account, most in steps:
        part = min(max(most, 0), left)
        left -= part
        if account is AccountRole.RETURNS:
            yield from _allowed(book, money(part), told.account)
        else:
            yield from moved(account, told.account, money(part), book.of.dimensions)
    yield from _allowed(book, money(left), told.account)


def charged_back(book: OrderBook, amount: Money, account: AccountRole) -> Iterator[ShopPosting]:
    """A bank took money back for good: an expense; what the order says is paid stays so."""
    yield from spread(
        AccountRole.CHARGEBACKS,
        account,
        amount,
        LinePart.CHARGEBACK,
        book.of,
        earned_by_lines(book),
    )


def credited(entry: CreditEntry) -> Iterator[ShopPosting]:
    """Credit that was given or taken without an order; the rest is told with its payment."""
    if entry.reason is CreditReason.ADJUSTED:
        yield from moved(AccountRole.GOODWILL, AccountRole.STORE_CREDIT, entry.delta)


def given(amount: Money) -> Iterator[ShopPosting]:
    """Credit that is given for a return without a payment that it could come out of."""
    yield from moved(AccountRole.GOODWILL, AccountRole.STORE_CREDIT, amount)


def earned_by_lines(book: OrderBook) -> dict[UUID, int]:
    """What each line has been billed for, by which what concerns the order is shared out."""
    return {line.id: sum(book.billed[line.id, part] for part in BILLED) for line in book.of.lines}


def _allowed(book: OrderBook, amount: Money, account: AccountRole) -> Iterator[ShopPosting]:
    yield from spread(
        AccountRole.RETURNS, account, amount, LinePart.ALLOWANCE, book.of, earned_by_lines(book)
    )
