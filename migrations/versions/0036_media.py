"""media"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attached_files",
        sa.Column("subject_id", tables.Id(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file_id", tables.Id(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_attached_files_position_not_negative")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_files.id"], name=op.f("fk_attached_files_file_id_media_files")
        ),
        sa.PrimaryKeyConstraint("subject_id", "position", name=op.f("pk_attached_files")),
    )
    op.create_index(op.f("ix_attached_files_file_id"), "attached_files", ["file_id"], unique=False)


def downgrade() -> None:
    op.drop_table("attached_files")
