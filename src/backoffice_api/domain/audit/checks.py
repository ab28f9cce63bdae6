"""What `backoffice verify` asks about the log: its chain, its rows, what was erased in it.

It walks along the blocks, one at a time, so that it needs as little memory for a long log as for a
short one. Each row that was changed, added or taken away is named, and so is each seal.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, select

from backoffice_api.domain.audit import queries
from backoffice_api.domain.audit.model.digests import (
    EventDigest,
    digest_of,
    rewriting_digest,
    unpacked,
)
from backoffice_api.domain.audit.model.seals import EventSeal, Head, hash_of, key_id, signature
from backoffice_api.domain.audit.tables import rewritings, rewritten
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.chains import GENESIS
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.events import Logged, events
from backoffice_api.domain.kernel.secret import Secret

Wrong = Iterator[Mapping[str, Any]]

_SEALS_AT_ONCE = 10
# The fact of an event under which the hash of its evidence stands.
LOG_HASH = "log_hash"


def _blocks(db: Connection) -> Iterator[tuple[EventSeal, bytes]]:
    number = 0
    while page := queries.seals_behind(db, number, _SEALS_AT_ONCE):
        yield from page
        number = page[-1][0].number


def _broken_links(db: Connection) -> Wrong:
    """Seals that do not follow from what they hold, or do not follow each other."""
    before = Head(0, 0, GENESIS)
    for seal, kept in _blocks(db):
        first, last = seal.first_sequence, seal.last_sequence
        made = hash_of(
            seal.number, first, last, seal.count, seal.sealed_at, seal.previous_hash, kept
        )
        faults = [
            (seal.number != before.number + 1, "a seal before it is missing"),
            (first != before.last_sequence + 1, "it does not begin where the one before ends"),
            (seal.previous_hash != before.hash, "it does not follow the one before"),
            (seal.hash != made, "its hash is not that of what it holds"),
            (seal.count != len(unpacked(kept)), "it does not hold as many as it says"),
        ]
        for is_broken, fault in faults:
            if is_broken:
                yield {"seal": seal.number, "fault": fault, "hash": seal.hash.hex()}
                break
        before = Head(seal.number, last, seal.hash)


def _wrong_rows(db: Connection) -> Wrong:
    """Events that are not as they were sealed, nor as an erasure has left them."""
    for seal, kept in _blocks(db):
        first, last = seal.first_sequence, seal.last_sequence
        sealed = {each.sequence: each for each in unpacked(kept)}
        erased = queries.rewritten_between(db, first, last)
        for event in queries.events_between(db, first, last):
            told = sealed.pop(event.sequence, None)
            known = erased.get(event.sequence)
            if fault := _fault_of(event, told, None if known is None else known[0]):
                yield _named(seal, event.sequence, fault, event)
        for missing in sealed:
            yield _named(seal, missing, "it is missing", None)


def _fault_of(event: Logged, sealed: EventDigest | None, erased: bytes | None) -> str | None:
    if sealed is None:
        return "it was not there when its block was sealed"
    now = digest_of(event)
    if now.fixed != sealed.fixed:
        return "who did what, to what, or when, is not what was sealed"
    if now.content != (erased or sealed.content):
        return "what it says is not what was sealed" if erased is None else "no erasure left it so"
    return None


def _named(seal: EventSeal, sequence: int, fault: str, event: Logged | None) -> Mapping[str, Any]:
    row: dict[str, Any] = {"sequence": sequence, "fault": fault, "seal": seal.number}
    if event is not None:
        row |= {
            "event": ids.text("evt", event.id),
            "type": event.type,
            "subject": ids.text(event.subject_kind, event.subject_id),
        }
    return row


def _unproved_rewritings(db: Connection) -> Wrong:
    """Evidence of erasures that no event of the log tells of, or that is not what it tells."""
    last: UUID | None = None
    while True:
        statement = select(rewritings).order_by(rewritings.c.id).limit(_SEALS_AT_ONCE)
        if last is not None:
            statement = statement.where(rewritings.c.id > last)
        page = db.execute(statement).all()
        for row in page:
            if fault := _fault_of_rewriting(db, row):
                yield {
                    "rewriting": row.id.hex,
                    "cause": ids.text(row.cause_kind, row.cause_id),
                    "fault": fault,
                }
            last = row.id
        if len(page) < _SEALS_AT_ONCE:
            return


def _fault_of_rewriting(db: Connection, row: Any) -> str | None:
    statement = select(rewritten.c.sequence, rewritten.c.content_digest).where(
        rewritten.c.rewriting_id == row.id
    )
    contents = {each.sequence: each.content_digest for each in db.execute(statement)}
    if rewriting_digest(contents) != row.hash or len(contents) != row.count:
        return "its rows are not those that were noted"
    told = select(events.c.data).where(
        and_(events.c.subject_id == row.cause_id, events.c.subject_kind == row.cause_kind)
    )
    if not any(data.get(LOG_HASH) == row.hash.hex() for data in db.execute(told).scalars()):
        return "no event of the log tells of it"
    return None


CHECKS: tuple[Check, ...] = (
    Check(
        "A10-chain",
        "Every seal of the log follows from what it holds and from the seal before.",
        _broken_links,
    ),
    Check(
        "A10-events",
        "Every sealed event is there and as it was sealed, but for what was erased.",
        _wrong_rows,
    ),
    Check(
        "A10-erased",
        "What was erased in the log is what its erasures have noted there.",
        _unproved_rewritings,
    ),
)


def signed(keys: Sequence[Secret]) -> Check:
    """Who could write the whole chain anew had no key: asked where keys are set.

    What was sealed before the first key was set is not signed; later everything is. So a chain
    whose signatures are all gone is found until the next seal is signed, and then only by its head.
    """

    def wrong(db: Connection) -> Wrong:
        known = {key_id(each): each for each in keys}
        was_signed, last = False, None
        for seal, _ in _blocks(db):
            last = seal
            fault = _fault_of_signature(seal, known, was_signed)
            was_signed = was_signed or seal.signature is not None
            if fault:
                yield {"seal": seal.number, "fault": fault, "key": seal.key_id}
        if last is not None and not was_signed:
            yield {"seal": last.number, "fault": "nothing up to here is signed", "key": None}

    return Check("A10-signed", "Every seal is signed by one of the keys that are set.", wrong)


def _fault_of_signature(
    seal: EventSeal, known: Mapping[str, Secret], was_signed: bool
) -> str | None:
    if seal.signature is None or seal.key_id is None:
        return "it is not signed, though an earlier one is" if was_signed else None
    key = known.get(seal.key_id)
    if key is None:
        return "no key with this id is set"
    is_ours = hmac.compare_digest(signature(key, seal.hash), seal.signature)
    return None if is_ours else "the key has not signed this"


def kept_elsewhere(head: Head) -> Check:
    """Nothing was cut off the end of the log, or made anew, since this head was written down."""

    def wrong(db: Connection) -> Wrong:
        found = next(iter(queries.seals_behind(db, head.number - 1, 1)), None)
        present = None if found is None else found[0]
        if present is None or present.number != head.number or present.hash != head.hash:
            shown = "is missing" if present is None else present.hash.hex()
            yield {"seal": head.number, "kept": head.hash.hex(), "is": shown}

    return Check("A10-head", "The log still has the seal that was kept elsewhere.", wrong)
