"""Staff, sessions and API tokens over GraphQL."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from backoffice_api.domain.identity.tables import api_tokens, passwords, staff
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from tests.identity.people import EMAIL, PASSWORD, add_staff, add_token, bearer, sign_in
from tests.world import caller

STAFF_CREATE = """
mutation ($input: StaffCreateInput!, $meta: MutationMeta) {
  staffCreate(input: $input, meta: $meta) {
    staff {
      id version name email scopes status actions { name allowed }
      timeline { nodes { type changes { path after } } }
    }
    userErrors { __typename code path ... on ScopeNotHeldError { scopes } }
    effects { kind summary subject { id } }
    replayed
  }
}
"""
TOKEN_CREATE = """
mutation ($input: TokenCreateInput!, $meta: MutationMeta) {
  tokenCreate(input: $input, meta: $meta) {
    token { id name hint scopes expiresAt lastUsedAt revokedAt }
    secret
    userErrors { code path }
    effects { kind summary }
    replayed
  }
}
"""
ADA = {"name": "Ada", "email": EMAIL, "password": PASSWORD, "scopes": ["ORDERS_READ"]}
ROBOT = {"name": "robot", "scopes": ["ORDERS_READ", "COSTS_READ"]}


def rows(world, *tables):
    return world.read(
        lambda db: [db.execute(select(each).order_by(*each.primary_key)).all() for each in tables]
    )


def one(mutation, argument="", fields="staff { status version }"):
    return f"""
    mutation ($id: ID!) {{
      {mutation}(id: $id{argument}) {{ {fields} userErrors {{ code path }} effects {{ kind }} }}
    }}
    """


class TestMe:
    async def test_tells_a_token_what_it_may_do(self, world):
        document = "{ me { actor { kind id } name scopes sessions { id } } }"
        asker = caller(Scope.ORDERS_READ, Scope.COSTS_READ)

        answer = await world.graphql(document, caller=asker)

        assert answer["me"] == {
            "actor": {"kind": "TOKEN", "id": ids.text("tok", asker.actor.id)},
            "name": "somebody",
            "scopes": ["COSTS_READ", "ORDERS_READ"],
            "sessions": [],
        }

    async def test_shows_staff_their_open_sessions_without_any_right(self, world):
        id = add_staff(world)
        add_staff(world, email="grace@shop.example")
        now = datetime.now(UTC)
        made = sign_in(world, now=now)
        sign_in(world, email="grace@shop.example", now=now)
        asker = bearer(world, made.secret, now).caller

        answer = await world.graphql(
            "{ me { actor { kind id } sessions { id createdAt lastUsedAt expiresAt } } }",
            caller=asker,
        )

        assert answer["me"]["actor"] == {"kind": "STAFF", "id": ids.text("stf", id)}
        [session] = answer["me"]["sessions"]
        assert session["id"] == ids.text("ses", made.id)
        assert session["createdAt"] == session["lastUsedAt"] < session["expiresAt"]

    async def test_knows_the_system(self, world):
        answer = await world.graphql("{ me { actor { kind id } scopes } }", caller=THE_SYSTEM)

        assert answer["me"]["actor"] == {"kind": "SYSTEM", "id": None}
        assert len(answer["me"]["scopes"]) == len(ALL_SCOPES)


class TestStaffCreate:
    async def test_adds_somebody(self, world):
        answer = (await world.graphql(STAFF_CREATE, input=ADA))["staffCreate"]

        assert answer["userErrors"] == []
        made = answer["staff"]
        assert (made["name"], made["email"], made["scopes"]) == ("Ada", EMAIL, ["ORDERS_READ"])
        assert made["actions"] == [
            {"name": "update", "allowed": True},
            {"name": "setPassword", "allowed": True},
            {"name": "disable", "allowed": True},
            {"name": "enable", "allowed": False},
        ]
        assert made["timeline"]["nodes"][0]["changes"][1] == {
            "path": "email",
            "after": "(personal)",
        }
        assert answer["effects"] == [
            {
                "kind": "staff.created",
                "summary": "A member of staff was added.",
                "subject": {"id": made["id"]},
            }
        ]

    async def test_a_dry_run_keeps_nothing(self, world):
        answer = await world.graphql(STAFF_CREATE, input=ADA, meta={"dryRun": True})

        assert answer["staffCreate"]["staff"]["name"] == "Ada"
        assert rows(world, staff, passwords) == [[], []]

    async def test_a_repeated_key_answers_what_the_first_did(self, world):
        meta = {"idempotencyKey": "one"}
        first = (await world.graphql(STAFF_CREATE, input=ADA, meta=meta))["staffCreate"]
        second = (await world.graphql(STAFF_CREATE, input=ADA, meta=meta))["staffCreate"]

        assert (first.pop("replayed"), second.pop("replayed")) == (False, True)
        assert second == first

    async def test_a_key_is_not_good_for_another_password(self, world):
        meta = {"idempotencyKey": "one"}
        await world.graphql(STAFF_CREATE, input=ADA, meta=meta)
        other = ADA | {"password": PASSWORD + "!"}

        answer = await world.graphql(STAFF_CREATE, input=other, meta=meta)

        errors = answer["staffCreate"]["userErrors"]
        assert [each["code"] for each in errors] == ["IDEMPOTENCY_KEY_REUSED"]

    async def test_says_which_scopes_the_caller_lacks(self, world):
        given = ADA | {"scopes": ["ORDERS_READ", "ORDERS_WRITE"]}
        asker = caller(Scope.ACCESS_WRITE, Scope.ACCESS_READ, Scope.EVENTS_READ, Scope.ORDERS_READ)

        answer = await world.graphql(STAFF_CREATE, input=given, caller=asker)

        assert answer["staffCreate"]["userErrors"] == [
            {
                "__typename": "ScopeNotHeldError",
                "code": "SCOPE_NOT_HELD",
                "path": ["input", "scopes"],
                "scopes": ["orders:write"],
            }
        ]
        assert rows(world, staff) == [[]]


class TestStaffMutations:
    async def test_change_and_disable_and_enable(self, world):
        id = ids.text("stf", add_staff(world))
        update = one("staffUpdate", ', input: {name: "Ada L", scopes: []}', "staff { name scopes }")

        changed = (await world.graphql(update, id=id))["staffUpdate"]
        disabled = (await world.graphql(one("staffDisable"), id=id))["staffDisable"]
        enabled = (await world.graphql(one("staffEnable"), id=id))["staffEnable"]

        assert changed["staff"] == {"name": "Ada L", "scopes": []}
        assert disabled["staff"] == {"status": "DISABLED", "version": 3}
        assert enabled["staff"] == {"status": "ACTIVE", "version": 4}

    async def test_set_a_password(self, world):
        id = add_staff(world)
        before = rows(world, passwords)
        document = one("staffSetPassword", ', input: {password: "one more long sentence"}')

        answer = await world.graphql(document, id=ids.text("stf", id))

        assert answer["staffSetPassword"]["userErrors"] == []
        assert rows(world, passwords) != before

    async def test_refuse_a_short_password_without_repeating_it(self, world):
        document = one("staffSetPassword", ', input: {password: "hunter2"}')

        answer = await world.graphql(document, id=ids.text("stf", add_staff(world)))

        assert answer["staffSetPassword"]["userErrors"] == [
            {"code": "INVALID_TEXT", "path": ["input", "password"]}
        ]


class TestTokenCreate:
    async def test_shows_the_secret_once(self, world):
        meta = {"idempotencyKey": "one"}
        first = (await world.graphql(TOKEN_CREATE, input=ROBOT, meta=meta))["tokenCreate"]
        second = (await world.graphql(TOKEN_CREATE, input=ROBOT, meta=meta))["tokenCreate"]

        found = bearer(world, Secret(first.pop("secret")))
        assert ids.text("tok", found.caller.actor.id) == first["token"]["id"]
        assert found.caller.scopes == {Scope.ORDERS_READ, Scope.COSTS_READ}
        assert second.pop("secret") is None
        assert (first.pop("replayed"), second.pop("replayed")) == (False, True)
        assert second == first
        assert len(rows(world, api_tokens)[0]) == 1

    async def test_is_refused_without_a_secret(self, world):
        wrong = ROBOT | {"expiresAt": "2001-01-01T00:00:00Z"}

        answer = (await world.graphql(TOKEN_CREATE, input=wrong))["tokenCreate"]

        assert (answer["token"], answer["secret"]) == (None, None)
        assert answer["userErrors"] == [{"code": "EXPIRY_PASSED", "path": ["input", "expiresAt"]}]

    async def test_takes_a_password_for_a_text_only(self, world):
        answer = await world.ask(STAFF_CREATE, input=ADA | {"password": 12345678901234567})

        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


class TestTokenRevoke:
    async def test_tells_when_it_was_revoked(self, world):
        made = add_token(world)
        document = one("tokenRevoke", fields="token { revokedAt version }")

        answer = (await world.graphql(document, id=ids.text("tok", made.id)))["tokenRevoke"]

        assert answer["token"]["version"] == 2
        assert answer["token"]["revokedAt"] is not None
        assert answer["effects"] == [{"kind": "token.revoked"}]


class TestSessionEnd:
    async def test_ends_ones_own_without_any_right(self, world):
        add_staff(world)
        made = sign_in(world)
        asker = bearer(world, made.secret).caller
        document = one("sessionEnd", fields="")

        answer = await world.graphql(document, id=ids.text("ses", made.id), caller=asker)

        assert answer["sessionEnd"]["userErrors"] == []
        assert bearer(world, made.secret) is None

    async def test_shows_the_session_to_who_may_see_it(self, world):
        add_staff(world)
        made = sign_in(world)
        document = one("sessionEnd", fields="session { endedAt staff { name } }")

        answer = await world.graphql(document, id=ids.text("ses", made.id))

        assert answer["sessionEnd"]["session"]["endedAt"] is not None
        assert answer["sessionEnd"]["session"]["staff"] == {"name": "Ada"}

    async def test_does_not_end_anothers(self, world):
        add_staff(world)
        made = sign_in(world)

        answer = await world.ask(
            one("sessionEnd", fields=""),
            id=ids.text("ses", made.id),
            caller=caller(Scope.ACCESS_READ),
        )

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert bearer(world, made.secret) is not None


MUTATIONS = [
    'staffCreate(input: {name: "A", email: "a@b.example", password: "a long enough sentence"})',
    'staffUpdate(id: "stf_00000000000000000000000000000001", input: {name: "A"})',
    'staffSetPassword(id: "stf_00000000000000000000000000000001", input: {password: "x"})',
    'staffDisable(id: "stf_00000000000000000000000000000001")',
    'staffEnable(id: "stf_00000000000000000000000000000001")',
    'tokenCreate(input: {name: "A", scopes: []})',
    'tokenRevoke(id: "tok_00000000000000000000000000000001")',
]
QUERIES = [
    'staffMember(by: {email: "a@b.example"}) { id }',
    "staffMembers { nodes { id } }",
    "staffMembersCount { value }",
    "apiTokens { nodes { id } }",
    "apiTokensCount { value }",
]


class TestRights:
    @pytest.mark.parametrize("field", MUTATIONS)
    async def test_each_mutation_needs_its_own(self, world, field):
        document = f"mutation {{ {field} {{ userErrors {{ code }} }} }}"
        lacking = ALL_SCOPES - {Scope.ACCESS_WRITE}

        refused = await world.ask(document, caller=caller(*lacking))
        allowed = await world.ask(document, caller=caller(Scope.ACCESS_WRITE))

        assert refused["errors"][0]["extensions"] == {
            "code": "FORBIDDEN",
            "scopes": ["access:write"],
        }
        assert "errors" not in allowed

    @pytest.mark.parametrize("field", QUERIES)
    async def test_each_query_needs_its_own(self, world, field):
        refused = await world.ask(
            f"{{ {field} }}", caller=caller(*ALL_SCOPES - {Scope.ACCESS_READ})
        )
        allowed = await world.ask(f"{{ {field} }}", caller=caller(Scope.ACCESS_READ))

        assert refused["errors"][0]["extensions"] == {
            "code": "FORBIDDEN",
            "scopes": ["access:read"],
        }
        assert "errors" not in allowed

    async def test_nodes_are_hidden_from_who_may_not_see_them(self, world):
        add_staff(world)
        named = [
            ids.text("stf", bearer(world, sign_in(world).secret).caller.actor.id),
            ids.text("tok", add_token(world).id),
            ids.text("ses", sign_in(world).id),
        ]
        document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

        shown = await world.graphql(document, ids=named, caller=caller(Scope.ACCESS_READ))
        hidden = await world.graphql(document, ids=named, caller=caller(Scope.ACCESS_WRITE))

        assert [each["id"] for each in shown["nodes"]] == named
        assert hidden["nodes"] == [None, None, None]
