"""What happens to placed orders, asked for over GraphQL. On both databases."""

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from tests.orders.shop import POSTAGE, goods
from tests.world import caller

EDIT = """
mutation ($id: ID!, $input: OrderEditInput!, $meta: MutationMeta) {
  orderEdit(id: $id, input: $input, meta: $meta) {
    order {
      version
      current { total { amount } }
      lines(first: 10) { nodes { id sku quantity added cancelled currentQuantity } }
    }
    userErrors { code path ... on PiecesShippedError { shipped } }
    effects { kind summary }
    replayed
  }
}
"""
CANCEL = """
mutation ($id: ID!, $input: OrderCancelInput!, $meta: MutationMeta) {
  orderCancel(id: $id, input: $input, meta: $meta) {
    order { status uncancelUntil } userErrors { code } effects { kind summary } } }
"""
UNCANCEL = """
mutation ($id: ID!) {
  orderUncancel(id: $id, input: {settlement: CHARGE}) {
    order { status number } userErrors { code } effects { kind } } }
"""


def placed(shop, *lines):
    id = shop.place(*lines)
    return ids.text("ord", id), [ids.text("oln", line.id) for line in shop.lines(id)]


class TestOrderEdit:
    async def test_is_previewed_and_done_by_the_same_mutation(self, shop):
        shop.variant("MUG", 5)
        shop.variant("PEN", 5)
        id, (mug, postage) = placed(shop, goods("MUG", 3), POSTAGE)
        input = {
            "lines": [
                {"lineId": mug, "quantity": 1, "unitPrice": {"amount": "8.00", "currency": "EUR"}},
                {"lineId": postage, "quantity": 0},
            ],
            "addLines": [{"sku": "PEN", "quantity": 2}],
            "settlement": "REFUND",
        }

        async def ask(**meta):
            answer = await shop.world.graphql(EDIT, id=id, input=input, meta=meta)
            return answer["orderEdit"]

        would = await ask(dryRun=True)
        done = await ask(expectedVersion=2, idempotencyKey="one")
        again = await ask(expectedVersion=2, idempotencyKey="one")

        assert would["order"]["current"] == done["order"]["current"]
        assert done["order"]["current"]["total"]["amount"] == "28.00"
        assert [
            (each["sku"], each["quantity"], each["added"], each["cancelled"])
            for each in done["order"]["lines"]["nodes"]
        ] == [("MUG", 3, 0, 2), ("POST", 1, 0, 1), ("PEN", 2, 2, 0)]
        assert [each["kind"] for each in would["effects"]] == [
            each["kind"] for each in done["effects"]
        ]
        assert again["replayed"] is True
        assert shop.broken() == []

    async def test_says_what_has_left_the_house(self, shop):
        shop.variant("MUG", 5)
        id = shop.place(goods("MUG", 3))
        shop.ship(id, 2)
        input = {"lines": [{"lineId": ids.text("oln", shop.lines(id)[0].id), "quantity": 1}]}

        answer = await shop.world.graphql(EDIT, id=ids.text("ord", id), input=input)

        assert answer["orderEdit"]["userErrors"] == [
            {
                "code": "PIECES_SHIPPED",
                "path": ["input", "lines", "0", "quantity"],
                "shipped": 2,
            }
        ]

    async def test_needs_the_right_to_write_orders(self, shop):
        id, _ = placed(shop, POSTAGE)
        reader = caller(Scope.ORDERS_READ)

        answer = await shop.world.ask(EDIT, id=id, input={"note": "x"}, caller=reader)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestOrderCancel:
    async def test_shows_the_plan_and_is_undone(self, shop):
        shop.variant("MUG", 5)
        id, _ = placed(shop, goods("MUG", 3))
        input = {"reason": "CUSTOMER", "settlement": "REFUND"}

        plan = await shop.world.graphql(CANCEL, id=id, input=input, meta={"dryRun": True})
        done = await shop.world.graphql(CANCEL, id=id, input=input)
        undone = await shop.world.graphql(UNCANCEL, id=id)

        assert [each["summary"] for each in plan["orderCancel"]["effects"]] == [
            "Order W-1 was cancelled.",
            "Order W-1 comes to another amount: refund.",
            "3 reserved pieces were released.",
        ]
        assert done["orderCancel"]["order"]["status"] == "CANCELLED"
        assert done["orderCancel"]["order"]["uncancelUntil"] is not None
        assert undone["orderUncancel"]["order"] == {"status": "OPEN", "number": "W-1"}
        assert undone["orderUncancel"]["effects"][1] == {"kind": "order.to_settle"}


IMPORT = """
mutation ($input: ChannelOrderInput!) {
  orderImport(input: $input) {
    outcome
    order { number current { total { amount } } externalIds { system key } }
    userErrors { code path }
  }
}
"""
IMPORT_BATCH = """
mutation ($orders: [ChannelOrderInput!]!) {
  orderImportBatch(input: {orders: $orders}) {
    results { externalId outcome order { number } faults { code message path } }
    userErrors { code }
  }
}
"""


def from_channel(key, sku="MUG", **values):
    price = {"amount": "7.00", "currency": "EUR"}
    return {
        "channel": {"code": "web"},
        "externalId": key,
        "changedAt": "2025-03-01T09:00:00Z",
        "lines": [{"externalId": "1", "sku": sku, "quantity": 2, "unitPrice": price}],
        **values,
    }


class TestOrderImport:
    async def test_says_what_became_of_the_order(self, shop):
        shop.variant("MUG", 5)

        made = await shop.world.graphql(IMPORT, input=from_channel("A-1"))
        late = from_channel("A-1", changedAt="2025-03-01T08:59:59Z")
        stale = await shop.world.graphql(IMPORT, input=late)
        wrong = await shop.world.graphql(IMPORT, input=from_channel("A-2", lines=[]))

        assert made["orderImport"]["outcome"] == "CREATED"
        assert made["orderImport"]["order"] == {
            "number": "W-1",
            "current": {"total": {"amount": "14.00"}},
            "externalIds": [{"system": "web", "key": "A-1"}],
        }
        assert stale["orderImport"]["outcome"] == "STALE"
        assert wrong["orderImport"] == {
            "outcome": None,
            "order": None,
            "userErrors": [{"code": "EMPTY_ORDER", "path": ["input", "lines"]}],
        }

    async def test_does_each_of_several_for_itself(self, shop):
        shop.variant("MUG", 5)
        bad = from_channel("A-2", email="nobody")
        orders = [from_channel("A-1"), bad, from_channel("A-3", state="CANCELLED")]

        answer = await shop.world.graphql(IMPORT_BATCH, orders=orders)

        first, second, third = answer["orderImportBatch"]["results"]
        assert (first["outcome"], first["order"]) == ("CREATED", {"number": "W-1"})
        assert (second["outcome"], second["faults"][0]["path"]) == ("REFUSED", ["email"])
        assert (third["outcome"], third["order"]) == ("NOTED", None)
