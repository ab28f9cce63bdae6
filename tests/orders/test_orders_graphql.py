"""Orders over GraphQL, on both databases."""

import pytest

from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.kernel import ids
from tests.orders.shop import POSTAGE, goods

CREATE = """
mutation ($input: OrderCreateInput!, $meta: MutationMeta) {
  orderCreate(input: $input, meta: $meta) {
    order {
      id version number status fulfillmentStatus hasHold placedAt recorded note email phone
      currency taxIncluded total { amount currency minorUnits } channel { code }
      customer { name } externalIds { system key } discounts { label code amount { amount } }
      ordered { subtotal { amount } discount { amount } shipping { amount } tax { amount }
        total { amount } }
      shippingAddress { recipient lines city region postalCode country }
      billingAddress { recipient }
      lines { nodes {
        position kind sku title quantity currentQuantity cancelled shipped returned priceGiven
        unitPrice { amount } ordered { subtotal { amount } discount { amount } tax { amount } }
        variant { sku product { title } }
      } }
    }
    userErrors {
      code message path
      ... on InsufficientStockError { shortages { sku requested available } }
    }
    effects { kind summary }
    replayed
  }
}
"""

ADDRESS = {
    "recipient": "Ana Silva",
    "lines": ["Rua Augusta 1"],
    "city": "São Paulo",
    "region": "SP",
    "postalCode": "01304-001",
    "country": "BR",
}


def amount(value):
    return {"amount": value}


def in_euros(value):
    return {"amount": value, "currency": "EUR"}


def mutation(name, input_type, fields="order { status }"):
    return f"""
    mutation ($id: ID!, $input: {input_type}!, $meta: MutationMeta) {{
      {name}(id: $id, input: $input, meta: $meta) {{
        {fields} userErrors {{ code path }} effects {{ kind }}
      }}
    }}
    """


def verb(name, fields="order { status }"):
    return f"""
    mutation ($id: ID!, $meta: MutationMeta) {{
      {name}(id: $id, meta: $meta) {{ {fields} userErrors {{ code path }} effects {{ kind }} }}
    }}
    """


LEFT_TO_SETTLE = """
mutation ($id: ID!) {
  orderClose(id: $id) {
    userErrors { code ... on LeftToSettleError { outstanding { amount currency } settledBy } }
  }
}
"""


class TestOrderCreate:
    async def test_places_an_order_with_everything(self, shop):
        shop.variant("MUG", 5)
        draft = CustomerDraft(kind=CustomerKind.PERSON, name="Ana")
        customer = shop.world.run(create_customer, CreateCustomer(draft=draft)).value
        input = {
            "channel": {"code": "web"},
            "customerId": ids.text("cus", customer),
            "lines": [
                {"sku": "MUG", "quantity": 3, "tax": in_euros("5.70")},
                {
                    "kind": "CHARGE",
                    "sku": "WRAP",
                    "title": "Gift wrap",
                    "quantity": 1,
                    "unitPrice": in_euros("2.005"),
                },
            ],
            "discounts": [{"label": "Welcome", "code": "HI", "amount": in_euros("1.00")}],
            "shipping": in_euros("4.50"),
            "shippingTax": in_euros("0.86"),
            "shippingAddress": ADDRESS,
            "email": "ana@example.com",
            "phone": "+55 11 91234-5678",
            "note": "Ring twice.",
            "externalIds": [{"system": "shop", "key": "77"}],
            "place": True,
        }

        answer = (await shop.world.graphql(CREATE, input=input))["orderCreate"]

        assert answer["userErrors"] == []
        order = answer["order"]
        lines = order.pop("lines")["nodes"]
        assert order.pop("id").startswith("ord_")
        assert order == {
            "version": 2,
            "number": "W-1",
            "status": "OPEN",
            "fulfillmentStatus": "ALLOCATED",
            "hasHold": False,
            "placedAt": order["placedAt"],
            "recorded": False,
            "note": "Ring twice.",
            "email": "ana@example.com",
            "phone": "+5511912345678",
            "currency": "EUR",
            "taxIncluded": False,
            "total": {"amount": "42.06", "currency": "EUR", "minorUnits": "4206"},
            "channel": {"code": "web"},
            "customer": {"name": "Ana"},
            "externalIds": [{"system": "shop", "key": "77"}],
            "discounts": [{"label": "Welcome", "code": "HI", "amount": amount("1.00")}],
            "ordered": {
                "subtotal": amount("32.00"),
                "discount": amount("1.00"),
                "shipping": amount("4.50"),
                "tax": amount("6.56"),
                "total": amount("42.06"),
            },
            "shippingAddress": ADDRESS,
            "billingAddress": None,
        }
        assert lines == [
            {
                "position": 0,
                "kind": "GOODS",
                "sku": "MUG",
                "title": "Thing MUG",
                "quantity": 3,
                "currentQuantity": 3,
                "cancelled": 0,
                "shipped": 0,
                "returned": 0,
                "priceGiven": False,
                "unitPrice": amount("10.00"),
                "ordered": {
                    "subtotal": amount("30.00"),
                    "discount": amount("0.94"),
                    "tax": amount("5.70"),
                },
                "variant": {"sku": "MUG", "product": {"title": "Thing MUG"}},
            },
            {
                "position": 1,
                "kind": "CHARGE",
                "sku": "WRAP",
                "title": "Gift wrap",
                "quantity": 1,
                "currentQuantity": 1,
                "cancelled": 0,
                "shipped": 0,
                "returned": 0,
                "priceGiven": True,
                "unitPrice": amount("2.005"),
                "ordered": {
                    "subtotal": amount("2.00"),
                    "discount": amount("0.06"),
                    "tax": amount("0.00"),
                },
                "variant": None,
            },
        ]
        assert [each["summary"] for each in answer["effects"]] == [
            "A draft was made.",
            "3 pieces were reserved.",
            "Order W-1 was placed: 42.06 EUR.",
        ]
        assert shop.broken() == []

    async def test_says_what_is_missing(self, shop):
        shop.variant("MUG", 2)
        lines = [{"sku": "MUG", "quantity": 1}, {"sku": "MUG", "quantity": 3}]
        input = {"channel": {"code": "web"}, "lines": lines, "place": True}

        answer = (await shop.world.graphql(CREATE, input=input))["orderCreate"]

        assert answer["order"] is None
        assert answer["userErrors"] == [
            {
                "code": "INSUFFICIENT_STOCK",
                "message": "There is not enough stock.",
                "path": None,
                "shortages": [{"sku": "MUG", "requested": 4, "available": 2}],
            }
        ]

    async def test_shows_in_a_dry_run_what_would_be(self, shop):
        mug = shop.variant("MUG", 2)
        lines = [{"variantId": ids.text("sku", mug), "quantity": 2}]
        channel = {"id": ids.text("chn", shop.channel_id)}
        input = {"channel": channel, "lines": lines, "place": True}

        answer = await shop.world.graphql(CREATE, input=input, meta={"dryRun": True})

        assert answer["orderCreate"]["order"]["number"] == "W-1"
        assert answer["orderCreate"]["order"]["total"]["amount"] == "20.00"
        assert shop.everything()[1] == []
        assert shop.reserved(mug) == 0

    async def test_answers_a_repeated_key_with_the_first_order(self, shop):
        shop.variant("MUG", 2)
        lines = [{"sku": "MUG", "quantity": 1}]
        input = {"channel": {"code": "web"}, "lines": lines, "place": True}
        meta = {"idempotencyKey": "one"}

        first = (await shop.world.graphql(CREATE, input=input, meta=meta))["orderCreate"]
        second = (await shop.world.graphql(CREATE, input=input, meta=meta))["orderCreate"]

        assert (first.pop("replayed"), second.pop("replayed")) == (False, True)
        assert first == second

    async def test_points_at_what_is_wrong(self, shop):
        input = {
            "channel": {"code": "web"},
            "lines": [{"sku": "ELSE", "quantity": 1}],
            "shippingAddress": {**ADDRESS, "postalCode": "0" * 21},
        }

        answer = (await shop.world.graphql(CREATE, input=input))["orderCreate"]

        assert [(each["code"], each["path"]) for each in answer["userErrors"]] == [
            ("UNKNOWN_VARIANT", ["input", "lines", "0", "sku"]),
            ("INVALID_TEXT", ["input", "shippingAddress", "postalCode"]),
        ]


class TestOrderUpdate:
    async def test_keeps_what_is_absent_and_clears_what_is_null(self, shop):
        shop.variant("MUG", 5)
        input = {
            "channel": {"code": "web"},
            "lines": [{"sku": "MUG", "quantity": 3}],
            "shipping": in_euros("4.50"),
            "shippingAddress": ADDRESS,
            "email": "ana@example.com",
        }
        made = (await shop.world.graphql(CREATE, input=input))["orderCreate"]["order"]
        fields = "order { email note total { amount } shippingAddress { city } }"
        document = mutation("orderUpdate", "OrderUpdateInput", fields)

        async def update(**input):
            answer = await shop.world.graphql(document, id=made["id"], input=input)
            assert answer["orderUpdate"]["userErrors"] == []
            return answer["orderUpdate"]["order"]

        city = {"city": "São Paulo"}
        assert await update(note="New") == {
            "email": "ana@example.com",
            "note": "New",
            "total": amount("34.50"),
            "shippingAddress": city,
        }
        assert await update(email=None, shipping=None, shippingAddress=None) == {
            "email": None,
            "note": "New",
            "total": amount("30.00"),
            "shippingAddress": None,
        }
        lines = [{"sku": "MUG", "quantity": 1}]
        changed = await update(lines=lines, shipping=in_euros("1.00"), shippingTax=in_euros("0.10"))
        assert changed["total"] == amount("11.10")
        assert (await update(lines=[], shippingTax=None))["total"] == amount("1.00")
        assert shop.broken() == []


class TestOrderVerbs:
    async def test_lead_a_draft_to_its_end(self, shop):
        shop.variant("MUG", 5)
        id = ids.text("ord", shop.create(goods("MUG", 3)))

        async def run(document, **variables):
            (answer,) = (await shop.world.graphql(document, id=id, **variables)).values()
            assert answer["userErrors"] == []
            return answer["order"], [each["kind"] for each in answer["effects"]]

        until = {"until": "2999-01-01T00:00:00Z"}
        reserve = mutation("orderReserve", "OrderReserveInput", "order { reservedUntil }")
        assert (await run(reserve, input=until))[0] == {"reservedUntil": until["until"]}
        place = verb("orderPlace", "order { number reservedUntil }")
        assert (await run(place))[0] == {"number": "W-1", "reservedUntil": None}
        hold = mutation(
            "orderHold",
            "OrderHoldInput",
            "order { holds { id kind note placedBy { kind id } releasedBy { kind } } }",
        )
        held, _ = await run(hold, input={"kind": "FRAUD", "note": "Odd."})
        (shown,) = held["holds"]
        which = {"holdId": shown.pop("id")}
        actor = {"kind": "TOKEN", "id": "tok_" + "0" * 31 + "7"}
        assert shown == {"kind": "FRAUD", "note": "Odd.", "placedBy": actor, "releasedBy": None}
        release = mutation("orderReleaseHold", "OrderReleaseHoldInput", "order { hasHold }")
        assert await run(release, input=which) == (
            {"hasHold": False},
            ["order.hold_released"],
        )
        line = ids.text("oln", shop.lines(ids.parse("ord", id))[0].id)
        cancel = mutation(
            "orderCancel",
            "OrderCancelInput",
            "order { status current { total { amount } } lines { nodes { current "
            "{ subtotal { amount } } reservations { nodes { quantity status } } } } }",
        )
        part = {"reason": "CUSTOMER", "lines": [{"lineId": line, "quantity": 1}]}
        order, _ = await run(cancel, input=part)
        assert (order["status"], order["current"]) == ("OPEN", {"total": amount("20.00")})
        (of_line,) = order["lines"]["nodes"]
        assert of_line["current"] == {"subtotal": amount("20.00")}
        promised = [(each["quantity"], each["status"]) for each in of_line["reservations"]["nodes"]]
        assert sorted(promised) == [(1, "RELEASED"), (2, "ALLOCATED")]
        comment = mutation("orderComment", "OrderCommentInput", "order { status }")
        assert (await run(comment, input={"body": "Called."}))[1] == ["order.commented"]
        order, kinds = await run(cancel, input={"reason": "STOCK"})
        assert (order["status"], kinds[0]) == ("CANCELLED", "order.cancelled")
        assert shop.broken() == []

    async def test_close_and_open_again(self, shop):
        id = ids.text("ord", shop.place(POSTAGE))

        document = mutation("orderClose", "OrderCloseInput", "order { status }")
        refused = await shop.world.graphql(LEFT_TO_SETTLE, id=id)
        closed = await shop.world.graphql(document, id=id, input={"leaveOpen": "Paid elsewhere."})
        opened = await shop.world.graphql(verb("orderReopen"), id=id)

        (error,) = refused["orderClose"]["userErrors"]
        assert error == {
            "code": "LEFT_TO_SETTLE",
            "outstanding": {"amount": "4.50", "currency": "EUR"},
            "settledBy": ["COLLECT", "WRITE_OFF"],
        }
        assert closed["orderClose"]["order"] == {"status": "CLOSED"}
        assert opened["orderReopen"]["order"] == {"status": "OPEN"}

    async def test_carry_data_in_their_errors(self, shop):
        shop.variant("MUG", 5)
        id = shop.place(goods("MUG", 2))
        line = ids.text("oln", shop.lines(id)[0].id)
        document = """
        mutation ($id: ID!, $lines: [OrderLineQuantityInput!]) {
          orderCancel(id: $id, input: {reason: OTHER, lines: $lines}) {
            userErrors { code path ... on QuantityExceededError { maximum } }
          }
          orderClose(id: $id) { userErrors { code ... on LeftToShipError { quantity } } }
        }
        """
        lines = [{"lineId": line, "quantity": 3}]

        answer = await shop.world.graphql(document, id=ids.text("ord", id), lines=lines)

        path = ["input", "lines", "0", "quantity"]
        assert answer == {
            "orderCancel": {
                "userErrors": [{"code": "QUANTITY_EXCEEDED", "path": path, "maximum": 2}]
            },
            "orderClose": {"userErrors": [{"code": "LEFT_TO_SHIP", "quantity": 2}]},
        }

    async def test_refuse_another_version(self, shop):
        id = ids.text("ord", shop.place(POSTAGE))

        answer = await shop.world.graphql(verb("orderClose"), id=id, meta={"expectedVersion": 1})

        assert answer["orderClose"]["order"] is None
        assert answer["orderClose"]["userErrors"] == [
            {"code": "STALE_VERSION", "path": ["meta", "expectedVersion"]}
        ]

    @pytest.mark.parametrize("id", ["", "ord_1", "sku_" + "0" * 32])
    async def test_refuse_what_is_no_id(self, shop, id):
        answer = await shop.world.ask(verb("orderPlace"), id=id)

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["BAD_USER_INPUT"]


class TestOrder:
    async def test_is_found_in_each_way(self, shop):
        input = {
            "channel": {"code": "web"},
            "externalIds": [{"system": "shop", "key": "77"}],
            "lines": [
                {"kind": "CHARGE", "title": "Fee", "quantity": 1, "unitPrice": in_euros("1")}
            ],
            "place": True,
        }
        made = (await shop.world.graphql(CREATE, input=input))["orderCreate"]["order"]
        document = "query ($by: OrderLookup!) { order(by: $by) { id } }"

        async def found(**by):
            return (await shop.world.graphql(document, by=by))["order"]

        me = {"id": made["id"]}
        assert await found(id=made["id"]) == me
        assert await found(number={"channel": "web", "number": "W-1"}) == me
        assert await found(externalId={"system": "shop", "key": "77"}) == me
        assert await found(number={"channel": "else", "number": "W-1"}) is None
        assert await found(number={"channel": "web", "number": "W-2"}) is None
        assert await found(externalId={"system": "else", "key": "77"}) is None
        assert await found(id="ord_" + "0" * 32) is None

    async def test_and_its_parts_are_nodes(self, shop):
        shop.variant("MUG", 5)
        id = shop.place(goods("MUG"))
        line = ids.text("oln", shop.lines(id)[0].id)
        document = """
        query ($ids: [ID!]!) { nodes(ids: $ids) {
          id
          ... on Order { number }
          ... on OrderLine { sku order { number } }
          ... on Channel { code }
        } }
        """
        wanted = [ids.text("ord", id), line, ids.text("chn", shop.channel_id)]

        answer = await shop.world.graphql(document, ids=wanted)

        assert answer["nodes"] == [
            {"id": wanted[0], "number": "W-1"},
            {"id": wanted[1], "sku": "MUG", "order": {"number": "W-1"}},
            {"id": wanted[2], "code": "web"},
        ]

    async def test_belongs_to_its_customer(self, shop):
        draft = CustomerDraft(kind=CustomerKind.PERSON, name="Ana")
        customer = shop.world.run(create_customer, CreateCustomer(draft=draft)).value
        shop.place(POSTAGE)
        shop.place(POSTAGE, customer_id=customer)
        shop.create(customer_id=customer)
        document = """
        { customers { nodes {
          orders { nodes { number } }
          placed: orders(filter: {status: [OPEN]}) { nodes { number } }
        } } }
        """

        answer = await shop.world.graphql(document)

        assert answer["customers"]["nodes"] == [
            {
                "orders": {"nodes": [{"number": None}, {"number": "W-2"}]},
                "placed": {"nodes": [{"number": "W-2"}]},
            }
        ]

    async def test_tells_its_story(self, shop):
        shop.variant("MUG", 5)
        id = ids.text("ord", shop.place(goods("MUG")))
        document = """
        query ($id: ID!) { order(by: {id: $id}) {
          timeline { nodes { type subjectVersion } }
          actions { name allowed blockedBy }
        } }
        """

        order = (await shop.world.graphql(document, id=id))["order"]

        assert order["timeline"]["nodes"] == [
            {"type": "order.placed", "subjectVersion": 2},
            {"type": "order.created", "subjectVersion": 1},
        ]
        allowed = [each["name"] for each in order["actions"] if each["allowed"]]
        assert allowed == ["hold", "edit", "merge", "split", "cancel_lines", "cancel", "comment"]


class TestChannels:
    async def test_are_made_changed_and_found(self, shop):
        fields = "channel { code name currency numberPrefix status } userErrors { code }"
        document = f"""
        mutation {{
          channelCreate(input: {{
            code: "pos", name: "Counter", currency: "JPY", numberPrefix: "P", numberNext: "5"
          }}) {{ {fields} channel {{ id }} }}
        }}
        """
        made = (await shop.world.graphql(document))["channelCreate"]
        id = made["channel"].pop("id")
        expected = {
            "code": "pos",
            "name": "Counter",
            "currency": "JPY",
            "numberPrefix": "P",
            "status": "ACTIVE",
        }
        assert made == {"channel": expected, "userErrors": []}

        change = f"""
        mutation ($id: ID!) {{
          channelUpdate(id: $id, input: {{name: "Till", numberNext: "9"}}) {{ {fields} }}
          channelArchive(id: $id) {{ channel {{ status actions {{ name allowed }} }} }}
          channelRestore(id: $id) {{ channel {{ status }} }}
        }}
        """
        changed = await shop.world.graphql(change, id=id)
        assert changed["channelUpdate"]["channel"]["name"] == "Till"
        assert changed["channelArchive"]["channel"]["status"] == "ARCHIVED"
        assert changed["channelRestore"]["channel"]["status"] == "ACTIVE"

        found = await shop.world.graphql(
            """
            query ($id: ID!) {
              channels(filter: {status: [ACTIVE]}) { nodes { code } }
              channelsCount { value }
              a: channel(by: {id: $id}) { code }
              b: channel(by: {code: "web"}) { code }
              c: channel(by: {code: "else"}) { code }
            }
            """,
            id=id,
        )
        assert found == {
            "channels": {"nodes": [{"code": "pos"}, {"code": "web"}]},
            "channelsCount": {"value": 2},
            "a": {"code": "pos"},
            "b": {"code": "web"},
            "c": None,
        }
