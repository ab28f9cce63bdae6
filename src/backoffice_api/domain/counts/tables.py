"""Where counts lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from backoffice_api.domain.counts.model import PERCENT_MAX, CountLineStatus, CountStatus
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
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX

count_tasks = Table(
    "count_tasks",
    metadata,
    *aggregate_columns(),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    choice("status", CountStatus),
    Column("name", line()),
    Column("blind", Boolean, nullable=False),
    Column("recount_pieces", Integer, nullable=False),
    Column("recount_percent", Integer, nullable=False),
    Column("posted_at", Instant),
    CheckConstraint(f"recount_pieces BETWEEN 0 AND {QUANTITY_MAX}", name="pieces_bounded"),
    CheckConstraint(f"recount_percent BETWEEN 0 AND {PERCENT_MAX}", name="percent_bounded"),
    CheckConstraint("(status = 'posted') = (posted_at IS NOT NULL)", name="posted_at_a_moment"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "location_id", "created_at", "id"),
)

count_lines = Table(
    "count_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("task_id", Id, ForeignKey("count_tasks.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    choice("bucket", Bucket),
    Column("lot_id", Id, ForeignKey("stock_lots.id")),
    # The lot, or the variant of what is not tracked: NULLs would not be told apart.
    Column("lot_key", Id, nullable=False),
    choice("status", CountLineStatus),
    # What the books said, and what was there, when it was counted.
    Column("expected", BigInteger),
    Column("counted", BigInteger),
    Column("first_counted", BigInteger),
    Column("counted_at", Instant),
    Column("counted_by_id", Id),
    CheckConstraint("lot_key = coalesce(lot_id, variant_id)", name="lot_key_is_lot"),
    UniqueConstraint("task_id", "variant_id", "location_id", "bucket", "lot_key"),
    CheckConstraint("(expected IS NULL) = (counted IS NULL)", name="compared"),
    CheckConstraint(
        "status NOT IN ('counted', 'recounted') OR counted IS NOT NULL", name="counted_has_number"
    ),
    *at_least_zero("counted", "first_counted"),
    sorted_by("position"),
    Index(None, "task_id", "position", "id"),
    Index(None, "task_id", "status", "position"),
    Index(None, "status", "position", "id"),
    Index(None, "variant_id", "position", "id"),
    Index(None, "location_id", "position", "id"),
)
