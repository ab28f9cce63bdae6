"""What the law grants whoever buys online, as policies that are ready to use.

- Brazil: Código de Defesa do Consumidor (Lei 8.078/1990), art. 49: within 7 days of signing or of
  receiving, the consumer may withdraw from what was bought away from the business premises; what
  was paid, of whatever kind, goes back at once. Decreto 7.962/2013, art. 5: at no cost to them.
- European Union: Directive 2011/83/EU, art. 9: 14 days without giving a reason, for goods from
  when the last of them is in the consumer's hands; art. 13: all payments go back, the delivery
  at standard cost included; art. 14: the consumer bears the direct cost of sending goods back.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice_api.domain.returns.model.policies import (
    PolicyPreset,
    ShippingPayer,
    WindowStart,
)

_EU = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
EUROPEAN_UNION = tuple(_EU.split(" "))


@dataclass(frozen=True, slots=True)
class LegalTerms:
    """The least that a law grants, and where it is written."""

    name: str
    countries: tuple[str, ...]
    window_days: int
    window_start: WindowStart
    shipping_payer: ShippingPayer
    source: str


PRESETS: Mapping[PolicyPreset, LegalTerms] = {
    PolicyPreset.BRAZIL_CDC_49: LegalTerms(
        "Right of withdrawal, Brazil",
        ("BR",),
        7,
        WindowStart.DELIVERY,
        ShippingPayer.SHOP,
        "Lei 8.078/1990 (CDC), art. 49; Decreto 7.962/2013, art. 5",
    ),
    PolicyPreset.EU_2011_83: LegalTerms(
        "Right of withdrawal, European Union",
        EUROPEAN_UNION,
        14,
        WindowStart.DELIVERY,
        ShippingPayer.CUSTOMER,
        "Directive 2011/83/EU, art. 9, 13 and 14",
    ),
}
