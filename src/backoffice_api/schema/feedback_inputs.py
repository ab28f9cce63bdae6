"""What surveys and their policies are asked by, and what their mutations take and answer."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.model.measures import FeedbackKind, FeedbackMeasure
from backoffice_api.domain.feedback.model.surveys import SurveySortKey, SurveyStatus
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.schema.directives import about
from backoffice_api.schema.feedback import FeedbackPolicy, Survey
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    IntFilter,
    SortDirection,
    filter_input,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.links import one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.payloads import MutationPayload, payload


@filter_input
class SurveyFilter:
    """Which surveys. All words that are given must hold."""

    status: list[SurveyStatus] | None = about("In one of these states.", default=UNSET)
    measure: list[FeedbackMeasure] | None = about("On one of these scales.", default=UNSET)
    score: IntFilter | None = about("With such a score.", default=UNSET)
    order_id: IdFilter | None = about("About such an order.", default=UNSET)
    ticket_id: IdFilter | None = about("About such a ticket.", default=UNSET)
    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)
    channel_id: IdFilter | None = about("Of such a channel.", default=UNSET)
    agent_id: IdFilter | None = about("About such a member of staff.", default=UNSET)
    team_id: IdFilter | None = about("About such a team.", default=UNSET)
    carrier_id: IdFilter | None = about("About such a carrier.", default=UNSET)
    created_at: DateTimeFilter | None = about("Planned at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of surveys.")
class SurveySort:
    key: SurveySortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class FeedbackPolicyFilter:
    """Which policies. All words that are given must hold."""

    kind: list[FeedbackKind] | None = about("About one of these.", default=UNSET)
    channel_id: IdFilter | None = about("Of such a channel.", default=UNSET)


@strawberry.input(one_of=True, description="What an opinion is about.")
class SurveySubjectInput:
    ticket_id: strawberry.ID | None = about("A ticket.", default=UNSET)
    order_id: strawberry.ID | None = about("An order.", default=UNSET)

    def ticket(self) -> UUID | None:
        """Raises: MalformedId."""
        return given_id("tic", self.ticket_id)

    def order(self) -> UUID | None:
        """Raises: MalformedId."""
        return given_id("ord", self.order_id)


@strawberry.input(description="What a customer told somebody of the shop.")
class SurveyRecordInput:
    subject: SurveySubjectInput = about("What it is about.")
    score: int = about("The score: 1 to 5, or 0 to 10 for ORDER_NPS.")
    comment: str = about("What they said, at most 5,000 characters.", default="")


@strawberry.input(description="For which customer a link is.")
class SurveyLinkCreateInput:
    subject: SurveySubjectInput = about("What it is about.")
    days: int = about("For so many days it is good, 1 to 365.", default=30)


@strawberry.input(
    description="Who is asked about what. Takes the place of the policy of this kind and channel."
)
class FeedbackPolicySetInput:
    kind: FeedbackKind = about("What opinions are about.")
    measure: FeedbackMeasure = about("What is asked, and on which scale.")
    link_base: str = about(
        "The address before the code of a link, as https://shop.example/survey-links/."
    )
    channel_id: strawberry.ID | None = about(
        "Where it holds. Null: in channels without one of their own.", default=None
    )
    is_active: bool = about("Whether anybody is asked, or may review.", default=True)
    delay_h: int = about("So many hours after it happened, 0 to 2160.", default=24)
    open_days: int = about("For so many days there can be an answer, 1 to 365.", default=30)
    pause_days: int = about("Nobody is asked again within so many days, 0 to 3650.", default=30)
    needs_consent: bool = about(
        "Only those are asked who agreed to be written to. False only where the law lets you ask "
        "without it.",
        default=True,
    )
    low_score: int | None = about(
        "This score or a lower one is a cause of a ticket, LOW_RATING.", default=None
    )
    publish_from: int | None = about(
        "Of reviews: this rating or a higher one needs nobody to look at it.", default=None
    )


@payload
class SurveyPayload(MutationPayload):
    """What a mutation of a survey answers."""

    survey: Survey | None = one(
        queries.surveys_by_ids, "value", "The survey as it is now. Null if it was refused."
    )


@payload
class FeedbackPolicyPayload(MutationPayload):
    """What a mutation of a policy answers."""

    policy: FeedbackPolicy | None = one(
        queries.policies_by_ids, "value", "The policy as it is now. Null if it was refused."
    )


def _survey_id(outcome: Outcome) -> UUID | None:
    return outcome.value.survey_id if outcome.value else None


def _link_path(parent: strawberry.Parent[Outcome]) -> Secret | None:
    code: Any = parent.value.code if parent.value else None
    return Secret(f"/survey-links/{code.reveal()}") if code else None


@payload
class SurveyLinkPayload(MutationPayload):
    """A link for a customer."""

    survey: Survey | None = found_of(
        _survey_id, queries.surveys_by_ids, "The survey. Null if it was refused."
    )
    path: Secret | None = about(
        "Path on this server: GET tells what is asked, POST answers, without any token. You see it "
        "this once. Null if it was refused, or if this is the answer to a repeated request.",
        resolver=_link_path,
    )
