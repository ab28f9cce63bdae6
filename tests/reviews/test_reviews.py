"""The life of a review, from the log to the decision. On both databases."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_api.adapters.risk_simulated import SimulatedRisk
from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.fulfillment.commands.shipping import (
    ReleaseFulfillment,
    release_fulfillment,
)
from backoffice_api.domain.fulfillment.commands.waves import (
    PlanWave,
    ReleaseWave,
    plan_wave,
    release_wave,
)
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.fulfillment.queries import fulfillment
from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Command
from backoffice_api.domain.orders.commands.cancelling import (
    CancelOrder,
    UncancelOrder,
    cancel_order,
    uncancel_order,
)
from backoffice_api.domain.orders.commands.holds import ReleaseHold, release_hold
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.orders import AddressKind, CancelReason
from backoffice_api.domain.payments.model.disputes import DisputeStatus
from backoffice_api.domain.payments.model.events import DisputeClosed
from backoffice_api.domain.reviews import queries
from backoffice_api.domain.reviews.commands.deciding import (
    AcceptReview,
    AssignReview,
    NoteReview,
    RecordReviewOutcome,
    RejectReview,
    accept_review,
    assign_review,
    note_review,
    record_review_outcome,
    reject_review,
)
from backoffice_api.domain.reviews.commands.policies import (
    SetReviewPolicy,
    SetRiskRule,
    set_review_policy,
    set_risk_rule,
)
from backoffice_api.domain.reviews.model.reviews import ReviewOutcome, ReviewStatus
from backoffice_api.domain.reviews.model.rules import RiskCode, Verdict
from backoffice_api.domain.reviews.ports import RiskAnswer
from backoffice_api.tasks.risk import AskProviders
from tests.databases import count_statements
from tests.identity.people import add_staff
from tests.orders.shop import address
from tests.plans import all_indexed
from tests.world import NOW, caller

ODD = {
    "email": "x@mailinator.com",
    "shipping_address": address(lines=("Rua Augusta",)),
    "billing_address": address(AddressKind.BILLING, country="US"),
}
OPEN, ACCEPTED, REJECTED = ReviewStatus.OPEN, ReviewStatus.ACCEPTED, ReviewStatus.REJECTED


class TestAssessing:
    def test_lets_a_proper_order_go_on(self, desk):
        review = desk.reviewed()

        assert (review.status, review.score, review.verdict) == (ACCEPTED, 0, Verdict.ACCEPT)
        assert desk.holds(review.order_id) == ()
        assert desk.wrong() == []

    def test_holds_an_odd_one(self, desk):
        review = desk.reviewed(**ODD)

        assert desk.codes(review) == ["ADDRESS_UNUSUAL", "DISPOSABLE_MAIL", "COUNTRY_ADDRESSES"]
        assert (review.status, review.score, review.verdict) == (OPEN, 63, Verdict.REVIEW)
        (hold,) = desk.holds(review.order_id)
        assert (hold.id, hold.kind) == (review.hold_id, HoldKind.FRAUD)
        assert desk.wrong() == []

    def test_calls_what_is_about_addresses_so(self, desk):
        review = desk.reviewed(shipping_address=address(region=None))

        (hold,) = desk.holds(review.order_id)
        assert hold.kind is HoldKind.ADDRESS

    def test_is_done_once(self, desk):
        review = desk.reviewed(**ODD)
        desk.work()

        assert desk.review(review.order_id) == review
        assert desk.events(review.id) == ["review.made"]

    def test_leaves_channels_without_a_policy_alone(self, desk):
        off = SetReviewPolicy(channel_id=desk.channel_id, is_active=False)
        desk.world.run(set_review_policy, off)
        id = desk.order_of(**ODD)
        desk.work()

        assert desk.world.read(queries.reviews_by_orders, [id]) == {}
        assert desk.world.read(queries.unreviewed, [id]) == frozenset()

    def test_is_missed_until_it_is_done(self, desk):
        id = desk.order_of()

        assert desk.world.read(queries.unreviewed, [id]) == {id}
        desk.work()
        assert desk.world.read(queries.unreviewed, [id]) == frozenset()

    def test_keeps_goods_in_the_house_until_it_is_done(self, desk):
        plan = PlanFulfillments(order_ids=(desk.order_of(),))
        (id,) = desk.world.run(plan_fulfillments, plan).value.fulfillment_ids
        plan = PlanWave(location_id=desk.locations[0])

        release = ReleaseFulfillment(id=id)
        assert desk.refused(release_fulfillment, release) == ["ORDER_ON_HOLD"]
        assert desk.refused(plan_wave, plan) == ["NOTHING_FOR_WAVE"]
        desk.work()
        wave = desk.world.run(plan_wave, plan).value
        desk.world.run(release_wave, ReleaseWave(id=wave))

        assert desk.world.read(fulfillment, id).status is FulfillmentState.RELEASED

    def test_counts_what_comes_fast_after_each_other(self, desk):
        desk.rule(RiskCode.VELOCITY_EMAIL, score=60, threshold=3, window_h=2)
        hours = [0, 1, 1, 9]
        found = [
            desk.reviewed(
                now=NOW + timedelta(hours=hour),
                email="Ana@Example.com",
                shipping_address=address(lines=(f"Rua Augusta {number}",)),
            )
            for number, hour in enumerate(hours)
        ]

        assert [desk.codes(each) for each in found] == [[], [], ["VELOCITY_EMAIL"], []]
        (signal,) = desk.signals(found[2])
        assert signal.facts == {"orders": 3, "hours": 2}

    def test_compares_with_what_is_usual(self, desk):
        for number in range(2, 5):
            other = address(lines=(f"Rua Augusta {number}",))
            desk.reviewed(email=None, phone="+5511999999999", shipping_address=other)
        review = desk.reviewed(pieces=6)

        (signal,) = desk.signals(review)
        assert signal.code is RiskCode.AMOUNT_CHANNEL
        assert signal.facts == {"percent": 600, "usual_minor": 1_000, "orders": 3}

    def test_writes_nothing_personal_into_the_log(self, desk):
        review = desk.reviewed(**{**ODD, "email": "hiddenname@mailinator.com"})

        told = str([(each.data, each.changes) for each in desk.log(review.id)])
        told += str(desk.signals(review))
        assert "hiddenname" not in told
        assert "Augusta" not in told

    def test_adds_no_statement_to_placing(self, desk):
        desk.order_of()
        with count_statements(desk.world.database) as placing:
            desk.order_of()

        assert len(placing) <= 20


class TestDeciding:
    def test_lets_an_order_go_on(self, desk):
        review = desk.reviewed(**ODD)

        desk.world.run(accept_review, AcceptReview(id=review.id, note="Spoke to them."))

        assert desk.review(review.order_id).status is ACCEPTED
        assert desk.holds(review.order_id) == ()
        assert desk.events(review.id) == ["review.made", "review.decided", "review.noted"]
        assert desk.wrong() == []

    def test_accepts_where_the_hold_was_released_by_hand(self, desk):
        review = desk.reviewed(**ODD)
        desk.world.run(release_hold, ReleaseHold(id=review.order_id))

        desk.world.run(accept_review, AcceptReview(id=review.id))

        assert desk.review(review.order_id).status is ACCEPTED

    @pytest.mark.parametrize(
        ("cancel", "status", "holds"), [(True, "cancelled", 0), (False, "open", 1)]
    )
    def test_rejects_and_calls_off_by_choice(self, desk, cancel, status, holds):
        review = desk.reviewed(**ODD)

        desk.world.run(reject_review, RejectReview(id=review.id, cancel=cancel))
        desk.work()

        assert desk.review(review.order_id).status is REJECTED
        assert desk.order(review.order_id).status == status
        assert len(desk.holds(review.order_id)) == holds
        assert desk.wrong() == []

    def test_is_done_once(self, desk):
        review = desk.reviewed(**ODD)
        desk.world.run(accept_review, AcceptReview(id=review.id))

        for handler, command in (
            (accept_review, AcceptReview(id=review.id)),
            (reject_review, RejectReview(id=review.id, cancel=True)),
            (assign_review, AssignReview(id=review.id, assignee_id=None)),
        ):
            assert desk.refused(handler, command) == ["INVALID_TRANSITION"]

    def test_needs_no_decision_on_what_was_called_off(self, desk):
        review = desk.reviewed(**ODD)
        command = CancelOrder(id=review.order_id, reason=CancelReason.CUSTOMER)
        desk.world.run(cancel_order, command)
        desk.work()

        assert desk.review(review.order_id).status is ReviewStatus.VOID
        assert desk.wrong() == []

    def test_holds_an_order_again_that_is_taken_up_again(self, desk):
        review = desk.reviewed(**ODD)
        desk.world.run(reject_review, RejectReview(id=review.id, cancel=True))

        desk.world.run(uncancel_order, UncancelOrder(id=review.order_id))

        (hold,) = desk.holds(review.order_id)
        assert (hold.kind, hold.id) == (HoldKind.FRAUD, desk.review(review.order_id).hold_id)
        assert hold.id != review.hold_id
        assert desk.wrong() == []

    def test_judges_an_order_that_was_called_off_before_it_was(self, desk):
        id = desk.order_of(**ODD)
        desk.world.run(cancel_order, CancelOrder(id=id, reason=CancelReason.CUSTOMER))
        desk.work()

        desk.world.run(uncancel_order, UncancelOrder(id=id))
        desk.work()

        assert desk.review(id).status is OPEN
        assert len(desk.holds(id)) == 1

    def test_is_assigned_and_noted(self, desk):
        review, staff = desk.reviewed(**ODD), add_staff(desk.world)

        desk.world.run(assign_review, AssignReview(id=review.id, assignee_id=staff))
        desk.world.run(note_review, NoteReview(id=review.id, body="Called, nobody there."))

        assert desk.review(review.order_id).assignee_id == staff
        assert desk.events(review.id)[-2:] == ["review.assigned", "review.noted"]
        unknown = AssignReview(id=review.id, assignee_id=UUID(int=1))
        assert desk.refused(assign_review, unknown) == ["UNKNOWN_STAFF"]

    def test_refuses_orders_that_are_under_way(self, desk):
        review = desk.reviewed(**ODD, pieces=2)
        desk.ship(review.order_id, 1)

        command = RejectReview(id=review.id, cancel=True)
        assert desk.refused(reject_review, command) == ["ORDER_UNDER_WAY"]


class TestFigures:
    def test_say_how_each_signal_did(self, desk):
        fraud, proper, waiting = (desk.reviewed(**ODD) for _ in range(3))
        desk.world.run(reject_review, RejectReview(id=fraud.id, cancel=True))
        desk.world.run(accept_review, AcceptReview(id=proper.id))

        def figures():
            rows = desk.world.read(queries.figures, NOW)
            return {each.code.name: (each.hits, each.right, each.wrong) for each in rows}

        assert figures()["DISPOSABLE_MAIL"] == (3, 1, 1)
        outcome = RecordReviewOutcome(id=proper.id, outcome=ReviewOutcome.CHARGEBACK)
        desk.world.run(record_review_outcome, outcome)
        assert figures()["DISPOSABLE_MAIL"] == (3, 2, 0)
        early = RecordReviewOutcome(id=waiting.id, outcome=ReviewOutcome.FRAUD)
        assert desk.refused(record_review_outcome, early) == ["INVALID_TRANSITION"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Close(Command):
    scope = Scope.ORDERS_REVIEW
    order_id: UUID
    outcome: DisputeStatus


def _close(uow, command: _Close) -> UUID:
    """What payments tell when a dispute ends."""
    id = uow.new_id()
    event = DisputeClosed(id, 1, command.order_id, "W-1", id, command.outcome, "10.00 EUR")
    uow.emit(event)
    return id


class TestDisputes:
    @pytest.mark.parametrize(
        ("outcome", "learnt"),
        [
            (DisputeStatus.LOST, ReviewOutcome.CHARGEBACK),
            (DisputeStatus.WON, ReviewOutcome.LEGITIMATE),
        ],
    )
    def test_are_learnt_from(self, desk, outcome, learnt):
        review = desk.reviewed()

        desk.world.run(_close, _Close(order_id=review.order_id, outcome=outcome))

        assert desk.review(review.order_id).outcome is learnt
        assert desk.events(review.id)[-1] == "review.outcome_recorded"

    def test_concern_nothing_that_was_not_judged(self, desk):
        command = _Close(order_id=desk.order_of(), outcome=DisputeStatus.LOST)

        desk.world.run(_close, command)

        assert "review.outcome_recorded" not in desk.events()


class TestProviders:
    @pytest.fixture
    def asked(self, desk):
        policy = SetReviewPolicy(channel_id=desk.channel_id, provider="simulated")
        desk.world.run(set_review_policy, policy)
        return desk.reviewed()

    def ask(self, desk, answer=None, *, after=0):
        provider = SimulatedRisk(answer)
        now = NOW + timedelta(seconds=after)
        AskProviders(desk.world.database, {"simulated": provider}, lambda: now)()
        return provider

    def test_hold_the_order_while_they_think(self, desk, asked):
        assert asked.status is ReviewStatus.WAITING
        assert [each.id for each in desk.holds(asked.order_id)] == [asked.hold_id]
        assert desk.wrong() == []

    def test_let_it_go_on(self, desk, asked):
        provider = self.ask(desk)

        (question,) = provider.asked
        assert (question.review_id, question.order) == (asked.id, "W-1")
        review = desk.review(asked.order_id)
        assert (review.status, review.score) == (ACCEPTED, 0)
        assert desk.holds(asked.order_id) == ()
        assert desk.wrong() == []

    def test_have_their_score_fused_with_ours(self, desk, asked):
        self.ask(desk, lambda _: RiskAnswer(90, "Known for fraud."))

        review = desk.review(asked.order_id)
        assert (review.status, review.score, review.verdict) == (OPEN, 90, Verdict.REJECT)
        assert desk.codes(review) == ["PROVIDER"]
        assert len(desk.holds(asked.order_id)) == 1

    def test_are_asked_again_until_they_took_too_long(self, desk, asked):
        def silent(_):
            raise TimeoutError

        self.ask(desk, silent)
        assert desk.review(asked.order_id).status is ReviewStatus.WAITING
        self.ask(desk, silent, after=60)

        review = desk.review(asked.order_id)
        assert (review.status, review.verdict) == (OPEN, Verdict.REVIEW)
        assert desk.codes(review) == ["PROVIDER_SILENT"]
        assert desk.wrong() == []

    def test_with_a_bug_keep_no_other_order_waiting(self, desk, asked):
        other = desk.reviewed()

        def broken(question):
            if question.review_id == asked.id:
                raise KeyError("score")
            return RiskAnswer(0, "Fine.")

        self.ask(desk, broken)

        assert desk.review(asked.order_id).status is ReviewStatus.WAITING
        assert desk.review(other.order_id).status is ACCEPTED

    def test_are_asked_no_more_when_the_worker_is_to_stop(self, desk, asked):
        desk.reviewed()
        provider = SimulatedRisk()
        told = []

        def progress(done, total):
            told.append((done, total))
            return False

        ask = AskProviders(desk.world.database, {"simulated": provider}, lambda: NOW)

        assert ask(progress) == 1
        assert (told, len(provider.asked)) == ([(1, 2)], 1)

    def test_answer_late_without_effect(self, desk, asked):
        self.ask(desk, after=60)
        before = desk.review(asked.order_id)
        provider = self.ask(desk, lambda _: RiskAnswer(0, "Fine."))

        assert provider.asked == []
        assert desk.review(asked.order_id) == before


class TestRules:
    def test_of_a_channel_go_before_those_of_all(self, desk):
        desk.rule(RiskCode.DISPOSABLE_MAIL, score=5)
        desk.rule(RiskCode.DISPOSABLE_MAIL, score=77, channel_id=desk.channel_id)

        review = desk.reviewed(email="x@yopmail.com")

        assert review.score == 77

    def test_refuse_what_makes_no_sense(self, desk):
        def refused(**values):
            given = {"code": RiskCode.DISPOSABLE_MAIL, "score": 1, **values}
            return desk.refused(set_risk_rule, SetRiskRule(**given))

        assert refused(score=101, threshold=-1, window_h=0) == ["OUT_OF_RANGE"] * 3
        assert refused(channel_id=UUID(int=1)) == ["UNKNOWN_CHANNEL"]
        policy = SetReviewPolicy(
            channel_id=desk.channel_id, review_at=50, reject_at=49, home_country="XX"
        )
        codes = ["THRESHOLDS_NOT_IN_ORDER", "UNKNOWN_COUNTRY"]
        assert desk.refused(set_review_policy, policy) == codes


LIST = """
query ($filter: ReviewFilter, $sort: ReviewSort) {
  reviews(filter: $filter, sort: $sort) { nodes {
    id score verdict status order { number hasHold } channel { reviewPolicy { reviewAt } }
    assignee { id } signals { code kind score explanation facts } decidedBy { kind } outcome
    actions { name allowed } timeline(first: 5) { nodes { type } }
  } }
  reviewsCount(filter: $filter) { value }
}
"""


class TestGraphql:
    async def test_shows_the_queue_and_decides(self, desk):
        review = desk.reviewed(**ODD)
        desk.reviewed()
        queue = {"status": ["OPEN"]}

        answer = await desk.world.graphql(LIST, filter=queue, sort={"key": "SCORE"})

        (node,) = answer["reviews"]["nodes"]
        assert node["order"] == {"number": "W-1", "hasHold": True}
        assert node["signals"][1] == {
            "code": "DISPOSABLE_MAIL",
            "kind": "RISK",
            "score": 35,
            "explanation": "The e-mail address is of a service that gives them away for minutes.",
            "facts": {},
        }
        document = """
        mutation ($id: ID!) {
          reviewReject(id: $id, input: {cancel: true}, meta: {expectedVersion: 1}) {
            review { status order { status review { id } } } userErrors { code } effects { kind }
          }
        }
        """
        done = await desk.world.graphql(document, id=text("rev", review.id))
        assert done["reviewReject"]["review"] == {
            "status": "REJECTED",
            "order": {"status": "CANCELLED", "review": {"id": text("rev", review.id)}},
        }
        figures = '{ riskSignalsFigures(since: "2025-01-01T00:00:00Z") { code hits right wrong } }'
        shown = await desk.world.graphql(figures)
        assert shown["riskSignalsFigures"][0] == {
            "code": "ADDRESS_UNUSUAL",
            "hits": 1,
            "right": 1,
            "wrong": 0,
        }

    async def test_lists_by_indexes_in_constant_statements(self, desk):
        desk.reviewed(**ODD)
        words = [
            {"status": ["OPEN"]},
            {"verdict": ["REVIEW"]},
            {"score": {"gte": 40}},
            {"signal": ["DISPOSABLE_MAIL"]},
            {"createdAt": {"gte": NOW.isoformat()}},
        ]
        for word in words:
            with all_indexed(desk.world.database.reading, sorts=True, walks=["anon_1"]):
                answer = await desk.world.graphql(LIST, filter=word)
            assert answer["reviewsCount"]["value"] == 1
        with count_statements(desk.world.database) as one:
            await desk.world.graphql(LIST)
        desk.reviewed(**ODD)
        with count_statements(desk.world.database) as two:
            await desk.world.graphql(LIST)
        assert len(two) == len(one)

    async def test_takes_the_right(self, desk):
        somebody = caller(*ALL_SCOPES - {Scope.ORDERS_REVIEW})

        for document in (
            "{ reviews { nodes { id } } }",
            "{ riskRules { nodes { id } } }",
            "mutation { riskRuleSet(input: {code: PROVIDER, score: 1}) { userErrors { code } } }",
        ):
            answer = await desk.world.ask(document, caller=somebody)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
