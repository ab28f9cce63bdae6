"""Customers in full"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_duplicate_progress",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("id", tables.Id(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_customer_duplicate_progress")),
    )
    op.create_table(
        "customer_groups",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_groups")),
        sa.UniqueConstraint("code", name=op.f("uq_customer_groups_code")),
    )
    op.create_index(
        op.f("ix_customer_groups_created_at_id"),
        "customer_groups",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_groups_name_id"), "customer_groups", ["name", "id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_groups_status_name_id"),
        "customer_groups",
        ["status", "name", "id"],
        unique=False,
    )
    op.create_table(
        "customer_consents",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "sms",
                "whatsapp",
                "phone",
                "push",
                "post",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "granted",
                "withdrawn",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "legal_basis",
            sa.Enum(
                "consent",
                "contract",
                "legal_obligation",
                "legitimate_interest",
                name="legal_basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "checkout",
                "account",
                "form",
                "message",
                "phone",
                "in_person",
                "import",
                "merge",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("given_at", tables.Instant(), nullable=False),
        sa.Column("text_version", sa.String(length=60), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.Column("retracts_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "status = 'withdrawn' OR legal_basis IS NOT NULL",
            name=op.f("ck_customer_consents_granted_on_a_legal_basis"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_consents_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["retracts_id"],
            ["customer_consents.id"],
            name=op.f("fk_customer_consents_retracts_id_customer_consents"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_consents")),
        sa.UniqueConstraint("retracts_id", name=op.f("uq_customer_consents_retracts_id")),
    )
    op.create_index(
        op.f("ix_customer_consents_customer_id_channel_given_at_id"),
        "customer_consents",
        ["customer_id", "channel", "given_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_consents_customer_id_given_at_id"),
        "customer_consents",
        ["customer_id", "given_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_consents_given_at_id"),
        "customer_consents",
        ["given_at", "id"],
        unique=False,
    )
    op.create_table(
        "customer_duplicates",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("first_id", tables.Id(), nullable=False),
        sa.Column("second_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "dismissed",
                "merged",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("by_email", sa.Boolean(), nullable=False),
        sa.Column("by_phone", sa.Boolean(), nullable=False),
        sa.Column("by_tax_id", sa.Boolean(), nullable=False),
        sa.Column("by_name", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "first_id < second_id", name=op.f("ck_customer_duplicates_two_in_order")
        ),
        sa.CheckConstraint(
            "score BETWEEN 1 AND 100", name=op.f("ck_customer_duplicates_score_of_a_hundred")
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["customers.id"], name=op.f("fk_customer_duplicates_first_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["customers.id"], name=op.f("fk_customer_duplicates_second_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_duplicates")),
        sa.UniqueConstraint(
            "first_id", "second_id", name=op.f("uq_customer_duplicates_first_id_second_id")
        ),
    )
    op.create_index(
        op.f("ix_customer_duplicates_created_at_id"),
        "customer_duplicates",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_duplicates_score_id"),
        "customer_duplicates",
        ["score", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_duplicates_second_id"), "customer_duplicates", ["second_id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_duplicates_status_created_at_id"),
        "customer_duplicates",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_duplicates_status_score_id"),
        "customer_duplicates",
        ["status", "score", "id"],
        unique=False,
    )
    op.create_table(
        "customer_group_members",
        sa.Column("group_id", tables.Id(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_group_members_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["customer_groups.id"],
            name=op.f("fk_customer_group_members_group_id_customer_groups"),
        ),
        sa.PrimaryKeyConstraint("group_id", "customer_id", name=op.f("pk_customer_group_members")),
    )
    op.create_index(
        op.f("ix_customer_group_members_customer_id_group_id"),
        "customer_group_members",
        ["customer_id", "group_id"],
        unique=False,
    )
    op.create_table(
        "customer_keys",
        sa.Column(
            "kind",
            sa.Enum(
                "email",
                "phone",
                "tax_id",
                "name",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_keys_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("kind", "key", "customer_id", name=op.f("pk_customer_keys")),
        info={"goes": True},
    )
    op.create_index(
        op.f("ix_customer_keys_customer_id"), "customer_keys", ["customer_id"], unique=False
    )
    op.create_table(
        "customer_locations",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("recipient", tables.line(250), nullable=True),
        sa.Column("lines", tables.Json, nullable=False),
        sa.Column("district", tables.line(250), nullable=True),
        sa.Column("city", tables.line(250), nullable=False),
        sa.Column("region", tables.line(250), nullable=True),
        sa.Column("postal_code", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_locations_customer_id_customers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_locations")),
        info={"goes": True},
    )
    op.create_index(
        op.f("ix_customer_locations_customer_id_id"),
        "customer_locations",
        ["customer_id", "id"],
        unique=False,
    )
    op.create_table(
        "customer_merges",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("into_id", tables.Id(), nullable=False),
        sa.Column("from_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "done",
                "undone",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("undo_until", tables.Instant(), nullable=False),
        sa.Column("filled", tables.Json, nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.CheckConstraint("into_id <> from_id", name=op.f("ck_customer_merges_two_customers")),
        sa.ForeignKeyConstraint(
            ["from_id"], ["customers.id"], name=op.f("fk_customer_merges_from_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["into_id"], ["customers.id"], name=op.f("fk_customer_merges_into_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
    )
    op.create_index(
        op.f("ix_customer_merges_created_at_id"),
        "customer_merges",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_merges_from_id_created_at_id"),
        "customer_merges",
        ["from_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_merges_into_id_created_at_id"),
        "customer_merges",
        ["into_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_customer_merges_done",
        "customer_merges",
        ["from_id"],
        unique=True,
        sqlite_where=sa.text("status = 'done'"),
        postgresql_where=sa.text("status = 'done'"),
    )
    op.create_table(
        "customer_notes",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column("author_kind", sa.String(length=10), nullable=False),
        sa.Column("author_id", tables.Id(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_notes_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_notes")),
    )
    op.create_index(
        op.f("ix_customer_notes_created_at_id"),
        "customer_notes",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_notes_customer_id_created_at_id"),
        "customer_notes",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "customer_consent_states",
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "sms",
                "whatsapp",
                "phone",
                "push",
                "post",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "granted",
                "withdrawn",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "legal_basis",
            sa.Enum(
                "consent",
                "contract",
                "legal_obligation",
                "legitimate_interest",
                name="legal_basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "checkout",
                "account",
                "form",
                "message",
                "phone",
                "in_person",
                "import",
                "merge",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("given_at", tables.Instant(), nullable=False),
        sa.Column("text_version", sa.String(length=60), nullable=True),
        sa.Column("consent_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"],
            ["customer_consents.id"],
            name=op.f("fk_customer_consent_states_consent_id_customer_consents"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_consent_states_customer_id_customers"),
        ),
        sa.PrimaryKeyConstraint("customer_id", "channel", name=op.f("pk_customer_consent_states")),
    )
    op.create_index(
        op.f("ix_customer_consent_states_status_channel_customer_id"),
        "customer_consent_states",
        ["status", "channel", "customer_id"],
        unique=False,
    )
    op.create_table(
        "customer_contacts",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("title", tables.line(250), nullable=True),
        sa.Column("email", tables.line(254), nullable=True),
        sa.Column("email_key", tables.line(254), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("locale", sa.String(length=11), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column(
            "buyer_role",
            sa.Enum(
                "viewer",
                "buyer",
                "admin",
                name="buyer_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("location_id", tables.Id(), nullable=True),
        sa.Column("spend_limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("spend_currency", sa.String(length=3), nullable=True),
        sa.CheckConstraint(
            "coalesce(email_key, '') = lower(coalesce(email, ''))",
            name=op.f("ck_customer_contacts_email_key_fits"),
        ),
        sa.CheckConstraint(
            "spend_limit_minor IS NULL OR coalesce(buyer_role, '') IN ('buyer', 'admin')",
            name=op.f("ck_customer_contacts_buyers_spend"),
        ),
        sa.CheckConstraint(
            "(spend_limit_minor IS NULL) = (spend_currency IS NULL)",
            name=op.f("ck_customer_contacts_spend_limit_whole"),
        ),
        sa.CheckConstraint(
            "spend_limit_minor >= 0",
            name=op.f("ck_customer_contacts_spend_limit_minor_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_contacts_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["customer_locations.id"],
            name=op.f("fk_customer_contacts_location_id_customer_locations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_contacts")),
        info={"goes": True},
    )
    op.create_index(
        op.f("ix_customer_contacts_customer_id_id"),
        "customer_contacts",
        ["customer_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_contacts_email_key_id"),
        "customer_contacts",
        ["email_key", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_contacts_location_id"), "customer_contacts", ["location_id"], unique=False
    )
    op.create_index(
        "uq_customer_contacts_primary",
        "customer_contacts",
        ["customer_id"],
        unique=True,
        sqlite_where=sa.text("is_primary"),
        postgresql_where=sa.text("is_primary"),
    )
    op.create_table(
        "customer_merge_moves",
        sa.Column("merge_id", tables.Id(), nullable=False),
        sa.Column("table_name", tables.line(250), nullable=False),
        sa.Column("row_id", tables.Id(), nullable=False),
        sa.Column("detail", tables.Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["merge_id"],
            ["customer_merges.id"],
            name=op.f("fk_customer_merge_moves_merge_id_customer_merges"),
        ),
        sa.PrimaryKeyConstraint(
            "merge_id", "table_name", "row_id", name=op.f("pk_customer_merge_moves")
        ),
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes(
        "customer_consents",
        dialect,
        [
            "id",
            "created_at",
            "customer_id",
            "channel",
            "status",
            "legal_basis",
            "source",
            "given_at",
            "text_version",
            "actor_kind",
            "actor_id",
            "retracts_id",
        ],
    ):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("customer_merge_moves")
    op.drop_table("customer_contacts")
    op.drop_table("customer_consent_states")
    op.drop_table("customer_notes")
    op.drop_table("customer_merges")
    op.drop_table("customer_locations")
    op.drop_table("customer_keys")
    op.drop_table("customer_group_members")
    op.drop_table("customer_duplicates")
    op.drop_table("customer_consents")
    op.drop_table("customer_groups")
    op.drop_table("customer_duplicate_progress")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS says_more(jsonb, jsonb)")
