"""What can be asked and done with canned answers and macros."""

from collections.abc import Mapping, Sequence
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.messages.model.facts import Variable
from backoffice_api.domain.tickets.commands import applying, canning
from backoffice_api.domain.tickets.model.facts import variables
from backoffice_api.domain.tickets.queries import answers, desk, ticket
from backoffice_api.schema.connections import Connection, asked, listed, parameter
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.ticket_macros import (
    READ,
    CannedAnswer,
    CannedAnswerFilter,
    CannedAnswerPayload,
    CannedAnswerPreview,
    CannedAnswerPreviewInput,
    CannedAnswerSetInput,
    CannedAnswerSort,
    CannedAnswerVariable,
    TicketMacro,
    TicketMacroApplyInput,
    TicketMacroApplyPayload,
    TicketMacroFilter,
    TicketMacroPayload,
    TicketMacroSetInput,
    TicketMacroSort,
)

_Preview = Annotated[
    CannedAnswerPreviewInput, strawberry.argument(description="What is to be shown.")
]


def _variables(_: Database, __: Context, ___: Mapping[str, Any]) -> Sequence[Variable]:
    return list(variables())


def _preview(db: Database, context: Context, arguments: Mapping[str, Any]) -> answers.Said:
    # What is shown holds names and addresses.
    context.caller.require(Scope.PERSONAL_READ)
    given: CannedAnswerPreviewInput = arguments["input"]
    of = ticket(db, ids.parse("tic", given.ticket_id))
    wanted = answers.Wanted(
        agent=context.caller.actor.name,
        order_id=_id("ord", given.order_id),
        locale=answers.checked_locale(given.locale),
    )
    if given.source.answer_id:
        answer = desk.canned_answer(db, ids.parse("cnd", given.source.answer_id), "source")
        return answers.say(db, of, answer.id, wanted)
    return answers.say_text(db, of, given.source.text or "", wanted)


@strawberry.type
class TicketMacroQuery:
    canned_answer: CannedAnswer | None = found_by_id(
        "cnd", desk.answers_by_ids, "Its id.", "One canned answer. Null if none.", scope=READ
    )
    canned_answers: Connection[CannedAnswer] = listed(
        desk.canned_answer_list,
        "Canned answers, by code.",
        scope=READ,
        filter=CannedAnswerFilter,
        sort=CannedAnswerSort,
    )
    canned_answer_variables: list[CannedAnswerVariable] = asked(
        _variables, [], "The words that canned answers may use; at most 100.", scope=READ
    )
    canned_answer_preview: CannedAnswerPreview = asked(
        _preview,
        [parameter("input", _Preview, Parameter.empty)],
        "What an answer would read like on a real ticket. Takes `personal:read`.",
        scope=READ,
        weight=10,
    )
    ticket_macro: TicketMacro | None = found_by_id(
        "mac", desk.macros_by_ids, "Its id.", "One macro. Null if none.", scope=READ
    )
    ticket_macros: Connection[TicketMacro] = listed(
        desk.ticket_macro_list,
        "Macros, by code.",
        scope=READ,
        filter=TicketMacroFilter,
        sort=TicketMacroSort,
    )


@strawberry.type
class TicketMacroMutation:
    @mutation(canning.set_canned_answer, CannedAnswerPayload)
    def canned_answer_set(input: CannedAnswerSetInput) -> canning.SetCannedAnswer:
        """Make a canned answer, or change the one with this code."""
        return canning.SetCannedAnswer(
            code=input.code,
            title=input.title,
            texts=tuple(
                canning.CannedTextDraft(locale=each.locale, text=each.text) for each in input.texts
            ),
        )

    @mutation(canning.archive_canned_answer, CannedAnswerPayload)
    def canned_answer_archive(id: strawberry.ID) -> canning.ArchiveCannedAnswer:
        """Use a canned answer no more."""
        return canning.ArchiveCannedAnswer(id=ids.parse("cnd", id))

    @mutation(canning.restore_canned_answer, CannedAnswerPayload)
    def canned_answer_restore(id: strawberry.ID) -> canning.RestoreCannedAnswer:
        """Use a canned answer again."""
        return canning.RestoreCannedAnswer(id=ids.parse("cnd", id))

    @mutation(canning.set_macro, TicketMacroPayload)
    def ticket_macro_set(input: TicketMacroSetInput) -> canning.SetTicketMacro:
        """Make a macro, or change the one with this code."""
        return canning.SetTicketMacro(
            code=input.code,
            title=input.title,
            answer_id=_id("cnd", input.answer_id),
            writing=input.writing,
            priority=input.priority,
            team_id=_id("tem", input.team_id),
            add_tags=tuple(input.add_tags),
            remove_tags=tuple(input.remove_tags),
            move_to=input.move_to,
        )

    @mutation(canning.archive_macro, TicketMacroPayload)
    def ticket_macro_archive(id: strawberry.ID) -> canning.ArchiveTicketMacro:
        """Use a macro no more."""
        return canning.ArchiveTicketMacro(id=ids.parse("mac", id))

    @mutation(canning.restore_macro, TicketMacroPayload)
    def ticket_macro_restore(id: strawberry.ID) -> canning.RestoreTicketMacro:
        """Use a macro again."""
        return canning.RestoreTicketMacro(id=ids.parse("mac", id))

    @mutation(applying.apply_macro, TicketMacroApplyPayload)
    def ticket_apply_macro(
        id: strawberry.ID, input: TicketMacroApplyInput
    ) -> applying.ApplyTicketMacro:
        """Do to a ticket all that a macro says. A dry run shows the ticket as it would be."""
        return applying.ApplyTicketMacro(
            id=ids.parse("tic", id),
            macro_id=ids.parse("mac", input.macro_id),
            order_id=_id("ord", input.order_id),
            locale=input.locale,
        )


def _id(prefix: str, given: str | None) -> Any:
    return given_id(prefix, given)
