"""How the orders of a channel come by their taxes."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice


class TaxSource(Choice):
    """Where the taxes of a channel's orders come from."""

    GIVEN = "given", "They come with the lines, from whoever makes the order; without: none."
    RATES = "rates", "Lines without a tax get theirs by the tax rates, or by an outside provider."


class TaxRounding(Choice):
    """What of an order is rounded."""

    LINE = "line", "The tax of each line by itself."
    ORDER = "order", "The tax of all lines of one rate together; the lines share it."


@dataclass(frozen=True, slots=True)
class TaxTerms:
    """The terms of a channel.

    `country`, `region`: where its goods are handed over if an order has no address. `time_zone`:
    whose day counts. `shipping_class`: the tax class of deliveries; None: they are taxed as the
    goods of which there is most. `provider`: who is asked outside; None: nobody. `needs_provider`:
    orders wait for that answer; otherwise the rates stand in for it.
    """

    channel_id: UUID
    prices_include_tax: bool
    country: str
    region: str | None
    time_zone: str
    shipping_class: str | None
    rounding: TaxRounding
    provider: str | None
    needs_provider: bool
