"""What must be true of stored tickets: whatever follows from what happened is recomputed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.tickets.model.tickets import LIVE
from backoffice_api.domain.tickets.model.words import TicketSource, TicketStatus
from backoffice_api.domain.tickets.queries import RESPONDED, SAID_BY_CUSTOMER
from backoffice_api.domain.tickets.tables import (
    ticket_messages,
    ticket_moves,
    ticket_series,
    ticket_team_members,
    ticket_teams,
    tickets,
)

_DONE = (TicketStatus.RESOLVED, TicketStatus.CLOSED)
_LIVE = tuple(sorted(LIVE))
# What was taken over has what the other system says of it, which need not fit together.
_own = tickets.c.source != TicketSource.IMPORT


def _merged_into_merged() -> Select[Any]:
    """The database sees to it, too: see the foreign key of the table."""
    target = tickets.alias("target")
    return (
        select(tickets.c.id, tickets.c.number, target.c.number.label("into"))
        .join(target, target.c.id == tickets.c.merged_into_id)
        .where(target.c.status == TicketStatus.MERGED)
    )


def _moved_elsewhere() -> Select[Any]:
    newest = func.row_number().over(
        partition_by=ticket_moves.c.ticket_id,
        order_by=(ticket_moves.c.at.desc(), ticket_moves.c.id.desc()),
    )
    ranked = select(
        ticket_moves.c.ticket_id, ticket_moves.c.to_status, newest.label("rank")
    ).subquery("ranked")
    last = and_(ranked.c.ticket_id == tickets.c.id, ranked.c.rank == 1)
    return (
        select(tickets.c.id, tickets.c.status, ranked.c.to_status)
        .outerjoin(ranked, last)
        .where(_own, func.coalesce(ranked.c.to_status, "") != tickets.c.status)
    )


def _reopened_otherwise() -> Select[Any]:
    of = ticket_moves.c
    back = case((and_(of.from_status.in_(_DONE), of.to_status.in_(_LIVE)), 1), else_=0)
    counts = (
        select(of.ticket_id, func.sum(back).label("times")).group_by(of.ticket_id).subquery("back")
    )
    return (
        select(tickets.c.id, tickets.c.reopened_count, counts.c.times)
        .join(counts, counts.c.ticket_id == tickets.c.id)
        .where(_own, tickets.c.reopened_count != counts.c.times)
    )


def _unlike_messages() -> Select[Any]:
    of = ticket_messages.c
    facts = (
        select(
            of.ticket_id,
            func.max(of.created_at).label("last_message_at"),
            func.max(SAID_BY_CUSTOMER).label("last_customer_message_at"),
            func.min(RESPONDED).label("first_responded_at"),
        )
        .group_by(of.ticket_id)
        .subquery("facts")
    )
    names = ("last_message_at", "last_customer_message_at", "first_responded_at")
    differs = [tickets.c[name].is_distinct_from(facts.c[name]) for name in names]
    return (
        select(tickets.c.id, *(tickets.c[name] for name in names))
        .outerjoin(facts, facts.c.ticket_id == tickets.c.id)
        .where(_own, tickets.c.status != TicketStatus.MERGED, or_(*differs))
    )


def _times_unlike_status() -> Select[Any]:
    of = tickets.c
    wrong = (
        and_(of.status.in_(_LIVE), or_(of.resolved_at.is_not(None), of.closed_at.is_not(None))),
        and_(of.status == TicketStatus.RESOLVED, of.resolved_at.is_(None)),
        and_(of.status == TicketStatus.CLOSED, of.closed_at.is_(None)),
    )
    return select(of.id, of.status, of.resolved_at, of.closed_at).where(or_(*wrong))


def _numbers_to_come() -> Select[Any]:
    return select(tickets.c.id, tickets.c.number, ticket_series.c.number_next).where(
        _own, ticket_series.c.only == 1, tickets.c.serial >= ticket_series.c.number_next
    )


def _turns_to_come() -> Select[Any]:
    member = ticket_team_members.c
    return (
        select(member.team_id, member.staff_id, member.last_turn, ticket_teams.c.turns)
        .join(ticket_teams, ticket_teams.c.id == member.team_id)
        .where(member.last_turn > ticket_teams.c.turns)
    )


CHECKS: Sequence[Check] = (
    Check("T2", "What is merged goes on in a ticket that is not.", _merged_into_merged()),
    Check("T3", "A ticket is in the state into which it came last.", _moved_elsewhere()),
    Check("T4", "Tickets were reopened as often as their log says.", _reopened_otherwise()),
    Check("T5", "Tickets were answered when their messages say.", _unlike_messages()),
    Check("T6", "Tickets have the times that their state takes.", _times_unlike_status()),
    Check("T7", "Numbers of tickets were drawn from their series.", _numbers_to_come()),
    Check("T8", "Members had their turn in the past.", _turns_to_come()),
)
