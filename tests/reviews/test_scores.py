"""How several hints become one score, and a score a verdict."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.reviews.model.reviews import MACHINE, ReviewStatus
from backoffice_api.domain.reviews.model.rules import (
    DEFAULTS,
    ReviewPolicy,
    RiskCode,
    Verdict,
    Weight,
    fused,
    verdict,
)
from backoffice_api.domain.reviews.model.signals import Facts, hits
from tests.orders.shop import address

NOW = datetime(2025, 3, 1, tzinfo=UTC)
scores = st.lists(st.integers(0, 100), max_size=12)


class TestFused:
    @pytest.mark.parametrize(
        ("given", "score"),
        [([], 0), ([0, 0], 0), ([35], 35), ([50, 50], 75), ([20, 30, 10], 50), ([100, 1], 100)],
    )
    def test_takes_shares_of_the_doubt_that_is_left(self, given, score):
        assert fused(given) == score

    @given(scores)
    def test_is_bounded_and_at_least_the_strongest_hint(self, given):
        assert max(given, default=0) <= fused(given) <= 100

    @given(scores, st.integers(0, 100))
    def test_never_falls_by_one_hint_more(self, given, more):
        assert fused([*given, more]) >= fused(given)

    @given(scores, st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order(self, given, random):
        mixed = list(given)
        random.shuffle(mixed)

        assert fused(mixed) == fused(given)


class TestVerdict:
    @given(st.integers(0, 100), st.integers(1, 101), st.integers(0, 100))
    def test_grows_with_the_score(self, score, review_at, more):
        id = UUID(int=1)
        reject_at = min(101, review_at + more)
        policy = ReviewPolicy(
            id, 1, NOW, NOW, id, review_at, reject_at, None, 60, None, is_active=True
        )

        expected = (
            Verdict.REJECT
            if score >= reject_at
            else Verdict.REVIEW
            if score >= review_at
            else Verdict.ACCEPT
        )
        assert verdict(score, policy) is expected


class TestMachine:
    @given(st.lists(st.sampled_from(sorted(MACHINE.moves)), max_size=8))
    def test_never_leaves_an_end(self, actions):
        state = MACHINE.start
        for action in actions:
            if action not in MACHINE.allowed(state):
                continue
            before, state = state, MACHINE.check(action, state)
            if before in (ReviewStatus.ACCEPTED, ReviewStatus.REJECTED, ReviewStatus.VOID):
                assert state is before


def codes(**values):
    weights = values.pop("weights", DEFAULTS)
    facts = Facts(
        **{
            "total": Money(1_000, "EUR"),
            "email": "ana@example.com",
            "shipping": address(),
            **values,
        }
    )
    return [each.code.name for each in hits(facts, weights)]


class TestHits:
    def test_finds_nothing_in_a_proper_order(self):
        assert codes() == []

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"shipping": None}, "ADDRESS_MISSING"),
            ({"shipping": address(region=None)}, "ADDRESS_INCOMPLETE"),
            ({"shipping": address(lines=("P.O. Box 7",))}, "ADDRESS_PO_BOX"),
            ({"shipping": address(lines=("Caixa Postal 77",))}, "ADDRESS_PO_BOX"),
            ({"shipping": address(lines=("Rua Augusta",))}, "ADDRESS_UNUSUAL"),
            ({"shipping": address(recipient="aaaaaaa")}, "ADDRESS_UNUSUAL"),
            ({"email": None}, "CUSTOMER_UNREACHABLE"),
            ({"email": "x@MAILINATOR.com"}, "DISPOSABLE_MAIL"),
            ({"email": "x@eu.mailinator.com"}, "DISPOSABLE_MAIL"),
            ({"without_weight": ["MUG"]}, "PRODUCT_WEIGHT"),
            ({"without_customs": ["MUG"], "home_country": "DE"}, "PRODUCT_CUSTOMS"),
            ({"history": [300, 300, 300]}, "AMOUNT_HISTORY"),
            ({"usual": [100, 150, 199]}, "AMOUNT_CHANNEL"),
            ({"billing": address(country="US")}, "COUNTRY_ADDRESSES"),
            ({"customer_country": "DE"}, "COUNTRY_CUSTOMER"),
            ({"velocity": {RiskCode.VELOCITY_EMAIL: 4}}, "VELOCITY_EMAIL"),
            ({"charges": ["POST", "Express delivery"]}, "FIRST_EXPRESS"),
            ({"failed_payments": 3}, "FAILED_PAYMENTS"),
        ],
    )
    def test_finds(self, values, code):
        assert codes(**values) == [code]

    @pytest.mark.parametrize(
        "values",
        [
            {"shipping": None, "has_goods": False},
            {"shipping": address(country="HK", region=None, postal_code=None)},
            {"email": None, "has_phone": True},
            {"without_customs": ["MUG"], "home_country": "BR"},
            {"without_customs": ["MUG"]},
            {"history": [300, 300]},
            {"history": [334, 334, 334]},
            {"velocity": {RiskCode.VELOCITY_EMAIL: 3}},
            {"charges": ["Express delivery"], "is_known_customer": True},
            {"failed_payments": 2},
        ],
    )
    def test_leaves_alone(self, values):
        assert codes(**values) == []

    def test_takes_domains_of_the_rule_besides_the_known_ones(self):
        weight = Weight(10, values=("example.com",))

        assert codes(weights={RiskCode.DISPOSABLE_MAIL: weight}) == ["DISPOSABLE_MAIL"]

    def test_says_nothing_personal(self):
        facts = Facts(
            total=Money(1_000, "EUR"),
            email="secret@mailinator.com",
            shipping=address(lines=("P.O. Box 77431",), region=None, recipient="Hiddenname 1"),
        )

        told = str(hits(facts, DEFAULTS))

        assert not any(each in told for each in ("secret", "77431", "Hiddenname"))
