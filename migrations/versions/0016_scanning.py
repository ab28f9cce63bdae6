"""Devices and what they have scanned"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables
from backoffice_api.domain.kernel.immutable import statements_to_forbid_changes

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("code", tables.line(80), nullable=False),
        sa.Column("name", tables.line(250), nullable=False),
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
        sa.Column("location_id", tables.Id(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "retired",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_devices_location_id_stock_locations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("code", name=op.f("uq_devices_code")),
    )
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_devices_code_id"), ["code", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_devices_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_devices_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "device_scans",
        sa.Column("device_id", tables.Id(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "move",
                "put_away",
                "receive",
                "adjust",
                "count",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("variant_id", tables.Id(), nullable=False),
        sa.Column("location_id", tables.Id(), nullable=False),
        sa.Column("to_location_id", tables.Id(), nullable=True),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scanned_at", tables.Instant(), nullable=False),
        sa.Column("recorded_at", tables.Instant(), nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_device_scans_sequence_positive")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_device_scans_device_id_devices")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["stock_locations.id"],
            name=op.f("fk_device_scans_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["to_location_id"],
            ["stock_locations.id"],
            name=op.f("fk_device_scans_to_location_id_stock_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_device_scans_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("device_id", "sequence", name=op.f("pk_device_scans")),
    )
    with op.batch_alter_table("device_scans", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_device_scans_variant_id_location_id_kind_scanned_at"),
            ["variant_id", "location_id", "kind", "scanned_at"],
            unique=False,
        )

    for statement in statements_to_forbid_changes("device_scans", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("device_scans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_device_scans_variant_id_location_id_kind_scanned_at"))

    op.drop_table("device_scans")
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_devices_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_devices_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_devices_code_id"))

    op.drop_table("devices")
