"""The server `raw`: what the same questions cost when nobody asks in GraphQL.

A handler of ASGI written by hand for four documents, which it knows by their text: the batch
queries that the product sends, one hop to a thread, the driver's own rows, orjson. No rights, no
limits, no errors, one currency: the floor, not a server.

    BENCH_DATABASE_URL=postgresql://... uvicorn bench.compare.raw:from_environment --factory
"""

import asyncio
import gc
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import psycopg
from psycopg.types.json import set_json_loads
from psycopg.types.string import ByteaBinaryLoader
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.compare import POOL_SIZE
from bench.compare.by_hand import Answer, Row, newest_orders, one_order, stock
from bench.workloads import WORKLOADS

_TYPENAME = b'{"data":{"__typename":"Query"}}'

_HANDLERS: Mapping[str, Callable[..., Answer]] = {
    "newest-orders": newest_orders,
    "one-order": one_order,
    "stock": stock,
}
_BY_DOCUMENT: Mapping[str, Callable[..., Answer] | None] = {
    each.document: _HANDLERS.get(each.name) for each in WORKLOADS
}


class Reader:
    """Answers in threads, each of which has a connection to the database at `url`."""

    def __init__(self, url: str) -> None:
        set_json_loads(orjson.loads)
        self._url = url
        self._threads = ThreadPoolExecutor(POOL_SIZE)
        self._own = threading.local()
        self._open: list[psycopg.Connection] = []

    async def answer(self, handler: Callable[..., Answer], variables: Mapping[str, Any]) -> bytes:
        """The body of the answer."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._answer, handler, variables)

    def close(self) -> None:
        self._threads.shutdown()
        for each in self._open:
            each.close()

    def _answer(self, handler: Callable[..., Answer], variables: Mapping[str, Any]) -> bytes:
        found = {"data": handler(self._ask, **variables)}
        return orjson.dumps(found, option=orjson.OPT_UTC_Z)

    def _ask(self, statement: str, *parameters: Any) -> Sequence[Row]:
        cursor = getattr(self._own, "cursor", None) or self._connect()
        found: Sequence[Row] = cursor.execute(statement, parameters).fetchall()
        return found

    def _connect(self) -> "psycopg.Cursor[Any]":
        db = psycopg.connect(self._url, autocommit=True, options="-c TimeZone=UTC")
        self._open.append(db)
        cursor = self._own.cursor = db.cursor(binary=True)
        cursor.adapters.register_loader("uuid", ByteaBinaryLoader)
        return cursor


def application(reader: Reader) -> ASGIApp:
    """The server that answers what `reader` reads."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served")  # uvicorn takes it as: no lifespan
        parts = []
        more = True
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        request = orjson.loads(b"".join(parts))
        handler = _BY_DOCUMENT[request["query"]]
        body = await reader.answer(handler, request["variables"]) if handler else _TYPENAME
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return served


def from_environment() -> ASGIApp:
    """The server for the database that `BENCH_DATABASE_URL` names."""
    made = application(Reader(os.environ["BENCH_DATABASE_URL"]))
    gc.collect()
    gc.freeze()
    return made
