"""Staff and API tokens found and listed over GraphQL."""

import pytest

from backoffice_api.domain.identity.commands.tokens import RevokeToken, revoke_token
from backoffice_api.domain.kernel import ids
from tests.databases import count_statements
from tests.identity.people import EMAIL, add_staff, add_token, sign_in
from tests.world import CLERK


class TestStaffMember:
    @pytest.mark.parametrize("how", ["id", "email"])
    async def test_is_found(self, world, how):
        id = add_staff(world)
        by = {"id": ids.text("stf", id)} if how == "id" else {"email": "ADA@shop.example "}
        document = "query ($by: StaffLookup!) { staffMember(by: $by) { id } }"

        answer = await world.graphql(document, by=by)

        assert answer["staffMember"] == {"id": ids.text("stf", id)}

    async def test_is_null_if_there_is_none(self, world):
        document = "query ($by: StaffLookup!) { staffMember(by: $by) { id } }"

        by_id = await world.graphql(document, by={"id": ids.text("stf", CLERK.actor.id)})
        by_email = await world.graphql(document, by={"email": EMAIL})

        assert (by_id["staffMember"], by_email["staffMember"]) == (None, None)


class TestLists:
    async def test_staff_with_their_sessions_take_one_statement_a_level(self, world):
        for number in range(5):
            add_staff(world, email=f"{number}@shop.example")
            sign_in(world, email=f"{number}@shop.example")
        document = """
        { staffMembers { nodes { name actions { name }
                                 sessions { nodes { lastUsedAt staff { email } } } } } }
        """

        with count_statements(world.database) as seen:
            answer = await world.graphql(document)

        assert [len(each["sessions"]["nodes"]) for each in answer["staffMembers"]["nodes"]] == [
            1
        ] * 5
        assert sum(each.startswith("SELECT") for each in seen) == 3

    async def test_tokens_take_one_statement(self, world):
        for number in range(5):
            add_token(world, name=f"robot {number}")

        with count_statements(world.database) as seen:
            answer = await world.graphql("{ apiTokens { nodes { name scopes hint } } }")

        assert [each["name"] for each in answer["apiTokens"]["nodes"]] == [
            f"robot {number}" for number in reversed(range(5))
        ]
        assert sum(each.startswith("SELECT") for each in seen) == 1

    @pytest.mark.parametrize(
        ("filter", "names"),
        [
            ({"revoked": False}, ["b"]),
            ({"revoked": True}, ["a"]),
            ({"name": {"startsWith": "b"}}, ["b"]),
            ({"createdAt": {"lt": "2001-01-01T00:00:00Z"}}, []),
            ({"not": {"revoked": True}}, ["b"]),
        ],
    )
    async def test_tokens_are_filtered(self, world, filter, names):
        gone = add_token(world, name="a")
        add_token(world, name="b")
        world.run(revoke_token, RevokeToken(id=gone.id))
        document = """
        query ($filter: ApiTokenFilter) {
          apiTokens(filter: $filter, sort: {key: NAME}) { nodes { name } }
          apiTokensCount(filter: $filter) { value }
        }
        """

        answer = await world.graphql(document, filter=filter)

        assert [each["name"] for each in answer["apiTokens"]["nodes"]] == names
        assert answer["apiTokensCount"]["value"] == len(names)

    @pytest.mark.parametrize(
        ("filter", "emails"),
        [
            ({"status": ["ACTIVE"]}, ["a@shop.example", "b@shop.example"]),
            ({"status": ["DISABLED"]}, []),
            ({"email": {"eq": "B@SHOP.example"}}, ["b@shop.example"]),
            ({"name": {"eq": "Ada"}}, ["a@shop.example", "b@shop.example"]),
            ({"createdAt": {"lt": "2001-01-01T00:00:00Z"}}, []),
        ],
    )
    async def test_staff_are_filtered(self, world, filter, emails):
        add_staff(world, email="a@shop.example")
        add_staff(world, email="b@shop.example")
        document = """
        query ($filter: StaffFilter) {
          staffMembers(filter: $filter, sort: {key: CREATED_AT, direction: ASC}) {
            nodes { email }
          }
          staffMembersCount(filter: $filter) { value }
        }
        """

        answer = await world.graphql(document, filter=filter)

        assert [each["email"] for each in answer["staffMembers"]["nodes"]] == emails
        assert answer["staffMembersCount"]["value"] == len(emails)
