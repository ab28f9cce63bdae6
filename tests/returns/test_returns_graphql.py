"""Returns over GraphQL: the whole path, its rights, its lists and its documents."""

import re
from pathlib import Path
from uuid import UUID

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.model.policies import PolicySortKey, Rule, Verdict
from backoffice_api.domain.returns.model.returns import (
    ReturnKind,
    ReturnOrigin,
    ReturnSortKey,
    ReturnState,
)
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.world import NOW, caller

SOME = UUID(int=0)
DOCS = Path(__file__).parents[2] / "docs" / "returns.md"
DOCUMENTS = re.findall(r"^```graphql\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.MULTILINE)

REQUEST = """
mutation ($input: ReturnRequestInput!, $meta: MutationMeta) {
  returnRequest(input: $input, meta: $meta) {
    return { id number status customerState verdict rule value { amount }
      lines { id sku requested } orders { number returnStatus } }
    userErrors { code path ... on NotReturnableError { rule maximum } }
    replayed
  }
}
"""
RECEIVE = """
mutation ($id: ID!, $input: ReturnReceiveInput!) {
  returnReceive(id: $id, input: $input) {
    return { status receipts { quantity outcome code actor { kind } } lines { id received } }
    userErrors { code path }
  }
}
"""
INSPECT = """
mutation ($id: ID!, $input: ReturnInspectInput!) {
  returnInspect(id: $id, input: $input) {
    return {
      lines { inspections { disposition unitCost { amount } movement { kind cause { id } } } }
      refundSuggestions { quantity suggested { amount } maximum { amount } line { sku } }
    }
    userErrors { code path ... on PiecesExceededError { maximum } }
    effects { kind }
  }
}
"""
REFUND = """
mutation ($id: ID!, $input: ReturnRefundInput!) {
  returnRefund(id: $id, input: $input) {
    return { refunded { amount } refunds { kind amount { amount } refunds { number status } }
      orders { allowance { amount } outstanding { amount } paymentStatus } }
    userErrors { code path
      ... on RefundAboveWorthError { most: maximum { amount } } }
  }
}
"""
RESOLVE = """
mutation ($id: ID!, $meta: MutationMeta) {
  returnResolve(id: $id, meta: $meta) {
    return { status closedAt actions { name allowed } timeline(first: 20) { nodes { type } } }
    userErrors { code ... on NotSettledError { toInspect openResolutions } }
  }
}
"""
LISTS = """
{
  returns { nodes { id lines { sku inspections { disposition } } orders { number }
    receipts { quantity } refunds { amount { amount } refunds { status } }
    refundSuggestions { suggested { amount } } customer { name } } }
  orders { nodes { returns { number } returnStatus } }
  customers { nodes { returns(first: 5) { nodes { number } } } }
  returnPolicies { nodes { code channel { code } category { name } } }
  returnsCount { value } returnPoliciesCount { value }
}
"""


class TestPath:
    async def test_leads_from_the_request_to_the_end(self, desk):
        order_id = desk.bought(3)
        line_id = ids.text("oln", desk.lines(order_id)[0].id)
        input = {
            "lines": [{"orderLineId": line_id, "quantity": 2}],
            "locationId": ids.text("loc", desk.north),
        }
        dry = await desk.world.graphql(REQUEST, input=input, meta={"dryRun": True})
        assert dry["returnRequest"]["return"]["verdict"] == "ALLOWED"
        for _ in range(2):
            asked = await desk.world.graphql(REQUEST, input=input, meta={"idempotencyKey": "1"})
        made = asked["returnRequest"]["return"]
        assert (made["status"], made["customerState"], made["rule"], made["value"]) == (
            "APPROVED",
            "SEND_IT_BACK",
            "NOT_DELIVERED",
            {"amount": "20.00"},
        )
        assert made["orders"] == [{"number": "W-1", "returnStatus": "UNDER_WAY"}]
        more = {"lines": [{"orderLineId": line_id, "quantity": 2}]}
        refused = (await desk.world.graphql(REQUEST, input=more))["returnRequest"]["userErrors"]
        assert refused == [
            {
                "code": "NOT_RETURNABLE",
                "path": ["input", "lines", "0", "quantity"],
                "rule": "NOTHING_LEFT",
                "maximum": 1,
            }
        ]

        id, line = made["id"], made["lines"][0]["id"]
        scans = {"scans": [{"code": "MUG", "quantity": 2}]}
        came = (await desk.world.graphql(RECEIVE, id=id, input=scans))["returnReceive"]["return"]
        assert came["status"] == "RECEIVED"
        assert came["receipts"] == [
            {"quantity": 2, "outcome": "EXPECTED", "code": "MUG", "actor": {"kind": "TOKEN"}}
        ]
        pieces = [
            {"lineId": line, "quantity": 1, "disposition": "RESTOCK", "resolution": "REFUND"},
            {"lineId": line, "quantity": 1, "disposition": "SCRAP", "resolution": "REFUND"},
        ]
        answer = await desk.world.graphql(INSPECT, id=id, input={"pieces": pieces})
        seen = answer["returnInspect"]["return"]
        assert seen["lines"][0]["inspections"][0] == {
            "disposition": "RESTOCK",
            "unitCost": {"amount": "4.00"},
            "movement": {"kind": "RETURN", "cause": {"id": id}},
        }
        assert seen["refundSuggestions"] == [
            {
                "quantity": 2,
                "suggested": {"amount": "20.00"},
                "maximum": {"amount": "20.00"},
                "line": {"sku": "MUG"},
            }
        ]
        wanted = {"lineId": line, "quantity": 2}
        above = {"lines": [{**wanted, "amount": {"amount": "20.01", "currency": "EUR"}}]}
        refused = (await desk.world.graphql(REFUND, id=id, input=above))["returnRefund"]
        assert refused["userErrors"] == [
            {
                "code": "REFUND_ABOVE_WORTH",
                "path": ["input", "lines", "0", "amount"],
                "most": {"amount": "20.00"},
            }
        ]
        early = (await desk.world.graphql(RESOLVE, id=id))["returnResolve"]["userErrors"]
        assert early == [{"code": "NOT_SETTLED", "toInspect": 0, "openResolutions": 2}]
        paid = (await desk.world.graphql(REFUND, id=id, input={}))["returnRefund"]["return"]
        assert paid["refunds"] == [
            {
                "kind": "UNITS",
                "amount": {"amount": "20.00"},
                "refunds": [{"number": "W-1-R1", "status": "SUCCEEDED"}],
            }
        ]
        assert paid["orders"] == [
            {
                "allowance": {"amount": "20.00"},
                "outstanding": {"amount": "0.00"},
                "paymentStatus": "PARTIALLY_REFUNDED",
            }
        ]
        stale = await desk.world.graphql(RESOLVE, id=id, meta={"expectedVersion": 1})
        assert [each["code"] for each in stale["returnResolve"]["userErrors"]] == ["STALE_VERSION"]
        done = (await desk.world.graphql(RESOLVE, id=id))["returnResolve"]["return"]
        assert done["status"] == "RESOLVED"
        assert [each["name"] for each in done["actions"] if each["allowed"]] == ["reopen"]
        assert desk.wrong() == []


class TestRights:
    @pytest.mark.parametrize("scope", [Scope.RETURNS_WRITE, Scope.RETURNS_READ])
    async def test_are_needed(self, desk, scope):
        somebody = caller(*(ALL_SCOPES - {scope}))
        variant = ids.text("sku", desk.mug)
        input = {"lines": [{"variantId": variant, "quantity": 1}], "currency": "EUR"}

        answer = await desk.world.ask(REQUEST, caller=somebody, input=input)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestLists:
    async def test_take_as_many_statements_however_long_they_are(self, desk):
        def more():
            desk.refund(desk.back(desk.bought(1)), 1)

        more()
        counts = []
        for _ in range(2):
            with count_statements(desk.world.database) as seen:
                await desk.world.graphql(LISTS)
            counts.append(len(seen))
            more()
            more()

        assert counts[0] == counts[1]

    def test_a_command_takes_as_many_statements_for_two_orders_as_for_one_more(self, desk):
        lines = [desk.line(desk.bought(1)) for _ in range(3)]
        counts = []
        for given in (lines[:1], lines[1:]):
            with count_statements(desk.world.database) as seen:
                desk.request(*given)
            counts.append(len(seen))

        # Each order is written once more.
        assert counts[1] - counts[0] <= 4

    RETURNS = {
        "kind": (Operator.EQ, ReturnKind.CLAIM),
        "status": (Operator.EQ, ReturnState.RECEIVED),
        "origin": (Operator.EQ, ReturnOrigin.PARTNER),
        "verdict": (Operator.EQ, Verdict.REFUSED),
        "rule": (Operator.EQ, Rule.WINDOW_OVER),
        "number": (Operator.EQ, "RMA-000001"),
        "reference": (Operator.EQ, "X-1"),
        "customer_id": (Operator.EQ, SOME),
        "channel_id": (Operator.EQ, SOME),
        "location_id": (Operator.EQ, SOME),
        "order_id": (Operator.EQ, SOME),
        "sku": (Operator.EQ, "MUG"),
        "reason_id": (Operator.EQ, SOME),
        "value": (Operator.GTE, Money(1, "EUR")),
        "expires_at": (Operator.LT, NOW),
        "created_at": (Operator.LT, NOW),
        "updated_at": (Operator.LT, NOW),
    }
    LISTED = (
        (queries.return_list, ReturnSortKey, RETURNS),
        (
            queries.policy_list,
            PolicySortKey,
            {"channel_id": (Operator.EQ, SOME), "code": (Operator.EQ, "usual")},
        ),
    )

    @pytest.mark.parametrize("number", range(len(LISTED)))
    def test_have_an_index_for_every_word_and_sort(self, database, number):
        listing, sorts, tests = self.LISTED[number]
        assert set(tests) == set(listing.words)

        for key in sorts:
            with all_indexed(database.reading), database.reading.connect() as db:
                listing.page(db, PageRequest(sort=key))
        for word, (operator, value) in tests.items():
            request = PageRequest(filter=Test(word, operator, value))
            with all_indexed(database.reading, sorts=True), database.reading.connect() as db:
                listing.page(db, request)


class TestDocs:
    @pytest.mark.parametrize("number", range(len(DOCUMENTS)))
    async def test_can_be_asked(self, desk, number):
        order_id = desk.bought(2)
        known = {
            "order": ids.text("ord", order_id),
            "return": ids.text("ret", desk.back(order_id)),
            "orderLine": ids.text("oln", desk.lines(order_id)[0].id),
        }
        wanted = set(re.findall(r"\$(\w+):", DOCUMENTS[number]))

        data = await desk.world.graphql(DOCUMENTS[number], **{name: known[name] for name in wanted})

        for answer in data.values():
            assert answer
            assert not isinstance(answer, dict) or answer.get("userErrors", []) == []
