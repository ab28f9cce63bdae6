"""Where tolerances lie, and what is billed of each line of a purchase order."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, PrimaryKeyConstraint, Table

from backoffice_api.domain.kernel.tables import (
    Id,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.payables.model.bills import BillKind
from backoffice_api.domain.payables.model.matching import TOLERANCE_BP_MAX

match_tolerances = Table(
    "match_tolerances",
    metadata,
    *aggregate_columns(),
    # What it is for, as text: NULLs would not keep two rules for the same apart.
    Column("key", line(), nullable=False, unique=True),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), index=True),
    Column("category_id", Id, ForeignKey("categories.id"), index=True),
    Column("quantity_bp", Integer, nullable=False),
    Column("price_bp", Integer, nullable=False),
    CheckConstraint(
        f"quantity_bp BETWEEN 0 AND {TOLERANCE_BP_MAX}"
        f" AND price_bp BETWEEN 0 AND {TOLERANCE_BP_MAX}",
        name="tolerances_bounded",
    ),
    sorted_by("created_at"),
)

billed_lines = Table(
    "billed_order_lines",
    metadata,
    Column("order_line_id", Id, ForeignKey("purchase_order_lines.id"), nullable=False),
    choice("kind", BillKind),
    Column("quantity", Integer, nullable=False),
    Column("allowed", Integer, nullable=False),
    Column("waived", Integer, nullable=False),
    PrimaryKeyConstraint("order_line_id", "kind"),
    # F4: no two bills together bill more than was received within the tolerance.
    CheckConstraint("quantity <= allowed + waived", name="billed_at_most_received"),
    *at_least_zero("quantity", "allowed", "waived"),
)
