from typing import Any

import pytest

from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.run import Terms, explain, run
from tests.engine.shop import (
    ALL_SCOPES,
    SECRET,
    Context,
    SdlRules,
    SecretError,
    shop,
    unavailable_when_refused,
)

SCHEMA = shop()
REFERENCE = "ref-12345678"


class Desk:
    """Runs operations of the shop, and collects the bugs that were reported."""

    def __init__(self, **limits: Any) -> None:
        self.limits = Limits(**limits)
        self.bugs: list[tuple[Exception, str]] = []
        self.context = Context()

    async def run(
        self,
        text: str,
        variables: dict[str, Any] | None = None,
        scopes: frozenset[str] = ALL_SCOPES,
    ) -> dict[str, Any]:
        terms = Terms(
            limits=self.limits,
            on_bug=lambda error, reference: self.bugs.append((error, reference)),
            translate=unavailable_when_refused,
        )
        prepared = Preparer(SCHEMA, SdlRules(SCHEMA), self.limits).prepare(text, None)
        return await run(
            prepared,
            variables or {},
            self.context,
            scopes=scopes,
            reference=REFERENCE,
            terms=terms,
        )

    async def refused(
        self,
        text: str,
        variables: dict[str, Any] | None = None,
        scopes: frozenset[str] = ALL_SCOPES,
    ) -> RequestError:
        with pytest.raises(RequestError) as caught:
            await self.run(text, variables, scopes)
        assert self.bugs == []
        assert self.context.placed == []
        return caught.value


class TestRun:
    async def test_answers_with_data_and_cost(self) -> None:
        answer = await Desk().run(
            "{ hello order(id: 7) { id ...F } } fragment F on Order { number }"
        )

        assert answer == {
            "data": {"hello": "world", "order": {"id": "7", "number": "1001"}},
            "extensions": {"cost": {"requestedQueryCost": 1, "actualQueryCost": 1}},
        }

    async def test_runs_mutations_one_after_the_other(self) -> None:
        desk = Desk()

        await desk.run(
            'mutation { a: orderPlace(sku: "1") { key } b: orderPlace(sku: "2") { key } }'
        )

        assert desk.context.placed == ["1", "2"]

    async def test_uses_defaults_of_variables(self) -> None:
        answer = await Desk().run(
            'query ($t: String = "x", $n: Int) { echo(text: $t, number: $n) }'
        )

        assert answer["data"] == {"echo": "text=x"}


class TestDenial:
    async def test_lists_the_missing_scopes(self) -> None:
        error = await Desk().refused(
            "{ order(id: 1) { number } supplier { name } }", {}, frozenset()
        )

        assert error.code is ErrorCode.FORBIDDEN
        assert error.status == 403
        assert error.extensions["scopes"] == ["orders:read", "suppliers:read"]

    async def test_comes_before_the_input_is_looked_at(self) -> None:
        text = "query ($n: Int!) { newest(first: $n) { sku } supplier { name } }"

        for variables in ({}, {"n": "x"}, {"n": -1}):
            error = await Desk().refused(text, variables, frozenset({"orders:read"}))
            assert error.code is ErrorCode.FORBIDDEN

    async def test_comes_before_the_pages_in_the_document_are_looked_at(self) -> None:
        error = await Desk().refused("{ orders(first: 999) { nodes { id } } }", {}, frozenset())

        assert error.code is ErrorCode.FORBIDDEN


class TestVariables:
    async def test_of_the_wrong_type_are_bad_input(self) -> None:
        text = "query ($a: Int!, $b: [String]) { echo(number: $a, texts: $b) }"

        error = await Desk().refused(text, {"a": "1", "b": [1]})

        assert [reason.code for reason in error.reasons()] == [ErrorCode.BAD_USER_INPUT] * 2
        assert [reason.message for reason in error.reasons()] == [
            "Variable '$a' has invalid value: Int cannot represent non-integer value: '1'",
            "Variable '$b' has invalid value at [0]: String cannot represent a non string value: 1",
        ]

    async def test_are_told_of_up_to_twenty_faults(self) -> None:
        text = "query ($texts: [String]) { echo(texts: $texts) }"

        error = await Desk().refused(text, {"texts": [1] * 200})

        assert len(error.reasons()) == 20

    @pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**53 + 1, 1.5, True])
    async def test_outside_the_type_are_bad_input(self, number: object) -> None:
        error = await Desk().refused("query ($n: Int) { echo(number: $n) }", {"n": number})

        assert error.code is ErrorCode.BAD_USER_INPUT

    async def test_hide_what_a_scalar_raised(self) -> None:
        error = await Desk().refused("query ($s: Sku) { echo(sku: $s) }", {"s": "abc"})

        assert error.message == (
            "Variable '$s' has invalid value: Expected value of type 'Sku', found: 'abc'."
        )

    async def test_show_what_a_scalar_meant_to_be_read(self) -> None:
        error = await Desk().refused("query ($s: Sku) { echo(sku: $s) }", {"s": "typed"})

        assert error.message == "Variable '$s' has invalid value: A SKU has five digits."


class TestCost:
    TEXT = "query ($n: Int) { orders(first: $n) { nodes { lines { product { id } } } } }"

    async def test_is_refused_above_the_limit(self) -> None:
        error = await Desk(cost=5_000).refused(self.TEXT, {"n": 250})

        assert error.code is ErrorCode.COST_LIMIT
        assert error.status == 400
        assert error.extensions["cost"] == {"requestedQueryCost": 1 + 250 * 21, "limit": 5_000}

    async def test_passes_at_the_limit(self) -> None:
        answer = await Desk(cost=1 + 250 * 21).run(self.TEXT, {"n": 250})

        assert answer["extensions"]["cost"]["requestedQueryCost"] == 5_251

    async def test_is_counted_with_the_defaults_of_variables(self) -> None:
        text = "query ($n: Int = 3) { newest(first: $n) { sku } }"

        assert (await Desk().run(text))["extensions"]["cost"]["requestedQueryCost"] == 3


class TestMasking:
    async def test_hides_what_a_resolver_raised(self) -> None:
        desk = Desk()

        answer = await desk.run("{ hello fault }")

        assert answer["data"] == {"hello": "world", "fault": None}
        assert answer["errors"] == [
            {
                "message": "Internal error",
                "locations": [{"line": 1, "column": 9}],
                "path": ["fault"],
                "extensions": {"code": "INTERNAL", "reference": REFERENCE},
            }
        ]
        [(bug, reference)] = desk.bugs
        assert isinstance(bug, SecretError)
        assert (str(bug), reference) == (SECRET, REFERENCE)

    @pytest.mark.parametrize("kind", ["graphql", "pretender"])
    async def test_hides_texts_that_look_like_those_of_graphql(self, kind: str) -> None:
        desk = Desk()

        answer = await desk.run(f'{{ fault(kind: "{kind}") }}')

        assert [error["message"] for error in answer["errors"]] == ["Internal error"]
        assert len(desk.bugs) == 1

    async def test_hides_a_null_where_there_must_be_none(self) -> None:
        desk = Desk()

        answer = await desk.run("{ nobody }")

        assert answer["data"] is None
        assert answer["errors"][0]["message"] == "Internal error"
        assert len(desk.bugs) == 1

    async def test_shows_errors_meant_for_clients(self) -> None:
        desk = Desk()

        answer = await desk.run('{ fault(kind: "typed") }')

        assert answer["errors"] == [
            {
                "message": "Not yours.",
                "locations": [{"line": 1, "column": 3}],
                "path": ["fault"],
                "extensions": {"code": "FORBIDDEN", "scopes": ["x"]},
            }
        ]
        assert desk.bugs == []

    async def test_shows_twenty_errors_at_most(self) -> None:
        desk = Desk()

        answer = await desk.run("{ mixed }")

        assert answer["data"] == {"mixed": [None] * 30}
        assert len(answer["errors"]) == 20

    async def test_tells_a_missing_argument_from_a_bug(self) -> None:
        desk = Desk()
        text = "query ($n: Int = 1) { needs(number: $n) hello }"

        answer = await desk.run(text, {"n": None})

        assert answer["data"] == {"needs": None, "hello": "world"}
        [error] = answer["errors"]
        assert error["extensions"] == {"code": "BAD_USER_INPUT"}
        assert error["message"].startswith("Argument 'number' has invalid value")
        assert desk.bugs == []

    async def test_tells_a_missing_condition_from_a_bug(self) -> None:
        desk = Desk()
        text = "query ($c: Boolean = true) { hello @include(if: $c) }"

        answer = await desk.run(text, {"c": None})

        assert answer["data"] is None
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
        assert desk.bugs == []


class TestUnavailable:
    async def test_is_the_whole_answer_where_nothing_could_be_answered(self) -> None:
        error = await Desk().refused("{ unavailable }")

        assert error.code is ErrorCode.UNAVAILABLE
        assert (error.status, error.retry_after_s) == (503, 1)

    async def test_is_an_error_of_its_field_where_others_could_be_answered(self) -> None:
        answer = await Desk().run("{ hello unavailable }")

        assert answer["data"] == {"hello": "world", "unavailable": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAVAILABLE"]
        assert [error["message"] for error in answer["errors"]] == ["Try again."]

    async def test_ends_a_query_that_takes_too_long(self) -> None:
        error = await Desk(query_time_s=0.01).refused("{ hello slow }")

        assert error.code is ErrorCode.UNAVAILABLE
        assert error.message == "The answer took longer than 0.01 s."

    async def test_ends_a_mutation_that_takes_too_long(self) -> None:
        error = await Desk(mutation_time_s=0.01).refused("mutation { slowly { key } }")

        assert error.code is ErrorCode.UNAVAILABLE

    async def test_gives_mutations_a_time_of_their_own(self) -> None:
        desk = Desk(query_time_s=0.0)

        answer = await desk.run("mutation { orderPlace { requestId } }")

        assert answer["data"] == {"orderPlace": {"requestId": "ref-12345678"}}


class TestExplain:
    def test_masks_whatever_nobody_translates(self) -> None:
        bugs: list[Exception] = []
        terms = Terms(limits=Limits(), on_bug=lambda error, _: bugs.append(error))
        error = ConnectionRefusedError(SECRET)

        shown = explain(error, REFERENCE, terms)

        assert (shown.code, shown.message) == (ErrorCode.INTERNAL, "Internal error")
        assert bugs == [error]
