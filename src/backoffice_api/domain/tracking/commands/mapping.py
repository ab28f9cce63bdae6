"""What the codes of carriers mean in this shop, and reading again what was told in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, select, update

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.commands.recording import reading_of
from backoffice_api.domain.tracking.commands.standing import save_trackings, standing_on
from backoffice_api.domain.tracking.model.mappings import (
    CODE_LENGTH_MAX,
    MANUAL,
    SOURCE_LENGTH_MAX,
    ManualCodesAreFixed,
    TrackingMapping,
    TrackingMappingRemoved,
    TrackingMappingSet,
    UnknownTrackingMapping,
    meaning_of,
)
from backoffice_api.domain.tracking.model.states import (
    ResponsibleParty,
    Standing,
    TrackingCause,
    TrackingState,
)
from backoffice_api.domain.tracking.model.trackings import Tracking, TrackingReading
from backoffice_api.domain.tracking.tables import (
    tracking_mappings,
    tracking_readings,
    trackings,
)

REMAP_JOB = "tracking.remap"
REMAPPED_AT_ONCE = 500

_save_each = UpdateEach(
    lambda given: (
        update(tracking_readings)
        .where(tracking_readings.c.event_id == given("id"))
        .values(
            state=given("state"),
            cause=given("cause"),
            party=given("party"),
            mapping_version=given("mapping_version"),
        )
    ),
    id=Id(),
    state=tracking_readings.c.state.type,
    cause=tracking_readings.c.cause.type,
    party=tracking_readings.c.party.type,
    mapping_version=tracking_readings.c.mapping_version.type,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTrackingMapping(Command):
    """`state` None: the code says nothing of where a parcel is."""

    scope = Scope.TRACKING_WRITE
    source: str
    code: str
    state: TrackingState | None = None
    cause: TrackingCause | None = None
    party: ResponsibleParty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTrackingMapping(Command):
    scope = Scope.TRACKING_WRITE
    table = tracking_mappings
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RemapTracking(Command):
    """Read again what was told in a code of a source; None: in all its codes.

    `after`: the event behind which to go on.
    """

    scope = Scope.TRACKING_WRITE
    source: str
    code: str | None = None
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class Remapped:
    """How many events were looked at, how many of them say something else now."""

    events: int
    changed: int
    has_more: bool


def set_tracking_mapping(uow: UnitOfWork, command: SetTrackingMapping) -> UUID:
    """Say what a code means in this shop; what was told in it is read again. The row's id.

    Raises:
        InvalidText, ManualCodesAreFixed.
    """
    faults = Faults()
    check_text(command.source, faults, "source", maximum=SOURCE_LENGTH_MAX)
    check_text(command.code, faults, "code", maximum=CODE_LENGTH_MAX)
    source, code = command.source.strip().lower(), command.code.strip()
    if source == MANUAL:
        faults.add(ManualCodesAreFixed().at("source"))
    faults.check()
    rows = tracking_mappings.c
    statement = select_as(TrackingMapping, tracking_mappings).where(
        rows.source == source, rows.code == code
    )
    before = next(iter(fetch(uow.db, TrackingMapping, statement)), None)
    if before is None:
        after = TrackingMapping(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            source=source,
            code=code,
            state=command.state,
            cause=command.cause,
            party=command.party,
        )
        add(uow, tracking_mappings, [after])
    else:
        wanted = replace(before, state=command.state, cause=command.cause, party=command.party)
        if wanted == before:
            return before.id
        after = save(uow, tracking_mappings, before, wanted)
    uow.emit(TrackingMappingSet(after.id, after.version, source, code), before=before, after=after)
    uow.enqueue(Job(REMAP_JOB, {"source": source, "code": code}))
    return after.id


def remove_tracking_mapping(uow: UnitOfWork, command: RemoveTrackingMapping) -> UUID:
    """Have a code mean again what is built in, if anything. The id that the row had.

    Raises:
        UnknownTrackingMapping.
    """
    found = queries.mappings_by_ids(uow.db, [command.id]).get(command.id)
    if found is None:
        raise UnknownTrackingMapping(command.id).at("id")
    uow.db.execute(delete(tracking_mappings).where(tracking_mappings.c.id == found.id))
    event = TrackingMappingRemoved(found.id, found.version, found.source, found.code)
    uow.emit(event, before=found)
    uow.enqueue(Job(REMAP_JOB, {"source": found.source, "code": found.code}))
    return found.id


def remap_tracking(uow: UnitOfWork, command: RemapTracking) -> Remapped:
    """Read again what was told, by what its codes mean now, and let the states follow.

    So many events at a time; if there are more, a job goes on.

    Raises:
        InvalidText, ManualCodesAreFixed.
    """
    faults = Faults()
    check_text(command.source, faults, "source", maximum=SOURCE_LENGTH_MAX)
    check_text(command.code, faults, "code", maximum=CODE_LENGTH_MAX)
    if command.source == MANUAL:
        faults.add(ManualCodesAreFixed().at("source"))
    faults.check()
    found = queries.events_to_remap(
        uow.db, command.source, command.code, command.after, REMAPPED_AT_ONCE + 1
    )
    events, has_more = found[:REMAPPED_AT_ONCE], len(found) > REMAPPED_AT_ONCE
    own = queries.own_meanings(uow.db, {(each.source, each.code) for each in events})
    wanted = {each.id: reading_of(each, meaning_of(each.source, each.code, own)) for each in events}
    # Locked before they are read, so that what is told meanwhile is not overlooked.
    before = _locked(uow, sorted({each.tracking_id for each in events}))
    present = queries.readings_by_events(uow.db, wanted)
    changed = [each for id, each in wanted.items() if present[id] != each]
    _save(uow, changed)
    if changed:
        _restand(uow, [before[id] for id in sorted({each.tracking_id for each in changed})])
    if has_more:
        payload = {"source": command.source, "code": command.code, "after": events[-1].id.hex}
        uow.enqueue(Job(REMAP_JOB, payload))
    return Remapped(len(events), len(changed), has_more)


def _locked(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Tracking]:
    statement = select(trackings.c.id).where(trackings.c.id.in_(ids)).order_by(trackings.c.id)
    uow.db.execute(statement.with_for_update()).all()
    return dict(queries.trackings_by_ids(uow.db, ids))


def _save(uow: UnitOfWork, readings: Sequence[TrackingReading]) -> None:
    rows = [
        {
            "id": each.event_id,
            "state": each.state,
            "cause": each.cause,
            "party": each.party,
            "mapping_version": each.mapping_version,
        }
        for each in readings
    ]
    _save_each(uow.db, rows)


def _restand(uow: UnitOfWork, found: Sequence[Tracking]) -> None:
    """Work the states out anew, from all that was told."""
    told: dict[UUID, list[Standing]] = {each.id: [] for each in found}
    for reading, at, key in queries.readings_of(uow.db, told):
        if reading.state:
            standing = Standing(reading.state, at, key, reading.cause, reading.party)
            told[reading.tracking_id].append(standing)
    changes = [(each, standing_on(each, told[each.id])) for each in found]
    save_trackings(uow, [each for each in changes if each[0] != each[1]], heard=False)
