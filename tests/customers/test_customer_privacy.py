"""Personal values are kept where they can be erased, and nowhere else. On both databases."""

from sqlalchemy import Text, select, type_coerce

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.commands.addresses import (
    AddAddress,
    RemoveAddress,
    UpdateAddress,
    add_address,
    remove_address,
    update_address,
)
from backoffice_api.domain.customers.commands.customers import (
    ArchiveCustomer,
    CreateCustomer,
    RestoreCustomer,
    SetCustomer,
    UpdateCustomer,
    archive_customer,
    create_customer,
    restore_customer,
    set_customer,
    update_customer,
)
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.sealing import Sealed
from backoffice_api.domain.kernel.tables import metadata
from tests.customers.people import CPF, OTHER_CPF, address, draft

# Where a customer's own values lie: erasure goes there.
HOMES = {
    "customers",
    "customer_addresses",
    "customer_tax_ids",
    "external_ids",
    "search_entries",
}
EMAIL_AS_KEY = ExternalId("newsletter", "canary@example.com")


def canaries(number, **more):
    """Every personal field of a customer, each with one word that nothing else could have."""
    return {
        "name": f"canaryname{number}",
        "email": f"canaryemail{number}@example.com",
        "phone": f"+55119{number:08}",
        "note": f"canarynote{number}",
        **more,
    }


def canary_address(number):
    parts = ("label", "recipient", "district", "city", "region")
    return address(
        **{part: f"canary-{part}-{number}" for part in parts},
        lines=(f"canary-line-{number}", f"canary-line-{number}"),
        postal_code=f"canary-{number}",
        is_default_shipping=number % 2 == 0,
    )


def tables_with(world, value):
    """Names of the tables of which some row holds the text, in any column, as it lies there."""
    with world.database.reading.connect() as db:
        return {
            table.name
            for table in metadata.sorted_tables
            for row in db.execute(select(*map(_as_it_lies, table.columns)))
            if value in repr(tuple(row))
        }


def _as_it_lies(column):
    return type_coerce(column, Text) if isinstance(column.type, Sealed) else column


def live(world):
    """Go through every command on customers, with a canary in every personal field."""
    command = CreateCustomer(
        draft=draft(**canaries(1), tax_ids=(CPF,)),
        addresses=(canary_address(1), canary_address(2)),
        external_ids=(EMAIL_AS_KEY,),
    )
    id = world.run(create_customer, command, idempotency_key="one").value
    first, *_ = world.read(queries.addresses_of, id)
    update = UpdateCustomer(id=id, **canaries(2), tax_ids=(OTHER_CPF,))
    world.run(update_customer, update, idempotency_key="two")
    world.run(add_address, AddAddress(id=id, address=canary_address(4)), idempotency_key="three")
    world.run(update_address, UpdateAddress(id=id, address_id=first.id, city="canary-city-5"))
    world.run(remove_address, RemoveAddress(id=id, address_id=first.id))
    world.run(archive_customer, ArchiveCustomer(id=id))
    world.run(restore_customer, RestoreCustomer(id=id))
    described = SetCustomer(
        external_id=EMAIL_AS_KEY,
        draft=draft(**canaries(3), tax_ids=(CPF,)),
        addresses=(canary_address(6),),
    )
    world.run(set_customer, described, idempotency_key="four")
    return id


class TestPersonalValues:
    def test_lie_only_where_they_can_be_erased(self, world):
        live(world)

        assert tables_with(world, "canary") == HOMES - {"customer_tax_ids"}
        assert tables_with(world, CPF.value) == set()  # it lies sealed
        assert tables_with(world, "+5511900000003") == {"customers"}

    def test_leave_no_trace_once_they_are_replaced(self, world):
        live(world)

        replaced = (*canaries(1).values(), *canaries(2).values(), OTHER_CPF.value, "canary-city-5")
        for value in replaced:
            assert tables_with(world, value.split("@")[0]) == set(), value

    async def test_are_masked_in_the_timeline(self, world):
        live(world)

        world.settle()
        answer = await world.graphql("{ events { nodes { changes { path before after } } } }")

        changes = [each for event in answer["events"]["nodes"] for each in event["changes"]]
        personal = {"name", "email", "phone", "note", "tax_ids", "external_ids", "lines", "city"}
        shown = {
            value
            for each in changes
            if each["path"] in personal
            for value in (each["before"], each["after"])
        }
        assert {each["path"] for each in changes} >= personal
        assert shown == {None, "(personal)"}
