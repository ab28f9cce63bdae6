"""What can be asked and done with trackings."""

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.commands import exceptions, mapping, recording, registering
from backoffice_api.domain.tracking.model.mappings import UnknownCode
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.tracking import (
    READ,
    Tracking,
    TrackingException,
    TrackingExceptionPayload,
    TrackingMapping,
    TrackingMappingPayload,
    TrackingPayload,
    TrackingRecordPayload,
    TrackingRemapPayload,
    UnknownTrackingCode,
)
from backoffice_api.schema.tracking_inputs import (
    TrackingCreateInput,
    TrackingExceptionAcknowledgeInput,
    TrackingExceptionFilter,
    TrackingExceptionResolveInput,
    TrackingExceptionSort,
    TrackingFilter,
    TrackingLookup,
    TrackingMappingFilter,
    TrackingMappingSetInput,
    TrackingNoteInput,
    TrackingNumberInput,
    TrackingRecordInput,
    TrackingRemapInput,
    TrackingSort,
)


def _unknown_codes(db: Database, _: Context, __: Mapping[str, Any]) -> Sequence[UnknownCode]:
    return queries.unknown_codes(db)


@strawberry.type
class TrackingQuery:
    tracking: Tracking | None = lookup(
        TrackingLookup,
        "One tracking. Null if there is none.",
        {
            "id": by_id("trk", queries.trackings_by_ids),
            "number": Way(queries.trackings_by_numbers, TrackingNumberInput.value),
        },
        scope=READ,
    )
    trackings: Connection[Tracking] = listed(
        queries.tracking_list,
        "Trackings, newest first.",
        scope=READ,
        filter=TrackingFilter,
        sort=TrackingSort,
    )
    trackings_count: Count = counted(
        queries.tracking_list, "How many trackings there are.", scope=READ, filter=TrackingFilter
    )
    tracking_exceptions: Connection[TrackingException] = listed(
        queries.exception_list,
        "Parcels that somebody has to look after, or had to; the oldest first.",
        scope=READ,
        filter=TrackingExceptionFilter,
        sort=TrackingExceptionSort,
    )
    tracking_exceptions_count: Count = counted(
        queries.exception_list,
        "How many exceptions there are.",
        scope=READ,
        filter=TrackingExceptionFilter,
    )
    tracking_mappings: Connection[TrackingMapping] = listed(
        queries.mapping_list,
        "What codes mean in this shop, beside what is built in; newest first.",
        scope=READ,
        filter=TrackingMappingFilter,
    )
    unknown_tracking_codes: list[UnknownTrackingCode] = asked(
        _unknown_codes,
        [],
        "Codes that nobody has said the meaning of, the newest first; at most 250.",
        scope=READ,
        weight=5,
    )


@strawberry.type
class TrackingMutation:
    @mutation(registering.create_tracking, TrackingPayload)
    def tracking_create(input: TrackingCreateInput) -> registering.CreateTracking:
        """Follow a parcel under the number that its carrier gave it.

        A number that was heard of already gets its parcel.
        """
        return registering.CreateTracking(
            carrier=input.carrier,
            number=input.number,
            parcel_id=given_id("pcl", input.parcel_id),
            promised_at=input.promised_at,
        )

    @mutation(recording.record_tracking, TrackingRecordPayload)
    def tracking_record(input: TrackingRecordInput) -> recording.RecordTracking:
        """Store what carriers told, each event by itself.

        Send it again when in doubt, in any order: repeats change nothing, and what comes late
        never takes a parcel back.
        """
        return recording.RecordTracking(events=tuple(each.value() for each in input.events))

    @mutation(recording.note_tracking, TrackingPayload)
    def tracking_note(id: strawberry.ID, input: TrackingNoteInput) -> recording.NoteTracking:
        """Write down what somebody knows of a parcel, signed by who says so."""
        return recording.NoteTracking(
            id=ids.parse("trk", id),
            state=input.state,
            text=input.text,
            cause=input.cause,
            party=input.party,
            place=input.place,
            occurred_at=input.occurred_at,
        )

    @mutation(mapping.set_tracking_mapping, TrackingMappingPayload)
    def tracking_mapping_set(input: TrackingMappingSetInput) -> mapping.SetTrackingMapping:
        """Say what a code means in this shop; what was told in it is read again by a job."""
        return mapping.SetTrackingMapping(
            source=input.source,
            code=input.code,
            state=input.state,
            cause=input.cause,
            party=input.party,
        )

    @mutation(mapping.remove_tracking_mapping, TrackingMappingPayload)
    def tracking_mapping_remove(id: strawberry.ID) -> mapping.RemoveTrackingMapping:
        """Have a code mean again what is built in, if anything."""
        return mapping.RemoveTrackingMapping(id=ids.parse("trm", id))

    @mutation(mapping.remap_tracking, TrackingRemapPayload)
    def tracking_remap(input: TrackingRemapInput) -> mapping.RemapTracking:
        """Read again what was told, by what its codes mean now; a job goes on if it is much."""
        return mapping.RemapTracking(source=input.source, code=input.code)

    @mutation(exceptions.acknowledge_exception, TrackingExceptionPayload)
    def tracking_exception_acknowledge(
        id: strawberry.ID, input: TrackingExceptionAcknowledgeInput
    ) -> exceptions.AcknowledgeTrackingException:
        """Say who looks after an exception."""
        return exceptions.AcknowledgeTrackingException(
            id=ids.parse("tex", id),
            owner_id=given_id("stf", input.owner_id),
        )

    @mutation(exceptions.resolve_exception, TrackingExceptionPayload)
    def tracking_exception_resolve(
        id: strawberry.ID, input: TrackingExceptionResolveInput
    ) -> exceptions.ResolveTrackingException:
        """Say that an exception is done with."""
        return exceptions.ResolveTrackingException(id=ids.parse("tex", id), note=input.note)
