"""What is exchanged with a bank about payments, whatever the form of the file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.payables.model.pix_codes import PixCode

PAYMENT = {"personal": "payment"}
FILE_BYTES_MAX = 5_000_000
# As long as the shortest of the formats takes them (CNAB 240).
REFERENCE_LENGTH_MAX = 20
# `341-1234`, `341/1234-5`: the bank, its branch, and the check digit of the branch.
_BRANCH = re.compile(r"([0-9]{3})[-/ ]([0-9]{1,5})(?:-([0-9A-Za-z]))?")
_ACCOUNT = re.compile(r"([0-9]{1,12})-([0-9A-Za-z])")


class FileFormat(Choice):
    """The form of a file of payments."""

    PAIN_001_03 = "pain_001_03", "SEPA credit transfer, ISO 20022 pain.001.001.03."
    PAIN_001_09 = "pain_001_09", "SEPA credit transfer, ISO 20022 pain.001.001.09."
    CNAB_240 = "cnab_240", "FEBRABAN CNAB 240: payments to suppliers, version 10."


class Verdict(Choice):
    """What a bank says of a payment that it was ordered to make."""

    ACCEPTED = "accepted", "It will be made: the bank has taken it up."
    SETTLED = "settled", "It was made: the money has left the account."
    REJECTED = "rejected", "It will not be made."


@dataclass(frozen=True, slots=True)
class BrazilianAccount:
    """An account as Brazilian banks name it, in parts. Check digits may be empty."""

    bank: str
    branch: str
    branch_digit: str
    account: str
    account_digit: str


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose account is debited. `agreement`: the number of the contract with the bank (CNAB)."""

    holder: str = field(metadata=PAYMENT)
    iban: str | None = field(default=None, metadata=PAYMENT)
    bic: str | None = field(default=None, metadata=PAYMENT)
    account_number: str | None = field(default=None, metadata=PAYMENT)
    bank_code: str | None = field(default=None, metadata=PAYMENT)
    tax_id: str | None = field(default=None, metadata=PAYMENT)
    agreement: str | None = None


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid, and where."""

    holder: str = field(metadata=PAYMENT)
    iban: str | None = field(default=None, metadata=PAYMENT)
    bic: str | None = field(default=None, metadata=PAYMENT)
    account_number: str | None = field(default=None, metadata=PAYMENT)
    bank_code: str | None = field(default=None, metadata=PAYMENT)
    tax_id: str | None = field(default=None, metadata=PAYMENT)


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """One payment. `reference`: our name of it, once for ever; the bank answers with it.

    `pix_code`: the QR code that it is paid by.
    """

    reference: str
    amount: Money
    payee: Payee
    remittance: str
    pix_code: PixCode | None = None


@dataclass(frozen=True, slots=True)
class PaymentFileContent:
    """What a file says. The same content comes to the same bytes, whenever it is written.

    `number`: our name of the file, once for ever; `serial` is the number behind it.
    """

    format: FileFormat
    number: str
    serial: int
    made_at: datetime
    pay_on: date
    payer: Payer
    orders: Sequence[PaymentOrder]


@dataclass(frozen=True, slots=True)
class ReturnedPayment:
    """What a bank says of one payment. `code`: in its own words; `says`: what that means.

    `amount_minor`: how much it says to have paid. None: it does not say.
    """

    reference: str
    verdict: Verdict
    code: str
    says: str
    booked_on: date | None = None
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class BankReturn:
    """What a bank answers to a file. `number`: our name of that file; None: it names none.

    `rest`: what holds for the payments of the file that it does not name. None: nothing is said.
    """

    number: str | None
    payments: Sequence[ReturnedPayment]
    rest: ReturnedPayment | None = None


@dataclass(eq=False)
class UnreadablePaymentFile(Invalid):
    """A file of a bank is not what it should be. `line`: counted from 1; 0: the file as a whole."""

    line: int
    field: str
    why: str
    message = "Line {line}, {field}: {why}."


def brazilian_account(bank_code: str | None, number: str | None) -> BrazilianAccount | None:
    """The parts of an account, from a code as `341-1234` and a number as `56789-0`.

    None: they do not say where the money is to go.
    """
    branch = _BRANCH.fullmatch((bank_code or "").strip())
    account = _ACCOUNT.fullmatch((number or "").strip())
    if branch is None or account is None:
        return None
    return BrazilianAccount(
        bank=branch[1],
        branch=branch[2].zfill(5),
        branch_digit=(branch[3] or "").upper(),
        account=account[1].zfill(12),
        account_digit=account[2].upper(),
    )
