"""Tracking"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tracking_mappings",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("source", tables.line(40), nullable=False),
        sa.Column("code", tables.line(120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "created",
                "pre_transit",
                "picked_up",
                "in_transit",
                "on_hold",
                "delayed",
                "out_for_delivery",
                "ready_for_pickup",
                "attempt_failed",
                "delivered",
                "returning",
                "returned",
                "lost",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "cause",
            sa.Enum(
                "address",
                "absent",
                "closed",
                "refused",
                "moved",
                "unknown_recipient",
                "not_collected",
                "scheduled",
                "documents",
                "payment",
                "inspection",
                "seized",
                "content",
                "damaged",
                "stolen",
                "missing",
                "disposed",
                "misrouted",
                "operations",
                "area",
                "weather",
                "shipper_request",
                "other",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "party",
            sa.Enum(
                "carrier",
                "shipper",
                "recipient",
                "customs",
                "weather",
                name="party",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_mappings")),
        sa.UniqueConstraint("source", "code", name=op.f("uq_tracking_mappings_source_code")),
    )
    op.create_index(
        op.f("ix_tracking_mappings_code_id"), "tracking_mappings", ["code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tracking_mappings_created_at_id"),
        "tracking_mappings",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "trackings",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("carrier", tables.line(60), nullable=False),
        sa.Column("number", tables.line(100), nullable=False),
        sa.Column("parcel_id", tables.Id(), nullable=True),
        sa.Column("order_id", tables.Id(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "created",
                "pre_transit",
                "picked_up",
                "in_transit",
                "on_hold",
                "delayed",
                "out_for_delivery",
                "ready_for_pickup",
                "attempt_failed",
                "delivered",
                "returning",
                "returned",
                "lost",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "cause",
            sa.Enum(
                "address",
                "absent",
                "closed",
                "refused",
                "moved",
                "unknown_recipient",
                "not_collected",
                "scheduled",
                "documents",
                "payment",
                "inspection",
                "seized",
                "content",
                "damaged",
                "stolen",
                "missing",
                "disposed",
                "misrouted",
                "operations",
                "area",
                "weather",
                "shipper_request",
                "other",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "party",
            sa.Enum(
                "carrier",
                "shipper",
                "recipient",
                "customs",
                "weather",
                name="party",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("state_at", tables.Instant(), nullable=True),
        sa.Column("state_key", sa.String(length=64), nullable=False),
        sa.Column("heard_at", tables.Instant(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("promised_at", tables.Instant(), nullable=True),
        sa.Column("delivered_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(delivered_at IS NOT NULL) = (state = 'delivered')",
            name=op.f("ck_trackings_delivered_at_when_delivered"),
        ),
        sa.CheckConstraint(
            "state_at IS NOT NULL OR state = 'created'", name=op.f("ck_trackings_state_was_told")
        ),
        sa.CheckConstraint("event_count >= 0", name=op.f("ck_trackings_event_count_not_negative")),
        sa.CheckConstraint(
            "parcel_id IS NULL OR order_id IS NOT NULL", name=op.f("ck_trackings_parcel_of_order")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_trackings_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_trackings_parcel_id_parcels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trackings")),
        sa.UniqueConstraint("carrier", "number", name=op.f("uq_trackings_carrier_number")),
        sa.UniqueConstraint("parcel_id", name=op.f("uq_trackings_parcel_id")),
    )
    op.create_index(
        op.f("ix_trackings_carrier_created_at_id"),
        "trackings",
        ["carrier", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_trackings_cause_created_at_id"),
        "trackings",
        ["cause", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_trackings_created_at_id"), "trackings", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_trackings_heard_at_id"), "trackings", ["heard_at", "id"], unique=False)
    op.create_index(op.f("ix_trackings_number_id"), "trackings", ["number", "id"], unique=False)
    op.create_index(
        op.f("ix_trackings_order_id_created_at_id"),
        "trackings",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_trackings_party_created_at_id"),
        "trackings",
        ["party", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_trackings_state_created_at_id"),
        "trackings",
        ["state", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_trackings_state_heard_at", "trackings", ["state", "heard_at", "id"], unique=False
    )
    op.create_index(
        "ix_trackings_state_promised_at", "trackings", ["state", "promised_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_trackings_updated_at_id"), "trackings", ["updated_at", "id"], unique=False
    )
    op.create_table(
        "tracking_events",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("tracking_id", tables.Id(), nullable=False),
        sa.Column("content_key", sa.String(length=64), nullable=False),
        sa.Column("source", tables.line(40), nullable=False),
        sa.Column("code", tables.line(120), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("place", tables.line(250), nullable=True),
        sa.Column("occurred_at", tables.Instant(), nullable=False),
        sa.Column("recorded_at", tables.Instant(), nullable=False),
        sa.Column("recorded_by_kind", sa.String(length=10), nullable=False),
        sa.Column("recorded_by_id", tables.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tracking_id"], ["trackings.id"], name=op.f("fk_tracking_events_tracking_id_trackings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_events")),
        sa.UniqueConstraint(
            "tracking_id", "content_key", name=op.f("uq_tracking_events_tracking_id_content_key")
        ),
    )
    op.create_index(
        op.f("ix_tracking_events_occurred_at_id"),
        "tracking_events",
        ["occurred_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tracking_events_source_code_id"),
        "tracking_events",
        ["source", "code", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tracking_events_tracking_id_occurred_at_id"),
        "tracking_events",
        ["tracking_id", "occurred_at", "id"],
        unique=False,
    )
    op.create_table(
        "tracking_exceptions",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("tracking_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "attempt_failed",
                "on_hold",
                "delayed",
                "overdue",
                "silent",
                "returning",
                "lost",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "acknowledged",
                "resolved",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", tables.Id(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("resolved_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(resolved_at IS NOT NULL) = (status = 'resolved')",
            name=op.f("ck_tracking_exceptions_resolved_at_when_resolved"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff.id"], name=op.f("fk_tracking_exceptions_owner_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["tracking_id"],
            ["trackings.id"],
            name=op.f("fk_tracking_exceptions_tracking_id_trackings"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_exceptions")),
    )
    op.create_index(
        op.f("ix_tracking_exceptions_created_at_id"),
        "tracking_exceptions",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tracking_exceptions_kind_created_at_id"),
        "tracking_exceptions",
        ["kind", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tracking_exceptions_owner_id_created_at_id"),
        "tracking_exceptions",
        ["owner_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tracking_exceptions_status_created_at_id"),
        "tracking_exceptions",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tracking_exceptions_tracking_id_created_at_id"),
        "tracking_exceptions",
        ["tracking_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_tracking_exceptions_open",
        "tracking_exceptions",
        ["tracking_id", "kind"],
        unique=True,
        sqlite_where=sa.text("status <> 'resolved'"),
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_table(
        "tracking_polls",
        sa.Column("tracking_id", tables.Id(), nullable=False),
        sa.Column("carrier", tables.line(60), nullable=False),
        sa.Column("poll_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tracking_id"], ["trackings.id"], name=op.f("fk_tracking_polls_tracking_id_trackings")
        ),
        sa.PrimaryKeyConstraint("tracking_id", name=op.f("pk_tracking_polls")),
    )
    op.create_index(
        op.f("ix_tracking_polls_carrier_poll_at_tracking_id"),
        "tracking_polls",
        ["carrier", "poll_at", "tracking_id"],
        unique=False,
    )
    op.create_table(
        "tracking_readings",
        sa.Column("event_id", tables.Id(), nullable=False),
        sa.Column("tracking_id", tables.Id(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "created",
                "pre_transit",
                "picked_up",
                "in_transit",
                "on_hold",
                "delayed",
                "out_for_delivery",
                "ready_for_pickup",
                "attempt_failed",
                "delivered",
                "returning",
                "returned",
                "lost",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "cause",
            sa.Enum(
                "address",
                "absent",
                "closed",
                "refused",
                "moved",
                "unknown_recipient",
                "not_collected",
                "scheduled",
                "documents",
                "payment",
                "inspection",
                "seized",
                "content",
                "damaged",
                "stolen",
                "missing",
                "disposed",
                "misrouted",
                "operations",
                "area",
                "weather",
                "shipper_request",
                "other",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "party",
            sa.Enum(
                "carrier",
                "shipper",
                "recipient",
                "customs",
                "weather",
                name="party",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("mapping_version", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "mapping_version IS NOT NULL OR state IS NULL",
            name=op.f("ck_tracking_readings_unknown_says_nothing"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["tracking_events.id"],
            name=op.f("fk_tracking_readings_event_id_tracking_events"),
        ),
        sa.ForeignKeyConstraint(
            ["tracking_id"],
            ["trackings.id"],
            name=op.f("fk_tracking_readings_tracking_id_trackings"),
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_tracking_readings")),
    )
    op.create_index(
        op.f("ix_tracking_readings_tracking_id"), "tracking_readings", ["tracking_id"], unique=False
    )
    op.create_index(
        "ix_tracking_readings_unknown",
        "tracking_readings",
        ["event_id"],
        unique=False,
        sqlite_where=sa.text("mapping_version IS NULL"),
        postgresql_where=sa.text("mapping_version IS NULL"),
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("tracking_events", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("tracking_readings")
    op.drop_table("tracking_polls")
    op.drop_table("tracking_exceptions")
    op.drop_table("tracking_events")
    op.drop_table("trackings")
    op.drop_table("tracking_mappings")
