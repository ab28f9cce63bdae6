"""What documents are drawn from: plain data, read with as many statements for one as for many.

The same rows come to the same data, in the same order; its hash is kept with the document.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customs import queries as customs
from backoffice_api.domain.fulfillment import queries as fulfillments
from backoffice_api.domain.fulfillment.model.fulfillments import Fulfillment, FulfillmentLine
from backoffice_api.domain.fulfillment.model.picking import Stop
from backoffice_api.domain.fulfillment.queries.picking import stops_by_fulfillments
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.model.documents import Document, DocumentKind, Part
from backoffice_api.domain.invoicing.model.invoices import Invoice
from backoffice_api.domain.invoicing.model.parties import place_party, seller_party
from backoffice_api.domain.invoicing.queries.printing import sellers_by_channels
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries as stock

FALLBACK_LOCALE = "en"


def sheets_of(db: Connection, document: Document) -> Sequence[Mapping[str, Any]]:
    """What each part of a document says: `kind`, `locale` and the facts of its kind.

    Parts whose subject is gone are left out.
    """
    parts = document.all_parts
    bills = _invoices(db, {part.subject_id for part in parts if _is_bill(part)})
    slips = _slips(db, {part.subject_id for part in parts if not _is_bill(part)})
    found: list[Mapping[str, Any]] = []
    for part in parts:
        facts = (bills if _is_bill(part) else slips).get(part.subject_id)
        if facts is not None:
            locale = document.locale or facts["locale"]
            found.append({**facts, "kind": part.kind.value, "locale": locale})
    return found


def invoice_sheet(db: Connection, id: UUID) -> Mapping[str, Any] | None:
    """What an invoice says. None: there is none."""
    return _invoices(db, [id]).get(id)


def _is_bill(part: Part) -> bool:
    return part.kind in (
        DocumentKind.INVOICE,
        DocumentKind.FACTUR_X,
        DocumentKind.UBL,
        DocumentKind.CII,
        DocumentKind.NFE,
    )


def _invoices(db: Connection, wanted: Iterable[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    found = queries.invoices_by_ids(db, wanted)
    if not found:
        return {}
    lines = queries.lines_by_invoices(db, found)
    taxes = queries.taxes_by_invoices(db, found)
    credited = queries.invoices_by_ids(
        db, {each.credits_id for each in found.values() if each.credits_id}
    )
    fiscal = queries.fiscal_documents_by_invoices(db, found)
    sellers = queries.sellers_by_ids(db, {each.seller_id for each in found.values()})
    fiscal_data = {id: dict(seller.fiscal_data) for id, seller in sellers.items()}
    profiles = fiscal_profiles(
        db, {line.variant_id for of in lines.values() for line in of if line.variant_id}
    )
    sheets: dict[UUID, Mapping[str, Any]] = {}
    for id, each in found.items():
        document = fiscal.get(id)
        sheets[id] = {
            **_head(each),
            "lines": [
                {
                    "position": line.position + 1,
                    "kind": line.kind.value,
                    "sku": line.sku,
                    "title": line.title,
                    "quantity": line.quantity,
                    "unit_price_micro": line.unit_price_micro,
                    "subtotal_minor": line.subtotal_minor,
                    "discount_minor": line.discount_minor,
                    "net_minor": line.net_minor,
                    "tax_minor": line.tax_minor,
                    "category": line.tax_category.value,
                    "rate_ppm": line.tax_rate_ppm,
                    "reason": line.tax_reason,
                    "fiscal": profiles.get(line.variant_id, {}) if line.variant_id else {},
                }
                for line in lines.get(id, ())
            ],
            "taxes": [
                {
                    "category": tax.category.value,
                    "rate_ppm": tax.rate_ppm,
                    "reason": tax.reason,
                    "net_minor": tax.net_minor,
                    "tax_minor": tax.tax_minor,
                }
                for tax in taxes.get(id, ())
            ],
            "credits": _reference(credited.get(each.credits_id)) if each.credits_id else None,
            "fiscal_reference": document.reference if document else None,
            "fiscal_data": fiscal_data.get(each.seller_id, {}),
        }
    return sheets


def _head(invoice: Invoice) -> Mapping[str, Any]:
    return {
        "id": ids.text("inv", invoice.id),
        "locale": invoice.locale,
        "is_credit_note": invoice.credits_id is not None,
        "number": invoice.number,
        "serial": invoice.serial,
        "order": invoice.order_number,
        "issued_on": invoice.issued_on.isoformat(),
        "issued_at": invoice.created_at.isoformat(),
        "due_on": invoice.due_on.isoformat() if invoice.due_on else None,
        "currency": invoice.currency,
        "decimals": exponent(invoice.currency),
        "tax_included": invoice.tax_included,
        "net_minor": invoice.net_minor,
        "tax_minor": invoice.tax_minor,
        "total_minor": invoice.total_minor,
        "seller": invoice.seller,
        "buyer": invoice.buyer,
        "ship_to": invoice.ship_to,
        "note": invoice.note,
        "reason": invoice.reason,
    }


def _reference(invoice: Invoice | None) -> Mapping[str, Any] | None:
    if invoice is None:
        return None
    return {"number": invoice.number, "issued_on": invoice.issued_on.isoformat()}


def fiscal_profiles(
    db: Connection, variant_ids: Iterable[UUID]
) -> Mapping[UUID, Mapping[str, Mapping[str, str]]]:
    """What the tax offices of countries want to know of variants, by variant and country."""
    found = customs.profiles_by_variants(db, variant_ids)
    return {id: {profile.country: dict(profile.data) for profile in of} for id, of in found.items()}


def _slips(db: Connection, wanted: Iterable[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    found = fulfillments.fulfillments_by_ids(db, wanted)
    if not found:
        return {}
    lines = fulfillments.lines_by_fulfillments(db, found)
    parcels = fulfillments.parcels_by_fulfillments(db, found)
    stops = stops_by_fulfillments(db, found)
    of_order = orders.orders_by_ids(db, {each.order_id for each in found.values()})
    places = stock.locations_by_ids(
        db,
        {each.location_id for each in found.values()}
        | {stop.location_id for of in stops.values() for stop in of},
    )
    addresses = orders.shipping_addresses_by_orders(db, of_order)
    sellers = sellers_by_channels(db, {each.channel_id for each in of_order.values()})
    buyers = customers.customers_by_ids(
        db, {each.customer_id for each in of_order.values() if each.customer_id}
    )
    order_lines = orders.lines_by_ids(
        db, {line.order_line_id for of in lines.values() for line in of}
    )
    variants = products.variants_by_ids(
        db, {line.variant_id for of in lines.values() for line in of}
    )
    titles = {
        line.id: order_lines[line.order_line_id].title for of in lines.values() for line in of
    }

    def item(row: FulfillmentLine | Stop, line_id: UUID) -> Mapping[str, Any]:
        sku = variants[row.variant_id].sku
        return {"sku": sku, "title": titles[line_id], "quantity": row.quantity}

    sheets: dict[UUID, Mapping[str, Any]] = {}
    for id, each in found.items():
        order = of_order[each.order_id]
        seller, address = sellers.get(order.channel_id), addresses.get(order.id)
        buyer = buyers.get(order.customer_id) if order.customer_id else None
        locale = (buyer and buyer.locale) or (seller and seller.locale) or FALLBACK_LOCALE
        sheets[id] = {
            **_slip_head(each, order),
            "locale": locale,
            "place": places[each.location_id].name,
            "seller": seller_party(seller).kept if seller else None,
            "ship_to": place_party(address).kept if address else None,
            "lines": [item(line, line.id) for line in lines.get(id, ())],
            "stops": [
                {**item(stop, stop.fulfillment_line_id), "place": places[stop.location_id].code}
                for stop in stops.get(id, ())
            ],
            "parcels": [
                {"code": parcel.code, "weight_g": parcel.weight_g} for parcel in parcels.get(id, ())
            ],
        }
    return sheets


def _slip_head(fulfillment: Fulfillment, order: Order) -> Mapping[str, Any]:
    return {
        "number": fulfillment.number,
        "order": order.name,
        "ordered_on": order.dated_at.date().isoformat(),
        "ship_by": fulfillment.ship_by.isoformat() if fulfillment.ship_by else None,
    }
