"""What an event says, in the form in which it is hashed: what stays for ever, and what may go.

The fixed part is who did what, to what, and when. The content is what it was about: values, facts,
words. Of an erased person the content loses what is personal, and the fixed part stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.chains import HASH_BYTES, canonical, digest
from backoffice_api.domain.kernel.events import Logged

_NUMBER_BYTES = 8
_ENTRY_BYTES = _NUMBER_BYTES + 2 * HASH_BYTES


@dataclass(frozen=True, slots=True)
class EventDigest:
    """What stands for an event in its block."""

    sequence: int
    fixed: bytes
    content: bytes


def fixed_of(event: Logged) -> Mapping[str, Any]:
    """What of an event is never changed."""
    actor = event.actor_kind
    return {
        "sequence": event.sequence,
        "id": ids.text("evt", event.id),
        "type": event.type,
        "subject": ids.text(event.subject_kind, event.subject_id),
        "subjectVersion": event.subject_version,
        "actor": actor if event.actor_id is None else f"{actor}:{event.actor_id.hex}",
        "command": event.command,
        "requestId": event.request_id,
        "occurredAt": event.occurred_at.isoformat(timespec="microseconds"),
    }


def content_of(event: Logged) -> Mapping[str, Any]:
    """What of an event may be erased with the person whom it tells of."""
    return {
        "reason": event.reason,
        "reference": event.reference,
        "idempotencyKey": event.idempotency_key,
        "changes": event.changes,
        "data": event.data,
    }


def content_digest(event: Logged) -> bytes:
    """What stands for the content of an event as it is now."""
    return digest(canonical(content_of(event)))


def digest_of(event: Logged) -> EventDigest:
    """What stands for an event as it is now."""
    return EventDigest(event.sequence, digest(canonical(fixed_of(event))), content_digest(event))


def packed(digests: Sequence[EventDigest]) -> bytes:
    """The digests of a block as they are kept: of each, 8 bytes of number and twice 32 of hash."""
    return b"".join(
        each.sequence.to_bytes(_NUMBER_BYTES, "big") + each.fixed + each.content for each in digests
    )


def unpacked(kept: bytes) -> Sequence[EventDigest]:
    """The digests that were kept. What is cut off in the middle of one is left out."""
    whole = len(kept) // _ENTRY_BYTES * _ENTRY_BYTES
    found = []
    for start in range(0, whole, _ENTRY_BYTES):
        middle = start + _NUMBER_BYTES
        found.append(
            EventDigest(
                int.from_bytes(kept[start:middle], "big"),
                kept[middle : middle + HASH_BYTES],
                kept[middle + HASH_BYTES : start + _ENTRY_BYTES],
            )
        )
    return found


def rewriting_digest(contents: Mapping[int, bytes]) -> bytes:
    """What stands for a rewriting: the new digests of contents, by the numbers of their events."""
    return digest(canonical([[number, contents[number].hex()] for number in sorted(contents)]))
