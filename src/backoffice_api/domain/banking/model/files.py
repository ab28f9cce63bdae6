"""Statements as they come out of files, whatever their format.

Amounts are in the smallest unit of the currency; money that comes in is above zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid

FILE_BYTES_MAX = 16_000_000
FILE_LINES_MAX = 100_000
TEXT_LENGTH_MAX = 1_000
PARTY_LENGTH_MAX = 250
REFERENCE_LENGTH_MAX = 140
DETAILS_MAX = 200


class StatementFormat(Choice):
    """What a file with statements is written in."""

    OFX = "ofx", "Open Financial Exchange, 1 (SGML) or 2 (XML)."
    CAMT = "camt", "ISO 20022: camt.053, camt.052 or camt.054, of any version."
    MT940 = "mt940", "SWIFT MT940 or MT942."
    CNAB240 = "cnab240", "FEBRABAN CNAB 240, statement for reconciliation (segment E)."
    CSV = "csv", "A table as text; its columns are told by a mapping."


@dataclass(frozen=True, slots=True)
class DetailDraft:
    """One payment of several that the bank booked as one line."""

    amount_minor: int | None
    text: str
    party_name: str | None = None
    party_account: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class LineDraft:
    """`reference`: what the payer or the shop gave it. `bank_reference`: what the bank calls it."""

    booked_on: date
    value_on: date | None
    amount_minor: int
    text: str
    party_name: str | None = None
    party_account: str | None = None
    reference: str | None = None
    bank_reference: str | None = None
    details: tuple[DetailDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementDraft:
    """One statement of one account.

    `account`: its number as the file has it, empty if it has none. `opening_minor`,
    `closing_minor`: None where the file does not tell. `is_mixed`: balances or lines are in
    another currency than the statement.
    """

    account: str
    currency: str
    reference: str
    opening_minor: int | None
    closing_minor: int | None
    starts_on: date | None
    ends_on: date | None
    lines: tuple[LineDraft, ...]
    is_mixed: bool = False

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def is_balanced(self) -> bool | None:
        """Whether opening balance and lines come to the closing one. None: one is not told."""
        if self.opening_minor is None or self.closing_minor is None:
            return None
        return self.opening_minor + self.total_minor == self.closing_minor


@dataclass(frozen=True, slots=True)
class CsvMapping:
    """Which column of a table is what: by title, or by number, counted from 1.

    `amount`, or else `debit` and `credit`, each without a sign. `mark`: a column that says
    whether an amount without a sign goes out, by one of `debit_marks`. `text`: columns that are
    joined. `date_format`: as DD/MM/YYYY. `is_negated`: money that comes in is below zero.
    `currency`: of all lines, where no column tells it. `delimiter` None: found out.
    """

    booked_on: str
    amount: str | None = None
    debit: str | None = None
    credit: str | None = None
    mark: str | None = None
    debit_marks: tuple[str, ...] = ("D",)
    value_on: str | None = None
    text: tuple[str, ...] = ()
    party_name: str | None = None
    party_account: str | None = None
    reference: str | None = None
    bank_reference: str | None = None
    balance: str | None = None
    account: str | None = None
    currency_column: str | None = None
    currency: str | None = None
    date_format: str = "YYYY-MM-DD"
    decimal_sign: str = "."
    delimiter: str | None = None
    skipped_lines: int = 0
    has_header: bool = True
    is_negated: bool = False


@dataclass(eq=False)
class UnreadableStatement(Invalid):
    """A file is no statement of its format, or is damaged. `line`: where; 0: as a whole."""

    format: StatementFormat
    line: int
    reason: str
    message = "This cannot be read as {format}: {reason} (line {line})"


@dataclass(eq=False)
class UnknownStatementFormat(Invalid):
    """Nothing in the file tells what it is written in."""

    message = "The format of the file cannot be told: name it."


@dataclass(eq=False)
class MappingNeeded(Invalid):
    """A table of text needs a mapping of its columns; other formats take none."""

    message = "CSV takes a mapping of its columns; other formats take none."


@dataclass(eq=False)
class StatementFileTooLarge(Invalid):
    """A file is larger, or has more lines, than can be taken at once."""

    bytes_max: int
    lines_max: int
    message = "A file has at most {bytes_max} bytes and {lines_max} lines, unpacked."


@dataclass(eq=False)
class NotBase64(Invalid):
    """The content of a file is not in base64, or is packed and damaged."""

    message = "The content of the file is given in base64; packed with gzip or not."


@dataclass(frozen=True, slots=True)
class CollectionDraft:
    """A slip (boleto) in a return file of collections: what became of it. Amounts in BRL.

    `occurrence`: the bank's code, 06 and 17: paid.
    """

    occurrence: str
    our_number: str
    document: str
    nominal_minor: int
    paid_minor: int
    fee_minor: int
    occurred_on: date | None
    credited_on: date | None


Drafts = Sequence[StatementDraft]
