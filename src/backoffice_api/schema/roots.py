"""The roots of the schema by name: its lists, and what can be done on each of many things.

Views and runs keep names of lists and mutations, and JSON in the shape of their arguments. Here
these become what the domain understands, by the types of the schema itself; so what fits the
schema of today is what can be run today, and nothing is declared twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    get_named_type,
    is_input_object_type,
)
from graphql.utilities import coerce_input_value, validate_input_value
from sqlalchemy import Connection
from strawberry import Schema
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.filters import condition
from backoffice_api.domain.kernel.ids import MalformedId
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.views.model.lists import ListQuery, UnfitFilter, UnknownList, check_json
from backoffice_api.domain.views.model.runs import UnfitInput, UnknownAction
from backoffice_api.domain.views.ports import Order, Prepared
from backoffice_api.schema.connections import LIST, ListLink
from backoffice_api.schema.directives import Requires
from backoffice_api.schema.filters import SortDirection, as_filter
from backoffice_api.schema.mutations import DECLARED, Declared
from backoffice_api.schema.nodes import KINDS

SEARCH_LENGTH_MAX = 250

# What is done one by one: with runs, files and views themselves. Rights are, too.
_NOT_IN_BULK = frozenset({"brn", "bim", "bex", "viw", "cmt", "whk", "whd"})

# What undoes what, by the verbs of the mutations.
_OPPOSITES: Mapping[str, str] = {
    "Archive": "Restore",
    "Restore": "Archive",
    "Hold": "ReleaseHold",
    "Block": "Unblock",
    "Unblock": "Block",
    "Close": "Reopen",
    "Reopen": "Close",
    "Ready": "Reopen",
    "Publish": "Unpublish",
    "Unpublish": "Publish",
    "Retire": "Restore",
    "MarkAsSpam": "UnmarkAsSpam",
    "UnmarkAsSpam": "MarkAsSpam",
    "Snooze": "Wake",
}


@dataclass(frozen=True, slots=True)
class ListRoot:
    """A list of the root: how it is read, the rights that it takes, its arguments."""

    name: str
    link: ListLink
    field: StrawberryField
    scopes: frozenset[Scope]
    kind: str | None
    arguments: Mapping[str, GraphQLInputType]


@dataclass(frozen=True, slots=True)
class ActionRoot:
    """A mutation of the shape `thingVerb(id, input, meta)`."""

    name: str
    declared: Declared
    field: StrawberryField
    kind: str
    description: str
    input: GraphQLInputType | None
    opposite: str | None

    @property
    def scope(self) -> Scope | None:
        return self.declared.command.scope


class Roots:
    """What one schema has at its roots. It is told of the schema once that is made."""

    def __init__(self) -> None:
        self._schema: Schema | None = None

    def declare(self, schema: Schema) -> Schema:
        """Read everything off this schema."""
        self._schema = schema
        return schema

    # Lists.

    @cached_property
    def lists(self) -> Mapping[str, ListRoot]:
        """Every list of the root by its name."""
        prefixes = {kind.row: prefix for prefix, kind in KINDS.items()}
        found = {}
        for name, field, arguments in self._fields("Query"):
            link = field.metadata.get(LIST)
            if not isinstance(link, ListLink):
                continue
            kind = prefixes.get(link.listing.shape)
            scopes = {Scope(each.scope) for each in field.directives if isinstance(each, Requires)}
            if kind is not None:
                scopes.add(KINDS[kind].scope)
            found[name] = ListRoot(name, link, field, frozenset(scopes), kind, arguments)
        return found

    def prepare(self, query: ListQuery) -> Prepared:
        """See `domain.views.ports.Lists`."""
        root = self.lists.get(query.target)
        if root is None:
            raise UnknownList(query.target, tuple(sorted(self.lists))).at("target")
        listing = root.link.listing
        faults, given = Faults(), {}
        if query.search is not None:
            check_text(query.search, faults, "search", maximum=SEARCH_LENGTH_MAX)
            if listing.searched is None:
                faults.add(UnfitFilter(root.name, "it cannot be searched.").at("search"))
        for name, value in (("filter", query.filter), ("sort", query.sort)):
            if value is not None:
                type_ = root.arguments.get(name)
                reasons = _unfit(value, type_)
                faults.extend(
                    UnfitFilter(root.name, reason).at(name, *path) for path, reason in reasons
                )
                if type_ is not None and not reasons:
                    given[name] = coerce_input_value(value, type_)
        faults.check()
        arguments = self._converted(root.field, given)
        request = self._request(listing, query, arguments)
        return Prepared(listing, request, root.scopes | listing.needs(request), root.kind)

    @staticmethod
    def _request(
        listing: Listing[Any], query: ListQuery, arguments: Mapping[str, Any]
    ) -> PageRequest:
        sort = arguments.get("sort")
        try:
            filter = as_filter(arguments.get("filter"))
            if filter:
                condition(filter, listing.words)  # raises where it has too many parts
        except MalformedId as fault:
            raise UnfitFilter(query.target, str(fault)).at("filter") from None
        except DomainError as fault:
            raise fault.at("filter") from None
        return PageRequest(
            sort=sort.key if sort else None,
            descending=sort.direction is SortDirection.DESC if sort else None,
            filter=filter,
            search=query.search,
        )

    # Actions.

    @cached_property
    def actions(self) -> Mapping[str, ActionRoot]:
        """Every mutation that can be done on each of many things, by its name."""
        # A command says of which table the record is that its id names, and so does a list.
        kinds = {root.link.listing.table: root.kind for root in self.lists.values()}
        found = {}
        for name, field, arguments in self._fields("Mutation"):
            declared, input = field.metadata.get(DECLARED), arguments.get("input")
            if not isinstance(declared, Declared) or "id" not in arguments:
                continue
            table, scope = declared.command.table, declared.command.scope
            kind = None if table is None else kinds.get(table)
            if (
                kind is None
                or kind in _NOT_IN_BULK
                or scope is Scope.ACCESS_WRITE
                or (input is not None and _holds_secrets(input))
            ):
                continue
            text, opposite = field.description or "", _opposite(name, kind)
            found[name] = ActionRoot(name, declared, field, kind, text, input, opposite)
        return {
            name: each
            if each.opposite in found
            else ActionRoot(
                name, each.declared, each.field, each.kind, each.description, each.input, None
            )
            for name, each in found.items()
        }

    def action(self, mutation: str) -> ActionRoot:
        """The action of this name. Raises UnknownAction."""
        if found := self.actions.get(mutation):
            return found
        raise UnknownAction(mutation).at("mutation")

    def kind(self, mutation: str) -> str:
        """See `domain.views.ports.Actions`."""
        return self.action(mutation).kind

    def scope(self, mutation: str) -> Scope | None:
        """See `domain.views.ports.Actions`."""
        return self.action(mutation).scope

    def order(self, mutation: str, id: UUID, input: Mapping[str, Any] | None) -> Order:
        """See `domain.views.ports.Actions`."""
        action = self.action(mutation)
        given: dict[str, Any] = {"id": ids.text(action.kind, id)}
        if action.input is None and input is not None:
            raise UnfitInput(mutation, "it takes none.")
        if action.input is not None:
            value = {} if input is None else input
            faults = Faults()
            faults.extend(
                UnfitInput(mutation, reason).at(*path)
                for path, reason in _unfit(value, action.input)
            )
            faults.check()
            given["input"] = coerce_input_value(value, action.input)
        arguments = self._converted(action.field, given)
        declared = action.declared
        try:
            return Order(declared.handler, declared.translate(**arguments))
        except MalformedId as fault:
            raise UnfitInput(mutation, str(fault)) from None

    # Records.

    @cached_property
    def _with_timeline(self) -> frozenset[str]:
        types = self._made._schema.type_map
        return frozenset(
            prefix
            for prefix, kind in KINDS.items()
            if any(face.name == "HasTimeline" for face in types[kind.name].interfaces)  # type: ignore[attr-defined]
        )

    def kinds(self, caller: Caller) -> frozenset[str]:
        """See `domain.views.ports.Subjects`."""
        return frozenset(
            prefix for prefix in self._with_timeline if caller.may(KINDS[prefix].scope)
        )

    def version(self, db: Connection, kind: str, id: UUID, caller: Caller) -> int | None:
        """See `domain.views.ports.Subjects`."""
        if kind not in self.kinds(caller):
            return None
        known = KINDS[kind]
        key = id if known.key is None else known.key(caller, id)
        found = known.by_ids(db, [key]).get(key)
        return None if found is None else getattr(found, "version", 0)

    # What all of them need.

    @property
    def _made(self) -> Schema:
        assert self._schema is not None, "the schema is made before anything is asked of it"
        return self._schema

    def _fields(
        self, root: str
    ) -> Sequence[tuple[str, StrawberryField, Mapping[str, GraphQLInputType]]]:
        fields = self._made._schema.type_map[root].fields  # type: ignore[attr-defined]
        return [
            (
                name,
                field.extensions["strawberry-definition"],
                {key: argument.type for key, argument in field.args.items()},
            )
            for name, field in fields.items()
        ]

    def _converted(self, field: StrawberryField, given: dict[str, Any]) -> dict[str, Any]:
        registry = self._made.schema_converter.scalar_registry
        return convert_arguments(given, field.arguments, registry, self._made.config)


ROOTS = Roots()


def as_given(value: Any) -> Any:
    """A JSON value as the domain takes it, which has it looked at here before it believes it."""
    return value


def _unfit(value: Any, type_: GraphQLInputType | None) -> list[tuple[list[str | int], str]]:
    """Where and why a value is none of the type."""
    if type_ is None:
        return [([], "it has none.")]
    try:
        check_json(value)
    except DomainError as fault:
        return [([], str(fault))]
    found: list[tuple[list[str | int], str]] = []

    def note(error: GraphQLError, path: list[str | int]) -> None:
        found.append((list(path), error.message))

    validate_input_value(value, type_, note, hide_suggestions=True)
    return found


def _opposite(mutation: str, kind: str) -> str | None:
    thing = _camel(KINDS[kind].name)
    verb = _OPPOSITES.get(mutation.removeprefix(thing))
    return None if verb is None else f"{thing}{verb}"


def _camel(name: str) -> str:
    return to_camel_case(name[0].lower() + name[1:])


def _holds_secrets(type_: GraphQLInputType) -> bool:
    """Whether a value of the type may hold a secret, which is never kept."""
    todo, seen = [get_named_type(type_)], set()
    while todo:
        each = todo.pop()
        if each.name == "Secret":
            return True
        if is_input_object_type(each) and each.name not in seen:
            seen.add(each.name)
            assert isinstance(each, GraphQLInputObjectType)
            todo += [get_named_type(field.type) for field in each.fields.values()]
    return False
