"""From the text of a request to an operation that can be run: parsed, guarded, valid and priced.

The work is done once per text and operation name, for documents that are refused too.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from sys import getsizeof
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from backoffice_api.engine import guard
from backoffice_api.engine.errors import ErrorCode, RequestError, from_graphql, together
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.pricing import Cost, Rules, price

# A parsed token with its share of the tree, measured with tracemalloc on CPython 3.11: 560 to 600.
_TOKEN_BYTES = 600
_ERROR_BYTES = 1_000


@dataclass(slots=True, eq=False)
class Prepared:
    """One valid operation, ready to be run any number of times.

    `scopes` are all the scopes that a caller must hold. `cost` takes the coerced variables.
    `root_fields` is the number of fields asked of the root type. What the compiler makes of it is
    kept with it: `switches` are the variables in `@skip` and `@include`, None before it was looked.
    """

    schema: GraphQLSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    scopes: frozenset[str]
    cost: Cost
    root_fields: int
    switches: tuple[str, ...] | None = None
    compiled: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.operation


class Preparer:
    """Prepares operations of one schema, and keeps the ones used last.

    Belongs to one event loop: it is not safe to share between threads.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        rules: Rules,
        limits: Limits | None = None,
        *,
        suggestions: bool = False,
    ) -> None:
        """Validation suggests names ("Did you mean ...?") where `suggestions` is true.

        Suggestions tell names of the schema to callers who may not be allowed to introspect it.
        """
        self.limits = limits or Limits()
        self.suggestions = suggestions
        self._schema = schema
        self._rules = rules
        self._kept: OrderedDict[tuple[bytes, str | None], _Kept] = OrderedDict()
        self._bytes = 0

    def prepare(self, text: str, operation_name: str | None) -> Prepared:
        """The operation of that name in the document, or its only one where the name is None.

        Raises RequestError GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED (several together, as
        far as the limit goes) or OPERATION_RESOLUTION_FAILURE.
        """
        key = (sha256(text.encode()).digest(), operation_name)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._prepare(text, operation_name)
            self._keep(key, kept)
        else:
            self._kept.move_to_end(key)
        if isinstance(kept.outcome, RequestError):
            # A kept exception would otherwise grow by a traceback each time that it is raised.
            raise kept.outcome.with_traceback(None)
        return kept.outcome

    def _prepare(self, text: str, operation_name: str | None) -> "_Kept":
        try:
            document = _parse(text, self.limits)
            measures = guard.check(document, self.limits)
            self._validate(document)
            operation = _pick(document, operation_name)
            priced = price(self._schema, document, operation, self._rules, self.limits)
        except RequestError as error:
            # The frames of the traceback would keep the whole document alive.
            size = _ERROR_BYTES * len(error.reasons()) + getsizeof(operation_name)
            return _Kept(error.with_traceback(None), size)
        name = operation.name.value if operation.name else None
        prepared = Prepared(
            schema=self._schema,
            document=document,
            operation=operation,
            fragments=fragments_of(document),
            scopes=priced.scopes,
            cost=priced.cost,
            root_fields=measures.root_fields[name],
        )
        size = _TOKEN_BYTES * document.token_count + getsizeof(text) + getsizeof(operation_name)
        return _Kept(prepared, size)

    def _validate(self, document: DocumentNode) -> None:
        found = validate(
            self._schema,
            document,
            max_errors=self.limits.errors,
            hide_suggestions=not self.suggestions,
        )
        if found:
            code = ErrorCode.GRAPHQL_VALIDATION_FAILED
            raise together([from_graphql(error, code) for error in found[: self.limits.errors]])

    def _keep(self, key: tuple[bytes, str | None], kept: "_Kept") -> None:
        self._kept[key] = kept
        self._bytes += kept.size
        while self._bytes > self.limits.prepared_bytes or (
            len(self._kept) > self.limits.prepared_operations
        ):
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.size


@dataclass(frozen=True, slots=True)
class _Kept:
    """What came of a text, and about how many bytes it takes."""

    outcome: Prepared | RequestError
    size: int


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments of a document by name."""
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


def _parse(text: str, limits: Limits) -> DocumentNode:
    try:
        return parse(
            text,
            max_lexical_tokens=limits.tokens,
            max_comments=limits.comments,
            max_source_length=limits.document_characters,
        )
    except GraphQLSyntaxError as error:
        # Nesting beyond what the parser's recursion can take is a syntax error too.
        raise from_graphql(error, ErrorCode.GRAPHQL_PARSE_FAILED) from None


def _pick(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    """GetOperation of the GraphQL specification (October 2021, section 6.1)."""
    operations = [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]
    if operation_name is None:
        if len(operations) == 1:
            return operations[0]
        raise _unresolved("The document must hold one operation, or 'operationName' name one.")
    for operation in operations:
        if operation.name is not None and operation.name.value == operation_name:
            return operation
    raise _unresolved("The document holds no operation of the name in 'operationName'.")


def _unresolved(message: str) -> RequestError:
    return RequestError(ErrorCode.OPERATION_RESOLUTION_FAILURE, message)
