"""Reads the first sheet of a workbook in a process of its own: `python -m ….xlsx_rows PATH`.

The library lays out a sheet as a rectangle around all of its cells before it gives the first one:
a file of five kilobytes with a cell in the last corner makes it ask for half a terabyte, and a
library that gets no memory ends its process. So that is this one, which may take so much and no
more.

At its output is a line of JSON for each row: where it stands, from 0, and its cells; empty rows
are left out. `{"error": …}` says why there is none.
"""

import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, ZipError

MEMORY_BYTES_MAX = 2 << 30
CPU_S_MAX = 600


def main(path: str) -> None:
    """Write what is in the file at `path`."""
    _bound()
    out = sys.stdout.buffer
    try:
        for row in rows(path):
            out.write(orjson.dumps(row) + b"\n")
    except (CalamineError, PasswordError, ZipError, OSError, MemoryError) as fault:
        out.write(orjson.dumps({"error": f"{fault}."}) + b"\n")
    out.flush()


def rows(path: str) -> Iterator[tuple[int, list[Any]]]:
    """Each row that is not empty, with where it stands."""
    with CalamineWorkbook.from_path(path) as workbook:
        sheet = workbook.get_sheet_by_index(0)
        # What stands before the first row that is not empty is not given.
        first = sheet.start[0] if sheet.start else 0
        for number, cells in enumerate(sheet.iter_rows(), start=first):
            found = [_cell(each) for each in cells]
            if any(each is not None for each in found):
                yield number, found


def _bound() -> None:
    try:
        import resource
    except ImportError:  # Windows, where this is for trying things out
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
        (resource.RLIMIT_CPU, CPU_S_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:  # which only root may raise
            most = min(most, hard)
        resource.setrlimit(what, (most, most))


def _cell(value: Any) -> Any:
    """As JSON has it: dates as ISO text, nothing for an empty cell."""
    match value:
        case "" | None:
            return None
        case float() if value.is_integer() and abs(value) < 1e15:
            return int(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return value


if __name__ == "__main__":
    main(sys.argv[1])
