"""What can be done with drafts: made, changed, given stock for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.shapes import replaced
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.checking import (
    both_addresses,
    canonical_email,
    canonical_phone,
    check_draft,
)
from backoffice_api.domain.orders.commands.discounting import with_code
from backoffice_api.domain.orders.commands.lines import LineDraft, MadeLines, make_lines
from backoffice_api.domain.orders.commands.placing import place
from backoffice_api.domain.orders.commands.promises import (
    hold_until,
    release_stock,
    reserve_stock,
)
from backoffice_api.domain.orders.commands.taxing import (
    Taxed,
    check_taxed,
    given_before,
    given_lines,
    keep_taxes,
    prices_include_tax,
    tax_source_of,
    taxed,
)
from backoffice_api.domain.orders.commands.writing import (
    add_parts,
    end_quote,
    index_order,
    replace_parts,
    save_order,
)
from backoffice_api.domain.orders.model.amounts import check_given
from backoffice_api.domain.orders.model.channels import Channel, ChannelNotActive, ChannelStatus
from backoffice_api.domain.orders.model.events import OrderCreated, OrderReserved, OrderUpdated
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.orders import (
    MACHINE,
    SUMS,
    AddressKind,
    EmptyOrder,
    FulfillmentStatus,
    Order,
    OrderAddress,
    OrderDiscount,
    ReservedOrPlaced,
)
from backoffice_api.domain.orders.model.parts import Parts, composed
from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.orders.model.quotes import QuoteStatus, frozen
from backoffice_api.domain.orders.queries.taxing import GivenTaxes
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.taxes.model.terms import TaxSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrder(Command):
    """`channel`: id or code. `reserve_until`: holds stock for the draft until then.

    Without `place` it becomes a draft; with it, it is placed at once. Amounts are in the currency
    of the channel. `tax_included` None: as the channel says, else no.
    """

    scope = Scope.ORDERS_WRITE
    channel: UUID | str
    customer_id: UUID | None = None
    buyer_id: UUID | None = None
    lines: tuple[LineDraft, ...] = ()
    discounts: tuple[OrderDiscount, ...] = ()
    discount_code: str | None = None
    shipping: Money | None = None
    shipping_tax: Money | None = None
    tax_included: bool | None = None
    shipping_address: OrderAddress | None = None
    billing_address: OrderAddress | None = None
    email: str | None = None
    phone: str | None = None
    note: str = ""
    external_ids: tuple[ExternalId, ...] = ()
    place: bool = False
    reserve_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOrder(Command):
    """Lines, discounts, addresses and external ids are replaced as a whole where given."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    customer_id: UUID | Keep | None = KEEP
    buyer_id: UUID | Keep | None = KEEP
    lines: tuple[LineDraft, ...] | Keep = KEEP
    discounts: tuple[OrderDiscount, ...] | Keep = KEEP
    discount_code: str | Keep | None = KEEP
    shipping: Money | Keep | None = KEEP
    shipping_tax: Money | Keep | None = KEEP
    tax_included: bool | Keep = KEEP
    shipping_address: OrderAddress | Keep | None = KEEP
    billing_address: OrderAddress | Keep | None = KEEP
    email: str | Keep | None = KEEP
    phone: str | Keep | None = KEEP
    note: str | Keep = KEEP
    external_ids: tuple[ExternalId, ...] | Keep = KEEP


# What a discount code depends on. Where none of it changes, a draft keeps what the code took off.
_ASKED_OF_CODES = ("discount_code", "lines", "discounts", "customer_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveOrder(Command):
    """`until`: when what is reserved is given back by itself, unless the order is placed before."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    until: datetime


def create_order(uow: UnitOfWork, command: CreateOrder) -> UUID:
    """Make a draft, or place an order at once. Its id.

    Raises:
        UnknownChannel, ChannelNotActive, UnknownCustomer, CustomerNotActive, UnknownVariant.
        VariantNotForSale, UnknownPrice: a line cannot be sold.
        InsufficientStock: not all of it can be promised; then nothing is.
        ExternalIdTaken: there is an order with this external id already.
        EmptyOrder: it is to be placed without a line.
        UnknownDiscountCode, DiscountCodeExpired, DiscountCodeUsedUp, and what else stands in the
        way of a discount code.
        DiscountTooLarge, AmountTooLarge, NegativeAmount, CurrencyMismatch, VariantNeeded,
        ChargeIncomplete, InvalidText, OutOfRange, TooMany, InvalidEmail, InvalidPhone,
        UnknownCountry, ReservedOrPlaced, ExpiryNotAhead: the input is wrong.
    """
    return make_order(uow, command, queries.channel(uow.db, command.channel))


def make_order(
    uow: UnitOfWork, command: CreateOrder, channel: Channel, *, is_sold: bool = False
) -> UUID:
    """The same in a channel that is known. `is_sold`: it has sold the goods already, so they may
    be archived, of unknown SKUs, and lacking.
    """
    if channel.status is not ChannelStatus.ACTIVE:
        raise ChannelNotActive(channel.code).at("channel")
    faults = Faults()
    if command.place and command.reserve_until:
        faults.add(ReservedOrPlaced().at("reserve_until"))
    order = _new_order(uow, faults, command, channel, is_sold=is_sold)
    made = make_lines(uow, faults, command.lines, order=order, sold=is_sold)
    parts = Parts(
        lines=made.lines,
        discounts=command.discounts,
        addresses=both_addresses(command.shipping_address, command.billing_address),
        external_ids=command.external_ids,
        components=made.components,
    )
    check_draft(uow, faults, order, parts)
    faults.check()

    discounts = with_code(uow, order, parts.lines, parts.discounts, command.discount_code)
    order, parts = composed(order, replaced(parts, discounts=discounts))
    lines = given_lines(command.lines, parts.lines)
    given = GivenTaxes(lines, command.shipping_tax is not None)
    found = taxed(uow, order, parts, given, asks=True)
    if command.place:
        found = check_taxed(found)
    order, parts = found.order, found.parts
    add(uow, orders, [order])
    add_parts(uow, order.id, parts)
    keep_taxes(uow, found)
    uow.emit(OrderCreated(order.id, order.version), after=parts.sheet(order))
    if command.place:
        return place(uow, order, order, parts, is_new=True, is_sold=is_sold)
    index_order(uow, order, parts, is_new=True)
    if command.reserve_until:
        _reserve(uow, order, parts.lines, command.reserve_until)
    return order.id


def update_order(uow: UnitOfWork, command: UpdateOrder) -> UUID:
    """Change what is given of a draft; what is absent stays. Its id.

    A quote that was sent ends when what it offers is changed.

    Where its lines are replaced, stock that was reserved is given back, and reserved for the new
    lines until the same moment.

    Raises:
        UnknownOrder, InvalidTransition.
        InsufficientStock: the new lines cannot be reserved; then nothing is changed.
        What `create_order` raises for the same input.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("update", before.status)
    present = queries.parts(uow.db, before.id)
    faults = Faults()
    order = _changed(faults, before, command)
    parts = _changed_parts(uow, faults, order, command, present)
    check_draft(uow, faults, order, parts)
    faults.check()

    if any(getattr(command, name) is not KEEP for name in _ASKED_OF_CODES):
        discounts = with_code(uow, order, parts.lines, parts.discounts, command.discount_code)
        parts = replaced(parts, discounts=discounts)
    found = _taxed_anew(uow, *composed(order, parts), command)
    order, parts = found.order, found.parts
    if before.quoted_until and _offers(order, parts) != _offers(before, present):
        end_quote(uow, before, QuoteStatus.REPLACED)
        order = replaced(order, quoted_until=None)
    after = save_order(uow, before, order)
    replace_parts(uow, after.id, present, parts)
    keep_taxes(uow, found)
    index_order(uow, after, parts, is_new=False)
    event = OrderUpdated(after.id, after.version)
    uow.emit(event, before=present.sheet(before), after=parts.sheet(after))
    if command.lines is not KEEP and before.reserved_until:
        release_stock(uow, present.lines)
        if before.reserved_until > uow.now:
            reserve_stock(uow, after, parts.lines, expires_at=before.reserved_until)
    return after.id


def reserve_order(uow: UnitOfWork, command: ReserveOrder) -> UUID:
    """Hold stock for all lines of a draft until a moment, or until another one. Its id.

    Raises:
        UnknownOrder, InvalidTransition.
        EmptyOrder: it has no line.
        InsufficientStock: not all of it can be promised; then nothing is changed.
        ExpiryNotAhead: the moment has passed.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("reserve", before.status)
    lines = queries.lines_of(uow.db, before.id)
    if not lines:
        raise EmptyOrder
    _reserve(uow, before, lines, command.until)
    return before.id


def _reserve(uow: UnitOfWork, before: Order, lines: Sequence[OrderLine], until: datetime) -> None:
    after = save_order(uow, before, replaced(before, reserved_until=until))
    uow.emit(OrderReserved(after.id, after.version), before=before, after=after)
    hold_until(uow, before, lines, until)


def _taxed_anew(uow: UnitOfWork, order: Order, parts: Parts, command: UpdateOrder) -> Taxed:
    """A draft with the taxes that nobody gave, now or before."""
    if order.tax_source is TaxSource.GIVEN:
        return Taxed(order, parts)
    given = given_before(uow, order, parts.lines)
    if command.lines is not KEEP:
        given = replaced(given, lines=given_lines(command.lines, parts.lines))
    if command.shipping_tax is not KEEP:
        given = replaced(given, shipping=command.shipping_tax is not None)
    return taxed(uow, order, parts, given, asks=True)


def _new_order(
    uow: UnitOfWork, faults: Faults, command: CreateOrder, channel: Channel, *, is_sold: bool
) -> Order:
    """The order as wanted, before it has lines."""
    source, included = tax_source_of(channel, is_sold=is_sold), command.tax_included
    for name in ("shipping", "shipping_tax"):
        check_given(faults, getattr(command, name), channel.currency, name)
    no_sums: dict[str, Any] = dict.fromkeys(SUMS, 0)
    return Order(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        channel_id=channel.id,
        number=None,
        serial=0,
        recorded=False,
        customer_id=command.customer_id,
        buyer_id=command.buyer_id,
        status=MACHINE.start,
        fulfillment_status=FulfillmentStatus.UNALLOCATED,
        unshipped=0,
        has_hold=False,
        placed_at=None,
        dated_at=uow.now,
        closed_at=None,
        cancelled_at=None,
        reserved_until=None,
        email=canonical_email(faults, command.email),
        phone=canonical_phone(faults, command.phone),
        note=command.note,
        currency=channel.currency,
        tax_included=prices_include_tax(uow, channel, source) if included is None else included,
        tax_source=source,
        shipping_tax_minor=command.shipping_tax.minor if command.shipping_tax else 0,
        shipping_minor=command.shipping.minor if command.shipping else 0,
        payment_status=PaymentStatus.NOTHING_DUE,
        **no_sums,
    )


def _changed(faults: Faults, before: Order, command: UpdateOrder) -> Order:
    """The order with what is given, before its sums."""
    shipping = patched(command.shipping, before.shipping)
    shipping_tax = patched(command.shipping_tax, before.shipping_tax)
    check_given(faults, shipping, before.currency, "shipping")
    check_given(faults, shipping_tax, before.currency, "shipping_tax")
    return replaced(
        before,
        customer_id=patched(command.customer_id, before.customer_id),
        buyer_id=patched(command.buyer_id, before.buyer_id),
        shipping_minor=shipping.minor if shipping else 0,
        shipping_tax_minor=shipping_tax.minor if shipping_tax else 0,
        tax_included=patched(command.tax_included, before.tax_included),
        email=canonical_email(faults, patched(command.email, before.email)),
        phone=canonical_phone(faults, patched(command.phone, before.phone)),
        note=patched(command.note, before.note),
    )


def _changed_parts(
    uow: UnitOfWork, faults: Faults, order: Order, command: UpdateOrder, present: Parts
) -> Parts:
    made = MadeLines(present.lines, present.components)
    if command.lines is not KEEP:
        made = make_lines(uow, faults, command.lines, order=order)
    return Parts(
        lines=made.lines,
        discounts=_discounts(command, present),
        addresses=both_addresses(
            patched(command.shipping_address, present.address(AddressKind.SHIPPING)),
            patched(command.billing_address, present.address(AddressKind.BILLING)),
        ),
        external_ids=patched(command.external_ids, present.external_ids),
        components=made.components,
    )


def _discounts(command: UpdateOrder, present: Parts) -> tuple[OrderDiscount, ...]:
    """The discounts given, with the code that the draft has."""
    if command.discounts is KEEP:
        return present.discounts
    return (*command.discounts, *(each for each in present.discounts if each.code_id))


def _offers(order: Order, parts: Parts) -> object:
    """What a quote binds: lines with their prices, and what they come to."""
    return order.ordered, order.tax_included, [frozen(line) for line in parts.lines]
