"""What is given of quotes, shipments, manifests, pickups and charges; filters and sorts."""

from datetime import date, datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.shipping.model.freight import ChargeDraft, ChargeSortKey, ChargeStatus
from backoffice_api.domain.shipping.model.handover import (
    ManifestSortKey,
    ManifestStatus,
    PickupSortKey,
    PickupStatus,
)
from backoffice_api.domain.shipping.model.quotes import Destination, Wish
from backoffice_api.domain.shipping.model.shipments import (
    LabelFormat,
    ParcelToSend,
    ShipmentSortKey,
    ShipmentStatus,
)
from backoffice_api.schema.directives import about
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.scalars import CurrencyCode


@strawberry.input(description="Where a parcel goes that is only thought of.")
class RateDestinationInput:
    country: str = about("Country by its two letters of ISO 3166-1.")
    region: str | None = about("State or province.", default=None)
    postal_code: str | None = about("Postal code.", default=None)
    city: str | None = about("City, town or village; some carriers ask for it.", default=None)

    def value(self) -> Destination:
        return Destination(
            country=self.country,
            region=self.region,
            postal_code=self.postal_code,
            city=self.city,
        )


@strawberry.input(
    description="A parcel that is packed, or a destination and a weight. What is given here comes "
    "before what is known of the parcel."
)
class RateQuoteCreateInput:
    currency: CurrencyCode = about("In which prices are compared.")
    parcel_id: strawberry.ID | None = about("Which parcel.", default=None)
    destination: RateDestinationInput | None = about("Where it goes.", default=None)
    weight_g: int | None = about("What the scale says, in grams.", default=None)
    length_mm: int | None = about("A side, in millimetres.", default=None)
    width_mm: int | None = about("Another side, in millimetres.", default=None)
    height_mm: int | None = about("The third side, in millimetres.", default=None)
    value: MoneyInput | None = about("What is to be insured.", default=None)
    cash: MoneyInput | None = about("What is to be collected at the door.", default=None)
    wish: Wish = about("What makes a candidate better than another one.", default=Wish.BEST)
    needed_by: date | None = about("When it has to be there.", default=None)


@strawberry.input(description="A parcel to be sent.")
class ShipmentParcelInput:
    parcel_id: strawberry.ID = about("Which parcel.")
    value: MoneyInput | None = about("What is to be insured.", default=None)
    cash: MoneyInput | None = about("What is to be collected at the door.", default=None)

    def value_of(self) -> ParcelToSend:
        """Raises: MalformedId, TooPrecise, AmountTooLarge."""
        return ParcelToSend(
            parcel_id=ids.parse("pcl", self.parcel_id),
            value=self.value.value() if self.value else None,
            cash=self.cash.value() if self.cash else None,
        )


@strawberry.input(description="Shipments to be made: one for each parcel, with one service.")
class ShipmentCreateInput:
    service_id: strawberry.ID = about("How they are sent.")
    parcels: list[ShipmentParcelInput] = about("Which parcels, at most 250.")
    quote_id: strawberry.ID | None = about(
        "Whose price for the service is expected, where it is not known here.", default=None
    )


@strawberry.input(description="What is to change of a shipment. What is absent stays.")
class ShipmentUpdateInput:
    service_id: strawberry.ID | None = about("How it is sent.", default=UNSET)
    value: MoneyInput | None = about("What is to be insured; null: nothing.", default=UNSET)
    cash: MoneyInput | None = about("What is to be collected; null: nothing.", default=UNSET)


@strawberry.input(description="A label to be bought.")
class LabelBuyInput:
    tracking_number: str | None = about(
        "For a carrier of the kind MANUAL: the number that it gave.", default=None
    )
    cost: MoneyInput | None = about(
        "For a carrier of the kind MANUAL: what the label did cost.", default=None
    )


@strawberry.input(description="What became of a purchase that is not clear.")
class LabelResolveInput:
    was_bought: bool = about("Whether the carrier has sold the label.")
    tracking_number: str | None = about("The number that it gave, if it has.", default=None)
    cost: MoneyInput | None = about("What the label did cost, if it has.", default=None)


@strawberry.input(description="Which file of a label is wanted.")
class LabelReprintInput:
    format: LabelFormat = about("How it is written.", default=LabelFormat.PDF)


@strawberry.input(description="A manifest to be made.")
class ManifestCreateInput:
    carrier_id: strawberry.ID = about("Who takes what stands on it.")
    shipment_ids: list[strawberry.ID] | None = about(
        "What is put on it, at most 1,000. Null: all that wait to be handed over, oldest first.",
        default=None,
    )


@strawberry.input(description="Shipments that are put on a manifest.")
class ManifestAddInput:
    shipment_ids: list[strawberry.ID] = about("Which shipments, at most 1,000.")


@strawberry.input(description="Shipments that are taken off a manifest.")
class ManifestRemoveInput:
    shipment_ids: list[strawberry.ID] = about("Which shipments, at most 1,000.")


@strawberry.input(description="A carrier is to come.")
class PickupRequestInput:
    carrier_id: strawberry.ID = about("Who is to come.")
    location_id: strawberry.ID = about("Where it is to come to.")
    window_from: datetime = about("When it comes at the earliest.")
    window_until: datetime = about("When it comes at the latest; later, and in the future.")
    pieces: int = about("How many parcels it finds, at least 1.")
    weight_g: int = about("How heavy they are together, in grams.")
    note: str | None = about("What else it is to know, at most 250 characters.", default=None)


@strawberry.input(description="What a carrier said that we do not speak with over the net.")
class PickupConfirmInput:
    confirmation: str = about("Under which it will come, at most 250 characters.")


@strawberry.input(description="A line of a carrier's invoice.")
class FreightChargeInput:
    tracking_number: str = about("Of which parcel the carrier says it is.")
    amount: MoneyInput = about("What the carrier wants, in its currency.")

    def value(self) -> ChargeDraft:
        """Raises: TooPrecise, AmountTooLarge."""
        return ChargeDraft(tracking_number=self.tracking_number, amount=self.amount.value())


@strawberry.input(description="An invoice of a carrier.")
class FreightChargesRecordInput:
    carrier_id: strawberry.ID = about("Who charges.")
    invoice: str = about("The number of the invoice, at most 80 characters; recorded once.")
    charges: list[FreightChargeInput] = about("Its lines, at most 1,000.")
    tolerance: MoneyInput | None = about(
        "A difference of so much either way is fine.", default=None
    )


@filter_input
class ShipmentFilter:
    """Which shipments. All words that are given must hold."""

    status: list[ShipmentStatus] | None = about("In one of these states.", default=UNSET)
    carrier_id: IdFilter | None = about("With such a carrier.", default=UNSET)
    service_id: IdFilter | None = about("With such a service.", default=UNSET)
    order_id: IdFilter | None = about("Of such an order.", default=UNSET)
    fulfillment_id: IdFilter | None = about("Of such a fulfillment.", default=UNSET)
    parcel_id: IdFilter | None = about("Of such a parcel.", default=UNSET)
    manifest_id: IdFilter | None = about("On such a manifest, or on none.", default=UNSET)
    number: StringFilter | None = about("By what people call them.", default=UNSET)
    tracking_number: StringFilter | None = about("By tracking number.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of shipments.")
class ShipmentSort:
    key: ShipmentSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class ManifestFilter:
    """Which manifests. All words that are given must hold."""

    status: list[ManifestStatus] | None = about("In one of these states.", default=UNSET)
    carrier_id: IdFilter | None = about("Of such a carrier.", default=UNSET)
    number: StringFilter | None = about("By what people call them.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of manifests.")
class ManifestSort:
    key: ManifestSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class PickupFilter:
    """Which pickups. All words that are given must hold."""

    status: list[PickupStatus] | None = about("In one of these states.", default=UNSET)
    carrier_id: IdFilter | None = about("By such a carrier.", default=UNSET)
    location_id: IdFilter | None = about("At such a location.", default=UNSET)
    window_from: DateTimeFilter | None = about("That begin at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of pickups.")
class PickupSort:
    key: PickupSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class FreightChargeFilter:
    """Which charges. All words that are given must hold."""

    status: list[ChargeStatus] | None = about("In one of these states.", default=UNSET)
    carrier_id: IdFilter | None = about("Of such a carrier.", default=UNSET)
    shipment_id: IdFilter | None = about("For such a shipment.", default=UNSET)
    invoice: StringFilter | None = about("On such an invoice.", default=UNSET)


@strawberry.input(description="The order of a list of charges.")
class FreightChargeSort:
    key: ChargeSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)
