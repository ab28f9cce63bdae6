"""Several people at one order, and a worker that is killed: nothing is done twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backoffice_api.domain.fulfillment.commands.picking import PickFulfillment, pick_fulfillment
from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.fulfillment.commands.shipping import (
    ShipFulfillment,
    ship_fulfillment,
)
from backoffice_api.domain.fulfillment.commands.waves import PlanWave, plan_wave
from backoffice_api.domain.fulfillment.model.picking import Picking
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.uow import UnitOfWork
from tests.orders.shop import goods

PEOPLE = 6


class Killed(Exception):
    """The process has gone."""


def at_once(act: Callable[[int], Any]) -> list[str | None]:
    """What everybody is told who does it at the same time. None: it was done."""

    def one(number: int) -> str | None:
        try:
            act(number)
        except DomainError as refusal:
            return refusal.reasons()[0].code
        return None

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(one, range(PEOPLE)))


class TestManyAtOnce:
    def test_plan_an_order_once(self, hall):
        hall.variant("A", 9)
        order = hall.place(goods("A", 5))
        command = PlanFulfillments(order_ids=(order,))

        told = at_once(lambda _: hall.world.run(plan_fulfillments, command))

        assert sorted(told, key=str) == ["NOTHING_TO_PLAN"] * (PEOPLE - 1) + [None]
        assert [hall.counts(each.id) for each in hall.of_order(order)] == [[(5, 0, 0, 0)]]
        assert hall.broken() == []

    def test_pick_each_piece_once(self, hall):
        hall.variant("A", 9)
        id = hall.planned(goods("A", 4))
        hall.release(id)
        picks = (Picking(line_id=hall.rows(id)[0].id, quantity=1),)
        command = PickFulfillment(id=id, picks=picks)

        told = at_once(lambda _: hall.world.run(pick_fulfillment, command))

        assert sorted(told, key=str) == ["INVALID_TRANSITION"] * (PEOPLE - 4) + [None] * 4
        assert hall.counts(id) == [(4, 4, 0, 0)]
        assert hall.broken() == []

    def test_ship_once(self, hall):
        kept = hall.variant("A", 9)
        id = hall.planned(goods("A", 4))
        hall.packed(id)

        told = at_once(lambda _: hall.world.run(ship_fulfillment, ShipFulfillment(id=id)))

        assert sorted(told, key=str) == ["INVALID_TRANSITION"] * (PEOPLE - 1) + [None]
        assert hall.position(kept).on_hand == 5
        assert hall.broken() == []

    def test_share_out_what_waves_are_made_of(self, hall):
        hall.variant("A", 50)
        ids = [hall.planned(goods("A", 1)) for _ in range(PEOPLE)]
        command = PlanWave(location_id=hall.north, limit=1)

        at_once(lambda _: hall.world.run(plan_wave, command))
        while any(hall.of(id).wave_id is None for id in ids):
            hall.world.run(plan_wave, command)

        assert len({hall.of(id).wave_id for id in ids}) == PEOPLE
        assert hall.broken() == []


class TestKilled:
    @pytest.mark.parametrize("events_left", [0, 1, 2])
    def test_ships_all_or_nothing(self, hall, monkeypatch, events_left):
        """Killed after any of the events, and done again with the same key."""
        kept = hall.variant("A", 9)
        id = hall.planned(goods("A", 4))
        hall.packed(id)
        emit, left = UnitOfWork.emit, [events_left]

        def dying(uow: UnitOfWork, *given: Any, **how: Any) -> None:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            emit(uow, *given, **how)

        with monkeypatch.context() as patched:
            patched.setattr(UnitOfWork, "emit", dying)
            with pytest.raises(Killed):
                hall.world.run(ship_fulfillment, ShipFulfillment(id=id), idempotency_key="k")
        assert (hall.position(kept).on_hand, hall.counts(id)) == (9, [(4, 4, 4, 0)])
        first = hall.world.run(ship_fulfillment, ShipFulfillment(id=id), idempotency_key="k")
        again = hall.world.run(ship_fulfillment, ShipFulfillment(id=id), idempotency_key="k")

        assert (first.replayed, again.replayed) == (False, True)
        assert hall.position(kept).on_hand == 5
        assert hall.broken() == []
