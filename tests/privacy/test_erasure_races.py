"""Erasure among others at work, and however much there is: on both databases."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from backoffice_api.cli.privacy import erased, reapply
from backoffice_api.domain.customers.commands.merging import MergeCustomers, merge_customers
from backoffice_api.domain.customers.model import CustomerStatus
from backoffice_api.domain.customers.model.merging import MergeStatus
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.customers.tables.merging import merges
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.jobs import jobs
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.checks import CHECKS
from backoffice_api.domain.privacy.commands.erasing import (
    ContinueErasures,
    EraseCustomer,
    continue_erasures,
    erase_customer,
)
from tests.customers import people
from tests.databases import count_statements
from tests.orders.shop import Shop, address, goods
from tests.privacy.household import NAME
from tests.privacy.planting import EMAIL, TOKEN, found
from tests.soundness import broken
from tests.world import NOW, World

DOCS = Path(__file__).parents[2] / "docs" / "privacy.md"
DOCUMENTS = re.findall(r"^```graphql\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.MULTILINE)
BUYERS = 4


class TestAtOnce:
    def test_orders_that_are_made_meanwhile_go_or_are_held(self, world: World) -> None:
        shop = Shop(world)
        shop.variant("MUG", 1_000)
        who = people.create(world, name=NAME, email=EMAIL)
        where = address(recipient=NAME, lines=(f"Rua {TOKEN} 7",))
        start = Barrier(BUYERS + 1)

        def buy(number: int) -> str:
            start.wait()
            given: dict[str, Any] = {"customer_id": who, "shipping_address": where, "email": EMAIL}
            try:
                shop.create(goods("MUG", 1), **given)
            except DomainError as refusal:
                return refusal.code
            return "made"

        with ThreadPoolExecutor(BUYERS + 1) as people_at_work:
            bought = [people_at_work.submit(buy, number) for number in range(BUYERS)]
            start.wait()
            world.run(erase_customer, EraseCustomer(customer_id=who))
            outcomes = {each.result() for each in bought}
        # What came in while the first round ran is found by the second.
        world.run(continue_erasures, ContinueErasures(), now=NOW + timedelta(days=1))

        assert outcomes <= {"made", "CUSTOMER_NOT_ACTIVE"}, outcomes
        with world.database.reading.connect() as db:
            assert found(db) == []
        assert broken(world.database, CHECKS) == []


class TestMerged:
    def test_are_erased_by_either_id_and_again_after_a_restore(self, world: World) -> None:
        first, last = (people.create(world, name=name, email=EMAIL) for name in ("Ana", NAME))
        world.run(merge_customers, MergeCustomers(id=first, from_id=last))

        world.run(erase_customer, EraseCustomer(customer_id=last))

        assert world.read(queries.erasure_of, first) is not None
        lines = list(erased(world.database))
        with world.database.writing.begin() as db:  # as a backup from before the merges has it
            db.execute(merges.update().values(status=MergeStatus.UNDONE))
            db.execute(customers.update().values(name=NAME, status=CustomerStatus.ACTIVE))

        assert reapply(world.database, lines) == (2, 0)

        with world.database.reading.connect() as db:
            assert found(db) == []


class TestRestored:
    def test_are_erased_again(self, world: World) -> None:
        who = people.create(world, name=NAME, email=EMAIL)
        world.run(erase_customer, EraseCustomer(customer_id=who))
        lines = [*erased(world.database), b"", b'{"customer": "cus_%s"}' % (b"0" * 32)]
        with world.database.writing.begin() as db:  # as a backup has it
            db.execute(customers.update().where(customers.c.id == who).values(name=NAME))

        assert reapply(world.database, lines) == (1, 1)

        with world.database.reading.connect() as db:
            assert found(db) == []


class TestStatements:
    def test_are_as_many_for_one_order_as_for_many(self, world: World) -> None:
        counts = []
        shop = Shop(world)
        shop.variant("MUG", 1_000)
        for number, orders in enumerate((1, 6)):
            who = people.create(world, name=NAME, email=f"{number}{EMAIL}", phone="+5511912345678")
            where = address(recipient=NAME, lines=(f"Rua {TOKEN} 7",))
            for _ in range(orders):
                shop.create(goods("MUG", 1), customer_id=who, shipping_address=where)
            with world.database.writing.begin() as db:  # those that the one before left
                db.execute(jobs.delete())
            with count_statements(world.database) as statements:
                world.run(erase_customer, EraseCustomer(customer_id=who))
            counts.append([each.split("WHERE")[0] for each in statements])

        assert counts[0] == counts[1]


class TestDocs:
    @pytest.mark.parametrize("document", DOCUMENTS)
    async def test_can_be_asked(self, world: World, document: str) -> None:
        customer = ids.text("cus", people.create(world, name=NAME, email=EMAIL))
        given = {"customer": customer} if "$customer" in document else {}

        answer = await world.graphql(document, **given)

        assert all(each.get("userErrors", []) == [] for each in answer.values())
