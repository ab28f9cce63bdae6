"""What carriers are told of a parcel besides where it goes: who gets it, and what lies in it."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.customers.queries import tax_ids_by_customers
from backoffice_api.domain.fulfillment.queries import fulfillment_lines_by_ids, lines_by_parcels
from backoffice_api.domain.invoicing.model.fiscal import FiscalStatus
from backoffice_api.domain.invoicing.queries import fiscal_documents_by_invoices
from backoffice_api.domain.invoicing.queries.printing import invoices_of_fulfillments
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.shipping.model.shipments import Shipment
from backoffice_api.domain.shipping.ports import Declaration, DeclaredItem

# Of an NF-e; what other offices call a document says nothing to carriers.
_KEY_LENGTH = 44
_NUMBERS_OF_BRAZIL = (TaxIdKind.CPF, TaxIdKind.CNPJ)


def declaration_of(db: Connection, shipment: Shipment) -> Declaration:
    """What lies in the parcel of a shipment, by the prices of the order."""
    packed = lines_by_parcels(db, [shipment.parcel_id]).get(shipment.parcel_id, ())
    lines = fulfillment_lines_by_ids(db, {each.fulfillment_line_id for each in packed})
    ordered = orders.lines_by_ids(db, {each.order_line_id for each in lines.values()})
    components = orders.components_by_lines(db, ordered)
    items = []
    for each in packed:
        line = ordered[lines[each.fulfillment_line_id].order_line_id]
        # Of a kit, its components are packed.
        pieces = sum(part.quantity for part in components.get(line.id, ())) if line.is_kit else 1
        worth = Money(line.unit_price.times(1).money.minor // (pieces or 1), line.currency)
        items.append(DeclaredItem(line.title, each.quantity, worth))
    return Declaration(
        tax_id=tax_id_of(db, shipment.order_id),
        fiscal_key=_fiscal_key(db, shipment.fulfillment_id),
        items=tuple(items),
    )


def tax_id_of(db: Connection, order_id: UUID) -> str | None:
    """The CPF or CNPJ of who ordered. None: it is not known."""
    customer_id = orders.orders_by_ids(db, [order_id])[order_id].customer_id
    if customer_id is None:
        return None
    given = tax_ids_by_customers(db, [customer_id]).get(customer_id, ())
    known = {each.kind: each.value for each in given}
    return next((known[kind] for kind in _NUMBERS_OF_BRAZIL if kind in known), None)


def _fiscal_key(db: Connection, fulfillment_id: UUID) -> str | None:
    invoices: Iterable[UUID] = invoices_of_fulfillments(db, [fulfillment_id]).get(
        fulfillment_id, ()
    )
    for document in fiscal_documents_by_invoices(db, invoices).values():
        key = document.reference or ""
        if document.status is FiscalStatus.AUTHORISED and key.isdigit() and len(key) == _KEY_LENGTH:
            return key
    return None
