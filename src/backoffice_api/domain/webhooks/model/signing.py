"""Signatures by Standard Webhooks 1.0 (github.com/standard-webhooks/standard-webhooks).

HMAC-SHA256 over `id.timestamp.body`, one `v1,BASE64` for each secret, separated by blanks.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from backoffice_api.domain.kernel.secret import Secret

SECRET_BYTES = 32
_PREFIX = "whsec_"


def new_signing_secret(random: bytes) -> Secret:
    """What receivers verify signatures with, made of `SECRET_BYTES` random bytes."""
    return Secret(_PREFIX + b64encode(random).decode())


def signed_headers(
    id: str, at: datetime, body: bytes, secrets: Sequence[Secret]
) -> Mapping[str, str]:
    """The three headers of a message. `id` stays the same however often it is sent."""
    stamp = str(int(at.timestamp()))
    signatures = (f"v1,{signature(each, id, stamp, body)}" for each in secrets)
    return {
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
    }


def signature(secret: Secret, id: str, stamp: str, body: bytes) -> str:
    """The signature of a message with one secret, in base64."""
    key = b64decode(secret.reveal().removeprefix(_PREFIX))
    content = f"{id}.{stamp}.".encode() + body
    return b64encode(hmac.new(key, content, sha256).digest()).decode()
