"""Each check is silent on what commands wrote, and finds what they would never write."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, text, update

from backoffice_api.domain.kernel.database import open_database
from backoffice_api.domain.stock.checks import CHECKS
from backoffice_api.domain.stock.commands.locations import UpdateLocation, update_location
from backoffice_api.domain.stock.commands.reservations import consume, release
from backoffice_api.domain.stock.model.locations import CORRECTION_ID, CUSTOMER_ID
from backoffice_api.domain.stock.tables import levels, movements, reservations
from tests.stock.depot import CAUSE, Depot, line_id
from tests.world import NOW, World


@pytest.fixture
def depot(database_url):
    """Stock of every kind in a database of its own, whose constraints may be dropped."""
    database = open_database(database_url)
    depot = Depot(World(database, None))
    depot.kept = depot.variant("A", 5, 9)
    depot.world.run(update_location, UpdateLocation(id=depot.south, negative_allowed=True))
    depot.reserve((1, depot.kept, 4), (2, depot.kept, 2))
    depot.reserve((3, depot.kept, 1), expires_at=NOW + timedelta(hours=1))
    depot.call(release, {line_id(2): 1})
    depot.call(consume, {line_id(1): 1}, cause=CAUSE)
    yield depot
    database.dispose()


@pytest.fixture
def write(depot):
    """Writes past all commands, and past the constraints that stand in the way."""

    def write(statement, *constraints):
        with depot.world.database.writing.connect() as db:
            if db.dialect.name == "sqlite":
                db.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
                db.exec_driver_sql("DROP TRIGGER stock_movements_refuses_DELETE")
            else:
                db.exec_driver_sql("ALTER TABLE stock_movements DISABLE TRIGGER USER")
                for table, name in constraints:
                    db.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}"))
            db.execute(statement)
            db.commit()

    return write


LEVELS, MOVEMENTS, RESERVATIONS = "stock_levels", "stock_movements", "stock_reservations"
POSITIVE = (MOVEMENTS, "quantity_positive")
SOFT_EXPIRES = (RESERVATIONS, "soft_expires")


class TestChecks:
    def test_hold_for_what_commands_wrote(self, depot):
        assert depot.broken() == []

    def test_cover_the_invariants_of_the_design(self):
        assert {f"S{number}" for number in range(1, 9)} <= {each.id for each in CHECKS}

    def test_find_a_level_that_its_movements_do_not_make(self, depot, write):
        write(update(levels).values(on_hand=levels.c.on_hand + 1))

        assert depot.broken() == ["S1", "S3"]

    def test_find_movements_that_are_missing(self, depot, write):
        write(delete(movements).where(movements.c.sequence == 1))

        assert depot.broken() == ["S1", "S3"]

    def test_find_movements_without_a_level(self, depot, write):
        other = depot.variant("B", 2)

        write(delete(levels).where(levels.c.variant_id == other))

        assert depot.broken() == ["S1", "S3"]

    def test_find_a_movement_of_nothing(self, depot, write):
        row = {
            "id": line_id(7),
            "kind": "correction",
            "variant_id": depot.kept,
            "from_location_id": CORRECTION_ID,
            "to_location_id": depot.north,
            "quantity": 0,
            "actor_kind": "system",
            "occurred_at": NOW,
            "recorded_at": NOW,
        }

        write(insert(movements).values(row), POSITIVE)

        assert depot.broken() == ["S2"]

    def test_find_a_sum_of_reservations_that_is_wrong(self, depot, write):
        write(update(levels).values(reserved=levels.c.reserved - 1))

        assert depot.broken() == ["S4"]

    def test_find_a_reservation_that_is_missing(self, depot, write):
        write(delete(reservations).where(reservations.c.line_id == line_id(3)))

        assert depot.broken() == ["S4"]

    def test_find_more_reserved_than_there_is(self, depot, write):
        row = levels.c.location_id == depot.north
        write(
            update(levels).where(row).values(reserved=levels.c.on_hand + 1),
            (LEVELS, "reserved_is_there"),
        )

        assert depot.broken() == ["S4", "S5"]

    def test_find_a_permission_that_is_not_the_locations(self, depot, write):
        write(update(levels).values(negative_allowed=True))

        assert depot.broken() == ["S6"]

    def test_find_a_level_of_a_virtual_location(self, depot, write):
        row = {
            "id": UUID(int=5),
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
            "variant_id": depot.kept,
            "location_id": CUSTOMER_ID,
            "on_hand": 1,
            "reserved": 0,
            "safety": 0,
            "negative_allowed": False,
        }

        write(insert(levels).values(row))

        assert depot.broken() == ["S3", "S6"]

    @pytest.mark.parametrize("expires_at", [NOW, None])
    def test_find_an_expiry_that_does_not_fit_the_state(self, depot, write, expires_at):
        write(update(reservations).values(expires_at=expires_at), SOFT_EXPIRES)

        assert depot.broken() == ["S7"]

    def test_find_a_reservation_of_something_else_than_its_level(self, depot, write):
        write(update(reservations).values(location_id=CORRECTION_ID))

        assert depot.broken() == ["S7"]
