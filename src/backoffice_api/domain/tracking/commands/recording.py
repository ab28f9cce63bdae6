"""What carriers tell, stored as they told it, and read as far as its words are known."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.commands.registering import create_missing
from backoffice_api.domain.tracking.commands.standing import (
    save_trackings,
    standing_of,
    standing_on,
)
from backoffice_api.domain.tracking.model.mappings import (
    CODE_LENGTH_MAX,
    MANUAL,
    SOURCE_LENGTH_MAX,
    Meaning,
    meaning_of,
)
from backoffice_api.domain.tracking.model.states import (
    ResponsibleParty,
    Standing,
    TrackingCause,
    TrackingState,
)
from backoffice_api.domain.tracking.model.trackings import (
    BATCH_MAX,
    CARRIER_LENGTH_MAX,
    EVENTS_PER_TRACKING_MAX,
    NUMBER_LENGTH_MAX,
    RAW_TEXT_LENGTH_MAX,
    CarrierNumber,
    EventDraft,
    NoFurtherEvents,
    NotYet,
    Tracking,
    TrackingEvent,
    TrackingOutcome,
    TrackingReading,
    content_key,
)
from backoffice_api.domain.tracking.tables import tracking_events, tracking_readings, trackings

# Clocks of carriers are wrong, and some tell local times without their zone.
CLOCKS_DIFFER_BY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTracking(Command):
    """Each event is taken or refused by itself."""

    scope = Scope.TRACKING_WRITE
    events: tuple[EventDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTracking(Command):
    """What somebody of the shop knows of a parcel, signed by them."""

    scope = Scope.TRACKING_WRITE
    table = trackings
    id: UUID
    state: TrackingState
    text: str
    cause: TrackingCause | None = None
    party: ResponsibleParty | None = None
    place: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TakenEvent:
    """What became of one event. `refusal` and `message` say why it was refused."""

    outcome: TrackingOutcome
    tracking_id: UUID | None = None
    refusal: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class TakenEvents:
    """One result per event, in their order."""

    results: tuple[TakenEvent, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """An event that may be stored, at its position in the batch."""

    position: int
    tracking_id: UUID
    key: str
    draft: EventDraft


def record_tracking(uow: UnitOfWork, command: RecordTracking) -> TakenEvents:
    """Store what carriers told, and let the states follow. What became of each event.

    Repeats change nothing. What has no known meaning is stored all the same. A constant number of
    statements.

    Raises:
        TooMany: more than `BATCH_MAX` events.
    """
    faults = Faults()
    check_size(command.events, faults, "events", maximum=BATCH_MAX)
    faults.check()
    results: dict[int, TakenEvent] = {}
    good: dict[int, EventDraft] = {}
    for position, draft in enumerate(command.events):
        if refusal := _refusal(uow, draft):
            results[position] = _refused(refusal)
        else:
            good[position] = _normal(draft)
    names = {CarrierNumber(each.carrier, each.number) for each in good.values()}
    known = create_missing(uow, names)
    told = [
        _Told(position, known[CarrierNumber(each.carrier, each.number)].id, content_key(each), each)
        for position, each in good.items()
    ]
    fresh = _fresh(uow, told, known.values(), results)
    meanings = _meanings(uow, [each.draft for each in fresh])
    _store(uow, {each.id: each for each in known.values()}, fresh, meanings)
    return TakenEvents(tuple(results[position] for position in range(len(command.events))))


def note_tracking(uow: UnitOfWork, command: NoteTracking) -> UUID:
    """Write down what somebody knows of a parcel, as an event of its own. The tracking's id.

    Raises:
        UnknownTracking, InvalidText, NotYet, NoFurtherEvents.
    """
    found = queries.tracking(uow.db, command.id)
    faults = Faults()
    check_text(command.text, faults, "text", maximum=RAW_TEXT_LENGTH_MAX)
    check_text(command.place, faults, "place")
    at = command.occurred_at or uow.now
    if at > uow.now + CLOCKS_DIFFER_BY:
        faults.add(NotYet().at("occurred_at"))
    if found.event_count >= EVENTS_PER_TRACKING_MAX:
        faults.add(NoFurtherEvents(EVENTS_PER_TRACKING_MAX).at("id"))
    faults.check()
    name = CarrierNumber(found.carrier, found.number)
    locked = queries.locked_by_numbers(uow.db, [name])[name]
    draft = EventDraft(
        carrier=found.carrier,
        number=found.number,
        source=MANUAL,
        code=command.state.value,
        text=command.text,
        place=command.place,
        occurred_at=at,
    )
    told = _Told(0, locked.id, content_key(draft), draft)
    if queries.known_keys(uow.db, [locked.id], [told.key]):
        return locked.id
    meaning = Meaning(command.state, command.cause, command.party, MANUAL)
    _store(uow, {locked.id: locked}, [told], {(MANUAL, draft.code): meaning})
    return locked.id


def _refusal(uow: UnitOfWork, draft: EventDraft) -> DomainError | None:
    faults = Faults()
    check_text(draft.carrier, faults, "carrier", maximum=CARRIER_LENGTH_MAX)
    check_text(draft.number, faults, "number", maximum=NUMBER_LENGTH_MAX)
    check_text(draft.source, faults, "source", maximum=SOURCE_LENGTH_MAX)
    check_text(draft.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(draft.text, faults, "text", minimum=0, maximum=RAW_TEXT_LENGTH_MAX)
    check_text(draft.place, faults, "place")
    if draft.occurred_at > uow.now + CLOCKS_DIFFER_BY:
        faults.add(NotYet().at("occurred_at"))
    return next(iter(faults), None)


def _refused(refusal: DomainError, tracking_id: UUID | None = None) -> TakenEvent:
    return TakenEvent(TrackingOutcome.REFUSED, tracking_id, refusal.code, str(refusal))


def _normal(draft: EventDraft) -> EventDraft:
    return replace(
        draft,
        carrier=draft.carrier.strip().lower(),
        number="".join(draft.number.split()).upper(),
        source=draft.source.strip().lower(),
        code=draft.code.strip(),
    )


def _fresh(
    uow: UnitOfWork,
    told: Sequence[_Told],
    known: Iterable[Tracking],
    results: dict[int, TakenEvent],
) -> Sequence[_Told]:
    """Those that were not told before, of trackings that have room; notes the others' results."""
    if not told:
        return ()
    seen = queries.known_keys(
        uow.db, {each.tracking_id for each in told}, {each.key for each in told}
    )
    room = {each.id: EVENTS_PER_TRACKING_MAX - each.event_count for each in known}
    fresh = []
    for each in told:
        if (each.tracking_id, each.key) in seen:
            results[each.position] = TakenEvent(TrackingOutcome.REPEATED, each.tracking_id)
        elif not room[each.tracking_id]:
            refusal = NoFurtherEvents(EVENTS_PER_TRACKING_MAX)
            results[each.position] = _refused(refusal, each.tracking_id)
        else:
            room[each.tracking_id] -= 1
            seen.add((each.tracking_id, each.key))
            results[each.position] = TakenEvent(TrackingOutcome.RECORDED, each.tracking_id)
            fresh.append(each)
    return fresh


def _meanings(
    uow: UnitOfWork, drafts: Sequence[EventDraft]
) -> Mapping[tuple[str, str], Meaning | None]:
    codes = {(each.source, each.code) for each in drafts}
    if not codes:
        return {}
    own = queries.own_meanings(uow.db, codes)
    return {(source, code): meaning_of(source, code, own) for source, code in codes}


def _store(
    uow: UnitOfWork,
    known: Mapping[UUID, Tracking],
    fresh: Sequence[_Told],
    meanings: Mapping[tuple[str, str], Meaning | None],
) -> None:
    """Keep what was told, and let the trackings follow."""
    actor = uow.caller.actor
    events, readings = [], []
    standings: dict[UUID, list[Standing]] = {}
    for each in fresh:
        draft, meaning = each.draft, meanings[each.draft.source, each.draft.code]
        event = TrackingEvent(
            id=uow.new_id(),
            tracking_id=each.tracking_id,
            content_key=each.key,
            source=draft.source,
            code=draft.code,
            text=draft.text,
            place=draft.place,
            occurred_at=draft.occurred_at,
            recorded_at=uow.now,
            recorded_by_kind=actor.kind.value,
            recorded_by_id=actor.id,
        )
        events.append(event)
        readings.append(reading_of(event, meaning))
        if meaning and meaning.state:
            standings.setdefault(each.tracking_id, []).append(standing_by(event, meaning))
    add(uow, tracking_events, events)
    add(uow, tracking_readings, readings)
    counts = Counter(each.tracking_id for each in fresh)
    changes = []
    for id, count in counts.items():
        before = known[id]
        told = [*filter(None, [standing_of(before)]), *standings.get(id, ())]
        after = standing_on(before, told)
        changes.append(
            (before, replace(after, event_count=before.event_count + count, heard_at=uow.now))
        )
    if changes:
        save_trackings(uow, changes, heard=True)


def reading_of(event: TrackingEvent, meaning: Meaning | None) -> TrackingReading:
    """How an event is read by what its code means. None: nobody knows."""
    if meaning is None:
        return TrackingReading(event.id, event.tracking_id, None, None, None, None)
    return TrackingReading(
        event.id, event.tracking_id, meaning.state, meaning.cause, meaning.party, meaning.version
    )


def standing_by(event: TrackingEvent, meaning: Meaning) -> Standing:
    """What an event says of where its parcel is. Its meaning must have a state."""
    assert meaning.state is not None, "only what says where it is"
    return Standing(
        meaning.state, event.occurred_at, event.content_key, meaning.cause, meaning.party
    )
