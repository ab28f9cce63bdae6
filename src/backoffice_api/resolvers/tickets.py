"""What can be asked and done with tickets."""

from collections.abc import Sequence
from uuid import UUID

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.patch import KEEP, Keep
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.commands import (
    assigning,
    changing,
    merging,
    moving,
    opening,
    writing,
)
from backoffice_api.domain.tickets.model.drafts import MessageDraft
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.roots import ROOTS
from backoffice_api.schema.ticket_inputs import (
    TicketAssignInput,
    TicketLinkInput,
    TicketLookup,
    TicketMergeInput,
    TicketMessagePayload,
    TicketNoteInput,
    TicketOpenInput,
    TicketParticipantInput,
    TicketParticipantRemoveInput,
    TicketPayload,
    TicketReceiveInput,
    TicketReplyInput,
    TicketSnoozeInput,
    TicketSplitInput,
    TicketTagInput,
    TicketUnlinkInput,
    TicketUpdateInput,
)
from backoffice_api.schema.tickets import READ, Ticket, TicketFilter, TicketSort


@strawberry.type
class TicketQuery:
    ticket: Ticket | None = lookup(
        TicketLookup,
        "One ticket. Null if there is none.",
        {
            "id": by_id("tic", queries.tickets_by_ids),
            "number": Way(queries.tickets_by_numbers, str.strip),
        },
        scope=READ,
    )
    tickets: Connection[Ticket] = listed(
        queries.ticket_list,
        "Tickets, newest first. The inbox: `filter: {status: [NEW, OPEN], isSnoozed: false}, "
        "sort: {key: DUE_AT, direction: ASC}`.",
        scope=READ,
        filter=TicketFilter,
        sort=TicketSort,
    )
    tickets_count: Count = counted(
        queries.ticket_list, "How many tickets there are.", scope=READ, filter=TicketFilter
    )


@strawberry.type
class TicketMutation:
    @mutation(changing.opening(ROOTS), TicketPayload)
    def ticket_open(input: TicketOpenInput) -> opening.OpenTicket:
        """Open a ticket. Without an assignee, its team gives it to somebody."""
        return opening.OpenTicket(
            subject=input.subject,
            message=MessageDraft(
                body=input.body,
                author=input.author,
                visibility=input.visibility,
                source=input.source,
                author_name=input.author_name,
                author_email=input.author_email,
                attachment_ids=_files(input.attachment_ids),
            ),
            customer_id=_id("cus", input.customer_id),
            priority=input.priority,
            language=input.language,
            skill=input.skill,
            team_id=_id("tem", input.team_id),
            assignee_id=_id("stf", input.assignee_id),
            tags=tuple(input.tags),
            links=tuple(each.value() for each in input.links),
            participants=tuple(each.value() for each in input.participants),
        )

    @mutation(changing.update_ticket, TicketPayload)
    def ticket_update(id: strawberry.ID, input: TicketUpdateInput) -> changing.UpdateTicket:
        """Change what a ticket says of itself. What is absent stays; null clears."""
        return changing.UpdateTicket(
            id=ids.parse("tic", id),
            subject=keep(input.subject),
            priority=keep(input.priority),
            customer_id=_kept_id("cus", input.customer_id),
            language=keep(input.language, nullable=True),
            skill=keep(input.skill, nullable=True),
            tags=keep(input.tags),
        )

    @mutation(changing.tag_ticket, TicketPayload)
    def ticket_tag(id: strawberry.ID, input: TicketTagInput) -> changing.TagTicket:
        """Put tags on a ticket and take others off, whatever else it has."""
        return changing.TagTicket(
            id=ids.parse("tic", id), added=tuple(input.added), removed=tuple(input.removed)
        )

    @mutation(writing.receive, TicketMessagePayload)
    def ticket_receive(id: strawberry.ID, input: TicketReceiveInput) -> writing.ReceiveOnTicket:
        """Note what the customer said. What waits for them or is resolved is open again."""
        return writing.ReceiveOnTicket(
            id=ids.parse("tic", id),
            message=MessageDraft(
                body=input.body,
                source=input.source,
                author_name=input.author_name,
                author_email=input.author_email,
                attachment_ids=_files(input.attachment_ids),
            ),
        )

    @mutation(writing.reply, TicketMessagePayload)
    def ticket_reply(id: strawberry.ID, input: TicketReplyInput) -> writing.ReplyToTicket:
        """Write to the customer."""
        return writing.ReplyToTicket(
            id=ids.parse("tic", id),
            body=input.body,
            attachment_ids=_files(input.attachment_ids),
            then=input.then,
        )

    @mutation(writing.note, TicketMessagePayload)
    def ticket_note(id: strawberry.ID, input: TicketNoteInput) -> writing.NoteOnTicket:
        """Write what only the shop reads."""
        return writing.NoteOnTicket(
            id=ids.parse("tic", id), body=input.body, attachment_ids=_files(input.attachment_ids)
        )

    @mutation(assigning.assign_ticket, TicketPayload)
    def ticket_assign(id: strawberry.ID, input: TicketAssignInput) -> assigning.AssignTicket:
        """Say which team, and who, looks after a ticket."""
        return assigning.AssignTicket(
            id=ids.parse("tic", id),
            team_id=_kept_id("tem", input.team_id),
            assignee_id=_kept_id("stf", input.assignee_id),
        )

    @mutation(assigning.take_ticket, TicketPayload)
    def ticket_take(id: strawberry.ID) -> assigning.TakeTicket:
        """Look after a ticket yourself, unless somebody else does. A new one is open then."""
        return assigning.TakeTicket(id=ids.parse("tic", id))

    @mutation(merging.merge_tickets, TicketPayload)
    def ticket_merge(id: strawberry.ID, input: TicketMergeInput) -> merging.MergeTickets:
        """Let other tickets go on in this one, with all that was said."""
        return merging.MergeTickets(
            id=ids.parse("tic", id),
            ticket_ids=tuple(ids.parse("tic", each) for each in input.ticket_ids),
        )

    @mutation(merging.split_ticket, TicketPayload)
    def ticket_split(id: strawberry.ID, input: TicketSplitInput) -> merging.SplitTicket:
        """Make some messages a ticket of their own, which is answered."""
        return merging.SplitTicket(
            id=ids.parse("tic", id),
            subject=input.subject,
            message_ids=tuple(ids.parse("tms", each) for each in input.message_ids),
        )

    @mutation(changing.add_ticket_participant, TicketPayload)
    def ticket_participant_add(
        id: strawberry.ID, input: TicketParticipantInput
    ) -> changing.AddTicketParticipant:
        """Let somebody take part in a ticket."""
        return changing.AddTicketParticipant(id=ids.parse("tic", id), participant=input.value())

    @mutation(changing.remove_ticket_participant, TicketPayload)
    def ticket_participant_remove(
        id: strawberry.ID, input: TicketParticipantRemoveInput
    ) -> changing.RemoveTicketParticipant:
        """Let somebody take part in a ticket no longer."""
        return changing.RemoveTicketParticipant(
            id=ids.parse("tic", id), participant_id=ids.parse("tpa", input.participant_id)
        )

    @mutation(changing.linking(ROOTS), TicketPayload)
    def ticket_link(id: strawberry.ID, input: TicketLinkInput) -> changing.LinkTicket:
        """Link a ticket to something. Doing so again changes nothing."""
        return changing.LinkTicket(id=ids.parse("tic", id), link=input.value())

    @mutation(changing.unlink_ticket, TicketPayload)
    def ticket_unlink(id: strawberry.ID, input: TicketUnlinkInput) -> changing.UnlinkTicket:
        """Remove a link of a ticket."""
        return changing.UnlinkTicket(
            id=ids.parse("tic", id), link_id=ids.parse("tlk", input.link_id)
        )


@strawberry.type
class TicketStateMutation:
    @mutation(moving.start_ticket, TicketPayload)
    def ticket_start(id: strawberry.ID) -> moving.StartTicket:
        """Begin with a new ticket: somebody has looked at it."""
        return moving.StartTicket(id=ids.parse("tic", id))

    @mutation(moving.await_customer, TicketPayload)
    def ticket_await_customer(id: strawberry.ID) -> moving.AwaitCustomer:
        """Wait for the customer: what they write opens it again."""
        return moving.AwaitCustomer(id=ids.parse("tic", id))

    @mutation(moving.await_internal, TicketPayload)
    def ticket_await_internal(id: strawberry.ID) -> moving.AwaitInternal:
        """Wait for somebody else: a carrier, a bank, a colleague."""
        return moving.AwaitInternal(id=ids.parse("tic", id))

    @mutation(moving.resume_ticket, TicketPayload)
    def ticket_resume(id: strawberry.ID) -> moving.ResumeTicket:
        """Wait no longer: the shop goes on with it."""
        return moving.ResumeTicket(id=ids.parse("tic", id))

    @mutation(moving.resolve_ticket, TicketPayload)
    def ticket_resolve(id: strawberry.ID) -> moving.ResolveTicket:
        """Say that it is done. After some days without a word it is closed."""
        return moving.ResolveTicket(id=ids.parse("tic", id))

    @mutation(moving.close_ticket, TicketPayload)
    def ticket_close(id: strawberry.ID) -> moving.CloseTicket:
        """Close what is resolved at once."""
        return moving.CloseTicket(id=ids.parse("tic", id))

    @mutation(moving.reopen_ticket, TicketPayload)
    def ticket_reopen(id: strawberry.ID) -> moving.ReopenTicket:
        """Go on with what was resolved or closed."""
        return moving.ReopenTicket(id=ids.parse("tic", id))

    @mutation(moving.mark_ticket_as_spam, TicketPayload)
    def ticket_mark_as_spam(id: strawberry.ID) -> moving.MarkTicketAsSpam:
        """Say that nobody meant it."""
        return moving.MarkTicketAsSpam(id=ids.parse("tic", id))

    @mutation(moving.unmark_ticket_as_spam, TicketPayload)
    def ticket_unmark_as_spam(id: strawberry.ID) -> moving.UnmarkTicketAsSpam:
        """Say that it was meant after all."""
        return moving.UnmarkTicketAsSpam(id=ids.parse("tic", id))

    @mutation(moving.snooze_ticket, TicketPayload)
    def ticket_snooze(id: strawberry.ID, input: TicketSnoozeInput) -> moving.SnoozeTicket:
        """Put a ticket out of sight for some time. What is due stays due."""
        return moving.SnoozeTicket(id=ids.parse("tic", id), until=input.until)

    @mutation(moving.wake_ticket, TicketPayload)
    def ticket_wake(id: strawberry.ID) -> moving.WakeTicket:
        """Put a ticket in sight again."""
        return moving.WakeTicket(id=ids.parse("tic", id))


def _id(prefix: str, given: str | None) -> UUID | None:
    return given_id(prefix, given)


def _kept_id(prefix: str, given: str | None) -> UUID | Keep | None:
    """An id for a command: what is absent is kept, null stands for itself."""
    return KEEP if given is UNSET else _id(prefix, given)


def _files(given: Sequence[str]) -> tuple[UUID, ...]:
    return tuple(ids.parse("mfl", each) for each in given)
