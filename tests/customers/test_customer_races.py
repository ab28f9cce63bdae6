"""Customers written by several at once: what is unique stays so. On both databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.checks import CHECKS
from backoffice_api.domain.customers.commands.addresses import AddAddress, add_address
from backoffice_api.domain.customers.commands.customers import (
    CreateCustomer,
    SetCustomer,
    create_customer,
    set_customer,
)
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.pages import Count, PageRequest
from tests import soundness
from tests.customers.people import CPF, SHOP, address, create, draft
from tests.customers.test_customer_history import Record, record, recorded

WRITERS = 8


def all_at_once(world, handler, commands):
    """What each command came to: its answer, or the code of its refusal."""

    def one(command):
        try:
            return world.run(handler, command).value
        except DomainError as refusal:
            return refusal.code

    with ThreadPoolExecutor(WRITERS) as writers:
        return list(writers.map(one, commands))


def count(world):
    return world.read(queries.customer_list.count, PageRequest(), 1_000)


def broken(world):
    return soundness.broken(world.database, CHECKS)


class TestRaces:
    def test_one_tax_id_goes_to_one_customer(self, world):
        commands = [
            CreateCustomer(draft=draft(name=f"Ana {number}", tax_ids=(CPF,)))
            for number in range(WRITERS)
        ]

        came_to = all_at_once(world, create_customer, commands)

        assert Counter(map(str, came_to))["TAX_ID_TAKEN"] == WRITERS - 1
        assert count(world) == Count(1, exact=True)

    def test_one_external_id_is_one_customer(self, world):
        described = draft(tax_ids=(CPF,))
        command = SetCustomer(external_id=SHOP, draft=described, addresses=(address(),))

        came_to = all_at_once(world, set_customer, [command] * WRITERS)

        assert len(set(came_to)) == 1
        (id,) = set(came_to)
        assert world.read(queries.customer, id).version == 1
        assert count(world) == Count(1, exact=True)

    def test_one_address_is_the_default(self, world):
        id = create(world)
        new = address(is_default_shipping=True, is_default_billing=True)

        came_to = all_at_once(world, add_address, [AddAddress(id=id, address=new)] * WRITERS)

        added = came_to.count(id)
        assert added >= 1
        assert added + came_to.count("STALE_VERSION") == WRITERS
        assert len(world.read(queries.addresses_of, id)) == added
        assert world.read(queries.customer, id).version == 1 + added
        assert broken(world) == []

    def test_overlapping_histories_agree(self, world):
        batches = [
            Record(customers=tuple(recorded(str(key)) for key in range(first, first + 20)))
            for first in range(0, WRITERS * 5, 5)
        ]

        came_to = all_at_once(world, record, batches)

        merged = {}
        for found in came_to:
            for key, id in found.items():
                assert merged.setdefault(key, id) == id
        assert len(merged) == 55
        assert count(world) == Count(55, exact=True)
        assert broken(world) == []
