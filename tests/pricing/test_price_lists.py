"""Price lists over GraphQL: made, changed, given prices, listed. On both databases."""

from dataclasses import replace
from uuid import UUID

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.pricing.commands.lists import (
    ArchivePriceList,
    CreatePriceList,
    SetListPrices,
    UpdatePriceList,
    archive_price_list,
    create_price_list,
    set_list_prices,
    update_price_list,
)
from backoffice_api.domain.pricing.model.lists import PRICES_MAX
from tests.databases import count_statements
from tests.pricing.market import DAY, euro
from tests.world import NOW, caller

SHOWN = """
  id version code name currency customerTag priority validFrom validTo status
  actions { name allowed }
  channel { code }
  prices { nodes { minimumQuantity unitPrice { amount } validTo variant { sku } } }
  timeline { nodes { type } }
"""
CREATE = f"""
mutation ($input: PriceListCreateInput!, $meta: MutationMeta) {{
  priceListCreate(input: $input, meta: $meta) {{
    priceList {{ {SHOWN} }} userErrors {{ code path }} replayed
  }}
}}
"""
SET = """
mutation ($id: ID!, $input: PriceListSetPricesInput!, $meta: MutationMeta) {
  priceListSetPrices(id: $id, input: $input, meta: $meta) {
    priceList { version prices { nodes { unitPrice { amount } minimumQuantity } } }
    userErrors { code path } effects { summary } replayed
  }
}
"""


class TestCreatePriceList:
    async def test_makes_a_draft(self, market):
        channel = ids.text("chn", market.channel_id)
        input = {"code": "SALE", "name": "Sale", "currency": "EUR", "channelId": channel}

        answer = await market.world.graphql(
            CREATE, input=input, meta={"idempotencyKey": "k", "reason": "why"}
        )

        made = answer["priceListCreate"]["priceList"]
        assert made == {
            "id": made["id"],
            "version": 1,
            "code": "SALE",
            "name": "Sale",
            "currency": "EUR",
            "customerTag": None,
            "priority": 100,
            "validFrom": None,
            "validTo": None,
            "status": "DRAFT",
            "actions": [
                {"name": "update", "allowed": True},
                {"name": "set_prices", "allowed": True},
                {"name": "activate", "allowed": True},
                {"name": "archive", "allowed": True},
            ],
            "channel": {"code": "web"},
            "prices": {"nodes": []},
            "timeline": {"nodes": [{"type": "price_list.created"}]},
        }
        again = await market.world.graphql(
            CREATE, input=input, meta={"idempotencyKey": "k", "reason": "why"}
        )
        assert again["priceListCreate"]["replayed"]

    @pytest.mark.parametrize(
        ("wrong", "codes"),
        [
            ({"code": ""}, ["INVALID_TEXT"]),
            ({"code": "SALE"}, ["PRICE_LIST_CODE_TAKEN"]),
            ({"currency": "XXX"}, ["UNKNOWN_CURRENCY"]),
            ({"priority": -1}, ["OUT_OF_RANGE"]),
            ({"customer_tag": "x" * 61}, ["INVALID_TEXT"]),
            ({"channel_id": UUID(int=1)}, ["UNKNOWN_PRICE_CHANNEL"]),
            ({"valid_from": NOW, "valid_to": NOW}, ["ENDS_BEFORE_IT_BEGINS"]),
        ],
    )
    def test_refuses(self, market, wrong, codes):
        market.draft_list("SALE")
        given = {"code": "NEW", "name": "New", "currency": "EUR", **wrong}

        assert market.refused(create_price_list, CreatePriceList(**given)) == codes


class TestUpdatePriceList:
    async def test_changes_what_is_given_and_tells(self, market):
        sale = market.list("SALE")
        document = f"""
        mutation ($id: ID!, $input: PriceListUpdateInput!) {{
          priceListUpdate(id: $id, input: $input) {{ priceList {{ {SHOWN} }} }}
          priceListArchive(id: $id) {{ priceList {{ status }} userErrors {{ code }} }}
        }}
        """
        input = {"name": "Big sale", "validTo": "2030-01-01T00:00:00Z", "priority": 7}

        answer = await market.world.graphql(document, id=ids.text("pls", sale), input=input)

        changed = answer["priceListUpdate"]["priceList"]
        assert (changed["name"], changed["priority"]) == ("Big sale", 7)
        assert changed["validTo"] == "2030-01-01T00:00:00Z"
        assert answer["priceListArchive"]["priceList"] == {"status": "ARCHIVED"}
        command = UpdatePriceList(id=sale, name="Again")
        assert market.refused(update_price_list, command) == ["INVALID_TRANSITION"]
        command = ArchivePriceList(id=sale)
        assert market.refused(archive_price_list, command) == ["INVALID_TRANSITION"]


class TestSetPrices:
    async def test_gives_prices_with_breaks(self, market):
        sale = market.list("SALE")
        cup = ids.text("sku", market.cup)
        prices = [
            {"variantId": cup, "unitPrice": {"amount": "8", "currency": "EUR"}},
            {
                "variantId": cup,
                "unitPrice": {"amount": "7.5", "currency": "EUR"},
                "minimumQuantity": 10,
            },
        ]
        given = {"id": ids.text("pls", sale), "input": {"prices": prices}}

        dry = await market.world.graphql(SET, **given, meta={"dryRun": True})
        assert len(dry["priceListSetPrices"]["priceList"]["prices"]["nodes"]) == 2
        assert market.costs() == 10
        answer = await market.world.graphql(SET, **given, meta={"expectedVersion": 3})

        shown = answer["priceListSetPrices"]
        assert shown["effects"] == [{"summary": "2 prices were set in list SALE."}]
        assert (market.costs(at=NOW + 9_999 * DAY), shown["userErrors"]) == (8, [])

    @pytest.mark.parametrize(
        ("wrong", "codes"),
        [
            ({"variant_id": UUID(int=1)}, ["UNKNOWN_VARIANT"]),
            ({"unit_price": UnitPrice(1, "USD")}, ["CURRENCY_MISMATCH"]),
            ({"unit_price": UnitPrice(-1, "EUR")}, ["NEGATIVE_PRICE"]),
            ({"minimum_quantity": 0}, ["OUT_OF_RANGE"]),
            ({"valid_from": NOW - DAY}, ["PAST_PRICE"]),
            ({"valid_to": NOW}, ["ENDS_BEFORE_IT_BEGINS"]),
        ],
    )
    def test_refuses(self, market, wrong, codes):
        sale = market.list("SALE")
        command = SetListPrices(id=sale, prices=(replace(market.price(1), **wrong),))

        assert market.refused(set_list_prices, command) == codes

    def test_refuses_too_many_and_the_same_twice(self, market):
        sale = market.list("SALE")
        price = market.price(1)

        for count, code in ((2, "DUPLICATE"), (PRICES_MAX + 1, "TOO_MANY")):
            command = SetListPrices(id=sale, prices=(price,) * count)
            assert market.refused(set_list_prices, command) == [code]

    def test_takes_as_many_statements_for_a_hundred_as_for_one(self, market):
        sale = market.list("SALE")
        counts = []
        for number in (1, 100):
            prices = tuple(market.price(each + 1, each + 1) for each in range(number))
            with count_statements(market.world.database) as statements:
                market.set(sale, *prices, now=NOW + number * DAY)
            counts.append(len(statements))

        assert counts[0] == counts[1]


class TestLists:
    async def test_show_price_lists(self, market):
        market.list("A", market.price(1), customer_tag="vip")
        market.draft_list("B")
        document = """
        query ($variant: ID!) {
          priceLists(sort: {key: CODE, direction: ASC}) { nodes { code } }
          with: priceLists(filter: {variantId: {eq: $variant}, status: [ACTIVE]}) { nodes { code } }
          priceListsCount(filter: {customerTag: {eq: "vip"}}) { value }
          priceList(by: {code: "A"}) { prices(filter: {variantId: {eq: $variant}}) {
            nodes { unitPrice { amount } } } }
        }
        """

        answer = await market.world.graphql(document, variant=ids.text("sku", market.cup))

        assert answer == {
            "priceLists": {"nodes": [{"code": "A"}, {"code": "B"}]},
            "with": {"nodes": [{"code": "A"}]},
            "priceListsCount": {"value": 1},
            "priceList": {"prices": {"nodes": [{"unitPrice": {"amount": "1.00"}}]}},
        }
        assert market.costs(tags=["vip"]) == euro(1).micro // 1_000_000

    @pytest.mark.parametrize(
        "document",
        [
            'mutation { priceListCreate(input: {code: "A", name: "A", currency: "EUR"}) '
            "{ replayed } }",
            'mutation { priceListUpdate(id: "x", input: {}) { replayed } }',
            'mutation { priceListActivate(id: "x") { replayed } }',
            'mutation { priceListArchive(id: "x") { replayed } }',
            'mutation { priceListSetPrices(id: "x", input: {prices: []}) { replayed } }',
            "{ priceLists { nodes { id } } }",
            "{ priceListsCount { value } }",
            '{ priceList(by: {code: "A"}) { id } }',
        ],
    )
    async def test_and_mutations_take_the_rights_of_products(self, market, document):
        somebody = caller(*ALL_SCOPES - {Scope.PRODUCTS_READ, Scope.PRODUCTS_WRITE})

        answer = await market.world.ask(document, caller=somebody)

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
