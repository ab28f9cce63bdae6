"""What can be done with the addresses of a customer, by commands, on both databases."""

from uuid import UUID

import pytest

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.commands.addresses import (
    AddAddress,
    RemoveAddress,
    UpdateAddress,
    add_address,
    remove_address,
    update_address,
)
from backoffice_api.domain.customers.commands.customers import ArchiveCustomer, archive_customer
from backoffice_api.domain.customers.model import (
    InvalidAddressLines,
    TooManyAddresses,
    UnknownCustomer,
    UnknownCustomerAddress,
)
from backoffice_api.domain.kernel.countries import UnknownCountry
from backoffice_api.domain.kernel.states import InvalidTransition
from tests.customers.people import address, create
from tests.databases import count_statements


def labels(world, id, flag=None):
    """Labels of the addresses, or of those with the flag."""
    found = world.read(queries.addresses_of, id)
    return [each.label for each in found if flag is None or getattr(each, flag)]


def version(world, id):
    return world.read(queries.customer, id).version


class TestAddAddress:
    def test_adds_it_as_the_last_one(self, world):
        id = create(world, addresses=(address(label="Home"),))

        whole = address(
            label="Work",
            recipient="Bia",
            lines=("Av. Paulista 900", "7th floor", "Reception"),
            district="Bela Vista",
            is_default_billing=True,
        )
        answer = world.run(add_address, AddAddress(id=id, address=whole))

        home, work = world.read(queries.addresses_of, id)
        assert home.label == "Home"
        assert work.draft == whole
        assert version(world, id) == 2
        assert [each.kind for each in answer.effects] == ["customer.address_added"]

    def test_writes_it_as_every_other_one(self, world):
        id = create(world)
        typed = address(
            recipient="  Bia   Nunes ",
            lines=("Av.  Paulista 900",),
            city="Sa\u0303o Paulo ",
            region="sp",
            postal_code="01310100",
        )
        world.run(add_address, AddAddress(id=id, address=typed))
        (known,) = world.read(queries.addresses_of, id)
        assert (known.recipient, known.lines) == ("Bia Nunes", ("Av. Paulista 900",))
        assert (known.city, known.region) == ("S\u00e3o Paulo", "SP")
        assert (known.postal_code, known.country) == ("01310-100", "BR")

        abroad = {"postal_code": "sw1a1aa", "country": "GB"}
        world.run(update_address, UpdateAddress(id=id, address_id=known.id, **abroad))
        (known,) = world.read(queries.addresses_of, id)
        assert known.postal_code == "SW1A 1AA"
        odd = UpdateAddress(id=id, address_id=known.id, postal_code="no code")
        world.run(update_address, odd)
        assert world.read(queries.addresses_of, id)[0].postal_code == "NO CODE"

    def test_makes_no_text_longer_than_it_may_be(self, world):
        id = create(world)
        # Composed, each of these is two letters, and so is the last one in capitals.
        typed = address(city="\u0958" * 250, postal_code="\u00df" * 20)
        world.run(add_address, AddAddress(id=id, address=typed))
        (known,) = world.read(queries.addresses_of, id)
        assert (known.city, known.postal_code) == (typed.city, typed.postal_code)

    def test_takes_the_default_from_the_one_that_was(self, world):
        old = address(label="Old", is_default_shipping=True, is_default_billing=True)
        id = create(world, addresses=(old,))

        new = address(label="New", is_default_shipping=True)
        answer = world.run(add_address, AddAddress(id=id, address=new))

        assert labels(world, id, "is_default_shipping") == ["New"]
        assert labels(world, id, "is_default_billing") == ["Old"]
        assert [each.kind for each in answer.effects] == [
            "customer.address_updated",
            "customer.address_added",
        ]

    def test_refuses_more_than_twenty(self, world):
        id = create(world, addresses=(address(),) * 20)

        with pytest.raises(TooManyAddresses):
            world.run(add_address, AddAddress(id=id, address=address()))

        assert len(labels(world, id)) == 20
        assert version(world, id) == 1

    @pytest.mark.parametrize(
        ("values", "refusal"),
        [
            ({"lines": ()}, InvalidAddressLines),
            ({"lines": ("1", "2", "3", "4")}, InvalidAddressLines),
            ({"country": "br"}, UnknownCountry),
        ],
    )
    def test_refuses_a_wrong_one(self, world, values, refusal):
        id = create(world)

        with pytest.raises(refusal):
            world.run(add_address, AddAddress(id=id, address=address(**values)))

        assert labels(world, id) == []

    def test_refuses_an_unknown_customer(self, world):
        with pytest.raises(UnknownCustomer):
            world.run(add_address, AddAddress(id=UUID(int=1), address=address()))

    def test_refuses_an_archived_customer(self, world):
        id = create(world)
        world.run(archive_customer, ArchiveCustomer(id=id))

        with pytest.raises(InvalidTransition):
            world.run(add_address, AddAddress(id=id, address=address()))

        assert labels(world, id) == []


class TestUpdateAddress:
    def test_keeps_what_is_absent_and_clears_what_is_none(self, world):
        id = create(world, addresses=(address(label="Home", recipient="Bia"),))
        (before,) = world.read(queries.addresses_of, id)

        command = UpdateAddress(id=id, address_id=before.id, recipient=None, city="Campinas")
        world.run(update_address, command)

        (after,) = world.read(queries.addresses_of, id)
        assert after.id == before.id
        assert after.draft == address(label="Home", city="Campinas")
        assert version(world, id) == 2

    def test_moves_a_default(self, world):
        first = address(label="First", is_default_shipping=True)
        id = create(world, addresses=(first, address(label="Second")))
        second = world.read(queries.addresses_of, id)[1]

        command = UpdateAddress(id=id, address_id=second.id, is_default_shipping=True)
        world.run(update_address, command)

        assert labels(world, id) == ["First", "Second"]
        assert labels(world, id, "is_default_shipping") == ["Second"]

    def test_may_leave_no_default(self, world):
        id = create(world, addresses=(address(is_default_shipping=True),))
        (only,) = world.read(queries.addresses_of, id)

        world.run(
            update_address, UpdateAddress(id=id, address_id=only.id, is_default_shipping=False)
        )

        assert labels(world, id, "is_default_shipping") == []

    def test_does_nothing_where_nothing_differs(self, world):
        id = create(world, addresses=(address(),))
        (only,) = world.read(queries.addresses_of, id)

        command = UpdateAddress(id=id, address_id=only.id, city=only.city)
        answer = world.run(update_address, command)

        assert answer.effects == []
        assert version(world, id) == 1

    def test_refuses_a_wrong_one(self, world):
        id = create(world, addresses=(address(),))
        (only,) = world.read(queries.addresses_of, id)

        with pytest.raises(UnknownCountry):
            world.run(update_address, UpdateAddress(id=id, address_id=only.id, country="UK"))

        assert world.read(queries.addresses_of, id) == [only]

    def test_refuses_the_address_of_another(self, world):
        id = create(world)
        other = create(world, addresses=(address(),))
        (theirs,) = world.read(queries.addresses_of, other)

        with pytest.raises(UnknownCustomerAddress):
            world.run(update_address, UpdateAddress(id=id, address_id=theirs.id, city="Campinas"))

        assert world.read(queries.addresses_of, other) == [theirs]


class TestRemoveAddress:
    def test_removes_it(self, world):
        one = address(label="One", is_default_billing=True)
        id = create(world, addresses=(one, address(label="Two")))
        first, _ = world.read(queries.addresses_of, id)

        answer = world.run(remove_address, RemoveAddress(id=id, address_id=first.id))

        assert labels(world, id) == ["Two"]
        assert labels(world, id, "is_default_billing") == []
        assert version(world, id) == 2
        assert [each.kind for each in answer.effects] == ["customer.address_removed"]

    def test_refuses_the_address_of_another(self, world):
        id = create(world)
        other = create(world, addresses=(address(),))
        (theirs,) = world.read(queries.addresses_of, other)

        with pytest.raises(UnknownCustomerAddress):
            world.run(remove_address, RemoveAddress(id=id, address_id=theirs.id))

        assert world.read(queries.addresses_of, other) == [theirs]

    def test_takes_the_same_number_of_statements_among_many(self, world):
        few = create(world, addresses=(address(),) * 2)
        many = create(world, addresses=(address(),) * 20)

        counts = []
        for id in (few, many):
            first, *_ = world.read(queries.addresses_of, id)
            with count_statements(world.database) as statements:
                world.run(remove_address, RemoveAddress(id=id, address_id=first.id))
            counts.append(len(statements))

        assert counts[0] == counts[1]
