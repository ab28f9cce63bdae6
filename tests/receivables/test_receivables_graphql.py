"""Receivables over GraphQL: the whole path, its rights and its lists. On both databases."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.model.payouts import (
    PayoutFinding,
    PayoutLineKind,
    PayoutLineSortKey,
    PayoutSortKey,
)
from backoffice_api.domain.receivables.model.receivables import (
    ReceivableKind,
    ReceivableSortKey,
    ReceivableState,
)
from backoffice_api.domain.receivables.model.write_offs import WriteOffSortKey, WriteOffStatus
from backoffice_api.domain.receivables.queries.aging import aging
from backoffice_api.domain.receivables.queries.comparing import verdicts
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.receivables.debts import NOW, TODAY, line
from tests.world import caller

SOME = UUID(int=0)
DOCS = Path(__file__).parent.parent.parent / "docs" / "receivables.md"

IMPORT = """
mutation ($input: PayoutImportInput!, $meta: MutationMeta) {
  payoutImport(input: $input, meta: $meta) {
    payout {
      id version state reference amount { amount } fee { amount } differences
      lines(first: 5) { nodes {
        finding net { amount } expectedFee { amount } transaction { kind }
      } }
    }
    userErrors { code path
      ... on PayoutNotBalancedError {
        stated { amount } lines { amount } difference { amount } } }
    effects { kind }
  }
}
"""
WRITE_OFF = """
mutation ($id: ID!, $input: ReceivableWriteOffInput!, $meta: MutationMeta) {
  receivableWriteOff(id: $id, input: $input, meta: $meta) {
    writeOff { id status amount { amount } receivable { state open { amount } } }
    userErrors { code path ... on SettledBeyondOpenError { maximum { amount } } }
    effects { kind }
  }
}
"""
DISPUTE = """
mutation ($id: ID!) {
  a: receivableDispute(id: $id, input: {note: "Broken."}) {
    receivable { isDisputed disputeNote actions { name allowed } } userErrors { code } }
  b: receivableDispute(id: $id, input: {}) { userErrors { code } }
  c: receivableEndDispute(id: $id) { receivable { isDisputed } userErrors { code } }
  d: receivableEndDispute(id: $id) { userErrors { code } }
}
"""
SETUP = """
mutation ($customer: ID!) {
  payoutTermsSet(input: {
    provider: "fake", delayDays: 3, feeBp: 150, feeFixed: {amount: "0.25", currency: "EUR"}
  }) { terms { id provider delayDays feeBp feeFixed { amount } } userErrors { code } }
  dunningStepSet(input: {number: 1, daysAfterDue: 7, kind: REMINDER}) {
    step { id number fee { amount } } userErrors { code } }
  creditLimitSet(input: {customerId: $customer, currency: "EUR", limit: "50.00"}) {
    creditLimit { limit { amount } customer { name
      creditStatus { used { amount } available { amount } isOver } } } userErrors { code } }
}
"""
LISTS = """
{
  receivables { nodes { id order { number } customer { name } payment { method }
    transaction { kind } settlements { source } dunningNotices { kind } writeOffs { status } } }
  payouts { nodes { id lines(first: 5) { nodes { finding payout { id } } } } }
  payoutLines(filter: {finding: [UNKNOWN]}) { nodes { id payout { reference } } }
  writeOffs { nodes { id receivable { id } } }
  receivablesCount { value } payoutsCount { value }
  payoutTerms { provider } dunningSteps { number }
  receivablesAging(kinds: [TERMS]) { currency count total { amount } }
}
"""


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


def payout(**values):
    line = {"kind": "CHARGE", "reference": "pi_1"}
    line |= {"gross": eur("100.00"), "fee": eur("1.75"), "net": eur("98.25")}
    given = {"provider": "fake", "reference": "po_1", "arrivesOn": "2025-03-03"}
    return {**given, "amount": eur("98.25"), "lines": [line], **values}


class TestPath:
    async def test_takes_payouts_over(self, debts):
        customer = ids.text("cus", debts.ana)
        made = await debts.world.graphql(SETUP, customer=customer)
        assert made["payoutTermsSet"]["terms"]["feeFixed"] == {"amount": "0.25"}
        order, _ = debts.captured()

        dry = await debts.world.graphql(IMPORT, input=payout(), meta={"dryRun": True})
        assert dry["payoutImport"]["payout"]["fee"] == {"amount": "1.75"}
        assert debts.sums(order) == [("expected", 0, 10_000)]
        off = payout(amount=eur("98.00"))
        refused = (await debts.world.graphql(IMPORT, input=off))["payoutImport"]
        assert refused["userErrors"] == [
            {
                "code": "PAYOUT_NOT_BALANCED",
                "path": ["input", "amount"],
                "stated": {"amount": "98.00"},
                "lines": {"amount": "98.25"},
                "difference": {"amount": "-0.25"},
            }
        ]
        done = (await debts.world.graphql(IMPORT, input=payout()))["payoutImport"]
        assert [each["kind"] for each in done["effects"]] == [
            "receivable.settled",
            "payout.imported",
        ]
        assert done["payout"]["lines"]["nodes"] == [
            {
                "finding": "MATCHED",
                "net": {"amount": "98.25"},
                "expectedFee": {"amount": "1.75"},
                "transaction": {"kind": "CAPTURE"},
            }
        ]
        again = (await debts.world.graphql(IMPORT, input=payout()))["payoutImport"]
        assert (again["payout"]["id"], again["effects"]) == (done["payout"]["id"], [])
        given = payout(lines=[], csv="kind,reference,gross,fee,net\ncharge,pi_1,100,1.75,98.25\n")
        same = (await debts.world.graphql(IMPORT, input=given))["payoutImport"]
        assert same["payout"]["id"] == done["payout"]["id"]
        other = payout(lines=[], csv="kind,reference,gross,fee,net\ncharge,pi_2,98.25,0,98.25\n")
        differs = (await debts.world.graphql(IMPORT, input=other))["payoutImport"]
        assert [each["code"] for each in differs["userErrors"]] == ["PAYOUT_DIFFERS"]

    async def test_contests_and_gives_up(self, debts):
        order, _ = debts.on_terms()
        id = ids.text("rcv", debts.of(order)[0].id)
        answer = await debts.world.graphql(DISPUTE, id=id)
        assert answer["a"]["receivable"]["disputeNote"] == "Broken."
        codes = [[each["code"] for each in answer[name]["userErrors"]] for name in "abcd"]
        assert codes == [[], ["ALREADY_DISPUTED"], [], ["NOT_DISPUTED"]]

        too_much = {"reason": "SMALL", "amount": eur("100.01")}
        refused = (await debts.world.graphql(WRITE_OFF, id=id, input=too_much))[
            "receivableWriteOff"
        ]["userErrors"]
        assert refused == [
            {
                "code": "SETTLED_BEYOND_OPEN",
                "path": ["input", "amount"],
                "maximum": {"amount": "100.00"},
            }
        ]
        asked = (await debts.world.graphql(WRITE_OFF, id=id, input={"reason": "SMALL"}))[
            "receivableWriteOff"
        ]
        assert asked["writeOff"]["status"] == "PENDING_APPROVAL"
        assert [each["kind"] for each in asked["effects"]] == [
            "write_off.asked",
            "approval.requested",
        ]


class TestRights:
    @pytest.mark.parametrize(
        ("document", "scope", "given"),
        [
            ("{ receivables { nodes { id } } }", Scope.RECEIVABLES_READ, {}),
            ("{ receivablesAging { currency } }", Scope.RECEIVABLES_READ, {}),
            (IMPORT, Scope.RECEIVABLES_WRITE, {"input": payout()}),
        ],
    )
    async def test_need_their_scope(self, debts, document, scope, given):
        who = caller(*(ALL_SCOPES - {scope}))
        answer = await debts.world.ask(document, caller=who, **given)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestLists:
    LISTED = (
        (
            queries.receivable_list,
            ReceivableSortKey,
            {
                "state": (Operator.EQ, ReceivableState.OVERDUE),
                "kind": (Operator.EQ, ReceivableKind.TERMS),
                "order_id": (Operator.EQ, SOME),
                "customer_id": (Operator.EQ, SOME),
                "provider": (Operator.EQ, "fake"),
                "due_on": (Operator.LT, TODAY),
                "open": (Operator.GTE, Money(1, "EUR")),
            },
        ),
        (
            queries.payout_list,
            PayoutSortKey,
            {
                "state": (Operator.EQ, ReceivableState.DUE),
                "provider": (Operator.EQ, "fake"),
                "reference": (Operator.EQ, "po_1"),
                "arrives_on": (Operator.LT, TODAY),
                "amount": (Operator.GTE, Money(1, "EUR")),
                "differences": (Operator.GTE, 1),
            },
        ),
        (
            queries.payout_line_list,
            PayoutLineSortKey,
            {
                "finding": (Operator.EQ, PayoutFinding.UNKNOWN),
                "payout_id": (Operator.EQ, SOME),
            },
        ),
        (
            queries.write_off_list,
            WriteOffSortKey,
            {
                "status": (Operator.EQ, WriteOffStatus.POSTED),
                "receivable_id": (Operator.EQ, SOME),
            },
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

    def test_are_asked_by_indexes(self, database):
        """What is asked behind the scenes, too."""
        with all_indexed(database.reading, sorts=True), database.reading.connect() as db:
            queries.open_items(db, "EUR", 1, 2, due_to=TODAY)
            aging(db, TODAY)
            verdicts(db, "fake", [line(PayoutLineKind.CHARGE, "pi_1", 100)], None)

    async def test_take_a_constant_number_of_statements(self, debts):
        counts = []
        for number, many in enumerate((1, 3)):
            for each in range(many):
                debts.captured(1, key=f"pi_{number}_{each}")
                debts.on_terms(1)
            key = f"pi_{number}_0"
            lines = payout(reference=key)["lines"]
            lines[0] |= {"reference": key, "gross": eur("10.00"), "fee": eur("0.25")}
            lines[0] |= {"net": eur("9.75")}
            given = payout(reference=key, lines=lines, amount=eur("9.75"))
            await debts.world.graphql(IMPORT, input=given)
            with count_statements(debts.world.database) as seen:
                found = await debts.world.graphql(LISTS)
            counts.append(len(seen))
        assert counts[0] == counts[1]
        assert found["receivablesCount"] == {"value": 8}
        assert found["receivablesAging"] == [
            {"currency": "EUR", "count": 4, "total": {"amount": "40.00"}}
        ]


class TestDocs:
    @pytest.mark.parametrize(
        "document",
        re.findall(r"^```graphql\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.MULTILINE),
    )
    async def test_can_be_asked(self, debts, document):
        order, _ = debts.on_terms(days=(1,))
        debts.captured()
        debts.sweep(NOW + timedelta(days=9))
        known = {"order": ids.text("ord", order), "customer": ids.text("cus", debts.ana)}
        wanted = set(re.findall(r"\$(\w+):", document))

        data = await debts.world.graphql(document, **{name: known[name] for name in wanted})

        for answer in data.values():
            assert answer
            if isinstance(answer, dict):
                assert answer.get("userErrors", []) == []
