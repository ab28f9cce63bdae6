"""Orders and their stock under random commands: the invariants hold after each of them.

Hypothesis looks for a series of commands after which a check of the shop finds something, a
command goes another way than the state machine says, or a refusal has changed something.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.domain.orders import checks as order_checks
from backoffice_api.domain.orders.commands.cancelling import (
    CancelOrder,
    UncancelOrder,
    cancel_order,
    uncancel_order,
)
from backoffice_api.domain.orders.commands.closing import (
    CloseOrder,
    ReopenOrder,
    close_order,
    reopen_order,
)
from backoffice_api.domain.orders.commands.drafts import (
    ReserveOrder,
    UpdateOrder,
    reserve_order,
    update_order,
)
from backoffice_api.domain.orders.commands.editing import EditOrder, edit_order
from backoffice_api.domain.orders.commands.holds import (
    HoldOrder,
    ReleaseDueHolds,
    ReleaseHold,
    hold_order,
    release_due_holds,
    release_hold,
)
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.commands.merging import MergeOrders, merge_orders
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.commands.splitting import SplitOrder, split_order
from backoffice_api.domain.orders.model.edits import LineChange
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.moves import MergedShipping
from backoffice_api.domain.orders.model.orders import (
    MACHINE,
    CancelReason,
    Order,
    OrderDiscount,
    OrderStatus,
)
from backoffice_api.domain.payments import checks as payment_checks
from backoffice_api.domain.stock import checks as stock_checks
from backoffice_api.domain.stock.commands.reservations import (
    ExpireReservations,
    expire_reservations,
)
from backoffice_api.domain.stock.model.reservations import OPEN
from backoffice_api.domain.stock.queries import reservations_by_lines
from tests.orders.shop import POSTAGE, Shop, euros, goods, price
from tests.soundness import findings
from tests.world import NOW, World

ON_HAND = (7, 5)
VARIANTS = ("A", "B")
RUNS = 12
# After each step, what the steps are about; after the last one, everything.
CHECKED_EACH_TIME = (*order_checks.CHECKS, *payment_checks.CHECKS, *stock_checks.CHECKS)
STEPS = 14

hours = st.integers(1, 5).map(lambda number: timedelta(hours=number))
reasons = st.sampled_from(CancelReason)
wishes = st.lists(
    st.tuples(
        st.sampled_from((*VARIANTS, "")),
        st.integers(1, 6),
        st.none() | st.integers(0, 20_000_000).map(price),
        st.integers(0, 300).map(euros),
    ),
    max_size=4,
)
discounts = st.lists(
    st.integers(0, 400).map(lambda minor: OrderDiscount("Voucher", None, minor, "EUR")), max_size=2
).map(tuple)


class Orders(RuleBasedStateMachine):
    """A run has variants of its own; the channel and its numbers go on from run to run."""

    orders = Bundle("orders")
    shop: Shop
    run_count = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).run_count += 1
        self.now = NOW
        self.variants = {
            name: self.shop.variant(f"{name}-{self.run_count}", *ON_HAND) for name in VARIANTS
        }

    @rule(target=orders, wishes=wishes, shipping=st.integers(0, 900).map(euros))
    def create(self, wishes: Any, shipping: Any) -> UUID:
        values = {"shipping": shipping, "email": "ana@example.com", "now": self.now}
        return self.shop.create(*self.lines(wishes), **values)

    @rule(id=orders, wishes=wishes, discounts=discounts)
    def update(self, id: UUID, wishes: Any, discounts: Any) -> None:
        command = UpdateOrder(id=id, lines=self.lines(wishes), discounts=discounts)
        refusals = (None, "INVALID_TRANSITION", "INSUFFICIENT_STOCK", "DISCOUNT_TOO_LARGE")
        assert self.attempt("update", update_order, command) in refusals

    @rule(id=orders, wait=hours)
    def reserve(self, id: UUID, wait: timedelta) -> None:
        expected = self.expected("reserve", id, self.obstacle(id))
        command = ReserveOrder(id=id, until=self.now + wait)
        assert self.attempt("reserve", reserve_order, command) == expected

    @rule(id=orders)
    def place(self, id: UUID) -> None:
        expected = self.expected("place", id, self.obstacle(id))
        assert self.attempt("place", place_order, PlaceOrder(id=id)) == expected

    @rule(id=orders, data=st.data())
    def cancel_pieces(self, id: UUID, data: st.DataObject) -> None:
        left = {line.id: line.cancellable for line in self.shop.lines(id)}
        asked = [
            LineQuantity(line_id, quantity)
            for line_id, most in left.items()
            if (quantity := data.draw(st.integers(0, most + 1)))
        ]
        refusal = None if asked else "NOTHING_TO_CANCEL"
        if any(each.quantity > left[each.line_id] for each in asked):
            refusal = "QUANTITY_EXCEEDED"
        expected = self.expected("cancel_lines", id, refusal)
        command = CancelOrder(id=id, lines=tuple(asked), reason=CancelReason.OTHER)
        assert self.attempt("cancel_lines", cancel_order, command) == expected

    @rule(id=orders, reason=reasons)
    def cancel(self, id: UUID, reason: CancelReason) -> None:
        lines = self.shop.lines(id)
        charges = any(line.cancellable and line.variant_id is None for line in lines)
        is_left = any(line.unshipped for line in lines) or (
            charges and not any(line.shipped for line in lines)
        )
        is_draft = self.shop.order(id).status is OrderStatus.DRAFT
        expected = self.expected("cancel", id, None if is_left or is_draft else "NOTHING_TO_CANCEL")
        command = CancelOrder(id=id, reason=reason)
        assert self.attempt("cancel", cancel_order, command) == expected

    @rule(id=orders)
    def uncancel(self, id: UUID) -> None:
        order = self.shop.order(id)
        refusal = None
        if order.status is OrderStatus.CANCELLED:
            if order.uncancel_until is None:
                refusal = "NOT_UNCANCELLABLE"
            elif order.uncancel_until <= self.now:
                refusal = "UNCANCEL_TOO_LATE"
            else:
                refusal = self.shortage(
                    {line.id: line.cancelled_with_order for line in self.shop.lines(id)}, id
                )
        expected = self.expected("uncancel", id, refusal)
        assert self.attempt("uncancel", uncancel_order, UncancelOrder(id=id)) == expected

    @rule(id=orders, wishes=wishes, shipping=st.none() | st.integers(0, 900), data=st.data())
    def edit(self, id: UUID, wishes: Any, shipping: int | None, data: st.DataObject) -> None:
        changes = [
            LineChange(line_id=line.id, quantity=data.draw(st.integers(line.shipped, 9)))
            for line in self.shop.lines(id)
            if data.draw(st.booleans())
        ]
        command = EditOrder(
            id=id,
            lines=tuple(changes),
            add_lines=self.lines(wishes),
            shipping=KEEP if shipping is None else euros(shipping),
        )
        refusals = (
            *(None, "INVALID_TRANSITION", "INSUFFICIENT_STOCK"),
            *("NOTHING_CHANGED", "NOTHING_LEFT"),
        )
        before = self.worth([id])
        assert self.attempt("edit", edit_order, command) in refusals
        assert self.worth([id]) - before == self.told(id, before)

    @rule(target=orders, id=orders, data=st.data())
    def split(self, id: UUID, data: st.DataObject) -> Any:
        asked = [
            LineQuantity(line.id, quantity)
            for line in self.shop.lines(id)
            if (quantity := data.draw(st.integers(0, line.cancellable)))
        ]
        refusals = ("INVALID_TRANSITION", "NOTHING_TO_CANCEL", "NOTHING_LEFT")
        before = self.worth([id])
        command = SplitOrder(id=id, lines=tuple(asked))
        new, code = self.tried(split_order, command)
        if new is None:
            assert code in refusals
            return multiple()
        assert self.worth([id, new]) == before
        return new

    @rule(id=orders, other=orders)
    def merge(self, id: UUID, other: UUID) -> None:
        before = self.worth({id, other})
        keep = MergedShipping.KEEP
        command = MergeOrders(id=id, order_ids=(other,), shipping=keep)
        refusals = (None, "INVALID_TRANSITION", "NOT_MERGEABLE")
        assert self.tried(merge_orders, command)[1] in refusals
        assert self.worth({id, other}) == before

    @rule(id=orders)
    def ship(self, id: UUID) -> None:
        lines = self.shop.lines(id)
        is_open = self.shop.order(id).status is OrderStatus.OPEN
        if is_open and lines[0].unshipped:
            self.shop.ship(id, 1)

    @rule(id=orders, wait=st.none() | hours)
    def hold(self, id: UUID, wait: timedelta | None) -> None:
        release_at = self.now + wait if wait else None
        expected = self.expected("hold", id, None)
        command = HoldOrder(id=id, kind=HoldKind.OTHER, release_at=release_at)
        assert self.attempt("hold", hold_order, command) == expected

    @rule(id=orders)
    def release_hold(self, id: UUID) -> None:
        refusal = None if self.shop.order(id).has_hold else "NOT_ON_HOLD"
        expected = self.expected("release_hold", id, refusal)
        assert self.attempt("release_hold", release_hold, ReleaseHold(id=id)) == expected

    @rule(id=orders)
    def close(self, id: UUID) -> None:
        order = self.shop.order(id)
        held = "ON_HOLD" if order.has_hold else None
        stays = held or ("LEFT_TO_SETTLE" if order.outstanding_minor else None)
        expected = self.expected("close", id, "LEFT_TO_SHIP" if order.unshipped else stays)
        assert self.attempt("close", close_order, CloseOrder(id=id)) == expected
        if expected == "LEFT_TO_SETTLE":
            command = CloseOrder(id=id, leave_open="It is paid elsewhere.")
            assert self.attempt("close", close_order, command) is None

    @rule(id=orders)
    def reopen(self, id: UUID) -> None:
        expected = self.expected("reopen", id, None)
        assert self.attempt("reopen", reopen_order, ReopenOrder(id=id)) == expected

    @rule(wait=hours)
    def let_time_pass(self, wait: timedelta) -> None:
        self.now += wait
        self.shop.world.run(release_due_holds, ReleaseDueHolds(), now=self.now)
        self.shop.world.run(expire_reservations, ExpireReservations(), now=self.now)

    @invariant()
    def holds_what_must_hold(self) -> None:
        self.assert_none_broken(CHECKED_EACH_TIME)

    def teardown(self) -> None:
        self.assert_none_broken(CHECKS)

    def assert_none_broken(self, checks: Sequence[Check]) -> None:
        assert findings(self.shop.world.database, checks) == []

    def lines(self, wishes: Sequence[Any]) -> tuple[LineDraft, ...]:
        return tuple(
            goods(f"{name}-{self.run_count}", quantity, unit_price=unit_price, tax=tax)
            if name
            else POSTAGE
            for name, quantity, unit_price, tax in wishes
        )

    def expected(self, action: str, id: UUID, refusal: str | None) -> str | None:
        """The refusal, unless the state does not allow the action at all."""
        allowed = MACHINE.allowed(self.shop.order(id).status)
        return refusal if action in allowed else "INVALID_TRANSITION"

    def attempt(self, action: str, handler: Callable[..., Any], command: Any) -> str | None:
        """The code of the refusal, which has changed nothing. None: it was done."""
        before, events = self.shop.order(command.id), len(self.shop.events())
        is_allowed = action in MACHINE.allowed(before.status)
        code = None
        try:
            self.shop.world.run(handler, command, now=self.now)
        except DomainError as refusal:
            code = refusal.reasons()[0].code
        assert (code == "INVALID_TRANSITION") is not is_allowed
        after = self.shop.order(command.id)
        if code is None:
            self.check_move(action, before, after)
        else:
            assert (after, len(self.shop.events())) == (before, events)
        return code

    def check_move(self, action: str, before: Order, after: Order) -> None:
        to = MACHINE.moves[action].to or before.status
        # Of what was shipped in part, something stays; and the last piece cancels the whole.
        cancels = action.startswith("cancel")
        either = {before.status, OrderStatus.CANCELLED} if cancels else {to}
        assert after.status in either
        assert after.version > before.version

    def obstacle(self, id: UUID) -> str | None:
        """Why stock cannot be promised to all lines of a draft, as it looks from outside."""
        if self.shop.order(id).status is not OrderStatus.DRAFT:
            return None
        lines = self.shop.lines(id)
        if not lines:
            return "EMPTY_ORDER"
        held = self.held(line.id for line in lines)
        missing = Counter[UUID]()
        for line in lines:
            if line.variant_id:
                missing[line.variant_id] += line.quantity - held[line.id]
        is_short = any(
            pieces > self.shop.position(variant).available for variant, pieces in missing.items()
        )
        return "INSUFFICIENT_STOCK" if is_short else None

    def tried(self, handler: Callable[..., Any], command: Any) -> tuple[UUID | None, str | None]:
        """What a command came to, or the code of its refusal."""
        try:
            return self.shop.world.run(handler, command, now=self.now).value, None
        except DomainError as refusal:
            return None, refusal.reasons()[0].code

    def shortage(self, pieces: Mapping[UUID, int], id: UUID) -> str | None:
        """Why so many more pieces of the lines of an order cannot be promised."""
        wanted = Counter[UUID]()
        for line in self.shop.lines(id):
            if line.variant_id:
                wanted[line.variant_id] += pieces[line.id]
        is_short = any(
            count > self.shop.position(variant).available
            for variant, count in wanted.items()
            if count
        )
        return "INSUFFICIENT_STOCK" if is_short else None

    def worth(self, ids: Any) -> int:
        """What orders come to now, together."""
        return sum(self.shop.order(id).current_total_minor for id in ids)

    def told(self, id: UUID, before: int) -> int:
        """By how much the order's total has changed, as far as its last event tells."""
        last = self.shop.log(id)[-1]
        if last.type != "order.to_settle" or last.data["total_before_minor"] != before:
            return 0
        if last.subject_version != self.shop.order(id).version:
            return 0
        return int(last.data["total_after_minor"]) - before

    def held(self, line_ids: Any) -> Mapping[UUID, int]:
        found = self.shop.world.read(reservations_by_lines, list(line_ids))
        sums = Counter[UUID]()
        for line_id, of_line in found.items():
            sums[line_id] = sum(each.quantity for each in of_line if each.status in OPEN)
        return sums


class TestOrders:
    def test_keep_every_invariant(self, world: World) -> None:
        machine = type("Orders", (Orders,), {"shop": Shop(world), "run_count": 0})

        run_state_machine_as_test(
            machine,
            settings=settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None),
        )
