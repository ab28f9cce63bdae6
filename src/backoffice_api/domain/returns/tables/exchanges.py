"""Where exchanges lie."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    text,
)

from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import (
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
from backoffice_api.domain.returns.model.exchanges import LIVE, ExchangeState, SendWhen

_LIVE = text(f"status IN ({', '.join(repr(each.value) for each in sorted(LIVE))})")
_AMOUNTS = (
    "outgoing_minor",
    "promised_minor",
    "deducted_minor",
    "earned_minor",
    "surcharge_minor",
    "refunded_minor",
)

exchanges = Table(
    "exchanges",
    metadata,
    *aggregate_columns(),
    Column("number", line(), nullable=False, unique=True),
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False),
    choice("status", ExchangeState),
    choice("send_when", SendWhen),
    currency_column(),
    Column("order_id", Id, ForeignKey("orders.id"), unique=True),
    *(Column(name, BigInteger, nullable=False) for name in _AMOUNTS),
    Column("surcharge_order_id", Id, ForeignKey("orders.id"), unique=True),
    Column("settled_at", Instant),
    *at_least_zero(*_AMOUNTS),
    CheckConstraint(
        "(status = 'requested' AND order_id IS NULL) OR status = 'cancelled' "
        "OR (status IN ('reserved', 'released', 'settled') AND order_id IS NOT NULL)",
        name="order_when_reserved",
    ),
    CheckConstraint(
        "deducted_minor <= promised_minor AND deducted_minor <= outgoing_minor",
        name="deducted_at_most_both",
    ),
    # The difference is settled once, and in one direction.
    CheckConstraint("(settled_at IS NOT NULL) = (status = 'settled')", name="settled_at_once"),
    CheckConstraint(
        "(settled_at IS NULL AND earned_minor = 0 AND surcharge_minor = 0 AND refunded_minor = 0) "
        "OR (settled_at IS NOT NULL AND surcharge_minor * refunded_minor = 0 "
        "AND deducted_minor + refunded_minor = earned_minor + surcharge_minor)",
        name="settled_in_one_direction",
    ),
    CheckConstraint(
        "(surcharge_order_id IS NOT NULL) = (surcharge_minor > 0)", name="surcharge_is_asked_for"
    ),
    Index(
        "uq_exchanges_live",
        "return_id",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    Index(None, "return_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
)

exchange_lines = Table(
    "exchange_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False, index=True),
    Column("quantity", Integer, nullable=False),
    Column("unit_price_micro", BigInteger),
    currency_column(),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    *at_least_zero("unit_price_micro"),
    Index(None, "exchange_id", "position", "id"),
)

# For which pieces the goods were. Append-only.
exchanged_pieces = Table(
    "exchanged_pieces",
    metadata,
    Column("exchange_id", Id, ForeignKey("exchanges.id"), nullable=False),
    Column("line_id", Id, ForeignKey("return_lines.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("items_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("exchange_id", "line_id"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    *at_least_zero("items_minor", "tax_minor", "shipping_minor", "fee_minor"),
    Index(None, "line_id"),
)
forbid_changes(exchanged_pieces)
