"""Who may see and do what in purchasing. On both databases."""

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.resolvers.schema import schema
from tests.purchasing.desk import Desk
from tests.stock.depot import shown
from tests.stock.test_stock_rights import is_forbidden
from tests.world import caller

SUPPLIER, ITEM, CHANGE = (f"{prefix}_" + "0" * 32 for prefix in ("sup", "spi", "sbc"))
ORDER, LINE, RECEIPT, LOCATION, VARIANT = (
    f"{prefix}_" + "0" * 32 for prefix in ("por", "pol", "rcp", "loc", "sku")
)
WRITES = {
    "supplierCreate": 'input: {code: "X", name: "X", currency: "EUR"}',
    "supplierUpdate": f'id: "{SUPPLIER}", input: {{name: "X"}}',
    "supplierArchive": f'id: "{SUPPLIER}"',
    "supplierRestore": f'id: "{SUPPLIER}"',
    "supplierBankChangePropose": f'input: {{supplierId: "{SUPPLIER}", kind: REMOVE}}',
    "supplierItemCreate": (
        f'input: {{supplierId: "{SUPPLIER}", variantId: "{VARIANT}", supplierSku: "X"}}'
    ),
    "supplierItemUpdate": f'id: "{ITEM}", input: {{packSize: 2}}',
    "supplierItemArchive": f'id: "{ITEM}"',
    "supplierItemRestore": f'id: "{ITEM}"',
    "purchaseOrderCreate": f'input: {{supplierId: "{SUPPLIER}", locationId: "{LOCATION}"}}',
    "purchaseOrderUpdate": f'id: "{ORDER}", input: {{note: "x"}}',
    "purchaseOrderSubmit": f'id: "{ORDER}"',
    "purchaseOrderSend": f'id: "{ORDER}"',
    "purchaseOrderConfirm": f'id: "{ORDER}", input: {{}}',
    "purchaseOrderReceive": f'id: "{ORDER}", input: {{lines: []}}',
    "purchaseOrderCancelOpen": f'id: "{ORDER}", input: {{lines: []}}',
    "purchaseOrderCloseShort": f'id: "{ORDER}"',
    "purchaseOrderClose": f'id: "{ORDER}"',
    "purchaseOrderCancel": f'id: "{ORDER}"',
    "purchaseReceiptSetCharges": f'id: "{RECEIPT}", input: {{charges: []}}',
    "purchaseReturnCreate": f'id: "{ORDER}", input: {{lines: [], reason: "x"}}',
}
APPROVALS = {
    "supplierBankChangeApprove": f'id: "{CHANGE}"',
    "supplierBankChangeReject": f'id: "{CHANGE}"',
    "purchaseOrderApprove": f'id: "{ORDER}"',
    "purchaseOrderDecline": f'id: "{ORDER}"',
    "purchaseApprovalLimitSet": 'input: {limit: {amount: "1", currency: "EUR"}}',
    "purchasingSeriesSet": "input: {kind: RECEIPT}",
}
TRIED = [
    *((name, given, Scope.PURCHASING_WRITE) for name, given in WRITES.items()),
    *((name, given, Scope.PURCHASING_APPROVE) for name, given in APPROVALS.items()),
]
QUERIES = {
    "supplier": '(by: {code: "X"}) { id }',
    "suppliers": "{ nodes { id } }",
    "suppliersCount": "{ value }",
    "supplierBankChanges": "{ nodes { id } }",
    "supplierItem": f'(by: {{id: "{ITEM}"}}) {{ id }}',
    "supplierItems": "{ nodes { id } }",
    "supplierItemsCount": "{ value }",
    "purchaseOrder": '(by: {number: "X"}) { id }',
    "purchaseOrders": "{ nodes { id } }",
    "purchaseOrdersCount": "{ value }",
    "purchaseReceipts": "{ nodes { id } }",
    "purchaseReceiptsCount": "{ value }",
    "purchaseReturns": "{ nodes { id } }",
    "purchaseApprovalLimits": "{ nodes { id } }",
    "purchasingSeries": "{ id }",
}
WORDS = ("supplier", "purchase", "purchasing")
READER = caller(Scope.PURCHASING_READ)
# Each with the scope that it takes besides the one to read purchasing.
BEHIND_A_SCOPE = {
    "purchaseOrders { nodes { total { amount } } }": Scope.COSTS_READ,
    "purchaseOrders { nodes { lines { nodes { unitPrice { amount } } } } }": Scope.COSTS_READ,
    "purchaseOrders(sort: {key: TOTAL}) { nodes { id } }": Scope.COSTS_READ,
    'purchaseOrders(filter: {total: {currency: "EUR", gte: "1"}}) { nodes { id } }': (
        Scope.COSTS_READ
    ),
    "purchaseOrders { nodes { location { code } } }": Scope.STOCK_READ,
    "purchaseReceipts { nodes { landed { amount } } }": Scope.COSTS_READ,
    "supplierItems { nodes { prices { unitPrice { amount } } } }": Scope.COSTS_READ,
    "suppliers { nodes { contacts { email } } }": Scope.PERSONAL_READ,
    "suppliers { nodes { taxIds { value } } }": Scope.PERSONAL_READ,
    "suppliers { nodes { bankAccounts { iban } } }": Scope.PAYMENTS_READ,
    "supplierBankChanges { nodes { iban holder } }": Scope.PAYMENTS_READ,
}


def fields_of(root) -> set[str]:
    return {name for name in root.fields if name.startswith(WORDS)}


class TestMutations:
    def test_are_all_tried_here(self) -> None:
        ours = fields_of(schema._schema.mutation_type) - {"purchaseOrdersFromSuggestions"}
        assert ours == {*WRITES, *APPROVALS}

    async def test_take_their_scope_and_no_other(self, world) -> None:
        for name, given, scope in TRIED:
            document = f"mutation {{ {name}({given}) {{ userErrors {{ code }} }} }}"
            lacking = caller(*ALL_SCOPES - {scope})
            assert is_forbidden(await world.ask(document, caller=lacking)), name
            assert "errors" not in await world.ask(document, caller=caller(scope)), name


class TestQueries:
    def test_are_all_tried_here(self) -> None:
        assert fields_of(schema._schema.query_type) == set(QUERIES)

    async def test_take_the_scope_to_read(self, world) -> None:
        lacking = caller(*ALL_SCOPES - {Scope.PURCHASING_READ})
        for name, rest in QUERIES.items():
            document = f"{{ {name} {rest} }}"
            assert is_forbidden(await world.ask(document, caller=lacking)), name
            assert "errors" not in await world.ask(document, caller=READER), name

    async def test_take_more_for_costs_persons_and_accounts(self, desk: Desk) -> None:
        desk.draft((desk.a, 6))
        for document, scope in BEHIND_A_SCOPE.items():
            more = caller(Scope.PURCHASING_READ, scope)
            asked = f"{{ {document} }}"
            assert is_forbidden(await desk.world.ask(asked, caller=READER)), document
            assert "errors" not in await desk.world.ask(asked, caller=more), document

    async def test_hide_nodes_from_who_may_not_read(self, desk: Desk) -> None:
        order = desk.draft((desk.a, 6))
        ids = [shown("por", order), shown("sup", desk.acme), shown("spi", desk.item_a)]
        document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        lacking = caller(*ALL_SCOPES - {Scope.PURCHASING_READ})

        hidden = await desk.world.ask(document, caller=lacking, ids=ids)
        seen = await desk.world.ask(document, caller=READER, ids=ids)

        assert hidden["data"] == {"nodes": [None] * 3}
        assert seen["data"] == {"nodes": [{"id": id} for id in ids]}


class TestTheLog:
    async def test_shows_costs_to_those_who_may_see_them(self, desk: Desk) -> None:
        id = shown("por", desk.sent((desk.a, 6)))
        document = """
        query ($id: ID!) {
          node(id: $id) { ... on HasTimeline { timeline(filter: {type: {in: [
            "purchase_order.created", "purchase_order.submitted"]}}) {
              nodes { type data changes { path before after } } } } }
          fieldHistory(subject: $id, field: "total_minor", first: 1) { nodes { before after } }
        }
        """
        scopes = (Scope.PURCHASING_READ, Scope.EVENTS_READ)

        answer = await desk.world.ask(document, caller=caller(*scopes), id=id)

        submitted, created = answer["data"]["node"]["timeline"]["nodes"]
        assert submitted["data"]["total"] == "(cost)"
        after = {each["path"]: each["after"] for each in created["changes"]}
        assert after["total_minor"] == "(cost)"
        assert [each["unit_price"] for each in after["lines"]] == ["(cost)"]
        assert [each["quantity"] for each in after["lines"]] == [6]
        assert answer["data"]["fieldHistory"]["nodes"] == [{"before": None, "after": "(cost)"}]

    async def test_has_the_costs_beside_what_anybody_reads(self, desk: Desk) -> None:
        id = shown("por", desk.sent((desk.a, 6)))
        document = """
        query ($id: ID!) {
          node(id: $id) { ... on HasTimeline { timeline(filter: {type: {in: [
            "purchase_order.created", "purchase_order.submitted"]}}) {
              nodes { costs changes { path costBefore costAfter } } } } }
          fieldHistory(subject: $id, field: "total_minor", first: 1) {
            nodes { costBefore costAfter }
          }
        }
        """
        scopes = (Scope.PURCHASING_READ, Scope.EVENTS_READ)

        refused = await desk.world.ask(document, caller=caller(*scopes), id=id)
        answer = await desk.world.graphql(document, id=id)

        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        submitted, created = answer["node"]["timeline"]["nodes"]
        assert submitted["costs"].keys() == {"total"}
        assert submitted["costs"]["total"].endswith("EUR")
        costs = {each["path"]: each["costAfter"] for each in created["changes"]}
        assert costs["total_minor"] > 0
        assert costs["lines"][0]["unit_price"] != "(cost)"
        assert costs["status"] is None
        (entry,) = answer["fieldHistory"]["nodes"]
        assert entry == {"costBefore": None, "costAfter": costs["total_minor"]}
