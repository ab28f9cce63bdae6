"""Orders that are edited, quoted, merged, split, paid and wait for approval"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_orders",
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("key", tables.line(250), nullable=False),
        sa.Column("order_id", tables.Id(), nullable=True),
        sa.Column("changed_at", tables.Instant(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("told", tables.Json, nullable=True),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_channel_orders_revision_not_negative")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_channel_orders_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_channel_orders_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("channel_id", "key", name=op.f("pk_channel_orders")),
        sa.UniqueConstraint("order_id", name=op.f("uq_channel_orders_order_id")),
    )
    op.create_table(
        "order_quotes",
        sa.Column("order_id", tables.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "accepted",
                "replaced",
                "expired",
                "withdrawn",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sent_at", tables.Instant(), nullable=False),
        sa.Column("valid_until", tables.Instant(), nullable=False),
        sa.Column("ended_at", tables.Instant(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("lines", tables.Json, nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (status = 'open')",
            name=op.f("ck_order_quotes_ended_at_when_ended"),
        ),
        sa.CheckConstraint(
            "discount_minor >= 0", name=op.f("ck_order_quotes_discount_minor_not_negative")
        ),
        sa.CheckConstraint(
            "number > 0 AND valid_until > sent_at", name=op.f("ck_order_quotes_valid_for_a_while")
        ),
        sa.CheckConstraint(
            "shipping_minor >= 0", name=op.f("ck_order_quotes_shipping_minor_not_negative")
        ),
        sa.CheckConstraint(
            "subtotal_minor >= 0", name=op.f("ck_order_quotes_subtotal_minor_not_negative")
        ),
        sa.CheckConstraint("tax_minor >= 0", name=op.f("ck_order_quotes_tax_minor_not_negative")),
        sa.CheckConstraint(
            "total_minor >= 0", name=op.f("ck_order_quotes_total_minor_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_quotes_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_order_quotes")),
    )
    op.create_index(
        "uq_order_quotes_open",
        "order_quotes",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    with op.batch_alter_table("bulk_exports") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_bulk_exports_finished_at_the_end"),
            """(finished_at IS NULL) = (status IN ('queued', 'running'))""",
        )
    with op.batch_alter_table("bulk_imports") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_bulk_imports_finished_at_the_end"),
            """(finished_at IS NULL) = (status IN ('queued', 'running'))""",
        )
    with op.batch_alter_table("channels") as batch_op:
        batch_op.add_column(
            sa.Column(
                "payment_gate",
                sa.Enum(
                    "none",
                    "authorized",
                    "paid",
                    name="payment_gate",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="none",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column("uncancel_minutes", sa.Integer(), server_default="30", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "unknown_skus",
                sa.Enum(
                    "hold",
                    "refuse",
                    name="unknown_skus",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="hold",
                nullable=False,
            )
        )
        batch_op.create_check_constraint(
            op.f("ck_channels_uncancel_minutes_not_negative"), """uncancel_minutes >= 0"""
        )
    with op.batch_alter_table("list_prices") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_list_prices_price_list_id_price_lists"), type_="foreignkey"
        )
    with op.batch_alter_table("order_holds") as batch_op:
        batch_op.drop_constraint(op.f("ck_order_holds_kind"), type_="check")
        batch_op.add_column(sa.Column("line_id", tables.Id(), nullable=True))
        batch_op.add_column(sa.Column("owner_id", tables.Id(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_order_holds_kind"),
            """kind IN ('manual', 'payment', 'address', 'fraud', 'stock', 'inventory', 'fiscal', 'delivery_date', 'high_value', 'other')""",
        )
        batch_op.create_index(
            batch_op.f("ix_order_holds_kind_placed_at_id"),
            ["kind", "placed_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_order_holds_line_id"), ["line_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_order_holds_owner_id_placed_at_id"),
            ["owner_id", "placed_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_order_holds_placed_at_id"), ["placed_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_order_holds_release_at_id"), ["release_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_order_holds_released_at_placed_at_id"),
            ["released_at", "placed_at", "id"],
            unique=False,
        )
    with op.batch_alter_table("order_lines") as batch_op:
        batch_op.drop_constraint(op.f("ck_order_lines_kind"), type_="check")
        batch_op.add_column(sa.Column("added", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("cancelled_with_order", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("external_key", tables.line(250), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_order_lines_added_at_most_all"), """added >= 0 AND added <= quantity"""
        )
        batch_op.create_check_constraint(
            op.f("ck_order_lines_cancelled_with_order_at_most_all"),
            """cancelled_with_order >= 0 AND cancelled_with_order <= cancelled""",
        )
        batch_op.create_check_constraint(
            op.f("ck_order_lines_kind"), """kind IN ('goods', 'charge', 'unknown')"""
        )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_constraint(op.f("ck_orders_ended_with_nothing_left"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_hold_only_while_unfinished"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_status"), type_="check")
        batch_op.add_column(
            sa.Column(
                "payment_status",
                sa.Enum(
                    "nothing_due",
                    "unpaid",
                    "partially_authorized",
                    "authorized",
                    "partially_paid",
                    "paid",
                    "overpaid",
                    "partially_refunded",
                    "refunded",
                    "not_tracked",
                    name="payment_status",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="unpaid",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column("authorized_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("captured_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("refunded_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("refunding_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("charged_back_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("uncancel_until", tables.Instant(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", tables.Id(), nullable=True))
        batch_op.add_column(sa.Column("split_from_id", tables.Id(), nullable=True))
        batch_op.add_column(
            sa.Column("quote_count", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("quoted_until", tables.Instant(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_orders_authorized_minor_not_negative"), """authorized_minor >= 0"""
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_captured_minor_not_negative"), """captured_minor >= 0"""
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_charged_back_minor_not_negative"), """charged_back_minor >= 0"""
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_ended_with_nothing_left"),
            """unshipped = 0 OR status IN ('draft', 'pending_approval', 'open')""",
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_hold_only_while_unfinished"),
            """NOT has_hold OR status IN ('draft', 'pending_approval', 'open')""",
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_quoted_until_when_quoted"),
            """quote_count >= 0 AND (quoted_until IS NULL OR (quote_count > 0 AND status = 'draft'))""",
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_refunded_at_most_captured"),
            """refunded_minor + refunding_minor <= captured_minor AND charged_back_minor <= captured_minor""",
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_refunded_minor_not_negative"), """refunded_minor >= 0"""
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_refunding_minor_not_negative"), """refunding_minor >= 0"""
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_status"),
            """status IN ('draft', 'pending_approval', 'open', 'closed', 'cancelled')""",
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_undone_and_merged_when_cancelled"),
            """status = 'cancelled' OR (uncancel_until IS NULL AND merged_into_id IS NULL)""",
        )
        batch_op.create_index(
            batch_op.f("ix_orders_merged_into_id_created_at_id"),
            ["merged_into_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_orders_payment_status_created_at_id"),
            ["payment_status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_orders_quoted_until_id"), ["quoted_until", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_split_from_id_created_at_id"),
            ["split_from_id", "created_at", "id"],
            unique=False,
        )
    with op.batch_alter_table("price_lists") as batch_op:
        batch_op.create_unique_constraint(
            batch_op.f("uq_price_lists_id_currency"), ["id", "currency"]
        )
    with op.batch_alter_table("product_media") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_product_media_variant_id_variants"), type_="foreignkey"
        )
    with op.batch_alter_table("publications") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_publications_published_at_while_published"),
            """(status = 'published') = (published_at IS NOT NULL)""",
        )
    with op.batch_alter_table("purchase_orders") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_orders_expected_on_id"), ["expected_on", "id"], unique=False
        )
    with op.batch_alter_table("replenishment_rules") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_replenishment_rules_covers_some_days"), """coverage_days > 0"""
        )
        batch_op.create_check_constraint(
            op.f("ck_replenishment_rules_maximum_not_negative"), """maximum >= 0"""
        )
        batch_op.create_check_constraint(
            op.f("ck_replenishment_rules_minimum_to_maximum"), """minimum <= maximum"""
        )
        batch_op.create_check_constraint(
            op.f("ck_replenishment_rules_service_level_bounded"),
            """service_level_permille BETWEEN 500 AND 999""",
        )
    with op.batch_alter_table("stock_lots") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stock_lots_received_on_id"), ["received_on", "id"], unique=False
        )
    with op.batch_alter_table("transfers") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_transfers_received_at_when_received"),
            """(received_at IS NOT NULL) = (status = 'received')""",
        )
        batch_op.create_check_constraint(
            op.f("ck_transfers_shipped_at_when_shipped"),
            """(shipped_at IS NOT NULL) = (status IN ('in_transit', 'partially_received', 'received'))""",
        )
    with op.batch_alter_table("variants") as batch_op:
        batch_op.create_unique_constraint(
            batch_op.f("uq_variants_id_product_id"), ["id", "product_id"]
        )
    with op.batch_alter_table("bulk_exports") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_bulk_exports_job_id_jobs"), "jobs", ["job_id"], ["id"]
        )
    with op.batch_alter_table("bulk_imports") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_bulk_imports_job_id_jobs"), "jobs", ["job_id"], ["id"]
        )
    with op.batch_alter_table("list_prices") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_list_prices_price_list_id_currency_price_lists"),
            "price_lists",
            ["price_list_id", "currency"],
            ["id", "currency"],
        )
    with op.batch_alter_table("order_holds") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_order_holds_owner_id_staff"), "staff", ["owner_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_order_holds_line_id_order_lines"), "order_lines", ["line_id"], ["id"]
        )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_orders_split_from_id_orders"), "orders", ["split_from_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_orders_merged_into_id_orders"), "orders", ["merged_into_id"], ["id"]
        )
    with op.batch_alter_table("product_media") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_product_media_variant_id_product_id_variants"),
            "variants",
            ["variant_id", "product_id"],
            ["id", "product_id"],
        )
    # What is paid elsewhere is not known here; nobody has paid anything here so far.
    op.execute(
        "UPDATE orders SET payment_status = CASE WHEN recorded THEN 'not_tracked' "
        "WHEN current_total_minor = 0 THEN 'nothing_due' ELSE 'unpaid' END"
    )


def downgrade() -> None:
    with op.batch_alter_table("bulk_exports") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_bulk_exports_job_id_jobs"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_bulk_exports_finished_at_the_end"), type_="check")
    with op.batch_alter_table("bulk_imports") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_bulk_imports_job_id_jobs"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_bulk_imports_finished_at_the_end"), type_="check")
    with op.batch_alter_table("list_prices") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_list_prices_price_list_id_currency_price_lists"), type_="foreignkey"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_list_prices_price_list_id_price_lists"),
            "price_lists",
            ["price_list_id"],
            ["id"],
        )
    with op.batch_alter_table("order_holds") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_order_holds_line_id_order_lines"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("fk_order_holds_owner_id_staff"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_order_holds_released_at_placed_at_id"))
        batch_op.drop_index(batch_op.f("ix_order_holds_release_at_id"))
        batch_op.drop_index(batch_op.f("ix_order_holds_placed_at_id"))
        batch_op.drop_index(batch_op.f("ix_order_holds_owner_id_placed_at_id"))
        batch_op.drop_index(batch_op.f("ix_order_holds_line_id"))
        batch_op.drop_index(batch_op.f("ix_order_holds_kind_placed_at_id"))
        batch_op.drop_constraint(op.f("ck_order_holds_kind"), type_="check")
        batch_op.drop_column("owner_id")
        batch_op.drop_column("line_id")
        batch_op.create_check_constraint(
            op.f("ck_order_holds_kind"),
            """kind IN ('manual', 'payment', 'address', 'fraud', 'stock', 'other')""",
        )
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_orders_merged_into_id_orders"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_orders_split_from_id_orders"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_orders_split_from_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_orders_quoted_until_id"))
        batch_op.drop_index(batch_op.f("ix_orders_payment_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_orders_merged_into_id_created_at_id"))
        batch_op.drop_constraint(op.f("ck_orders_authorized_minor_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_captured_minor_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_charged_back_minor_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_ended_with_nothing_left"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_hold_only_while_unfinished"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_payment_status"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_quoted_until_when_quoted"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_refunded_at_most_captured"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_refunded_minor_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_refunding_minor_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_status"), type_="check")
        batch_op.drop_constraint(op.f("ck_orders_undone_and_merged_when_cancelled"), type_="check")
        batch_op.drop_column("quoted_until")
        batch_op.drop_column("quote_count")
        batch_op.drop_column("split_from_id")
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("uncancel_until")
        batch_op.drop_column("charged_back_minor")
        batch_op.drop_column("refunding_minor")
        batch_op.drop_column("refunded_minor")
        batch_op.drop_column("captured_minor")
        batch_op.drop_column("authorized_minor")
        batch_op.drop_column("payment_status")
        batch_op.create_check_constraint(
            op.f("ck_orders_ended_with_nothing_left"),
            """unshipped = 0 OR status IN ('draft', 'open')""",
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_hold_only_while_unfinished"),
            """NOT has_hold OR status IN ('draft', 'open')""",
        )
        batch_op.create_check_constraint(
            op.f("ck_orders_status"), """status IN ('draft', 'open', 'closed', 'cancelled')"""
        )
    with op.batch_alter_table("product_media") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_product_media_variant_id_product_id_variants"), type_="foreignkey"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_product_media_variant_id_variants"), "variants", ["variant_id"], ["id"]
        )
    with op.batch_alter_table("variants") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_variants_id_product_id"), type_="unique")
    with op.batch_alter_table("transfers") as batch_op:
        batch_op.drop_constraint(op.f("ck_transfers_received_at_when_received"), type_="check")
        batch_op.drop_constraint(op.f("ck_transfers_shipped_at_when_shipped"), type_="check")
    with op.batch_alter_table("stock_lots") as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_lots_received_on_id"))
    with op.batch_alter_table("replenishment_rules") as batch_op:
        batch_op.drop_constraint(op.f("ck_replenishment_rules_covers_some_days"), type_="check")
        batch_op.drop_constraint(op.f("ck_replenishment_rules_maximum_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("ck_replenishment_rules_minimum_to_maximum"), type_="check")
        batch_op.drop_constraint(
            op.f("ck_replenishment_rules_service_level_bounded"), type_="check"
        )
    with op.batch_alter_table("purchase_orders") as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_orders_expected_on_id"))
    with op.batch_alter_table("publications") as batch_op:
        batch_op.drop_constraint(
            op.f("ck_publications_published_at_while_published"), type_="check"
        )
    with op.batch_alter_table("price_lists") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_price_lists_id_currency"), type_="unique")
    with op.batch_alter_table("order_lines") as batch_op:
        batch_op.drop_constraint(op.f("ck_order_lines_added_at_most_all"), type_="check")
        batch_op.drop_constraint(
            op.f("ck_order_lines_cancelled_with_order_at_most_all"), type_="check"
        )
        batch_op.drop_constraint(op.f("ck_order_lines_kind"), type_="check")
        batch_op.drop_column("external_key")
        batch_op.drop_column("cancelled_with_order")
        batch_op.drop_column("added")
        batch_op.create_check_constraint(
            op.f("ck_order_lines_kind"), """kind IN ('goods', 'charge')"""
        )
    with op.batch_alter_table("channels") as batch_op:
        batch_op.drop_constraint(op.f("ck_channels_payment_gate"), type_="check")
        batch_op.drop_constraint(op.f("ck_channels_uncancel_minutes_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("ck_channels_unknown_skus"), type_="check")
        batch_op.drop_column("unknown_skus")
        batch_op.drop_column("uncancel_minutes")
        batch_op.drop_column("payment_gate")
    op.drop_table("order_quotes")
    op.drop_table("channel_orders")
