"""Tables as CSV: RFC 4180 in UTF-8, commas when written, what the header uses when read."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from backoffice_api.adapters.csv_file import CsvFile, UnreadableFile
from backoffice_api.adapters.csv_output import CsvOutput, unguarded
from backoffice_api.domain.bulk.model.fields import RawRow
from backoffice_api.domain.bulk.model.values import shown

# What gzip can make of a small file is a thousand times as large.
TEXT_LENGTH_MAX = 4_000_000_000
_DELIMITERS = ",;\t|"


class CsvReader:
    """A CSV file, plain or gzipped. Commas, semicolons, tabs or bars, whichever the header has."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack as stack:
            self._file = stack.enter_context(CsvFile(self._path))
            self._file.name = self._name
            self._delimiter = self._file.delimiter(_DELIMITERS)
            self._rows = self._file.rows(self._delimiter)
            header = next(self._rows, None)
            if header is None or header.fields is None:
                raise UnreadableFile(self._name, "there is no header.")
            self.header: Sequence[str] = [title.strip() for title in header.fields]
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def rows(self) -> Iterator[RawRow]:
        width, size = len(self.header), 0
        for row in self._rows:
            fields = row.fields or ()
            size += sum(map(len, fields))
            if size > TEXT_LENGTH_MAX:
                most = f"{TEXT_LENGTH_MAX:,} characters"
                raise UnreadableFile(self._name, f"unpacked it has more than {most}.")
            broken = len(fields) != width
            filled = (*fields[:width], *("" for _ in range(width - len(fields))))
            yield RawRow(row.line, tuple(unguarded(cell) for cell in filled), is_broken=broken)


class CsvWriter:
    """A CSV file that spreadsheets can open without running what others have written into it."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        self._columns = columns

    def __enter__(self) -> Self:
        self._file = self._path.open("w", encoding="utf-8", newline="")
        self._output = CsvOutput(self._file, self._columns, line_end="\r\n")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, row: Iterable[Any]) -> None:
        self._output.write(shown(value) for value in row)
