"""What can be done with imports: record the next batch of a run.

A batch is one transaction: its documents with everything that follows from them, its counts and
how far the run is. So an import that is killed anywhere has recorded whole batches, and goes on
with the next one; a batch that is given once more finds all its documents known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from backoffice_api.domain.customers.model import CustomerRecorded
from backoffice_api.domain.integrations import queries
from backoffice_api.domain.integrations.commands.documents import record_documents, record_named
from backoffice_api.domain.integrations.commands.returns import CameBackRows, record_back
from backoffice_api.domain.integrations.model import (
    BATCH_DOCUMENTS_MAX,
    MACHINE,
    BatchSkipped,
    Counts,
    Document,
    ImportFinished,
    ImportRun,
    ImportStarted,
    ImportStatus,
    Source,
    counts_of,
)
from backoffice_api.domain.integrations.tables import import_documents, import_runs
from backoffice_api.domain.kernel import external_ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products.model import ProductCreated, VariantCreated
from backoffice_api.domain.returns.model.matching import MatchEnding


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBatch(Command):
    """The `number`-th batch of a run, from 1; the first starts it, the one that `is_last` ends it.

    `rejected_rows` and `rejected_documents` were left out on the way to this batch.
    """

    scope = Scope.IMPORTS_WRITE
    source: Source
    number: int
    documents: tuple[Document, ...]
    rejected_rows: int = 0
    rejected_documents: int = 0
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class UnmatchedRow:
    """A row of a return of which not all pieces could be matched with sales.

    By the positions of the document in its batch, and of the row in the document.
    """

    document: int
    row: int
    ending: MatchEnding


@dataclass(frozen=True, slots=True)
class RecordedBatch:
    """What a batch came to.

    `run`: all counts of the run up to here. `batch`: those of this batch alone. `differing`:
    positions of documents that are known with other rows, and were rejected. `unmatched`: what
    came back of which no sale was found, or not of all pieces. `products`, `variants`,
    `customers`: keys of those that were made.
    """

    run_id: UUID
    run: Counts
    batch: Counts
    differing: tuple[int, ...]
    unmatched: tuple[UnmatchedRow, ...]
    products: tuple[str, ...]
    variants: tuple[str, ...]
    customers: tuple[str, ...]


def record_batch(uow: UnitOfWork, command: RecordBatch) -> RecordedBatch:
    """Take over the documents of a batch that are not known yet, with all that they name.

    A document that is known with the same rows is merged, one that is known with others is
    rejected. What came back is matched with the sales that were taken over up to this batch.

    Raises:
        BatchSkipped: an earlier batch of the run is missing.
        TooMany: the batch has more than `BATCH_DOCUMENTS_MAX` documents.
    """
    faults = Faults()
    check_size(command.documents, faults, "documents", maximum=BATCH_DOCUMENTS_MAX)
    faults.check()
    run = _run(uow, command)
    fresh, merged, differing = _sorted(uow, command)
    variant_ids, customer_ids = record_named(uow, command.source, fresh)
    record_documents(uow, command.source, fresh, variant_ids, customer_ids)
    back = record_back(uow, command.source, fresh, variant_ids, customer_ids)
    _remember(uow, command, run, fresh)

    products, variants, customers = _made(uow, variant_ids, customer_ids)
    counts = (
        counts_of(fresh)
        + back.counts
        + Counts(
            rows_read=command.rejected_rows + _rows(command.documents),
            rows_merged=_rows(merged),
            rows_rejected=command.rejected_rows + _rows(command.documents[i] for i in differing),
            documents_merged=len(merged),
            documents_rejected=command.rejected_documents + len(differing),
            products=len(products),
            variants=len(variants),
            customers=len(customers),
        )
    )
    run = _advanced(uow, run, command, counts)
    return RecordedBatch(
        run_id=run.id,
        run=run.total,
        batch=counts,
        differing=tuple(differing),
        unmatched=tuple(_unmatched(command.documents, back)),
        products=products,
        variants=variants,
        customers=customers,
    )


def _run(uow: UnitOfWork, command: RecordBatch) -> ImportRun:
    """The run that the batch belongs to; nobody else goes on with it until the transaction ends.

    Two who import the same file at once go on with one run. Whoever is slower may find it
    finished, and all its batches recorded.
    """
    source = command.source
    run = queries.locked_run(uow.db, source.name, source.fingerprint)
    if run is None or (run.status is ImportStatus.FINISHED and command.number == 1):
        run = _started(uow, source)
    if command.number > run.batches + 1:
        raise BatchSkipped(run.batches + 1, command.number).at("number")
    return run


def _started(uow: UnitOfWork, source: Source) -> ImportRun:
    run = ImportRun(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        source=source.name,
        fingerprint=source.fingerprint,
        file=source.file,
        status=MACHINE.start,
        batches=0,
        counts=asdict(Counts()),
        finished_at=None,
    )
    add(uow, import_runs, [run])
    uow.emit(ImportStarted(run.id, run.version, run.source, run.file), after=run)
    return run


def _sorted(
    uow: UnitOfWork, command: RecordBatch
) -> tuple[list[Document], list[Document], list[int]]:
    """Documents that are new, those that are known, positions of those known with other rows."""
    wanted = [each.key for each in command.documents]
    known = queries.documents_by_keys(uow.db, command.source.name, wanted)
    digests = {key: each.digest for key, each in known.items()}
    fresh, merged, differing = [], [], []
    for position, each in enumerate(command.documents):
        if each.key not in digests:
            digests[each.key] = each.digest
            fresh.append(each)
        elif digests[each.key] == each.digest:
            merged.append(each)
        else:
            differing.append(position)
    return fresh, merged, differing


def _remember(
    uow: UnitOfWork, command: RecordBatch, run: ImportRun, fresh: Sequence[Document]
) -> None:
    rows = [
        {
            "source": command.source.name,
            "key": each.key,
            "digest": each.digest,
            "run_id": run.id,
            "line": each.line,
            "rows": len(each.rows),
        }
        for each in fresh
    ]
    if rows:
        uow.db.execute(import_documents.insert(), rows)


def _unmatched(documents: Sequence[Document], back: CameBackRows) -> Iterator[UnmatchedRow]:
    """By the positions of documents among all of the batch."""
    positions = {each.key: position for position, each in reversed([*enumerate(documents)])}
    for key, row, ending in back.unmatched:
        yield UnmatchedRow(positions[key], row, ending)


def _made(
    uow: UnitOfWork,
    variant_ids: Mapping[str, UUID],
    customer_ids: Mapping[str, UUID],
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Keys of the products, variants and customers that the batch has made."""
    made = {
        told.event.id
        for told in uow.told
        if isinstance(told.event, ProductCreated | VariantCreated | CustomerRecorded)
    }
    products = [told.event.id for told in uow.told if isinstance(told.event, ProductCreated)]
    names = external_ids.by_subjects(uow.db, products)
    return (
        tuple(each.key for of_one in names.values() for each in of_one),
        tuple(sku for sku, id in variant_ids.items() if id in made),
        tuple(key for key, id in customer_ids.items() if id in made),
    )


def _rows(documents: Iterable[Document]) -> int:
    return sum(len(each.rows) for each in documents)


def _advanced(uow: UnitOfWork, run: ImportRun, command: RecordBatch, counts: Counts) -> ImportRun:
    """The run with the batch on its account. A batch that was recorded before changes nothing."""
    if command.number <= run.batches:
        return run
    action = "finish" if command.is_last else "record"
    after = replace(
        run,
        status=MACHINE.check(action, run.status),
        batches=command.number,
        counts=asdict(run.total + counts),
        finished_at=uow.now if command.is_last else None,
    )
    after = save(uow, import_runs, run, after)
    if after.status is ImportStatus.FINISHED:
        total = after.total
        event = ImportFinished(
            after.id,
            after.version,
            after.source,
            after.file,
            total.rows_read,
            total.rows_imported,
        )
        uow.emit(event, before=run, after=after)
    return after
