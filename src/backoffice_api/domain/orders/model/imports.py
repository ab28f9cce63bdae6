"""Orders that come from a channel: told again and again, late, and in any order.

What counts is when the channel last changed an order: what it tells of an earlier time than is
known changes nothing, and says so.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import CancelReason, OrderAddress, OrderDiscount

IMPORTS_MAX = 250
REVISION_MAX = 2**62


class ChannelOrderState(Choice):
    """Where an order stands in the channel."""

    OPEN = "open", "It is to be delivered."
    CANCELLED = "cancelled", "It was called off."


class ImportOutcome(Choice):
    """What became of what a channel told."""

    CREATED = "created", "The order is new and was placed."
    UPDATED = "updated", "The order was changed."
    CANCELLED = "cancelled", "The order was cancelled."
    NOTED = "noted", "It was called off before it was ever seen: nothing was made."
    UNCHANGED = "unchanged", "The order is so already."
    STALE = "stale", "Something later is known already: nothing was changed."
    REFUSED = "refused", "It is wrong, or cannot be done now: nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLine:
    """A line as the channel has it. `key`: what the channel calls it, unique in the order.

    Goods have a `sku`; a charge has a title. `tax` is that on all pieces.
    """

    key: str
    kind: LineKind = LineKind.GOODS
    sku: str | None = None
    title: str | None = None
    quantity: int
    unit_price: UnitPrice
    tax: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOrder:
    """An order as the channel has it, as a whole. `key`: what the channel calls it.

    `changed_at`, `revision`: when the channel last changed it; the revision tells apart what has
    one time. Amounts are in the currency of the channel. `lines` are not needed once it is
    cancelled.
    """

    channel: UUID | str
    key: str
    changed_at: datetime
    revision: int = 0
    state: ChannelOrderState = ChannelOrderState.OPEN
    cancel_reason: CancelReason = CancelReason.CUSTOMER
    customer_id: UUID | None = None
    lines: tuple[ChannelLine, ...] = ()
    discounts: tuple[OrderDiscount, ...] = ()
    shipping: Money | None = None
    shipping_tax: Money | None = None
    tax_included: bool = False
    shipping_address: OrderAddress | None = None
    billing_address: OrderAddress | None = None
    email: str | None = None
    phone: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ImportFault:
    """Why an order of several was refused, as codes and words."""

    code: str
    message: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportedOrder:
    """What became of one order. `order_id` None: there is none."""

    external_id: str
    outcome: ImportOutcome
    order_id: UUID | None
    faults: tuple[ImportFault, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedOrders:
    """What became of several, in the order in which they were given."""

    results: tuple[ImportedOrder, ...]


@dataclass(eq=False)
class UnknownSku(Invalid):
    """The channel takes no order with a SKU that is not known here."""

    sku: str
    message = "There is no SKU {sku!r:.90}."
