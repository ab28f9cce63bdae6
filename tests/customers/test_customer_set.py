"""Customers set as a whole, by what another system calls them. On both databases."""

from datetime import timedelta

import pytest

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.commands.customers import (
    ArchiveCustomer,
    SetCustomer,
    archive_customer,
    set_customer,
)
from backoffice_api.domain.customers.model import CustomerStatus, TaxId, TaxIdTaken
from backoffice_api.domain.kernel.errors import SeveralFaults
from backoffice_api.domain.kernel.external_ids import ExternalId
from tests.customers.people import CNPJ, CPF, SHOP, address, create, draft, events, profile
from tests.world import NOW

LATER = NOW + timedelta(hours=1)


class TestSetCustomer:
    WHOLE = SetCustomer(
        external_id=SHOP,
        draft=draft(
            email=" Ana@Example.com",
            phone="+55 11 91234-5678",
            tags=("vip", "b2c"),
            tax_ids=(CNPJ, TaxId(CPF.kind, "529.982.247-25")),
        ),
        addresses=(
            address(label="Home", is_default_shipping=True),
            address(label="Work", lines=("Av. Paulista 900", "7th floor")),
        ),
    )

    def test_makes_the_customer_the_first_time(self, world):
        id = world.run(set_customer, self.WHOLE).value

        made = profile(world, id)
        assert made.email == "Ana@example.com"
        assert made.external_ids == (SHOP,)
        assert [each.label for each in world.read(queries.addresses_of, id)] == ["Home", "Work"]

    def test_changes_nothing_the_second_time(self, world):
        first = world.run(set_customer, self.WHOLE)
        second = world.run(set_customer, self.WHOLE, now=LATER)

        assert second.value == first.value
        assert second.effects == []
        assert profile(world, first.value).version == 1

    def test_changes_what_differs_in_one_version(self, world):
        id = world.run(set_customer, self.WHOLE).value
        home, work = world.read(queries.addresses_of, id)

        changed = SetCustomer(
            external_id=SHOP,
            draft=draft(tags=("vip",), tax_ids=(CNPJ,)),
            addresses=(
                address(
                    label="Work", lines=("Av. Paulista 900", "7th floor"), is_default_shipping=True
                ),
                address(label="Beach"),
            ),
        )
        answer = world.run(set_customer, changed)

        assert profile(world, id).version == 2
        assert (profile(world, id).email, profile(world, id).tags) == (None, ("vip",))
        assert [each.kind for each in answer.effects] == [
            "customer.updated",
            "customer.address_removed",
            "customer.address_updated",
            "customer.address_added",
        ]
        present = world.read(queries.addresses_of, id)
        assert [(each.label, each.is_default_shipping) for each in present] == [
            ("Work", True),
            ("Beach", False),
        ]
        assert present[0].id == work.id
        assert home.id not in {each.id for each in present}

    def test_counts_a_change_of_addresses_alone(self, world):
        id = world.run(set_customer, self.WHOLE).value

        answer = world.run(set_customer, SetCustomer(external_id=SHOP, draft=self.WHOLE.draft))

        assert [each.kind for each in answer.effects] == ["customer.address_removed"] * 2
        assert profile(world, id).version == 2

    def test_keeps_equal_addresses_apart(self, world):
        twice = SetCustomer(external_id=SHOP, draft=draft(), addresses=(address(), address()))
        world.run(set_customer, twice)

        assert world.run(set_customer, twice).effects == []

    def test_keeps_names_in_other_systems(self, world):
        erp = ExternalId("erp", "K-1")
        id = create(world, external_ids=(SHOP, erp))

        world.run(set_customer, self.WHOLE)

        assert profile(world, id).external_ids == (erp, SHOP)

    def test_restores_an_archived_one(self, world):
        id = world.run(set_customer, self.WHOLE).value
        world.run(archive_customer, ArchiveCustomer(id=id))

        answer = world.run(set_customer, self.WHOLE)

        assert [each.kind for each in answer.effects] == ["customer.restored"]
        assert profile(world, id).status is CustomerStatus.ACTIVE

    def test_tells_all_faults_at_once_and_writes_nothing(self, world):
        wrong = SetCustomer(
            external_id=ExternalId("s" * 61, ""),
            draft=draft(name="", email="ana"),
            addresses=(address(lines=()),),
        )

        with pytest.raises(SeveralFaults) as refusal:
            world.run(set_customer, wrong)

        assert {(each.code, each.path) for each in refusal.value.faults} == {
            ("INVALID_TEXT", ("external_id", "system")),
            ("INVALID_TEXT", ("external_id", "key")),
            ("INVALID_TEXT", ("name",)),
            ("INVALID_EMAIL", ("email",)),
            ("INVALID_ADDRESS_LINES", ("addresses", 0, "lines")),
        }
        assert events(world) == []

    def test_refuses_as_a_whole(self, world):
        create(world, name="Bia", tax_ids=(CPF,))
        id = world.run(set_customer, SetCustomer(external_id=SHOP, draft=draft())).value
        before = events(world)

        with pytest.raises(TaxIdTaken):
            world.run(set_customer, self.WHOLE)

        assert events(world) == before
        assert profile(world, id).email is None
