"""Buffers and caps: what a channel may sell of the stock. On both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.orders.commands.buffers import (
    RemoveChannelStockRule,
    SetChannelStockRules,
    StockRuleDraft,
    remove_channel_stock_rule,
    set_channel_stock_rules,
)
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.domain.orders.queries import channel_stock as queries
from backoffice_api.domain.stock.model.levels import InsufficientStock, Withheld
from tests.databases import count_statements
from tests.orders.shop import goods
from tests.stock.depot import shown


def put(shop, *drafts: StockRuleDraft):
    command = SetChannelStockRules(rules=drafts)
    return shop.world.run(set_channel_stock_rules, command).value.rule_ids


def rule(shop, variant=None, **values) -> StockRuleDraft:
    return StockRuleDraft(channel_id=shop.channel_id, variant_id=variant, **values)


def shortage(shop, quantity: int, channel: str = "web") -> int | None:
    """How many mugs could be had when so many are ordered. None: so many can be."""
    command = CreateOrder(channel=channel, lines=(goods("MUG", quantity),), place=True)
    try:
        shop.world.run(create_order, command, dry_run=True)
    except InsufficientStock as refusal:
        return refusal.shortages[0].available
    return None


class TestWithheld:
    @given(st.integers(-10, 100), st.integers(0, 100), st.none() | st.integers(0, 100))
    def test_leaves_no_more_than_there_is(self, available, buffer, cap) -> None:
        left = Withheld(buffer, cap).left_of(available)

        assert 0 <= left <= max(0, available)
        assert left + buffer <= max(available, buffer)
        assert cap is None or left <= cap


class TestRules:
    def test_keep_the_last_pieces_from_a_channel_only(self, shop) -> None:
        mug = shop.variant("MUG", 6, 4)
        other = CreateChannel(code="shop", name="Shop", currency="EUR")
        shop.world.run(create_channel, other)
        put(shop, rule(shop, mug, buffer=3))

        assert [shortage(shop, quantity) for quantity in (7, 8)] == [None, 7]
        assert [shortage(shop, quantity, "shop") for quantity in (10, 11)] == [None, 10]
        shop.place(goods("MUG", 7))
        assert shortage(shop, 1) == 0
        assert shop.broken() == []

    def test_cap_what_can_be_ordered_at_once(self, shop) -> None:
        mug = shop.variant("MUG", 10)
        put(shop, rule(shop, mug, cap=4))

        assert [shortage(shop, quantity) for quantity in (4, 5)] == [None, 4]

    def test_of_a_variant_stand_before_those_of_all(self, shop) -> None:
        mug = shop.variant("MUG", 10)
        whole, own = put(shop, rule(shop, buffer=9), rule(shop, mug, buffer=1))

        assert shortage(shop, 10) == 9
        remove = RemoveChannelStockRule(id=own)
        shop.world.run(remove_channel_stock_rule, remove)
        assert shortage(shop, 10) == 1
        assert put(shop, rule(shop, buffer=0)) == (whole,)
        assert shortage(shop, 10) is None

    def test_hold_against_many_at_once(self, shop) -> None:
        mug = shop.variant("MUG", 20)
        put(shop, rule(shop, mug, buffer=5))
        command = CreateOrder(channel="web", lines=(goods("MUG"),), place=True)

        def one(_number: int) -> bool:
            try:
                shop.world.run(create_order, command)
            except DomainError:
                return False
            return True

        workers = 2 if shop.world.database.dialect == "sqlite" else 6
        with ThreadPoolExecutor(workers) as buyers:
            assert sum(buyers.map(one, range(30))) == 15
        assert shop.position(mug).available == 5

    @pytest.mark.parametrize(
        ("values", "code"),
        [({"buffer": -1}, "OUT_OF_RANGE"), ({"cap": -1}, "OUT_OF_RANGE")],
    )
    def test_are_refused(self, shop, values, code) -> None:
        command = SetChannelStockRules(rules=(rule(shop, **values),))

        assert shop.refused(set_channel_stock_rules, command) == [code]

    def test_are_named_once(self, shop) -> None:
        command = SetChannelStockRules(rules=(rule(shop), rule(shop)))

        assert shop.refused(set_channel_stock_rules, command) == ["DUPLICATE"]


class TestGraphQL:
    async def test_sets_lists_and_shows_what_may_be_sold(self, shop) -> None:
        mug, pen = shop.variant("MUG", 10), shop.variant("PEN", 3)
        channel, first, second = (
            shown("chn", shop.channel_id),
            shown("sku", mug),
            shown("sku", pen),
        )
        document = """
        mutation ($input: ChannelStockRulesSetInput!) {
          channelStockRulesSet(input: $input) {
            rules { id buffer cap variant { sku } channel { code } timeline { nodes { type } } }
            userErrors { code path }
          }
        }
        """
        rules = [
            {"channelId": channel, "variantId": first, "buffer": 2, "cap": 5},
            {"channelId": channel, "buffer": 4},
        ]

        made = await shop.world.graphql(document, input={"rules": rules})
        with count_statements(shop.world.database) as seen:
            found = await shop.world.graphql(
                """
                query ($channel: ID!, $variants: [ID!]!) {
                  channelStock(channelId: $channel, variantIds: $variants) {
                    quantity available buffer cap variant { sku }
                  }
                }
                """,
                channel=channel,
                variants=[second, first],
            )
        listed = await shop.world.graphql(
            "query ($id: ID!) { channelStockRules { nodes { buffer } } "
            "channel(by: {id: $id}) { stockRules { nodes { cap } } } }",
            id=channel,
        )

        shape = [
            (each["buffer"], each["cap"], each["variant"], each["timeline"]["nodes"])
            for each in made["channelStockRulesSet"]["rules"]
        ]
        told = [{"type": "channel_stock_rule.set"}]
        assert shape == [(2, 5, {"sku": "MUG"}, told), (4, None, None, told)]
        assert found["channelStock"] == [
            {"quantity": 0, "available": 3, "buffer": 4, "cap": None, "variant": {"sku": "PEN"}},
            {"quantity": 5, "available": 10, "buffer": 2, "cap": 5, "variant": {"sku": "MUG"}},
        ]
        assert len([each for each in seen if each.startswith("SELECT")]) == 3
        assert listed == {
            "channelStockRules": {"nodes": [{"buffer": 4}, {"buffer": 2}]},
            "channel": {"stockRules": {"nodes": [{"cap": None}, {"cap": 5}]}},
        }

    async def test_keeps_nothing_from_who_has_no_rule(self, shop) -> None:
        mug = shop.variant("MUG", 10)

        stock = shop.world.read(queries.channel_stock, shop.channel_id, [mug])

        assert [(each.quantity, each.buffer, each.cap) for each in stock] == [(10, 0, None)]
