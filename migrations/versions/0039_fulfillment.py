"""Opening hours"""

import sqlalchemy as sa
from alembic import op

from backoffice_api.domain.kernel import tables

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fulfillment_calendar_periods",
        sa.Column("calendar_id", tables.Id(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "opens < closes", name=op.f("ck_fulfillment_calendar_periods_period_in_order")
        ),
        sa.CheckConstraint(
            "opens >= 0 AND closes <= 1440",
            name=op.f("ck_fulfillment_calendar_periods_within_the_day"),
        ),
        sa.CheckConstraint(
            "weekday BETWEEN 1 AND 7", name=op.f("ck_fulfillment_calendar_periods_weekday_of_iso")
        ),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["fulfillment_calendars.id"],
            name=op.f("fk_fulfillment_calendar_periods_calendar_id_fulfillment_calendars"),
        ),
        sa.PrimaryKeyConstraint(
            "calendar_id", "weekday", "opens", name=op.f("pk_fulfillment_calendar_periods")
        ),
    )


def downgrade() -> None:
    op.drop_table("fulfillment_calendar_periods")
