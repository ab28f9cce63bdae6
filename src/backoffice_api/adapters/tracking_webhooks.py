"""Messages that tell of parcels: who has signed them, and what they tell.

EasyPost signs the body (`X-Hmac-Signature: hmac-sha256-hex=HEX`), Shippo the time and the body
(`Shippo-Auth-Signature: t=…,v1=HEX`), as their references for webhooks say; Melhor Envio signs the
body with the secret of the application (`X-ME-Signature`, HMAC-SHA256; in base64 or hexadecimal,
which its page "Webhooks" leaves open).
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from backoffice_api.adapters import tracking_easypost, tracking_melhor_envio, tracking_shippo
from backoffice_api.adapters.signatures import is_signed
from backoffice_api.adapters.tracking_fields import Garbled
from backoffice_api.domain.payments.ports import BadSignatureError, SignedEvent
from backoffice_api.domain.tracking.model.trackings import EventDraft

_READERS = {
    tracking_easypost.SOURCE: tracking_easypost.events_of,
    tracking_melhor_envio.SOURCE: tracking_melhor_envio.events_of,
    tracking_shippo.SOURCE: tracking_shippo.events_of,
}


class EasyPostSigner:
    """Knows what EasyPost signs with. None: no messages are taken in."""

    def __init__(self, secret: str | None) -> None:
        self._secret = secret

    def check_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> SignedEvent:
        """Raises: BadSignatureError, ValueError."""
        if self._secret is None:
            raise BadSignatureError
        key = normalize("NFKD", self._secret).encode()
        expected = "hmac-sha256-hex=" + hmac.new(key, body, sha256).hexdigest()
        given = headers.get("x-hmac-signature", "")
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise BadSignatureError
        event = _object(body)
        id = event.get("id")
        if not isinstance(id, str):
            raise ValueError("no event")
        return SignedEvent(id, str(event.get("description", "")))


class ShippoSigner:
    """Knows what Shippo signs with. None: no messages are taken in."""

    def __init__(self, secret: str | None) -> None:
        self._secret = secret

    def check_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> SignedEvent:
        """Raises: BadSignatureError, ValueError."""
        header = headers.get("shippo-auth-signature", "")
        if self._secret is None or not is_signed(self._secret, header, body, now):
            raise BadSignatureError
        # They have no ids there: what says the same is the same.
        return SignedEvent(sha256(body).hexdigest(), str(_object(body).get("event", "")))


class MelhorEnvioSigner:
    """Knows the secret of the application at Melhor Envio. None: no messages are taken in."""

    def __init__(self, secret: str | None) -> None:
        self._secret = secret

    def check_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> SignedEvent:
        """Raises: BadSignatureError, ValueError."""
        if self._secret is None:
            raise BadSignatureError
        digest = hmac.new(self._secret.encode(), body, sha256).digest()
        given = headers.get("x-me-signature", "").strip().encode()
        as_base64, as_hex = b64encode(digest), digest.hex().encode()
        # Both are compared in full, in constant time.
        if hmac.compare_digest(as_base64, given) + hmac.compare_digest(as_hex, given) == 0:
            raise BadSignatureError
        # They have no ids there: what says the same is the same.
        return SignedEvent(sha256(body).hexdigest(), str(_object(body).get("event", "")))


def told_in(provider: str, body: str) -> Sequence[EventDraft]:
    """What a message of a provider tells.

    Raises:
        Garbled: nothing that can be read.
    """
    try:
        return _READERS[provider](_object(body.encode()))
    except (KeyError, ValueError, RecursionError):
        raise Garbled("no message") from None


def _object(body: bytes) -> Mapping[str, Any]:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found
