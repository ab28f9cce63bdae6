"""What can be asked and done with mailboxes, received and sent mails."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.commands import mailboxes, receiving, sending
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mailboxes import (
    READ,
    Mailbox,
    MailboxCreateInput,
    MailboxFilter,
    MailboxPayload,
    MailboxSort,
    MailboxUpdateInput,
    ReceivedMail,
    ReceivedMailFilter,
    ReceivedMailPayload,
    ReceivedMailSort,
    SentMail,
    SentMailFilter,
    SentMailPayload,
    SentMailSort,
)
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep


@strawberry.type
class MailboxQuery:
    mailbox: Mailbox | None = found_by_id(
        "mbx", queries.mailboxes_by_ids, "Its id.", "One mailbox. Null if none.", scope=READ
    )
    mailboxes: Connection[Mailbox] = listed(
        queries.mailbox_list,
        "Mailboxes, by their codes.",
        scope=READ,
        filter=MailboxFilter,
        sort=MailboxSort,
    )
    received_mail: ReceivedMail | None = found_by_id(
        "rcm", queries.received_by_ids, "Its id.", "One received mail. Null if none.", scope=READ
    )
    received_mails: Connection[ReceivedMail] = listed(
        queries.received_list,
        "What came in, and what became of each; newest first.",
        scope=READ,
        filter=ReceivedMailFilter,
        sort=ReceivedMailSort,
    )
    received_mails_count: Count = counted(
        queries.received_list,
        "How many received mails there are.",
        scope=READ,
        filter=ReceivedMailFilter,
    )
    sent_mail: SentMail | None = found_by_id(
        "snm", queries.sent_by_ids, "Its id.", "One sent mail. Null if none.", scope=READ
    )
    sent_mails: Connection[SentMail] = listed(
        queries.sent_list,
        "What the shop wrote on tickets; newest first.",
        scope=READ,
        filter=SentMailFilter,
        sort=SentMailSort,
    )
    sent_mails_count: Count = counted(
        queries.sent_list, "How many sent mails there are.", scope=READ, filter=SentMailFilter
    )


@strawberry.type
class MailboxMutation:
    @mutation(mailboxes.create_mailbox, MailboxPayload)
    def mailbox_create(input: MailboxCreateInput) -> mailboxes.CreateMailbox:
        """Make a mailbox that is used from now on."""
        return mailboxes.CreateMailbox(
            code=input.code,
            name=input.name,
            address=input.address,
            kind=input.kind,
            folder=input.folder,
            done_folder=input.done_folder,
            team_id=given_id("tem", input.team_id),
            priority=input.priority,
            source=input.source,
            opens_for_programs=input.opens_for_programs,
        )

    @mutation(mailboxes.update_mailbox, MailboxPayload)
    def mailbox_update(id: strawberry.ID, input: MailboxUpdateInput) -> mailboxes.UpdateMailbox:
        """Change a mailbox. What is absent stays; its code and its kind do."""
        team_id = keep(input.team_id, nullable=True)
        return mailboxes.UpdateMailbox(
            id=ids.parse("mbx", id),
            name=keep(input.name),
            address=keep(input.address),
            folder=keep(input.folder),
            done_folder=keep(input.done_folder, nullable=True),
            team_id=ids.parse("tem", team_id) if isinstance(team_id, str) else team_id,
            priority=keep(input.priority),
            opens_for_programs=keep(input.opens_for_programs),
        )

    @mutation(mailboxes.disable_mailbox, MailboxPayload)
    def mailbox_disable(id: strawberry.ID) -> mailboxes.DisableMailbox:
        """Take nothing in by a mailbox any more, and answer by it no more."""
        return mailboxes.DisableMailbox(id=ids.parse("mbx", id))

    @mutation(mailboxes.enable_mailbox, MailboxPayload)
    def mailbox_enable(id: strawberry.ID) -> mailboxes.EnableMailbox:
        """Use a mailbox again."""
        return mailboxes.EnableMailbox(id=ids.parse("mbx", id))

    @mutation(receiving.retry_received_mail, ReceivedMailPayload)
    def received_mail_retry(id: strawberry.ID) -> receiving.RetryReceivedMail:
        """Have a mail read again, and taken whoever wrote it, and however often."""
        return receiving.RetryReceivedMail(id=ids.parse("rcm", id))

    @mutation(receiving.dismiss_received_mail, ReceivedMailPayload)
    def received_mail_dismiss(id: strawberry.ID) -> receiving.DismissReceivedMail:
        """Want nothing made of a parked mail."""
        return receiving.DismissReceivedMail(id=ids.parse("rcm", id))

    @mutation(sending.resend_ticket_mail, SentMailPayload)
    def sent_mail_resend(id: strawberry.ID) -> sending.ResendTicketMail:
        """Try once more to send what failed, under the same Message-ID."""
        return sending.ResendTicketMail(id=ids.parse("snm", id))
