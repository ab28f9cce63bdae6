"""What a line may be, by what it says. Pure."""

import time
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_api.domain.banking.model.items import ItemKind, OpenItem
from backoffice_api.domain.banking.model.lines import LineState, StatementLine
from backoffice_api.domain.banking.model.patterns import UnsafePattern, check_pattern, matches
from backoffice_api.domain.banking.model.rules import ReconciliationRule, RuleAction
from backoffice_api.domain.banking.model.suggestions import (
    Index,
    Lesson,
    certain,
    keys_of,
    suggest,
)
from tests.banking.desk import FIRST
from tests.world import NOW

LINE = StatementLine(
    id=UUID(int=1),
    version=1,
    created_at=NOW,
    updated_at=NOW,
    bank_account_id=UUID(int=2),
    statement_id=UUID(int=3),
    position=0,
    booked_on=FIRST,
    value_on=None,
    currency="EUR",
    amount_minor=1_000,
    matched_minor=0,
    write_off_minor=0,
    text="",
    party_name=None,
    party_account=None,
    reference=None,
    bank_reference=None,
    details=None,
    content_hash=b"",
    occurrence=0,
    state=LineState.IMPORTED,
    excluded_because=None,
)
RULE = ReconciliationRule(
    id=UUID(int=9),
    version=1,
    created_at=NOW,
    updated_at=NOW,
    name="Rule",
    priority=1,
    is_active=True,
    is_automatic=False,
    currency="EUR",
    bank_account_id=None,
    direction=None,
    text=None,
    pattern=None,
    party=None,
    from_minor=None,
    to_minor=None,
    days=None,
    tolerance_minor=0,
    action=RuleAction.MATCH,
    account_id=None,
    write_off_account_id=None,
)


def line(minor=1_000, text="", **values):
    return replace(LINE, amount_minor=minor, text=text, **values)


def item(number, minor, reference="", party="", days=90):
    """An item that is due long after the line, unless its day is said."""
    due = FIRST + timedelta(days=days)
    kind = ItemKind.RECEIVABLE
    return OpenItem(kind, UUID(int=number), "EUR", minor, due, party, party, reference)


def found(line, *items, rules=(), lessons=None):
    """Each suggestion as the numbers of its items and its reasons, the surest first."""
    made = suggest(line, Index(items, rules, lessons or {}))
    return [([each.id.int for each in one.items], set(one.reasons)) for one in made]


class TestSuggest:
    @pytest.mark.parametrize(
        ("text", "reference"),
        [
            ("Payment W-1001 thanks", "W-1001"),
            ("payment w 1001", "W-1001"),
            ("NF 12/2025-77", "12/2025-77"),
            ("RF18539007547034", "RF18 5390 0754 7034"),
        ],
    )
    def test_finds_what_the_line_names(self, text, reference):
        assert found(line(text=text), item(1, 1_000, reference), item(2, 1_000, "W-9")) == [
            ([1], {"reference", "amount"}),
            ([2], {"amount"}),
        ]

    @pytest.mark.parametrize("reference", ["", "1", "12", "order", "999"])
    def test_takes_no_word_for_a_name_that_any_line_may_have(self, reference):
        assert found(line(5, text="order 1 12 999"), item(1, 1_000, reference)) == []

    def test_ranks_by_party_and_day_where_the_amount_is_the_same(self):
        items = [
            item(1, 1_000, party="Bob"),
            item(2, 1_000, party="Doe, Jane"),
            item(3, 1_000, days=3),
        ]

        ranked = found(line(party_name="Jane Doe"), *items)

        assert ranked == [([2], {"amount", "party"}), ([3], {"amount", "day"}), ([1], {"amount"})]

    def test_never_takes_what_goes_out_for_what_comes_in(self):
        assert found(line(1_000, "W-1001"), item(1, -1_000, "W-1001")) == []

    def test_adds_up_what_the_line_names(self):
        items = [item(1, 600, "W-1001"), item(2, 400, "W-1002"), item(3, 500, "W-1003")]

        assert found(line(text="W-1001 W-1002"), *items)[0] == ([1, 2], {"sum", "reference"})

    def test_adds_up_what_one_party_owes(self):
        oldest = [item(1, 700, party="Bob", days=1), item(2, 300, party="Bob", days=2)]
        pair = [
            item(3, 100, party="Ana", days=1),
            item(4, 450, party="Ana", days=2),
            item(5, 550, party="Ana", days=3),
        ]

        assert found(line(party_name="Bob"), *oldest)[0] == ([1, 2], {"sum", "party", "day"})
        assert found(line(party_name="Ana"), *pair)[0] == ([4, 5], {"sum", "party", "day"})

    def test_pays_a_part_of_what_it_names(self):
        (made,) = suggest(line(400, "W-1001"), Index([item(1, 1_000, "W-1001")]))

        assert (made.items[0].amount_minor, made.difference_minor) == (400, 0)
        assert "part" in made.reasons

    def test_writes_off_within_the_tolerance_of_a_rule(self):
        account = UUID(int=77)
        rule = replace(RULE, tolerance_minor=5, write_off_account_id=account, days=100)
        items = [item(1, 1_003, "W-1001"), item(2, 1_006, "W-1002"), item(3, -1_000)]

        (made,) = suggest(line(text="W-1001"), Index(items, [rule]))

        assert (made.difference_minor, made.write_off_account_id) == (-3, account)
        assert set(made.reasons) == {"near_amount", "reference", "rule"}
        assert suggest(line(), Index(items)) == []

    def test_knows_who_paid_for_whom_before(self):
        payer = line(party_account="DE1", party_name="Mother")
        lessons = {key: [Lesson("Bob", None)] for key in keys_of(payer)}

        ranked = found(payer, item(1, 1_000), item(2, 1_000, party="Bob"), lessons=lessons)

        assert ranked[0] == ([2], {"amount", "learned_party"})
        assert keys_of(payer) != keys_of(replace(payer, amount_minor=-1))

    def test_is_certain_only_of_one(self):
        rule = replace(RULE, is_automatic=True, text="thanks")
        named = line(text="Thanks for W-1001")
        index = Index([item(1, 1_000, "W-1001")], [rule])

        assert certain(suggest(named, index)).items[0].id == UUID(int=1)
        twice = Index([*index.items, item(2, 1_000, "W 1001")], [rule])
        assert certain(suggest(named, twice)) is None
        assert certain(suggest(line(text="W-1001"), index)) is None

    def test_takes_no_longer_for_more_items_of_other_kinds(self):
        """By keys: a hundred times the items take about as long for each line."""
        lines = [line(place, f"W-{place + 1_000}") for place in range(1, 200)]
        small, large = (
            Index([item(each, each + 1_000_000, f"X-{each + 5_000}") for each in range(count)])
            for count in (100, 10_000)
        )
        took = []
        for index in (small, large):
            begun = time.process_time()
            for each in lines:
                suggest(each, index)
            took.append(time.process_time() - begun)

        assert took[1] < 20 * took[0]


class TestPatterns:
    @pytest.mark.parametrize(
        "pattern", [r"tarifa\s+pix", r"^fee (one|two)", r"\d{3,10}-[a-z]+", "a*b*", "(abc){2,4}"]
    )
    def test_that_are_plain_are_taken(self, pattern):
        check_pattern(pattern)

    @pytest.mark.parametrize(
        "pattern",
        [
            "(a+)+",
            "(ab|a)*",
            "(",
            "a*b*c*",
            r"(a)\1",
            "(?=a)b",
            "x" * 201,
            "(a{1,9}){1,9}",
            "a{99999}" * 3,
            "a?" * 30 + "b",
            "a{0,9}" * 20 + "b",
            "(a|aa)" * 28 + "b",
        ],
    )
    def test_that_may_take_long_are_refused(self, pattern):
        with pytest.raises(UnsafePattern):
            check_pattern(pattern)

    def test_take_a_moment_at_worst(self):
        check_pattern("a*a*b")
        begun = time.process_time()

        assert not matches("a*a*b", "a" * 5_000)
        assert matches("A+B", "xaab")
        assert time.process_time() - begun < 2
