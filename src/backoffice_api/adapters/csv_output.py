"""Writes CSV that a spreadsheet can open without running what others have written into it."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

# A cell that begins so is a formula to spreadsheets, in wide letters too.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class CsvOutput:
    """Rows of one table, with a header. Values are written as text that anybody can read back."""

    def __init__(self, file: IO[str], columns: Sequence[str], *, line_end: str = "\n") -> None:
        self._writer = csv.writer(file, lineterminator=line_end)
        self._writer.writerow(columns)

    def write(self, values: Iterable[Any]) -> None:
        """One row, as many values as there are columns."""
        self._writer.writerow([cell(value) for value in values])


def cell(value: Any) -> str:
    """A value as a cell: times in RFC 3339, nothing for None, an apostrophe before a formula.

    One before an apostrophe, too, so that it can be told which of them were put there: ADR 0023.
    Numbers are written as they are: a minus before digits is no formula.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case _:
            text = str(value)
            return f"'{text}" if is_formula(text) or text.startswith("'") else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula."""
    return text.startswith(_FORMULA)


def unguarded(cell: str) -> str:
    """The text of which `cell` was made: without the apostrophe that was put before it.

    Only one that is followed by what would be a formula, or by another apostrophe, was: so what
    is written by `cell` comes back as it was, and a text of others as 'tis stays.
    """
    if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")):
        return cell[1:]
    return cell
