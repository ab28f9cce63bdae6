"""Invoices and documents"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "factur_x",
                "ubl",
                "cii",
                "nfe",
                "packing_slip",
                "pick_list",
                "label_sheet",
                "print_stream",
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
                "queued",
                "rendered",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", tables.Id(), nullable=True),
        sa.Column("parts", tables.Json, nullable=False),
        sa.Column("locale", sa.String(length=11), nullable=True),
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
        sa.Column("media_type", sa.String(length=40), nullable=True),
        sa.Column("name", tables.line(250), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("input_sha256", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finished_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(status = 'rendered') = (sha256 IS NOT NULL)",
            name=op.f("ck_documents_rendered_has_a_file"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(
        op.f("ix_documents_created_at_id"), "documents", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_documents_kind_created_at_id"),
        "documents",
        ["kind", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_documents_status_created_at_id"),
        "documents",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_documents_subject_id_created_at_id"),
        "documents",
        ["subject_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "sellers",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
        sa.Column("trade_name", tables.line(250), nullable=True),
        sa.Column("lines", tables.Json, nullable=False),
        sa.Column("district", tables.line(250), nullable=True),
        sa.Column("city", tables.line(250), nullable=False),
        sa.Column("region", tables.line(250), nullable=True),
        sa.Column("postal_code", tables.line(250), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("tax_ids", tables.Json, nullable=False),
        sa.Column("registration", tables.line(250), nullable=True),
        sa.Column("email", tables.line(250), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("bank_name", tables.line(250), nullable=True),
        sa.Column("locale", sa.String(length=11), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("tax_rates", tables.Json, nullable=False),
        sa.Column(
            "untaxed_category",
            sa.Enum(
                "standard",
                "zero",
                "exempt",
                "reverse_charge",
                "intra_community",
                "export",
                "outside",
                name="untaxed_category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("untaxed_reason", tables.line(250), nullable=True),
        sa.Column("invoice_prefix", tables.line(60), nullable=False),
        sa.Column("credit_note_prefix", tables.line(60), nullable=False),
        sa.Column("number_digits", sa.Integer(), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=True),
        sa.Column("footer", sa.Text(), nullable=False),
        sa.Column("fiscal_provider", tables.line(80), nullable=True),
        sa.Column("fiscal_data", tables.Json, nullable=False),
        sa.Column("gates_dispatch", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "untaxed_category <> 'standard'", name=op.f("ck_sellers_untaxed_is_not_standard")
        ),
        sa.CheckConstraint(
            "NOT gates_dispatch OR fiscal_provider IS NOT NULL",
            name=op.f("ck_sellers_gate_has_a_provider"),
        ),
        sa.CheckConstraint(
            "number_digits >= 0", name=op.f("ck_sellers_number_digits_not_negative")
        ),
        sa.CheckConstraint("payment_days >= 0", name=op.f("ck_sellers_payment_days_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sellers")),
        sa.UniqueConstraint("code", name=op.f("uq_sellers_code")),
    )
    op.create_index(op.f("ix_sellers_code_id"), "sellers", ["code", "id"], unique=False)
    op.create_index(op.f("ix_sellers_created_at_id"), "sellers", ["created_at", "id"], unique=False)
    op.create_table(
        "invoice_series",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("prefix", tables.line(20), nullable=False),
        sa.Column("number_next", sa.BigInteger(), nullable=False),
        sa.Column("numbers_skipped", sa.BigInteger(), nullable=False),
        sa.Column("seller_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "credit_note",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "numbers_skipped >= 0 AND numbers_skipped < number_next",
            name=op.f("ck_invoice_series_numbers_skipped_below_next"),
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["sellers.id"], name=op.f("fk_invoice_series_seller_id_sellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_series")),
        sa.UniqueConstraint(
            "seller_id", "kind", "prefix", name=op.f("uq_invoice_series_seller_id_kind_prefix")
        ),
    )
    op.create_table(
        "seller_channels",
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("seller_id", tables.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_seller_channels_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["sellers.id"], name=op.f("fk_seller_channels_seller_id_sellers")
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_seller_channels")),
    )
    op.create_index(
        op.f("ix_seller_channels_seller_id"), "seller_channels", ["seller_id"], unique=False
    )
    op.create_table(
        "invoices",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "credit_note",
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
                "issued",
                "partially_credited",
                "credited",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("series_id", tables.Id(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column("seller_id", tables.Id(), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("order_number", tables.line(250), nullable=False),
        sa.Column("fulfillment_id", tables.Id(), nullable=True),
        sa.Column("customer_id", tables.Id(), nullable=True),
        sa.Column("credits_id", tables.Id(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("locale", sa.String(length=11), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("credited_minor", sa.BigInteger(), nullable=False),
        sa.Column("seller", tables.Json, nullable=False),
        sa.Column("buyer", tables.Json, nullable=False),
        sa.Column("ship_to", tables.Json, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (credits_id IS NOT NULL)",
            name=op.f("ck_invoices_credit_notes_credit"),
        ),
        sa.CheckConstraint(
            "kind = 'invoice' OR (status = 'issued' AND credited_minor = 0)",
            name=op.f("ck_invoices_credit_notes_are_not_credited"),
        ),
        sa.CheckConstraint(
            "credited_minor >= 0 AND credited_minor <= total_minor",
            name=op.f("ck_invoices_credited_at_most_invoiced"),
        ),
        sa.CheckConstraint("net_minor >= 0", name=op.f("ck_invoices_net_minor_not_negative")),
        sa.CheckConstraint("tax_minor >= 0", name=op.f("ck_invoices_tax_minor_not_negative")),
        sa.CheckConstraint(
            "total_minor = net_minor + tax_minor", name=op.f("ck_invoices_total_of_parts")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_invoices_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["credits_id"], ["invoices.id"], name=op.f("fk_invoices_credits_id_invoices")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_invoices_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"],
            ["fulfillments.id"],
            name=op.f("fk_invoices_fulfillment_id_fulfillments"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["sellers.id"], name=op.f("fk_invoices_seller_id_sellers")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["invoice_series.id"], name=op.f("fk_invoices_series_id_invoice_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint(
            "seller_id", "kind", "number", name=op.f("uq_invoices_seller_id_kind_number")
        ),
        sa.UniqueConstraint("series_id", "serial", name=op.f("uq_invoices_series_id_serial")),
    )
    op.create_index(
        op.f("ix_invoices_channel_id_created_at_id"),
        "invoices",
        ["channel_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_invoices_created_at_id"), "invoices", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_invoices_credits_id_created_at_id"),
        "invoices",
        ["credits_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_invoices_customer_id_created_at_id"),
        "invoices",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_invoices_due_on_id"), "invoices", ["due_on", "id"], unique=False)
    op.create_index(
        op.f("ix_invoices_fulfillment_id_created_at_id"),
        "invoices",
        ["fulfillment_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_invoices_issued_on_id"), "invoices", ["issued_on", "id"], unique=False)
    op.create_index(
        op.f("ix_invoices_kind_created_at_id"),
        "invoices",
        ["kind", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_invoices_number_id"), "invoices", ["number", "id"], unique=False)
    op.create_index(
        op.f("ix_invoices_order_id_created_at_id"),
        "invoices",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_invoices_seller_id_created_at_id"),
        "invoices",
        ["seller_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_invoices_status_created_at_id"),
        "invoices",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_invoices_total_minor_id"), "invoices", ["total_minor", "id"], unique=False
    )
    op.create_table(
        "fiscal_documents",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("invoice_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("fulfillment_id", tables.Id(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "not_required",
                "pending",
                "submitted",
                "authorised",
                "rejected",
                "contingency",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("provider", tables.line(80), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("reference", tables.line(250), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("submitted_at", tables.Instant(), nullable=True),
        sa.Column("authorised_at", tables.Instant(), nullable=True),
        sa.Column("cancelled_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(authorised_at IS NOT NULL) OR status <> 'authorised'",
            name=op.f("ck_fiscal_documents_authorised_at_when_authorised"),
        ),
        sa.CheckConstraint("attempt >= 0", name=op.f("ck_fiscal_documents_attempt_not_negative")),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"],
            ["fulfillments.id"],
            name=op.f("fk_fiscal_documents_fulfillment_id_fulfillments"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_fiscal_documents_invoice_id_invoices")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_fiscal_documents_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fiscal_documents")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_fiscal_documents_invoice_id")),
    )
    op.create_index(
        op.f("ix_fiscal_documents_created_at_id"),
        "fiscal_documents",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fiscal_documents_fulfillment_id_created_at_id"),
        "fiscal_documents",
        ["fulfillment_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fiscal_documents_order_id_created_at_id"),
        "fiscal_documents",
        ["order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_fiscal_documents_status_created_at_id"),
        "fiscal_documents",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "invoice_lines",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("invoice_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "goods",
                "charge",
                "shipping",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("order_line_id", tables.Id(), nullable=True),
        sa.Column("credited_line_id", tables.Id(), nullable=True),
        sa.Column("variant_id", tables.Id(), nullable=True),
        sa.Column("sku", tables.line(80), nullable=False),
        sa.Column("title", sa.String(length=2783), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_price_micro", sa.BigInteger(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "tax_category",
            sa.Enum(
                "standard",
                "zero",
                "exempt",
                "reverse_charge",
                "intra_community",
                "export",
                "outside",
                name="tax_category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tax_rate_ppm", sa.Integer(), nullable=False),
        sa.Column("tax_reason", tables.line(250), nullable=True),
        sa.CheckConstraint(
            "(kind = 'shipping') = (order_line_id IS NULL)",
            name=op.f("ck_invoice_lines_shipping_has_no_line"),
        ),
        sa.CheckConstraint(
            "tax_category = 'standard' OR tax_minor = 0",
            name=op.f("ck_invoice_lines_tax_of_taxed_lines"),
        ),
        sa.CheckConstraint(
            "discount_minor >= 0", name=op.f("ck_invoice_lines_discount_minor_not_negative")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_invoice_lines_quantity_positive")),
        sa.CheckConstraint(
            "subtotal_minor >= 0", name=op.f("ck_invoice_lines_subtotal_minor_not_negative")
        ),
        sa.CheckConstraint("tax_minor >= 0", name=op.f("ck_invoice_lines_tax_minor_not_negative")),
        sa.CheckConstraint(
            "tax_rate_ppm >= 0", name=op.f("ck_invoice_lines_tax_rate_ppm_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["credited_line_id"],
            ["invoice_lines.id"],
            name=op.f("fk_invoice_lines_credited_line_id_invoice_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_lines_invoice_id_invoices")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_invoice_lines_order_line_id_order_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_invoice_lines_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_lines")),
        sa.UniqueConstraint(
            "invoice_id", "position", name=op.f("uq_invoice_lines_invoice_id_position")
        ),
    )
    op.create_index(
        op.f("ix_invoice_lines_credited_line_id"),
        "invoice_lines",
        ["credited_line_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_invoice_lines_order_line_id"), "invoice_lines", ["order_line_id"], unique=False
    )
    op.create_table(
        "invoice_taxes",
        sa.Column("invoice_id", tables.Id(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "standard",
                "zero",
                "exempt",
                "reverse_charge",
                "intra_community",
                "export",
                "outside",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rate_ppm", sa.Integer(), nullable=False),
        sa.Column("reason", tables.line(250), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_taxes_invoice_id_invoices")
        ),
        sa.PrimaryKeyConstraint(
            "invoice_id", "category", "rate_ppm", name=op.f("pk_invoice_taxes")
        ),
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes(
        "invoices",
        dialect,
        [
            "id",
            "created_at",
            "kind",
            "series_id",
            "serial",
            "number",
            "seller_id",
            "channel_id",
            "order_id",
            "order_number",
            "fulfillment_id",
            "customer_id",
            "credits_id",
            "issued_on",
            "due_on",
            "locale",
            "currency",
            "tax_included",
            "net_minor",
            "tax_minor",
            "total_minor",
            "seller",
            "buyer",
            "ship_to",
            "note",
            "reason",
        ],
    ):
        op.execute(statement)
    for statement in statements_to_forbid_changes("invoice_lines", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("invoice_taxes", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("invoice_taxes")
    op.drop_table("invoice_lines")
    op.drop_table("fiscal_documents")
    op.drop_table("invoices")
    op.drop_table("seller_channels")
    op.drop_table("invoice_series")
    op.drop_table("sellers")
    op.drop_table("documents")
