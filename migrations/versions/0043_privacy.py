"""Privacy"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "privacy_doomed_files",
        sa.Column("storage", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("storage", "key", name=op.f("pk_privacy_doomed_files")),
    )
    op.create_table(
        "privacy_reach",
        sa.Column("run_id", tables.Id(), nullable=False),
        sa.Column("row_id", tables.Id(), nullable=False),
        sa.Column("place", sa.String(length=63), nullable=False),
        sa.Column("hold", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "row_id", "place", name=op.f("pk_privacy_reach")),
    )
    op.create_index(
        op.f("ix_privacy_reach_run_id_place_row_id"),
        "privacy_reach",
        ["run_id", "place", "row_id"],
        unique=False,
    )
    op.create_table(
        "privacy_retention_rules",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "schedule",
            sa.Enum(
                "invoices",
                "bank_lines",
                "messages",
                "deliveries",
                "reads",
                name="schedule",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.CheckConstraint("months > 0", name=op.f("ck_privacy_retention_rules_months_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_retention_rules")),
        sa.UniqueConstraint("schedule", name=op.f("uq_privacy_retention_rules_schedule")),
    )
    op.create_index(
        op.f("ix_privacy_retention_rules_created_at_id"),
        "privacy_retention_rules",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "privacy_retention_runs",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column(
            "schedule",
            sa.Enum(
                "invoices",
                "bank_lines",
                "messages",
                "deliveries",
                "reads",
                name="schedule",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.String(length=63), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.CheckConstraint("rows > 0", name=op.f("ck_privacy_retention_runs_rows_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_retention_runs")),
    )
    op.create_index(
        op.f("ix_privacy_retention_runs_created_at_id"),
        "privacy_retention_runs",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_retention_runs_schedule_created_at_id"),
        "privacy_retention_runs",
        ["schedule", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "privacy_reads",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("read_at", tables.Instant(), nullable=False),
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
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=100), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_privacy_reads_count_not_negative")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_privacy_reads_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_reads")),
        info={"merging": "stays"},
    )
    op.create_index(
        op.f("ix_privacy_reads_actor_id_read_at_id"),
        "privacy_reads",
        ["actor_id", "read_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_reads_customer_id_read_at_id"),
        "privacy_reads",
        ["customer_id", "read_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_reads_read_at_id"), "privacy_reads", ["read_at", "id"], unique=False
    )
    op.create_table(
        "privacy_requests",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "access",
                "erasure",
                "correction",
                "objection",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "regime",
            sa.Enum(
                "lgpd", "gdpr", name="regime", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "done",
                "refused",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("ended_at", tables.Instant(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (status = 'open')",
            name=op.f("ck_privacy_requests_ended_at_when_ended"),
        ),
        sa.CheckConstraint(
            "received_on < due_on", name=op.f("ck_privacy_requests_due_after_received")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_privacy_requests_customer_id_customers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_requests")),
    )
    op.create_index(
        op.f("ix_privacy_requests_created_at_id"),
        "privacy_requests",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_requests_customer_id_created_at_id"),
        "privacy_requests",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_requests_due_on_id"), "privacy_requests", ["due_on", "id"], unique=False
    )
    op.create_index(
        op.f("ix_privacy_requests_kind_created_at_id"),
        "privacy_requests",
        ["kind", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_requests_status_created_at_id"),
        "privacy_requests",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_requests_status_due_on_id"),
        "privacy_requests",
        ["status", "due_on", "id"],
        unique=False,
    )
    op.create_table(
        "privacy_erasures",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column("request_id", tables.Id(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "partial",
                "complete",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("again_on", sa.Date(), nullable=True),
        sa.Column("rows_emptied", sa.Integer(), nullable=False),
        sa.Column("rows_removed", sa.Integer(), nullable=False),
        sa.Column("rows_kept", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(again_on IS NULL) = (status = 'complete')",
            name=op.f("ck_privacy_erasures_again_until_complete"),
        ),
        sa.CheckConstraint("rounds >= 0", name=op.f("ck_privacy_erasures_rounds_not_negative")),
        sa.CheckConstraint(
            "rows_emptied >= 0", name=op.f("ck_privacy_erasures_rows_emptied_not_negative")
        ),
        sa.CheckConstraint(
            "rows_kept >= 0", name=op.f("ck_privacy_erasures_rows_kept_not_negative")
        ),
        sa.CheckConstraint(
            "rows_removed >= 0", name=op.f("ck_privacy_erasures_rows_removed_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_privacy_erasures_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["privacy_requests.id"],
            name=op.f("fk_privacy_erasures_request_id_privacy_requests"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_erasures")),
        info={"merging": "stays"},
    )
    op.create_index(
        op.f("ix_privacy_erasures_again_on_id"),
        "privacy_erasures",
        ["again_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_erasures_created_at_id"),
        "privacy_erasures",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_erasures_customer_id_created_at_id"),
        "privacy_erasures",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_erasures_request_id"), "privacy_erasures", ["request_id"], unique=False
    )
    op.create_index(
        op.f("ix_privacy_erasures_status_created_at_id"),
        "privacy_erasures",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "privacy_exports",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column("request_id", tables.Id(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "ready",
                "failed",
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
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("json_file", sa.String(length=64), nullable=True),
        sa.Column("json_bytes", sa.BigInteger(), nullable=True),
        sa.Column("pdf_file", sa.String(length=64), nullable=True),
        sa.Column("pdf_bytes", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", tables.Instant(), nullable=True),
        sa.Column("finished_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "json_bytes >= 0", name=op.f("ck_privacy_exports_json_bytes_not_negative")
        ),
        sa.CheckConstraint(
            "pdf_bytes >= 0", name=op.f("ck_privacy_exports_pdf_bytes_not_negative")
        ),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_privacy_exports_rows_not_negative")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_privacy_exports_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["privacy_requests.id"],
            name=op.f("fk_privacy_exports_request_id_privacy_requests"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_exports")),
    )
    op.create_index(
        op.f("ix_privacy_exports_created_at_id"),
        "privacy_exports",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_exports_customer_id_created_at_id"),
        "privacy_exports",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_exports_request_id"), "privacy_exports", ["request_id"], unique=False
    )
    op.create_index(
        op.f("ix_privacy_exports_status_created_at_id"),
        "privacy_exports",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_privacy_exports_status_expires_at_id"),
        "privacy_exports",
        ["status", "expires_at", "id"],
        unique=False,
    )
    op.create_table(
        "privacy_erased_places",
        sa.Column("erasure_id", tables.Id(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=63), nullable=False),
        sa.Column("emptied", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "contract",
                "claim",
                "invoices",
                "bank_lines",
                "journal",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "emptied >= 0", name=op.f("ck_privacy_erased_places_emptied_not_negative")
        ),
        sa.CheckConstraint("kept >= 0", name=op.f("ck_privacy_erased_places_kept_not_negative")),
        sa.CheckConstraint(
            "removed >= 0", name=op.f("ck_privacy_erased_places_removed_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["erasure_id"],
            ["privacy_erasures.id"],
            name=op.f("fk_privacy_erased_places_erasure_id_privacy_erasures"),
        ),
        sa.PrimaryKeyConstraint(
            "erasure_id", "round", "place", name=op.f("pk_privacy_erased_places")
        ),
    )


def downgrade() -> None:
    op.drop_table("privacy_erased_places")
    op.drop_table("privacy_exports")
    op.drop_table("privacy_erasures")
    op.drop_table("privacy_requests")
    op.drop_table("privacy_reads")
    op.drop_table("privacy_retention_runs")
    op.drop_table("privacy_retention_rules")
    op.drop_table("privacy_reach")
    op.drop_table("privacy_doomed_files")
