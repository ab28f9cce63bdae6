"""Categories, collections, custom fields and customs"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("parent_id", tables.Id(), nullable=True),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("slug", tables.line(120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("path", tables.line(330), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_categories_position_not_negative")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id_categories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("path", name=op.f("uq_categories_path")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_categories_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_categories_name_id"), ["name", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_categories_parent_id_position_id"),
            ["parent_id", "position", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_categories_position_id"), ["position", "id"], unique=False
        )

    op.create_table(
        "collection_progress",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_collection_progress")),
    )
    op.create_table(
        "collections",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("slug", tables.line(120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "match",
            sa.Enum(
                "all", "any", name="match", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("rules", tables.Json, nullable=False),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
        sa.UniqueConstraint("slug", name=op.f("uq_collections_slug")),
    )
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_collections_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_collections_name_id"), ["name", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_collections_status_name"), ["status", "name"], unique=False
        )

    op.create_table(
        "custom_field_definitions",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "owner_type",
            sa.Enum(
                "product",
                "variant",
                "customer",
                "order",
                name="owner_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", tables.line(60), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "field_type",
            sa.Enum(
                "text",
                "multiline_text",
                "integer",
                "decimal",
                "boolean",
                "date",
                "date_time",
                "single_choice",
                "multi_choice",
                "reference",
                "url",
                name="field_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("minimum", sa.String(length=40), nullable=True),
        sa.Column("maximum", sa.String(length=40), nullable=True),
        sa.Column("pattern", sa.String(length=200), nullable=True),
        sa.Column("choices", tables.Json, nullable=False),
        sa.Column(
            "reference_type",
            sa.Enum(
                "product",
                "variant",
                "customer",
                "order",
                name="reference_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field_definitions")),
        sa.UniqueConstraint(
            "owner_type", "key", name=op.f("uq_custom_field_definitions_owner_type_key")
        ),
    )
    with op.batch_alter_table("custom_field_definitions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_custom_field_definitions_created_at_id"),
            ["created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_definitions_field_type_key"),
            ["field_type", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_definitions_key_id"), ["key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_definitions_owner_type_status_key"),
            ["owner_type", "status", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_definitions_status_key"), ["status", "key"], unique=False
        )

    op.create_table(
        "collection_choices",
        sa.Column("collection_id", tables.Id(), nullable=False),
        sa.Column("product_id", tables.Id(), nullable=False),
        sa.Column("is_included", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.id"],
            name=op.f("fk_collection_choices_collection_id_collections"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_collection_choices_product_id_products")
        ),
        sa.PrimaryKeyConstraint("collection_id", "product_id", name=op.f("pk_collection_choices")),
    )
    op.create_table(
        "collection_members",
        sa.Column("collection_id", tables.Id(), nullable=False),
        sa.Column("product_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.id"],
            name=op.f("fk_collection_members_collection_id_collections"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_collection_members_product_id_products")
        ),
        sa.PrimaryKeyConstraint("collection_id", "product_id", name=op.f("pk_collection_members")),
    )
    with op.batch_alter_table("collection_members", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_collection_members_product_id_collection_id"),
            ["product_id", "collection_id"],
            unique=False,
        )

    op.create_table(
        "custom_field_values",
        sa.Column("owner_id", tables.Id(), nullable=False),
        sa.Column("definition_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("owner_version", sa.Integer(), nullable=False),
        sa.Column("text", tables.line(500), nullable=True),
        sa.Column("long_text", sa.Text(), nullable=True),
        sa.Column("integer", sa.BigInteger(), nullable=True),
        sa.Column("decimal_micro", sa.BigInteger(), nullable=True),
        sa.Column("flag", sa.Boolean(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("instant", tables.Instant(), nullable=True),
        sa.Column("reference_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN text IS NULL THEN 0 ELSE 1 END) + (CASE WHEN long_text IS NULL THEN 0 ELSE 1 END) + (CASE WHEN integer IS NULL THEN 0 ELSE 1 END) + (CASE WHEN decimal_micro IS NULL THEN 0 ELSE 1 END) + (CASE WHEN flag IS NULL THEN 0 ELSE 1 END) + (CASE WHEN day IS NULL THEN 0 ELSE 1 END) + (CASE WHEN instant IS NULL THEN 0 ELSE 1 END) + (CASE WHEN reference_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_custom_field_values_one_type"),
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["custom_field_definitions.id"],
            name=op.f("fk_custom_field_values_definition_id_custom_field_definitions"),
        ),
        sa.PrimaryKeyConstraint(
            "owner_id", "definition_id", "position", name=op.f("pk_custom_field_values")
        ),
    )
    with op.batch_alter_table("custom_field_values", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_custom_field_values_definition_id_day_owner_id"),
            ["definition_id", "day", "owner_id"],
            unique=False,
            postgresql_where=sa.text("day IS NOT NULL"),
            sqlite_where=sa.text("day IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_values_definition_id_decimal_micro_owner_id"),
            ["definition_id", "decimal_micro", "owner_id"],
            unique=False,
            postgresql_where=sa.text("decimal_micro IS NOT NULL"),
            sqlite_where=sa.text("decimal_micro IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_values_definition_id_flag_owner_id"),
            ["definition_id", "flag", "owner_id"],
            unique=False,
            postgresql_where=sa.text("flag IS NOT NULL"),
            sqlite_where=sa.text("flag IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_values_definition_id_instant_owner_id"),
            ["definition_id", "instant", "owner_id"],
            unique=False,
            postgresql_where=sa.text("instant IS NOT NULL"),
            sqlite_where=sa.text("instant IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_values_definition_id_integer_owner_id"),
            ["definition_id", "integer", "owner_id"],
            unique=False,
            postgresql_where=sa.text("integer IS NOT NULL"),
            sqlite_where=sa.text("integer IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_values_definition_id_owner_id"),
            ["definition_id", "owner_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_values_definition_id_reference_id_owner_id"),
            ["definition_id", "reference_id", "owner_id"],
            unique=False,
            postgresql_where=sa.text("reference_id IS NOT NULL"),
            sqlite_where=sa.text("reference_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_values_definition_id_text_owner_id"),
            ["definition_id", "text", "owner_id"],
            unique=False,
            postgresql_where=sa.text("text IS NOT NULL"),
            sqlite_where=sa.text("text IS NOT NULL"),
        )

    op.create_table(
        "product_categories",
        sa.Column("product_id", tables.Id(), nullable=False),
        sa.Column("category_id", tables.Id(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_product_categories_category_id_categories"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_categories_product_id_products")
        ),
        sa.PrimaryKeyConstraint("product_id", "category_id", name=op.f("pk_product_categories")),
    )
    with op.batch_alter_table("product_categories", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_product_categories_category_id_product_id"),
            ["category_id", "product_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_product_categories_primary",
            ["product_id"],
            unique=True,
            postgresql_where=sa.text("is_primary"),
            sqlite_where=sa.text("is_primary"),
        )

    op.create_table(
        "fiscal_profiles",
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("data", tables.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_fiscal_profiles_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("variant_id", "country", name=op.f("pk_fiscal_profiles")),
    )
    op.create_table(
        "variant_customs",
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("hs_code", tables.line(10), nullable=True),
        sa.Column("country_of_origin", sa.String(length=2), nullable=True),
        sa.Column("description", tables.line(250), nullable=True),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_variant_customs_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_variant_customs")),
    )
    with op.batch_alter_table("variant_customs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_variant_customs_hs_code"), ["hs_code"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("variant_customs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_variant_customs_hs_code"))

    op.drop_table("variant_customs")
    op.drop_table("fiscal_profiles")
    with op.batch_alter_table("product_categories", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_product_categories_primary",
            postgresql_where=sa.text("is_primary"),
            sqlite_where=sa.text("is_primary"),
        )
        batch_op.drop_index(batch_op.f("ix_product_categories_category_id_product_id"))

    op.drop_table("product_categories")
    with op.batch_alter_table("custom_field_values", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_custom_field_values_definition_id_text_owner_id"),
            postgresql_where=sa.text("text IS NOT NULL"),
            sqlite_where=sa.text("text IS NOT NULL"),
        )
        batch_op.drop_index(
            batch_op.f("ix_custom_field_values_definition_id_reference_id_owner_id"),
            postgresql_where=sa.text("reference_id IS NOT NULL"),
            sqlite_where=sa.text("reference_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_custom_field_values_definition_id_owner_id"))
        batch_op.drop_index(
            batch_op.f("ix_custom_field_values_definition_id_integer_owner_id"),
            postgresql_where=sa.text("integer IS NOT NULL"),
            sqlite_where=sa.text("integer IS NOT NULL"),
        )
        batch_op.drop_index(
            batch_op.f("ix_custom_field_values_definition_id_instant_owner_id"),
            postgresql_where=sa.text("instant IS NOT NULL"),
            sqlite_where=sa.text("instant IS NOT NULL"),
        )
        batch_op.drop_index(
            batch_op.f("ix_custom_field_values_definition_id_flag_owner_id"),
            postgresql_where=sa.text("flag IS NOT NULL"),
            sqlite_where=sa.text("flag IS NOT NULL"),
        )
        batch_op.drop_index(
            batch_op.f("ix_custom_field_values_definition_id_decimal_micro_owner_id"),
            postgresql_where=sa.text("decimal_micro IS NOT NULL"),
            sqlite_where=sa.text("decimal_micro IS NOT NULL"),
        )
        batch_op.drop_index(
            batch_op.f("ix_custom_field_values_definition_id_day_owner_id"),
            postgresql_where=sa.text("day IS NOT NULL"),
            sqlite_where=sa.text("day IS NOT NULL"),
        )

    op.drop_table("custom_field_values")
    with op.batch_alter_table("collection_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collection_members_product_id_collection_id"))

    op.drop_table("collection_members")
    op.drop_table("collection_choices")
    with op.batch_alter_table("custom_field_definitions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_custom_field_definitions_status_key"))
        batch_op.drop_index(batch_op.f("ix_custom_field_definitions_owner_type_status_key"))
        batch_op.drop_index(batch_op.f("ix_custom_field_definitions_key_id"))
        batch_op.drop_index(batch_op.f("ix_custom_field_definitions_field_type_key"))
        batch_op.drop_index(batch_op.f("ix_custom_field_definitions_created_at_id"))

    op.drop_table("custom_field_definitions")
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collections_status_name"))
        batch_op.drop_index(batch_op.f("ix_collections_name_id"))
        batch_op.drop_index(batch_op.f("ix_collections_created_at_id"))

    op.drop_table("collections")
    op.drop_table("collection_progress")
    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_categories_position_id"))
        batch_op.drop_index(batch_op.f("ix_categories_parent_id_position_id"))
        batch_op.drop_index(batch_op.f("ix_categories_name_id"))
        batch_op.drop_index(batch_op.f("ix_categories_created_at_id"))

    op.drop_table("categories")
