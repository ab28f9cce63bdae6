import pytest
from graphql import get_introspection_query, parse

from backoffice_api.engine import guard
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.limits import Limits

LIMITS = Limits()


def refused(text: str, limits: Limits = LIMITS) -> RequestError:
    with pytest.raises(RequestError) as caught:
        guard.check(parse(text), limits)
    return caught.value


def limit_of(text: str, limits: Limits = LIMITS) -> tuple[str, int]:
    error = refused(text, limits)
    assert error.code is ErrorCode.GRAPHQL_VALIDATION_FAILED
    assert error.status == 400
    return error.extensions["limit"]["name"], error.extensions["limit"]["value"]


def nested(depth: int) -> str:
    return "{ self " * (depth - 1) + "{ hello }" + "}" * (depth - 1)


def spread_twice(levels: int) -> str:
    """Fragments that each spread the next one twice: 2 ** levels fields when written out."""
    steps = " ".join(
        f"fragment F{i} on Query {{ a: self {{ ...F{i + 1} }} b: self {{ ...F{i + 1} }} }}"
        for i in range(levels)
    )
    return f"{{ ...F0 }} {steps} fragment F{levels} on Query {{ hello }}"


class TestEachLimit:
    """At the limit a document passes, one above it does not."""

    def test_bounds_depth(self) -> None:
        guard.check(parse(nested(15)), LIMITS)

        assert limit_of(nested(16)) == ("depth", 15)

    def test_bounds_depth_through_fragments(self) -> None:
        inner = nested(13)[1:-1]
        fragment = f"fragment F on Query {{ {inner} }}"

        guard.check(parse(f"{{ self {{ self {{ ...F }} }} }} {fragment}"), LIMITS)

        deeper = f"{{ self {{ self {{ self {{ ...F }} }} }} }} {fragment}"
        assert limit_of(deeper) == ("depth", 15)

    def test_bounds_nesting_of_inline_fragments(self) -> None:
        guard.check(parse("{ ... " * 49 + "{ hello }" + "}" * 49), LIMITS)

        assert limit_of("{ ... " * 50 + "{ hello }" + "}" * 50) == ("nesting", 50)

    def test_bounds_nesting_through_a_chain_of_fragments(self) -> None:
        def chain(length: int) -> str:
            links = " ".join(f"fragment F{i} on Query {{ ...F{i + 1} }}" for i in range(length - 1))
            return f"{{ ...F0 }} {links} fragment F{length - 1} on Query {{ hello }}"

        guard.check(parse(chain(49)), LIMITS)

        assert limit_of(chain(50)) == ("nesting", 50)

    def test_bounds_aliases(self) -> None:
        guard.check(parse("{" + " ".join(f"a{i}: hello" for i in range(50)) + "}"), LIMITS)

        wide = Limits(root_fields=100)
        too_many = "{" + " ".join(f"a{i}: hello" for i in range(51)) + "}"
        assert limit_of(too_many, wide) == ("aliases", 50)

    def test_counts_a_field_that_is_asked_for_again_as_an_alias(self) -> None:
        wide = Limits(root_fields=100)
        guard.check(parse("{" + "__typename " * 51 + "}"), wide)

        assert limit_of("{" + "__typename " * 52 + "}", wide) == ("aliases", 50)

    def test_counts_a_fragment_that_is_spread_again_as_an_alias(self) -> None:
        fragment = "fragment F on Query { hello }"
        wide = Limits(root_fields=100)

        assert limit_of("{" + "...F " * 52 + "}" + fragment, wide) == ("aliases", 50)

    def test_lets_the_same_name_stand_in_different_selections(self) -> None:
        measures = guard.check(parse("{ hello self { hello self { hello } } }"), Limits(aliases=0))

        assert measures.root_fields == {None: 2}

    def test_bounds_fields_with_fragments_written_out(self) -> None:
        spreads = " ".join(f"a{i}: self {{ ...F }}" for i in range(10))
        fragment = "fragment F on Query { hello fault slow }"

        guard.check(parse(f"{{ {spreads} }} {fragment}"), Limits(fields=40))

        assert limit_of(f"{{ {spreads} }} {fragment}", Limits(fields=39)) == ("fields", 39)

    def test_bounds_fields_of_the_root(self) -> None:
        fields = " ".join(f"field{i}" for i in range(51))

        assert limit_of(f"{{ {fields} }}") == ("root_fields", 50)

    def test_bounds_fields_of_the_root_in_fragments(self) -> None:
        fields = " ".join(f"field{i}" for i in range(51))

        text = f"{{ ... on Query {{ ...F }} }} fragment F on Query {{ {fields} }}"
        assert limit_of(text) == ("root_fields", 50)

    def test_bounds_mutations(self) -> None:
        def place(count: int) -> str:
            return (
                "mutation {" + " ".join(f"a{i}: orderCancel {{ key }}" for i in range(count)) + "}"
            )

        assert guard.check(parse(place(10)), LIMITS).root_fields == {None: 10}
        assert limit_of(place(11)) == ("mutations", 10)

    def test_bounds_directives(self) -> None:
        guard.check(parse("{ hello" + " @a" * 50 + "}"), LIMITS)

        assert limit_of("{ hello" + " @a" * 51 + "}") == ("directives", 50)

    @pytest.mark.parametrize(
        "text",
        [
            "query @a { hello @a }",
            "query ($v: Int @a) { hello @a }",
            "{ ... @a { hello @a } }",
            "{ ...F @a } fragment F on Query @a { hello }",
        ],
    )
    def test_counts_directives_wherever_they_stand(self, text: str) -> None:
        guard.check(parse(text), Limits(directives=2))

        assert limit_of(text, Limits(directives=1)) == ("directives", 1)

    def test_bounds_spreads(self) -> None:
        guard.check(parse("{" + "... { self { hello } } " * 50 + "}"), Limits(spreads=50))

        text = "{ self {" + "... { hello } " * 100 + "...F " + "} } fragment F on Query { hello }"
        assert limit_of(text, Limits(spreads=100)) == ("spreads", 100)

    def test_bounds_operations(self) -> None:
        def operations(count: int) -> str:
            return " ".join(f"query Q{i} {{ hello }}" for i in range(count))

        assert len(guard.check(parse(operations(50)), LIMITS).root_fields) == 50
        assert limit_of(operations(51)) == ("operations", 50)

    def test_bounds_variables(self) -> None:
        def declare(count: int) -> str:
            return "query (" + " ".join(f"$v{i}: Int" for i in range(count)) + ") { hello }"

        guard.check(parse(declare(100)), LIMITS)

        assert limit_of(declare(101)) == ("variables", 100)

    @pytest.mark.parametrize(
        "place",
        [
            "{{ echo(filter: {}) }}",
            "query ($v: Filter = {}) {{ hello }}",
            "{{ hello @a(b: {}) }}",
        ],
    )
    def test_bounds_nesting_of_values_wherever_they_stand(self, place: str) -> None:
        def value(depth: int) -> str:
            return "[" * (depth - 1) + "{}" + "]" * (depth - 1)

        guard.check(parse(place.format(value(16))), LIMITS)

        assert limit_of(place.format(value(17))) == ("input_depth", 16)

    def test_bounds_lists_and_objects_in_values(self) -> None:
        numbers = " 1" * 250
        guard.check(parse(f"{{ echo(texts: [{numbers}]) }}"), LIMITS)

        assert limit_of(f"{{ echo(texts: [{numbers} 1]) }}") == ("input_list", 250)
        entries = " ".join(f"a{i}: 1" for i in range(251))
        assert limit_of(f"{{ echo(filter: {{ {entries} }}) }}") == ("input_list", 250)

    @pytest.mark.parametrize("digit", ["1", "0.1"])
    def test_bounds_digits_of_numbers(self, digit: str) -> None:
        number = digit.ljust(50, "1")
        guard.check(parse(f"{{ echo(number: {number}) }}"), LIMITS)

        assert limit_of(f"{{ echo(number: {number}1) }}") == ("number_digits", 50)


class TestCheck:
    def test_refuses_the_character_that_no_database_text_holds(self) -> None:
        error = refused('{ echo(\n text: "a\\u0000b") }')

        assert error.code is ErrorCode.BAD_USER_INPUT
        assert error.formatted()["locations"] == [{"line": 2, "column": 8}]

    @pytest.mark.parametrize(
        "text",
        [
            "{ ...A } fragment A on Query { ...A }",
            "{ ...A } fragment A on Query { self { ...B } } fragment B on Query { ...A }",
            "{ hello } fragment A on Query { ...B } fragment B on Query { ...A }",
        ],
    )
    def test_refuses_fragments_that_spread_themselves(self, text: str) -> None:
        error = refused(text)

        assert error.message == "Fragment 'A' spreads itself."

    def test_leaves_unknown_fragments_to_validation(self) -> None:
        assert guard.check(parse("{ hello ...Nowhere }"), LIMITS).root_fields == {None: 1}

    def test_measures_each_operation_by_its_name(self) -> None:
        text = "query A { hello ...F } mutation B { slowly } fragment F on Query { a b: c }"

        assert guard.check(parse(text), LIMITS).root_fields == {"A": 3, "B": 1}

    def test_lets_the_introspection_of_tools_pass(self) -> None:
        text = get_introspection_query(
            specified_by_url=True,
            directive_is_repeatable=True,
            schema_description=True,
            input_value_deprecation=True,
            one_of=True,
        )

        guard.check(parse(text), LIMITS)

        assert limit_of(text, Limits(depth=14)) == ("depth", 14)


class TestTime:
    """What a guard may do is bounded by the document's length, and that is what is counted."""

    def test_looks_at_each_node_of_fragments_spread_twice_once(self) -> None:
        generous = Limits(fields=10**30, depth=10**6, nesting=10**6, aliases=10**6, spreads=10**6)

        small = guard.check(parse(spread_twice(40)), generous)
        large = guard.check(parse(spread_twice(80)), generous)

        # One spread, then two fields and two spreads a level, then one field.
        assert small.visited == 1 + 40 * 4 + 1
        assert large.visited == 1 + 80 * 4 + 1

    def test_refuses_what_fragments_spread_twice_amount_to(self) -> None:
        guard.check(parse(spread_twice(8)), LIMITS)

        assert limit_of(spread_twice(13)) == ("fields", 2000)

    def test_looks_at_each_value_once(self) -> None:
        text = "{ echo(texts: [" + "1 " * 100 + "]) }"

        assert guard.check(parse(text), LIMITS).visited == 1 + 1 + 100

    def test_does_not_recurse(self) -> None:
        links = " ".join(f"fragment F{i} on Query {{ ...F{i + 1} }}" for i in range(5_000))
        text = f"{{ ...F0 }} {links} fragment F5000 on Query {{ hello }}"
        generous = Limits(nesting=10**6, spreads=10**6)

        assert guard.check(parse(text), generous).visited == 1 + 5_000 + 1
