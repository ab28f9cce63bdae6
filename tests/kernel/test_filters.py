"""Filters: the same rows pass in SQL as by the words of the documentation, on both databases."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from backoffice_api.domain.kernel import external_ids, filters
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.filters import (
    PARTS_MAX,
    VALUES_MAX,
    All,
    AnyOf,
    Filter,
    FilterTooLarge,
    Not,
    On,
    OnMoney,
    Operator,
    Test,
    TooManyValues,
    Within,
    condition,
    words_in,
)
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import JobStatus, jobs
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.products.commands.drafts import VariantDraft
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.products.tables import prices
from tests.world import World

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
LAST = "\U0010ffff"
KINDS = ["", "a", "ab", "abc", "aB", "b", "é", "z\ud7ff", "\ue000", LAST, f"a{LAST}b"]
TOTALS = [None, 0, 5, 10]
KEYS: list[tuple[str, ...]] = [(), ("x",), ("x1", "y")]
new_id = IdSource()

WORDS: Mapping[str, filters.Word] = {
    "kind": On(jobs.c.kind),
    "status": On(jobs.c.status),
    "total": On(jobs.c.progress_total),
    "created_at": On(jobs.c.created_at),
    "key": Within(
        jobs.c.id, external_ids.external_ids.c.subject_id, external_ids.external_ids.c.key
    ),
}

Row = Mapping[str, Any]


def fill(db: Connection) -> Sequence[Row]:
    """Jobs with every kind and, in turns, everything else; what they hold by their id."""
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "kind": kind,
            "status": list(JobStatus)[number % 3],
            "total": TOTALS[number % 4],
            "created_at": NOW + timedelta(minutes=number % 5),
            "key": KEYS[number % 3],
        }
        for number, kind in enumerate(KINDS * 2)
    ]
    db.execute(
        jobs.insert(),
        [
            {
                "id": row["id"],
                "kind": row["kind"],
                "payload": {},
                "status": row["status"],
                "run_at": NOW,
                "attempts": 0,
                "attempts_max": 1,
                "progress_done": 0,
                "progress_total": row["total"],
                "created_at": row["created_at"],
                "updated_at": NOW,
                "version": 1,
            }
            for row in rows
        ],
    )
    named = {
        row["id"]: [ExternalId(f"{key} of {row['id']}", key) for key in row["key"]] for row in rows
    }
    external_ids.add(db, "job", named)
    return rows


def passing(db: Connection, filter: Filter) -> set[UUID]:
    return set(db.execute(select(jobs.c.id).where(condition(filter, WORDS))).scalars())


def passes(row: Row, filter: Filter) -> bool:
    """What the documentation of the filters says."""
    match filter:
        case All(parts):
            return all(passes(row, part) for part in parts)
        case AnyOf(parts):
            return any(passes(row, part) for part in parts)
        case Not(part):
            return not passes(row, part)
        case Test(word, Operator.IS_NULL, value):
            return (row[word] in (None, ())) is value
        case Test(word, operator, value):
            values = row[word] if isinstance(row[word], tuple) else (row[word],)
            return any(each is not None and compares(each, operator, value) for each in values)
    raise AssertionError(filter)


def compares(held: Any, operator: Operator, value: Any) -> bool:
    match operator:
        case Operator.EQ:
            return bool(held == value)
        case Operator.IN:
            return held in value
        case Operator.STARTS_WITH:
            return bool(held.startswith(value))
        case Operator.GTE:
            return bool(held >= value)
        case Operator.GT:
            return bool(held > value)
        case Operator.LTE:
            return bool(held <= value)
        case Operator.LT:
            return bool(held < value)
    raise AssertionError(operator)


texts = st.sampled_from([*KINDS, "x", "y", "x1", "nothing"])
numbers = st.sampled_from([-(2**31), -1, 0, 5, 7, 10, 2**31 - 1])
instants = st.integers(-1, 6).map(lambda minutes: NOW + timedelta(minutes=minutes))
orders = st.sampled_from([Operator.GTE, Operator.GT, Operator.LTE, Operator.LT])
tests = st.one_of(
    st.builds(
        Test,
        st.sampled_from(["kind", "key"]),
        st.sampled_from([Operator.EQ, Operator.STARTS_WITH]),
        texts,
    ),
    st.builds(
        Test,
        st.sampled_from(["kind", "key"]),
        st.just(Operator.IN),
        st.lists(texts, max_size=4).map(tuple),
    ),
    st.builds(
        Test,
        st.just("status"),
        st.just(Operator.IN),
        st.lists(st.sampled_from(JobStatus), max_size=3).map(tuple),
    ),
    st.builds(Test, st.just("total"), orders | st.just(Operator.EQ), numbers),
    st.builds(Test, st.just("created_at"), orders, instants),
    st.builds(Test, st.sampled_from(["total", "key"]), st.just(Operator.IS_NULL), st.booleans()),
)
any_filter = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)


class TestCondition:
    def test_lets_those_pass_that_the_filter_describes(self, database: Database) -> None:
        with database.writing.begin() as db:
            rows = fill(db)

        with database.reading.connect() as db:

            @settings(max_examples=150, deadline=None)
            @given(any_filter)
            def check(filter: Filter) -> None:
                assert passing(db, filter) == {row["id"] for row in rows if passes(row, filter)}

            check()

    @pytest.mark.parametrize("prefix", ["", *KINDS])
    def test_finds_by_their_beginning(self, database: Database, prefix: str) -> None:
        with database.writing.begin() as db:
            rows = fill(db)

            found = passing(db, Test("kind", Operator.STARTS_WITH, prefix))

        assert found == {row["id"] for row in rows if row["kind"].startswith(prefix)}

    def test_lets_all_pass_that_have_nothing_to_pass(self, database: Database) -> None:
        with database.writing.begin() as db:
            fill(db)

            assert len(passing(db, All(()))) == len(KINDS) * 2
            assert passing(db, AnyOf(())) == set()
            assert passing(db, Test("kind", Operator.IN, ())) == set()

    def test_counts_what_has_no_value_among_those_that_are_not_so(self, database: Database) -> None:
        with database.writing.begin() as db:
            rows = fill(db)

            found = passing(db, Not(Test("total", Operator.EQ, 5)))

        assert found == {row["id"] for row in rows if row["total"] != 5}

    def test_refuses_more_parts_than_it_takes(self) -> None:
        one = Test("kind", Operator.EQ, "a")
        condition(AnyOf((one,) * (PARTS_MAX - 1)), WORDS)

        with pytest.raises(FilterTooLarge) as refusal:
            condition(AnyOf((one,) * PARTS_MAX), WORDS)

        assert str(refusal.value) == "A filter may have at most 50 parts."

    def test_refuses_more_values_than_it_takes(self) -> None:
        condition(Test("kind", Operator.IN, ("a",) * VALUES_MAX), WORDS)

        with pytest.raises(TooManyValues) as refusal:
            condition(Test("kind", Operator.IN, ("a",) * (VALUES_MAX + 1)), WORDS)

        assert str(refusal.value) == "A filter may compare with at most 250 values."

    def test_knows_no_other_words(self) -> None:
        with pytest.raises(KeyError):
            condition(Test("payload", Operator.EQ, "a"), WORDS)


class TestOnMoney:
    def test_compares_only_amounts_of_the_same_currency(self, world: World) -> None:
        word = OnMoney(prices.c.price_micro, prices.c.currency)
        amounts = (UnitPrice(1_000, "EUR"), UnitPrice(1_000, "JPY"), UnitPrice(999, "USD"))
        world.run(
            create_product,
            CreateProduct(title="Tea", variants=(VariantDraft(sku="TEA", prices=amounts),)),
        )

        test = word(Operator.GTE, Money(999, "EUR"))
        with world.database.reading.connect() as db:
            found = list(db.execute(select(prices.c.currency).where(test)).scalars())

        assert found == ["EUR"]


class TestWordsIn:
    def test_are_those_of_all_parts(self) -> None:
        filter = All((Test("a", Operator.EQ, 1), Not(AnyOf((Test("b", Operator.EQ, 1),)))))

        assert words_in(filter) == {"a", "b"}
