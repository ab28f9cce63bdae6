"""Reads CSV files of any size, plain or gzipped, as they are: what is wrong in them is told.

Nothing is held but the present row. Bytes that are no UTF-8 are handed on as lone surrogates
(PEP 383), so that the reader of a row can point at them.
"""

import csv
import gzip
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Self

from backoffice_api.domain.kernel.errors import Invalid

# A line that is longer is cut in two. No field may be longer than the limit of `csv` itself.
LINE_LENGTH_MAX = 1_000_000
# Of all lines of a row: in quotes it may go on over as many as it likes, and it is held whole.
ROW_LENGTH_MAX = 2 * LINE_LENGTH_MAX

_GZIP = b"\x1f\x8b"  # RFC 1952, 2.3.1


@dataclass(eq=False)
class UnreadableFile(Invalid):
    """The file is not of the kind it should be, or is damaged. What came before that is good."""

    file: str
    reason: str
    message = "{file}: {reason}"


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row and the line on which it begins, from 1. `fields` None: none can be made out."""

    line: int
    fields: Sequence[str] | None


class CsvFile:
    """An open file, to be used in a `with` statement and read once.

    Raises:
        UnreadableFile: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._raw: BufferedReader = self._stack.enter_context(self._path.open("rb"))
        except OSError as failure:
            raise UnreadableFile(self.name, failure.strerror or "cannot be opened.") from None
        self.size = self._path.stat().st_size
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def position(self) -> int:
        """How many of the `size` bytes were read."""
        return self._raw.tell()

    def fingerprint(self) -> str:
        """SHA-256 of the file as it lies there, in hexadecimal digits. To be asked for first."""
        digest = hashlib.file_digest(self._raw, "sha256")
        self._raw.seek(0)
        return digest.hexdigest()

    def delimiter(self, candidates: str) -> str:
        """Which of the signs the first line has most of; the first one if it has none.

        To be asked for before the rows.
        """
        try:
            head = next(self._lines(), "")
        except (EOFError, zlib.error, gzip.BadGzipFile) as damage:
            raise UnreadableFile(self.name, f"{damage}.") from None
        self._raw.seek(0)
        # What stands in quotes is part of a title.
        bare = "".join(head.split('"')[::2])
        return max(candidates, key=bare.count)

    def rows(self, delimiter: str = ",") -> Iterator[CsvRow]:
        """The rows in their order, the header too, without those that are empty.

        Raises:
            UnreadableFile: what is compressed is damaged, or breaks off; a row does not end.
        """
        reader = csv.reader(self._bounded(), delimiter=delimiter)
        while True:
            self._row_length = 0
            line = reader.line_num + 1
            try:
                fields: Sequence[str] | None = next(reader)
            except StopIteration:
                return
            except csv.Error:
                fields = None
            except (EOFError, zlib.error, gzip.BadGzipFile) as damage:
                raise UnreadableFile(self.name, f"{damage}.") from None
            if fields != []:
                yield CsvRow(line, fields)

    def _bounded(self) -> Iterator[str]:
        """The lines, as long as the row that they belong to is not too long."""
        for line in self._lines():
            self._row_length += len(line)
            if self._row_length > ROW_LENGTH_MAX:
                most = f"{ROW_LENGTH_MAX:,} characters"
                raise UnreadableFile(self.name, f"a row has more than {most}.")
            yield line

    def _lines(self) -> Iterator[str]:
        is_gzip = self._raw.read(len(_GZIP)) == _GZIP
        self._raw.seek(0)
        binary = gzip.GzipFile(fileobj=self._raw) if is_gzip else self._raw
        text = TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline="")
        # It would close the file as soon as it is out of use.
        self._stack.enter_context(text)
        while line := text.readline(LINE_LENGTH_MAX):
            yield line
