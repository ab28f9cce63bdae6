"""SEC-01, SEC-07: costs and personal data are masked in every field, word, order and search."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type
from strawberry.types.base import StrawberryObjectDefinition

from backoffice_api.domain.identity.model.roles import TEMPLATES
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.connections import LIST
from backoffice_api.schema.directives import Personal
from backoffice_api.schema.rules import rules_of

RULES = rules_of(schema)
# By which rights personal data of a class are seen; of all others by `personal:read`.
GUARDS = {
    "device": {Scope.ACCESS_READ},
    "payment": {Scope.PAYMENTS_READ},
    "staff": {Scope.ACCESS_READ, Scope.PERSONAL_READ},
}
# Seen without: what the caller made himself, and what colleagues need to work together.
OPEN = {
    ("Me", "name"),
    ("OwnSession", "address"),
    ("OwnSession", "agent"),
    ("TicketAgent", "name"),
    ("Comment", "body"),
    ("BulkRun", "input"),
    ("BulkRun", "filter"),
    ("BulkRun", "search"),
    # Of a ticket, which takes `personal:read` as an argument; without one there is nobody in it.
    ("CannedAnswerPreview", "text"),
    # Shown once, to who has the right to export.
    ("PaymentFileContent", "text"),
}
OPEN_WORDS = {("customers", "tag"), ("returns", "reference")}
COSTS = {"unitCost", "totalCost", "landedCost", "costBefore", "costAfter", "cost", "costs"}


def fields() -> Iterator[tuple[str, Any]]:
    for name, each in schema.schema_converter.type_map.items():
        definition = each.definition
        if isinstance(definition, StrawberryObjectDefinition) and not definition.is_input:
            for field in definition.fields:
                yield name, field


def listings() -> dict[str, Listing[Any]]:
    found = (field.metadata.get(LIST) for _, field in fields())
    return {each.listing.table.name: each.listing for each in found if each is not None}


def scopes_of(type_name: str, field: Any) -> frozenset[str]:
    """The rights without which nobody reads the field, whichever way he comes to it."""
    name = schema.config.name_converter.get_graphql_name(field)
    own = RULES.scopes_of_field(type_name, name) | RULES.scopes_of_type(type_name)
    return own | guards()[type_name]


@cache
def guards() -> dict[str, frozenset[str]]:
    """By type the rights that every way to it takes, found from below until none is left over."""
    ways: dict[str, set[tuple[str, frozenset[str]]]] = {}
    for owner, type_ in schema._schema.type_map.items():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                taken = RULES.scopes_of_field(owner, name) | RULES.scopes_of_type(owner)
                ways.setdefault(get_named_type(field.type).name, set()).add((owner, taken))
            for each in type_.interfaces:
                ways.setdefault(owner, set()).add((each.name, frozenset()))
    everything = frozenset(each.value for each in Scope)
    found = {name: everything if name in ways else frozenset() for name in schema._schema.type_map}
    while True:
        now = {
            name: frozenset.intersection(*(taken | found[owner] for owner, taken in ways[name]))
            if name in ways
            else frozenset()
            for name in found
        }
        if now == found:
            return found
        found = now


class TestPersonalData:
    def test_take_a_right_of_their_own_in_every_field(self) -> None:
        bare, count = set(), 0
        for type_name, field in fields():
            for kind in (each.kind for each in field.directives if isinstance(each, Personal)):
                count += 1
                guards_of = GUARDS.get(kind, {Scope.PERSONAL_READ})
                if not guards_of & scopes_of(type_name, field):
                    bare.add((type_name, schema.config.name_converter.get_graphql_name(field)))
        assert bare == OPEN
        assert count > 100

    def test_are_not_found_out_by_words_orders_and_searches(self) -> None:
        bare = set()
        for name, listing in listings().items():
            of_words = {word: getattr(each, "column", None) for word, each in listing.words.items()}
            of_sorts = {key.value: column for key, column in listing.sorts.items()}
            for word, column in {**of_sorts, **of_words}.items():
                kind = getattr(column, "info", {}).get("personal")
                if kind not in (None, "staff") and word not in listing.scopes:
                    bare.add((name, word))
        assert bare == OPEN_WORDS

    def test_are_searched_only_by_who_may_see_them(self) -> None:
        searched = {
            name: listing.search_scope for name, listing in listings().items() if listing.searched
        }
        assert {name for name, scope in searched.items() if scope} == {
            *("customers", "statement_lines", "tickets"),
        }


class TestCosts:
    def test_take_the_right_to_see_them(self) -> None:
        bare = {
            (type_name, field.python_name)
            for type_name, field in fields()
            if type_name != "PayloadTooCostlyError"
            and schema.config.name_converter.get_graphql_name(field) in COSTS
            and not scopes_of(type_name, field) & {"costs:read", "costs:write"}
        }
        assert bare == set()


class TestTheAuditor:
    def test_sees_neither(self) -> None:
        scopes = TEMPLATES["AUDITOR"].scopes
        assert Scope.COSTS_READ not in scopes
        assert Scope.PERSONAL_READ not in scopes
        masked = [
            each
            for type_name, each in fields()
            if not scopes_of(type_name, each) <= {scope.value for scope in scopes}
        ]
        assert len(masked) > 150
