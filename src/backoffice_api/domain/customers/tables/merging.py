"""Where merges of customers lie, what each of them moved, and who may be whose duplicate."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    text,
)

from backoffice_api.domain.customers.model.merging import (
    DuplicateReason,
    DuplicateStatus,
    MergeStatus,
)
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Json,
    aggregate_columns,
    choice,
    line,
    metadata,
    sorted_by,
)

# The mark of a table whose rows name whom they were about, whoever went on in whom since then.
STAYS: dict[Any, Any] = {"merging": "stays"}

merges = Table(
    "customer_merges",
    metadata,
    *aggregate_columns(),
    Column("into_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("from_id", Id, ForeignKey("customers.id"), nullable=False),
    choice("status", MergeStatus),
    Column("undo_until", Instant, nullable=False),
    Column("filled", Json, nullable=False),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    CheckConstraint("into_id <> from_id", name="two_customers"),
    sorted_by("created_at"),
    Index(None, "into_id", "created_at", "id"),
    Index(None, "from_id", "created_at", "id"),
    # A customer goes on in one other at a time.
    Index(
        "uq_customer_merges_done",
        "from_id",
        unique=True,
        sqlite_where=text("status = 'done'"),
        postgresql_where=text("status = 'done'"),
    ),
)

# Each row that a merge moved. `detail`: what besides its owner was changed of it, or which row it
# is where it has no id; of a tax id, what it is found by.
moves = Table(
    "customer_merge_moves",
    metadata,
    Column("merge_id", Id, ForeignKey("customer_merges.id"), nullable=False),
    Column("table_name", line(), nullable=False),
    Column("row_id", Id, nullable=False),
    Column("detail", Json, info={"personal": "identity"}),
    PrimaryKeyConstraint("merge_id", "table_name", "row_id"),
)

# Hashes of what customers are recognised by.
keys = Table(
    "customer_keys",
    metadata,
    choice("kind", DuplicateReason),
    Column("key", String(32), nullable=False, info={"personal": "contact"}),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False, index=True),
    PrimaryKeyConstraint("kind", "key", "customer_id"),
    info={"goes": True},
)

duplicates = Table(
    "customer_duplicates",
    metadata,
    *aggregate_columns(),
    Column("first_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("second_id", Id, ForeignKey("customers.id"), nullable=False),
    choice("status", DuplicateStatus),
    Column("score", Integer, nullable=False),
    Column("by_email", Boolean, nullable=False),
    Column("by_phone", Boolean, nullable=False),
    Column("by_tax_id", Boolean, nullable=False),
    Column("by_name", Boolean, nullable=False),
    UniqueConstraint("first_id", "second_id"),
    CheckConstraint("first_id < second_id", name="two_in_order"),
    CheckConstraint("score BETWEEN 1 AND 100", name="score_of_a_hundred"),
    sorted_by("score"),
    sorted_by("created_at"),
    Index(None, "second_id"),
    Index(None, "status", "score", "id"),
    Index(None, "status", "created_at", "id"),
)

# How far the search for duplicates has come: everything that was changed before was looked at.
progress = Table(
    "customer_duplicate_progress",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("updated_at", Instant, nullable=False),
    Column("id", Id, nullable=False),
)
