"""What can be asked about templates and messages."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.messages.model.messages import (
    SENDING_MAX,
    Message,
    MessageSortKey,
    MessageStatus,
    UnknownMessage,
)
from backoffice_api.domain.messages.model.templates import (
    MessageTemplate,
    MessageTemplateRevision,
    MessageTemplateSortKey,
    MessageTemplateStatus,
    UnknownMessageTemplate,
)
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.messages.tables import (
    message_template_revisions,
    message_templates,
    messages,
)

templates_by_ids = one_per(MessageTemplate, message_templates, message_templates.c.id)
revisions_by_templates = many_per(
    MessageTemplateRevision,
    message_template_revisions,
    message_template_revisions.c.template_id,
    message_template_revisions.c.revision.desc(),
)
messages_by_ids = one_per(Message, messages, messages.c.id)

template_list = Listing(
    MessageTemplate,
    message_templates,
    sorts={MessageTemplateSortKey.CREATED_AT: message_templates.c.created_at},
    words={
        "topic": On(message_templates.c.topic),
        "status": On(message_templates.c.status),
        "locale": On(message_templates.c.locale),
    },
)

message_list = Listing(
    Message,
    messages,
    sorts={MessageSortKey.CREATED_AT: messages.c.created_at},
    words={
        "status": On(messages.c.status),
        "topic": On(messages.c.topic),
        "failure": On(messages.c.failure),
        "order_id": On(messages.c.order_id),
        "customer_id": On(messages.c.customer_id),
        "recipient": On(messages.c.recipient),
        "created_at": On(messages.c.created_at),
    },
    scopes={"recipient": Scope.PERSONAL_READ},
)


def template(db: Connection, id: UUID) -> MessageTemplate:
    """The template `id`.

    Raises:
        UnknownMessageTemplate: there is none.
    """
    if found := templates_by_ids(db, [id]).get(id):
        return found
    raise UnknownMessageTemplate().at("id")


def message(db: Connection, id: UUID) -> Message:
    """The message `id`.

    Raises:
        UnknownMessage: there is none.
    """
    if found := messages_by_ids(db, [id]).get(id):
        return found
    raise UnknownMessage(id).at("id")


def template_for(db: Connection, topic: MessageTopic, locale: str) -> MessageTemplate | None:
    """The template of a topic in a language, used or not. None: there is none."""
    rows = message_templates.c
    statement = select_as(MessageTemplate, message_templates).where(
        rows.topic == topic,
        rows.locale == locale,
        rows.status != MessageTemplateStatus.REMOVED,
    )
    return next(iter(fetch(db, MessageTemplate, statement)), None)


def templates_of(db: Connection, topic: MessageTopic) -> Mapping[str, MessageTemplate]:
    """The templates of a topic by language, used or not."""
    rows = message_templates.c
    statement = select_as(MessageTemplate, message_templates).where(
        rows.topic == topic, rows.status != MessageTemplateStatus.REMOVED
    )
    return {each.locale: each for each in fetch(db, MessageTemplate, statement)}


def enabled_templates(
    db: Connection, topics: Collection[MessageTopic]
) -> Mapping[MessageTopic, Sequence[MessageTemplate]]:
    """The templates by which customers are written to, by topic."""
    rows = message_templates.c
    statement = select_as(MessageTemplate, message_templates).where(
        rows.topic.in_(tuple(topics)), rows.status == MessageTemplateStatus.ENABLED
    )
    found: dict[MessageTopic, list[MessageTemplate]] = {}
    for each in fetch(db, MessageTemplate, statement):
        found.setdefault(each.topic, []).append(each)
    return found


def due_messages(db: Connection, now: datetime, limit: int) -> Sequence[UUID]:
    """Messages to be sent now, those that wait longest first."""
    rows = messages.c
    statement = (
        select(rows.id)
        .where(rows.status == MessageStatus.QUEUED, rows.send_at <= now)
        .order_by(rows.send_at, rows.id)
        .limit(limit)
    )
    return list(db.execute(statement).scalars())


def abandoned_messages(db: Connection, now: datetime, limit: int) -> Sequence[UUID]:
    """Messages whose worker has ended while it was sending them."""
    rows = messages.c
    statement = (
        select(rows.id)
        .where(rows.status == MessageStatus.SENDING, rows.send_at <= now - SENDING_MAX)
        .order_by(rows.send_at, rows.id)
        .limit(limit)
    )
    return list(db.execute(statement).scalars())
