"""GraphiQL for people with a browser: one page and its files, all our own, nothing from elsewhere.

The page holds no secret and may be served to anyone. What it shows, it asks the API for with the
token that the person gives it. `vendor/graphiql/` says where the bundled files come from.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "static" / "graphiql"
WELCOME_QUERY = FOLDER / "welcome.graphql"

# No `unsafe-` anything: GraphiQL's editor sets styles by script, which a policy does not concern.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self' $sockets",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")

_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".graphql": "text/plain; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _Asset:
    plain: bytes
    gzipped: bytes
    media_type: str
    etag: str


def is_wanted(request: Request) -> bool:
    """Whether this is a browser that opens the address, rather than a client with a query."""
    return (
        request.method in {"GET", "HEAD"}
        and "text/html" in request.headers.get("accept", "")
        and "query" not in request.query_params
    )


def page(request: Request) -> Response:
    """The page. It sends its queries to the address at which it was opened."""
    return HTMLResponse(
        _page_text(),
        headers={
            "Cache-Control": "no-cache",
            "Content-Security-Policy": _policy(request.headers.get("host", "")),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Vary": "Accept",
        },
    )


def routes() -> list[Route]:
    """The page's files, at `/static/graphiql/…`. They need no token."""
    return [Route("/static/graphiql/{name}", _asset, methods=["GET"])]


# Not async: the first call reads and compresses the files, which Starlette then does in a thread.
def _asset(request: Request) -> Response:
    asset = _assets().get(request.path_params["name"])
    if asset is None:
        raise HTTPException(404)
    named_version = request.query_params.get("v") == _version()
    headers = {
        "Cache-Control": _FOREVER if named_version else "no-cache",
        "ETag": asset.etag,
        "Vary": "Accept-Encoding",
    }
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.gzipped, headers=headers, media_type=asset.media_type)
    return Response(asset.plain, headers=headers, media_type=asset.media_type)


@cache
def _assets() -> Mapping[str, _Asset]:
    """File name -> file. Only what is here is served, whatever path is asked for."""
    assets = {}
    for path in sorted(FOLDER.iterdir()):
        if media_type := _MEDIA_TYPES.get(path.suffix):
            content = path.read_bytes()
            # Weak, since the plain and the compressed form share it (RFC 9110 section 8.8.1).
            etag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
            assets[path.name] = _Asset(content, gzip.compress(content, 6), media_type, etag)
    return assets


@cache
def _version() -> str:
    """Changes when any of the files does, so that each version may be kept for ever."""
    etags = "".join(asset.etag for asset in _assets().values())
    return hashlib.sha256(etags.encode()).hexdigest()[:16]


def _policy(host: str) -> str:
    """The policy, with WebSockets to the same host: some browsers do not count them as `'self'`."""
    sockets = f"ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return Template(CONTENT_SECURITY_POLICY).substitute(sockets=sockets).replace(" ;", ";")


@cache
def _page_text() -> str:
    text = (FOLDER / "index.html").read_text(encoding="utf-8")
    return Template(text).substitute(version=_version())
