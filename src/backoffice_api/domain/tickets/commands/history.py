"""Tickets of another system: taken over in bulk, with their history, as it recorded them.

What was promised there, and whether it was kept, it knew itself: its word is kept as the clock of
the resolution, by what it said last. Nothing of it is measured again here.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import repeat
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select

from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.bulk import insert_columns
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.tickets.model.clocks import ClockKind, ClockState
from backoffice_api.domain.tickets.model.events import TicketRecorded, TicketTeamCreated
from backoffice_api.domain.tickets.model.history import RECORDED_MAX, RecordedTicket
from backoffice_api.domain.tickets.model.teams import TEAM_MACHINE, TicketTeam
from backoffice_api.domain.tickets.model.tickets import TicketMove
from backoffice_api.domain.tickets.model.words import (
    CLOSE_AFTER_DAYS,
    NUMBER_PREFIX,
    REOPEN_WITHIN_DAYS,
    TicketAssignment,
    TicketAuthor,
    TicketSource,
    TicketStatus,
    TicketTeamStatus,
    TicketVisibility,
)
from backoffice_api.domain.tickets.tables import (
    ticket_messages,
    ticket_moves,
    ticket_teams,
    tickets,
)
from backoffice_api.domain.tickets.tables.clocks import ticket_clocks, ticket_records

_DIGITS = re.compile(r"[0-9]+")
_OURS = re.compile(re.escape(NUMBER_PREFIX) + "[0-9]+")
_SERIAL_MAX = 10**15 - 1
_DONE = (TicketStatus.RESOLVED, TicketStatus.CLOSED)


def record_tickets(
    uow: UnitOfWork,
    system: str,
    recorded: Sequence[RecordedTicket],
    customer_ids: Mapping[str, UUID],
) -> int:
    """Take over tickets whose numbers are free, at most `RECORDED_MAX`. How many teams that made.

    Teams are found by their names. Who looked after a ticket is none of the staff here: it stays
    in the record. The number of statements does not depend on that of the tickets.

    Raises:
        NotAllowed: the caller may not import.
        TooMany: more than `RECORDED_MAX` at once.
    """
    uow.require(Scope.IMPORTS_WRITE)
    if len(recorded) > RECORDED_MAX:
        raise TooMany(RECORDED_MAX)
    if not recorded:
        return 0
    team_ids, made = _teams(uow, recorded)
    ids = {each.number: uow.new_id() for each in recorded}
    rows = [_ticket(uow, each, ids[each.number], team_ids, customer_ids) for each in recorded]
    _insert(uow, tickets, rows)
    _add_notes(uow, recorded, ids)
    _add_moves(uow, recorded, ids)
    _add_records(uow, system, recorded, ids, team_ids)
    _insert(uow, ticket_clocks, [_clock(uow, each, ids[each.number]) for each in recorded])
    texts = {ids[each.number]: (each.number, each.subject, each.note) for each in recorded}
    search.add(uow.db, "tic", texts)
    for each in recorded:
        uow.emit(TicketRecorded(ids[each.number], 1, each.number))
    return made


def taken_numbers(uow: UnitOfWork, numbers: Collection[str]) -> frozenset[str]:
    """Which of these numbers tickets have already, or will have that are opened here.

    A number of our own series that is taken before it is drawn would stop the series for ever.
    """
    statement = select(tickets.c.number).where(among(tickets.c.number, numbers))
    ours = {each for each in numbers if _OURS.fullmatch(each)}
    return frozenset(uow.db.execute(statement).scalars()) | ours


def _teams(uow: UnitOfWork, recorded: Sequence[RecordedTicket]) -> tuple[Mapping[str, UUID], int]:
    """Ids of all teams that are named, and how many of them were not there."""
    names = sorted({name for each in recorded for name in each.phases()})
    of = ticket_teams.c
    in_use = select(of.name, of.id).where(
        among(of.name, names), of.status == TicketTeamStatus.ACTIVE
    )
    known: dict[str, UUID] = {row.name: row.id for row in uow.db.execute(in_use)}
    made = [
        TicketTeam(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            name=name,
            status=TEAM_MACHINE.start,
            assignment=TicketAssignment.BY_HAND,
            is_default=False,
            close_after_days=CLOSE_AFTER_DAYS,
            reopen_within_days=REOPEN_WITHIN_DAYS,
        )
        for name in names
        if name not in known
    ]
    add(uow, ticket_teams, made)
    for each in made:
        uow.emit(TicketTeamCreated(each.id, each.version, each.name), after=each)
    return {**known, **{each.name: each.id for each in made}}, len(made)


def _ticket(
    uow: UnitOfWork,
    of: RecordedTicket,
    id: UUID,
    team_ids: Mapping[str, UUID],
    customer_ids: Mapping[str, UUID],
) -> Mapping[str, Any]:
    moves = of.moves()
    status, opened_at = moves[-1][2], moves[0][0]
    closed_at = of.done_at(TicketStatus.CLOSED) if status is TicketStatus.CLOSED else None
    resolved_at = (of.done_at(TicketStatus.RESOLVED) or closed_at) if status in _DONE else None
    digits = "".join(_DIGITS.findall(of.number))[-15:]
    return {
        "id": id,
        "version": 1,
        "created_at": opened_at,
        # Not when it was there: who follows the list by this time is to notice what came in.
        "updated_at": uow.now,
        "number": of.number,
        "serial": min(int(digits or 0), _SERIAL_MAX),
        "subject": of.subject,
        "status": status,
        "priority": of.last.priority,
        "source": TicketSource.IMPORT,
        "customer_id": customer_ids.get(of.caller) if of.caller else None,
        "team_id": team_ids.get(of.last.team) if of.last.team else None,
        "resolved_at": resolved_at,
        "closed_at": closed_at,
        "last_message_at": opened_at,
        "reopened_count": of.last.reopened,
    }


def _clock(uow: UnitOfWork, of: RecordedTicket, id: UUID) -> Mapping[str, Any]:
    """What the system said of its promise last."""
    is_missed = of.last.is_missed
    done_at = of.done_at(*_DONE)
    if done_at is not None:
        state = ClockState.MISSED if is_missed else ClockState.MET
    else:
        state = ClockState.VOID if is_missed else ClockState.STOPPED
    return {
        "id": uow.new_id(),
        "ticket_id": id,
        "kind": ClockKind.RESOLUTION,
        "state": state,
        "started_at": of.moves()[0][0],
        "stopped_at": done_at,
        "is_missed": is_missed,
    }


def _add_notes(
    uow: UnitOfWork, recorded: Sequence[RecordedTicket], ids: Mapping[str, UUID]
) -> None:
    """What else was known of each, as its first message, which only the shop reads."""
    rows = [
        {
            "id": uow.new_id(),
            "ticket_id": ids[each.number],
            "created_at": each.moves()[0][0],
            "visibility": TicketVisibility.INTERNAL,
            "author": TicketAuthor.SYSTEM,
            "source": each.source,
            "body": each.note,
        }
        for each in recorded
    ]
    _insert(uow, ticket_messages, rows)


def _add_moves(
    uow: UnitOfWork, recorded: Sequence[RecordedTicket], ids: Mapping[str, UUID]
) -> None:
    actor = uow.caller.actor
    rows = [
        TicketMove(uow.new_id(), ids[each.number], at, before, after, actor.kind.value, actor.id)
        for each in recorded
        for at, before, after in each.moves()
    ]
    names = tuple(TicketMove.__dataclass_fields__)
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    insert_columns(uow.db, ticket_moves, columns)


def _add_records(
    uow: UnitOfWork,
    system: str,
    recorded: Sequence[RecordedTicket],
    ids: Mapping[str, UUID],
    team_ids: Mapping[str, UUID],
) -> None:
    """Everything that was said, entry by entry."""
    rows = [
        (ids[of.number], position, each)
        for of in recorded
        for position, each in enumerate(of.entries)
    ]
    entries = [each for _, _, each in rows]
    insert_columns(
        uow.db,
        ticket_records,
        {
            "id": [uow.new_id() for _ in rows],
            "ticket_id": [id for id, _, _ in rows],
            "position": [position for _, position, _ in rows],
            "system": repeat(system),
            "line": [each.line for each in entries],
            "at": [each.at for each in entries],
            "revision": [each.revision for each in entries],
            "state_code": [each.state_code for each in entries],
            "status": [each.status for each in entries],
            "priority": [each.priority for each in entries],
            "team_id": [team_ids[each.team] if each.team else None for each in entries],
            "assignee": [each.assignee for each in entries],
            "actor": [each.actor for each in entries],
            "is_missed": [each.is_missed for each in entries],
        },
    )


def _insert(uow: UnitOfWork, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    insert_columns(uow.db, table, {name: [row[name] for row in rows] for name in rows[0]})
