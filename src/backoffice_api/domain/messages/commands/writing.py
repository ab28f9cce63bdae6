"""Messages are written: because something happened, because somebody asks for it, or again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from backoffice_api.domain.kernel import log
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.contacts import check_email
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.events import Logged
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.commands.templates import FOLLOWER
from backoffice_api.domain.messages.model.messages import (
    MACHINE,
    WRITTEN_WITHIN,
    Message,
    MessageFailure,
    MessageQueued,
    MessageStatus,
    MessageSuppressed,
    NobodyToWriteTo,
    OnlySurveysAsk,
)
from backoffice_api.domain.messages.model.rendering import (
    BadTemplate,
    MessageTooLong,
    Rendered,
    render,
)
from backoffice_api.domain.messages.model.selections import SelectionNotRead
from backoffice_api.domain.messages.model.templates import (
    MessageTemplate,
    UnknownMessageTemplate,
    best_locale,
)
from backoffice_api.domain.messages.model.topics import SURVEY_TOPICS, TOPICS, MessageTopic
from backoffice_api.domain.messages.queries.facts import Known, known_of
from backoffice_api.domain.messages.queries.selections import selected_of
from backoffice_api.domain.messages.tables import message_progress, messages
from backoffice_api.domain.orders.model.orders import UnknownOrder

FOLLOW_JOB = "messages.write_of_events"
EVENTS_MAX = 200


@dataclass(frozen=True, slots=True)
class WriteOfEvents(Command):
    """Run by the worker every few seconds."""

    scope = Scope.MESSAGES_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage(Command):
    """`recipient` None: whoever ordered. `locale` None: the customer's."""

    scope = Scope.MESSAGES_WRITE
    order_id: UUID
    topic: MessageTopic
    recipient: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendMessage(Command):
    """`recipient` None: the same as before."""

    scope = Scope.MESSAGES_WRITE
    table = messages
    id: UUID
    recipient: str | None = None


def write_of_events(uow: UnitOfWork, command: WriteOfEvents) -> int:
    """Write what is to be written of the next events. How many messages that made.

    An event is written about once, in one language: the row of its message is unique. If there
    may be more events, another job goes on.
    """
    mine = message_progress.c.name == FOLLOWER
    statement = select(message_progress.c.sequence).where(mine).with_for_update()
    known = uow.db.execute(statement).scalar()
    if known is None:  # Nobody was ever to be written to.
        return 0
    wanted = Test("type", Operator.IN, tuple(TOPICS))
    page = log.feed(uow.db, known, EVENTS_MAX, wanted)
    if not page.rows:
        return 0
    made = _written(uow, page.rows)
    uow.db.execute(update(message_progress).where(mine).values(sequence=page.rows[-1].sequence))
    if page.has_next:
        uow.enqueue(Job(FOLLOW_JOB))
    return made


def send_message(uow: UnitOfWork, command: SendMessage) -> UUID:
    """Write to somebody of an order by hand. The message's id.

    Raises:
        NotAllowed: the recipient is named, and the caller may not see personal data: what is
        written holds some.
        UnknownOrder, UnknownMessageTemplate, NobodyToWriteTo, InvalidEmail.
        OnlySurveysAsk: it is about what takes a link of a survey.
        BadTemplate, MessageTooLong: the template cannot be written of this order.
        SelectionNotRead: whoever set the template may not see any more what it selects.
    """
    if command.topic in SURVEY_TOPICS:
        raise OnlySurveysAsk().at("topic")
    if command.recipient is not None:
        uow.require(Scope.PERSONAL_READ)
    known = known_of(uow.db, [command.order_id]).get(command.order_id)
    if known is None:
        raise UnknownOrder(command.order_id).at("order_id")
    there = queries.enabled_templates(uow.db, [command.topic]).get(command.topic, ())
    template = chosen(there, command.locale or known.locale)
    if template is None or (command.locale and template.locale != command.locale):
        raise UnknownMessageTemplate().at("topic")
    recipient = _address(command.recipient) or known.recipient
    if recipient is None:
        raise NobodyToWriteTo().at("recipient")
    selected = selected_of(uow.db, template, command.order_id, uow.now)
    rendered = render(template.wording, known.facts({}), selected)
    made = new_message(uow, template, known, recipient, rendered)
    add(uow, messages, [made])
    tell(uow, made)
    return made.id


def resend_message(uow: UnitOfWork, command: ResendMessage) -> UUID:
    """Send what was written once more, to the same person or another. The new message's id.

    One of which nobody knows whether it arrived keeps its Message-ID, so that whoever has got it
    already can tell that it is the same.

    Raises:
        NotAllowed: the recipient is named, and the caller may not see personal data: what was
        written holds some.
        UnknownMessage, InvalidTransition, NobodyToWriteTo, InvalidEmail.
    """
    if command.recipient is not None:
        uow.require(Scope.PERSONAL_READ)
    found = queries.message(uow.db, command.id)
    MACHINE.check("resend", found.status)
    recipient = _address(command.recipient) or found.recipient
    if not recipient:
        raise NobodyToWriteTo().at("recipient")
    id = uow.new_id()
    same = found.failure is MessageFailure.UNCERTAIN and recipient == found.recipient
    made = replace(
        found,
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        event_id=None,
        resend_of_id=found.id,
        recipient=recipient,
        status=MACHINE.start,
        failure=None,
        reason="",
        attempts=0,
        send_at=uow.now,
        sent_at=None,
        mail_key=found.mail_key if same else id.hex,
    )
    add(uow, messages, [made])
    tell(uow, made)
    return id


def _written(uow: UnitOfWork, told: Sequence[Logged]) -> int:
    """Write what the templates say of events. How many messages that made."""
    templates = queries.enabled_templates(uow.db, {TOPICS[each.type] for each in told})
    wanted = [each for each in told if TOPICS[each.type] in templates]
    if not wanted:
        return 0
    known = known_of(uow.db, {id for each in wanted if (id := _order_of(each))})
    made = []
    for each in wanted:
        id = _order_of(each)
        if id is None or id not in known:
            continue
        template = chosen(templates[TOPICS[each.type]], known[id].locale)
        assert template is not None, "topics without templates are left out"
        made.append(_of_event(uow, each, template, known[id]))
    return _add_new(uow, made)


def _add_new(uow: UnitOfWork, made: Sequence[Message]) -> int:
    """Keep those that are not there yet, and tell of them."""
    rows = [{name: getattr(each, name) for name in _COLUMNS} for each in made]
    insert_or_ignore(uow.db, messages, *rows)
    kept = queries.messages_by_ids(uow.db, [each.id for each in made])
    for each in kept.values():
        tell(uow, each)
    return len(kept)


def _of_event(uow: UnitOfWork, event: Logged, template: MessageTemplate, known: Known) -> Message:
    failure, reason = None, ""
    if known.recipient is None:
        failure = MessageFailure.NO_RECIPIENT
    elif event.occurred_at < uow.now - WRITTEN_WITHIN:
        failure = MessageFailure.TOO_OLD
    rendered = Rendered("", "", None)
    fulfillment_id = event.subject_id if event.subject_kind == "ful" else None
    try:
        selected = selected_of(uow.db, template, known.order.id if known.order else None, uow.now)
        rendered = render(template.wording, known.facts(event.data, fulfillment_id), selected)
    except MessageTooLong:
        failure = failure or MessageFailure.TOO_LONG
    except (BadTemplate, SelectionNotRead) as fault:
        failure, reason = failure or MessageFailure.BAD_TEMPLATE, str(fault)
    made = new_message(uow, template, known, known.recipient or "", rendered)
    if failure:
        status = MACHINE.check("suppress", made.status)
        made = replace(made, status=status, failure=failure, reason=reason)
    return replace(made, event_id=event.id)


def new_message(
    uow: UnitOfWork,
    template: MessageTemplate,
    known: Known,
    recipient: str,
    rendered: Rendered,
) -> Message:
    """A message as it is when nobody has sent it yet."""
    id = uow.new_id()
    return Message(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        topic=template.topic,
        channel=template.channel,
        template_id=template.id,
        template_revision=template.revision,
        locale=template.locale,
        event_id=None,
        order_id=known.order.id if known.order else None,
        customer_id=known.customer.id if known.customer else None,
        resend_of_id=None,
        recipient=recipient,
        status=MACHINE.start,
        failure=None,
        reason="",
        attempts=0,
        send_at=uow.now,
        sent_at=None,
        mail_key=id.hex,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
    )


def tell(uow: UnitOfWork, made: Message) -> None:
    """Tell that a message was written, or why it is not sent."""
    if made.status is MessageStatus.SUPPRESSED:
        assert made.failure is not None, "what is suppressed says why"
        event: MessageSuppressed | MessageQueued = MessageSuppressed(
            made.id, made.version, made.topic, made.order_id, made.failure
        )
    else:
        event = MessageQueued(made.id, made.version, made.topic, made.order_id)
    uow.emit(event, after=made)


def chosen(there: Iterable[MessageTemplate], locale: str | None) -> MessageTemplate | None:
    """The template in the language that fits best. None: there is none at all."""
    by_locale = {each.locale: each for each in there}
    best = best_locale(locale, list(by_locale))
    return by_locale[best] if best else None


def _order_of(event: Logged) -> UUID | None:
    if event.subject_kind == "ord":
        return event.subject_id
    return _id(event.data, "order_id")


def _id(data: Mapping[str, Any], name: str) -> UUID | None:
    value = data.get(name)
    return UUID(hex=value) if isinstance(value, str) else None


def _address(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        return check_email(given)
    except DomainError as fault:
        raise fault.at("recipient") from fault


_COLUMNS = tuple(Message.__dataclass_fields__)
