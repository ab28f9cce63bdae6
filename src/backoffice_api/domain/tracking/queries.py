"""What can be asked about trackings."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
)

from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, in_parts, many_per, one_per, select_as
from backoffice_api.domain.tracking.model.exceptions import (
    TrackingException,
    TrackingExceptionKind,
    TrackingExceptionSortKey,
    TrackingExceptionStatus,
    UnknownTrackingException,
)
from backoffice_api.domain.tracking.model.mappings import (
    Meaning,
    TrackingMapping,
    TrackingMappingSortKey,
    UnknownCode,
    candidates,
)
from backoffice_api.domain.tracking.model.states import ENDS, TrackingState
from backoffice_api.domain.tracking.model.trackings import (
    CarrierNumber,
    Tracking,
    TrackingEvent,
    TrackingEventSortKey,
    TrackingReading,
    TrackingSortKey,
    UnknownTracking,
)
from backoffice_api.domain.tracking.tables import (
    tracking_events,
    tracking_exceptions,
    tracking_mappings,
    tracking_polls,
    tracking_readings,
    trackings,
)

UNKNOWN_CODES_MAX = 250
_UNDER_WAY = [each for each in TrackingState if each not in ENDS]

trackings_by_ids = one_per(Tracking, trackings, trackings.c.id)
trackings_by_parcels = one_per(Tracking, trackings, trackings.c.parcel_id)
events_by_ids = one_per(TrackingEvent, tracking_events, tracking_events.c.id)
readings_by_events = one_per(TrackingReading, tracking_readings, tracking_readings.c.event_id)
mappings_by_ids = one_per(TrackingMapping, tracking_mappings, tracking_mappings.c.id)
exceptions_by_ids = one_per(TrackingException, tracking_exceptions, tracking_exceptions.c.id)
open_exceptions_by_trackings = many_per(
    TrackingException,
    tracking_exceptions,
    tracking_exceptions.c.tracking_id,
    tracking_exceptions.c.created_at,
    tracking_exceptions.c.id,
    where=(tracking_exceptions.c.status != TrackingExceptionStatus.RESOLVED,),
)

tracking_list = Listing(
    Tracking,
    trackings,
    sorts={
        TrackingSortKey.CREATED_AT: trackings.c.created_at,
        TrackingSortKey.UPDATED_AT: trackings.c.updated_at,
    },
    words={
        "state": On(trackings.c.state),
        "cause": On(trackings.c.cause),
        "party": On(trackings.c.party),
        "carrier": On(trackings.c.carrier),
        "number": On(trackings.c.number),
        "order_id": On(trackings.c.order_id),
        "parcel_id": On(trackings.c.parcel_id),
        "heard_at": On(trackings.c.heard_at),
        "created_at": On(trackings.c.created_at),
    },
)

event_list = Listing(
    TrackingEvent,
    tracking_events,
    sorts={TrackingEventSortKey.OCCURRED_AT: tracking_events.c.occurred_at},
)

exception_list = Listing(
    TrackingException,
    tracking_exceptions,
    sorts={TrackingExceptionSortKey.CREATED_AT: tracking_exceptions.c.created_at},
    words={
        "kind": On(tracking_exceptions.c.kind),
        "status": On(tracking_exceptions.c.status),
        "owner_id": On(tracking_exceptions.c.owner_id),
        "tracking_id": On(tracking_exceptions.c.tracking_id),
        "created_at": On(tracking_exceptions.c.created_at),
    },
    descending=False,
)

mapping_list = Listing(
    TrackingMapping,
    tracking_mappings,
    sorts={TrackingMappingSortKey.CREATED_AT: tracking_mappings.c.created_at},
    words={"source": On(tracking_mappings.c.source), "code": On(tracking_mappings.c.code)},
)


def tracking(db: Connection, id: UUID) -> Tracking:
    """The tracking `id`.

    Raises:
        UnknownTracking: there is none.
    """
    if found := trackings_by_ids(db, [id]).get(id):
        return found
    raise UnknownTracking(id).at("id")


def exception(db: Connection, id: UUID) -> TrackingException:
    """The exception `id`.

    Raises:
        UnknownTrackingException: there is none.
    """
    if found := exceptions_by_ids(db, [id]).get(id):
        return found
    raise UnknownTrackingException(id).at("id")


def trackings_by_numbers(
    db: Connection, names: Iterable[CarrierNumber]
) -> Mapping[CarrierNumber, Tracking]:
    """The trackings that carriers call so."""
    found: dict[CarrierNumber, Tracking] = {}
    for part in in_parts(names):
        found |= _named(fetch(db, Tracking, _by_numbers(part)), part)
    return found


def locked_by_numbers(
    db: Connection, names: Iterable[CarrierNumber]
) -> Mapping[CarrierNumber, Tracking]:
    """The same, locked in one order until the transaction ends."""
    wanted = tuple(names)
    statement = _by_numbers(wanted).order_by(trackings.c.id).with_for_update()
    return _named(fetch(db, Tracking, statement), wanted)


def _by_numbers(names: Sequence[CarrierNumber]) -> Select[Any]:
    """Those and perhaps a few more: SQLite finds no pairs by an index, but each of the two."""
    return select_as(Tracking, trackings).where(
        trackings.c.carrier.in_({each.carrier for each in names}),
        trackings.c.number.in_({each.number for each in names}),
    )


def _named(
    found: Iterable[Tracking], names: Iterable[CarrierNumber]
) -> dict[CarrierNumber, Tracking]:
    wanted = set(names)
    named = {CarrierNumber(each.carrier, each.number): each for each in found}
    return {name: each for name, each in named.items() if name in wanted}


def known_keys(
    db: Connection, tracking_ids: Collection[UUID], keys: Collection[str]
) -> set[tuple[UUID, str]]:
    """Which contents were told already, of these trackings."""
    events = tracking_events.c
    statement = select(events.tracking_id, events.content_key).where(
        events.tracking_id.in_(tracking_ids), events.content_key.in_(keys)
    )
    return {(row.tracking_id, row.content_key) for row in db.execute(statement)}


def own_meanings(
    db: Connection, codes: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], Meaning]:
    """What the shop's own rows say of these pairs of source and code, by the pairs of the rows."""
    wanted = {(source, each) for source, code in codes for each in candidates(code)}
    mappings = tracking_mappings.c
    return {
        (each.source, each.code): each.meaning
        for part in in_parts(sorted(wanted))
        for each in fetch(
            db,
            TrackingMapping,
            select_as(TrackingMapping, tracking_mappings).where(
                mappings.source.in_({source for source, _ in part}),
                mappings.code.in_({code for _, code in part}),
            ),
        )
    }


def unknown_codes(db: Connection) -> Sequence[UnknownCode]:
    """The codes that nobody has said the meaning of, the newest first; bounded."""
    events, readings = tracking_events.c, tracking_readings.c
    last = func.max(events.recorded_at).label("last_at")
    statement = (
        select(events.source, events.code, func.max(events.text), func.count(), last)
        .join_from(tracking_readings, tracking_events, events.id == readings.event_id)
        .where(readings.mapping_version.is_(None))
        .group_by(events.source, events.code)
        .order_by(last.desc(), events.source, events.code)
        .limit(UNKNOWN_CODES_MAX)
    )
    return [UnknownCode(*row) for row in db.execute(statement)]


def events_to_remap(
    db: Connection, source: str, code: str | None, after: UUID | None, limit: int
) -> Sequence[TrackingEvent]:
    """Events of a source, in the order in which they were recorded.

    `code` ends in `/*`: of all codes with that head. None: of any.
    """
    events = tracking_events.c
    statement = select_as(TrackingEvent, tracking_events).where(events.source == source)
    if code is not None and code.endswith("/*"):
        head = code.removesuffix("*")
        statement = statement.where(events.code >= head, events.code < head[:-1] + "0")
    elif code is not None:
        statement = statement.where(events.code == code)
    if after is not None:
        statement = statement.where(events.id > after)
    return fetch(db, TrackingEvent, statement.order_by(events.id).limit(limit))


def readings_of(
    db: Connection, tracking_ids: Collection[UUID]
) -> Sequence[tuple[TrackingReading, datetime, str]]:
    """All readings of these trackings, with the time and the key of their events."""
    events, readings = tracking_events.c, tracking_readings.c
    shown = [readings[name] for name in TrackingReading.__dataclass_fields__]
    statement = (
        select(*shown, events.occurred_at, events.content_key)
        .join_from(tracking_readings, tracking_events, events.id == readings.event_id)
        .where(readings.tracking_id.in_(tuple(tracking_ids)))
    )
    return [(TrackingReading(*row[:-2]), row[-2], row[-1]) for row in db.execute(statement)]


def overdue(db: Connection, now: datetime, limit: int) -> Sequence[Tracking]:
    """Parcels under way whose time has come, and for which nobody was told so yet."""
    told = _told(TrackingExceptionKind.OVERDUE)
    statement = (
        select_as(Tracking, trackings)
        .where(trackings.c.state.in_(_UNDER_WAY), trackings.c.promised_at < now, not_(told))
        .limit(limit)
    )
    return fetch(db, Tracking, statement)


def silent(db: Connection, heard_before: datetime, limit: int) -> Sequence[Tracking]:
    """Parcels under way of which nothing was heard since, and nobody was told so yet."""
    exceptions = tracking_exceptions.c
    told = _told(
        TrackingExceptionKind.SILENT,
        or_(
            exceptions.created_at > trackings.c.heard_at,
            exceptions.status != TrackingExceptionStatus.RESOLVED,
        ),
    )
    statement = (
        select_as(Tracking, trackings)
        .where(trackings.c.state.in_(_UNDER_WAY), trackings.c.heard_at < heard_before, not_(told))
        .limit(limit)
    )
    return fetch(db, Tracking, statement)


def to_poll(db: Connection, carriers: Collection[str], now: datetime, limit: int) -> list[Tracking]:
    """Parcels whose carrier is to be asked now, those that wait longest first."""
    polls = tracking_polls.c
    statement = (
        select_as(Tracking, trackings)
        .join(tracking_polls, polls.tracking_id == trackings.c.id)
        .where(polls.carrier.in_(tuple(carriers)), polls.poll_at <= now)
        .order_by(polls.poll_at, polls.tracking_id)
        .limit(limit)
    )
    return fetch(db, Tracking, statement)


def _told(kind: TrackingExceptionKind, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    exceptions = tracking_exceptions.c
    return exists().where(
        and_(exceptions.tracking_id == trackings.c.id, exceptions.kind == kind, *more)
    )
