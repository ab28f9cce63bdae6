"""Waves and pick lists, on both databases."""

import pytest

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.gates import set_gate
from backoffice_api.domain.fulfillment.commands.keeping import NotePutBack, note_put_back
from backoffice_api.domain.fulfillment.commands.picking import PickFulfillment, pick_fulfillment
from backoffice_api.domain.fulfillment.commands.settings import SetSite, SetWalk, set_site, set_walk
from backoffice_api.domain.fulfillment.commands.shaping import MoveFulfillment, move_fulfillment
from backoffice_api.domain.fulfillment.commands.shipping import (
    ReleaseFulfillment,
    ShipFulfillment,
    release_fulfillment,
    ship_fulfillment,
)
from backoffice_api.domain.fulfillment.commands.waves import (
    CancelWave,
    PlanWave,
    ReleaseWave,
    cancel_wave,
    plan_wave,
    release_wave,
)
from backoffice_api.domain.fulfillment.model.fulfillments import DispatchGate, FulfillmentState
from backoffice_api.domain.fulfillment.model.picking import Picking
from backoffice_api.domain.fulfillment.model.waves import WaveStatus
from backoffice_api.domain.fulfillment.queries.picking import pick_lists
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.model.levels import AdjustLine
from tests.databases import count_statements
from tests.orders.shop import goods

S = FulfillmentState


class Gate(Command):
    scope = Scope.FULFILLMENT_WRITE

    def __init__(self, id, gate):
        self.id, self.gate = id, gate


def gate(hall, id, gate):
    hall.world.run(lambda uow, command: set_gate(uow, command.id, command.gate).id, Gate(id, gate))


@pytest.fixture
def three(hall):
    """Three fulfillments of an order each."""
    hall.variant("A", 90, 90)
    return [hall.planned(goods("A", 2)) for _ in range(3)]


def wave(hall, **how):
    return hall.world.run(plan_wave, PlanWave(location_id=hall.north, **how)).value


class TestWaves:
    def test_leave_out_what_a_hold_lies_on(self, hall, three):
        held = hall.of(three[0]).order_id
        id = wave(hall)
        hall.world.run(hold_order, HoldOrder(id=held, kind=HoldKind.FRAUD))

        hall.world.run(release_wave, ReleaseWave(id=id))

        assert [hall.of(each).status for each in three] == [S.PLANNED, S.RELEASED, S.RELEASED]
        assert [hall.of(each).wave_id for each in three] == [None, id, id]
        assert hall.refused(release_fulfillment, ReleaseFulfillment(id=three[0])) == [
            "ORDER_ON_HOLD"
        ]
        assert hall.refused(plan_wave, PlanWave(location_id=hall.north)) == ["NOTHING_FOR_WAVE"]
        assert hall.broken() == []

    def test_leave_out_what_waits_for_a_document_where_the_site_says_so(self, hall, three):
        hall.world.run(set_site, SetSite(location_id=hall.north, release_gate=True))
        gate(hall, three[0], DispatchGate.CLOSED)
        id = wave(hall)

        hall.world.run(release_wave, ReleaseWave(id=id))

        assert [hall.of(each).status for each in three] == [S.PLANNED, S.RELEASED, S.RELEASED]

    def test_can_be_given_up_until_something_is_picked(self, hall, three):
        id = wave(hall)
        hall.world.run(release_wave, ReleaseWave(id=id))

        hall.world.run(cancel_wave, CancelWave(id=id))

        assert {hall.of(each).status for each in three} == {S.PLANNED}
        again = wave(hall)
        hall.world.run(release_wave, ReleaseWave(id=again))
        hall.pick(three[0])
        assert hall.refused(cancel_wave, CancelWave(id=again)) == ["BEING_PICKED"]
        assert hall.broken() == []

    def test_are_done_with_the_last_pick(self, hall, three):
        id = wave(hall, limit=2)
        hall.world.run(release_wave, ReleaseWave(id=id))
        hall.pick(three[0])
        assert hall.world.read(queries.wave, id).status is WaveStatus.RELEASED

        hall.pick(three[1])

        assert hall.world.read(queries.wave, id).status is WaveStatus.DONE
        assert hall.of(three[2]).wave_id is None

    def test_are_done_when_the_rest_is_called_off(self, hall, three):
        id = wave(hall, limit=2)
        hall.world.run(release_wave, ReleaseWave(id=id))
        hall.pick(three[0])

        hall.cancelled(three[1])

        assert hall.world.read(queries.wave, id).status is WaveStatus.DONE

    def test_are_done_when_the_rest_is_moved(self, hall, three):
        id = wave(hall, limit=2)
        hall.world.run(release_wave, ReleaseWave(id=id))
        hall.pick(three[0])

        move = MoveFulfillment(id=three[1], location_id=hall.south)
        hall.world.run(move_fulfillment, move)

        assert hall.world.read(queries.wave, id).status is WaveStatus.DONE

    def test_take_the_same_statements_whatever_is_in_them(self, hall, three):
        def counted(handler, command):
            with count_statements(hall.world.database) as statements:
                id = hall.world.run(handler, command).value
            return id, len(statements)

        one, of_one = counted(plan_wave, PlanWave(location_id=hall.north, limit=1))
        two, of_two = counted(plan_wave, PlanWave(location_id=hall.north, limit=2))
        assert of_one == of_two
        assert (
            counted(release_wave, ReleaseWave(id=one))[1]
            == counted(release_wave, ReleaseWave(id=two))[1]
        )

    def test_are_planned_with_the_same_statements_for_any_number_of_orders(self, hall):
        hall.variant("A", 90, 90)
        orders = [hall.place(goods("A", 2)) for _ in range(6)]

        def counted(*ids):
            with count_statements(hall.world.database) as statements:
                hall.plan(*ids)
            return len(statements)

        assert counted(orders[0]) == counted(*orders[1:])


class TestGates:
    def test_keep_goods_in_the_house_while_a_document_is_missing(self, hall, three):
        hall.packed(three[0])
        gate(hall, three[0], DispatchGate.CLOSED)
        assert hall.refused(ship_fulfillment, ShipFulfillment(id=three[0])) == ["GATE_CLOSED"]

        gate(hall, three[0], DispatchGate.OPEN)
        hall.send(three[0])

        assert hall.of(three[0]).status is S.SHIPPED

    def test_holds_keep_goods_in_the_house(self, hall, three):
        hall.packed(three[0])
        order = hall.of(three[0]).order_id
        hall.world.run(hold_order, HoldOrder(id=order, kind=HoldKind.PAYMENT))

        assert hall.refused(ship_fulfillment, ShipFulfillment(id=three[0])) == ["ORDER_ON_HOLD"]


class TestPickLists:
    def test_lead_through_the_house_in_the_order_of_the_walk(self, hall):
        bins = [hall.bin(code) for code in ("B1", "B2", "B3")]
        kept = [hall.variant(sku) for sku in ("A", "B", "C")]
        lines = tuple(
            AdjustLine(variant_id=variant, location_id=place, set_to=9)
            for variant, place in zip(kept, bins, strict=True)
        )
        hall.world.run(adjust_stock, AdjustStock(lines=lines))
        walk = (bins[2], bins[0], bins[1])
        hall.world.run(set_walk, SetWalk(location_id=hall.north, place_ids=walk))
        order = hall.place(goods("A", 1), goods("B", 2), goods("C", 3))
        (id,) = hall.plan(order)
        hall.release(id)

        found = hall.world.read(
            lambda db: pick_lists(db, location_id=hall.north, wave_id=None, limit=10)
        )

        assert [(each.location_id, each.quantity) for each in found[0].stops] == [
            (bins[2], 3),
            (bins[0], 1),
            (bins[1], 2),
        ]
        hall.pick(id)
        assert hall.broken() == []
        hall.pack(id)
        hall.send(id)
        assert hall.broken() == []

    def test_promise_pieces_where_somebody_took_them_from(self, hall):
        here, there = hall.bin("HERE"), hall.bin("THERE")
        kept = hall.variant("A")
        lines = tuple(
            AdjustLine(variant_id=kept, location_id=place, set_to=3) for place in (here, there)
        )
        hall.world.run(adjust_stock, AdjustStock(lines=lines))
        order = hall.place(goods("A", 3))
        (id,) = hall.plan(order)
        hall.release(id)
        (promised,) = [place for _, place in hall.held(order)]
        other = there if promised == here else here
        line = hall.rows(id)[0].id

        hall.pick(id, Picking(line_id=line, quantity=2, location_id=other))

        assert hall.held(order) == {("A", other): 2, ("A", promised): 1}
        command = PickFulfillment(
            id=id, picks=(Picking(line_id=line, quantity=1, location_id=hall.south),)
        )
        assert hall.refused(pick_fulfillment, command) == ["UNKNOWN_LOCATION"]
        hall.pick(id, Picking(code="A", quantity=1))
        hall.pack(id)
        hall.send(id)
        assert hall.position(kept).on_hand == 3
        assert hall.broken() == []


class TestPuttingBack:
    def test_is_noted_for_what_was_picked_in_vain(self, hall, three):
        hall.packed(three[0])

        hall.cancelled(three[0])

        (note,) = hall.world.read(queries.put_backs_by_fulfillments, [three[0]])[three[0]]
        assert (note.quantity, note.location_id, note.done_at) == (2, hall.north, None)
        hall.world.run(note_put_back, NotePutBack(note_id=note.id))
        assert hall.refused(note_put_back, NotePutBack(note_id=note.id)) == ["UNKNOWN_PUT_BACK"]
        assert hall.broken() == []
