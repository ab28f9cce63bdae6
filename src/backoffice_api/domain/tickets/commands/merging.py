"""How several tickets become one, and one becomes several.

What was said goes along: messages say in which ticket they were written. What is merged names the
ticket in which it goes on, and that one is never merged itself (T2): what named it before names
the new one then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from backoffice_api.domain.kernel.aggregates import add, save_all
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.commands.keeping import (
    add_participants,
    find_by,
    head,
    locked,
    locked_all,
    new_ticket,
    note_moves,
    opened_event,
    save_told,
    settled,
)
from backoffice_api.domain.tickets.model.drafts import check_subject
from backoffice_api.domain.tickets.model.events import (
    TicketAbsorbed,
    TicketAssigned,
    TicketMerged,
    TicketMoved,
    TicketSplit,
)
from backoffice_api.domain.tickets.model.refusals import (
    NoMessageLeft,
    NothingToMerge,
    NothingToSplit,
    TicketMergedIntoItself,
    TooManyOnTicket,
    UnknownTicket,
    UnknownTicketMessage,
)
from backoffice_api.domain.tickets.model.tickets import (
    MACHINE,
    Ticket,
    TicketLink,
    TicketMessage,
    TicketParticipant,
)
from backoffice_api.domain.tickets.model.words import (
    LINKS_MAX,
    MERGED_AT_ONCE_MAX,
    MESSAGES_SPLIT_MAX,
    PARTICIPANTS_MAX,
    TicketRelation,
    TicketRole,
    TicketStatus,
)
from backoffice_api.domain.tickets.tables import ticket_links, ticket_messages, tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeTickets(Command):
    """`id`: in which they go on."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    ticket_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitTicket(Command):
    """`subject`: that of the new ticket."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    subject: str
    message_ids: tuple[UUID, ...]


def merge_tickets(uow: UnitOfWork, command: MergeTickets) -> UUID:
    """Let tickets go on in another one, with all that was said and whoever takes part. Its id.

    Those who asked elsewhere get copies from now on.

    Raises:
        UnknownTicket, InvalidTransition, NothingToMerge, TicketMergedIntoItself, TooMany.
    """
    into, merged = _read(uow, command)
    ids = [each.id for each in merged]
    take_messages(uow, into.id, ticket_messages.c.ticket_id.in_(ids))
    _copy_links(uow, ids, into)
    _copy_participants(uow, ids, into)
    # Those first that were merged into these: nothing ever names a merged one (T2).
    earlier = select(tickets.c.id).where(among(tickets.c.merged_into_id, ids))
    _merge(uow, locked_all(uow, uow.db.execute(earlier).scalars().all()).values(), into)
    _merge(uow, merged, into)
    customer_id = into.customer_id or next((m.customer_id for m in merged if m.customer_id), None)
    after = replace(of_messages(uow, [into])[0], customer_id=customer_id)
    save_told(uow, into, after, TicketAbsorbed(*head(into), tuple(ids)))
    find_by(uow, after, *(each.subject for each in merged), *(each.number for each in merged))
    return into.id


def split_ticket(uow: UnitOfWork, command: SplitTicket) -> UUID:
    """Make some messages of a ticket a ticket of their own. Id of the new one.

    It is about the same things, of the same customer, and looked after by the same people.

    Raises:
        UnknownTicket, InvalidTransition, UnknownTicketMessage, NothingToSplit, NoMessageLeft.
        InvalidText, ForbiddenCharacter, TooMany: the input is wrong.
    """
    before = locked(uow, command.id, "split")
    messages = _split_messages(uow, command)
    first = messages[0]
    made = new_ticket(
        uow,
        subject=command.subject,
        source=first.source,
        priority=before.priority,
        language=before.language,
        skill=before.skill,
        customer_id=before.customer_id,
        team_id=before.team_id,
        assignee_id=before.assignee_id,
    )
    add(uow, tickets, [made])
    note_moves(uow, [(None, made)])
    take_messages(uow, made.id, ticket_messages.c.id.in_([each.id for each in messages]))
    _copy_links(uow, [before.id], made, split_from=before)
    _copy_participants(uow, [before.id], made, as_they_are=True)
    rest, of_new = of_messages(uow, [before, made])
    event = opened_event(made, first.id)
    uow.emit(event, after=made)
    if made.assignee_id:
        uow.emit(TicketAssigned(*head(made), made.team_id, made.assignee_id, automatic=False))
    moved_ids = tuple(each.id for each in messages)
    save_told(uow, before, rest, TicketSplit(*head(before), made.id, moved_ids))
    made = save_told(uow, made, of_new)
    find_by(uow, made, *(each.body for each in messages))
    return made.id


def take_messages(uow: UnitOfWork, ticket_id: UUID, which: ColumnElement[bool]) -> None:
    """Let messages be those of a ticket. They remember where they were written."""
    of = ticket_messages.c
    moving = update(ticket_messages).where(which)
    written_in = func.coalesce(of.written_in_id, of.ticket_id)
    uow.db.execute(moving.values(ticket_id=ticket_id, written_in_id=written_in))


def of_messages(uow: UnitOfWork, of: Sequence[Ticket]) -> Sequence[Ticket]:
    """The tickets with what follows from the messages that they have now; not written yet."""
    facts = queries.facts_of_messages(uow.db, [each.id for each in of])
    return [
        replace(
            each,
            last_message_at=facts[each.id].last_message_at,
            last_customer_message_at=facts[each.id].last_customer_message_at,
            first_responded_at=facts[each.id].first_responded_at,
        )
        for each in of
    ]


def _read(uow: UnitOfWork, command: MergeTickets) -> tuple[Ticket, Sequence[Ticket]]:
    ids = tuple(dict.fromkeys(command.ticket_ids))
    faults = Faults()
    check_size(ids, faults, "ticket_ids", maximum=MERGED_AT_ONCE_MAX)
    faults.check()
    if not ids:
        raise NothingToMerge().at("ticket_ids")
    if command.id in ids:
        raise TicketMergedIntoItself().at("ticket_ids", command.ticket_ids.index(command.id))
    found = locked_all(uow, {command.id, *ids})
    if command.id not in found:
        raise UnknownTicket(command.id).at("id")
    MACHINE.check("absorb", found[command.id].status)
    for position, id in enumerate(command.ticket_ids):
        if id not in found:
            faults.add(UnknownTicket(id).at("ticket_ids", position))
        elif "merge" not in (allowed := MACHINE.allowed(found[id].status)):
            refusal = InvalidTransition("merge", found[id].status.name, tuple(allowed))
            faults.add(refusal.at("ticket_ids", position))
    faults.check()
    return found[command.id], [found[id] for id in ids]


def _merge(uow: UnitOfWork, of: Iterable[Ticket], into: Ticket) -> None:
    changes = [
        (before, replace(settled(uow, before, TicketStatus.MERGED), merged_into_id=into.id))
        for before in of
    ]
    saved = save_all(uow, tickets, changes)
    pairs = [(before, after) for (before, _), after in zip(changes, saved, strict=True)]
    fresh = [pair for pair in pairs if pair[0].status is not TicketStatus.MERGED]
    note_moves(uow, fresh)
    for before, after in pairs:
        uow.emit(TicketMerged(*head(after), into.id), before=before, after=after)
    for before, after in fresh:
        uow.emit(TicketMoved(*head(after), before.status, after.status))


def _copy_links(
    uow: UnitOfWork, ids: Sequence[UUID], into: Ticket, *, split_from: Ticket | None = None
) -> None:
    """Link a ticket to what others are about, too; those keep their links.

    Raises:
        TooManyOnTicket.
    """
    found = queries.links_by_tickets(uow.db, [*ids, into.id])
    present = {(each.subject_id, each.relation) for each in found.get(into.id, ())}
    wanted = {
        (each.subject_id, each.relation): each.subject_kind
        for id in ids
        for each in found.get(id, ())
        if split_from is None or each.relation is TicketRelation.ABOUT
    }
    if split_from:
        wanted[split_from.id, TicketRelation.SPLIT_FROM] = "tic"
    missing = {key: kind for key, kind in wanted.items() if key not in present}
    if len(present) + len(missing) > LINKS_MAX:
        raise TooManyOnTicket(LINKS_MAX)
    rows = [
        TicketLink(uow.new_id(), into.id, uow.now, kind, subject_id, relation)
        for (subject_id, relation), kind in missing.items()
        if subject_id != into.id
    ]
    add(uow, ticket_links, rows)


def _copy_participants(
    uow: UnitOfWork, ids: Sequence[UUID], into: Ticket, *, as_they_are: bool = False
) -> None:
    """Let those who take part in others take part, too: who asked there gets copies here.

    Raises:
        TooManyOnTicket.
    """
    found = queries.participants_by_tickets(uow.db, [*ids, into.id])
    once = {_key(each): each for each in reversed(found.get(into.id, ()))}
    present = set(once)
    for id in ids:
        for each in found.get(id, ()):
            once.setdefault(_key(each), each)
    if len(once) > PARTICIPANTS_MAX:
        raise TooManyOnTicket(PARTICIPANTS_MAX)
    rows = []
    for key, each in once.items():
        if key in present:
            continue
        is_cc = each.role is TicketRole.REQUESTER and not as_they_are
        role = TicketRole.CC if is_cc else each.role
        rows.append(replace(each, id=uow.new_id(), ticket_id=into.id, role=role))
    add_participants(uow, rows)


def _key(of: TicketParticipant) -> str:
    return email_key(of.email) if of.email else str(of.staff_id)


def _split_messages(uow: UnitOfWork, command: SplitTicket) -> Sequence[TicketMessage]:
    """The messages that are split off, oldest first."""
    wanted = tuple(dict.fromkeys(command.message_ids))
    faults = Faults()
    check_subject(command.subject, faults)
    check_size(wanted, faults, "message_ids", maximum=MESSAGES_SPLIT_MAX)
    faults.check()
    if not wanted:
        raise NothingToSplit().at("message_ids")
    found = queries.messages_by_ids(uow.db, wanted)
    for position, id in enumerate(command.message_ids):
        if id not in found or found[id].ticket_id != command.id:
            faults.add(UnknownTicketMessage(id).at("message_ids", position))
    faults.check()
    of = ticket_messages.c
    staying = select(of.id).where(of.ticket_id == command.id, of.id.not_in(wanted)).limit(1)
    if not uow.db.execute(staying).scalar():
        raise NoMessageLeft().at("message_ids")
    return sorted(found.values(), key=lambda each: (each.created_at, each.id))
