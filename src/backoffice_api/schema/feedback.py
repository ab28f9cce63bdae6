"""Surveys, the policies behind them and what answers come to: on the wire."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.model import measures, policies
from backoffice_api.domain.feedback.model import surveys as model
from backoffice_api.domain.feedback.model.measures import (
    FeedbackDimension,
    FeedbackKind,
    FeedbackMeasure,
    ScoreOffScale,
)
from backoffice_api.domain.feedback.model.surveys import (
    AnswerSource,
    SurveyObstacle,
    SurveySortKey,
    SurveyStatus,
)
from backoffice_api.domain.feedback.queries import scores as on_scores
from backoffice_api.domain.feedback.tables import surveys
from backoffice_api.domain.identity.queries.staff import staff_by_ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.messages import queries as messages
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.shipping import queries as shipping
from backoffice_api.domain.tickets import queries as tickets
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.carriers import Carrier
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.identity import Staff
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.messages import Message
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import UserError, error
from backoffice_api.schema.products import Product, Variant
from backoffice_api.schema.scalars import BigInt
from backoffice_api.schema.tickets import Ticket, TicketTeam

READ = Scope.FEEDBACK_READ

choice(AnswerSource, name="SurveyAnswerSource")
for _choices in (
    FeedbackDimension,
    FeedbackKind,
    FeedbackMeasure,
    SurveyObstacle,
    SurveySortKey,
    SurveyStatus,
):
    choice(_choices)


@node("fbk", policies.FeedbackPolicy, queries.policies_by_ids, scope=READ)
class FeedbackPolicy(Node, Versioned, HasTimeline):
    """Who is asked about what, how soon, how often, and what a low score does."""

    kind: FeedbackKind = about("What opinions are about.")
    measure: FeedbackMeasure = about("What is asked, and on which scale.")
    is_active: bool = about("Whether anybody is asked, or may review.")
    delay_h: int = about("So many hours after it happened, the customer is asked.")
    open_days: int = about("For so many days they can answer, and change their answer.")
    pause_days: int = about("Nobody is asked again within so many days, whatever it is about.")
    needs_consent: bool = about("Only those are asked who agreed to be written to.")
    link_base: str = about("The address before the code of a link.")
    low_score: int | None = about(
        "This score or a lower one is a cause of a ticket, LOW_RATING: the rules for tickets say "
        "whose it is. Null: none is."
    )
    publish_from: int | None = about(
        "Reviews with this rating or a higher one need nobody to look at them. Null: all do."
    )
    channel: Channel | None = one(
        orders.channels_by_ids,
        "channel_id",
        "Where it holds. Null: in channels without one of their own.",
        scope=Scope.ORDERS_READ,
    )


@node("srv", model.Survey, queries.surveys_by_ids, scope=READ)
class Survey(Node, Versioned, HasTimeline):
    """One question to one customer about one ticket or one order, and the answer."""

    kind: FeedbackKind = about("What it is about.")
    measure: FeedbackMeasure = about("What is asked, and on which scale.")
    status: SurveyStatus = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    obstacle: SurveyObstacle | None = about("Why the customer was not asked. Null: nothing is.")
    ask_at: datetime = about("When the customer is asked, or was to be.")
    asked_at: datetime | None = about("When the customer was asked. Null: they were not.")
    closes_at: datetime | None = about("Until then they can answer. Null: they were not asked.")
    score: int | None = about("The answer. Null: there is none.")
    comment: str = about(
        "What the customer wrote. Empty: nothing.", personal="content", scope=Scope.PERSONAL_READ
    )
    source: AnswerSource | None = about("Who wrote it down. Null: there is no answer.")
    answered_at: datetime | None = about("When it was first answered. Null: it was not.")
    changes: int = about("How often the answer was written, or its link was used.")
    stopped_at: datetime | None = about(
        "Since when the customer does not want to be asked anything. Null: they did not say so."
    )
    ticket: Ticket | None = one(
        tickets.tickets_by_ids,
        "ticket_id",
        "The ticket that it is about. Null: it is about an order.",
        scope=Scope.TICKETS_READ,
    )
    order: Order | None = one(
        orders.orders_by_ids,
        "order_id",
        "The order that it, or its ticket, is about. Null: none.",
        scope=Scope.ORDERS_READ,
    )
    customer: Customer | None = one(
        customers.customers_by_ids,
        "customer_id",
        "Whom it asks. Null: a guest.",
        scope=Scope.CUSTOMERS_READ,
    )
    channel: Channel | None = one(
        orders.channels_by_ids,
        "channel_id",
        "Of which channel. Null: none.",
        scope=Scope.ORDERS_READ,
    )
    agent: Staff | None = one(
        staff_by_ids,
        "agent_id",
        "Who looked after the ticket. Null: nobody.",
        scope=Scope.ACCESS_READ,
    )
    team: TicketTeam | None = one(
        tickets.teams_by_ids,
        "team_id",
        "Which team the ticket was with. Null: none.",
        scope=Scope.TICKETS_READ,
    )
    carrier: Carrier | None = one(
        shipping.carriers_by_ids,
        "carrier_id",
        "Who brought the order. Null: not known, or more than one.",
        scope=Scope.SHIPPING_READ,
    )
    message: Message | None = one(
        messages.messages_by_ids,
        "message_id",
        "By what the customer was asked. Null: by none.",
        scope=Scope.MESSAGES_READ,
    )
    opened_ticket: Ticket | None = one(
        tickets.tickets_by_ids,
        "opened_ticket_id",
        "The ticket that a low score has opened. Null: none.",
        scope=Scope.TICKETS_READ,
    )


@described
class FeedbackCount:
    """How many answers have a score."""

    score: int = about("The score.")
    answers: BigInt = about("How many answers have it.")


@described
class FeedbackFigures:
    """What answers come to. Kept up to date with each answer; changed ones count once."""

    measure: FeedbackMeasure = about("What was asked, and on which scale.")
    answers: BigInt = about("How many there are.")
    average: Decimal | None = about("Their average, to two decimals. Null: there is none.")
    satisfied_percent: Decimal | None = about(
        "The share of 4 and 5, in percent (CSAT). Null: no answer, or another scale."
    )
    net_promoter: Decimal | None = about(
        "The share of 9 and 10 less that of 0 to 6, from -100 to 100 (NPS). Null: no answer, or "
        "another scale."
    )

    @strawberry.field(description="How many answers have each score, from the lowest one.")
    def counts(parent: strawberry.Parent[measures.Figures]) -> list[FeedbackCount]:
        return [
            FeedbackCount(score=score, answers=BigInt(answers))
            for score, answers in sorted(parent.counts.items())
        ]


@described
class FeedbackScore:
    """What the answers about one subject come to."""

    period: date | None = about("First day of the month. Null: over all that was asked for.")
    figures: FeedbackFigures = about("The figures.")
    channel: Channel | None = one(
        orders.channels_by_ids,
        "channel_id",
        "Of which channel. Null: not asked by it.",
        scope=Scope.ORDERS_READ,
    )
    agent: Staff | None = one(
        staff_by_ids, "agent_id", "Of whom. Null: not asked by it.", scope=Scope.ACCESS_READ
    )
    team: TicketTeam | None = one(
        tickets.teams_by_ids,
        "team_id",
        "Of which team. Null: not asked by it.",
        scope=Scope.TICKETS_READ,
    )
    carrier: Carrier | None = one(
        shipping.carriers_by_ids,
        "carrier_id",
        "Of which carrier. Null: not asked by it.",
        scope=Scope.SHIPPING_READ,
    )
    product: Product | None = one(
        products.products_by_ids, "product_id", "Of which product. Null: not asked by it."
    )
    variant: Variant | None = one(
        products.variants_by_ids, "variant_id", "Of which variant. Null: not asked by it."
    )


attach(
    Order,
    "survey",
    Survey | None,
    one(queries.surveys_by_orders, "id", "What the buyer was asked. Null: nothing.", scope=READ),
)
attach(
    Ticket,
    "survey",
    Survey | None,
    one(queries.surveys_by_tickets, "id", "What was asked of it. Null: nothing.", scope=READ),
)
attach(
    Customer,
    "surveys",
    Connection[Survey],
    listed_under(
        queries.survey_list,
        surveys.c.customer_id,
        "What they were asked, newest first.",
        scope=READ,
    ),
)
attach(
    Staff,
    "ticket_satisfaction",
    FeedbackFigures | None,
    one(
        on_scores.satisfaction_by_agents,
        "id",
        "How satisfied customers are with the tickets they looked after. Null: nobody answered.",
        scope=READ,
    ),
)
attach(
    TicketTeam,
    "satisfaction",
    FeedbackFigures | None,
    one(
        on_scores.satisfaction_by_teams,
        "id",
        "How satisfied customers are with its tickets. Null: nobody answered.",
        scope=READ,
    ),
)


@error(ScoreOffScale)
class ScoreOffScaleError(UserError):
    """The score is not one of those that were asked for."""

    lowest: int = about("The lowest one.")
    highest: int = about("The highest one.")
