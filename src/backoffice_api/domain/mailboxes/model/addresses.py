"""Addresses that name a ticket: `support+CODE@example.com`, as RFC 5233 calls it a detail.

The code holds the id of the ticket and a signature with a key of this installation, so nobody can
write into a ticket whose address was never given to them. It is of letters and digits only, and
means the same in capitals: hosts on the way may change them.
"""

import hmac
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from collections.abc import Iterable
from uuid import UUID

from backoffice_api.domain.kernel.contacts import email_key

PURPOSE = b"write into a ticket, version 1"
_SIGNATURE_BYTES = 8
_CODE_BYTES = 16 + _SIGNATURE_BYTES
_CODE_LENGTH = 39
# RFC 5321, 4.5.3.1.1: 64 octets before the @, of which the code and its + are taken.
LOCAL_PART_LENGTH_MAX = 64 - 1 - _CODE_LENGTH


def signed_address(key: str, address: str, ticket_id: UUID) -> str:
    """Where answers to a ticket go. Addresses that have no room for the code stay as they are."""
    local_part, _, domain = address.rpartition("@")
    if len(local_part) > LOCAL_PART_LENGTH_MAX:
        return address
    return f"{local_part}+{_code(key, ticket_id)}@{domain}"


def ticket_named(key: str, address: str, recipients: Iterable[str]) -> UUID | None:
    """The ticket that one of the recipients names for a mailbox. None: none does."""
    local_part, _, domain = email_key(address).rpartition("@")
    for each in recipients:
        given, _, there = email_key(each).rpartition("@")
        box, plus, code = given.rpartition("+")
        if plus and box == local_part and there == domain and (id := _read(key, code)):
            return id
    return None


def without_code(address: str) -> str:
    """The address of the mailbox itself, whatever detail stands behind its +."""
    local_part, at, domain = email_key(address).rpartition("@")
    return f"{local_part.partition('+')[0]}{at}{domain}"


def _code(key: str, ticket_id: UUID) -> str:
    content = ticket_id.bytes + _signature(key, ticket_id.bytes)
    return b32encode(content).decode().rstrip("=").lower()


def _read(key: str, code: str) -> UUID | None:
    if len(code) != _CODE_LENGTH or not code.isascii():
        return None
    try:
        content = b32decode(code.upper() + "=")
    except (NotBase32, ValueError):
        return None
    payload, signature = content[:16], content[16:]
    is_ours = hmac.compare_digest(_signature(key, payload), signature)
    return UUID(bytes=payload) if is_ours and len(content) == _CODE_BYTES else None


def _signature(key: str, payload: bytes) -> bytes:
    return hmac.digest(bytes.fromhex(key), PURPOSE + payload, "sha256")[:_SIGNATURE_BYTES]
