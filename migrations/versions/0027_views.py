"""Saved views, runs, comments"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comments",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("subject_kind", sa.String(length=4), nullable=False),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column(
            "author_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="author_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("author_id", tables.Id(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("edited_at", tables.Instant(), nullable=True),
        sa.Column("removed_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(body IS NULL) = (removed_at IS NOT NULL)", name=op.f("ck_comments_body_until_removed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index(
        op.f("ix_comments_created_at_id"), "comments", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_comments_subject_id_created_at_id"),
        "comments",
        ["subject_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "saved_views",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "owner_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="owner_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", tables.Id(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("target", tables.line(80), nullable=False),
        sa.Column("filter", tables.Json, nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.Column("sort", tables.Json, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "sharing",
            sa.Enum(
                "private",
                "staff",
                "everybody",
                name="sharing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("alert_above", sa.Integer(), nullable=True),
        sa.Column("alerted_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "alert_above >= 0", name=op.f("ck_saved_views_alert_above_not_negative")
        ),
        sa.CheckConstraint(
            "alerted_at IS NULL OR alert_above IS NOT NULL",
            name=op.f("ck_saved_views_alerts_if_asked"),
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_saved_views_position_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index(
        op.f("ix_saved_views_alert_above_id"), "saved_views", ["alert_above", "id"], unique=False
    )
    op.create_index(
        op.f("ix_saved_views_owner_id_target_position_id"),
        "saved_views",
        ["owner_id", "target", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_saved_views_sharing_target_position_id"),
        "saved_views",
        ["sharing", "target", "position", "id"],
        unique=False,
    )
    op.create_table(
        "bulk_runs",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("mutation", tables.line(80), nullable=False),
        sa.Column("input", tables.Json, nullable=True),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("target", tables.line(80), nullable=True),
        sa.Column("filter", tables.Json, nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.Column("source_run_id", tables.Id(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "finished",
                "cancelled",
                "stopped",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
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
        sa.Column("scopes", tables.Json, nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("job_id", tables.Id(), nullable=True),
        sa.Column("items_total", sa.Integer(), nullable=False),
        sa.Column("items_succeeded", sa.Integer(), nullable=False),
        sa.Column("items_failed", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=1000), nullable=True),
        sa.Column("finished_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (status IN ('queued', 'running'))",
            name=op.f("ck_bulk_runs_finished_at_the_end"),
        ),
        sa.CheckConstraint(
            "items_failed >= 0", name=op.f("ck_bulk_runs_items_failed_not_negative")
        ),
        sa.CheckConstraint(
            "items_succeeded + items_failed <= items_total",
            name=op.f("ck_bulk_runs_items_of_total"),
        ),
        sa.CheckConstraint(
            "items_succeeded >= 0", name=op.f("ck_bulk_runs_items_succeeded_not_negative")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_bulk_runs_job_id_jobs")),
        sa.ForeignKeyConstraint(
            ["source_run_id"], ["bulk_runs.id"], name=op.f("fk_bulk_runs_source_run_id_bulk_runs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_runs")),
    )
    op.create_index(
        op.f("ix_bulk_runs_created_at_id"), "bulk_runs", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_bulk_runs_job_id"), "bulk_runs", ["job_id"], unique=False)
    op.create_index(
        op.f("ix_bulk_runs_mutation_created_at_id"),
        "bulk_runs",
        ["mutation", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bulk_runs_source_run_id"), "bulk_runs", ["source_run_id"], unique=False
    )
    op.create_index(
        op.f("ix_bulk_runs_status_created_at_id"),
        "bulk_runs",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "comment_mentions",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("comment_id", tables.Id(), nullable=False),
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("read_at", tables.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_comment_mentions_comment_id_comments")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_comment_mentions_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_mentions")),
        sa.UniqueConstraint(
            "comment_id", "staff_id", name=op.f("uq_comment_mentions_comment_id_staff_id")
        ),
    )
    op.create_index(
        op.f("ix_comment_mentions_created_at_id"),
        "comment_mentions",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_comment_mentions_read_at_id"), "comment_mentions", ["read_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_comment_mentions_staff_id_created_at_id"),
        "comment_mentions",
        ["staff_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "saved_view_readers",
        sa.Column("view_id", tables.Id(), nullable=False),
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_saved_view_readers_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_views.id"], name=op.f("fk_saved_view_readers_view_id_saved_views")
        ),
        sa.PrimaryKeyConstraint("view_id", "staff_id", name=op.f("pk_saved_view_readers")),
    )
    op.create_index(
        op.f("ix_saved_view_readers_staff_id_view_id"),
        "saved_view_readers",
        ["staff_id", "view_id"],
        unique=False,
    )
    op.create_table(
        "bulk_run_items",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("run_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=4), nullable=False),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "succeeded",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", tables.line(80), nullable=True),
        sa.Column("errors", tables.Json, nullable=False),
        sa.Column("effects", tables.Json, nullable=False),
        sa.Column("done_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(code IS NOT NULL) = (status = 'failed')",
            name=op.f("ck_bulk_run_items_code_of_failed"),
        ),
        sa.CheckConstraint(
            "(done_at IS NULL) = (status = 'pending')",
            name=op.f("ck_bulk_run_items_done_at_when_done"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["bulk_runs.id"], name=op.f("fk_bulk_run_items_run_id_bulk_runs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run_items")),
        sa.UniqueConstraint(
            "run_id", "subject_id", name=op.f("uq_bulk_run_items_run_id_subject_id")
        ),
    )
    op.create_index(
        op.f("ix_bulk_run_items_code_id"), "bulk_run_items", ["code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_bulk_run_items_position_id"), "bulk_run_items", ["position", "id"], unique=False
    )
    op.create_index(
        op.f("ix_bulk_run_items_run_id_position_id"),
        "bulk_run_items",
        ["run_id", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bulk_run_items_run_id_status_position_id"),
        "bulk_run_items",
        ["run_id", "status", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_bulk_run_items_status_position_id"),
        "bulk_run_items",
        ["status", "position", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("bulk_run_items")
    op.drop_table("saved_view_readers")
    op.drop_table("comment_mentions")
    op.drop_table("bulk_runs")
    op.drop_table("saved_views")
    op.drop_table("comments")
