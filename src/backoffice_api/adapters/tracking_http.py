"""Asking over HTTP what has become of parcels. Bounded in time and size; no redirects."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx2

from backoffice_api.adapters import tracking_easypost, tracking_shippo
from backoffice_api.adapters.tracking_fields import Garbled
from backoffice_api.domain.tracking.model.trackings import EventDraft
from backoffice_api.domain.tracking.ports import SourceFailsError

TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 1_000_000
# What is said of a number that is unknown there, or not well formed.
_UNKNOWN = frozenset({400, 404, 422})

Reader = Callable[[Mapping[str, Any]], Sequence[EventDraft]]


class EasyPostSource:
    """Asks EasyPost. A tracker that is made twice is the same one there."""

    def __init__(self, secret: str, url: str, *, transport: httpx2.BaseTransport | None = None):
        self._client = _client(url, transport, auth=httpx2.BasicAuth(secret, ""))

    def ask(self, carrier: str, numbers: Sequence[str]) -> Sequence[EventDraft]:
        found: list[EventDraft] = []
        for number in numbers:
            tracker = {"tracking_code": number, "carrier": carrier}
            request = self._client.build_request("POST", "/v2/trackers", json={"tracker": tracker})
            found += _named(_asked(self._client, request, tracking_easypost.events_of), carrier)
        return found


class ShippoSource:
    """Asks Shippo."""

    def __init__(self, secret: str, url: str, *, transport: httpx2.BaseTransport | None = None):
        headers = {"Authorization": f"ShippoToken {secret}"}
        self._client = _client(url, transport, headers=headers)

    def ask(self, carrier: str, numbers: Sequence[str]) -> Sequence[EventDraft]:
        found: list[EventDraft] = []
        for number in numbers:
            # Numbers come from outside: none may lead to another address.
            path = f"/tracks/{_segment(carrier)}/{_segment(number)}"
            request = self._client.build_request("GET", path)
            found += _named(_asked(self._client, request, tracking_shippo.events_of), carrier)
        return found


def _client(url: str, transport: httpx2.BaseTransport | None, **more: Any) -> httpx2.Client:
    return httpx2.Client(
        base_url=url,
        timeout=httpx2.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
        follow_redirects=False,
        trust_env=False,
        transport=transport,
        **more,
    )


def _asked(client: httpx2.Client, request: httpx2.Request, read: Reader) -> Sequence[EventDraft]:
    """What is told of one number; nothing if it is unknown there.

    Raises:
        SourceFailsError.
    """
    try:
        response = client.send(request, stream=True)
        try:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > ANSWER_BYTES_MAX:
                    raise SourceFailsError("the answer is too large")
        finally:
            response.close()
    except httpx2.HTTPError as failure:
        raise SourceFailsError(type(failure).__name__) from None
    if response.status_code in _UNKNOWN:
        return ()
    if response.status_code not in (200, 201):
        raise SourceFailsError(f"status {response.status_code}")
    try:
        answer = json.loads(body)
        if not isinstance(answer, dict):
            raise Garbled("no object")
        return read(answer)
    except (ValueError, RecursionError, Garbled):
        raise SourceFailsError("the answer makes no sense") from None


def _named(told: Sequence[EventDraft], carrier: str) -> Sequence[EventDraft]:
    """What was told under the carrier's name here: each source spells names in its own way."""
    return [
        EventDraft(
            carrier=carrier,
            number=each.number,
            source=each.source,
            code=each.code,
            text=each.text,
            place=each.place,
            occurred_at=each.occurred_at,
        )
        for each in told
    ]


def _segment(text: str) -> str:
    return "".join(each for each in text if (each.isascii() and each.isalnum()) or each in "-_")
