"""Work for the audit of the log: sealing by a key that no database holds, and files of exports."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy import Connection

from backoffice_api.adapters.storage import LocalFolder, Storage
from backoffice_api.domain.audit import queries
from backoffice_api.domain.audit.commands.exporting import (
    AT_ONCE,
    EXPIRE_JOB,
    WRITE_JOB,
    ExpireAuditExports,
    FinishAuditExport,
    expire_audit_exports,
    finish_audit_export,
)
from backoffice_api.domain.audit.commands.sealing import (
    SEAL_JOB,
    SEALED_MAX,
    SealEvents,
    seal_events,
)
from backoffice_api.domain.audit.model.digests import content_of, fixed_of, unpacked
from backoffice_api.domain.audit.model.exports import AuditExport, AuditExportStatus
from backoffice_api.domain.audit.model.seals import EventSeal, keys_of
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.chains import canonical
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.settings import Settings
from backoffice_api.task import Progress, Task

SEAL_EVERY_S = 30
EXPIRE_EVERY_S = 3_600

log = structlog.get_logger("backoffice_api.audit")

Now = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


def seal_next(database: Database, key: Secret | None, now: Now = _now) -> bool:
    """Seal the next block, and tell the log of the server its head. Whether there may be more.

    That log lies elsewhere: whoever rewrites the chain in the database does not reach it.
    """
    meta = Meta(request_id=SEAL_JOB)
    command = SealEvents(key=key)
    count = execute(database, seal_events, command, caller=THE_SYSTEM, now=now(), meta=meta).value
    if count:
        with database.fresh.connect() as db:
            head = queries.head(db)
        assert head is not None, "it was made just now"
        log.info(
            "audit.sealed", seal=head.number, sequence=head.last_sequence, hash=head.hash.hex()
        )
    return count == SEALED_MAX


class WriteAuditExport:
    """Writes whole blocks of the log, a line of JSON for each event and behind them their seal."""

    def __init__(self, database: Database, storage: Storage, now: Now = _now) -> None:
        self._database = database
        self._storage = storage
        self._now = now

    def __call__(self, id: UUID) -> None:
        """Write one export, unless it is written already."""
        events = seals = 0
        with self._database.fresh.connect() as db:
            export = queries.export(db, id)
            if export.status is not AuditExportStatus.QUEUED:
                return
            with self._storage.writing(id.hex) as writing:
                for seal, kept in _blocks(db, export):
                    for line in _lines(db, seal, kept):
                        writing.write(line + b"\n")
                        events += 1
                    writing.write(orjson.dumps({"seal": shown(seal)}) + b"\n")
                    seals += 1
        command = FinishAuditExport(
            id=id, events=events, seals=seals, file_bytes=writing.size_bytes, sha256=writing.sha256
        )
        meta = Meta(request_id=ids.text("aux", id))
        now = self._now()
        execute(self._database, finish_audit_export, command, caller=THE_SYSTEM, now=now, meta=meta)


def shown(seal: EventSeal) -> Mapping[str, Any]:
    """A seal as an export has it: bytes in hexadecimal digits."""
    return {
        "number": seal.number,
        "firstSequence": seal.first_sequence,
        "lastSequence": seal.last_sequence,
        "count": seal.count,
        "sealedAt": seal.sealed_at.isoformat(timespec="microseconds"),
        "previousHash": seal.previous_hash.hex(),
        "hash": seal.hash.hex(),
        "keyId": seal.key_id,
        "signature": None if seal.signature is None else seal.signature.hex(),
    }


def _blocks(db: Connection, export: AuditExport) -> Iterator[tuple[EventSeal, bytes]]:
    number = queries.seal_number_at(db, export.after_sequence)
    while page := queries.seals_behind(db, number, 1):
        ((seal, kept),) = page
        if export.until_sequence is not None and seal.first_sequence > export.until_sequence:
            return
        yield seal, kept
        number = seal.number


def _lines(db: Connection, seal: EventSeal, kept: bytes) -> Iterator[bytes]:
    first, last = seal.first_sequence, seal.last_sequence
    sealed = {each.sequence: each for each in unpacked(kept)}
    erased = queries.rewritten_between(db, first, last)
    for event in queries.events_between(db, first, last):
        told: dict[str, Any] = {"event": fixed_of(event), "content": content_of(event)}
        if event.sequence in erased and event.sequence in sealed:
            digest, kind, id = erased[event.sequence]
            told["erased"] = {
                "by": ids.text(kind, id),
                "sealedContent": sealed[event.sequence].content.hex(),
                "content": digest.hex(),
            }
        yield canonical(told)


def storage_for_audit(settings: Settings) -> Storage:
    """Where the files of exports lie."""
    return LocalFolder(Path(settings.files_folder) / "audit")


def audit_tasks(settings: Settings, database: Database) -> Mapping[str, Task]:
    """What a worker does for the audit, by the kind of the job."""
    storage = storage_for_audit(settings)
    write = WriteAuditExport(database, storage)
    key = next(iter(keys_of(settings.audit_secret)), None)

    def seal(_: Mapping[str, Any], progress: Progress) -> bool:
        return seal_next(database, key)

    def write_export(payload: Mapping[str, Any], progress: Progress) -> bool:
        write(ids.parse("aux", payload["id"]))
        return False

    def expire(_: Mapping[str, Any], progress: Progress) -> bool:
        command, meta, now = ExpireAuditExports(), Meta(request_id=EXPIRE_JOB), _now()
        # Before they are noted as gone: who dies in between finds them again.
        with database.fresh.connect() as db:
            for each in queries.expired_exports(db, now, AT_ONCE):
                storage.remove(each.id.hex)
        gone = execute(
            database, expire_audit_exports, command, caller=THE_SYSTEM, now=now, meta=meta
        ).value
        return bool(gone)

    return {
        SEAL_JOB: Task(seal, SEAL_EVERY_S),
        WRITE_JOB: Task(write_export),
        EXPIRE_JOB: Task(expire, EXPIRE_EVERY_S),
    }
