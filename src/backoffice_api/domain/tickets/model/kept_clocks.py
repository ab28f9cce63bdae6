"""Clocks as they are kept, and how they follow what happened and what is promised.

Three things are never taken back: that a clock was overdue, that it was told so, and how one ended
that has ended. So another policy, or another calendar, counts for what is still to come only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from uuid import UUID

from backoffice_api.domain.tickets.model.clocks import (
    ENDED,
    Clock,
    ClockKind,
    ClockState,
    Moved,
    Said,
    clocks_of,
)
from backoffice_api.domain.tickets.model.policies import SlaTerms

Key = tuple[ClockKind, datetime]


@dataclass(frozen=True, slots=True)
class TicketClock:
    """A clock of a ticket. `terms_id` None: another system measured it, and said how it ended.

    `elapsed_s`: what its past segments come to. `breached_at`: since when it was overdue, under
    `breached_terms_id`; where another system said that it was missed, it did not say since when.
    `warned_at`: when it was told that it is at risk. `watch_at`: when something is to be told of
    it next.
    """

    id: UUID
    ticket_id: UUID
    kind: ClockKind
    state: ClockState
    terms_id: UUID | None
    started_at: datetime
    stopped_at: datetime | None
    target_min: int | None
    elapsed_s: int | None
    due_at: datetime | None
    warn_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    breached_terms_id: UUID | None
    is_missed: bool
    watch_at: datetime | None

    @property
    def key(self) -> Key:
        """What tells it from the other clocks of its ticket."""
        return self.kind, self.started_at


@dataclass(frozen=True, slots=True)
class DueTimes:
    """When something of a ticket is due, by its running clocks; `next_due_at`: the first of it."""

    first_response_due_at: datetime | None = None
    next_response_due_at: datetime | None = None
    resolution_due_at: datetime | None = None

    @property
    def next_due_at(self) -> datetime | None:
        due = (self.first_response_due_at, self.next_response_due_at, self.resolution_due_at)
        return min((each for each in due if each is not None), default=None)


def is_recorded(stored: Iterable[TicketClock]) -> bool:
    """Whether another system measured clocks of the ticket."""
    return any(each.terms_id is None for each in stored)


def renewed(
    stored: Sequence[TicketClock],
    log: Sequence[Moved | Said],
    terms: SlaTerms | None,
    known: Mapping[UUID, SlaTerms],
    *,
    ticket_id: UUID,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Sequence[TicketClock]:
    """The clocks of a ticket as they are to be kept now, by their start.

    `terms`: what is promised for it now; None: nothing. `known`: at least the terms of what is
    stored.
    """
    recorded = is_recorded(stored)

    @cache
    def under(terms_id: UUID) -> Mapping[Key, Clock]:
        found = clocks_of(log, known[terms_id].promise, is_recorded=recorded)
        return {each.key: each for each in found}

    before = {each.key: each for each in stored}
    present = under(terms.id) if terms else {}
    found = []
    for key in {**before, **present}:
        row = before.get(key)
        if row is not None and row.terms_id is None:
            found.append(row)
            continue
        clock, terms_id = present.get(key), terms.id if terms else None
        if row is not None and row.terms_id is not None and row.state in ENDED:
            own = under(row.terms_id).get(key)
            if own is not None and own.state in ENDED:
                clock, terms_id = own, row.terms_id
        if clock is not None and terms_id is not None:
            found.append(_kept(row, clock, terms_id, ticket_id, now, new_id))
        elif row is not None and row.is_missed:
            found.append(_void(row))
    return sorted(found, key=lambda each: (each.started_at, each.kind))


def due_times(clocks: Iterable[TicketClock]) -> DueTimes:
    """When something is due, by the running ones of the clocks of a ticket."""
    due = {each.kind: each.due_at for each in clocks if each.state is ClockState.RUNNING}
    return DueTimes(
        due.get(ClockKind.FIRST_RESPONSE),
        due.get(ClockKind.NEXT_RESPONSE),
        due.get(ClockKind.RESOLUTION),
    )


def state_of(clock: Clock, is_missed: bool) -> ClockState:
    """The state in which a clock is kept: one that was overdue once did not end in time."""
    return ClockState.MISSED if is_missed and clock.state is ClockState.MET else clock.state


def _kept(
    row: TicketClock | None,
    clock: Clock,
    terms_id: UUID,
    ticket_id: UUID,
    now: datetime,
    new_id: Callable[[], UUID],
) -> TicketClock:
    breached_at = row.breached_at if row else None
    breached_terms_id = row.breached_terms_id if row else None
    if breached_at is None and (overdue_at := clock.overdue_at(now)) is not None:
        breached_at, breached_terms_id = overdue_at, terms_id
    warned_at = row.warned_at if row else None
    is_watched = clock.state is ClockState.RUNNING and breached_at is None
    if is_watched and warned_at is None and clock.warn_at is not None and clock.warn_at <= now:
        warned_at = now
    next_at = clock.due_at if warned_at else clock.warn_at or clock.due_at
    return TicketClock(
        id=row.id if row else new_id(),
        ticket_id=ticket_id,
        kind=clock.kind,
        state=state_of(clock, breached_at is not None),
        terms_id=terms_id,
        started_at=clock.started_at,
        stopped_at=clock.stopped_at,
        target_min=int(clock.target.total_seconds()) // 60,
        elapsed_s=int(clock.elapsed.total_seconds()),
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        warned_at=warned_at,
        breached_at=breached_at,
        breached_terms_id=breached_terms_id,
        is_missed=breached_at is not None,
        watch_at=next_at if is_watched else None,
    )


def _void(row: TicketClock) -> TicketClock:
    """Kept since it was overdue once, though nothing asks for it any more."""
    return replace(
        row,
        state=ClockState.VOID,
        stopped_at=None,
        due_at=None,
        warn_at=None,
        watch_at=None,
    )
