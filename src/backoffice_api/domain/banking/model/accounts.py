"""Bank accounts of the shop."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.bank_accounts import check_bic, check_iban, masked
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.texts import check_text

PAYMENT = {"personal": "payment"}
NUMBER_LENGTH_MAX = 40
DIGITS_MIN = 4


class BankAccountSortKey(Choice):
    """By what a list of bank accounts is sorted."""

    NAME = "name", "Its name."
    CREATED_AT = "created_at", "When it was made."


@dataclass(frozen=True, slots=True)
class BankNumbers:
    """Where an account is: an IBAN, or a number with the code of its bank; or nowhere, as cash."""

    iban: str | None = field(default=None, metadata=PAYMENT)
    bic: str | None = field(default=None, metadata=PAYMENT)
    account_number: str | None = field(default=None, metadata=PAYMENT)
    branch: str | None = field(default=None, metadata=PAYMENT)
    bank_code: str | None = field(default=None, metadata=PAYMENT)


NO_NUMBERS = BankNumbers()


@dataclass(frozen=True, slots=True)
class BankAccount:
    """`opening_minor`: what was on it when `opened_on` began.

    `ledger_account_id`: where its money is in the books; None: where the role BANK is played.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    currency: str
    holder: str = field(metadata=PAYMENT)
    iban: str | None = field(metadata=PAYMENT)
    bic: str | None = field(metadata=PAYMENT)
    account_number: str | None = field(metadata=PAYMENT)
    branch: str | None = field(metadata=PAYMENT)
    bank_code: str | None = field(metadata=PAYMENT)
    ledger_account_id: UUID | None
    opening_minor: int
    opened_on: date
    is_archived: bool

    @property
    def opening(self) -> Money:
        return Money(self.opening_minor, self.currency)

    @property
    def masked_number(self) -> str | None:
        number = self.iban or self.account_number
        return masked(number) if number else None


@dataclass(eq=False)
class UnknownBankAccountOfShop(Missing):
    """The shop has no bank account with this id."""

    id: UUID
    message = "There is no such bank account."


@dataclass(eq=False)
class BankAccountNameTaken(Refused):
    """Another bank account has this name."""

    name: str
    message = "A bank account is named {name!r:.60} already."


@dataclass(eq=False)
class BankAccountIsArchived(Refused):
    """The account is archived: nothing is imported to it nor matched on it."""

    message = "The bank account is archived."


@dataclass(eq=False)
class BankAccountCurrencyFixed(Refused):
    """An account with lines keeps its currency and its opening balance's currency."""

    message = "The bank account has lines already: its currency stays."


@dataclass(eq=False)
class UnknownLedgerAccountOfBank(Missing):
    """There is no account of the ledger with this id, or it is archived."""

    id: UUID
    message = "There is no such account in the ledger."


def check_numbers(numbers: BankNumbers, faults: Faults) -> BankNumbers:
    """The numbers in canonical form. What is wrong is noted."""
    here = "numbers"
    for name in ("account_number", "branch", "bank_code"):
        check_text(getattr(numbers, name), faults, here, name, maximum=NUMBER_LENGTH_MAX)
    iban, bic = numbers.iban, numbers.bic
    try:
        iban = check_iban(iban) if iban is not None else None
    except Invalid as fault:
        faults.add(fault.at(here, "iban"))
    try:
        bic = check_bic(bic) if bic is not None else None
    except Invalid as fault:
        faults.add(fault.at(here, "bic"))
    return BankNumbers(iban, bic, numbers.account_number, numbers.branch, numbers.bank_code)


def is_named(account: BankAccount, number: str) -> bool:
    """Whether a file that calls an account `number` means this one.

    Files name accounts with or without bank, branch and check digits: so it is enough that the
    end of the one is the whole of the other, beginning zeros left out. An account without
    numbers is meant by any file.
    """
    own = [each for each in (account.iban, account.account_number) if each]
    if not own:
        return True
    return any(_same(_bare(each), part) for each in own for part in _parts(number))


def _parts(number: str) -> set[str]:
    """The whole of a number, and what stands behind its last stroke."""
    return {_bare(number), _bare(number.rpartition("/")[2]), _bare(number.partition("/")[2])} - {""}


def _same(own: str, given: str) -> bool:
    if own == given:
        return True
    shorter, longer = sorted((own.lstrip("0"), given.lstrip("0")), key=len)
    return len(shorter) >= DIGITS_MIN and longer.endswith(shorter)


def _bare(number: str) -> str:
    return re.sub("[^0-9A-Z]", "", number.upper())
