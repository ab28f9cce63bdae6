"""Journal entries: what happened to the books, told once and never changed.

An entry is made of postings, and a posting moves an amount from one account to another: it debits
one and credits the other, so that an entry cannot be out of balance in any currency. What people
know as the lines of an entry are the two sides of its postings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import AccountRole

SOURCE_LENGTH_MAX = 120
DESCRIPTION_LENGTH_MAX = 500
LINES_MAX = 500
# What the shop posts for one cause is cut into entries of at most so many.
POSTINGS_MAX = 2_000

# An account by what it is for, or by its id.
AccountRef = AccountRole | UUID


class EntrySortKey(Choice):
    """By what a list of journal entries is sorted."""

    BOOKED_ON = "booked_on", "The day that it counts for."
    CREATED_AT = "created_at", "When it was posted."


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """What a posting is about, for reports. None: not about one."""

    channel_id: UUID | None = None
    supplier_id: UUID | None = None
    product_id: UUID | None = None
    location_id: UUID | None = None


NO_DIMENSIONS = Dimensions()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingDraft:
    """`amount` goes to the account `debit`, and comes from the account `credit`.

    One below zero goes the other way round; one of zero is no posting.
    """

    debit: AccountRef
    credit: AccountRef
    amount: Money
    dimensions: Dimensions = NO_DIMENSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """What is to be posted.

    `source`: names what the entry is made for, once: `payment_transaction:0190…`. A second entry
    of the same source is not made. `subject`: the thing that people find behind it, as the prefix
    of its id and its UUID. `booked_on`: the day it counts for. `keeps_day`: it is booked on that
    day or not at all; else what falls into a closed month is booked on the first open day.
    `revalues`: it changes what foreign balances are worth in the currency of the books, so that
    accounts of one currency take it, too.
    """

    source: str
    booked_on: date
    description: str
    postings: Sequence[PostingDraft]
    subject: tuple[str, UUID] | None = None
    reverses_id: UUID | None = None
    keeps_day: bool = False
    revalues: bool = False


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """`period`: the first day of its month. `reverses_id`: the entry that it takes back.

    `exception_id`: what let it into a closed period.
    """

    id: UUID
    created_at: datetime
    booked_on: date
    period: date
    source: str
    description: str
    subject_prefix: str | None
    subject_id: UUID | None
    reverses_id: UUID | None
    exception_id: UUID | None
    actor_kind: str
    actor_id: UUID | None


@dataclass(frozen=True, slots=True)
class Posting:
    """`base_minor`: the amount in the currency of the books, by the rate `rate_id`.

    Both are None while no rate of that day is known. Without another currency the rate is None.
    """

    entry_id: UUID
    position: int
    debit_account_id: UUID
    credit_account_id: UUID
    currency: str
    amount_minor: int
    base_minor: int | None
    rate_id: UUID | None
    channel_id: UUID | None
    supplier_id: UUID | None
    product_id: UUID | None
    location_id: UUID | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class JournalEntryPosted(Event):
    """Somebody posted an entry by hand."""

    type: ClassVar[str] = "journal_entry.posted"
    subject: ClassVar[str] = "jen"
    summary: ClassVar[str] = "An entry of {booked_on} was posted: {what}."
    id: UUID
    version: int
    booked_on: date
    what: str


@dataclass(frozen=True, slots=True)
class JournalEntryReversed(Event):
    """Somebody took an entry back, by another one."""

    type: ClassVar[str] = "journal_entry.reversed"
    subject: ClassVar[str] = "jen"
    summary: ClassVar[str] = "The entry was taken back on {booked_on}."
    id: UUID
    version: int
    booked_on: date
    by_id: UUID
