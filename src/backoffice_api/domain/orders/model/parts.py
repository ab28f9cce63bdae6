"""An order as a whole: what is written on it besides its own row, and what follows from that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backoffice_api.domain.customers.model import ADDRESS, IDENTITY
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import AmountTooLarge, total
from backoffice_api.domain.kernel.shapes import as_dict, replaced
from backoffice_api.domain.orders.model.amounts import amount_max, discount_shares
from backoffice_api.domain.orders.model.kits import LineComponent
from backoffice_api.domain.orders.model.lines import (
    LineFacts,
    LineKind,
    OrderLine,
    facts_of,
    with_discount,
)
from backoffice_api.domain.orders.model.orders import (
    PROMISED,
    AddressKind,
    FulfillmentStatus,
    Order,
    OrderAddress,
    OrderDiscount,
    OrderStatus,
)
from backoffice_api.domain.orders.model.payments import payment_status


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSheet(Order):
    """An order with all that is written on it, in a stated order: what is compared and logged.

    External ids count as personal in the log, since some systems use e-mail addresses as keys.
    """

    lines: tuple[LineFacts, ...]
    discounts: tuple[OrderDiscount, ...]
    addresses: tuple[OrderAddress, ...] = field(metadata=ADDRESS)
    external_ids: tuple[ExternalId, ...] = field(metadata=IDENTITY)


@dataclass(frozen=True, slots=True)
class Parts:
    """What is written on an order besides its own row. `components` are those of its kits."""

    lines: tuple[OrderLine, ...]
    discounts: tuple[OrderDiscount, ...]
    addresses: tuple[OrderAddress, ...]
    external_ids: tuple[ExternalId, ...]
    components: tuple[LineComponent, ...] = ()

    def address(self, kind: AddressKind) -> OrderAddress | None:
        return next((each for each in self.addresses if each.kind is kind), None)

    def sheet(self, order: Order) -> OrderSheet:
        return OrderSheet(
            **as_dict(order),
            lines=tuple(facts_of(line) for line in self.lines),
            discounts=self.discounts,
            addresses=tuple(sorted(self.addresses, key=lambda each: each.kind)),
            external_ids=tuple(sorted(self.external_ids, key=lambda each: (each.system, each.key))),
        )


def composed(order: Order, parts: Parts) -> tuple[Order, Parts]:
    """The order with its discounts shared out over its lines, and with all sums.

    Raises:
        DiscountTooLarge: the discounts are more than the lines come to.
        AmountTooLarge: it comes to more than an order may.
    """
    discount = total((each.amount for each in parts.discounts), order.currency)
    shares = discount_shares(discount, [line.ordered.subtotal for line in parts.lines])
    lines = [with_discount(line, share) for line, share in zip(parts.lines, shares, strict=True)]
    return with_sums(order, lines), replaced(parts, lines=tuple(lines))


def with_sums(order: Order, lines: Iterable[OrderLine]) -> Order:
    """The order with everything that follows from its lines: amounts, what is left, how far it is.

    Raises:
        AmountTooLarge: it comes to more than an order may.
    """
    lines = tuple(lines)
    cancelled = order.status is OrderStatus.CANCELLED
    shipping = 0 if cancelled else order.shipping_minor
    shipping_tax = 0 if cancelled else order.shipping_tax_minor
    summed = replaced(
        order,
        unshipped=sum(line.unshipped for line in lines),
        fulfillment_status=fulfillment_status(order.status, lines),
        subtotal_minor=sum(line.subtotal_minor for line in lines),
        discount_minor=sum(line.discount_minor for line in lines),
        tax_minor=sum(line.tax_minor for line in lines) + order.shipping_tax_minor,
        current_subtotal_minor=sum(line.current_subtotal_minor for line in lines),
        current_discount_minor=sum(line.current_discount_minor for line in lines),
        current_shipping_minor=shipping,
        current_tax_minor=sum(line.current_tax_minor for line in lines) + shipping_tax,
    )
    taxes = (0, 0) if order.tax_included else (summed.tax_minor, summed.current_tax_minor)
    gross = summed.subtotal_minor + summed.shipping_minor + summed.tax_minor
    maximum = amount_max(order.currency)
    if gross > maximum.minor:
        raise AmountTooLarge(order.currency, maximum.amount)
    return with_payment_status(
        replaced(
            summed,
            total_minor=summed.subtotal_minor
            - summed.discount_minor
            + summed.shipping_minor
            + taxes[0],
            current_total_minor=summed.current_subtotal_minor
            - summed.current_discount_minor
            + summed.current_shipping_minor
            + taxes[1],
        )
    )


def with_payment_status(order: Order) -> Order:
    """The order with the status that its total and its payments come to."""
    status = payment_status(
        recorded=order.recorded,
        total=order.due_minor,
        authorized=order.authorized_minor,
        captured=order.captured_minor,
        refunded=order.refunded_minor,
    )
    return replaced(order, payment_status=status)


def fulfillment_status(status: OrderStatus, lines: Sequence[OrderLine]) -> FulfillmentStatus:
    """How far the goods are. In an open order all that is not yet shipped is promised."""
    goods = [line for line in lines if line.kind is LineKind.GOODS]
    unshipped = sum(line.unshipped for line in goods)
    if any(line.shipped for line in goods):
        if unshipped:
            return FulfillmentStatus.PARTIALLY_SHIPPED
        if not any(line.delivered for line in goods):
            return FulfillmentStatus.SHIPPED
        if any(line.delivered < line.shipped for line in goods):
            return FulfillmentStatus.PARTIALLY_DELIVERED
        return FulfillmentStatus.DELIVERED
    if unshipped and status in PROMISED:
        return FulfillmentStatus.ALLOCATED
    return FulfillmentStatus.UNALLOCATED
