"""Lines of a purchase order: pieces of a variant, from the order to the shelf.

    open = ordered - cancelled - received, never below zero

Rejected pieces arrived and were not taken: the supplier still owes them, so they stay open. What
the supplier does not confirm is cancelled. Returned pieces were received before, and are not
ordered again by that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import COST
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.purchasing.model.orders import (
    ENDED,
    PurchaseOrder,
    PurchaseOrderStatus,
)
from backoffice_api.domain.purchasing.model.suppliers import OverReceiptPolicy, Supplier

LINES_MAX = 500
QUANTITY_MAX = 1_000_000_000


class PurchaseLineSortKey(Choice):
    """By what the lines of a purchase order are sorted."""

    POSITION = "position", "The order in which they were entered."


@dataclass(frozen=True, slots=True)
class PurchaseOrderLine:
    """SKUs and title are those of the time when the line was made.

    `confirmed` None: the supplier has not said anything. `lead_time_days`: from sending to
    arrival, as the supplier or its item said.
    """

    id: UUID
    order_id: UUID
    position: int
    variant_id: UUID
    supplier_item_id: UUID | None
    supplier_sku: str
    sku: str
    title: str
    quantity: int
    confirmed: int | None
    received: int
    rejected: int
    cancelled: int
    returned: int
    currency: str
    unit_price_micro: int = field(metadata=COST)
    subtotal_minor: int = field(metadata=COST)
    tax_minor: int = field(metadata=COST)
    current_subtotal_minor: int = field(metadata=COST)
    current_tax_minor: int = field(metadata=COST)
    lead_time_days: int
    expected_on: date | None

    @property
    def unit_price(self) -> UnitPrice:
        return UnitPrice(self.unit_price_micro, self.currency)

    @property
    def subtotal(self) -> Money:
        return Money(self.subtotal_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def current_quantity(self) -> int:
        """What is left of the quantity, without what was cancelled."""
        return self.quantity - self.cancelled

    @property
    def open(self) -> int:
        """Pieces that are still to come."""
        return max(0, self.current_quantity - self.received)

    @property
    def returnable(self) -> int:
        return self.received - self.returned


@dataclass(frozen=True, slots=True)
class PurchaseLineFacts:
    """A line as the log keeps it."""

    line_id: UUID
    sku: str
    quantity: int
    unit_price: str = field(metadata=COST)


@dataclass(eq=False)
class UnknownPurchaseOrderLine(Missing):
    """The purchase order has no line with this id."""

    line_id: UUID
    message = "The purchase order has no such line."


@dataclass(eq=False)
class PurchaseLineUnnamed(Invalid):
    """A line names its variant by id, by SKU or by the SKU of the supplier: one of them."""

    message = "A line names its variant by id, by SKU, or by the SKU of the supplier."


@dataclass(eq=False)
class PriceNeeded(Invalid):
    """The supplier has no price for so many pieces in the currency of the order."""

    sku: str
    message = "There is no price of the supplier for {sku!r:.90}; give one."


@dataclass(eq=False)
class MoreThanLeft(Refused):
    """More is asked for than there is left. `maximum` says how much that is."""

    maximum: int
    message = "At most {maximum} pieces are left."


@dataclass(eq=False)
class OverReceipt(Refused):
    """More arrived than the supplier's tolerance allows. `maximum`: what can still be taken."""

    sku: str
    maximum: int
    message = "Of {sku!r:.90}, at most {maximum} pieces can still be received."


def at_quantities(line: PurchaseOrderLine) -> PurchaseOrderLine:
    """The line with the amounts that follow from its price and its quantities.

    Raises:
        AmountTooLarge: it comes to more than 64 bits hold.
    """
    left = line.current_quantity
    tax = line.tax.allocate((left, line.quantity - left))[0]
    return replace(
        line,
        subtotal_minor=line.unit_price.times(line.quantity).money.minor,
        current_subtotal_minor=line.unit_price.times(left).money.minor,
        current_tax_minor=tax.minor,
    )


def with_lines(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> PurchaseOrder:
    """The order with everything that follows from its lines.

    Raises:
        AmountTooLarge: it comes to more than 64 bits hold.
    """
    subtotal = sum(line.subtotal_minor for line in lines)
    tax = sum(line.tax_minor for line in lines)
    current_subtotal = sum(line.current_subtotal_minor for line in lines)
    current_tax = sum(line.current_tax_minor for line in lines)
    return replace(
        order,
        subtotal_minor=subtotal,
        tax_minor=tax,
        # As money, so that a total which is too large is refused.
        total_minor=Money(subtotal + tax, order.currency).minor,
        current_subtotal_minor=current_subtotal,
        current_tax_minor=current_tax,
        current_total_minor=current_subtotal + current_tax,
    )


def status_after(
    status: PurchaseOrderStatus, lines: Sequence[PurchaseOrderLine]
) -> PurchaseOrderStatus:
    """Where an order stands whose lines were received or called off since it was `status`."""
    if status in ENDED:
        return status
    received = any(line.received for line in lines)
    if not any(line.open for line in lines):
        return PurchaseOrderStatus.RECEIVED if received else PurchaseOrderStatus.CANCELLED
    return PurchaseOrderStatus.PARTIALLY_RECEIVED if received else status


def receivable(line: PurchaseOrderLine, supplier: Supplier) -> int:
    """How many more pieces of a line can be received, by the supplier's policy."""
    if supplier.over_receipt is OverReceiptPolicy.ACCEPT:
        return QUANTITY_MAX - line.received
    tolerance = line.quantity * supplier.over_tolerance_percent // 100
    return max(0, line.current_quantity + tolerance - line.received)


def short_enough(line: PurchaseOrderLine, supplier: Supplier) -> bool:
    """Whether what is missing of a line that was received is little enough to be called off."""
    return 0 < line.open <= line.quantity * supplier.short_tolerance_percent // 100


def cancelled(line: PurchaseOrderLine, quantity: int) -> PurchaseOrderLine:
    """The line with so many more of its open pieces called off."""
    return at_quantities(replace(line, cancelled=line.cancelled + quantity))


def facts_of(line: PurchaseOrderLine) -> PurchaseLineFacts:
    return PurchaseLineFacts(line.id, line.sku, line.quantity, str(line.unit_price))


def dealt_out(
    lines: Sequence[PurchaseOrderLine], quantity: int, came: Mapping[UUID, int]
) -> Mapping[UUID, int]:
    """Pieces of one variant over the lines that wait for it, in their order.

    `came`: pieces by line that arrived with them already. What is more than all of them wait for
    goes to the last one.
    """
    taken: dict[UUID, int] = {}
    for line in lines:
        share = min(quantity, max(0, line.open - came.get(line.id, 0)))
        taken[line.id] = share
        quantity -= share
    if quantity:
        taken[lines[-1].id] += quantity
    return {id: share for id, share in taken.items() if share}
