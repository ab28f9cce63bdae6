"""How tickets are written, by whichever command.

Whoever changes a ticket locks it first; several, in the order of their ids. What follows from a
change of state (times, the log of states, the event) is done here and nowhere else.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.series import draw
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.media.commands.attaching import attach_files
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model.drafts import MessageDraft
from backoffice_api.domain.tickets.model.events import TicketMoved, TicketOpened
from backoffice_api.domain.tickets.model.refusals import UnknownTicket
from backoffice_api.domain.tickets.model.tickets import (
    LIVE,
    MACHINE,
    Ticket,
    TicketMessage,
    TicketMove,
    TicketParticipant,
)
from backoffice_api.domain.tickets.model.words import (
    CLOSE_AFTER_DAYS,
    NUMBER_DIGITS,
    NUMBER_PREFIX,
    TicketAuthor,
    TicketPriority,
    TicketSource,
    TicketStatus,
    TicketVisibility,
)
from backoffice_api.domain.tickets.tables import (
    ticket_messages,
    ticket_moves,
    ticket_participants,
    ticket_series,
    tickets,
)

_DONE = (TicketStatus.RESOLVED, TicketStatus.CLOSED)


def locked(uow: UnitOfWork, id: UUID, action: str | None = None) -> Ticket:
    """The ticket `id`, which nobody else changes until the end, for an action of its state.

    Raises:
        UnknownTicket, InvalidTransition.
    """
    found = locked_all(uow, [id]).get(id)
    if found is None:
        raise UnknownTicket(id).at("id")
    if action:
        MACHINE.check(action, found.status)
    return found


def locked_all(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, Ticket]:
    """Those tickets of `ids` that there are, locked in the order of their ids."""
    statement = select_as(Ticket, tickets).where(among(tickets.c.id, ids)).order_by(tickets.c.id)
    return {each.id: each for each in fetch(uow.db, Ticket, statement.with_for_update())}


def new_ticket(
    uow: UnitOfWork,
    *,
    subject: str,
    source: TicketSource,
    priority: TicketPriority,
    language: str | None,
    skill: str | None,
    customer_id: UUID | None,
    team_id: UUID | None,
    assignee_id: UUID | None,
    opened_by_rule: str | None = None,
    cause_key: str | None = None,
) -> Ticket:
    """A ticket on which nothing was said yet; not written. Its number is drawn here: call late."""
    drawn = draw(uow, ticket_series, {"only": 1}, prefix=NUMBER_PREFIX, digits=NUMBER_DIGITS)
    return Ticket(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number=drawn.text,
        serial=drawn.serial,
        subject=subject,
        status=MACHINE.start,
        priority=priority,
        source=source,
        language=language,
        skill=skill,
        customer_id=customer_id,
        team_id=team_id,
        assignee_id=assignee_id,
        merged_into_id=None,
        snoozed_until=None,
        opened_by_rule=opened_by_rule,
        cause_key=cause_key,
        first_responded_at=None,
        resolved_at=None,
        closed_at=None,
        closes_at=None,
        last_message_at=uow.now,
        last_customer_message_at=None,
        reopened_count=0,
    )


def opened_event(ticket: Ticket, message_id: UUID) -> TicketOpened:
    return TicketOpened(
        *head(ticket),
        message_id,
        ticket.source,
        ticket.priority,
        ticket.customer_id,
        ticket.team_id,
        ticket.opened_by_rule,
    )


def moved(uow: UnitOfWork, of: Ticket, action: str) -> Ticket:
    """The ticket after `action`, with what follows from its new state; not written yet.

    Raises:
        InvalidTransition.
    """
    return settled(uow, of, MACHINE.check(action, of.status))


def settled(uow: UnitOfWork, of: Ticket, status: TicketStatus) -> Ticket:
    """The ticket in the state `status`, with what follows from that; not written yet."""
    if status is of.status:
        return of
    after = replace(of, status=status, closes_at=None)
    if status not in LIVE:
        after = replace(after, snoozed_until=None)
    if status in LIVE:
        back = of.status in _DONE
        after = replace(
            after,
            resolved_at=None,
            closed_at=None,
            reopened_count=of.reopened_count + 1 if back else of.reopened_count,
        )
    if status is TicketStatus.RESOLVED:
        closes_at = uow.now + timedelta(days=_close_after_days(uow, of.team_id))
        after = replace(after, resolved_at=uow.now, closes_at=closes_at)
    if status is TicketStatus.CLOSED:
        after = replace(after, closed_at=uow.now)
    return after


def save_told(uow: UnitOfWork, before: Ticket, after: Ticket, *events: Event) -> Ticket:
    """Write a ticket and tell what happened; if its state changed, that, too. As it is now.

    The first event carries what differs between the rows. Events are made for the row before:
    they get the version that it has after.
    """
    after = save(uow, tickets, before, after)
    told = list(events)
    if after.status is not before.status:
        note_moves(uow, [(before, after)])
        told.append(TicketMoved(*head(after), before.status, after.status))
    for position, each in enumerate(told):
        each = replace(each, version=after.version)  # type: ignore[type-var]
        if position == 0:
            uow.emit(each, before=before, after=after)
        else:
            uow.emit(each)
    return after


def head(ticket: Ticket) -> tuple[UUID, int, str]:
    """With what every event of a ticket begins."""
    return ticket.id, ticket.version, ticket.number


def note_moves(uow: UnitOfWork, changes: Sequence[tuple[Ticket | None, Ticket]]) -> None:
    """Add to the log of states that tickets went from one to another; None: they are new."""
    actor = uow.caller.actor
    rows = [
        TicketMove(
            id=uow.new_id(),
            ticket_id=after.id,
            at=uow.now,
            from_status=before.status if before else None,
            to_status=after.status,
            actor_kind=actor.kind.value,
            actor_id=actor.id,
        )
        for before, after in changes
    ]
    add(uow, ticket_moves, rows)


def write_message(uow: UnitOfWork, ticket: Ticket, draft: MessageDraft) -> TicketMessage:
    """Add a message to a ticket that is there, with its files.

    Raises:
        UnknownMediaFile.
    """
    is_staff = draft.author is TicketAuthor.STAFF
    message = TicketMessage(
        id=uow.new_id(),
        ticket_id=ticket.id,
        created_at=uow.now,
        visibility=draft.visibility,
        author=draft.author,
        source=draft.source,
        staff_id=uow.caller.staff_id if is_staff else None,
        author_name=draft.author_name,
        author_email=draft.author_email,
        body=draft.body,
        html=draft.html,
        mail_id=draft.mail_id,
        sent_state=None,
        written_in_id=None,
    )
    add(uow, ticket_messages, [message])
    attach_files(uow, {message.id: tuple(dict.fromkeys(draft.attachment_ids))}, "attachment_ids")
    return message


def with_message(ticket: Ticket, message: TicketMessage) -> Ticket:
    """The ticket with what follows from a new message of it."""
    at = message.created_at
    after = replace(ticket, last_message_at=at)
    if message.author is TicketAuthor.CUSTOMER:
        return replace(after, last_customer_message_at=at)
    public = message.visibility is TicketVisibility.PUBLIC
    if message.author is TicketAuthor.STAFF and public and ticket.first_responded_at is None:
        return replace(after, first_responded_at=at)
    return after


def find_by(uow: UnitOfWork, ticket: Ticket, *texts: str | None) -> None:
    """Let the search find a ticket by these texts, too, up to as many words as an entry has."""
    words = search.entries.c
    kept = uow.db.execute(select(words.words).where(words.subject_id == ticket.id)).scalar()
    search.put(uow.db, "tic", {ticket.id: (ticket.number, ticket.subject, kept, *texts)})


def add_participants(uow: UnitOfWork, rows: Sequence[TicketParticipant]) -> None:
    keys = [email_key(each.email) if each.email else None for each in rows]
    add(uow, ticket_participants, rows, email_key=keys)


def _close_after_days(uow: UnitOfWork, team_id: UUID | None) -> int:
    team = queries.teams_by_ids(uow.db, [team_id]).get(team_id) if team_id else None
    return team.close_after_days if team else CLOSE_AFTER_DAYS
