"""Surveys: who is asked, once and not too often, and what an answer does."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.feedback.commands import answering, policies
from backoffice_api.domain.feedback.model.measures import FeedbackKind, FeedbackMeasure
from backoffice_api.domain.feedback.model.surveys import (
    CHANGES_MAX,
    AnswerSource,
    SurveyObstacle,
    SurveyStatus,
)
from backoffice_api.domain.feedback.tables import feedback_counts
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.tickets import queries as tickets
from tests.databases import count_statements
from tests.feedback.counter import BASE, LATER
from tests.orders.shop import goods
from tests.world import NOW

ORDER, TICKET = FeedbackKind.ORDER, FeedbackKind.TICKET


class TestAsking:
    def test_follows_what_arrives_and_what_is_resolved(self, counter):
        counter.arrived()
        counter.rule(ORDER, delay_h=24)
        counter.rule(TICKET, delay_h=1)
        counter.templates()
        order_id, ticket_id = counter.arrived(), counter.resolved()
        under_way = counter.sent(goods("MUG"), customer_id=counter.bea)

        assert (counter.follow(), counter.follow()) == (2, 0), "each once, and none of the past"
        assert counter.ask(NOW + timedelta(hours=23)) == 1
        assert (counter.ask(), counter.ask()) == (1, 0)

        of_order, of_ticket = counter.surveys()
        assert (of_order.order_id, of_ticket.ticket_id) == (order_id, ticket_id)
        assert {each.status for each in counter.surveys()} == {SurveyStatus.ASKED}
        about_ticket, about_order = counter.messages()
        assert {each.recipient for each in counter.messages()} == {"bea@example.com"}
        assert BASE in about_order.text
        assert (about_ticket.order_id, about_order.order_id) == (None, order_id)
        assert under_way not in {each.order_id for each in counter.surveys()}
        assert counter.broken() == []

    def test_says_why_somebody_was_not_asked(self, counter):
        counter.rule(ORDER)
        counter.rule(TICKET, needs_consent=True)
        counter.arrived(customer_id=counter.ana)
        counter.resolved()
        cem = counter.buyer("cem@example.com")
        open_again = counter.resolved(customer_id=cem)
        counter.arrived()
        counter.follow()
        counter.reopen_ticket(open_again)
        assert counter.ask() == 0
        assert [each.obstacle for each in counter.surveys()] == [
            SurveyObstacle.NO_RECIPIENT,
            SurveyObstacle.NO_TEMPLATE,
            SurveyObstacle.NO_CONSENT,
            SurveyObstacle.NOT_OVER,
        ]

        counter.templates()
        counter.rule(ORDER, pause_days=7)
        counter.rule(TICKET, pause_days=7, needs_consent=True)
        counter.agrees(cem)
        counter.resolve_ticket(open_again, LATER)
        counter.arrived()
        counter.arrived()
        assert counter.follow(LATER) == 2, "the ticket's survey is planned again"
        assert counter.ask(LATER + timedelta(days=1)) == 2
        late = counter.surveys()[-2:]
        assert {each.obstacle for each in late} == {None, SurveyObstacle.ASKED_LATELY}
        counter.rule(ORDER)
        of_bea = [each for each in counter.messages() if each.recipient == "bea@example.com"]
        counter.answer(counter.code(of_bea[0]), None, LATER, stop=True)
        counter.arrived()
        counter.follow(LATER)
        assert counter.ask(LATER + timedelta(days=2)) == 0
        assert counter.surveys()[-1].obstacle is SurveyObstacle.OBJECTED
        counter.rule(ORDER, is_active=False)
        counter.arrived()
        assert counter.follow() == 0

    def test_takes_as_many_statements_for_many_as_for_one(self, counter):
        counter.rule(ORDER)
        counter.rule(TICKET)
        counter.templates()
        counts = []
        for many in (1, 1, 3):  # the first one makes the key
            for _ in range(many):
                counter.arrived()
                counter.resolved()
            counter.world.settle()
            with count_statements(counter.world.database) as seen:
                assert counter.follow() == 2 * many
                assert counter.ask() == 2 * many
            counts.append(len(seen))

        assert counts[1] == counts[2]


class TestAnswers:
    def test_are_given_once_and_may_be_changed(self, counter):
        counter.rule(ORDER, FeedbackMeasure.ORDER_NPS, low_score=6, open_days=10)
        counter.templates()
        counter.open_tickets()
        order_id = counter.arrived()
        counter.follow()
        counter.ask()
        code = counter.code(counter.messages()[0])

        id = counter.answer(code, 10, comment="Lovely")
        assert counter.counted()["ORDER_NPS", "ALL"] == {10: 1}
        assert counter.survey().opened_ticket_id is None
        counter.answer(code, 3, LATER + timedelta(days=9))

        found = counter.survey()
        assert (found.id, found.score, found.comment, found.source) == (
            id,
            3,
            "",
            AnswerSource.CUSTOMER,
        )
        assert found.counted_on == date(2025, 3, 1)
        assert counter.counted()["ORDER_NPS", "CHANNEL"] == {3: 1}
        ticket = counter.world.read(tickets.ticket, found.opened_ticket_id)
        of_ticket = counter.world.read(tickets.links_by_tickets, [ticket.id])[ticket.id]
        assert {(each.subject_kind, each.subject_id) for each in of_ticket} == {
            ("srv", id),
            ("ord", order_id),
        }
        counter.answer(code, 2, LATER + timedelta(days=9))
        assert counter.survey().opened_ticket_id == ticket.id, "one ticket for one answer"
        late = answering.AnswerByLink(code=code, score=1)
        after = LATER + timedelta(days=10)
        assert counter.refused(answering.answer_by_link, late, now=after) == [
            "SURVEY_LINK_NOT_GOOD"
        ]
        assert counter.broken() == []

    def test_count_for_whom_they_are_about_until_they_are_removed(self, counter):
        (agent,) = counter.office.people("Kim")
        team = counter.office.team(agent)
        ticket_id = counter.resolved(team_id=team)

        id = counter.record(5, ticket_id=ticket_id)
        assert counter.counted() == {
            ("TICKET_CSAT", "ALL"): {5: 1},
            ("TICKET_CSAT", "AGENT"): {5: 1},
            ("TICKET_CSAT", "TEAM"): {5: 1},
        }
        assert counter.record(4, ticket_id=ticket_id) == id
        assert counter.counted()["TICKET_CSAT", "AGENT"] == {4: 1}
        counter.remove(id)

        assert counter.counted() == {}
        again = answering.RecordAnswer(score=5, ticket_id=ticket_id)
        assert counter.refused(answering.record_answer, again) == ["INVALID_TRANSITION"]
        assert counter.broken() == []

    def test_are_refused(self, counter):
        order_id = counter.arrived()
        code = counter.code(order_id=order_id)

        def refused(**values):
            command = answering.AnswerByLink(**{"code": code, "score": 5, **values})
            return counter.refused(answering.answer_by_link, command)

        assert refused(score=6) == ["SCORE_OFF_SCALE"]
        assert refused(comment="x" * 5_001) == ["INVALID_TEXT"]
        assert refused(code=Secret(code.reveal()[:-2] + "AA")) == ["SURVEY_LINK_NOT_GOOD"]
        unknown = answering.RecordAnswer(score=5, order_id=UUID(int=1))
        assert counter.refused(answering.record_answer, unknown) == ["UNKNOWN_ORDER"]
        for _ in range(CHANGES_MAX):
            counter.answer(code, 5)
        assert refused() == ["TOO_MANY_ANSWERS"]
        counter.remove(counter.survey().id)
        assert refused() == ["SURVEY_LINK_NOT_GOOD"]

    def test_are_found_out_if_they_are_counted_wrongly(self, counter):
        counter.record(5, order_id=counter.arrived())
        with counter.world.database.writing.begin() as db:
            db.execute(update(feedback_counts).values(answers=2))

        assert counter.broken() == ["V2"]


class TestPolicies:
    def test_are_checked(self, counter):
        wrong = policies.SetFeedbackPolicy(
            kind=TICKET,
            measure=FeedbackMeasure.ORDER_NPS,
            link_base="http://shop.example/?a=",
            delay_h=-1,
            low_score=11,
            publish_from=1,
        )

        assert counter.refused(policies.set_feedback_policy, wrong) == [
            "MEASURE_DOES_NOT_FIT",
            "INVALID_LINK_BASE",
            "OUT_OF_RANGE",
            "OUT_OF_RANGE",
            "ONLY_FOR_REVIEWS",
        ]
