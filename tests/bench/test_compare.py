"""What is measured side by side answers the same, so that the figures can be compared."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx2
import orjson
import pytest
from starlette.types import ASGIApp

from backoffice_api.context import Threads
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.engine.compiler import Compiler
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.plans import SchemaFields
from bench import seed
from bench.compare import raw, stock
from bench.compare.contenders import RAW, STOCK, Contender
from bench.compare.equality import DifferentAnswersError, check_equal
from bench.engine import Engine
from bench.workloads import WORKLOADS, Shop
from tests.databases import Copies

READING = [each for each in WORKLOADS if not each.keyed]
ORDERS = 70
COMPARED = 10
JSON = {"content-type": "application/json"}

# Requests of each workload, with the product's answers.
Asked = Mapping[str, Sequence[tuple[bytes, Any]]]


@pytest.fixture(scope="module")
def shop_url(postgres_copies: Copies) -> Iterator[str]:
    """URL of a small shop, some of whose orders are history."""
    url = postgres_copies.fresh()
    with pytest.MonkeyPatch.context() as patch:
        for name, count in (("PRODUCTS", 30), ("CUSTOMERS", 10), ("PLACED", 20)):
            patch.setattr(seed, name, count)
        seed.furnish(url, ORDERS, lambda *_: None)
    yield url
    postgres_copies.drop(url)


@pytest.fixture(scope="module")
def asked(shop_url: str) -> Iterator[Asked]:
    """What the product answers, its operations compiled."""
    database = open_database(shop_url)
    threads = Threads(database, pool_size=1)
    yield asyncio.run(_asked(Engine(database, threads, Compiler(SchemaFields(schema)))))
    threads.shutdown()
    database.dispose()


async def _asked(engine: Engine) -> Asked:
    listed = orjson.loads(await engine.ask("{ orders(first: 20) { nodes { id } } }", {}))
    orders = [each["id"] for each in listed["data"]["orders"]["nodes"]]
    shop = Shop(orders, variants=(), customers=(), locations=(), channels=())
    found: dict[str, list[tuple[bytes, Any]]] = {}
    for workload in READING:
        for body in workload.bodies(shop)[:COMPARED]:
            request = orjson.loads(body)
            answer = orjson.loads(await engine.ask(request["query"], request["variables"]))
            found.setdefault(workload.name, []).append((body, answer["data"]))
    return found


def _data(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def assert_same(contender: Contender, application: ASGIApp, asked: Asked) -> None:
    """The application answers every request as the product did, but for cursors."""
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bench") as client:
        for workload, pairs in asked.items():
            for body, expected in pairs:
                answer = await client.post("/graphql", content=body, headers=JSON)
                check_equal(contender, workload, expected, _data(answer))


class TestContenders:
    async def test_stock_answers_as_the_product_does(self, shop_url: str, asked: Asked) -> None:
        database = stock.connect(shop_url)
        try:
            await assert_same(STOCK, stock.application(database), asked)
        finally:
            await database.dispose()

    async def test_raw_answers_as_the_product_does(self, shop_url: str, asked: Asked) -> None:
        reader = raw.Reader(shop_url)
        try:
            await assert_same(RAW, raw.application(reader), asked)
        finally:
            reader.close()

    def test_good_answers_hold_what_the_load_looks_for(self, asked: Asked) -> None:
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
