"""Checklists: what is to be done for a ticket, and who ticked what when.

A template is copied when it is put on a ticket: later changes of it change no ticket.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action
from backoffice_api.domain.tickets.model.macros import MACHINE, CannedStatus
from backoffice_api.domain.tickets.model.words import CONTENT

TITLE_LENGTH_MAX = 250
ITEM_LENGTH_MAX = 500
ITEMS_MAX = 50
PER_TICKET_MAX = 20
TEMPLATES_MAX = 1_000


class ChecklistTemplateSortKey(Choice):
    """By what a list of templates of checklists is sorted."""

    CODE = "code", "The code."
    CREATED_AT = "created_at", "When it was made."


@dataclass(frozen=True, slots=True)
class ChecklistTemplate:
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    title: str
    items: Sequence[str]
    status: CannedStatus

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name != "set"]


@dataclass(frozen=True, slots=True)
class TicketChecklist:
    """`template_id` None: it was made for this ticket alone."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    ticket_id: UUID
    template_id: UUID | None
    title: str


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """`position` from 1. `ticked_at` None: it is still to be done."""

    checklist_id: UUID
    position: int
    text: str = field(metadata=CONTENT)
    ticked_at: datetime | None
    ticked_by_kind: str | None
    ticked_by_id: UUID | None


@dataclass(frozen=True, slots=True)
class ChecklistTemplateSet(Event):
    type = "checklist_template.set"
    subject = "ckt"
    summary = "The checklist {code} was set."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ChecklistTemplateArchived(Event):
    type = "checklist_template.archived"
    subject = "ckt"
    summary = "The checklist {code} is not used any more."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ChecklistTemplateRestored(Event):
    type = "checklist_template.restored"
    subject = "ckt"
    summary = "The checklist {code} can be used again."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class TicketChecklistAdded(Event):
    type = "ticket_checklist.added"
    subject = "chk"
    summary = "A checklist of {items} items was put on a ticket."
    id: UUID
    version: int
    ticket_id: UUID
    template_id: UUID | None
    items: int


@dataclass(frozen=True, slots=True)
class TicketChecklistTicked(Event):
    type = "ticket_checklist.ticked"
    subject = "chk"
    summary = "Item {position} was ticked off."
    id: UUID
    version: int
    ticket_id: UUID
    position: int


@dataclass(frozen=True, slots=True)
class TicketChecklistUnticked(Event):
    type = "ticket_checklist.unticked"
    subject = "chk"
    summary = "Item {position} is to be done again."
    id: UUID
    version: int
    ticket_id: UUID
    position: int


@dataclass(frozen=True, slots=True)
class TicketChecklistRemoved(Event):
    type = "ticket_checklist.removed"
    subject = "chk"
    summary = "A checklist was taken off a ticket."
    id: UUID
    version: int
    ticket_id: UUID


@dataclass(eq=False)
class UnknownChecklistTemplate(Missing):
    """There is no template of a checklist with this id."""

    id: UUID
    message = "There is no such template of a checklist."


@dataclass(eq=False)
class UnknownTicketChecklist(Missing):
    """There is no checklist with this id."""

    id: UUID
    message = "There is no such checklist."


@dataclass(eq=False)
class UnknownChecklistItem(Missing):
    """A checklist has no item at this position."""

    position: int
    message = "The checklist has no item {position}."


@dataclass(eq=False)
class EmptyChecklist(Invalid):
    """A checklist needs a template or items of its own, and not both."""

    message = "Name a template, or a title with items."


@dataclass(eq=False)
class ItemTickedAlready(Refused):
    """An item is to be what it is already."""

    position: int
    message = "Item {position} is so already."
