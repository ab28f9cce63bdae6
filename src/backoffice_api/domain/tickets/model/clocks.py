"""Clocks of tickets: a pure function of what happened to a ticket and of what was promised.

    first response   from the opening to the first public reply
    next response    from a customer's message to the public reply that follows it
    resolution       from the opening until it is resolved; stands still while the customer is asked

All stand still while a ticket is resolved, closed, merged or spam, and go on where they stood when
it is opened again. They run in the hours of a calendar. A second message of a customer who waits
already gives nobody more time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backoffice_api.domain.fulfillment.model.opening_hours import OpeningHours
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.tickets.model.tickets import LIVE
from backoffice_api.domain.tickets.model.words import TicketAuthor, TicketStatus, TicketVisibility

_NONE = timedelta()


class ClockKind(Choice):
    """What a clock measures."""

    FIRST_RESPONSE = "first_response", "From the opening to the first public reply."
    NEXT_RESPONSE = "next_response", "From a customer's message to the public reply behind it."
    RESOLUTION = "resolution", "From the opening until it is resolved."


class ClockState(Choice):
    """How far a clock is. Whether it is overdue is another matter: an overdue one may run on."""

    RUNNING = "running", "It runs, in the hours of its calendar."
    PAUSED = "paused", "It stands still, as the ticket waits for somebody else."
    STOPPED = "stopped", "It stands still: the ticket was done without it, merged, or is spam."
    MET = "met", "What it waited for came in time."
    MISSED = "missed", "What it waited for came too late."
    VOID = "void", "Nothing asks for it any more; it is kept since it was overdue once."


# What it waited for has come.
ENDED = frozenset({ClockState.MET, ClockState.MISSED})


class SegmentKind(Choice):
    """What a clock did for a while."""

    RUN = "run", "It ran, in the hours of its calendar."
    PAUSE = "pause", "It stood still, as the ticket waited for somebody else."
    STOP = "stop", "It stood still, as the ticket was done, merged or spam."


@dataclass(frozen=True, slots=True)
class Moved:
    """The ticket came to a state. The first one is its opening."""

    at: datetime
    to: TicketStatus


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote."""

    at: datetime
    author: TicketAuthor
    visibility: TicketVisibility


@dataclass(frozen=True, slots=True)
class Promise:
    """How soon is promised, in minutes of opening hours; None: it is not.

    `warn_percent`: when so much of the time is used up, it is at risk. `pauses_internal`: the
    clock of the resolution stands still in PENDING_INTERNAL, too.
    """

    hours: OpeningHours
    first_response_min: int | None
    next_response_min: int | None
    resolution_min: int | None
    warn_percent: int
    pauses_internal: bool

    def target(self, kind: ClockKind) -> timedelta | None:
        minutes = {
            ClockKind.FIRST_RESPONSE: self.first_response_min,
            ClockKind.NEXT_RESPONSE: self.next_response_min,
            ClockKind.RESOLUTION: self.resolution_min,
        }[kind]
        return None if minutes is None else timedelta(minutes=minutes)

    def pauses(self, status: TicketStatus) -> bool:
        """Whether the clock of the resolution stands still in this state."""
        if status is TicketStatus.PENDING_INTERNAL:
            return self.pauses_internal
        return status is TicketStatus.PENDING_CUSTOMER


@dataclass(frozen=True, slots=True)
class Segment:
    """A while in the life of a clock. `ends_at` None: it lasts. `status`: that of the ticket.

    `worked`: how much of it counts, in opening hours; None of what lasts.
    """

    kind: SegmentKind
    starts_at: datetime
    ends_at: datetime | None
    status: TicketStatus
    worked: timedelta | None


@dataclass(frozen=True, slots=True)
class Clock:
    """What follows from the log for one clock; nothing of it depends on what time it is.

    `elapsed` is what its past segments come to. `due_at`: of a running one, when it will be
    overdue, and of an ended one, when it would have been; None while it stands still, and where
    the calendar never has so many hours. `warn_at` alike. `breached_at`: when it became overdue
    in a past segment; one that lasts is overdue from `due_at` on.
    """

    kind: ClockKind
    state: ClockState
    started_at: datetime
    stopped_at: datetime | None
    target: timedelta
    elapsed: timedelta
    due_at: datetime | None
    warn_at: datetime | None
    breached_at: datetime | None
    segments: tuple[Segment, ...]

    @property
    def key(self) -> tuple[ClockKind, datetime]:
        """What tells it from the other clocks of its ticket."""
        return self.kind, self.started_at

    def overdue_at(self, now: datetime) -> datetime | None:
        """Since when it is overdue. None: it is not, or not yet."""
        if self.breached_at is not None:
            return self.breached_at
        is_late = self.state is ClockState.RUNNING and self.due_at is not None and self.due_at < now
        return self.due_at if is_late else None


@dataclass(slots=True)
class _Track:
    """A clock on its way through the log: its phases, each with where it begins."""

    kind: ClockKind
    started_at: datetime
    phases: list[tuple[datetime, SegmentKind, TicketStatus]] = field(default_factory=list)
    ended_at: datetime | None = None

    def turn(self, at: datetime, kind: SegmentKind, status: TicketStatus) -> None:
        """Go on in another phase, unless it is the same one in the same state."""
        if self.phases and self.phases[-1][1:] == (kind, status):
            return
        self.phases.append((at, kind, status))


def clocks_of(
    log: Iterable[Moved | Said], promise: Promise, *, is_recorded: bool = False
) -> Sequence[Clock]:
    """The clocks of a ticket, by what happened to it, in order of their start.

    `is_recorded`: it was opened in another system, which measured its first response and its
    resolution; here only answers to later messages are.

    What happened at once stays in its order, but that what was said comes before where it led to.
    What was said before the opening does not count: it was said on another ticket.
    """
    entries = sorted(log, key=lambda each: (each.at, isinstance(each, Moved)))
    tracks = _Walk(promise, is_recorded).through(entries)
    found = [
        _measured(track, promise, target)
        for track in tracks
        if (target := promise.target(track.kind)) is not None
    ]
    return sorted(found, key=lambda each: (each.started_at, each.kind))


class _Walk:
    """Goes through the log of one ticket and turns its clocks."""

    def __init__(self, promise: Promise, is_recorded: bool) -> None:
        self._promise = promise
        self._is_recorded = is_recorded
        self._tracks: list[_Track] = []
        self._status: TicketStatus | None = None
        self._resolution: _Track | None = None
        # The clock of the answer that the customer waits for.
        self._answer: _Track | None = None

    def through(self, entries: Sequence[Moved | Said]) -> Sequence[_Track]:
        opened_at = min((each.at for each in entries if isinstance(each, Moved)), default=None)
        early: list[Said] = []
        for each in entries:
            if isinstance(each, Moved):
                self._move(each)
                for said in early:
                    self._say(said)
                early.clear()
            elif self._status is not None:
                self._say(each)
            elif each.at == opened_at:
                early.append(each)  # what it was opened with
        return self._tracks

    def _move(self, moved: Moved) -> None:
        if self._status is None and not self._is_recorded:
            self._answer = self._started(ClockKind.FIRST_RESPONSE, moved.at)
            self._resolution = self._started(ClockKind.RESOLUTION, moved.at)
        self._status = moved.to
        for track in self._tracks:
            if track.ended_at is None:
                self._turn(track, moved.at)

    def _say(self, said: Said) -> None:
        if said.visibility is not TicketVisibility.PUBLIC:
            return
        if said.author is TicketAuthor.STAFF and self._answer is not None:
            self._answer.ended_at = said.at
            self._answer = None
        elif said.author is TicketAuthor.CUSTOMER and self._answer is None:
            self._answer = self._started(ClockKind.NEXT_RESPONSE, said.at)
            self._turn(self._answer, said.at)

    def _started(self, kind: ClockKind, at: datetime) -> _Track:
        track = _Track(kind, at)
        self._tracks.append(track)
        return track

    def _turn(self, track: _Track, at: datetime) -> None:
        assert self._status is not None, "clocks begin with the first move"
        kind = SegmentKind.RUN
        if self._status not in LIVE:
            kind = SegmentKind.STOP
        elif track is self._resolution and self._promise.pauses(self._status):
            kind = SegmentKind.PAUSE
        track.turn(at, kind, self._status)


def _measured(track: _Track, promise: Promise, target: timedelta) -> Clock:
    """What the phases of a clock come to."""
    hours, warn_target = promise.hours, target * promise.warn_percent / 100
    elapsed, segments = _NONE, []
    breached_at = due_at = warn_at = None
    for kind, starts_at, ends_at, status in _stretches(track):
        worked = None
        if kind is SegmentKind.RUN:
            due_at = breached_at or hours.after(starts_at, target - elapsed)
            warn_at = hours.after(starts_at, warn_target - elapsed) if breached_at is None else None
            if ends_at is not None:
                worked = hours.between(starts_at, ends_at)
                elapsed += worked
                if due_at is not None and due_at < ends_at:
                    breached_at = due_at
        elif ends_at is not None:
            worked = _NONE
        segments.append(Segment(kind, starts_at, ends_at, status, worked))
    state, stopped_at = _state(track, segments, breached_at is not None)
    stands = state in (ClockState.PAUSED, ClockState.STOPPED)
    return Clock(
        kind=track.kind,
        state=state,
        started_at=track.started_at,
        stopped_at=stopped_at,
        target=target,
        elapsed=elapsed,
        due_at=None if stands else due_at,
        warn_at=warn_at if state is ClockState.RUNNING else None,
        breached_at=breached_at,
        segments=tuple(segments),
    )


def _stretches(
    track: _Track,
) -> Iterator[tuple[SegmentKind, datetime, datetime | None, TicketStatus]]:
    """The phases of a clock with their ends, those left out that took no time."""
    ends = [at for at, _, _ in track.phases[1:]] + [track.ended_at]
    for (starts_at, kind, status), ends_at in zip(track.phases, ends, strict=True):
        if track.ended_at is not None and starts_at >= track.ended_at:
            return
        if ends_at is None or starts_at < ends_at:
            yield kind, starts_at, ends_at, status


def _state(
    track: _Track, segments: Sequence[Segment], is_breached: bool
) -> tuple[ClockState, datetime | None]:
    """The state of a clock, and when what it waited for came."""
    ended = ClockState.MISSED if is_breached else ClockState.MET
    if track.ended_at is not None:
        return ended, track.ended_at
    last = segments[-1]
    if last.kind is SegmentKind.STOP:
        is_done = last.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
        if track.kind is not ClockKind.RESOLUTION or not is_done:
            return ClockState.STOPPED, None
        return ended, _done_at(segments)
    is_running = last.kind is SegmentKind.RUN
    return ClockState.RUNNING if is_running else ClockState.PAUSED, None


def _done_at(segments: Sequence[Segment]) -> datetime:
    """When the stop began in which a ticket still is: it may have been resolved, then closed."""
    at = segments[-1].starts_at
    for each in reversed(segments):
        if each.kind is not SegmentKind.STOP:
            break
        at = each.starts_at
    return at
