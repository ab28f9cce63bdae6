"""What is asked and told of stock: filters, orders of lists, inputs of mutations."""

from datetime import date

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.stock.model import levels as of_levels
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import AdjustmentKind, LevelSortKey
from backoffice_api.domain.stock.model.locations import (
    PRIORITY_DEFAULT,
    LocationKind,
    LocationSortKey,
    LocationStatus,
)
from backoffice_api.domain.stock.model.lots import LotDraft
from backoffice_api.domain.stock.model.movements import MovementKind, MovementSortKey
from backoffice_api.domain.stock.model.reservations import ReservationSortKey, ReservationStatus
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    IntFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.money import UnitPriceInput

for _choices in (
    LocationKind,
    LocationSortKey,
    LocationStatus,
    MovementKind,
    MovementSortKey,
    ReservationSortKey,
    ReservationStatus,
):
    choice(_choices)
choice(Bucket, name="StockBucket")
choice(AdjustmentKind, name="StockAdjustmentKind")
choice(LevelSortKey, name="StockLevelSortKey")


@strawberry.input(description="Names a lot or a serial number by its code.")
class LotInput:
    code: str = about("What stands on it, at most 80 characters. It is made if it is new.")
    expires_on: date | None = about(
        "The last day on which it is good, of a new lot. Null: it does not expire.", default=None
    )

    def value(self) -> LotDraft:
        return LotDraft(code=self.code, expires_on=self.expires_on)


@filter_input
class LocationFilter:
    """Which locations. All words that are given must hold."""

    status: list[LocationStatus] | None = about("In one of these states.", default=UNSET)
    kind: list[LocationKind] | None = about("Of one of these kinds.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)
    parent_id: IdFilter | None = about("Right below such a location.", default=UNSET)
    within_id: IdFilter | None = about("Such a location, or any part of it.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@filter_input
class StockLevelFilter:
    """Which levels. All words that are given must hold."""

    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    location_id: IdFilter | None = about("At such a location itself.", default=UNSET)
    within_id: IdFilter | None = about("At such a location or any part of it.", default=UNSET)
    bucket: list[Bucket] | None = about("In one of these conditions.", default=UNSET)
    on_hand: IntFilter | None = about("With so many pieces on hand.", default=UNSET)
    available: IntFilter | None = about("With so many pieces available.", default=UNSET)


@filter_input
class StockMovementFilter:
    """Which movements. All words that are given must hold."""

    kind: list[MovementKind] | None = about("Of one of these kinds.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    location_id: IdFilter | None = about("From or to such a location.", default=UNSET)
    cause_id: IdFilter | None = about("Done for this, as an order.", default=UNSET)
    lot_id: IdFilter | None = about("Of such a lot.", default=UNSET)
    occurred_at: DateTimeFilter | None = about("Happened at such a time.", default=UNSET)


@filter_input
class ReservationFilter:
    """Which reservations. All words that are given must hold."""

    status: list[ReservationStatus] | None = about("In one of these states.", default=UNSET)
    owner_id: IdFilter | None = about("For such an order.", default=UNSET)
    line_id: IdFilter | None = about("For such a line of an order.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    location_id: IdFilter | None = about("At such a location.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of locations.")
class LocationSort:
    key: LocationSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="The order of a list of stock levels.")
class StockLevelSort:
    key: LevelSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="The order of a list of movements.")
class StockMovementSort:
    key: MovementSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="The order of a list of reservations.")
class ReservationSort:
    key: ReservationSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one location, in one of these ways.")
class LocationLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    code: str | None = about("By its code.", default=UNSET)


@strawberry.input(description="A physical location to be made.")
class LocationCreateInput:
    code: str = about("Its short name, unique, at most 80 characters.")
    name: str = about("Its name, at most 250 characters.")
    kind: LocationKind = about("A physical kind; it stays.", default=LocationKind.WAREHOUSE)
    priority: int = about(
        "0 to 1,000,000: stock is promised from locations with smaller numbers first.",
        default=PRIORITY_DEFAULT,
    )
    negative_allowed: bool = about(
        "Let more be promised and shipped than there is, of the variants that are kept there.",
        default=False,
    )
    parent_id: strawberry.ID | None = about(
        "What it is a part of: needed for a zone or a bin, and only for these.", default=None
    )


@strawberry.input(description="What is to change of a location. What is absent stays.")
class LocationUpdateInput:
    code: str | None = about("Its short name.", default=UNSET)
    name: str | None = about("Its name.", default=UNSET)
    priority: int | None = about("Smaller numbers are asked first.", default=UNSET)
    negative_allowed: bool | None = about(
        "Let more be promised and shipped than there is.", default=UNSET
    )
    parent_id: strawberry.ID | None = about(
        "What it is a part of; all its own parts go with it.", default=UNSET
    )


@strawberry.input(
    description="A level that is to change: by `delta` pieces, or to `setTo` pieces, one of both."
)
class StockAdjustLineInput:
    variant_id: strawberry.ID = about("What is counted.")
    location_id: strawberry.ID = about("A physical location that is in use.")
    delta: int | None = about("How many pieces more; negative for less.", default=None)
    set_to: int | None = about("How many pieces there are.", default=None)
    expected_on_hand: int | None = about(
        "Refuse unless there are so many pieces now.", default=None
    )
    bucket: Bucket = about("The condition that the pieces are in.", default=Bucket.SELLABLE)
    lot: LotInput | None = about(
        "Which lot or serial number is meant; all numbers are then of its pieces. Needed for what "
        "is tracked.",
        default=None,
    )
    unit_cost: UnitPriceInput | None = about(
        "What one of the pieces cost that come in; else what one costs on average. Needs "
        "`costs:write`.",
        default=None,
    )

    def value(self) -> of_levels.AdjustLine:
        """Raises: MalformedId, TooPrecise, AmountTooLarge."""
        return of_levels.AdjustLine(
            variant_id=ids.parse("sku", self.variant_id),
            location_id=ids.parse("loc", self.location_id),
            delta=self.delta,
            set_to=self.set_to,
            expected_on_hand=self.expected_on_hand,
            bucket=self.bucket,
            lot=self.lot.value() if self.lot else None,
            unit_cost=self.unit_cost.value() if self.unit_cost else None,
        )


@strawberry.input(description="Levels that are to change: all of them, or none.")
class StockAdjustInput:
    kind: AdjustmentKind = about(
        "Why. `meta.reason` says it in words.", default=AdjustmentKind.CORRECTION
    )
    lines: list[StockAdjustLineInput] = about("At most 1,000, each for another level or lot.")


@strawberry.input(description="Pieces that are to go to another location or condition.")
class StockMoveLineInput:
    variant_id: strawberry.ID = about("What is moved.")
    from_location_id: strawberry.ID = about("Where it lies.")
    to_location_id: strawberry.ID = about("Where it is to lie; may be the same.")
    quantity: int = about("How many pieces, above zero.")
    from_bucket: Bucket = about("The condition that they leave.", default=Bucket.SELLABLE)
    to_bucket: Bucket = about("The condition that they enter.", default=Bucket.SELLABLE)
    lot_id: strawberry.ID | None = about("Which lot; needed for what is tracked.", default=None)

    def value(self) -> of_levels.MoveLine:
        """Raises: MalformedId."""
        return of_levels.MoveLine(
            variant_id=ids.parse("sku", self.variant_id),
            from_location_id=ids.parse("loc", self.from_location_id),
            to_location_id=ids.parse("loc", self.to_location_id),
            quantity=self.quantity,
            from_bucket=self.from_bucket,
            to_bucket=self.to_bucket,
            lot_id=given_id("lot", self.lot_id),
        )


@strawberry.input(description="Pieces that are to be moved, line by line: all of them, or none.")
class StockMoveInput:
    lines: list[StockMoveLineInput] = about("At most 1,000.")


@strawberry.input(description="How many pieces of a variant are not to be promised at a location.")
class StockSafetyLineInput:
    variant_id: strawberry.ID = about("What is kept.")
    location_id: strawberry.ID = about("A physical location that is in use.")
    safety: int = about("How many pieces, 0 or more.")

    def value(self) -> of_levels.SafetyLine:
        """Raises: MalformedId."""
        return of_levels.SafetyLine(
            variant_id=ids.parse("sku", self.variant_id),
            location_id=ids.parse("loc", self.location_id),
            safety=self.safety,
        )


@strawberry.input(description="Safety stocks that are to be set: all of them, or none.")
class StockSetSafetyInput:
    lines: list[StockSafetyLineInput] = about("At most 1,000, each for another level.")
