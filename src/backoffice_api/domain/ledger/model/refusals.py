"""Why something is not done with the books."""

from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.ledger.model.accounts import Account


@dataclass(eq=False)
class UnknownAccount(Missing):
    """There is no account with this id, code or role."""

    account: str
    message = "There is no account {account}."


@dataclass(eq=False)
class UnknownJournalEntry(Missing):
    """There is no journal entry with this id."""

    id: UUID
    message = "There is no such journal entry."


@dataclass(eq=False)
class UnknownPeriod(Missing):
    """There is no period with this id. Months that were never closed have none."""

    id: UUID
    message = "There is no such period."


@dataclass(eq=False)
class AccountIsArchived(Refused):
    """Nothing is posted to an archived account."""

    account: str
    message = "Account {account} is archived."


@dataclass(eq=False)
class AccountOfOtherCurrency(Refused):
    """The account takes amounts of one currency only, and this is another."""

    account: str
    currency: str
    message = "Account {account} takes {currency} only."


@dataclass(eq=False)
class SameAccountTwice(Refused):
    """A posting would take from an account what it gives to it."""

    account: str
    message = "Account {account} cannot be debited by what it is credited."


@dataclass(eq=False)
class AccountCodeTaken(Refused):
    """Another account has this code."""

    account: str
    message = "There is an account {account} already."


@dataclass(eq=False)
class AccountPlaysRole(Refused):
    """The back office posts to this account by itself: give the role to another one first."""

    role: str
    message = "The account plays the role {role}; give that to another account first."


@dataclass(eq=False)
class AccountHasBalance(Refused):
    """There is still something on the account, or below it."""

    balances: tuple[str, ...]
    message = "There is something on the account: {balances}."


@dataclass(eq=False)
class AccountHasParts(Refused):
    """Other accounts, which are in use, add to this one."""

    account: str
    message = "Account {account} adds to it."


@dataclass(eq=False)
class AccountHasPostings(Refused):
    """What has been posted to the account rules this out."""

    message = "The account has postings that this does not fit."


@dataclass(eq=False)
class RoleOfOtherKind(Refused):
    """A role is played by an account of its kind: what is owed cannot lie among the expenses."""

    role: str
    kind: str
    message = "The role {role} is for an account of the kind {kind}."


@dataclass(eq=False)
class RoleNeedsAnyCurrency(Refused):
    """The back office posts amounts of any currency to the account of a role."""

    role: str
    message = "The account of the role {role} has to take every currency."


@dataclass(eq=False)
class ParentDoesNotFit(Refused):
    """An account adds to one of its kind that does not, directly or not, add to itself."""

    account: str
    message = "It cannot add to account {account}: that is of another kind, or adds to itself."


@dataclass(eq=False)
class UnbalancedEntry(Invalid):
    """Debits and credits of an entry are the same in each currency. Here they are not."""

    sums: tuple[str, ...]
    message = "Debits and credits differ: {sums}."


@dataclass(eq=False)
class NothingToPost(Invalid):
    """An entry has at least one debit and one credit, of other accounts."""

    message = "There is nothing to post."


@dataclass(eq=False)
class NeitherDebitNorCredit(Invalid):
    """A line is either a debit or a credit, above zero."""

    message = "A line has either a debit or a credit, above zero."


@dataclass(eq=False)
class AlreadyReversed(Refused):
    """The entry was taken back before, which is done once."""

    by: str
    message = "The entry was taken back already, by {by}."


@dataclass(eq=False)
class ControlAccount(Refused):
    """The documents of another room prove the balance of this account: bills, orders, stock.

    A correction is made there, by a credit note, a refund or an adjustment, which posts it.
    """

    account: str
    role: str
    message = "Account {account} ({role}) is posted to by documents only: correct the document."

    @classmethod
    def of(cls, account: Account) -> Self:
        """The refusal to post to this control account."""
        return cls(account.code, account.role.name if account.role else "")


@dataclass(eq=False)
class EntryOfDocument(Refused):
    """The entry was posted by a document. Taken back by hand, the two would differ."""

    source: str
    message = "The entry was posted by {source}: take that back, and its entry follows."


@dataclass(eq=False)
class ReversalStays(Refused):
    """What takes an entry back is not taken back itself: post the entry anew."""

    message = "This entry takes another one back. Post that one anew instead."


@dataclass(eq=False)
class PeriodClosed(Refused):
    """The month is closed, and no exception lets the entry in."""

    period: date
    message = "The month of {period} is closed."


@dataclass(eq=False)
class PeriodNotOver(Refused):
    """A month is closed when it is over: what the shop does today has to be booked today."""

    period: date
    message = "The month of {period} is not over."


@dataclass(eq=False)
class ExceptionEndsTooSoon(Invalid):
    """An exception lasts until some time from now on."""

    message = "The exception would be over before it begins."


@dataclass(eq=False)
class BaseCurrencyFixed(Refused):
    """There are amounts in the present currency of the books, which are not counted anew."""

    base_currency: str
    message = "The books are kept in {base_currency}, and there is something in them."


@dataclass(eq=False)
class BooksNotSet(Refused):
    """Nobody has said in which currency the books are kept."""

    message = "The currency of the books is not set."


@dataclass(eq=False)
class RateExists(Refused):
    """The source has given another rate for this pair and day. Rates are not changed."""

    given: str
    present: str
    message = "This source gave {present} for that day, not {given}."


@dataclass(eq=False)
class RateOutOfRange(Invalid):
    """A rate is above zero, has at most 12 decimals and is not above nine million."""

    message = "A rate lies above 0 and not above 9,000,000, with at most 12 decimals."


@dataclass(eq=False)
class RateOfOneCurrency(Invalid):
    """A rate is between two currencies."""

    message = "A rate is between two currencies."


@dataclass(eq=False)
class RateMissing(Refused):
    """No rate of a currency is known for a day on which it is needed."""

    currency: str
    on: date
    message = "No rate of {currency} is known for {on}."


@dataclass(eq=False)
class PostingsWithoutRate(Refused):
    """Some postings are not counted in the currency of the books: rates are missing, or the job
    that counts them has not come to them."""

    count: int
    message = "{count} postings are not counted in the currency of the books yet."


@dataclass(eq=False)
class InvalidSpan(Invalid):
    """A report covers at least one day, and ends behind where it begins."""

    message = "The days end before they begin."
