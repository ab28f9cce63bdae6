"""Splitting: a part of a placed order goes on as an order of its own.

Payments stay with the order that was split. The new one names it as `split_from`; what is to be
settled between the two is left open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.cancelling import asked_for
from backoffice_api.domain.orders.commands.channels import draw_number
from backoffice_api.domain.orders.commands.holds import holds_going, put_holds
from backoffice_api.domain.orders.commands.promises import move_stock
from backoffice_api.domain.orders.commands.writing import (
    add_parts,
    index_order,
    put_changed,
    save_order,
    tell_to_settle,
)
from backoffice_api.domain.orders.model.amounts import check_given
from backoffice_api.domain.orders.model.edits import NothingLeft
from backoffice_api.domain.orders.model.lines import (
    LINES_MAX,
    LineKind,
    LineQuantity,
    OrderLine,
)
from backoffice_api.domain.orders.model.moves import (
    Moved,
    OrderSplit,
    OrderSplitOff,
    ShippingExceeded,
    discount_of,
    moved,
)
from backoffice_api.domain.orders.model.orders import (
    MACHINE,
    SUMS,
    NothingToCancel,
    Order,
    OrderDiscount,
)
from backoffice_api.domain.orders.model.parts import Parts, with_sums
from backoffice_api.domain.orders.model.payments import PaymentSums
from backoffice_api.domain.orders.model.settlement import Settlement
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.taxes.commands.sheets import follow_lines
from backoffice_api.domain.taxes.model.terms import TaxSource

# What was paid stays with the whole.
_PAID = tuple(each.name for each in fields(PaymentSums))


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOrder(Command):
    """`lines`: the pieces that go. `shipping`: what goes along of the cost of the delivery."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    lines: tuple[LineQuantity, ...]
    shipping: Money | None = None


def split_order(uow: UnitOfWork, command: SplitOrder) -> UUID:
    """Make an order of a part of another one, with its own number. Id of the new one.

    The two come to what the one did, to the cent. Addresses and holds are copied; payments stay.

    Raises:
        UnknownOrder, InvalidTransition, UnknownOrderLine.
        QuantityExceeded: fewer pieces of a line have not left the house.
        NothingToCancel: no pieces are named.
        NothingLeft: nothing would be left of it.
        ShippingExceeded: more is to go along than is asked for the delivery.
        ChannelNotActive: its channel is archived.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("split", before.status)
    present = queries.parts(uow.db, before.id)
    shipping = _shipping(before, command)
    asked = asked_for(present.lines, command.lines)
    if not asked:
        raise NothingToCancel
    new_id = uow.new_id()
    going = {
        line.id: moved(line, asked[line.id], id=uow.new_id(), order_id=new_id, position=position)
        for position, line in enumerate(line for line in present.lines if line.id in asked)
    }
    lines = [going[line.id].left if line.id in going else line for line in present.lines]
    if not any(line.current_quantity for line in lines):
        raise NothingLeft

    parts = _parts(uow, before, present, going, new_id)
    shipping_tax = _tax_of(before, shipping)
    order = replace(
        before,
        shipping_minor=before.shipping_minor - shipping.minor,
        shipping_tax_minor=before.shipping_tax_minor - shipping_tax.minor,
    )
    put_changed(uow, [each.left for each in going.values()])
    after = save_order(uow, before, with_sums(order, lines))
    number = draw_number(uow, before.channel_id)
    made = _new(uow, before, new_id, shipping, shipping_tax)
    made = replace(made, number=number.text, serial=number.serial)
    new_lines = {id: each.line.id for id, each in going.items()}
    held = holds_going(uow, before, new_id, new_lines)
    made = with_sums(replace(made, has_hold=bool(held)), parts.lines)
    add(uow, orders, [made])
    add_parts(uow, made.id, parts)
    if before.tax_source is not TaxSource.GIVEN:
        delivery = {before.id: made.id} if shipping else {}
        follow_lines(uow, before.id, made.id, new_lines | delivery)
    index_order(uow, made, parts, is_new=True)
    _tell(uow, before, after, made, asked)
    put_holds(uow, made, held)
    move_stock(uow, present.lines, asked, made, parts.lines)
    return made.id


def _shipping(before: Order, command: SplitOrder) -> Money:
    """What goes along. Raises: ShippingExceeded, CurrencyMismatch, NegativeAmount, TooMany."""
    faults = Faults()
    check_size(command.lines, faults, "lines", maximum=LINES_MAX)
    check_given(faults, command.shipping, before.currency, "shipping")
    faults.check()
    shipping = command.shipping or Money(0, before.currency)
    if shipping > before.shipping:
        raise ShippingExceeded(str(before.shipping)).at("shipping")
    return shipping


def _tax_of(before: Order, shipping: Money) -> Money:
    """The share of the delivery's tax that goes along with so much of what it costs."""
    if not shipping:
        return shipping
    going, _ = before.shipping_tax.allocate(
        [shipping.minor, before.shipping_minor - shipping.minor]
    )
    return going


def _new(uow: UnitOfWork, before: Order, id: UUID, shipping: Money, shipping_tax: Money) -> Order:
    """The new order, before it has lines. It counts as placed when the whole was."""
    return replace(
        before,
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        recorded=False,
        shipping_minor=shipping.minor,
        shipping_tax_minor=shipping_tax.minor,
        split_from_id=before.id,
        quote_count=0,
        **dict.fromkeys((*SUMS, *_PAID), 0),  # type: ignore[arg-type]
    )


def _parts(
    uow: UnitOfWork, before: Order, present: Parts, going: Mapping[UUID, Moved], new_id: UUID
) -> Parts:
    lines = [each.line for each in going.values()]
    components = [
        replace(each, line_id=going[each.line_id].line.id)
        for each in present.components
        if each.line_id in going
    ]
    if rounding := sum(each.rounding_minor for each in going.values()):
        lines.append(_rounding(uow, lines[0], Money(rounding, before.currency), len(lines)))
    discount = discount_of(lines, before.currency)
    label = f"From order {before.name}"
    return Parts(
        lines=tuple(lines),
        discounts=(OrderDiscount(label, None, discount.minor, discount.currency),)
        if discount
        else (),
        addresses=present.addresses,
        external_ids=(),
        components=tuple(components),
    )


def _rounding(uow: UnitOfWork, like: OrderLine, amount: Money, position: int) -> OrderLine:
    """A charge for what rounding the parts by themselves has lost."""
    return replace(
        like,
        id=uow.new_id(),
        position=position,
        kind=LineKind.CHARGE,
        variant_id=None,
        sku="",
        title="Rounding",
        quantity=1,
        unit_price_micro=UnitPrice.of_money(amount).micro,
        subtotal_minor=amount.minor,
        rounding_micro=0,
        discount_minor=0,
        tax_minor=0,
        current_subtotal_minor=amount.minor,
        current_discount_minor=0,
        current_tax_minor=0,
        is_kit=False,
    )


def _tell(
    uow: UnitOfWork, before: Order, after: Order, made: Order, asked: Mapping[UUID, int]
) -> None:
    lines = tuple(LineQuantity(id, quantity) for id, quantity in asked.items())
    event = OrderSplit(after.id, after.version, after.name, made.id, made.name, lines)
    uow.emit(event, before=before, after=after)
    made_of = OrderSplitOff(
        made.id, made.version, made.name, before.id, before.name, str(made.total)
    )
    uow.emit(made_of, after=made)
    tell_to_settle(uow, before, after, Settlement.LEAVE_OPEN)
