"""Bank accounts and statements over GraphQL. On both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from backoffice_api.domain.banking import queries
from backoffice_api.domain.kernel.filters import All, Operator, Test
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.ledger.commands.rates import SetBooks, set_books
from tests.banking import files
from tests.banking.desk import day, line, statement
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.world import caller

CREATE = """mutation ($input: BankAccountCreateInput!) {
  bankAccountCreate(input: $input) { bankAccount { id } userErrors { code path } } }"""
UPDATE = """mutation ($id: ID!, $input: BankAccountUpdateInput!) {
  bankAccountUpdate(id: $id, input: $input) {
    bankAccount { name isArchived maskedNumber } userErrors { code path } } }"""
IMPORT = """mutation ($input: BankStatementImportInput!, $meta: MutationMeta) {
  bankStatementImport(input: $input, meta: $meta) {
    added known skipped effects { kind }
    statements {
      format reference opening { amount } closing { amount } total { amount } startsOn endsOn
      lineCount addedCount status
      lines { nodes { bookedOn amount { amount } text partyName state details { partyName } } }
    }
    userErrors {
      code path
      ... on BalanceMismatchError { opening { amount } lines { amount } closing { amount } }
      ... on UnreadableStatementError { line reason }
    }
  }
}"""
LINES = """query ($filter: StatementLineFilter, $search: String) {
  statementLines(filter: $filter, search: $search, sort: {key: AMOUNT}) {
    nodes { amount { amount } state bankAccount { maskedNumber } statement { lineCount }
            actions { name allowed } } }
  statementLinesCount(filter: $filter, search: $search) { value } }"""
IBAN = "DE89370400440532013000"


async def made(world, name="Giro", currency="EUR", opening="1000.00", **values):
    input = {
        "name": name,
        "opening": {"amount": opening, "currency": currency},
        "openedOn": "2025-03-01",
        **values,
    }
    answer = await world.graphql(CREATE, input=input)
    return answer["bankAccountCreate"]["bankAccount"]["id"]


async def bring(world, id, content, meta=None, **values):
    input = {"bankAccountId": id, "content": files.packed(content), **values}
    return (await world.graphql(IMPORT, input=input, meta=meta))["bankStatementImport"]


class TestAccounts:
    async def test_are_made_changed_and_shown_by_rights(self, world):
        id = await made(world, numbers={"iban": "de89 3704 0044 0532 0130 00"}, holder="Shop")
        changed = await world.graphql(UPDATE, id=id, input={"name": "Main", "isArchived": True})
        wrong = {"numbers": {"iban": "DE00"}, "ledgerAccountId": "acc_" + "0" * 32}
        refused = await world.graphql(UPDATE, id=id, input=wrong)

        assert changed["bankAccountUpdate"]["bankAccount"] == {
            "name": "Main",
            "isArchived": True,
            "maskedNumber": "DE\u2022\u2022\u2022\u20223000",
        }
        assert [each["code"] for each in refused["bankAccountUpdate"]["userErrors"]] == [
            "INVALID_IBAN",
            "UNKNOWN_LEDGER_ACCOUNT_OF_BANK",
        ]
        shown = "{ bankAccounts { nodes { holder iban } } }"
        assert await world.graphql(shown) == {
            "bankAccounts": {"nodes": [{"holder": "Shop", "iban": IBAN}]}
        }
        clerk = caller(Scope.BANKING_READ)
        answer = await world.ask(shown, caller=clerk)
        assert {each["extensions"]["code"] for each in answer["errors"]} == {"FORBIDDEN"}
        (event, *_) = (
            await world.graphql(
                "query ($id: ID!) { bankAccount(id: $id) {"
                " timeline(first: 9) { nodes { type changes { path after } } } } }",
                id=id,
            )
        )["bankAccount"]["timeline"]["nodes"][-1:]
        kept = {each["path"]: each["after"] for each in event["changes"]}
        assert (kept["iban"], kept["name"]) == ("(personal)", "Giro")

    async def test_are_kept_in_the_currency_of_the_books_unless_told_otherwise(self, world):
        """So are accounts that runs pay from, and the forecast."""
        made_each = """
            mutation ($day: Date!) {
              bankAccountCreate(input: {name: "Conta", openedOn: $day}) {
                bankAccount { currency opening { amount } } userErrors { code } }
              payerAccountSet(input: {name: "Conta", details: {holder: "Loja",
                bankCode: "341-1234", accountNumber: "56789-0"}}) {
                payerAccount { currency } userErrors { code } } }"""
        shown = "query ($day: Date!) { cashFlowForecast(to: $day) { opening { currency } } }"

        before = await world.graphql(made_each, day="2025-03-01")
        unknown = await world.ask(shown, day="2030-01-01")
        world.run(set_books, SetBooks(base_currency="BRL"))
        after = await world.graphql(made_each, day="2025-03-01")

        assert [each["userErrors"] for each in before.values()] == [[{"code": "BOOKS_NOT_SET"}]] * 2
        assert unknown["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert after["bankAccountCreate"]["bankAccount"] == {
            "currency": "BRL",
            "opening": {"amount": "0.00"},
        }
        assert after["payerAccountSet"]["payerAccount"] == {"currency": "BRL"}
        until = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
        forecast = (await world.graphql(shown, day=until))["cashFlowForecast"]
        assert forecast["opening"] == {"currency": "BRL"}


class TestImport:
    async def test_reads_files_of_any_format(self, world):
        id = await made(world, numbers={"iban": IBAN})

        answer = await bring(world, id, files.camt())

        (found,) = answer["statements"]
        assert answer["userErrors"] == []
        assert [each["kind"] for each in answer["effects"]] == ["bank_statement.imported"]
        assert (answer["added"], found["format"], found["reference"]) == (2, "CAMT", "S-1")
        assert (found["opening"], found["closing"]) == (
            {"amount": "1000.00"},
            {"amount": "1080.25"},
        )
        newest, oldest = found["lines"]["nodes"]
        assert (newest["amount"], newest["state"]) == ({"amount": "-20.25"}, "IMPORTED")
        assert [each["partyName"] for each in oldest["details"]] == ["Ana", "Bob"]
        mapping = {
            "bookedOn": "Data",
            "amount": "Valor",
            "text": ["Hist\u00f3rico"],
            "currency": "EUR",
            "dateFormat": "DD/MM/YYYY",
            "decimalSign": ",",
            "skippedLines": 1,
        }
        again = await bring(world, id, files.camt())
        other = await bring(world, id, files.CSV, mapping=mapping)
        assert (again["added"], again["known"], len(again["statements"])) == (0, 2, 1)
        assert (other["added"], other["statements"][0]["format"]) == (2, "CSV")

    @pytest.mark.parametrize(
        ("content", "values", "expected"),
        [
            (
                files.camt(closing="1080.00"),
                {},
                {
                    "code": "BALANCE_MISMATCH",
                    "path": ["input", "content"],
                    "opening": {"amount": "1000.00"},
                    "lines": {"amount": "80.25"},
                    "closing": {"amount": "1080.00"},
                },
            ),
            (
                files.camt().replace(b">100.50<", b">x<"),
                {},
                {
                    "code": "UNREADABLE_STATEMENT",
                    "path": None,
                    "line": 0,
                    "reason": "bad amount 'x' in the statement S-1",
                },
            ),
            (b"hello", {}, {"code": "UNKNOWN_STATEMENT_FORMAT", "path": ["input", "format"]}),
            (b"a;b", {"format": "CSV"}, {"code": "MAPPING_NEEDED", "path": ["input", "mapping"]}),
        ],
    )
    async def test_says_what_is_wrong(self, world, content, values, expected):
        answer = await bring(world, await made(world), content, **values)

        assert answer["userErrors"] == [expected]
        assert answer["statements"] == []

    async def test_may_be_tried_out_and_repeated(self, world):
        id = await made(world)

        tried = await bring(world, id, files.camt(), meta={"dryRun": True})
        first = await bring(world, id, files.camt(), meta={"idempotencyKey": "k"})
        second = await bring(world, id, files.camt(), meta={"idempotencyKey": "k"})

        assert (tried["added"], first["added"], second["added"]) == (2, 2, 2)
        found = await world.graphql(LINES)
        assert found["statementLinesCount"]["value"] == 2

    async def test_takes_the_right(self, world):
        input = {"bankAccountId": "bac_" + "0" * 32, "content": ""}
        somebody = caller(*ALL_SCOPES - {Scope.BANKING_WRITE})

        answer = await world.ask(IMPORT, input=input, caller=somebody)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestLists:
    async def test_of_lines_are_filtered_and_searched(self, world):
        id = await made(world)
        await bring(world, id, files.camt())

        async def amounts(**given):
            found = await world.graphql(LINES, **given)
            return [each["amount"]["amount"] for each in found["statementLines"]["nodes"]]

        assert await amounts() == ["100.50", "-20.25"]
        assert await amounts(search="fee") == ["-20.25"]
        assert await amounts(filter={"amount": {"currency": "EUR", "gte": "0"}}) == ["100.50"]
        assert await amounts(filter={"bookedOn": {"lt": "2025-03-04"}}) == ["100.50"]
        assert await amounts(filter={"state": ["RECONCILED"]}) == []
        assert len(await amounts(filter={"bankAccountId": {"eq": id}})) == 2
        with count_statements(world.database) as asked:
            await world.graphql(LINES)
        assert len(asked) <= 8

    async def test_of_balances_hold_for_a_day(self, world):
        id = await made(world)
        await bring(world, id, files.camt())
        shown = """query ($id: ID!, $on: Date!) { bankBalance(bankAccountId: $id, on: $on) {
            balance { amount } stated { amount } statedOn } }"""

        found = [
            (await world.graphql(shown, id=id, on=on))["bankBalance"]
            for on in ("2025-03-03", "2025-03-04")
        ]

        assert found == [
            {"balance": {"amount": "1100.50"}, "stated": None, "statedOn": None},
            {
                "balance": {"amount": "1080.25"},
                "stated": {"amount": "1080.25"},
                "statedOn": "2025-03-04",
            },
        ]

    @pytest.mark.parametrize(
        ("list", "word", "operator", "value"),
        [
            ("line", "state", Operator.IN, ("imported",)),
            ("line", "amount", Operator.GTE, Money(0, "EUR")),
            ("line", "booked_on", Operator.GTE, day(0)),
            ("statement", "status", Operator.IN, ("imported",)),
            ("statement", "ends_on", Operator.GTE, day(0)),
            ("account", "is_archived", Operator.EQ, False),
        ],
    )
    def test_find_by_an_index(self, desk, list, word, operator, value):
        desk.take(statement(line(1, 5)))
        listing = getattr(queries, f"{list}_list")
        own = Test("bank_account_id", Operator.EQ, desk.account_id)
        parts = [Test(word, operator, value), *([own] if list != "account" else [])]

        with all_indexed(desk.world.database.reading, sorts=word in ("amount", "starts_on")):
            desk.world.read(listing.page, PageRequest(filter=All(tuple(parts))))
