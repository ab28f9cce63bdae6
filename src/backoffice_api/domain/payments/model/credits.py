"""Store credit: what the shop owes a customer, one account for each currency."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import Money

ENTRIES_SHOWN_MAX = 100
NOTE_LENGTH_MAX = 1_000


class CreditReason(Choice):
    """Why credit grew or fell."""

    ADJUSTED = "adjusted", "Somebody gave or took it."
    REFUNDED = "refunded", "Money for an order was paid back as credit."
    SPENT = "spent", "An order was paid with it."
    MERGED = "merged", "It went over with a duplicate of the customer, or went back."


class StoreCreditSortKey(Choice):
    """By what a list of credit accounts is sorted."""

    CREATED_AT = "created_at", "When the first credit was given."
    UPDATED_AT = "updated_at", "When the credit last changed."
    BALANCE = "balance", "How much it is, whatever the currency."


class CreditEntrySortKey(Choice):
    """By what a list of entries is sorted."""

    CREATED_AT = "created_at", "When the credit changed."


@dataclass(frozen=True, slots=True)
class StoreCredit:
    """The credit of one customer in one currency; never below zero."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    customer_id: UUID
    currency: str
    balance_minor: int

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """One change of a credit, kept for ever. `balance_minor`: what it was afterwards."""

    id: UUID
    created_at: datetime
    account_id: UUID
    reason: CreditReason
    currency: str
    delta_minor: int
    balance_minor: int
    payment_id: UUID | None
    refund_id: UUID | None
    note: str

    @property
    def delta(self) -> Money:
        return Money(self.delta_minor, self.currency)

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)


@dataclass(eq=False)
class UnknownStoreCredit(Missing):
    """There is no credit account with this id."""

    id: UUID
    message = "There is no such credit account."


@dataclass(eq=False)
class InsufficientStoreCredit(Refused):
    """The customer has less credit than is to be taken."""

    available: Money
    message = "The credit is {available}."


@dataclass(eq=False)
class NothingToAdjust(Invalid):
    """A change of credit by nothing is none."""

    message = "The change must not be zero."
