"""Canned answers and macros on the wire."""

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model import macros as model
from backoffice_api.domain.tickets.model.macros import (
    CannedAnswerSortKey,
    CannedStatus,
    MacroWriting,
    TicketMacroSortKey,
)
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketStatus
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection, StringFilter, filter_input
from backoffice_api.schema.links import many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.tickets import Ticket, TicketTeam

READ = Scope.TICKETS_READ

for _choices in (CannedAnswerSortKey, CannedStatus, MacroWriting, TicketMacroSortKey):
    choice(_choices)


@described
class CannedText:
    """What a canned answer says in one language."""

    locale: str = about("The language, by its BCP 47 tag.")
    text: str = about("The template, in the language of jinja2.")


@node("cnd", model.CannedAnswer, desk.answers_by_ids, scope=READ)
class CannedAnswer(Node, Versioned, HasTimeline):
    """What is often said, under a code, in several languages."""

    code: str = about("Its code.")
    title: str = about("What it is called.")
    status: CannedStatus = about("Whether it is used.")
    actions: list[ActionState] = about("What can be done with it now.")
    texts: list[CannedText] = many(
        desk.texts_by_answers, "id", "What it says, by language; at most 30."
    )


@node("mac", model.TicketMacro, desk.macros_by_ids, scope=READ)
class TicketMacro(Node, Versioned, HasTimeline):
    """Several things that are done to a ticket in one go. Null: that is left alone."""

    code: str = about("Its code.")
    title: str = about("What it is called.")
    status: CannedStatus = about("Whether it is used.")
    actions: list[ActionState] = about("What can be done with it now.")
    writing: MacroWriting | None = about("What becomes of its answer. Null: it says nothing.")
    priority: TicketPriority | None = about("The priority that the ticket gets.")
    add_tags: list[str] = about("Tags that the ticket gets.")
    remove_tags: list[str] = about("Tags that are taken off the ticket.")
    move_to: TicketStatus | None = about("The state that the ticket is in afterwards.")
    answer: CannedAnswer | None = one(
        desk.answers_by_ids, "answer_id", "What it says. Null: nothing."
    )
    team: TicketTeam | None = one(queries.teams_by_ids, "team_id", "The team that gets the ticket.")


@described
class CannedAnswerVariable:
    """A word that canned answers may use."""

    path: str = about("The word, as `order.number`; `[]`: of each element of a list.")
    kind: str = about("What it stands for: `text`, `number` or `list`.")
    says: str = about("What it says.")


@described
class CannedAnswerPreview:
    """What a customer would read."""

    locale: str = about("The language, by its BCP 47 tag.")
    text: str = about("The text.", personal="content")


@filter_input
class CannedAnswerFilter:
    """Which canned answers. All words that are given must hold."""

    status: list[CannedStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("Of such a code.", default=UNSET)


@strawberry.input(description="The order of a list of canned answers.")
class CannedAnswerSort:
    key: CannedAnswerSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@filter_input
class TicketMacroFilter:
    """Which macros. All words that are given must hold."""

    status: list[CannedStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("Of such a code.", default=UNSET)


@strawberry.input(description="The order of a list of macros.")
class TicketMacroSort:
    key: TicketMacroSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="What a canned answer says in one language.")
class CannedTextInput:
    locale: str = about("The language, by its BCP 47 tag, as `pt-BR`.")
    text: str = about(
        "The template, at most 20,000 characters; `cannedAnswerVariables` has its words."
    )


@strawberry.input(description="All of a canned answer; its code names it.")
class CannedAnswerSetInput:
    code: str = about("Its code, at most 80 characters.")
    title: str = about("What it is called, at most 250 characters.")
    texts: list[CannedTextInput] = about("What it says, in 1 to 30 languages.")


@strawberry.input(description="All of a macro; its code names it.")
class TicketMacroSetInput:
    code: str = about("Its code, at most 80 characters.")
    title: str = about("What it is called, at most 250 characters.")
    answer_id: strawberry.ID | None = about("The canned answer that it says.", default=None)
    writing: MacroWriting | None = about("What becomes of the answer.", default=None)
    priority: TicketPriority | None = about("The priority that it gives.", default=None)
    team_id: strawberry.ID | None = about("The team that gets the ticket.", default=None)
    add_tags: list[str] = about("Tags that it adds, at most 30.", default_factory=list)
    remove_tags: list[str] = about("Tags that it takes off, at most 30.", default_factory=list)
    move_to: TicketStatus | None = about(
        "Where it leads: OPEN, PENDING_CUSTOMER, PENDING_INTERNAL or RESOLVED.", default=None
    )


@strawberry.input(description="How a macro is applied to a ticket.")
class TicketMacroApplyInput:
    macro_id: strawberry.ID = about("Which macro.")
    order_id: strawberry.ID | None = about(
        "The order that its answer speaks of: one of the ticket or of its customer. Null: the one "
        "that the ticket was linked to last.",
        default=None,
    )
    locale: str | None = about(
        "The language of its answer. Null: that of the ticket, else of the customer.", default=None
    )


@strawberry.input(description="What is to be shown before it is said.", one_of=True)
class CannedSourceInput:
    answer_id: strawberry.ID | None = about("A canned answer.", default=UNSET)
    text: str | None = about("A text that is not kept yet.", default=UNSET)


@strawberry.input(description="What is to be shown, of which ticket.")
class CannedAnswerPreviewInput:
    ticket_id: strawberry.ID = about("The ticket.")
    source: CannedSourceInput = about("What is said.")
    order_id: strawberry.ID | None = about(
        "The order that it speaks of. Null: the one that the ticket was linked to last.",
        default=None,
    )
    locale: str | None = about("In which language. Null: as the ticket has it.", default=None)


@payload
class CannedAnswerPayload(MutationPayload):
    """What a mutation of a canned answer answers."""

    answer: CannedAnswer | None = one(
        desk.answers_by_ids, "value", "The answer as it is now. Null if it was refused."
    )


@payload
class TicketMacroPayload(MutationPayload):
    """What a mutation of a macro answers."""

    macro: TicketMacro | None = one(
        desk.macros_by_ids, "value", "The macro as it is now. Null if it was refused."
    )


@payload
class TicketMacroApplyPayload(MutationPayload):
    """What came of a macro."""

    ticket: Ticket | None = one(
        queries.tickets_by_ids, "value", "The ticket as it is now. Null if it was refused."
    )
