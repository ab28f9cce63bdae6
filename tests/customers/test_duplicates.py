"""Customers that may be one: found by a job, listed, told apart. On both databases."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.customers.commands.contacts import AddContact, add_contact
from backoffice_api.domain.customers.commands.customers import (
    ArchiveCustomer,
    UpdateCustomer,
    archive_customer,
    update_customer,
)
from backoffice_api.domain.customers.commands.duplicates import (
    FIND_JOB,
    FindDuplicates,
    find_duplicates,
    look_at,
)
from backoffice_api.domain.customers.model import CustomerKind, TaxId
from backoffice_api.domain.customers.model.accounts import ContactDraft
from backoffice_api.domain.customers.model.merging import DuplicateReason, Traits, keys_of
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.subscriptions import JOBS
from tests.customers.people import address, create
from tests.databases import count_statements
from tests.world import World

LIST = """
query ($filter: CustomerDuplicateFilter) {
  customerDuplicates(filter: $filter) {
    nodes { id status score reasons first { name } second { name } }
  }
  customerDuplicatesCount(filter: $filter) { value }
}
"""
DISMISS = """
mutation ($id: ID!) {
  customerDuplicateDismiss(id: $id) { customerDuplicate { status } userErrors { code } }
}
"""
BRANCH = TaxId(TaxIdKind.CNPJ, "11222333000262")
CNPJ = TaxId(TaxIdKind.CNPJ, "11222333000181")


def find(world: World) -> int:
    found: int = world.run(find_duplicates, FindDuplicates()).value
    return found


async def pairs(world: World, **filter: Any) -> Any:
    found = await world.graphql(LIST, filter=filter)
    nodes = found["customerDuplicates"]["nodes"]
    assert found["customerDuplicatesCount"] == {"value": len(nodes)}
    return nodes


async def names(world: World) -> set[tuple[str, str]]:
    return {(each["first"]["name"], each["second"]["name"]) for each in await pairs(world)}


class TestKeys:
    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("ana.silva+shop@gmail.com", "AnaSilva@googlemail.com", True),
            ("ana+x@example.com", "ana@example.com", True),
            ("ana.silva@example.com", "anasilva@example.com", False),
        ],
    )
    def test_of_mailboxes_are_as_hosts_see_them(self, one: str, other: str, same: bool) -> None:
        def key(email: str) -> list[Any]:
            return list(keys_of(Traits("", [email], [], [], [])))

        assert (key(one) == key(other)) is same

    def test_of_names_know_no_accents_order_or_punctuation(self) -> None:
        def keys(name: str, code: str) -> list[Any]:
            return list(keys_of(Traits(name, [], [], [], [("BR", code)])))

        assert keys("Silva, José da", "01304-001") == keys("jose da SILVA", "01304001")
        assert keys("José", "01304-001") != keys("José", "01304-002")
        assert [reason for reason, _ in keys("José", "1")] == [DuplicateReason.NAME]


class TestFinding:
    async def test_compares_mail_phone_tax_ids_and_names(self, world: World) -> None:
        create(world, name="Ana", email="ana@example.com", phone="+5511912345678")
        create(world, name="Anna", email="Ana+x@example.com", phone="+5511912345678")
        company: dict[str, Any] = {"kind": CustomerKind.COMPANY}
        create(world, name="Acme", tax_ids=(CNPJ,), **company)
        create(world, name="Acme Sul", tax_ids=(BRANCH,), **company)
        create(world, name="Rui Sá", addresses=(address(),))
        create(world, name="Sa, Rui", addresses=(address(postal_code="01304001"),))
        create(world, name="Rui Sá", addresses=(address(postal_code="99999"),))
        other = create(world, name="Bo", **company)
        draft = ContactDraft(name="Ana", email="ANA@example.com")
        world.run(add_contact, AddContact(id=other, contact=draft))

        assert find(world) == 8

        found = [
            (each["first"]["name"], each["second"]["name"], each["score"], each["reasons"])
            for each in await pairs(world)
        ]
        assert found[0] == ("Ana", "Anna", 100, ["EMAIL", "PHONE"])
        assert sorted(found[1:]) == [
            ("Acme", "Acme Sul", 50, ["TAX_ID"]),
            ("Ana", "Bo", 60, ["EMAIL"]),
            ("Anna", "Bo", 60, ["EMAIL"]),
            ("Rui Sá", "Sa, Rui", 40, ["NAME"]),
        ]

    async def test_follows_changes(self, world: World) -> None:
        ana = create(world, name="Ana", email="a@example.com")
        anna = create(world, name="Anna", email="a@example.com")
        find(world)
        assert await names(world) == {("Ana", "Anna")}

        world.run(update_customer, UpdateCustomer(id=anna, email="b@example.com"))
        find(world)
        assert await names(world) == set()

        world.run(update_customer, UpdateCustomer(id=anna, email="a@example.com"))
        find(world)
        world.run(archive_customer, ArchiveCustomer(id=ana))
        find(world)
        assert await names(world) == set()

    async def test_leaves_alone_what_was_told_apart(self, world: World) -> None:
        create(world, name="Ana", email="a@example.com")
        anna = create(world, name="Anna", email="a@example.com")
        find(world)
        (pair,) = await pairs(world)
        done = await world.graphql(DISMISS, id=pair["id"])
        assert done["customerDuplicateDismiss"]["customerDuplicate"] == {"status": "DISMISSED"}
        again = await world.graphql(DISMISS, id=pair["id"])
        assert again["customerDuplicateDismiss"]["userErrors"] == [{"code": "INVALID_TRANSITION"}]

        world.run(update_customer, UpdateCustomer(id=anna, phone="+5511912345678"))
        find(world)

        assert await pairs(world, status=["OPEN"]) == []
        document = (
            "query ($id: ID!) { node(id: $id) { ... on Customer { duplicates { status } } } }"
        )
        found = await world.graphql(document, id=ids.text("cus", anna))
        assert found["node"] == {"duplicates": [{"status": "DISMISSED"}]}

    async def test_takes_a_mailbox_of_many_for_no_person(self, world: World) -> None:
        for number in range(6):
            create(world, name=f"Guest {number}", email="orders@market.example")
        find(world)
        assert await pairs(world) == []

    def test_takes_as_many_statements_for_many(self, world: World) -> None:
        made = [create(world, name=f"A{number}", email="a@example.com") for number in range(5)]

        def count(looked_at: list[UUID]) -> int:
            with count_statements(world.database) as seen:
                world.run(_look_at, _LookAt(ids=tuple(looked_at)))
            return len(seen)

        first = count(made[:2])
        assert count(made) <= first + 1

    def test_is_a_job(self) -> None:
        assert JOBS[FIND_JOB].every_s == 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _LookAt(Command):
    scope = Scope.CUSTOMERS_WRITE
    ids: tuple[UUID, ...]


def _look_at(uow: UnitOfWork, command: _LookAt) -> None:
    look_at(uow, command.ids)
