"""Supplier items: under which SKU and at which price a supplier sells a variant."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import COST, Event
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.purchasing.model.suppliers import LEAD_TIME_DAYS_MAX

BREAKS_MAX = 20
PACK_SIZE_MAX = 1_000_000
QUANTITY_MAX = 1_000_000_000


class SupplierItemStatus(Choice):
    """Whether a variant is bought from a supplier."""

    ACTIVE = "active", "In use."
    ARCHIVED = "archived", "Out of use: not offered any more."


MACHINE = Machine(
    SupplierItemStatus.ACTIVE,
    move("update", {SupplierItemStatus.ACTIVE}),
    move("archive", {SupplierItemStatus.ACTIVE}, SupplierItemStatus.ARCHIVED),
    move("restore", {SupplierItemStatus.ARCHIVED}, SupplierItemStatus.ACTIVE),
)


class SupplierItemSortKey(Choice):
    """By what a list of supplier items is sorted."""

    CREATED_AT = "created_at", "When the item was made."
    SUPPLIER_SKU = "supplier_sku", "The SKU of the supplier, by code point."


@dataclass(frozen=True, slots=True)
class SupplierItem:
    """What a supplier sells. Orders are multiples of `pack_size`, at least `minimum_quantity`.

    `lead_time_days` None: that of the supplier. `is_preferred`: the variant is bought here unless
    something else is said; at most one item of a variant is.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    supplier_id: UUID
    variant_id: UUID
    supplier_sku: str
    title: str | None
    currency: str
    pack_size: int
    minimum_quantity: int
    lead_time_days: int | None
    is_preferred: bool
    status: SupplierItemStatus

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """From so many pieces on, one piece costs so much, in millionths of the main unit."""

    from_quantity: int
    currency: str
    price_micro: int = field(metadata=COST)

    @property
    def unit_price(self) -> UnitPrice:
        return UnitPrice(self.price_micro, self.currency)


@dataclass(frozen=True, slots=True)
class PricedItem(SupplierItem):
    """An item with its prices, the smallest quantity first: what is compared and logged."""

    prices: tuple[PriceBreak, ...]


@dataclass(frozen=True, slots=True)
class SupplierItemEvent(Event):
    """Something that happened to a supplier item."""

    id: UUID
    version: int
    supplier_sku: str


@dataclass(frozen=True, slots=True)
class SupplierItemCreated(SupplierItemEvent):
    type = "supplier_item.created"
    subject = "spi"
    summary = "Item {supplier_sku} of a supplier was created."


@dataclass(frozen=True, slots=True)
class SupplierItemUpdated(SupplierItemEvent):
    type = "supplier_item.updated"
    subject = "spi"
    summary = "Item {supplier_sku} of a supplier was changed."


@dataclass(frozen=True, slots=True)
class SupplierItemArchived(SupplierItemEvent):
    type = "supplier_item.archived"
    subject = "spi"
    summary = "Item {supplier_sku} of a supplier was archived."


@dataclass(frozen=True, slots=True)
class SupplierItemRestored(SupplierItemEvent):
    type = "supplier_item.restored"
    subject = "spi"
    summary = "Item {supplier_sku} of a supplier is in use again."


@dataclass(eq=False)
class UnknownSupplierItem(Missing):
    """There is no supplier item with this id."""

    id: UUID
    message = "There is no such supplier item."


@dataclass(eq=False)
class SupplierSkuTaken(Refused):
    """The supplier has another item under this SKU."""

    supplier_sku: str
    message = "The supplier has another item {supplier_sku!r:.90}."


@dataclass(eq=False)
class InvalidPriceBreaks(Invalid):
    """Prices begin at some quantity, each at another one, and share the item's currency."""

    message = "Prices are in one currency, each from another quantity on, the first from 1 on."


def check_item(item: PricedItem, faults: Faults) -> None:
    """Note what is wrong with an item."""
    check_text(item.supplier_sku, faults, "supplier_sku", maximum=CODE_LENGTH_MAX)
    check_text(item.title, faults, "title")
    check_range(item.pack_size, faults, "pack_size", minimum=1, maximum=PACK_SIZE_MAX)
    check_range(item.minimum_quantity, faults, "minimum_quantity", minimum=1, maximum=QUANTITY_MAX)
    maximum = LEAD_TIME_DAYS_MAX
    check_range(item.lead_time_days, faults, "lead_time_days", minimum=0, maximum=maximum)
    check_size(item.prices, faults, "prices", maximum=BREAKS_MAX)
    quantities = [each.from_quantity for each in item.prices]
    if (
        (quantities and quantities[0] != 1)
        or len({*quantities}) < len(quantities)
        or any(each.currency != item.currency for each in item.prices)
    ):
        faults.add(InvalidPriceBreaks().at("prices"))
    for position, each in enumerate(item.prices):
        here = ("prices", position)
        check_range(each.from_quantity, faults, *here, minimum=1, maximum=QUANTITY_MAX)
        if each.price_micro < 0:
            faults.add(InvalidPriceBreaks().at(*here))


def price_for(prices: Sequence[PriceBreak], quantity: int) -> UnitPrice | None:
    """What one of so many pieces costs. None: there is no price."""
    fitting = [each for each in prices if each.from_quantity <= quantity]
    return max(fitting, key=lambda each: each.from_quantity).unit_price if fitting else None


def rounded_up(quantity: int, item: SupplierItem) -> int:
    """The least quantity that can be ordered and is no less: whole packs, at least the minimum."""
    wanted = max(quantity, item.minimum_quantity)
    return -(-wanted // item.pack_size) * item.pack_size
