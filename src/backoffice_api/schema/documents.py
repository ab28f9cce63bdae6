"""Documents and fiscal documents on the wire."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.fulfillment.queries import fulfillments_by_ids
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.model import documents as model
from backoffice_api.domain.invoicing.model import fiscal as fiscal_model
from backoffice_api.domain.invoicing.model.documents import (
    SUBJECTS,
    DocumentKind,
    DocumentSortKey,
    DocumentStatus,
    PrintFormat,
)
from backoffice_api.domain.invoicing.model.fiscal import FiscalSortKey, FiscalStatus
from backoffice_api.domain.invoicing.tables import documents
from backoffice_api.domain.kernel import ids, job_queries
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.orders import queries as orders
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import DateTimeFilter, IdFilter, SortDirection, filter_input
from backoffice_api.schema.fulfillment import Fulfillment
from backoffice_api.schema.invoicing import Invoice
from backoffice_api.schema.jobs import READ as JOBS_READ
from backoffice_api.schema.jobs import Job
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.scalars import BigInt
from backoffice_api.schema.sellers import READ

PATH = "/documents/"

for _choices in (DocumentSortKey, DocumentStatus, FiscalSortKey, FiscalStatus, PrintFormat):
    choice(_choices)
choice(DocumentKind)


def _subject(document: model.Document) -> str | None:
    if document.subject_id is None:
        return None
    return ids.text(SUBJECTS[document.kind], document.subject_id)


def _asked_by(parent: strawberry.Parent[model.Document]) -> Actor:
    return actor_of(parent.actor_kind, parent.actor_id)


@node("doc", model.Document, queries.documents_by_ids, scope=READ)
class Document(Node, Versioned, HasTimeline):
    """A file to be printed or sent. It is drawn by a job, and never changed."""

    kind: DocumentKind = about("What it is.")
    status: DocumentStatus = about("How far it is.")
    parts_count: int = about("How many documents are in it: 1, or more in a print stream.")
    locale: str | None = about("Its language. Null: that of what it is of.")
    media_type: str | None = about("application/pdf or application/xml. Null: not drawn yet.")
    name: str | None = about("What the file is called. Null: not drawn yet.")
    size_bytes: BigInt | None = about("How large it is. Null: not drawn yet.")
    pages: int | None = about("How many pages it has. Null: not drawn yet, or it has none.")
    sha256: str | None = about("SHA-256 of the content in hexadecimal digits. Null: not drawn yet.")
    input_sha256: str | None = about(
        "SHA-256 of what it was drawn from; the same comes to the same content."
    )
    error: str | None = about("Why it could not be drawn. Null: it could, or is not yet.")
    finished_at: datetime | None = about("When it was drawn or given up. Null: not yet.")
    actions: list[ActionState] = about("What can be done with it now.")
    asked_by: Actor = about("Who asked for it.", resolver=_asked_by)
    subject: Node | None = linked_node(
        _subject, "What it is of. Null: of several things, or not for the caller to see."
    )
    job: Job | None = one(
        job_queries.jobs_by_ids, "job_id", "The job that draws it.", scope=JOBS_READ
    )


@node("fis", fiscal_model.FiscalDocument, queries.fiscal_documents_by_ids, scope=READ)
class FiscalDocument(Node, Versioned, HasTimeline):
    """What a tax office says of an invoice. While it says no, the goods may have to stay."""

    status: FiscalStatus = about("How far it is.")
    provider: str = about("Who authorises it, by the name of the adapter.")
    attempt: int = about("How often it was handed in.")
    reference: str | None = about("What the office calls it. Null: nothing yet.")
    message: str | None = about("What the office said last. Null: nothing yet.")
    submitted_at: datetime | None = about("When it was handed in last. Null: it was not.")
    authorised_at: datetime | None = about("When it was authorised. Null: it was not.")
    cancelled_at: datetime | None = about("When it was taken back. Null: it was not.")
    actions: list[ActionState] = about("What can be done with it now.")
    invoice: Invoice = one(queries.invoices_by_ids, "invoice_id", "The invoice.")
    fulfillment: Fulfillment | None = one(
        fulfillments_by_ids,
        "fulfillment_id",
        "What waits for it. Null: the invoice is of no single fulfillment.",
        scope=Scope.FULFILLMENT_READ,
    )
    order: Order = one(
        orders.orders_by_ids, "order_id", "What was ordered.", scope=Scope.ORDERS_READ
    )


@filter_input
class DocumentFilter:
    """Which documents. All words that are given must hold."""

    kind: list[DocumentKind] | None = about("Of one of these kinds.", default=UNSET)
    status: list[DocumentStatus] | None = about("In one of these states.", default=UNSET)
    subject_id: IdFilter | None = about("Of these invoices or fulfillments.", default=UNSET)
    created_at: DateTimeFilter | None = about("Asked for at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of documents.")
class DocumentSort:
    key: DocumentSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class FiscalDocumentFilter:
    """Which fiscal documents. All words that are given must hold."""

    status: list[FiscalStatus] | None = about("In one of these states.", default=UNSET)
    order_id: IdFilter | None = about("Of these orders.", default=UNSET)
    fulfillment_id: IdFilter | None = about("Of these fulfillments.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of fiscal documents.")
class FiscalDocumentSort:
    key: FiscalSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="A document to be drawn.")
class DocumentRenderInput:
    kind: DocumentKind = about("What it is to be.")
    subject_id: strawberry.ID = about("Of which invoice or fulfillment.")
    locale: str | None = about("Its language; null: the buyer's.", default=None)


@strawberry.input(description="Documents to be drawn into one file.")
class PrintStreamCreateInput:
    kinds: list[DocumentKind] = about(
        "Which documents, one after the other for each fulfillment: INVOICE, PACKING_SLIP, "
        "PICK_LIST, LABEL_SHEET; or CARRIER_LABEL by itself."
    )
    fulfillment_ids: list[strawberry.ID] = about(
        "For these fulfillments, in this order.", default_factory=list
    )
    order_ids: list[strawberry.ID] = about(
        "For all fulfillments of these orders that are not cancelled.", default_factory=list
    )
    wave_id: strawberry.ID | None = about(
        "For all fulfillments of this wave, in their order.", default=None
    )
    locale: str | None = about("Their language; null: each buyer's.", default=None)
    format: PrintFormat = about(
        "How labels of carriers are written; all else is PDF.", default=PrintFormat.PDF
    )


@payload
class DocumentPayload(MutationPayload):
    """What asking for a document answers."""

    document: Document | None = one(
        queries.documents_by_ids, "value", "The document as it is now. Null if it was refused."
    )


def _link_document(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return None if parent.value is None else parent.value.document_id


def _link_path(parent: strawberry.Parent[Outcome]) -> Secret | None:
    if parent.value is None or parent.value.secret is None:
        return None
    return Secret(PATH + parent.value.secret.reveal())


@payload
class DocumentLinkPayload(MutationPayload):
    """An address of a document, good for a quarter of an hour."""

    document: Document | None = found_of(
        _link_document, queries.documents_by_ids, "The document. Null if it was refused."
    )
    path: Secret | None = about(
        "Where to GET it from, below the address of the API. Null if it was refused, and when an "
        "answer is given again.",
        resolver=_link_path,
    )


@payload
class FiscalDocumentPayload(MutationPayload):
    """What a mutation of a fiscal document answers."""

    fiscal_document: FiscalDocument | None = one(
        queries.fiscal_documents_by_ids, "value", "As it is now. Null if it was refused."
    )


attach(
    Invoice,
    "documents",
    Connection[Document],
    listed_under(
        queries.document_list,
        documents.c.subject_id,
        "What was drawn of it, newest first.",
        filter=DocumentFilter,
        scope=READ,
    ),
)
attach(
    Fulfillment,
    "documents",
    Connection[Document],
    listed_under(
        queries.document_list,
        documents.c.subject_id,
        "What was drawn of it, newest first.",
        filter=DocumentFilter,
        scope=READ,
    ),
)
attach(
    Invoice,
    "fiscal_document",
    FiscalDocument | None,
    one(
        queries.fiscal_documents_by_invoices,
        "id",
        "What the tax office says of it. Null: nobody has to be asked.",
        scope=READ,
    ),
)
