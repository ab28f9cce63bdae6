"""The ways a request can fail before, or instead of, its result. Anything else is a bug.

What a program does about an error follows from `extensions.code`; the codes are those that
GraphQL clients and tools know already. Business refusals are no errors in this sense: they stand
in the payload of the mutation.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graphql import GraphQLError

# Validation quotes the names it found, and names come from the client: a page of them is enough.
_MESSAGE_LENGTH_MAX = 500
_QUOTED_INPUT = re.compile(r", found: [{\[].*", re.DOTALL)


class ErrorCode(StrEnum):
    """The values of `extensions.code`."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    THROTTLED = "THROTTLED"
    COST_LIMIT = "COST_LIMIT"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


_STATUSES = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.THROTTLED: 429,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INTERNAL: 500,
}


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the document. Line and column count from 1."""

    line: int
    column: int


class RequestError(Exception):
    """A fault of the request, or a refusal of it, in words meant for the client.

    `status` is the HTTP status that says the same to a program that knows no GraphQL.
    `retry_after_s` is set where asking again later can help.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        status: int | None = None,
        extensions: Mapping[str, Any] | None = None,
        locations: Sequence[Location] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = _STATUSES.get(code, 400) if status is None else status
        # graphql-core hands on the `extensions` of an exception that a resolver raises, provided
        # that they are a dict.
        self.extensions: dict[str, Any] = {"code": code.value, **(extensions or {})}
        self.locations = tuple(locations)
        self.retry_after_s = retry_after_s

    def reasons(self) -> Sequence["RequestError"]:
        """The errors to answer: this one, or those that it gathers."""
        return (self,)

    def formatted(self) -> dict[str, Any]:
        """The error as the GraphQL specification (October 2021, section 7.1.2) writes it."""
        shown: dict[str, Any] = {"message": self.message}
        if self.locations:
            shown["locations"] = [{"line": at.line, "column": at.column} for at in self.locations]
        shown["extensions"] = self.extensions
        return shown


class CombinedRequestError(RequestError):
    """Several faults of one request, answered together. Status and code are the first one's."""

    def __init__(self, errors: Sequence[RequestError]) -> None:
        first = errors[0]
        super().__init__(first.code, first.message, status=first.status)
        self.errors = tuple(errors)

    def reasons(self) -> Sequence[RequestError]:
        return self.errors


def together(errors: Sequence[RequestError]) -> RequestError:
    """One exception for one or more errors."""
    return errors[0] if len(errors) == 1 else CombinedRequestError(errors)


def from_graphql(error: GraphQLError, code: ErrorCode) -> RequestError:
    """The error that graphql-core found, with our code and without foreign exception texts.

    A scalar that refuses a value by ValueError or the like had no client in mind when it wrote
    the text, so that text is left out. GraphQLError and RequestError are meant to be read. Whole
    objects and lists of the input are not repeated either: a part of them may be a password.
    """
    message = error.message
    cause = innermost(error)
    if not isinstance(cause, GraphQLError | RequestError):
        message = message.replace(f", but encountered error '{cause}'; found", ", found")
    message = _QUOTED_INPUT.sub(".", message)
    return RequestError(
        code,
        message[:_MESSAGE_LENGTH_MAX],
        locations=[Location(at.line, at.column) for at in error.locations or ()],
    )


def innermost(error: Exception) -> Exception:
    """The exception that was raised first, below graphql-core's wrappings."""
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error
