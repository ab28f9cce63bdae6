"""What a message would read like, on a real order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.documents import DOCUMENT_LENGTH_MAX
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.model.rendering import (
    SOURCE_LENGTH_MAX,
    SUBJECT_LENGTH_MAX,
    Rendered,
    Wording,
    check_template,
    render,
)
from backoffice_api.domain.messages.model.selections import NothingToSelectOf, Selected
from backoffice_api.domain.messages.model.templates import (
    DEFAULT_LOCALE,
    LOCALES,
    UnknownMessageTemplate,
    best_locale,
    defaults,
)
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.messages.ports import SELECTIONS
from backoffice_api.domain.messages.queries.facts import known_of
from backoffice_api.domain.messages.queries.selections import words_of
from backoffice_api.domain.orders.model.orders import UnknownOrder


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it would be read. `selected`: what its document answered, if it has one."""

    locale: str
    subject: str
    text: str
    html: str | None
    selected: Mapping[str, Any] | None = None


def preview(
    db: Connection,
    order_id: UUID,
    topic: MessageTopic,
    locale: str | None,
    wording: Wording | None,
    caller: Caller,
) -> Preview:
    """What a message would read like. `wording` None: the shop's own, else the shipped one.

    What is selected is answered with the rights of the caller, so that nobody sees by a preview
    what he may not see elsewhere.

    Raises:
        UnknownOrder, UnknownMessageTemplate, MessageTooLong.
        BadTemplate: it cannot be written of this order.
        InvalidText, BadTemplate, UnknownVariable, ForbiddenInTemplate: of the wording.
        UnfitDocument, PayloadTooCostly, NothingToSelectOf, SelectionNotRead: of the document.
    """
    known = known_of(db, [order_id]).get(order_id)
    if known is None:
        raise UnknownOrder(order_id)
    if wording is None:
        chosen, wording = _chosen(db, topic, locale or known.locale)
    else:
        chosen = locale or known.locale or DEFAULT_LOCALE
        check_wording(wording, topic)
    answer = words = None
    if wording.document is not None:
        answer = SELECTIONS.by.read(db, caller, wording.document, order_id, narrowed=True)
        words = words_of(wording.document, answer)
    rendered: Rendered = render(wording, known.facts({}), words)
    return Preview(chosen, rendered.subject, rendered.text, rendered.html, answer)


def check_wording(wording: Wording, topic: MessageTopic) -> None:
    """Refuse a wording that is no template of the topic.

    Raises:
        InvalidText, ForbiddenCharacter, BadTemplate, UnknownVariable, ForbiddenInTemplate.
        UnfitDocument, PayloadTooCostly, NothingToSelectOf: of the document.
    """
    shape = None if wording.document is None else _shape(wording.document, topic)
    faults = Faults()
    for name, source in (
        ("subject", wording.subject),
        ("text", wording.text),
        ("html", wording.html),
    ):
        if source is None:
            continue
        found = Faults()
        maximum = SUBJECT_LENGTH_MAX if name == "subject" else SOURCE_LENGTH_MAX
        check_text(source, found, name, maximum=maximum)
        if not list(found):
            try:
                check_template(source, topic, shape)
            except DomainError as fault:
                found.add(fault.at(name))
        faults.extend(found)
    faults.check()


def _shape(document: str, topic: MessageTopic) -> Selected:
    faults = Faults()
    check_text(document, faults, "document", maximum=DOCUMENT_LENGTH_MAX)
    faults.check()
    if topic is MessageTopic.TICKET_SURVEY:
        raise NothingToSelectOf().at("document")
    try:
        return SELECTIONS.by.check(document).shape
    except DomainError as fault:
        raise fault.at("document") from None


def _chosen(db: Connection, topic: MessageTopic, wanted: str | None) -> tuple[str, Wording]:
    own = queries.templates_of(db, topic)
    locale = best_locale(wanted, list(own))
    if locale is not None:
        return locale, own[locale].wording
    locale = best_locale(wanted, LOCALES)
    if locale is None or topic not in defaults(locale):
        raise UnknownMessageTemplate()
    return locale, defaults(locale)[topic]
