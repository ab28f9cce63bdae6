"""What compiled operations do besides answering like graphql-core, which all tests compare."""

from typing import Any

import pytest
from graphql import (
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    Undefined,
    get_named_type,
    is_leaf_type,
    parse,
)
from graphql.execution.values import VariableValues

from backoffice_api.context import Context
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.engine.compiler import Compiler
from backoffice_api.engine.mutations import CompiledField, LeftField, root_fields
from backoffice_api.engine.plan import Streamed
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.run import Terms, coerce, run
from backoffice_api.engine.unit import Unit
from backoffice_api.engine.values import Unsupported
from backoffice_api.engine.writer import Writer
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.plans import SchemaFields
from backoffice_api.schema.rules import rules_of
from tests.databases import count_statements
from tests.world import CLERK, LIMITS, REQUEST_ID, World, caller

CREATE = """
mutation ($input: ProductCreateInput!) {
  a: productCreate(input: $input) { product { id title } effects { kind subject { id } } }
}
"""
RENAME = """
mutation ($id: ID!, $input: ProductUpdateInput!) {
  productUpdate(id: $id, input: $input) { product { id } }
}
"""
SHIRT = {
    "title": "Shirt",
    "optionNames": ["Size"],
    "variants": [
        {"sku": "M", "optionValues": ["M"], "prices": [{"amount": "1", "currency": "EUR"}]},
        {"sku": "L", "optionValues": ["L"]},
    ],
}


class Desk:
    """One compiler, and who asks it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.compiler = Compiler(SchemaFields(schema))
        self.preparer = Preparer(schema._schema, rules_of(schema), LIMITS)
        self.bugs: list[Exception] = []

    async def ask(self, text: str, **variables: Any) -> dict[str, Any]:
        context = Context(
            self.world.database, self.world.threads, CLERK, Cursors(b"tests"), REQUEST_ID
        )
        terms = Terms(
            limits=LIMITS,
            on_bug=lambda bug, _: self.bugs.append(bug),
            compiler=self.compiler,
        )
        try:
            return await run(
                self.preparer.prepare(text, None),
                variables,
                context,
                scopes=ALL_SCOPES,
                reference=REQUEST_ID,
                terms=terms,
            )
        finally:
            await context.close()

    def source(self, text: str, **variables: Any) -> str:
        prepared = self.preparer.prepare(text, None)
        terms = Terms(limits=LIMITS, on_bug=lambda *_: None)
        values = coerce(prepared, variables, terms)
        return self.compiler.source(prepared, values, self.world.database.dialect)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


class TestQueries:
    async def test_read_only_the_columns_they_need(self, world: World, desk: Desk) -> None:
        with count_statements(world.database) as statements:
            await desk.ask("{ products(first: 1) { nodes { title status } } }")

        [statement] = [each for each in statements if each.startswith("SELECT")]
        columns = statement.partition("FROM")[0]
        assert columns.split()[1:] == [
            "products.title,",
            "products.status,",
            "products.created_at",
            "AS",
            "_sort,",
            "products.id",
            "AS",
            "_id",
        ]

    async def test_read_each_level_with_one_statement(self, world: World, desk: Desk) -> None:
        await desk.ask(CREATE, input=SHIRT)

        with count_statements(world.database) as statements:
            answer = await desk.ask(
                "{ variants { nodes { product { title } prices { unitPrice { amount } } } } }"
            )

        assert len([each for each in statements if each.startswith("SELECT")]) == 3
        assert [each["product"] for each in answer["data"]["variants"]["nodes"]] == [
            {"title": "Shirt"},
            {"title": "Shirt"},
        ]
        assert desk.compiler.counts.compiled == 2

    async def test_ask_all_of_a_level_together(self, desk: Desk) -> None:
        text = "{ orders { nodes { customer { name } lines { nodes { variant { sku } } } } } }"

        asked = [line for line in desk.source(text).splitlines() if "run.connection," in line]

        assert [line.count("reader_") for line in asked] == [1, 2, 1]

    @pytest.mark.parametrize("end", ["first", "last"])
    async def test_page_alike_where_one_owner_has_far_more(
        self, world: World, desk: Desk, end: str
    ) -> None:
        for number in range(3):
            shirt = await desk.ask(CREATE, input={"title": f"Shirt {number}"})
        id = shirt["data"]["a"]["product"]["id"]
        for number in range(8):
            await desk.ask(RENAME, id=id, input={"title": f"Cap {number}"})
        text = (
            f"{{ products {{ nodes {{ timeline({end}: 1) {{"
            " nodes { type subjectVersion } pageInfo { hasNextPage hasPreviousPage } } } } }"
        )

        with count_statements(world.database) as statements:
            answer = await desk.ask(text)

        assert len([each for each in statements if each.startswith("SELECT")]) == 3
        cap, *others = [each["timeline"] for each in answer["data"]["products"]["nodes"]]
        assert cap["nodes"] == [
            {"type": "product.updated", "subjectVersion": 9}
            if end == "first"
            else {"type": "product.created", "subjectVersion": 1}
        ]
        assert cap["pageInfo"] == {
            "hasNextPage": end == "first",
            "hasPreviousPage": end == "last",
        }
        for each in others:
            assert each["nodes"] == [{"type": "product.created", "subjectVersion": 1}]
            assert each["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": False}

    async def test_read_two_links_of_one_query_at_once(self, world: World, desk: Desk) -> None:
        text = "{ movements { nodes { fromLocation { code } toLocation { name } } } }"

        source = desk.source(text)

        assert source.count(".page(") == 1
        assert source.count("(wanted_") == 1

    async def test_touch_no_database_for_constants(self, world: World, desk: Desk) -> None:
        world.threads.shutdown()  # Nobody could read.

        answer = await desk.ask("{ __typename kind: __typename }")

        assert answer["data"] == {"__typename": "Query", "kind": "Query"}

    async def test_are_compiled_once_for_each_way_of_skipping(self, desk: Desk) -> None:
        text = "query ($no: Boolean!) { products { nodes { id @skip(if: $no) title } } }"

        with_id, without = desk.source(text, no=False), desk.source(text, no=True)

        assert "'id':" in with_id
        assert "'id':" not in without
        assert desk.source(text, no=False) == with_id

    async def test_can_be_read(self, desk: Desk) -> None:
        assert desk.source("{ kind: __typename }").splitlines() == [
            "# {",
            "#   kind: __typename",
            "# }",
            "def answer(run):",
            "    return {'kind': 'Query'}",
        ]

    async def test_are_left_alone_after_sixteen_ways_of_skipping(self, desk: Desk) -> None:
        names = [f"$s{number}: Boolean!" for number in range(5)]
        fields = [f"f{number}: __typename @skip(if: $s{number})" for number in range(5)]
        text = f"query ({', '.join(names)}) {{ {' '.join(fields)} end: __typename }}"

        for value in range(17):
            await desk.ask(text, **{f"s{bit}": bool(value >> bit & 1) for bit in range(5)})

        assert desk.compiler.counts.compiled == 16
        assert desk.compiler.counts.fallbacks == {"too many values in @skip and @include": 1}


class TestFallbacks:
    async def test_are_counted_by_what_cannot_be_compiled(self, desk: Desk) -> None:
        answer = await desk.ask("{ __schema { queryType { name } } }")

        assert answer["data"] == {"__schema": {"queryType": {"name": "Query"}}}
        assert desk.compiler.counts.fallbacks == {"Query.__schema": 1}
        assert desk.compiler.counts.compiled == 0

    async def test_tell_errors_as_graphql_core_does(self, desk: Desk) -> None:
        answer = await desk.ask("{ __typename products(first: 1, last: 1) { nodes { id } } }")

        assert answer["data"] is None
        assert [each["path"] for each in answer["errors"]] == [["products"]]
        assert desk.compiler.counts.fallbacks == {"InvalidPage": 1}


class TestMutations:
    async def test_have_their_selections_compiled(self, desk: Desk) -> None:
        answer = await desk.ask(CREATE, input=SHIRT)

        assert answer["data"]["a"]["product"]["title"] == "Shirt"
        assert desk.compiler.counts.compiled == 1
        assert desk.compiler.counts.fallbacks == {}

    async def test_are_not_run_again_where_their_selection_fails(
        self, world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(*_: Any) -> Any:
            raise ZeroDivisionError

        monkeypatch.setattr(desk.compiler, "select", fail)

        answer = await desk.ask(CREATE, input=SHIRT)

        assert answer["data"]["a"]["product"]["title"] == "Shirt"
        assert desk.compiler.counts.fallbacks == {"ZeroDivisionError": 1}
        found = await world.graphql("{ productsCount { value } }")
        assert found == {"productsCount": {"value": 1}}

    async def test_end_with_the_first_that_fails(
        self, world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = """
        mutation ($input: ProductCreateInput!) {
          a: productCreate(input: $input) { product { title } }
          b: productCreate(input: $input) { replayed }
        }"""
        runs: list[str] = []

        async def fail(field: CompiledField) -> None:
            runs.append(field.name)
            raise ZeroDivisionError

        prepared = desk.preparer.prepare(text, None)
        terms = Terms(limits=LIMITS, on_bug=lambda *_: None)
        values = coerce(prepared, {"input": SHIRT}, terms)
        fields = desk.compiler.root_fields(prepared, values, world.database.dialect)
        for field in fields:
            assert isinstance(field, CompiledField)
            object.__setattr__(field, "run", lambda *_, field=field: fail(field))

        answer = await desk.ask(text, input=SHIRT)

        assert answer["data"] is None
        assert [each["path"] for each in answer["errors"]] == [["a"]]
        assert runs == ["a"]
        assert [type(bug) for bug in desk.bugs] == [ZeroDivisionError]


class TestRights:
    async def test_are_asked_before_anything_is_compiled(self, world: World) -> None:
        rules = rules_of(schema)
        root = schema._schema.query_type
        assert root is not None
        guarded = [
            name
            for name, field in root.fields.items()
            if rules.scopes_of_field("Query", name) and not _needs_arguments(field.args)
        ]

        for name in guarded:
            kind = get_named_type(root.fields[name].type)
            below = "" if is_leaf_type(kind) else "{ __typename }"
            answer = await world.ask(f"{{ {name} {below} }}", caller=caller())
            codes = [each["extensions"]["code"] for each in answer["errors"]]
            assert (name, codes) == (name, ["FORBIDDEN"])
        assert len(guarded) > 10


# It rehearses commands, which is no reading.
LEFT = {("Query", "bulkRunPreview"), ("Query", "queryCost")}


class TestSchema:
    @pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
    def test_has_no_field_that_is_left_to_graphql_core(self, dialect: str) -> None:
        looked_at = 0
        for kind in schema._schema.type_map.values():
            if kind is schema._schema.subscription_type:
                kinds = {type(SchemaFields(schema).kind(kind.name, each)) for each in kind.fields}
                assert kinds == {Streamed}
            elif isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
                asked, text = _asking_everything(kind)
                assert (kind.name, _left(text, kind, dialect)) == (kind.name, [])
                looked_at += asked

        assert looked_at > 400


def _asking_everything(kind: GraphQLObjectType) -> tuple[int, str]:
    """How many fields the type has, and a document that asks for each of them.

    Below a type that is no root, it is a fragment under a field that need not be there.
    """
    declared, fields = [], []
    for name, field in kind.fields.items():
        if (kind.name, name) in LEFT:
            continue
        given = []
        for argument, what in field.args.items():
            if isinstance(what.type, GraphQLNonNull) and what.default_value is Undefined:
                declared.append(f"${name}_{argument}: {what.type}")
                given.append(f"{argument}: ${name}_{argument}")
        arguments = f"({', '.join(given)})" if given else ""
        below = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
        fields.append(f"{name}{arguments}{below}")
    variables = f"({', '.join(declared)})" if declared else ""
    body = f"{{ {' '.join(fields)} }}"
    if kind.name in ("Query", "Mutation"):
        return len(fields), f"{kind.name.lower()} {variables} {body}"
    return len(fields), f"query {variables} {{ any {{ ... on {kind.name} {body} }} }}"


def _left(text: str, kind: GraphQLObjectType, dialect: str) -> list[str]:
    """Why an operation that asks for all of a type is left to graphql-core, in whole or in part."""
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    nothing = VariableValues({}, {})
    unit = Unit(schema._schema, operation, {}, nothing, SchemaFields(schema), dialect)
    try:
        if kind.name == "Mutation":
            made = root_fields(unit, kind)
            return [each.reason for each in made if isinstance(each, LeftField)]
        if kind.name == "Query":
            Writer(unit).root(kind)
        else:
            Writer(unit).build(kind.name, unit.root(kind)["any"])
    except Unsupported as reason:
        return [str(reason)]
    return []


def _needs_arguments(arguments: Any) -> bool:
    return any(isinstance(each.type, GraphQLNonNull) for each in arguments.values())
