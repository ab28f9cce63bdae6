"""Roles, second factors, providers and budgets"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_policies",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("refuses_conflicts", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_policies")),
    )
    op.create_table(
        "provider_logins",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=80), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("expires_at", tables.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_logins")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_provider_logins_secret_hash")),
    )
    op.create_index(
        op.f("ix_provider_logins_expires_at"), "provider_logins", ["expires_at"], unique=False
    )
    op.create_table(
        "roles",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("description", tables.line(1000), nullable=False),
        sa.Column("template", tables.line(40), nullable=True),
        sa.Column("scopes", tables.Json, nullable=False),
        sa.Column("archived_at", tables.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
    )
    op.create_index(
        op.f("ix_roles_archived_at_created_at_id"),
        "roles",
        ["archived_at", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_roles_created_at_id"), "roles", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_roles_name_id"), "roles", ["name", "id"], unique=False)
    op.create_table(
        "shared_budgets",
        sa.Column("owner_id", tables.Id(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("filled_at", tables.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_shared_budgets")),
    )
    op.create_index(
        op.f("ix_shared_budgets_filled_at"), "shared_budgets", ["filled_at"], unique=False
    )
    op.create_table(
        "login_challenges",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "password",
                "provider",
                name="way",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expires_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_login_challenges_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_challenges")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_login_challenges_secret_hash")),
    )
    op.create_index(
        op.f("ix_login_challenges_expires_at"), "login_challenges", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_login_challenges_staff_id"), "login_challenges", ["staff_id"], unique=False
    )
    op.create_table(
        "provider_accounts",
        sa.Column("issuer", tables.line(250), nullable=False),
        sa.Column("subject", tables.line(255), nullable=False),
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.Column("linked_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_provider_accounts_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_provider_accounts")),
        info={"whose": "staff"},
    )
    op.create_index(
        op.f("ix_provider_accounts_staff_id"), "provider_accounts", ["staff_id"], unique=False
    )
    op.create_table(
        "recovery_codes",
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", tables.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "role_grants",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("staff_id", tables.Id(), nullable=True),
        sa.Column("token_id", tables.Id(), nullable=True),
        sa.Column("template", tables.line(40), nullable=True),
        sa.Column("role_id", tables.Id(), nullable=True),
        sa.Column("channel_ids", tables.Json, nullable=True),
        sa.Column("location_ids", tables.Json, nullable=True),
        sa.Column("team_ids", tables.Json, nullable=True),
        sa.Column("amounts", tables.Json, nullable=True),
        sa.Column("ended_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(staff_id IS NULL) <> (token_id IS NULL)", name=op.f("ck_role_grants_of_one_holder")
        ),
        sa.CheckConstraint(
            "(template IS NULL) <> (role_id IS NULL)", name=op.f("ck_role_grants_of_one_role")
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_role_grants_role_id_roles")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_role_grants_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_tokens.id"], name=op.f("fk_role_grants_token_id_api_tokens")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
    )
    op.create_index(
        op.f("ix_role_grants_created_at_id"), "role_grants", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_role_grants_role_id_created_at_id"),
        "role_grants",
        ["role_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_role_grants_staff_id_created_at_id"),
        "role_grants",
        ["staff_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_role_grants_token_id_created_at_id"),
        "role_grants",
        ["token_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "second_factors",
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("enrolled_at", tables.Instant(), nullable=False),
        sa.Column("confirmed_at", tables.Instant(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("codes_left", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "codes_left >= 0", name=op.f("ck_second_factors_codes_left_not_negative")
        ),
        sa.CheckConstraint("last_step >= 0", name=op.f("ck_second_factors_last_step_not_negative")),
        sa.CheckConstraint("misses >= 0", name=op.f("ck_second_factors_misses_not_negative")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_second_factors_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_second_factors")),
    )


def downgrade() -> None:
    op.drop_table("second_factors")
    op.drop_table("role_grants")
    op.drop_table("recovery_codes")
    op.drop_table("provider_accounts")
    op.drop_table("login_challenges")
    op.drop_table("shared_budgets")
    op.drop_table("roles")
    op.drop_table("provider_logins")
    op.drop_table("access_policies")
