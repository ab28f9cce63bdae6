"""What can be done with drafts and checklists of tickets, and by those who are at one."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.tickets.commands import applying, checking, drafting
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.schema.connections import Connection, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.ticket_desk import (
    READ,
    ChecklistTemplate,
    ChecklistTemplateFilter,
    ChecklistTemplatePayload,
    ChecklistTemplateSetInput,
    ChecklistTemplateSort,
    TicketChecklistAddInput,
    TicketChecklistPayload,
    TicketChecklistTickInput,
    TicketDeskPayload,
    TicketDraftDiscardInput,
    TicketDraftSaveInput,
    TicketDraftSendInput,
    TicketPresenceInput,
)


@strawberry.type
class TicketDeskQuery:
    checklist_template: ChecklistTemplate | None = found_by_id(
        "ckt", desk.templates_by_ids, "Its id.", "One template. Null if none.", scope=READ
    )
    checklist_templates: Connection[ChecklistTemplate] = listed(
        desk.checklist_template_list,
        "Templates of checklists, by code.",
        scope=READ,
        filter=ChecklistTemplateFilter,
        sort=ChecklistTemplateSort,
    )


@strawberry.type
class TicketDeskMutation:
    @mutation(drafting.save_draft, TicketDeskPayload)
    def ticket_draft_save(
        id: strawberry.ID, input: TicketDraftSaveInput
    ) -> drafting.SaveTicketDraft:
        """Put a text into the draft of a ticket, which all who answer share.

        Refused with TICKET_DRAFT_CHANGED if somebody else saved it since you read it. The log
        does not tell of drafts.
        """
        return drafting.SaveTicketDraft(
            id=ids.parse("tic", id),
            text=input.text,
            visibility=input.visibility,
            base_revision=input.base_revision,
        )

    @mutation(applying.send_draft, TicketDeskPayload)
    def ticket_draft_send(
        id: strawberry.ID, input: TicketDraftSendInput
    ) -> applying.SendTicketDraft:
        """Answer with the draft of a ticket, or keep it as a note if it is internal."""
        return applying.SendTicketDraft(
            id=ids.parse("tic", id), base_revision=input.base_revision, then=input.then
        )

    @mutation(drafting.discard_draft, TicketDeskPayload)
    def ticket_draft_discard(
        id: strawberry.ID, input: TicketDraftDiscardInput
    ) -> drafting.DiscardTicketDraft:
        """Throw the draft of a ticket away."""
        return drafting.DiscardTicketDraft(
            id=ids.parse("tic", id), base_revision=input.base_revision
        )

    @mutation(drafting.tell_presence, TicketDeskPayload)
    def ticket_presence(id: strawberry.ID, input: TicketPresenceInput) -> drafting.TellPresence:
        """Say that you look at a ticket, write an answer, or have left; good for a minute.

        Ask for `ticket { presences }` to see who else is there.
        """
        return drafting.TellPresence(id=ids.parse("tic", id), activity=input.activity)

    @mutation(checking.set_checklist_template, ChecklistTemplatePayload)
    def checklist_template_set(input: ChecklistTemplateSetInput) -> checking.SetChecklistTemplate:
        """Make a template of a checklist, or change the one with this code."""
        return checking.SetChecklistTemplate(
            code=input.code, title=input.title, items=tuple(input.items)
        )

    @mutation(checking.archive_checklist_template, ChecklistTemplatePayload)
    def checklist_template_archive(id: strawberry.ID) -> checking.ArchiveChecklistTemplate:
        """Use a template no more. Checklists that were made of it stay."""
        return checking.ArchiveChecklistTemplate(id=ids.parse("ckt", id))

    @mutation(checking.restore_checklist_template, ChecklistTemplatePayload)
    def checklist_template_restore(id: strawberry.ID) -> checking.RestoreChecklistTemplate:
        """Use a template again."""
        return checking.RestoreChecklistTemplate(id=ids.parse("ckt", id))

    @mutation(checking.add_checklist, TicketChecklistPayload)
    def ticket_checklist_add(
        id: strawberry.ID, input: TicketChecklistAddInput
    ) -> checking.AddTicketChecklist:
        """Put a checklist on a ticket."""
        template = given_id("ckt", input.template_id)
        return checking.AddTicketChecklist(
            id=ids.parse("tic", id),
            template_id=template,
            title=input.title,
            items=tuple(input.items),
        )

    @mutation(checking.tick_checklist, TicketChecklistPayload)
    def ticket_checklist_tick(
        id: strawberry.ID, input: TicketChecklistTickInput
    ) -> checking.TickTicketChecklist:
        """Tick an item of a checklist off, or say that it is to be done again."""
        return checking.TickTicketChecklist(
            id=ids.parse("chk", id), position=input.position, is_ticked=input.is_ticked
        )

    @mutation(checking.remove_checklist, TicketDeskPayload)
    def ticket_checklist_remove(id: strawberry.ID) -> checking.RemoveTicketChecklist:
        """Take a checklist off its ticket. What was ticked stays in the log."""
        return checking.RemoveTicketChecklist(id=ids.parse("chk", id))
