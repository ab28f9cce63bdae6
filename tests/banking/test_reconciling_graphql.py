"""Explaining lines over GraphQL, from the rule to the undone match. On both databases."""

import re
from pathlib import Path

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.ledger.model.accounts import AccountRole
from tests.banking.desk import line, statement
from tests.databases import count_statements
from tests.world import caller

DOCS = Path(__file__).parent.parent.parent / "docs" / "banking.md"
RULE = """mutation ($input: ReconciliationRuleInput!) {
  reconciliationRuleCreate(input: $input) {
    rule { id name amountFrom { amount } tolerance { amount } action accountId }
    userErrors { code path } } }"""
REPLACE = """mutation ($id: ID!, $input: ReconciliationRuleInput!) {
  reconciliationRuleReplace(id: $id, input: $input) {
    rule { version isActive } userErrors { code path } } }"""
MATCH = """mutation ($input: StatementLinesMatchInput!) {
  statementLinesMatch(input: $input) {
    match {
      id origin status entryId linesTotal { amount } itemsTotal { amount } writeOff { amount }
      lines { line { state open { amount } matches { status } } }
      items { kind itemId amount { amount } }
      actions { name allowed }
    }
    effects { kind summary }
    userErrors {
      code path
      ... on AmountsDoNotMeetError { lines { amount } items { amount } difference { amount } }
    } } }"""
UNDO = """mutation ($id: ID!) { statementMatchUndo(id: $id) {
  match { status actions { name allowed } } userErrors { code } } }"""
ACCEPT = """mutation ($input: SuggestionAcceptInput!) { suggestionAccept(input: $input) {
  match { origin rule { name } lines { line { state } } } userErrors { code path } } }"""
LINES = """{ statementLines(sort: {key: AMOUNT, direction: ASC}) { nodes {
  id state amount { amount } actions { name allowed }
  suggestions { id rank score kind reasons items { kind itemId amount { amount } } } } } }"""
EXCLUDE = """mutation ($id: ID!, $input: StatementLineExcludeInput!) {
  statementLineExclude(id: $id, input: $input) {
    line { state excludedBecause } userErrors { code path } } }"""
INCLUDE = """mutation ($id: ID!) { statementLineInclude(id: $id) {
  line { state } userErrors { code } } }"""
FIND = """mutation ($input: SuggestionsFindInput!) { suggestionsFind(input: $input) {
  bankAccount { id } userErrors { code path } } }"""
ZERO = {"amount": "0", "currency": "EUR"}


@pytest.fixture
def fees(desk):
    return ids.text("acc", desk.ledger(AccountRole.BANK_FEES))


@pytest.fixture
def lines(desk):
    """Ids of lines of -9.00, -4.50 and 10.00."""
    amounts = (-900, -450, 1_000)
    desk.take(statement(*(line(1, each, f"Fee {each}") for each in amounts)))
    by_amount = {each.amount_minor: ids.text("stl", each.id) for each in desk.lines()}
    return [by_amount[each] for each in amounts]


class TestReconciling:
    async def test_goes_from_a_rule_to_a_match(self, desk, fees, lines):
        input = {
            "name": "Fees",
            "tolerance": ZERO,
            "action": "POST",
            "text": "fee",
            "direction": "OUT",
            "amountFrom": {"amount": "5", "currency": "EUR"},
            "accountId": fees,
        }
        made = await desk.world.graphql(RULE, input=input)
        found = await desk.world.graphql(
            FIND, input={"bankAccountId": ids.text("bac", desk.account_id)}
        )
        desk.suggest()
        shown = (await desk.world.graphql(LINES))["statementLines"]["nodes"]

        assert made["reconciliationRuleCreate"]["userErrors"] == []
        assert found["suggestionsFind"]["userErrors"] == []
        assert [each["state"] for each in shown] == ["SUGGESTED", "IMPORTED", "IMPORTED"]
        (suggestion,) = shown[0]["suggestions"]
        assert (suggestion["score"], suggestion["reasons"]) == (95, ["RULE"])
        assert suggestion["items"] == [
            {"kind": "ACCOUNT", "itemId": fees, "amount": {"amount": "-9.00"}}
        ]
        accepted = await desk.world.graphql(ACCEPT, input={"suggestionId": suggestion["id"]})
        assert accepted["suggestionAccept"] == {
            "match": {
                "origin": "SUGGESTION",
                "rule": {"name": "Fees"},
                "lines": [{"line": {"state": "RECONCILED"}}],
            },
            "userErrors": [],
        }
        again = await desk.world.graphql(ACCEPT, input={"suggestionId": suggestion["id"]})
        assert again["suggestionAccept"]["userErrors"][0]["code"] == "UNKNOWN_SUGGESTION"
        changed = {**input, "isActive": False}
        id = made["reconciliationRuleCreate"]["rule"]["id"]
        replaced = await desk.world.graphql(REPLACE, id=id, input=changed)
        assert replaced["reconciliationRuleReplace"]["rule"] == {"version": 2, "isActive": False}
        active = "{ reconciliationRules(filter: {isActive: true}) { nodes { id } } }"
        assert await desk.world.graphql(active) == {"reconciliationRules": {"nodes": []}}
        assert desk.broken() == []

    async def test_matches_and_takes_back(self, desk, fees, lines):
        item = {"kind": "ACCOUNT", "id": fees, "amount": {"amount": "-1.50", "currency": "EUR"}}
        input = {"lineIds": [lines[2], lines[0]], "items": [item]}
        refused = await desk.world.graphql(MATCH, input=input)
        answer = await desk.world.graphql(
            MATCH,
            input={**input, "writeOff": {"maximum": {"amount": "2.50", "currency": "EUR"}}},
        )

        assert refused["statementLinesMatch"]["userErrors"] == [
            {
                "code": "AMOUNTS_DO_NOT_MEET",
                "path": None,
                "lines": {"amount": "1.00"},
                "items": {"amount": "-1.50"},
                "difference": {"amount": "2.50"},
            }
        ]
        made = answer["statementLinesMatch"]["match"]
        assert (made["linesTotal"], made["writeOff"]) == ({"amount": "1.00"}, {"amount": "2.50"})
        assert [each["line"]["state"] for each in made["lines"]] == ["RECONCILED"] * 2
        assert answer["statementLinesMatch"]["effects"][0]["kind"] == "statement_match.made"
        undone = await desk.world.graphql(UNDO, id=made["id"])
        assert undone["statementMatchUndo"]["match"] == {
            "status": "UNDONE",
            "actions": [{"name": "undo", "allowed": False}],
        }
        assert {each.state for each in desk.lines()} == {"imported"}
        assert desk.broken() == []

    async def test_leaves_lines_out(self, desk, lines):
        left = await desk.world.graphql(EXCLUDE, id=lines[0], input={"reason": "Told twice."})
        again = await desk.world.graphql(EXCLUDE, id=lines[0], input={"reason": "Told twice."})
        back = await desk.world.graphql(INCLUDE, id=lines[0])

        assert left["statementLineExclude"]["line"] == {
            "state": "EXCLUDED",
            "excludedBecause": "Told twice.",
        }
        assert again["statementLineExclude"]["userErrors"][0]["code"] == "INVALID_TRANSITION"
        assert back["statementLineInclude"]["line"] == {"state": "IMPORTED"}

    @pytest.mark.parametrize(
        ("values", "codes"),
        [
            ({"action": "MATCH"}, ["RULE_MISMATCH"]),
            ({"text": None}, ["RULE_KNOWS_NOTHING"]),
            ({"pattern": "(a+)+"}, ["UNSAFE_PATTERN"]),
            ({"accountId": "acc_" + "0" * 32}, ["UNKNOWN_LEDGER_ACCOUNT_OF_BANK"]),
            ({"bankAccountId": "bac_" + "0" * 32}, ["UNKNOWN_BANK_ACCOUNT_OF_SHOP"]),
            ({"amountTo": {"amount": "1", "currency": "USD"}}, ["CURRENCY_MISMATCH"]),
            (
                {"tolerance": {"amount": "-1", "currency": "EUR"}},
                ["RULE_BOUNDS_REVERSED", "RULE_MISMATCH"],
            ),
            ({"days": 400, "name": ""}, ["INVALID_TEXT", "OUT_OF_RANGE", "RULE_MISMATCH"]),
        ],
    )
    async def test_refuses_rules_that_make_no_sense(self, desk, fees, values, codes):
        input = {"name": "R", "tolerance": ZERO, "action": "POST", "text": "x", "accountId": fees}

        answer = await desk.world.graphql(RULE, input={**input, **values})

        errors = answer["reconciliationRuleCreate"]["userErrors"]
        assert sorted(each["code"] for each in errors) == codes

    async def test_takes_the_right(self, desk, lines):
        somebody = caller(*ALL_SCOPES - {Scope.BANKING_WRITE})

        answer = await desk.world.ask(INCLUDE, id=lines[0], caller=somebody)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_asks_as_little_for_many_lines_as_for_few(self, desk, fees, lines):
        with count_statements(desk.world.database) as few:
            await desk.world.graphql(LINES)
        desk.take(statement(*(line(5, each) for each in range(1, 30))))
        with count_statements(desk.world.database) as many:
            await desk.world.graphql(LINES)

        assert len(many) == len(few)

    @pytest.mark.parametrize(
        "document", re.findall(r"^```graphql\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.M)
    )
    async def test_is_told_in_the_docs_as_it_is(self, desk, lines, document):
        known = {"account": ids.text("bac", desk.account_id), "on": "2025-03-05"}
        wanted = set(re.findall(r"\$(\w+):", document))

        data = await desk.world.graphql(document, **{name: known[name] for name in wanted})

        assert all(data.values())
