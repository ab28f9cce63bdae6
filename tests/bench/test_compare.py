"""What is measured side by side answers the same, so that the figures can be compared."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from backoffice_api.app import create_app
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.settings import Settings
from bench import seed
from bench.compare import raw, stock
from bench.compare.contenders import RAW, STOCK, Contender
from bench.compare.equality import DifferentAnswersError, check_equal
from bench.workloads import WORKLOADS, Shop
from tests.databases import Copies
from tests.serving import new_token

READING = [each for each in WORKLOADS if not each.keyed]
ORDERS = 70
COMPARED = 10


@pytest.fixture(scope="module")
def shop_url(postgres_copies: Copies) -> Iterator[str]:
    """URL of a small shop, some of whose orders are history."""
    url = postgres_copies.empty()
    with pytest.MonkeyPatch.context() as patch:
        for name, count in (("PRODUCTS", 30), ("CUSTOMERS", 10), ("PLACED", 20)):
            patch.setattr(seed, name, count)
        seed.fill(url, ORDERS, lambda *_: None)
    yield url
    postgres_copies.drop(url)


@pytest.fixture(scope="module")
def ours(shop_url: str) -> Iterator[TestClient]:
    """The product itself over the shop."""
    database = open_database(shop_url)
    token = new_token(database)
    database.dispose()
    settings = Settings(database_url=shop_url, worker_in_process=False, log_level="error")
    with TestClient(create_app(settings), headers={"authorization": f"Bearer {token}"}) as client:
        yield client


@pytest.fixture(scope="module")
def asked(ours: TestClient) -> Mapping[str, Sequence[tuple[bytes, Any]]]:
    """Requests of each workload, with the product's answers."""
    listed = ours.post("/graphql", json={"query": "{ orders(first: 20) { nodes { id } } }"})
    orders = [each["id"] for each in listed.json()["data"]["orders"]["nodes"]]
    shop = Shop(orders, variants=(), customers=(), locations=(), channels=())
    bodies = {each.name: each.bodies(shop)[:COMPARED] for each in READING}
    return {
        name: [(body, _data(ours.post("/graphql", content=body, headers=JSON))) for body in sent]
        for name, sent in bodies.items()
    }


JSON = {"content-type": "application/json"}


def _data(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def assert_same(
    contender: Contender, application: ASGIApp, asked: Mapping[str, Sequence[tuple[bytes, Any]]]
) -> None:
    """The application answers every request as the product did, but for cursors."""
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bench") as client:
        for workload, pairs in asked.items():
            for body, expected in pairs:
                answer = await client.post("/graphql", content=body, headers=JSON)
                check_equal(contender, workload, expected, _data(answer))


class TestContenders:
    async def test_stock_answers_as_the_product_does(
        self, shop_url: str, asked: Mapping[str, Sequence[tuple[bytes, Any]]]
    ) -> None:
        database = stock.connect(shop_url)
        try:
            await assert_same(STOCK, stock.application(database), asked)
        finally:
            await database.dispose()

    async def test_raw_answers_as_the_product_does(
        self, shop_url: str, asked: Mapping[str, Sequence[tuple[bytes, Any]]]
    ) -> None:
        reader = raw.Reader(shop_url)
        try:
            await assert_same(RAW, raw.application(reader), asked)
        finally:
            reader.close()

    def test_good_answers_hold_what_the_load_looks_for(
        self, asked: Mapping[str, Sequence[tuple[bytes, Any]]]
    ) -> None:
        newest = asked["newest-orders"][0][1]["orders"]
        assert len(newest["nodes"]) == 50
        assert newest["pageInfo"]["hasNextPage"]
        assert all(order["lines"]["nodes"] for order in newest["nodes"])
        assert all(
            len(variant["stock"]["byLocation"]["nodes"]) == 3
            for variant in asked["stock"][0][1]["variants"]["nodes"]
        )


class TestCheckEqual:
    def test_says_where_an_answer_differs(self) -> None:
        with pytest.raises(DifferentAnswersError, match=r"nodes\[1\]\.number: 2 and 3"):
            check_equal(
                RAW,
                "raw",
                {"orders": {"nodes": [{"number": 1}, {"number": 2}]}},
                {"orders": {"nodes": [{"number": 1}, {"number": 3}]}},
            )

    def test_takes_cursors_as_they_come(self) -> None:
        check_equal(RAW, "raw", {"endCursor": "a"}, {"endCursor": "b"})
