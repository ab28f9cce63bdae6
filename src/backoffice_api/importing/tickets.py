"""Imports tickets of a service desk from a file into a database, and reports what they came to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backoffice_api.adapters import service_tickets
from backoffice_api.adapters.csv_file import CsvFile
from backoffice_api.adapters.service_tickets import FaultCode, Item, RejectedRow
from backoffice_api.domain.execute import execute
from backoffice_api.domain.integrations import queries
from backoffice_api.domain.integrations.commands.tickets import (
    RecordTickets,
    record_ticket_batch,
)
from backoffice_api.domain.integrations.model import RowAction, RowFault, Severity
from backoffice_api.domain.integrations.model.tickets import TicketCounts
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Caller, Meta
from backoffice_api.domain.tickets.model.history import RECORDED_MAX, RecordedTicket
from backoffice_api.importing.sales import Progress, Remark, RowReport, rare_collections

BATCH_ROWS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class TicketsReport:
    """What an import came to. `resumed`: it went on with one that had been interrupted.

    `counts` are then those of both together. `seconds` are those of this one.
    """

    file: str
    dry_run: bool
    resumed: bool
    counts: TicketCounts
    remarks: tuple[Remark, ...]
    seconds: float

    @property
    def errors(self) -> int:
        """Rows that the source has to be corrected for."""
        return sum(each.rows for each in self.remarks if each.severity is Severity.ERROR)


def import_tickets(
    database: Database,
    path: Path,
    *,
    dry_run: bool = False,
    report_path: Path | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    caller: Caller = THE_SYSTEM,
) -> TicketsReport:
    """Take over the tickets that the log of changes at `path` holds, if they are not known.

    Safe to repeat and to interrupt: a file that was interrupted goes on where it stopped. Memory
    does not grow with the file. To a dry run each batch is the first: a caller or a team that two
    batches name counts twice. `report_path`: a CSV file to write the remarks on rows into.
    `progress` is called after each batch.

    Raises:
        UnreadableFile: the file is of another kind, or damaged; what came before that is kept.
        NotAllowed: the caller lacks the scope imports:write.
        OSError: the report cannot be written.
    """
    started = datetime.now(UTC)
    counts = rehearsed = TicketCounts()
    rows_read = 0
    with CsvFile(path) as file, RowReport(report_path) as remarks, rare_collections():
        fingerprint, name = file.fingerprint(), file.name
        resumed = _is_interrupted(database, fingerprint)
        for command in _batches(name, fingerprint, service_tickets.read(file), remarks, dry_run):
            done = execute(
                database,
                record_ticket_batch,
                command,
                caller=caller,
                now=datetime.now(UTC),
                meta=Meta(dry_run=dry_run, request_id=f"import {fingerprint[:16]}"),
            ).value
            for code, positions in (
                (FaultCode.TICKET_DIFFERS, done.differing),
                (FaultCode.NUMBER_TAKEN, done.taken),
            ):
                for position in positions:
                    remarks.add(_refused(name, command.tickets[position], code))
            rehearsed += done.batch
            counts = rehearsed if dry_run else done.run
            rows_read += sum(len(each.entries) for each in command.tickets)
            progress(Progress(file.position, file.size, rows_read))
    return TicketsReport(
        file=name,
        dry_run=dry_run,
        resumed=resumed,
        counts=counts,
        remarks=remarks.summary(),
        seconds=(datetime.now(UTC) - started).total_seconds(),
    )


def _batches(
    file: str, fingerprint: str, items: Iterator[Item], remarks: RowReport, dry_run: bool
) -> Iterator[RecordTickets]:
    """Batches of bounded size, the same ones whenever the same file is read. The last is marked,
    and may be empty.
    """
    number, rows, rejected = 1, 0, 0
    tickets: list[RecordedTicket] = []

    def command(*, is_last: bool) -> RecordTickets:
        return RecordTickets(
            system=service_tickets.SYSTEM,
            file=file,
            fingerprint=fingerprint,
            number=1 if dry_run else number,
            tickets=tuple(tickets),
            rejected_rows=rejected,
            is_last=is_last,
        )

    for item in items:
        if isinstance(item, RowFault):
            remarks.add(item)
        elif isinstance(item, RejectedRow):
            remarks.add(item.fault)
            rejected += 1
        else:
            if tickets and (
                len(tickets) >= RECORDED_MAX or rows + len(item.entries) > BATCH_ROWS_MAX
            ):
                yield command(is_last=False)
                number, rows, rejected, tickets = number + 1, 0, 0, []
            tickets.append(item)
            rows += len(item.entries)
    yield command(is_last=True)


def _is_interrupted(database: Database, fingerprint: str) -> bool:
    with database.reading.connect() as db:
        return queries.running(db, service_tickets.SYSTEM, fingerprint) is not None


def _refused(file: str, ticket: RecordedTicket, code: FaultCode) -> RowFault:
    return RowFault(
        file, ticket.line, "number", code, Severity.ERROR, ticket.number, RowAction.REJECTED
    )
