"""Which sales something came back from. No database."""

from collections import Counter
from datetime import timedelta
from itertools import count
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.returns.model.matching import (
    Buyer,
    CameBack,
    MatchEnding,
    SoldLine,
    match,
)
from tests.world import NOW

ANA, BEN, MUG, PEN = (UUID(int=number) for number in range(1, 5))
NUMBERS = count(100)


def sold(day, left, customer=ANA, variant=MUG):
    number = next(NUMBERS)
    at = NOW + timedelta(days=day)
    return SoldLine(UUID(int=number), UUID(int=number), Buyer(customer, variant), at, left)


def back(day, quantity, customer=ANA, variant=MUG):
    return CameBack(customer, variant, NOW + timedelta(days=day), quantity)


def shares(matched):
    return [(each.line and each.line.line_id, each.quantity) for each in matched.shares]


class TestMatch:
    def test_takes_the_latest_earlier_sale_first(self):
        first, second, later = sold(1, 5), sold(2, 3), sold(9, 9)

        (found,) = match([back(5, 4)], [later, first, second])

        assert shares(found) == [(second.line_id, 3), (first.line_id, 1)]
        assert found.ending is MatchEnding.FULL
        assert (first.left, second.left, later.left) == (4, 0, 9)

    def test_takes_a_sale_of_the_same_moment(self):
        line = sold(1, 1)

        (found,) = match([back(1, 1)], [line])

        assert shares(found) == [(line.line_id, 1)]

    def test_takes_the_later_given_of_two_of_one_moment(self):
        first, second = sold(1, 1), sold(1, 1)

        (found,) = match([back(1, 1)], [first, second])

        assert shares(found) == [(second.line_id, 1)]

    def test_leaves_what_is_missing_without_a_sale(self):
        line = sold(1, 2)

        (found,) = match([back(2, 5)], [line])

        assert shares(found) == [(line.line_id, 2), (None, 3)]
        assert found.ending is MatchEnding.PARTIAL

    def test_knows_customers_and_variants_apart(self):
        lines = [sold(1, 5, customer=BEN), sold(1, 5, variant=PEN)]

        found = match([back(2, 1), back(2, 1, customer=None)], lines)

        assert [each.ending for each in found] == [MatchEnding.NONE, MatchEnding.NO_CUSTOMER]
        assert [shares(each) for each in found] == [[(None, 1)], [(None, 1)]]

    def test_deals_with_what_came_first_first(self):
        line = sold(1, 1)

        found = match([back(3, 1), back(2, 1)], [line])

        assert [each.ending for each in found] == [MatchEnding.NONE, MatchEnding.FULL]

    @given(
        st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4)), max_size=6),
        st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=6),
    )
    @settings(max_examples=50, deadline=None)
    def test_takes_no_piece_twice_and_loses_none(self, sales, returned):
        lines = [sold(day, pieces) for day, pieces in sales]
        before = {line.line_id: line.left for line in lines}
        came = [back(day, pieces) for day, pieces in returned]

        found = match(came, lines)

        taken = Counter()
        for each, matched in zip(came, found, strict=True):
            assert sum(share.quantity for share in matched.shares) == each.quantity
            for share in matched.shares:
                if share.line:
                    assert share.line.sold_at <= each.returned_at
                    taken[share.line.line_id] += share.quantity
        assert all(before[line.line_id] - taken[line.line_id] == line.left for line in lines)
        assert all(line.left >= 0 for line in lines)
