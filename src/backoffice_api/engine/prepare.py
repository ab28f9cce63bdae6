"""From the text of a request to an operation that can be run: parsed, guarded, valid and priced.

The work is done once per text and operation name, for documents that are refused too. Documents
that are trusted are prepared at the start and kept for good; they are asked for by their ids.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
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
from backoffice_api.engine.cost import Cost
from backoffice_api.engine.decode import GraphQLRequest
from backoffice_api.engine.errors import ErrorCode, RequestError, from_graphql, together
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.pricing import Rules, price

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


@dataclass(slots=True)
class Finds:
    """How many requests found their operation among the trusted ones, among those kept, or new."""

    trusted: int = 0
    kept: int = 0
    new: int = 0


class Preparer:
    """Prepares operations of one schema, and keeps the ones used last.

    Belongs to one event loop: it is not safe to share between threads. `finds` is for whoever
    watches the process.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        rules: Rules,
        limits: Limits | None = None,
        *,
        suggestions: bool = False,
        automatic: bool = True,
        trusted_only: bool = False,
    ) -> None:
        """Validation suggests names ("Did you mean ...?") where `suggestions` is true.

        Suggestions tell names of the schema to callers who may not be allowed to introspect it.
        `automatic` lets a hash alone ask for a text that was sent before (automatic persisted
        queries). With `trusted_only`, nothing is answered but documents that `trust` was given.
        """
        self.limits = limits or Limits()
        self.suggestions = suggestions
        self.finds = Finds()
        self._schema = schema
        self._rules = rules
        self._automatic = automatic and not trusted_only
        self._trusted_only = trusted_only
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._bytes = 0
        self._trusted: dict[_Key, Prepared] = {}
        self._by_id: dict[str, dict[str | None, Prepared]] = {}

    @property
    def kept_operations(self) -> int:
        """How many operations are kept until others are used more. Trusted ones do not count."""
        return len(self._kept)

    @property
    def kept_bytes(self) -> int:
        """About how much memory these take."""
        return self._bytes

    @property
    def trusted_operations(self) -> int:
        """How many operations are kept for good."""
        return len({id(each) for each in self._trusted.values()})

    def find(self, asked: GraphQLRequest) -> Prepared:
        """The operation that a request means, by the text, the id or the hash of its document.

        Raises RequestError as `prepare` does, and besides: PERSISTED_QUERY_NOT_FOUND for an id or
        a hash that is not known, PERSISTED_QUERY_NOT_SUPPORTED for an unknown hash where only
        texts are taken, DOCUMENT_NOT_TRUSTED, and BAD_USER_INPUT for a hash of another text.
        """
        name = asked.operation_name
        if asked.document_id is not None:
            return self._by_document_id(asked.document_id, name)
        if asked.query is None:
            assert asked.sha256 is not None, "a request names its document"
            return self._by_hash(asked.sha256, name)
        if asked.sha256 is not None and sha256(asked.query.encode()).hexdigest() != asked.sha256:
            raise RequestError(
                ErrorCode.BAD_USER_INPUT,
                "The 'sha256Hash' of extension 'persistedQuery' is not that of the query.",
            )
        return self.prepare(asked.query, name)

    def prepare(self, text: str, operation_name: str | None) -> Prepared:
        """The operation of that name in the document, or its only one where the name is None.

        Raises RequestError GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED (several together, as
        far as the limit goes), OPERATION_RESOLUTION_FAILURE or DOCUMENT_NOT_TRUSTED.
        """
        key = (sha256(text.encode()).digest(), operation_name)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            self.finds.kept += 1
            return kept.result()
        trusted = self._trusted.get(key)
        if trusted is not None:
            self.finds.trusted += 1
            return trusted
        if self._trusted_only:
            raise RequestError(
                ErrorCode.DOCUMENT_NOT_TRUSTED,
                "Only documents that this server was given are answered: send a 'documentId'.",
            )
        kept = self._prepare(text, operation_name)
        self._keep(key, kept)
        self.finds.new += 1
        return kept.result()

    def trust(self, text: str, ids: Iterable[str]) -> Sequence[str]:
        """Keep all operations of a document for good; its ids ask for them.

        Gives the names of the operations. Raises RequestError where the document is not valid.
        """
        document, measures = self._document(text)
        digest = sha256(text.encode()).digest()
        operations: dict[str | None, Prepared] = {}
        for operation in _operations(document):
            name = operation.name.value if operation.name else None
            operations[name] = self._operation(document, measures, operation)
        if len(operations) == 1:
            operations[None] = next(iter(operations.values()))
        for name, prepared in operations.items():
            self._trusted[digest, name] = prepared
        for id in ids:
            self._by_id[id] = operations
        return [name for name in operations if name is not None]

    def name(self, id: str, same_as: str, operation_name: str) -> None:
        """Let `id` ask for one operation of the trusted document that is `same_as`."""
        prepared = self._by_id[same_as][operation_name]
        self._by_id[id] = {None: prepared, operation_name: prepared}

    def _by_document_id(self, id: str, operation_name: str | None) -> Prepared:
        operations = self._by_id.get(id)
        if operations is None:
            raise RequestError(ErrorCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
        self.finds.trusted += 1
        return _named(operations, operation_name)

    def _by_hash(self, hash: str, operation_name: str | None) -> Prepared:
        operations = self._by_id.get(hash)
        if operations is not None:
            self.finds.trusted += 1
            return _named(operations, operation_name)
        # The status 200 is that of Apollo Server: some clients take another one for the end of
        # automatic persisted queries, or a proxy keeps it.
        if not self._automatic:
            code = ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED
            raise RequestError(code, "PersistedQueryNotSupported", status=200)
        key = (_digest(hash), operation_name)
        kept = self._kept.get(key)
        if kept is None:
            code = ErrorCode.PERSISTED_QUERY_NOT_FOUND
            raise RequestError(code, "PersistedQueryNotFound", status=200)
        self._kept.move_to_end(key)
        self.finds.kept += 1
        return kept.result()

    def _prepare(self, text: str, operation_name: str | None) -> "_Kept":
        try:
            document, measures = self._document(text)
            prepared = self._operation(document, measures, _pick(document, operation_name))
        except RequestError as error:
            # The frames of the traceback would keep the whole document alive.
            size = _ERROR_BYTES * len(error.reasons()) + getsizeof(operation_name)
            return _Kept(error.with_traceback(None), size)
        size = _TOKEN_BYTES * document.token_count + getsizeof(text) + getsizeof(operation_name)
        return _Kept(prepared, size)

    def _document(self, text: str) -> tuple[DocumentNode, guard.Measures]:
        document = _parse(text, self.limits)
        measures = guard.check(document, self.limits)
        self._validate(document)
        return document, measures

    def _operation(
        self, document: DocumentNode, measures: guard.Measures, operation: OperationDefinitionNode
    ) -> Prepared:
        priced = price(self._schema, document, operation, self._rules, self.limits)
        name = operation.name.value if operation.name else None
        return Prepared(
            schema=self._schema,
            document=document,
            operation=operation,
            fragments=fragments_of(document),
            scopes=priced.scopes,
            cost=priced.cost,
            root_fields=measures.root_fields[name],
        )

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

    def _keep(self, key: "_Key", kept: "_Kept") -> None:
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

    def result(self) -> Prepared:
        """What was prepared. Raises RequestError where it was refused."""
        if isinstance(self.outcome, RequestError):
            # A kept exception would otherwise grow by a traceback each time that it is raised.
            raise self.outcome.with_traceback(None)
        return self.outcome


_Key = tuple[bytes, str | None]
"""The SHA-256 of a text, and the name of the operation that was asked for."""


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
    operations = _operations(document)
    if operation_name is None:
        if len(operations) == 1:
            return operations[0]
        raise _unresolved(operation_name)
    for operation in operations:
        if operation.name is not None and operation.name.value == operation_name:
            return operation
    raise _unresolved(operation_name)


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]


def _named(operations: Mapping[str | None, Prepared], operation_name: str | None) -> Prepared:
    found = operations.get(operation_name)
    if found is None:
        raise _unresolved(operation_name)
    return found


def _unresolved(operation_name: str | None) -> RequestError:
    if operation_name is None:
        message = "The document must hold one operation, or 'operationName' name one."
    else:
        message = "The document holds no operation of the name in 'operationName'."
    return RequestError(ErrorCode.OPERATION_RESOLUTION_FAILURE, message)


def _digest(hash: str) -> bytes:
    """The bytes that the hexadecimal digits stand for; those of no text where they are none."""
    try:
        return bytes.fromhex(hash)
    except ValueError:
        return b""
