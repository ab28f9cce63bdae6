"""Orders that are cancelled, as a whole or by the piece. On both databases."""

from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import (
    CancelReason,
    FulfillmentStatus,
    OrderDiscount,
    OrderStatus,
)
from backoffice_api.domain.orders.queries import open_holds_by_orders
from tests.databases import count_statements
from tests.orders.shop import POSTAGE, euros, goods, price
from tests.world import NOW

WHY = CancelReason.CUSTOMER


def cancel(shop, id, *lines):
    asked = tuple(LineQuantity(line_id, quantity) for line_id, quantity in lines) or None
    shop.world.run(cancel_order, CancelOrder(id=id, lines=asked, reason=WHY))


class TestCancelOrder:
    def test_calls_off_all_of_it_and_gives_the_stock_back(self, shop):
        mug = shop.variant("MUG", 2, 3)
        id = shop.place(goods("MUG", 4), POSTAGE, shipping=euros(500))

        cancel(shop, id)

        order = shop.order(id)
        assert (order.status, order.cancelled_at) == (OrderStatus.CANCELLED, NOW)
        assert (order.total, order.current.total) == (euros(4_950), euros(0))
        assert [line.cancelled for line in shop.lines(id)] == [4, 1]
        assert shop.reserved(mug) == 0
        assert shop.events(id)[-2:] == ["order.cancelled", "order.to_settle"]
        assert shop.broken() == []

    def test_calls_off_pieces_of_lines(self, shop):
        mug, pen = shop.variant("MUG", 5), shop.variant("PEN", 5, price=price(333_000))
        id = shop.place(
            goods("MUG", 2, tax=euros(101)),
            goods("PEN", 3),
            discounts=(OrderDiscount("Voucher", None, 100, "EUR"),),
            shipping=euros(500),
        )
        first, second = shop.lines(id)
        assert [line.discount_minor for line in (first, second)] == [95, 5]

        cancel(shop, id, (first.id, 1), (second.id, 2))

        order = shop.order(id)
        assert (order.status, order.unshipped) == (OrderStatus.OPEN, 2)
        assert [line.cancelled for line in shop.lines(id)] == [1, 2]
        left = [line.current for line in shop.lines(id)]
        assert [each.subtotal.minor for each in left] == [1_000, 33]
        assert [each.discount.minor for each in left] == [48, 2]
        assert [each.tax.minor for each in left] == [51, 0]
        assert order.total == euros(2_000 + 100 - 100 + 500 + 101)
        assert order.current.total == euros(1_033 - 50 + 500 + 51)
        assert (shop.reserved(mug), shop.reserved(pen)) == (1, 1)
        assert shop.events(id)[-2:] == ["order.lines_cancelled", "order.to_settle"]
        assert shop.broken() == []

    def test_cancels_the_order_with_its_last_piece(self, shop):
        mug = shop.variant("MUG", 5)
        id = shop.place(goods("MUG", 2), goods("MUG"))
        first, second = shop.lines(id)

        cancel(shop, id, (first.id, 2))
        assert shop.order(id).status is OrderStatus.OPEN
        cancel(shop, id, (second.id, 1))

        assert shop.order(id).status is OrderStatus.CANCELLED
        assert shop.reserved(mug) == 0
        assert shop.broken() == []

    def test_keeps_a_fee_that_is_not_named(self, shop):
        shop.variant("MUG", 5)
        id = shop.place(goods("MUG", 2), POSTAGE)

        cancel(shop, id, (shop.lines(id)[0].id, 2))

        order = shop.order(id)
        assert (order.status, order.current.total) == (OrderStatus.OPEN, euros(450))
        assert order.fulfillment_status is FulfillmentStatus.UNALLOCATED
        assert shop.broken() == []

    def test_leaves_what_was_shipped_and_its_charges(self, shop):
        mug = shop.variant("MUG", 5)
        id = shop.place(goods("MUG", 3), POSTAGE)
        shop.ship(id, 1)

        cancel(shop, id)

        order = shop.order(id)
        assert (order.status, order.unshipped) == (OrderStatus.OPEN, 0)
        assert order.fulfillment_status is FulfillmentStatus.SHIPPED
        assert order.current.total == euros(1_450)
        assert [line.cancelled for line in shop.lines(id)] == [2, 0]
        assert shop.position(mug).on_hand == 4
        assert shop.reserved(mug) == 0
        assert shop.broken() == []

    def test_ends_drafts_and_gives_back_what_they_reserved(self, shop):
        mug = shop.variant("MUG", 5)
        id = shop.create(goods("MUG", 3), reserve_until=NOW + timedelta(hours=1))
        empty = shop.create()

        cancel(shop, id)
        cancel(shop, empty)

        assert shop.order(id).status is OrderStatus.CANCELLED
        assert shop.order(empty).status is OrderStatus.CANCELLED
        assert shop.order(id).number is None
        assert shop.reserved(mug) == 0
        assert shop.broken() == []

    def test_ends_holds_with_the_order(self, shop):
        shop.variant("MUG", 5)
        id = shop.place(goods("MUG", 3))
        shop.world.run(hold_order, HoldOrder(id=id, kind=HoldKind.FRAUD))

        cancel(shop, id)

        assert shop.order(id).has_hold is False
        assert shop.world.read(open_holds_by_orders, [id]) == {}
        assert shop.events(id)[-3:-1] == ["order.hold_released", "order.cancelled"]
        assert shop.broken() == []

    def test_does_not_cancel_parts_of_drafts(self, shop):
        shop.variant("MUG", 5)
        id = shop.create(goods("MUG", 3))
        asked = (LineQuantity(shop.lines(id)[0].id, 1),)

        codes = shop.refused(cancel_order, CancelOrder(id=id, lines=asked, reason=WHY))

        assert codes == ["INVALID_TRANSITION"]

    def test_refuses_what_is_cancelled_or_shipped_already(self, shop):
        shop.variant("MUG", 5)
        cancelled, shipped = shop.place(goods("MUG")), shop.place(goods("MUG"))
        cancel(shop, cancelled)
        shop.ship(shipped, 1)

        command = CancelOrder(id=cancelled, reason=WHY)
        assert shop.refused(cancel_order, command) == ["INVALID_TRANSITION"]
        command = CancelOrder(id=shipped, reason=WHY)
        assert shop.refused(cancel_order, command) == ["NOTHING_TO_CANCEL"]
        command = CancelOrder(id=shipped, reason=WHY, lines=())
        assert shop.refused(cancel_order, command) == ["NOTHING_TO_CANCEL"]

    def test_tells_all_that_is_wrong_with_the_quantities(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 3), goods("MUG", 3), goods("MUG", 3))
        first, second, third = (line.id for line in shop.lines(id))
        asked = (
            LineQuantity(first, 4),
            LineQuantity(second, 0),
            LineQuantity(UUID(int=1), 1),
            LineQuantity(third, 1),
            LineQuantity(third, 1),
        )

        with pytest.raises(DomainError) as refusal:
            shop.world.run(cancel_order, CancelOrder(id=id, lines=asked, reason=WHY))

        assert [(each.code, each.path) for each in refusal.value.reasons()] == [
            ("QUANTITY_EXCEEDED", ("lines", 0, "quantity")),
            ("OUT_OF_RANGE", ("lines", 1, "quantity")),
            ("UNKNOWN_ORDER_LINE", ("lines", 2, "line_id")),
            ("DUPLICATE", ("lines", 4, "line_id")),
        ]
        assert [line.cancelled for line in shop.lines(id)] == [0, 0, 0]

    def test_takes_as_many_statements_for_many_lines_as_for_few(self, shop):
        shop.variant("MUG", 50)

        def statements(count):
            id = shop.place(*(goods("MUG") for _ in range(count)))
            with count_statements(shop.world.database) as seen:
                cancel(shop, id)
            return len(seen)

        assert statements(2) == statements(9)
