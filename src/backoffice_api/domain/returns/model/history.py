"""Returns and credits of the past, as another system recorded them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.returns.model.matching import MatchEnding


class RecordedCreditSortKey(Choice):
    """By what a list of recorded credits is sorted."""

    CREDITED_AT = "credited_at", "When it was given."


@dataclass(frozen=True, slots=True)
class RecordedReturnLine:
    """Pieces that came back, at the price that was paid back for each."""

    variant_id: UUID
    sku: str
    title: str
    quantity: int
    unit_price: UnitPrice


@dataclass(frozen=True, slots=True)
class RecordedReturn:
    """A return that was dealt with elsewhere: all of it came, was paid back, went on the shelf.

    `customer_id` None: nobody knows who brought it.
    """

    channel_id: UUID
    location_id: UUID
    number: str
    customer_id: UUID | None
    currency: str
    returned_at: datetime
    external_ids: tuple[ExternalId, ...]
    lines: tuple[RecordedReturnLine, ...]


@dataclass(frozen=True, slots=True)
class RecordedReturns:
    """What recording returns came to. `endings`: of each return, of each of its lines.

    `movements`: how many were made.
    """

    endings: tuple[tuple[MatchEnding, ...], ...]
    movements: int


@dataclass(frozen=True, slots=True)
class RecordedCredit:
    """A charge that was given back without goods: a row of the credit note `number`."""

    id: UUID
    channel_id: UUID
    number: str
    position: int
    customer_id: UUID | None
    sku: str
    title: str
    quantity: int
    currency: str
    unit_price_micro: int
    amount_minor: int
    credited_at: datetime

    @property
    def unit_price(self) -> UnitPrice:
        return UnitPrice(self.unit_price_micro, self.currency)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class RecordedCreditDraft:
    """A credit that is to be recorded."""

    channel_id: UUID
    number: str
    position: int
    customer_id: UUID | None
    sku: str
    title: str
    quantity: int
    unit_price: UnitPrice
    credited_at: datetime


@dataclass(frozen=True, slots=True)
class ReturnRecorded(Event):
    """`matched` of its `pieces` are of orders that are known."""

    type = "return.recorded"
    subject = "ret"
    summary = "Return {number} was taken over: {matched} of {pieces} pieces are of known orders."
    id: UUID
    version: int
    number: str
    pieces: int
    matched: int
