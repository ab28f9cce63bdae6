"""Signatures of messages that come in: a time and an HMAC-SHA256 over the time and the body.

The header is `t=1700000000,v1=HEX[,v1=HEX]`, as Stripe documents it for its webhooks; several
values stand there while a secret is being changed.
"""

import hmac
from datetime import datetime
from hashlib import sha256

TOLERANCE_S = 300
_PARTS_MAX = 10


def sign(secret: str, body: bytes, at: datetime) -> str:
    """The header that goes with a body."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={_digest(secret, stamp, body)}"


def is_signed(secret: str, header: str, body: bytes, now: datetime) -> bool:
    """Whether the body is signed with the secret, no longer ago than `TOLERANCE_S` seconds."""
    parts = [part.partition("=") for part in header.split(",")[:_PARTS_MAX]]
    stamps = [value for name, _, value in parts if name.strip() == "t"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdecimal()):
        return False
    if len(stamps[0]) > 12 or abs(now.timestamp() - int(stamps[0])) > TOLERANCE_S:
        return False
    expected = _digest(secret, stamps[0], body).encode()
    given = [value.strip().encode() for name, _, value in parts if name.strip() == "v1"]
    # Each is compared in full, in constant time.
    return sum(hmac.compare_digest(expected, each) for each in given) > 0


def _digest(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
