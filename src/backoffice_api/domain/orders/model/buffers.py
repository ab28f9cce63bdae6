"""What a channel may sell of the stock: buffers and caps.

    sellable = min(cap, available - buffer), never below zero

A buffer keeps the last pieces from a channel, as from a marketplace that hears of a sale too late.
A cap bounds what a channel sees, and so what it can order at once.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.stock.model.levels import Withheld

STOCK_RULES_MAX = 1_000


class ChannelStockRuleSortKey(Choice):
    """By what a list of buffers and caps is sorted."""

    CREATED_AT = "created_at", "When the rule was made."


@dataclass(frozen=True, slots=True)
class ChannelStockRule:
    """`variant_id` None: all variants of the channel that have no rule of their own.

    `backorder_limit`: so many pieces of each variant may be sold that are not there.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    channel_id: UUID
    variant_id: UUID | None
    buffer: int
    cap: int | None
    backorder_limit: int

    @property
    def withheld(self) -> Withheld:
        return Withheld(self.buffer, self.cap)


@dataclass(frozen=True, slots=True)
class ChannelStock:
    """What a channel may sell of a variant now: `quantity` of the `available` pieces."""

    channel_id: UUID
    variant_id: UUID
    available: int
    buffer: int
    cap: int | None

    @property
    def quantity(self) -> int:
        return Withheld(self.buffer, self.cap).left_of(self.available)


@dataclass(frozen=True, slots=True)
class StockRulesTouched:
    """The rules that a command was about, in the order of its input."""

    rule_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ChannelStockRuleSet(Event):
    type = "channel_stock_rule.set"
    subject = "csr"
    summary = "Of the stock, {buffer} pieces are kept from a channel."
    id: UUID
    version: int
    channel_id: UUID
    buffer: int


@dataclass(frozen=True, slots=True)
class ChannelStockRuleRemoved(Event):
    type = "channel_stock_rule.removed"
    subject = "csr"
    summary = "A buffer or cap of a channel was removed."
    id: UUID
    version: int
    channel_id: UUID


@dataclass(eq=False)
class UnknownChannelStockRule(Missing):
    """There is no buffer or cap with this id."""

    id: UUID
    message = "There is no such buffer or cap."
