"""Files of pictures and documents, and which products show them"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media_files",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column(
            "media_type",
            sa.Enum(
                "image/png",
                "image/jpeg",
                "image/webp",
                "image/gif",
                "application/pdf",
                name="media_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "kept",
                "doomed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received_at", tables.Instant(), nullable=False),
        sa.CheckConstraint("byte_size >= 0", name=op.f("ck_media_files_byte_size_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_files")),
        sa.UniqueConstraint("hash", name=op.f("uq_media_files_hash")),
    )
    with op.batch_alter_table("media_files", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_media_files_status_received_at"), ["status", "received_at"], unique=False
        )

    op.create_table(
        "media_uploads",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("expires_at", tables.Instant(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("file_id", tables.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["media_files.id"],
            name=op.f("fk_media_uploads_file_id_media_files"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_uploads")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_media_uploads_secret_hash")),
    )
    with op.batch_alter_table("media_uploads", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_media_uploads_expires_at"), ["expires_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_media_uploads_file_id"), ["file_id"], unique=False)

    op.create_table(
        "product_media",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("product_id", tables.Id(), nullable=False),
        sa.Column("variant_id", tables.Id(), nullable=True),
        sa.Column("file_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt_text", tables.line(250), nullable=False),
        sa.Column("focal_x", sa.Integer(), nullable=True),
        sa.Column("focal_y", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(focal_x IS NULL) = (focal_y IS NULL)", name=op.f("ck_product_media_focal_point_whole")
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_product_media_position_not_negative")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_files.id"], name=op.f("fk_product_media_file_id_media_files")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_media_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_product_media_variant_id_variants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_media")),
    )
    with op.batch_alter_table("product_media", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_media_file_id"), ["file_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_product_media_product_id_position_id"),
            ["product_id", "position", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_product_media_variant_id_position_id"),
            ["variant_id", "position", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("product_media", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_media_variant_id_position_id"))
        batch_op.drop_index(batch_op.f("ix_product_media_product_id_position_id"))
        batch_op.drop_index(batch_op.f("ix_product_media_file_id"))

    op.drop_table("product_media")
    with op.batch_alter_table("media_uploads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_uploads_file_id"))
        batch_op.drop_index(batch_op.f("ix_media_uploads_expires_at"))

    op.drop_table("media_uploads")
    with op.batch_alter_table("media_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_files_status_received_at"))

    op.drop_table("media_files")
