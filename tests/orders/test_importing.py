"""Orders that channels tell of: again, late, and in any order. On both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.orders.commands.channels import UpdateChannel, update_channel
from backoffice_api.domain.orders.commands.editing import EditOrder, edit_order
from backoffice_api.domain.orders.commands.imports import (
    ImportOrder,
    ImportOrders,
    import_order,
    import_orders,
)
from backoffice_api.domain.orders.commands.splitting import SplitOrder, split_order
from backoffice_api.domain.orders.model.channels import UnknownSkus
from backoffice_api.domain.orders.model.edits import LineChange
from backoffice_api.domain.orders.model.imports import (
    ChannelLine,
    ChannelOrder,
    ChannelOrderState,
    ImportOutcome,
)
from backoffice_api.domain.orders.model.lines import LineKind, LineQuantity
from backoffice_api.domain.orders.model.orders import OrderDiscount, OrderStatus
from backoffice_api.domain.orders.queries import orders_by_external_ids
from tests.orders.kits import kit
from tests.orders.shop import address, euros, price
from tests.orders.test_order_races import all_at_once
from tests.world import NOW

MINUTE = timedelta(minutes=1)
OPEN, CANCELLED = ChannelOrderState.OPEN, ChannelOrderState.CANCELLED


def told(key="A-1", after=0, *lines, **values):
    """What the channel tells of an order that it changed so many minutes after it began."""
    return ChannelOrder(
        channel="web",
        key=key,
        changed_at=NOW + after * MINUTE,
        lines=lines or (wanted("1", "MUG", 2),),
        **values,
    )


def wanted(key, sku, quantity, micro=7_000_000, **values):
    return ChannelLine(key=key, sku=sku, quantity=quantity, unit_price=price(micro), **values)


def tell(shop, order):
    """What became of it, and the id of the order."""
    imported = shop.world.run(import_order, ImportOrder(order=order)).value
    return imported.outcome, imported.order_id


class TestImportOrder:
    def test_places_an_order_at_the_prices_of_the_channel(self, shop):
        mug = shop.variant("MUG", 5)
        order = told(
            shipping=euros(300),
            discounts=(OrderDiscount("Sale", None, 100, "EUR"),),
            shipping_address=address(),
            email="ana@example.com",
        )

        outcome, id = tell(shop, order)

        assert outcome is ImportOutcome.CREATED
        placed = shop.order(id)
        assert (placed.number, placed.status) == ("W-1", OrderStatus.OPEN)
        assert placed.current.total == euros(1_400 - 100 + 300)
        assert shop.reserved(mug) == 2
        name = ExternalId("web", "A-1")
        assert shop.world.read(orders_by_external_ids, [name])[name].id == id
        assert shop.broken() == []

    def test_changes_nothing_when_told_again(self, shop):
        shop.variant("MUG", 5)
        _, id = tell(shop, told())
        before = shop.everything()

        assert tell(shop, told()) == (ImportOutcome.UNCHANGED, id)
        assert tell(shop, told("A-1", 1)) == (ImportOutcome.UNCHANGED, id)

        assert shop.everything() == before

    def test_changes_what_the_channel_has_changed(self, shop):
        mug, pen = shop.variant("MUG", 9), shop.variant("PEN", 9)
        _, id = tell(shop, told("A-1", 0, wanted("1", "MUG", 2), wanted("2", "PEN", 1)))

        outcome, _ = tell(
            shop,
            told(
                "A-1",
                1,
                wanted("1", "MUG", 3, 6_000_000, tax=euros(90)),
                wanted("3", "PEN", 4),
                note="Ring twice",
                tax_included=True,
            ),
        )

        assert outcome is ImportOutcome.UPDATED
        assert [(line.sku, line.current_quantity) for line in shop.lines(id)] == [
            ("MUG", 3),
            ("PEN", 0),
            ("PEN", 4),
        ]
        assert shop.lines(id)[0].current.tax == euros(90)
        assert shop.order(id).note == "Ring twice"
        assert (shop.reserved(mug), shop.reserved(pen)) == (3, 4)
        assert shop.broken() == []

    def test_leaves_what_was_edited_here(self, shop):
        shop.variant("MUG", 9)
        _, id = tell(shop, told())
        less = LineChange(line_id=shop.lines(id)[0].id, quantity=1)
        shop.world.run(edit_order, EditOrder(id=id, lines=(less,), note="Called her"))

        outcome, _ = tell(shop, told("A-1", 1, email="ana@example.com"))

        assert outcome is ImportOutcome.UPDATED
        assert shop.lines(id)[0].current_quantity == 1
        assert (shop.order(id).note, shop.order(id).email) == ("Called her", "ana@example.com")

    def test_adds_to_what_was_edited_and_split_off_here(self, shop):
        shop.variant("MUG", 99)
        _, id = tell(shop, told("A-1", 0, wanted("1", "MUG", 10, tax=euros(100))))
        (line,) = shop.lines(id)
        less = LineChange(line_id=line.id, quantity=8)
        shop.world.run(edit_order, EditOrder(id=id, lines=(less,)))
        piece = LineQuantity(line.id, 3)
        shop.world.run(split_order, SplitOrder(id=id, lines=(piece,)))
        shop.ship(id, 2)

        tell(shop, told("A-1", 1, wanted("1", "MUG", 12, tax=euros(120))))
        assert shop.lines(id)[0].current_quantity == 7
        assert shop.lines(id)[0].current.tax < euros(120)
        tell(shop, told("A-1", 2, wanted("1", "MUG", 4, tax=euros(40))))

        assert shop.lines(id)[0].current_quantity == 2
        assert shop.broken() == []

    def test_passes_over_what_is_older_than_what_is_known(self, shop):
        shop.variant("MUG", 9)
        _, id = tell(shop, told("A-1", 5, revision=3))
        before = shop.everything()

        assert tell(shop, told("A-1", 4, wanted("1", "MUG", 9))) == (ImportOutcome.STALE, id)
        late = told("A-1", 5, wanted("1", "MUG", 9), revision=2)
        assert tell(shop, late) == (ImportOutcome.STALE, id)
        called_off = told("A-1", 4, state=CANCELLED)
        assert tell(shop, called_off) == (ImportOutcome.STALE, id)

        assert shop.everything() == before

    def test_knows_what_was_called_off_before_it_was_seen(self, shop):
        shop.variant("MUG", 9)

        assert tell(shop, told("A-1", 5, state=CANCELLED)) == (ImportOutcome.NOTED, None)
        assert tell(shop, told("A-1", 4)) == (ImportOutcome.STALE, None)
        assert list(shop.everything()[1]) == []

        outcome, _ = tell(shop, told("A-1", 6))
        assert outcome is ImportOutcome.CREATED

    def test_cancels_what_the_channel_calls_off(self, shop):
        mug = shop.variant("MUG", 9)
        _, id = tell(shop, told())

        assert tell(shop, told("A-1", 1, state=CANCELLED)) == (ImportOutcome.CANCELLED, id)
        assert tell(shop, told("A-1", 2, state=CANCELLED)) == (ImportOutcome.UNCHANGED, id)

        assert shop.order(id).status is OrderStatus.CANCELLED
        assert shop.reserved(mug) == 0
        assert shop.broken() == []

    def test_lets_wait_what_was_sold_and_is_not_there(self, shop):
        mug = shop.variant("MUG", 1)

        _, id = tell(shop, told())

        assert shop.reserved(mug) == 1
        assert "backorder.made" in shop.events()
        assert shop.order(id).unshipped == 2
        assert shop.broken() == []

    def test_is_refused_where_components_of_a_kit_are_missing(self, shop):
        cup = shop.variant("CUP", 3)
        kit(shop, "SET", (cup, 2), price=price(30_000_000))
        order = told("A-1", 0, wanted("1", "SET", 2))

        assert shop.refused(import_order, ImportOrder(order=order)) == ["INSUFFICIENT_STOCK"]

    def test_holds_orders_with_unknown_skus(self, shop):
        shop.variant("MUG", 9)
        order = told("A-1", 0, wanted("1", "MUG", 1), wanted("2", "???", 3))

        _, id = tell(shop, order)

        _, line = shop.lines(id)
        assert (line.kind, line.sku, line.title) == (LineKind.UNKNOWN, "???", "???")
        assert shop.order(id).has_hold is True
        assert shop.order(id).unshipped == 1
        assert shop.order(id).current.total == euros(2_800)
        assert shop.broken() == []

        shop.variant("???", 9)
        outcome, _ = tell(shop, replace(order, changed_at=NOW + MINUTE, note="x"))
        assert outcome is ImportOutcome.UPDATED
        assert shop.lines(id)[1].current_quantity == 3

    def test_is_refused_with_unknown_skus_where_the_channel_wants_none(self, shop):
        refuse = UpdateChannel(id=shop.channel_id, unknown_skus=UnknownSkus.REFUSE)
        shop.world.run(update_channel, refuse)

        assert shop.refused(import_order, ImportOrder(order=told())) == ["UNKNOWN_SKU"]

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"key": ""}, "INVALID_TEXT"),
            ({"revision": -1}, "OUT_OF_RANGE"),
            ({"lines": ()}, "EMPTY_ORDER"),
            ({"channel": "nowhere"}, "UNKNOWN_CHANNEL"),
            ({"lines": (wanted("1", "MUG", 1), wanted("1", "MUG", 1))}, "DUPLICATE"),
            ({"lines": (wanted("1", "MUG", 0),)}, "OUT_OF_RANGE"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, shop, wrong, code):
        shop.variant("MUG", 9)

        assert shop.refused(import_order, ImportOrder(order=replace(told(), **wrong))) == [code]

    def test_makes_one_order_of_what_is_told_at_once(self, shop):
        mug = shop.variant("MUG", 50)
        orders = [
            told("A-1", minutes % 3, wanted("1", "MUG", 1 + minutes % 3)) for minutes in range(9)
        ]

        came_to = all_at_once(shop, [(import_order, ImportOrder(order=order)) for order in orders])

        assert len({each.order_id for each in came_to}) == 1
        assert shop.reserved(mug) == 3
        assert shop.broken() == []


class TestImportOrders:
    def test_does_each_for_itself(self, shop):
        mug = shop.variant("MUG", 50)
        batch = (
            told("A-1"),
            told("A-2", 0, wanted("1", "MUG", 0)),
            told("A-1", 1, wanted("1", "MUG", 5)),
            told("A-3"),
        )

        came_to = shop.world.run(import_orders, ImportOrders(orders=batch)).value.results

        assert [each.outcome.value for each in came_to] == [
            "created",
            "refused",
            "updated",
            "created",
        ]
        (fault,) = came_to[1].faults
        assert (fault.code, fault.path) == ("OUT_OF_RANGE", ("lines", "0", "quantity"))
        assert shop.reserved(mug) == 7
        assert shop.events().count("order.placed") == 2
        assert shop.broken() == []

    def test_takes_at_most_250(self, shop):
        batch = ImportOrders(orders=(told(),) * 251)

        assert shop.refused(import_orders, batch) == ["TOO_MANY"]
