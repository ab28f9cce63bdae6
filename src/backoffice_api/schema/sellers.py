"""Sellers and their series of numbers on the wire."""

from decimal import Decimal

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.model import sellers as model
from backoffice_api.domain.invoicing.model import series as series_model
from backoffice_api.domain.invoicing.model.invoices import InvoiceKind
from backoffice_api.domain.invoicing.model.sellers import SellerSortKey
from backoffice_api.domain.invoicing.queries.numbering import series_by_ids, series_by_sellers
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.taxes.model.categories import TaxCategory
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.customers import TaxIdInput
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection, StringFilter, filter_input
from backoffice_api.schema.links import many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.scalars import BigInt

READ = Scope.INVOICES_READ

for _choices in (InvoiceKind, SellerSortKey, TaxCategory):
    choice(_choices)


@described
class SellerTaxId:
    """A number under which a seller is registered for taxes."""

    kind: TaxIdKind = about("Which register gave it out.")
    value: str = about("The number, in capital letters and digits.")


def _tax_ids(parent: strawberry.Parent[model.Seller]) -> list[SellerTaxId]:
    return [
        SellerTaxId(kind=TaxIdKind(each["kind"]), value=each["value"]) for each in parent.tax_ids
    ]


@node("ins", series_model.InvoiceSeries, series_by_ids, scope=READ)
class InvoiceSeries(Node, Versioned, HasTimeline):
    """How invoices or credit notes of a seller are numbered: without gaps."""

    kind: InvoiceKind = about("What is numbered.")
    prefix: str = about("What its numbers begin with.")
    seller: "Seller" = one(queries.sellers_by_ids, "seller_id", "Whose documents are numbered.")


@node("sel", model.Seller, queries.sellers_by_ids, scope=READ)
class Seller(Node, Versioned, HasTimeline):
    """A legal entity that issues invoices. Invoices keep a copy of what is said here."""

    code: str = about("Short name for programs, unique.")
    name: str = about("Its registered name.")
    trade_name: str | None = about("What it is known as. Null: its registered name.")
    lines: list[str] = about("Street, number and what else is needed; 1 to 3.")
    district: str | None = about("Part of the city. Null if it needs none.")
    city: str = about("City, town or village.")
    region: str | None = about("State or province. Null if it needs none.")
    postal_code: str | None = about("Postal code. Null if it has none.")
    country: str = about("Country by its two letters of ISO 3166-1.")
    tax_ids: list[SellerTaxId] = about("Its tax ids.", resolver=_tax_ids)
    registration: str | None = about(
        "Its number in a register of companies, or of a state. Null if not known."
    )
    email: str | None = about("Where it gets mail. Null if not known.")
    phone: str | None = about("Where it can be called. Null if not known.")
    iban: str | None = about("The bank account to pay to. Null: none is printed.")
    bic: str | None = about("The bank's BIC. Null if not known.")
    bank_name: str | None = about("The bank's name. Null if not known.")
    locale: str = about("Language of documents whose buyer's is not known, as pt-BR.")
    time_zone: str = about("Where its days begin, as Europe/Berlin.")
    rates: list[Decimal] = about("Rates of tax of its country in percent.", name="taxRates")
    untaxed_category: TaxCategory = about("What lines without tax are, if nobody says.")
    untaxed_reason: str | None = about("Why they bear none, in words. Null: the usual words.")
    invoice_prefix: str = about("Pattern of what numbers of invoices begin with.")
    credit_note_prefix: str = about("Pattern of what numbers of credit notes begin with.")
    number_digits: int = about("Shorter numbers get zeros before them.")
    payment_days: int | None = about("Days until an invoice is due. Null: no day is named.")
    footer: str = about("What stands at the foot of documents. Empty if nothing.")
    fiscal_provider: str | None = about(
        "Who authorises its invoices, by the name of the adapter. Null: nobody has to."
    )
    fiscal_data: JSON = about("What its tax office wants to know of it: texts by name.")
    gates_dispatch: bool = about("Goods stay until their invoice is authorised.")
    channels: list[Channel] = many(
        queries.channels_by_sellers, "id", "Where it sells, by code; at most 250."
    )
    series: list[InvoiceSeries] = many(
        series_by_sellers, "id", "Its series of numbers, newest first; at most 250."
    )


@filter_input
class SellerFilter:
    """Which sellers. All words that are given must hold."""

    code: StringFilter | None = about("By code.", default=UNSET)


@strawberry.input(description="The order of a list of sellers.")
class SellerSort:
    key: SellerSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(one_of=True, description="Names one seller, in one of these ways.")
class SellerLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    code: str | None = about("By its code.", default=UNSET)


@strawberry.input(
    description="All that is said of the seller with this code. What is absent is forgotten."
)
class SellerSetInput:
    code: str = about("Short name for programs, at most 80 characters.")
    name: str = about("Its registered name, at most 250 characters.")
    trade_name: str | None = about("What it is known as.", default=None)
    lines: list[str] = about("Street, number and what else is needed; 1 to 3.")
    district: str | None = about("Part of the city.", default=None)
    city: str = about("City, town or village.")
    region: str | None = about("State or province, by its code where it has one.", default=None)
    postal_code: str | None = about("Postal code.", default=None)
    country: str = about("Country by its two letters of ISO 3166-1.")
    tax_ids: list[TaxIdInput] = about("Its tax ids, at most 20.", default_factory=list)
    registration: str | None = about("Its number in a register of companies.", default=None)
    email: str | None = about("Where it gets mail.", default=None)
    phone: str | None = about("Where it can be called, with the country.", default=None)
    iban: str | None = about("The bank account to pay to.", default=None)
    bic: str | None = about("The bank's BIC.", default=None)
    bank_name: str | None = about("The bank's name.", default=None)
    locale: str = about("Language of documents whose buyer's is not known.", default="en")
    time_zone: str = about("Where its days begin, by a name of the IANA database.", default="UTC")
    tax_rates: list[Decimal] = about(
        "Rates of tax of its country in percent, at most 20; a rate that nobody names is sought "
        "among them first.",
        default_factory=list,
    )
    untaxed_category: TaxCategory = about(
        "What lines without tax are, if nobody says.", default=TaxCategory.ZERO
    )
    untaxed_reason: str | None = about("Why they bear none, in words.", default=None)
    invoice_prefix: str = about(
        "What numbers of invoices begin with. {year}, {month} and {channel} are filled in; each "
        "text that this comes to is a series of its own.",
        default="INV-{year}-",
    )
    credit_note_prefix: str = about(
        "The same for credit notes.",
        default="CN-{year}-",
    )
    number_digits: int = about("Shorter numbers get zeros before them, 0 to 12.", default=0)
    payment_days: int | None = about("Days until an invoice is due, 0 to 365.", default=None)
    footer: str = about(
        "What stands at the foot of documents, at most 1,000 characters.", default=""
    )
    fiscal_provider: str | None = about(
        "Who authorises its invoices, by the name of the adapter.", default=None
    )
    fiscal_data: JSON | None = about(
        "What its tax office wants to know of it: at most 100 texts by name; docs/invoicing.md "
        "has the names.",
        default=None,
    )
    gates_dispatch: bool = about(
        "Goods stay until their invoice is authorised; needs a fiscal provider.", default=False
    )
    channel_ids: list[strawberry.ID] = about(
        "Where it sells, at most 250; nobody else sells there then.", default_factory=list
    )


@strawberry.input(description="How a series of numbers is to go on.")
class InvoiceSeriesSetInput:
    seller_id: strawberry.ID = about("Whose documents are numbered.")
    kind: InvoiceKind = about("What is numbered.")
    prefix: str = about("What the seller's pattern comes to, as INV-2026-.")
    number_next: BigInt = about("The digits of the next number. It can only go up.")


@payload
class SellerPayload(MutationPayload):
    """What setting a seller answers."""

    seller: Seller | None = one(
        queries.sellers_by_ids, "value", "The seller as it is now. Null if it was refused."
    )


@payload
class InvoiceSeriesPayload(MutationPayload):
    """What setting a series of numbers answers."""

    series: InvoiceSeries | None = one(
        series_by_ids, "value", "The series as it is now. Null if it was refused."
    )
