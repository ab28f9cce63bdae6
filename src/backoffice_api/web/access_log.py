"""One line for each request: who asked for what, how it ended, how long it took. Never a body.

Pure ASGI. It gives the request its id, for the log lines below it, the answer's headers and the
events that the request causes.
"""

import re
import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("backoffice_api.access")

REQUEST_ID_HEADER = "X-Request-Id"

# Probes ask every few seconds: seen only when one fails or the level is debug.
_QUIET_PATHS = frozenset({"/healthz", "/readyz"})
# What proxies and clients send: UUIDs, hexadecimal, base64url. Anything else is replaced.
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class AccessLog:
    """Sets `scope["state"]["request_id"]` and writes the line when the answer has been sent.

    The id is the caller's `X-Request-Id` where it is well formed, else a new one. Whoever finds
    out who asks sets `scope["state"]["actor_id"]`. `clock_s` counts seconds from anywhere.
    """

    def __init__(self, app: ASGIApp, *, clock_s: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._clock_s = clock_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        begun_s = self._clock_s()
        state = scope.setdefault("state", {})
        state["request_id"] = request_id = _request_id(Headers(scope=scope))
        status: int | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.accept"}:
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
                status = message.get("status", 101)
            elif message["type"] == "websocket.close" and status is None:
                status = 403  # what a server answers when a connection is closed unaccepted
            await send(message)

        # A server may start one request in the context of another on the same connection.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            status = 500 if status is None else status
            raise
        finally:
            self._write(scope, status, self._clock_s() - begun_s)

    def _write(self, scope: Scope, status: int | None, duration_s: float) -> None:
        failed = status is not None and status >= 500
        quiet = scope["path"] in _QUIET_PATHS and not failed
        actor_id = scope["state"].get("actor_id")
        write = log.debug if quiet else log.warning if failed else log.info
        write(
            "request",
            method=scope.get("method", "WEBSOCKET"),
            path=scope["path"],
            status=status,  # None: the client left before there was an answer
            duration_ms=round(duration_s * 1000, 1),
            **({} if actor_id is None else {"actor_id": actor_id}),
        )


def _request_id(headers: Headers) -> str:
    given = headers.get(REQUEST_ID_HEADER, "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex
