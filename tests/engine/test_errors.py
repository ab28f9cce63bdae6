import pytest
from graphql import GraphQLError

from backoffice_api.engine.errors import (
    CombinedRequestError,
    ErrorCode,
    Location,
    RequestError,
    from_graphql,
    together,
)


class TestRequestError:
    @pytest.mark.parametrize(
        ("code", "status"),
        [
            ("BAD_USER_INPUT", 400),
            ("GRAPHQL_PARSE_FAILED", 400),
            ("GRAPHQL_VALIDATION_FAILED", 400),
            ("OPERATION_RESOLUTION_FAILURE", 400),
            ("PERSISTED_QUERY_NOT_FOUND", 400),
            ("DOCUMENT_NOT_TRUSTED", 400),
            ("UNAUTHENTICATED", 401),
            ("FORBIDDEN", 403),
            ("THROTTLED", 429),
            ("COST_LIMIT", 400),
            ("UNAVAILABLE", 503),
            ("INTERNAL", 500),
        ],
    )
    def test_has_the_status_of_its_code(self, code: str, status: int) -> None:
        assert RequestError(ErrorCode(code), "No.").status == status

    def test_is_written_as_the_specification_says(self) -> None:
        error = RequestError(
            ErrorCode.FORBIDDEN, "No.", extensions={"scopes": ["a"]}, locations=[Location(1, 2)]
        )

        assert error.formatted() == {
            "message": "No.",
            "locations": [{"line": 1, "column": 2}],
            "extensions": {"code": "FORBIDDEN", "scopes": ["a"]},
        }


class TestTogether:
    def test_leaves_one_error_as_it_is(self) -> None:
        error = RequestError(ErrorCode.FORBIDDEN, "No.")

        assert together([error]) is error
        assert list(error.reasons()) == [error]

    def test_gathers_several(self) -> None:
        errors = [RequestError(ErrorCode.FORBIDDEN, word) for word in ("One.", "Two.")]

        combined = together(errors)

        assert isinstance(combined, CombinedRequestError)
        assert list(combined.reasons()) == errors
        assert (combined.status, combined.message) == (403, "One.")


class TestFromGraphql:
    def test_drops_the_text_of_a_foreign_exception(self) -> None:
        cause = ValueError("secret")
        error = GraphQLError(
            "Expected value of type 'X', but encountered error 'secret'; found: 1.",
            original_error=cause,
        )

        shown = from_graphql(error, ErrorCode.BAD_USER_INPUT)

        assert shown.message == "Expected value of type 'X', found: 1."

    @pytest.mark.parametrize(
        ("message", "shown"),
        [
            (
                "Expected value of type 'X' not to include unknown field 'y', found: "
                "{'password': 'a secret, found: by chance', 'y': 1}.",
                "Expected value of type 'X' not to include unknown field 'y'.",
            ),
            (
                "Expected value of type 'X' to include required field 'y', found: "
                '{ password: "secret\n" }.',
                "Expected value of type 'X' to include required field 'y'.",
            ),
            ("Expected value of type 'X', found: ['secret'].", "Expected value of type 'X'."),
            (
                "Expected value of type 'X', found: 'word'.",
                "Expected value of type 'X', found: 'word'.",
            ),
        ],
    )
    def test_repeats_no_whole_input(self, message: str, shown: str) -> None:
        assert from_graphql(GraphQLError(message), ErrorCode.BAD_USER_INPUT).message == shown
