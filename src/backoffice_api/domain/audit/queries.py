"""What can be asked of the seals of the log, and of exports of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.audit.model.exports import (
    AuditExport,
    AuditExportSortKey,
    AuditExportStatus,
    UnknownAuditExport,
)
from backoffice_api.domain.audit.model.seals import EventSeal, EventSealSortKey, Head
from backoffice_api.domain.audit.tables import exports, rewritings, rewritten, seals
from backoffice_api.domain.kernel.events import Logged, events, settled
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import columns_of, fetch, one_per, select_as

seals_by_ids = one_per(EventSeal, seals, seals.c.id)
seal_list = Listing(
    EventSeal,
    seals,
    sorts={EventSealSortKey.NUMBER: seals.c.number},
    words={"last_sequence": On(seals.c.last_sequence)},
)
exports_by_ids = one_per(AuditExport, exports, exports.c.id)
export_list = Listing(
    AuditExport, exports, sorts={AuditExportSortKey.CREATED_AT: exports.c.created_at}
)

_LAST = (
    select(seals.c.number, seals.c.last_sequence, seals.c.hash)
    .order_by(seals.c.number.desc())
    .limit(1)
)


def head(db: Connection) -> Head | None:
    """The newest link of the chain. None: nothing is sealed yet."""
    row = db.execute(_LAST).one_or_none()
    return None if row is None else Head(*row)


def seals_behind(db: Connection, number: int, limit: int) -> Sequence[tuple[EventSeal, bytes]]:
    """The next blocks behind the one with this number, each with the digests that it holds."""
    statement = (
        select(*columns_of(EventSeal, seals), seals.c.digests)
        .where(seals.c.number > number)
        .order_by(seals.c.number)
        .limit(limit)
    )
    return [(EventSeal(*row[:-1]), row[-1]) for row in db.execute(statement)]


def seal_number_at(db: Connection, sequence: int) -> int:
    """The number of the last block that ends at or before this event; 0: none does."""
    statement = (
        select(seals.c.number)
        .where(seals.c.last_sequence <= sequence)
        .order_by(seals.c.last_sequence.desc())
        .limit(1)
    )
    return db.execute(statement).scalar() or 0


def unsealed(db: Connection, after: int, limit: int) -> Sequence[Logged]:
    """The next events behind a number, of those before which none can appear any more."""
    statement = (
        select_as(Logged, events)
        .where(events.c.sequence > after, settled(db))
        .order_by(events.c.sequence)
        .limit(limit)
    )
    return fetch(db, Logged, statement)


def events_between(db: Connection, first: int, last: int) -> Sequence[Logged]:
    """The events with these numbers, ends included."""
    statement = select_as(Logged, events).where(events.c.sequence.between(first, last))
    return fetch(db, Logged, statement.order_by(events.c.sequence))


def rewritten_between(
    db: Connection, first: int, last: int
) -> Mapping[int, tuple[bytes, str, UUID]]:
    """What the newest rewriting left of events with these numbers: its digest, and by what."""
    statement = (
        select(
            rewritten.c.sequence,
            rewritten.c.content_digest,
            rewritings.c.cause_kind,
            rewritings.c.cause_id,
        )
        .join(rewritings, rewritings.c.id == rewritten.c.rewriting_id)
        .where(rewritten.c.sequence.between(first, last))
        .order_by(rewritten.c.sequence, rewritten.c.rewriting_id)
    )
    return {number: (digest, kind, id) for number, digest, kind, id in db.execute(statement)}


def export(db: Connection, id: UUID) -> AuditExport:
    """Raises: UnknownAuditExport."""
    if found := exports_by_ids(db, [id]).get(id):
        return found
    raise UnknownAuditExport(id).at("id")


def expired_exports(db: Connection, now: datetime, limit: int) -> Sequence[AuditExport]:
    """Exports whose files are to be removed, those that expired first in front."""
    statement = (
        select_as(AuditExport, exports)
        .where(exports.c.status == AuditExportStatus.READY, exports.c.expires_at <= now)
        .order_by(exports.c.expires_at, exports.c.id)
        .limit(limit)
    )
    return fetch(db, AuditExport, statement)
