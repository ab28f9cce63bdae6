"""Purchasing over GraphQL, on both databases."""

from datetime import date

import pytest

from tests.databases import count_statements
from tests.purchasing.desk import ANNA, BERT, Desk
from tests.stock.depot import shown

ERRORS = "userErrors { code message path }"
SUPPLIER = """
mutation ($input: SupplierCreateInput!, $meta: MutationMeta) {
  supplierCreate(input: $input, meta: $meta) {
    supplier {
      id code name status currency paymentDays incoterm leadTimeDays overReceipt
      minimumOrder { amount currency } contacts { name role email phone }
      addresses { lines city country } taxIds { kind value } externalIds { system key }
      bankAccounts { id } actions { name allowed } version
      timeline { nodes { type } }
    }
    userErrors { code path } effects { kind summary subject { id } } replayed
  }
}
"""
ITEM = """
mutation ($input: SupplierItemCreateInput!) {
  supplierItemCreate(input: $input) {
    item {
      supplierSku packSize minimumQuantity leadTimeDays isPreferred status
      prices { fromQuantity unitPrice { amount currency } }
      supplier { code } variant { sku supplierItems { nodes { supplierSku } } }
    }
    userErrors { code path }
  }
}
"""
CREATE = """
mutation ($input: PurchaseOrderCreateInput!, $meta: MutationMeta) {
  purchaseOrderCreate(input: $input, meta: $meta) {
    purchaseOrder {
      id number status total { amount currency } supplier { code } location { code }
      createdBy { kind } actions { name allowed blockedBy }
      lines { nodes {
        id sku supplierSku quantity open unitPrice { amount } subtotal { amount } tax { amount }
      } }
    }
    userErrors { code message path } effects { kind } replayed
  }
}
"""
ORDER_FIELDS = """
  id number status currentTotal { amount }
  lines { nodes { id sku quantity confirmed received rejected cancelled returned open expectedOn } }
"""
RECEIVE = """
mutation ($id: ID!, $input: PurchaseOrderReceiveInput!, $meta: MutationMeta) {
  purchaseOrderReceive(id: $id, input: $input, meta: $meta) {
    receipt {
      id number deliveryNote goods { amount } chargesTotal { amount } landed { amount }
      charges { kind basis amount { amount } }
      order { number status } supplier { code } location { code }
      lines { nodes {
        accepted rejected rejection value { amount } charges { amount } unitCost { amount }
        variant { sku } orderLine { received open }
      } }
    }
    userErrors { code path ... on OverReceiptError { sku maximum } } replayed
  }
}
"""
RETURN = """
mutation ($id: ID!, $input: PurchaseReturnCreateInput!) {
  purchaseReturnCreate(id: $id, input: $input) {
    purchaseReturn {
      number reason amount { amount } order { status } supplier { code }
      lines { nodes { quantity amount { amount } variant { sku } orderLine { returned } } }
    }
    userErrors { code ... on MoreThanLeftError { maximum } }
  }
}
"""


async def act(desk: Desk, name: str, id: str, *, caller=ANNA, input: str = "", show=ORDER_FIELDS):
    """The order after a mutation that takes its id, or the codes of the refusal."""
    given = f", input: {{{input}}}" if input else ""
    document = (
        f'mutation {{ {name}(id: "{id}"{given}) '
        f"{{ purchaseOrder {{ {show} }} userErrors {{ code }} }} }}"
    )
    answer = await desk.world.ask(document, caller=caller)
    assert "errors" not in answer, answer
    payload = answer["data"][name]
    codes = [each["code"] for each in payload["userErrors"]]
    return codes or payload["purchaseOrder"]


class TestSuppliers:
    async def test_are_made_with_all_that_belongs_to_them(self, desk: Desk) -> None:
        given = {
            "code": "NOVA",
            "name": "Nova Ltda",
            "currency": "BRL",
            "incoterm": "FCA Santos",
            "minimumOrder": {"amount": "500", "currency": "BRL"},
            "contacts": [{"name": "Rita", "role": "sales", "email": "rita@nova.example"}],
            "addresses": [{"lines": ["Rua A, 1"], "city": "Santos", "country": "BR"}],
            "taxIds": [{"kind": "CNPJ", "value": "11.222.333/0001-81"}],
            "externalIds": [{"system": "erp", "key": "7"}],
        }
        meta = {"idempotencyKey": "nova"}

        answer = (await desk.world.graphql(SUPPLIER, input=given, meta=meta))["supplierCreate"]
        again = (await desk.world.graphql(SUPPLIER, input=given, meta=meta))["supplierCreate"]

        supplier = answer["supplier"]
        assert answer["userErrors"] == []
        assert answer["effects"] == [
            {
                "kind": "supplier.created",
                "summary": "Supplier Nova Ltda was created.",
                "subject": {"id": supplier["id"]},
            }
        ]
        assert supplier["minimumOrder"] == {"amount": "500.00", "currency": "BRL"}
        assert supplier["taxIds"] == [{"kind": "CNPJ", "value": "11222333000181"}]
        assert supplier["contacts"] == [
            {"name": "Rita", "role": "sales", "email": "rita@nova.example", "phone": None}
        ]
        assert [each["name"] for each in supplier["actions"] if each["allowed"]] == [
            "update",
            "archive",
        ]
        assert supplier["timeline"]["nodes"] == [{"type": "supplier.created"}]
        assert again["replayed"]
        assert again["supplier"] == supplier

    async def test_are_found_in_every_way(self, desk: Desk) -> None:
        document = """
        query ($id: ID!) {
          byId: supplier(by: {id: $id}) { code }
          byCode: supplier(by: {code: "ACME"}) { code items { nodes { supplierSku } } }
          item: supplierItem(by: {supplierSku: {supplier: "ACME", supplierSku: "ACME-B"}}) {
            variant { sku }
          }
          suppliers(search: "acm") { nodes { code } }
          suppliersCount(filter: {status: [ACTIVE]}) { value }
          supplierItems(filter: {supplierSku: {startsWith: "ACME"}}, sort: {key: SUPPLIER_SKU}) {
            nodes { supplierSku }
          }
          node(id: $id) { ... on Supplier { name } }
        }
        """

        found = await desk.world.graphql(document, id=shown("sup", desk.acme))

        assert found["byId"] == {"code": "ACME"}
        skus = [{"supplierSku": "ACME-B"}, {"supplierSku": "ACME-A"}]
        assert found["byCode"]["items"]["nodes"] == skus
        assert found["item"] == {"variant": {"sku": "B"}}
        assert found["suppliers"]["nodes"] == [{"code": "ACME"}]
        assert found["suppliersCount"] == {"value": 1}
        assert found["supplierItems"]["nodes"] == skus
        assert found["node"] == {"name": "Acme"}

    async def test_sell_variants_under_their_own_skus(self, desk: Desk) -> None:
        (variant,) = desk.depot.variants("C")
        given = {
            "supplierId": shown("sup", desk.acme),
            "variantId": shown("sku", variant),
            "supplierSku": "ACME-C",
            "packSize": 10,
            "prices": [
                {"unitPrice": {"amount": "0.50", "currency": "EUR"}},
                {"fromQuantity": 1000, "unitPrice": {"amount": "0.4375", "currency": "EUR"}},
            ],
        }

        made = (await desk.world.graphql(ITEM, input=given))["supplierItemCreate"]
        refused = (await desk.world.graphql(ITEM, input=given))["supplierItemCreate"]

        assert made["item"] == {
            "supplierSku": "ACME-C",
            "packSize": 10,
            "minimumQuantity": 1,
            "leadTimeDays": None,
            "isPreferred": False,
            "status": "ACTIVE",
            "prices": [
                {"fromQuantity": 1, "unitPrice": {"amount": "0.50", "currency": "EUR"}},
                {"fromQuantity": 1000, "unitPrice": {"amount": "0.4375", "currency": "EUR"}},
            ],
            "supplier": {"code": "ACME"},
            "variant": {"sku": "C", "supplierItems": {"nodes": [{"supplierSku": "ACME-C"}]}},
        }
        assert refused["userErrors"] == [
            {"code": "SUPPLIER_SKU_TAKEN", "path": ["input", "supplierSku"]}
        ]

    async def test_are_paid_elsewhere_only_when_two_agree(self, desk: Desk) -> None:
        supplier = shown("sup", desk.acme)
        propose = f"""
        mutation {{ supplierBankChangePropose(input: {{
          supplierId: "{supplier}", kind: ADD,
          details: {{holder: "ACME", iban: "DE89 3704 0044 0532 0130 00"}}
        }}) {{ change {{ id status maskedNumber iban proposedBy {{ id }} decidedBy {{ id }} }} }} }}
        """
        change = (await desk.world.ask(propose, caller=ANNA))["data"]["supplierBankChangePropose"][
            "change"
        ]
        approve = f"""
        mutation {{ supplierBankChangeApprove(id: "{change["id"]}") {{
          change {{ status decidedBy {{ id }} supplier {{ bankAccounts {{ maskedNumber }} }} }}
          userErrors {{ code }}
        }} }}
        """

        own = (await desk.world.ask(approve, caller=ANNA))["data"]["supplierBankChangeApprove"]
        other = (await desk.world.ask(approve, caller=BERT))["data"]["supplierBankChangeApprove"]

        assert change["maskedNumber"] == "DE••••3000"
        assert change["decidedBy"] is None
        assert own["userErrors"] == [{"code": "APPROVER_IS_CREATOR"}]
        assert other["change"]["status"] == "APPROVED"
        assert other["change"]["supplier"]["bankAccounts"] == [{"maskedNumber": "DE••••3000"}]


class TestPurchaseOrders:
    def given(self, desk: Desk, **values):
        lines = [
            {"supplierSku": "ACME-A", "quantity": 12},
            {"sku": "B", "quantity": 10, "tax": {"amount": "0.10", "currency": "EUR"}},
        ]
        supplier, location = shown("sup", desk.acme), shown("loc", desk.depot.north)
        return {"supplierId": supplier, "locationId": location, "lines": lines, **values}

    async def test_go_all_the_way(self, desk: Desk) -> None:
        answer = await desk.world.ask(CREATE, caller=ANNA, input=self.given(desk))
        made = answer["data"]["purchaseOrderCreate"]["purchaseOrder"]
        id = made["id"]

        assert made["total"] == {"amount": "15.65", "currency": "EUR"}
        assert [each["subtotal"]["amount"] for each in made["lines"]["nodes"]] == ["15.00", "0.55"]
        assert [each["name"] for each in made["actions"] if each["allowed"]] == [
            "update",
            "submit",
            "cancel",
        ]
        submitted = await act(desk, "purchaseOrderSubmit", id)
        assert (submitted["number"], submitted["status"]) == ("PO-1", "PENDING_APPROVAL")
        assert await act(desk, "purchaseOrderApprove", id) == ["APPROVER_IS_CREATOR"]
        await act(desk, "purchaseOrderApprove", id, caller=BERT)
        sent = await act(desk, "purchaseOrderSend", id)
        assert sent["status"] == "SENT"
        line = sent["lines"]["nodes"][1]["id"]
        less = f'lines: [{{lineId: "{line}", quantity: 8, expectedOn: "2031-05-01"}}]'
        confirmed = await act(desk, "purchaseOrderConfirm", id, input=less)
        assert confirmed["status"] == "CONFIRMED"
        assert confirmed["currentTotal"] == {"amount": "15.52"}
        shown_line = confirmed["lines"]["nodes"][1]
        assert (shown_line["confirmed"], shown_line["cancelled"]) == (8, 2)
        assert shown_line["expectedOn"] == "2031-05-01"

        await self.receive_and_return(desk, id, sent["lines"]["nodes"][0]["id"], line)
        closed = await act(desk, "purchaseOrderCloseShort", id)
        assert closed["status"] == "CLOSED"
        assert desk.broken() == []

    async def receive_and_return(self, desk: Desk, id: str, first: str, second: str) -> None:
        given = {
            "deliveryNote": "L-17",
            "charges": [{"amount": {"amount": "2", "currency": "EUR"}, "basis": "QUANTITY"}],
            "lines": [
                {"lineId": first, "accepted": 12},
                {"scan": "ACME-B", "accepted": 4, "rejected": 1, "rejection": "wet"},
            ],
        }
        meta = {"idempotencyKey": "delivery"}
        answer = (await desk.world.graphql(RECEIVE, id=id, input=given, meta=meta))[
            "purchaseOrderReceive"
        ]
        again = (await desk.world.graphql(RECEIVE, id=id, input=given, meta=meta))[
            "purchaseOrderReceive"
        ]
        assert answer["userErrors"] == []
        receipt = answer["receipt"]
        assert (receipt["number"], receipt["deliveryNote"]) == ("GR-1", "L-17")
        assert receipt["goods"] == {"amount": "15.22"}
        assert receipt["landed"] == {"amount": "17.22"}
        assert receipt["order"] == {"number": "PO-1", "status": "PARTIALLY_RECEIVED"}
        lines = receipt["lines"]["nodes"]
        assert [each["charges"]["amount"] for each in lines] == ["1.50", "0.50"]
        assert [each["unitCost"]["amount"] for each in lines] == ["1.375", "0.18"]
        assert lines[1]["rejection"] == "wet"
        assert lines[1]["orderLine"] == {"received": 4, "open": 4}
        assert again["replayed"]
        assert desk.on_hand(desk.a) == 12

        back = {"reason": "broken", "lines": [{"lineId": first, "quantity": 2}]}
        returned = (await desk.world.graphql(RETURN, id=id, input=back))["purchaseReturnCreate"]
        assert returned["purchaseReturn"]["number"] == "DN-1"
        assert returned["purchaseReturn"]["amount"] == {"amount": "2.50"}
        assert desk.on_hand(desk.a) == 10
        back["lines"][0]["quantity"] = 11
        refused = (await desk.world.graphql(RETURN, id=id, input=back))["purchaseReturnCreate"]
        assert refused["userErrors"] == [{"code": "MORE_THAN_LEFT", "maximum": 10}]

    async def test_refuse_a_surplus_with_its_data(self, desk: Desk) -> None:
        order = desk.sent((desk.b, 10))
        given = {"lines": [{"scan": "B", "accepted": 11}]}

        answer = await desk.world.graphql(RECEIVE, id=shown("por", order), input=given)

        assert answer["purchaseOrderReceive"]["userErrors"] == [
            {"code": "OVER_RECEIPT", "path": ["input", "lines"], "sku": "B", "maximum": 10}
        ]

    async def test_a_dry_run_keeps_nothing(self, desk: Desk) -> None:
        order = desk.sent((desk.b, 10))
        given = {"lines": [{"scan": "B", "accepted": 10}]}
        meta = {"dryRun": True}

        answer = await desk.world.graphql(RECEIVE, id=shown("por", order), input=given, meta=meta)

        shown_receipt = answer["purchaseOrderReceive"]["receipt"]
        assert shown_receipt["order"] == {"number": "PO-1", "status": "RECEIVED"}
        assert desk.status(order) == "SENT"
        assert desk.on_hand(desk.b) == 0

    async def test_are_compared_with_the_version_seen(self, desk: Desk) -> None:
        order = desk.draft((desk.a, 6))
        document = """
        mutation ($id: ID!) {
          purchaseOrderSubmit(id: $id, meta: {expectedVersion: 7}) { userErrors { code } }
        }
        """

        answer = await desk.world.graphql(document, id=shown("por", order))

        assert answer["purchaseOrderSubmit"]["userErrors"] == [{"code": "STALE_VERSION"}]

    async def test_are_set_up_by_limits_and_series(self, desk: Desk) -> None:
        document = """
        mutation {
          purchaseApprovalLimitSet(input: {limit: {amount: "100", currency: "EUR"}}) {
            limit { limit { amount currency } } userErrors { code }
          }
          purchasingSeriesSet(input: {kind: PURCHASE_ORDER, prefix: "B1"}) {
            series { id } userErrors { code path }
          }
        }
        """

        answer = await desk.world.graphql(document)
        order = await act(desk, "purchaseOrderSubmit", shown("por", desk.draft((desk.a, 6))))
        settings = await desk.world.graphql(
            "{ purchaseApprovalLimits { nodes { limit { amount } } } "
            "purchasingSeries { kind prefix } }"
        )

        assert answer["purchaseApprovalLimitSet"]["userErrors"] == []
        assert answer["purchasingSeriesSet"]["userErrors"] == [
            {"code": "SERIES_PREFIX_ENDS_IN_DIGIT", "path": ["input", "prefix"]}
        ]
        assert order["status"] == "APPROVED"
        assert settings == {
            "purchaseApprovalLimits": {"nodes": [{"limit": {"amount": "100.00"}}]},
            "purchasingSeries": [{"kind": "PURCHASE_ORDER", "prefix": "PO-"}],
        }


class TestLists:
    @pytest.mark.parametrize(
        ("field", "statements"),
        [
            (
                "purchaseOrders { nodes { number supplier { code } location { code } "
                "lines { nodes { sku variant { sku } } } receipts { nodes { number } } } }",
                6,
            ),
            (
                "purchaseReceipts { nodes { number order { number } charges { kind } "
                "lines { nodes { accepted orderLine { sku } } } } }",
                5,
            ),
            (
                "suppliers(first: 10) { nodes { code contacts { name } "
                "bankAccounts { maskedNumber } "
                "items { nodes { supplierSku prices { fromQuantity } } } } }",
                5,
            ),
        ],
    )
    async def test_take_as_many_statements_however_long_they_are(
        self, desk: Desk, field: str, statements: int
    ) -> None:
        for number in range(3):
            order = desk.sent((desk.a, 12), (desk.b, 10))
            desk.receive(order, (0, number + 1, 0), (1, 3, 0))
            desk.supplier(f"S{number}")

        with count_statements(desk.world.database) as seen:
            answer = await desk.world.graphql(f"{{ {field} }}")

        (page,) = answer.values()
        assert len(page["nodes"]) >= 3
        assert len([each for each in seen if each.startswith("SELECT")]) == statements

    async def test_of_orders_are_filtered_by_the_day_on_which_they_are_expected(
        self, desk: Desk
    ) -> None:
        days = (date(2025, 5, 31), date(2025, 6, 1), None)
        ids = {day: shown("por", desk.draft((desk.a, 6), expected_on=day)) for day in days}
        document = """
        query ($filter: PurchaseOrderFilter) { purchaseOrders(filter: $filter) { nodes { id } } }
        """
        for test, expected in (
            ({"lt": "2025-06-01"}, [days[0]]),
            ({"gte": "2025-06-01"}, [days[1]]),
            ({"gte": "2025-05-31", "lt": "2025-06-02"}, [days[1], days[0]]),
            ({"isNull": True}, [None]),
        ):
            answer = await desk.world.graphql(document, filter={"expectedOn": test})

            found = [each["id"] for each in answer["purchaseOrders"]["nodes"]]
            assert found == [ids[day] for day in expected]

    async def test_of_orders_are_filtered_searched_and_sorted(self, desk: Desk) -> None:
        draft, sent = desk.draft((desk.a, 6)), desk.sent((desk.b, 1000))
        document = """
        query ($filter: PurchaseOrderFilter, $search: String, $sort: PurchaseOrderSort) {
          purchaseOrders(filter: $filter, search: $search, sort: $sort) { nodes { id } }
          purchaseOrdersCount(filter: $filter, search: $search) { value }
        }
        """
        names = {shown("por", draft): "draft", shown("por", sent): "sent"}
        total = {"currency": "EUR", "gte": "50"}
        for arguments, expected in (
            ({}, ["sent", "draft"]),
            ({"filter": {"status": ["SENT"]}}, ["sent"]),
            ({"filter": {"total": total}}, ["sent"]),
            ({"filter": {"variantId": {"eq": shown("sku", desk.a)}}}, ["draft"]),
            ({"filter": {"supplierSku": {"eq": "ACME-B"}}}, ["sent"]),
            ({"search": "po 1"}, ["sent"]),
            ({"search": "acme"}, ["sent", "draft"]),
            ({"sort": {"key": "TOTAL", "direction": "ASC"}}, ["draft", "sent"]),
            ({"sort": {"key": "NUMBER", "direction": "DESC"}}, ["sent", "draft"]),
        ):
            answer = await desk.world.graphql(document, **arguments)
            found = [names[each["id"]] for each in answer["purchaseOrders"]["nodes"]]
            assert found == expected, arguments
            assert answer["purchaseOrdersCount"] == {"value": len(expected)}
