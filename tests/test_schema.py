"""The schema as a whole: current, described, guarded, and the same everywhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)
from strawberry.types.field import StrawberryField

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Denied, DomainError, SeveralFaults
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Meta
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.directives import Cost, Requires
from backoffice_api.schema.nodes import KINDS
from backoffice_api.schema.payloads import ERRORS, MutationMeta
from backoffice_api.schema.rules import rules_of
from tests.discovery import subclasses
from tests.together import named, together

FILE = Path(__file__).parent.parent / "schema.graphql"
GRAPHQL = schema._schema
RULES = rules_of(schema)
OWN = {
    name: each
    for name, each in GRAPHQL.type_map.items()
    if not is_introspection_type(each) and not is_specified_scalar_type(each)
}

# What anybody may ask who is signed in, and whose answer depends on what he may see.
FOR_ALL = {"node", "nodes", "me", "queryCost"}

# Commands on the caller's own account, which take no right but to be signed in.
FOR_ONESELF = {
    *("mySessionsEnd", "sessionEnd"),
    *("recoveryCodesRenew", "secondFactorConfirm", "secondFactorEnrol", "secondFactorRemove"),
}

# Types with an `id` that is not their own.
WITHOUT_NODE = {"Actor", "OwnSession", "TicketAgent"}


def mutations() -> Iterator[StrawberryField]:
    mutation = schema.get_type_by_name("Mutation")
    yield from mutation.fields  # type: ignore[union-attr]


def by_name(field: StrawberryField) -> str:
    return schema.config.name_converter.get_graphql_name(field)


def test_the_committed_file_is_current() -> None:
    assert FILE.read_text() == f"{schema.as_str()}\n", "Run `make schema`."


class TestDescriptions:
    def test_are_on_every_type_and_directive(self) -> None:
        bare = [name for name, each in OWN.items() if not each.description]
        bare += [
            f"@{each.name}"
            for each in GRAPHQL.directives
            if not each.description and not is_specified_directive(each)
        ]

        assert sorted(set(bare) - {"Query", "Mutation", "Subscription"}) == []

    def test_are_on_every_field_argument_and_value(self) -> None:
        bare = []
        for name, each in OWN.items():
            if isinstance(each, GraphQLEnumType):
                bare += [
                    f"{name}.{key}" for key, value in each.values.items() if not value.description
                ]
            elif isinstance(each, GraphQLInputObjectType):
                bare += [
                    f"{name}.{key}" for key, field in each.fields.items() if not field.description
                ]
            elif isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
                for key, field in each.fields.items():
                    bare += [] if field.description else [f"{name}.{key}"]
                    bare += [
                        f"{name}.{key}({argument}:)"
                        for argument, of_it in field.args.items()
                        if not of_it.description
                    ]

        assert bare == []

    def test_are_sentences(self) -> None:
        texts = {name: each.description for name, each in OWN.items() if each.description}
        for name, each in OWN.items():
            for key, field in getattr(each, "fields", {}).items():
                texts[f"{name}.{key}"] = field.description

        odd = [
            name
            for name, text in texts.items()
            if text and (text != text.strip() or not text.rstrip("`").endswith((".", ":")))
        ]
        assert odd == []


class TestMutations:
    def test_take_an_id_an_input_and_meta_and_nothing_else(self) -> None:
        mutation = GRAPHQL.mutation_type
        assert mutation is not None

        for name, field in mutation.fields.items():
            arguments = {key: str(argument.type) for key, argument in field.args.items()}
            assert arguments.pop("meta") == "MutationMeta", name
            assert arguments.pop("id", "ID!") == "ID!", name
            assert re.fullmatch(r"\w+Input!?", arguments.pop("input", "AnInput!")), name
            assert arguments == {}, name

    def test_answer_a_payload(self) -> None:
        mutation, payload = GRAPHQL.mutation_type, GRAPHQL.type_map["MutationPayload"]
        assert mutation is not None
        assert isinstance(payload, GraphQLInterfaceType)

        for name, field in mutation.fields.items():
            type_ = GRAPHQL.type_map[str(field.type).rstrip("!")]
            assert isinstance(type_, GraphQLObjectType), name
            assert payload in type_.interfaces, name
            results = [key for key in type_.fields if key not in payload.fields]
            assert len(results) >= 1, name
            for key in results:  # Of a refusal, null is answered, or an empty list.
                shape = str(type_.fields[key].type)
                assert not shape.endswith("!") or shape.startswith("["), name

    async def test_keep_their_meta(self) -> None:
        given: list[Meta] = []

        async def run(_handler: Any, _translate: Any, meta: Meta, *, apart: bool) -> None:
            given.append(meta)

        context = SimpleNamespace(run=run, idempotency_key="of the header", request_id="r")
        info = SimpleNamespace(context=context)
        meta = MutationMeta(
            idempotency_key="k", expected_version=3, dry_run=True, reason="why", reference="urn:x"
        )

        for field in mutations():
            assert field.base_resolver is not None
            resolve: Any = field.base_resolver.wrapped_func
            given.clear()

            await resolve(info, meta=meta)
            await resolve(info)
            await resolve(info, meta=MutationMeta(idempotency_key=""))

            assert given == [
                Meta("k", 3, True, "why", "urn:x", "r"),
                Meta(idempotency_key="of the header", request_id="r"),
                Meta(idempotency_key="", request_id="r"),
            ], by_name(field)

    @together("field", {by_name(each): each for each in mutations()})
    def test_have_a_price(self, field: StrawberryField) -> None:
        assert [each.weight for each in field.directives if isinstance(each, Cost)] == [10]

    def test_are_named_noun_first(self) -> None:
        mutation = GRAPHQL.mutation_type
        assert mutation is not None
        verbs = ("create", "update", "delete", "set", "add", "cancel", "make", "remove")

        assert [name for name in mutation.fields if name.startswith(verbs)] == []


class TestRights:
    def test_are_needed_for_every_field_of_the_root(self) -> None:
        free = {
            name
            for root in (GRAPHQL.query_type, GRAPHQL.mutation_type)
            if root is not None
            for name in root.fields
            if not RULES.scopes_of_field(root.name, name)
        }

        assert free - FOR_ALL - FOR_ONESELF == set()

    @together("kind", {each.name: each for each in KINDS.values()})
    def test_are_needed_for_every_kind_of_node(self, kind: Any) -> None:
        assert RULES.scopes_of_type(kind.name) == {kind.scope.value}


class TestNodes:
    def test_are_all_types_that_have_an_id(self) -> None:
        with_id = {
            name
            for name, each in OWN.items()
            if isinstance(each, GraphQLObjectType) and "id" in each.fields
        }

        assert with_id - WITHOUT_NODE == {kind.name for kind in KINDS.values()}

    @together("kind", {each.name: each for each in KINDS.values()})
    def test_implement_node(self, kind: Any) -> None:
        type_ = OWN[kind.name]

        assert isinstance(type_, GraphQLObjectType)
        assert "Node" in {each.name for each in type_.interfaces}
        assert re.fullmatch("[a-z]{3,4}", kind.prefix)

    def test_that_have_a_version_say_so(self) -> None:
        for name, each in OWN.items():
            if isinstance(each, GraphQLObjectType) and "version" in each.fields:
                assert "Versioned" in {face.name for face in each.interfaces}, name


class TestConnections:
    def test_of_what_may_be_long_are_priced_by_their_page(self) -> None:
        for name, each in OWN.items():
            if not isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
                continue
            for key, field in each.fields.items():
                if str(field.type).rstrip("!").endswith("Connection"):
                    cost = RULES.cost_of(name, key)
                    assert "first" in cost.multipliers, f"{name}.{key}"
                    assert "first" in field.args, f"{name}.{key}"


class TestEnums:
    @together(
        "choice",
        # Those of the domain: which others there are depends on what was imported before.
        named([each for each in subclasses(Choice) if ".domain." in each.__module__]),
    )
    def test_have_a_meaning_for_every_word(self, choice: type[Choice]) -> None:
        assert [each.name for each in choice if not each.description] == []
        assert [each.value for each in choice if each.value != each.value.lower()] == []

    def test_of_the_schema_are_those_of_the_domain(self) -> None:
        for name, known in schema.schema_converter.type_map.items():
            if isinstance(known.implementation, GraphQLEnumType):
                wrapped = getattr(known.definition, "wrapped_cls", None)
                assert wrapped is not None, name
                assert issubclass(wrapped, Choice), name


class TestErrors:
    @together(
        "refusal",
        named(
            [
                each
                for each in subclasses(DomainError)
                if not issubclass(each, Denied | SeveralFaults)
            ]
        ),
    )
    def test_show_every_refusal(self, refusal: type[DomainError]) -> None:
        assert any(kind in ERRORS for kind in refusal.__mro__)

    def test_have_fields_that_the_refusal_has(self) -> None:
        general = GRAPHQL.type_map["UserError"]
        assert isinstance(general, GraphQLInterfaceType)
        for refusal, name in ERRORS.items():
            shown = OWN[name]
            assert isinstance(shown, GraphQLObjectType)
            definition = schema.get_type_by_name(name)
            names = {
                each.python_name
                for each in definition.fields  # type: ignore[union-attr]
                if by_name(each) not in general.fields
            }
            missing = {
                each
                for each in names
                if each not in getattr(refusal, "__dataclass_fields__", {})
                and not hasattr(refusal, each)
                and not _resolved(definition, each)
            }
            assert missing == set(), name


def _resolved(definition: Any, name: str) -> bool:
    """Whether a field of a type has a resolver of its own."""
    return any(
        each.python_name == name and each.base_resolver is not None for each in definition.fields
    )


def test_scopes_named_by_the_schema_exist() -> None:
    named = {
        directive.scope
        for known in schema.schema_converter.type_map.values()
        for field in getattr(known.definition, "fields", ())
        for directive in getattr(field, "directives", ())
        if isinstance(directive, Requires)
    }

    assert named <= {scope.value for scope in ALL_SCOPES}
