"""Where price lists lie."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    column,
    table,
)

from backoffice_api.domain.customers.model import TAG_LENGTH_MAX
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
from backoffice_api.domain.pricing.model.lists import PriceListStatus
from backoffice_api.domain.pricing.model.sets import PriceSetStatus

price_lists = Table(
    "price_lists",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    currency_column(),
    Column("channel_id", Id, ForeignKey("channels.id")),
    Column("customer_tag", line(TAG_LENGTH_MAX)),
    Column("customer_group_id", Id, ForeignKey("customer_groups.id")),
    Column("priority", Integer, nullable=False),
    Column("valid_from", Instant),
    Column("valid_to", Instant),
    choice("status", PriceListStatus),
    Column("activated_at", Instant),
    Column("archived_at", Instant),
    CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from < valid_to", name="ends"),
    CheckConstraint("customer_tag IS NULL OR customer_group_id IS NULL", name="tag_or_group"),
    CheckConstraint("status <> 'active' OR activated_at IS NOT NULL", name="active_since"),
    CheckConstraint(
        "(status = 'archived') = (archived_at IS NOT NULL)", name="archived_at_when_archived"
    ),
    # What its prices refer to, so that none is in another currency.
    UniqueConstraint("id", "currency"),
    *at_least_zero("priority"),
    sorted_by("created_at"),
    sorted_by("code"),
    sorted_by("priority"),
    Index(None, "status", "created_at", "id"),
    Index(None, "currency", "created_at", "id"),
    Index(None, "channel_id", "created_at", "id"),
    Index(None, "customer_tag", "created_at", "id"),
    Index(None, "customer_group_id", "created_at", "id"),
)

list_prices = Table(
    "list_prices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("price_list_id", Id, nullable=False),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("minimum_quantity", Integer, nullable=False),
    currency_column(),
    Column("price_micro", BigInteger),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    ForeignKeyConstraint(["price_list_id", "currency"], ["price_lists.id", "price_lists.currency"]),
    CheckConstraint("minimum_quantity > 0", name="minimum_positive"),
    CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="ends"),
    *at_least_zero("price_micro"),
    Index(None, "price_list_id", "variant_id", "minimum_quantity", "valid_from", unique=True),
    Index(None, "variant_id", "valid_from", "id"),
    Index(None, "price_list_id", "valid_from", "id"),
    sorted_by("valid_from"),
)

price_sets = Table(
    "price_sets",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    Column("note", Text, nullable=False),
    currency_column(),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    choice("status", PriceSetStatus),
    Column("created_by_kind", String(10), nullable=False),
    Column("created_by_id", Id),
    Column("activated_at", Instant),
    Column("undone_at", Instant),
    Column("left_alone", Integer, nullable=False),
    CheckConstraint("ends_at IS NULL OR starts_at IS NULL OR starts_at < ends_at", name="ends"),
    CheckConstraint(
        "(status IN ('active', 'undone')) = (activated_at IS NOT NULL)", name="active_since"
    ),
    CheckConstraint("(status = 'undone') = (undone_at IS NOT NULL)", name="undone_at_when_undone"),
    *at_least_zero("left_alone"),
    # What its prices refer to, so that none is in another currency.
    UniqueConstraint("id", "currency"),
    sorted_by("created_at"),
    sorted_by("code"),
    Index(None, "status", "created_at", "id"),
    Index(None, "status", "starts_at", "id"),
    Index(None, "status", "ends_at", "id"),
)

price_set_entries = Table(
    "price_set_entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("price_set_id", Id, nullable=False),
    Column("price_list_id", Id),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False, index=True),
    Column("minimum_quantity", Integer, nullable=False),
    currency_column(),
    Column("price_micro", BigInteger),
    Column("before_micro", BigInteger),
    ForeignKeyConstraint(["price_set_id", "currency"], ["price_sets.id", "price_sets.currency"]),
    ForeignKeyConstraint(["price_list_id", "currency"], ["price_lists.id", "price_lists.currency"]),
    CheckConstraint(
        "minimum_quantity = 1 OR (minimum_quantity > 1 AND price_list_id IS NOT NULL)",
        name="minimum_in_lists",
    ),
    *at_least_zero("price_micro", "before_micro"),
    Index(None, "price_set_id", "id"),
    Index(None, "price_list_id", "variant_id"),
)

# Channels are of a context above, which this one does not know; that there is one is all it asks.
channels = table("channels", column("id", Id))
