"""Templates and messages on the wire."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.model import messages, templates
from backoffice_api.domain.messages.model.messages import (
    MessageFailure,
    MessageSortKey,
    MessageStatus,
)
from backoffice_api.domain.messages.model.templates import (
    MessageTemplateSortKey,
    MessageTemplateStatus,
)
from backoffice_api.domain.messages.model.topics import MessageChannel, MessageTopic
from backoffice_api.domain.messages.tables import messages as message_table
from backoffice_api.domain.orders import queries as orders
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, payload

READ = Scope.MESSAGES_READ

for _choices in (
    MessageChannel,
    MessageFailure,
    MessageSortKey,
    MessageStatus,
    MessageTemplateSortKey,
    MessageTemplateStatus,
    MessageTopic,
):
    choice(_choices)


def _personal(description: str) -> Any:
    return about(description, personal="contact", scope=Scope.PERSONAL_READ)


@described
class MessageTemplateRevision:
    """The wording that a template had."""

    revision: int = about("Which one, from 1.")
    created_at: datetime = about("When it was set.")
    subject: str = about("Template of the subject.")
    text: str = about("Template of the text.")
    html: str | None = about("Template of the part in HTML. Null: there is only text.")
    document: str | None = about("What was selected of the order besides. Null: nothing.")


@node("mtp", templates.MessageTemplate, queries.templates_by_ids, scope=READ)
class MessageTemplate(Node, Versioned, HasTimeline):
    """What customers are told of a topic, in one language."""

    topic: MessageTopic = about("What it is about.")
    locale: str = about("The language, by its BCP 47 tag.")
    channel: MessageChannel = about("By what way it goes.")
    status: MessageTemplateStatus = about("Whether it is used.")
    actions: list[ActionState] = about("What can be done with it now.")
    revision: int = about("How often its wording was set.")
    subject: str = about("Template of the subject, in the language of jinja2.")
    text: str = about("Template of the text.")
    html: str | None = about("Template of the part in HTML. Null: there is only text.")
    document: str | None = about(
        "What it selects of the order besides the named facts, as a query about it. Null: nothing."
    )
    revisions: list[MessageTemplateRevision] = many(
        queries.revisions_by_templates, "id", "All wordings that it had, the newest first."
    )


@node("msg", messages.Message, queries.messages_by_ids, scope=READ)
class Message(Node, Versioned, HasTimeline):
    """Something that was written to somebody, or was to be."""

    topic: MessageTopic = about("What it is about.")
    channel: MessageChannel = about("By what way it goes.")
    locale: str = about("The language, by its BCP 47 tag.")
    status: MessageStatus = about("How far it is.")
    failure: MessageFailure | None = about("Why it was not sent. Null: it was, or it may be.")
    reason: str = _personal("What the mail server said last. Empty if nothing.")
    actions: list[ActionState] = about("What can be done with it now.")
    attempts: int = about("How often it was tried.")
    send_at: datetime = about("When it is tried next, or was last.")
    sent_at: datetime | None = about("When the mail server took it. Null: it did not.")
    template_revision: int = about("The revision of the template that it was written by.")
    recipient: str = _personal("Who gets it. Empty if no address was known.")
    subject: str = _personal("The subject as it is read.")
    text: str = _personal("The text as it is read.")
    html: str | None = _personal("The part in HTML. Null: there is only text.")
    template: MessageTemplate = one(
        queries.templates_by_ids, "template_id", "What it was written by."
    )
    order: Order | None = one(
        orders.orders_by_ids, "order_id", "The order that it is about. Null: none."
    )
    customer: Customer | None = one(
        customers.customers_by_ids, "customer_id", "The customer. Null: a guest."
    )


attach(
    Message,
    "resend_of",
    Message | None,
    one(queries.messages_by_ids, "resend_of_id", "What it repeats. Null: nothing."),
)
attach(
    Order,
    "messages",
    Connection[Message],
    listed_under(
        queries.message_list,
        message_table.c.order_id,
        "What was written about it, newest first.",
        scope=READ,
    ),
)


@described
class MessageVariable:
    """A word that templates of a topic may use."""

    path: str = about("The word, as `order.number`; `[]`: of each element of a list.")
    kind: str = about("What it stands for: `text`, `number` or `list`.")
    says: str = about("What it says.")


@described
class MessageWording:
    """A wording that is shipped, to begin with."""

    topic: MessageTopic = about("What it is about.")
    locale: str = about("The language, by its BCP 47 tag.")
    subject: str = about("Template of the subject.")
    text: str = about("Template of the text.")
    html: str | None = about("Template of the part in HTML. Null: there is only text.")


@described
class MessagePreview:
    """What would be read."""

    locale: str = about("The language, by its BCP 47 tag.")
    subject: str = about("The subject.")
    text: str = about("The text.")
    html: str | None = about("The part in HTML. Null: there is only text.")
    selected: JSON | None = about(
        "What the document answered, with your rights. Null: the template has none."
    )


@filter_input
class MessageFilter:
    """Which messages. All words that are given must hold."""

    status: list[MessageStatus] | None = about("In one of these states.", default=UNSET)
    topic: list[MessageTopic] | None = about("About one of these.", default=UNSET)
    failure: list[MessageFailure] | None = about("Not sent for one of these.", default=UNSET)
    order_id: IdFilter | None = about("About such an order.", default=UNSET)
    customer_id: IdFilter | None = about("To such a customer.", default=UNSET)
    recipient: StringFilter | None = about(
        "To such an address; takes `personal:read`.", default=UNSET
    )
    created_at: DateTimeFilter | None = about("Written at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of messages.")
class MessageSort:
    key: MessageSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class MessageTemplateFilter:
    """Which templates. All words that are given must hold."""

    topic: list[MessageTopic] | None = about("About one of these.", default=UNSET)
    status: list[MessageTemplateStatus] | None = about("In one of these states.", default=UNSET)
    locale: StringFilter | None = about("In such a language.", default=UNSET)


_DOCUMENT: Any = about(
    "A query of the form `query ($id: ID!) { node(id: $id) { ... on Order { ... } } }`, for at "
    "most 1,000 points: what it selects of the order, templates say as `selected`, as in "
    "`{{ selected.channel.name }}`. It is answered with the rights of whoever set it. Null: none.",
    default=None,
)


@strawberry.input(description="The wording of a topic in a language.")
class MessageTemplateSetInput:
    topic: MessageTopic = about("What it is about.")
    locale: str = about("The language, by its BCP 47 tag, as `pt-BR`.")
    subject: str | None = about(
        "Template of the subject, at most 250 characters. With neither subject nor text, the "
        "wording is the one that is shipped.",
        default=None,
    )
    text: str | None = about("Template of the text, at most 20,000 characters.", default=None)
    html: str | None = about("Template of the part in HTML. Null: only text.", default=None)
    document: str | None = _DOCUMENT


@strawberry.input(description="A message that is to be sent by hand.")
class MessageSendInput:
    order_id: strawberry.ID = about("The order that it is about.")
    topic: MessageTopic = about("What it is about; there must be a template in use.")
    recipient: str | None = about("Who gets it. Null: whoever ordered.", default=None)
    locale: str | None = about("In which language. Null: the customer's.", default=None)


@strawberry.input(description="To whom a message is sent once more.")
class MessageResendInput:
    recipient: str | None = about("Who gets it. Null: the same as before.", default=None)


@strawberry.input(description="What is to be shown before it is sent.")
class MessagePreviewInput:
    order_id: strawberry.ID = about("The order that it is about.")
    topic: MessageTopic = about("What it is about.")
    locale: str | None = about("In which language. Null: the customer's.", default=None)
    subject: str | None = about(
        "Template of the subject. With neither subject nor text: the shop's own, else the "
        "shipped one.",
        default=None,
    )
    text: str | None = about("Template of the text.", default=None)
    html: str | None = about("Template of the part in HTML. Null: only text.", default=None)
    document: str | None = _DOCUMENT


@payload
class MessageTemplatePayload(MutationPayload):
    """What a mutation of a template answers."""

    template: MessageTemplate | None = one(
        queries.templates_by_ids, "value", "The template as it is now. Null if it was refused."
    )


@payload
class MessagePayload(MutationPayload):
    """What a mutation of a message answers."""

    message: Message | None = one(
        queries.messages_by_ids, "value", "The message as it is now. Null if it was refused."
    )
