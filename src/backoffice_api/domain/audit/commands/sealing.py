"""The log is sealed after the commit: what has settled, in blocks, by a job (ADR 0046).

Two who seal at once make the same number: one of them begins anew, and finds nothing left to do.
"""

from dataclasses import dataclass

from backoffice_api.domain.audit import queries
from backoffice_api.domain.audit.model.digests import digest_of, packed
from backoffice_api.domain.audit.model.seals import Head, hash_of, key_id, signature
from backoffice_api.domain.audit.tables import seals
from backoffice_api.domain.kernel.chains import GENESIS
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

SEAL_JOB = "audit.seal_events"
SEALED_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SealEvents(Command):
    """Run by the worker. `key`: what signs the seal; None: nothing does."""

    scope = Scope.AUDIT_EXPORT
    key: Secret | None = None


def seal_events(uow: UnitOfWork, command: SealEvents) -> int:
    """Seal the next events, at most `SEALED_MAX`, as one block. How many they are."""
    last = queries.head(uow.db) or Head(0, 0, GENESIS)
    found = queries.unsealed(uow.db, last.last_sequence, SEALED_MAX)
    if not found:
        return 0
    number, first, until = last.number + 1, last.last_sequence + 1, found[-1].sequence
    digests = packed([digest_of(each) for each in found])
    hash = hash_of(number, first, until, len(found), uow.now, last.hash, digests)
    row = {
        "id": uow.new_id(),
        "number": number,
        "first_sequence": first,
        "last_sequence": until,
        "count": len(found),
        "digests": digests,
        "previous_hash": last.hash,
        "hash": hash,
        "sealed_at": uow.now,
    }
    if command.key is not None:
        row |= {"key_id": key_id(command.key), "signature": signature(command.key, hash)}
    uow.db.execute(seals.insert(), [row])
    return len(found)
