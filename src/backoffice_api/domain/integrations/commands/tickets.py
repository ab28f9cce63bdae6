"""Imports of tickets: record the next batch of a file.

As with sales, a batch is one transaction with its counts, so that an import which is killed
anywhere has recorded whole batches and goes on with the next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from backoffice_api.domain.customers.commands.history import RecordedCustomer, record_customers
from backoffice_api.domain.customers.model import CustomerRecorded
from backoffice_api.domain.integrations import queries
from backoffice_api.domain.integrations.model import (
    MACHINE,
    BatchSkipped,
    ImportFinished,
    ImportRun,
    ImportStarted,
    ImportStatus,
)
from backoffice_api.domain.integrations.model.tickets import (
    TicketCounts,
    counts_of_tickets,
    ticket_counts,
)
from backoffice_api.domain.integrations.tables import import_documents, import_runs
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.batches import insert_many
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.commands.history import record_tickets, taken_numbers
from backoffice_api.domain.tickets.model.history import RecordedTicket


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTickets(Command):
    """The `number`-th batch of a file, from 1; the first starts the run, the last one ends it.

    `system`: whose tickets they are. `rejected_rows` were left out on the way to this batch.
    """

    scope = Scope.IMPORTS_WRITE
    system: str
    file: str
    fingerprint: str
    number: int
    tickets: tuple[RecordedTicket, ...]
    rejected_rows: int = 0
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class RecordedTickets:
    """`run`: the counts of the run up to here; `batch`: those of this batch alone.

    Positions of tickets that were rejected: `differing` ones are known with other rows, of `taken`
    ones another ticket has the number.
    """

    run_id: UUID
    run: TicketCounts
    batch: TicketCounts
    differing: tuple[int, ...] = ()
    taken: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sorted:
    fresh: Sequence[RecordedTicket]
    merged: Sequence[RecordedTicket]
    differing: Sequence[int]
    taken: Sequence[int]


def record_ticket_batch(uow: UnitOfWork, command: RecordTickets) -> RecordedTickets:
    """Take over the tickets of a batch that are not known yet, with their callers and teams.

    A ticket that is known with the same rows is merged, one that is known with others is rejected.

    Raises:
        BatchSkipped: an earlier batch of the run is missing.
        TooMany: the batch has more tickets than are recorded at once.
    """
    run = _run(uow, command)
    if command.number <= run.batches:
        return RecordedTickets(run.id, ticket_counts(run), TicketCounts())
    found = _sort(uow, command)
    customer_ids = record_customers(uow, _callers(command.system, found.fresh))
    teams = record_tickets(uow, command.system, found.fresh, customer_ids)
    _remember(uow, command, run, found.fresh)
    rejected = [command.tickets[at] for at in (*found.differing, *found.taken)]
    counts = counts_of_tickets(found.fresh) + TicketCounts(
        rows_read=_rows(command.tickets) + command.rejected_rows,
        rows_merged=_rows(found.merged),
        rows_rejected=_rows(rejected) + command.rejected_rows,
        tickets_merged=len(found.merged),
        tickets_rejected=len(rejected),
        customers=sum(isinstance(told.event, CustomerRecorded) for told in uow.told),
        teams=teams,
    )
    run = _advanced(uow, run, command, counts)
    return RecordedTickets(
        run.id, ticket_counts(run), counts, tuple(found.differing), tuple(found.taken)
    )


def _run(uow: UnitOfWork, command: RecordTickets) -> ImportRun:
    """The run that the batch belongs to; nobody else goes on with it until the transaction ends."""
    run = queries.locked_run(uow.db, command.system, command.fingerprint)
    if run is None or (run.status is ImportStatus.FINISHED and command.number == 1):
        run = ImportRun(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            source=command.system,
            fingerprint=command.fingerprint,
            file=command.file,
            status=MACHINE.start,
            batches=0,
            counts=asdict(TicketCounts()),
            finished_at=None,
        )
        add(uow, import_runs, [run])
        uow.emit(ImportStarted(run.id, run.version, run.source, run.file), after=run)
    if command.number > run.batches + 1:
        raise BatchSkipped(run.batches + 1, command.number).at("number")
    return run


def _sort(uow: UnitOfWork, command: RecordTickets) -> _Sorted:
    """What of a batch is new, what is known, and what cannot be taken over."""
    numbers = [each.number for each in command.tickets]
    known = queries.documents_by_keys(uow.db, command.system, numbers)
    digests = {key: each.digest for key, each in known.items()}
    taken_here = taken_numbers(uow, [each for each in numbers if each not in digests])
    fresh, merged, differing, taken = [], [], [], []
    for position, each in enumerate(command.tickets):
        if digests.get(each.number) == each.digest:
            merged.append(each)
        elif each.number in digests:
            differing.append(position)
        elif each.number in taken_here:
            taken.append(position)
        else:
            digests[each.number] = each.digest
            fresh.append(each)
    return _Sorted(fresh, merged, differing, taken)


def _callers(system: str, tickets: Sequence[RecordedTicket]) -> Sequence[RecordedCustomer]:
    first: dict[str, RecordedCustomer] = {}
    for each in tickets:
        if each.caller is not None and each.caller not in first:
            key = each.caller
            first[key] = RecordedCustomer(system, key, key, None, each.opened_at)
    return list(first.values())


def _remember(
    uow: UnitOfWork, command: RecordTickets, run: ImportRun, fresh: Sequence[RecordedTicket]
) -> None:
    columns: Mapping[str, Sequence[object]] = {
        "source": [command.system] * len(fresh),
        "key": [each.number for each in fresh],
        "digest": [each.digest for each in fresh],
        "run_id": [run.id] * len(fresh),
        "line": [each.line for each in fresh],
        "rows": [len(each.entries) for each in fresh],
    }
    insert_many(uow.db, import_documents, columns)


def _rows(tickets: Sequence[RecordedTicket]) -> int:
    return sum(len(each.entries) for each in tickets)


def _advanced(
    uow: UnitOfWork, run: ImportRun, command: RecordTickets, counts: TicketCounts
) -> ImportRun:
    action = "finish" if command.is_last else "record"
    total = ticket_counts(run) + counts
    after = replace(
        run,
        status=MACHINE.check(action, run.status),
        batches=command.number,
        counts=asdict(total),
        finished_at=uow.now if command.is_last else None,
    )
    after = save(uow, import_runs, run, after)
    if after.status is ImportStatus.FINISHED:
        event = ImportFinished(
            after.id, after.version, after.source, after.file, total.rows_read, total.rows_imported
        )
        uow.emit(event, before=run, after=after)
    return after
