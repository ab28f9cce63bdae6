"""Where discount codes lie, and which orders use them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    text,
)

from backoffice_api.domain.discounts.model import DiscountCodeStatus
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Instant,
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
    sorted_by,
)

discount_codes = Table(
    "discount_codes",
    metadata,
    *aggregate_columns(),
    # As it is kept: in capital letters, so that no two differ by case alone.
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("label", line(), nullable=False),
    Column("percent_bp", Integer),
    Column("amount_minor", BigInteger),
    Column("minimum_minor", BigInteger),
    currency_column(nullable=True),
    Column("channel_id", Id, ForeignKey("channels.id")),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("valid_from", Instant),
    Column("valid_until", Instant),
    Column("usage_limit", Integer),
    Column("once_per_customer", Boolean, nullable=False),
    choice("status", DiscountCodeStatus),
    Column("disabled_at", Instant),
    # Placed orders that use it now. Only `using` writes it.
    Column("used", Integer, nullable=False, server_default="0"),
    CheckConstraint("(percent_bp IS NULL) <> (amount_minor IS NULL)", name="share_or_amount"),
    CheckConstraint("percent_bp > 0 AND percent_bp <= 10000", name="percent_bounded"),
    CheckConstraint(
        "currency IS NOT NULL OR (amount_minor IS NULL AND minimum_minor IS NULL)",
        name="amounts_with_currency",
    ),
    CheckConstraint("used >= 0 AND used <= coalesce(usage_limit, used)", name="used_at_most_limit"),
    CheckConstraint("valid_from < valid_until", name="ends"),
    CheckConstraint(
        "(status = 'disabled') = (disabled_at IS NOT NULL)", name="disabled_at_when_disabled"
    ),
    *at_least_zero("amount_minor", "minimum_minor", "usage_limit"),
    sorted_by("created_at"),
    sorted_by("code"),
    sorted_by("used"),
    Index(None, "status", "created_at", "id"),
    Index(None, "channel_id", "created_at", "id"),
    Index(None, "customer_id", "created_at", "id"),
    Index(None, "valid_until", "id"),
)

discount_uses = Table(
    "discount_uses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code_id", Id, ForeignKey("discount_codes.id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id"), index=True),
    Column("used_at", Instant, nullable=False),
    # Since when it counts no more: the order was called off, or goes without the code.
    Column("given_back_at", Instant),
    Index(None, "code_id", "customer_id"),
    Index(
        "uq_discount_uses_of_order",
        "order_id",
        unique=True,
        sqlite_where=text("given_back_at IS NULL"),
        postgresql_where=text("given_back_at IS NULL"),
    ),
)
