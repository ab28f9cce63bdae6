"""How invoices are issued: what of an order is billed, copied, summed up and numbered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.fulfillment import queries as fulfillments
from backoffice_api.domain.fulfillment.model.fulfillments import (
    Fulfillment,
    FulfillmentState,
    UnknownFulfillment,
)
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands.fiscal import begin_fiscal_document
from backoffice_api.domain.invoicing.commands.numbering import draw
from backoffice_api.domain.invoicing.model.billing import (
    Bill,
    billed,
    billed_shipping,
    kits_in,
    line_of,
    whole_net,
)
from backoffice_api.domain.invoicing.model.invoices import (
    LINES_MAX,
    MACHINE,
    NOTE_LENGTH_MAX,
    Invoice,
    InvoiceBasis,
    InvoicedQuantity,
    InvoiceIssued,
    InvoiceKind,
    InvoiceLine,
    InvoiceTax,
    NothingToInvoice,
    OrderNotPlaced,
    OrderRecorded,
    SeveralBases,
)
from backoffice_api.domain.invoicing.model.parties import (
    Party,
    buyer_party,
    place_party,
    seller_party,
)
from backoffice_api.domain.invoicing.model.sellers import NoSeller, Seller
from backoffice_api.domain.invoicing.model.taxes import (
    MILLION,
    REASON_LENGTH_MAX,
    GivenTax,
    Tax,
    TaxContradicts,
    TaxedAmount,
    tax_of,
    totals_of,
)
from backoffice_api.domain.invoicing.queries import Invoiced
from backoffice_api.domain.invoicing.tables import invoice_lines, invoice_taxes, invoices
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.contacts import InvalidLocale, check_locale
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.channels import Channel
from backoffice_api.domain.orders.model.lines import (
    QUANTITY_MAX,
    LineKind,
    OrderLine,
    QuantityExceeded,
    UnknownOrderLine,
)
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.taxes import queries as taxes
from backoffice_api.domain.taxes.model.questions import TaxVerdict
from backoffice_api.domain.taxes.model.terms import TaxSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateInvoice(Command):
    """What is billed: `lines`, or what is in a fulfillment, or what `basis` says.

    Charges and the delivery are on the first invoice that does not name its lines. `due_on` None:
    as the seller's terms say.
    """

    scope = Scope.INVOICES_WRITE
    order_id: UUID
    basis: InvoiceBasis = InvoiceBasis.OPEN
    fulfillment_id: UUID | None = None
    lines: tuple[InvoicedQuantity, ...] = ()
    with_shipping: bool = True
    taxes: tuple[GivenTax, ...] = ()
    due_on: date | None = None
    locale: str | None = None
    note: str = ""


def create_invoice(uow: UnitOfWork, command: CreateInvoice) -> UUID:
    """Issue an invoice over an order, or over a part of it. Its id.

    Raises:
        UnknownOrder, OrderNotPlaced, OrderRecorded, NoSeller.
        UnknownFulfillment, UnknownOrderLine, QuantityExceeded, SeveralBases, NothingToInvoice:
        there is no such thing to be billed.
        TaxContradicts, InvalidText, InvalidLocale, OutOfRange, TooMany: the input is wrong.
    """
    order = orders.locked_order(uow.db, command.order_id)
    if order.number is None:
        raise OrderNotPlaced().at("order_id")
    if order.recorded:
        raise OrderRecorded().at("order_id")
    channel = orders.channels_by_ids(uow.db, [order.channel_id])[order.channel_id]
    seller = queries.seller_of_channel(uow.db, order.channel_id)
    if seller is None:
        raise NoSeller(channel.code)
    faults = Faults()
    _check(faults, command)
    faults.check()
    of_order = orders.lines_of(uow.db, order.id)
    invoiced = queries.invoiced_of(uow.db, order.id)
    bills = _bills(uow, command, order, of_order, invoiced)
    if not bills:
        raise NothingToInvoice
    found = _taxes(command, order, seller, bills, _frozen(uow, order))
    return _issue(uow, command, order, channel, seller, list(zip(bills, found, strict=True)))


def _check(faults: Faults, command: CreateInvoice) -> None:
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    for name in ("lines", "taxes"):
        check_size(getattr(command, name), faults, name, maximum=LINES_MAX)
    for position, line in enumerate(command.lines[:LINES_MAX]):
        here = ("lines", position, "quantity")
        check_range(line.quantity, faults, *here, minimum=1, maximum=QUANTITY_MAX)
    for position, tax in enumerate(command.taxes[:LINES_MAX]):
        check_range(tax.rate_ppm, faults, "taxes", position, "rate", minimum=0, maximum=MILLION)
        here = ("taxes", position, "reason")
        check_text(tax.reason, faults, *here, maximum=REASON_LENGTH_MAX)
    if command.lines and command.fulfillment_id:
        faults.add(SeveralBases().at("fulfillment_id"))
    try:
        if command.locale is not None:
            check_locale(command.locale)
    except InvalidLocale as fault:
        faults.add(fault.at("locale"))


def _bills(
    uow: UnitOfWork,
    command: CreateInvoice,
    order: Order,
    lines: Sequence[OrderLine],
    invoiced: Invoiced,
) -> Sequence[Bill]:
    """What is billed, line by line in the order of the order, the delivery last."""
    left = {line.id: line.current_quantity - invoiced.pieces.get(line.id, 0) for line in lines}
    if command.lines:
        wanted = _named(command.lines, left)
    elif command.fulfillment_id:
        wanted = _fulfilled(uow, command.fulfillment_id, order, lines, left)
    elif command.basis is InvoiceBasis.SHIPPED:
        wanted = {
            line.id: line.shipped - invoiced.pieces.get(line.id, 0)
            if line.kind is LineKind.GOODS
            else left[line.id]
            for line in lines
        }
    else:
        wanted = left
    bills = [
        billed(order, line, invoiced.pieces.get(line.id, 0), wanted[line.id])
        for line in lines
        if wanted.get(line.id, 0) > 0
    ]
    shipping_is_due = order.current_shipping_minor and not invoiced.shipping
    if command.with_shipping and shipping_is_due and (bills or wanted is left):
        bills.append(billed_shipping(order))
    return bills


def _named(wanted: Sequence[InvoicedQuantity], left: Mapping[UUID, int]) -> Mapping[UUID, int]:
    """The pieces that are named. Raises: UnknownOrderLine, QuantityExceeded."""
    faults = Faults()
    summed: dict[UUID, int] = {}
    for position, each in enumerate(wanted):
        if each.line_id not in left:
            faults.add(UnknownOrderLine(each.line_id).at("lines", position, "line_id"))
            continue
        summed[each.line_id] = summed.get(each.line_id, 0) + each.quantity
        if summed[each.line_id] > left[each.line_id]:
            maximum = max(0, left[each.line_id])
            faults.add(QuantityExceeded(maximum).at("lines", position, "quantity"))
    faults.check()
    return summed


def _fulfilled(
    uow: UnitOfWork,
    id: UUID,
    order: Order,
    lines: Sequence[OrderLine],
    left: Mapping[UUID, int],
) -> Mapping[UUID, int]:
    """What of the order is in a fulfillment and not invoiced, with all charges that are left."""
    found = fulfillments.fulfillments_by_ids(uow.db, [id]).get(id)
    if found is None or found.order_id != order.id or not _is_alive(found):
        raise UnknownFulfillment(id).at("fulfillment_id")
    pieces: dict[UUID, dict[UUID, int]] = {}
    for each in fulfillments.lines_by_fulfillments(uow.db, [id]).get(id, ()):
        pieces.setdefault(each.order_line_id, {})[each.variant_id] = each.quantity
    kits = orders.components_of(uow.db, lines)
    invoiced = queries.invoiced_in(uow.db, id)
    wanted: dict[UUID, int] = {}
    for line in lines:
        of_line = pieces.get(line.id, {})
        if line.kind is LineKind.CHARGE:
            wanted[line.id] = left[line.id]
            continue
        is_in = kits_in(kits.get(line.id, ()), of_line) if line.is_kit else sum(of_line.values())
        wanted[line.id] = min(left[line.id], is_in - invoiced.get(line.id, 0))
    return wanted


def _is_alive(fulfillment: Fulfillment) -> bool:
    return fulfillment.status is not FulfillmentState.CANCELLED


def _frozen(uow: UnitOfWork, order: Order) -> Mapping[UUID, TaxVerdict]:
    """By what the lines were taxed, as far as that was calculated; the delivery by the order."""
    if order.tax_source is TaxSource.GIVEN:
        return {}
    sheet = taxes.sheets_by_orders(uow.db, [order.id]).get(order.id)
    return sheet.verdicts if sheet else {}


def _taxes(
    command: CreateInvoice,
    order: Order,
    seller: Seller,
    bills: Sequence[Bill],
    frozen: Mapping[UUID, TaxVerdict],
) -> Sequence[Tax]:
    """The tax of each bill, from the line as it was ordered. Raises: TaxContradicts."""
    given = {each.line_id: (number, each) for number, each in enumerate(command.taxes)}
    untaxed = Tax(seller.untaxed_category, 0, seller.untaxed_reason)
    known = [
        *seller.tax_rates,
        *sorted({each.rate_ppm for each in command.taxes if each.rate_ppm}),
    ]
    faults = Faults()
    found: list[Tax] = []
    for bill in bills:
        line = bill.line
        number, of_line = given.get(line.id if line else None, (0, None))
        net = whole_net(order, line) if line else bill.net_minor
        tax = line.tax_minor if line else bill.tax_minor
        verdict = frozen.get(line.id if line else order.id)
        if of_line is None and verdict and verdict.category:
            found.append(Tax(verdict.category, verdict.rate_ppm, verdict.reason))
            continue
        try:
            found.append(tax_of(net, tax, given=of_line, known=known, untaxed=untaxed))
        except TaxContradicts as fault:
            faults.add(fault.at("taxes", number))
    faults.check()
    return found


def _issue(
    uow: UnitOfWork,
    command: CreateInvoice,
    order: Order,
    channel: Channel,
    seller: Seller,
    bills: Sequence[tuple[Bill, Tax]],
) -> UUID:
    id = uow.new_id()
    lines = [
        line_of(bill, tax, id=uow.new_id(), invoice_id=id, position=position)
        for position, (bill, tax) in enumerate(bills)
    ]
    head = _head(uow, command, order, seller)
    # The number is drawn when all else is known: whoever else issues waits from here on.
    drawn = draw(uow, seller, InvoiceKind.INVOICE, on=head.issued_on, channel=channel.code)
    numbered = replace(
        head, id=id, series_id=drawn.series_id, serial=drawn.serial, number=drawn.text
    )
    made = with_sums(numbered, lines)
    put_invoice(uow, made, lines)
    event = InvoiceIssued(made.id, made.version, made.number, str(made.total), order.name, order.id)
    uow.emit(event, after=made)
    if seller.fiscal_provider:
        begin_fiscal_document(uow, made, seller)
    return made.id


def _head(uow: UnitOfWork, command: CreateInvoice, order: Order, seller: Seller) -> Invoice:
    """The invoice without its id, number and sums."""
    today = seller.today(uow.now)
    due_on = command.due_on
    if due_on is None and seller.payment_days is not None:
        due_on = today + timedelta(days=seller.payment_days)
    buyer, ship_to, locale = _buyer(uow, order)
    return Invoice(
        id=order.id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        kind=InvoiceKind.INVOICE,
        status=MACHINE.start,
        series_id=seller.id,
        serial=0,
        number="",
        seller_id=seller.id,
        channel_id=order.channel_id,
        order_id=order.id,
        order_number=order.name,
        fulfillment_id=command.fulfillment_id,
        customer_id=order.customer_id,
        credits_id=None,
        issued_on=today,
        due_on=due_on,
        locale=command.locale or locale or seller.locale,
        currency=order.currency,
        tax_included=order.tax_included,
        net_minor=0,
        tax_minor=0,
        total_minor=0,
        credited_minor=0,
        seller=seller_party(seller).kept,
        buyer=buyer.kept,
        ship_to=ship_to.kept if ship_to else None,
        note=command.note,
        reason=None,
    )


def with_sums(invoice: Invoice, lines: Sequence[InvoiceLine]) -> Invoice:
    """The invoice with what its lines come to."""
    net, tax = sum(each.net_minor for each in lines), sum(each.tax_minor for each in lines)
    return replace(invoice, net_minor=net, tax_minor=tax, total_minor=net + tax)


def put_invoice(uow: UnitOfWork, invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """Write an invoice or a credit note, its lines and its breakdown by tax."""
    add(uow, invoices, [invoice])
    add(uow, invoice_lines, lines)
    breakdown = totals_of(
        TaxedAmount(each.net_minor, each.tax_minor, each.tax_terms) for each in lines
    )
    add(
        uow,
        invoice_taxes,
        [
            InvoiceTax(
                invoice.id,
                each.category,
                each.rate_ppm,
                each.reason,
                invoice.currency,
                each.net_minor,
                each.tax_minor,
            )
            for each in breakdown
        ],
    )


def _buyer(uow: UnitOfWork, order: Order) -> tuple[Party, Party | None, str | None]:
    """Who the invoice is made out to, where the goods go, and the buyer's language."""
    shipping = orders.shipping_addresses_by_orders(uow.db, [order.id]).get(order.id)
    billing = orders.billing_addresses_by_orders(uow.db, [order.id]).get(order.id)
    of = [order.customer_id] if order.customer_id else []
    customer = next(iter(customers.customers_by_ids(uow.db, of).values()), None)
    tax_ids = next(iter(customers.tax_ids_by_customers(uow.db, of).values()), ())
    buyer = buyer_party(order, billing or shipping, customer, tax_ids)
    ship_to = place_party(shipping) if shipping else None
    return buyer, ship_to, customer.locale if customer else None
