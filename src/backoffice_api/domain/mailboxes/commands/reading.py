"""What is made of a mail that was read: a ticket, an answer in one, a note, or nothing."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.kernel import keys
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.commands.receiving import ended
from backoffice_api.domain.mailboxes.commands.sending import note_bounce
from backoffice_api.domain.mailboxes.model.addresses import ticket_named, without_code
from backoffice_api.domain.mailboxes.model.letters import Automatic, Letter
from backoffice_api.domain.mailboxes.model.mailboxes import Mailbox
from backoffice_api.domain.mailboxes.model.received import (
    FROM_SENDER_MAX,
    FROM_SENDER_WITHIN,
    MailIgnored,
    MailParked,
    MailTaken,
    ReceivedMail,
    ReceivedMailOutcome,
    ReceivedMailPart,
    ReceivedMailStatus,
)
from backoffice_api.domain.mailboxes.tables import (
    received_mail_parts,
    received_mails,
    ticket_conversations,
)
from backoffice_api.domain.media.commands.files import note_file
from backoffice_api.domain.media.model import FileContent
from backoffice_api.domain.tickets import queries as tickets
from backoffice_api.domain.tickets.commands.opening import OpenTicket, open_ticket
from backoffice_api.domain.tickets.commands.writing import (
    NoteOnTicket,
    ReceiveOnTicket,
    Written,
    note,
    receive,
    takes_part,
)
from backoffice_api.domain.tickets.model.drafts import (
    MessageDraft,
    ParticipantDraft,
    TicketLinkDraft,
)
from backoffice_api.domain.tickets.model.words import (
    ATTACHMENTS_MAX,
    TicketAuthor,
    TicketRole,
)

KEY = "mail_addresses"
COPIES_TAKEN_MAX = 10
NO_SUBJECT = "(no subject)"
NO_TEXT = "(no text)"

_Outcome = ReceivedMailOutcome


@dataclass(frozen=True, slots=True)
class ReadPart:
    """Something that hung on a mail. `file` None: it is not kept apart; `fault` says why."""

    name: str
    media_type: str
    byte_size: int
    file: FileContent | None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeMail(Command):
    """What a mail was found to say. Files of its parts are in the storage already."""

    scope = Scope.TICKETS_WRITE
    table = received_mails
    id: UUID
    letter: Letter
    parts: tuple[ReadPart, ...] = ()


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What became of a mail. `action`: of its machine."""

    action: str
    outcome: ReceivedMailOutcome
    ticket_id: UUID | None = None
    message_id: UUID | None = None


def take_mail(uow: UnitOfWork, command: TakeMail) -> UUID:
    """Make of a mail what it asks for, unless somebody else did so already. Its id.

    Raises:
        UnknownReceivedMail.
        InvalidTransition: its ticket does not take it.
        FileBeingRemoved: one of its files is being removed right now; try again.
    """
    before, letter = queries.received(uow.db, command.id), command.letter
    if before.status is not ReceivedMailStatus.PENDING:
        return before.id
    read = replace(
        before,
        mail_id=letter.mail_id,
        sender=letter.sender,
        sender_name=letter.sender_name,
        subject=letter.subject,
        sent_at=letter.sent_at,
        automatic=letter.automatic,
        quoted_from=letter.quoted_from,
    )
    box = queries.mailbox(uow.db, before.mailbox_id)
    kept = _Kept(uow, read, box, letter, command.parts)
    verdict = kept.judged()
    after = ended(uow, read, verdict.action, verdict.outcome, "")
    after = replace(after, ticket_id=verdict.ticket_id, message_id=verdict.message_id)
    after = save(uow, received_mails, before, after, sender_key=email_key(letter.sender))
    _tell(uow, before, after, verdict)
    return after.id


class _Kept:
    """A mail in the transaction that takes it."""

    def __init__(
        self,
        uow: UnitOfWork,
        mail: ReceivedMail,
        box: Mailbox,
        letter: Letter,
        parts: tuple[ReadPart, ...],
    ) -> None:
        self._uow = uow
        self._mail = mail
        self._box = box
        self._letter = letter
        self._parts = parts
        self._mail_id = letter.mail_id or self._own_mail_id()

    def judged(self) -> _Verdict:
        """What is made of it, done."""
        uow, letter, wanted = self._uow, self._letter, self._mail.is_wanted
        own = queries.own_addresses(uow.db, [without_code(letter.sender)])
        if (letter.own or own) and not wanted:
            return _Verdict("ignore", _Outcome.OWN)
        if again := self._repeated():
            return again
        since = uow.now - FROM_SENDER_WITHIN
        if not wanted and queries.count_from(uow.db, letter.sender, since) >= FROM_SENDER_MAX:
            return _Verdict("park", _Outcome.TOO_OFTEN)
        if letter.automatic is Automatic.BOUNCE and not wanted:
            return self._bounced()
        ticket_id, is_strange = self._thread()
        is_known = ticket_id is not None and not is_strange
        if ticket_id and is_known and letter.automatic is Automatic.REPLY and not wanted:
            return self._noted(_Outcome.NOTED, ticket_id)
        if not is_known and not self._may_open():
            return _Verdict("ignore", _Outcome.AUTOMATIC)
        draft = self._draft()
        if ticket_id is None or is_strange:
            return self._opened(draft, about=ticket_id)
        written = receive(uow, ReceiveOnTicket(id=ticket_id, message=draft))
        return self._written(_Outcome.ANSWERED, written.ticket_id, written.message_id)

    def _may_open(self) -> bool:
        by_person = self._letter.automatic is Automatic.NO
        return by_person or self._mail.is_wanted or self._box.opens_for_programs

    def _repeated(self) -> _Verdict | None:
        """That it is there already, from the same sender."""
        mail_id, sender = self._letter.mail_id, email_key(self._letter.sender)
        if mail_id is None:
            return None
        if taken := queries.taken_before(self._uow.db, mail_id, sender):
            return _Verdict("ignore", _Outcome.REPEATED, taken.ticket_id, taken.message_id)
        known = tickets.message_of_mail(self._uow.db, mail_id)
        if known is None:
            return None
        if email_key(known.author_email or "") == sender:
            return _Verdict("ignore", _Outcome.REPEATED, known.ticket_id, known.id)
        # Nobody keeps a mail of another sender out by taking its Message-ID.
        self._mail_id = self._own_mail_id()
        return None

    def _own_mail_id(self) -> str:
        return f"{self._mail.content_key[:32]}@received.invalid"

    def _written(self, outcome: ReceivedMailOutcome, ticket_id: UUID, message_id: UUID) -> _Verdict:
        """That it stands in a ticket; or that somebody has put the same mail there meanwhile."""
        same = queries.received_by_messages(self._uow.db, [message_id])
        if message_id in same:
            return _Verdict("ignore", _Outcome.REPEATED, ticket_id, message_id)
        return _Verdict("take", outcome, ticket_id, message_id)

    def _thread(self) -> tuple[UUID | None, bool]:
        """The ticket to which it belongs, and whether a stranger claims so. None: to no ticket.

        First by the signed address, which nobody has by chance; then by what it answers, which
        whoever was shown a Message-ID can say: that counts of those alone who take part.
        """
        uow, letter, box = self._uow, self._letter, self._box
        if letter.conversation:
            return queries.conversation_of(uow.db, box.id, letter.conversation), False
        key = keys.known_key(uow.db, KEY)
        named = ticket_named(key, box.address, letter.recipients) if key else None
        if named and named in tickets.tickets_by_ids(uow.db, [named]):
            return named, False
        found = queries.tickets_of_mails(uow.db, letter.references)
        nearest = next((found[each] for each in reversed(letter.references) if each in found), None)
        if nearest is None:
            return None, False
        return nearest, not takes_part(uow, tickets.ticket(uow.db, nearest), letter.sender)

    def _draft(self) -> MessageDraft:
        letter = self._letter
        return MessageDraft(
            body=letter.text if letter.text.strip() else NO_TEXT,
            source=self._box.source,
            author_name=letter.sender_name or None,
            author_email=letter.sender or None,
            mail_id=self._mail_id,
            attachment_ids=self._files(),
        )

    def _files(self) -> tuple[UUID, ...]:
        """Note what hung on it, and which of that are files now. Their ids, each once."""
        found: dict[UUID, None] = {}
        rows = []
        for position, part in enumerate(self._parts):
            file_id = note_file(self._uow, part.file) if part.file else None
            if file_id and len(found) < ATTACHMENTS_MAX:
                found.setdefault(file_id)
            rows.append(
                ReceivedMailPart(
                    self._mail.id,
                    position,
                    part.name,
                    part.media_type,
                    part.byte_size,
                    file_id,
                    part.fault,
                )
            )
        rows_before = received_mail_parts.c.mail_id == self._mail.id
        self._uow.db.execute(received_mail_parts.delete().where(rows_before))
        add(self._uow, received_mail_parts, rows)
        return tuple(found)

    def _opened(self, draft: MessageDraft, *, about: UUID | None = None) -> _Verdict:
        """A new ticket; `about`: linked to this one, in which its sender takes no part."""
        uow, box, letter = self._uow, self._box, self._letter
        command = OpenTicket(
            subject=letter.subject or NO_SUBJECT,
            message=draft,
            priority=box.priority,
            customer_id=_customer(uow, letter.sender),
            team_id=box.team_id if self._team_is_in_use() else None,
            participants=self._copies(),
            links=(TicketLinkDraft(subject_kind="tic", subject_id=about),) if about else (),
        )
        id = open_ticket(uow, command)
        if letter.conversation:
            row = {"mailbox_id": box.id, "conversation": letter.conversation, "ticket_id": id}
            insert_or_ignore(uow.db, ticket_conversations, row)
        return self._written(_Outcome.OPENED, id, tickets.first_message(uow.db, id))

    def _team_is_in_use(self) -> bool:
        team = tickets.teams_by_ids(self._uow.db, [self._box.team_id]) if self._box.team_id else {}
        return any(each.is_in_use for each in team.values())

    def _copies(self) -> tuple[ParticipantDraft, ...]:
        """Who else was written to, without the shop itself."""
        letter = self._letter
        others = {email_key(each): each for each in letter.recipients}
        others.pop(email_key(letter.sender), None)
        plain = {key: without_code(each) for key, each in others.items()}
        own = queries.own_addresses(self._uow.db, set(plain.values()))
        return tuple(
            ParticipantDraft(role=TicketRole.CC, email=each)
            for key, each in others.items()
            if plain[key] not in own
        )[:COPIES_TAKEN_MAX]

    def _bounced(self) -> _Verdict:
        """Note at the ticket that something did not arrive."""
        uow, letter = self._uow, self._letter
        sent = queries.sent_with_mail_id(uow.db, letter.about) if letter.about else None
        if sent is None:
            ticket_id, _ = self._thread()
            if ticket_id is None:
                return _Verdict("ignore", _Outcome.AUTOMATIC)
            return self._noted(_Outcome.BOUNCED, ticket_id)
        if letter.failed:
            note_bounce(uow, sent, letter.text)
        return self._noted(_Outcome.BOUNCED, sent.ticket_id)

    def _noted(self, outcome: ReceivedMailOutcome, ticket_id: UUID) -> _Verdict:
        """Note what a program wrote, where only the shop reads it. It wakes nobody."""
        letter = self._letter
        ticket = tickets.ticket(self._uow.db, ticket_id)
        body = f"{letter.subject}\n\n{letter.text}".strip() or NO_TEXT
        written: Written = note(
            self._uow,
            NoteOnTicket(
                id=ticket.merged_into_id or ticket.id,
                body=body,
                author=TicketAuthor.SYSTEM,
                source=self._box.source,
                attachment_ids=self._files(),
            ),
        )
        return _Verdict("take", outcome, written.ticket_id, written.message_id)


def _customer(uow: UnitOfWork, sender: str) -> UUID | None:
    """The customer with this address. None: there is none, or nobody can tell which of several."""
    if not sender:
        return None
    rows = customers.c
    statement = select(rows.id).where(rows.email_key == email_key(sender)).limit(2)
    found = uow.db.execute(statement).scalars().all()
    return found[0] if len(found) == 1 else None


def _tell(uow: UnitOfWork, before: ReceivedMail, after: ReceivedMail, verdict: _Verdict) -> None:
    match verdict:
        case _Verdict(action="take", ticket_id=UUID() as ticket_id):
            taken = MailTaken(after.id, after.version, verdict.outcome, ticket_id)
            uow.emit(taken, before=before, after=after)
        case _Verdict(action="park"):
            parked = MailParked(after.id, after.version, verdict.outcome)
            uow.emit(parked, before=before, after=after)
        case _:
            ignored = MailIgnored(after.id, after.version, verdict.outcome)
            uow.emit(ignored, before=before, after=after)
