"""What is asked of fulfillments, parcels and waves."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.fulfillment.model.fulfillments import (
    FulfillmentSortKey,
    FulfillmentState,
    LinePieces,
    ParcelSortKey,
)
from backoffice_api.domain.fulfillment.model.packing import PackagingSortKey, Packing
from backoffice_api.domain.fulfillment.model.picking import Picking
from backoffice_api.domain.fulfillment.model.waves import (
    FULFILLMENTS_DEFAULT,
    WaveSortKey,
    WaveStatus,
)
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.directives import about
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.given_ids import given_id


@filter_input
class FulfillmentFilter:
    """Which fulfillments. All words that are given must hold."""

    status: list[FulfillmentState] | None = about("In one of these states.", default=UNSET)
    order_id: IdFilter | None = about("For such an order.", default=UNSET)
    location_id: IdFilter | None = about("Sent from such a location.", default=UNSET)
    wave_id: IdFilter | None = about("In such a wave, or in none.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant, among others.", default=UNSET)
    number: StringFilter | None = about("By number.", default=UNSET)
    service: StringFilter | None = about("By service of a carrier.", default=UNSET)
    zone: StringFilter | None = about("By where it goes.", default=UNSET)
    ship_by: DateTimeFilter | None = about("That have to leave until such a time.", default=UNSET)
    created_at: DateTimeFilter | None = about("Planned at such a time.", default=UNSET)


@strawberry.input(description="That goods have arrived, as somebody knows it.")
class FulfillmentDeliverInput:
    reason: str = about(
        "How one knows, at most 1,000 characters: it was picked up, say. It stays in the log."
    )
    delivered_at: datetime | None = about("When it arrived. Null: now.", default=None)


@strawberry.input(description="The order of a list of fulfillments.")
class FulfillmentSort:
    key: FulfillmentSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class ParcelFilter:
    """Which parcels. All words that are given must hold."""

    code: StringFilter | None = about("By code.", default=UNSET)
    order_id: IdFilter | None = about("For such an order.", default=UNSET)
    fulfillment_id: IdFilter | None = about("Of such a fulfillment.", default=UNSET)
    created_at: DateTimeFilter | None = about("Begun at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of parcels.")
class ParcelSort:
    key: ParcelSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one parcel, in one of these ways.")
class ParcelLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    code: str | None = about("By what is printed on it.", default=UNSET)


@filter_input
class WaveFilter:
    """Which waves. All words that are given must hold."""

    status: list[WaveStatus] | None = about("In one of these states.", default=UNSET)
    location_id: IdFilter | None = about("Picked at such a location.", default=UNSET)
    created_at: DateTimeFilter | None = about("Planned at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of waves.")
class WaveSort:
    key: WaveSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class PackagingFilter:
    """Which packagings. All words that are given must hold."""

    code: StringFilter | None = about("By code.", default=UNSET)


@strawberry.input(description="The order of a list of packagings.")
class PackagingSort:
    key: PackagingSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="What is to be planned.")
class FulfillmentPlanInput:
    order_ids: list[strawberry.ID] = about("Which orders, at most 1,000.")
    strategy: str | None = about(
        "Code of the routing strategy. Null: that with the code `default`.", default=None
    )
    location_ids: list[strawberry.ID] | None = about(
        "Only from these sites. Null: from any.", default=None
    )
    service: str | None = about("With which service of a carrier it goes.", default=None)


@strawberry.input(description="What is to change of a fulfillment. What is absent stays.")
class FulfillmentUpdateInput:
    priority: int | None = about("Smaller numbers are worked on first.", default=UNSET)
    service: str | None = about("The service of a carrier; null: nobody says.", default=UNSET)


@strawberry.input(description="So many pieces of a line of a fulfillment.")
class FulfillmentLinePiecesInput:
    line_id: strawberry.ID = about("Which line.")
    quantity: int = about("How many pieces, above zero.")

    def value(self) -> LinePieces:
        """Raises: MalformedId."""
        return LinePieces(line_id=ids.parse("fln", self.line_id), quantity=self.quantity)


@strawberry.input(description="What goes its own way.")
class FulfillmentSplitInput:
    lines: list[FulfillmentLinePiecesInput] = about("Which pieces; of kits, whole ones.")


@strawberry.input(description="What becomes part of a fulfillment.")
class FulfillmentMergeInput:
    from_ids: list[strawberry.ID] = about("Fulfillments of the same order, location and state.")


@strawberry.input(description="Where a fulfillment is sent from instead.")
class FulfillmentMoveInput:
    location_id: strawberry.ID = about("Which site.")


@strawberry.input(description="What was taken, named by its line or by what was scanned.")
class PickInput:
    line_id: strawberry.ID | None = about("Which line.", default=None)
    code: str | None = about("What was scanned: a barcode, an SKU, an id.", default=None)
    quantity: int = about("Pieces of the line, or packs that carry the code.", default=1)
    location_id: strawberry.ID | None = about(
        "From where. Null: from where it is promised, in walking order.", default=None
    )
    lot_id: strawberry.ID | None = about(
        "Of which lot. Null: of that which the code says, else what expires first.", default=None
    )

    def value(self) -> Picking:
        """Raises: MalformedId."""
        return Picking(
            line_id=given_id("fln", self.line_id),
            code=self.code,
            quantity=self.quantity,
            location_id=given_id("loc", self.location_id),
            lot_id=given_id("lot", self.lot_id),
        )


@strawberry.input(description="What was taken for a fulfillment.")
class FulfillmentPickInput:
    picks: list[PickInput] = about("At most 1,000.")


@strawberry.input(description="One scan of somebody who picks.")
class PickScanInput:
    code: str = about("What was scanned: a barcode, an SKU, an id.")
    quantity: int = about("How many packs that carry the code.", default=1)
    location_id: strawberry.ID | None = about(
        "From where. Null: from where it is promised, in walking order.", default=None
    )
    lot_id: strawberry.ID | None = about("Of which lot, if the code does not say.", default=None)

    def value(self) -> Picking:
        """Raises: MalformedId."""
        return Picking(
            code=self.code,
            quantity=self.quantity,
            location_id=given_id("loc", self.location_id),
            lot_id=given_id("lot", self.lot_id),
        )


@strawberry.input(description="How picking ends.")
class FulfillmentFinishPickingInput:
    short: bool = about(
        "What is not picked was not found: it is sent from elsewhere, or waits.", default=False
    )


@strawberry.input(description="A parcel to be begun.")
class ParcelCreateInput:
    fulfillment_id: strawberry.ID = about("What it is a part of.")
    code: str | None = about("What is printed on it. Null: a code is made.", default=None)
    packaging_id: strawberry.ID | None = about("What kind of box.", default=None)
    everything: bool = about("All that lies in no parcel yet goes in.", default=False)


@strawberry.input(description="What goes into a parcel, named by its line or by a scan.")
class PackInput:
    line_id: strawberry.ID | None = about("Which line.", default=None)
    code: str | None = about("What was scanned: a barcode, an SKU, an id.", default=None)
    quantity: int = about("Pieces of the line, or packs that carry the code.", default=1)

    def value(self) -> Packing:
        """Raises: MalformedId."""
        return Packing(
            line_id=given_id("fln", self.line_id),
            code=self.code,
            quantity=self.quantity,
        )


@strawberry.input(description="What goes into a parcel.")
class ParcelPackInput:
    items: list[PackInput] = about("At most 1,000.")


@strawberry.input(description="What a parcel weighs and measures. What is absent stays.")
class ParcelUpdateInput:
    weight_g: int | None = about("Its weight in grams; null: not measured.", default=UNSET)
    length_mm: int | None = about("Its length in millimetres; null: not measured.", default=UNSET)
    width_mm: int | None = about("Its width in millimetres; null: not measured.", default=UNSET)
    height_mm: int | None = about("Its height in millimetres; null: not measured.", default=UNSET)
    packaging_id: strawberry.ID | None = about("What kind of box; null: none.", default=UNSET)


@strawberry.input(description="By what a wave is put together.")
class WavePlanInput:
    location_id: strawberry.ID = about("Where it is picked.")
    name: str = about("What people call it. Empty: by the time.", default="")
    cut_off_at: datetime | None = about("Only what has to leave until then.", default=None)
    service: str | None = about("Only what goes with this service.", default=None)
    zone: str | None = about("Only what goes there, as `BR-SP`.", default=None)
    priority_max: int | None = about("Only what is at least that urgent.", default=None)
    limit: int = about("At most so many, 1 to 1,000.", default=FULFILLMENTS_DEFAULT)


@strawberry.input(description="A kind of box.")
class PackagingSetInput:
    code: str = about("Its short name; what is there under it is changed.")
    name: str = about("Its name.")
    length_mm: int = about("Inner length in millimetres.")
    width_mm: int = about("Inner width in millimetres.")
    height_mm: int = about("Inner height in millimetres.")
    weight_g: int = about("What it weighs empty, in grams.")
