"""Where is kept what channels were told of the stock, and what they said they have."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table

from backoffice_api.domain.kernel.tables import Id, Instant, at_least_zero, metadata

channel_stock_told = Table(
    "channel_stock_told",
    metadata,
    Column("channel_id", Id, ForeignKey("channels.id"), primary_key=True),
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True, index=True),
    Column("quantity", Integer, nullable=False),
    Column("told_at", Instant, nullable=False),
    # What it said last, and by how much that was off; NULL: it has said nothing.
    Column("reported", Integer),
    Column("drift", Integer),
    Column("reported_at", Instant),
    CheckConstraint("(reported IS NULL) = (reported_at IS NULL)", name="reported_whole"),
    *at_least_zero("quantity", "reported"),
)
