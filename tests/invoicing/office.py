"""A shop whose orders are invoiced, for tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.fulfillment.model.fulfillments import (
    DispatchGate,
    Fulfillment,
    FulfillmentLine,
    FulfillmentState,
    Parcel,
)
from backoffice_api.domain.fulfillment.queries import fulfillments_by_ids
from backoffice_api.domain.fulfillment.tables import fulfillment_lines, fulfillments, parcels
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.checks import CHECKS
from backoffice_api.domain.invoicing.commands.crediting import (
    CreateCreditNote,
    create_credit_note,
)
from backoffice_api.domain.invoicing.commands.issuing import CreateInvoice, create_invoice
from backoffice_api.domain.invoicing.commands.sellers import SetSeller, set_seller
from backoffice_api.domain.invoicing.model.invoices import (
    Invoice,
    InvoicedQuantity,
    InvoiceLine,
)
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.commands.lines import LineDraft
from tests.orders.shop import Shop, address, euros, goods
from tests.soundness import broken
from tests.world import World

SELLER: dict[str, Any] = {
    "code": "acme",
    "name": "Acme GmbH",
    "lines": ("Hauptstr. 1",),
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
    "tax_ids": (TaxId(TaxIdKind.VAT, "DE123456789"),),
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "locale": "de",
    "time_zone": "Europe/Berlin",
    "tax_rates": (190_000, 70_000),
    "payment_days": 14,
}


class InvoiceOffice(Shop):
    """A shop with a seller in Germany; mugs at 10.00 with 19 % and books at 3.33 with 7 %."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.mug = self.variant("MUG", 1_000)
        self.seller_id = self.set_seller()

    def set_seller(self, **values: Any) -> UUID:
        given = {**SELLER, "channel_ids": (self.channel_id,), **values}
        id: UUID = self.world.run(set_seller, SetSeller(**given)).value
        return id

    def taxed(self, pieces: int = 3, **values: Any) -> UUID:
        """An order over mugs at 19 %, with postage of 4.76 and an address."""
        line = goods("MUG", pieces, tax=euros(190 * pieces))
        given = {
            "shipping": euros(400),
            "shipping_tax": euros(76),
            "shipping_address": address(),
            "email": "ana@example.com",
        }
        return self.place(line, **{**given, **values})

    def lines_at(self, *drafts: LineDraft, **values: Any) -> UUID:
        return self.place(*drafts, **values)

    def bill(self, order_id: UUID, *lines: tuple[UUID, int], **values: Any) -> UUID:
        named = tuple(InvoicedQuantity(line_id=id, quantity=pieces) for id, pieces in lines)
        command = CreateInvoice(order_id=order_id, lines=named, **values)
        id: UUID = self.world.run(create_invoice, command).value
        return id

    def credit(self, invoice_id: UUID, *lines: tuple[UUID, int], **how: Any) -> UUID:
        named = tuple(InvoicedQuantity(line_id=id, quantity=pieces) for id, pieces in lines)
        command = CreateCreditNote(id=invoice_id, lines=named, reason="Broken")
        id: UUID = self.world.run(create_credit_note, command, **how).value
        return id

    def invoice(self, id: UUID) -> Invoice:
        found: Invoice = self.world.read(queries.invoices_by_ids, [id])[id]
        return found

    def invoice_lines(self, id: UUID) -> Sequence[InvoiceLine]:
        found: Sequence[InvoiceLine] = self.world.read(queries.lines_by_invoices, [id])[id]
        return found

    def fulfillment(self, order_id: UUID, pieces: int, number: str = "F-1") -> UUID:
        """A fulfillment over pieces of the first line of an order, with one parcel."""
        command = _Plan(
            order_id=order_id, location_id=self.locations[0], pieces=pieces, number=number
        )
        id: UUID = self.world.run(_plan, command).value
        return id

    def gate(self, fulfillment_id: UUID) -> DispatchGate:
        found: Fulfillment = self.world.read(fulfillments_by_ids, [fulfillment_id])[fulfillment_id]
        return found.dispatch_gate

    def broken(self) -> list[str]:
        """Ids of the checks of invoicing that do not hold."""
        return broken(self.world.database, CHECKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan(Command):
    scope = Scope.STOCK_WRITE
    order_id: UUID
    location_id: UUID
    pieces: int
    number: str


def _plan(uow: UnitOfWork, command: _Plan) -> UUID:
    """What the hall does: pieces of the first line, in one parcel."""
    first = orders.lines_of(uow.db, command.order_id)[0]
    assert first.variant_id is not None
    head = {"version": 1, "created_at": uow.now, "updated_at": uow.now}
    made = Fulfillment(
        id=uow.new_id(),
        **head,
        order_id=command.order_id,
        location_id=command.location_id,
        number=command.number,
        status=FulfillmentState.PACKED,
        dispatch_gate=DispatchGate.NOT_REQUIRED,
        ship_by=None,
        deliver_by=None,
        shipped_at=None,
        delivered_at=None,
    )
    add(uow, fulfillments, [made], explanation=[[]])
    line = FulfillmentLine(
        uow.new_id(), made.id, first.id, first.variant_id, 0, command.pieces, command.pieces, 0, 0
    )
    add(uow, fulfillment_lines, [line])
    parcel = Parcel(
        id=uow.new_id(),
        **head,
        fulfillment_id=made.id,
        order_id=command.order_id,
        code=f"P-{command.number}",
        weight_g=1_200,
        length_mm=None,
        width_mm=None,
        height_mm=None,
        shipped_at=None,
        delivered_at=None,
    )
    add(uow, parcels, [parcel])
    return made.id
