"""Where several work on one ticket: the shared draft, who is there, checklists."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model import checklists, shared_drafts
from backoffice_api.domain.tickets.model.checklists import ChecklistTemplateSortKey
from backoffice_api.domain.tickets.model.macros import CannedStatus
from backoffice_api.domain.tickets.model.shared_drafts import TicketActivity
from backoffice_api.domain.tickets.model.words import TicketAfterReply, TicketVisibility
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection, StringFilter, filter_input
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.tickets import Ticket, TicketAgent

READ = Scope.TICKETS_READ

for _choices in (CannedStatus, ChecklistTemplateSortKey, TicketActivity):
    choice(_choices)


def _revision(parent: strawberry.Parent[shared_drafts.TicketDraft]) -> int:
    return parent.version


def _editor(parent: strawberry.Parent[shared_drafts.TicketDraft]) -> Actor:
    return actor_of(parent.edited_by_kind, parent.edited_by_id)


def _present(parent: strawberry.Parent[shared_drafts.TicketPresence]) -> Actor:
    return actor_of(parent.actor_kind, parent.actor_id)


def _ticker(parent: strawberry.Parent[checklists.ChecklistItem]) -> Actor | None:
    kind = parent.ticked_by_kind
    return None if kind is None else actor_of(kind, parent.ticked_by_id)


@described
class TicketDraft:
    """What is to be said on a ticket: one text that all who answer share."""

    revision: int = about(
        "Give it as `baseRevision` to save what was made of this one.", resolver=_revision
    )
    updated_at: datetime = about("When it was last saved.")
    visibility: TicketVisibility = about("Whether the customer is to read it.")
    text: str = about("The text.", personal="content", scope=Scope.PERSONAL_READ)
    editor: Actor = about("Who saved it last.", resolver=_editor)
    agent: TicketAgent | None = one(
        queries.agents_by_ids, "staff_id", "Who of the shop that is. Null: a program."
    )


@described
class TicketPresence:
    """Somebody who is at a ticket."""

    actor: Actor = about("Who.", resolver=_present)
    activity: TicketActivity = about("What they do there.")
    since: datetime = about("Since when.")
    until: datetime = about("Who says nothing till then has left.")
    agent: TicketAgent | None = one(
        queries.agents_by_ids, "staff_id", "Who of the shop it is. Null: a program."
    )


@described
class TicketChecklistItem:
    """Something that is to be done for a ticket."""

    position: int = about("Its place in the list, from 1.")
    text: str = about("What is to be done.", personal="content", scope=Scope.PERSONAL_READ)
    ticked_at: datetime | None = about("When it was ticked off. Null: it is still to be done.")
    ticked_by: Actor | None = about("Who ticked it off. Null: nobody.", resolver=_ticker)


@node("ckt", checklists.ChecklistTemplate, desk.templates_by_ids, scope=READ)
class ChecklistTemplate(Node, Versioned, HasTimeline):
    """Of what checklists of tickets are made. Changes of it change no ticket."""

    code: str = about("Its code.")
    title: str = about("What it is called.")
    items: list[str] = about("What is to be done, in order.")
    status: CannedStatus = about("Whether it is used.")
    actions: list[ActionState] = about("What can be done with it now.")


@node("chk", checklists.TicketChecklist, desk.checklists_by_ids, scope=READ)
class TicketChecklist(Node, Versioned, HasTimeline):
    """What is to be done for a ticket, and who did what of it."""

    title: str = about("What it is called.")
    items: list[TicketChecklistItem] = many(
        desk.items_by_checklists, "id", "Its items, in order; at most 50."
    )
    ticket: Ticket = one(queries.tickets_by_ids, "ticket_id", "The ticket.")
    template: ChecklistTemplate | None = one(
        desk.templates_by_ids, "template_id", "Of what it was made. Null: for this ticket alone."
    )


attach(
    Ticket,
    "draft",
    TicketDraft | None,
    one(desk.drafts_by_tickets, "id", "The draft that all share. Null: there is none."),
)
attach(
    Ticket,
    "presences",
    list[TicketPresence],
    many(
        desk.presences_by_tickets,
        "id",
        "Who is at it now. Whoever left without saying so is gone after two minutes.",
    ),
)
attach(
    Ticket,
    "checklists",
    list[TicketChecklist],
    many(desk.checklists_by_tickets, "id", "What is to be done for it; at most 20."),
)


def _actor_of_change(parent: strawberry.Parent[shared_drafts.TicketDraftChanged]) -> Actor | None:
    kind: ActorKind | None = parent.edited_by_kind
    return None if kind is None else actor_of(kind, parent.edited_by_id)


@error(shared_drafts.TicketDraftChanged)
class TicketDraftChangedError(UserError):
    """Somebody else saved the draft since you read it. Theirs stays; put both together."""

    expected: int = about("The revision that was given.")
    actual: int = about("The revision that the draft has now. 0: there is none any more.")
    edited_at: datetime | None = about("When it was saved. Null: there is none any more.")
    editor: Actor | None = about("Who was faster. Null: not known.", resolver=_actor_of_change)


@filter_input
class ChecklistTemplateFilter:
    """Which templates. All words that are given must hold."""

    status: list[CannedStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("Of such a code.", default=UNSET)


@strawberry.input(description="The order of a list of templates.")
class ChecklistTemplateSort:
    key: ChecklistTemplateSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="What the draft of a ticket is to say.")
class TicketDraftSaveInput:
    text: str = about("The text, at most 20,000 characters.")
    visibility: TicketVisibility = about(
        "Whether the customer is to read it.", default=TicketVisibility.PUBLIC
    )
    base_revision: int = about("The revision that was read. 0: there was no draft.", default=0)


@strawberry.input(description="Which revision of the draft is to be sent.")
class TicketDraftSendInput:
    base_revision: int = about("The revision that was read.")
    then: TicketAfterReply = about(
        "What the ticket waits for, if the customer gets it.",
        default=TicketAfterReply.AWAIT_CUSTOMER,
    )


@strawberry.input(description="Which revision of the draft is to be thrown away.")
class TicketDraftDiscardInput:
    base_revision: int = about("The revision that was read.")


@strawberry.input(description="What you do at a ticket.")
class TicketPresenceInput:
    activity: TicketActivity | None = about(
        "Say it every half minute. Null: you have left.", default=None
    )


@strawberry.input(description="All of a template of a checklist; its code names it.")
class ChecklistTemplateSetInput:
    code: str = about("Its code, at most 80 characters.")
    title: str = about("What it is called, at most 250 characters.")
    items: list[str] = about("What is to be done, 1 to 50 items of at most 500 characters.")


@strawberry.input(description="A checklist for a ticket: of a template, or of its own.")
class TicketChecklistAddInput:
    template_id: strawberry.ID | None = about("Of what it is made.", default=None)
    title: str | None = about("Without a template: what it is called.", default=None)
    items: list[str] = about("Without a template: what is to be done.", default_factory=list)


@strawberry.input(description="Which item of a checklist, and whether it is done.")
class TicketChecklistTickInput:
    position: int = about("Its place in the list, from 1.")
    is_ticked: bool = about("False: it is to be done again.", default=True)


@payload
class TicketDeskPayload(MutationPayload):
    """What comes of work at a ticket that others may be at, too."""

    ticket: Ticket | None = one(
        queries.tickets_by_ids, "value", "The ticket as it is now. Null if it was refused."
    )


@payload
class ChecklistTemplatePayload(MutationPayload):
    """What a mutation of a template answers."""

    template: ChecklistTemplate | None = one(
        desk.templates_by_ids, "value", "The template as it is now. Null if it was refused."
    )


@payload
class TicketChecklistPayload(MutationPayload):
    """What a mutation of a checklist answers."""

    checklist: TicketChecklist | None = one(
        desk.checklists_by_ids, "value", "The list as it is now. Null if it was refused."
    )
