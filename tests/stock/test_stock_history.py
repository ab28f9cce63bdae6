"""Movements of the past, taken over in bulk. On both databases."""

from datetime import timedelta

import pytest

from backoffice_api.domain.kernel.log import event_list
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.stock.commands.history import MOVEMENTS_MAX, record_movements
from backoffice_api.domain.stock.commands.locations import UpdateLocation, update_location
from backoffice_api.domain.stock.model.levels import Shortage
from backoffice_api.domain.stock.model.locations import CUSTOMER_ID, SUPPLIER_ID
from backoffice_api.domain.stock.model.movements import MovementKind, RecordedMovement
from tests.databases import count_statements
from tests.stock.depot import ORDER, line_id
from tests.world import CLERK, NOW

THEN = NOW - timedelta(days=400)


def received(variant_id, location_id, quantity, **more):
    return RecordedMovement(
        kind=MovementKind.RECEIPT,
        variant_id=variant_id,
        from_location_id=SUPPLIER_ID,
        to_location_id=location_id,
        quantity=quantity,
        occurred_at=THEN,
        **more,
    )


def shipped(variant_id, location_id, quantity, **more):
    return RecordedMovement(
        kind=MovementKind.SHIPMENT,
        variant_id=variant_id,
        from_location_id=location_id,
        to_location_id=CUSTOMER_ID,
        quantity=quantity,
        occurred_at=THEN,
        **more,
    )


class TestRecordMovements:
    def test_writes_movements_as_they_were(self, depot):
        variant = depot.variant("A")
        movement = received(
            variant, depot.north, 5, cause_kind="ord", cause_id=ORDER, reason="as found"
        )

        depot.call(record_movements, [movement])

        (row,) = depot.movements()
        assert (row.kind, row.variant_id, row.quantity) == (MovementKind.RECEIPT, variant, 5)
        assert (row.from_location_id, row.to_location_id) == (SUPPLIER_ID, depot.north)
        assert (row.cause_kind, row.cause_id, row.reason) == ("ord", ORDER, "as found")
        assert (row.occurred_at, row.recorded_at) == (THEN, NOW)
        assert (row.actor_kind, row.actor_id) == (CLERK.actor.kind, CLERK.actor.id)

    def test_changes_levels_by_the_sums(self, depot):
        first, second = depot.variants("A", "B")
        depot.put(first, 1)
        between = RecordedMovement(
            kind=MovementKind.TRANSFER,
            variant_id=first,
            from_location_id=depot.north,
            to_location_id=depot.south,
            quantity=4,
            occurred_at=THEN,
        )

        depot.call(
            record_movements,
            [
                shipped(first, depot.north, 2),
                received(first, depot.north, 9),
                between,
                received(second, depot.south, 3),
            ],
        )

        assert depot.counts(first) == [(4, 0), (4, 0)]
        assert depot.counts(second) == [(3, 0)]
        assert depot.levels()[first, depot.north].version == 3
        assert depot.broken() == []

    def test_leaves_a_level_alone_that_comes_to_the_same(self, depot):
        variant = depot.variant("A", 5)

        depot.call(
            record_movements, [shipped(variant, depot.north, 7), received(variant, depot.north, 7)]
        )

        level = depot.levels()[variant, depot.north]
        assert (level.on_hand, level.version) == (5, 2)
        assert len(depot.movements()) == 3
        assert depot.broken() == []

    def test_goes_below_zero_where_that_is_allowed(self, depot):
        variant = depot.variant("A")
        depot.world.run(update_location, UpdateLocation(id=depot.north, negative_allowed=True))

        depot.call(record_movements, [shipped(variant, depot.north, 7)])

        assert depot.counts(variant) == [(-7, 0)]
        assert depot.broken() == []

    def test_refuses_to_go_below_zero_elsewhere(self, depot):
        first, second = depot.variants("A", "B")
        depot.put(first, 5)
        depot.put(second, 5)
        depot.reserve((1, second, 3))
        history = [shipped(first, depot.north, 6), shipped(second, depot.north, 3)]

        (fault,) = depot.refusals(lambda: depot.call(record_movements, history))

        assert fault.code == "INSUFFICIENT_STOCK"
        assert set(fault.shortages) == {Shortage(first, "A", 6, 5), Shortage(second, "B", 3, 2)}

    def test_refuses_a_location_that_is_not_there(self, depot):
        variant = depot.variant("A")
        history = [received(variant, line_id(1), 6)]

        (fault,) = depot.refusals(lambda: depot.call(record_movements, history))

        assert (fault.code, fault.id) == ("UNKNOWN_LOCATION", line_id(1))

    def test_refuses_more_than_it_can_handle(self, depot):
        variant = depot.variant("A")
        history = [received(variant, depot.north, 1)] * (MOVEMENTS_MAX + 1)

        (fault,) = depot.refusals(lambda: depot.call(record_movements, history))

        assert (fault.code, fault.maximum) == ("TOO_MANY", MOVEMENTS_MAX)

    def test_does_nothing_for_no_movements(self, depot):
        before = depot.everything()

        depot.call(record_movements, [])

        assert depot.everything() == before

    def test_tells_once_for_each_location(self, depot):
        first, second = depot.variants("A", "B")
        history = [
            received(first, depot.north, 5),
            shipped(first, depot.north, 1),
            received(second, depot.north, 5),
            received(first, depot.south, 5),
        ]

        depot.call(record_movements, history)

        page = depot.world.read(event_list.page, PageRequest(size=2)).rows
        assert [(each.type, each.subject_id) for each in page] == [
            ("location.movements_recorded", depot.south),
            ("location.movements_recorded", depot.north),
        ]
        assert [each.data for each in page] == [
            {"movements": 1, "levels": 1},
            {"movements": 3, "levels": 2},
        ]

    @pytest.mark.parametrize("known", [False, True])
    def test_takes_as_many_statements_for_many_as_for_few(self, depot, known):
        variants = depot.variants(*(f"V{number}" for number in range(100)))
        if known:
            depot.call(record_movements, [received(each, depot.north, 1) for each in variants])

        counts = []
        for some in (variants[:1], variants[1:]):
            with count_statements(depot.world.database) as seen:
                depot.call(record_movements, [received(each, depot.north, 9) for each in some])
            counts.append(len([each for each in seen if not each.startswith("BEGIN")]))

        assert counts[0] == counts[1]
        assert depot.broken() == []
