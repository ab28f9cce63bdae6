"""QR codes of PIX on bills"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bill_pix_codes",
        sa.Column("bill_id", tables.Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["bills.id"], name=op.f("fk_bill_pix_codes_bill_id_bills")
        ),
        sa.PrimaryKeyConstraint("bill_id", name=op.f("pk_bill_pix_codes")),
        info={"whose": "suppliers"},
    )


def downgrade() -> None:
    op.drop_table("bill_pix_codes")
