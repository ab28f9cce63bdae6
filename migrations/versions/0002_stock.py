"""Stock in a tree of places, in buckets and lots, and what it is worth

Stock that was there before lies at sites, which are on top of the tree, in the sellable bucket, and
its cost is not known. Movements only get columns with a value for all rows: they are never updated.
"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes
from backoffice_api.domain.kernel.new_rows import statements_to_refuse_new_rows

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


BUCKETS = "('sellable', 'quality_check', 'quarantine', 'damaged', 'in_transit')"

# A CHECK that says something else than before: table, name, what it said, what it says.
CHANGED_CHECKS = (
    (
        "stock_locations",
        "ck_stock_locations_kind",
        "kind IN ('warehouse', 'store', 'third_party', 'supplier', 'customer', 'scrap', 'correction', 'in_transit')",
        "kind IN ('warehouse', 'store', 'third_party', 'zone', 'bin', 'supplier', 'customer', 'scrap', 'correction', 'in_transit')",
    ),
    (
        "stock_locations",
        "ck_stock_locations_negative_is_physical",
        "NOT negative_allowed OR kind IN ('warehouse', 'store', 'third_party')",
        "NOT negative_allowed OR kind IN ('warehouse', 'store', 'third_party', 'zone', 'bin')",
    ),
    (
        "stock_movements",
        "ck_stock_movements_kind",
        "kind IN ('opening', 'receipt', 'shipment', 'return', 'transfer', 'count', 'correction', 'scrap')",
        "kind IN ('opening', 'receipt', 'shipment', 'return', 'transfer', 'count', 'correction', 'scrap', 'inspection')",
    ),
    (
        "stock_movements",
        "ck_stock_movements_goes_elsewhere",
        "from_location_id <> to_location_id",
        "from_location_id <> to_location_id OR from_bucket <> to_bucket",
    ),
)

# CHECKs that were not there: table, name, what it says.
NEW_CHECKS = (
    ("stock_locations", "ck_stock_locations_depth_bounded", "depth BETWEEN 1 AND 5"),
    ("stock_locations", "ck_stock_locations_sites_are_on_top", "(parent_id IS NULL) = (depth = 1)"),
    ("stock_locations", "ck_stock_locations_not_its_own_part", "parent_id <> id"),
    ("stock_levels", "ck_stock_levels_bucket", f"bucket IN {BUCKETS}"),
    (
        "stock_levels",
        "ck_stock_levels_only_sellable_is_promised",
        "bucket = 'sellable' OR (reserved = 0 AND safety = 0 AND NOT negative_allowed)",
    ),
    ("stock_movements", "ck_stock_movements_from_bucket", f"from_bucket IN {BUCKETS}"),
    ("stock_movements", "ck_stock_movements_to_bucket", f"to_bucket IN {BUCKETS}"),
    ("stock_reservations", "ck_stock_reservations_owner_kind", "owner_kind IN ('ord', 'trf')"),
)

# What `available` is, before and after, and the indexes by it, which go when it does.
AVAILABLE_BEFORE = "on_hand - reserved - safety"
AVAILABLE = "CASE WHEN bucket = 'sellable' THEN on_hand - reserved - safety ELSE 0 END"
INDEXES_BY_AVAILABLE = (
    ("ix_stock_levels_available_id", ["available", "id"]),
    ("ix_stock_levels_location_id_available_id", ["location_id", "available", "id"]),
)

# The path of a site: the 32 digits of its own id.
PUT_ON_TOP_ON_SQLITE = "UPDATE stock_locations SET depth = 1, path = lower(hex(id)) || '/'"
PUT_ON_TOP_ON_POSTGRESQL = (
    "UPDATE stock_locations SET depth = 1, path = replace(CAST(id AS text), '-', '') || '/'"
)

NEEDS_LOT = (
    "{row}.lot_id IS NULL AND EXISTS (SELECT 1 FROM stock_variant_settings AS settings "
    "WHERE settings.variant_id = {row}.variant_id AND settings.tracking <> 'none')"
)

# What the tables of 0001 have no words for.
UNKNOWN_BEFORE = (
    ("zones and bins", "SELECT 1 FROM stock_locations WHERE kind IN ('zone', 'bin')"),
    ("pieces in other buckets", "SELECT 1 FROM stock_levels WHERE bucket <> 'sellable'"),
    (
        "movements between buckets or of lots",
        "SELECT 1 FROM stock_movements WHERE from_bucket <> 'sellable' OR to_bucket <> 'sellable'"
        " OR lot_id IS NOT NULL",
    ),
    ("what is held for transfers", "SELECT 1 FROM stock_reservations WHERE owner_kind <> 'ord'"),
)


class NoWayBackError(Exception):
    """The database has rows that the revision before cannot say. Nothing was undone."""


def choice(name: str, default: str) -> sa.Column[str]:
    # A plain text, whose CHECK stands among NEW_CHECKS: a type that brings its own would name it
    # after the table that SQLite fills while it builds this one anew.
    return sa.Column(name, sa.String(length=40), server_default=default, nullable=False)


def forbid_changes(table: str) -> None:
    for statement in statements_to_forbid_changes(table, op.get_bind().dialect.name):
        op.execute(statement)


def upgrade() -> None:
    op.create_table(
        "stock_snapshot_months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("taken_at", tables.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_stock_snapshot_months")),
    )
    op.create_table(
        "stock_cost_layers",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("opened_at", tables.Instant(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("consumed", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost_micro", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "consumed BETWEEN 0 AND quantity", name=op.f("ck_stock_cost_layers_consumed_is_there")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_cost_layers_quantity_positive")),
        sa.CheckConstraint(
            "unit_cost_micro >= 0", name=op.f("ck_stock_cost_layers_unit_cost_micro_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_stock_cost_layers_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_cost_layers")),
    )
    with op.batch_alter_table("stock_cost_layers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stock_cost_layers_variant_id_id"),
            ["variant_id", "id"],
            unique=False,
            postgresql_where=sa.text("consumed < quantity"),
            sqlite_where=sa.text("consumed < quantity"),
        )

    op.create_table(
        "stock_costs",
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "average",
                "fifo",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_micro", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost_micro", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "unit_cost_micro >= 0", name=op.f("ck_stock_costs_unit_cost_micro_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_stock_costs_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_stock_costs")),
    )
    op.create_table(
        "stock_lots",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "none",
                "lot",
                "serial",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "blocked",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("kind <> 'none'", name=op.f("ck_stock_lots_kind_tracked")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_stock_lots_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_lots")),
        sa.UniqueConstraint("id", "kind", name=op.f("uq_stock_lots_id_kind")),
        sa.UniqueConstraint("id", "variant_id", name=op.f("uq_stock_lots_id_variant_id")),
        sa.UniqueConstraint(
            "variant_id", "kind", "code", name=op.f("uq_stock_lots_variant_id_kind_code")
        ),
    )
    with op.batch_alter_table("stock_lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_lots_code_id"), ["code", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_stock_lots_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stock_lots_expires_on_id"), ["expires_on", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stock_lots_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_lots_variant_id_created_at_id"),
            ["variant_id", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "stock_snapshots",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column(
            "bucket",
            sa.Enum(
                "sellable",
                "quality_check",
                "quarantine",
                "damaged",
                "in_transit",
                name="bucket",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_stock_snapshots_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["month"],
            ["stock_snapshot_months.month"],
            name=op.f("fk_stock_snapshots_month_stock_snapshot_months"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_stock_snapshots_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint(
            "month", "variant_id", "location_id", "bucket", name=op.f("pk_stock_snapshots")
        ),
    )
    op.create_table(
        "stock_value_snapshots",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_micro", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["month"],
            ["stock_snapshot_months.month"],
            name=op.f("fk_stock_value_snapshots_month_stock_snapshot_months"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_stock_value_snapshots_variant_id_variants"),
        ),
        sa.PrimaryKeyConstraint("month", "variant_id", name=op.f("pk_stock_value_snapshots")),
    )
    op.create_table(
        "stock_variant_settings",
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column(
            "tracking",
            sa.Enum(
                "none",
                "lot",
                "serial",
                name="tracking",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "valuation",
            sa.Enum(
                "average",
                "fifo",
                name="valuation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_stock_variant_settings_variant_id_variants"),
        ),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_stock_variant_settings")),
    )
    op.create_table(
        "stock_lot_levels",
        sa.Column("level_id", tables.Id(), nullable=False),
        sa.Column("lot_id", tables.Id(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "none",
                "lot",
                "serial",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'serial' OR on_hand <= 1", name=op.f("ck_stock_lot_levels_serial_is_one_piece")
        ),
        sa.CheckConstraint(
            "on_hand BETWEEN 0 AND 1000000000", name=op.f("ck_stock_lot_levels_on_hand_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["level_id"],
            ["stock_levels.id"],
            name=op.f("fk_stock_lot_levels_level_id_stock_levels"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id", "kind"],
            ["stock_lots.id", "stock_lots.kind"],
            name=op.f("fk_stock_lot_levels_lot_id_kind_stock_lots"),
        ),
        sa.PrimaryKeyConstraint("level_id", "lot_id", name=op.f("pk_stock_lot_levels")),
    )
    with op.batch_alter_table("stock_lot_levels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_lot_levels_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(
            "uq_stock_lot_levels_serial_is_in_one_place",
            ["lot_id"],
            unique=True,
            postgresql_where=sa.text("kind = 'serial' AND on_hand = 1"),
            sqlite_where=sa.text("kind = 'serial' AND on_hand = 1"),
        )

    op.create_table(
        "stock_cost_entries",
        sa.Column("sequence", tables.Serial, sa.Identity(always=False), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("movement_id", tables.Id(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "opening",
                "entry",
                "exit",
                "variance",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_micro", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("occurred_at", tables.Instant(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'entry' OR quantity > 0", name=op.f("ck_stock_cost_entries_entry_brings")
        ),
        sa.CheckConstraint(
            "kind <> 'exit' OR quantity < 0", name=op.f("ck_stock_cost_entries_exit_takes")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"],
            ["stock_movements.id"],
            name=op.f("fk_stock_cost_entries_movement_id_stock_movements"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_stock_cost_entries_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_stock_cost_entries")),
        sa.UniqueConstraint(
            "movement_id", "kind", name=op.f("uq_stock_cost_entries_movement_id_kind")
        ),
    )
    with op.batch_alter_table("stock_cost_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stock_cost_entries_variant_id_occurred_at"),
            ["variant_id", "occurred_at"],
            unique=False,
        )

    with op.batch_alter_table("stock_locations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", tables.Id(), nullable=True))
        batch_op.add_column(sa.Column("path", tables.line(165), nullable=True))
        batch_op.add_column(sa.Column("depth", sa.Integer(), nullable=True))

    dialect = op.get_bind().dialect.name
    op.execute(PUT_ON_TOP_ON_SQLITE if dialect == "sqlite" else PUT_ON_TOP_ON_POSTGRESQL)
    with op.batch_alter_table("stock_locations", schema=None) as batch_op:
        batch_op.alter_column("path", existing_type=tables.line(165), nullable=False)
        batch_op.alter_column("depth", existing_type=sa.Integer(), nullable=False)
        change_checks(batch_op, "stock_locations")
        batch_op.create_index(
            batch_op.f("ix_stock_locations_parent_id_created_at_id"),
            ["parent_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stock_locations_path_id"), ["path", "id"], unique=False
        )
        batch_op.create_unique_constraint(batch_op.f("uq_stock_locations_path"), ["path"])
        batch_op.create_foreign_key(
            batch_op.f("fk_stock_locations_parent_id_stock_locations"),
            "stock_locations",
            ["parent_id"],
            ["id"],
        )

    with op.batch_alter_table("stock_levels", schema=None) as batch_op:
        batch_op.add_column(choice("bucket", "sellable"))
        change_checks(batch_op, "stock_levels")
        batch_op.drop_constraint(
            batch_op.f("uq_stock_levels_variant_id_location_id"), type_="unique"
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_stock_levels_variant_id_location_id_bucket"),
            ["variant_id", "location_id", "bucket"],
        )
        batch_op.create_index(
            batch_op.f("ix_stock_levels_bucket_created_at_id"),
            ["bucket", "created_at", "id"],
            unique=False,
        )
        compute_available(batch_op, AVAILABLE)

    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.add_column(choice("from_bucket", "sellable"))
        batch_op.add_column(choice("to_bucket", "sellable"))
        batch_op.add_column(sa.Column("lot_id", tables.Id(), nullable=True))
        change_checks(batch_op, "stock_movements")
        batch_op.create_index(
            batch_op.f("ix_stock_movements_lot_id_occurred_at_id"),
            ["lot_id", "occurred_at", "id"],
            unique=False,
            postgresql_where=sa.text("lot_id IS NOT NULL"),
            sqlite_where=sa.text("lot_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_stock_movements_lot_id_variant_id_stock_lots"),
            "stock_lots",
            ["lot_id", "variant_id"],
            ["id", "variant_id"],
        )

    with op.batch_alter_table("stock_reservations", schema=None) as batch_op:
        batch_op.add_column(choice("owner_kind", "ord"))
        change_checks(batch_op, "stock_reservations")

    forbid_changes("stock_cost_entries")
    if dialect == "sqlite":  # where the triggers have gone with the table that was built anew
        forbid_changes("stock_movements")
    for statement in statements_to_refuse_new_rows(
        "stock_movements",
        "stock_movements_need_lots",
        NEEDS_LOT,
        "movements of a tracked variant name a lot",
        dialect,
    ):
        op.execute(statement)


def change_checks(batch_op: BatchOperations, table: str) -> None:
    for _table, name, _before, after in (each for each in CHANGED_CHECKS if each[0] == table):
        batch_op.drop_constraint(batch_op.f(name), type_="check")
        batch_op.create_check_constraint(batch_op.f(name), sa.text(after))
    for _table, name, says in (each for each in NEW_CHECKS if each[0] == table):
        batch_op.create_check_constraint(batch_op.f(name), sa.text(says))


def change_checks_back(batch_op: BatchOperations, table: str) -> None:
    for _table, name, before, _after in (each for each in CHANGED_CHECKS if each[0] == table):
        batch_op.drop_constraint(batch_op.f(name), type_="check")
        batch_op.create_check_constraint(batch_op.f(name), sa.text(before))
    for _table, name, _says in (each for each in NEW_CHECKS if each[0] == table):
        batch_op.drop_constraint(batch_op.f(name), type_="check")


def compute_available(batch_op: BatchOperations, formula: str) -> None:
    """Make the column anew: neither database changes the formula of one."""
    for name, _columns in INDEXES_BY_AVAILABLE:
        batch_op.drop_index(batch_op.f(name))
    batch_op.drop_column("available")
    computed = sa.Computed(formula, persisted=True)
    batch_op.add_column(sa.Column("available", sa.Integer(), computed, nullable=False))
    for name, columns in INDEXES_BY_AVAILABLE:
        batch_op.create_index(batch_op.f(name), columns, unique=False)


def downgrade() -> None:
    db = op.get_bind()
    for what, rows in UNKNOWN_BEFORE:
        if db.exec_driver_sql(f"{rows} LIMIT 1").first() is not None:
            raise NoWayBackError(f"Revision 0001 does not know {what}.")
    dialect = db.dialect.name
    if dialect == "sqlite":
        op.execute("DROP TRIGGER stock_movements_need_lots")
    else:
        op.execute("DROP TRIGGER stock_movements_need_lots ON stock_movements")
        op.execute("DROP FUNCTION stock_movements_need_lots()")

    with op.batch_alter_table("stock_reservations", schema=None) as batch_op:
        change_checks_back(batch_op, "stock_reservations")
        batch_op.drop_column("owner_kind")

    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        change_checks_back(batch_op, "stock_movements")
        batch_op.drop_constraint(
            batch_op.f("fk_stock_movements_lot_id_variant_id_stock_lots"), type_="foreignkey"
        )
        batch_op.drop_index(
            batch_op.f("ix_stock_movements_lot_id_occurred_at_id"),
            postgresql_where=sa.text("lot_id IS NOT NULL"),
            sqlite_where=sa.text("lot_id IS NOT NULL"),
        )
        batch_op.drop_column("lot_id")
        batch_op.drop_column("to_bucket")
        batch_op.drop_column("from_bucket")

    if dialect == "sqlite":
        forbid_changes("stock_movements")
    with op.batch_alter_table("stock_levels", schema=None) as batch_op:
        compute_available(batch_op, AVAILABLE_BEFORE)
        change_checks_back(batch_op, "stock_levels")
        batch_op.drop_index(batch_op.f("ix_stock_levels_bucket_created_at_id"))
        batch_op.drop_constraint(
            batch_op.f("uq_stock_levels_variant_id_location_id_bucket"), type_="unique"
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_stock_levels_variant_id_location_id"), ["variant_id", "location_id"]
        )
        batch_op.drop_column("bucket")

    with op.batch_alter_table("stock_locations", schema=None) as batch_op:
        change_checks_back(batch_op, "stock_locations")
        batch_op.drop_constraint(
            batch_op.f("fk_stock_locations_parent_id_stock_locations"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("uq_stock_locations_path"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_stock_locations_path_id"))
        batch_op.drop_index(batch_op.f("ix_stock_locations_parent_id_created_at_id"))
        batch_op.drop_column("depth")
        batch_op.drop_column("path")
        batch_op.drop_column("parent_id")

    with op.batch_alter_table("stock_cost_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_cost_entries_variant_id_occurred_at"))

    op.drop_table("stock_cost_entries")
    with op.batch_alter_table("stock_lot_levels", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_stock_lot_levels_serial_is_in_one_place",
            postgresql_where=sa.text("kind = 'serial' AND on_hand = 1"),
            sqlite_where=sa.text("kind = 'serial' AND on_hand = 1"),
        )
        batch_op.drop_index(batch_op.f("ix_stock_lot_levels_lot_id"))

    op.drop_table("stock_lot_levels")
    op.drop_table("stock_variant_settings")
    op.drop_table("stock_value_snapshots")
    op.drop_table("stock_snapshots")
    with op.batch_alter_table("stock_lots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_lots_variant_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_lots_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_lots_expires_on_id"))
        batch_op.drop_index(batch_op.f("ix_stock_lots_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_lots_code_id"))

    op.drop_table("stock_lots")
    op.drop_table("stock_costs")
    with op.batch_alter_table("stock_cost_layers", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_stock_cost_layers_variant_id_id"),
            postgresql_where=sa.text("consumed < quantity"),
            sqlite_where=sa.text("consumed < quantity"),
        )

    op.drop_table("stock_cost_layers")
    op.drop_table("stock_snapshot_months")
