"""Every field of the roots, by every role: stated in a file, equal to the rules, and proved.

What is proved is proved by requests whose input is wrong in itself: who may not ask is told so,
and who may is told that the input is wrong. So the right is looked at first (A3), and nothing is
ever written.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import orjson
import pytest
from graphql import GraphQLArgument, GraphQLNonNull, Undefined, is_leaf_type

from backoffice_api.context import Context, as_request_error
from backoffice_api.domain.identity.model.roles import TEMPLATES
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.run import Terms
from backoffice_api.resolvers.schema import schema
from backoffice_api.web.graphql import GraphQLEndpoint
from tests.thorough import THOROUGH
from tests.trust.rights import (
    FIELD_FILE,
    NO,
    NOBODY,
    ROLES,
    ROOT_FILE,
    ROOTS,
    RULES,
    YES,
    field_rows,
    read,
    root_rows,
)
from tests.world import LIMITS

GENERATE = "Run `python -m tests.trust.rights`, and read what it changes: is that what is meant?"
# What is open to whoever is signed in: about themselves, or judged by what it leads to.
FOR_ALL = {
    *("me", "node", "nodes", "queryCost"),
    *("events", "job"),  # of subscriptions: each takes the right to what it tells of
    *("mySessionsEnd", "sessionEnd"),
    *("recoveryCodesRenew", "secondFactorConfirm", "secondFactorEnrol", "secondFactorRemove"),
}
# For each field, in a run that is not thorough.
ROLES_PROVED = 3
WRONG = [[["no value of any type"]]]
HEAD = (b"content-type", b"application/json")


class TestFiles:
    @pytest.mark.parametrize(
        ("file", "rows"),
        [(ROOT_FILE, root_rows), (FIELD_FILE, field_rows)],
        ids=["roots", "fields"],
    )
    def test_state_each_field_and_role_as_the_rules_do(self, file: Any, rows: Any) -> None:
        stated = {tuple(row[:2]): row for row in read(file)}
        ruled = {tuple(row[:2]): list(row) for row in rows()}

        assert sorted(ruled.keys() - stated.keys()) == [], f"These have no row. {GENERATE}"
        assert sorted(stated.keys() - ruled.keys()) == [], f"There are no such fields. {GENERATE}"
        assert [row for key, row in stated.items() if row != ruled[key]] == [], GENERATE

    def test_name_each_role(self) -> None:
        head = ROOT_FILE.read_text(encoding="utf-8").splitlines()[0]

        assert head.split(",")[2:-2] == list(ROLES)
        assert list(ROLES)[1:] == list(TEMPLATES)
        assert len(TEMPLATES) >= 6

    def test_let_nobody_ask_anything_who_is_not_signed_in(self) -> None:
        column = 2 + list(ROLES).index(NOBODY)

        assert {row[column] for file in (ROOT_FILE, FIELD_FILE) for row in read(file)} == {NO}


class TestDefault:
    def test_is_no(self) -> None:
        """A field of the root without a right of its own fails, unless it stands above."""
        free = {
            name
            for type_ in ROOTS.values()
            for name in type_.fields
            if not RULES.scopes_of_field(type_.name, name)
        }

        assert free == FOR_ALL


@pytest.fixture(scope="module")
def endpoint() -> GraphQLEndpoint[Caller]:
    """The real schema with the real guard. Whoever calls says as what; there is no database."""

    async def authenticate(request: Any) -> Caller:
        held = ROLES[request.headers["authorization"]]
        assert held is not None
        scopes = frozenset(each for each in ALL_SCOPES if each in held)
        return Caller(Actor(ActorKind.TOKEN, UUID(int=1), "a role"), scopes)

    def make_context(caller: Caller, request_id: str, key: str | None) -> Context:
        nowhere: Any = None
        return Context(nowhere, nowhere, caller, Cursors(b"unused"), request_id, key)

    terms = Terms(limits=LIMITS, on_bug=lambda *_: None, translate=as_request_error)
    preparer = Preparer(schema._schema, RULES, LIMITS)
    return GraphQLEndpoint(preparer, authenticate, make_context, terms)


def provable() -> Iterator[tuple[str, str, bytes]]:
    """Each field, with a request whose input is wrong."""
    for root, type_ in ROOTS.items():
        if root == "subscription":
            continue  # another protocol: proved where that is
        for name, field in type_.fields.items():
            required = {key: each for key, each in field.args.items() if _is_required(each)}
            given = required or dict(list(field.args.items())[:1])
            variables = {**{key: str(each.type) for key, each in given.items()}, "if": "Boolean!"}
            declared = ", ".join(f"${key}: {type_}" for key, type_ in variables.items())
            named = ", ".join(f"{key}: ${key}" for key in given)
            arguments = f"({named})" if given else ""
            type_of = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
            shown = "" if is_leaf_type(type_of) else " { __typename }"
            # What takes no input at all is asked on a condition that is none.
            text = f"{root} ({declared}) {{ {name}{arguments} @include(if: $if){shown} }}"
            body = {"query": text, "variables": dict.fromkeys(variables, WRONG)}
            yield root, name, orjson.dumps(body)


def _is_required(argument: GraphQLArgument) -> bool:
    return isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined


async def asked(endpoint: GraphQLEndpoint[Caller], role: str, body: bytes) -> str:
    """The code of the refusal."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [HEAD, (b"authorization", role.encode())],
    }
    await endpoint(scope, receive, send)
    code: str = orjson.loads(sent[1]["body"])["errors"][0]["extensions"]["code"]
    return code


def by_turns(turn: int) -> Sequence[str]:
    """All roles, in a thorough run; else some of them, others for each field."""
    roles = [role for role in ROLES if role != NOBODY]
    if THOROUGH:
        return roles
    return [roles[(turn * ROLES_PROVED + step) % len(roles)] for step in range(ROLES_PROVED)]


class TestExecution:
    def test_refuses_whom_the_file_refuses_before_it_looks_at_the_input(
        self, endpoint: GraphQLEndpoint[Caller]
    ) -> None:
        stated = {
            (row[0], row[1]): dict(zip(ROLES, row[2:], strict=False)) for row in read(ROOT_FILE)
        }

        async def prove() -> list[tuple[str, str, str]]:
            return [
                (name, role, code)
                for turn, (root, name, body) in enumerate(provable())
                for role in by_turns(turn)
                if (code := await asked(endpoint, role, body))
                != {YES: "BAD_USER_INPUT", NO: "FORBIDDEN"}[stated[root, name][role]]
            ]

        assert asyncio.run(prove()) == []
