"""What can be asked about sellers, invoices, documents and fiscal documents."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, case, func, select

from backoffice_api.domain.invoicing.model.documents import (
    Document,
    DocumentSortKey,
    UnknownDocument,
)
from backoffice_api.domain.invoicing.model.fiscal import (
    FiscalDocument,
    FiscalSortKey,
    UnknownFiscalDocument,
)
from backoffice_api.domain.invoicing.model.invoices import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceSortKey,
    InvoiceTax,
    UnknownInvoice,
)
from backoffice_api.domain.invoicing.model.sellers import Seller, SellerSortKey
from backoffice_api.domain.invoicing.tables import (
    documents,
    fiscal_documents,
    invoice_lines,
    invoice_taxes,
    invoices,
    seller_channels,
    sellers,
)
from backoffice_api.domain.kernel.filters import On, OnMoney
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, columns_of, fetch, many_per, one_per, select_as
from backoffice_api.domain.orders.model.channels import Channel
from backoffice_api.domain.orders.tables import channels, orders

sellers_by_ids = one_per(Seller, sellers, sellers.c.id)
sellers_by_codes = one_per(Seller, sellers, sellers.c.code)
invoices_by_ids = one_per(Invoice, invoices, invoices.c.id)
invoice_lines_by_ids = one_per(InvoiceLine, invoice_lines, invoice_lines.c.id)
lines_by_invoices = many_per(
    InvoiceLine, invoice_lines, invoice_lines.c.invoice_id, invoice_lines.c.position
)
taxes_by_invoices = many_per(
    InvoiceTax,
    invoice_taxes,
    invoice_taxes.c.invoice_id,
    invoice_taxes.c.rate_ppm.desc(),
    invoice_taxes.c.category,
)
documents_by_ids = one_per(Document, documents, documents.c.id)
fiscal_documents_by_ids = one_per(FiscalDocument, fiscal_documents, fiscal_documents.c.id)
fiscal_documents_by_invoices = one_per(
    FiscalDocument, fiscal_documents, fiscal_documents.c.invoice_id
)
seller_list = Listing(
    Seller,
    sellers,
    sorts={
        SellerSortKey.CODE: sellers.c.code,
        SellerSortKey.CREATED_AT: sellers.c.created_at,
    },
    words={"code": On(sellers.c.code)},
    descending=False,
)

invoice_list = Listing(
    Invoice,
    invoices,
    sorts={
        InvoiceSortKey.CREATED_AT: invoices.c.created_at,
        InvoiceSortKey.ISSUED_ON: invoices.c.issued_on,
        InvoiceSortKey.TOTAL: invoices.c.total_minor,
    },
    words={
        "kind": On(invoices.c.kind),
        "status": On(invoices.c.status),
        "number": On(invoices.c.number),
        "seller_id": On(invoices.c.seller_id),
        "channel_id": On(invoices.c.channel_id),
        "order_id": On(invoices.c.order_id),
        "customer_id": On(invoices.c.customer_id),
        "fulfillment_id": On(invoices.c.fulfillment_id),
        "issued_on": On(invoices.c.issued_on),
        "due_on": On(invoices.c.due_on),
        "total": OnMoney(invoices.c.total_minor, invoices.c.currency),
        "created_at": On(invoices.c.created_at),
    },
)

document_list = Listing(
    Document,
    documents,
    sorts={DocumentSortKey.CREATED_AT: documents.c.created_at},
    words={
        "kind": On(documents.c.kind),
        "status": On(documents.c.status),
        "subject_id": On(documents.c.subject_id),
        "created_at": On(documents.c.created_at),
    },
)

fiscal_document_list = Listing(
    FiscalDocument,
    fiscal_documents,
    sorts={FiscalSortKey.CREATED_AT: fiscal_documents.c.created_at},
    words={
        "status": On(fiscal_documents.c.status),
        "order_id": On(fiscal_documents.c.order_id),
        "fulfillment_id": On(fiscal_documents.c.fulfillment_id),
        "created_at": On(fiscal_documents.c.created_at),
    },
)


@dataclass(frozen=True, slots=True)
class Invoiced:
    """How many pieces of each line of an order are invoiced and not credited.

    `shipping`: whether its delivery is.
    """

    pieces: Mapping[UUID, int]
    shipping: bool


def invoiced_of(db: Connection, order_id: UUID) -> Invoiced:
    """What of an order is invoiced. To be asked while the order is locked."""
    found = _invoiced(db, invoices.c.order_id == order_id)
    return Invoiced({id: sum_ for id, sum_ in found.items() if id}, found.get(None, 0) > 0)


def invoiced_in(db: Connection, fulfillment_id: UUID) -> Mapping[UUID, int]:
    """How many pieces of each line are invoiced as those of a fulfillment, and not credited."""
    found = _invoiced(db, invoices.c.fulfillment_id == fulfillment_id)
    return {id: sum_ for id, sum_ in found.items() if id}


def _invoiced(db: Connection, of: ColumnElement[bool]) -> Mapping[UUID | None, int]:
    """Pieces on invoices without those on credit notes, by line. None: the delivery."""
    pieces = case(
        (invoices.c.kind == InvoiceKind.INVOICE, invoice_lines.c.quantity),
        else_=-invoice_lines.c.quantity,
    )
    statement = (
        select(invoice_lines.c.order_line_id, func.sum(pieces))
        .join(invoices, invoices.c.id == invoice_lines.c.invoice_id)
        .where(of)
        .group_by(invoice_lines.c.order_line_id)
    )
    return {line_id: int(sum_) for line_id, sum_ in db.execute(statement)}


def credited_of(db: Connection, invoice_id: UUID) -> Mapping[UUID, int]:
    """How many pieces of each line of an invoice are credited."""
    credited = invoice_lines.alias("credited")
    statement = (
        select(credited.c.credited_line_id, func.sum(credited.c.quantity))
        .join(invoice_lines, invoice_lines.c.id == credited.c.credited_line_id)
        .where(invoice_lines.c.invoice_id == invoice_id)
        .group_by(credited.c.credited_line_id)
    )
    return {line_id: int(sum_) for line_id, sum_ in db.execute(statement)}


def seller_of_channel(db: Connection, channel_id: UUID) -> Seller | None:
    """Who sells in a channel. None: nobody was named."""
    statement = (
        select_as(Seller, sellers)
        .join(seller_channels, seller_channels.c.seller_id == sellers.c.id)
        .where(seller_channels.c.channel_id == channel_id)
    )
    found = fetch(db, Seller, statement)
    return found[0] if found else None


def gated_orders(db: Connection, ids: Collection[UUID]) -> Collection[UUID]:
    """Those of the orders whose goods stay until their invoice is authorised."""
    statement = (
        select(orders.c.id)
        .join(seller_channels, seller_channels.c.channel_id == orders.c.channel_id)
        .join(sellers, sellers.c.id == seller_channels.c.seller_id)
        .where(sellers.c.gates_dispatch, among(orders.c.id, ids))
    )
    return frozenset(db.execute(statement).scalars())


def channels_by_sellers(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Channel]]:
    """The channels in which sellers sell, by code."""
    statement = (
        select(seller_channels.c.seller_id, *columns_of(Channel, channels))
        .join(channels, channels.c.id == seller_channels.c.channel_id)
        .where(seller_channels.c.seller_id.in_(tuple(ids)))
        .order_by(channels.c.code)
    )
    found: dict[UUID, list[Channel]] = {}
    for seller_id, *row in db.execute(statement):
        found.setdefault(seller_id, []).append(Channel(*row))
    return found


def invoice(db: Connection, id: UUID) -> Invoice:
    """The invoice `id`.

    Raises:
        UnknownInvoice: there is none.
    """
    if found := invoices_by_ids(db, [id]).get(id):
        return found
    raise UnknownInvoice(id).at("id")


def document(db: Connection, id: UUID) -> Document:
    """The document `id`.

    Raises:
        UnknownDocument: there is none.
    """
    if found := documents_by_ids(db, [id]).get(id):
        return found
    raise UnknownDocument(id).at("id")


def fiscal_document(db: Connection, id: UUID) -> FiscalDocument:
    """The fiscal document `id`.

    Raises:
        UnknownFiscalDocument: there is none.
    """
    if found := fiscal_documents_by_ids(db, [id]).get(id):
        return found
    raise UnknownFiscalDocument(id).at("id")
