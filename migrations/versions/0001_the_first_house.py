"""The first house"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


FROM_THE_START = datetime(2025, 1, 1, tzinfo=UTC)

# What only one of the two databases knows: the search index, and drawing numbers for events.
SEARCH_ON_SQLITE = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(words, content='search_entries', content_rowid='number', tokenize='unicode61')",
    "CREATE TRIGGER search_entries_added AFTER INSERT ON search_entries BEGIN INSERT INTO search_fts(rowid, words) VALUES (new.number, new.words); END",
    "CREATE TRIGGER search_entries_removed AFTER DELETE ON search_entries BEGIN INSERT INTO search_fts(search_fts, rowid, words) VALUES ('delete', old.number, old.words); END",
)
SEARCH_ON_POSTGRESQL = (
    "ALTER TABLE search_entries ADD COLUMN vector tsvector GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED",
    "CREATE INDEX ix_search_entries_vector ON search_entries USING gin (vector)",
)
DRAWING_ON_POSTGRESQL = """\
CREATE OR REPLACE FUNCTION draw_event_numbers(wanted integer, OUT numbers bigint[],
    OUT horizon bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_current_xact_id();
    numbers := ARRAY(SELECT nextval('event_sequence') FROM generate_series(1, wanted));
    BEGIN
        PERFORM pg_logical_emit_message(true, 'event_horizon', '');
        RAISE SQLSTATE 'EVENT';
    EXCEPTION WHEN SQLSTATE 'EVENT' THEN
        NULL;
    END;
    horizon := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
END $$"""

# Where pieces come from and go to that are in no house of ours: kind, id.
VIRTUAL_LOCATIONS = (
    ("supplier", "SUPPLIER", "Supplier", "00000000-0000-7000-8000-000000000001"),
    ("customer", "CUSTOMER", "Customer", "00000000-0000-7000-8000-000000000002"),
    ("scrap", "SCRAP", "Scrap", "00000000-0000-7000-8000-000000000003"),
    ("correction", "CORRECTION", "Correction", "00000000-0000-7000-8000-000000000004"),
    ("in_transit", "IN_TRANSIT", "In transit", "00000000-0000-7000-8000-000000000005"),
)


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("command", sa.String(length=80), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", tables.Json, nullable=True),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_answers")),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answers_created_at"), ["created_at"], unique=False)

    op.create_table(
        "api_tokens",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("hint", sa.String(length=7), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", tables.Json, nullable=False),
        sa.Column("expires_at", tables.Instant(), nullable=True),
        sa.Column("last_used_at", tables.Instant(), nullable=True),
        sa.Column("revoked_at", tables.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_tokens_secret_hash")),
    )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_api_tokens_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_api_tokens_name_id"), ["name", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_api_tokens_revoked_at_created_at_id"),
            ["revoked_at", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "channels",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("number_prefix", tables.line(20), nullable=False),
        sa.Column("number_next", sa.BigInteger(), nullable=False),
        sa.Column("numbers_skipped", sa.BigInteger(), nullable=False),
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
        sa.CheckConstraint("number_next > 0", name=op.f("ck_channels_number_next_positive")),
        sa.CheckConstraint(
            "numbers_skipped >= 0 AND numbers_skipped < number_next",
            name=op.f("ck_channels_numbers_skipped_below_next"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("code", name=op.f("uq_channels_code")),
    )
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channels_code_id"), ["code", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_channels_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_channels_status_code_id"), ["status", "code", "id"], unique=False
        )

    op.create_table(
        "customers",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "person",
                "company",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("email", tables.line(254), nullable=True),
        sa.Column("email_key", tables.line(254), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("locale", sa.String(length=11), nullable=True),
        sa.Column("country", tables.line(2), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
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
        sa.CheckConstraint(
            "coalesce(email_key, '') = lower(coalesce(email, ''))",
            name=op.f("ck_customers_email_key_fits"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customers_country_created_at_id"),
            ["country", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_customers_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_customers_email_key_created_at_id"),
            ["email_key", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_customers_kind_created_at_id"),
            ["kind", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_customers_name_id"), ["name", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_customers_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_customers_updated_at_id"), ["updated_at", "id"], unique=False
        )

    op.create_table(
        "events",
        sa.Column("sequence", tables.Serial, autoincrement=False, nullable=False),
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("type", tables.line(80), nullable=False),
        sa.Column("subject_kind", sa.String(length=4), nullable=False),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", tables.Id(), nullable=True),
        sa.Column("command", sa.String(length=80), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", tables.Instant(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("reference", sa.String(length=1000), nullable=True),
        sa.Column("changes", tables.Json, nullable=False),
        sa.Column("data", tables.Json, nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_events")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_events_occurred_at_sequence"), ["occurred_at", "sequence"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_events_subject_id_sequence"), ["subject_id", "sequence"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_events_type_sequence"), ["type", "sequence"], unique=False
        )

    op.create_table(
        "external_ids",
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("system", tables.line(60), nullable=False),
        sa.Column("key", tables.line(250), nullable=False),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "system", "key", name=op.f("pk_external_ids")),
    )
    with op.batch_alter_table("external_ids", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_external_ids_subject_id"), ["subject_id"], unique=False
        )

    op.create_table(
        "import_runs",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("source", tables.line(60), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("file", tables.line(250), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "running",
                "finished",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("counts", tables.Json, nullable=False),
        sa.Column("finished_at", tables.Instant(), nullable=True),
        sa.CheckConstraint("batches >= 0", name=op.f("ck_import_runs_batches_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    with op.batch_alter_table("import_runs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_runs_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            "uq_import_runs_running",
            ["source", "fingerprint"],
            unique=True,
            sqlite_where=sa.text("status = 'running'"),
            postgresql_where=sa.text("status = 'running'"),
        )

    op.create_table(
        "jobs",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("kind", tables.line(80), nullable=False),
        sa.Column("payload", tables.Json, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "succeeded",
                "failed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("run_at", tables.Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempts_max", sa.Integer(), nullable=False),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("once_key", sa.String(length=200), nullable=True),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("attempts <= attempts_max", name=op.f("ck_jobs_attempts_bounded")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("once_key", name=op.f("uq_jobs_once_key")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_jobs_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_jobs_kind_created_at_id"), ["kind", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_jobs_status_created_at_id"), ["status", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_jobs_status_run_at_id"), ["status", "run_at", "id"], unique=False
        )

    op.create_table(
        "keys",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_keys")),
    )
    op.create_table(
        "login_tries",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("tried_at", tables.Json, nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_tries")),
    )
    with op.batch_alter_table("login_tries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_tries_updated_at"), ["updated_at"], unique=False)

    op.create_table(
        "products",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("title", tables.line(250), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("brand", tables.line(250), nullable=True),
        sa.Column("option_names", tables.Json, nullable=False),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
    )
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_products_brand_created_at"), ["brand", "created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_products_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_products_status_created_at"), ["status", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_products_title_id"), ["title", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_products_updated_at_id"), ["updated_at", "id"], unique=False
        )

    op.create_table(
        "search_entries",
        sa.Column("number", tables.Serial, nullable=False),
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("subject_id", name=op.f("uq_search_entries_subject_id")),
    )
    op.create_table(
        "staff",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("email", tables.line(254), nullable=False),
        sa.Column("email_key", tables.line(254), nullable=False),
        sa.Column("scopes", tables.Json, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "disabled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email_key", name=op.f("uq_staff_email_key")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_staff_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_staff_name_id"), ["name", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_staff_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "stock_locations",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "warehouse",
                "store",
                "third_party",
                "supplier",
                "customer",
                "scrap",
                "correction",
                "in_transit",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("negative_allowed", sa.Boolean(), nullable=False),
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
        sa.CheckConstraint(
            "NOT negative_allowed OR kind IN ('warehouse', 'store', 'third_party')",
            name=op.f("ck_stock_locations_negative_is_physical"),
        ),
        sa.CheckConstraint(
            "priority BETWEEN 0 AND 1000000", name=op.f("ck_stock_locations_priority_bounded")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_locations")),
        sa.UniqueConstraint("code", name=op.f("uq_stock_locations_code")),
    )
    with op.batch_alter_table("stock_locations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stock_locations_code_id"), ["code", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stock_locations_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stock_locations_kind_created_at_id"),
            ["kind", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_locations_priority_id"), ["priority", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stock_locations_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "customer_addresses",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column("label", tables.line(250), nullable=True),
        sa.Column("recipient", tables.line(250), nullable=True),
        sa.Column("lines", tables.Json, nullable=False),
        sa.Column("district", tables.line(250), nullable=True),
        sa.Column("city", tables.line(250), nullable=False),
        sa.Column("region", tables.line(250), nullable=True),
        sa.Column("postal_code", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("is_default_shipping", sa.Boolean(), nullable=False),
        sa.Column("is_default_billing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_addresses_customer_id_customers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_addresses")),
    )
    with op.batch_alter_table("customer_addresses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customer_addresses_customer_id_id"), ["customer_id", "id"], unique=False
        )
        batch_op.create_index(
            "uq_customer_addresses_default_billing",
            ["customer_id"],
            unique=True,
            sqlite_where=sa.text("is_default_billing"),
            postgresql_where=sa.text("is_default_billing"),
        )
        batch_op.create_index(
            "uq_customer_addresses_default_shipping",
            ["customer_id"],
            unique=True,
            sqlite_where=sa.text("is_default_shipping"),
            postgresql_where=sa.text("is_default_shipping"),
        )

    op.create_table(
        "customer_tags",
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.Column("tag", tables.line(60), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_tags_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("customer_id", "tag", name=op.f("pk_customer_tags")),
    )
    with op.batch_alter_table("customer_tags", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customer_tags_tag_customer_id"), ["tag", "customer_id"], unique=False
        )

    op.create_table(
        "customer_tax_ids",
        sa.Column(
            "kind",
            sa.Enum(
                "cpf",
                "cnpj",
                "vat",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", tables.line(80), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_tax_ids_customer_id_customers"),
        ),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_customer_tax_ids")),
    )
    with op.batch_alter_table("customer_tax_ids", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customer_tax_ids_customer_id"), ["customer_id"], unique=False
        )

    op.create_table(
        "import_documents",
        sa.Column("source", tables.line(60), nullable=False),
        sa.Column("key", tables.line(250), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("run_id", tables.Id(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.CheckConstraint("line >= 0", name=op.f("ck_import_documents_line_not_negative")),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_import_documents_rows_not_negative")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_runs.id"], name=op.f("fk_import_documents_run_id_import_runs")
        ),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_import_documents")),
    )
    with op.batch_alter_table("import_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_documents_run_id"), ["run_id"], unique=False)

    op.create_table(
        "orders",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("number", tables.line(250), nullable=True),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "open",
                "closed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "fulfillment_status",
            sa.Enum(
                "unallocated",
                "allocated",
                "partially_shipped",
                "shipped",
                name="fulfillment_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unshipped", sa.BigInteger(), nullable=False),
        sa.Column("has_hold", sa.Boolean(), nullable=False),
        sa.Column("placed_at", tables.Instant(), nullable=True),
        sa.Column("dated_at", tables.Instant(), nullable=False),
        sa.Column("closed_at", tables.Instant(), nullable=True),
        sa.Column("cancelled_at", tables.Instant(), nullable=True),
        sa.Column("reserved_until", tables.Instant(), nullable=True),
        sa.Column("email", tables.line(250), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("shipping_tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_total_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(cancelled_at IS NOT NULL) = (status = 'cancelled')",
            name=op.f("ck_orders_cancelled_at_when_cancelled"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NOT NULL) = (status = 'closed')",
            name=op.f("ck_orders_closed_at_when_closed"),
        ),
        sa.CheckConstraint(
            "NOT has_hold OR status IN ('draft', 'open')",
            name=op.f("ck_orders_hold_only_while_unfinished"),
        ),
        sa.CheckConstraint(
            "number IS NOT NULL OR status IN ('draft', 'cancelled')",
            name=op.f("ck_orders_draft_without_number"),
        ),
        sa.CheckConstraint(
            "unshipped = 0 OR status IN ('draft', 'open')",
            name=op.f("ck_orders_ended_with_nothing_left"),
        ),
        sa.CheckConstraint(
            "(number IS NULL) = (placed_at IS NULL)", name=op.f("ck_orders_number_when_placed")
        ),
        sa.CheckConstraint(
            "current_discount_minor >= 0",
            name=op.f("ck_orders_current_discount_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "current_shipping_minor >= 0",
            name=op.f("ck_orders_current_shipping_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "current_subtotal_minor >= 0",
            name=op.f("ck_orders_current_subtotal_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "current_tax_minor >= 0", name=op.f("ck_orders_current_tax_minor_not_negative")
        ),
        sa.CheckConstraint(
            "current_total_minor = current_subtotal_minor - current_discount_minor + current_shipping_minor + CASE WHEN tax_included THEN 0 ELSE current_tax_minor END",
            name=op.f("ck_orders_current_total_of_parts"),
        ),
        sa.CheckConstraint(
            "current_total_minor >= 0", name=op.f("ck_orders_current_total_minor_not_negative")
        ),
        sa.CheckConstraint(
            "discount_minor <= subtotal_minor", name=op.f("ck_orders_discount_bounded")
        ),
        sa.CheckConstraint(
            "discount_minor >= 0", name=op.f("ck_orders_discount_minor_not_negative")
        ),
        sa.CheckConstraint(
            "shipping_minor >= 0", name=op.f("ck_orders_shipping_minor_not_negative")
        ),
        sa.CheckConstraint(
            "shipping_tax_minor >= 0", name=op.f("ck_orders_shipping_tax_minor_not_negative")
        ),
        sa.CheckConstraint(
            "subtotal_minor >= 0", name=op.f("ck_orders_subtotal_minor_not_negative")
        ),
        sa.CheckConstraint("tax_minor >= 0", name=op.f("ck_orders_tax_minor_not_negative")),
        sa.CheckConstraint(
            "total_minor = subtotal_minor - discount_minor + shipping_minor + CASE WHEN tax_included THEN 0 ELSE tax_minor END",
            name=op.f("ck_orders_total_of_parts"),
        ),
        sa.CheckConstraint("total_minor >= 0", name=op.f("ck_orders_total_minor_not_negative")),
        sa.CheckConstraint("unshipped >= 0", name=op.f("ck_orders_unshipped_not_negative")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_orders_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_orders_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("channel_id", "number", name=op.f("uq_orders_channel_id_number")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_orders_channel_id_created_at_id"),
            ["channel_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_orders_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_currency_total_minor_id"),
            ["currency", "total_minor", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_orders_customer_id_created_at_id"),
            ["customer_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_orders_dated_at_id"), ["dated_at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_orders_fulfillment_status_created_at_id"),
            ["fulfillment_status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_orders_has_hold_created_at_id"),
            ["has_hold", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_orders_number_id"), ["number", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_orders_placed_at_id"), ["placed_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_orders_serial_id"), ["serial", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_orders_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_orders_total_minor_id"), ["total_minor", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_updated_at_id"), ["updated_at", "id"], unique=False
        )

    op.create_table(
        "passwords",
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.Column("hash", sa.String(length=250), nullable=False),
        sa.Column("set_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_passwords_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_passwords")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("staff_id", tables.Id(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", tables.Instant(), nullable=False),
        sa.Column("last_used_at", tables.Instant(), nullable=False),
        sa.Column("ended_at", tables.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_sessions_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sessions_secret_hash")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sessions_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sessions_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sessions_staff_id_created_at_id"),
            ["staff_id", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "variants",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("product_id", tables.Id(), nullable=False),
        sa.Column("sku", tables.line(80), nullable=False),
        sa.Column("option_values", tables.Json, nullable=False),
        sa.Column("options_key", sa.String(length=64), nullable=True),
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
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.CheckConstraint("height_mm >= 0", name=op.f("ck_variants_height_mm_not_negative")),
        sa.CheckConstraint("length_mm >= 0", name=op.f("ck_variants_length_mm_not_negative")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_variants_weight_g_not_negative")),
        sa.CheckConstraint("width_mm >= 0", name=op.f("ck_variants_width_mm_not_negative")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_variants_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
        sa.UniqueConstraint(
            "product_id", "options_key", name=op.f("uq_variants_product_id_options_key")
        ),
        sa.UniqueConstraint("sku", name=op.f("uq_variants_sku")),
    )
    with op.batch_alter_table("variants", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_variants_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_variants_product_id_created_at_id"),
            ["product_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_variants_sku_id"), ["sku", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_variants_status_created_at"), ["status", "created_at"], unique=False
        )

    op.create_table(
        "barcodes",
        sa.Column("key", tables.line(80), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "gtin", "other", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("pack_quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("pack_quantity > 0", name=op.f("ck_barcodes_pack_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_barcodes_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_barcodes")),
    )
    with op.batch_alter_table("barcodes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_barcodes_code"), ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_barcodes_variant_id"), ["variant_id"], unique=False)

    op.create_table(
        "costs",
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("cost_micro", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cost_micro >= 0", name=op.f("ck_costs_cost_micro_not_negative")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_costs_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_costs")),
    )
    op.create_table(
        "order_addresses",
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "shipping",
                "billing",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recipient", tables.line(250), nullable=False),
        sa.Column("lines", tables.Json, nullable=False),
        sa.Column("district", tables.line(250), nullable=True),
        sa.Column("city", tables.line(250), nullable=False),
        sa.Column("region", tables.line(250), nullable=True),
        sa.Column("postal_code", tables.line(250), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_addresses_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", "kind", name=op.f("pk_order_addresses")),
    )
    op.create_table(
        "order_discounts",
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", tables.line(250), nullable=False),
        sa.Column("code", tables.line(80), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint(
            "amount_minor >= 0", name=op.f("ck_order_discounts_amount_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_discounts_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_discounts")),
    )
    op.create_table(
        "order_holds",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "manual",
                "payment",
                "address",
                "fraud",
                "stock",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("release_at", tables.Instant(), nullable=True),
        sa.Column("placed_at", tables.Instant(), nullable=False),
        sa.Column("placed_by_kind", sa.String(length=10), nullable=False),
        sa.Column("placed_by_id", tables.Id(), nullable=True),
        sa.Column("released_at", tables.Instant(), nullable=True),
        sa.Column("released_by_kind", sa.String(length=10), nullable=True),
        sa.Column("released_by_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_by_kind IS NULL)",
            name=op.f("ck_order_holds_released_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_holds_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_holds")),
    )
    with op.batch_alter_table("order_holds", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_order_holds_order_id_placed_at_id"),
            ["order_id", "placed_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_order_holds_released_at_release_at"),
            ["released_at", "release_at"],
            unique=False,
        )

    op.create_table(
        "order_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "goods", "charge", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("variant_id", tables.Id(), nullable=True),
        sa.Column("sku", tables.line(80), nullable=False),
        sa.Column("title", sa.String(length=2783), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_price_micro", sa.BigInteger(), nullable=False),
        sa.Column("price_given", sa.Boolean(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("rounding_micro", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("current_tax_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'goods') = (variant_id IS NOT NULL)",
            name=op.f("ck_order_lines_variant_of_goods"),
        ),
        sa.CheckConstraint(
            "kind = 'goods' OR shipped = 0", name=op.f("ck_order_lines_charges_not_shipped")
        ),
        sa.CheckConstraint(
            "cancelled <= quantity - shipped",
            name=op.f("ck_order_lines_cancelled_or_shipped_at_most_ordered"),
        ),
        sa.CheckConstraint(
            "current_subtotal_minor >= 0 AND current_discount_minor >= 0 AND current_tax_minor >= 0",
            name=op.f("ck_order_lines_current_amounts_bounded"),
        ),
        sa.CheckConstraint(
            "quantity > 0 AND cancelled >= 0 AND shipped >= 0",
            name=op.f("ck_order_lines_quantities_bounded"),
        ),
        sa.CheckConstraint(
            "returned >= 0 AND returned <= shipped",
            name=op.f("ck_order_lines_returned_at_most_shipped"),
        ),
        sa.CheckConstraint(
            "unit_price_micro >= 0 AND subtotal_minor >= 0 AND discount_minor >= 0 AND discount_minor <= subtotal_minor AND tax_minor >= 0",
            name=op.f("ck_order_lines_amounts_bounded"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_order_lines_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
    )
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_order_lines_order_id_position_id"),
            ["order_id", "position", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_order_lines_sku_order_id"), ["sku", "order_id"], unique=False
        )

    op.create_table(
        "prices",
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_micro >= 0", name=op.f("ck_prices_price_micro_not_negative")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_prices_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("variant_id", "currency", name=op.f("pk_prices")),
    )
    op.create_table(
        "stock_levels",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("safety", sa.Integer(), nullable=False),
        sa.Column(
            "available",
            sa.Integer(),
            sa.Computed("on_hand - reserved - safety", persisted=True),
            nullable=False,
        ),
        sa.Column("negative_allowed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "on_hand >= 0 OR negative_allowed", name=op.f("ck_stock_levels_on_hand_not_negative")
        ),
        sa.CheckConstraint(
            "on_hand BETWEEN -1000000000 AND 1000000000",
            name=op.f("ck_stock_levels_on_hand_bounded"),
        ),
        sa.CheckConstraint(
            "reserved <= on_hand OR negative_allowed",
            name=op.f("ck_stock_levels_reserved_is_there"),
        ),
        sa.CheckConstraint(
            "reserved BETWEEN 0 AND 1000000000", name=op.f("ck_stock_levels_reserved_bounded")
        ),
        sa.CheckConstraint(
            "safety BETWEEN 0 AND 1000000000", name=op.f("ck_stock_levels_safety_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_stock_levels_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_stock_levels_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_levels")),
        sa.UniqueConstraint(
            "variant_id", "location_id", name=op.f("uq_stock_levels_variant_id_location_id")
        ),
    )
    with op.batch_alter_table("stock_levels", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stock_levels_available_id"), ["available", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stock_levels_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stock_levels_location_id_available_id"),
            ["location_id", "available", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_levels_location_id_created_at_id"),
            ["location_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_levels_on_hand_id"), ["on_hand", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stock_levels_variant_id_created_at_id"),
            ["variant_id", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "stock_movements",
        sa.Column("sequence", tables.Serial, sa.Identity(always=False), nullable=False),
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opening",
                "receipt",
                "shipment",
                "return",
                "transfer",
                "count",
                "correction",
                "scrap",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("from_location_id", tables.Id(), nullable=False),
        sa.Column("to_location_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cause_kind", sa.String(length=4), nullable=True),
        sa.Column("cause_id", tables.Id(), nullable=True),
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
        sa.Column("occurred_at", tables.Instant(), nullable=False),
        sa.Column("recorded_at", tables.Instant(), nullable=False),
        sa.CheckConstraint(
            "(cause_kind IS NULL) = (cause_id IS NULL)", name=op.f("ck_stock_movements_cause_whole")
        ),
        sa.CheckConstraint(
            "from_location_id <> to_location_id", name=op.f("ck_stock_movements_goes_elsewhere")
        ),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 1000000000", name=op.f("ck_stock_movements_quantity_positive")
        ),
        sa.ForeignKeyConstraint(
            ["from_location_id"],
            ["stock_locations.id"],
            name=op.f("fk_stock_movements_from_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["to_location_id"],
            ["stock_locations.id"],
            name=op.f("fk_stock_movements_to_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_stock_movements_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_stock_movements")),
        sa.UniqueConstraint("id", name=op.f("uq_stock_movements_id")),
    )
    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_movements_cause_id"), ["cause_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_stock_movements_from_location_id_occurred_at_id"),
            ["from_location_id", "occurred_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_movements_kind_occurred_at_id"),
            ["kind", "occurred_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_movements_occurred_at_id"), ["occurred_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stock_movements_to_location_id_occurred_at_id"),
            ["to_location_id", "occurred_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_movements_variant_id_occurred_at_id"),
            ["variant_id", "occurred_at", "id"],
            unique=False,
        )

    op.create_table(
        "stock_reservations",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("owner_id", tables.Id(), nullable=False),
        sa.Column("line_id", tables.Id(), nullable=False),
        sa.Column("level_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "soft",
                "allocated",
                "consumed",
                "released",
                "expired",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expires_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(status = 'soft') = (expires_at IS NOT NULL)",
            name=op.f("ck_stock_reservations_soft_expires"),
        ),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 1000000000",
            name=op.f("ck_stock_reservations_quantity_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["level_id"],
            ["stock_levels.id"],
            name=op.f("fk_stock_reservations_level_id_stock_levels"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_stock_reservations_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_stock_reservations_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_reservations")),
    )
    with op.batch_alter_table("stock_reservations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stock_reservations_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stock_reservations_expires_at_id"),
            ["expires_at", "id"],
            unique=False,
            postgresql_where=sa.text("expires_at IS NOT NULL"),
            sqlite_where=sa.text("expires_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_stock_reservations_line_id_created_at_id"),
            ["line_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_reservations_location_id_created_at_id"),
            ["location_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_reservations_owner_id_created_at_id"),
            ["owner_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_reservations_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_reservations_variant_id_created_at_id"),
            ["variant_id", "created_at", "id"],
            unique=False,
        )

    dialect = op.get_bind().dialect.name
    on_sqlite = dialect == "sqlite"
    if not on_sqlite:
        op.execute("CREATE SEQUENCE event_sequence")
    for statement in (
        SEARCH_ON_SQLITE if on_sqlite else (*SEARCH_ON_POSTGRESQL, DRAWING_ON_POSTGRESQL)
    ):
        op.execute(statement)
    for table in ("events", "stock_movements"):
        for statement in statements_to_forbid_changes(table, dialect):
            op.execute(statement)
    op.bulk_insert(
        sa.table(
            "stock_locations",
            sa.column("id", tables.Id()),
            sa.column("version", sa.Integer()),
            sa.column("created_at", tables.Instant()),
            sa.column("updated_at", tables.Instant()),
            sa.column("code", sa.String()),
            sa.column("name", sa.String()),
            sa.column("kind", sa.String()),
            sa.column("priority", sa.Integer()),
            sa.column("negative_allowed", sa.Boolean()),
            sa.column("status", sa.String()),
        ),
        [
            {
                "id": UUID(id),
                "version": 1,
                "created_at": FROM_THE_START,
                "updated_at": FROM_THE_START,
                "code": code,
                "name": name,
                "kind": kind,
                "priority": 100,
                "negative_allowed": False,
                "status": "active",
            }
            for kind, code, name, id in VIRTUAL_LOCATIONS
        ],
    )


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    if on_sqlite:
        op.execute("DROP TABLE search_fts")
    with op.batch_alter_table("stock_reservations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_reservations_variant_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_reservations_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_reservations_owner_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_reservations_location_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_reservations_line_id_created_at_id"))
        batch_op.drop_index(
            batch_op.f("ix_stock_reservations_expires_at_id"),
            postgresql_where=sa.text("expires_at IS NOT NULL"),
            sqlite_where=sa.text("expires_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_stock_reservations_created_at_id"))

    op.drop_table("stock_reservations")
    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_movements_variant_id_occurred_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_movements_to_location_id_occurred_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_movements_occurred_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_movements_kind_occurred_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_movements_from_location_id_occurred_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_movements_cause_id"))

    op.drop_table("stock_movements")
    with op.batch_alter_table("stock_levels", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_levels_variant_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_levels_on_hand_id"))
        batch_op.drop_index(batch_op.f("ix_stock_levels_location_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_levels_location_id_available_id"))
        batch_op.drop_index(batch_op.f("ix_stock_levels_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_levels_available_id"))

    op.drop_table("stock_levels")
    op.drop_table("prices")
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_lines_sku_order_id"))
        batch_op.drop_index(batch_op.f("ix_order_lines_order_id_position_id"))

    op.drop_table("order_lines")
    with op.batch_alter_table("order_holds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_holds_released_at_release_at"))
        batch_op.drop_index(batch_op.f("ix_order_holds_order_id_placed_at_id"))

    op.drop_table("order_holds")
    op.drop_table("order_discounts")
    op.drop_table("order_addresses")
    op.drop_table("costs")
    with op.batch_alter_table("barcodes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_barcodes_variant_id"))
        batch_op.drop_index(batch_op.f("ix_barcodes_code"))

    op.drop_table("barcodes")
    with op.batch_alter_table("variants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_variants_status_created_at"))
        batch_op.drop_index(batch_op.f("ix_variants_sku_id"))
        batch_op.drop_index(batch_op.f("ix_variants_product_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_variants_created_at_id"))

    op.drop_table("variants")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_staff_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_sessions_expires_at"))
        batch_op.drop_index(batch_op.f("ix_sessions_created_at_id"))

    op.drop_table("sessions")
    op.drop_table("passwords")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_orders_total_minor_id"))
        batch_op.drop_index(batch_op.f("ix_orders_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_orders_serial_id"))
        batch_op.drop_index(batch_op.f("ix_orders_placed_at_id"))
        batch_op.drop_index(batch_op.f("ix_orders_number_id"))
        batch_op.drop_index(batch_op.f("ix_orders_has_hold_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_orders_fulfillment_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_orders_dated_at_id"))
        batch_op.drop_index(batch_op.f("ix_orders_customer_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_orders_currency_total_minor_id"))
        batch_op.drop_index(batch_op.f("ix_orders_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_orders_channel_id_created_at_id"))

    op.drop_table("orders")
    with op.batch_alter_table("import_documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_documents_run_id"))

    op.drop_table("import_documents")
    with op.batch_alter_table("customer_tax_ids", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_tax_ids_customer_id"))

    op.drop_table("customer_tax_ids")
    with op.batch_alter_table("customer_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_tags_tag_customer_id"))

    op.drop_table("customer_tags")
    with op.batch_alter_table("customer_addresses", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_customer_addresses_default_shipping",
            sqlite_where=sa.text("is_default_shipping"),
            postgresql_where=sa.text("is_default_shipping"),
        )
        batch_op.drop_index(
            "uq_customer_addresses_default_billing",
            sqlite_where=sa.text("is_default_billing"),
            postgresql_where=sa.text("is_default_billing"),
        )
        batch_op.drop_index(batch_op.f("ix_customer_addresses_customer_id_id"))

    op.drop_table("customer_addresses")
    with op.batch_alter_table("stock_locations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_locations_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_locations_priority_id"))
        batch_op.drop_index(batch_op.f("ix_stock_locations_kind_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_locations_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_locations_code_id"))

    op.drop_table("stock_locations")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_staff_name_id"))
        batch_op.drop_index(batch_op.f("ix_staff_created_at_id"))

    op.drop_table("staff")
    op.drop_table("search_entries")
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_products_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_products_title_id"))
        batch_op.drop_index(batch_op.f("ix_products_status_created_at"))
        batch_op.drop_index(batch_op.f("ix_products_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_products_brand_created_at"))

    op.drop_table("products")
    with op.batch_alter_table("login_tries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_tries_updated_at"))

    op.drop_table("login_tries")
    op.drop_table("keys")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jobs_status_run_at_id"))
        batch_op.drop_index(batch_op.f("ix_jobs_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_jobs_kind_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_jobs_created_at_id"))

    op.drop_table("jobs")
    with op.batch_alter_table("import_runs", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_import_runs_running",
            sqlite_where=sa.text("status = 'running'"),
            postgresql_where=sa.text("status = 'running'"),
        )
        batch_op.drop_index(batch_op.f("ix_import_runs_created_at_id"))

    op.drop_table("import_runs")
    with op.batch_alter_table("external_ids", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_external_ids_subject_id"))

    op.drop_table("external_ids")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_type_sequence"))
        batch_op.drop_index(batch_op.f("ix_events_subject_id_sequence"))
        batch_op.drop_index(batch_op.f("ix_events_occurred_at_sequence"))

    op.drop_table("events")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customers_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_customers_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_customers_name_id"))
        batch_op.drop_index(batch_op.f("ix_customers_kind_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_customers_email_key_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_customers_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_customers_country_created_at_id"))

    op.drop_table("customers")
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_channels_status_code_id"))
        batch_op.drop_index(batch_op.f("ix_channels_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_channels_code_id"))

    op.drop_table("channels")
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_tokens_revoked_at_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_api_tokens_name_id"))
        batch_op.drop_index(batch_op.f("ix_api_tokens_created_at_id"))

    op.drop_table("api_tokens")
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answers_created_at"))

    op.drop_table("answers")
    if not on_sqlite:
        op.execute("DROP FUNCTION draw_event_numbers(integer)")
        op.execute("DROP SEQUENCE event_sequence")
        op.execute("DROP FUNCTION forbid_changes()")
