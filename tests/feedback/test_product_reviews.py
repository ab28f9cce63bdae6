"""Reviews of products: verified by the order, looked at, counted when they are shown."""

from datetime import timedelta

import pytest

from backoffice_api.domain.feedback.commands import answering, importing, reviewing
from backoffice_api.domain.feedback.commands.answering import RatedLine
from backoffice_api.domain.feedback.model.measures import FeedbackKind
from backoffice_api.domain.feedback.model.product_reviews import (
    ProductReviewOrigin,
    ProductReviewStatus,
    ReviewDraft,
)
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.tickets import queries as tickets
from tests.orders.shop import goods
from tests.world import NOW

RATED = ("PRODUCT_RATING", "PRODUCT")


def of_line(line_id, rating, **texts):
    return RatedLine(order_line_id=line_id, review=ReviewDraft(rating=rating, **texts))


class TestModeration:
    def test_decides_what_counts(self, counter):
        id = counter.review(4)
        assert counter.counted() == {}
        counter.publish(id)
        counter.publish(counter.review(2))
        assert counter.counted()[RATED] == {2: 1, 4: 1}
        assert counter.counted()["PRODUCT_RATING", "VARIANT"] == {2: 1, 4: 1}
        counter.hide(id)
        assert (counter.counted()[RATED], counter.review_of(id).reason) == ({2: 1}, "rude")
        counter.publish(id)
        answer = reviewing.AnswerProductReview(id=id, answer="Thank you")
        counter.world.run(reviewing.answer_product_review, answer)
        assert counter.counted()[RATED] == {2: 1, 4: 1}
        counter.forget(id)

        assert counter.counted()[RATED] == {2: 1}
        assert counter.review_of(id).status is ProductReviewStatus.REMOVED
        again = reviewing.PublishProductReview(id=id)
        assert counter.refused(reviewing.publish_product_review, again) == ["INVALID_TRANSITION"]
        assert counter.broken() == []


class TestBuyers:
    def test_review_what_they_bought_by_the_link(self, counter):
        counter.rule(FeedbackKind.ORDER)
        counter.rule(FeedbackKind.REVIEW, low_score=2, publish_from=4)
        counter.open_tickets()
        order_id = counter.arrived()
        line = counter.lines(order_id)[0]
        code = counter.code(order_id=order_id)

        counter.answer(code, 5, lines=(of_line(line.id, 5, text="Holds coffee"),))
        (made,) = counter.reviews_of(order_id)
        assert (made.is_verified, made.status, made.customer_id, made.origin) == (
            True,
            ProductReviewStatus.PUBLISHED,
            counter.bea,
            ProductReviewOrigin.CUSTOMER,
        )
        assert counter.counted()[RATED] == {5: 1}
        counter.answer(code, None, lines=(of_line(line.id, 2, title="Broke"),))
        (after,) = counter.reviews_of(order_id)
        assert (after.id, after.status, after.text) == (made.id, ProductReviewStatus.PENDING, "")
        assert RATED not in counter.counted()
        opened = counter.world.read(tickets.ticket, after.opened_ticket_id)
        assert opened.subject == "Low rating of a product: 2 of 5"
        assert counter.broken() == []

    def test_review_nothing_else(self, counter):
        counter.rule(FeedbackKind.ORDER)
        counter.rule(FeedbackKind.REVIEW)
        order_id, other_id = counter.arrived(), counter.arrived()
        waiting = counter.place(goods("MUG"), customer_id=counter.bea)
        code = counter.code(order_id=order_id)
        for line in (counter.lines(other_id)[0], counter.lines(waiting)[0]):
            command = answering.AnswerByLink(code=code, score=5, lines=(of_line(line.id, 5),))
            assert counter.refused(answering.answer_by_link, command) == ["NOT_BOUGHT"]

        line_id = counter.lines(order_id)[0].id
        counter.review(3, order_line_id=line_id)
        twice = reviewing.CreateProductReview(review=ReviewDraft(rating=3), order_line_id=line_id)
        assert counter.refused(reviewing.create_product_review, twice) == ["REVIEWED_BEFORE"]

    @pytest.mark.parametrize(
        ("values", "codes"),
        [
            ({"review": ReviewDraft(rating=0)}, ["SCORE_OFF_SCALE"]),
            ({"review": ReviewDraft(rating=5, text="x" * 10_001)}, ["INVALID_TEXT"]),
            ({"written_at": NOW + timedelta(seconds=1)}, ["WRITTEN_IN_THE_FUTURE"]),
            ({"variant_id": None}, ["UNKNOWN_PRODUCT"]),
        ],
    )
    def test_are_refused(self, counter, values, codes):
        given = {"review": ReviewDraft(rating=5), "variant_id": counter.mug, **values}
        command = reviewing.CreateProductReview(**given)

        assert counter.refused(reviewing.create_product_review, command) == codes


class TestImports:
    def test_take_over_each_review_once(self, counter):
        def given(key, rating, **values):
            return importing.ImportedReview(
                external_id=ExternalId("old shop", key),
                review=ReviewDraft(rating=rating),
                written_at=NOW - timedelta(days=400),
                sku="MUG",
                **values,
            )

        def take(*reviews):
            command = importing.ImportProductReviews(reviews=reviews)
            return counter.world.run(importing.import_product_reviews, command).value

        first = take(given("1", 5, is_published=True), given("2", 1, is_published=False))
        again = take(given("2", 4, is_published=True), given("3", 3), given("1", 5))

        assert (first.known, again.known) == (0, 2)
        assert (again.ids[0], again.ids[2]) == (first.ids[1], first.ids[0])
        assert counter.counted()[RATED] == {5: 1}
        statuses = [counter.review_of(id).status.name for id in (*first.ids, again.ids[1])]
        assert statuses == ["PUBLISHED", "HIDDEN", "PENDING"]
        unknown = importing.ImportedReview(
            external_id=ExternalId("old shop", "4"),
            review=ReviewDraft(rating=5),
            written_at=NOW,
            sku="NONE",
        )
        command = importing.ImportProductReviews(reviews=(unknown, unknown))
        assert counter.refused(importing.import_product_reviews, command) == ["DUPLICATE"]
        command = importing.ImportProductReviews(reviews=(unknown,))
        assert counter.refused(importing.import_product_reviews, command) == ["UNKNOWN_VARIANT"]
        assert counter.broken() == []
