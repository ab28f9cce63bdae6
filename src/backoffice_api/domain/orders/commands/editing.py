"""Editing: orders that are placed are changed as long as their pieces are in the house."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import AmountTooLarge, Money
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.checking import (
    both_addresses,
    canonical_email,
    canonical_phone,
    check_written,
)
from backoffice_api.domain.orders.commands.discounting import edited_code
from backoffice_api.domain.orders.commands.lines import LineDraft, MadeLines, make_lines
from backoffice_api.domain.orders.commands.promises import change_stock
from backoffice_api.domain.orders.commands.taxing import (
    Taxed,
    edited_taxes,
    given_lines,
    keep_taxes,
)
from backoffice_api.domain.orders.commands.writing import (
    index_order,
    put_changed,
    replace_addresses_and_discounts,
    save_order,
    tell_to_settle,
)
from backoffice_api.domain.orders.model.amounts import DiscountTooLarge, check_given
from backoffice_api.domain.orders.model.edits import (
    LineChange,
    NothingChanged,
    NothingLeft,
    edited,
    shared_anew,
)
from backoffice_api.domain.orders.model.events import LineEdit, OrderEdited
from backoffice_api.domain.orders.model.lines import (
    LINES_MAX,
    OrderLine,
    UnknownOrderLine,
    with_current,
)
from backoffice_api.domain.orders.model.orders import (
    MACHINE,
    AddressKind,
    Order,
    OrderAddress,
    OrderDiscount,
)
from backoffice_api.domain.orders.model.parts import Parts, with_sums
from backoffice_api.domain.orders.model.settlement import Settlement
from backoffice_api.domain.orders.queries.taxing import GivenTaxes
from backoffice_api.domain.orders.tables import order_line_components, order_lines, orders
from backoffice_api.domain.taxes.model.terms import TaxSource


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOrder(Command):
    """What is to change of an order that is placed; what is absent stays.

    `lines`: changes of lines that are there. `add_lines`: goods and charges on top. `discounts`
    take the place of all it had but that of its discount code. `settlement`: what becomes of the
    difference in money.
    """

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    lines: tuple[LineChange, ...] = ()
    add_lines: tuple[LineDraft, ...] = ()
    discounts: tuple[OrderDiscount, ...] | Keep = KEEP
    discount_code: str | Keep | None = KEEP
    shipping: Money | Keep | None = KEEP
    shipping_tax: Money | Keep | None = KEEP
    shipping_address: OrderAddress | Keep | None = KEEP
    billing_address: OrderAddress | Keep | None = KEEP
    email: str | Keep | None = KEEP
    phone: str | Keep | None = KEEP
    note: str | Keep = KEEP
    settlement: Settlement = Settlement.LEAVE_OPEN


def edit_order(uow: UnitOfWork, command: EditOrder) -> UUID:
    """Change an order that is placed, as far as its pieces are in the house. Its id.

    Stock is given back for what is taken off and promised for what is added; what else the order
    comes to follows. A dry run shows it all beforehand.

    Raises:
        UnknownOrder, InvalidTransition, UnknownOrderLine.
        NothingChanged: the command names nothing that is another way already.
        NothingLeft: nothing would be left of it.
        PiecesShipped: what has left the house would have to change.
        InsufficientStock: not all that is added can be promised; then nothing is changed.
        DiscountTooLarge, DiscountTooSmall: the lines cannot bear the discounts.
        DiscountCodeExpired, DiscountCodeUsedUp, and what else stands in the way of its code.
        VariantNotForSale, UnknownPrice: a new line cannot be sold.
        Duplicate: a line is named twice.
        What `create_order` raises for the same input.
    """
    return edit(uow, command)


def edit(uow: UnitOfWork, command: EditOrder, *, is_sold: bool = False) -> UUID:
    """The same. `is_sold`: a channel has sold what is added already, as `make_order` has it."""
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("edit", before.status)
    present = queries.parts(uow.db, before.id)
    faults = Faults()
    order = _changed(faults, before, command)
    lines = _changed_lines(faults, present.lines, command.lines)
    made = make_lines(
        uow, faults, command.add_lines, order=order, at="add_lines", after=len(lines), sold=is_sold
    )
    parts = _changed_parts(present, lines, made, command)
    check_written(faults, order, parts)
    faults.check()
    if command.discounts is not KEEP or command.discount_code is not KEEP:
        given, code = command.discounts, command.discount_code
        discounts = edited_code(uow, order, parts.lines, present.discounts, given, code)
        parts = replace(parts, discounts=discounts)
    parts = _with_discounts(parts, command, order.currency)
    order = with_sums(order, parts.lines)
    found = _taxed(uow, before, order, present, parts, command, made, is_sold=is_sold)
    order, parts = found.order, found.parts
    if (order, parts) == (before, present):
        raise NothingChanged
    if not any(line.current_quantity for line in parts.lines):
        raise NothingLeft

    known = {line.id: line for line in present.lines}
    put_changed(uow, [line for line in parts.lines if known.get(line.id) not in (None, line)])
    add(uow, order_lines, [line for line in parts.lines if line.id not in known])
    add(uow, order_line_components, made.components)
    replace_addresses_and_discounts(uow, before.id, present, parts)
    keep_taxes(uow, found)
    after = save_order(uow, before, order)
    if made.lines:
        index_order(uow, after, parts, is_new=False)
    _tell(uow, before, after, present, parts)
    tell_to_settle(uow, before, after, command.settlement)
    # Last of all, since others wait for the stock from here on.
    fewer, more = _fewer(known, parts), _more(known, parts)
    change_stock(uow, after, parts.lines, fewer=fewer, more=more, is_sold=is_sold)
    return after.id


def _taxed(
    uow: UnitOfWork,
    before: Order,
    order: Order,
    present: Parts,
    parts: Parts,
    command: EditOrder,
    made: MadeLines,
    *,
    is_sold: bool,
) -> Taxed:
    """The order with the taxes of what is changed, as far as they are calculated here."""
    if order.tax_source is TaxSource.GIVEN:
        return Taxed(order, parts)
    named = {each.line_id for each in command.lines if each.tax is not None}
    added = given_lines(command.add_lines, made.lines)
    if is_sold:
        added = frozenset(line.id for line in made.lines)
    given = GivenTaxes(added | named, command.shipping_tax is not KEEP)
    return edited_taxes(uow, before, order, present.lines, parts, given)


def _changed(faults: Faults, before: Order, command: EditOrder) -> Order:
    """The order with what is given, before its sums."""
    shipping = patched(command.shipping, before.shipping)
    shipping_tax = patched(command.shipping_tax, before.shipping_tax)
    check_given(faults, shipping, before.currency, "shipping")
    check_given(faults, shipping_tax, before.currency, "shipping_tax")
    email, phone = before.email, before.phone
    if command.email is not KEEP:
        email = canonical_email(faults, command.email)
    if command.phone is not KEEP:
        phone = canonical_phone(faults, command.phone)
    return replace(
        before,
        shipping_minor=shipping.minor if shipping else 0,
        shipping_tax_minor=shipping_tax.minor if shipping_tax else 0,
        email=email,
        phone=phone,
        note=patched(command.note, before.note),
    )


def _changed_lines(
    faults: Faults, lines: Sequence[OrderLine], changes: Sequence[LineChange]
) -> Sequence[OrderLine]:
    """The lines as they are to be. Notes lines that are not there or named twice."""
    check_size(changes, faults, "lines", maximum=LINES_MAX)
    by_id = {line.id: line for line in lines}
    named: set[UUID] = set()
    for position, each in enumerate(changes):
        here = ("lines", position)
        line = by_id.get(each.line_id)
        if line is None:
            faults.add(UnknownOrderLine(each.line_id).at(*here, "line_id"))
        elif each.line_id in named:
            faults.add(Duplicate(line.sku or line.title).at(*here, "line_id"))
        else:
            try:
                by_id[line.id] = edited(line, each, faults, *here)
            except AmountTooLarge as fault:
                faults.add(fault.at(*here, "unit_price"))
        named.add(each.line_id)
    return list(by_id.values())


def _changed_parts(
    present: Parts, lines: Sequence[OrderLine], made: MadeLines, command: EditOrder
) -> Parts:
    added = (replace(with_current(line), added=line.quantity) for line in made.lines)
    return replace(
        present,
        lines=(*lines, *added),
        components=(*present.components, *made.components),
        discounts=patched(command.discounts, present.discounts),
        addresses=both_addresses(
            patched(command.shipping_address, present.address(AddressKind.SHIPPING)),
            patched(command.billing_address, present.address(AddressKind.BILLING)),
        ),
    )


def _with_discounts(parts: Parts, command: EditOrder, currency: str) -> Parts:
    """Raises: DiscountTooLarge, DiscountTooSmall."""
    if command.discounts is not KEEP or command.discount_code is not KEEP:
        return replace(parts, lines=tuple(shared_anew(parts.lines, parts.discounts, currency)))
    for line in parts.lines:
        if line.discount_minor > line.subtotal_minor:
            # Its price fell below the discount that it bears: somebody has to say what is meant.
            raise DiscountTooLarge(str(line.ordered.subtotal)).at("discounts")
    return parts


def _more(known: Mapping[UUID, OrderLine], parts: Parts) -> Mapping[UUID, int]:
    """Pieces that have to be promised to lines, beyond what is."""
    return _differences(known, parts, 1)


def _fewer(known: Mapping[UUID, OrderLine], parts: Parts) -> Mapping[UUID, int]:
    """Pieces of lines that are given back."""
    return _differences(known, parts, -1)


def _differences(known: Mapping[UUID, OrderLine], parts: Parts, sign: int) -> Mapping[UUID, int]:
    differences = {
        line.id: sign * (line.unshipped - (known[line.id].unshipped if line.id in known else 0))
        for line in parts.lines
    }
    return {id: pieces for id, pieces in differences.items() if pieces > 0}


def _tell(uow: UnitOfWork, before: Order, after: Order, present: Parts, parts: Parts) -> None:
    known = {line.id: line for line in present.lines}
    lines = []
    for line in parts.lines:
        old = known.get(line.id)
        if line == old:
            continue
        is_repriced = old is None or old.unit_price_micro != line.unit_price_micro
        added = line.added - (old.added if old else 0)
        removed = line.cancelled - (old.cancelled if old else 0)
        price = str(line.unit_price) if is_repriced else None
        if added or removed or price is not None:
            lines.append(LineEdit(line.id, line.sku, added, removed, price))
    event = OrderEdited(
        after.id,
        after.version,
        after.name,
        tuple(lines),
        str(before.current.total),
        str(after.current.total),
    )
    uow.emit(event, before=present.sheet(before), after=parts.sheet(after))
