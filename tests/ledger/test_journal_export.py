"""The journal for accountants: CSV, JSONL, and Beancount that its own program accepts."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core.data import Open, Price, Transaction
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Caller
from backoffice_api.domain.ledger.commands.chart import CreateAccount, create_account
from backoffice_api.domain.ledger.commands.rates import (
    AddExchangeRates,
    SetBooks,
    add_exchange_rates,
    set_books,
)
from backoffice_api.domain.ledger.commands.sealing import SealEntries, seal_entries
from backoffice_api.domain.ledger.model.accounts import AccountKind, AccountRole
from backoffice_api.domain.ledger.model.entries import EntryDraft, PostingDraft
from backoffice_api.domain.ledger.model.rates import RateDraft
from backoffice_api.web.journal import Journal
from tests.ledger.office import post_as_shop, sale
from tests.world import World, caller

DAYS = {"from": "2025-02-01", "to": "2025-03-01"}


@pytest.fixture
def books(world: World) -> World:
    """Two entries of February, in three currencies, and one that lies outside."""
    world.run(set_books, SetBooks(base_currency="EUR"))
    rate = RateDraft(
        valid_on=date(2025, 2, 5), from_currency="USD", to_currency="EUR", rate=Decimal("0.9")
    )
    world.run(add_exchange_rates, AddExchangeRates(source="ECB", rates=(rate,)))
    for code in ("6 1", "6-1", "größer"):
        world.run(create_account, CreateAccount(code=code, name=code, kind=AccountKind.EXPENSE))
    lines = [
        PostingDraft(debit=debit, credit=AccountRole.BANK, amount=Money(minor, currency))
        for debit, minor, currency in (
            (AccountRole.BANK_FEES, 1_050, "EUR"),
            (AccountRole.PURCHASED_SERVICES, 2_000, "USD"),
            (AccountRole.PURCHASED_SERVICES, 300, "JPY"),
        )
    ]
    said = 'Rent "of the\nhall" \\ =1+1'
    draft = EntryDraft(
        source="rent:1", booked_on=date(2025, 2, 10), description=said, postings=lines
    )
    post_as_shop(
        world.database,
        draft,
        sale(1, on=date(2025, 2, 20)),
        sale(2, on=date(2025, 3, 1)),
    )
    world.run(seal_entries, SealEntries(), caller=THE_SYSTEM)
    return world


def client(world: World, *scopes: Scope) -> TestClient:
    async def authenticate(_: Request) -> Caller:
        return caller(*scopes)

    journal = Journal(world.database, world.threads, authenticate)
    return TestClient(Starlette(routes=journal.routes()))


def fetched(world: World, format: str) -> str:
    answer = client(world, Scope.LEDGER_READ).get(f"/journal/{format}", params=DAYS)
    assert answer.status_code == 200
    return answer.text


def rows(world: World) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(fetched(world, "csv")))


class TestJournal:
    def test_balances_as_rows(self, books: World) -> None:
        found = list(rows(books))
        objects = [json.loads(line) for line in fetched(books, "jsonl").splitlines()]

        sums: dict[str, Decimal] = {}
        for row in found:
            net = Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)
            sums[row["currency"]] = sums.get(row["currency"], Decimal(0)) + net
        assert sums == {"EUR": 0, "USD": 0, "JPY": 0}
        assert len(found) == len(objects) == 8
        assert [(row["number"], row["account"], row["debit"]) for row in found[:2]] == [
            ("1", "6040", "10.50"),
            ("1", "1000", ""),
        ]
        assert {row["booked_on"] for row in found} == {"2025-02-10", "2025-02-20"}

    def test_is_taken_by_beancount(self, books: World) -> None:
        entries, errors, options = loader.load_string(fetched(books, "beancount"))

        assert errors == []
        assert options["operating_currency"] == ["EUR"]
        transactions = [each for each in entries if isinstance(each, Transaction)]
        assert [each.narration for each in transactions] == [
            'Rent "of the hall" \\ =1+1',
            "Sale 1",
        ]
        assert {str(line.units) for line in transactions[0].postings} == {
            "10.50 EUR",
            "20.00 USD",
            "300 JPY",
            "-10.50 EUR",
            "-20.00 USD",
            "-300 JPY",
        }
        assert [each.amount.number for each in entries if isinstance(each, Price)] == []
        opened = {each.account for each in entries if isinstance(each, Open)}
        assert {"Assets:1000", "Expenses:6040", "Expenses:6-1", "Expenses:Xgr--er"} <= opened

    @pytest.mark.parametrize(
        ("path", "scope", "status"),
        [
            ("csv?from=2025-02-01&to=2025-03-01", Scope.STOCK_READ, 403),
            ("xml?from=2025-02-01&to=2025-03-01", Scope.LEDGER_READ, 404),
            ("csv?from=2025-02-01", Scope.LEDGER_READ, 400),
            ("csv?from=2025-02-01&to=2025-02-01", Scope.LEDGER_READ, 400),
        ],
    )
    def test_refuses(self, world: World, path: str, scope: Scope, status: int) -> None:
        assert client(world, scope).get(f"/journal/{path}").status_code == status
