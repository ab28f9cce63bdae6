"""Tables in files, one port for all formats: rows in, rows out, none of them kept.

Cells are texts from CSV; texts, numbers and booleans from XLSX, where dates become ISO texts; any
JSON from JSONL. A reader may be opened again and gives the same rows in the same order.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from backoffice_api.adapters.csv_sheet import CsvReader, CsvWriter
from backoffice_api.adapters.jsonl_sheet import JsonlReader, JsonlWriter
from backoffice_api.adapters.xlsx_sheet import XlsxReader, XlsxWriter
from backoffice_api.domain.bulk.model.fields import RawRow
from backoffice_api.domain.bulk.model.runs import SheetFormat


class SheetReader(Protocol):
    """A table to be read. `header` has the titles of its columns."""

    header: Sequence[str]

    def rows(self) -> Iterator[RawRow]:
        """The rows below the header in their order, without those that are empty.

        Raises:
            UnreadableFile: the file is damaged further on.
        """


class SheetWriter(Protocol):
    """A table to be written, a row at a time."""

    def write(self, row: Iterable[Any]) -> None:
        """One row, as many values as there are columns."""


def read_sheet(
    path: Path, format: SheetFormat, *, name: str
) -> AbstractContextManager[SheetReader]:
    """The table in the file at `path`. `name`: what to call it in refusals.

    Raises:
        UnreadableFile: it is of another kind, or damaged, or has no header.
    """
    match format:
        case SheetFormat.CSV:
            return CsvReader(path, name)
        case SheetFormat.XLSX:
            return XlsxReader(path, name)
        case SheetFormat.JSONL:
            return JsonlReader(path, name)


def write_sheet(
    path: Path, format: SheetFormat, columns: Sequence[str]
) -> AbstractContextManager[SheetWriter]:
    """A table at `path`, whole when the block ends.

    Text that a spreadsheet would take for a formula is written so that it is none; the reader
    takes that back.
    """
    match format:
        case SheetFormat.CSV:
            return CsvWriter(path, columns)
        case SheetFormat.XLSX:
            return XlsxWriter(path, columns)
        case SheetFormat.JSONL:
            return JsonlWriter(path, columns)
