"""Which channels show a product, and what they ask of it"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("id", tables.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tables.Instant(), nullable=False),
        sa.Column("updated_at", tables.Instant(), nullable=False),
        sa.Column("product_id", tables.Id(), nullable=False),
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "unpublished",
                "scheduled",
                "blocked",
                "published",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("publish_at", tables.Instant(), nullable=True),
        sa.Column("unpublish_at", tables.Instant(), nullable=True),
        sa.Column("published_at", tables.Instant(), nullable=True),
        sa.CheckConstraint(
            "(status = 'scheduled') = (publish_at IS NOT NULL)",
            name=op.f("ck_publications_scheduled_has_moment"),
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_publications_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_publications_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint(
            "product_id", "channel_id", name=op.f("uq_publications_product_id_channel_id")
        ),
    )
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_publications_channel_id_created_at_id"),
            ["channel_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_publications_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_publications_publish_at_id"),
            ["publish_at", "id"],
            unique=False,
            postgresql_where=sa.text("publish_at IS NOT NULL"),
            sqlite_where=sa.text("publish_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_publications_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_publications_unpublish_at_id"),
            ["unpublish_at", "id"],
            unique=False,
            postgresql_where=sa.text("unpublish_at IS NOT NULL"),
            sqlite_where=sa.text("unpublish_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_publications_updated_at_id"), ["updated_at", "id"], unique=False
        )

    op.create_table(
        "channel_readiness",
        sa.Column("channel_id", tables.Id(), nullable=False),
        sa.Column("rules", tables.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_channel_readiness_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_channel_readiness")),
    )


def downgrade() -> None:
    op.drop_table("channel_readiness")
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_publications_updated_at_id"))
        batch_op.drop_index(
            batch_op.f("ix_publications_unpublish_at_id"),
            postgresql_where=sa.text("unpublish_at IS NOT NULL"),
            sqlite_where=sa.text("unpublish_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_publications_status_created_at_id"))
        batch_op.drop_index(
            batch_op.f("ix_publications_publish_at_id"),
            postgresql_where=sa.text("publish_at IS NOT NULL"),
            sqlite_where=sa.text("publish_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_publications_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_publications_channel_id_created_at_id"))

    op.drop_table("publications")
