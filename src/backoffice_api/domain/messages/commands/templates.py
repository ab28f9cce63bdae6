"""Wordings: set, used, not used any more."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.identity.model.staff import check_held
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import check_locale
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.model.rendering import Wording
from backoffice_api.domain.messages.model.selections import SelectionNotRead
from backoffice_api.domain.messages.model.templates import (
    MACHINE,
    MessageTemplate,
    MessageTemplateDisabled,
    MessageTemplateEnabled,
    MessageTemplateRemoved,
    MessageTemplateRevision,
    MessageTemplateSet,
    NoWording,
    defaults,
)
from backoffice_api.domain.messages.model.topics import MessageChannel, MessageTopic
from backoffice_api.domain.messages.ports import SELECTIONS
from backoffice_api.domain.messages.queries.previews import check_wording
from backoffice_api.domain.messages.tables import (
    message_progress,
    message_template_revisions,
    message_templates,
)

FOLLOWER = "messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMessageTemplate(Command):
    """Without subject and text, the wording is the one that is shipped in this language.

    `document`: what is selected of the order besides; it is answered with the caller's rights.
    """

    scope = Scope.MESSAGES_WRITE
    topic: MessageTopic
    locale: str
    channel: MessageChannel = MessageChannel.MAIL
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableMessageTemplate(Command):
    scope = Scope.MESSAGES_WRITE
    table = message_templates
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableMessageTemplate(Command):
    scope = Scope.MESSAGES_WRITE
    table = message_templates
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMessageTemplate(Command):
    scope = Scope.MESSAGES_WRITE
    table = message_templates
    id: UUID


def set_template(uow: UnitOfWork, command: SetMessageTemplate) -> UUID:
    """Give a topic its wording in a language; a new one is not used until it is enabled. Its id.

    Raises:
        InvalidLocale, InvalidText, ForbiddenCharacter, NoWording.
        BadTemplate, UnknownVariable, ForbiddenInTemplate: it is no template of the topic.
        UnfitDocument, PayloadTooCostly, NothingToSelectOf: nothing can be selected so.
        ScopeNotHeld: the caller may not see what would be selected.
    """
    faults = Faults()
    locale = _locale(command.locale, faults)
    wording = wording_of(command.topic, locale, command, faults)
    faults.check()
    owner = _owner(uow, wording)
    before = queries.template_for(uow.db, command.topic, locale)
    if before is None:
        after = MessageTemplate(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            topic=command.topic,
            locale=locale,
            channel=command.channel,
            status=MACHINE.start,
            revision=1,
            subject=wording.subject,
            text=wording.text,
            html=wording.html,
            **owner,
        )
        add(uow, message_templates, [after])
    elif before.wording == wording and owner.items() <= _owner_of(before).items():
        return before.id
    else:
        wanted = replace(
            before,
            status=MACHINE.check("set", before.status),
            revision=before.revision + 1,
            subject=wording.subject,
            text=wording.text,
            html=wording.html,
            **owner,
        )
        after = save(uow, message_templates, before, wanted)
    revision = MessageTemplateRevision(
        after.id,
        after.revision,
        uow.now,
        after.subject,
        after.text,
        after.html,
        after.document,
    )
    add(uow, message_template_revisions, [revision])
    event = MessageTemplateSet(after.id, after.version, after.topic, locale, after.revision)
    uow.emit(event, before=before, after=after)
    return after.id


def enable_template(uow: UnitOfWork, command: EnableMessageTemplate) -> UUID:
    """Have customers written to by a template, of what happens from now on. Its id.

    Raises:
        UnknownMessageTemplate, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "enable")
    begin_following(uow)
    event = MessageTemplateEnabled(after.id, after.version, after.topic, after.locale)
    uow.emit(event, before=before, after=after)
    return after.id


def disable_template(uow: UnitOfWork, command: DisableMessageTemplate) -> UUID:
    """Write to nobody by a template any more; what was written already is sent. Its id.

    Raises:
        UnknownMessageTemplate, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "disable")
    event = MessageTemplateDisabled(after.id, after.version, after.topic, after.locale)
    uow.emit(event, before=before, after=after)
    return after.id


def remove_template(uow: UnitOfWork, command: RemoveMessageTemplate) -> UUID:
    """Put a template away; it stays for what was sent by it. Its id.

    Raises:
        UnknownMessageTemplate, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "remove")
    event = MessageTemplateRemoved(after.id, after.version, after.topic, after.locale)
    uow.emit(event, before=before, after=after)
    return after.id


def wording_of(
    topic: MessageTopic, locale: str, given: SetMessageTemplate, faults: Faults
) -> Wording:
    """The wording that was given, or the one that is shipped; notes what is wrong with it."""
    shipped = defaults(locale).get(topic)
    if (given.subject, given.text, given.html, given.document) == (None, None, None, None):
        if shipped is None:
            faults.add(NoWording(locale).at("locale"))
        return shipped or Wording("", "", None)
    wording = Wording(given.subject or "", given.text or "", given.html, given.document)
    try:
        check_wording(wording, topic)
    except DomainError as fault:
        faults.extend(fault.reasons())
    return wording


def _owner(uow: UnitOfWork, wording: Wording) -> dict[str, Any]:
    """What is selected, and with whose rights. Raises: ScopeNotHeld."""
    if wording.document is None:
        return {"document": None, "owner_kind": None, "owner_id": None}
    faults = Faults()
    check_held(faults, uow.caller, SELECTIONS.by.check(wording.document).scopes, "document")
    actor = uow.caller.actor
    if actor.id is None:
        faults.add(SelectionNotRead("nobody sets it, who has rights.").at("document"))
    faults.check()
    return {"document": wording.document, "owner_kind": actor.kind, "owner_id": actor.id}


def _owner_of(template: MessageTemplate) -> dict[str, Any]:
    return {name: getattr(template, name) for name in ("document", "owner_kind", "owner_id")}


def begin_following(uow: UnitOfWork) -> None:
    """Follow the log from here on, if it is not followed already: nobody is told of the past.

    From the last event that is seen now, whether the feed shows it yet or not: what happened
    before must not be written of. What others are about to commit counts as either.
    """
    present = select(func.coalesce(func.max(events.c.sequence), 0))
    here = uow.db.execute(present).scalar_one()
    insert_or_ignore(uow.db, message_progress, {"name": FOLLOWER, "sequence": here})


def _locale(given: str, faults: Faults) -> str:
    try:
        return check_locale(given)
    except DomainError as fault:
        faults.add(fault.at("locale"))
        return ""


def _moved(uow: UnitOfWork, id: UUID, action: str) -> tuple[MessageTemplate, MessageTemplate]:
    before = queries.template(uow.db, id)
    after = replace(before, status=MACHINE.check(action, before.status))
    return before, save(uow, message_templates, before, after)
