"""How promises were kept: figures of clocks, and what other systems told of tickets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from backoffice_api.domain.kernel.rows import many_per
from backoffice_api.domain.tickets.model.clocks import ClockKind, ClockState
from backoffice_api.domain.tickets.model.policies import SlaGroup
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketSource, TicketStatus
from backoffice_api.domain.tickets.tables import tickets
from backoffice_api.domain.tickets.tables.clocks import sla_terms, ticket_clocks, ticket_records


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """What another system said of a ticket once. `status` None: nobody knows its `state_code`.

    `revision`: its own count of changes; some may be missing. `is_missed`: whether it said that a
    promise was not kept.
    """

    ticket_id: UUID
    position: int
    system: str
    at: datetime
    revision: int
    state_code: str
    status: TicketStatus | None
    priority: TicketPriority
    team_id: UUID | None
    assignee: str | None
    actor: str | None
    is_missed: bool


@dataclass(frozen=True, slots=True)
class SlaClockFigure:
    """Clocks of one kind: how many began, how many of them were met, missed, or still run."""

    kind: ClockKind
    started: int
    met: int
    missed: int
    open: int


@dataclass(frozen=True, slots=True)
class SlaFigure:
    """How promises were kept for one group of tickets. Of what is no group, the value is None.

    A ticket is missed if any of its clocks that began in the period was.
    """

    tickets: int
    missed_tickets: int
    policy_id: UUID | None = None
    team_id: UUID | None = None
    priority: TicketPriority | None = None
    source: TicketSource | None = None
    clocks: Sequence[SlaClockFigure] = field(default_factory=list)


records_by_tickets = many_per(
    TicketRecord, ticket_records, ticket_records.c.ticket_id, ticket_records.c.position
)

_of = ticket_clocks.c
_GROUPS: Mapping[SlaGroup, tuple[str, ColumnElement[Any]]] = {
    SlaGroup.POLICY: ("policy_id", sla_terms.c.policy_id),
    SlaGroup.TEAM: ("team_id", tickets.c.team_id),
    SlaGroup.PRIORITY: ("priority", tickets.c.priority),
    SlaGroup.SOURCE: ("source", tickets.c.source),
}
_OPEN = (ClockState.RUNNING, ClockState.PAUSED)


def sla_figures(
    db: Connection, by: SlaGroup, start: datetime, end: datetime
) -> Sequence[SlaFigure]:
    """How promises were kept whose clocks began in a period, by group; the largest group first.

    What another system measured is of no policy. Two statements.
    """
    name, group = _GROUPS[by]
    found: dict[Any, list[SlaClockFigure]] = {}
    kinds = _grouped(
        group,
        start,
        end,
        _of.kind,
        func.count(),
        _count((_of.state == ClockState.MET) & ~_of.is_missed),
        _count(_of.is_missed),
        _count(_of.state.in_(_OPEN) & ~_of.is_missed),
    ).group_by(_of.kind)
    for key, *figures in db.execute(kinds.order_by(_of.kind)):
        found.setdefault(key, []).append(SlaClockFigure(*figures))
    missed = func.count(case((_of.is_missed, _of.ticket_id)).distinct())
    whole = _grouped(group, start, end, func.count(_of.ticket_id.distinct()), missed)
    rows = [
        SlaFigure(count, count_missed, clocks=found.get(key, ()), **{name: key})
        for key, count, count_missed in db.execute(whole)
    ]
    return sorted(rows, key=lambda each: (-each.tickets, str(getattr(each, name))))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _grouped(
    group: ColumnElement[Any], start: datetime, end: datetime, *columns: ColumnElement[Any]
) -> Select[Any]:
    source = ticket_clocks.join(tickets, tickets.c.id == _of.ticket_id)
    return (
        select(group, *columns)
        .select_from(source.outerjoin(sla_terms, sla_terms.c.id == _of.terms_id))
        .where(_of.started_at >= start, _of.started_at < end)
        .group_by(group)
    )
