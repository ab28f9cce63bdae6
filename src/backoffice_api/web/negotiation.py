"""The media type a request has, and the one its answer gets (RFC 9110, sections 8.3 and 12.5)."""

from dataclasses import dataclass
from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENTS = "text/event-stream"
PARTS = "multipart/mixed"

_RANGES_MAX = 50
# Clients send few different headers, over and over.
_KEPT_MAX = 64


@dataclass(frozen=True, slots=True)
class _Range:
    media_type: str
    quality: float


@lru_cache(_KEPT_MAX)
def answer_type(accept: str | None) -> str | None:
    """The media type to answer a GraphQL request with; None where the client takes none of ours.

    Without a header, and where a wildcard matches, it is `application/json`, which every client
    understands; GraphQL over HTTP has the audits 47DE and 80D8 of graphql-http ask for it.
    `application/graphql-response+json` is for clients that name it.
    """
    if accept is None or not accept.strip():
        return JSON
    ranges = _parse(accept)
    named = _quality(ranges, GRAPHQL_RESPONSE)
    plain = max(_quality(ranges, JSON), _wildcard(ranges, JSON))
    if named > 0 and named >= plain:
        return GRAPHQL_RESPONSE
    return JSON if plain > 0 else None


@lru_cache(_KEPT_MAX)
def stream_type(accept: str | None) -> str | None:
    """The media type in which a client takes a stream of answers; None where it takes none.

    Apollo's multipart protocol for subscriptions is told from the one for `@defer` by a parameter.
    """
    for part in (accept or "").split(",")[:_RANGES_MAX]:
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        given = {name: value for name, _, value in map(_pair, parameters)}
        if _number(given.get("q", "1")) == 0:
            continue
        if media_type == EVENTS:
            return EVENTS
        if media_type == PARTS and given.get("subscriptionspec") == "1.0":
            return PARTS
    return None


@lru_cache(_KEPT_MAX)
def prefers_html(accept: str | None) -> bool:
    """Whether the client would rather have a page than JSON, as browsers do."""
    ranges = _parse(accept or "")
    html = _quality(ranges, HTML)
    return html > 0 and html > max(_quality(ranges, GRAPHQL_RESPONSE), _quality(ranges, JSON))


@lru_cache(_KEPT_MAX)
def is_json_in_utf8(content_type: str | None) -> bool:
    """Whether a body is declared as JSON, and in no other encoding than UTF-8."""
    media_type, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    charsets = [value for name, _, value in map(_pair, parameters) if name == "charset"]
    return media_type == JSON and all(charset in ("utf-8", "utf8") for charset in charsets)


def _parse(accept: str) -> list[_Range]:
    ranges = []
    for part in accept.split(",")[:_RANGES_MAX]:
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights = [value for name, _, value in map(_pair, parameters) if name == "q"]
        ranges.append(_Range(media_type, _number(weights[0]) if weights else 1.0))
    return ranges


def _pair(parameter: str) -> tuple[str, str, str]:
    name, equals, value = parameter.partition("=")
    return name.strip(), equals, value.strip().strip('"')


def _number(weight: str) -> float:
    """A weight from 0 to 1; what is no such number counts as 0."""
    try:
        quality = float(weight)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0


def _quality(ranges: list[_Range], media_type: str) -> float:
    return max((found.quality for found in ranges if found.media_type == media_type), default=0.0)


def _wildcard(ranges: list[_Range], media_type: str) -> float:
    """What wildcards give a type that the header does not name: the more specific one counts."""
    if any(found.media_type == media_type for found in ranges):
        return 0.0
    family = f"{media_type.partition('/')[0]}/*"
    if any(found.media_type == family for found in ranges):
        return _quality(ranges, family)
    return _quality(ranges, "*/*")
