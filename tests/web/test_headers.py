from collections.abc import Mapping

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from backoffice_api.web.headers import CrossOrigin, SecurityHeaders


async def _plain(request: Request) -> Response:
    return PlainTextResponse("hello")


async def _cached(request: Request) -> Response:
    headers = {"Cache-Control": "public", "Content-Security-Policy": "default-src 'self'"}
    return PlainTextResponse("hello", headers=headers)


async def _socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


APP = Starlette(
    routes=[
        Route("/plain", _plain, methods=["GET", "POST"]),
        Route("/cached", _cached),
        WebSocketRoute("/socket", _socket),
    ]
)
SHOP = "https://shop.example"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
}


def cors_headers(response_headers: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in response_headers.items() if k.startswith("access-control-")}


class TestSecurityHeaders:
    def test_are_on_every_answer(self) -> None:
        client = TestClient(SecurityHeaders(APP))

        for path, status in (("/plain", 200), ("/missing", 404)):
            answer = client.get(path)
            assert answer.status_code == status
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert (
                answer.headers["content-security-policy"]
                == "default-src 'none'; frame-ancestors 'none'"
            )
            assert "strict-transport-security" not in answer.headers

    def test_give_way_to_those_of_the_answer(self) -> None:
        answer = TestClient(SecurityHeaders(APP)).get("/cached")

        assert answer.headers.get_list("cache-control") == ["public"]
        assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
        assert answer.headers["x-content-type-options"] == "nosniff"

    def test_insist_on_https_where_told_to(self) -> None:
        answer = TestClient(SecurityHeaders(APP, hsts_max_age_s=600)).get("/plain")

        assert answer.headers["strict-transport-security"] == "max-age=600"


class TestCrossOriginRequest:
    def test_gets_no_permission_by_default(self) -> None:
        client = TestClient(CrossOrigin(APP))

        preflight = client.options("/plain", headers=PREFLIGHT | {"Origin": SHOP})
        simple = client.get("/plain", headers={"Origin": SHOP})

        assert preflight.status_code == 405
        assert cors_headers(preflight.headers) == cors_headers(simple.headers) == {}

    def test_gets_permission_for_a_listed_origin(self) -> None:
        client = TestClient(CrossOrigin(APP, origins=[SHOP]))

        preflight = client.options("/plain", headers=PREFLIGHT | {"Origin": SHOP})
        simple = client.get("/plain", headers={"Origin": SHOP})

        assert preflight.status_code == 200
        assert cors_headers(preflight.headers) == {
            "access-control-allow-origin": SHOP,
            "access-control-allow-methods": "GET, POST, PUT",
            "access-control-allow-headers": "Accept, Accept-Language, Authorization, "
            "Content-Language, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-Id",
            "access-control-max-age": "600",
        }
        assert cors_headers(simple.headers) == {
            "access-control-allow-origin": SHOP,
            "access-control-expose-headers": "Retry-After, X-Request-Id",
        }
        assert simple.headers["vary"] == "Origin"

    @pytest.mark.parametrize(
        "origin",
        ["https://other.example", "http://shop.example", "https://shop.example.evil", "null"],
    )
    def test_gets_no_permission_for_another_origin(self, origin: str) -> None:
        client = TestClient(CrossOrigin(APP, origins=[SHOP]))

        preflight = client.options("/plain", headers=PREFLIGHT | {"Origin": origin})
        simple = client.get("/plain", headers={"Origin": origin})

        assert preflight.status_code == 400
        assert "access-control-allow-origin" not in preflight.headers
        assert "access-control-allow-origin" not in simple.headers

    def test_never_gets_permission_for_everybody(self) -> None:
        with pytest.raises(ValueError, match="star"):
            CrossOrigin(APP, origins=["*"])


class TestCrossOriginWebSocket:
    @pytest.mark.parametrize("headers", [{}, {"Origin": "http://testserver"}, {"Origin": SHOP}])
    def test_opens_for_programs_own_pages_and_listed_origins(self, headers: dict[str, str]) -> None:
        client = TestClient(CrossOrigin(APP, origins=[SHOP]))

        with client.websocket_connect("/socket", headers=headers) as socket:
            assert socket.receive_text() == "hello"

    @pytest.mark.parametrize("origin", [SHOP, "null", "", "http://testserver.evil", "testserver"])
    def test_stays_shut_for_other_origins(self, origin: str) -> None:
        client = TestClient(CrossOrigin(APP))

        with (
            pytest.raises(WebSocketDisconnect) as refusal,
            client.websocket_connect("/socket", headers={"Origin": origin}),
        ):
            pass

        assert refusal.value.code == 1008
