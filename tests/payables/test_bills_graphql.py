"""Bills over GraphQL: the screens of accounts payable, and who may do what. On both databases."""

import pytest

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from tests.databases import count_statements
from tests.payables.accounting import Accounting
from tests.purchasing.desk import ANNA, BERT
from tests.stock.depot import shown
from tests.stock.test_stock_rights import is_forbidden
from tests.world import caller

BILL, PAYMENT, RULE, SUPPLIER = (f"{kind}_{'0' * 32}" for kind in ("bil", "bpy", "mto", "sup"))
REASON = 'input: {reason: "x"}'
WRITES = {
    "billCreate": f'input: {{supplierId: "{SUPPLIER}", number: "1", issuedOn: "2025-01-01"}}',
    "billUpdate": f'id: "{BILL}", input: {{note: "x"}}',
    "billSubmit": f'id: "{BILL}"',
    "billMatch": f'id: "{BILL}"',
    "billReopen": f'id: "{BILL}"',
    "billDispute": f'id: "{BILL}", {REASON}',
    "billDisputeResolve": f'id: "{BILL}"',
    "billCreditNoteApply": f'id: "{BILL}", input: {{billId: "{BILL}"}}',
    "billPaymentRecord": f'id: "{BILL}", input: {{}}',
    "billPaymentReverse": f'id: "{PAYMENT}"',
    "billCreditReverse": f'id: "bcr_{"0" * 32}"',
}
APPROVALS = {
    "billApprove": f'id: "{BILL}"',
    "billReject": f'id: "{BILL}", {REASON}',
    "billMatchWaive": f'id: "{BILL}", {REASON}',
    "billVoid": f'id: "{BILL}", {REASON}',
    "matchToleranceSet": "input: {quantityBp: 0, priceBp: 0}",
    "matchToleranceRemove": f'id: "{RULE}"',
}
READS = (
    f'{{ bill(id: "{BILL}") {{ id }} }}',
    "{ bills { nodes { id } } }",
    "{ billsCount { value } }",
    "{ matchTolerances { nodes { id } } }",
    "{ payablesAging { on } }",
)

CREATE = """
mutation ($input: BillCreateInput!, $meta: MutationMeta) {
  billCreate(input: $input, meta: $meta) {
    bill {
      id version status matchStatus number dueOn total { amount currency } open { amount }
      lines { description quantity unitPrice { amount } amount { amount } tax { amount } }
      instalments { dueOn amount { amount } discount { amount } discountUntil }
      supplier { code } createdBy { kind } actions { name allowed blockedBy }
    }
    userErrors { code path ... on SimilarBillError { billId number } } effects { kind } replayed
  }
}
"""
MOVE = """
mutation ($id: ID!, $meta: MutationMeta) {
  billSubmit(id: $id, meta: $meta) { bill { status matchStatus } userErrors { code } }
}
"""
APPROVE = "mutation ($id: ID!) { billApprove(id: $id) { bill { status } userErrors { code } } }"
PAY = """
mutation ($id: ID!, $input: BillPaymentRecordInput!) {
  billPaymentRecord(id: $id, input: $input) {
    bill { status open { amount } payments { nodes { id amount { amount } method reference } } }
    userErrors { code path ... on AmountAboveOpenError { maximum { amount } } }
  }
}
"""
LIST = """
query ($filter: BillFilter) {
  bills(filter: $filter) {
    nodes {
      number status matchStatus open { amount } supplier { name }
      lines { mismatches expected { amount } variance { amount }
        orderLine { sku billed { quantity allowed waived } } }
      instalments { dueOn } attachments { name } payments { nodes { id } } credits { appliedOn }
    }
  }
  billsCount(filter: $filter) { value }
}
"""
FOUND = """
{
  bills(
    search: "acme 2025 rent"
    filter: {
      status: [PAID], kind: [BILL], number: {startsWith: "2025"}, dueOn: {lt: "2025-04-16"}
      total: {currency: "EUR", gte: "118.00"}
    }
  ) { nodes { number } }
  supplier(by: {code: "ACME"}) {
    bills(filter: {status: [PAID]}, sort: {key: DUE_ON, direction: ASC}) { nodes { number } }
  }
}
"""
AGING = """
{ payablesAging(on: "2025-03-30") {
    suppliers { supplier { code } sums { notDue { amount } days1To30 { amount } } }
    totals { currency total { amount } } } }
"""


class TestPath:
    async def test_leads_from_the_paper_to_the_payment(self, books: Accounting) -> None:
        euros = {"currency": "EUR"}
        goods = {
            "orderLineId": shown("pol", books.line.id),
            "quantity": 12,
            "tax": {"amount": "3.00", **euros},
        }
        rent = {
            "description": "Rent of March",
            "accountId": shown("acc", books.account()),
            "amount": {"amount": "100.00", **euros},
        }
        input = {
            "supplierId": shown("sup", books.supplier),
            "number": "2025/0042",
            "issuedOn": "2025-02-28",
            "lines": [goods, rent],
            "instalments": [
                {"dueOn": "2025-03-15", "amount": {"amount": "18.00", **euros}},
                {
                    "dueOn": "2025-04-15",
                    "amount": {"amount": "100.00", **euros},
                    "discount": {"amount": "2.00", **euros},
                    "discountUntil": "2025-03-31",
                },
            ],
        }
        ask = books.world.graphql
        dry = await ask(CREATE, input=input, meta={"dryRun": True}, caller=ANNA)
        assert dry["billCreate"]["effects"] == [{"kind": "bill.created"}]
        made = await ask(CREATE, input=input, meta={"idempotencyKey": "k"}, caller=ANNA)
        again = await ask(CREATE, input=input, meta={"idempotencyKey": "k"}, caller=ANNA)
        bill = made["billCreate"]["bill"]
        assert again["billCreate"]["replayed"]
        assert again["billCreate"]["bill"]["id"] == bill["id"]
        assert bill["total"] == {"amount": "118.00", "currency": "EUR"}
        assert bill["dueOn"] == "2025-03-15"
        assert [each["description"] for each in bill["lines"]] == ["A / A", "Rent of March"]
        twice = await ask(CREATE, input={**input, "number": "2025-42"}, caller=ANNA)
        assert twice["billCreate"]["userErrors"] == [
            {
                "code": "SIMILAR_BILL",
                "path": ["input", "number"],
                "billId": bill["id"],
                "number": "2025/0042",
            }
        ]

        stale = await ask(MOVE, id=bill["id"], meta={"expectedVersion": 7}, caller=ANNA)
        assert stale["billSubmit"]["userErrors"] == [{"code": "STALE_VERSION"}]
        moved = await ask(MOVE, id=bill["id"], caller=ANNA)
        assert moved["billSubmit"]["bill"] == {
            "status": "PENDING_APPROVAL",
            "matchStatus": "MATCHED",
        }
        own = await ask(APPROVE, id=bill["id"], caller=ANNA)
        assert own["billApprove"]["userErrors"] == [{"code": "APPROVER_IS_CREATOR"}]
        await ask(APPROVE, id=bill["id"], caller=BERT)
        more = {"amount": {"amount": "118.01", **euros}}
        refused = await ask(PAY, id=bill["id"], input=more)
        assert refused["billPaymentRecord"]["userErrors"] == [
            {
                "code": "AMOUNT_ABOVE_OPEN",
                "path": ["input", "amount"],
                "maximum": {"amount": "118.00"},
            }
        ]
        aged = await ask(AGING)
        assert aged["payablesAging"] == {
            "suppliers": [
                {
                    "supplier": {"code": "ACME"},
                    "sums": {"notDue": {"amount": "100.00"}, "days1To30": {"amount": "18.00"}},
                }
            ],
            "totals": [{"currency": "EUR", "total": {"amount": "118.00"}}],
        }
        paid = await ask(PAY, id=bill["id"], input={"method": "CARD", "reference": "C1"})
        done = paid["billPaymentRecord"]["bill"]
        assert (done["status"], done["open"]) == ("PAID", {"amount": "0.00"})
        assert [each["reference"] for each in done["payments"]["nodes"]] == ["C1"]
        found = await ask(FOUND)
        assert found["bills"]["nodes"] == [{"number": "2025/0042"}]
        assert found["supplier"]["bills"]["nodes"] == [{"number": "2025/0042"}]

    async def test_shows_the_queue_of_exceptions_in_constant_statements(
        self, books: Accounting
    ) -> None:
        counts = []
        for many in (1, 3):
            for _ in range(many):
                books.submitted(books.goods(20))
            books.approved(books.service("1"))
            with count_statements(books.world.database) as seen:
                answer = await books.world.graphql(LIST, filter={"matchStatus": ["EXCEPTION"]})
            counts.append(len(seen))
        assert answer["billsCount"]["value"] == 4
        assert counts[0] == counts[1]
        line = answer["bills"]["nodes"][0]["lines"][0]
        assert line == {
            "mismatches": ["MORE_THAN_RECEIVED"],
            "expected": {"amount": "25.00"},
            "variance": {"amount": "0.00"},
            "orderLine": {"sku": "A", "billed": {"quantity": 0, "allowed": 0, "waived": 0}},
        }


class TestRights:
    async def test_are_needed_by_every_field(self, books: Accounting) -> None:
        fields = [
            (f"mutation {{ {name}({given}) {{ userErrors {{ code }} }} }}", scope)
            for writes, scope in ((WRITES, Scope.BILLS_WRITE), (APPROVALS, Scope.BILLS_APPROVE))
            for name, given in writes.items()
        ]
        fields += [(document, Scope.BILLS_READ) for document in READS]
        for document, scope in fields:
            answer = await books.world.ask(document, caller=caller(*ALL_SCOPES - {scope}))
            assert is_forbidden(answer), document
            assert "errors" not in await books.world.ask(document, caller=caller(scope)), document


@pytest.mark.parametrize("verb", ["billSubmit", "billApprove"])
async def test_what_is_not_there_is_said(books: Accounting, verb: str) -> None:
    document = f'mutation {{ {verb}(id: "{BILL}") {{ userErrors {{ code path }} }} }}'

    answer = await books.world.graphql(document)

    assert answer[verb]["userErrors"] == [{"code": "UNKNOWN_BILL", "path": ["id"]}]
