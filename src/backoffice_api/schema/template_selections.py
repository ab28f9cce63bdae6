"""Answers what templates of messages select: by the documents that webhooks take, of an order.

It runs inside the transaction of whoever writes a message, on its connection, so that what is said
is what is true there; in a thread of its own, since commands know no event loop.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import cached_property, lru_cache
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import structlog
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLType,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
)
from sqlalchemy import Connection
from strawberry import Schema

from backoffice_api.context import Context, as_request_error
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.documents import COST_MAX, UnfitDocument
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.messages.model.selections import (
    Each,
    Selected,
    Selection,
    SelectionNotRead,
)
from backoffice_api.domain.reaching import is_seen, seen_by
from backoffice_api.engine.compiler import Compiler
from backoffice_api.engine.errors import RequestError
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.prepare import Prepared, Preparer
from backoffice_api.engine.run import Terms
from backoffice_api.schema.payload_documents import SchemaDocuments, answered
from backoffice_api.schema.plans import SchemaFields

P = ParamSpec("P")
R = TypeVar("R")

_TIME_S = 5.0
_NAME = "templates"
_SUBJECT = "Order"
_LIMITS = Limits(cost=COST_MAX, query_time_s=_TIME_S)

log = structlog.get_logger("backoffice_api.templates")


class _OnConnection(Context):
    """What resolvers may use inside of a transaction: they read on its connection, at once."""

    __slots__ = ("_db", "_narrowed")

    def __init__(self, db: Connection, caller: Caller, *, narrowed: bool) -> None:
        self._db = db
        self._narrowed = narrowed
        self.caller = caller
        # No cursor of what is selected is ever used: there is no further page of a message.
        self.cursors = Cursors(_NAME.encode())
        self.request_id = _NAME
        self._loaders = {}

    @property
    def dialect(self) -> str:
        return self._db.dialect.name

    async def read(
        self, query: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        seen = nullcontext(self._db) if self._narrowed else seen_by(self._db, self.caller)
        with seen as db:
            return query(db, *args, **kwargs)


class SchemaSelections:
    """See `domain.messages.ports.Answering`."""

    def __init__(self, schema: Schema, documents: SchemaDocuments) -> None:
        self._schema = schema
        self._documents = documents
        # What makes operations belongs to one thread.
        self._thread = ThreadPoolExecutor(1, _NAME)
        self.check = lru_cache(maxsize=200)(self._check)

    def read(
        self, db: Connection, caller: Caller, text: str, order_id: UUID, *, narrowed: bool
    ) -> Mapping[str, Any]:
        context = _OnConnection(db, caller, narrowed=narrowed)
        return self._thread.submit(
            lambda: asyncio.run(self._read(context, text, order_id))
        ).result()

    async def _read(self, context: _OnConnection, text: str, order_id: UUID) -> Mapping[str, Any]:
        try:
            if not await context.read(is_seen, context.caller, "ord", order_id):
                raise SelectionNotRead("the order is out of reach of whoever set the template.")
            subject = ids.text("ord", order_id)
            answer = await answered(self._preparer, text, subject, context, self._terms)
        except (RequestError, UnfitDocument) as refusal:
            raise SelectionNotRead(str(refusal)) from None
        if errors := answer.get("errors"):
            raise SelectionNotRead(str(errors[0]["message"]))
        (found,) = answer["data"].values()
        if found is None:
            raise SelectionNotRead("whoever set the template does not see the order.")
        return dict(found)

    def _check(self, text: str) -> Selection:
        taken, prepared = self._documents.checked(text)
        (asked,) = prepared.operation.selection_set.selections
        assert isinstance(asked, FieldNode), "a node is asked for"
        node, of = prepared.schema.type_map["Node"], asked.selection_set
        shape = _Reader(prepared, only=_SUBJECT).shape(node, [of] if of else [])
        if not shape.fields:
            raise UnfitDocument("it selects nothing of an Order.")
        return Selection(taken.scopes, shape)

    @cached_property
    def _preparer(self) -> Preparer:
        return self._documents.preparer(_LIMITS)

    @cached_property
    def _terms(self) -> Terms:
        return Terms(
            limits=_LIMITS,
            on_bug=lambda bug, _: log.error("templates.bug", exc_info=bug),
            translate=as_request_error,
            compiler=Compiler(SchemaFields(self._schema)),
        )


class _Reader:
    """Reads off an operation what its answer looks like. `only`: the type that the subject is."""

    def __init__(self, prepared: Prepared, *, only: str) -> None:
        self._prepared = prepared
        found = prepared.schema.type_map[only]
        assert isinstance(found, GraphQLObjectType), "the subject is an object"
        self._only = {only, *(each.name for each in found.interfaces)}

    def shape(self, parent: GraphQLType, sets: Iterable[SelectionSetNode]) -> Selected:
        """What the fields of `sets` stand for, those of all fragments together."""
        fields: dict[str, list[FieldNode]] = {}
        types: dict[str, GraphQLField] = {}
        for each in sets:
            for field, owner in self._fields(parent, each, at_root=parent.name == "Node"):  # type: ignore[attr-defined]
                name = field.alias.value if field.alias else field.name.value
                fields.setdefault(name, []).append(field)
                types[name] = owner.fields[field.name.value]
        return Selected({name: self._kind(types[name].type, of) for name, of in fields.items()})

    def _kind(self, type_: GraphQLType, fields: Sequence[FieldNode]) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return self._kind(type_.of_type, fields)
        if isinstance(type_, GraphQLList):
            return Each(self._kind(type_.of_type, fields))
        named = get_named_type(type_)
        if is_leaf_type(named):
            return int if named.name == "Int" else str
        return self.shape(named, [each.selection_set for each in fields if each.selection_set])

    def _fields(
        self, parent: Any, selections: SelectionSetNode, *, at_root: bool
    ) -> Iterator[tuple[FieldNode, GraphQLObjectType | GraphQLInterfaceType]]:
        for each in selections.selections:
            match each:
                case FieldNode():
                    # Names that begin so are none that a template may say.
                    if not each.name.value.startswith("_") and not isinstance(
                        parent, GraphQLUnionType
                    ):
                        yield each, parent
                    continue
                case FragmentSpreadNode():
                    of: Any = self._prepared.fragments[each.name.value]
                case InlineFragmentNode():
                    of = each
            condition = of.type_condition
            inner = self._prepared.schema.type_map[condition.name.value] if condition else parent
            if not at_root or inner.name in self._only:
                yield from self._fields(inner, of.selection_set, at_root=at_root)
