"""The application spoken to as a server would, without a socket and without another thread.

A request costs a fraction of what it costs through a client that runs the application in a thread
of its own: proofs that send tens of thousands need that.
"""

import asyncio
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2
import orjson
from starlette.types import ASGIApp, Message, Scope


class Application:
    """Answers requests one after the other, between the start and the end of a `with` block.

    Its own background work goes on only while it answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._runner = asyncio.Runner()
        self._state: dict[str, Any] = {}
        self._to_life: asyncio.Queue[Message] = asyncio.Queue()
        self._from_life: asyncio.Queue[Message] = asyncio.Queue()

    def __enter__(self) -> Self:
        self._life = self._runner.get_loop().create_task(self._live())
        self._tell("startup")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tell("shutdown")
        self._runner.close()

    def send(
        self, method: str, target: str, content: bytes = b"", **headers: str
    ) -> httpx2.Response:
        """What is answered to one request."""
        return self._runner.get_loop().run_until_complete(
            self._answer(method, target, content, headers)
        )

    def post(self, target: str, json: object) -> httpx2.Response:
        """What is answered to a document in JSON."""
        return self.send("POST", target, orjson.dumps(json), **{"content-type": "application/json"})

    async def _answer(
        self, method: str, target: str, content: bytes, headers: dict[str, str]
    ) -> httpx2.Response:
        url = urlsplit(target)
        given = {"host": "testserver", "content-length": str(len(content)), **headers}
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": url.path,
            "raw_path": url.path.encode(),
            "query_string": url.query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("testclient", 50_000),
            "server": ("testserver", 80),
            "state": self._state.copy(),
        }
        asked = iter([{"type": "http.request", "body": content, "more_body": False}])
        answered = asyncio.Event()
        said: list[Message] = []

        async def receive() -> Message:
            for message in asked:
                return message
            await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            said.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                answered.set()

        await self._app(scope, receive, send)
        begin, *parts = said
        body = b"".join(part.get("body", b"") for part in parts)
        return httpx2.Response(begin["status"], headers=begin["headers"], content=body)

    async def _live(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self._state}
        await self._app(scope, self._to_life.get, self._from_life.put)

    def _tell(self, moment: str) -> None:
        self._to_life.put_nowait({"type": f"lifespan.{moment}"})
        answer = self._runner.get_loop().run_until_complete(self._from_life.get())
        assert answer["type"] == f"lifespan.{moment}.complete", answer
