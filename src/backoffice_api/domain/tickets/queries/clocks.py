"""What can be asked about policies and clocks, and why a due time is what it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.customers.model.groups import Group
from backoffice_api.domain.customers.queries.accounts import groups_by_ids
from backoffice_api.domain.kernel.filters import On, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import (
    among,
    fetch,
    in_parts,
    many_per,
    one_per,
    select_as,
)
from backoffice_api.domain.tickets.model.clocks import Moved, Said, SegmentKind, clocks_of
from backoffice_api.domain.tickets.model.kept_clocks import TicketClock, is_recorded
from backoffice_api.domain.tickets.model.policies import (
    POLICIES_MAX,
    SlaPolicy,
    SlaPolicySortKey,
    SlaTerms,
    TicketClockSortKey,
)
from backoffice_api.domain.tickets.model.teams import TicketTeam
from backoffice_api.domain.tickets.model.words import TicketStatus
from backoffice_api.domain.tickets.tables import (
    ticket_messages,
    ticket_moves,
    ticket_teams,
    tickets,
)
from backoffice_api.domain.tickets.tables.clocks import sla_policies, sla_terms, ticket_clocks


@dataclass(frozen=True, slots=True)
class TicketDue:
    """When something of a ticket is due, by its running clocks. None: that clock does not run."""

    id: UUID
    sla_policy_id: UUID | None
    next_due_at: datetime | None
    first_response_due_at: datetime | None
    next_response_due_at: datetime | None
    resolution_due_at: datetime | None


due_by_tickets = one_per(TicketDue, tickets, tickets.c.id)
policies_by_ids = one_per(SlaPolicy, sla_policies, sla_policies.c.id)
policies_by_codes = one_per(SlaPolicy, sla_policies, sla_policies.c.code)
terms_by_ids = one_per(SlaTerms, sla_terms, sla_terms.c.id)
clocks_by_ids = one_per(TicketClock, ticket_clocks, ticket_clocks.c.id)
clocks_by_tickets = many_per(
    TicketClock,
    ticket_clocks,
    ticket_clocks.c.ticket_id,
    ticket_clocks.c.started_at,
    ticket_clocks.c.id,
)

policy_list = Listing(
    SlaPolicy,
    sla_policies,
    sorts={
        SlaPolicySortKey.POSITION: sla_policies.c.position,
        SlaPolicySortKey.CREATED_AT: sla_policies.c.created_at,
    },
    words={"is_active": On(sla_policies.c.is_active)},
    descending=False,
)

clock_list = Listing(
    TicketClock,
    ticket_clocks,
    sorts={
        TicketClockSortKey.STARTED_AT: ticket_clocks.c.started_at,
        TicketClockSortKey.DUE_AT: ticket_clocks.c.due_order_at,
    },
    words={
        "ticket_id": On(ticket_clocks.c.ticket_id),
        "kind": On(ticket_clocks.c.kind),
        "state": On(ticket_clocks.c.state),
        "is_missed": On(ticket_clocks.c.is_missed),
        "is_at_risk": On(ticket_clocks.c.is_at_risk),
        "started_at": On(ticket_clocks.c.started_at),
        "due_at": On(ticket_clocks.c.due_order_at),
        "policy_id": Within(ticket_clocks.c.terms_id, sla_terms.c.id, sla_terms.c.policy_id),
    },
)


@dataclass(frozen=True, slots=True)
class ClockSegment:
    """A while in the life of a clock: what it did, and how much of it counts.

    `ends_at` and `worked_s` None: it lasts. `left_s`: what is left of the target at its begin;
    below zero: it was overdue by then. `is_reason`: from its begin and what is left the due time
    follows.
    """

    kind: SegmentKind
    starts_at: datetime
    ends_at: datetime | None
    status: TicketStatus
    worked_s: int | None
    left_s: int
    is_reason: bool


def teams_by_policies(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[TicketTeam]]:
    """The teams that policies are for, by name. Two statements."""
    policies = policies_by_ids(db, ids)
    named = {each.id: {UUID(hex=id) for id in each.team_ids} for each in policies.values()}
    statement = select_as(TicketTeam, ticket_teams).where(
        among(ticket_teams.c.id, set().union(*named.values()))
    )
    teams = fetch(db, TicketTeam, statement.order_by(ticket_teams.c.name))
    return {id: [each for each in teams if each.id in of] for id, of in named.items()}


def groups_by_policies(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Group]]:
    """The groups of customers that policies are for, by name. Two statements."""
    policies = policies_by_ids(db, ids)
    named = {
        each.id: {UUID(hex=id) for id in each.customer_group_ids} for each in policies.values()
    }
    groups = groups_by_ids(db, set().union(*named.values()))
    return {
        id: sorted((groups[each] for each in of if each in groups), key=lambda each: each.name)
        for id, of in named.items()
    }


def policies_in_use(db: Connection) -> Sequence[SlaPolicy]:
    """Every policy that is in use, in the order in which they are tried; at most 200."""
    of = sla_policies.c
    statement = select_as(SlaPolicy, sla_policies).where(of.is_active)
    return fetch(db, SlaPolicy, statement.order_by(of.position, of.code).limit(POLICIES_MAX))


def logs_of(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Moved | Said]]:
    """What happened to tickets, as far as their clocks ask: moves, and who wrote when."""
    wanted = tuple(ids)
    found: dict[UUID, list[Moved | Said]] = {id: [] for id in wanted}
    said, moved = ticket_messages.c, ticket_moves.c
    for part in in_parts(wanted):
        spoken = (
            select(said.ticket_id, said.created_at, said.author, said.visibility)
            .where(among(said.ticket_id, part))
            .order_by(said.created_at, said.id)
        )
        for ticket_id, at, author, visibility in db.execute(spoken):
            found[ticket_id].append(Said(at, author, visibility))
        moves = (
            select(moved.ticket_id, moved.at, moved.to_status)
            .where(among(moved.ticket_id, part))
            .order_by(moved.at, moved.id)
        )
        for ticket_id, at, to_status in db.execute(moves):
            found[ticket_id].append(Moved(at, to_status))
    return found


def segments_by_clocks(
    db: Connection, ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[ClockSegment]]:
    """What each clock did from its start on, worked out of the log under its terms.

    Nothing of what another system measured. Five statements, however many clocks.
    """
    rows = clocks_by_ids(db, ids)
    terms = terms_by_ids(db, {each.terms_id for each in rows.values() if each.terms_id})
    of_tickets = {each.ticket_id for each in rows.values()}
    logs = logs_of(db, of_tickets)
    stored = clocks_by_tickets(db, of_tickets)
    found: dict[UUID, Sequence[ClockSegment]] = {}
    for row in rows.values():
        if row.terms_id is None:
            continue
        clocks = clocks_of(
            logs[row.ticket_id],
            terms[row.terms_id].promise,
            is_recorded=is_recorded(stored[row.ticket_id]),
        )
        match = next((each for each in clocks if each.key == row.key), None)
        if match is None:
            continue
        left, shown = match.target, []
        last_run = max(
            (at for at, each in enumerate(match.segments) if each.kind is SegmentKind.RUN),
            default=-1,
        )
        for at, each in enumerate(match.segments):
            worked = None if each.worked is None else int(each.worked.total_seconds())
            shown.append(
                ClockSegment(
                    each.kind,
                    each.starts_at,
                    each.ends_at,
                    each.status,
                    worked,
                    int(left.total_seconds()),
                    at == last_run and match.due_at is not None and left >= timedelta(),
                )
            )
            left -= each.worked or timedelta()
        found[row.id] = shown
    return found


def policies_with(db: Connection, calendar_id: UUID) -> Sequence[tuple[SlaPolicy, SlaTerms]]:
    """The policies in use whose clocks run in the hours of a calendar, with their terms."""
    in_use = policies_in_use(db)
    terms = terms_by_ids(db, {each.terms_id for each in in_use})
    return [
        (each, terms[each.terms_id])
        for each in in_use
        if terms[each.terms_id].calendar_id == calendar_id
    ]


def terms_of(
    db: Connection, policies: Iterable[SlaPolicy], stored: Iterable[Sequence[TicketClock]]
) -> Mapping[UUID, SlaTerms]:
    """The terms of policies, and of clocks that are kept."""
    kept = {each.terms_id for each in chain.from_iterable(stored) if each.terms_id}
    return terms_by_ids(db, {each.terms_id for each in policies} | kept)
