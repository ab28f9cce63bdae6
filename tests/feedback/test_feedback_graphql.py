"""Feedback over GraphQL: the whole path, its rights, its lists, its door and its documents."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.model.measures import (
    FeedbackDimension,
    FeedbackKind,
    FeedbackMeasure,
)
from backoffice_api.domain.feedback.model.policies import FeedbackPolicySortKey
from backoffice_api.domain.feedback.model.product_reviews import (
    ProductReviewOrigin,
    ProductReviewSortKey,
    ProductReviewStatus,
)
from backoffice_api.domain.feedback.model.surveys import SurveySortKey, SurveyStatus
from backoffice_api.domain.feedback.queries.scores import (
    ScoresAsked,
    ratings_by_products,
    scores,
)
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.web.survey_links import SurveyLinks
from tests.databases import count_statements
from tests.feedback.counter import BASE
from tests.plans import all_indexed
from tests.world import NOW, caller

SOME = UUID(int=0)
DOCS = Path(__file__).parents[2] / "docs" / "feedback.md"
DOCUMENTS = re.findall(r"^```graphql\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.MULTILINE)

POLICY = """
mutation ($input: FeedbackPolicySetInput!) {
  feedbackPolicySet(input: $input) {
    policy { kind measure delayH needsConsent channel { code } }
    userErrors { code path }
  }
}
"""
RECORD = """
mutation ($input: SurveyRecordInput!, $meta: MutationMeta) {
  surveyRecord(input: $input, meta: $meta) {
    survey { id status score comment source answeredAt order { survey { score } }
      openedTicket { subject survey { score } } actions { name allowed }
      timeline { nodes { type } } }
    userErrors { code path ... on ScoreOffScaleError { highest } }
    replayed effects { kind }
  }
}
"""
SCORES = """
query ($of: ID, $day: Date) {
  feedbackScores(measure: ORDER_CSAT, by: CHANNEL, monthly: true, since: $day, until: $day,
      subjectId: $of) {
    period channel { code } figures { answers average satisfiedPercent netPromoter }
  }
}
"""
REMOVE = """
mutation ($id: ID!, $meta: MutationMeta) {
  surveyRemove(id: $id, meta: $meta) { survey { status score } userErrors { code } }
}
"""
REVIEW = """
mutation ($input: ProductReviewCreateInput!) {
  productReviewCreate(input: $input) {
    review { id rating isVerified status author product { rating { answers } } }
    userErrors { code path ... on ReviewedBeforeError { reviewId } }
  }
}
"""
MODERATE = """
mutation ($id: ID!) {
  productReviewPublish(id: $id) { review { status product { rating { average answers
    satisfiedPercent counts { score answers } } reviews { nodes { rating } } } } }
  productReviewAnswer(id: $id, input: {answer: "Thank you"}) { review { answer answeredAt } }
  productReviewHide(id: $id, input: {reason: "rude"}) {
    review { status reason product { rating { answers } } } }
  productReviewRemove(id: $id) { review { status text } }
}
"""
LINK = """
mutation ($input: SurveyLinkCreateInput!) {
  surveyLinkCreate(input: $input) { path survey { status } userErrors { code path } }
}
"""
LISTS = """
{
  surveys { nodes { id score order { number productReviews { nodes { id } } }
    customer { name surveys(first: 5) { nodes { id } } } channel { code } } }
  productReviews { nodes { rating product { rating { average } } variant { rating { answers } }
    order { survey { score } } photos { id } externalIds { key } customer { name } } }
  feedbackScores(measure: ORDER_CSAT, by: CHANNEL) { figures { average } channel { code } }
  surveysCount { value } productReviewsCount { value }
}
"""


class TestPath:
    async def test_leads_from_the_policy_to_the_scores(self, counter):
        given = {"kind": "ORDER", "measure": "ORDER_CSAT", "linkBase": BASE, "lowScore": 2}
        made = (await counter.world.graphql(POLICY, input=given))["feedbackPolicySet"]
        assert made["policy"]["delayH"] == 24
        counter.open_tickets()
        order_id = counter.arrived()
        subject = {"orderId": ids.text("ord", order_id)}
        off = {"subject": subject, "score": 9}
        refused = (await counter.world.graphql(RECORD, input=off))["surveyRecord"]["userErrors"]
        assert refused == [{"code": "SCORE_OFF_SCALE", "path": ["input", "score"], "highest": 5}]
        low = {"subject": subject, "score": 1, "comment": "Broken"}
        dry = await counter.world.graphql(RECORD, input=low, meta={"dryRun": True})
        assert dry["surveyRecord"]["survey"]["score"] == 1
        assert counter.surveys() == []
        for _ in range(2):
            answer = await counter.world.graphql(RECORD, input=low, meta={"idempotencyKey": "1"})
        recorded = answer["surveyRecord"]
        assert recorded["replayed"]
        survey = recorded["survey"]
        assert (survey["status"], survey["source"]) == ("ANSWERED", "STAFF")
        assert survey["openedTicket"]["subject"] == "Low score for an order: 1 of 5"
        assert [each["type"] for each in survey["timeline"]["nodes"]] == [
            "survey.answered",
            "survey.planned",
        ]
        found = await counter.world.graphql(SCORES, day=survey["answeredAt"][:10])
        assert found["feedbackScores"] == [
            {
                "period": f"{survey['answeredAt'][:7]}-01",
                "channel": {"code": "web"},
                "figures": {
                    "answers": "1",
                    "average": "1.00",
                    "satisfiedPercent": "0.00",
                    "netPromoter": None,
                },
            }
        ]
        for other in ({"of": ids.text("chn", SOME)}, {"day": "2025-03-01"}):
            assert (await counter.world.graphql(SCORES, **other))["feedbackScores"] == []
        stale = await counter.world.graphql(REMOVE, id=survey["id"], meta={"expectedVersion": 1})
        assert stale["surveyRemove"]["userErrors"] == [{"code": "STALE_VERSION"}]
        gone = (await counter.world.graphql(REMOVE, id=survey["id"]))["surveyRemove"]
        assert gone["survey"] == {"status": "REMOVED", "score": None}
        assert (await counter.world.graphql(SCORES))["feedbackScores"] == []
        assert counter.broken() == []

    async def test_of_reviews(self, counter):
        line = counter.lines(counter.arrived())[0]
        given = {"rating": 4, "orderLineId": ids.text("oln", line.id), "author": "B."}
        made = (await counter.world.graphql(REVIEW, input=given))["productReviewCreate"]["review"]
        assert (made["isVerified"], made["status"]) == (True, "PENDING")
        again = (await counter.world.graphql(REVIEW, input=given))["productReviewCreate"]
        assert again["userErrors"] == [
            {
                "code": "REVIEWED_BEFORE",
                "path": ["input", "orderLineId"],
                "reviewId": made["id"],
            }
        ]
        steps = await counter.world.graphql(MODERATE, id=made["id"])
        assert steps["productReviewPublish"]["review"]["product"] == {
            "rating": {
                "average": "4.00",
                "answers": "1",
                "satisfiedPercent": "100.00",
                "counts": [{"score": 4, "answers": "1"}],
            },
            "reviews": {"nodes": [{"rating": 4}]},
        }
        assert steps["productReviewHide"]["review"] == {
            "status": "HIDDEN",
            "reason": "rude",
            "product": {"rating": None},
        }
        assert steps["productReviewRemove"]["review"]["status"] == "REMOVED"


class TestRights:
    @pytest.mark.parametrize("scope", [Scope.FEEDBACK_WRITE, Scope.PERSONAL_READ])
    async def test_are_needed(self, counter, scope):
        somebody = caller(*(ALL_SCOPES - {scope}))
        input = {"subject": {"orderId": ids.text("ord", SOME)}, "score": 5}

        answer = await counter.world.ask(RECORD, caller=somebody, input=input)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestLists:
    async def test_take_as_many_statements_however_long_they_are(self, counter):
        def more():
            order_id = counter.arrived()
            counter.record(4, order_id=order_id)
            counter.publish(counter.review(5, order_line_id=counter.lines(order_id)[0].id))

        more()
        counts = []
        for _ in range(2):
            with count_statements(counter.world.database) as seen:
                shown = await counter.world.graphql(LISTS)
            counts.append(len(seen))
            more()

        assert counts[0] == counts[1]
        assert shown["surveysCount"]["value"] == 2
        assert shown["productReviews"]["nodes"][0]["product"]["rating"] == {"average": "5.00"}

    LISTED = (
        (
            queries.survey_list,
            SurveySortKey,
            {
                "status": (Operator.EQ, SurveyStatus.ANSWERED),
                "measure": (Operator.EQ, FeedbackMeasure.ORDER_NPS),
                "score": (Operator.EQ, 2),
                "order_id": (Operator.EQ, SOME),
                "ticket_id": (Operator.EQ, SOME),
                "customer_id": (Operator.EQ, SOME),
                "channel_id": (Operator.EQ, SOME),
                "agent_id": (Operator.EQ, SOME),
                "team_id": (Operator.EQ, SOME),
                "carrier_id": (Operator.EQ, SOME),
                "created_at": (Operator.GTE, NOW),
            },
        ),
        (
            queries.review_list,
            ProductReviewSortKey,
            {
                "status": (Operator.EQ, ProductReviewStatus.PENDING),
                "origin": (Operator.EQ, ProductReviewOrigin.IMPORT),
                "rating": (Operator.EQ, 2),
                "product_id": (Operator.EQ, SOME),
                "variant_id": (Operator.EQ, SOME),
                "order_id": (Operator.EQ, SOME),
                "customer_id": (Operator.EQ, SOME),
                "channel_id": (Operator.EQ, SOME),
                "written_at": (Operator.GTE, NOW),
            },
        ),
        (
            queries.policy_list,
            FeedbackPolicySortKey,
            {
                "kind": (Operator.EQ, FeedbackKind.ORDER),
                "channel_id": (Operator.EQ, SOME),
            },
        ),
    )

    @pytest.mark.parametrize("number", range(len(LISTED)))
    def test_have_an_index_for_every_word_and_sort(self, database, number):
        listing, sorts, tests = self.LISTED[number]
        assert set(tests) == set(listing.words)

        for key in sorts:
            with all_indexed(database.reading), database.reading.connect() as db:
                listing.page(db, PageRequest(sort=key))
        for word, (operator, value) in tests.items():
            request = PageRequest(filter=Test(word, operator, value))
            with all_indexed(database.reading, sorts=True), database.reading.connect() as db:
                listing.page(db, request)

    def test_scores_walk_the_counts_by_an_index(self, counter):
        counter.publish(counter.review(5))
        database = counter.world.database
        for monthly in (False, True):
            asked = ScoresAsked(
                measure=FeedbackMeasure.PRODUCT_RATING,
                by=FeedbackDimension.PRODUCT,
                since=NOW.date(),
                monthly=monthly,
            )
            with all_indexed(database.reading, sorts=True), database.reading.connect() as db:
                assert [each.figures.answers for each in scores(db, asked)] == [1]
                ratings_by_products(db, [SOME])


class TestDoor:
    def test_shows_the_question_and_takes_the_answer(self, counter):
        counter.rule(FeedbackKind.REVIEW, publish_from=1)
        order_id = counter.arrived()
        line = ids.text("oln", counter.lines(order_id)[0].id)
        path = f"/survey-links/{counter.code(order_id=order_id).reveal()}"
        door = SurveyLinks(counter.world.database, counter.world.threads, lambda: NOW)
        with TestClient(Starlette(routes=door.routes())) as client:
            asked = client.get(path).json()
            assert (asked["measure"], asked["lowest"], asked["highest"]) == ("ORDER_CSAT", 1, 5)
            (shown,) = asked["lines"]
            assert shown == {"lineId": line, "title": "Thing MUG", "rating": None, "text": ""}
            assert counter.counted() == {}, "programs that read mail follow links"
            body = {"score": 4, "comment": "<b>", "lines": [{"lineId": line, "rating": 5}]}
            assert client.post(path, json=body).json()["score"] == 4
            page = client.get(path, headers={"accept": "text/html"})
            assert "&lt;b&gt;</textarea>" in page.text
            assert 'value="4" checked' in page.text
            assert "form-action 'self'" in page.headers["content-security-policy"]
            assert client.post(path, json={"stop": True}).json()["stop"] is True
            form = {"score": "2", f"rating-{line}": "1", f"text-{line}": "No"}
            sent = client.post(path, data=form, headers={"accept": "text/html"})
            assert (sent.status_code, "Thank you" in sent.text) == (200, True)

            for wrong, status in (
                ({"json": {}}, 400),
                ({"json": {"score": "5"}}, 400),
                ({"json": {"stop": 1}}, 400),
                ({"json": {"score": 6}}, 422),
                ({"json": {"lines": [{"lineId": "oln_1", "rating": 1}]}}, 422),
                ({"data": {"score": "a"}}, 400),
                ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415),
            ):
                assert client.post(path, **wrong).status_code == status
            assert client.get(f"{path}A").status_code == 404
            assert client.post(f"{path}A", json={"score": 5}).status_code == 404
        assert counter.counted()["ORDER_CSAT", "ALL"] == {2: 1}
        assert counter.counted()["PRODUCT_RATING", "ALL"] == {1: 1}
        assert counter.broken() == []


class TestDocuments:
    async def test_of_the_docs_can_be_asked(self, counter):
        order_id = counter.arrived()
        counter.publish(counter.review(5))
        variables = {
            "order": ids.text("ord", order_id),
            "review": ids.text("rvw", counter.review(5)),
        }
        assert len(DOCUMENTS) == 4
        for document in DOCUMENTS:
            names = set(re.findall(r"\$(\w+):", document))
            data = await counter.world.graphql(
                document, **{name: variables[name] for name in names}
            )
            for answer in data.values():
                if isinstance(answer, dict):
                    assert answer.get("userErrors", []) == []
