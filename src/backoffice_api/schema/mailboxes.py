"""Mailboxes, received and sent mails on the wire."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.model import mailboxes as model
from backoffice_api.domain.mailboxes.model import received, sent
from backoffice_api.domain.mailboxes.model.letters import Automatic
from backoffice_api.domain.mailboxes.model.mailboxes import (
    MailboxKind,
    MailboxSortKey,
    MailboxStatus,
)
from backoffice_api.domain.mailboxes.model.received import (
    ReceivedMailOutcome,
    ReceivedMailSortKey,
    ReceivedMailStatus,
)
from backoffice_api.domain.mailboxes.model.sent import SentMailFailure, SentMailSortKey
from backoffice_api.domain.mailboxes.tables import received_mails, sent_mails
from backoffice_api.domain.media import queries as media
from backoffice_api.domain.tickets import queries as tickets
from backoffice_api.domain.tickets.model.words import (
    TicketPriority,
    TicketSentState,
    TicketSource,
)
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.media import MediaFile
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.tickets import Ticket, TicketMessage, TicketTeam

READ = Scope.TICKETS_READ

choice(Automatic, name="MailAutomatic")
for _choices in (
    MailboxKind,
    MailboxSortKey,
    MailboxStatus,
    ReceivedMailOutcome,
    ReceivedMailSortKey,
    ReceivedMailStatus,
    SentMailFailure,
    SentMailSortKey,
):
    choice(_choices)


def _contact(description: str) -> Any:
    return about(description, personal="contact", scope=Scope.PERSONAL_READ)


def _content(description: str) -> Any:
    return about(description, personal="content", scope=Scope.PERSONAL_READ)


@described
class MailboxState:
    """What was found when a mailbox was asked for mail."""

    asked_at: datetime = about("When it was asked last.")
    trouble: str | None = about("What is wrong: nothing can be fetched. Null: all is well.")
    troubled_since: datetime | None = about("Since when. Null: all is well.")


@node("mbx", model.Mailbox, queries.mailboxes_by_ids, scope=READ)
class Mailbox(Node, Versioned, HasTimeline):
    """Where customers reach the shop, and by which it answers."""

    code: str = about("Its code, by which the settings name its server.")
    name: str = about("From whom its mails are, as customers read it.")
    address: str = about("The shop's own address.")
    kind: MailboxKind = about("How what is written to it gets here.")
    status: MailboxStatus = about("Whether it is used.")
    actions: list[ActionState] = about("What can be done with it now.")
    folder: str = about("The folder of IMAP that is read.")
    done_folder: str | None = about(
        "The folder to which mails are moved once they are kept. Null: they are marked as seen."
    )
    priority: TicketPriority = about("Of the tickets that it opens.")
    source: TicketSource = about("What its messages came by.")
    opens_for_programs: bool = about("It opens tickets for mails, too, that no person wrote.")
    team: TicketTeam | None = one(
        tickets.teams_by_ids, "team_id", "Of the tickets that it opens. Null: the default one."
    )
    state: MailboxState | None = one(
        queries.states_by_mailboxes, "id", "What was found last. Null: it was never asked."
    )


@described
class ReceivedMailPart:
    """Something that hung on a mail."""

    name: str = _content("What its sender called it. Empty: nothing.")
    media_type: str = about("What its sender says that it is; nobody looked.")
    byte_size: int = about("Its size in bytes.")
    fault: str = about("Why it is not kept apart. Empty: it is.")
    file: MediaFile | None = one(
        media.files_by_ids, "file_id", "The file. Null: it is not kept apart."
    )


@node("rcm", received.ReceivedMail, queries.received_by_ids, scope=READ)
class ReceivedMail(Node, Versioned, HasTimeline):
    """A mail that came in, or a message of another channel, and what became of it."""

    status: ReceivedMailStatus = about("How far it is.")
    outcome: ReceivedMailOutcome | None = about("What became of it, and why. Null: not read yet.")
    reason: str = _content("What else is known of that. Empty: nothing.")
    actions: list[ActionState] = about("What can be done with it now.")
    byte_size: int = about("Its size in bytes.")
    is_kept: bool = about("The mail itself is kept; it is for 30 days after it was handled.")
    attempts: int = about("How often it was tried to read it.")
    ended_at: datetime | None = about("When it was handled. Null: not yet.")
    sent_at: datetime | None = about("When it says that it was sent. Null: it does not.")
    automatic: Automatic | None = about("Whether a person wrote it. Null: nobody knows yet.")
    quoted_from: int | None = about(
        "From which character on its text repeats what was written before. Null: nowhere."
    )
    mail_id: str | None = _contact("Its Message-ID, without angle brackets. Null: it has none.")
    sender: str = _contact("Who says to have written it. Empty: nobody, or it was not read yet.")
    sender_name: str = _contact("The name beside the address. Empty: there is none.")
    subject: str = _content("Its subject. Empty: there is none.")
    mailbox: Mailbox = one(queries.mailboxes_by_ids, "mailbox_id", "Where it came in.")
    ticket: Ticket | None = one(
        tickets.tickets_by_ids, "ticket_id", "Where it stands. Null: nowhere."
    )
    message: TicketMessage | None = one(
        tickets.messages_by_ids, "message_id", "Its message on the ticket. Null: there is none."
    )
    parts: list[ReceivedMailPart] = many(
        queries.parts_by_mails, "id", "What hung on it, at most 50."
    )


@node("snm", sent.SentMail, queries.sent_by_ids, scope=READ)
class SentMail(Node, Versioned, HasTimeline):
    """What the shop wrote on a ticket, on its way to the customer."""

    status: TicketSentState = about("How far it is.")
    failure: SentMailFailure | None = about("Why it was not sent, or came back. Null: neither.")
    reason: str = _content("What the server said last. Empty: nothing.")
    actions: list[ActionState] = about("What can be done with it now.")
    attempts: int = about("How often it was tried.")
    send_at: datetime = about("When it is tried next, or was last.")
    sent_at: datetime | None = about("When the server took it. Null: it did not.")
    mail_id: str = about("Its Message-ID, without angle brackets.")
    recipient: str = _contact("Who gets it. Empty: nobody can be written to.")
    copies: list[str] = _contact("Who gets a copy, at most 50.")
    subject: str = _content("Its subject.")
    mailbox: Mailbox = one(queries.mailboxes_by_ids, "mailbox_id", "By which it goes out.")
    ticket: Ticket = one(tickets.tickets_by_ids, "ticket_id", "The ticket.")
    message: TicketMessage = one(
        tickets.messages_by_ids, "message_id", "What it says: the message on the ticket."
    )


attach(
    TicketMessage,
    "received_mail",
    ReceivedMail | None,
    one(
        queries.received_by_messages,
        "id",
        "The mail that it came as. Null: it came otherwise.",
        scope=READ,
    ),
)
attach(
    TicketMessage,
    "sent_mail",
    SentMail | None,
    one(
        queries.sent_by_messages,
        "id",
        "The mail that carries it to the customer. Null: there is none.",
        scope=READ,
    ),
)
attach(
    Ticket,
    "received_mails",
    Connection[ReceivedMail],
    listed_under(
        queries.received_list,
        received_mails.c.ticket_id,
        "The mails that stand on it, newest first.",
        scope=READ,
    ),
)
attach(
    Ticket,
    "sent_mails",
    Connection[SentMail],
    listed_under(
        queries.sent_list,
        sent_mails.c.ticket_id,
        "The mails that the shop wrote on it, newest first.",
        scope=READ,
    ),
)


@filter_input
class MailboxFilter:
    """Which mailboxes. All words that are given must hold."""

    status: list[MailboxStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("With such a code.", default=UNSET)


@strawberry.input(description="The order of a list of mailboxes.")
class MailboxSort:
    key: MailboxSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@filter_input
class ReceivedMailFilter:
    """Which received mails. All words that are given must hold."""

    status: list[ReceivedMailStatus] | None = about("In one of these states.", default=UNSET)
    outcome: list[ReceivedMailOutcome] | None = about(
        "Of which one of these became.", default=UNSET
    )
    mailbox_id: IdFilter | None = about("Of such a mailbox.", default=UNSET)
    ticket_id: IdFilter | None = about("On such a ticket.", default=UNSET)
    sender: StringFilter | None = about(
        "From such an address; takes `personal:read`.", default=UNSET
    )
    mail_id: StringFilter | None = about(
        "With such a Message-ID; takes `personal:read`.", default=UNSET
    )
    created_at: DateTimeFilter | None = about("Received at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of received mails.")
class ReceivedMailSort:
    key: ReceivedMailSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class SentMailFilter:
    """Which sent mails. All words that are given must hold."""

    status: list[TicketSentState] | None = about("In one of these states.", default=UNSET)
    failure: list[SentMailFailure] | None = about("Not sent for one of these.", default=UNSET)
    mailbox_id: IdFilter | None = about("By such a mailbox.", default=UNSET)
    ticket_id: IdFilter | None = about("On such a ticket.", default=UNSET)
    created_at: DateTimeFilter | None = about("Written at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of sent mails.")
class SentMailSort:
    key: SentMailSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="A mailbox that is to be made.")
class MailboxCreateInput:
    code: str = about(
        "By which the settings name its server: 1 to 40 small letters, digits and hyphens."
    )
    name: str = about("From whom its mails are, as customers read it.")
    address: str = about("The shop's own address, without a +.")
    kind: MailboxKind = about("How what is written to it gets here.")
    folder: str = about("The folder of IMAP that is read.", default="INBOX")
    done_folder: str | None = about(
        "The folder to which mails are moved once they are kept. Null: they are marked as seen, "
        "and only unseen ones are fetched.",
        default=None,
    )
    team_id: strawberry.ID | None = about("Of the tickets that it opens.", default=None)
    priority: TicketPriority = about("Of the tickets that it opens.", default=TicketPriority.NORMAL)
    source: TicketSource | None = about(
        "What its messages came by. Null: by e-mail; by chat where it is a channel.", default=None
    )
    opens_for_programs: bool = about(
        "Open tickets for mails, too, that no person wrote.", default=False
    )


@strawberry.input(description="What of a mailbox is to change; what is not named stays.")
class MailboxUpdateInput:
    name: str | None = about("From whom its mails are.", default=UNSET)
    address: str | None = about("The shop's own address, without a +.", default=UNSET)
    folder: str | None = about("The folder of IMAP that is read.", default=UNSET)
    done_folder: str | None = about(
        "Where mails are moved. Null: they are marked as seen.", default=UNSET
    )
    team_id: strawberry.ID | None = about("Of its tickets. Null: the default one.", default=UNSET)
    priority: TicketPriority | None = about("Of the tickets that it opens.", default=UNSET)
    opens_for_programs: bool | None = about(
        "Open tickets for mails, too, that no person wrote.", default=UNSET
    )


@payload
class MailboxPayload(MutationPayload):
    """What a mutation of a mailbox answers."""

    mailbox: Mailbox | None = one(
        queries.mailboxes_by_ids, "value", "The mailbox as it is now. Null if it was refused."
    )


@payload
class ReceivedMailPayload(MutationPayload):
    """What a mutation of a received mail answers."""

    received_mail: ReceivedMail | None = one(
        queries.received_by_ids, "value", "The mail as it is now. Null if it was refused."
    )


@payload
class SentMailPayload(MutationPayload):
    """What a mutation of a sent mail answers."""

    sent_mail: SentMail | None = one(
        queries.sent_by_ids, "value", "The mail as it is now. Null if it was refused."
    )
