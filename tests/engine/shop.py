"""A small shop in plain graphql-core, for tests of the engine and of the endpoint."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, build_schema, parse
from graphql.language import DirectiveNode, IntValueNode, ListValueNode, StringValueNode
from graphql.type import GraphQLField, GraphQLScalarType

from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.pricing import FieldCost

SDL = """
directive @cost(weight: Int, multipliers: [String!], assumed: Int) on FIELD_DEFINITION
directive @requires(scope: String!) on FIELD_DEFINITION | OBJECT

scalar Sku

interface Node { id: ID! }
interface Priced { price: Int }

type Query {
  hello: String
  echo(text: String, number: Int, texts: [String], filter: Filter, sku: Sku): String
  needs(number: Int!): String
  nobody: String!
  order(id: ID!): Order @requires(scope: "orders:read")
  orders(first: Int = 50, last: Int): OrderConnection! @requires(scope: "orders:read")
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]! @cost(multipliers: ["ids"])
  newest(first: Int): [Line!]!
  tags(first: Int): [String!]!
  lines: [Line!]!
  wide: [Line!]! @cost(weight: 2, assumed: 100)
  heavy: String @cost(weight: 500)
  found: [Found!]
  priced: Priced
  supplier: Supplier
  fault(kind: String): String
  slow: String
  unavailable: String
  mixed: [String]
  self: Query
}
input Filter { and: [Filter!] sku: String }
type OrderConnection { nodes: [Order!]! edges: [OrderEdge!]! pageInfo: PageInfo! }
type OrderEdge { cursor: String! node: Order! }
type PageInfo { hasNextPage: Boolean! }
type Order implements Node { id: ID! number: String lines: [Line!]! customer: Customer }
type Line { sku: String product: Product }
type Product implements Node & Priced {
  id: ID! title: String price: Int @requires(scope: "prices:read")
  cost: Int @requires(scope: "costs:read")
}
type Customer implements Node @requires(scope: "customers:read") { id: ID! email: String }
type Supplier @requires(scope: "suppliers:read") { name: String }
union Found = Order | Customer | Product

type Mutation {
  orderPlace(sku: String): Receipt
  orderCancel: Receipt @cost(weight: 25)
  slowly: Receipt
}
type Receipt { key: String requestId: String }
type Subscription { ticks: Int }
"""

ALL_SCOPES = frozenset(
    {"orders:read", "prices:read", "costs:read", "customers:read", "suppliers:read"}
)


class SecretError(Exception):
    """What a driver raises: nothing in its text may reach a client."""


SECRET = "postgresql://shop:hunter2@db/shop"


@dataclass
class Context:
    """What the endpoint hands to the resolvers below."""

    request_id: str = "ref-12345678"
    idempotency_key: str | None = None
    closed: int = 0
    hides_rows: bool = False
    placed: list[str | None] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def close(self) -> None:
        self.closed += 1


class SdlRules:
    """Reads `@cost` and `@requires` where `build_schema` leaves them, and counts the questions."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self.asked = 0

    def cost_of(self, type_name: str, field_name: str) -> FieldCost | None:
        self.asked += 1
        directive = _directive(self._field(type_name, field_name), "cost")
        if directive is None:
            return None
        values = {argument.name.value: argument.value for argument in directive.arguments or ()}
        weight, assumed = values.get("weight"), values.get("assumed")
        names = values.get("multipliers")
        return FieldCost(
            weight=int(weight.value) if isinstance(weight, IntValueNode) else None,
            multipliers=_strings(names) if isinstance(names, ListValueNode) else (),
            assumed=int(assumed.value) if isinstance(assumed, IntValueNode) else None,
        )

    def scopes_of_field(self, type_name: str, field_name: str) -> frozenset[str]:
        if field_name == "__schema":
            return frozenset({"schema:read"})
        return _scopes(self._field(type_name, field_name))

    def scopes_of_type(self, type_name: str) -> frozenset[str]:
        return _scopes(self._schema.type_map[type_name])

    def _field(self, type_name: str, field_name: str) -> GraphQLField | None:
        found = getattr(self._schema.type_map[type_name], "fields", {}).get(field_name)
        assert found is None or isinstance(found, GraphQLField)
        return found


def _directive(owner: Any, name: str) -> DirectiveNode | None:
    node = getattr(owner, "ast_node", None)
    for directive in getattr(node, "directives", None) or ():
        if directive.name.value == name:
            assert isinstance(directive, DirectiveNode)
            return directive
    return None


def _scopes(owner: Any) -> frozenset[str]:
    directive = _directive(owner, "requires")
    if directive is None:
        return frozenset()
    values = [argument.value for argument in directive.arguments or ()]
    return frozenset(value.value for value in values if isinstance(value, StringValueNode))


def _strings(names: ListValueNode) -> tuple[str, ...]:
    return tuple(name.value for name in names.values if isinstance(name, StringValueNode))


async def _slow(_: Any, info: Any) -> str:
    await info.context.waiting.wait()
    return "late"


async def _place(_: Any, info: Any, sku: str | None = None) -> Mapping[str, Any]:
    await asyncio.sleep(0)
    info.context.placed.append(sku)
    return {"key": info.context.idempotency_key, "requestId": info.context.request_id}


def _fault(_: Any, __: Any, kind: str = "bug") -> str:
    if kind == "typed":
        raise RequestError(ErrorCode.FORBIDDEN, "Not yours.", extensions={"scopes": ["x"]})
    if kind == "graphql":
        raise GraphQLError(SECRET)
    if kind == "pretender":
        raise ValueError(f"Argument 'x' {SECRET}")
    raise SecretError(SECRET)


def _unavailable(_: Any, __: Any) -> str:
    raise ConnectionRefusedError(SECRET)


def _order(_: Any, __: Any, id: str = "ord_1") -> Mapping[str, Any]:
    return {"__typename": "Order", "id": id, "number": "1001", "lines": []}


def _echo(_: Any, __: Any, **given: object) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(given.items()))


def _sku(value: object) -> str:
    if value == "typed":
        raise GraphQLError("A SKU has five digits.")
    if not isinstance(value, str) or not value.isdecimal():
        raise ValueError(SECRET)
    return value


def _lines(_: Any, __: Any, **___: object) -> Sequence[Mapping[str, Any]]:
    return [{"sku": "85123", "product": None}]


_RESOLVERS = {
    "Query": {
        "hello": lambda *_: "world",
        "echo": _echo,
        "needs": lambda *_, number: str(number),
        "nobody": lambda *_: None,
        "order": _order,
        "orders": lambda *_, **__: {"nodes": [], "edges": [], "pageInfo": {"hasNextPage": False}},
        "node": _order,
        "nodes": lambda *_, ids: [_order(None, None, one) for one in ids],
        "newest": _lines,
        "lines": _lines,
        "fault": _fault,
        "slow": _slow,
        "unavailable": _unavailable,
        "mixed": lambda *_: [SecretError(SECRET)] * 30,
        "self": lambda *_: {},
    },
    "Mutation": {"orderPlace": _place, "slowly": _slow},
}


def shop() -> GraphQLSchema:
    """The schema with its resolvers."""
    schema = build_schema(SDL)
    for type_name, resolvers in _RESOLVERS.items():
        for name, resolver in resolvers.items():
            schema.type_map[type_name].fields[name].resolve = resolver  # type: ignore[attr-defined]
    sku = schema.type_map["Sku"]
    assert isinstance(sku, GraphQLScalarType)
    sku.coerce_input_value = _sku
    return schema


def operation_of(text: str) -> OperationDefinitionNode:
    """The first definition of a document, an operation."""
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def unavailable_when_refused(error: Exception) -> RequestError | None:
    """Translates as an application would: a refused connection is no bug."""
    if isinstance(error, ConnectionRefusedError):
        return RequestError(ErrorCode.UNAVAILABLE, "Try again.", retry_after_s=1)
    return None
