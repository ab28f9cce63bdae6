"""Where it lies that the books were opened, and which lines of orders postings are about."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
)

from backoffice_api.domain.bookkeeping.model.postings import LinePart
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import Id, Instant, choice, metadata

# One row, or none while nothing that happens in the shop is posted.
openings = Table(
    "books_openings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("only", Integer, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("booked_on", Date, nullable=False),
    CheckConstraint('"only" = 1', name="one_row"),
)
forbid_changes(openings)

# What the ledger does not know: the line of an order that a posting is about, and what of it.
line_postings = Table(
    "order_line_postings",
    metadata,
    Column("entry_id", Id, nullable=False),
    Column("position", Integer, nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("order_line_id", Id, ForeignKey("order_lines.id"), nullable=False),
    choice("part", LinePart),
    PrimaryKeyConstraint("entry_id", "position"),
    ForeignKeyConstraint(
        ["entry_id", "position"], ["journal_postings.entry_id", "journal_postings.position"]
    ),
    Index(None, "order_id"),
    Index(None, "order_line_id"),
)
forbid_changes(line_postings)
