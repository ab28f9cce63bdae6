"""What an answer held, and what each field of an operation costs."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.engine.test_pricing import priced

PAGE = "query ($n: Int) { orders(first: $n) { nodes { number customer { email } lines { sku } } } }"


class TestAnswer:
    def held(self, text: str, data: Mapping[str, Any], **variables: Any) -> int:
        return priced(text).cost.of_answer(data, variables)

    def test_is_counted_by_its_objects(self) -> None:
        order = {"number": "1", "customer": {"email": "a"}, "lines": [{"sku": "A"}, {"sku": "B"}]}

        assert self.held(PAGE, {"orders": {"nodes": []}}, n=250) == 1
        assert self.held(PAGE, {"orders": {"nodes": [order, order]}}, n=250) == 1 + 2 * (1 + 1 + 2)

    def test_costs_nothing_for_what_is_not_there(self) -> None:
        alone: dict[str, Any] = {"number": "1", "customer": None, "lines": []}

        assert self.held(PAGE, {"orders": {"nodes": [alone, None]}}, n=250) == 1 + 2
        assert self.held("{ order(id: 1) { id } }", {"order": None}) == 0

    def test_merges_what_is_asked_for_twice(self) -> None:
        text = (
            "{ order(id: 1) { ...F customer { email } ... { customer { id } } } }"
            " fragment F on Order { customer { id } ...G } fragment G on Order { lines { sku } }"
        )
        answer = {"order": {"customer": {"id": "1", "email": "a"}, "lines": [{"sku": "A"}]}}

        assert self.held(text, answer) == 3

    def test_knows_fields_by_their_aliases(self) -> None:
        text = "{ a: order(id: 1) { c: customer { id } } b: heavy s: __schema { types { name } } }"
        answer = {"a": {"c": {"id": "1"}}, "b": 1, "s": {"types": [{"name": "Query"}]}}

        assert self.held(text, answer) == 2 + 500 + 1_000

    def test_costs_what_was_skipped_nothing(self) -> None:
        text = "query ($s: Boolean!) { order(id: 1) { customer @skip(if: $s) { id } } }"

        assert self.held(text, {"order": {}}, s=True) == 1

    def test_of_a_mutation_is_counted_with_the_lines_of_its_input(self) -> None:
        text = "mutation ($v: String) { orderPlace(sku: $v) { key } }"

        assert self.held(text, {"orderPlace": {"key": "a"}}, v="a") == 10
        assert self.held(text, {"orderPlace": {"key": "a"}}, v=[{"lines": [1, 2]}, 3]) == 10 + 4


class TestFields:
    def test_tell_what_a_price_is_made_of(self) -> None:
        told = [
            (".".join(each.path), each.weight, each.count, each.total)
            for each in priced(PAGE).cost.fields({"n": 3})
        ]

        assert told == [
            ("orders", 1, 1, 1 + 3 * 12),
            ("orders.nodes", 1, 3, 3 * 12),
            ("orders.nodes.customer", 1, 3, 3),
            ("orders.nodes.lines", 1, 30, 30),
        ]

    @pytest.mark.parametrize(
        "text",
        [
            PAGE,
            "{ hello heavy wide { sku product { title } } nodes(ids: [1, 2]) { id } }",
            "{ ...A ...A } fragment A on Query { orders { edges { node { ...B } } } }"
            " fragment B on Order { lines { product { id } } customer { email } }",
            "{ found { ... on Order { customer { id } } ... on Product { id } }"
            " __schema { __typename } }",
            "mutation { orderCancel { key } orderPlace(sku: [1, 2]) { key } }",
        ],
    )
    def test_add_up_to_the_price(self, text: str) -> None:
        if text.startswith("mutation"):
            text = text.replace("[1, 2]", '"a"')
        cost = priced(text).cost
        variables = {"n": 7}

        top = sum(each.total for each in cost.fields(variables) if len(each.path) == 1)
        own = sum(each.weight * each.count + each.lines for each in cost.fields(variables))

        assert top == own == cost(variables) > 0
