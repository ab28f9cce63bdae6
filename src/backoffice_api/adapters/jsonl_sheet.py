"""Tables as JSON lines: one object per row, whose members are the columns."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from backoffice_api.adapters.csv_file import LINE_LENGTH_MAX, UnreadableFile
from backoffice_api.domain.bulk.model.fields import ABSENT, RawRow
from backoffice_api.domain.bulk.model.runs import COLUMNS_MAX

# Members that come up only later are no columns: a header must be known before the rows.
_ROWS_LOOKED_AT = 1_000


class JsonlReader:
    """JSON lines. The columns are the members of the first rows, as they come."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def __enter__(self) -> Self:
        try:
            self._file = self._path.open("rb")
        except OSError as failure:
            raise UnreadableFile(self._name, failure.strerror or "cannot be opened.") from None
        titles: dict[str, None] = {}
        for number, (_, found) in enumerate(self._objects()):
            titles |= dict.fromkeys(found or ())
            if number >= _ROWS_LOOKED_AT or len(titles) > COLUMNS_MAX:
                break
        self._file.seek(0)
        self.header: Sequence[str] = list(titles)
        if not titles:
            self._file.close()
            raise UnreadableFile(self._name, "there is no JSON object in its first lines.")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def rows(self) -> Iterator[RawRow]:
        known = set(self.header)
        for line, found in self._objects():
            if found is None:
                yield RawRow(line, (ABSENT,) * len(self.header), is_broken=True)
            else:
                cells = tuple(found.get(title, ABSENT) for title in self.header)
                yield RawRow(line, cells, is_broken=not found.keys() <= known)

    def _objects(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Line and object of each line that is not empty; None where it holds something else."""
        number = 0
        while line := self._file.readline(LINE_LENGTH_MAX):
            number += 1
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                found = None
            yield number, found if isinstance(found, dict) else None


class JsonlWriter:
    """One JSON object per row, with every column; times in UTC, decimals as text."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        self._columns = columns

    def __enter__(self) -> Self:
        self._file = self._path.open("wb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, row: Iterable[Any]) -> None:
        pairs = zip(self._columns, row, strict=True)
        record = {title: value for title, value in pairs if value != ABSENT}
        options = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
        self._file.write(orjson.dumps(record, default=str, option=options))
