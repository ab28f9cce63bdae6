"""What must be true of clocks (T1): each is worked out of the log once more, under its terms."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, case, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.tickets.model.clocks import (
    ENDED,
    Clock,
    ClockKind,
    ClockState,
    Moved,
    Said,
    clocks_of,
)
from backoffice_api.domain.tickets.model.kept_clocks import (
    Key,
    TicketClock,
    is_recorded,
    state_of,
)
from backoffice_api.domain.tickets.model.policies import SlaTerms
from backoffice_api.domain.tickets.queries import clocks as queries
from backoffice_api.domain.tickets.tables import ticket_messages, tickets
from backoffice_api.domain.tickets.tables.clocks import ticket_clocks

_PAGE = 500
_of = ticket_clocks.c


def _wrong_clocks(db: Connection) -> Iterator[Mapping[str, Any]]:
    """Clocks that are not what the log and their terms make of them, ticket by ticket."""
    last: UUID | None = None
    while page := _page(db, last):
        stored = queries.clocks_by_tickets(db, page)
        logs = queries.logs_of(db, page)
        rows = [row for of_ticket in stored.values() for row in of_ticket]
        named = {each.terms_id for each in rows} | {each.breached_terms_id for each in rows}
        known = queries.terms_by_ids(db, named - {None})
        moved = _with_moved_messages(db, page)
        for ticket_id in page:
            found = _Recomputed(stored[ticket_id], logs[ticket_id], known, ticket_id in moved)
            for row, wrong in found.wrong():
                yield {"ticket": f"tic_{ticket_id.hex}", **row, "wrong": wrong}
        last = page[-1]


def _page(db: Connection, last: UUID | None) -> Sequence[UUID]:
    statement = select(_of.ticket_id).distinct().where(_of.terms_id.is_not(None))
    if last is not None:
        statement = statement.where(_of.ticket_id > last)
    return db.execute(statement.order_by(_of.ticket_id).limit(_PAGE)).scalars().all()


def _with_moved_messages(db: Connection, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Tickets with messages that were written in others: their past is not what it was."""
    said = ticket_messages.c
    statement = select(said.ticket_id).where(
        among(said.ticket_id, ids), said.written_in_id.is_not(None)
    )
    return frozenset(db.execute(statement.distinct()).scalars())


class _Recomputed:
    """The clocks of one ticket, beside those that are stored."""

    def __init__(
        self,
        stored: Sequence[TicketClock],
        log: Sequence[Moved | Said],
        known: Mapping[UUID, SlaTerms],
        is_moved: bool,
    ) -> None:
        self._stored = stored
        self._is_moved = is_moved
        recorded = is_recorded(stored)

        @cache
        def under(terms_id: UUID) -> Mapping[Key, Clock]:
            found = clocks_of(log, known[terms_id].promise, is_recorded=recorded)
            return {each.key: each for each in found}

        self._under = under

    def wrong(self) -> Iterator[tuple[Mapping[str, Any], str]]:
        """What is wrong with which clock."""
        present: set[Key] = set()
        for row in self._stored:
            if row.terms_id is None or row.state is ClockState.VOID:
                continue
            named = {"kind": row.kind.value, "started_at": row.started_at, "due_at": row.due_at}
            clock = self._under(row.terms_id).get(row.key)
            if clock is None:
                yield named, "nothing in the log begins it"
                continue
            if _values(row) != _expected(row, clock):
                yield {**named, "recomputed": clock.due_at}, "it comes to something else"
            if not self._is_moved and not self._is_breach_right(row, clock):
                yield {**named, "breached_at": row.breached_at}, "it was overdue at another time"
            if row.state not in ENDED:
                present |= set(self._under(row.terms_id))
        for kind, started_at in present - {each.key for each in self._stored}:
            yield {"kind": kind.value, "started_at": started_at}, "it is not stored"

    def _is_breach_right(self, row: TicketClock, clock: Clock) -> bool:
        if row.breached_at is None or row.breached_terms_id is None:
            return clock.breached_at is None
        then = self._under(row.breached_terms_id).get(row.key)
        return then is not None and row.breached_at == (then.breached_at or then.due_at)


def _values(row: TicketClock) -> tuple[Any, ...]:
    return row.state, row.stopped_at, row.due_at, row.warn_at, row.elapsed_s, row.target_min


def _expected(row: TicketClock, clock: Clock) -> tuple[Any, ...]:
    return (
        state_of(clock, row.breached_at is not None),
        clock.stopped_at,
        clock.due_at,
        clock.warn_at,
        int(clock.elapsed.total_seconds()),
        int(clock.target.total_seconds()) // 60,
    )


def _other_due_times() -> Select[Any]:
    """Tickets whose due times are not those of their running clocks."""
    kinds = {
        "first_response_due_at": ClockKind.FIRST_RESPONSE,
        "next_response_due_at": ClockKind.NEXT_RESPONSE,
        "resolution_due_at": ClockKind.RESOLUTION,
    }
    running = (
        select(
            _of.ticket_id,
            func.min(_of.due_at).label("next_due_at"),
            *(
                func.max(case((_of.kind == kind, _of.due_at))).label(name)
                for name, kind in kinds.items()
            ),
        )
        .where(_of.state == ClockState.RUNNING)
        .group_by(_of.ticket_id)
        .subquery("running")
    )
    names = (*kinds, "next_due_at")
    return (
        select(
            tickets.c.id,
            *(tickets.c[name] for name in names),
            *(running.c[name].label(f"{name}_of_clocks") for name in names),
        )
        .select_from(tickets.outerjoin(running, running.c.ticket_id == tickets.c.id))
        .where(or_(*(tickets.c[name].is_distinct_from(running.c[name]) for name in names)))
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "T1",
        "Clocks of tickets are what their log, their policy and its calendar make of them.",
        _wrong_clocks,
    ),
    Check(
        "T1-due",
        "Tickets are due when their running clocks are.",
        _other_due_times(),
    ),
)
