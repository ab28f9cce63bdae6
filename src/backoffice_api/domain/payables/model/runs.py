"""Payment runs: many bills paid by one file, which is given to the bank once.

draft > approved > exported > settled
                            > partially rejected
draft, approved > cancelled
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.bank_accounts import masked
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import COST
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.payables.model.payment_files import (
    PAYMENT,
    FileFormat,
    Payee,
    Payer,
)

# A run fits into one file, and its postings into one entry.
LINES_MAX = 500
# What the bank is noted to say where a statement alone shows that it has paid.
BY_STATEMENT = "statement"
NUMBER_PREFIX = "RUN-"
NUMBER_DIGITS = 6
NUMBER_LENGTH_MAX = 40
AGREEMENT_LENGTH_MAX = 20
SAID_LENGTH_MAX = 250
REMITTANCE_LENGTH_MAX = 140


class RunMethod(Choice):
    """How the bank is told to pay."""

    SEPA = "sepa", "A file of SEPA credit transfers (pain.001), in euros."
    CNAB = "cnab", "A file of CNAB 240, in reais."
    MANUAL = "manual", "By hand: the run is a list of what to pay."


class RunStatus(Choice):
    """How far a payment run is."""

    DRAFT = "draft", "Proposed: another person has to approve it."
    APPROVED = "approved", "To be given to the bank."
    EXPORTED = "exported", "Given to the bank: the money is under way."
    SETTLED = "settled", "All of it was paid."
    PARTIALLY_REJECTED = "partially_rejected", "The bank refused some of it, or all."
    CANCELLED = "cancelled", "Called off before it was given to the bank."


_R = RunStatus
# Given to the bank.
SENT = frozenset({_R.EXPORTED, _R.SETTLED, _R.PARTIALLY_REJECTED})

MACHINE = Machine(
    _R.DRAFT,
    move("approve", {_R.DRAFT}, _R.APPROVED),
    move("export", {_R.APPROVED}, _R.EXPORTED),
    move("record", {_R.EXPORTED, _R.PARTIALLY_REJECTED}),
    move("settle", {_R.EXPORTED}, _R.SETTLED),
    move("reject", {_R.EXPORTED, _R.PARTIALLY_REJECTED}, _R.PARTIALLY_REJECTED),
    move("reopen", {_R.EXPORTED, _R.SETTLED, _R.PARTIALLY_REJECTED}),
    move("cancel", {_R.DRAFT, _R.APPROVED}, _R.CANCELLED),
)
# Moves that follow from what the bank says of the lines.
_DERIVED = frozenset({"settle", "reject", "reopen"})


class RunLineStatus(Choice):
    """What became of a payment of a run."""

    PROPOSED = "proposed", "Part of a run that was not given to the bank yet."
    UNDER_WAY = "under_way", "Given to the bank."
    SETTLED = "settled", "Paid."
    REJECTED = "rejected", "Refused by the bank: the bill is open again."
    CANCELLED = "cancelled", "The run was called off."


# A bill is in one of these at most.
LIVE = (RunLineStatus.PROPOSED, RunLineStatus.UNDER_WAY)


class RunSortKey(Choice):
    """By what a list of payment runs is sorted."""

    CREATED_AT = "created_at", "When it was made."
    PAY_ON = "pay_on", "The day on which the bank is to pay."
    TOTAL = "total", "What it comes to, whatever the currency."


class RunLineSortKey(Choice):
    """By what the payments of a run are sorted."""

    POSITION = "position", "Their place in the run."


class PayerAccountSortKey(Choice):
    """By what a list of accounts to pay from is sorted."""

    NAME = "name", "The name."


@dataclass(frozen=True, slots=True)
class PayerAccount:
    """An account of the shop that runs pay from, with what its bank wants in files.

    `agreement`: the number of the contract with the bank, for CNAB. `bank_account_id`: the same
    account among those whose statements are read. `sepa_format`: the version its bank takes.
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
    bank_code: str | None = field(metadata=PAYMENT)
    tax_id: str | None = field(metadata=PAYMENT)
    agreement: str | None
    sepa_format: FileFormat
    bank_account_id: UUID | None
    is_archived: bool

    @property
    def masked_number(self) -> str | None:
        number = self.iban or self.account_number
        return masked(number) if number else None

    @property
    def payer(self) -> Payer:
        return Payer(
            holder=self.holder,
            iban=self.iban,
            bic=self.bic,
            account_number=self.account_number,
            bank_code=self.bank_code,
            tax_id=self.tax_id,
            agreement=self.agreement,
        )


@dataclass(frozen=True, slots=True)
class PaymentRun:
    """`pay_on`: when the bank is to pay. `due_until`: what was due by then was proposed.

    `total_minor` is what leaves the account; `discount_minor` what is saved by paying early.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: str
    serial: int
    status: RunStatus
    method: RunMethod
    format: FileFormat | None
    payer_account_id: UUID
    currency: str
    pay_on: date
    due_until: date
    lines_count: int
    total_minor: int = field(metadata=COST)
    discount_minor: int = field(metadata=COST)
    settled_minor: int = field(metadata=COST)
    rejected_minor: int = field(metadata=COST)
    created_by_kind: str
    created_by_id: UUID | None
    approved_by_kind: str | None
    approved_by_id: UUID | None
    approved_at: datetime | None
    exported_by_kind: str | None
    exported_by_id: UUID | None
    exported_at: datetime | None
    cancelled_at: datetime | None

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def discount(self) -> Money:
        return Money(self.discount_minor, self.currency)

    @property
    def settled(self) -> Money:
        return Money(self.settled_minor, self.currency)

    @property
    def rejected(self) -> Money:
        return Money(self.rejected_minor, self.currency)

    @property
    def under_way(self) -> Money:
        """Given to the bank, which has not said yet what became of it."""
        minor = self.total_minor - self.settled_minor - self.rejected_minor
        return Money(minor if self.status in SENT else 0, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name not in _DERIVED]


@dataclass(frozen=True, slots=True)
class PaymentRunLine:
    """One payment. `reference`: our name of it in the file, once for ever.

    The account is that which was approved when the run was; None: there is none, or not yet.
    `said_code`, `said`: what the bank says of it. `paid_on`: when it was paid. `attempt`: how often
    it is taken to be under way, counted from 1.
    """

    id: UUID
    run_id: UUID
    position: int
    reference: str
    status: RunLineStatus
    bill_id: UUID
    supplier_id: UUID
    due_on: date
    currency: str
    amount_minor: int = field(metadata=COST)
    discount_minor: int = field(metadata=COST)
    remittance: str
    account_id: UUID | None
    holder: str = field(metadata=PAYMENT)
    iban: str | None = field(metadata=PAYMENT)
    bic: str | None = field(metadata=PAYMENT)
    account_number: str | None = field(metadata=PAYMENT)
    bank_code: str | None = field(metadata=PAYMENT)
    tax_id: str | None = field(metadata=PAYMENT)
    said_code: str | None
    said: str | None
    paid_on: date | None
    ended_at: datetime | None
    attempt: int = 1

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def discount(self) -> Money:
        return Money(self.discount_minor, self.currency)

    @property
    def promised_minor(self) -> int:
        """What of the bill it settles: the payment, and what is taken off for paying early."""
        return self.amount_minor + self.discount_minor

    @property
    def masked_number(self) -> str | None:
        number = self.iban or self.account_number
        return masked(number) if number else None

    @property
    def payee(self) -> Payee:
        return Payee(
            holder=self.holder,
            iban=self.iban,
            bic=self.bic,
            account_number=self.account_number,
            bank_code=self.bank_code,
            tax_id=self.tax_id,
        )


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """The file that a run is exported as. There is one at most, and it never changes."""

    run_id: UUID
    number: str
    format: FileFormat
    name: str
    made_at: datetime
    size_bytes: int
    sha256: str
    content: bytes


def status_by_lines(present: RunStatus, lines: Sequence[PaymentRunLine]) -> RunStatus:
    """Where a run that was given to the bank stands, by what the bank said of its lines."""
    if present not in SENT:
        return present
    statuses = {each.status for each in lines}
    if RunLineStatus.REJECTED in statuses:
        return RunStatus.PARTIALLY_REJECTED
    return RunStatus.SETTLED if statuses == {RunLineStatus.SETTLED} else RunStatus.EXPORTED


def file_name(run: PaymentRun) -> str:
    """What the file of a run is called."""
    is_cnab = run.format is FileFormat.CNAB_240
    return f"{run.number}.{'rem' if is_cnab else 'xml'}"
