"""Documents: what is printed or sent, as files that are written once.

A document is asked for, drawn by a job outside of any transaction, and then noted with the hash
of its content. The same input comes to the same bytes.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import ActorKind

PARTS_MAX = 2_000
ERROR_LENGTH_MAX = 2_000
LINK_GOOD_FOR = timedelta(minutes=15)
PDF, XML, ZPL = "application/pdf", "application/xml", "application/zpl"


class DocumentKind(Choice):
    """What a document is."""

    INVOICE = "invoice", "An invoice or credit note for people, PDF on A4."
    FACTUR_X = "factur_x", "An invoice as PDF/A-3 with its data attached as CII."
    UBL = "ubl", "An invoice or credit note for programs: UBL 2.1 by EN 16931."
    CII = "cii", "An invoice or credit note for programs: UN/CEFACT CII by EN 16931."
    NFE = "nfe", "A Brazilian NF-e of layout 4.00, signed if the certificate is set."
    PACKING_SLIP = "packing_slip", "What is in a fulfillment, for the buyer. PDF on A4."
    PICK_LIST = "pick_list", "What is to be picked for a fulfillment. PDF on A4."
    LABEL_SHEET = "label_sheet", "A label of 100 x 150 mm for each parcel of a fulfillment."
    CARRIER_LABEL = "carrier_label", "The labels that carriers sold for its parcels."
    PRINT_STREAM = "print_stream", "Several documents in one file, in a stated order."


class PrintFormat(Choice):
    """How a print stream is written."""

    PDF = "pdf", "Pages to be printed anywhere."
    ZPL = "zpl", "Commands for label printers. Only of CARRIER_LABEL."


# Of what id each kind of document is.
SUBJECTS: Mapping[DocumentKind, str] = {
    DocumentKind.INVOICE: "inv",
    DocumentKind.FACTUR_X: "inv",
    DocumentKind.UBL: "inv",
    DocumentKind.CII: "inv",
    DocumentKind.NFE: "inv",
    DocumentKind.PACKING_SLIP: "ful",
    DocumentKind.PICK_LIST: "ful",
    DocumentKind.LABEL_SHEET: "ful",
}
XML_KINDS = frozenset({DocumentKind.UBL, DocumentKind.CII, DocumentKind.NFE})
# Papers of the hall: once the goods are there, nobody needs them.
PASSING_KINDS = frozenset(
    {
        DocumentKind.PACKING_SLIP,
        DocumentKind.PICK_LIST,
        DocumentKind.LABEL_SHEET,
        DocumentKind.PRINT_STREAM,
    }
)
STREAM_KINDS = frozenset(
    {
        DocumentKind.INVOICE,
        DocumentKind.PACKING_SLIP,
        DocumentKind.PICK_LIST,
        DocumentKind.LABEL_SHEET,
        DocumentKind.CARRIER_LABEL,
    }
)


class DocumentStatus(Choice):
    """How far a document is."""

    QUEUED = "queued", "A job is to draw it."
    RENDERED = "rendered", "Its file is there."
    FAILED = "failed", "It cannot be drawn; `error` says why."
    REMOVED = "removed", "Its file was removed when its time was over; it can be drawn again."


MACHINE = Machine(
    DocumentStatus.QUEUED,
    move("finish", {DocumentStatus.QUEUED}, DocumentStatus.RENDERED),
    move("fail", {DocumentStatus.QUEUED}, DocumentStatus.FAILED),
    move("retry", {DocumentStatus.FAILED, DocumentStatus.REMOVED}, DocumentStatus.QUEUED),
    move("remove", {DocumentStatus.RENDERED}, DocumentStatus.REMOVED),
)


class DocumentSortKey(Choice):
    """By what a list of documents is sorted."""

    CREATED_AT = "created_at", "When it was asked for."


@dataclass(frozen=True, slots=True)
class Part:
    """Pages of a print stream: which kind of document, and of what."""

    kind: DocumentKind
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class Document:
    """A file, or one that is to be. `input_sha256` is the hash of what it was drawn from.

    `parts`: of each the kind and the digits of the id.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: DocumentKind
    status: DocumentStatus
    subject_id: UUID | None
    parts: Sequence[Sequence[str]]
    locale: str | None
    actor_kind: ActorKind
    actor_id: UUID | None
    job_id: UUID | None
    media_type: str | None
    name: str | None
    size_bytes: int | None
    pages: int | None
    sha256: str | None
    input_sha256: str | None
    error: str | None
    finished_at: datetime | None

    @property
    def key(self) -> str:
        """Its place in the storage: the same content lies there once."""
        return self.sha256 or ""

    @property
    def parts_count(self) -> int:
        return len(self.parts)

    @property
    def all_parts(self) -> Sequence[Part]:
        return [Part(DocumentKind(kind), UUID(digits)) for kind, digits in self.parts]

    @property
    def is_of_labels(self) -> bool:
        """Whether it is put together of files that carriers made."""
        return any(part.kind is DocumentKind.CARRIER_LABEL for part in self.all_parts)

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name == "retry"]


@dataclass(frozen=True, slots=True)
class DocumentRequested(Event):
    type = "document.requested"
    subject = "doc"
    summary = "A document of the kind {kind} is to be drawn."
    id: UUID
    version: int
    kind: DocumentKind
    subject_id: UUID | None


@dataclass(frozen=True, slots=True)
class DocumentRendered(Event):
    type = "document.rendered"
    subject = "doc"
    summary = "The document {name} was drawn, {size_bytes} bytes."
    id: UUID
    version: int
    kind: DocumentKind
    name: str
    size_bytes: int
    sha256: str
    subject_id: UUID | None


@dataclass(frozen=True, slots=True)
class DocumentFailed(Event):
    type = "document.failed"
    subject = "doc"
    summary = "The document could not be drawn: {error!r}."
    id: UUID
    version: int
    kind: DocumentKind
    error: str


@dataclass(frozen=True, slots=True)
class DocumentOffered(Event):
    type = "document.offered"
    subject = "doc"
    summary = "An address was made from which the document can be downloaded for a while."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownDocument(Missing):
    """There is no document with this id."""

    id: UUID
    message = "There is no such document."


@dataclass(eq=False)
class DocumentNotThere(Refused):
    """The document was not drawn yet, or could not be, or its file was removed."""

    message = "There is no file of the document. It can be drawn again, if it was removed."


@dataclass(eq=False)
class WrongSubject(Invalid):
    """A document of this kind is of something else: invoices of invoices, slips of fulfillments."""

    wanted: str
    message = "This kind of document is of an id of the form {wanted}_."


@dataclass(eq=False)
class NothingToPrint(Invalid):
    """A print stream needs at least one kind of document and something to print it for."""

    message = "Name at least one kind of document, and something to print it for."


@dataclass(eq=False)
class NotPrintable(Invalid):
    """Only documents for people go into a print stream."""

    kind: DocumentKind
    message = "Documents of the kind {kind.name} are not printed."


@dataclass(eq=False)
class LabelsApart(Invalid):
    """Labels of carriers go to another printer than papers, and only they are there as ZPL."""

    message = "Labels of carriers are printed by themselves, and nothing else as ZPL."


@dataclass(eq=False)
class LinkNotGood(Refused):
    """The address was changed, has expired, or leads to nothing."""

    message = "This address is not good, or not any more. Ask for another one."


def signature(key: str, document_id: UUID, expires: int) -> bytes:
    """What proves that an address of a document was made here, and until when it is good."""
    message = document_id.bytes + expires.to_bytes(5, "big")
    return hmac.digest(key.encode(), message, "sha256")
