"""Contacts, locations, notes and groups of customers over GraphQL, on both databases."""

from typing import Any

import pytest

from backoffice_api.domain.customers.model import CustomerKind
from backoffice_api.domain.customers.queries.accounts import customers_by_emails
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from tests.customers.people import create
from tests.databases import count_statements
from tests.world import World, caller

SHOWN = """
customer {
  id version
  contacts {
    id name title email phone isPrimary buyerRole spendLimit { amount currency }
    location { name } customer { id }
  }
  locations { id name lines city postalCode buyers { name } }
  notes { nodes { id body author { kind } } }
  groups { code }
}
userErrors { __typename code path }
effects { kind }
"""
PLACE = {"lines": ["Hafen 1"], "city": "Hamburg", "country": "DE", "postalCode": "20457"}
BIA = {
    "name": "Bia Buyer",
    "title": "Buyer",
    "email": "Bia@Example.com",
    "phone": "+49 40 123456",
    "isPrimary": True,
    "buyerRole": "BUYER",
    "spendLimit": {"amount": "500.00", "currency": "EUR"},
}


class Account:
    """A company, with what its mutations answer."""

    def __init__(self, world: World, **values: Any) -> None:
        self.world = world
        self.key = create(world, **{"kind": CustomerKind.COMPANY, "name": "Acme", **values})
        self.id = ids.text("cus", self.key)

    async def do(self, field: str, kind: str, **input: Any) -> Any:
        head = f"mutation ($id: ID!, $input: {kind}!)"
        document = f"{head} {{ {field}(id: $id, input: $input) {{ {SHOWN} }} }}"
        return (await self.world.graphql(document, id=self.id, input=input))[field]


@pytest.fixture
def account(world: World) -> Account:
    return Account(world)


class TestContactsAndLocations:
    async def test_are_added_changed_and_removed(self, account: Account) -> None:
        made = await account.do(
            "customerLocationAdd", "CustomerLocationInput", name="Port", address=PLACE
        )
        (port,) = made["customer"]["locations"]
        given = {**BIA, "locationId": port["id"]}
        made = await account.do("customerContactAdd", "CustomerContactInput", **given)
        assert made["effects"] == [{"kind": "customer.contact_added"}]
        (bia,) = made["customer"]["contacts"]
        assert bia == {
            "id": bia["id"],
            "name": "Bia Buyer",
            "title": "Buyer",
            "email": "Bia@example.com",
            "phone": "+4940123456",
            "isPrimary": True,
            "buyerRole": "BUYER",
            "spendLimit": {"amount": "500.00", "currency": "EUR"},
            "location": {"name": "Port"},
            "customer": {"id": account.id},
        }
        assert made["customer"]["locations"][0]["buyers"] == [{"name": "Bia Buyer"}]

        made = await account.do(
            "customerContactAdd", "CustomerContactInput", name="Carl", isPrimary=True
        )
        assert [each["isPrimary"] for each in made["customer"]["contacts"]] == [False, True]

        refused = await account.do(
            "customerLocationRemove", "CustomerLocationRemoveInput", locationId=port["id"]
        )
        assert [each["code"] for each in refused["userErrors"]] == ["LOCATION_HAS_BUYERS"]

        changed = await account.do(
            "customerContactUpdate",
            "CustomerContactUpdateInput",
            contactId=bia["id"],
            locationId=None,
            spendLimit=None,
            buyerRole="VIEWER",
        )
        bia = changed["customer"]["contacts"][0]
        assert (bia["location"], bia["spendLimit"], bia["email"]) == (None, None, "Bia@example.com")
        same = await account.do(
            "customerContactUpdate",
            "CustomerContactUpdateInput",
            contactId=bia["id"],
            buyerRole="VIEWER",
        )
        assert same["effects"] == []
        moved = await account.do(
            "customerLocationUpdate",
            "CustomerLocationUpdateInput",
            locationId=port["id"],
            name="Dock",
        )
        assert moved["customer"]["locations"][0]["name"] == "Dock"
        assert moved["customer"]["locations"][0]["lines"] == ["Hafen 1"]
        await account.do(
            "customerLocationRemove", "CustomerLocationRemoveInput", locationId=port["id"]
        )
        last = await account.do(
            "customerContactRemove", "CustomerContactRemoveInput", contactId=bia["id"]
        )
        assert last["customer"]["locations"] == []
        assert [each["name"] for each in last["customer"]["contacts"]] == ["Carl"]

    async def test_are_refused_where_they_make_no_sense(self, account: Account) -> None:
        person = Account(account.world, kind=CustomerKind.PERSON, name="Ana")
        for owner, input, codes in (
            (person, {"name": "A", "buyerRole": "BUYER"}, ["NOT_A_COMPANY"]),
            (account, {"name": "", "email": "no"}, ["INVALID_TEXT", "INVALID_EMAIL"]),
            (
                account,
                {"name": "A", "spendLimit": {"amount": "-1.00", "currency": "EUR"}},
                ["SPEND_LIMIT_WITHOUT_BUYER", "SPEND_LIMIT_NEGATIVE"],
            ),
            (
                account,
                {"name": "A", "locationId": ids.text("clo", account.key)},
                ["UNKNOWN_CUSTOMER_LOCATION"],
            ),
        ):
            answer = await owner.do("customerContactAdd", "CustomerContactInput", **input)
            assert [each["code"] for each in answer["userErrors"]] == codes
            assert answer["effects"] == []
        refused = await person.do(
            "customerLocationAdd", "CustomerLocationInput", name="Port", address=PLACE
        )
        assert [each["code"] for each in refused["userErrors"]] == ["NOT_A_COMPANY"]

    async def test_lead_from_an_address_to_the_customer(self, account: Account) -> None:
        await account.do("customerContactAdd", "CustomerContactInput", **BIA)
        ana = create(account.world, name="Ana", email="ana@example.com")
        create(account.world, name="Second", email="ANA@example.com")

        wanted = ["Ana@Example.com", "bia@example.com", "nobody@example.com"]
        found = account.world.read(customers_by_emails, wanted)

        assert found == {"Ana@Example.com": ana, "bia@example.com": account.key}

    async def test_of_many_customers_take_one_statement_each(self, account: Account) -> None:
        document = "{ customers { nodes { contacts { name location { name } } groups { code } } } }"
        await account.do("customerContactAdd", "CustomerContactInput", **BIA)
        with count_statements(account.world.database) as few:
            await account.world.graphql(document)
        for number in range(4):
            await Account(account.world, name=f"Co {number}").do(
                "customerContactAdd", "CustomerContactInput", **BIA
            )
        with count_statements(account.world.database) as many:
            await account.world.graphql(document)
        assert len(many) == len(few)


class TestNotes:
    async def test_are_written_with_their_author_and_removed(self, account: Account) -> None:
        made = await account.do(
            "customerNoteAdd", "CustomerNoteAddInput", body=" Calls on Mondays. "
        )
        await account.do("customerNoteAdd", "CustomerNoteAddInput", body="Pays late.")
        (note,) = made["customer"]["notes"]["nodes"]
        assert (note["body"], note["author"]) == ("Calls on Mondays.", {"kind": "TOKEN"})
        assert made["customer"]["version"] == 1

        gone = await account.do("customerNoteRemove", "CustomerNoteRemoveInput", noteId=note["id"])
        assert [each["body"] for each in gone["customer"]["notes"]["nodes"]] == ["Pays late."]
        again = await account.do("customerNoteRemove", "CustomerNoteRemoveInput", noteId=note["id"])
        assert [each["code"] for each in again["userErrors"]] == ["UNKNOWN_CUSTOMER_NOTE"]

    async def test_are_not_for_who_may_not_see_personal_data(self, account: Account) -> None:
        document = '{ node(id: "%s") { ... on Customer { notes { nodes { body } } } } }'
        answer = await account.world.ask(document % account.id, caller=caller(Scope.CUSTOMERS_READ))
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestGroups:
    GROUP = (
        "customerGroup { id code name status version } userErrors { code path } effects { kind }"
    )

    async def group(self, world: World, field: str, input: Any = None, id: Any = None) -> Any:
        kind = field[0].upper() + field[1:] + "Input"
        parts = [("id", "ID!", id), ("input", f"{kind}!", input)]
        given = [each for each in parts if each[2] is not None]
        head = ", ".join(f"${name}: {kind}" for name, kind, _ in given)
        call = ", ".join(f"{name}: ${name}" for name, _, _ in given)
        document = f"mutation ({head}) {{ {field}({call}) {{ {self.GROUP} }} }}"
        variables = {name: value for name, _, value in given}
        return (await world.graphql(document, **variables))[field]

    async def test_are_filled_filtered_by_and_archived(self, account: Account) -> None:
        world = account.world
        made = await self.group(
            world, "customerGroupCreate", {"code": "wholesale", "name": "Wholesale"}
        )
        group = made["customerGroup"]["id"]
        other = ids.text("cus", create(world, name="Ana"))
        taken = await self.group(world, "customerGroupCreate", {"code": "wholesale", "name": "W"})
        assert taken["userErrors"] == [
            {"code": "CUSTOMER_GROUP_CODE_TAKEN", "path": ["input", "code"]}
        ]

        filled = await self.group(
            world, "customerGroupChangeMembers", {"addedIds": [account.id, other]}, group
        )
        assert filled["effects"] == [{"kind": "customer_group.members_changed"}]
        same = await self.group(world, "customerGroupChangeMembers", {"addedIds": [other]}, group)
        assert same["effects"] == []
        await self.group(world, "customerGroupChangeMembers", {"removedIds": [other]}, group)

        document = """
        query ($group: ID!) {
          customers(filter: {groupId: {eq: $group}}) { nodes { name groups { name } } }
          customerGroups { nodes { code } }
          customerGroupsCount { value }
        }
        """
        found = await world.graphql(document, group=group)
        assert found == {
            "customers": {"nodes": [{"name": "Acme", "groups": [{"name": "Wholesale"}]}]},
            "customerGroups": {"nodes": [{"code": "wholesale"}]},
            "customerGroupsCount": {"value": 1},
        }

        await self.group(world, "customerGroupArchive", id=group)
        refused = await self.group(
            world, "customerGroupChangeMembers", {"addedIds": [other]}, group
        )
        assert [each["code"] for each in refused["userErrors"]] == ["INVALID_TRANSITION"]
        back = await self.group(world, "customerGroupRestore", id=group)
        assert back["customerGroup"]["status"] == "ACTIVE"
        renamed = await self.group(world, "customerGroupUpdate", {"name": "Trade"}, group)
        assert renamed["customerGroup"]["name"] == "Trade"
