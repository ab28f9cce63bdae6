"""What channels say of their stock, compared with what they were told. On both databases."""

from datetime import timedelta

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.commands.channel_drift import (
    ReconcileChannelStock,
    TellChannelStock,
    reconcile_channel_stock,
    tell_channel_stock,
)
from backoffice_api.domain.orders.model.channel_drift import ChannelReport
from tests.orders.shop import goods
from tests.world import NOW

RECONCILE = """
mutation ($input: ChannelStockReconcileInput!, $meta: MutationMeta) {
  channelStockReconcile(input: $input, meta: $meta) {
    lines { reported expected drift quantity variant { sku } }
    userErrors { code path } effects { kind }
  }
}
"""
HOUR = timedelta(hours=1)


def compared(shop, now, **reported):
    lines = tuple(ChannelReport(variant_id=id, quantity=many) for id, many in reported["lines"])
    command = ReconcileChannelStock(channel_id=shop.channel_id, lines=lines)
    found = shop.world.run(reconcile_channel_stock, command, now=now).value.lines
    return [(each.expected, each.drift, each.quantity) for each in found]


class TestChannelDrift:
    def test_is_what_it_says_beyond_what_it_was_told_and_has_not_sold(self, shop):
        mug, cup = shop.variant("MUG", 10), shop.variant("CUP", 5)
        telling = TellChannelStock(channel_id=shop.channel_id, variant_ids=(mug, cup))
        told = shop.world.run(tell_channel_stock, telling, now=NOW).value
        assert [each.quantity for each in told.lines] == [10, 5]
        shop.place(goods("MUG", 3), now=NOW + HOUR)

        said = ((mug, 7), (cup, 9))
        assert compared(shop, NOW + 2 * HOUR, lines=said) == [(7, 0, 7), (5, 4, 5)]
        # It was told again: once it believes that, nothing drifts.
        assert compared(shop, NOW + 3 * HOUR, lines=((cup, 5),)) == [(5, 0, 5)]

    async def test_is_only_compared_in_a_dry_run_and_told_of_otherwise(self, shop):
        mug = shop.variant("MUG", 10)
        lines = [{"variantId": ids.text("sku", mug), "quantity": 4}]
        input = {"channelId": ids.text("chn", shop.channel_id), "lines": lines}
        line = {"reported": 4, "drift": None, "quantity": 10, "variant": {"sku": "MUG"}}

        for meta in ({"dryRun": True}, {}):
            answer = await shop.world.graphql(RECONCILE, input=input, meta=meta)
            assert answer["channelStockReconcile"] == {
                "lines": [{**line, "expected": None}],
                "userErrors": [],
                "effects": [{"kind": "channel.stock_drifted"}],
            }
        twice = await shop.world.graphql(RECONCILE, input={**input, "lines": lines * 2})
        assert [each["code"] for each in twice["channelStockReconcile"]["userErrors"]] == [
            "DUPLICATE"
        ]
