"""Where credits lie that another system gave without goods."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table
from sqlalchemy import UniqueConstraint as Unique

from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Instant,
    currency_column,
    line,
    metadata,
    sorted_by,
)

# Charges that were given back by a credit note of another system. Written once.
recorded_credits = Table(
    "recorded_credits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    # That of the credit note, of which this is one row.
    Column("number", line(), nullable=False),
    Column("position", Integer, nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("sku", line(CODE_LENGTH_MAX), nullable=False),
    Column("title", line(), nullable=False),
    Column("quantity", Integer, nullable=False),
    currency_column(),
    Column("unit_price_micro", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("credited_at", Instant, nullable=False),
    Unique("channel_id", "number", "position"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    CheckConstraint(
        "position >= 0 AND unit_price_micro >= 0 AND amount_minor >= 0", name="amounts_bounded"
    ),
    sorted_by("credited_at"),
    Index(None, "customer_id", "credited_at", "id"),
    Index(None, "number", "id"),
)
