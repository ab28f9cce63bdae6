"""`python -m bench.statement_files`: how long the largest statements take to be read, and how much
memory; and files that are made to fill it.

Each is read in a process of its own, so that what it takes is its own.
"""

import resource
import time
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection

import click
from rich.console import Console
from rich.table import Table

from backoffice_api.adapters.statements.reading import read_statements
from backoffice_api.domain.banking.model.files import FILE_BYTES_MAX, CsvMapping, StatementFormat
from backoffice_api.domain.kernel.errors import DomainError
from tests.banking import files

_TABLE = CsvMapping(booked_on="1", amount="2", currency="EUR", has_header=False)

console = Console(highlight=False)


def _filled(content: bytes, first: bytes, behind: bytes, *, lines_max: int = 99_000) -> bytes:
    """The file with its first line, from `first` to `behind`, as often as there is room."""
    start = content.index(first)
    end = content.index(behind, start + 1)
    line = content[start:end]
    count = min((FILE_BYTES_MAX - len(content)) // len(line), lines_max)
    return content[:start] + line * count + content[end:]


def _cnab() -> bytes:
    lines = [each.ljust(240) for each in files.cnab().split(b"\r\n")]
    return b"\n".join([*lines[:2], *[lines[2]] * (FILE_BYTES_MAX // 241 - 9), *lines[3:]])


_FILES: Mapping[str, Callable[[], bytes]] = {
    "camt": lambda: _filled(files.camt(), b"<Ntry>", b"<Ntry>"),
    "ofx": lambda: _filled(files.OFX_1, b"<STMTTRN>", b"<STMTTRN>"),
    "mt940": lambda: _filled(files.MT940.encode(), b":61:", b":61:"),
    "cnab240": _cnab,
    "csv": lambda: b"2025-03-03;100.50\n" * 99_000,
    "camt, 5 million elements in one another": lambda: b"<Document>" + b"<a>" * 5_300_000,
    "camt, 4 million elements": lambda: b"<Document>" + b"<a/>" * 3_900_000,
    "ofx, 1.7 million lines": lambda: b"<OFX><STMTRS>" + b"<STMTTRN>" * 1_700_000,
    "mt940, 700,000 lines": lambda: b":20:a\n" + b":61:2503030303C1,NTRF\n" * 700_000,
    "csv, 15 million columns": lambda: b";" * 15_000_000,
}


def _measure(name: str, answer: Connection) -> None:
    content = _FILES[name]()
    format = StatementFormat(name.partition(",")[0])
    mapping = _TABLE if format is StatementFormat.CSV else None
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    try:
        _, drafts = read_statements(content, format, mapping)
        found = f"{sum(len(each.lines) for each in drafts):,} lines"
    except DomainError as refusal:
        found = refusal.code
    spent = time.process_time() - begun
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    answer.send((len(content), spent, more, found))


@click.command()
def main() -> None:
    """Read the largest statements there may be, and some that are made to do harm."""
    table = Table("File", "MB", "CPU s", "Memory MB", "What came of it")
    context = get_context("spawn")
    for name in _FILES:
        ours, theirs = context.Pipe()
        process = context.Process(target=_measure, args=(name, theirs))
        process.start()
        size, spent, more, found = ours.recv()
        process.join()
        table.add_row(name, f"{size / 1e6:.1f}", f"{spent:.1f}", f"{more / 1000:.0f}", found)
    console.print(table)


if __name__ == "__main__":
    main()
