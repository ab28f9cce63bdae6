"""What a message would read like, on a real order."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.model.rendering import (
    SOURCE_LENGTH_MAX,
    SUBJECT_LENGTH_MAX,
    Rendered,
    Wording,
    check_template,
    render,
)
from backoffice_api.domain.messages.model.templates import (
    DEFAULT_LOCALE,
    LOCALES,
    UnknownMessageTemplate,
    best_locale,
    defaults,
)
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.messages.queries.facts import known_of
from backoffice_api.domain.orders.model.orders import UnknownOrder


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it would be read."""

    locale: str
    subject: str
    text: str
    html: str | None


def preview(
    db: Connection,
    order_id: UUID,
    topic: MessageTopic,
    locale: str | None,
    wording: Wording | None,
) -> Preview:
    """What a message would read like. `wording` None: the shop's own, else the shipped one.

    Raises:
        UnknownOrder, UnknownMessageTemplate, MessageTooLong.
        BadTemplate: it cannot be written of this order.
        InvalidText, BadTemplate, UnknownVariable, ForbiddenInTemplate: of the wording.
    """
    known = known_of(db, [order_id]).get(order_id)
    if known is None:
        raise UnknownOrder(order_id)
    if wording is None:
        chosen, wording = _chosen(db, topic, locale or known.locale)
    else:
        chosen = locale or known.locale or DEFAULT_LOCALE
        check_wording(wording, topic)
    rendered: Rendered = render(wording, known.facts({}))
    return Preview(chosen, rendered.subject, rendered.text, rendered.html)


def check_wording(wording: Wording, topic: MessageTopic) -> None:
    """Refuse a wording that is no template of the topic.

    Raises:
        InvalidText, ForbiddenCharacter, BadTemplate, UnknownVariable, ForbiddenInTemplate.
    """
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
                check_template(source, topic)
            except DomainError as fault:
                found.add(fault.at(name))
        faults.extend(found)
    faults.check()


def _chosen(db: Connection, topic: MessageTopic, wanted: str | None) -> tuple[str, Wording]:
    own = queries.templates_of(db, topic)
    locale = best_locale(wanted, list(own))
    if locale is not None:
        return locale, own[locale].wording
    locale = best_locale(wanted, LOCALES)
    if locale is None or topic not in defaults(locale):
        raise UnknownMessageTemplate()
    return locale, defaults(locale)[topic]
