"""Asking for opinions: whoever keeps surveys says whom to ask, and what link to give them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.commands.writing import chosen, new_message, tell
from backoffice_api.domain.messages.model.messages import Message
from backoffice_api.domain.messages.model.rendering import BadTemplate, MessageTooLong, render
from backoffice_api.domain.messages.model.selections import SelectionNotRead
from backoffice_api.domain.messages.model.templates import MessageTemplate
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.messages.queries.facts import Known
from backoffice_api.domain.messages.queries.selections import selected_of
from backoffice_api.domain.messages.tables import messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to one address. `data`: the facts of the survey, as `link`."""

    topic: MessageTopic
    recipient: str
    known: Known
    data: Mapping[str, str]


def write_questions(uow: UnitOfWork, questions: Sequence[Question]) -> Sequence[UUID | None]:
    """Write what the templates say. Ids of the messages, in the order given.

    None: there is no enabled template that could be written for it. At most two statements.
    """
    templates = queries.enabled_templates(uow.db, {each.topic for each in questions})
    made: list[Message] = []
    answer: list[UUID | None] = []
    for each in questions:
        template = chosen(templates.get(each.topic, ()), each.known.locale)
        if message := template and _written(uow, template, each):
            made.append(message)
        answer.append(message.id if message else None)
    add(uow, messages, made)
    for message in made:
        tell(uow, message)
    return answer


def _written(uow: UnitOfWork, template: MessageTemplate, question: Question) -> Message | None:
    try:
        order = question.known.order
        selected = selected_of(uow.db, template, order.id if order else None, uow.now)
        rendered = render(template.wording, question.known.facts(question.data), selected)
    except (BadTemplate, MessageTooLong, SelectionNotRead):
        return None
    return new_message(uow, template, question.known, question.recipient, rendered)
