"""The command `backoffice import online-retail`, and what all commands on files share."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from backoffice_api.adapters.csv_file import UnreadableFile
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.importing.payments import FileReport, PaymentsReport, import_payments
from backoffice_api.importing.sales import Progress as ImportProgress
from backoffice_api.importing.sales import Report, import_file
from backoffice_api.importing.tickets import TicketsReport, import_tickets
from backoffice_api.opening import open_migrated
from backoffice_api.settings import Settings

R = TypeVar("R")

# Exit codes: 0 for well, 1 if the source has rows that must be corrected, 2 for a wrong call.
EXIT_ROWS_REJECTED = 1
# Plain lines, for a log, come this often.
_LINE_EVERY_ROWS = 100_000

# What is said goes to stderr; stdout is for what a program may want to read.
console = Console(stderr=True, soft_wrap=True, highlight=False)


def database_option(command: Callable[..., R]) -> Callable[..., R]:
    """Adds the option `--database`."""
    return click.option(
        "--database",
        "database_url",
        metavar="URL",
        help="Database to use instead of BACKOFFICE_DATABASE_URL.",
    )(command)


@click.group("import")
def import_group() -> None:
    """Take over files: the history of other systems, products, stock, customers. Safe to repeat
    and to interrupt."""


@import_group.command("online-retail")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Do everything, tell the result, keep nothing.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="CSV file for remarks on single rows.",
)
@database_option
def import_online_retail(
    file: Path, dry_run: bool, report_path: Path | None, database_url: str | None
) -> None:
    """Take over the sales of a CSV file in the shape of the data set "Online Retail".

    The file may be gzipped. What is known already is left alone, so running it again imports
    nothing new, and running it after it was interrupted goes on where it stopped. Times are those
    of the United Kingdom; prices are in pounds.

    The report file has one line per remark: file, line, column, code, severity, value, action.
    Of one code it has at most 10,000 lines, and then one that says how many more there were.

    Exit code 1: rows were rejected that must be corrected in the file (severity error).

    \b
    backoffice import online-retail online_retail.csv.gz
    backoffice import online-retail online_retail.csv.gz --dry-run --report rows.csv
    """
    with opened(database_url) as (database, _):
        try:
            with _shown() as show:
                report = import_file(
                    database, file, dry_run=dry_run, report_path=report_path, progress=show
                )
        except UnreadableFile as fault:
            raise click.ClickException(str(fault)) from None
    _print(report)
    if report.errors:
        raise SystemExit(EXIT_ROWS_REJECTED)


@import_group.command("supplier-payments")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--dry-run", is_flag=True, help="Do everything, tell the result, keep nothing.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="CSV file for remarks on single rows.",
)
@database_option
def import_supplier_payments(
    files: tuple[Path, ...], dry_run: bool, report_path: Path | None, database_url: str | None
) -> None:
    """Take over payments to suppliers, as British public bodies publish them, as paid bills.

    The files are CSV, may be gzipped, and name their columns as they like. A file without a
    needed column, or whose days are none, is left out whole. What is known already is left alone,
    so running it again imports nothing new, and after an interruption it goes on where it stopped.
    Amounts are in pounds.

    The report file has one line per remark: file, line, column, code, severity, value, action.

    Exit code 1: rows or files were rejected that must be corrected (severity error).

    \b
    backoffice import supplier-payments payments-*.csv.gz --report rows.csv
    """
    with opened(database_url) as (database, _):
        try:
            report = import_payments(
                database, files, dry_run=dry_run, report_path=report_path, progress=_say_file
            )
        except UnreadableFile as fault:
            raise click.ClickException(str(fault)) from None
    _print_payments(report)
    if report.errors:
        raise SystemExit(EXIT_ROWS_REJECTED)


@import_group.command("tickets")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Do everything, tell the result, keep nothing.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="CSV file for remarks on single rows.",
)
@database_option
def import_service_tickets(
    file: Path, dry_run: bool, report_path: Path | None, database_url: str | None
) -> None:
    """Take over the tickets of a service desk from its log of changes, with their history.

    The file is CSV as the data set "Incident management process enriched event log" has it, and
    may be gzipped. Numbers, states, teams and who looked after a ticket stay as they were; whether
    a promise was kept is what the desk said last. Times are UTC. What is known already is left
    alone, so running it again imports nothing new, and after an interruption it goes on where it
    stopped.

    The report file has one line per remark: file, line, column, code, severity, value, action.

    Exit code 1: rows were rejected that must be corrected in the file (severity error).

    \b
    backoffice import tickets incident_event_log.csv.gz --report rows.csv
    """
    with opened(database_url) as (database, _):
        try:
            with _shown() as show:
                report = import_tickets(
                    database, file, dry_run=dry_run, report_path=report_path, progress=show
                )
        except UnreadableFile as fault:
            raise click.ClickException(str(fault)) from None
    _print_tickets(report)
    if report.errors:
        raise SystemExit(EXIT_ROWS_REJECTED)


def settings_with(database_url: str | None) -> Settings:
    """The settings, with the database that was given on the command line, if one was."""
    if database_url is not None:
        os.environ["BACKOFFICE_DATABASE_URL"] = database_url
    return Settings.from_environment(os.environ, Path(".env"))


@contextmanager
def opened(
    database_url: str | None, *, patient: bool = False
) -> Iterator[tuple[Database, Settings]]:
    """The database of the settings, or the one given; it must be migrated.

    `patient`: for what looks at each row of whole tables, so that a statement takes what it takes.
    """
    settings = settings_with(database_url)
    if patient:
        settings = replace(settings, statement_timeout_s=0)
    database = open_migrated(settings)
    try:
        yield database, settings
    finally:
        database.dispose()


@contextmanager
def _shown() -> Iterator[Callable[[ImportProgress], None]]:
    """Shows progress: as a bar in a terminal, as a line now and then elsewhere."""
    if not console.is_terminal:
        yield _Lines()
        return
    bar = Progress(
        TextColumn("Importing"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
        console=console,
    )
    with bar:
        task = bar.add_task("import", total=None, rows=0)

        def show(progress: ImportProgress) -> None:
            bar.update(
                task,
                completed=progress.bytes_read,
                total=progress.bytes_total,
                rows=progress.rows_read,
            )

        yield show


class _Lines:
    def __init__(self) -> None:
        self._next = _LINE_EVERY_ROWS

    def __call__(self, progress: ImportProgress) -> None:
        if progress.rows_read >= self._next:
            self._next = progress.rows_read + _LINE_EVERY_ROWS
            share = progress.bytes_read / max(progress.bytes_total, 1)
            click.echo(f"{progress.rows_read:,} rows, {share:.0%} of the file", err=True)


def _print(report: Report) -> None:
    """The report: on stdout, so that it can be kept."""
    out = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    counts, currency = report.counts, report.currency
    if report.dry_run:
        out.print("Dry run: nothing was kept.")
    if report.resumed:
        out.print("An interrupted import was completed; the figures are those of both together.")
    out.print(_endings(report))
    for name, value in (
        ("Products", counts.products),
        ("Variants", counts.variants),
        ("Customers", counts.customers),
        ("Orders", counts.orders),
        ("  of guests", counts.guest_orders),
        ("Order lines", counts.lines),
        ("  at no price", counts.free_lines),
        ("  charges", counts.charge_lines),
        ("Rows written off", counts.write_off_rows),
        ("  units", counts.write_off_units),
        ("Rows found", counts.found_rows),
        ("  units", counts.found_units),
        ("Rows given away", counts.given_rows),
        ("  units", counts.given_units),
        ("Of these never in stock", counts.unmoved_rows),
        ("Returns", counts.returns),
        ("  rows", counts.returned_rows),
        ("  units", counts.returned_units),
        ("  rows matched with sales", counts.matched_rows),
        ("  rows partly matched", counts.partly_matched_rows),
        ("  rows not matched", counts.unmatched_rows),
        ("  rows of guests", counts.guest_return_rows),
        ("Credit notes", counts.credit_notes),
        ("  rows", counts.credited_rows),
        ("Stock movements", counts.movements),
    ):
        out.print(f"{name:<26}{value:>18,}")
    for name, micro in (
        ("Sales, exact", counts.sales_micro),
        ("Sales, posted", counts.posted_micro),
        ("Returned goods, exact", counts.returned_micro),
        ("Credited charges, exact", counts.credited_micro),
        ("Rounding of the lines", counts.rounding_micro),
    ):
        out.print(f"{name:<26}{UnitPrice(micro, currency).amount:>18,} {currency}")
    for each in report.remarks:
        out.print(f"{each.severity.upper():<8}{each.code:<24}{each.rows:>18,} rows {each.action}")
    rate = counts.rows_read / max(report.seconds, 0.001)
    out.print(f"{report.seconds:.1f} s, {rate:,.0f} rows/s")


def _endings(report: Report) -> Table:
    counts = report.counts
    table = Table(title=report.file)
    table.add_column("")
    for name in ("read", "imported", "merged", "deferred", "rejected"):
        table.add_column(name, justify="right")
    endings = (counts.rows_imported, counts.rows_merged, counts.rows_deferred, counts.rows_rejected)
    table.add_row("rows", *(f"{count:,}" for count in (counts.rows_read, *endings)))
    documents = (
        counts.documents_imported,
        counts.documents_merged,
        counts.documents_deferred,
        counts.documents_rejected,
    )
    table.add_row("invoices", *(f"{count:,}" for count in (sum(documents), *documents)))
    sign = "=" if counts.closes else "IS NOT"
    table.caption = f"{counts.rows_read:,} {sign} " + " + ".join(f"{count:,}" for count in endings)
    return table


def _say_file(report: FileReport) -> None:
    counts, refused = report.counts, report.refused
    ending = f"refused: {refused}" if refused else f"{counts.rows_imported:,} imported"
    click.echo(f"{report.file}: {counts.rows_read:,} rows, {ending}", err=True)


def _print_payments(report: PaymentsReport) -> None:
    """The report: on stdout, so that it can be kept."""
    out = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    if report.dry_run:
        out.print("Dry run: nothing was kept.")
    counts = report.counts
    table = Table(title=f"{len(report.files)} files")
    table.add_column("")
    for name in ("read", "imported", "merged", "rejected"):
        table.add_column(name, justify="right")
    rows = (counts.rows_read, counts.rows_imported, counts.rows_merged, counts.rows_rejected)
    table.add_row("rows", *(f"{count:,}" for count in rows))
    amounts = (
        counts.read_minor,
        counts.imported_minor,
        counts.merged_minor,
        counts.rejected_minor,
    )
    table.add_row(
        report.currency, *(f"{Money(minor, report.currency).amount:,}" for minor in amounts)
    )
    sign = "=" if counts.closes else "IS NOT"
    table.caption = f"{rows[0]:,} {sign} " + " + ".join(f"{count:,}" for count in rows[1:])
    out.print(table)
    out.print(f"{'Suppliers':<26}{counts.suppliers:>18,}")
    for each in report.files:
        if each.refused:
            out.print(f"REFUSED {each.file}: {each.refused} ({each.counts.rows_read:,} rows)")
    for remark in report.remarks:
        line = f"{remark.severity.upper():<8}{remark.code:<24}{remark.rows:>18,} remarks"
        out.print(f"{line} {remark.action}")
    out.print(f"{report.seconds:.1f} s")


def _print_tickets(report: TicketsReport) -> None:
    """The report: on stdout, so that it can be kept."""
    out = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    counts = report.counts
    if report.dry_run:
        out.print("Dry run: nothing was kept.")
    if report.resumed:
        out.print("An interrupted import was completed; the figures are those of both together.")
    table = Table(title=report.file)
    table.add_column("")
    for name in ("read", "imported", "merged", "rejected"):
        table.add_column(name, justify="right")
    rows = (counts.rows_read, counts.rows_imported, counts.rows_merged, counts.rows_rejected)
    table.add_row("rows", *(f"{count:,}" for count in rows))
    tickets = (counts.tickets_imported, counts.tickets_merged, counts.tickets_rejected)
    table.add_row("tickets", *(f"{count:,}" for count in (sum(tickets), *tickets)))
    sign = "=" if counts.closes else "IS NOT"
    table.caption = f"{rows[0]:,} {sign} " + " + ".join(f"{count:,}" for count in rows[1:])
    out.print(table)
    for name, value in (
        ("Customers", counts.customers),
        ("Teams", counts.teams),
        ("Moves", counts.moves),
        ("Given to a team", counts.assignments),
        ("Tickets that missed", counts.missed),
        ("Tickets reopened", counts.reopened),
        ("  after they were closed", counts.left_closed),
        ("Tickets with gaps", counts.with_gaps),
        ("Rows in unknown states", counts.unknown_states),
        ("Rows out of order", counts.out_of_order),
    ):
        out.print(f"{name:<26}{value:>18,}")
    for each in report.remarks:
        out.print(f"{each.severity.upper():<8}{each.code:<24}{each.rows:>18,} rows {each.action}")
    rate = counts.rows_read / max(report.seconds, 0.001)
    out.print(f"{report.seconds:.1f} s, {rate:,.0f} rows/s")
