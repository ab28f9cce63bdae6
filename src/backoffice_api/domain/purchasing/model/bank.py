"""Bank accounts of suppliers. Nobody changes one alone: one proposes, another one approves.

Source: invariant F8 of the design; the usual fraud is a letter with a new account.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.bank_accounts import check_bic, check_iban, masked
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.pix_keys import KEY_LENGTH_MAX, PIX, is_pix, pix_key
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import ActorKind

PAYMENT = {"personal": "payment"}
ACCOUNT_NUMBER_LENGTH_MAX = 40
ACCOUNTS_MAX = 20


class BankChangeKind(Choice):
    """What is to become of a bank account."""

    ADD = "add", "A new account is paid to."
    REPLACE = "replace", "Another account takes the place of one."
    REMOVE = "remove", "An account is not paid to any more."


class BankChangeStatus(Choice):
    """What became of a proposal."""

    PROPOSED = "proposed", "Waits for another person. Payments go where they went."
    APPROVED = "approved", "Another person agreed: payments go to the new account."
    REJECTED = "rejected", "Somebody refused it."


CHANGE_MACHINE = Machine(
    BankChangeStatus.PROPOSED,
    move("approve", {BankChangeStatus.PROPOSED}, BankChangeStatus.APPROVED),
    move("reject", {BankChangeStatus.PROPOSED}, BankChangeStatus.REJECTED),
)


class BankChangeSortKey(Choice):
    """By what a list of proposed changes of bank accounts is sorted."""

    CREATED_AT = "created_at", "When it was proposed."


@dataclass(frozen=True, slots=True)
class BankDetails:
    """Where money goes: an IBAN, or a number of another kind with the code of its bank.

    With `PIX` as the code the number is a PIX key.
    """

    holder: str = field(metadata=PAYMENT)
    iban: str | None = field(default=None, metadata=PAYMENT)
    bic: str | None = field(default=None, metadata=PAYMENT)
    account_number: str | None = field(default=None, metadata=PAYMENT)
    bank_code: str | None = field(default=None, metadata=PAYMENT)


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account that a supplier is paid to. `change_id`: the approved change that made it so."""

    id: UUID
    supplier_id: UUID
    change_id: UUID
    holder: str = field(metadata=PAYMENT)
    iban: str | None = field(metadata=PAYMENT)
    bic: str | None = field(metadata=PAYMENT)
    account_number: str | None = field(metadata=PAYMENT)
    bank_code: str | None = field(metadata=PAYMENT)

    @property
    def masked_number(self) -> str:
        return masked(self.iban or self.account_number or "")


@dataclass(frozen=True, slots=True)
class BankChange:
    """A proposal. `account_id`: the account that it replaces or removes; None: it adds one."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    supplier_id: UUID
    kind: BankChangeKind
    account_id: UUID | None
    holder: str | None = field(metadata=PAYMENT)
    iban: str | None = field(metadata=PAYMENT)
    bic: str | None = field(metadata=PAYMENT)
    account_number: str | None = field(metadata=PAYMENT)
    bank_code: str | None = field(metadata=PAYMENT)
    status: BankChangeStatus
    proposed_by_kind: ActorKind
    proposed_by_id: UUID | None
    decided_by_kind: ActorKind | None
    decided_by_id: UUID | None
    decided_at: datetime | None

    @property
    def masked_number(self) -> str | None:
        number = self.iban or self.account_number
        return masked(number) if number else None

    @property
    def actions(self) -> Sequence[Action]:
        return CHANGE_MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class BankChangeEvent(Event):
    """Something that happened to a proposed change of a bank account."""

    id: UUID
    version: int
    supplier_id: UUID
    kind: BankChangeKind


@dataclass(frozen=True, slots=True)
class BankChangeProposed(BankChangeEvent):
    type = "supplier_bank_change.proposed"
    subject = "sbc"
    summary = "A change of a supplier's bank account was proposed ({kind})."


@dataclass(frozen=True, slots=True)
class BankChangeApproved(BankChangeEvent):
    type = "supplier_bank_change.approved"
    subject = "sbc"
    summary = "A change of a supplier's bank account was approved ({kind})."


@dataclass(frozen=True, slots=True)
class BankChangeRejected(BankChangeEvent):
    type = "supplier_bank_change.rejected"
    subject = "sbc"
    summary = "A change of a supplier's bank account was rejected ({kind})."


@dataclass(eq=False)
class UnknownBankChange(Missing):
    """There is no proposed change with this id."""

    id: UUID
    message = "There is no such change."


@dataclass(eq=False)
class UnknownBankAccount(Missing):
    """The supplier has no such bank account now."""

    id: UUID
    message = "The supplier has no such bank account."


@dataclass(eq=False)
class BankDetailsMismatch(Invalid):
    """A change names what it takes: adding no account, replacing and removing one."""

    message = (
        "ADD takes details and no account, REPLACE takes both, REMOVE takes an account and no "
        "details."
    )


@dataclass(eq=False)
class AccountNumberNeeded(Invalid):
    """An account is named by its IBAN, or by its number and the code of its bank: one of both."""

    message = "Give either an IBAN, or an account number with the code of its bank."


@dataclass(eq=False)
class StaffNeeded(Refused):
    """Only a person who works here can approve this, not a program."""

    message = "This is approved by a person who is signed in, not by a token."


@dataclass(eq=False)
class TooManyBankAccounts(Refused):
    """The supplier has as many bank accounts as it can have."""

    maximum: int
    message = "A supplier has at most {maximum} bank accounts."


def check_details(details: BankDetails, faults: Faults) -> BankDetails:
    """The details in canonical form. What is wrong is noted."""
    here = "details"
    check_text(details.holder, faults, here, "holder")
    longest = KEY_LENGTH_MAX if is_pix(details.bank_code) else ACCOUNT_NUMBER_LENGTH_MAX
    check_text(details.account_number, faults, here, "account_number", maximum=longest)
    check_text(details.bank_code, faults, here, "bank_code", maximum=ACCOUNT_NUMBER_LENGTH_MAX)
    by_number = details.account_number is not None or details.bank_code is not None
    is_whole = details.account_number is not None and details.bank_code is not None
    if (details.iban is not None) == by_number or (by_number and not is_whole):
        faults.add(AccountNumberNeeded().at(here))
    iban, bic = details.iban, details.bic
    try:
        iban = check_iban(iban) if iban is not None else None
    except Invalid as fault:
        faults.add(fault.at(here, "iban"))
    try:
        bic = check_bic(bic) if bic is not None else None
    except Invalid as fault:
        faults.add(fault.at(here, "bic"))
    number, bank_code = details.account_number, details.bank_code
    try:
        if key := pix_key(bank_code, number):
            number, bank_code = key.key, PIX
    except Invalid as fault:
        faults.add(fault.at(here, "account_number"))
    return BankDetails(
        holder=details.holder, iban=iban, bic=bic, account_number=number, bank_code=bank_code
    )
