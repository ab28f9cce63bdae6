"""Files, imports and exports"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_files",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "csv",
                "xlsx",
                "jsonl",
                name="format",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "expected",
                "stored",
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
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("expires_at", tables.Instant(), nullable=False),
        sa.CheckConstraint("size_bytes >= 0", name=op.f("ck_stored_files_size_bytes_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
    )
    with op.batch_alter_table("stored_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_files_sha256"), ["sha256"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_stored_files_status_expires_at_id"),
            ["status", "expires_at", "id"],
            unique=False,
        )

    op.create_table(
        "file_tickets",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("file_id", tables.Id(), nullable=False),
        sa.Column("is_upload", sa.Boolean(), nullable=False),
        sa.Column("expires_at", tables.Instant(), nullable=False),
        sa.Column("used_at", tables.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_file_tickets_file_id_stored_files")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_file_tickets")),
    )
    with op.batch_alter_table("file_tickets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_file_tickets_expires_at"), ["expires_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_file_tickets_file_id"), ["file_id"], unique=False)

    op.create_table(
        "bulk_imports",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "products",
                "variants",
                "prices",
                "stock",
                "customers",
                "orders",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "format",
            sa.Enum(
                "csv",
                "xlsx",
                "jsonl",
                name="format",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_id", tables.Id(), nullable=False),
        sa.Column("file", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "finished",
                "failed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("system", tables.line(60), nullable=False),
        sa.Column("locale", sa.String(length=11), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("mapping", tables.Json, nullable=False),
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
        sa.Column("job_id", tables.Id(), nullable=True),
        sa.Column("retry_of", tables.Id(), nullable=True),
        sa.Column("header", tables.Json, nullable=False),
        sa.Column("fields", tables.Json, nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=True),
        sa.Column("rows_created", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("rows_rejected", sa.Integer(), nullable=False),
        sa.Column("remarks", tables.Json, nullable=False),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=1000), nullable=True),
        sa.Column("finished_at", tables.Instant(), nullable=True),
        sa.Column("report_id", tables.Id(), nullable=True),
        sa.Column("failed_rows_id", tables.Id(), nullable=True),
        sa.CheckConstraint("batches >= 0", name=op.f("ck_bulk_imports_batches_not_negative")),
        sa.CheckConstraint(
            "rows_changed >= 0", name=op.f("ck_bulk_imports_rows_changed_not_negative")
        ),
        sa.CheckConstraint(
            "rows_created >= 0", name=op.f("ck_bulk_imports_rows_created_not_negative")
        ),
        sa.CheckConstraint(
            "rows_rejected >= 0", name=op.f("ck_bulk_imports_rows_rejected_not_negative")
        ),
        sa.CheckConstraint(
            "rows_unchanged >= 0", name=op.f("ck_bulk_imports_rows_unchanged_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["failed_rows_id"],
            ["stored_files.id"],
            name=op.f("fk_bulk_imports_failed_rows_id_stored_files"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_bulk_imports_file_id_stored_files")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["stored_files.id"], name=op.f("fk_bulk_imports_report_id_stored_files")
        ),
        sa.ForeignKeyConstraint(
            ["retry_of"], ["bulk_imports.id"], name=op.f("fk_bulk_imports_retry_of_bulk_imports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_imports")),
    )
    with op.batch_alter_table("bulk_imports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bulk_imports_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_bulk_imports_file_id"), ["file_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_bulk_imports_kind_created_at_id"),
            ["kind", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_bulk_imports_retry_of"), ["retry_of"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_bulk_imports_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "bulk_remarks",
        sa.Column("import_id", tables.Id(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("column", tables.line(250), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column(
            "severity",
            sa.Enum(
                "info",
                "warning",
                "error",
                name="severity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "imported",
                "deferred",
                "rejected",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["bulk_imports.id"], name=op.f("fk_bulk_remarks_import_id_bulk_imports")
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_bulk_remarks")),
    )
    op.create_table(
        "bulk_rejected_rows",
        sa.Column("import_id", tables.Id(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["bulk_imports.id"],
            name=op.f("fk_bulk_rejected_rows_import_id_bulk_imports"),
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_bulk_rejected_rows")),
    )
    op.create_table(
        "bulk_exports",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "products",
                "variants",
                "prices",
                "stock",
                "customers",
                "orders",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "format",
            sa.Enum(
                "csv",
                "xlsx",
                "jsonl",
                name="format",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "finished",
                "failed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("filter", tables.Json, nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
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
        sa.Column("job_id", tables.Id(), nullable=True),
        sa.Column("rows_written", sa.Integer(), nullable=False),
        sa.Column("file_id", tables.Id(), nullable=True),
        sa.Column("error", sa.String(length=1000), nullable=True),
        sa.Column("finished_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "rows_written >= 0", name=op.f("ck_bulk_exports_rows_written_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_bulk_exports_file_id_stored_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_exports")),
    )
    with op.batch_alter_table("bulk_exports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bulk_exports_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_bulk_exports_file_id"), ["file_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_bulk_exports_kind_created_at_id"),
            ["kind", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_bulk_exports_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("bulk_exports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_exports_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_bulk_exports_kind_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_bulk_exports_file_id"))
        batch_op.drop_index(batch_op.f("ix_bulk_exports_created_at_id"))

    op.drop_table("bulk_exports")
    op.drop_table("bulk_rejected_rows")
    op.drop_table("bulk_remarks")
    with op.batch_alter_table("bulk_imports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_imports_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_bulk_imports_retry_of"))
        batch_op.drop_index(batch_op.f("ix_bulk_imports_kind_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_bulk_imports_file_id"))
        batch_op.drop_index(batch_op.f("ix_bulk_imports_created_at_id"))

    op.drop_table("bulk_imports")
    with op.batch_alter_table("file_tickets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_tickets_file_id"))
        batch_op.drop_index(batch_op.f("ix_file_tickets_expires_at"))

    op.drop_table("file_tickets")
    with op.batch_alter_table("stored_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_files_status_expires_at_id"))
        batch_op.drop_index(batch_op.f("ix_stored_files_sha256"))

    op.drop_table("stored_files")
