"""Which pieces of inspections went on to suppliers."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, PrimaryKeyConstraint, Table

from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import Id, metadata

# Append-only.
supplier_pieces = Table(
    "supplier_pieces",
    metadata,
    Column("inspection_id", Id, ForeignKey("return_inspections.id"), nullable=False),
    Column("purchase_return_id", Id, ForeignKey("purchase_returns.id"), nullable=False, index=True),
    Column("order_line_id", Id, ForeignKey("purchase_order_lines.id"), nullable=False, index=True),
    Column("quantity", Integer, nullable=False),
    PrimaryKeyConstraint("inspection_id", "purchase_return_id", "order_line_id"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
)
forbid_changes(supplier_pieces)
