"""Where restatements of margins lie. All else of margins lies in the ledger."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    choice,
    currency_column,
    metadata,
    sorted_by,
)
from backoffice_api.domain.margins.model.margins import MarginMeasure

restatements = Table(
    "margin_restatements",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("number", Integer, nullable=False, unique=True),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    CheckConstraint("from_on <= to_on AND number > 0", name="in_order"),
    sorted_by("created_at"),
)
forbid_changes(restatements)

# What restatements take from where an amount was, and add to lines: of each, the sum is zero.
shares = Table(
    "margin_shares",
    metadata,
    Column("restatement_id", Id, ForeignKey("margin_restatements.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("booked_on", Date, nullable=False),
    choice("measure", MarginMeasure),
    Column("channel_id", Id, ForeignKey("channels.id")),
    Column("supplier_id", Id, ForeignKey("suppliers.id")),
    Column("product_id", Id, ForeignKey("products.id")),
    Column("order_id", Id, ForeignKey("orders.id")),
    Column("order_line_id", Id, ForeignKey("order_lines.id")),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("restatement_id", "position"),
    CheckConstraint("amount_minor <> 0", name="moves_something"),
    Index(None, "booked_on"),
    Index(None, "order_id"),
    Index(None, "order_line_id"),
)
forbid_changes(shares)
