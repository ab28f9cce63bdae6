"""Seals of the log"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_exports",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "ready",
                "removed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.Column("after_sequence", sa.BigInteger(), nullable=False),
        sa.Column("until_sequence", sa.BigInteger(), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("seals", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=True),
        sa.Column("file_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("expires_at", tables.Instant(), nullable=True),
        sa.Column("finished_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "after_sequence >= 0", name=op.f("ck_audit_exports_after_sequence_not_negative")
        ),
        sa.CheckConstraint("events >= 0", name=op.f("ck_audit_exports_events_not_negative")),
        sa.CheckConstraint(
            "file_bytes >= 0", name=op.f("ck_audit_exports_file_bytes_not_negative")
        ),
        sa.CheckConstraint("seals >= 0", name=op.f("ck_audit_exports_seals_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_exports")),
    )
    op.create_index(
        op.f("ix_audit_exports_created_at_id"), "audit_exports", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_audit_exports_status_expires_at_id"),
        "audit_exports",
        ["status", "expires_at", "id"],
        unique=False,
    )
    op.create_table(
        "event_rewritings",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("cause_kind", sa.String(length=4), nullable=False),
        sa.Column("cause_id", tables.Id(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_event_rewritings_count_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_rewritings")),
    )
    op.create_index(
        op.f("ix_event_rewritings_cause_id_id"),
        "event_rewritings",
        ["cause_id", "id"],
        unique=False,
    )
    op.create_table(
        "event_seals",
        sa.Column("number", tables.Serial, autoincrement=False, nullable=False),
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=8), nullable=True),
        sa.Column("signature", sa.LargeBinary(length=32), nullable=True),
        sa.Column("sealed_at", tables.Instant(), nullable=False),
        sa.CheckConstraint(
            "(key_id IS NULL) = (signature IS NULL)", name=op.f("ck_event_seals_signed_by_a_key")
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_event_seals_count_positive")),
        sa.CheckConstraint("first_sequence <= last_sequence", name=op.f("ck_event_seals_in_order")),
        sa.CheckConstraint("number > 0", name=op.f("ck_event_seals_number_positive")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event_seals")),
        sa.UniqueConstraint("id", name=op.f("uq_event_seals_id")),
        sa.UniqueConstraint("last_sequence", name=op.f("uq_event_seals_last_sequence")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_event_seals_previous_hash")),
    )
    op.create_index(op.f("ix_event_seals_number_id"), "event_seals", ["number", "id"], unique=False)
    op.create_table(
        "event_rewritten",
        sa.Column("rewriting_id", tables.Id(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("content_digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["rewriting_id"],
            ["event_rewritings.id"],
            name=op.f("fk_event_rewritten_rewriting_id_event_rewritings"),
        ),
        sa.PrimaryKeyConstraint("rewriting_id", "sequence", name=op.f("pk_event_rewritten")),
    )
    op.create_index(
        op.f("ix_event_rewritten_sequence_rewriting_id"),
        "event_rewritten",
        ["sequence", "rewriting_id"],
        unique=False,
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("event_rewritings", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("event_seals", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("event_rewritten", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("event_rewritten")
    op.drop_table("event_seals")
    op.drop_table("event_rewritings")
    op.drop_table("audit_exports")
