"""Evidence of what was erased in the log, so that it can be told from tampering."""

from collections.abc import Sequence
from uuid import UUID

from backoffice_api.domain.audit.model.digests import content_digest, rewriting_digest
from backoffice_api.domain.audit.tables import rewritings, rewritten
from backoffice_api.domain.kernel.batches import insert_many
from backoffice_api.domain.kernel.events import Logged, events
from backoffice_api.domain.kernel.rows import among, fetch, in_parts, select_as
from backoffice_api.domain.kernel.uow import UnitOfWork


def note_rewriting(
    uow: UnitOfWork, sequences: Sequence[int], cause_kind: str, cause_id: UUID
) -> str | None:
    """Note what is left of these events, in the transaction in which they were erased.

    What it answers must go into an event about the cause, as the fact `log_hash`: so the evidence
    is part of the chain itself. None: there was nothing to note.
    """
    if not sequences:
        return None
    contents: dict[int, bytes] = {}
    for part in in_parts(sorted(sequences)):
        statement = select_as(Logged, events).where(among(events.c.sequence, part))
        contents |= {
            each.sequence: content_digest(each) for each in fetch(uow.db, Logged, statement)
        }
    hash = rewriting_digest(contents)
    row = {
        "id": uow.new_id(),
        "created_at": uow.now,
        "cause_kind": cause_kind,
        "cause_id": cause_id,
        "count": len(contents),
        "hash": hash,
    }
    uow.db.execute(rewritings.insert(), [row])
    insert_many(
        uow.db,
        rewritten,
        {
            "rewriting_id": [row["id"]] * len(contents),
            "sequence": list(contents),
            "content_digest": list(contents.values()),
        },
    )
    return hash.hex()
