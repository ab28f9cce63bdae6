"""What must be true of stored trackings."""

from sqlalchemy import and_, case, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.tracking.model.exceptions import TrackingExceptionStatus
from backoffice_api.domain.tracking.model.states import ENDS, RANKS, TrackingState
from backoffice_api.domain.tracking.tables import (
    tracking_events,
    tracking_exceptions,
    tracking_polls,
    tracking_readings,
    trackings,
)

_event, _reading = tracking_events.c, tracking_readings.c
_rank = case({state.value: rank for state, rank in RANKS.items()}, value=_reading.state)
_told = (
    select(
        _reading.tracking_id,
        _reading.state,
        _reading.cause,
        _reading.party,
        _event.occurred_at,
        _event.content_key,
        func.row_number()
        .over(
            partition_by=_reading.tracking_id,
            order_by=(_rank.desc(), _event.occurred_at.desc(), _event.content_key.desc()),
        )
        .label("place"),
    )
    .join_from(tracking_readings, tracking_events, _event.id == _reading.event_id)
    .where(_reading.state.is_not(None))
    .subquery("told")
)
_counts = (
    select(
        _event.tracking_id,
        func.count().label("events"),
        func.max(_event.recorded_at).label("heard_at"),
    )
    .group_by(_event.tracking_id)
    .subquery("counts")
)

CHECKS: tuple[Check, ...] = (
    Check(
        "TR1",
        "Where a parcel is follows from all that was told of it.",
        select(trackings.c.id, trackings.c.state, _told.c.state.label("expected"))
        .outerjoin(_told, and_(_told.c.tracking_id == trackings.c.id, _told.c.place == 1))
        .where(
            or_(
                trackings.c.state != func.coalesce(_told.c.state, TrackingState.CREATED.value),
                trackings.c.state_key != func.coalesce(_told.c.content_key, ""),
                func.coalesce(trackings.c.cause, "") != func.coalesce(_told.c.cause, ""),
                func.coalesce(trackings.c.party, "") != func.coalesce(_told.c.party, ""),
            )
        ),
    ),
    Check(
        "TR2",
        "A parcel counts what was told of it, and knows when it last was.",
        select(trackings.c.id, trackings.c.event_count, _counts.c.events)
        .outerjoin(_counts, _counts.c.tracking_id == trackings.c.id)
        .where(
            or_(
                trackings.c.event_count != func.coalesce(_counts.c.events, 0),
                trackings.c.heard_at != func.coalesce(_counts.c.heard_at, trackings.c.created_at),
            )
        ),
    ),
    Check(
        "TR3",
        "Each event is read once.",
        select(_event.id)
        .outerjoin(tracking_readings, _reading.event_id == _event.id)
        .where(_reading.event_id.is_(None)),
    ),
    Check(
        "TR4",
        "A carrier is asked only for parcels that are under way.",
        select(trackings.c.id)
        .join(tracking_polls, tracking_polls.c.tracking_id == trackings.c.id)
        .where(trackings.c.state.in_(ENDS)),
    ),
    Check(
        "TR5",
        "Nobody looks after a parcel that has arrived.",
        select(tracking_exceptions.c.id)
        .join(trackings, trackings.c.id == tracking_exceptions.c.tracking_id)
        .where(
            tracking_exceptions.c.status != TrackingExceptionStatus.RESOLVED,
            trackings.c.state == TrackingState.DELIVERED,
        ),
    ),
)
