"""Fulfillments under random commands: what must hold of orders and stock holds after each."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from backoffice_api.domain.fulfillment.commands.keeping import (
    CancelFulfillment,
    FillFulfillments,
    cancel_fulfillment,
    fill_fulfillments,
)
from backoffice_api.domain.fulfillment.commands.packing import (
    CreateParcel,
    RemoveParcel,
    create_parcel,
    remove_parcel,
)
from backoffice_api.domain.fulfillment.commands.picking import (
    FinishPicking,
    PickFulfillment,
    finish_picking,
    pick_fulfillment,
)
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
from backoffice_api.domain.fulfillment.commands.shipping import (
    ReleaseFulfillment,
    ShipFulfillment,
    release_fulfillment,
    ship_fulfillment,
)
from backoffice_api.domain.fulfillment.model.fulfillments import (
    MACHINE,
    Fulfillment,
    LinePieces,
)
from backoffice_api.domain.fulfillment.model.picking import Picking
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.orders.commands.backorders import FillBackorders, fill_backorders
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason
from tests.fulfillment.hall import Hall
from tests.orders.shop import goods
from tests.world import World

RUNS = 8
STEPS = 14

pieces = st.integers(1, 3)
which = st.integers(0, 5)


class Fulfilling(RuleBasedStateMachine):
    """A run has variants of its own."""

    orders = Bundle("orders")
    hall: Hall
    run_count = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).run_count += 1
        self.skus = [f"{name}-{self.run_count}" for name in ("A", "B")]
        self.hall.variant(self.skus[0], 6, 4)
        self.hall.variant(self.skus[1], 2, 7)
        self.orders_made: list[UUID] = []

    @rule(target=orders, first=pieces, second=st.integers(0, 3))
    def place(self, first: int, second: int) -> UUID | None:
        wanted = [goods(self.skus[0], first)]
        wanted += [goods(self.skus[1], second)] if second else []
        try:
            id = self.hall.place(*wanted)
        except DomainError:
            return None
        self.orders_made.append(id)
        self.hall.plan(id)
        return id

    @rule(id=orders, only_south=st.booleans())
    def plan(self, id: UUID | None, only_south: bool) -> None:
        if id:
            sites = (self.hall.south,) if only_south else None
            command = PlanFulfillments(order_ids=(id,), location_ids=sites)
            self.attempt(plan_fulfillments, command)

    @rule(id=orders, at=which, count=pieces)
    def split(self, id: UUID | None, at: int, count: int) -> None:
        if of := self.one(id, at):
            line = self.hall.rows(of.id)[0]
            lines = (LinePieces(line_id=line.id, quantity=count),)
            self.attempt(split_fulfillment, SplitFulfillment(id=of.id, lines=lines))

    @rule(id=orders, at=which, other=which)
    def merge(self, id: UUID | None, at: int, other: int) -> None:
        into, gone = self.one(id, at), self.one(id, other)
        if into and gone:
            command = MergeFulfillments(id=into.id, from_ids=(gone.id,))
            self.attempt(merge_fulfillments, command)

    @rule(id=orders, at=which, to_south=st.booleans())
    def move(self, id: UUID | None, at: int, to_south: bool) -> None:
        if of := self.one(id, at):
            site = self.hall.south if to_south else self.hall.north
            self.attempt(move_fulfillment, MoveFulfillment(id=of.id, location_id=site))

    @rule(id=orders, at=which)
    def release(self, id: UUID | None, at: int) -> None:
        if of := self.one(id, at):
            self.attempt(release_fulfillment, ReleaseFulfillment(id=of.id))

    @rule(id=orders, at=which, count=pieces)
    def pick(self, id: UUID | None, at: int, count: int) -> None:
        if of := self.one(id, at):
            picks = tuple(
                Picking(line_id=line.id, quantity=min(count, line.quantity - line.picked))
                for line in self.hall.rows(of.id)
                if line.quantity > line.picked
            )
            self.attempt(pick_fulfillment, PickFulfillment(id=of.id, picks=picks))

    @rule(id=orders, at=which)
    def short(self, id: UUID | None, at: int) -> None:
        if of := self.one(id, at):
            self.attempt(finish_picking, FinishPicking(id=of.id, short=True))

    @rule(id=orders, at=which)
    def pack(self, id: UUID | None, at: int) -> None:
        if of := self.one(id, at):
            self.attempt(create_parcel, CreateParcel(fulfillment_id=of.id, everything=True))

    @rule(id=orders, at=which)
    def unpack(self, id: UUID | None, at: int) -> None:
        if of := self.one(id, at):
            for parcel in self.hall.parcels(of.id):
                self.attempt(remove_parcel, RemoveParcel(id=parcel.id))

    @rule(id=orders, at=which)
    def ship(self, id: UUID | None, at: int) -> None:
        if of := self.one(id, at):
            self.attempt(ship_fulfillment, ShipFulfillment(id=of.id))

    @rule(id=orders, at=which)
    def call_off(self, id: UUID | None, at: int) -> None:
        if of := self.one(id, at):
            self.attempt(cancel_fulfillment, CancelFulfillment(id=of.id))

    @rule(id=orders, at=which, count=pieces)
    def cancel_pieces(self, id: UUID | None, at: int, count: int) -> None:
        if id:
            lines = self.hall.lines(id)
            asked = (LineQuantity(lines[at % len(lines)].id, count),)
            command = CancelOrder(id=id, lines=asked, reason=CancelReason.OTHER)
            self.attempt(cancel_order, command)

    @rule(id=orders)
    def cancel(self, id: UUID | None) -> None:
        if id:
            self.attempt(cancel_order, CancelOrder(id=id, reason=CancelReason.OTHER))

    @rule()
    def fill(self) -> None:
        self.attempt(fill_backorders, FillBackorders())
        self.attempt(fill_fulfillments, FillFulfillments())

    @invariant()
    def every_check_holds(self) -> None:
        assert self.hall.broken() == []

    def one(self, order_id: UUID | None, at: int) -> Fulfillment | None:
        """One of the fulfillments of an order."""
        found = self.hall.of_order(order_id) if order_id else ()
        return found[at % len(found)] if found else None

    def attempt(self, handler: Callable[..., Any], command: Any) -> None:
        """Do it, or have it refused; a state moves only as the machine says."""
        before = self.states()
        try:
            self.hall.world.run(handler, command)
        except DomainError:
            assert self.states() == before
            return
        after = self.states()
        ways = {(each, move.to) for move in MACHINE.moves.values() for each in move.present}
        for id, state in before.items():
            assert after[id] is state or (state, after[id]) in ways or self.is_two(state, after[id])

    def is_two(self, before: Any, after: Any) -> bool:
        """Picking begins and ends with one pick that takes everything; what is moved is to be
        released there anew."""
        return (before.value, after.value) in {
            ("released", "picked"),
            ("picked", "packed"),
            ("released", "planned"),
        }

    def states(self) -> dict[UUID, Any]:
        return {each.id: each.status for id in self.orders_made for each in self.hall.of_order(id)}


class TestFulfillments:
    def test_keep_every_invariant(self, world: World) -> None:
        machine = type("Fulfilling", (Fulfilling,), {"hall": Hall(world), "run_count": 0})

        run_state_machine_as_test(
            machine,
            settings=settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None),
        )
