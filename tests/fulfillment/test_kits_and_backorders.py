"""Kits, which stay whole, and goods that have still to come, on both databases."""

from backoffice_api.domain.fulfillment.commands.keeping import (
    FillFulfillments,
    fill_fulfillments,
)
from backoffice_api.domain.fulfillment.commands.shaping import SplitFulfillment, split_fulfillment
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState, LinePieces
from backoffice_api.domain.fulfillment.model.picking import Picking
from backoffice_api.domain.orders.commands.backorders import FillBackorders, fill_backorders
from backoffice_api.domain.orders.commands.buffers import (
    SetChannelStockRules,
    StockRuleDraft,
    set_channel_stock_rules,
)
from backoffice_api.domain.orders.model.orders import FulfillmentStatus
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.model.levels import AdjustLine
from tests.orders.kits import kit
from tests.orders.shop import goods

S = FulfillmentState


class TestKits:
    def test_are_sent_whole_and_by_component(self, hall):
        cup, dish = hall.variant("CUP", 4, 9), hall.variant("DISH", 9, 9)
        kit(hall, "SET", (cup, 1), (dish, 2))
        order = hall.place(goods("SET", 3))
        (id,) = hall.plan(order)
        assert sorted(hall.counts(id)) == [(3, 0, 0, 0), (6, 0, 0, 0)]
        broken = (LinePieces(line_id=hall.rows(id)[0].id, quantity=1),)
        assert hall.refused(split_fulfillment, SplitFulfillment(id=id, lines=broken)) == [
            "KIT_BROKEN"
        ]
        hall.release(id)
        cups = next(each for each in hall.rows(id) if each.variant_id == cup)
        dishes = next(each for each in hall.rows(id) if each.variant_id == dish)
        hall.pick(id, Picking(line_id=cups.id, quantity=2), Picking(line_id=dishes.id, quantity=6))

        hall.short(id)

        assert sorted(hall.counts(id)) == [(2, 2, 0, 0), (4, 4, 0, 0)]
        (other,) = [each for each in hall.of_order(order) if each.id != id]
        assert sorted(hall.counts(other.id)) == [(1, 0, 0, 0), (2, 0, 0, 0)]
        assert hall.broken() == []
        hall.pack(id)
        hall.send(id)
        hall.packed(other.id)
        hall.send(other.id)
        assert hall.order(order).fulfillment_status is FulfillmentStatus.SHIPPED
        assert hall.broken() == []


class TestBackorders:
    def test_are_planned_when_goods_come(self, hall):
        kept = hall.variant("A", 2)
        rule = StockRuleDraft(channel_id=hall.channel_id, variant_id=kept, backorder_limit=9)
        hall.world.run(set_channel_stock_rules, SetChannelStockRules(rules=(rule,)))
        order = hall.place(goods("A", 5))

        now, later = hall.plan(order)
        assert (hall.counts(now), hall.counts(later)) == ([(2, 0, 0, 0)], [(3, 0, 0, 0)])
        assert hall.of(later).status is S.BACKORDERED
        line = AdjustLine(variant_id=kept, location_id=hall.south, set_to=9)
        hall.world.run(adjust_stock, AdjustStock(lines=(line,)))
        hall.world.run(fill_backorders, FillBackorders())
        hall.world.run(fill_fulfillments, FillFulfillments())

        assert hall.of(later).status is S.CANCELLED
        (fresh,) = [each for each in hall.of_order(order) if each.id not in (now, later)]
        assert (fresh.status, hall.counts(fresh.id)) == (S.PLANNED, [(3, 0, 0, 0)])
        assert hall.broken() == []
