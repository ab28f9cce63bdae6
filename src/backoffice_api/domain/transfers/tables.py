"""Where transfers lie."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.transfers.model import TransferStatus

transfers = Table(
    "transfers",
    metadata,
    *aggregate_columns(),
    Column("from_location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("to_location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    choice("status", TransferStatus),
    Column("reference", line()),
    Column("expected_on", Date),
    Column("shipped_at", Instant),
    Column("received_at", Instant),
    CheckConstraint("from_location_id <> to_location_id", name="leads_elsewhere"),
    CheckConstraint(
        "(shipped_at IS NOT NULL) = (status IN ('in_transit', 'partially_received', 'received'))",
        name="shipped_at_when_shipped",
    ),
    CheckConstraint(
        "(received_at IS NOT NULL) = (status = 'received')", name="received_at_when_received"
    ),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "from_location_id", "created_at", "id"),
    Index(None, "to_location_id", "created_at", "id"),
    Index(None, "reference", "id"),
    Index(None, "expected_on", "id"),
)

transfer_lines = Table(
    "transfer_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("transfer_id", Id, ForeignKey("transfers.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False, index=True),
    Column("quantity", Integer, nullable=False),
    Column("shipped", Integer, nullable=False),
    Column("received", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    UniqueConstraint("transfer_id", "variant_id"),
    CheckConstraint(f"quantity BETWEEN 1 AND {QUANTITY_MAX}", name="quantity_positive"),
    CheckConstraint("shipped <= quantity", name="shipped_was_wanted"),
    CheckConstraint("received + rejected + lost <= shipped", name="received_was_shipped"),
    *at_least_zero("shipped", "received", "rejected", "lost"),
)
