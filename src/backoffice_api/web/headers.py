"""Headers that keep browsers from doing more than they were asked to. Pure ASGI."""

from collections.abc import Collection
from functools import lru_cache

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice_api.web.access_log import REQUEST_ID_HEADER
from backoffice_api.web.fields import field

# An answer that sets one of these itself keeps its own.
_DEFAULTS = (
    (b"cache-control", b"no-store"),
    # For an answer that is no page: nothing in it may load or run (OWASP REST Security).
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
# Answers have few different sets of headers, over and over.
_KEPT_MAX = 64
_CORS_REQUEST_HEADERS = ("Authorization", "Idempotency-Key", "Last-Event-ID", REQUEST_ID_HEADER)
_CORS_RESPONSE_HEADERS = ("Retry-After", REQUEST_ID_HEADER)


class SecurityHeaders:
    """Adds the security headers to every answer.

    `hsts_max_age_s` is for how long browsers shall insist on HTTPS; 0 says nothing, for a server
    that is reached by plain HTTP or whose proxy says it.
    """

    def __init__(self, app: ASGIApp, *, hsts_max_age_s: int = 0) -> None:
        self._app = app
        self._defaults: tuple[tuple[bytes, bytes], ...] = _DEFAULTS
        if hsts_max_age_s > 0:
            max_age = f"max-age={hsts_max_age_s}".encode()
            self._defaults = (*_DEFAULTS, (b"strict-transport-security", max_age))
        self._lacking = lru_cache(_KEPT_MAX)(self._not_among)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                lacking = self._lacking(tuple([name for name, _ in given]))
                message["headers"] = [*given, *lacking]
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _not_among(self, names: tuple[bytes, ...]) -> tuple[tuple[bytes, bytes], ...]:
        given = {name.lower() for name in names}
        return tuple(each for each in self._defaults if each[0] not in given)


class CrossOrigin:
    """Lets pages of other origins in only where `origins` names theirs, such as `https://a.example`.

    Browsers enforce this for requests (CORS), and not for WebSockets: those are closed here. A
    caller without an Origin header is no browser and passes. Credentials are never allowed: a
    token travels in a header that a foreign page cannot set by itself.
    """

    def __init__(self, app: ASGIApp, *, origins: Collection[str] = ()) -> None:
        if "*" in origins:
            raise ValueError("Name the origins: a star would let every page in.")
        self._app = app
        self._origins = frozenset(origins)
        self._http = (
            app
            if not origins
            else CORSMiddleware(
                app,
                allow_origins=tuple(origins),
                allow_methods=("GET", "POST", "PUT"),
                allow_headers=_CORS_REQUEST_HEADERS,
                expose_headers=_CORS_RESPONSE_HEADERS,
            )
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._http(scope, receive, send)
        elif self._welcome(scope):
            await self._app(scope, receive, send)
        else:
            await receive()  # websocket.connect
            await send({"type": "websocket.close", "code": 1008, "reason": "Origin not allowed"})

    def _welcome(self, scope: Scope) -> bool:
        origin = field(scope, b"origin")
        if origin is None or origin in self._origins:
            return True
        _scheme, _, authority = origin.partition("://")
        return authority != "" and authority == field(scope, b"host")
