"""Links for people without an account: a code that names one thing and the moment when it ends.

The code is signed with a key of this installation, for one purpose. Nothing of it is stored: who
changes it in any way has no code at all.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.kernel.secret import Secret

_TIME_BYTES = 6
_PAYLOAD_BYTES = 16 + _TIME_BYTES
_CODE_BYTES = _PAYLOAD_BYTES + sha256().digest_size


@dataclass(frozen=True, slots=True)
class SignedLink:
    """What a code says: of which thing, and until when."""

    subject_id: UUID
    expires_at: datetime


def sign(key: str, purpose: bytes, link: SignedLink) -> Secret:
    """The code for a link: letters, digits, `-` and `_`. `key`: hexadecimal digits."""
    seconds = int(link.expires_at.timestamp())
    payload = link.subject_id.bytes + seconds.to_bytes(_TIME_BYTES, "big")
    signature = _signature(key, purpose, payload)
    return Secret(urlsafe_b64encode(payload + signature).rstrip(b"=").decode())


def read(key: str, purpose: bytes, code: Secret, now: datetime) -> SignedLink | None:
    """What a code says. None: it was not signed by us for this, or its time is over.

    However it is wrong, it takes as long to find out.
    """
    try:
        text = code.reveal().encode("ascii")
        content = urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except (UnicodeEncodeError, NotBase64):
        content = b""
    payload, signature = content[:_PAYLOAD_BYTES], content[_PAYLOAD_BYTES:]
    is_ours = hmac.compare_digest(_signature(key, purpose, payload), signature)
    if not is_ours or len(content) != _CODE_BYTES:
        return None
    seconds = int.from_bytes(payload[16:], "big")
    expires_at = datetime.fromtimestamp(seconds, UTC)
    return SignedLink(UUID(bytes=payload[:16]), expires_at) if expires_at > now else None


def _signature(key: str, purpose: bytes, payload: bytes) -> bytes:
    return hmac.digest(bytes.fromhex(key), purpose + payload, "sha256")
