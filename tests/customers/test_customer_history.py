"""Taking over customers of other systems as they were recorded, on both databases."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.checks import CHECKS
from backoffice_api.domain.customers.commands.history import (
    RECORDED_MAX,
    RecordedCustomer,
    record_customers,
)
from backoffice_api.domain.customers.model import CustomerKind, CustomerStatus
from backoffice_api.domain.kernel.errors import DomainError, NotAllowed, SeveralFaults
from backoffice_api.domain.kernel.events import MASKED
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.log import event_list
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Command
from tests.customers.people import SHOP, create
from tests.databases import count_statements
from tests.soundness import broken
from tests.world import CLERK, NOW, caller

THEN = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Command):
    scope = Scope.IMPORTS_WRITE
    customers: tuple[RecordedCustomer, ...]


def record(uow, command):
    return dict(record_customers(uow, command.customers))


def recorded(key, *, name=None, country=None, system="shop"):
    return RecordedCustomer(system, key, name, country, THEN)


def run(world, *customers, caller=CLERK):
    return world.run(record, Record(customers=customers), caller=caller).value


def events(world):
    return world.read(event_list.page, PageRequest(size=250, descending=False)).rows


class TestRecordCustomers:
    def test_takes_over_what_is_known(self, world):
        found = run(
            world, recorded("17850", name="Ana", country="GB"), recorded("13047", country=None)
        )

        assert set(found) == {"17850", "13047"}
        ana = world.read(queries.customer, found["17850"])
        assert (ana.name, ana.country) == ("Ana", "GB")
        assert (ana.kind, ana.status) == (CustomerKind.PERSON, CustomerStatus.ACTIVE)
        assert (ana.version, ana.created_at, ana.updated_at) == (1, THEN, NOW)
        assert world.read(queries.customer, found["13047"]).name == "Customer 13047"

    def test_tells_each_one(self, world):
        found = run(world, recorded("17850", name="Ana", country="GB"), recorded("13047"))

        told = events(world)
        assert [(each.type, each.subject_id) for each in told] == [
            ("customer.recorded", found["17850"]),
            ("customer.recorded", found["13047"]),
        ]
        assert told[0].data == {"system": "shop"}
        changes = {each["path"]: each["after"] for each in told[0].changes}
        assert changes == {"kind": "person", "name": MASKED, "country": "GB", "status": "active"}

    def test_answers_known_ones_as_they_are(self, world):
        id = create(world, name="Ana", external_ids=(SHOP,))

        found = run(world, recorded(SHOP.key, name="Other", country="GB"), recorded("13047"))

        assert found[SHOP.key] == id
        assert world.read(queries.customer, id).name == "Ana"
        assert len(events(world)) == 2

    def test_does_nothing_the_second_time(self, world):
        batch = [recorded(str(number)) for number in range(5)]
        first = run(world, *batch)

        assert run(world, *batch) == first
        assert len(events(world)) == 5

    def test_takes_the_first_of_equal_keys(self, world):
        found = run(world, recorded("1", name="Ana"), recorded("1", name="Bia"))

        assert world.read(queries.customer, found["1"]).name == "Ana"
        assert len(events(world)) == 1

    def test_knows_the_same_key_in_two_systems_as_two(self, world):
        first = run(world, recorded("1"))
        second = run(world, recorded("1", system="erp"))

        assert first["1"] != second["1"]

    def test_is_found_afterwards(self, world):
        found = run(world, recorded("17850", name="Ana Silva"))

        page = world.read(queries.customer_list.page, PageRequest(search="silva 17850"))
        assert [each.id for each in page.rows] == [found["17850"]]
        by_name = world.read(queries.customers_by_external_ids, [ExternalId("shop", "17850")])
        assert by_name[ExternalId("shop", "17850")].id == found["17850"]

    def test_keeps_the_longest_key(self, world):
        key = "9" * 250

        found = run(world, recorded(key))

        assert world.read(queries.customer, found[key]).name == f"Customer {key}"[:250]

    def test_takes_the_same_number_of_statements_for_any_number(self, world):
        with count_statements(world.database) as one:
            run(world, recorded("one"))
        with count_statements(world.database) as thousand:
            run(world, *(recorded(str(number)) for number in range(RECORDED_MAX)))

        assert len(thousand) == len(one)

    def test_leaves_everything_in_order(self, world):
        run(world, *(recorded(str(number), country="GB") for number in range(50)))

        assert broken(world.database, CHECKS) == []

    def test_takes_nothing_for_nothing(self, world):
        assert run(world) == {}

    def test_tells_all_faults_and_writes_nothing(self, world):
        with pytest.raises(SeveralFaults) as refusal:
            run(
                world,
                recorded("1"),
                recorded("", country="UK"),
                recorded("2", name=" "),
                recorded("3", system="erp"),
            )

        assert [(each.code, each.path) for each in refusal.value.faults] == [
            ("SEVERAL_SYSTEMS", ()),
            ("INVALID_TEXT", (1, "key")),
            ("UNKNOWN_COUNTRY", (1, "country")),
            ("INVALID_TEXT", (2, "name")),
        ]
        assert len(events(world)) == 0

    def test_is_bounded(self, world):
        with pytest.raises(DomainError) as refusal:
            run(world, *(recorded(str(number)) for number in range(RECORDED_MAX + 1)))

        assert [each.code for each in refusal.value.reasons()] == ["TOO_MANY"]

    def test_takes_the_scope_for_imports(self, world):
        @dataclass(frozen=True, slots=True, kw_only=True)
        class RecordFreely(Record):
            scope = Scope.CUSTOMERS_WRITE

        somebody = caller(*ALL_SCOPES - {Scope.IMPORTS_WRITE})
        with pytest.raises(NotAllowed):
            world.run(record, RecordFreely(customers=(recorded("1"),)), caller=somebody)

        assert len(events(world)) == 0
