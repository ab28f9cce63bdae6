"""Invoices and credit notes: words and rules.

Both are frozen copies: who sold to whom, what, for how much. Once issued they are never changed;
what was wrong is credited, in whole or in part, by a credit note of its own number. All credit
notes of an invoice together never come to more than it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backoffice_api.domain.customers.model import ADDRESS
from backoffice_api.domain.invoicing.model.taxes import Tax
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.taxes.model.categories import TaxCategory, percent

# Every line of an order, and its delivery.
LINES_MAX = 251
NOTE_LENGTH_MAX = 2_000
REASON_LENGTH_MAX = 500


class InvoiceKind(Choice):
    """What a document asks for or gives back."""

    INVOICE = "invoice", "Asks the buyer for money."
    CREDIT_NOTE = "credit_note", "Takes an invoice back, in whole or in part."


class InvoiceStatus(Choice):
    """What became of an invoice. A credit note stays issued."""

    ISSUED = "issued", "Stands as it was issued."
    PARTIALLY_CREDITED = "partially_credited", "Some of it was credited."
    CREDITED = "credited", "All of it was credited."


MACHINE = Machine(
    InvoiceStatus.ISSUED,
    move(
        "credit",
        {InvoiceStatus.ISSUED, InvoiceStatus.PARTIALLY_CREDITED},
        InvoiceStatus.PARTIALLY_CREDITED,
    ),
    # By itself, with the last of it.
    move(
        "finish_credit",
        {InvoiceStatus.ISSUED, InvoiceStatus.PARTIALLY_CREDITED},
        InvoiceStatus.CREDITED,
    ),
)


class InvoiceBasis(Choice):
    """What of an order is invoiced."""

    OPEN = "open", "All that is not invoiced yet and not cancelled."
    SHIPPED = "shipped", "What has left the house and is not invoiced yet, with all charges."


class InvoiceLineKind(Choice):
    """What a line of an invoice is for."""

    GOODS = "goods", "Pieces of a variant."
    CHARGE = "charge", "A charge of the order, as a fee."
    SHIPPING = "shipping", "The delivery."


class InvoiceSortKey(Choice):
    """By what a list of invoices is sorted."""

    CREATED_AT = "created_at", "When it was issued."
    ISSUED_ON = "issued_on", "The day of issue, where the seller is."
    TOTAL = "total", "The total, whatever the currency."


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or a credit note. `credits_id`: the invoice that a credit note takes back.

    `seller`, `buyer` and `ship_to` are as they were on the day of issue. `credited_minor`: what
    credit notes came to so far; it and the status are all that changes.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: InvoiceKind
    status: InvoiceStatus
    series_id: UUID
    serial: int
    number: str
    seller_id: UUID
    channel_id: UUID
    order_id: UUID
    order_number: str
    fulfillment_id: UUID | None
    customer_id: UUID | None
    credits_id: UUID | None
    issued_on: date
    due_on: date | None
    locale: str
    currency: str
    tax_included: bool
    net_minor: int
    tax_minor: int
    total_minor: int
    credited_minor: int
    seller: Mapping[str, Any]
    buyer: Mapping[str, Any] = field(metadata=ADDRESS)
    ship_to: Mapping[str, Any] | None = field(metadata=ADDRESS)
    note: str
    reason: str | None

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def credited(self) -> Money:
        """What credit notes came to so far."""
        return Money(self.credited_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        if self.kind is InvoiceKind.CREDIT_NOTE:
            return ()
        return [each for each in MACHINE.actions(self.status) if each.name == "credit"]


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """So many pieces of a line of the order. `order_line_id` None: the delivery.

    `credited_line_id`: the line of the invoice that a line of a credit note takes back. Subtotal
    and discount contain the tax where the prices of the order do; net never does.
    """

    id: UUID
    invoice_id: UUID
    position: int
    kind: InvoiceLineKind
    order_line_id: UUID | None
    credited_line_id: UUID | None
    variant_id: UUID | None
    sku: str
    title: str
    quantity: int
    currency: str
    unit_price_micro: int
    subtotal_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    tax_category: TaxCategory
    tax_rate_ppm: int
    tax_reason: str | None

    @property
    def unit_price(self) -> UnitPrice:
        return UnitPrice(self.unit_price_micro, self.currency)

    @property
    def subtotal(self) -> Money:
        return Money(self.subtotal_minor, self.currency)

    @property
    def discount(self) -> Money:
        return Money(self.discount_minor, self.currency)

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.net_minor + self.tax_minor, self.currency)

    @property
    def tax_rate(self) -> Decimal:
        """The rate of its tax in percent."""
        return percent(self.tax_rate_ppm)

    @property
    def tax_terms(self) -> Tax:
        """Category, rate and reason of its tax."""
        return Tax(self.tax_category, self.tax_rate_ppm, self.tax_reason)


@dataclass(frozen=True, slots=True)
class InvoiceTax:
    """What the lines of one category and rate of an invoice come to."""

    invoice_id: UUID
    category: TaxCategory
    rate_ppm: int
    reason: str | None
    currency: str
    net_minor: int
    tax_minor: int

    @property
    def rate(self) -> Decimal:
        """In percent."""
        return percent(self.rate_ppm)

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicedQuantity:
    """So many pieces of a line: of an order to be invoiced, of an invoice to be credited."""

    line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class InvoiceIssued(Event):
    type = "invoice.issued"
    subject = "inv"
    summary = "Invoice {number} over {total} was issued for order {order}."
    id: UUID
    version: int
    number: str
    total: str
    order: str
    order_id: UUID


@dataclass(frozen=True, slots=True)
class CreditNoteIssued(Event):
    type = "credit_note.issued"
    subject = "inv"
    summary = "Credit note {number} over {total} was issued for invoice {invoice}."
    id: UUID
    version: int
    number: str
    total: str
    invoice: str
    order_id: UUID


@dataclass(frozen=True, slots=True)
class InvoiceCredited(Event):
    type = "invoice.credited"
    subject = "inv"
    summary = "{amount} of invoice {number} were credited by {credit_note}."
    id: UUID
    version: int
    number: str
    amount: str
    credit_note: str


@dataclass(eq=False)
class UnknownInvoice(Missing):
    """There is no invoice with this id."""

    id: UUID
    message = "There is no such invoice."


@dataclass(eq=False)
class UnknownInvoiceLine(Missing):
    """The invoice has no line with this id."""

    line_id: UUID
    message = "The invoice has no such line."


@dataclass(eq=False)
class OrderNotPlaced(Refused):
    """The order is a draft: it may still change, and has no number."""

    message = "A draft is not invoiced; place the order first."


@dataclass(eq=False)
class OrderRecorded(Refused):
    """The order was completed in another system, which issued its invoice."""

    message = "The order was completed in another system, and invoiced there."


@dataclass(eq=False)
class NothingToInvoice(Refused):
    """All that could be invoiced now is invoiced already."""

    message = "Nothing is left that could be invoiced now."


@dataclass(eq=False)
class PiecesInvoiced(Refused):
    """What is invoiced would get another price or leave the order. `invoiced`: so many pieces."""

    line_id: UUID
    sku: str
    invoiced: int
    message = "{invoiced} pieces of {sku!r:.90} are invoiced; issue a credit note first."


@dataclass(eq=False)
class NothingToCredit(Refused):
    """All of it is credited already."""

    message = "Nothing is left that could be credited."


@dataclass(eq=False)
class NotAnInvoice(Refused):
    """A credit note is not credited; issue another invoice instead."""

    message = "A credit note is not credited itself."


@dataclass(eq=False)
class SeveralBases(Invalid):
    """Lines and a fulfillment both say what is invoiced."""

    message = "Say what is invoiced by lines or by a fulfillment, not by both."


@dataclass(eq=False)
class CreditExceeded(Refused):
    """More is to be credited than is left of the line or of the invoice."""

    maximum: int
    message = "At most {maximum} pieces are left to be credited."
