from collections.abc import Mapping
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLDefaultInput,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    get_introspection_query,
    parse,
    validate,
)

from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.pricing import Price, price
from tests.engine.shop import SdlRules, operation_of, shop

SCHEMA = shop()
LIMITS = Limits()


def priced(text: str, rules: SdlRules | None = None) -> Price:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    return price(SCHEMA, document, operation_of(text), rules or SdlRules(SCHEMA), LIMITS)


def cost(text: str, variables: Mapping[str, Any] | None = None) -> int:
    return priced(text).cost(variables or {})


def scopes(text: str) -> set[str]:
    return set(priced(text).scopes)


class TestCostOfObjects:
    def test_is_nothing_for_leaves(self) -> None:
        assert cost("{ hello __typename tags }") == 0

    def test_is_one_for_each_object(self) -> None:
        assert cost("{ self { self { hello } } order(id: 1) { number customer { email } } }") == 4

    def test_is_ten_for_a_mutation(self) -> None:
        assert cost("mutation { a: orderPlace { key } b: orderPlace { key } }") == 20

    def test_is_what_the_schema_says(self) -> None:
        assert cost("{ heavy }") == 500
        assert cost("mutation { orderCancel { key } }") == 25

    def test_of_introspection_is_fixed(self) -> None:
        assert cost(get_introspection_query()) == 1_000
        assert cost('{ __type(name: "Order") { fields { name } } }') == 100


class TestCostOfLists:
    def test_counts_ten_items_where_nothing_is_said(self) -> None:
        assert cost("{ lines { sku } }") == 10
        assert cost("{ lines { sku product { title } } }") == 20

    def test_counts_as_many_items_as_the_schema_assumes(self) -> None:
        assert cost("{ wide { sku product { title } } }") == 100 * (2 + 1)

    def test_multiplies_a_list_by_its_page_size(self) -> None:
        assert cost("{ newest(first: 3) { product { id } } }") == 3 * 2

    def test_multiplies_by_the_length_of_a_list_argument(self) -> None:
        assert cost('{ nodes(ids: ["a", "b", "c"]) { id } }') == 3
        assert cost('{ nodes(ids: "a") { id } }') == 1
        assert cost("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["a", "b"]}) == 2

    def test_counts_a_default_page_where_no_size_is_given(self) -> None:
        assert cost("{ newest { sku } }") == 50
        assert cost("{ newest(first: null) { sku } }") == 50


class TestCostOfConnections:
    def test_multiplies_the_lists_in_it_by_the_page_size(self) -> None:
        assert cost("{ orders(first: 20) { nodes { number } } }") == 1 + 20
        assert cost("{ orders(first: 20) { edges { node { number } } } }") == 1 + 20 * 2

    def test_counts_what_is_no_list_once(self) -> None:
        assert cost("{ orders(first: 20) { pageInfo { hasNextPage } } }") == 1 + 1

    def test_multiplies_through_the_levels(self) -> None:
        text = "{ orders(first: 20) { nodes { customer { email } lines { product { id } } } } }"

        assert cost(text) == 1 + 20 * (1 + 1 + 10 * (1 + 1))

    def test_takes_the_larger_of_first_and_last(self) -> None:
        assert cost("{ orders(first: 5, last: 7) { nodes { number } } }") == 1 + 7

    def test_takes_the_default_of_the_schema(self) -> None:
        assert cost("{ orders { nodes { number } } }") == 1 + 50

    @pytest.mark.parametrize(
        "text",
        [
            "{ orders(first: 20) { ...F } } fragment F on OrderConnection { nodes { number } }",
            "{ orders(first: 20) { ... on OrderConnection { nodes { number } } } }",
            "{ orders(first: 20) { ... @include(if: false) { nodes { number } } } }",
            "{ ...Q } fragment Q on Query { orders(first: 20) { nodes { id @skip(if: true) } } }",
        ],
    )
    def test_sees_through_fragments_and_ignores_conditions(self, text: str) -> None:
        assert cost(text) == 1 + 20


class TestCostWithVariables:
    TEXT = "query ($n: Int) { orders(first: $n) { nodes { number } } }"

    def test_depends_on_the_variables(self) -> None:
        known = priced(self.TEXT).cost

        assert [known({"n": n}) for n in (0, 1, 250)] == [1, 2, 251]

    def test_takes_the_default_of_the_schema_for_an_absent_variable(self) -> None:
        assert cost(self.TEXT, {}) == 1 + 50
        assert cost(self.TEXT, {"n": None}) == 1 + 50

    @pytest.mark.parametrize(
        ("argument", "expected"),
        [
            (GraphQLArgument(GraphQLInt, default_value=7), 7),
            (GraphQLArgument(GraphQLInt, default=GraphQLDefaultInput(value=7)), 7),
            (GraphQLArgument(GraphQLInt), 50),
        ],
    )
    def test_takes_defaults_of_schemas_that_are_built_in_code(
        self, argument: GraphQLArgument, expected: int
    ) -> None:
        item = GraphQLObjectType("Item", {"id": GraphQLField(GraphQLInt)})
        items = GraphQLField(GraphQLList(item), args={"first": argument})
        schema = GraphQLSchema(GraphQLObjectType("Query", {"items": items}))
        text = "{ items { id } }"

        known = price(schema, parse(text), operation_of(text), SdlRules(schema), LIMITS).cost

        assert known({}) == expected

    def test_adds_up_fragments_on_several_types(self) -> None:
        text = "{ found { ... on Order { customer { id } } ... on Product { id } } }"

        assert cost(text) == 10 * (1 + 1)


class TestPageSize:
    @pytest.mark.parametrize("size", [-1, 251, 2**31 - 1])
    def test_is_refused_outside_the_limit(self, size: int) -> None:
        literal = priced(f"{{ orders(last: {size}) {{ nodes {{ number }} }} }}").cost
        variable = priced("query ($n: Int) { newest(first: $n) { sku } }").cost

        for known, variables, argument, name in (
            (literal, {}, "last", "orders"),
            (variable, {"n": size}, "first", "newest"),
        ):
            with pytest.raises(RequestError) as caught:
                known(variables)
            assert caught.value.code is ErrorCode.BAD_USER_INPUT
            assert (
                caught.value.message == f"Argument '{argument}' of '{name}' must be from 0 to 250."
            )
            assert caught.value.extensions == {
                "code": "BAD_USER_INPUT",
                "argument": argument,
                "limit": {"name": "page", "value": 250},
            }

    def test_is_refused_on_lists_of_leaves_too(self) -> None:
        assert cost("{ tags(first: 250) }") == 0
        with pytest.raises(RequestError):
            cost("{ tags(first: 251) }")


class TestScopes:
    def test_are_none_where_the_schema_asks_for_none(self) -> None:
        assert scopes("{ hello lines { sku product { title } } }") == set()

    def test_come_from_fields(self) -> None:
        assert scopes("{ order(id: 1) { number } }") == {"orders:read"}
        assert scopes("{ lines { product { cost } } }") == {"costs:read"}

    def test_come_from_the_types_that_fields_return(self) -> None:
        assert scopes("{ supplier { name } }") == {"suppliers:read"}

    def test_come_from_the_types_of_fragments(self) -> None:
        on_customer = "... on Customer { email }"

        assert scopes(f"{{ found {{ {on_customer} }} }}") == {"customers:read"}
        assert scopes(f"{{ node(id: 1) {{ id {on_customer} }} }}") == {"customers:read"}
        assert scopes("{ found { ...F } } fragment F on Customer { email }") == {"customers:read"}

    def test_come_only_from_the_types_that_are_named_behind_a_union(self) -> None:
        assert scopes("{ found { __typename ... on Product { title } } }") == set()

    def test_come_from_every_type_behind_a_field_of_an_interface(self) -> None:
        assert scopes("{ priced { price } }") == {"prices:read"}
        assert scopes("{ priced { __typename } }") == set()

    def test_ignore_conditions(self) -> None:
        assert scopes("{ order(id: 1) @include(if: false) { number } }") == {"orders:read"}
        assert scopes("{ ... @skip(if: true) { supplier { name } } }") == {"suppliers:read"}

    def test_are_those_of_the_chosen_operation_alone(self) -> None:
        assert scopes("query A { hello } query B { supplier { name } }") == set()

    def test_may_guard_introspection(self) -> None:
        assert scopes("{ __schema { queryType { name } } }") == {"schema:read"}
        assert scopes("{ __typename }") == set()


class TestTime:
    def test_asks_for_each_field_once_however_often_its_fragment_is_spread(self) -> None:
        def asked(levels: int) -> int:
            steps = " ".join(
                f"fragment F{i} on Query {{ a: self {{ ...F{i + 1} }} b: self {{ ...F{i + 1} }} }}"
                for i in range(levels)
            )
            rules = SdlRules(SCHEMA)
            text = f"{{ ...F0 }} {steps} fragment F{levels} on Query {{ self {{ hello }} }}"
            assert priced(text, rules).cost({}) == 2 ** (levels + 1) - 2 + 2**levels
            return rules.asked

        assert asked(20) == 2 * 20 + 2
        assert asked(40) == 2 * 40 + 2
