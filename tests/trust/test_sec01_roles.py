"""SEC-01: roles as templates, given within bounds; nobody gives what he does not hold so far."""

from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.identity.commands.grants import EndGrant, end_grant
from backoffice_api.domain.identity.model.roles import TEMPLATES
from backoffice_api.domain.identity.queries import staff as people
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Caller
from tests.identity.people import add_staff, add_token
from tests.orders.shop import Shop
from tests.world import NOW, World

GRANT = """
mutation ($input: RoleGrantInput!) {
  roleGrant(input: $input) {
    grant {
      id template role { name } channelIds locationIds teamIds limits { amount currency }
      staff { name roleGrants { id } } apiToken { name roleGrants { id } } endedAt
      conflicts { key }
    }
    userErrors {
      code path
      ... on ScopeNotHeldError { scopes }
      ... on ReachNotHeldError { scopes }
      ... on DutiesConflictError { conflicts }
    }
  }
}
"""


def now_of(world: World, secret: Any) -> Caller:
    """Who bears the secret, as the next request finds it."""
    bearer = world.read(people.authenticate, secret, NOW)
    assert bearer is not None
    found: Caller = bearer.caller
    return found


async def granted(world: World, **given: Any) -> Any:
    return (await world.graphql(GRANT, input=given))["roleGrant"]


def refusal(answer: Any) -> tuple[str, Any]:
    (error,) = answer["userErrors"]
    return error["code"], error.get("scopes") or error.get("conflicts")


async def refused_otherwise(world: World) -> list[str]:
    """The codes with which rights are refused that are not given by a grant: two in one hand."""
    both = "[STOCK_WRITE, COUNTS_REVIEW]"
    made = await world.graphql("""mutation {
      roleCreate(input: {name: "Counter", scopes: [COUNTS_REVIEW]}) { role { id } }
      staffCreate(input: {name: "Eva", email: "eva@shop.example", scopes: [STOCK_WRITE],
        password: "correct horse battery"}) { staff { id } }
    }""")
    role, eva = made["roleCreate"]["role"]["id"], made["staffCreate"]["staff"]["id"]
    token = ids.text("tok", add_token(world, Scope.ORDERS_READ).id)
    await granted(world, holder={"tokenId": token}, role={"id": role})
    answer = await world.graphql(f"""mutation {{
      created: staffCreate(input: {{name: "Fay", email: "fay@shop.example", scopes: {both},
        password: "correct horse battery"}}) {{ userErrors {{ code }} }}
      updated: staffUpdate(id: "{eva}", input: {{scopes: {both}}}) {{ userErrors {{ code }} }}
      token: tokenCreate(input: {{name: "both", scopes: {both}}}) {{ userErrors {{ code }} }}
      role: roleUpdate(id: "{role}", input: {{scopes: {both}}}) {{ userErrors {{ code }} }}
    }}""")
    return [error["code"] for each in answer.values() for error in each["userErrors"]]


class TestTemplates:
    def test_hold_known_rights_and_the_owner_all(self) -> None:
        assert list(TEMPLATES) == [
            *("OWNER", "MANAGER", "ORDER_DESK", "WAREHOUSE", "BUYER", "ACCOUNTANT", "SUPPORT"),
            *("MARKETER", "AUDITOR", "PARTNER"),
        ]
        assert TEMPLATES["OWNER"].scopes == ALL_SCOPES
        assert all(each.scopes < ALL_SCOPES for key, each in TEMPLATES.items() if key != "OWNER")

    def test_let_the_auditor_read_without_costs_and_persons(self) -> None:
        scopes = TEMPLATES["AUDITOR"].scopes
        assert all(each.value.endswith(":read") for each in scopes)
        assert not scopes & {Scope.COSTS_READ, Scope.PERSONAL_READ}


class TestGranting:
    async def test_gives_the_rights_of_a_role_within_its_bounds(self, world: World) -> None:
        shop = Shop(world)
        token = add_token(world)
        channel = ids.text("chn", shop.channel_id)
        answer = await granted(
            world,
            holder={"tokenId": ids.text("tok", token.id)},
            role={"template": "ORDER_DESK"},
            channelIds=[channel],
            limits=[{"amount": "200", "currency": "EUR"}],
        )
        assert answer["userErrors"] == []
        grant = answer["grant"]
        assert grant["template"] == "ORDER_DESK"
        assert grant["channelIds"] == [channel]
        assert grant["locationIds"] is None
        assert grant["limits"] == [{"amount": "200.00", "currency": "EUR"}]
        assert grant["apiToken"]["roleGrants"] == [{"id": grant["id"]}]
        caller = now_of(world, token.secret)
        assert caller.scopes == TEMPLATES["ORDER_DESK"].scopes
        assert caller.reach.channels(Scope.ORDERS_READ) == frozenset({shop.channel_id})
        assert caller.reach.channels(Scope.PRODUCTS_READ) is None
        assert caller.reach.has_limit(Scope.REFUNDS_WRITE)
        assert not caller.reach.has_limit(Scope.ORDERS_READ)
        me = await world.graphql("{ me { bounds { scope channelIds } } }", caller=caller)
        assert {"scope": "ORDERS_READ", "channelIds": [channel]} in me["me"]["bounds"]

        world.run(end_grant, EndGrant(id=ids.parse("grt", grant["id"])))
        assert now_of(world, token.secret).scopes == frozenset()

    async def test_unites_grants_each_with_its_own_bounds(self, world: World) -> None:
        shop = Shop(world)
        token = add_token(world, Scope.ORDERS_READ)
        holder = {"tokenId": ids.text("tok", token.id)}
        north, south = shop.locations
        for location in (north, south):
            answer = await granted(
                world,
                holder=holder,
                role={"template": "WAREHOUSE"},
                locationIds=[ids.text("loc", location)],
            )
            assert answer["userErrors"] == []
        caller = now_of(world, token.secret)
        assert caller.reach.locations(Scope.STOCK_READ) == frozenset({north, south})
        assert caller.reach.of(Scope.ORDERS_READ) == ()
        await granted(world, holder=holder, role={"template": "WAREHOUSE"})
        assert now_of(world, token.secret).reach.is_everywhere

    async def test_refuses_what_the_giver_does_not_hold_so_far(self, world: World) -> None:
        shop = Shop(world)
        rights = (Scope.ACCESS_READ, Scope.ACCESS_WRITE, Scope.PERSONAL_READ)
        giver, taker = add_token(world, *rights), add_token(world)
        holder = {"tokenId": ids.text("tok", taker.id)}
        channel = ids.text("chn", shop.channel_id)
        given = {"holder": holder, "role": {"template": "PARTNER"}}
        poor = now_of(world, giver.secret)
        code, scopes = refusal((await world.graphql(GRANT, caller=poor, input=given))["roleGrant"])
        assert (code, "orders:read" in scopes) == ("SCOPE_NOT_HELD", True)
        await granted(
            world,
            holder={"tokenId": ids.text("tok", giver.id)},
            role={"template": "PARTNER"},
            channelIds=[channel],
        )
        bounded = now_of(world, giver.secret)
        wide = (await world.graphql(GRANT, caller=bounded, input=given))["roleGrant"]
        code, scopes = refusal(wide)
        assert (code, "orders:read" in scopes) == ("REACH_NOT_HELD", True)
        narrow = {**given, "channelIds": [channel]}
        answer = (await world.graphql(GRANT, caller=bounded, input=narrow))["roleGrant"]
        assert answer["userErrors"] == []
        with pytest.raises(Exception, match="do not hold all"):
            add_token(world, Scope.ORDERS_READ, caller=bounded)

    async def test_refuses_what_is_not_there(self, world: World) -> None:
        token = add_token(world)
        holder = {"tokenId": ids.text("tok", token.id)}
        role = {"template": "BUYER"}
        no_role = await granted(world, holder=holder, role={"template": "KING"})
        assert refusal(no_role)[0] == "UNKNOWN_ROLE"
        nobody = {"tokenId": ids.text("tok", UUID(int=1))}
        assert refusal(await granted(world, holder=nobody, role=role))[0] == "UNKNOWN_TOKEN"
        nowhere = [ids.text("loc", UUID(int=1))]
        answer = await granted(world, holder=holder, role=role, locationIds=nowhere)
        assert refusal(answer)[0] == "UNKNOWN_BOUND"
        answer = await granted(world, holder=holder, role=role, locationIds=[])
        assert refusal(answer)[0] == "NOTHING_TO_BOUND"


class TestOwnRoles:
    async def test_are_copied_changed_and_archived(self, world: World) -> None:
        token = add_token(world)
        made = await world.graphql(
            """mutation { roleCreate(input: {name: "Night desk", template: "ORDER_DESK"}) {
              role { id name template scopes archivedAt conflicts { key } }
              userErrors { code } } }"""
        )
        role = made["roleCreate"]["role"]
        assert {each.lower().replace("_", "-") for each in role["scopes"]} == {
            each.value.replace(":", "-") for each in TEMPLATES["ORDER_DESK"].scopes
        }
        await granted(world, holder={"tokenId": ids.text("tok", token.id)}, role={"id": role["id"]})
        assert now_of(world, token.secret).scopes == TEMPLATES["ORDER_DESK"].scopes
        await world.graphql(
            """mutation ($id: ID!) { roleUpdate(id: $id, input: {scopes: [STOCK_READ]}) {
              role { version } userErrors { code } } }""",
            id=role["id"],
        )
        assert now_of(world, token.secret).scopes == {Scope.STOCK_READ}
        listed = await world.graphql(
            """{ roles(filter: {archived: false}) { nodes { name grants { nodes { id } } } }
              roleTemplates { key } dutyConflictKinds { key } }"""
        )
        assert [each["name"] for each in listed["roles"]["nodes"]] == ["Night desk"]
        assert len(listed["roles"]["nodes"][0]["grants"]["nodes"]) == 1
        await world.graphql(
            "mutation ($id: ID!) { roleArchive(id: $id) { userErrors { code } } }", id=role["id"]
        )
        assert now_of(world, token.secret).scopes == frozenset()


class TestDuties:
    async def test_are_reported_and_refused_where_the_policy_says_so(self, world: World) -> None:
        staff_id = add_staff(world, Scope.BILLS_WRITE)
        holder = {"staffId": ids.text("stf", staff_id)}
        answer = await granted(world, holder=holder, role={"template": "MANAGER"})
        keys = [each["key"] for each in answer["grant"]["conflicts"]]
        assert "BILL_AND_PAYMENT" in keys
        report = await world.graphql(
            "{ dutyConflicts { staff { id } apiToken { id } conflicts { key risk } } }"
        )
        (found,) = report["dutyConflicts"]
        assert found["staff"] == {"id": holder["staffId"]}
        assert [each["key"] for each in found["conflicts"]] == keys
        await world.graphql(
            """mutation { accessPolicySet(input: {refusesConflicts: true}) {
              policy { refusesConflicts } userErrors { code } } }"""
        )
        other = {"tokenId": ids.text("tok", add_token(world, Scope.BILLS_APPROVE).id)}
        code, conflicts = refusal(
            await granted(world, holder=other, role={"template": "ACCOUNTANT"})
        )
        assert (code, conflicts) == ("DUTIES_CONFLICT", ["BILL_AND_APPROVAL"])
        assert await refused_otherwise(world) == ["DUTIES_CONFLICT"] * 4
        assert (await world.graphql("{ accessPolicy { refusesConflicts } }"))["accessPolicy"] == {
            "refusesConflicts": True
        }
