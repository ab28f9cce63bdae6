"""Series of numbers: each kind of document of purchasing counts its own, without gaps."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import Event


class DocumentKind(Choice):
    """What is numbered."""

    PURCHASE_ORDER = "purchase_order", "Purchase orders, from when they are submitted."
    RECEIPT = "receipt", "Receipts of goods."
    DEBIT_NOTE = "debit_note", "Debit notes of returns to suppliers."

    @property
    def prefix(self) -> str:
        """What numbers begin with unless somebody says otherwise."""
        return _PREFIXES[self]


_PREFIXES = {
    DocumentKind.PURCHASE_ORDER: "PO-",
    DocumentKind.RECEIPT: "GR-",
    DocumentKind.DEBIT_NOTE: "DN-",
}


@dataclass(frozen=True, slots=True)
class Series:
    """The next number is not part of the row: it moves with every document."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: DocumentKind
    prefix: str


@dataclass(frozen=True, slots=True)
class SeriesSet(Event):
    type = "purchasing_series.set"
    subject = "prs"
    summary = "Numbers of the kind {kind} begin with {prefix!r}."
    id: UUID
    version: int
    kind: DocumentKind
    prefix: str
