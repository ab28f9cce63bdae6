"""Drift: what a channel says that it may sell, compared with what it was told.

    drift = reported - max(0, told - sold there since)

A channel counts down by itself what it sells. What drifts is told again; the stock of the shop does
not change by what a channel believes.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class ToldStock:
    """What a channel was told of a variant."""

    channel_id: UUID
    variant_id: UUID
    quantity: int
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReport:
    """So many pieces of a variant may be sold, a channel says."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class ChannelDrift:
    """`expected` None: it was never told. `quantity`: what it is to be told now."""

    variant_id: UUID
    reported: int | None
    expected: int | None
    quantity: int

    @property
    def drift(self) -> int | None:
        if self.reported is None or self.expected is None:
            return None
        return self.reported - self.expected


@dataclass(frozen=True, slots=True)
class ChannelCompared:
    """What a report, or telling, came to, in the order of its lines."""

    channel_id: UUID
    lines: tuple[ChannelDrift, ...]


@dataclass(frozen=True, slots=True)
class ChannelStockTold(Event):
    type = "channel.stock_told"
    subject = "chn"
    summary = "Channel {name} was told the stock of {variants} variants."
    id: UUID
    version: int
    name: str
    variants: int


@dataclass(frozen=True, slots=True)
class ChannelStockDrifted(Event):
    """What it should have is told again, with what the mutation answers."""

    type = "channel.stock_drifted"
    subject = "chn"
    summary = "Channel {name} had other stock than it was told, of {variants} variants."
    id: UUID
    version: int
    name: str
    variants: int
