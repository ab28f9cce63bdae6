import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from structlog.testing import capture_logs

from backoffice_api.web.access_log import AccessLog
from backoffice_api.web.logs import about, add_about


async def _hello(request: Request) -> Response:
    request.state.actor_id = "stf_1"
    structlog.get_logger().info("inside")
    return PlainTextResponse(request.state.request_id)


async def _quiet(request: Request) -> Response:
    return PlainTextResponse("hello", status_code=int(request.query_params["status"]))


async def _broken(request: Request) -> Response:
    raise RuntimeError("canary")


async def _open(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


async def _shut(websocket: WebSocket) -> None:
    await websocket.close()


APP = Starlette(
    routes=[
        Route("/hello", _hello, methods=["GET", "POST"]),
        Route("/readyz", _quiet),
        Route("/broken", _broken),
        WebSocketRoute("/open", _open),
        WebSocketRoute("/shut", _shut),
    ]
)


def client(times_s: Sequence[float] = (1.0, 1.25)) -> TestClient:
    clock: Iterator[float] = iter(times_s)
    app = AccessLog(APP, clock_s=lambda: next(clock))
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def written() -> Iterator[list[Any]]:
    structlog.reset_defaults()  # what a program has configured that an earlier test ran
    with capture_logs(processors=[add_about]) as entries:
        yield entries


class TestAccessLog:
    def test_writes_one_line_for_a_request(self, written: list[Any]) -> None:
        answer = client().post(
            "/hello?token=canary", content="canary", headers={"Authorization": "canary"}
        )

        assert written[-1] == {
            "event": "request",
            "log_level": "info",
            "request_id": answer.text,
            "method": "POST",
            "path": "/hello",
            "status": 200,
            "duration_ms": 250.0,
            "actor_id": "stf_1",
        }
        assert "canary" not in str(written)

    def test_gives_its_id_to_the_lines_below_and_the_answer(self, written: list[Any]) -> None:
        answer = client().get("/hello")

        assert re.fullmatch("[0-9a-f]{32}", answer.text)
        assert answer.headers["x-request-id"] == answer.text
        assert [(line["event"], line["request_id"]) for line in written] == [
            ("inside", answer.text),
            ("request", answer.text),
        ]

    def test_keeps_the_id_of_the_caller(self, written: list[Any]) -> None:
        given = "0192f3a1-7c2e-7b1a-9f00-3c5d6e7f8a9b"

        answer = client().get("/hello", headers={"X-Request-Id": given})

        assert answer.text == answer.headers["x-request-id"] == given
        assert [line["request_id"] for line in written] == [given, given]

    @pytest.mark.parametrize(
        "given", ["", "short", "x" * 65, "two words", "<script>1", "-leading0", "é" * 9]
    )
    def test_replaces_an_id_that_is_none(self, given: str, written: list[Any]) -> None:
        answer = client().get("/hello", headers=[(b"X-Request-Id", given.encode())])

        assert re.fullmatch("[0-9a-f]{32}", answer.text)

    def test_forgets_what_the_log_was_about_before(self, written: list[Any]) -> None:
        app = client((1, 2, 3, 4))
        before = about.set({"actor_id": "stf_9", "request_id": "earlier"})

        app.get("/missing")
        about.reset(before)

        (line,) = written
        assert "actor_id" not in line
        assert line["request_id"] != "earlier"

    def test_says_when_a_request_failed(self, written: list[Any]) -> None:
        answer = client().get("/broken")

        (line,) = written
        assert answer.status_code == line["status"] == 500
        assert line["log_level"] == "warning"
        assert answer.headers["x-request-id"] == line["request_id"]
        assert "canary" not in str(line)

    @pytest.mark.parametrize(("status", "level"), [(200, "debug"), (503, "warning")])
    def test_is_quiet_about_probes_that_succeed(
        self, status: int, level: str, written: list[Any]
    ) -> None:
        client().get(f"/readyz?status={status}")

        assert [(line["status"], line["log_level"]) for line in written] == [(status, level)]

    def test_writes_one_line_for_a_websocket(self, written: list[Any]) -> None:
        with client().websocket_connect("/open") as socket, pytest.raises(WebSocketDisconnect):
            socket.receive_text()

        (line,) = written
        assert (line["method"], line["path"], line["status"]) == ("WEBSOCKET", "/open", 101)

    def test_says_when_a_websocket_was_refused(self, written: list[Any]) -> None:
        with pytest.raises(WebSocketDisconnect), client().websocket_connect("/shut"):
            pass

        (line,) = written
        assert (line["method"], line["path"], line["status"]) == ("WEBSOCKET", "/shut", 403)
