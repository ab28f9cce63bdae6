"""The commands `backoffice import products …` and `backoffice export …`: bulk jobs, done here."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from backoffice_api.app import bench_from
from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.bulk_jobs.exports import export_all
from backoffice_api.bulk_jobs.imports import import_slice
from backoffice_api.cli.imports import (
    EXIT_ROWS_REJECTED,
    console,
    database_option,
    opened,
)
from backoffice_api.domain.bulk.commands.exports import StartExport, start_export
from backoffice_api.domain.bulk.commands.imports import (
    SYSTEM_DEFAULT,
    StartImport,
    start_import,
)
from backoffice_api.domain.bulk.model.fields import field_names
from backoffice_api.domain.bulk.model.runs import (
    BulkImport,
    BulkKind,
    BulkStatus,
    SheetFormat,
)
from backoffice_api.domain.bulk.queries import runs as queries
from backoffice_api.domain.bulk.queries.sheets import SHEETS
from backoffice_api.domain.integrations.model import Severity
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.uow import THE_SYSTEM

R = TypeVar("R")

_LINE_EVERY_ROWS = 10_000
_CHUNK_BYTES = 1 << 20


def import_commands() -> Sequence[click.Command]:
    """One command per kind of rows."""
    return [_import_command(kind) for kind in BulkKind]


@click.group("export")
def export_group() -> None:
    """Write what the back office holds into files that imports take back."""


def _import_command(kind: BulkKind) -> click.Command:
    @click.command(kind.value, help=_import_help(kind))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Try everything, tell the result, keep nothing.")
    @_path_option("--report", "CSV file for the remarks on single rows.")
    @_path_option("--failed", "File for the rejected rows, in the shape of the one imported.")
    @click.option(
        "--mapping",
        "mapping",
        multiple=True,
        metavar="COLUMN=FIELD",
        help="What a column stands for; COLUMN= leaves it out. May be given several times.",
    )
    @click.option("--locale", help="How numbers and dates are written, as de-DE.")
    @click.option("--currency", help="Currency of prices without one, as EUR.")
    @click.option(
        "--system",
        default=SYSTEM_DEFAULT,
        show_default=True,
        help="Under whose name keys of the file become external ids.",
    )
    @database_option
    def command(
        file: Path,
        dry_run: bool,
        report: Path | None,
        failed: Path | None,
        mapping: tuple[str, ...],
        locale: str | None,
        currency: str | None,
        system: str,
        database_url: str | None,
    ) -> None:
        columns = tuple(_column(each) for each in mapping)

        def start(file_id: UUID) -> StartImport:
            return StartImport(
                kind=kind,
                file_id=file_id,
                dry_run=dry_run,
                system=system,
                locale=locale,
                currency=currency,
                mapping=columns,
                queued=False,
            )

        with opened(database_url) as (database, settings), _refusals():
            bench = bench_from(settings, database)
            done = _done(bench, kind, file, start, dry_run=dry_run)
            _copy(bench, done.report_id, report)
            _copy(bench, done.failed_rows_id, failed)
        _print(done)
        _exit(done)

    return command


def _import_help(kind: BulkKind) -> str:
    name = kind.value
    return f"""Import {name} from a file: {kind.description[0].lower()}{kind.description[1:]}

    CSV (may be gzipped), XLSX or JSON lines. Columns are found by their titles, also those of
    Shopify and WooCommerce; columns that nobody knows are told. Fields of these rows:
    {", ".join(field_names(kind))}.

    Rows that are refused do not keep the others out. Running it again changes nothing that is so
    already; running it after it was interrupted goes on where it stopped.

    Exit code 1: something in the file must be corrected (severity error).

    \b
    backoffice import {name} {name}.csv
    backoffice import {name} {name}.xlsx --dry-run --report remarks.csv --failed rows.xlsx
    """


def _exit(done: BulkImport) -> None:
    """End with the exit code that fits."""
    if done.status is BulkStatus.FAILED:
        raise click.ClickException(f"{done.file}: {done.error}")
    if any(each["severity"] == Severity.ERROR.value for each in done.remarks):
        raise SystemExit(EXIT_ROWS_REJECTED)


def _export_command(kind: BulkKind) -> click.Command:
    name = kind.value
    text = f"""Write {name} into a file: {", ".join(SHEETS[kind].columns)}.

    \b
    backoffice export {name} -o {name}.csv
    backoffice export {name} --format xlsx -o {name}.xlsx
    """

    @click.command(name, help=text)
    @click.option(
        "--format",
        "format_name",
        type=click.Choice([each.value for each in SheetFormat]),
        default=SheetFormat.CSV.value,
        show_default=True,
    )
    @click.option("--search", help="Only what these words find, as the list does.")
    @click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
        default=Path("-"),
        help="File to write; stdout if none is given.",
    )
    @database_option
    def command(
        format_name: str, search: str | None, output: Path, database_url: str | None
    ) -> None:
        with opened(database_url) as (database, settings), _refusals():
            bench = bench_from(settings, database)
            wanted = StartExport(
                kind=kind, format=SheetFormat(format_name), search=search, queued=False
            )
            id = bench.run(start_export, wanted, THE_SYSTEM)
            with _shown("Exporting") as show:
                export_all(bench, id, show)
            with database.fresh.connect() as db:
                done = queries.exports_by_ids(db, [id])[id]
            if done.status is BulkStatus.FAILED:
                raise click.ClickException(str(done.error))
            _copy(bench, done.file_id, output)
        console.print(f"{done.rows_written:,} rows")

    return command


for _kind in BulkKind:
    export_group.add_command(_export_command(_kind))


def _path_option(name: str, help: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    path = click.Path(dir_okay=False, writable=True, path_type=Path)
    return click.option(name, type=path, help=help)


def _column(text: str) -> tuple[str, str | None]:
    title, separator, field = text.rpartition("=")
    if not separator:
        raise click.BadParameter(f"{text} is not COLUMN=FIELD.", param_hint="--mapping")
    return title, field or None


def _done(
    bench: Bench,
    kind: BulkKind,
    path: Path,
    start: Callable[[UUID], StartImport],
    *,
    dry_run: bool,
) -> BulkImport:
    """The import of a file, done to its end: a new one, or the one that was interrupted."""
    key = bench.new_id()
    with bench.storage.writing(key.hex) as writing, path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            writing.write(chunk)
    with bench.database.fresh.connect() as db:
        found = queries.interrupted(db, kind, writing.sha256, dry_run=dry_run)
    if found is None:
        format = SheetFormat.of_name(path.name)
        size = (writing.size_bytes, writing.sha256)
        file_id = bench.keep(lambda _: size, path.name, format, THE_SYSTEM, id=key)
        id = bench.run(start_import, start(file_id), THE_SYSTEM)
    else:
        bench.storage.remove(key.hex)
        console.print("An import that was interrupted is completed.")
        id = found.id
    with _shown("Importing") as show:
        import_slice(bench, id, show, slice_s=None)
    with bench.database.fresh.connect() as db:
        return queries.bulk_import(db, id)


def _copy(bench: Bench, file_id: UUID | None, path: Path | None) -> None:
    """Copy a file out of the storage, or make an empty one where there is none."""
    if path is None:
        return
    with click.open_file(str(path), "wb") as output:
        if file_id is None:
            return
        with bench.storage.local(file_id.hex) as stored, stored.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                output.write(chunk)


@contextmanager
def _refusals() -> Iterator[None]:
    """A refusal ends the command with its sentence."""
    try:
        yield
    except DomainError as refusal:
        words = " ".join(str(each) for each in refusal.reasons())
        raise click.ClickException(words) from None


@contextmanager
def _shown(words: str) -> Iterator[Callable[[int, int | None], bool]]:
    """Shows progress: as a bar in a terminal, as a line now and then elsewhere."""
    if not console.is_terminal:
        yield _Lines()
        return
    bar = Progress(
        TextColumn(words),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows"),
        TimeRemainingColumn(),
        console=console,
    )
    with bar:
        task = bar.add_task(words, total=None)

        def show(done: int, total: int | None) -> bool:
            bar.update(task, completed=done, total=total)
            return True

        yield show


class _Lines:
    def __init__(self) -> None:
        self._next = _LINE_EVERY_ROWS

    def __call__(self, done: int, total: int | None) -> bool:
        if done >= self._next:
            self._next = done + _LINE_EVERY_ROWS
            click.echo(
                f"{done:,} rows" if total is None else f"{done:,} of {total:,} rows", err=True
            )
        return True


def _print(done: BulkImport) -> None:
    """What it came to: on stdout, so that it can be kept."""
    out = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    if done.dry_run:
        out.print("Dry run: nothing was kept.")
    for name, value in (
        ("Rows read", done.rows_read),
        ("  created", done.rows_created),
        ("  changed", done.rows_changed),
        ("  unchanged", done.rows_unchanged),
        ("  rejected", done.rows_rejected),
    ):
        out.print(f"{name:<26}{value:>18,}")
    for each in done.remarks:
        head = f"{each['severity'].upper():<8}{each['code']:<32}"
        out.print(f"{head}{each['rows']:>10,} rows {each['action']}")
    for title in done.unknown_columns:
        out.print(f"Unknown column: {title}", markup=False)
    seconds = max((datetime.now(UTC) - done.created_at).total_seconds(), 0.001)
    out.print(f"{seconds:.1f} s, {done.rows_read / seconds:,.0f} rows/s")
