"""Feedback"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback_counts",
        sa.Column(
            "measure",
            sa.Enum(
                "ticket_csat",
                "order_csat",
                "order_nps",
                "product_rating",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "dimension",
            sa.Enum(
                "all",
                "channel",
                "agent",
                "team",
                "carrier",
                "product",
                "variant",
                name="dimension",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("answers >= 0", name=op.f("ck_feedback_counts_answers_not_negative")),
        sa.PrimaryKeyConstraint(
            "measure", "dimension", "subject_id", "period", "score", name=op.f("pk_feedback_counts")
        ),
    )
    op.create_index(
        op.f("ix_feedback_counts_measure_dimension_period"),
        "feedback_counts",
        ["measure", "dimension", "period"],
        unique=False,
    )
    op.create_table(
        "feedback_progress",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sequence", tables.Serial, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feedback_progress")),
    )
    op.create_table(
        "feedback_policies",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ticket",
                "order",
                "review",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column(
            "measure",
            sa.Enum(
                "ticket_csat",
                "order_csat",
                "order_nps",
                "product_rating",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("delay_h", sa.Integer(), nullable=False),
        sa.Column("open_days", sa.Integer(), nullable=False),
        sa.Column("pause_days", sa.Integer(), nullable=False),
        sa.Column("needs_consent", sa.Boolean(), nullable=False),
        sa.Column("link_base", sa.String(length=500), nullable=False),
        sa.Column("low_score", sa.Integer(), nullable=True),
        sa.Column("publish_from", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "publish_from IS NULL OR kind = 'review'",
            name=op.f("ck_feedback_policies_publishes_reviews_only"),
        ),
        sa.CheckConstraint("delay_h >= 0", name=op.f("ck_feedback_policies_delay_h_not_negative")),
        sa.CheckConstraint("open_days > 0", name=op.f("ck_feedback_policies_open_for_a_while")),
        sa.CheckConstraint(
            "pause_days >= 0", name=op.f("ck_feedback_policies_pause_days_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_feedback_policies_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_policies")),
    )
    op.create_index(
        op.f("ix_feedback_policies_channel_id_created_at_id"),
        "feedback_policies",
        ["channel_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_feedback_policies_created_at_id"),
        "feedback_policies",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_feedback_policies_kind_created_at_id"),
        "feedback_policies",
        ["kind", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_feedback_policies_of_all",
        "feedback_policies",
        ["kind"],
        unique=True,
        sqlite_where=sa.text("channel_id IS NULL"),
        postgresql_where=sa.text("channel_id IS NULL"),
    )
    op.create_index(
        "uq_feedback_policies_of_channel",
        "feedback_policies",
        ["kind", "channel_id"],
        unique=True,
        sqlite_where=sa.text("channel_id IS NOT NULL"),
        postgresql_where=sa.text("channel_id IS NOT NULL"),
    )
    op.create_table(
        "product_reviews",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("product_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=True),
        sa.Column("order_id", tables.Id(), nullable=True),
        sa.Column("order_line_id", tables.Id(), nullable=True),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "customer",
                "staff",
                "import",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "published",
                "hidden",
                "removed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", tables.Instant(), nullable=True),
        sa.Column("written_at", tables.Instant(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("opened_ticket_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(status = 'published') = (counted_on IS NOT NULL)",
            name=op.f("ck_product_reviews_counts_if_shown"),
        ),
        sa.CheckConstraint(
            "(order_line_id IS NULL) = (order_id IS NULL)",
            name=op.f("ck_product_reviews_order_of_line"),
        ),
        sa.CheckConstraint(
            "rating BETWEEN 1 AND 5", name=op.f("ck_product_reviews_rating_on_scale")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_product_reviews_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_product_reviews_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["opened_ticket_id"],
            ["tickets.id"],
            name=op.f("fk_product_reviews_opened_ticket_id_tickets"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_product_reviews_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_product_reviews_order_line_id_order_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_reviews_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_product_reviews_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_reviews")),
    )
    op.create_index(
        op.f("ix_product_reviews_channel_id_written_at_id"),
        "product_reviews",
        ["channel_id", "written_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_reviews_customer_id_written_at_id"),
        "product_reviews",
        ["customer_id", "written_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_reviews_opened_ticket_id"),
        "product_reviews",
        ["opened_ticket_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_reviews_order_id_written_at_id"),
        "product_reviews",
        ["order_id", "written_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_reviews_origin_written_at_id"),
        "product_reviews",
        ["origin", "written_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_reviews_product_id_written_at_id"),
        "product_reviews",
        ["product_id", "written_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_reviews_rating_id"), "product_reviews", ["rating", "id"], unique=False
    )
    op.create_index(
        op.f("ix_product_reviews_rating_written_at_id"),
        "product_reviews",
        ["rating", "written_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_reviews_status_written_at_id"),
        "product_reviews",
        ["status", "written_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_reviews_updated_at_id"),
        "product_reviews",
        ["updated_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_reviews_variant_id_written_at_id"),
        "product_reviews",
        ["variant_id", "written_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_reviews_written_at_id"),
        "product_reviews",
        ["written_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_product_reviews_of_line",
        "product_reviews",
        ["order_line_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'removed'"),
        postgresql_where=sa.text("status <> 'removed'"),
    )
    op.create_table(
        "surveys",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ticket",
                "order",
                "review",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "measure",
            sa.Enum(
                "ticket_csat",
                "order_csat",
                "order_nps",
                "product_rating",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "suppressed",
                "asked",
                "answered",
                "removed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ticket_id", tables.Id(), nullable=True),
        sa.Column("order_id", tables.Id(), nullable=True),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("channel_id", tables.Id(), nullable=True),
        sa.Column("agent_id", tables.Id(), nullable=True),
        sa.Column("team_id", tables.Id(), nullable=True),
        sa.Column("carrier_id", tables.Id(), nullable=True),
        sa.Column("ask_at", tables.Instant(), nullable=False),
        sa.Column("asked_at", tables.Instant(), nullable=True),
        sa.Column("closes_at", tables.Instant(), nullable=True),
        sa.Column(
            "obstacle",
            sa.Enum(
                "not_wanted",
                "no_template",
                "no_recipient",
                "no_consent",
                "objected",
                "asked_lately",
                "too_old",
                "not_over",
                name="obstacle",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("message_id", tables.Id(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "customer",
                "staff",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("answered_at", tables.Instant(), nullable=True),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("stopped_at", tables.Instant(), nullable=True),
        sa.Column("opened_ticket_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'ticket') = (ticket_id IS NOT NULL) AND kind <> 'review'",
            name=op.f("ck_surveys_about_one_thing"),
        ),
        sa.CheckConstraint(
            "(status = 'answered') = (score IS NOT NULL) AND (status = 'answered') = (counted_on IS NOT NULL)",
            name=op.f("ck_surveys_counts_when_answered"),
        ),
        sa.CheckConstraint(
            "(status = 'suppressed') = (obstacle IS NOT NULL)",
            name=op.f("ck_surveys_obstacle_named"),
        ),
        sa.CheckConstraint(
            "kind <> 'order' OR order_id IS NOT NULL", name=op.f("ck_surveys_order_named")
        ),
        sa.CheckConstraint("changes >= 0", name=op.f("ck_surveys_changes_not_negative")),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_surveys_agent_id_staff")),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["carriers.id"], name=op.f("fk_surveys_carrier_id_carriers")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_surveys_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_surveys_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_surveys_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["opened_ticket_id"], ["tickets.id"], name=op.f("fk_surveys_opened_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_surveys_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["ticket_teams.id"], name=op.f("fk_surveys_team_id_ticket_teams")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_surveys_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_surveys_ticket_id")),
    )
    op.create_index(
        op.f("ix_surveys_agent_id_created_at_id"),
        "surveys",
        ["agent_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_surveys_carrier_id_created_at_id"),
        "surveys",
        ["carrier_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_surveys_channel_id_created_at_id"),
        "surveys",
        ["channel_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_surveys_created_at_id"), "surveys", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_surveys_customer_id_asked_at"),
        "surveys",
        ["customer_id", "asked_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_surveys_customer_id_created_at_id"),
        "surveys",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_surveys_due",
        "surveys",
        ["ask_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'planned'"),
        postgresql_where=sa.text("status = 'planned'"),
    )
    op.create_index(
        op.f("ix_surveys_measure_created_at_id"),
        "surveys",
        ["measure", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_surveys_message_id"), "surveys", ["message_id"], unique=False)
    op.create_index(
        op.f("ix_surveys_opened_ticket_id"), "surveys", ["opened_ticket_id"], unique=False
    )
    op.create_index(
        op.f("ix_surveys_order_id_created_at_id"),
        "surveys",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_surveys_score_created_at_id"),
        "surveys",
        ["score", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_surveys_status_created_at_id"),
        "surveys",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_surveys_team_id_created_at_id"),
        "surveys",
        ["team_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_surveys_updated_at_id"), "surveys", ["updated_at", "id"], unique=False)
    op.create_index(
        "uq_surveys_of_order",
        "surveys",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'order'"),
        postgresql_where=sa.text("kind = 'order'"),
    )


def downgrade() -> None:
    op.drop_table("surveys")
    op.drop_table("product_reviews")
    op.drop_table("feedback_policies")
    op.drop_table("feedback_progress")
    op.drop_table("feedback_counts")
