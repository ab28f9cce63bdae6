"""Locations: made, changed, archived, restored. On both databases."""

import pytest

from backoffice_api.domain.kernel.errors import StaleVersion
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.commands.locations import (
    ArchiveLocation,
    CreateLocation,
    RestoreLocation,
    UpdateLocation,
    archive_location,
    create_location,
    restore_location,
    update_location,
)
from backoffice_api.domain.stock.model.locations import (
    VIRTUAL_IDS,
    LocationKind,
    LocationStatus,
    UnknownLocation,
)
from tests.stock.depot import line, line_id
from tests.world import NOW


def stored(depot, id):
    return depot.world.read(queries.location, id)


class TestVirtualLocations:
    def test_are_there_from_the_start(self, world):
        found = world.read(queries.locations_by_ids, VIRTUAL_IDS.values())

        assert {each.kind: (each.id, each.code) for each in found.values()} == {
            LocationKind.SUPPLIER: (VIRTUAL_IDS[LocationKind.SUPPLIER], "SUPPLIER"),
            LocationKind.CUSTOMER: (VIRTUAL_IDS[LocationKind.CUSTOMER], "CUSTOMER"),
            LocationKind.SCRAP: (VIRTUAL_IDS[LocationKind.SCRAP], "SCRAP"),
            LocationKind.CORRECTION: (VIRTUAL_IDS[LocationKind.CORRECTION], "CORRECTION"),
            LocationKind.IN_TRANSIT: (VIRTUAL_IDS[LocationKind.IN_TRANSIT], "IN_TRANSIT"),
        }

    def test_are_one_for_each_kind_that_is_not_physical(self):
        assert set(VIRTUAL_IDS) == {each for each in LocationKind if not each.is_physical}

    @pytest.mark.parametrize(
        ("handler", "command"),
        [
            (update_location, UpdateLocation),
            (archive_location, ArchiveLocation),
            (restore_location, RestoreLocation),
        ],
    )
    def test_never_change(self, depot, handler, command):
        id = VIRTUAL_IDS[LocationKind.SCRAP]

        (fault,) = depot.refusals(lambda: depot.world.run(handler, command(id=id)))

        assert (fault.code, fault.path) == ("VIRTUAL_LOCATION", ("id",))

    def test_offer_no_action(self, world):
        scrap = world.read(queries.location, VIRTUAL_IDS[LocationKind.SCRAP])

        assert [(each.name, each.allowed, each.blocked_by) for each in scrap.actions] == [
            ("update", False, ("it is virtual",)),
            ("archive", False, ("it is virtual",)),
            ("restore", False, ("state is ACTIVE", "it is virtual")),
        ]


class TestCreateLocation:
    def test_makes_one(self, depot):
        command = CreateLocation(
            code="SHOP", name="The shop", kind=LocationKind.STORE, priority=7, negative_allowed=True
        )

        id = depot.world.run(create_location, command).value

        made = stored(depot, id)
        assert (made.version, made.created_at, made.updated_at) == (1, NOW, NOW)
        assert (made.code, made.name, made.kind) == ("SHOP", "The shop", LocationKind.STORE)
        assert (made.priority, made.negative_allowed) == (7, True)
        assert made.status is LocationStatus.ACTIVE
        assert depot.events() == ["location.created"] * 3

    def test_refuses_a_code_that_is_taken(self, depot):
        command = CreateLocation(code="NORTH", name="Another")

        (fault,) = depot.refusals(lambda: depot.world.run(create_location, command))

        assert (fault.code, fault.path) == ("LOCATION_CODE_TAKEN", ("code",))

    def test_tells_all_faults_at_once(self, depot):
        command = CreateLocation(
            code="", name="n" * 251, kind=LocationKind.CUSTOMER, priority=1_000_001
        )

        faults = depot.refusals(lambda: depot.world.run(create_location, command))

        assert [(each.code, each.path) for each in faults] == [
            ("VIRTUAL_LOCATION", ("kind",)),
            ("INVALID_TEXT", ("code",)),
            ("INVALID_TEXT", ("name",)),
            ("OUT_OF_RANGE", ("priority",)),
        ]


class TestUpdateLocation:
    def test_changes_what_is_given(self, depot):
        depot.world.run(update_location, UpdateLocation(id=depot.north, name="Far north"))

        after = stored(depot, depot.north)
        assert (after.version, after.code, after.name) == (2, "NORTH", "Far north")
        assert (after.priority, after.negative_allowed) == (1, False)

    def test_refuses_a_code_that_is_taken(self, depot):
        command = UpdateLocation(id=depot.south, code="NORTH")

        (fault,) = depot.refusals(lambda: depot.world.run(update_location, command))

        assert (fault.code, fault.path) == ("LOCATION_CODE_TAKEN", ("code",))

    def test_refuses_one_that_is_unknown(self, depot):
        command = UpdateLocation(id=line_id(1), name="x")

        (fault,) = depot.refusals(lambda: depot.world.run(update_location, command))

        assert (type(fault), fault.path) == (UnknownLocation, ("id",))

    def test_refuses_another_version_than_was_seen(self, depot):
        command = UpdateLocation(id=depot.north, name="x")

        (fault,) = depot.refusals(
            lambda: depot.world.run(update_location, command, expected_version=2)
        )

        assert (type(fault), fault.expected, fault.actual) == (StaleVersion, 2, 1)

    def test_lets_levels_go_below_zero_from_then_on(self, depot):
        variant = depot.variant("A", 5)
        command = UpdateLocation(id=depot.north, negative_allowed=True)

        depot.world.run(update_location, command)
        depot.adjust(line(variant, depot.north, delta=-8))

        assert depot.counts(variant) == [(-3, 0)]
        assert depot.broken() == []

    def test_refuses_to_end_that_while_something_is_below_zero(self, depot):
        variant = depot.variant("A", 5)
        depot.world.run(update_location, UpdateLocation(id=depot.north, negative_allowed=True))
        depot.adjust(line(variant, depot.north, delta=-8))
        command = UpdateLocation(id=depot.north, negative_allowed=False)

        (fault,) = depot.refusals(lambda: depot.world.run(update_location, command))

        assert (fault.code, fault.path) == ("STOCK_BELOW_ZERO", ("negative_allowed",))

    def test_refuses_to_end_that_while_more_is_promised_than_there_is(self, depot):
        variant = depot.variant("A", 5)
        depot.world.run(update_location, UpdateLocation(id=depot.north, negative_allowed=True))
        depot.reserve((1, variant, 6))
        command = UpdateLocation(id=depot.north, negative_allowed=False)

        (fault,) = depot.refusals(lambda: depot.world.run(update_location, command))

        assert fault.code == "STOCK_BELOW_ZERO"

    def test_ends_that_when_all_is_there_again(self, depot):
        variant = depot.variant("A", 5)
        depot.world.run(update_location, UpdateLocation(id=depot.north, negative_allowed=True))
        command = UpdateLocation(id=depot.north, negative_allowed=False)

        depot.world.run(update_location, command)

        faults = depot.refusals(lambda: depot.adjust(line(variant, depot.north, delta=-6)))
        assert [each.code for each in faults] == ["INSUFFICIENT_STOCK"]
        assert depot.broken() == []


class TestArchiveLocation:
    def test_takes_an_empty_one_out_of_use(self, depot):
        depot.variant("A", 5, 0)

        depot.world.run(archive_location, ArchiveLocation(id=depot.south))

        after = stored(depot, depot.south)
        assert (after.status, after.version) == (LocationStatus.ARCHIVED, 2)

    @pytest.mark.parametrize("on_hand", [3, -3])
    def test_refuses_one_where_something_lies_or_is_missing(self, depot, on_hand):
        variant = depot.variant("A")
        depot.world.run(update_location, UpdateLocation(id=depot.north, negative_allowed=True))
        depot.put(variant, on_hand)
        command = ArchiveLocation(id=depot.north)

        (fault,) = depot.refusals(lambda: depot.world.run(archive_location, command))

        assert (fault.code, fault.path) == ("LOCATION_NOT_EMPTY", ("id",))

    def test_refuses_one_from_which_something_is_promised(self, depot):
        variant = depot.variant("A", 0)
        depot.world.run(update_location, UpdateLocation(id=depot.north, negative_allowed=True))
        depot.reserve((1, variant, 1))
        command = ArchiveLocation(id=depot.north)

        (fault,) = depot.refusals(lambda: depot.world.run(archive_location, command))

        assert fault.code == "LOCATION_NOT_EMPTY"

    def test_refuses_to_do_it_twice(self, depot):
        depot.world.run(archive_location, ArchiveLocation(id=depot.south))
        command = ArchiveLocation(id=depot.south)

        (fault,) = depot.refusals(lambda: depot.world.run(archive_location, command))

        assert (fault.code, fault.allowed) == ("INVALID_TRANSITION", ("restore",))


class TestRestoreLocation:
    def test_takes_it_into_use_again(self, depot):
        variant = depot.variant("A", 5)
        depot.world.run(archive_location, ArchiveLocation(id=depot.south))

        depot.world.run(restore_location, RestoreLocation(id=depot.south))
        depot.put(variant, 5, 2)

        assert stored(depot, depot.south).status is LocationStatus.ACTIVE
        assert depot.counts(variant) == [(5, 0), (2, 0)]

    def test_refuses_one_that_is_in_use(self, depot):
        command = RestoreLocation(id=depot.south)

        (fault,) = depot.refusals(lambda: depot.world.run(restore_location, command))

        assert (fault.code, fault.allowed) == ("INVALID_TRANSITION", ("update", "archive"))
