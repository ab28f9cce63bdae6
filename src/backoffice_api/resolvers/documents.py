"""What can be asked and done with documents and fiscal documents."""

import strawberry

from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands import documents, fiscal
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.ids import MalformedId
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.documents import (
    Document,
    DocumentFilter,
    DocumentLinkPayload,
    DocumentPayload,
    DocumentRenderInput,
    DocumentSort,
    FiscalDocument,
    FiscalDocumentFilter,
    FiscalDocumentPayload,
    FiscalDocumentSort,
    PrintStreamCreateInput,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.sellers import READ


@strawberry.type
class DocumentQuery:
    document: Document | None = found_by_id(
        "doc",
        queries.documents_by_ids,
        "Its id.",
        "One document or print stream. Null if there is none.",
        scope=READ,
    )
    documents: Connection[Document] = listed(
        queries.document_list,
        "Documents and print streams, newest first.",
        scope=READ,
        filter=DocumentFilter,
        sort=DocumentSort,
    )
    fiscal_document: FiscalDocument | None = found_by_id(
        "fis",
        queries.fiscal_documents_by_ids,
        "Its id.",
        "One fiscal document. Null if there is none.",
        scope=READ,
    )
    fiscal_documents: Connection[FiscalDocument] = listed(
        queries.fiscal_document_list,
        "What tax offices say of invoices, newest first.",
        scope=READ,
        filter=FiscalDocumentFilter,
        sort=FiscalDocumentSort,
    )
    fiscal_documents_count: Count = counted(
        queries.fiscal_document_list,
        "How many fiscal documents there are.",
        scope=READ,
        filter=FiscalDocumentFilter,
    )


@strawberry.type
class DocumentMutation:
    @mutation(documents.render_document, DocumentPayload)
    def document_render(input: DocumentRenderInput) -> documents.RenderDocument:
        """Have a document drawn by a job. Follow it by `document(id)`."""
        subject = ids.split(input.subject_id)
        if subject is None:
            raise MalformedId("inv")
        return documents.RenderDocument(kind=input.kind, subject=subject, locale=input.locale)

    @mutation(documents.create_print_stream, DocumentPayload)
    def print_stream_create(input: PrintStreamCreateInput) -> documents.CreatePrintStream:
        """Have many documents, or labels, put into one file, in a stated order."""
        return documents.CreatePrintStream(
            kinds=tuple(input.kinds),
            fulfillment_ids=tuple(ids.parse("ful", each) for each in input.fulfillment_ids),
            order_ids=tuple(ids.parse("ord", each) for each in input.order_ids),
            wave_id=given_id("wav", input.wave_id),
            locale=input.locale,
            format=input.format,
        )

    @mutation(documents.retry_document, DocumentPayload)
    def document_retry(id: strawberry.ID) -> documents.RetryDocument:
        """Have a document drawn again that could not be, or whose file was removed."""
        return documents.RetryDocument(id=ids.parse("doc", id))

    @mutation(documents.download_document, DocumentLinkPayload)
    def document_download(id: strawberry.ID) -> documents.DownloadDocument:
        """An address to GET the file from. Takes the right to see personal data, but for picks."""
        return documents.DownloadDocument(id=ids.parse("doc", id))

    @mutation(fiscal.retry_fiscal_document, FiscalDocumentPayload)
    def fiscal_document_retry(id: strawberry.ID) -> fiscal.RetryFiscalDocument:
        """Hand in again what was rejected."""
        return fiscal.RetryFiscalDocument(id=ids.parse("fis", id))

    @mutation(fiscal.enter_contingency, FiscalDocumentPayload)
    def fiscal_document_enter_contingency(id: strawberry.ID) -> fiscal.EnterContingency:
        """Let the goods go though the office cannot be reached; it is handed in later."""
        return fiscal.EnterContingency(id=ids.parse("fis", id))

    @mutation(fiscal.waive_fiscal_document, FiscalDocumentPayload)
    def fiscal_document_waive(id: strawberry.ID) -> fiscal.WaiveFiscalDocument:
        """Say that nobody has to authorise it after all."""
        return fiscal.WaiveFiscalDocument(id=ids.parse("fis", id))

    @mutation(fiscal.cancel_fiscal_document, FiscalDocumentPayload)
    def fiscal_document_cancel(id: strawberry.ID) -> fiscal.CancelFiscalDocument:
        """Note that it was taken back at the office."""
        return fiscal.CancelFiscalDocument(id=ids.parse("fis", id))
