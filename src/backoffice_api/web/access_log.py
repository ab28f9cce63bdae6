"""One line for each request: who asked for what, how it ended, how long it took. Never a body.

Pure ASGI. It gives the request its id, for the log lines below it, the answer's headers and the
events that the request causes.
"""

import logging
import re
import time
from collections.abc import Callable
from itertools import count
from secrets import token_hex

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice_api.web.fields import field
from backoffice_api.web.logs import about

REQUEST_ID_HEADER = "X-Request-Id"
_NAME = REQUEST_ID_HEADER.lower().encode()

# Probes ask every few seconds: seen only when one fails or the level is debug.
_QUIET_PATHS = frozenset({"/healthz", "/metrics", "/readyz"})
# Doors whose address is the right itself: until it is used, or for as long as it is good.
_RIGHT = re.compile(
    r"^(/(?:audit-exports|documents|files|labels|person-exports|return-links|survey-links|uploads)/).+",
    re.DOTALL,
)
# What proxies and clients send: UUIDs, hexadecimal, base64url. Anything else is replaced.
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

# Ids of our own differ between processes, and from one request to the next. They are no secrets.
_PROCESS = token_hex(8)
_numbers = count(1)


class AccessLog:
    """Sets `scope["state"]["request_id"]` and writes the line when the answer has been sent.

    The id is the caller's `X-Request-Id` where it is well formed, else a new one. Whoever finds
    out who asks sets `scope["state"]["actor_id"]`. `clock_s` counts seconds from anywhere.
    """

    def __init__(self, app: ASGIApp, *, clock_s: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._clock_s = clock_s
        # Bound here and not for each line: that costs more than a line that is not wanted.
        self._log = structlog.get_logger("backoffice_api.access").bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        begun_s = self._clock_s()
        id = request_id(scope).encode()
        status: int | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.accept"}:
                message["headers"] = [*message.get("headers", ()), (_NAME, id)]
                status = message.get("status", 101)
            elif message["type"] == "websocket.close" and status is None:
                status = 403  # what a server answers when a connection is closed unaccepted
            await send(message)

        about.set(scope["state"])
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
        level = logging.DEBUG if quiet else logging.WARNING if failed else logging.INFO
        if not self._log.is_enabled_for(level):
            return
        actor_id = scope["state"].get("actor_id")
        self._log.log(
            level,
            "request",
            method=scope.get("method", "WEBSOCKET"),
            path=path_shown(scope["path"]),
            status=status,  # None: the client left before there was an answer
            duration_ms=round(duration_s * 1000, 1),
            **({} if actor_id is None else {"actor_id": actor_id}),
        )


def path_shown(path: str) -> str:
    """A path as the log may have it: without what would be a right in the hands of its readers."""
    return _RIGHT.sub(r"\1***", path)


def request_id(scope: Scope) -> str:
    """The id of a request, the same for each call: the client's `X-Request-Id` or a new one."""
    state = scope.setdefault("state", {})
    if "request_id" not in state:
        given = field(scope, _NAME)
        well_formed = given is not None and _REQUEST_ID.fullmatch(given)
        state["request_id"] = given if well_formed else f"{_PROCESS}{next(_numbers):016x}"
    found: str = state["request_id"]
    return found
