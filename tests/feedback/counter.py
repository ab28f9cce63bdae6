"""A shop whose customers say what they think: orders that arrive, tickets that are resolved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backoffice_api.domain.customers.commands.consents import RecordConsents, record_consents
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.customers.model.consents import (
    ConsentChannel,
    ConsentDraft,
    ConsentSource,
    ConsentStatus,
    LegalBasis,
)
from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.checks import CHECKS
from backoffice_api.domain.feedback.commands import (
    answering,
    asking,
    links,
    planning,
    policies,
    reviewing,
)
from backoffice_api.domain.feedback.model.measures import FeedbackKind, FeedbackMeasure
from backoffice_api.domain.feedback.model.product_reviews import ProductReview, ReviewDraft
from backoffice_api.domain.feedback.model.surveys import Survey
from backoffice_api.domain.feedback.tables import feedback_counts, surveys
from backoffice_api.domain.fulfillment.commands.gates import deliver_parcels
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.messages import queries as on_messages
from backoffice_api.domain.messages.commands.templates import (
    EnableMessageTemplate,
    SetMessageTemplate,
    enable_template,
    set_template,
)
from backoffice_api.domain.messages.model.messages import Message
from backoffice_api.domain.messages.model.topics import SURVEY_TOPICS
from backoffice_api.domain.messages.tables import messages
from backoffice_api.domain.tickets.checks import CHECKS as OF_TICKETS
from backoffice_api.domain.tickets.commands.moving import (
    ReopenTicket,
    ResolveTicket,
    reopen_ticket,
    resolve_ticket,
)
from backoffice_api.domain.tickets.commands.ruling import (
    EnableTicketRule,
    SetTicketRule,
    enable_rule,
    set_rule,
)
from backoffice_api.domain.tickets.model.rules import TicketCause
from tests.orders.shop import goods
from tests.returns.desk import Desk
from tests.soundness import broken
from tests.tickets.office import Office
from tests.world import NOW, World

BASE = "https://shop.example/survey-links/"
LATER = NOW + timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deliver(Command):
    scope = None
    parcel_ids: tuple[UUID, ...]


def _deliver(uow: UnitOfWork, command: _Deliver) -> int:
    deliver_parcels(uow, dict.fromkeys(command.parcel_ids, uow.now))
    return 0


class Counter(Desk):
    """Ana buys mugs, and can be written to. Policies and templates are set by each test."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.office = Office(world)
        self.bea = self.buyer("bea@example.com")

    def buyer(self, email: str | None = None, name: str = "Bea") -> UUID:
        draft = CustomerDraft(kind=CustomerKind.PERSON, name=name, email=email)
        id: UUID = self.world.run(create_customer, CreateCustomer(draft=draft)).value
        return id

    def rule(
        self, kind: FeedbackKind, measure: FeedbackMeasure | None = None, **values: Any
    ) -> UUID:
        usual = {"link_base": BASE, "needs_consent": False, "pause_days": 0}
        measures = {
            FeedbackKind.TICKET: FeedbackMeasure.TICKET_CSAT,
            FeedbackKind.ORDER: FeedbackMeasure.ORDER_CSAT,
            FeedbackKind.REVIEW: FeedbackMeasure.PRODUCT_RATING,
        }
        command = policies.SetFeedbackPolicy(
            kind=kind, measure=measure or measures[kind], **{**usual, **values}
        )
        id: UUID = self.world.run(policies.set_feedback_policy, command).value
        return id

    def open_tickets(self) -> None:
        """From now on, a low score opens a ticket."""
        rule = SetTicketRule(code="low", title="Low score", cause=TicketCause.LOW_RATING)
        id = self.world.run(set_rule, rule).value
        self.world.run(enable_rule, EnableTicketRule(id=id))

    def agrees(self, id: UUID) -> None:
        """A customer may be written to by mail from now on."""
        draft = ConsentDraft(
            channel=ConsentChannel.EMAIL,
            status=ConsentStatus.GRANTED,
            source=ConsentSource.CHECKOUT,
            legal_basis=LegalBasis.CONSENT,
            text_version="1",
        )
        self.world.run(record_consents, RecordConsents(id=id, consents=(draft,)))

    def templates(self) -> None:
        for topic in sorted(SURVEY_TOPICS):
            set_ = SetMessageTemplate(topic=topic, locale="en")
            id = self.world.run(set_template, set_).value
            self.world.run(enable_template, EnableMessageTemplate(id=id))

    def arrived(self, mugs: int = 1, **values: Any) -> UUID:
        """An order of Bea's, all of which has arrived."""
        order_id = self.sent(goods("MUG", mugs), **{"customer_id": self.bea, **values})
        self.deliver(order_id)
        return order_id

    def deliver(self, order_id: UUID) -> None:
        parcels = [each.id for of in self.of_order(order_id) for each in self.parcels(of.id)]
        self.world.run(_deliver, _Deliver(parcel_ids=tuple(parcels)))

    def resolved(self, **values: Any) -> UUID:
        ticket_id = self.office.open(**{"customer_id": self.bea, **values})
        self.resolve_ticket(ticket_id)
        return ticket_id

    def resolve_ticket(self, ticket_id: UUID, now: datetime = NOW) -> None:
        self.world.run(resolve_ticket, ResolveTicket(id=ticket_id), now=now)

    def reopen_ticket(self, ticket_id: UUID, now: datetime = NOW) -> None:
        self.world.run(reopen_ticket, ReopenTicket(id=ticket_id), now=now)

    def follow(self, now: datetime = NOW) -> int:
        self.world.settle()
        made: int = self.world.run(planning.follow_events, planning.FollowFeedback(), now=now).value
        return made

    def ask(self, now: datetime = LATER) -> int:
        asked: int = self.world.run(asking.ask_due, asking.AskDue(), now=now).value
        return asked

    def surveys(self) -> Sequence[Survey]:
        with self.world.database.reading.connect() as db:
            statement = select(surveys.c.id).order_by(surveys.c.id)
            ids = list(db.execute(statement).scalars())
            found = queries.surveys_by_ids(db, ids)
        return [found[id] for id in ids]

    def survey(self) -> Survey:
        """The only one there is."""
        (found,) = self.surveys()
        return found

    def messages(self) -> Sequence[Message]:
        """What was written to ask, in order."""
        with self.world.database.reading.connect() as db:
            statement = select(messages.c.id).order_by(messages.c.id)
            ids = list(db.execute(statement.where(messages.c.topic.in_(SURVEY_TOPICS))).scalars())
            found = on_messages.messages_by_ids(db, ids)
        return [found[id] for id in ids]

    def code(self, message: Message | None = None, **subject: Any) -> Secret:
        """The code in a message, or that of a link that is made now for a subject."""
        if message is not None:
            return Secret(message.text.partition(BASE)[2].split()[0])
        made: Secret | None = self.world.run(
            links.create_survey_link, links.CreateSurveyLink(**subject)
        ).value.code
        assert made is not None
        return made

    def answer(self, code: Secret, score: int | None, now: datetime = LATER, **values: Any) -> UUID:
        command = answering.AnswerByLink(code=code, score=score, **values)
        id: UUID = self.world.run(answering.answer_by_link, command, now=now).value
        return id

    def record(self, score: int, now: datetime = NOW, **subject: Any) -> UUID:
        command = answering.RecordAnswer(score=score, **subject)
        id: UUID = self.world.run(answering.record_answer, command, now=now).value
        return id

    def remove(self, id: UUID) -> None:
        self.world.run(answering.remove_answer, answering.RemoveAnswer(id=id))

    def review(self, rating: int = 5, **values: Any) -> UUID:
        given = {"variant_id": None if "order_line_id" in values else self.mug, **values}
        command = reviewing.CreateProductReview(review=ReviewDraft(rating=rating), **given)
        id: UUID = self.world.run(reviewing.create_product_review, command).value
        return id

    def publish(self, id: UUID) -> None:
        self.world.run(reviewing.publish_product_review, reviewing.PublishProductReview(id=id))

    def hide(self, id: UUID) -> None:
        command = reviewing.HideProductReview(id=id, reason="rude")
        self.world.run(reviewing.hide_product_review, command)

    def forget(self, id: UUID) -> None:
        self.world.run(reviewing.remove_product_review, reviewing.RemoveProductReview(id=id))

    def review_of(self, id: UUID) -> ProductReview:
        found: ProductReview = self.world.read(queries.review, id)
        return found

    def reviews_of(self, order_id: UUID) -> Sequence[ProductReview]:
        found: Sequence[ProductReview] = self.world.read(queries.reviews_by_orders, [order_id]).get(
            order_id, ()
        )
        return found

    def counted(self) -> dict[tuple[str, str], dict[int, int]]:
        """How many answers count, by measure and dimension, over all subjects and months."""
        of = feedback_counts.c
        statement = select(of.measure, of.dimension, of.score, func.sum(of.answers))
        found: dict[tuple[str, str], dict[int, int]] = {}
        with self.world.database.reading.connect() as db:
            grouped = statement.group_by(of.measure, of.dimension, of.score)
            for measure, dimension, score, answers in db.execute(grouped):
                if answers:
                    found.setdefault((measure.name, dimension.name), {})[score] = int(answers)
        return found

    def refused(self, handler: Any, command: Any, **how: Any) -> list[str]:
        """The codes of the refusals; nothing was changed, not even the log."""
        before = self._logged()
        with pytest.raises(DomainError) as refusal:
            self.world.run(handler, command, **how)
        assert self._logged() == before
        return [each.code for each in refusal.value.reasons()]

    def broken(self) -> list[str]:
        return broken(self.world.database, (*CHECKS, *OF_TICKETS))

    def _logged(self) -> int:
        with self.world.database.reading.connect() as db:
            count: int = db.execute(select(func.count()).select_from(events)).scalar_one()
        return count
