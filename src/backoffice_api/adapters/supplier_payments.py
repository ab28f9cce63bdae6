"""Reads what an organisation paid to its suppliers, as public bodies publish it: CSV, or gzipped.

In the United Kingdom public bodies publish their payments above 500 pounds every quarter (Local
Government Transparency Code 2015), each file by another hand. So columns are told by an alias map,
whatever their order, their spelling and their case. One row is one line that was paid:

- the number of the transaction, with the number of its line behind it;
- the day on which it was paid, day first as the British write it, or as ISO 8601 has it;
- the amount in pounds; below zero: the supplier gave it back;
- the supplier's number, empty where nobody is named, and its name, empty where it is withheld.

A file without a needed column, or in whose column of days most values are no days (as a
spreadsheet leaves the times of day when it is told to), is refused whole: what is left of it could
only be guessed.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from backoffice_api.adapters.csv_file import CsvFile, CsvRow
from backoffice_api.domain.integrations.model import RowAction, RowFault, Severity
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.payables.model.history import (
    NUMBER_MAX,
    SUPPLIER_KEY_MAX,
    RecordedPayment,
)

SYSTEM = "supplier-payments"
CURRENCY = "GBP"
ROWS_MAX = 200_000

# What the words of headers mean; compared in lower case, signs left away.
ALIASES: Mapping[str, str] = {
    "trans no": "number",
    "transaction no": "number",
    "transaction number": "number",
    "paid date": "paid_on",
    "payment date": "paid_on",
    "amount": "amount",
    "supplier id": "supplier_key",
    "supplier name": "supplier_name",
    "expenditure category": "category",
    "expenditure catergory": "category",
    "expenditure unit": "category",
    "expenditure code": "code",
    "organisational unit": "unit",
    "organisatonal unit": "unit",
    "service area": "unit",
    "body name": "body",
    "organisation": "body",
    "client": "body",
    "type": "type",
    "type of expenditure": "type",
    "capital or revenue": "type",
    "caporrev": "type",
}
NEEDED = ("number", "paid_on", "amount", "supplier_key", "supplier_name")

_WORD = re.compile(r"[a-z]+")
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\udc80-\udcff]")
_YEAR_MIN, _YEAR_MAX = 1970, 2099


class FaultCode(Choice):
    """What can be wrong with a file or a row of it."""

    MALFORMED_CSV = "MALFORMED_CSV", "No row can be made out, as after a quote that never ends."
    FIELD_COUNT = "FIELD_COUNT", "The row has not as many fields as the header."
    BAD_TEXT = "BAD_TEXT", "A control character, bytes that are no UTF-8, or too long a text."
    BAD_NUMBER = "BAD_NUMBER", "No number of a transaction."
    BAD_DATE = "BAD_DATE", "No day, as 31/01/2015 or 2015-01-31."
    BAD_AMOUNT = "BAD_AMOUNT", "No amount in pounds and pence."
    STRAY_ROW = "STRAY_ROW", "Neither a number, nor a day, nor an amount: no row of the list."
    COLUMN_MISSING = "COLUMN_MISSING", "The file has no column for this: it is refused whole."
    NO_DATES = "NO_DATES", "Most values in the column of days are none: it is refused whole."
    TOO_MANY_ROWS = "TOO_MANY_ROWS", "The file has more rows than are read: it is refused whole."


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as it was read. `rows` is how many it has, beside its header.

    `rejected_minor`: what the rows that are left out come to, as far as that can be read.
    `refused`: why it is refused whole; None: it is not.
    """

    rows: int
    payments: Sequence[RecordedPayment]
    faults: Sequence[RowFault]
    rejected_rows: int
    rejected_minor: int
    refused: FaultCode | None = None


class _Wrong(Exception):
    """The row cannot be used because of this field."""

    def __init__(self, field: str, code: FaultCode, value: str) -> None:
        super().__init__(field, code, value)
        self.field, self.code, self.value = field, code, value


def read(file: CsvFile) -> Sheet:
    """All of a file; a quarter of a town is some thousand rows.

    Raises:
        UnreadableFile: it is damaged.
    """
    rows = file.rows()
    header = next(rows, None)
    columns = _columns(header.fields or () if header else ())
    kept: list[CsvRow] = []
    for each in rows:
        kept.append(each)
        if len(kept) > ROWS_MAX:
            return _refused(file, columns, kept, FaultCode.TOO_MANY_ROWS, str(ROWS_MAX))
    for name in NEEDED:
        if name not in columns:
            return _refused(file, columns, kept, FaultCode.COLUMN_MISSING, name)
    if kept and 2 * sum(_has_day(each, columns) for each in kept) < len(kept):
        return _refused(file, columns, kept, FaultCode.NO_DATES, "paid_on")
    return _Reading(file.name, header, columns).read(kept)


class _Reading:
    """Reads the rows of one file; tells apart those that say the very same."""

    def __init__(self, file: str, header: CsvRow | None, columns: Mapping[str, int]) -> None:
        self._file = file
        self._header: Sequence[str] = (header.fields or ()) if header else ()
        self._columns = columns
        self._seen: Counter[tuple[str, str, date, int]] = Counter()

    def read(self, rows: Sequence[CsvRow]) -> Sheet:
        payments: list[RecordedPayment] = []
        faults: list[RowFault] = []
        rejected_minor = 0
        for each in rows:
            try:
                payments.append(self._payment(each))
            except _Wrong as wrong:
                faults.append(self._fault(each.line, wrong))
                rejected_minor += _amount_or_zero(each, self._columns)
        return Sheet(len(rows), payments, faults, len(faults), rejected_minor)

    def _payment(self, row: CsvRow) -> RecordedPayment:
        if row.fields is None:
            raise _Wrong("", FaultCode.MALFORMED_CSV, "")
        if len(row.fields) != len(self._header):
            raise _Wrong("", FaultCode.FIELD_COUNT, str(len(row.fields)))
        said = {name: row.fields[at].strip() for name, at in self._columns.items()}
        number, day, amount = said["number"], said["paid_on"], said["amount"]
        if not (number or day or amount):
            raise _Wrong("", FaultCode.STRAY_ROW, " ".join(each for each in row.fields if each))
        _check_texts(said)
        if not number or len(number) > NUMBER_MAX:
            raise _Wrong("number", FaultCode.BAD_NUMBER, number)
        if len(said["supplier_key"]) > SUPPLIER_KEY_MAX:
            raise _Wrong("supplier_key", FaultCode.BAD_TEXT, said["supplier_key"])
        paid_on, minor = _day(day), _minor(amount)
        said_before = (number, said["supplier_key"], paid_on, minor)
        self._seen[said_before] += 1
        return RecordedPayment(
            line=row.line,
            number=number,
            occurrence=self._seen[said_before],
            paid_on=paid_on,
            amount_minor=minor,
            supplier_key=said["supplier_key"],
            supplier_name=said["supplier_name"],
            description=_description(said),
        )

    def _fault(self, line: int, wrong: _Wrong) -> RowFault:
        at = self._columns.get(wrong.field)
        column = "" if at is None else self._header[at]
        return _rejected(self._file, line, column, wrong.code, wrong.value)


def _columns(header: Sequence[str]) -> Mapping[str, int]:
    """Where each word of ours stands; of several that mean the same, the first."""
    found: dict[str, int] = {}
    for at, title in enumerate(header):
        name = ALIASES.get(" ".join(_WORD.findall(title.lower())))
        if name is not None:
            found.setdefault(name, at)
    return found


def _refused(
    file: CsvFile,
    columns: Mapping[str, int],
    kept: Sequence[CsvRow],
    code: FaultCode,
    value: str,
) -> Sheet:
    """The file, left out; with what its amounts come to, so that sums close."""
    amount = sum(_amount_or_zero(each, columns) for each in kept)
    fault = _rejected(file.name, 1, value, code, f"{len(kept)} rows")
    return Sheet(len(kept), (), (fault,), len(kept), amount, refused=code)


def _rejected(file: str, line: int, column: str, code: FaultCode, value: str) -> RowFault:
    shown = value.encode(errors="backslashreplace").decode()
    return RowFault(file, line, column, code, Severity.ERROR, shown, RowAction.REJECTED)


def _amount_or_zero(row: CsvRow, columns: Mapping[str, int]) -> int:
    at = columns.get("amount")
    if at is None or row.fields is None or at >= len(row.fields):
        return 0
    try:
        return _minor(row.fields[at].strip())
    except _Wrong:
        return 0


def _has_day(row: CsvRow, columns: Mapping[str, int]) -> bool:
    at = columns["paid_on"]
    try:
        return bool(row.fields and at < len(row.fields) and _day(row.fields[at].strip()))
    except _Wrong:
        return False


def _check_texts(said: Mapping[str, str]) -> None:
    together = "".join(said.values())
    if together.isascii() and together.isprintable() and len(together) <= NAME_LENGTH_MAX:
        return
    for name, value in said.items():
        if len(value) > NAME_LENGTH_MAX or _CONTROL.search(value):
            raise _Wrong(name, FaultCode.BAD_TEXT, value)


def _description(said: Mapping[str, str]) -> str:
    """What it was for: category and code, and of which unit."""
    what = " ".join(filter(None, (said.get("category"), said.get("code"))))
    return ", ".join(filter(None, (what, said.get("unit"))))


@lru_cache(maxsize=4_096)
def _day(text: str) -> date:
    try:
        if match := _DAY_FIRST.fullmatch(text):
            day, month, year = map(int, match.groups())
            found = date(year, month, day)
        elif _ISO.fullmatch(text):
            found = date.fromisoformat(text)
        else:
            raise ValueError(text)
    except ValueError:
        raise _Wrong("paid_on", FaultCode.BAD_DATE, text) from None
    if not _YEAR_MIN <= found.year <= _YEAR_MAX:
        raise _Wrong("paid_on", FaultCode.BAD_DATE, text)
    return found


@lru_cache(maxsize=16_384)
def _minor(text: str) -> int:
    bare = text.removeprefix("£").replace(",", "")
    if not _AMOUNT.fullmatch(bare):
        raise _Wrong("amount", FaultCode.BAD_AMOUNT, text)
    return Money.of(Decimal(bare), CURRENCY).minor
