"""Several people at one order, and a worker that is killed: nothing is done twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.gates import deliver_parcels
from backoffice_api.domain.fulfillment.commands.packing import (
    CreateParcel,
    PackParcel,
    create_parcel,
    pack_parcel,
)
from backoffice_api.domain.fulfillment.commands.picking import PickFulfillment, pick_fulfillment
from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.fulfillment.commands.shipping import (
    ShipFulfillment,
    ship_fulfillment,
)
from backoffice_api.domain.fulfillment.commands.waves import (
    PlanWave,
    ReleaseWave,
    plan_wave,
    release_wave,
)
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.fulfillment.model.packing import Packing
from backoffice_api.domain.fulfillment.model.picking import Picking
from backoffice_api.domain.fulfillment.model.waves import WaveStatus
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.lots import SetTracking, set_tracking
from backoffice_api.domain.stock.model.levels import AdjustLine
from backoffice_api.domain.stock.model.lots import LotDraft, Tracking
from tests.orders.shop import goods
from tests.world import NOW

PEOPLE = 6


class Killed(Exception):
    """The process has gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deliver(Command):
    scope = Scope.FULFILLMENT_WRITE
    id: UUID


def _deliver(uow: UnitOfWork, command: _Deliver) -> None:
    """What tracking does when it hears that a parcel has arrived."""
    deliver_parcels(uow, {command.id: NOW})


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

    def test_end_their_wave(self, hall):
        hall.variant("A", 50)
        ids = [hall.planned(goods("A", 1)) for _ in range(PEOPLE)]
        wave = hall.world.run(plan_wave, PlanWave(location_id=hall.north)).value
        hall.world.run(release_wave, ReleaseWave(id=wave))

        assert at_once(lambda number: hall.pick(ids[number])) == [None] * PEOPLE

        assert hall.world.read(queries.wave, wave).status is WaveStatus.DONE

    def test_pick_each_piece_of_a_lot_once(self, hall):
        variant = hall.variant("A")
        hall.world.run(set_tracking, SetTracking(variant_id=variant, tracking=Tracking.LOT))
        for code, pieces in (("L1", 1), ("L2", PEOPLE - 1)):
            line = AdjustLine(
                variant_id=variant,
                location_id=hall.north,
                delta=pieces,
                lot=LotDraft(code=code),
            )
            hall.world.run(adjust_stock, AdjustStock(lines=(line,)))
        ids = [hall.planned(goods("A", 1)) for _ in range(PEOPLE)]
        for id in ids:
            hall.release(id)

        assert at_once(lambda number: hall.pick(ids[number])) == [None] * PEOPLE

        lines = [hall.rows(id)[0].id for id in ids]
        taken = hall.world.read(queries.picks_by_lines, lines)
        lots = Counter(pick.lot_id for of_line in taken.values() for pick in of_line)
        assert sorted(lots.values()) == [1, PEOPLE - 1]

    def test_tell_that_all_parcels_have_arrived(self, hall):
        hall.variant("A", 9)
        id = hall.planned(goods("A", PEOPLE))
        hall.release(id)
        hall.pick(id)
        (line,) = hall.rows(id)
        parcels = []
        for _ in range(PEOPLE):
            parcel = hall.world.run(create_parcel, CreateParcel(fulfillment_id=id)).value
            into = PackParcel(id=parcel, items=(Packing(line_id=line.id),))
            hall.world.run(pack_parcel, into)
            parcels.append(parcel)
        hall.send(id)

        at_once(lambda number: hall.world.run(_deliver, _Deliver(id=parcels[number])))

        assert hall.of(id).status is FulfillmentState.DELIVERED


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
