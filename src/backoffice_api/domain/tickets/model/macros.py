"""Canned answers and macros: what is often said, and what is often done, kept under a code.

A canned answer is a text in several languages. A macro does several things to a ticket in one
command: it may set its priority, its team and its tags, say a canned answer, and move it on.
Neither is ever removed: what is archived is kept for the log, and used no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketStatus

ANSWER_LENGTH_MAX = 20_000
TEXTS_MAX = 30
CANNED_ANSWERS_MAX = 5_000
MACROS_MAX = 2_000

# Where a macro may lead.
REACHED = frozenset(
    {
        TicketStatus.OPEN,
        TicketStatus.PENDING_CUSTOMER,
        TicketStatus.PENDING_INTERNAL,
        TicketStatus.RESOLVED,
    }
)


class CannedStatus(Choice):
    """Whether a canned answer or a macro is used."""

    ACTIVE = "active", "It can be used."
    ARCHIVED = "archived", "It is kept, and used no more."


class CannedAnswerSortKey(Choice):
    """By what a list of canned answers is sorted."""

    CODE = "code", "The code."
    CREATED_AT = "created_at", "When it was made."


class TicketMacroSortKey(Choice):
    """By what a list of macros is sorted."""

    CODE = "code", "The code."
    CREATED_AT = "created_at", "When it was made."


class MacroWriting(Choice):
    """What a macro does with its answer."""

    REPLY = "reply", "The customer gets it."
    NOTE = "note", "The staff sees it."
    DRAFT = "draft", "It becomes the draft of the ticket, for a person to go over."


MACHINE = Machine(
    CannedStatus.ACTIVE,
    move("set", {CannedStatus.ACTIVE}),
    move("use", {CannedStatus.ACTIVE}),
    move("archive", {CannedStatus.ACTIVE}, CannedStatus.ARCHIVED),
    move("restore", {CannedStatus.ARCHIVED}, CannedStatus.ACTIVE),
)


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """`code` names it. Its texts lie beside it, one for each language."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    title: str
    status: CannedStatus

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class CannedText:
    """What a canned answer says in one language: a template."""

    answer_id: UUID
    locale: str
    text: str


@dataclass(frozen=True, slots=True)
class TicketMacro:
    """`answer_id` and `writing`: what it says, and to whom; None: it says nothing.

    What else is None, or empty, stays as it is.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    title: str
    status: CannedStatus
    answer_id: UUID | None
    writing: MacroWriting | None
    priority: TicketPriority | None
    team_id: UUID | None
    add_tags: Sequence[str]
    remove_tags: Sequence[str]
    move_to: TicketStatus | None

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class CannedAnswerSet(Event):
    """`locales`: the languages that it has now."""

    type = "canned_answer.set"
    subject = "cnd"
    summary = "The canned answer {code} was set."
    id: UUID
    version: int
    code: str
    locales: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CannedAnswerArchived(Event):
    type = "canned_answer.archived"
    subject = "cnd"
    summary = "The canned answer {code} is not used any more."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class CannedAnswerRestored(Event):
    type = "canned_answer.restored"
    subject = "cnd"
    summary = "The canned answer {code} can be used again."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class TicketMacroSet(Event):
    type = "ticket_macro.set"
    subject = "mac"
    summary = "The macro {code} was set."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class TicketMacroArchived(Event):
    type = "ticket_macro.archived"
    subject = "mac"
    summary = "The macro {code} is not used any more."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class TicketMacroRestored(Event):
    type = "ticket_macro.restored"
    subject = "mac"
    summary = "The macro {code} can be used again."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class TicketMacroApplied(Event):
    """What the macro did is told besides, by events of its own."""

    type = "ticket.macro_applied"
    subject = "tic"
    summary = "The macro {macro} was applied."
    id: UUID
    version: int
    macro_id: UUID
    macro: str


@dataclass(eq=False)
class UnknownCannedAnswer(Missing):
    """There is no canned answer with this id."""

    id: UUID
    message = "There is no such canned answer."


@dataclass(eq=False)
class UnknownTicketMacro(Missing):
    """There is no macro with this id."""

    id: UUID
    message = "There is no such macro."


@dataclass(eq=False)
class NothingInMacro(Invalid):
    """A macro would do nothing, or would say something to nobody."""

    message = "A macro needs something to do; an answer needs what is done with it."


@dataclass(eq=False)
class NothingSaid(Refused):
    """A canned answer comes to an empty text for this ticket."""

    message = "Of this ticket, the answer comes to no text at all."


@dataclass(eq=False)
class NoMoveOfMacro(Invalid):
    """A macro cannot lead to this state: tickets get there in other ways."""

    message = "A macro leads to OPEN, PENDING_CUSTOMER, PENDING_INTERNAL or RESOLVED."


def action_towards(present: TicketStatus, wanted: TicketStatus) -> str | None:
    """The action that leads there. None: the ticket is there already."""
    if present is wanted:
        return None
    match wanted:
        case TicketStatus.PENDING_CUSTOMER:
            return "await_customer"
        case TicketStatus.PENDING_INTERNAL:
            return "await_internal"
        case TicketStatus.RESOLVED:
            return "resolve"
    if present is TicketStatus.NEW:
        return "start"
    return "reopen" if present in (TicketStatus.RESOLVED, TicketStatus.CLOSED) else "resume"
