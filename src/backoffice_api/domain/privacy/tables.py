"""Where requests of persons, erasures, schedules and the log of readers lie."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
)

from backoffice_api.domain.kernel.tables import (
    Id,
    aggregate_columns,
    at_least_zero,
    choice,
    metadata,
    sorted_by,
)
from backoffice_api.domain.privacy.model.duties import Reason
from backoffice_api.domain.privacy.model.erasures import ErasureStatus

PLACE_LENGTH_MAX = 63

erasures = Table(
    "privacy_erasures",
    metadata,
    *aggregate_columns(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("request_id", Id, index=True),
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
