"""Stock that is adjusted by hand, and safety stocks. On both databases."""

import pytest

from backoffice_api.domain.stock.commands.levels import (
    AdjustStock,
    SetSafety,
    adjust_stock,
    set_safety,
)
from backoffice_api.domain.stock.commands.locations import ArchiveLocation, archive_location
from backoffice_api.domain.stock.model.levels import (
    LINES_MAX,
    QUANTITY_MAX,
    AdjustmentKind,
    SafetyLine,
    Shortage,
)
from backoffice_api.domain.stock.model.locations import CORRECTION_ID, SCRAP_ID, SUPPLIER_ID
from backoffice_api.domain.stock.model.movements import MovementKind
from tests.databases import count_statements
from tests.stock.depot import line, line_id
from tests.world import CLERK, NOW


def moved(depot):
    """What each movement was: kind, from, to, pieces."""
    return [
        (each.kind, each.from_location_id, each.to_location_id, each.quantity)
        for each in depot.movements()
    ]


class TestAdjustStock:
    def test_changes_by_a_difference_or_to_a_total(self, depot):
        first, second = depot.variants("A", "B")
        depot.put(first, 5)

        touched = depot.adjust(
            line(first, depot.north, delta=-2),
            line(second, depot.north, set_to=7),
            line(second, depot.south, delta=4),
        )

        assert depot.counts(first) == [(3, 0)]
        assert depot.counts(second) == [(7, 0), (4, 0)]
        found = depot.levels()
        places = [(first, depot.north), (second, depot.north), (second, depot.south)]
        assert touched.level_ids == tuple(found[place].id for place in places)
        assert touched.movement_ids == tuple(each.id for each in depot.movements()[1:])
        assert depot.broken() == []

    def test_writes_down_who_and_why(self, depot):
        variant = depot.variant("A")

        depot.adjust(line(variant, depot.north, delta=2), reason="found behind the shelf")

        (movement,) = depot.movements()
        assert movement.kind is MovementKind.CORRECTION
        assert (movement.from_location_id, movement.to_location_id) == (CORRECTION_ID, depot.north)
        assert (movement.actor_kind, movement.actor_id) == (CLERK.actor.kind, CLERK.actor.id)
        assert movement.reason == "found behind the shelf"
        assert (movement.cause_kind, movement.cause_id) == (None, None)
        assert (movement.occurred_at, movement.recorded_at) == (NOW, NOW)

    @pytest.mark.parametrize(
        ("kind", "counterpart"),
        [
            (AdjustmentKind.CORRECTION, CORRECTION_ID),
            (AdjustmentKind.COUNT, CORRECTION_ID),
            (AdjustmentKind.OPENING, CORRECTION_ID),
            (AdjustmentKind.RECEIPT, SUPPLIER_ID),
            (AdjustmentKind.SCRAP, SCRAP_ID),
        ],
    )
    def test_exchanges_pieces_with_a_virtual_location(self, depot, kind, counterpart):
        variant = depot.variant("A")

        depot.adjust(line(variant, depot.north, delta=9), kind=kind)
        depot.adjust(line(variant, depot.north, delta=-4), kind=kind)

        as_movement = MovementKind(kind.value)
        assert moved(depot) == [
            (as_movement, counterpart, depot.north, 9),
            (as_movement, depot.north, counterpart, 4),
        ]

    def test_counts_the_change_and_tells_of_it(self, depot):
        variant = depot.variant("A", 5)

        depot.adjust(line(variant, depot.north, delta=1))

        level = depot.levels()[variant, depot.north]
        assert (level.version, level.on_hand, level.available) == (3, 6, 6)
        assert depot.events()[-1] == "stock.adjusted"

    def test_leaves_alone_what_is_right_already(self, depot):
        variant = depot.variant("A", 5)

        touched = depot.adjust(
            line(variant, depot.north, set_to=5), line(variant, depot.south, delta=0)
        )

        found = depot.levels()
        assert found[variant, depot.north].version == 2
        assert found[variant, depot.south].version == 1
        assert touched.level_ids == tuple(
            found[variant, place].id for place in (depot.north, depot.south)
        )
        assert touched.movement_ids == ()

    def test_refuses_when_there_is_not_what_was_expected(self, depot):
        variant = depot.variant("A", 5)
        lines = (
            line(variant, depot.south, delta=1, expected_on_hand=0),
            line(variant, depot.north, set_to=9, expected_on_hand=4),
        )

        (fault,) = depot.refusals(lambda: depot.adjust(*lines))

        assert (fault.code, fault.path) == ("STOCK_NOT_AS_EXPECTED", ("lines", 1))
        assert (fault.expected, fault.actual) == (4, 5)

    def test_takes_an_expectation_that_is_met(self, depot):
        variant = depot.variant("A", 5)

        depot.adjust(line(variant, depot.north, delta=-5, expected_on_hand=5))

        assert depot.counts(variant) == [(0, 0)]

    def test_refuses_to_go_below_zero_or_below_what_is_promised(self, depot):
        first, second = depot.variants("A", "B")
        depot.put(first, 5)
        depot.put(second, 5)
        depot.reserve((1, second, 3))
        lines = (
            line(first, depot.north, delta=-6),
            line(second, depot.north, set_to=1),
            line(second, depot.south, set_to=-1),
        )

        faults = depot.refusals(lambda: depot.adjust(*lines))

        assert [(each.code, each.path) for each in faults] == [
            ("INSUFFICIENT_STOCK", ("lines", 0)),
            ("INSUFFICIENT_STOCK", ("lines", 1)),
            ("INSUFFICIENT_STOCK", ("lines", 2)),
        ]
        assert [each.shortages for each in faults] == [
            (Shortage(first, "A", 6, 5),),
            (Shortage(second, "B", 4, 2),),
            (Shortage(second, "B", 1, 0),),
        ]

    def test_takes_away_what_is_not_promised(self, depot):
        variant = depot.variant("A", 5)
        depot.reserve((1, variant, 3))

        depot.adjust(line(variant, depot.north, delta=-2))

        assert depot.counts(variant) == [(3, 3)]

    def test_takes_safety_stock_away_as_well(self, depot):
        variant = depot.variant("A", 5)
        depot.world.run(set_safety, SetSafety(lines=(safety(variant, depot.north, 4),)))

        depot.adjust(line(variant, depot.north, delta=-3))

        assert depot.levels()[variant, depot.north].available == -2

    def test_tells_all_wrong_lines_at_once(self, depot):
        variant = depot.variant("A")
        nowhere, nothing = line_id(1), line_id(2)
        depot.world.run(archive_location, ArchiveLocation(id=depot.south))
        lines = (
            line(variant, depot.north, delta=1),
            line(variant, depot.north, delta=2),
            line(variant, nowhere, delta=1),
            line(nothing, depot.north, delta=1),
            line(variant, CORRECTION_ID, delta=1),
            line(variant, depot.south, delta=1),
        )

        faults = depot.refusals(lambda: depot.adjust(*lines))

        assert [(each.code, each.path) for each in faults] == [
            ("DUPLICATE", ("lines", 1)),
            ("UNKNOWN_LOCATION", ("lines", 2, "location_id")),
            ("UNKNOWN_VARIANT", ("lines", 3, "variant_id")),
            ("VIRTUAL_LOCATION", ("lines", 4, "location_id")),
            ("ARCHIVED_LOCATION", ("lines", 5, "location_id")),
        ]

    def test_takes_either_a_difference_or_a_total_in_bounds(self, depot):
        variant = depot.variant("A")
        lines = (
            line(variant, depot.north),
            line(variant, depot.south, delta=1, set_to=1),
            line(variant, line_id(1), delta=QUANTITY_MAX + 1),
            line(variant, line_id(2), set_to=-QUANTITY_MAX - 1),
        )

        faults = depot.refusals(lambda: depot.adjust(*lines))

        assert [(each.code, each.path) for each in faults] == [
            ("DELTA_OR_TOTAL", ("lines", 0)),
            ("DELTA_OR_TOTAL", ("lines", 1)),
            ("OUT_OF_RANGE", ("lines", 2, "delta")),
            ("OUT_OF_RANGE", ("lines", 3, "set_to")),
        ]

    def test_refuses_a_level_that_cannot_be_counted(self, depot):
        variant = depot.variant("A", QUANTITY_MAX)
        add_one = line(variant, depot.north, delta=1)

        (fault,) = depot.refusals(lambda: depot.adjust(add_one))

        assert (fault.code, fault.path) == ("OUT_OF_RANGE", ("lines", 0))

    def test_refuses_more_lines_than_it_can_handle(self, depot):
        variant = depot.variant("A")
        lines = [line(variant, line_id(number), delta=1) for number in range(LINES_MAX + 1)]

        (fault,) = depot.refusals(lambda: depot.adjust(*lines))

        assert (fault.code, fault.path, fault.maximum) == ("TOO_MANY", ("lines",), LINES_MAX)

    def test_does_nothing_for_no_lines(self, depot):
        before = depot.everything()

        assert depot.adjust().level_ids == ()
        assert depot.everything() == before

    def test_takes_as_many_statements_for_a_thousand_lines_as_for_two(self, depot):
        variants = [
            variant
            for hundred in range(5)
            for variant in depot.variants(*(f"{hundred}-{number}" for number in range(100)))
        ]
        places = (depot.north, depot.south)
        lines = [line(variant, place, delta=1) for variant in variants for place in places]

        counts = []
        for some in (lines[:2], lines, lines, lines[:2]):
            with count_statements(depot.world.database) as seen:
                depot.adjust(*some)
            # Many movements go by COPY on PostgreSQL, which SQLAlchemy does not see.
            apart = ("BEGIN", "INSERT INTO stock_movements")
            counts.append(len([each for each in seen if not each.startswith(apart)]))

        assert len(lines) == LINES_MAX
        # The first two make levels that are missing, of what is no kit.
        assert counts[0] == counts[1] == counts[2] + 2 == counts[3] + 2
        assert depot.counts(variants[0]) == [(4, 0), (4, 0)]
        assert depot.counts(variants[-1]) == [(2, 0), (2, 0)]
        assert depot.broken() == []


def safety(variant_id, location_id, pieces):
    return SafetyLine(variant_id=variant_id, location_id=location_id, safety=pieces)


class TestSetSafety:
    def test_keeps_pieces_from_being_promised(self, depot):
        variant = depot.variant("A", 5)
        command = SetSafety(
            lines=(safety(variant, depot.north, 2), safety(variant, depot.south, 1))
        )

        touched = depot.world.run(set_safety, command).value

        north, south = (depot.levels()[variant, place] for place in (depot.north, depot.south))
        assert (north.safety, north.available, north.version) == (2, 3, 3)
        assert (south.safety, south.available, south.version) == (1, -1, 2)
        assert touched.level_ids == (north.id, south.id)
        assert depot.events()[-2:] == ["stock.safety_set"] * 2
        assert depot.broken() == []

    def test_leaves_promises_as_they_are(self, depot):
        variant = depot.variant("A", 5)
        depot.reserve((1, variant, 4))

        depot.world.run(set_safety, SetSafety(lines=(safety(variant, depot.north, 5),)))

        level = depot.levels()[variant, depot.north]
        assert (level.reserved, level.available) == (4, -4)

    def test_says_nothing_where_nothing_changes(self, depot):
        variant = depot.variant("A", 5)
        before = depot.everything()

        depot.world.run(set_safety, SetSafety(lines=(safety(variant, depot.north, 0),)))

        assert depot.everything() == before

    def test_tells_all_wrong_lines_at_once(self, depot):
        variant = depot.variant("A")
        command = SetSafety(
            lines=(
                safety(variant, depot.north, -1),
                safety(variant, depot.south, QUANTITY_MAX + 1),
            )
        )

        faults = depot.refusals(lambda: depot.world.run(set_safety, command))

        assert [(each.code, each.path) for each in faults] == [
            ("OUT_OF_RANGE", ("lines", 0, "safety")),
            ("OUT_OF_RANGE", ("lines", 1, "safety")),
        ]

    def test_refuses_lines_that_name_what_is_not_there(self, depot):
        variant = depot.variant("A")
        command = SetSafety(
            lines=(
                safety(line_id(1), depot.north, 1),
                safety(variant, SCRAP_ID, 1),
                safety(variant, SCRAP_ID, 1),
            )
        )

        faults = depot.refusals(lambda: depot.world.run(set_safety, command))

        assert [(each.code, each.path) for each in faults] == [
            ("UNKNOWN_VARIANT", ("lines", 0, "variant_id")),
            ("VIRTUAL_LOCATION", ("lines", 1, "location_id")),
            ("VIRTUAL_LOCATION", ("lines", 2, "location_id")),
            ("DUPLICATE", ("lines", 2)),
        ]


class TestDoor:
    """What holds for every command, once for stock."""

    def test_a_repeated_key_adjusts_once(self, depot):
        variant = depot.variant("A")
        command = AdjustStock(lines=(line(variant, depot.north, delta=3),))

        first = depot.world.run(adjust_stock, command, idempotency_key="one")
        second = depot.world.run(adjust_stock, command, idempotency_key="one")

        assert (first.replayed, second.replayed) == (False, True)
        assert second.value == first.value
        assert depot.counts(variant) == [(3, 0)]

    def test_a_dry_run_adjusts_nothing(self, depot):
        variant = depot.variant("A", 5)
        before = depot.everything()

        answer = depot.world.run(
            adjust_stock,
            AdjustStock(lines=(line(variant, depot.north, delta=3),)),
            dry_run=True,
        )

        assert [each.kind for each in answer.effects] == ["stock.adjusted"]
        assert depot.everything() == before

    def test_no_single_version_can_be_expected(self, depot):
        variant = depot.variant("A", 5)
        command = AdjustStock(lines=(line(variant, depot.north, delta=3),))

        (fault,) = depot.refusals(
            lambda: depot.world.run(adjust_stock, command, expected_version=2)
        )

        assert fault.code == "NO_VERSION_TO_COMPARE"
