"""What can be asked and done with surveys, reviews of products and scores."""

import inspect
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.commands import (
    answering,
    importing,
    links,
    policies,
    reviewing,
)
from backoffice_api.domain.feedback.model.measures import (
    FeedbackDimension,
    FeedbackMeasure,
)
from backoffice_api.domain.feedback.model.product_reviews import ReviewDraft
from backoffice_api.domain.feedback.queries import scores as on_scores
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed, parameter
from backoffice_api.schema.feedback import READ, FeedbackPolicy, FeedbackScore, Survey
from backoffice_api.schema.feedback_inputs import (
    FeedbackPolicyFilter,
    FeedbackPolicyPayload,
    FeedbackPolicySetInput,
    SurveyFilter,
    SurveyLinkCreateInput,
    SurveyLinkPayload,
    SurveyPayload,
    SurveyRecordInput,
    SurveySort,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.product_reviews import (
    ProductReview,
    ProductReviewAnswerInput,
    ProductReviewCreateInput,
    ProductReviewFilter,
    ProductReviewHideInput,
    ProductReviewPayload,
    ProductReviewsImportInput,
    ProductReviewsImportPayload,
    ProductReviewSort,
)

_PREFIXES = {
    FeedbackDimension.CHANNEL: "chn",
    FeedbackDimension.AGENT: "stf",
    FeedbackDimension.TEAM: "tem",
    FeedbackDimension.CARRIER: "ctr",
    FeedbackDimension.PRODUCT: "prd",
    FeedbackDimension.VARIANT: "sku",
}
_Measure = Annotated[FeedbackMeasure, strawberry.argument(description="Of which answers.")]
_By = Annotated[FeedbackDimension, strawberry.argument(description="By what they are told apart.")]
_Since = Annotated[
    date | None, strawberry.argument(description="Of the month of this day, and of later ones.")
]
_Until = Annotated[
    date | None, strawberry.argument(description="Of the month of this day, and of earlier ones.")
]
_Monthly = Annotated[bool, strawberry.argument(description="A score for each month.")]
_Subject = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only of this one: an id of what `by` names."),
]


def _scores(
    db: Database, _: Context, arguments: Mapping[str, Any]
) -> Sequence[on_scores.FeedbackScore]:
    by, since, until = arguments["by"], arguments["since"], arguments["until"]
    of = arguments["subject_id"]
    wanted = on_scores.ScoresAsked(
        measure=arguments["measure"],
        by=by,
        since=since and since.replace(day=1),
        until=until and until.replace(day=1),
        of=ids.parse(_PREFIXES.get(by, ""), of) if of else None,
        monthly=arguments["monthly"],
    )
    return on_scores.scores(db, wanted)


@strawberry.type
class FeedbackQuery:
    survey: Survey | None = found_by_id(
        "srv", queries.surveys_by_ids, "Its id.", "One survey. Null if there is none.", scope=READ
    )
    surveys: Connection[Survey] = listed(
        queries.survey_list,
        "What customers were asked, newest first.",
        scope=READ,
        filter=SurveyFilter,
        sort=SurveySort,
    )
    surveys_count: Count = counted(
        queries.survey_list, "How many surveys there are.", scope=READ, filter=SurveyFilter
    )
    product_review: ProductReview | None = found_by_id(
        "rvw", queries.reviews_by_ids, "Its id.", "One review. Null if there is none.", scope=READ
    )
    product_reviews: Connection[ProductReview] = listed(
        queries.review_list,
        "What customers say of products, newest first.",
        scope=READ,
        filter=ProductReviewFilter,
        sort=ProductReviewSort,
    )
    product_reviews_count: Count = counted(
        queries.review_list, "How many reviews there are.", scope=READ, filter=ProductReviewFilter
    )
    feedback_policies: Connection[FeedbackPolicy] = listed(
        queries.policy_list,
        "Who is asked about what, newest first.",
        scope=READ,
        filter=FeedbackPolicyFilter,
    )
    feedback_scores: list[FeedbackScore] = asked(
        _scores,
        [
            parameter("measure", _Measure, inspect.Parameter.empty),
            parameter("by", _By, FeedbackDimension.ALL),
            parameter("since", _Since),
            parameter("until", _Until),
            parameter("monthly", _Monthly, False),
            parameter("subject_id", _Subject),
        ],
        "What answers come to, from counts that are kept with each answer. The 250 with the most "
        "answers; by month, the newest 250.",
        scope=READ,
        weight=20,
    )


@strawberry.type
class FeedbackMutation:
    @mutation(policies.set_feedback_policy, FeedbackPolicyPayload)
    def feedback_policy_set(input: FeedbackPolicySetInput) -> policies.SetFeedbackPolicy:
        """Say who is asked about what. It holds for what happens from now on."""
        return policies.SetFeedbackPolicy(
            kind=input.kind,
            measure=input.measure,
            link_base=input.link_base,
            channel_id=given_id("chn", input.channel_id),
            is_active=input.is_active,
            delay_h=input.delay_h,
            open_days=input.open_days,
            pause_days=input.pause_days,
            needs_consent=input.needs_consent,
            low_score=input.low_score,
            publish_from=input.publish_from,
        )

    @mutation(answering.record_answer, SurveyPayload)
    def survey_record(input: SurveyRecordInput) -> answering.RecordAnswer:
        """Write down what a customer said. One who has answered before has changed their mind."""
        return answering.RecordAnswer(
            ticket_id=input.subject.ticket(),
            order_id=input.subject.order(),
            score=input.score,
            comment=input.comment,
        )

    @mutation(answering.remove_answer, SurveyPayload)
    def survey_remove(id: strawberry.ID) -> answering.RemoveAnswer:
        """Forget an answer: it counts nowhere, and there is no other one. Say why in `meta`."""
        return answering.RemoveAnswer(id=ids.parse("srv", id))

    @mutation(links.create_survey_link, SurveyLinkPayload)
    def survey_link_create(input: SurveyLinkCreateInput) -> links.CreateSurveyLink:
        """Make a link by which a customer answers, without an account. No message follows."""
        return links.CreateSurveyLink(
            ticket_id=input.subject.ticket(), order_id=input.subject.order(), days=input.days
        )

    @mutation(reviewing.create_product_review, ProductReviewPayload)
    def product_review_create(input: ProductReviewCreateInput) -> reviewing.CreateProductReview:
        """Write down what somebody thinks of a product."""
        line, variant, product = input.order_line_id, input.variant_id, input.product_id
        return reviewing.CreateProductReview(
            review=ReviewDraft(rating=input.rating, title=input.title, text=input.text),
            product_id=given_id("prd", product),
            variant_id=given_id("sku", variant),
            order_line_id=given_id("oln", line),
            author=input.author,
            locale=input.locale,
            written_at=input.written_at,
            photo_ids=tuple(ids.parse("mfl", each) for each in input.photo_ids),
        )

    @mutation(reviewing.publish_product_review, ProductReviewPayload)
    def product_review_publish(id: strawberry.ID) -> reviewing.PublishProductReview:
        """Show a review to customers, and have it count."""
        return reviewing.PublishProductReview(id=ids.parse("rvw", id))

    @mutation(reviewing.hide_product_review, ProductReviewPayload)
    def product_review_hide(
        id: strawberry.ID, input: ProductReviewHideInput
    ) -> reviewing.HideProductReview:
        """Show a review to nobody, and say why. It counts nowhere."""
        return reviewing.HideProductReview(id=ids.parse("rvw", id), reason=input.reason)

    @mutation(reviewing.answer_product_review, ProductReviewPayload)
    def product_review_answer(
        id: strawberry.ID, input: ProductReviewAnswerInput
    ) -> reviewing.AnswerProductReview:
        """Say what the shop says to a review."""
        return reviewing.AnswerProductReview(id=ids.parse("rvw", id), answer=input.answer)

    @mutation(reviewing.remove_product_review, ProductReviewPayload)
    def product_review_remove(id: strawberry.ID) -> reviewing.RemoveProductReview:
        """Forget what a review said. It counts nowhere."""
        return reviewing.RemoveProductReview(id=ids.parse("rvw", id))

    @mutation(importing.import_product_reviews, ProductReviewsImportPayload)
    def product_reviews_import(
        input: ProductReviewsImportInput,
    ) -> importing.ImportProductReviews:
        """Take over reviews from another shop system, each once."""
        return importing.ImportProductReviews(reviews=tuple(each.value() for each in input.reviews))
