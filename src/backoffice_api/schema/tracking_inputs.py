"""What is said of trackings: filters, orders and inputs."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.tracking.model.exceptions import (
    TrackingExceptionKind,
    TrackingExceptionSortKey,
    TrackingExceptionStatus,
)
from backoffice_api.domain.tracking.model.states import (
    ResponsibleParty,
    TrackingCause,
    TrackingState,
)
from backoffice_api.domain.tracking.model.trackings import (
    CarrierNumber,
    EventDraft,
    TrackingSortKey,
)
from backoffice_api.schema.directives import about
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)


@filter_input
class TrackingFilter:
    """Which trackings. All words that are given must hold."""

    state: list[TrackingState] | None = about("In one of these states.", default=UNSET)
    cause: list[TrackingCause] | None = about("For one of these causes.", default=UNSET)
    party: list[ResponsibleParty] | None = about("The matter of one of these.", default=UNSET)
    carrier: StringFilter | None = about("By carrier.", default=UNSET)
    number: StringFilter | None = about("By number.", default=UNSET)
    order_id: IdFilter | None = about("Of such an order.", default=UNSET)
    parcel_id: IdFilter | None = about("Of such a parcel.", default=UNSET)
    heard_at: DateTimeFilter | None = about("Last heard of at such a time.", default=UNSET)
    created_at: DateTimeFilter | None = about("First heard of at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of trackings.")
class TrackingSort:
    key: TrackingSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class TrackingExceptionFilter:
    """Which exceptions. All words that are given must hold."""

    kind: list[TrackingExceptionKind] | None = about("Of one of these kinds.", default=UNSET)
    status: list[TrackingExceptionStatus] | None = about("In one of these states.", default=UNSET)
    owner_id: IdFilter | None = about("Looked after by such a person.", default=UNSET)
    tracking_id: IdFilter | None = about("Of such a parcel.", default=UNSET)
    created_at: DateTimeFilter | None = about("There since such a time.", default=UNSET)


@strawberry.input(description="The order of a list of exceptions.")
class TrackingExceptionSort:
    key: TrackingExceptionSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@filter_input
class TrackingMappingFilter:
    """Which mappings. All words that are given must hold."""

    source: StringFilter | None = about("Of such a source.", default=UNSET)
    code: StringFilter | None = about("Of such a code.", default=UNSET)


@strawberry.input(description="What a carrier calls a parcel.")
class TrackingNumberInput:
    carrier: str = about("The carrier, by its code.")
    number: str = about("The number it gave.")

    def value(self) -> CarrierNumber:
        return CarrierNumber(self.carrier.strip().lower(), "".join(self.number.split()).upper())


@strawberry.input(one_of=True, description="Names one tracking, in one of these ways.")
class TrackingLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    number: TrackingNumberInput | None = about("By carrier and number.", default=UNSET)


@strawberry.input(description="A parcel that is to be followed.")
class TrackingCreateInput:
    carrier: str = about("The carrier, by its code, at most 60 characters.")
    number: str = about("The number it gave, at most 100 characters.")
    parcel_id: strawberry.ID | None = about(
        "The parcel of the shop. Null: none that is known.", default=None
    )
    promised_at: datetime | None = about(
        "By when it is to arrive. Null: what its fulfillment was promised for.", default=None
    )


@strawberry.input(description="Something that was told of a parcel, as it was told.")
class TrackingEventInput:
    carrier: str = about("The carrier, by its code.")
    number: str = about("The number it gave.")
    source: str = about("Whose words the code is of, as `correios`, `easypost`, `shippo`.")
    code: str = about("The code, as `BDE/1`, `in_transit/damaged`; at most 120 characters.")
    text: str = about("The text that came with it, at most 500 characters.", default="")
    place: str | None = about("Where it happened. Null: it was not told.", default=None)
    occurred_at: datetime = about("When it happened, by whoever told it.")

    def value(self) -> EventDraft:
        return EventDraft(
            carrier=self.carrier,
            number=self.number,
            source=self.source,
            code=self.code,
            text=self.text,
            place=self.place,
            occurred_at=self.occurred_at,
        )


@strawberry.input(description="What was told of parcels.")
class TrackingRecordInput:
    events: list[TrackingEventInput] = about("At most 1,000, in any order, repeated or not.")


@strawberry.input(description="What somebody of the shop knows of a parcel.")
class TrackingNoteInput:
    state: TrackingState = about("Where it is.")
    text: str = about("How that is known, 1 to 500 characters.")
    cause: TrackingCause | None = about("Why it is there.", default=None)
    party: ResponsibleParty | None = about("Whose matter that is.", default=None)
    place: str | None = about("Where that is.", default=None)
    occurred_at: datetime | None = about("Since when. Null: now.", default=None)


@strawberry.input(description="What a code means.")
class TrackingMappingSetInput:
    source: str = about("Whose words it is of, at most 40 characters.")
    code: str = about("The code, at most 120 characters; `HEAD/*` for all with this head.")
    state: TrackingState | None = about(
        "Where the parcel is. Null: the code does not say.", default=None
    )
    cause: TrackingCause | None = about("Why.", default=None)
    party: ResponsibleParty | None = about("Whose matter it is.", default=None)


@strawberry.input(description="What is to be read again.")
class TrackingRemapInput:
    source: str = about("What was told in the words of this source.")
    code: str | None = about("Only in this code. Null: in any.", default=None)


@strawberry.input(description="Who looks after an exception.")
class TrackingExceptionAcknowledgeInput:
    owner_id: strawberry.ID | None = about("Who. Null: whoever says so.", default=None)


@strawberry.input(description="What was done about an exception.")
class TrackingExceptionResolveInput:
    note: str = about("What was done. Empty: nothing to say.", default="")
