"""Invoices and credit notes on the wire."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.fulfillment.queries import fulfillments_by_ids
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.model import invoices as model
from backoffice_api.domain.invoicing.model.invoices import (
    CreditExceeded,
    InvoiceBasis,
    InvoiceKind,
    InvoiceLineKind,
    InvoiceSortKey,
    InvoiceStatus,
    PiecesInvoiced,
)
from backoffice_api.domain.invoicing.model.parties import Party
from backoffice_api.domain.invoicing.model.taxes import GivenTax
from backoffice_api.domain.invoicing.tables import invoices
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.taxes.model.categories import TaxCategory, rate_from
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateFilter,
    DateTimeFilter,
    IdFilter,
    MoneyFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.fulfillment import Fulfillment
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money, UnitPrice
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order, OrderLine
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.sellers import READ, Seller

for _choices in (InvoiceBasis, InvoiceLineKind, InvoiceSortKey, InvoiceStatus):
    choice(_choices)


def _personal(kind: str, description: str) -> Any:
    """A field of personal data of this class: who may not see it cannot ask for it."""
    return about(description, personal=kind, scope=Scope.PERSONAL_READ)


@described
class InvoiceSellerTaxId:
    """A tax id of the seller as it stands on the invoice."""

    kind: str = about("Which register gave it out.")
    value: str = about("The number.")


@described
class InvoiceSeller:
    """Who issued the invoice, as it was on that day."""

    name: str = about("Its registered name.")
    trade_name: str | None = about("What it was known as. Null: its registered name.")
    lines: list[str] = about("Street, number and what else is needed.")
    district: str | None = about("Part of the city. Null if it needs none.")
    city: str | None = about("City, town or village.")
    region: str | None = about("State or province. Null if it needs none.")
    postal_code: str | None = about("Postal code. Null if it has none.")
    country: str | None = about("Country by its two letters of ISO 3166-1.")
    tax_ids: list[InvoiceSellerTaxId] = about("Its tax ids.")
    registration: str | None = about("Its number in a register. Null if not known.")
    email: str | None = about("Where it got mail. Null if not known.")
    phone: str | None = about("Where it could be called. Null if not known.")
    iban: str | None = about("The bank account to pay to. Null: none was printed.")
    bic: str | None = about("The bank's BIC. Null if not known.")
    bank_name: str | None = about("The bank's name. Null if not known.")


@described
class InvoiceTaxId:
    """A tax id of the buyer as it stands on the invoice."""

    kind: str = about("Which register gave it out.")
    value: str = _personal("identity", "The number.")


@described
class InvoiceBuyer:
    """Who an invoice is made out to, or where its goods went, as it was on that day."""

    name: str = _personal("identity", "Who it is. Empty if not known.")
    lines: list[str] = _personal("address", "Street, number and what else is needed.")
    district: str | None = _personal("address", "Part of the city. Null if it needs none.")
    city: str | None = _personal("address", "City, town or village. Null if not known.")
    region: str | None = _personal("address", "State or province. Null if it needs none.")
    postal_code: str | None = _personal("address", "Postal code. Null if it has none.")
    country: str | None = _personal("address", "Country by ISO 3166-1. Null if not known.")
    tax_ids: list[InvoiceTaxId] = about("Its tax ids.")
    email: str | None = _personal("contact", "Where it gets mail. Null if not known.")
    phone: str | None = _personal("contact", "Where it can be called. Null if not known.")


def _seller(parent: strawberry.Parent[model.Invoice]) -> InvoiceSeller:
    return _party(parent.seller)


def _buyer(parent: strawberry.Parent[model.Invoice]) -> InvoiceBuyer:
    return _party(parent.buyer)


def _ship_to(parent: strawberry.Parent[model.Invoice]) -> InvoiceBuyer | None:
    return _party(parent.ship_to) if parent.ship_to else None


def _party(kept: Mapping[str, Any]) -> Any:
    return Party.of(kept)


@described
class InvoiceTax:
    """What the lines of one category and rate come to."""

    category: TaxCategory = about("Why the lines bear this tax.")
    rate: Decimal = about("The rate in percent.")
    reason: str | None = about("Why no tax is due, in words. Null where some is.")
    net: Money = about("What the lines come to without tax.")
    tax: Money = about("Their tax.")


@node("iln", model.InvoiceLine, queries.invoice_lines_by_ids, scope=READ)
class InvoiceLine(Node):
    """So many pieces of one thing, or the delivery."""

    position: int = about("Its place in the invoice, from 0.")
    kind: InvoiceLineKind = about("What it is for.")
    sku: str = about("The SKU; a code of the shop's for charges, or empty.")
    title: str = about("What it is called.")
    quantity: int = about("Pieces.")
    unit_price: UnitPrice = about("The price of one piece; with tax where the order's has it.")
    subtotal: Money = about("Price times quantity.")
    discount: Money = about("What is taken off.")
    net: Money = about("What it comes to without tax.")
    tax: Money = about("Its tax.")
    total: Money = about("What it comes to with tax.")
    tax_category: TaxCategory = about("Why it bears this tax.")
    tax_rate: Decimal = about("The rate in percent, as it was given or as the amount tells.")
    variant: Variant | None = one(
        products.variants_by_ids, "variant_id", "What it is of. Null for charges and delivery."
    )
    order_line: OrderLine | None = one(
        orders.lines_by_ids, "order_line_id", "The line of the order. Null for the delivery."
    )
    credited_line: "InvoiceLine | None" = one(
        queries.invoice_lines_by_ids,
        "credited_line_id",
        "The line of the invoice that it takes back. Null on invoices.",
    )


@node("inv", model.Invoice, queries.invoices_by_ids, scope=READ)
class Invoice(Node, Versioned, HasTimeline):
    """An invoice or a credit note: a frozen copy that is never changed."""

    kind: InvoiceKind = about("Whether it asks for money or gives some back.")
    status: InvoiceStatus = about("What became of it.")
    number: str = about("Its number, without gaps in its series.")
    order_number: str = about("The number of the order.")
    issued_on: date = about("The day of issue, where the seller is.")
    due_on: date | None = about("When it is to be paid. Null: no day is named.")
    locale: str = about("Its language, as pt-BR.")
    currency: CurrencyCode = about("The currency of all its amounts.")
    tax_included: bool = about("Prices on its lines contain the tax.")
    net: Money = about("What it comes to without tax.")
    tax: Money = about("Its tax.")
    total: Money = about("What is to be paid, or given back.")
    credited: Money = about("What credit notes took back so far.")
    note: str = about("What was remarked on it. Empty if nothing.")
    reason: str | None = about("Why the invoice is taken back. Null on invoices.")
    actions: list[ActionState] = about("What can be done with it now.")
    issuer: InvoiceSeller = about("Who issued it, as it was on that day.", resolver=_seller)
    buyer: InvoiceBuyer = about("Who it is made out to.", resolver=_buyer)
    ship_to: InvoiceBuyer | None = about(
        "Where the goods went. Null if not known.", resolver=_ship_to
    )
    lines: list[InvoiceLine] = many(
        queries.lines_by_invoices, "id", "What it is of, at most 251, in their order."
    )
    taxes: list[InvoiceTax] = many(
        queries.taxes_by_invoices, "id", "Its tax by category and rate, highest rate first."
    )
    # The name: `seller` is what the row keeps, a copy.
    seller_record: Seller = one(
        queries.sellers_by_ids, "seller_id", "Who issued it, as it is now.", name="seller"
    )
    channel: Channel = one(orders.channels_by_ids, "channel_id", "Where the order came from.")
    order: Order = one(
        orders.orders_by_ids, "order_id", "What was ordered.", scope=Scope.ORDERS_READ
    )
    fulfillment: Fulfillment | None = one(
        fulfillments_by_ids,
        "fulfillment_id",
        "What it bills. Null: it is of no single fulfillment.",
        scope=Scope.FULFILLMENT_READ,
    )
    customer: Customer | None = one(
        customers.customers_by_ids,
        "customer_id",
        "Who ordered. Null for guests.",
        scope=Scope.CUSTOMERS_READ,
    )
    credits: "Invoice | None" = one(
        queries.invoices_by_ids, "credits_id", "The invoice that it takes back. Null on invoices."
    )
    credit_notes: Connection["Invoice"] = listed_under(
        queries.invoice_list, invoices.c.credits_id, "What took it back, newest first."
    )


@filter_input
class InvoiceFilter:
    """Which invoices and credit notes. All words that are given must hold."""

    kind: list[InvoiceKind] | None = about("Of one of these kinds.", default=UNSET)
    status: list[InvoiceStatus] | None = about("In one of these states.", default=UNSET)
    number: StringFilter | None = about("By number.", default=UNSET)
    seller_id: IdFilter | None = about("Issued by these sellers.", default=UNSET)
    channel_id: IdFilter | None = about("Over orders of these channels.", default=UNSET)
    order_id: IdFilter | None = about("Over these orders.", default=UNSET)
    customer_id: IdFilter | None = about("Over orders of these customers.", default=UNSET)
    fulfillment_id: IdFilter | None = about("Over these fulfillments.", default=UNSET)
    issued_on: DateFilter | None = about("Issued on such a day.", default=UNSET)
    due_on: DateFilter | None = about("Due on such a day.", default=UNSET)
    total: MoneyFilter | None = about("Over such a total.", default=UNSET)
    created_at: DateTimeFilter | None = about("Issued at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of invoices.")
class InvoiceSort:
    key: InvoiceSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="So many pieces of a line of the order.")
class InvoiceLineInput:
    line_id: strawberry.ID = about("Which line of the order.")
    quantity: int = about("How many pieces, above zero.")

    def value(self) -> model.InvoicedQuantity:
        """Raises: MalformedId."""
        return model.InvoicedQuantity(
            line_id=ids.parse("oln", self.line_id), quantity=self.quantity
        )


@strawberry.input(description="What is known of the tax of a line. What is absent is derived.")
class InvoiceTaxInput:
    line_id: strawberry.ID | None = about(
        "Which line of the order. Null: the delivery.", default=None
    )
    category: TaxCategory | None = about("Why it bears this tax.", default=None)
    rate: Decimal | None = about("The rate in percent.", default=None)
    reason: str | None = about("Why no tax is due, in words.", default=None)

    def value(self) -> GivenTax:
        """Raises: MalformedId, InvalidRate."""
        return GivenTax(
            line_id=given_id("oln", self.line_id),
            category=self.category,
            rate_ppm=None if self.rate is None else rate_from(self.rate),
            reason=self.reason,
        )


@strawberry.input(description="An invoice to be issued.")
class InvoiceCreateInput:
    order_id: strawberry.ID = about("Over which order.")
    basis: InvoiceBasis = about(
        "What of it is billed, unless lines or a fulfillment are named.",
        default=InvoiceBasis.OPEN,
    )
    fulfillment_id: strawberry.ID | None = about("Bill what is in it.", default=None)
    lines: list[InvoiceLineInput] = about(
        "Bill these pieces, at most 251 lines.", default_factory=list
    )
    with_shipping: bool = about("Bill the delivery, unless it was billed already.", default=True)
    taxes: list[InvoiceTaxInput] = about(
        "What is known of taxes by line. Rates that are absent are derived from the amounts.",
        default_factory=list,
    )
    due_on: date | None = about("When it is to be paid; null: by the seller's terms.", default=None)
    locale: str | None = about("Its language; null: the buyer's.", default=None)
    note: str = about("What is remarked on it, at most 2,000 characters.", default="")


@strawberry.input(description="So many pieces of a line of an invoice.")
class CreditNoteLineInput:
    line_id: strawberry.ID = about("Which line of the invoice.")
    quantity: int = about("How many pieces, above zero.")

    def value(self) -> model.InvoicedQuantity:
        """Raises: MalformedId."""
        return model.InvoicedQuantity(
            line_id=ids.parse("iln", self.line_id), quantity=self.quantity
        )


@strawberry.input(description="What of an invoice is taken back.")
class CreditNoteCreateInput:
    lines: list[CreditNoteLineInput] = about(
        "Which pieces, at most 251 lines. Empty: all that is left.", default_factory=list
    )
    reason: str = about("Why, at most 500 characters; it is printed.")


@error(CreditExceeded)
class CreditExceededError(UserError):
    """More is to be credited than is left of the line."""

    maximum: int = about("How many pieces are left to be credited.")


@error(PiecesInvoiced)
class PiecesInvoicedError(UserError):
    """Invoiced pieces would get another price or leave their order. Credit them first."""

    sku: str = about("Of which SKU, or the title of a charge.")
    invoiced: int = about("How many pieces are invoiced and not credited.")


@payload
class InvoicePayload(MutationPayload):
    """What issuing an invoice or a credit note answers."""

    invoice: Invoice | None = one(
        queries.invoices_by_ids, "value", "What was issued. Null if it was refused."
    )


attach(
    Order,
    "invoices",
    Connection[Invoice],
    listed_under(
        queries.invoice_list,
        invoices.c.order_id,
        "Its invoices and credit notes, newest first.",
        filter=InvoiceFilter,
        sort=InvoiceSort,
        scope=READ,
    ),
)
attach(
    Fulfillment,
    "invoices",
    Connection[Invoice],
    listed_under(
        queries.invoice_list,
        invoices.c.fulfillment_id,
        "Invoices and credit notes over it, newest first.",
        scope=READ,
    ),
)
