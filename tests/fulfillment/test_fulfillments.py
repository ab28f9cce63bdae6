"""Fulfillments from the plan to the door, on both databases."""

import pytest

from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.fulfillment.commands.shaping import (
    MergeFulfillments,
    MoveFulfillment,
    SplitFulfillment,
    merge_fulfillments,
    move_fulfillment,
    split_fulfillment,
)
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState, LinePieces
from backoffice_api.domain.fulfillment.model.picking import Picking
from backoffice_api.domain.orders.commands.backorders import FillBackorders, fill_backorders
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason, FulfillmentStatus
from tests.orders.shop import goods

S = FulfillmentState


def split(hall, id, quantity):
    """Let pieces of the first line go their own way. Id of the new fulfillment."""
    lines = (LinePieces(line_id=hall.rows(id)[0].id, quantity=quantity),)
    return hall.world.run(split_fulfillment, SplitFulfillment(id=id, lines=lines)).value


class TestLife:
    def test_leads_from_the_plan_to_the_door(self, hall):
        kept = hall.variant("A", 9)
        order = hall.place(goods("A", 5))

        (id,) = hall.plan(order)
        assert (hall.of(id).status, hall.counts(id)) == (S.PLANNED, [(5, 0, 0, 0)])
        assert hall.of(id).number == "W-1-1"
        hall.release(id)
        hall.pick(id)
        assert (hall.of(id).status, hall.counts(id)) == (S.PICKED, [(5, 5, 0, 0)])
        hall.pack(id)
        assert (hall.of(id).status, hall.counts(id)) == (S.PACKED, [(5, 5, 5, 0)])
        assert hall.broken() == []
        hall.send(id)

        assert (hall.of(id).status, hall.counts(id)) == (S.SHIPPED, [(5, 5, 5, 5)])
        assert hall.order(order).fulfillment_status is FulfillmentStatus.SHIPPED
        assert (hall.position(kept).on_hand, hall.reserved(kept)) == (4, 0)
        assert hall.broken() == []

    def test_ships_an_order_in_parts(self, hall):
        hall.variant("A", 9)
        order = hall.place(goods("A", 5))
        (first,) = hall.plan(order)
        second = split(hall, first, 2)

        hall.packed(second)
        hall.send(second)
        assert hall.order(order).fulfillment_status is FulfillmentStatus.PARTIALLY_SHIPPED
        assert hall.broken() == []
        hall.packed(first)
        hall.send(first)

        assert hall.order(order).fulfillment_status is FulfillmentStatus.SHIPPED
        assert hall.broken() == []


class TestPlanning:
    def test_splits_what_no_one_location_has(self, hall):
        hall.variant("A", 3, 0)
        hall.variant("B", 0, 4)
        order = hall.place(goods("A", 2), goods("B", 3))

        first, second = (hall.of(id) for id in hall.plan(order))

        assert (first.location_id, second.location_id) == (hall.north, hall.south)
        assert any("It is split" in each for each in first.explanation)
        assert hall.broken() == []

    def test_moves_what_is_promised_elsewhere(self, hall):
        hall.variant("A", 2, 9)
        other = hall.place(goods("A", 2))
        order = hall.place(goods("A", 3))
        assert hall.held(order) == {("A", hall.south): 3}
        hall.world.run(cancel_order, CancelOrder(id=other, reason=CancelReason.OTHER))

        (id,) = hall.plan(order, location_ids=(hall.south,))

        assert hall.of(id).location_id == hall.south
        assert hall.held(order) == {("A", hall.south): 3}

    def test_plans_nothing_twice(self, hall):
        hall.variant("A", 9)
        order = hall.place(goods("A", 5))
        hall.plan(order)

        assert hall.refused(plan_fulfillments, PlanFulfillments(order_ids=(order,))) == [
            "NOTHING_TO_PLAN"
        ]


class TestShaping:
    def test_moves_a_fulfillment_with_its_promises(self, hall):
        hall.variant("A", 5, 5)
        order = hall.place(goods("A", 3))
        (id,) = hall.plan(order)

        hall.world.run(move_fulfillment, MoveFulfillment(id=id, location_id=hall.south))

        assert hall.held(order) == {("A", hall.south): 3}
        assert hall.of(id).location_id == hall.south
        assert hall.broken() == []

    def test_merges_what_was_split(self, hall):
        hall.variant("A", 9)
        id = hall.planned(goods("A", 5))
        other = split(hall, id, 2)

        hall.world.run(merge_fulfillments, MergeFulfillments(id=id, from_ids=(other,)))

        assert hall.counts(id) == [(5, 0, 0, 0)]
        assert hall.of(other).status is S.CANCELLED
        assert hall.broken() == []


class TestKeeping:
    @pytest.mark.parametrize("how_far", ["planned", "picked", "packed"])
    def test_shrinks_with_the_order(self, hall, how_far):
        hall.variant("A", 9)
        order = hall.place(goods("A", 5))
        (id,) = hall.plan(order)
        if how_far != "planned":
            hall.release(id)
            hall.pick(id)
        if how_far == "packed":
            hall.pack(id)
        lines = (LineQuantity(hall.lines(order)[0].id, 2),)

        command = CancelOrder(id=order, lines=lines, reason=CancelReason.OTHER)
        hall.world.run(cancel_order, command)

        done = 3 if how_far != "planned" else 0
        assert hall.counts(id) == [(3, done, 3 if how_far == "packed" else 0, 0)]
        assert hall.broken() == []

    def test_goes_with_the_whole_order(self, hall):
        hall.variant("A", 9)
        order = hall.place(goods("A", 5))
        (id,) = hall.plan(order)
        parcel = hall.packed(id)

        hall.world.run(cancel_order, CancelOrder(id=order, reason=CancelReason.OTHER))

        assert hall.of(id).status is S.CANCELLED
        assert hall.events(parcel)[-1] == "parcel.removed"
        assert hall.broken() == []


class TestShortPicks:
    def test_are_sent_from_elsewhere(self, hall):
        hall.variant("A", 5, 5)
        order = hall.place(goods("A", 4))
        (id,) = hall.plan(order)
        hall.release(id)
        hall.pick(id, Picking(line_id=hall.rows(id)[0].id, quantity=1))

        hall.short(id)

        assert (hall.of(id).status, hall.counts(id)) == (S.PICKED, [(1, 1, 0, 0)])
        (other,) = [each for each in hall.of_order(order) if each.id != id]
        assert (other.location_id, hall.counts(other.id)) == (hall.south, [(3, 0, 0, 0)])
        assert hall.broken() == []

    def test_wait_where_nobody_has_more(self, hall):
        hall.variant("A", 5)
        order = hall.place(goods("A", 4))
        (id,) = hall.plan(order)
        hall.release(id)
        hall.pick(id, Picking(line_id=hall.rows(id)[0].id, quantity=1))

        hall.short(id)

        # By the books one more is there; what was not found is promised to nobody any more.
        assert hall.world.run(fill_backorders, FillBackorders()).value == 1
        assert hall.counts(id) == [(1, 1, 0, 0)]
        assert hall.held(order) == {("A", hall.north): 2}
        assert hall.broken() == []
