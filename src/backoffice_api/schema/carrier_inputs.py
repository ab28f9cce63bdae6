"""What is given of carriers, services and rate tables."""

from datetime import date

import strawberry
from strawberry import UNSET

from backoffice_api.domain.shipping.model import carriers as model
from backoffice_api.domain.shipping.model import rating
from backoffice_api.domain.shipping.model.carriers import CarrierKind, SurchargeDraft, SurchargeKind
from backoffice_api.domain.shipping.model.rate_tables import RowDraft
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.scalars import CurrencyCode

for _choices in (CarrierKind, SurchargeKind):
    choice(_choices)


@strawberry.input(description="Where parcels are sent from, as it is to stand on labels.")
class ShippingSenderInput:
    name: str = about("Who sends.")
    lines: list[str] = about("Street, number and what else is needed; 1 to 3.")
    city: str = about("City, town or village.")
    region: str | None = about("State or province.", default=None)
    postal_code: str | None = about("Postal code.", default=None)
    country: str = about("Country by its two letters of ISO 3166-1.")

    def value(self) -> model.Sender:
        return model.Sender(
            self.name,
            tuple(self.lines),
            self.city,
            self.region,
            self.postal_code,
            self.country,
        )


@strawberry.input(description="An account with a carrier. Keys and passwords stand in settings.")
class CarrierCreateInput:
    code: str = about("The code that names it, also in the settings. Unique.")
    name: str = about("What people call it, and labels say.")
    kind: CarrierKind = about("How we speak with it.")
    currency: CurrencyCode = about("The currency of its prices.")
    sender: ShippingSenderInput = about("Where its parcels are sent from.")
    time_zone: str = about("Where its cut-offs are, by the IANA database.", default="UTC")
    account: str | None = about("Our number there.", default=None)
    connector: str | None = about(
        "For the kind KARRIO: which of its connectors, as `dhl_express`.", default=None
    )
    supplier_id: strawberry.ID | None = about(
        "The supplier whose bills it sends: what it charges goes to payables.", default=None
    )


@strawberry.input(description="What is to change of a carrier. What is absent stays.")
class CarrierUpdateInput:
    code: str | None = about("The code that names it.", default=UNSET)
    name: str | None = about("What people call it.", default=UNSET)
    sender: ShippingSenderInput | None = about("Where parcels are sent from.", default=UNSET)
    time_zone: str | None = about("Where its cut-offs are.", default=UNSET)
    account: str | None = about("Our number there; null: none.", default=UNSET)
    connector: str | None = about("Which of karrio's connectors; null: none.", default=UNSET)
    supplier_id: strawberry.ID | None = about(
        "The supplier whose bills it sends; null: none.", default=UNSET
    )


@strawberry.input(description="A stretch of postal codes of a country.")
class PostalAreaInput:
    country: str = about("Country by its two letters of ISO 3166-1.")
    postal_from: str | None = about("The first postal code.", default=None)
    postal_to: str | None = about(
        "The last postal code, with all that begin with it.", default=None
    )

    def value(self) -> model.Area:
        return model.Area(self.country, self.postal_from, self.postal_to)


@strawberry.input(description="What is paid on top of the price for the weight.")
class CarrierSurchargeInput:
    kind: SurchargeKind = about("What it is for.")
    label: str = about("What it is called.")
    amount: MoneyInput = about("The fixed part, in the currency of the carrier.")
    minimum: MoneyInput | None = about("The least that is paid.", default=None)
    share_bps: int = about("The share in hundredths of a percent.", default=0)
    over_weight_g: int | None = about("Bulky is what is heavier, in grams.", default=None)
    over_length_mm: int | None = about("Bulky is what is longer, in millimetres.", default=None)
    over_girth_mm: int | None = about(
        "Bulky is what has more length and girth together, in millimetres.", default=None
    )
    areas: list[PostalAreaInput] = about(
        "Which areas are remote, at most 500.", default_factory=list
    )

    def value(self) -> SurchargeDraft:
        """Raises: TooPrecise, AmountTooLarge."""
        return SurchargeDraft(
            kind=self.kind,
            label=self.label,
            amount=self.amount.value(),
            minimum=self.minimum.value() if self.minimum else None,
            share_bps=self.share_bps,
            over_weight_g=self.over_weight_g,
            over_length_mm=self.over_length_mm,
            over_girth_mm=self.over_girth_mm,
            areas=tuple(each.value() for each in self.areas),
        )


@strawberry.input(description="A service of a carrier.")
class CarrierServiceCreateInput:
    carrier_id: strawberry.ID = about("Whose service it is.")
    code: str = about("The code, as the carrier knows it. Unique for the carrier.")
    name: str = about("What people call it.")
    transit_days_min: int = about("Working days in transit at least.")
    transit_days_max: int = about("Working days in transit at most: what is promised.")
    cut_off_minute: int | None = about(
        "Minute of the day, where the carrier is; what is ready later goes the next day.",
        default=None,
    )
    works_saturdays: bool = about("Saturday is a working day.", default=False)
    weight_max_g: int | None = about("The heaviest parcel, in grams.", default=None)
    length_max_mm: int | None = about("The longest side, in millimetres.", default=None)
    girth_max_mm: int | None = about(
        "The most length and girth together, in millimetres.", default=None
    )
    volumetric_divisor: int | None = about(
        "Cubic centimetres that are charged as a kilogram.", default=None
    )
    countries: list[str] = about("Where it goes. Empty: everywhere.", default_factory=list)
    collects_cash: bool = about("It collects money at the door.", default=False)
    surcharges: list[CarrierSurchargeInput] = about(
        "What comes on top of its prices, at most 50.", default_factory=list
    )


@strawberry.input(description="What is to change of a service. What is absent stays.")
class CarrierServiceUpdateInput:
    code: str | None = about("The code, as the carrier knows it.", default=UNSET)
    name: str | None = about("What people call it.", default=UNSET)
    transit_days_min: int | None = about("Working days in transit at least.", default=UNSET)
    transit_days_max: int | None = about("Working days in transit at most.", default=UNSET)
    cut_off_minute: int | None = about("Minute of the day; null: none.", default=UNSET)
    works_saturdays: bool | None = about("Saturday is a working day.", default=UNSET)
    weight_max_g: int | None = about("The heaviest parcel; null: no limit.", default=UNSET)
    length_max_mm: int | None = about("The longest side; null: no limit.", default=UNSET)
    girth_max_mm: int | None = about("Length and girth; null: no limit.", default=UNSET)
    volumetric_divisor: int | None = about(
        "Cubic centimetres to a kilogram; null: only the weight counts.", default=UNSET
    )
    countries: list[str] | None = about("Where it goes. Empty: everywhere.", default=UNSET)
    collects_cash: bool | None = about("It collects money at the door.", default=UNSET)
    surcharges: list[CarrierSurchargeInput] | None = about(
        "What comes on top; takes the place of all there were.", default=UNSET
    )


@strawberry.input(description="A place that belongs to a zone.")
class RateZoneInput:
    code: str = about("The zone. Several places may belong to one.")
    country: str = about("Country by its two letters of ISO 3166-1.")
    region: str | None = about("State or province. Null: all.", default=None)
    postal_from: str | None = about("The first postal code.", default=None)
    postal_to: str | None = about(
        "The last postal code, with all that begin with it.", default=None
    )

    def value(self) -> rating.Zone:
        return rating.Zone(self.code, self.country, self.region, self.postal_from, self.postal_to)


@strawberry.input(description="What a weight costs in a zone, in the currency of the carrier.")
class RateRowInput:
    zone: str = about("The zone.")
    up_to_g: int = about("Up to this weight, in grams.")
    price: MoneyInput = about("The price.")
    step_g: int | None = about(
        "What is heavier than all rows costs more for each of these begun, in grams.", default=None
    )
    step_price: MoneyInput | None = about("What such a step costs.", default=None)

    def value(self) -> RowDraft:
        """Raises: TooPrecise, AmountTooLarge."""
        return RowDraft(
            zone=self.zone,
            up_to_g=self.up_to_g,
            price=self.price.value(),
            step_g=self.step_g,
            step_price=self.step_price.value() if self.step_price else None,
        )


@strawberry.input(description="A rate table of a service.")
class RateTableCreateInput:
    service_id: strawberry.ID = about("What it prices.")
    name: str = about("What people call it.")
    valid_from: date = about("The first day on which it holds.")
    valid_until: date | None = about("The first day on which it holds no more.", default=None)
    zones: list[RateZoneInput] = about("Its zones, at most 1,000.", default_factory=list)
    rows: list[RateRowInput] = about("Its rows, at most 1,000.", default_factory=list)


@strawberry.input(description="What is to change of a rate table. What is absent stays.")
class RateTableUpdateInput:
    name: str | None = about("What people call it.", default=UNSET)
    valid_from: date | None = about("The first day on which it holds.", default=UNSET)
    valid_until: date | None = about("When it holds no more; null: no end.", default=UNSET)


@strawberry.input(description="All zones and rows of a rate table, in place of those it has.")
class RateTableSetRowsInput:
    zones: list[RateZoneInput] = about("Its zones, at most 1,000.")
    rows: list[RateRowInput] = about("Its rows, at most 1,000.")
