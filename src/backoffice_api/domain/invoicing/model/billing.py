"""What part of an order an invoice bills, and what part of an invoice a credit note gives back.

Amounts of a part are cut so that the parts of a line sum to it: the amount of pieces 3 to 5 is
that of the first 5 without that of the first 2. Nothing is rounded twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.invoicing.model.invoices import InvoiceLine, InvoiceLineKind
from backoffice_api.domain.invoicing.model.taxes import Tax
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.orders.model.amounts import share_left
from backoffice_api.domain.orders.model.kits import LineComponent
from backoffice_api.domain.orders.model.lines import LineKind, OrderLine
from backoffice_api.domain.orders.model.orders import Order

SHIPPING_TITLE = "Shipping"


@dataclass(frozen=True, slots=True)
class Bill:
    """What is billed of one line of an order, or of its delivery, for which `line` is None.

    Amounts as on lines of invoices.
    """

    line: OrderLine | None
    kind: InvoiceLineKind
    variant_id: UUID | None
    sku: str
    title: str
    quantity: int
    unit_price: UnitPrice
    subtotal_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int


def billed(order: Order, line: OrderLine, before: int, quantity: int) -> Bill:
    """The next `quantity` pieces of a line of which `before` were billed.

    Raises:
        AmountTooLarge: it comes to more than 64 bits hold.
    """
    start, end = _cumulated(line, before), _cumulated(line, before + quantity)
    subtotal, discount, tax = (after - earlier for earlier, after in zip(start, end, strict=True))
    gross = subtotal - discount
    return Bill(
        line=line,
        kind=InvoiceLineKind.GOODS if line.kind is LineKind.GOODS else InvoiceLineKind.CHARGE,
        variant_id=line.variant_id,
        sku=line.sku,
        title=line.title,
        quantity=quantity,
        unit_price=line.unit_price,
        subtotal_minor=subtotal,
        discount_minor=discount,
        net_minor=gross - tax if order.tax_included else gross,
        tax_minor=tax,
    )


def billed_shipping(order: Order) -> Bill:
    """The delivery of an order."""
    gross, tax = order.current_shipping_minor, order.shipping_tax_minor
    return Bill(
        line=None,
        kind=InvoiceLineKind.SHIPPING,
        variant_id=None,
        sku="",
        title=SHIPPING_TITLE,
        quantity=1,
        unit_price=UnitPrice.of_money(Money(gross, order.currency)),
        subtotal_minor=gross,
        discount_minor=0,
        net_minor=gross - tax if order.tax_included else gross,
        tax_minor=tax,
    )


def whole_net(order: Order, line: OrderLine) -> int:
    """What the line as ordered comes to without tax: from it and its tax the rate is derived."""
    gross = line.subtotal_minor - line.discount_minor
    return gross - line.tax_minor if order.tax_included else gross


def line_of(bill: Bill, tax: Tax, *, id: UUID, invoice_id: UUID, position: int) -> InvoiceLine:
    return InvoiceLine(
        id=id,
        invoice_id=invoice_id,
        position=position,
        kind=bill.kind,
        order_line_id=bill.line.id if bill.line else None,
        credited_line_id=None,
        variant_id=bill.variant_id,
        sku=bill.sku,
        title=bill.title,
        quantity=bill.quantity,
        currency=bill.unit_price.currency,
        unit_price_micro=bill.unit_price.micro,
        subtotal_minor=bill.subtotal_minor,
        discount_minor=bill.discount_minor,
        net_minor=bill.net_minor,
        tax_minor=bill.tax_minor,
        tax_category=tax.category,
        tax_rate_ppm=tax.rate_ppm,
        tax_reason=tax.reason,
    )


def credited(
    line: InvoiceLine,
    before: int,
    quantity: int,
    *,
    tax_included: bool,
    id: UUID,
    invoice_id: UUID,
    position: int,
) -> InvoiceLine:
    """The line of a credit note that gives back `quantity` pieces, after `before` others."""

    def part(minor: int) -> int:
        whole = Money(minor, line.currency)
        first = share_left(whole, before, line.quantity)
        return (share_left(whole, before + quantity, line.quantity) - first).minor

    subtotal, discount = part(line.subtotal_minor), part(line.discount_minor)
    tax = part(line.tax_minor)
    return replace(
        line,
        id=id,
        invoice_id=invoice_id,
        position=position,
        credited_line_id=line.id,
        quantity=quantity,
        subtotal_minor=subtotal,
        discount_minor=discount,
        net_minor=subtotal - discount - (tax if tax_included else 0),
        tax_minor=tax,
    )


def kits_in(components: Sequence[LineComponent], quantities: Mapping[UUID, int]) -> int:
    """How many whole kits so many pieces of their components make up."""
    return min(
        (quantities.get(each.variant_id, 0) // each.quantity for each in components), default=0
    )


def _cumulated(line: OrderLine, pieces: int) -> tuple[int, int, int]:
    """Subtotal, discount and tax of the first `pieces` of a line."""
    return (
        line.unit_price.times(pieces).money.minor,
        share_left(line.ordered.discount, pieces, line.quantity).minor,
        share_left(line.ordered.tax, pieces, line.quantity).minor,
    )
