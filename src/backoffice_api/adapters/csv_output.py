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

    def __init__(self, file: IO[str], columns: Sequence[str]) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self._writer.writerow(columns)

    def write(self, values: Iterable[Any]) -> None:
        """One row, as many values as there are columns."""
        self._writer.writerow([cell(value) for value in values])


def cell(value: Any) -> str:
    """A value as a cell: times in RFC 3339, nothing for None, an apostrophe before a formula.

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
            return f"'{text}" if text.startswith(_FORMULA) else text
