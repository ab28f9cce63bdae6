"""What the database itself holds, whoever writes. On both databases."""

import pytest
from sqlalchemy import String, delete, insert, literal, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.stock.commands.locations import UpdateLocation, update_location
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.stock.model.locations import CORRECTION_ID, LocationKind
from backoffice_api.domain.stock.model.movements import MovementKind
from backoffice_api.domain.stock.model.reservations import ReservationStatus
from backoffice_api.domain.stock.tables import levels, locations, movements, reservations
from tests.stock.depot import ORDER, line_id
from tests.world import NOW


def attempt(depot, statement):
    """Write past all commands; nothing of it is kept."""
    before = depot.everything()
    with pytest.raises(IntegrityError), depot.world.database.writing.begin() as db:
        db.execute(statement)
    assert depot.everything() == before


@pytest.fixture
def kept(depot):
    """A variant of which NORTH has five pieces, two of them promised."""
    depot.kept = depot.variant("A", 5)
    depot.reserve((1, depot.kept, 2))
    return depot


class TestMovements:
    @pytest.mark.parametrize(
        "statement",
        [
            update(movements).values(quantity=6),
            update(movements).values(reason="another"),
            delete(movements),
        ],
    )
    def test_are_neither_changed_nor_removed(self, kept, statement):
        attempt(kept, statement)

    @pytest.mark.parametrize(
        "values",
        [
            {"quantity": 0},
            {"quantity": -1},
            {"quantity": QUANTITY_MAX + 1},
            {"from_location_id": CORRECTION_ID, "to_location_id": CORRECTION_ID},
            {"to_location_id": line_id(1)},
            {"variant_id": line_id(1)},
            {"cause_kind": None},
            {"kind": "lost"},
        ],
    )
    def test_move_something_to_another_place(self, kept, values):
        movement = {
            "id": line_id(9),
            "kind": MovementKind.CORRECTION.value,
            "variant_id": kept.kept,
            "from_location_id": CORRECTION_ID,
            "to_location_id": kept.north,
            "quantity": 1,
            "cause_kind": "ord",
            "cause_id": ORDER,
            "actor_kind": "system",
            "occurred_at": NOW,
            "recorded_at": NOW,
            **values,
        }
        # As plain text: the type of the column would not let a wrong word through.
        kind = literal(movement["kind"], String)

        attempt(kept, insert(movements).values({**movement, "kind": kind}))


class TestLevels:
    @pytest.mark.parametrize(
        "values",
        [
            {"on_hand": 1},
            {"on_hand": -1, "reserved": 0},
            {"reserved": 6},
            {"reserved": -1},
            {"safety": -1},
            {"safety": QUANTITY_MAX + 1},
            {"on_hand": QUANTITY_MAX + 1},
            {"on_hand": -QUANTITY_MAX - 1, "negative_allowed": True},
            {"reserved": QUANTITY_MAX + 1, "negative_allowed": True},
        ],
    )
    def test_stay_in_bounds(self, kept, values):
        attempt(kept, update(levels).values(values))

    def test_are_one_for_each_variant_and_location(self, kept):
        level = kept.levels()[kept.kept, kept.north]
        row = {
            name: getattr(level, name)
            for name in levels.c.keys()  # noqa: SIM118
            if name not in ("id", "available", "variant_kind")
        }

        attempt(kept, insert(levels).values(id=line_id(9), **row))

    def test_compute_what_is_available(self, kept):
        with kept.world.database.writing.begin() as db:
            db.execute(update(levels).values(safety=4))

        assert kept.levels()[kept.kept, kept.north].available == 5 - 2 - 4


class TestLocations:
    def test_allow_negative_stock_only_where_they_are_physical(self, kept):
        virtual = locations.c.kind == LocationKind.SCRAP

        attempt(kept, update(locations).where(virtual).values(negative_allowed=True))

    def test_allow_it_where_they_are(self, kept):
        command = UpdateLocation(id=kept.north, negative_allowed=True)

        kept.world.run(update_location, command)

        assert kept.levels()[kept.kept, kept.north].negative_allowed


class TestReservations:
    @pytest.mark.parametrize(
        "values",
        [
            {"quantity": 0},
            {"quantity": QUANTITY_MAX + 1},
            {"expires_at": NOW},
            {"status": ReservationStatus.SOFT},
            {"level_id": line_id(1)},
            {"line_id": None},
            {"owner_id": None},
        ],
    )
    def test_have_a_line_a_level_and_an_expiry_while_soft(self, kept, values):
        attempt(kept, update(reservations).values(values))
