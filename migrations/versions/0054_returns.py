"""What returns are given back"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_refund_reversals",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("return_refund_id", tables.Id(), nullable=False),
        sa.Column("refund_id", tables.Id(), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "units",
                "exchange",
                "goodwill",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_minor > 0", name=op.f("ck_return_refund_reversals_amount_positive")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_return_refund_reversals_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_return_refund_reversals_refund_id_refunds")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_refund_reversals_return_id_returns")
        ),
        sa.ForeignKeyConstraint(
            ["return_refund_id"],
            ["return_refunds.id"],
            name=op.f("fk_return_refund_reversals_return_refund_id_return_refunds"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_refund_reversals")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_return_refund_reversals_refund_id")),
    )
    op.create_index(
        op.f("ix_return_refund_reversals_order_id"),
        "return_refund_reversals",
        ["order_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_refund_reversals_return_id_created_at_id"),
        "return_refund_reversals",
        ["return_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_refund_reversals_return_refund_id"),
        "return_refund_reversals",
        ["return_refund_id"],
        unique=False,
    )
    op.create_table(
        "return_refund_reversal_lines",
        sa.Column("reversal_id", tables.Id(), nullable=False),
        sa.Column("line_id", tables.Id(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("items_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "fee_minor >= 0", name=op.f("ck_return_refund_reversal_lines_fee_minor_not_negative")
        ),
        sa.CheckConstraint(
            "items_minor >= 0",
            name=op.f("ck_return_refund_reversal_lines_items_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "quantity >= 0", name=op.f("ck_return_refund_reversal_lines_quantity_not_negative")
        ),
        sa.CheckConstraint(
            "shipping_minor >= 0",
            name=op.f("ck_return_refund_reversal_lines_shipping_minor_not_negative"),
        ),
        sa.CheckConstraint(
            "tax_minor >= 0", name=op.f("ck_return_refund_reversal_lines_tax_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["return_lines.id"],
            name=op.f("fk_return_refund_reversal_lines_line_id_return_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["reversal_id"],
            ["return_refund_reversals.id"],
            name=op.f("fk_return_refund_reversal_lines_reversal_id_return_refund_reversals"),
        ),
        sa.PrimaryKeyConstraint(
            "reversal_id", "line_id", name=op.f("pk_return_refund_reversal_lines")
        ),
    )
    op.create_index(
        op.f("ix_return_refund_reversal_lines_line_id"),
        "return_refund_reversal_lines",
        ["line_id"],
        unique=False,
    )
    op.create_table(
        "return_labels",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("number", tables.line(250), nullable=False),
        sa.Column("return_id", tables.Id(), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("carrier_id", tables.Id(), nullable=False),
        sa.Column("service_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "pending",
                "unclear",
                "failed",
                "labelled",
                "voiding",
                "voided",
                "handed_over",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quoted_minor", sa.BigInteger(), nullable=True),
        sa.Column("recipient", sa.String(length=250), nullable=False),
        sa.Column("address_lines", tables.Json, nullable=False),
        sa.Column("district", sa.String(length=250), nullable=True),
        sa.Column("city", sa.String(length=250), nullable=False),
        sa.Column("region", sa.String(length=250), nullable=True),
        sa.Column("postal_code", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("purchase_key", sa.String(length=64), nullable=True),
        sa.Column("called_at", tables.Instant(), nullable=True),
        sa.Column("trouble", sa.String(length=500), nullable=True),
        sa.Column("tracking_number", tables.line(80), nullable=True),
        sa.Column("carrier_reference", sa.String(length=250), nullable=True),
        sa.Column("drop_off_code", sa.String(length=120), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("labelled_at", tables.Instant(), nullable=True),
        sa.Column("voided_at", tables.Instant(), nullable=True),
        sa.Column("return_shipment_id", tables.Id(), nullable=True),
        sa.CheckConstraint(
            "(voided_at IS NOT NULL) = (status = 'voided')",
            name=op.f("ck_return_labels_voided_at_when_voided"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('labelled', 'voiding', 'voided') OR (tracking_number IS NOT NULL AND labelled_at IS NOT NULL)",
            name=op.f("ck_return_labels_number_when_labelled"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('pending', 'unclear') OR purchase_key IS NOT NULL",
            name=op.f("ck_return_labels_key_when_pending"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_return_labels_attempts_not_negative")),
        sa.CheckConstraint(
            "cost_minor >= 0", name=op.f("ck_return_labels_cost_minor_not_negative")
        ),
        sa.CheckConstraint(
            "quoted_minor >= 0", name=op.f("ck_return_labels_quoted_minor_not_negative")
        ),
        sa.CheckConstraint("weight_g > 0", name=op.f("ck_return_labels_weight_positive")),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["carriers.id"], name=op.f("fk_return_labels_carrier_id_carriers")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_return_labels_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_labels_return_id_returns")
        ),
        sa.ForeignKeyConstraint(
            ["return_shipment_id"],
            ["return_shipments.id"],
            name=op.f("fk_return_labels_return_shipment_id_return_shipments"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["carrier_services.id"],
            name=op.f("fk_return_labels_service_id_carrier_services"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_labels")),
        sa.UniqueConstraint("number", name=op.f("uq_return_labels_number")),
        sa.UniqueConstraint("purchase_key", name=op.f("uq_return_labels_purchase_key")),
    )
    op.create_index(
        op.f("ix_return_labels_carrier_id"), "return_labels", ["carrier_id"], unique=False
    )
    op.create_index(op.f("ix_return_labels_order_id"), "return_labels", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_return_labels_return_id_created_at_id"),
        "return_labels",
        ["return_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_labels_return_shipment_id"),
        "return_labels",
        ["return_shipment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_return_labels_service_id"), "return_labels", ["service_id"], unique=False
    )
    op.create_index(
        "uq_return_labels_one_per_return",
        "return_labels",
        ["return_id"],
        unique=True,
        sqlite_where=sa.text("status NOT IN ('voided', 'cancelled')"),
        postgresql_where=sa.text("status NOT IN ('voided', 'cancelled')"),
    )
    dialect = op.get_bind().dialect.name
    for statement in statements_to_forbid_changes("return_refund_reversals", dialect):
        op.execute(statement)
    for statement in statements_to_forbid_changes("return_refund_reversal_lines", dialect):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("return_labels")
    op.drop_table("return_refund_reversal_lines")
    op.drop_table("return_refund_reversals")
