"""The books over GraphQL, from the chart to the reports. On both databases."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.ledger.checks import CHECKS
from backoffice_api.domain.ledger.commands.rates import RatePostings, rate_postings
from backoffice_api.domain.ledger.commands.sealing import SealEntries, seal_entries
from tests.databases import count_statements
from tests.ledger.office import post_as_shop, sale
from tests.soundness import findings
from tests.world import NOW, World, caller

ERRORS = "userErrors { code message path ... on UnbalancedEntryError { sums } }"
POST = f"""mutation Post($input: JournalEntryPostInput!, $meta: MutationMeta) {{
  journalEntryPost(input: $input, meta: $meta) {{
    journalEntry {{
      id number bookedOn period source description
      lines {{ debit {{ amount currency }} credit {{ amount }} account {{ code }} }}
    }}
    effects {{ kind summary }} {ERRORS}
  }}
}}"""
REVERSE = f"""mutation Reverse($id: ID!, $input: JournalEntryReverseInput!) {{
  journalEntryReverse(id: $id, input: $input) {{
    journalEntry {{
      id reverses {{ id reversedBy {{ id }} }} lines {{ debit {{ amount }} account {{ code }} }}
    }}
    {ERRORS}
  }}
}}"""
CLOSE = f"""mutation Close($day: Date!) {{
  periodClose(input: {{ day: $day }}) {{
    period {{ id status actions {{ name allowed }} }} {ERRORS}
  }}
}}"""
ALLOW = f"""mutation Allow($id: ID!, $until: DateTime!) {{
  periodAllowException(id: $id, input: {{ reason: "audit", expiresAt: $until }}) {{
    period {{ exceptions {{ reason entriesMax entriesUsed madeBy {{ kind }} }} }} {ERRORS}
  }}
}}"""
TRIAL = """query Trial($from: Date!, $to: Date!, $inBase: Boolean!, $channel: ID) {
  trialBalance(from: $from, to: $to, inBase: $inBase, channelId: $channel) {
    rows {
      account { code } opening { amount currency } debit { amount } credit { amount }
      closing { amount }
    }
    totals { debit { amount currency } credit { amount } }
    unrated
  }
}"""


def eur(amount: str) -> Mapping[str, str]:
    return {"amount": amount, "currency": "EUR"}


class Clerk:
    """Somebody who keeps the books."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ids: dict[str, str] = {}

    async def chart(self, *accounts: Mapping[str, Any]) -> None:
        answer = await self.world.graphql(
            "mutation Install($accounts: [ChartAccountInput!]!) {"
            "  chartInstall(input: {accounts: $accounts}) {"
            f"    accounts {{ id code }} {ERRORS} }} }}",
            accounts=accounts,
        )
        assert answer["chartInstall"]["userErrors"] == []
        self.ids |= {each["code"]: each["id"] for each in answer["chartInstall"]["accounts"]}

    async def post(self, day: str, *lines: tuple[str, str, str], **more: Any) -> Mapping[str, Any]:
        """Lines: number of the account, `debit` or `credit`, amount in euros."""
        input = {
            "bookedOn": day,
            "description": "Rent of the hall",
            "lines": [
                {"accountId": self.ids[code], side: eur(amount)} for code, side, amount in lines
            ],
        }
        answer = await self.world.graphql(POST, input=input, **more)
        found: Mapping[str, Any] = answer["journalEntryPost"]
        return found

    def seal(self) -> int:
        sealed: int = self.world.run(seal_entries, SealEntries(), caller=THE_SYSTEM).value
        return sealed

    def wrong(self) -> Mapping[str, Any]:
        return {each.check.id: each.rows for each in findings(self.world.database, CHECKS)}


@pytest.fixture
async def clerk(world: World) -> Clerk:
    made = Clerk(world)
    await made.chart(
        {"code": "10", "name": "Money", "kind": "ASSET"},
        {"code": "1001", "name": "House bank", "kind": "ASSET", "role": "BANK", "parentCode": "10"},
        {"code": "1002", "name": "Dollars", "kind": "ASSET", "currency": "USD"},
        {"code": "2001", "name": "Suppliers", "kind": "LIABILITY", "role": "PAYABLES"},
        {"code": "4001", "name": "Sales", "kind": "INCOME", "role": "SALES"},
        {"code": "6101", "name": "Rent", "kind": "EXPENSE"},
    )
    return made


class TestPosting:
    async def test_goes_from_lines_to_reports(self, world: World, clerk: Clerk) -> None:
        made = await clerk.post(
            "2025-02-10", ("6101", "debit", "70.00"), ("1001", "credit", "70.00")
        )
        post_as_shop(world.database, sale(1, 20_000, on=date(2025, 2, 3)))

        entry = made["journalEntry"]
        assert made["userErrors"] == []
        assert entry["number"] is None
        assert [(line["account"]["code"], line["debit"]) for line in entry["lines"]] == [
            ("6101", eur("70.00")),
            ("1001", None),
        ]
        assert made["effects"][0]["kind"] == "journal_entry.posted"
        before = await self.trial(world)
        assert clerk.seal() == 2
        assert clerk.seal() == 0
        after = await self.trial(world)
        assert before == after
        assert after["totals"] == [{"debit": eur("270.00"), "credit": {"amount": "270.00"}}]
        assert [(row["account"]["code"], row["closing"]["amount"]) for row in after["rows"]] == [
            ("1001", "-70.00"),
            ("1100", "200.00"),
            ("4001", "-200.00"),
            ("6101", "70.00"),
        ]
        assert clerk.wrong() == {}

    async def trial(self, world: World) -> Mapping[str, Any]:
        given = {"from": "2025-02-01", "to": "2025-03-01", "inBase": False}
        found: Mapping[str, Any] = (await world.graphql(TRIAL, **given))["trialBalance"]
        return found

    async def test_is_taken_back_once(self, world: World, clerk: Clerk) -> None:
        made = await clerk.post(
            "2025-02-10", ("6101", "debit", "70.00"), ("1001", "credit", "70.00")
        )
        id = made["journalEntry"]["id"]

        first = await world.graphql(REVERSE, id=id, input={})
        again = await world.graphql(REVERSE, id=id, input={})

        back = first["journalEntryReverse"]["journalEntry"]
        assert back["reverses"] == {"id": id, "reversedBy": {"id": back["id"]}}
        assert [line["account"]["code"] for line in back["lines"] if line["debit"]] == ["1001"]
        assert again["journalEntryReverse"]["userErrors"][0]["code"] == "ALREADY_REVERSED"

    async def test_of_a_document_is_not_taken_back_by_hand(
        self, world: World, clerk: Clerk
    ) -> None:
        post_as_shop(world.database, sale(1, 20_000, on=date(2025, 2, 3)))
        listed = await world.graphql("{ journalEntries { nodes { id source } } }")
        (entry,) = listed["journalEntries"]["nodes"]

        answer = await world.graphql(REVERSE, id=entry["id"], input={})

        (refusal,) = answer["journalEntryReverse"]["userErrors"]
        assert refusal["code"] == "ENTRY_OF_DOCUMENT"
        assert entry["source"].split(":")[0] in refusal["message"]

    @pytest.mark.parametrize(
        ("lines", "code"),
        [
            ((("6101", "debit", "70.00"), ("1001", "credit", "69.99")), "UNBALANCED_ENTRY"),
            ((("6101", "debit", "0.00"), ("1001", "credit", "0.00")), "NEITHER_DEBIT_NOR_CREDIT"),
            ((("1002", "debit", "1.00"), ("1001", "credit", "1.00")), "ACCOUNT_OF_OTHER_CURRENCY"),
            ((("6101", "debit", "1.00"), ("2001", "credit", "1.00")), "CONTROL_ACCOUNT"),
            ((), "NOTHING_TO_POST"),
        ],
    )
    async def test_is_refused(
        self, clerk: Clerk, lines: tuple[tuple[str, str, str], ...], code: str
    ) -> None:
        answer = await clerk.post("2025-02-10", *lines)

        assert answer["journalEntry"] is None
        assert answer["userErrors"][0]["code"] == code
        assert clerk.seal() == 0
        if code == "UNBALANCED_ENTRY":
            assert answer["userErrors"][0]["sums"] == ["debits 70.00 EUR, credits 69.99 EUR"]

    async def test_needs_the_right(self, world: World, clerk: Clerk) -> None:
        reader = caller(Scope.LEDGER_READ)
        input = {"bookedOn": "2025-02-10", "description": "x", "lines": []}

        answer = await world.ask(POST, input=input, caller=reader)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestPeriods:
    async def test_keep_entries_out_but_by_exception(self, world: World, clerk: Clerk) -> None:
        lines = (("6101", "debit", "5.00"), ("1001", "credit", "5.00"))

        early = await world.graphql(CLOSE, day="2999-03-01")
        closed = await world.graphql(CLOSE, day="2025-02-20")
        refused = await clerk.post("2025-02-10", *lines)
        period = closed["periodClose"]["period"]
        until = datetime(2999, 3, 2, tzinfo=UTC).isoformat()
        allowed = await world.graphql(ALLOW, id=period["id"], until=until)
        posted = await clerk.post("2025-02-10", *lines)
        over = await clerk.post("2025-02-10", *lines)
        post_as_shop(world.database, sale(1, on=date(2025, 2, 3)))

        assert early["periodClose"]["userErrors"][0]["code"] == "PERIOD_NOT_OVER"
        assert period["status"] == "CLOSED"
        assert refused["userErrors"][0]["code"] == "PERIOD_CLOSED"
        assert allowed["periodAllowException"]["period"]["exceptions"][0]["entriesUsed"] == 0
        assert posted["journalEntry"]["bookedOn"] == "2025-02-10"
        assert over["userErrors"][0]["code"] == "PERIOD_CLOSED"
        moved = await world.graphql(
            '{ journalEntries(filter: {source: {eq: "sale:1"}}) {'
            " nodes { bookedOn description } } }"
        )
        assert moved["journalEntries"]["nodes"] == [
            {"bookedOn": "2025-03-01", "description": "Sale 1 (of 2025-02-03)"}
        ]
        assert clerk.seal() == 2
        assert clerk.wrong() == {}


class TestRates:
    async def test_count_foreign_amounts_and_what_is_left_of_them(
        self, world: World, clerk: Clerk
    ) -> None:
        rates = [
            {"validOn": "2025-02-01", "fromCurrency": "EUR", "toCurrency": "USD", "rate": "1.25"},
            {"validOn": "2025-02-28", "fromCurrency": "USD", "toCurrency": "EUR", "rate": "0.9"},
        ]
        add = (
            "mutation Add($rates: [ExchangeRateInput!]!) {"
            '  exchangeRatesAdd(input: {source: "ECB", rates: $rates}) {'
            f"    rates {{ id rate }} {ERRORS} }} }}"
        )
        revalue = (
            'mutation { booksRevalue(input: {day: "2025-02-10"}) {'
            "  journalEntries { bookedOn lines { account { code } debit { amount currency } } }"
            f"  {ERRORS} }} }}"
        )
        set_books = f'mutation {{ booksSet(input: {{baseCurrency: "EUR"}}) {{ {ERRORS} }} }}'

        post_as_shop(world.database, sale(1, 10_000, "USD", date(2025, 2, 10)))
        clerk.seal()
        await world.graphql(set_books)
        added = await world.graphql(add, rates=rates)
        again = await world.graphql(add, rates=rates)
        counted = world.run(rate_postings, RatePostings(), caller=THE_SYSTEM).value
        anew = await world.graphql(revalue)
        assert await world.graphql(revalue) == anew
        clerk.seal()

        assert added["exchangeRatesAdd"]["userErrors"] == []
        assert again == added
        assert counted == 1
        first, second = anew["booksRevalue"]["journalEntries"]
        assert first["bookedOn"] == "2025-02-28"
        assert second["bookedOn"] == "2025-03-01"
        assert [line["debit"] for line in first["lines"] if line["debit"]] == [eur("10.00")]
        given = {"from": "2025-02-01", "to": "2025-03-01", "inBase": True}
        trial = (await world.graphql(TRIAL, **given))["trialBalance"]
        assert {row["account"]["code"]: row["closing"]["amount"] for row in trial["rows"]} == {
            "1100": "90.00",
            "4001": "-80.00",
            "6050": "-10.00",
        }
        other = await world.graphql(
            set_books.replace("EUR", "BRL").replace("userErrors", "userErrors", 1)
        )
        assert other["booksSet"]["userErrors"][0]["code"] == "BASE_CURRENCY_FIXED"
        sheet = await world.graphql(
            '{ balanceSheet(on: "2025-03-01") { sections { kind total { amount } }'
            " result { amount } }"
            '  incomeStatement(from: "2025-02-01", to: "2025-03-01") { result { amount } }'
            '  exchangeRate(fromCurrency: "USD", toCurrency: "EUR", on: "2025-02-10") { rate } }'
        )
        assert sheet["balanceSheet"]["result"] == {"amount": "90.00"}
        assert sheet["incomeStatement"]["result"] == {"amount": "90.00"}
        assert sheet["exchangeRate"] == {"rate": "0.8"}
        assert clerk.wrong() == {}

    @pytest.mark.parametrize(
        ("rate", "code"),
        [
            ({"rate": "0.91"}, "RATE_EXISTS"),
            ({"toCurrency": "USD"}, "RATE_OF_ONE_CURRENCY"),
            ({"rate": "0.0000000000001"}, "RATE_OUT_OF_RANGE"),
        ],
    )
    async def test_are_refused(self, world: World, rate: Mapping[str, str], code: str) -> None:
        present = {
            "validOn": "2025-02-28",
            "fromCurrency": "USD",
            "toCurrency": "EUR",
            "rate": "0.9",
        }
        add = (
            "mutation Add($rate: ExchangeRateInput!) {"
            '  exchangeRatesAdd(input: {source: "ECB", rates: [$rate]}) {'
            "    rates { id } userErrors { code } } }"
        )

        await world.graphql(add, rate=present)
        refused = await world.graphql(add, rate={**present, **rate})
        revalued = await world.graphql(
            'mutation { booksRevalue(input: {day: "2025-02-10"}) { userErrors { code } } }'
        )

        assert refused["exchangeRatesAdd"] == {"rates": [], "userErrors": [{"code": code}]}
        assert revalued["booksRevalue"]["userErrors"] == [{"code": "BOOKS_NOT_SET"}]


class TestStatement:
    async def test_is_paged_with_what_stood_there(self, world: World, clerk: Clerk) -> None:
        days = [date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 1), date(2025, 2, 20)]
        post_as_shop(
            world.database, *(sale(number, 100, on=day) for number, day in enumerate(days))
        )
        clerk.seal()
        post_as_shop(world.database, sale(9, 100, on=date(2025, 1, 5)), sale(8, 100))
        ask = """query Statement($id: ID!, $after: String) {
          accountStatement(
            accountId: $id, from: "2025-02-01", to: "2025-04-01", currency: "EUR", first: 2,
            after: $after
          ) {
            opening { amount } closing { amount }
            lines { bookedOn balance { amount } debit { amount } counterAccount { code } }
            pageInfo { hasNextPage endCursor }
          }
        }"""
        accounts = await world.graphql(
            "{ accounts(filter: {role: [RECEIVABLES]}) { nodes { id balances { amount } } } }"
        )
        (node,) = accounts["accounts"]["nodes"]
        id = node["id"]
        assert node["balances"] == [{"amount": "6.00"}]

        with count_statements(world.database) as statements:
            first = (await world.graphql(ask, id=id))["accountStatement"]
        after = first["pageInfo"]["endCursor"]
        second = (await world.graphql(ask, id=id, after=after))["accountStatement"]

        assert len([each for each in statements if each.startswith(("SELECT", "WITH"))]) <= 8
        assert first["opening"] == {"amount": "2.00"}
        assert [line["balance"]["amount"] for line in first["lines"]] == ["3.00", "4.00"]
        assert first["pageInfo"]["hasNextPage"]
        assert second["opening"] == first["closing"]
        assert [(line["bookedOn"], line["balance"]["amount"]) for line in second["lines"]] == [
            ("2025-02-20", "5.00"),
            (NOW.date().isoformat(), "6.00"),
        ]
        assert not second["pageInfo"]["hasNextPage"]
