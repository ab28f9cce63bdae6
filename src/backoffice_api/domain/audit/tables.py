"""Where the seals of the log lie, what was erased in it since, and exports of it."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from backoffice_api.domain.audit.model.exports import AuditExportStatus
from backoffice_api.domain.audit.model.seals import KEY_ID_LENGTH
from backoffice_api.domain.kernel.chains import HASH_BYTES
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Serial,
    aggregate_columns,
    at_least_zero,
    choice,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.uow import ActorKind

# Blocks of the log, each chained to the one before, made some time after the commit. `digests` has
# those of its events one after the other: a row per event would be as long again as the log.
seals = Table(
    "event_seals",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False, unique=True),
    Column("first_sequence", BigInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False, unique=True),
    Column("count", Integer, nullable=False),
    Column("digests", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary(HASH_BYTES), nullable=False, unique=True),
    Column("hash", LargeBinary(HASH_BYTES), nullable=False),
    Column("key_id", String(KEY_ID_LENGTH)),
    Column("signature", LargeBinary(HASH_BYTES)),
    Column("sealed_at", Instant, nullable=False),
    CheckConstraint("number > 0", name="number_positive"),
    CheckConstraint("count > 0", name="count_positive"),
    CheckConstraint("first_sequence <= last_sequence", name="in_order"),
    CheckConstraint("(key_id IS NULL) = (signature IS NULL)", name="signed_by_a_key"),
    sorted_by("number"),
)
forbid_changes(seals)

# What was erased in the log, by what: the evidence. `hash` stands in an event, which is sealed.
rewritings = Table(
    "event_rewritings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("cause_kind", String(4), nullable=False),
    Column("cause_id", Id, nullable=False),
    Column("count", Integer, nullable=False),
    Column("hash", LargeBinary(HASH_BYTES), nullable=False),
    CheckConstraint("count > 0", name="count_positive"),
    Index(None, "cause_id", "id"),
)
forbid_changes(rewritings)

# The digest of what is left of each event. Its number is no foreign key: that an event is missing
# is for the chain to tell.
rewritten = Table(
    "event_rewritten",
    metadata,
    Column("rewriting_id", Id, ForeignKey("event_rewritings.id"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("content_digest", LargeBinary(HASH_BYTES), nullable=False),
    PrimaryKeyConstraint("rewriting_id", "sequence"),
    Index(None, "sequence", "rewriting_id"),
)
forbid_changes(rewritten)

exports = Table(
    "audit_exports",
    metadata,
    *aggregate_columns(),
    choice("status", AuditExportStatus),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id),
    Column("after_sequence", BigInteger, nullable=False),
    Column("until_sequence", BigInteger),
    Column("events", Integer, nullable=False),
    Column("seals", Integer, nullable=False),
    Column("file", String(64)),
    Column("file_bytes", BigInteger),
    Column("sha256", String(64)),
    Column("expires_at", Instant),
    Column("finished_at", Instant),
    *at_least_zero("after_sequence", "events", "seals", "file_bytes"),
    sorted_by("created_at"),
    Index(None, "status", "expires_at", "id"),
)
