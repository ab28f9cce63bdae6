"""Where requests of persons, erasures, schedules and the log of readers lie."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from backoffice_api.domain.customers.tables.merging import STAYS
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    aggregate_columns,
    at_least_zero,
    choice,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.privacy.model.duties import Reason
from backoffice_api.domain.privacy.model.erasures import ErasureStatus
from backoffice_api.domain.privacy.model.exports import PersonExportStatus
from backoffice_api.domain.privacy.model.requests import (
    PrivacyRegime,
    PrivacyRequestKind,
    PrivacyRequestStatus,
)
from backoffice_api.domain.privacy.model.retention import RetentionSchedule

PLACE_LENGTH_MAX = 63
OPERATION_LENGTH_MAX = 100

requests = Table(
    "privacy_requests",
    metadata,
    *aggregate_columns(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    choice("kind", PrivacyRequestKind),
    choice("regime", PrivacyRegime),
    choice("status", PrivacyRequestStatus),
    Column("received_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("ended_at", Instant),
    Column("note", Text, nullable=False, info=personal.NOTE),
    Column("reason", Text, nullable=False, info=personal.NOTE),
    CheckConstraint("(ended_at IS NULL) = (status = 'open')", name="ended_at_when_ended"),
    CheckConstraint("received_on < due_on", name="due_after_received"),
    sorted_by("created_at"),
    sorted_by("due_on"),
    Index(None, "customer_id", "created_at", "id"),
    Index(None, "status", "due_on", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "kind", "created_at", "id"),
)

erasures = Table(
    "privacy_erasures",
    metadata,
    *aggregate_columns(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("request_id", Id, ForeignKey("privacy_requests.id"), index=True),
    choice("status", ErasureStatus),
    Column("rounds", Integer, nullable=False),
    Column("again_on", Date),
    Column("rows_emptied", Integer, nullable=False),
    Column("rows_removed", Integer, nullable=False),
    Column("rows_kept", Integer, nullable=False),
    CheckConstraint("(again_on IS NULL) = (status = 'complete')", name="again_until_complete"),
    *at_least_zero("rounds", "rows_emptied", "rows_removed", "rows_kept"),
    sorted_by("created_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "again_on", "id"),
    Index(None, "customer_id", "created_at", "id"),
    # Who was erased is not who a duplicate of it went on in.
    info=STAYS,
)

person_exports = Table(
    "privacy_exports",
    metadata,
    *aggregate_columns(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("request_id", Id, ForeignKey("privacy_requests.id"), index=True),
    choice("status", PersonExportStatus),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id),
    Column("rows", Integer, nullable=False),
    Column("json_file", String(64), info=personal.file("privacy")),
    Column("json_bytes", BigInteger),
    Column("pdf_file", String(64), info=personal.file("privacy")),
    Column("pdf_bytes", BigInteger),
    Column("expires_at", Instant),
    Column("finished_at", Instant),
    *at_least_zero("rows", "json_bytes", "pdf_bytes"),
    sorted_by("created_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "status", "expires_at", "id"),
    Index(None, "customer_id", "created_at", "id"),
)

# What each round came to, table by table: the evidence.
erased_places = Table(
    "privacy_erased_places",
    metadata,
    Column("erasure_id", Id, ForeignKey("privacy_erasures.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("place", String(PLACE_LENGTH_MAX), nullable=False),
    Column("emptied", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    choice("reason", Reason, nullable=True),
    Column("kept_until", Date),
    PrimaryKeyConstraint("erasure_id", "round", "place"),
    *at_least_zero("emptied", "removed", "kept"),
)

# The rows of one person while something is done with them, by table. What is left after it are
# orders without a customer that have to stay: once the mail address is gone, nothing leads there.
reach = Table(
    "privacy_reach",
    metadata,
    Column("run_id", Id, nullable=False),
    Column("row_id", Id, nullable=False),
    Column("place", String(PLACE_LENGTH_MAX), nullable=False),
    Column("hold", String(20)),
    PrimaryKeyConstraint("run_id", "row_id", "place"),
    Index(None, "run_id", "place", "row_id"),
)

# Files that are to be removed from their storage, and are not yet.
doomed_files = Table(
    "privacy_doomed_files",
    metadata,
    Column("storage", String(20), nullable=False),
    Column("key", String(64), nullable=False),
    PrimaryKeyConstraint("storage", "key"),
)

retention_rules = Table(
    "privacy_retention_rules",
    metadata,
    *aggregate_columns(),
    choice("schedule", RetentionSchedule),
    Column("months", Integer),
    UniqueConstraint("schedule"),
    CheckConstraint("months > 0", name="months_positive"),
    sorted_by("created_at"),
)

# What was removed when its time was over: the evidence.
retention_runs = Table(
    "privacy_retention_runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    choice("schedule", RetentionSchedule),
    Column("place", String(PLACE_LENGTH_MAX), nullable=False),
    Column("cutoff", Date, nullable=False),
    Column("rows", Integer, nullable=False),
    CheckConstraint("rows > 0", name="rows_positive"),
    sorted_by("created_at"),
    Index(None, "schedule", "created_at", "id"),
)

# Who read personal data of which customers: one row per request and customer. NULL: of whom the
# answer did not say; `count` is how many things it named that lead to nobody.
reads = Table(
    "privacy_reads",
    metadata,
    Column("id", Id, primary_key=True),
    Column("read_at", Instant, nullable=False),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id),
    Column("request_id", String(64), nullable=False),
    Column("operation", String(OPERATION_LENGTH_MAX), nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("count", Integer, nullable=False),
    *at_least_zero("count"),
    sorted_by("read_at"),
    Index(None, "customer_id", "read_at", "id"),
    Index(None, "actor_id", "read_at", "id"),
    info=STAYS,
)
