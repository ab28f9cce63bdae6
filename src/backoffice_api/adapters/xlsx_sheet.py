"""Tables as workbooks of Office Open XML: the first sheet.

Written in constant memory. Read by calamine, which holds the cells of one sheet, in a process of
its own (`xlsx_rows`); the unpacked size is bounded before anything is unpacked, by what the
archive says and what it then gives.
"""

import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from types import TracebackType
from typing import Any, Self

import orjson

from backoffice_api.adapters.csv_file import UnreadableFile
from backoffice_api.adapters.csv_output import is_formula
from backoffice_api.domain.bulk.model.fields import RawRow
from backoffice_api.domain.bulk.model.values import shown

UNPACKED_BYTES_MAX = 400_000_000
# Office Open XML takes no more in one sheet and in one cell.
ROWS_MAX = 1_048_576
CELL_LENGTH_MAX = 32_767
# A number of a spreadsheet has 15 digits: what has more is written as text.
_DIGITS_MAX = 15


class XlsxReader:
    """The first sheet of a workbook. Its first row is the header."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def __enter__(self) -> Self:
        self._check_size()
        command = [sys.executable, "-I", "-m", f"{__package__}.xlsx_rows", str(self._path)]
        self._process = Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)  # noqa: S603
        self._given = self._read()
        try:
            header = next(self._given, None)
            if header is None:
                raise UnreadableFile(self._name, "the first sheet is empty.")
        except UnreadableFile:
            self._end()
            raise
        titles = ["" if each is None else str(each) for each in header.cells]
        self.header: Sequence[str] = [each.strip() for each in titles]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def rows(self) -> Iterator[RawRow]:
        return self._given

    def _read(self) -> Iterator[RawRow]:
        output = self._process.stdout
        assert output is not None, "it was asked for"
        for line in output:
            if not line.endswith(b"\n"):
                break  # it was killed in the middle of it
            match orjson.loads(line):
                case [int() as number, list() as cells]:
                    yield RawRow(number + 1, tuple(cells))
                case {"error": str() as reason}:
                    raise UnreadableFile(self._name, reason)
        if self._process.wait():
            raise UnreadableFile(self._name, "it takes too much memory or time to read; use CSV.")

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _check_size(self) -> None:
        try:
            with zipfile.ZipFile(self._path) as archive:
                unpacked = sum(each.file_size for each in archive.infolist())
        except (zipfile.BadZipFile, OSError, ValueError):
            raise UnreadableFile(self._name, "this is no workbook of the kind .xlsx.") from None
        if unpacked > UNPACKED_BYTES_MAX:
            most = f"{UNPACKED_BYTES_MAX:,} bytes"
            raise UnreadableFile(self._name, f"unpacked it has more than {most}; use CSV.")


class XlsxWriter:
    """A workbook of one sheet, written row by row. No text of it is a formula or a link."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        self._columns = columns
        self._row = 0

    def __enter__(self) -> Self:
        import xlsxwriter  # where it is used: most servers never write one

        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": str(self._path.parent),
        }
        self._workbook = xlsxwriter.Workbook(str(self._path), options)
        self._sheet = self._workbook.add_worksheet()
        # As if an apostrophe were typed before it: it stays text when somebody edits the cell.
        self._guarded = self._workbook.add_format({"quote_prefix": True, "num_format": "@"})
        self._text = self._workbook.add_format({"num_format": "@"})
        self.write(self._columns)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._workbook.close()

    def write(self, row: Iterable[Any]) -> None:
        """Raises: UnreadableFile, there is no room for more."""
        if self._row >= ROWS_MAX:
            raise UnreadableFile(
                self._path.name, f"a sheet has at most {ROWS_MAX:,} rows; use CSV."
            )
        for column, value in enumerate(row):
            self._write(column, shown(value))
        self._row += 1

    def _write(self, column: int, value: Any) -> None:
        match value:
            case None:
                return
            case bool():
                self._sheet.write_boolean(self._row, column, value)
            case int() if len(str(abs(value))) <= _DIGITS_MAX:
                self._sheet.write_number(self._row, column, value)
            case Decimal() if len(value.as_tuple().digits) <= _DIGITS_MAX:
                self._sheet.write_number(self._row, column, value)
            case datetime():
                self._write_text(column, value.astimezone(UTC).isoformat().replace("+00:00", "Z"))
            case _:
                self._write_text(column, str(value))

    def _write_text(self, column: int, text: str) -> None:
        if len(text) > CELL_LENGTH_MAX:
            raise UnreadableFile(self._path.name, "a cell has too much text for XLSX; use CSV.")
        style = self._guarded if is_formula(text) else self._text
        self._sheet.write_string(self._row, column, text, style)
