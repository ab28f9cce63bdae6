"""Canned answers, macros and templates of checklists: set by their code, archived, restored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import check_locale
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.events import change
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import (
    TooMany,
    check_distinct,
    check_size,
    check_text,
)
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.model.macros import (
    CANNED_ANSWERS_MAX,
    MACHINE,
    MACROS_MAX,
    REACHED,
    TEXTS_MAX,
    CannedAnswer,
    CannedAnswerArchived,
    CannedAnswerRestored,
    CannedAnswerSet,
    CannedText,
    MacroWriting,
    NoMoveOfMacro,
    NothingInMacro,
    TicketMacro,
    TicketMacroArchived,
    TicketMacroRestored,
    TicketMacroSet,
)
from backoffice_api.domain.tickets.model.refusals import UnknownTicketTeam
from backoffice_api.domain.tickets.model.words import (
    TAG_LENGTH_MAX,
    TAGS_MAX,
    TicketPriority,
    TicketStatus,
    TicketTeamStatus,
)
from backoffice_api.domain.tickets.queries import desk, teams_by_ids
from backoffice_api.domain.tickets.queries.answers import check_answer
from backoffice_api.domain.tickets.tables.desk import (
    canned_answers,
    canned_texts,
    ticket_macros,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedTextDraft:
    locale: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCannedAnswer(Command):
    """Names an answer by its code and says all of it."""

    scope = Scope.TICKETS_MANAGE
    code: str
    title: str
    texts: tuple[CannedTextDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveCannedAnswer(Command):
    scope = Scope.TICKETS_MANAGE
    table = canned_answers
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCannedAnswer(Command):
    scope = Scope.TICKETS_MANAGE
    table = canned_answers
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTicketMacro(Command):
    """Names a macro by its code and says all of it. What is None, or empty, it leaves alone."""

    scope = Scope.TICKETS_MANAGE
    code: str
    title: str
    answer_id: UUID | None = None
    writing: MacroWriting | None = None
    priority: TicketPriority | None = None
    team_id: UUID | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    move_to: TicketStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTicketMacro(Command):
    scope = Scope.TICKETS_MANAGE
    table = ticket_macros
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTicketMacro(Command):
    scope = Scope.TICKETS_MANAGE
    table = ticket_macros
    id: UUID


def set_canned_answer(uow: UnitOfWork, command: SetCannedAnswer) -> UUID:
    """Make a canned answer, or change the one with this code. Its id.

    Raises:
        InvalidText, InvalidLocale, Duplicate, TooMany: the input is wrong.
        BadTemplate, UnknownVariable, ForbiddenInTemplate: a text is no template of an answer.
        InvalidTransition: it is archived.
    """
    faults = Faults()
    _check_name(command.code, command.title, faults)
    texts = _checked_texts(command.texts, faults)
    before = desk.answers_by_codes(uow.db, [command.code]).get(command.code)
    if before is None and desk.count_of(uow.db, canned_answers) >= CANNED_ANSWERS_MAX:
        faults.add(TooMany(CANNED_ANSWERS_MAX).at("code"))
    faults.check()
    if before is None:
        after = CannedAnswer(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            code=command.code,
            title=command.title,
            status=MACHINE.start,
        )
        add(uow, canned_answers, [after])
        present: Sequence[CannedText] = ()
    else:
        MACHINE.check("set", before.status)
        present = desk.texts_by_answers(uow.db, [before.id]).get(before.id, ())
        after = save(uow, canned_answers, before, replace(before, title=command.title))
        uow.db.execute(delete(canned_texts).where(canned_texts.c.answer_id == after.id))
    add(uow, canned_texts, [CannedText(after.id, each.locale, each.text) for each in texts])
    old = {each.locale: each.text for each in present}
    new = {each.locale: each.text for each in texts}
    changes = [
        change(f"texts.{locale}", old.get(locale), new.get(locale))
        for locale in sorted({*old, *new})
        if old.get(locale) != new.get(locale)
    ]
    event = CannedAnswerSet(after.id, after.version, after.code, tuple(sorted(new)))
    uow.emit(event, before=before, after=after, changes=changes)
    return after.id


def archive_canned_answer(uow: UnitOfWork, command: ArchiveCannedAnswer) -> UUID:
    """Use a canned answer no more. Its id.

    Raises:
        UnknownCannedAnswer, InvalidTransition.
    """
    before, after = _moved_answer(uow, command.id, "archive")
    event = CannedAnswerArchived(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def restore_canned_answer(uow: UnitOfWork, command: RestoreCannedAnswer) -> UUID:
    """Use a canned answer again. Its id.

    Raises:
        UnknownCannedAnswer, InvalidTransition.
    """
    before, after = _moved_answer(uow, command.id, "restore")
    event = CannedAnswerRestored(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def set_macro(uow: UnitOfWork, command: SetTicketMacro) -> UUID:
    """Make a macro, or change the one with this code. Its id.

    Raises:
        InvalidText, Duplicate, TooMany, NothingInMacro: the input is wrong.
        UnknownCannedAnswer, UnknownTicketTeam, InvalidTransition.
    """
    faults = Faults()
    _check_macro(uow, command, faults)
    before = desk.macros_by_codes(uow.db, [command.code]).get(command.code)
    if before is None and desk.count_of(uow.db, ticket_macros) >= MACROS_MAX:
        faults.add(TooMany(MACROS_MAX).at("code"))
    faults.check()
    wanted = TicketMacro(
        id=before.id if before else uow.new_id(),
        version=1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        code=command.code,
        title=command.title,
        status=MACHINE.check("set", before.status) if before else MACHINE.start,
        answer_id=command.answer_id,
        writing=command.writing,
        priority=command.priority,
        team_id=command.team_id,
        add_tags=list(command.add_tags),
        remove_tags=list(command.remove_tags),
        move_to=command.move_to,
    )
    if before is None:
        add(uow, ticket_macros, [wanted])
        after = wanted
    else:
        after = save(uow, ticket_macros, before, wanted)
    uow.emit(TicketMacroSet(after.id, after.version, after.code), before=before, after=after)
    return after.id


def archive_macro(uow: UnitOfWork, command: ArchiveTicketMacro) -> UUID:
    """Use a macro no more. Its id.

    Raises:
        UnknownTicketMacro, InvalidTransition.
    """
    before, after = _moved_macro(uow, command.id, "archive")
    event = TicketMacroArchived(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def restore_macro(uow: UnitOfWork, command: RestoreTicketMacro) -> UUID:
    """Use a macro again. Its id.

    Raises:
        UnknownTicketMacro, InvalidTransition.
    """
    before, after = _moved_macro(uow, command.id, "restore")
    event = TicketMacroRestored(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def _moved_answer(uow: UnitOfWork, id: UUID, action: str) -> tuple[CannedAnswer, CannedAnswer]:
    before = desk.canned_answer(uow.db, id)
    after = replace(before, status=MACHINE.check(action, before.status))
    return before, save(uow, canned_answers, before, after)


def _moved_macro(uow: UnitOfWork, id: UUID, action: str) -> tuple[TicketMacro, TicketMacro]:
    before = desk.macro(uow.db, id)
    after = replace(before, status=MACHINE.check(action, before.status))
    return before, save(uow, ticket_macros, before, after)


def _check_name(code: str, title: str, faults: Faults) -> None:
    check_text(code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(title, faults, "title")


def _checked_texts(given: tuple[CannedTextDraft, ...], faults: Faults) -> Sequence[CannedTextDraft]:
    check_size(given, faults, "texts", maximum=TEXTS_MAX)
    faults.check()
    if not given:
        check_text("", faults, "texts")
    found = []
    for position, each in enumerate(given):
        try:
            locale = check_locale(each.locale)
            found.append(CannedTextDraft(locale=locale, text=each.text))
        except DomainError as fault:
            faults.add(fault.at("texts", position, "locale"))
        try:
            check_answer(each.text, "texts", position, "text")
        except DomainError as fault:
            faults.extend(fault.reasons())
    check_distinct(tuple(each.locale for each in found), faults, "texts")
    return found


def _check_macro(uow: UnitOfWork, command: SetTicketMacro, faults: Faults) -> None:
    _check_name(command.code, command.title, faults)
    for name, tags in (("add_tags", command.add_tags), ("remove_tags", command.remove_tags)):
        check_size(tags, faults, name, maximum=TAGS_MAX)
        check_distinct(tags, faults, name)
        for position, tag in enumerate(tags):
            check_text(tag, faults, name, position, maximum=TAG_LENGTH_MAX)
    says = command.answer_id is not None
    does = (command.priority, command.team_id, command.move_to)
    sets = command.add_tags or command.remove_tags or any(each is not None for each in does)
    if says is not (command.writing is not None) or not (says or sets):
        faults.add(NothingInMacro())
    if command.answer_id is not None:
        try:
            answer = desk.canned_answer(uow.db, command.answer_id, "answer_id")
            MACHINE.check("use", answer.status)
        except DomainError as fault:
            faults.add(fault)
    if command.team_id is not None:
        check_team(uow, command.team_id, faults)
    if command.move_to is not None and command.move_to not in REACHED:
        faults.add(NoMoveOfMacro().at("move_to"))


def check_team(uow: UnitOfWork, id: UUID, faults: Faults) -> None:
    """Note if a team is not there, or is out of use."""
    team = teams_by_ids(uow.db, [id]).get(id)
    if team is None or team.status is not TicketTeamStatus.ACTIVE:
        faults.add(UnknownTicketTeam(id).at("team_id"))
