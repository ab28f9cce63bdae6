"""What can be asked and done with sellers and invoices."""

from collections.abc import Mapping
from typing import Any

import strawberry

from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands import crediting, issuing, numbering
from backoffice_api.domain.invoicing.commands import sellers as on_sellers
from backoffice_api.domain.invoicing.model.sellers import InvalidFiscalData, fiscal_data_from
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.taxes.model.categories import rate_from
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.invoicing import (
    CreditNoteCreateInput,
    Invoice,
    InvoiceCreateInput,
    InvoiceFilter,
    InvoicePayload,
    InvoiceSort,
)
from backoffice_api.schema.lookups import Way, by_id, found_by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.sellers import (
    READ,
    InvoiceSeriesPayload,
    InvoiceSeriesSetInput,
    Seller,
    SellerFilter,
    SellerLookup,
    SellerPayload,
    SellerSetInput,
    SellerSort,
)


@strawberry.type
class InvoicingQuery:
    seller: Seller | None = lookup(
        SellerLookup,
        "One seller. Null if there is none.",
        {
            "id": by_id("sel", queries.sellers_by_ids),
            "code": Way(queries.sellers_by_codes, str),
        },
        scope=READ,
    )
    sellers: Connection[Seller] = listed(
        queries.seller_list,
        "Who issues invoices, by code.",
        scope=READ,
        filter=SellerFilter,
        sort=SellerSort,
    )
    invoice: Invoice | None = found_by_id(
        "inv",
        queries.invoices_by_ids,
        "Its id.",
        "One invoice or credit note. Null if there is none.",
        scope=READ,
    )
    invoices: Connection[Invoice] = listed(
        queries.invoice_list,
        "Invoices and credit notes, newest first.",
        scope=READ,
        filter=InvoiceFilter,
        sort=InvoiceSort,
    )
    invoices_count: Count = counted(
        queries.invoice_list,
        "How many invoices and credit notes there are.",
        scope=READ,
        filter=InvoiceFilter,
    )


def _fiscal_data(given: Any) -> Mapping[str, str]:
    """Raises: InvalidFiscalData."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidFiscalData().at("fiscal_data")
    return fiscal_data_from(given)


@strawberry.type
class InvoicingMutation:
    @mutation(on_sellers.set_seller, SellerPayload)
    def seller_set(input: SellerSetInput) -> on_sellers.SetSeller:
        """Say who issues invoices, and for which channels. Invoices that are there stay."""
        return on_sellers.SetSeller(
            code=input.code,
            name=input.name,
            trade_name=input.trade_name,
            lines=tuple(input.lines),
            district=input.district,
            city=input.city,
            region=input.region,
            postal_code=input.postal_code,
            country=input.country,
            tax_ids=tuple(each.value() for each in input.tax_ids),
            registration=input.registration,
            email=input.email,
            phone=input.phone,
            iban=input.iban,
            bic=input.bic,
            bank_name=input.bank_name,
            locale=input.locale,
            time_zone=input.time_zone,
            tax_rates=tuple(rate_from(each) for each in input.tax_rates),
            untaxed_category=input.untaxed_category,
            untaxed_reason=input.untaxed_reason,
            invoice_prefix=input.invoice_prefix,
            credit_note_prefix=input.credit_note_prefix,
            number_digits=input.number_digits,
            payment_days=input.payment_days,
            footer=input.footer,
            fiscal_provider=input.fiscal_provider,
            fiscal_data=_fiscal_data(input.fiscal_data),
            gates_dispatch=input.gates_dispatch,
            channel_ids=tuple(ids.parse("chn", each) for each in input.channel_ids),
        )

    @mutation(numbering.set_invoice_series, InvoiceSeriesPayload)
    def invoice_series_set(input: InvoiceSeriesSetInput) -> numbering.SetInvoiceSeries:
        """Have a series of numbers go on later, as another system has used those below."""
        return numbering.SetInvoiceSeries(
            seller_id=ids.parse("sel", input.seller_id),
            kind=input.kind,
            prefix=input.prefix,
            number_next=input.number_next,
        )

    @mutation(issuing.create_invoice, InvoicePayload)
    def invoice_create(input: InvoiceCreateInput) -> issuing.CreateInvoice:
        """Issue an invoice over an order, or over a part of it. It is never changed."""
        fulfillment = input.fulfillment_id
        return issuing.CreateInvoice(
            order_id=ids.parse("ord", input.order_id),
            basis=input.basis,
            fulfillment_id=given_id("ful", fulfillment),
            lines=tuple(each.value() for each in input.lines),
            with_shipping=input.with_shipping,
            taxes=tuple(each.value() for each in input.taxes),
            due_on=input.due_on,
            locale=input.locale,
            note=input.note,
        )

    @mutation(crediting.create_credit_note, InvoicePayload)
    def credit_note_create(
        id: strawberry.ID, input: CreditNoteCreateInput
    ) -> crediting.CreateCreditNote:
        """Take an invoice back, in whole or in part: the only way to correct one."""
        return crediting.CreateCreditNote(
            id=ids.parse("inv", id),
            lines=tuple(each.value() for each in input.lines),
            reason=input.reason,
        )
