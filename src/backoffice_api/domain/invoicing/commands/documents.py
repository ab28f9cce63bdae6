"""What can be done with documents: asked for, drawn, given up, tried again, fetched.

Drawing is no command: it is done by a job outside of any transaction, and settled by one.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.fulfillment import queries as fulfillments
from backoffice_api.domain.fulfillment.model.fulfillments import (
    FulfillmentState,
    UnknownFulfillment,
)
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.model.documents import (
    ERROR_LENGTH_MAX,
    LINK_GOOD_FOR,
    MACHINE,
    PARTS_MAX,
    PDF,
    STREAM_KINDS,
    SUBJECTS,
    ZPL,
    Document,
    DocumentFailed,
    DocumentKind,
    DocumentNotThere,
    DocumentOffered,
    DocumentRendered,
    DocumentRequested,
    DocumentStatus,
    LabelsApart,
    NothingToPrint,
    NotPrintable,
    Part,
    PrintFormat,
    WrongSubject,
    signature,
)
from backoffice_api.domain.invoicing.model.invoices import UnknownInvoice
from backoffice_api.domain.invoicing.queries.printing import (
    fulfillments_of_orders,
    invoices_of_fulfillments,
)
from backoffice_api.domain.invoicing.tables import documents
from backoffice_api.domain.kernel import ids, keys
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import InvalidLocale, check_locale
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_size, storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.orders import UnknownOrder

# Name of the job that draws a document.
RENDER_JOB = "invoicing.render_document"
LINK_KEY = "document_links"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderDocument(Command):
    """`subject`: prefix and id of what it is of. `locale` None: that of the invoice or buyer."""

    scope = Scope.INVOICES_WRITE
    kind: DocumentKind
    subject: tuple[str, UUID]
    locale: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePrintStream(Command):
    """The kinds one after the other for each fulfillment, in the order given.

    Of orders and of a wave: all their fulfillments that are not cancelled. `format`: of labels that
    carriers sold, which are printed by themselves.
    """

    scope = Scope.INVOICES_WRITE
    kinds: tuple[DocumentKind, ...]
    fulfillment_ids: tuple[UUID, ...] = ()
    order_ids: tuple[UUID, ...] = ()
    wave_id: UUID | None = None
    locale: str | None = None
    format: PrintFormat = PrintFormat.PDF


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishDocument(Command):
    """Its file lies in the storage, under the hash of its content."""

    scope = Scope.INVOICES_WRITE
    table = documents
    id: UUID
    name: str
    media_type: str
    size_bytes: int
    pages: int | None
    sha256: str
    input_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailDocument(Command):
    scope = Scope.INVOICES_WRITE
    table = documents
    id: UUID
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDocument(Command):
    scope = Scope.INVOICES_WRITE
    table = documents
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadDocument(Command):
    scope = Scope.INVOICES_READ
    table = documents
    id: UUID


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """The right to fetch a document. The secret is None when the answer is given again."""

    document_id: UUID
    secret: Secret | None


def render_document(uow: UnitOfWork, command: RenderDocument) -> UUID:
    """Have a document drawn by a job. Its id.

    Raises:
        WrongSubject, UnknownInvoice, UnknownFulfillment: it would be of nothing.
        NotPrintable: print streams are made in another way.
        InvalidLocale.
    """
    faults = Faults()
    _check_locale(faults, command.locale)
    prefix, id = command.subject
    wanted = SUBJECTS.get(command.kind)
    if wanted is None:
        faults.add(NotPrintable(command.kind).at("kind"))
    elif prefix != wanted:
        faults.add(WrongSubject(wanted).at("subject_id"))
    elif wanted == "inv" and id not in queries.invoices_by_ids(uow.db, [id]):
        faults.add(UnknownInvoice(id).at("subject_id"))
    elif wanted == "ful" and id not in fulfillments.fulfillments_by_ids(uow.db, [id]):
        faults.add(UnknownFulfillment(id).at("subject_id"))
    faults.check()
    return _request(uow, command.kind, id, [Part(command.kind, id)], command.locale)


def create_print_stream(uow: UnitOfWork, command: CreatePrintStream) -> UUID:
    """Have several documents drawn into one file, in a stated order. The id of the document.

    Raises:
        LabelsApart, NothingToPrint, NotPrintable, TooMany, InvalidLocale.
        UnknownFulfillment, UnknownOrder, UnknownWave.
    """
    faults = Faults()
    _check_locale(faults, command.locale)
    for position, kind in enumerate(command.kinds):
        if kind not in STREAM_KINDS:
            faults.add(NotPrintable(kind).at("kinds", position))
    of_labels = set(command.kinds) == {DocumentKind.CARRIER_LABEL}
    is_zpl = command.format is PrintFormat.ZPL
    if not of_labels and (is_zpl or DocumentKind.CARRIER_LABEL in command.kinds):
        faults.add(LabelsApart().at("kinds"))
    named = command.fulfillment_ids or command.order_ids or command.wave_id
    if not command.kinds or not named:
        faults.add(NothingToPrint().at("kinds" if not command.kinds else "fulfillment_ids"))
    for name in ("fulfillment_ids", "order_ids"):
        check_size(getattr(command, name), faults, name, maximum=PARTS_MAX)
    faults.check()
    wanted = _fulfillments(uow, faults, command)
    faults.check()
    parts = _parts(uow, command.kinds, wanted)
    check_size(parts, faults, "fulfillment_ids", maximum=PARTS_MAX)
    if not parts:
        faults.add(NothingToPrint().at("kinds"))
    faults.check()
    media_type = ZPL if is_zpl else PDF
    return _request(uow, DocumentKind.PRINT_STREAM, None, parts, command.locale, media_type)


def finish_document(uow: UnitOfWork, command: FinishDocument) -> bool:
    """Note the file of a document. False: it was noted before."""
    before = queries.document(uow.db, command.id)
    if before.status is not DocumentStatus.QUEUED:
        return False
    after = save(
        uow,
        documents,
        before,
        replace(
            before,
            status=MACHINE.check("finish", before.status),
            name=command.name,
            media_type=command.media_type,
            size_bytes=command.size_bytes,
            pages=command.pages,
            sha256=command.sha256,
            input_sha256=command.input_sha256,
            finished_at=uow.now,
        ),
    )
    event = DocumentRendered(
        after.id,
        after.version,
        after.kind,
        command.name,
        command.size_bytes,
        command.sha256,
        after.subject_id,
    )
    uow.emit(event, before=before, after=after)
    return True


def fail_document(uow: UnitOfWork, command: FailDocument) -> bool:
    """Give a document up, with the reason. False: it was ended before."""
    before = queries.document(uow.db, command.id)
    if before.status is not DocumentStatus.QUEUED:
        return False
    error = storable(command.error)[:ERROR_LENGTH_MAX]
    status = MACHINE.check("fail", before.status)
    after = replace(before, status=status, error=error, finished_at=uow.now)
    after = save(uow, documents, before, after)
    uow.emit(DocumentFailed(after.id, after.version, after.kind, error), before=before, after=after)
    return True


def retry_document(uow: UnitOfWork, command: RetryDocument) -> UUID:
    """Have a document drawn again that could not be, or whose file was removed. Its id.

    Raises:
        UnknownDocument, InvalidTransition.
    """
    before = queries.document(uow.db, command.id)
    status = MACHINE.check("retry", before.status)
    (job_id,) = uow.enqueue(_job(before.id))
    after = replace(before, status=status, error=None, finished_at=None, job_id=job_id)
    after = save(uow, documents, before, after)
    event = DocumentRequested(after.id, after.version, after.kind, after.subject_id)
    uow.emit(event, before=before, after=after)
    return after.id


def download_document(uow: UnitOfWork, command: DownloadDocument) -> DocumentLink:
    """An address from which the file can be fetched for a quarter of an hour.

    Raises:
        NotAllowed: it names people, and the caller may not see personal data.
        UnknownDocument: there is none with this id.
        DocumentNotThere: it was not drawn yet, or could not be.
    """
    found = queries.document(uow.db, command.id)
    if any(part.kind is not DocumentKind.PICK_LIST for part in found.all_parts):
        uow.require(Scope.PERSONAL_READ)
    if found.status is not DocumentStatus.RENDERED:
        raise DocumentNotThere().at("id")
    expires = int((uow.now + LINK_GOOD_FOR).timestamp())
    signed = signature(keys.key(uow.db, LINK_KEY), found.id, expires)
    token = found.id.bytes + expires.to_bytes(5, "big") + signed
    uow.emit(DocumentOffered(found.id, found.version))
    return DocumentLink(found.id, Secret(urlsafe_b64encode(token).rstrip(b"=").decode()))


def _check_locale(faults: Faults, locale: str | None) -> None:
    try:
        if locale is not None:
            check_locale(locale)
    except InvalidLocale as fault:
        faults.add(fault.at("locale"))


def _fulfillments(uow: UnitOfWork, faults: Faults, command: CreatePrintStream) -> Sequence[UUID]:
    """The fulfillments to be printed, in the order given; those that there are not are noted."""
    known = fulfillments.fulfillments_by_ids(uow.db, set(command.fulfillment_ids))
    for position, id in enumerate(command.fulfillment_ids):
        if id not in known:
            faults.add(UnknownFulfillment(id).at("fulfillment_ids", position))
    present = orders.orders_by_ids(uow.db, set(command.order_ids))
    for position, id in enumerate(command.order_ids):
        if id not in present:
            faults.add(UnknownOrder(id).at("order_ids", position))
    of_orders = fulfillments_of_orders(uow.db, command.order_ids)
    found = [*command.fulfillment_ids]
    if command.wave_id:
        wave = fulfillments.wave(uow.db, command.wave_id)
        of_wave = fulfillments.fulfillments_by_waves(uow.db, [wave.id]).get(wave.id, ())
        found += [each.id for each in of_wave if each.status is not FulfillmentState.CANCELLED]
    for id in command.order_ids:
        found.extend(of_orders.get(id, ()))
    return list(dict.fromkeys(found))


def _parts(
    uow: UnitOfWork, kinds: Sequence[DocumentKind], wanted: Sequence[UUID]
) -> Sequence[Part]:
    invoices: Mapping[UUID, Sequence[UUID]] = {}
    if DocumentKind.INVOICE in kinds:
        invoices = invoices_of_fulfillments(uow.db, wanted)
    parts: list[Part] = []
    for id in wanted:
        for kind in kinds:
            subjects = invoices.get(id, ()) if kind is DocumentKind.INVOICE else (id,)
            parts.extend(Part(kind, subject) for subject in subjects)
    return parts


def _request(
    uow: UnitOfWork,
    kind: DocumentKind,
    subject_id: UUID | None,
    parts: Sequence[Part],
    locale: str | None,
    media_type: str | None = None,
) -> UUID:
    id = uow.new_id()
    (job_id,) = uow.enqueue(_job(id))
    made = Document(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        kind=kind,
        status=MACHINE.start,
        subject_id=subject_id,
        parts=[[part.kind.value, part.subject_id.hex] for part in parts],
        locale=locale,
        actor_kind=uow.caller.actor.kind,
        actor_id=uow.caller.actor.id,
        job_id=job_id,
        media_type=media_type,
        name=None,
        size_bytes=None,
        pages=None,
        sha256=None,
        input_sha256=None,
        error=None,
        finished_at=None,
    )
    add(uow, documents, [made])
    uow.emit(DocumentRequested(made.id, made.version, kind, subject_id))
    return made.id


def _job(id: UUID) -> Job:
    return Job(RENDER_JOB, {"id": ids.text("doc", id)})
