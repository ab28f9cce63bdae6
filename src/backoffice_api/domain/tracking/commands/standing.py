"""What follows from what is heard of parcels: states, exceptions, arrivals, and the news of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.fulfillment.commands.gates import deliver_parcels
from backoffice_api.domain.kernel.aggregates import add, save_all
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.model.exceptions import (
    MACHINE,
    OF_STATES,
    TrackingException,
    TrackingExceptionKind,
    TrackingExceptionOpened,
    TrackingExceptionResolved,
    ended,
)
from backoffice_api.domain.tracking.model.states import ENDS, Standing, TrackingState, strongest
from backoffice_api.domain.tracking.model.trackings import (
    Tracking,
    TrackingDelivered,
    TrackingUpdated,
)
from backoffice_api.domain.tracking.tables import (
    tracking_exceptions,
    tracking_polls,
    trackings,
)

Change = tuple[Tracking, Tracking]


def standing_of(tracking: Tracking) -> Standing | None:
    """What a tracking stands on. None: nothing was told of where it is."""
    if tracking.state_at is None:
        return None
    return Standing(
        tracking.state, tracking.state_at, tracking.state_key, tracking.cause, tracking.party
    )


def standing_on(tracking: Tracking, told: Sequence[Standing]) -> Tracking:
    """The tracking as it is by what was told."""
    found = strongest(told)
    if found is None:
        return replace(
            tracking,
            state=TrackingState.CREATED,
            cause=None,
            party=None,
            state_at=None,
            state_key="",
            delivered_at=None,
        )
    return replace(
        tracking,
        state=found.state,
        cause=found.cause,
        party=found.party,
        state_at=found.at,
        state_key=found.key,
        delivered_at=found.at if found.state is TrackingState.DELIVERED else None,
    )


def save_trackings(
    uow: UnitOfWork, changes: Sequence[Change], *, heard: bool
) -> Sequence[Tracking]:
    """Write changed trackings, tell of them, and do what follows. The rows as they are now.

    `heard`: something new was told of each. A constant number of statements.
    """
    after = save_all(uow, trackings, changes)
    before = [each for each, _ in changes]
    for old, new in zip(before, after, strict=True):
        _tell(uow, old, new)
    moved = [
        (old, new) for old, new in zip(before, after, strict=True) if old.state is not new.state
    ]
    _look_after(uow, after if heard else [new for _, new in moved], moved, heard=heard)
    if over := [new.id for _, new in moved if new.state in ENDS]:
        uow.db.execute(delete(tracking_polls).where(tracking_polls.c.tracking_id.in_(over)))
    arrive(uow, [new for _, new in moved])
    return after


def open_exceptions(
    uow: UnitOfWork, found: Sequence[tuple[Tracking, TrackingExceptionKind]]
) -> None:
    """Have somebody look after these. None of them may be open already."""
    made = [
        TrackingException(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            tracking_id=tracking.id,
            kind=kind,
            status=MACHINE.start,
            owner_id=None,
            note="",
            resolved_at=None,
        )
        for tracking, kind in found
    ]
    add(uow, tracking_exceptions, made)
    for (tracking, kind), each in zip(found, made, strict=True):
        uow.emit(
            TrackingExceptionOpened(
                tracking.id,
                tracking.version,
                tracking.carrier,
                tracking.number,
                tracking.parcel_id,
                tracking.order_id,
                kind,
                each.id,
            )
        )


def arrive(uow: UnitOfWork, found: Sequence[Tracking]) -> None:
    """Note on the parcels of the shop that they have arrived, once they have left."""
    times = {
        each.parcel_id: each.delivered_at for each in found if each.parcel_id and each.delivered_at
    }
    if not times:
        return
    parcels = fulfillment.parcels_by_ids(uow.db, times)
    late = [each.id for each in parcels.values() if each.shipped_at and each.delivered_at is None]
    if late:
        deliver_parcels(uow, {id: times[id] for id in late})


def _tell(uow: UnitOfWork, before: Tracking, after: Tracking) -> None:
    if (before.state, before.cause, before.party) == (after.state, after.cause, after.party):
        return
    updated = TrackingUpdated(
        after.id,
        after.version,
        after.carrier,
        after.number,
        after.parcel_id,
        after.order_id,
        after.state,
        after.cause,
        after.party,
    )
    uow.emit(updated, before=before, after=after)
    if after.delivered_at and before.delivered_at is None:
        uow.emit(
            TrackingDelivered(
                after.id,
                after.version,
                after.carrier,
                after.number,
                after.parcel_id,
                after.order_id,
                after.delivered_at,
            )
        )


def _look_after(
    uow: UnitOfWork, after: Sequence[Tracking], moved: Sequence[Change], *, heard: bool
) -> None:
    """Open the exceptions that new states call for, end those whose reason has gone."""
    by_id = {each.id: each for each in after}
    present: Mapping[UUID, Sequence[TrackingException]] = (
        queries.open_exceptions_by_trackings(uow.db, by_id) if by_id else {}
    )
    over = [
        each
        for id, several in present.items()
        for each in several
        if ended(each.kind, by_id[id].state, heard=heard)
    ]
    done = [
        (each, replace(each, status=MACHINE.check("resolve", each.status), resolved_at=uow.now))
        for each in over
    ]
    for old, new in zip(over, save_all(uow, tracking_exceptions, done), strict=True):
        uow.emit(TrackingExceptionResolved(new.id, new.version), before=old, after=new)
    open_ones = {
        (id, each.kind) for id, several in present.items() for each in several if each not in over
    }
    wanted = [(new, kind) for _, new in moved if (kind := OF_STATES.get(new.state))]
    open_exceptions(uow, [each for each in wanted if (each[0].id, each[1]) not in open_ones])
