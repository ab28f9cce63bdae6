"""Trackings on the wire: where parcels are, and what carriers told of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from backoffice_api.context import Outcome
from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.identity.queries import staff as identity
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.model import exceptions, mappings, trackings
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
from backoffice_api.domain.tracking.model.trackings import TrackingOutcome, TrackingSortKey
from backoffice_api.domain.tracking.tables import tracking_events, tracking_exceptions
from backoffice_api.domain.tracking.tables import trackings as tracking_table
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.fulfillment import Parcel
from backoffice_api.schema.identity import Staff
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, payload

READ = Scope.TRACKING_READ

for _choices in (
    ResponsibleParty,
    TrackingCause,
    TrackingExceptionKind,
    TrackingExceptionSortKey,
    TrackingExceptionStatus,
    TrackingOutcome,
    TrackingSortKey,
    TrackingState,
):
    choice(_choices)


@described
class TrackingReading:
    """How an event is read."""

    state: TrackingState | None = about(
        "Where the parcel was. Null: the event does not say, or nobody knows what it means."
    )
    cause: TrackingCause | None = about("Why. Null if it does not say.")
    party: ResponsibleParty | None = about("Whose matter it was. Null if it does not say.")
    mapping_version: str | None = about(
        "By which version of which table it is read. Null: its code is unknown."
    )


@node("tev", trackings.TrackingEvent, queries.events_by_ids, scope=READ)
class TrackingEvent(Node):
    """Something that was told of a parcel, as it was told."""

    source: str = about("Whose words the code is of, as `easypost`; `manual`: the shop's own.")
    code: str = about("The code that was told.")
    text: str = about("The text that was told. Empty if there was none.")
    place: str | None = about("Where it happened, as it was told. Null: it was not.")
    occurred_at: datetime = about("When it happened, by whoever told it.")
    recorded_at: datetime = about("When the shop heard of it.")
    reading: TrackingReading | None = one(queries.readings_by_events, "id", "How it is read.")

    @strawberry.field(description="Who told it.")
    def recorded_by(parent: strawberry.Parent[trackings.TrackingEvent]) -> Actor:
        return actor_of(parent.recorded_by_kind, parent.recorded_by_id)


@node("trk", trackings.Tracking, queries.trackings_by_ids, scope=READ)
class Tracking(Node, Versioned, HasTimeline):
    """A parcel under the number that its carrier gave it, and where it is."""

    carrier: str = about("The carrier, by its code in small letters.")
    number: str = about("Its number there, without blanks.")
    state: TrackingState = about("Where it is.")
    cause: TrackingCause | None = about("Why it is there. Null if nobody said.")
    party: ResponsibleParty | None = about("Whose matter that is. Null if nobody said.")
    actions: list[ActionState] = about("What may still become of it.")
    state_at: datetime | None = about("Since when it is there. Null: nothing was told yet.")
    heard_at: datetime = about("When something new was last heard of it.")
    event_count: int = about("How much was told of it.")
    promised_at: datetime | None = about("By when it was to arrive. Null: nobody said.")
    delivered_at: datetime | None = about("When it arrived. Null: it did not.")
    order: Order | None = one(
        orders.orders_by_ids, "order_id", "What it is of. Null: of nothing that is known."
    )
    parcel: Parcel | None = one(
        fulfillment.parcels_by_ids, "parcel_id", "The parcel of the shop. Null: none is known."
    )
    events: Connection[TrackingEvent] = listed_under(
        queries.event_list, tracking_events.c.tracking_id, "What was told of it, newest first."
    )


@node("tex", exceptions.TrackingException, queries.exceptions_by_ids, scope=READ)
class TrackingException(Node, Versioned, HasTimeline):
    """A parcel that somebody has to look after."""

    kind: TrackingExceptionKind = about("What is wrong with it.")
    status: TrackingExceptionStatus = about("How far it was looked after.")
    actions: list[ActionState] = about("What can be done with it now.")
    note: str = about("What was said when it was resolved. Empty if nothing.")
    resolved_at: datetime | None = about("When it was done with. Null: it is not.")
    tracking: Tracking = one(queries.trackings_by_ids, "tracking_id", "The parcel.")
    owner: Staff | None = one(
        identity.staff_by_ids, "owner_id", "Who looks after it. Null: nobody that is known."
    )


attach(
    Tracking,
    "exceptions",
    Connection[TrackingException],
    listed_under(
        queries.exception_list,
        tracking_exceptions.c.tracking_id,
        "What was wrong with it, the oldest first.",
    ),
)
attach(
    Parcel,
    "tracking",
    Tracking | None,
    one(
        queries.trackings_by_parcels,
        "id",
        "Where it is. Null: no carrier has given it a number.",
        scope=READ,
    ),
)
attach(
    Order,
    "trackings",
    Connection[Tracking],
    listed_under(
        queries.tracking_list,
        tracking_table.c.order_id,
        "Its parcels, where they are; newest first.",
        scope=READ,
    ),
)


@node("trm", mappings.TrackingMapping, queries.mappings_by_ids, scope=READ)
class TrackingMapping(Node, Versioned, HasTimeline):
    """What a code means in this shop, beside or instead of what is built in."""

    source: str = about("Whose words it is of.")
    code: str = about("The code; `HEAD/*` for all that have no row of their own.")
    state: TrackingState | None = about("Where the parcel is. Null: it does not say.")
    cause: TrackingCause | None = about("Why. Null: it does not say.")
    party: ResponsibleParty | None = about("Whose matter it is. Null: it does not say.")


@described
class UnknownTrackingCode:
    """A code that nobody has said the meaning of."""

    source: str = about("Whose words it is of.")
    code: str = about("The code.")
    text: str = about("One of the texts that came with it.")
    events: int = about("How often it was told.")
    last_at: datetime = about("When it was last told.")


def _tracking_of(taken: Any) -> UUID | None:
    id: UUID | None = taken.tracking_id
    return id


@described
class TrackingRecordResult:
    """What became of one event."""

    outcome: TrackingOutcome = about("What became of it.")
    refusal: str | None = about("Stable name of the reason, as INVALID_TEXT. Null if none.")
    message: str | None = about("The reason in words. Null if there is none.")
    tracking: Tracking | None = found_of(
        _tracking_of, queries.trackings_by_ids, "The parcel. Null if the event was refused."
    )


@payload
class TrackingPayload(MutationPayload):
    """What a mutation of a tracking answers."""

    tracking: Tracking | None = one(
        queries.trackings_by_ids, "value", "The tracking as it is now. Null if it was refused."
    )


@payload
class TrackingRecordPayload(MutationPayload):
    """What a batch of events answers."""

    @strawberry.field(
        description="What became of each event, in the order given. Empty if all were refused."
    )
    def results(parent: strawberry.Parent[Outcome]) -> list[TrackingRecordResult]:
        return list(parent.value.results) if parent.value else []


@payload
class TrackingMappingPayload(MutationPayload):
    """What a mutation of a mapping answers."""

    mapping: TrackingMapping | None = one(
        queries.mappings_by_ids, "value", "The row as it is now. Null if it is not there any more."
    )


@payload
class TrackingRemapPayload(MutationPayload):
    """What reading again answers."""

    @strawberry.field(description="How many events were read again. Null if it was refused.")
    def events(parent: strawberry.Parent[Outcome]) -> int | None:
        return parent.value.events if parent.value else None

    @strawberry.field(description="How many of them say something else now. Null if refused.")
    def changed(parent: strawberry.Parent[Outcome]) -> int | None:
        return parent.value.changed if parent.value else None

    @strawberry.field(description="Whether a job goes on with more of them. Null if refused.")
    def has_more(parent: strawberry.Parent[Outcome]) -> bool | None:
        return parent.value.has_more if parent.value else None


@payload
class TrackingExceptionPayload(MutationPayload):
    """What a mutation of an exception answers."""

    exception: TrackingException | None = one(
        queries.exceptions_by_ids, "value", "The exception as it is now. Null if refused."
    )
