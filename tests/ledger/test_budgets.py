"""Budgets: what was meant to be, beside what was. Over GraphQL, on both databases."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.ledger.commands.rates import SetBooks, set_books
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import Dimensions, EntryDraft, PostingDraft
from backoffice_api.domain.ledger.queries import account_list
from tests.databases import count_statements
from tests.ledger.office import post_as_shop
from tests.purchasing.desk import Desk
from tests.world import World, caller

SET = """mutation ($input: BudgetSetInput!, $meta: MutationMeta) {
  budgetSet(input: $input, meta: $meta) {
    budget { id version currency lines { from to amount { amount } account { code } }
      timeline(first: 9) { nodes { type changes { path after } } } }
    userErrors { code path } } }"""
COMPARE = """query ($id: ID!, $from: Date!, $to: Date!) {
  budgetComparison(budgetId: $id, from: $from, to: $to) {
    rows { account { role } planned { amount } actual { amount } difference { amount } }
    plannedResult { amount } actualResult { amount } unrated } }"""


def eur(amount: str) -> Mapping[str, str]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def planner(world: World) -> World:
    """January: rent 900, of which 100 about a supplier, and sales of 500 of it."""
    world.run(set_books, SetBooks(base_currency="EUR"))
    rent, sales, bank = AccountRole.PURCHASED_SERVICES, AccountRole.SALES, AccountRole.BANK
    about = Dimensions(supplier_id=Desk(world).acme)
    post_as_shop(
        world.database,
        EntryDraft(
            source="january",
            booked_on=date(2025, 1, 10),
            description="January",
            postings=[
                PostingDraft(debit=rent, credit=bank, amount=Money(80_000, "EUR")),
                PostingDraft(
                    debit=rent, credit=bank, amount=Money(10_000, "EUR"), dimensions=about
                ),
                PostingDraft(
                    debit=bank, credit=sales, amount=Money(50_000, "EUR"), dimensions=about
                ),
            ],
        ),
    )
    return world


def account(world: World, role: AccountRole) -> str:
    rows = world.read(lambda db: account_list.page(db, PageRequest()).rows)
    return ids.text("acc", next(each.id for each in rows if each.role is role))


def plan(world: World, **more: Any) -> Mapping[str, Any]:
    lines = [
        {
            "accountId": account(world, role),
            "from": "2025-01-01",
            "to": "2025-04-01",
            "amount": eur(amount),
        }
        for role, amount in ((AccountRole.PURCHASED_SERVICES, "850.00"), (AccountRole.BANK, "1.00"))
    ]
    return {"name": "2025", "lines": lines, **more}


async def made(world: World, **more: Any) -> Mapping[str, Any]:
    answer = (await world.graphql(SET, input=plan(world, **more)))["budgetSet"]
    assert answer["userErrors"] == []
    budget: Mapping[str, Any] = answer["budget"]
    return budget


def figures(answer: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            each["account"]["role"],
            *(each[name]["amount"] for name in ("planned", "actual", "difference")),
        )
        for each in answer["budgetComparison"]["rows"]
    ]


class TestBudgets:
    async def test_are_held_against_what_was_posted(self, planner: World) -> None:
        budget = await made(planner)
        months = {"id": budget["id"], "from": "2025-01-01", "to": "2025-03-01"}

        with count_statements(planner.database) as seen:
            answer = await planner.graphql(COMPARE, **months)

        assert sorted(figures(answer)) == [
            ("BANK", "2.00", "-400.00", "-402.00"),
            ("PURCHASED_SERVICES", "1700.00", "900.00", "-800.00"),
            ("SALES", "0.00", "500.00", "500.00"),
        ]
        compared = answer["budgetComparison"]
        assert (compared["plannedResult"], compared["actualResult"]) == (
            {"amount": "-1700.00"},
            {"amount": "-400.00"},
        )
        assert len(seen) <= 12

    async def test_may_be_about_a_supplier_alone_and_are_set_anew(self, planner: World) -> None:
        first = await made(planner)
        (supplier,) = (await planner.graphql("{ suppliers(first: 9) { nodes { id code } } }"))[
            "suppliers"
        ]["nodes"][:1]
        budget = await made(planner, supplierId=supplier["id"])

        answer = await planner.graphql(
            COMPARE, id=budget["id"], **{"from": "2025-01-01", "to": "2025-02-01"}
        )

        assert sorted(figures(answer)) == [
            ("BANK", "1.00", "400.00", "399.00"),
            ("PURCHASED_SERVICES", "850.00", "100.00", "-750.00"),
            ("SALES", "0.00", "500.00", "500.00"),
        ]
        assert (budget["id"], budget["version"]) == (first["id"], 2)
        assert [each["type"] for each in budget["timeline"]["nodes"]] == ["budget.set"] * 2
        (lines,) = [
            each["after"]
            for each in budget["timeline"]["nodes"][-1]["changes"]
            if each["path"] == "lines"
        ]
        assert [each.split()[1:3] for each in lines] == [["2025-01-01", "2025-04-01"]] * 2
        remove = "mutation ($id: ID!) { budgetRemove(id: $id) { budget { isActive } } }"
        assert await planner.graphql(remove, id=budget["id"]) == {
            "budgetRemove": {"budget": {"isActive": False}}
        }
        assert await planner.graphql("{ budgets { id } }") == {"budgets": []}

    async def test_are_refused_with_all_that_is_wrong(self, planner: World) -> None:
        (line, *_) = plan(planner)["lines"]
        wrong = [
            {**line, "accountId": "acc_" + "0" * 32},
            {**line, "to": "2025-01-01"},
            {**line, "from": "2025-01-15"},
            {**line, "amount": {"amount": "1", "currency": "USD"}},
        ]

        given = {"name": "x", "lines": wrong, "channelId": "chn_" + "0" * 32}

        refused = (await planner.graphql(SET, input=given))["budgetSet"]

        assert [(each["code"], each["path"][-1]) for each in refused["userErrors"]] == [
            ("UNKNOWN_DIMENSION", "channelId"),
            ("UNKNOWN_ACCOUNT", "accountId"),
            ("MONTHS_NEEDED", "to"),
            ("MONTHS_NEEDED", "to"),
            ("CURRENCY_MISMATCH", "amount"),
        ]
        tried = await planner.graphql(SET, input=plan(planner), meta={"dryRun": True})
        assert tried["budgetSet"]["budget"]["currency"] == "EUR"
        assert await planner.graphql("{ budgets { id } }") == {"budgets": []}
        budget = await made(planner)
        clerk = caller(*(ALL_SCOPES - {Scope.LEDGER_READ, Scope.LEDGER_WRITE}))
        months = {"id": budget["id"], "from": "2025-01-01", "to": "2025-03-01"}
        for document, given in ((SET, {"input": plan(planner)}), (COMPARE, months)):
            answer = await planner.ask(document, caller=clerk, **given)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        half = await planner.ask(COMPARE, **{**months, "to": "2025-02-15"})
        assert half["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
