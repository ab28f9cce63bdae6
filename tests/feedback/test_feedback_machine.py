"""Answers under random commands: what counts is what there is, after each of them.

Hypothesis looks for a series of answers, changes, publications, hidings and removals after which
the counts differ from a count of a plain model, or a check finds something.
"""

from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice_api.domain.feedback.commands import answering, reviewing
from backoffice_api.domain.feedback.model.measures import FeedbackKind
from backoffice_api.domain.feedback.model.product_reviews import ReviewDraft
from backoffice_api.domain.kernel.errors import DomainError

SUBJECTS = 3
WRITERS = 4
# What may be in the way of a step; then nothing is changed.
REFUSED = {"INVALID_TRANSITION", "TOO_MANY_ANSWERS", "SURVEY_LINK_NOT_GOOD"}

_which = st.integers(0, SUBJECTS - 1)
_moves = st.sampled_from(["remove", "publish", "hide", "reply", "forget"])
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["answer", "write"]), _which, st.integers(1, 5)),
        st.tuples(_moves, _which, st.none()),
    ),
    min_size=5,
    max_size=25,
)


class Model:
    """What should count: an answer for each subject, and each review that is shown.

    The first subject is an order, whose only line is reviewed by its link; the others are tickets,
    and reviews that the shop wrote down.
    """

    def __init__(self, counter):
        self.counter = counter
        order_id = counter.arrived()
        self.code = counter.code(order_id=order_id)
        self.line_id = counter.lines(order_id)[0].id
        self.subjects = [{"order_id": order_id}]
        self.subjects += [{"ticket_id": counter.office.open()} for _ in range(1, SUBJECTS)]
        self.surveys = {}
        self.answers = {}
        self.reviews = {}
        self.shown = {}

    def take(self, step, which, score):
        try:
            getattr(self, f"_{step}")(which, score)
        except DomainError as refusal:
            if refusal.code not in REFUSED:
                raise

    def _answer(self, which, score):
        self.surveys[which] = self.counter.record(score, **self.subjects[which])
        self.answers[which] = score

    def _remove(self, which, _):
        if which in self.surveys:
            self.counter.remove(self.surveys[which])
            del self.answers[which]

    def _write(self, which, score):
        if which == 0:
            rated = answering.RatedLine(
                order_line_id=self.line_id, review=ReviewDraft(rating=score)
            )
            self.counter.answer(self.code, None, lines=(rated,))
            (made,) = self.counter.reviews_of(self.subjects[0]["order_id"])
            self.reviews[0] = (made.id, score)
            self.shown.pop(0, None)
        elif which not in self.reviews:
            self.reviews[which] = (self.counter.review(score), score)

    def _publish(self, which, _):
        if which in self.reviews:
            id, score = self.reviews[which]
            self.counter.publish(id)
            self.shown[which] = score

    def _hide(self, which, _):
        if which in self.reviews:
            self.counter.hide(self.reviews[which][0])
            self.shown.pop(which, None)

    def _reply(self, which, _):
        if which in self.reviews:
            command = reviewing.AnswerProductReview(id=self.reviews[which][0], answer="Thanks")
            self.counter.world.run(reviewing.answer_product_review, command)

    def _forget(self, which, _):
        if which in self.reviews:
            self.counter.forget(self.reviews.pop(which)[0])
            self.shown.pop(which, None)


class TestCounts:
    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(taken=steps)
    def test_equal_the_answers(self, counter, taken):
        counter.rule(FeedbackKind.REVIEW)
        before = answers(counter), of(counter, "PRODUCT_RATING")
        model = Model(counter)
        for step in taken:
            model.take(*step)

        assert answers(counter) - before[0] == Tally(model.answers.values())
        assert of(counter, "PRODUCT_RATING") - before[1] == Tally(model.shown.values())
        assert counter.broken() == []


class TestRaces:
    def test_count_each_answer_once(self, counter):
        orders = [counter.arrived() for _ in range(4)]
        codes = [counter.code(order_id=each) for each in orders]
        jobs = [(code, score) for code in codes for score in (1, 5)] * 2
        writers = 2 if counter.world.database.dialect == "sqlite" else WRITERS
        with ThreadPoolExecutor(writers) as pool:
            list(pool.map(lambda job: counter.answer(*job), jobs))

        assert sum(of(counter, "ORDER_CSAT").values()) == len(orders)
        assert {each.changes for each in counter.surveys()} == {4}
        assert counter.broken() == []


def answers(counter):
    """How many answers to surveys count with each score."""
    return of(counter, "ORDER_CSAT") + of(counter, "TICKET_CSAT")


def of(counter, measure):
    """How many answers count with each score."""
    return Tally(counter.counted().get((measure, "ALL"), {}))
