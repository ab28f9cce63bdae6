"""Cancelled orders that are taken up again, and what is settled. On both databases."""

from datetime import timedelta

from backoffice_api.domain.orders.commands.cancelling import (
    CancelOrder,
    UncancelOrder,
    cancel_order,
    uncancel_order,
)
from backoffice_api.domain.orders.commands.channels import UpdateChannel, update_channel
from backoffice_api.domain.orders.commands.editing import EditOrder, edit_order
from backoffice_api.domain.orders.model.edits import LineChange
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason, OrderDiscount, OrderStatus
from backoffice_api.domain.orders.model.settlement import Settlement
from tests.databases import count_statements
from tests.orders.kits import kit
from tests.orders.shop import POSTAGE, euros, goods, price
from tests.world import NOW

WHY = CancelReason.CUSTOMER


def cancel(shop, id, *lines, **values):
    asked = tuple(LineQuantity(line_id, quantity) for line_id, quantity in lines) or None
    return shop.world.run(cancel_order, CancelOrder(id=id, lines=asked, reason=WHY, **values))


class TestCancelOrder:
    def test_shows_beforehand_what_is_given_back_and_paid_back(self, shop):
        mug = shop.variant("MUG", 5)
        id = shop.place(goods("MUG", 2), shipping=euros(500))
        command = CancelOrder(id=id, reason=WHY, settlement=Settlement.REFUND)

        plan = shop.world.run(cancel_order, command, dry_run=True).effects

        assert [each.kind for each in plan] == [
            "order.cancelled",
            "order.to_settle",
            "reservation.released",
        ]
        assert plan[1].summary == "Order W-1 comes to another amount: refund."
        assert shop.reserved(mug) == 2
        assert shop.order(id).status is OrderStatus.OPEN

    def test_leaves_the_money_open_where_nobody_says_what_becomes_of_it(self, shop):
        shop.variant("MUG", 5)
        id = shop.place(goods("MUG", 2))

        cancel(shop, id, (shop.lines(id)[0].id, 1))

        (settled,) = [each for each in shop.log(id) if each.type == "order.to_settle"]
        assert settled.data["settlement"] == "leave_open"
        assert settled.data["total_after_minor"] == 1_000

    def test_of_a_draft_has_nothing_to_settle(self, shop):
        id = shop.create(POSTAGE)

        cancel(shop, id)

        assert "order.to_settle" not in shop.events(id)
        assert shop.order(id).uncancel_until is None


class TestUncancelOrder:
    def test_takes_up_what_was_cancelled_last(self, shop):
        mug = shop.variant("MUG", 5)
        voucher = OrderDiscount("Voucher", None, 101, "EUR")
        id = shop.place(
            goods("MUG", 3, tax=euros(31)), POSTAGE, shipping=euros(500), discounts=(voucher,)
        )
        cancel(shop, id, (shop.lines(id)[0].id, 1))
        before = shop.order(id)
        cancel(shop, id)
        assert shop.order(id).uncancel_until == NOW + timedelta(minutes=30)

        command = UncancelOrder(id=id, settlement=Settlement.CHARGE)
        shop.world.run(uncancel_order, command, now=NOW + timedelta(minutes=29))

        order = shop.order(id)
        assert (order.status, order.number) == (OrderStatus.OPEN, "W-1")
        assert (order.cancelled_at, order.uncancel_until) == (None, None)
        assert order.current == before.current
        assert [line.cancelled for line in shop.lines(id)] == [1, 0]
        assert shop.reserved(mug) == 2
        settled = shop.log(id)[-1]
        assert (settled.type, settled.data["settlement"]) == ("order.to_settle", "charge")
        assert shop.events(id)[-2] == "order.uncancelled"
        assert shop.broken() == []

    def test_takes_up_kits_and_can_happen_again(self, shop):
        cup, plate = shop.variant("CUP", 4), shop.variant("PLATE", 2)
        kit(shop, "SET", (cup, 2), (plate, 1), price=price(30_000_000))
        id = shop.place(goods("SET", 2))

        for _ in range(2):
            cancel(shop, id)
            shop.world.run(uncancel_order, UncancelOrder(id=id))

        assert (shop.reserved(cup), shop.reserved(plate)) == (4, 2)
        assert shop.broken() == []

    def test_takes_up_what_was_edited_before(self, shop):
        shop.variant("MUG", 5)
        id = shop.place(goods("MUG", 3))
        line = shop.lines(id)[0].id
        for quantity in (1, 4):
            change = LineChange(line_id=line, quantity=quantity)
            shop.world.run(edit_order, EditOrder(id=id, lines=(change,)))
        cancel(shop, id)

        shop.world.run(uncancel_order, UncancelOrder(id=id))

        assert shop.lines(id)[0].current_quantity == 4
        assert shop.broken() == []

    def test_is_refused_when_its_stock_is_gone(self, shop):
        shop.variant("MUG", 3)
        id = shop.place(goods("MUG", 3))
        cancel(shop, id)
        shop.place(goods("MUG"))

        assert shop.refused(uncancel_order, UncancelOrder(id=id)) == ["INSUFFICIENT_STOCK"]

    def test_is_refused_when_it_is_too_late(self, shop):
        id = shop.place(POSTAGE)
        cancel(shop, id)
        late = NOW + timedelta(minutes=30)

        codes = shop.refused(uncancel_order, UncancelOrder(id=id), now=late)

        assert codes == ["UNCANCEL_TOO_LATE"]

    def test_is_refused_where_the_channel_wants_none(self, shop):
        none = UpdateChannel(id=shop.channel_id, uncancel_minutes=0)
        shop.world.run(update_channel, none)
        id = shop.place(POSTAGE)
        cancel(shop, id)

        assert shop.refused(uncancel_order, UncancelOrder(id=id)) == ["UNCANCEL_TOO_LATE"]

    def test_is_refused_to_drafts_and_open_orders(self, shop):
        draft, placed = shop.create(POSTAGE), shop.place(POSTAGE)
        cancel(shop, draft)

        assert shop.refused(uncancel_order, UncancelOrder(id=draft)) == ["NOT_UNCANCELLABLE"]
        assert shop.refused(uncancel_order, UncancelOrder(id=placed)) == ["INVALID_TRANSITION"]

    def test_takes_as_many_statements_for_many_lines_as_for_few(self, shop):
        for number in range(8):
            shop.variant(f"V{number}", 9)

        def statements(count):
            id = shop.place(*(goods(f"V{number}") for number in range(count)))
            cancel(shop, id)
            with count_statements(shop.world.database) as seen:
                shop.world.run(uncancel_order, UncancelOrder(id=id))
            return len(seen)

        assert statements(2) == statements(8)
