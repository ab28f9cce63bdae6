"""What can be asked and done with templates and messages."""

from collections.abc import Mapping, Sequence
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.commands import templates, writing
from backoffice_api.domain.messages.model.facts import Variable, variables
from backoffice_api.domain.messages.model.rendering import Wording
from backoffice_api.domain.messages.model.templates import LOCALES, defaults
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.messages.queries.previews import Preview, preview
from backoffice_api.schema.connections import (
    Connection,
    Count,
    asked,
    counted,
    listed,
    parameter,
)
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.messages import (
    READ,
    Message,
    MessageFilter,
    MessagePayload,
    MessagePreview,
    MessagePreviewInput,
    MessageResendInput,
    MessageSendInput,
    MessageSort,
    MessageTemplate,
    MessageTemplateFilter,
    MessageTemplatePayload,
    MessageTemplateSetInput,
    MessageVariable,
    MessageWording,
)
from backoffice_api.schema.mutations import mutation

_Topic = Annotated[MessageTopic, strawberry.argument(description="Of which topic.")]
_Preview = Annotated[MessagePreviewInput, strawberry.argument(description="What is to be shown.")]


def _variables(_: Database, __: Context, arguments: Mapping[str, Any]) -> Sequence[Variable]:
    return list(variables(arguments["topic"]))


def _wordings(_: Database, __: Context, ___: Mapping[str, Any]) -> Sequence[MessageWording]:
    return [
        MessageWording(
            topic=topic, locale=locale, subject=each.subject, text=each.text, html=each.html
        )
        for locale in LOCALES
        for topic, each in defaults(locale).items()
    ]


def _preview(db: Database, context: Context, arguments: Mapping[str, Any]) -> Preview:
    # What is shown holds names and addresses.
    context.caller.require(Scope.PERSONAL_READ)
    given: MessagePreviewInput = arguments["input"]
    wording = None
    if (given.subject, given.text, given.html, given.document) != (None, None, None, None):
        wording = Wording(given.subject or "", given.text or "", given.html, given.document)
    order_id = ids.parse("ord", given.order_id)
    return preview(db, order_id, given.topic, given.locale, wording, context.caller)


@strawberry.type
class MessageQuery:
    message: Message | None = found_by_id(
        "msg", queries.messages_by_ids, "Its id.", "One message. Null if none.", scope=READ
    )
    messages: Connection[Message] = listed(
        queries.message_list,
        "What was written to customers, or was to be; newest first.",
        scope=READ,
        filter=MessageFilter,
        sort=MessageSort,
    )
    messages_count: Count = counted(
        queries.message_list, "How many messages there are.", scope=READ, filter=MessageFilter
    )
    message_template: MessageTemplate | None = found_by_id(
        "mtp", queries.templates_by_ids, "Its id.", "One template. Null if none.", scope=READ
    )
    message_templates: Connection[MessageTemplate] = listed(
        queries.template_list,
        "Templates, newest first; removed ones, too.",
        scope=READ,
        filter=MessageTemplateFilter,
    )
    message_wordings: list[MessageWording] = asked(
        _wordings, [], "The wordings that are shipped; one per topic and language.", scope=READ
    )
    message_variables: list[MessageVariable] = asked(
        _variables,
        [parameter("topic", _Topic, Parameter.empty)],
        "The words that templates of a topic may use; at most 100.",
        scope=READ,
    )
    message_preview: MessagePreview = asked(
        _preview,
        [parameter("input", _Preview, Parameter.empty)],
        "What a message about a real order would read like. Takes `personal:read`.",
        scope=READ,
        weight=10,
    )


@strawberry.type
class MessageMutation:
    @mutation(templates.set_template, MessageTemplatePayload)
    def message_template_set(input: MessageTemplateSetInput) -> templates.SetMessageTemplate:
        """Give a topic its wording in a language. A new one is not used until it is enabled."""
        return templates.SetMessageTemplate(
            topic=input.topic,
            locale=input.locale,
            subject=input.subject,
            text=input.text,
            html=input.html,
            document=input.document,
        )

    @mutation(templates.enable_template, MessageTemplatePayload)
    def message_template_enable(id: strawberry.ID) -> templates.EnableMessageTemplate:
        """Have customers written to by a template, of what happens from now on."""
        return templates.EnableMessageTemplate(id=ids.parse("mtp", id))

    @mutation(templates.disable_template, MessageTemplatePayload)
    def message_template_disable(id: strawberry.ID) -> templates.DisableMessageTemplate:
        """Write to nobody by a template any more; what was written already is sent."""
        return templates.DisableMessageTemplate(id=ids.parse("mtp", id))

    @mutation(templates.remove_template, MessageTemplatePayload)
    def message_template_remove(id: strawberry.ID) -> templates.RemoveMessageTemplate:
        """Put a template away; it stays for what was sent by it."""
        return templates.RemoveMessageTemplate(id=ids.parse("mtp", id))

    @mutation(writing.send_message, MessagePayload)
    def message_send(input: MessageSendInput) -> writing.SendMessage:
        """Write to somebody of an order by hand; a worker sends it."""
        return writing.SendMessage(
            order_id=ids.parse("ord", input.order_id),
            topic=input.topic,
            recipient=input.recipient,
            locale=input.locale,
        )

    @mutation(writing.resend_message, MessagePayload)
    def message_resend(id: strawberry.ID, input: MessageResendInput) -> writing.ResendMessage:
        """Send what was written once more, as a message of its own."""
        return writing.ResendMessage(id=ids.parse("msg", id), recipient=input.recipient)
