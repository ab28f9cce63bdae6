"""Series of numbers of invoices: one for each seller, kind and beginning of the number."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.invoicing.model.invoices import InvoiceKind
from backoffice_api.domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class InvoiceSeries:
    """The next number is not part of the row: it moves with every document."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    seller_id: UUID
    kind: InvoiceKind
    prefix: str


@dataclass(frozen=True, slots=True)
class InvoiceSeriesSet(Event):
    type = "invoice_series.set"
    subject = "ins"
    summary = "Numbers that begin with {prefix!r} go on at {number_next}."
    id: UUID
    version: int
    prefix: str
    number_next: int
