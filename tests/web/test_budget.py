"""Budgets in memory, and what clients are told of them over HTTP."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from starlette.testclient import TestClient

from backoffice_api.app import create_app
from backoffice_api.domain.identity.model.budgets import Allowance
from backoffice_api.domain.identity.model.staff import Bearer
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.settings import Settings
from backoffice_api.web import budget as module
from backoffice_api.web.budget import MemoryBudget
from tests.databases import Copies
from tests.serving import new_token
from tests.web.server import GRAPHQL

ORDERS = "query ($n: Int) { orders(first: $n) { nodes { id } } }"


def somebody(number: int = 1) -> Caller:
    return Caller(Actor(ActorKind.TOKEN, UUID(int=number), "somebody"), frozenset())


class Clock:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class TestMemoryBudget:
    def make(self, capacity: int = 100, rate: int = 10) -> tuple[MemoryBudget, Clock]:
        clock = Clock()
        return MemoryBudget(Allowance(capacity, rate), clock_s=clock), clock

    async def refused(self, budget: MemoryBudget, cost: int, who: Caller) -> RequestError:
        with pytest.raises(RequestError) as caught:
            await budget.spend(who, cost)
        return caught.value

    async def test_gives_back_what_was_not_used(self) -> None:
        budget, _ = self.make()

        spent = await budget.spend(somebody(), 80)
        assert budget.standing(somebody()).available == 20

        assert spent.settle(5) == {
            "maximumAvailable": 100,
            "currentlyAvailable": 95,
            "restoreRate": 10,
        }
        assert budget.counts.spent == 5

    async def test_takes_what_was_used_beyond_the_price(self) -> None:
        budget, _ = self.make()

        (await budget.spend(somebody(), 60)).settle(90)

        assert budget.standing(somebody()).available == 10

    async def test_refuses_what_is_not_there_and_says_when_it_is(self) -> None:
        budget, clock = self.make()
        await budget.spend(somebody(), 95)

        refusal = await self.refused(budget, 30, somebody())

        assert (refusal.code, refusal.status, refusal.retry_after_s) == (
            ErrorCode.THROTTLED,
            429,
            3,
        )
        assert refusal.extensions["retryAfter"] == 3
        assert refusal.extensions["cost"] == {
            "requestedQueryCost": 30,
            "actualQueryCost": None,
            "throttleStatus": {
                "maximumAvailable": 100,
                "currentlyAvailable": 5,
                "restoreRate": 10,
            },
        }
        clock.seconds += 2.4
        await self.refused(budget, 30, somebody())
        clock.seconds += 0.6
        await budget.spend(somebody(), 30)
        assert budget.counts.throttled == 2

    async def test_never_holds_more_than_fits(self) -> None:
        budget, clock = self.make()
        spent = await budget.spend(somebody(), 50)
        clock.seconds += 3_600

        spent.settle(1)

        assert budget.standing(somebody()).available == 100

    async def test_refuses_for_good_what_no_bucket_holds(self) -> None:
        budget, _ = self.make()

        refusal = await self.refused(budget, 101, somebody())

        assert (refusal.code, refusal.retry_after_s) == (ErrorCode.COST_LIMIT, None)
        assert refusal.extensions["cost"] == {"requestedQueryCost": 101, "limit": 100}

    async def test_is_apart_for_each_caller(self) -> None:
        budget, _ = self.make()
        await budget.spend(somebody(1), 100)

        await budget.spend(somebody(2), 100)

        await self.refused(budget, 1, somebody(1))

    async def test_of_its_own_fills_in_the_same_time_and_keeps_its_share(self) -> None:
        budget, clock = self.make()
        await budget.spend(somebody(), 50)

        budget.know(Bearer(somebody(), None, 10_000))

        standing = budget.standing(somebody())
        assert (standing.allowance, standing.available) == (Allowance(10_000, 1_000), 5_000)
        clock.seconds += 5
        assert budget.standing(somebody()).available == 10_000
        budget.know(Bearer(somebody(), None, None))
        assert budget.standing(somebody()).available == 100

    async def test_forgets_those_who_have_spent_nothing_of_late(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "BUCKETS_MAX", 3)
        budget, _ = self.make()
        budget.know(Bearer(somebody(1), None, 500))
        for number in range(1, 10):
            budget.standing(somebody(number))
        await budget.spend(somebody(2), 100)
        for number in range(10, 20):
            budget.standing(somebody(number))

        await self.refused(budget, 1, somebody(2))
        # What somebody's own is, was said before.
        assert budget.standing(somebody(1)).available == 500


class Shop:
    """A server with small budgets."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def ask(
        self, query: str, accept: str = GRAPHQL, /, token: str | None = None, **variables: Any
    ) -> httpx2.Response:
        headers = {"accept": accept}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = {"query": query, "variables": variables}
        return self.client.post("/graphql", json=body, headers=headers)

    def data(self, query: str, **variables: Any) -> Any:
        answer = self.ask(query, **variables).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def cost(self, query: str, **variables: Any) -> Mapping[str, Any]:
        cost: Mapping[str, Any] = self.ask(query, **variables).json()["extensions"]["cost"]
        return cost


@pytest.fixture(scope="module")
def url(sqlite_copies: Copies) -> str:
    return sqlite_copies.migrated()


@pytest.fixture
def shop(url: str, opens: Callable[..., Database]) -> Iterator[Shop]:
    settings = Settings(
        database_url=url,
        worker_in_process=False,
        log_level="error",
        budget_capacity=1_000,
        budget_restore_per_s=1,
        metrics="open",
    )
    headers = {"authorization": f"Bearer {new_token(opens(url))}"}
    with TestClient(create_app(settings), headers=headers) as client:
        yield Shop(client)


class TestOverHttp:
    def test_each_answer_tells_what_it_cost(self, shop: Shop) -> None:
        assert shop.cost("{ __typename }") == {
            "requestedQueryCost": 1,
            "actualQueryCost": 1,
            "throttleStatus": {
                "maximumAvailable": 1_000,
                "currentlyAvailable": 999,
                "restoreRate": 1,
            },
        }
        page = shop.cost(ORDERS, n=250)
        assert (page["requestedQueryCost"], page["actualQueryCost"]) == (251, 1)

    @pytest.mark.parametrize("accept", [GRAPHQL, "application/json"])
    def test_nothing_is_run_beyond_the_budget(self, shop: Shop, accept: str) -> None:
        text = """mutation ($k: String!) {
          a: productCreate(input: {title: "A"}, meta: {idempotencyKey: $k}) { product { id } }
        }"""
        codes: list[str] = []
        for number in range(200):
            answer = shop.ask(text, accept, k=f"{accept}-{number}")
            if answer.status_code == 429:
                break
            codes.append(answer.json()["data"]["a"]["product"]["id"])

        assert 60 < len(codes) < 120
        assert int(answer.headers["retry-after"]) >= 1
        content = answer.json()
        assert content["errors"][0]["extensions"]["code"] == "THROTTLED"
        assert "data" not in content
        told = content["extensions"]["cost"]
        assert told == content["errors"][0]["extensions"]["cost"]
        assert told["throttleStatus"]["currentlyAvailable"] < told["requestedQueryCost"]
        figures = shop.client.get("/metrics").text
        assert "backoffice_budget_throttled_total 1.0" in figures
        refused = 'backoffice_graphql_requests_total{kind="mutation",outcome="THROTTLED"} 1.0'
        assert refused in figures

    def test_what_failed_is_charged_in_full(self, shop: Shop) -> None:
        cost = shop.cost('{ a: orders(first: 100, after: "x") { nodes { id } } }')

        assert cost["actualQueryCost"] == cost["requestedQueryCost"] == 101

    def test_a_token_may_have_a_budget_of_its_own(
        self, shop: Shop, url: str, opens: Callable[..., Database]
    ) -> None:
        made = shop.data(
            'mutation { tokenCreate(input: {name: "A", scopes: [ORDERS_READ], budget: 5000})'
            " { token { id budget } secret } }"
        )["tokenCreate"]
        secret, id = made["secret"], made["token"]["id"]

        assert made["token"]["budget"] == 5_000
        cost = shop.ask("{ __typename }", token=secret).json()["extensions"]["cost"]
        assert cost["throttleStatus"]["maximumAvailable"] == 5_000
        assert cost["throttleStatus"]["restoreRate"] == 5
        change = (
            "mutation ($id: ID!, $budget: Int) { tokenSetBudget(id: $id, input: {budget: $budget})"
            " { token { budget } userErrors { code path } } }"
        )
        assert shop.data(change, id=id, budget=None)["tokenSetBudget"]["token"] == {"budget": None}
        refused = shop.data(change, id=id, budget=999)["tokenSetBudget"]
        assert refused == {
            "token": None,
            "userErrors": [{"code": "INVALID_BUDGET", "path": ["input", "budget"]}],
        }


class TestSeveralServers:
    def test_share_one_budget_through_the_database(
        self, url: str, opens: Callable[..., Database]
    ) -> None:
        settings = Settings(
            database_url=url,
            worker_in_process=False,
            log_level="error",
            budget_capacity=1_000,
            budget_restore_per_s=1,
            budget_store="database",
        )
        headers = {"authorization": f"Bearer {new_token(opens(url))}"}
        dear = '{ a: orders(first: 100, after: "x") { nodes { id } } }'  # fails: 101 are charged
        with (
            TestClient(create_app(settings), headers=headers) as one,
            TestClient(create_app(settings), headers=headers) as other,
        ):
            statuses = [
                Shop(client).ask(dear).status_code for _ in range(8) for client in (one, other)
            ]

        assert sorted(statuses) == [200] * 9 + [429] * 7


class TestQueryCost:
    TEXT = """query ($document: String!, $variables: JSON) {
      queryCost(document: $document, variables: $variables) {
        requestedQueryCost limit isAllowed missingScopes retryAfter
        throttleStatus { maximumAvailable currentlyAvailable restoreRate }
        fields { path weight count lines total }
      }
    }"""

    def test_tells_what_an_operation_would_cost_without_running_it(self, shop: Shop) -> None:
        found = shop.data(self.TEXT, document=ORDERS, variables={"n": 20})["queryCost"]

        assert found == {
            "requestedQueryCost": 21,
            "limit": 1_000,
            "isAllowed": True,
            "missingScopes": [],
            "retryAfter": 0,
            "throttleStatus": {
                "maximumAvailable": 1_000,
                "currentlyAvailable": found["throttleStatus"]["currentlyAvailable"],
                "restoreRate": 1,
            },
            "fields": [
                {"path": "orders", "weight": 1, "count": 1, "lines": 0, "total": 21},
                {"path": "orders.nodes", "weight": 1, "count": 20, "lines": 0, "total": 20},
            ],
        }
        assert shop.cost(self.TEXT, document=ORDERS)["actualQueryCost"] == 10 + 1 + 2

    def test_is_the_price_that_is_taken(self, shop: Shop) -> None:
        text = """mutation ($lines: [StockAdjustLineInput!]!) {
          stockAdjust(input: {lines: $lines}) { userErrors { code } }
        }"""
        lines = [{"variantId": "sku_00", "locationId": "loc_00", "delta": 1}] * 3

        told = shop.data(self.TEXT, document=text, variables={"lines": lines})["queryCost"]
        taken = shop.cost(text, lines=lines)

        assert told["requestedQueryCost"] == taken["requestedQueryCost"] == 10 + 3 + 10
        assert told["fields"][0] == {
            "path": "stockAdjust",
            "weight": 10,
            "count": 1,
            "lines": 3,
            "total": 23,
        }

    def test_tells_when_the_budget_allows_it(self, shop: Shop) -> None:
        for _ in range(3):
            shop.ask('{ a: orders(first: 250, after: "x") { nodes { id } } }')

        found = shop.data(self.TEXT, document=ORDERS, variables={"n": 250})["queryCost"]

        available = found["throttleStatus"]["currentlyAvailable"]
        assert available < 1_000 - 3 * 251
        assert found["retryAfter"] == 251 - available
        assert found["isAllowed"]
        assert shop.ask(ORDERS, n=250).status_code == 429

    def test_of_a_document_that_is_wrong_is_the_error_of_sending_it(self, shop: Shop) -> None:
        for document, code in (
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ orders(first: 251) { nodes { id } } }", "BAD_USER_INPUT"),
        ):
            answer = shop.ask(self.TEXT, document=document).json()

            assert answer["data"] == {"queryCost": None}
            assert answer["errors"][0]["extensions"]["code"] == code

    def test_is_told_once_in_a_request(self, shop: Shop) -> None:
        answer = shop.ask(
            '{ a: queryCost(document: "{ __typename }") { limit }'
            ' b: queryCost(document: "{ __typename a: __typename }") { limit } }'
        ).json()

        assert answer["data"] == {"a": {"limit": 1_000}, "b": None}
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


DOCUMENTS = re.findall(
    r"^```graphql\n(.*?)^```$",
    (Path(__file__).parents[2] / "docs/budgets.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)


class TestDocs:
    def test_show_what_can_be_asked(self, shop: Shop) -> None:
        price, change = DOCUMENTS
        made = shop.data(
            'mutation { tokenCreate(input: {name: "A", scopes: []}) { token { id } } }'
        )["tokenCreate"]["token"]

        assert shop.data(price, document=ORDERS, variables={"n": 1})["queryCost"]["isAllowed"]
        assert shop.data(change, id=made["id"])["tokenSetBudget"]["token"]["budget"] == 5_000_000
