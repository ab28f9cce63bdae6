"""Tickets"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canned_answers",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("title", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_answers")),
        sa.UniqueConstraint("code", name=op.f("uq_canned_answers_code")),
    )
    op.create_index(
        op.f("ix_canned_answers_code_id"), "canned_answers", ["code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_canned_answers_created_at_id"),
        "canned_answers",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_canned_answers_status_code_id"),
        "canned_answers",
        ["status", "code", "id"],
        unique=False,
    )
    op.create_table(
        "checklist_templates",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("title", tables.line(250), nullable=False),
        sa.Column("items", tables.Json, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_templates")),
        sa.UniqueConstraint("code", name=op.f("uq_checklist_templates_code")),
    )
    op.create_index(
        op.f("ix_checklist_templates_code_id"), "checklist_templates", ["code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_checklist_templates_created_at_id"),
        "checklist_templates",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_checklist_templates_status_code_id"),
        "checklist_templates",
        ["status", "code", "id"],
        unique=False,
    )
    op.create_table(
        "sla_policies",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("sources", tables.Json, nullable=False),
        sa.Column("priorities", tables.Json, nullable=False),
        sa.Column("team_ids", tables.Json, nullable=False),
        sa.Column("languages", tables.Json, nullable=False),
        sa.Column("customer_tags", tables.Json, nullable=False),
        sa.Column("customer_group_ids", tables.Json, nullable=False),
        sa.Column("terms_id", tables.Id(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_sla_policies_position_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policies")),
        sa.UniqueConstraint("code", name=op.f("uq_sla_policies_code")),
    )
    op.create_index(
        op.f("ix_sla_policies_created_at_id"), "sla_policies", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_sla_policies_is_active_position_id"),
        "sla_policies",
        ["is_active", "position", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sla_policies_position_id"), "sla_policies", ["position", "id"], unique=False
    )
    op.create_table(
        "ticket_rule_progress",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sequence", tables.Serial, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ticket_rule_progress")),
    )
    op.create_table(
        "ticket_series",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("prefix", tables.line(20), nullable=False),
        sa.Column("number_next", sa.BigInteger(), nullable=False),
        sa.Column("numbers_skipped", sa.BigInteger(), nullable=False),
        sa.Column("only", sa.Integer(), nullable=False),
        sa.CheckConstraint('"only" = 1', name=op.f("ck_ticket_series_one_row")),
        sa.CheckConstraint(
            "numbers_skipped >= 0 AND numbers_skipped < number_next",
            name=op.f("ck_ticket_series_numbers_skipped_below_next"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_series")),
        sa.UniqueConstraint("only", name=op.f("uq_ticket_series_only")),
    )
    op.create_table(
        "ticket_teams",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "assignment",
            sa.Enum(
                "by_hand",
                "round_robin",
                "least_loaded",
                name="assignment",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("close_after_days", sa.Integer(), nullable=False),
        sa.Column("reopen_within_days", sa.Integer(), nullable=False),
        sa.Column("turns", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "close_after_days >= 0", name=op.f("ck_ticket_teams_close_after_days_not_negative")
        ),
        sa.CheckConstraint(
            "reopen_within_days >= 0", name=op.f("ck_ticket_teams_reopen_within_days_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_teams")),
    )
    op.create_index(
        op.f("ix_ticket_teams_created_at_id"), "ticket_teams", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_ticket_teams_name_id"), "ticket_teams", ["name", "id"], unique=False)
    op.create_index(
        op.f("ix_ticket_teams_status_name_id"),
        "ticket_teams",
        ["status", "name", "id"],
        unique=False,
    )
    op.create_index(
        "uq_ticket_teams_default",
        "ticket_teams",
        ["is_default"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_index(
        "uq_ticket_teams_name_in_use",
        "ticket_teams",
        ["name"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "canned_texts",
        sa.Column("answer_id", tables.Id(), nullable=False),
        sa.Column("locale", tables.line(11), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["canned_answers.id"],
            name=op.f("fk_canned_texts_answer_id_canned_answers"),
        ),
        sa.PrimaryKeyConstraint("answer_id", "locale", name=op.f("pk_canned_texts")),
    )
    op.create_table(
        "sla_terms",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("policy_id", tables.Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_at", tables.Instant(), nullable=False),
        sa.Column("calendar_id", tables.Id(), nullable=True),
        sa.Column("hours", tables.Json, nullable=False),
        sa.Column("first_response_min", sa.Integer(), nullable=True),
        sa.Column("next_response_min", sa.Integer(), nullable=True),
        sa.Column("resolution_min", sa.Integer(), nullable=True),
        sa.Column("warn_percent", sa.Integer(), nullable=False),
        sa.Column("pauses_internal", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "first_response_min BETWEEN 1 AND 86400",
            name=op.f("ck_sla_terms_first_response_min_bounded"),
        ),
        sa.CheckConstraint(
            "next_response_min BETWEEN 1 AND 86400",
            name=op.f("ck_sla_terms_next_response_min_bounded"),
        ),
        sa.CheckConstraint(
            "resolution_min BETWEEN 1 AND 86400", name=op.f("ck_sla_terms_resolution_min_bounded")
        ),
        sa.CheckConstraint(
            "warn_percent BETWEEN 1 AND 100", name=op.f("ck_sla_terms_warn_percent_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["fulfillment_calendars.id"],
            name=op.f("fk_sla_terms_calendar_id_fulfillment_calendars"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["sla_policies.id"], name=op.f("fk_sla_terms_policy_id_sla_policies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_terms")),
        sa.UniqueConstraint("policy_id", "revision", name=op.f("uq_sla_terms_policy_id_revision")),
    )
    op.create_index(op.f("ix_sla_terms_calendar_id"), "sla_terms", ["calendar_id"], unique=False)
    op.create_table(
        "ticket_macros",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("title", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("answer_id", tables.Id(), nullable=True),
        sa.Column(
            "writing",
            sa.Enum(
                "reply",
                "note",
                "draft",
                name="writing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "priority",
            sa.Enum(
                "low",
                "normal",
                "high",
                "urgent",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("team_id", tables.Id(), nullable=True),
        sa.Column("add_tags", tables.Json, nullable=False),
        sa.Column("remove_tags", tables.Json, nullable=False),
        sa.Column(
            "move_to",
            sa.Enum(
                "new",
                "open",
                "pending_customer",
                "pending_internal",
                "resolved",
                "closed",
                "merged",
                "spam",
                name="move_to",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(answer_id IS NULL) = (writing IS NULL)",
            name=op.f("ck_ticket_macros_answer_goes_somewhere"),
        ),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["canned_answers.id"],
            name=op.f("fk_ticket_macros_answer_id_canned_answers"),
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["ticket_teams.id"], name=op.f("fk_ticket_macros_team_id_ticket_teams")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_macros")),
        sa.UniqueConstraint("code", name=op.f("uq_ticket_macros_code")),
    )
    op.create_index(
        op.f("ix_ticket_macros_answer_id"), "ticket_macros", ["answer_id"], unique=False
    )
    op.create_index(op.f("ix_ticket_macros_code_id"), "ticket_macros", ["code", "id"], unique=False)
    op.create_index(
        op.f("ix_ticket_macros_created_at_id"), "ticket_macros", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_ticket_macros_status_code_id"),
        "ticket_macros",
        ["status", "code", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_ticket_macros_team_id"), "ticket_macros", ["team_id"], unique=False)
    op.create_table(
        "ticket_rules",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("title", tables.line(250), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "late_parcel",
                "parcel_exception",
                "refund_overdue",
                "refund_failed",
                "unmatched_payment",
                "low_rating",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "disabled",
                "enabled",
                "removed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("exceptions", tables.Json, nullable=False),
        sa.Column("after_days", sa.Integer(), nullable=True),
        sa.Column(
            "priority",
            sa.Enum(
                "low",
                "normal",
                "high",
                "urgent",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("team_id", tables.Id(), nullable=True),
        sa.Column("tags", tables.Json, nullable=False),
        sa.Column("daily_max", sa.Integer(), nullable=False),
        sa.Column("enabled_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "status <> 'enabled' OR enabled_at IS NOT NULL",
            name=op.f("ck_ticket_rules_enabled_some_time"),
        ),
        sa.CheckConstraint("after_days > 0", name=op.f("ck_ticket_rules_after_days_above_zero")),
        sa.CheckConstraint("daily_max > 0", name=op.f("ck_ticket_rules_daily_max_above_zero")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["ticket_teams.id"], name=op.f("fk_ticket_rules_team_id_ticket_teams")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_rules")),
        sa.UniqueConstraint("code", name=op.f("uq_ticket_rules_code")),
    )
    op.create_index(
        op.f("ix_ticket_rules_cause_rank_id"), "ticket_rules", ["cause", "rank", "id"], unique=False
    )
    op.create_index(
        op.f("ix_ticket_rules_created_at_id"), "ticket_rules", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_ticket_rules_rank_id"), "ticket_rules", ["rank", "id"], unique=False)
    op.create_index(
        op.f("ix_ticket_rules_status_rank_id"),
        "ticket_rules",
        ["status", "rank", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_ticket_rules_team_id"), "ticket_rules", ["team_id"], unique=False)
    op.create_table(
        "ticket_team_members",
        sa.Column("team_id", tables.Id(), nullable=False),
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("skills", tables.Json, nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("last_turn", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_ticket_team_members_capacity_above_zero")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_ticket_team_members_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["ticket_teams.id"],
            name=op.f("fk_ticket_team_members_team_id_ticket_teams"),
        ),
        sa.PrimaryKeyConstraint("team_id", "staff_id", name=op.f("pk_ticket_team_members")),
    )
    op.create_index(
        op.f("ix_ticket_team_members_staff_id_team_id"),
        "ticket_team_members",
        ["staff_id", "team_id"],
        unique=False,
    )
    op.create_table(
        "tickets",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", tables.line(40), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("subject", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "new",
                "open",
                "pending_customer",
                "pending_internal",
                "resolved",
                "closed",
                "merged",
                "spam",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "priority",
            sa.Enum(
                "low",
                "normal",
                "high",
                "urgent",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "email",
                "form",
                "phone",
                "chat",
                "marketplace",
                "rule",
                "api",
                "import",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("language", tables.line(11), nullable=True),
        sa.Column("skill", tables.line(60), nullable=True),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("team_id", tables.Id(), nullable=True),
        sa.Column("assignee_id", tables.Id(), nullable=True),
        sa.Column("merged_into_id", tables.Id(), nullable=True),
        sa.Column("snoozed_until", tables.Instant(), nullable=True),
        sa.Column("opened_by_rule", tables.line(80), nullable=True),
        sa.Column("cause_key", tables.line(200), nullable=True),
        sa.Column("first_responded_at", tables.Instant(), nullable=True),
        sa.Column("resolved_at", tables.Instant(), nullable=True),
        sa.Column("closed_at", tables.Instant(), nullable=True),
        sa.Column("closes_at", tables.Instant(), nullable=True),
        sa.Column("last_message_at", tables.Instant(), nullable=False),
        sa.Column("last_customer_message_at", tables.Instant(), nullable=True),
        sa.Column("reopened_count", sa.Integer(), nullable=False),
        sa.Column("sla_policy_id", tables.Id(), nullable=True),
        sa.Column("first_response_due_at", tables.Instant(), nullable=True),
        sa.Column("next_response_due_at", tables.Instant(), nullable=True),
        sa.Column("resolution_due_at", tables.Instant(), nullable=True),
        sa.Column("next_due_at", tables.Instant(), nullable=True),
        sa.Column(
            "due_order_at",
            tables.Instant(),
            sa.Computed("coalesce(next_due_at, '9999-01-01 00:00:00.000000')", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "priority_rank",
            sa.Integer(),
            sa.Computed(
                "CASE priority WHEN 'urgent' THEN 3 WHEN 'high' THEN 2 WHEN 'normal' THEN 1 ELSE 0 END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "is_merged",
            sa.Boolean(),
            sa.Computed("(status = 'merged')", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "target_is_merged",
            sa.Boolean(),
            sa.Computed(
                "(CASE WHEN merged_into_id IS NULL THEN NULL ELSE (1 = 0) END)", persisted=True
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(status = 'merged') = (merged_into_id IS NOT NULL)",
            name=op.f("ck_tickets_merged_somewhere"),
        ),
        sa.CheckConstraint(
            "closes_at IS NULL OR status = 'resolved'", name=op.f("ck_tickets_closes_when_resolved")
        ),
        sa.CheckConstraint(
            "snoozed_until IS NULL OR status IN ('new', 'open', 'pending_customer', 'pending_internal')",
            name=op.f("ck_tickets_snoozed_while_live"),
        ),
        sa.CheckConstraint(
            "reopened_count >= 0", name=op.f("ck_tickets_reopened_count_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["staff.id"], name=op.f("fk_tickets_assignee_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_tickets_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id", "target_is_merged"],
            ["tickets.id", "tickets.is_merged"],
            name="fk_tickets_merged_into",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["ticket_teams.id"], name=op.f("fk_tickets_team_id_ticket_teams")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("id", "is_merged", name=op.f("uq_tickets_id_is_merged")),
        sa.UniqueConstraint("number", name=op.f("uq_tickets_number")),
    )
    op.create_index(
        op.f("ix_tickets_assignee_id_created_at_id"),
        "tickets",
        ["assignee_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_assignee_id_due_order_at_id"),
        "tickets",
        ["assignee_id", "due_order_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_tickets_closes_at_id"), "tickets", ["closes_at", "id"], unique=False)
    op.create_index(op.f("ix_tickets_created_at_id"), "tickets", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_tickets_customer_id_created_at_id"),
        "tickets",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_due_order_at_id"), "tickets", ["due_order_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tickets_last_message_at_id"), "tickets", ["last_message_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tickets_merged_into_id_id"), "tickets", ["merged_into_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tickets_next_due_at_id"), "tickets", ["next_due_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tickets_opened_by_rule_created_at_id"),
        "tickets",
        ["opened_by_rule", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_priority_created_at_id"),
        "tickets",
        ["priority", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_priority_rank_id"), "tickets", ["priority_rank", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tickets_resolved_at_id"), "tickets", ["resolved_at", "id"], unique=False
    )
    op.create_index(op.f("ix_tickets_serial_id"), "tickets", ["serial", "id"], unique=False)
    op.create_index(op.f("ix_tickets_sla_policy_id"), "tickets", ["sla_policy_id"], unique=False)
    op.create_index(
        op.f("ix_tickets_snoozed_until_id"), "tickets", ["snoozed_until", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tickets_source_created_at_id"),
        "tickets",
        ["source", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_status_created_at_id"),
        "tickets",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_status_due_order_at_id"),
        "tickets",
        ["status", "due_order_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_team_id_created_at_id"),
        "tickets",
        ["team_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_team_id_due_order_at_id"),
        "tickets",
        ["team_id", "due_order_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_team_id_status_assignee_id_next_due_at"),
        "tickets",
        ["team_id", "status", "assignee_id", "next_due_at"],
        unique=False,
    )
    op.create_index(op.f("ix_tickets_updated_at_id"), "tickets", ["updated_at", "id"], unique=False)
    op.create_index("uq_tickets_cause_key", "tickets", ["cause_key"], unique=True)
    op.create_table(
        "ticket_acts",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "refund",
                "store_credit",
                "cancel_order",
                "return",
                "return_shipment",
                "replacement",
                "exchange",
                "buy_label",
                "void_label",
                "send_message",
                "resend_message",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on_kind", sa.String(length=4), nullable=False),
        sa.Column("on_id", tables.Id(), nullable=False),
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
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_acts_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_acts")),
    )
    op.create_index(
        op.f("ix_ticket_acts_created_at_id"), "ticket_acts", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_ticket_acts_kind_created_at_id"),
        "ticket_acts",
        ["kind", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_acts_on_id_created_at_id"),
        "ticket_acts",
        ["on_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_acts_ticket_id_created_at_id"),
        "ticket_acts",
        ["ticket_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "ticket_checklists",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column("template_id", tables.Id(), nullable=True),
        sa.Column("title", tables.line(250), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["checklist_templates.id"],
            name=op.f("fk_ticket_checklists_template_id_checklist_templates"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_checklists_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_checklists")),
    )
    op.create_index(
        op.f("ix_ticket_checklists_template_id"), "ticket_checklists", ["template_id"], unique=False
    )
    op.create_index(
        op.f("ix_ticket_checklists_ticket_id_created_at_id"),
        "ticket_checklists",
        ["ticket_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "ticket_clocks",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "first_response",
                "next_response",
                "resolution",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "paused",
                "stopped",
                "met",
                "missed",
                "void",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("terms_id", tables.Id(), nullable=True),
        sa.Column("started_at", tables.Instant(), nullable=False),
        sa.Column("stopped_at", tables.Instant(), nullable=True),
        sa.Column("target_min", sa.Integer(), nullable=True),
        sa.Column("elapsed_s", sa.Integer(), nullable=True),
        sa.Column("due_at", tables.Instant(), nullable=True),
        sa.Column("warn_at", tables.Instant(), nullable=True),
        sa.Column("warned_at", tables.Instant(), nullable=True),
        sa.Column("breached_at", tables.Instant(), nullable=True),
        sa.Column("breached_terms_id", tables.Id(), nullable=True),
        sa.Column("is_missed", sa.Boolean(), nullable=False),
        sa.Column("watch_at", tables.Instant(), nullable=True),
        sa.Column(
            "due_order_at",
            tables.Instant(),
            sa.Computed("coalesce(due_at, '9999-01-01 00:00:00.000000')", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "is_at_risk",
            sa.Boolean(),
            sa.Computed(
                "(state = 'running' AND warned_at IS NOT NULL AND breached_at IS NULL)",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(stopped_at IS NULL) = (state NOT IN ('met', 'missed'))",
            name=op.f("ck_ticket_clocks_ends_once"),
        ),
        sa.CheckConstraint(
            "due_at IS NULL OR state NOT IN ('paused', 'stopped')",
            name=op.f("ck_ticket_clocks_due_if_it_runs"),
        ),
        sa.CheckConstraint(
            "(breached_at IS NULL) = (breached_terms_id IS NULL)",
            name=op.f("ck_ticket_clocks_breached_by_some"),
        ),
        sa.CheckConstraint(
            "breached_at IS NULL OR is_missed", name=op.f("ck_ticket_clocks_breached_is_missed")
        ),
        sa.ForeignKeyConstraint(
            ["breached_terms_id"],
            ["sla_terms.id"],
            name=op.f("fk_ticket_clocks_breached_terms_id_sla_terms"),
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["sla_terms.id"], name=op.f("fk_ticket_clocks_terms_id_sla_terms")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_clocks_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_clocks")),
        sa.UniqueConstraint(
            "ticket_id",
            "kind",
            "started_at",
            name=op.f("uq_ticket_clocks_ticket_id_kind_started_at"),
        ),
    )
    op.create_index(
        op.f("ix_ticket_clocks_breached_terms_id"),
        "ticket_clocks",
        ["breached_terms_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_clocks_due_order_at_id"),
        "ticket_clocks",
        ["due_order_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_clocks_is_at_risk_due_order_at_id"),
        "ticket_clocks",
        ["is_at_risk", "due_order_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_clocks_is_missed_started_at_id"),
        "ticket_clocks",
        ["is_missed", "started_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_clocks_kind_started_at_id"),
        "ticket_clocks",
        ["kind", "started_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_clocks_started_at_id"), "ticket_clocks", ["started_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_ticket_clocks_state_due_order_at_id"),
        "ticket_clocks",
        ["state", "due_order_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_clocks_state_started_at_id"),
        "ticket_clocks",
        ["state", "started_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_ticket_clocks_terms_id"), "ticket_clocks", ["terms_id"], unique=False)
    op.create_index(
        op.f("ix_ticket_clocks_ticket_id_started_at_id"),
        "ticket_clocks",
        ["ticket_id", "started_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_clocks_watch_at_id"), "ticket_clocks", ["watch_at", "id"], unique=False
    )
    op.create_table(
        "ticket_drafts",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "public",
                "internal",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "edited_by_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="edited_by_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("edited_by_id", tables.Id(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["tickets.id"], name=op.f("fk_ticket_drafts_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_drafts")),
    )
    op.create_table(
        "ticket_links",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("subject_kind", sa.String(length=4), nullable=False),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "about",
                "cause",
                "made",
                "follows",
                "split_from",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_links_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_links")),
        sa.UniqueConstraint(
            "ticket_id",
            "subject_id",
            "relation",
            name=op.f("uq_ticket_links_ticket_id_subject_id_relation"),
        ),
    )
    op.create_index(
        op.f("ix_ticket_links_subject_id_created_at_id"),
        "ticket_links",
        ["subject_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_links_ticket_id_created_at_id"),
        "ticket_links",
        ["ticket_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "ticket_messages",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "public",
                "internal",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "author",
            sa.Enum(
                "customer",
                "staff",
                "system",
                name="author",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "email",
                "form",
                "phone",
                "chat",
                "marketplace",
                "rule",
                "api",
                "import",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("staff_id", tables.Id(), nullable=True),
        sa.Column("author_name", tables.line(250), nullable=True),
        sa.Column("author_email", tables.line(254), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("mail_id", tables.line(500), nullable=True),
        sa.Column(
            "sent_state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "failed",
                "suppressed",
                name="sent_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("written_in_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "author <> 'customer' OR visibility = 'public'",
            name=op.f("ck_ticket_messages_customers_are_public"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_ticket_messages_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_messages_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["written_in_id"], ["tickets.id"], name=op.f("fk_ticket_messages_written_in_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_messages")),
    )
    op.create_index(
        op.f("ix_ticket_messages_sent_state_created_at_id"),
        "ticket_messages",
        ["sent_state", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_messages_staff_id"), "ticket_messages", ["staff_id"], unique=False
    )
    op.create_index(
        op.f("ix_ticket_messages_ticket_id_created_at_id"),
        "ticket_messages",
        ["ticket_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_messages_written_in_id"), "ticket_messages", ["written_in_id"], unique=False
    )
    op.create_index("uq_ticket_messages_mail_id", "ticket_messages", ["mail_id"], unique=True)
    op.create_table(
        "ticket_moves",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column("at", tables.Instant(), nullable=False),
        sa.Column(
            "from_status",
            sa.Enum(
                "new",
                "open",
                "pending_customer",
                "pending_internal",
                "resolved",
                "closed",
                "merged",
                "spam",
                name="from_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            sa.Enum(
                "new",
                "open",
                "pending_customer",
                "pending_internal",
                "resolved",
                "closed",
                "merged",
                "spam",
                name="to_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_moves_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_moves")),
    )
    op.create_index(
        op.f("ix_ticket_moves_ticket_id_at_id"),
        "ticket_moves",
        ["ticket_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "ticket_openings",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "late_parcel",
                "parcel_exception",
                "refund_overdue",
                "refund_failed",
                "unmatched_payment",
                "low_rating",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_kind", sa.String(length=4), nullable=False),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column("rule_id", tables.Id(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=True),
        sa.Column("occurred_at", tables.Instant(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["ticket_rules.id"], name=op.f("fk_ticket_openings_rule_id_ticket_rules")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_openings_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_openings")),
        sa.UniqueConstraint(
            "subject_id", "cause", name=op.f("uq_ticket_openings_subject_id_cause")
        ),
    )
    op.create_index(
        op.f("ix_ticket_openings_rule_id_created_at_id"),
        "ticket_openings",
        ["rule_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_openings_ticket_id"), "ticket_openings", ["ticket_id"], unique=False
    )
    op.create_table(
        "ticket_participants",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "requester",
                "cc",
                "follower",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("staff_id", tables.Id(), nullable=True),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("name", tables.line(250), nullable=True),
        sa.Column("email", tables.line(254), nullable=True),
        sa.Column("email_key", tables.line(254), nullable=True),
        sa.CheckConstraint(
            "(role = 'follower') = (staff_id IS NOT NULL)",
            name=op.f("ck_ticket_participants_followers_are_staff"),
        ),
        sa.CheckConstraint(
            "coalesce(email_key, '') = lower(coalesce(email, ''))",
            name=op.f("ck_ticket_participants_email_key_fits"),
        ),
        sa.CheckConstraint(
            "(staff_id IS NULL) = (email IS NOT NULL)",
            name=op.f("ck_ticket_participants_can_be_reached"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_ticket_participants_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_ticket_participants_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_participants_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_participants")),
        sa.UniqueConstraint(
            "ticket_id", "email_key", name=op.f("uq_ticket_participants_ticket_id_email_key")
        ),
        sa.UniqueConstraint(
            "ticket_id", "staff_id", name=op.f("uq_ticket_participants_ticket_id_staff_id")
        ),
        info={"goes": True},
    )
    op.create_index(
        op.f("ix_ticket_participants_customer_id"),
        "ticket_participants",
        ["customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_participants_email_key_ticket_id"),
        "ticket_participants",
        ["email_key", "ticket_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_participants_staff_id"), "ticket_participants", ["staff_id"], unique=False
    )
    op.create_index(
        op.f("ix_ticket_participants_ticket_id_id"),
        "ticket_participants",
        ["ticket_id", "id"],
        unique=False,
    )
    op.create_table(
        "ticket_presences",
        sa.Column("ticket_id", tables.Id(), nullable=False),
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
        sa.Column("actor_id", tables.Id(), nullable=False),
        sa.Column(
            "activity",
            sa.Enum(
                "viewing",
                "typing",
                name="activity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", tables.Instant(), nullable=False),
        sa.Column("until", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_presences_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint(
            "ticket_id", "actor_kind", "actor_id", name=op.f("pk_ticket_presences")
        ),
    )
    op.create_index(op.f("ix_ticket_presences_until"), "ticket_presences", ["until"], unique=False)
    op.create_table(
        "ticket_records",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("system", tables.line(60), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("at", tables.Instant(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state_code", tables.line(80), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "new",
                "open",
                "pending_customer",
                "pending_internal",
                "resolved",
                "closed",
                "merged",
                "spam",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "priority",
            sa.Enum(
                "low",
                "normal",
                "high",
                "urgent",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("team_id", tables.Id(), nullable=True),
        sa.Column("assignee", tables.line(250), nullable=True),
        sa.Column("actor", tables.line(250), nullable=True),
        sa.Column("is_missed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("line >= 0", name=op.f("ck_ticket_records_line_not_negative")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_ticket_records_position_not_negative")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_ticket_records_revision_not_negative")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["ticket_teams.id"], name=op.f("fk_ticket_records_team_id_ticket_teams")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_records_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_records")),
        sa.UniqueConstraint(
            "ticket_id", "position", name=op.f("uq_ticket_records_ticket_id_position")
        ),
    )
    op.create_index(op.f("ix_ticket_records_team_id"), "ticket_records", ["team_id"], unique=False)
    op.create_table(
        "ticket_tags",
        sa.Column("ticket_id", tables.Id(), nullable=False),
        sa.Column("tag", tables.line(60), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_tags_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "tag", name=op.f("pk_ticket_tags")),
    )
    op.create_index(
        op.f("ix_ticket_tags_tag_ticket_id"), "ticket_tags", ["tag", "ticket_id"], unique=False
    )
    op.create_table(
        "ticket_act_results",
        sa.Column("act_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=4), nullable=False),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["act_id"], ["ticket_acts.id"], name=op.f("fk_ticket_act_results_act_id_ticket_acts")
        ),
        sa.PrimaryKeyConstraint("act_id", "position", name=op.f("pk_ticket_act_results")),
    )
    op.create_index(
        op.f("ix_ticket_act_results_subject_id"), "ticket_act_results", ["subject_id"], unique=False
    )
    op.create_table(
        "ticket_checklist_items",
        sa.Column("checklist_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", tables.line(500), nullable=False),
        sa.Column("ticked_at", tables.Instant(), nullable=True),
        sa.Column(
            "ticked_by_kind",
            sa.Enum(
                "staff",
                "token",
                "system",
                name="ticked_by_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ticked_by_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(ticked_at IS NULL) = (ticked_by_kind IS NULL)",
            name=op.f("ck_ticket_checklist_items_ticked_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["checklist_id"],
            ["ticket_checklists.id"],
            name=op.f("fk_ticket_checklist_items_checklist_id_ticket_checklists"),
        ),
        sa.PrimaryKeyConstraint("checklist_id", "position", name=op.f("pk_ticket_checklist_items")),
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("sla_terms", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes(
        "ticket_acts",
        dialect,
        ["id", "ticket_id", "created_at", "kind", "on_kind", "on_id", "actor_kind", "actor_id"],
        {"reason": False},
    ):
        op.execute(statement)
    for statement in statements_to_forbid_changes("ticket_moves", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("ticket_openings", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes(
        "ticket_records",
        dialect,
        [
            "id",
            "ticket_id",
            "position",
            "system",
            "line",
            "at",
            "revision",
            "state_code",
            "status",
            "priority",
            "team_id",
            "is_missed",
        ],
        {"assignee": False, "actor": False},
    ):
        op.execute(statement)
    for statement in statements_to_forbid_changes("ticket_act_results", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("ticket_checklist_items")
    op.drop_table("ticket_act_results")
    op.drop_table("ticket_tags")
    op.drop_table("ticket_records")
    op.drop_table("ticket_presences")
    op.drop_table("ticket_participants")
    op.drop_table("ticket_openings")
    op.drop_table("ticket_moves")
    op.drop_table("ticket_messages")
    op.drop_table("ticket_links")
    op.drop_table("ticket_drafts")
    op.drop_table("ticket_clocks")
    op.drop_table("ticket_checklists")
    op.drop_table("ticket_acts")
    op.drop_table("tickets")
    op.drop_table("ticket_team_members")
    op.drop_table("ticket_rules")
    op.drop_table("ticket_macros")
    op.drop_table("sla_terms")
    op.drop_table("canned_texts")
    op.drop_table("ticket_teams")
    op.drop_table("ticket_series")
    op.drop_table("ticket_rule_progress")
    op.drop_table("sla_policies")
    op.drop_table("checklist_templates")
    op.drop_table("canned_answers")
