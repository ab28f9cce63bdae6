"""Where the money of returns lies: what went back, for which pieces, and what came back of it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    at_least_zero,
    choice,
    currency_column,
    metadata,
)
from backoffice_api.domain.payments.model.refunds import RefundDestination
from backoffice_api.domain.returns.model.refunds import ReturnRefundKind

# Money that went back, or was sent on its way, for pieces or as goodwill. Append-only.
return_refunds = Table(
    "return_refunds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False),
    # NULL: no order is on record, so it became store credit.
    Column("order_id", Id, ForeignKey("orders.id"), index=True),
    choice("kind", ReturnRefundKind),
    choice("destination", RefundDestination),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    Column("items_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    # Of the amount, what was not paid out: the order was not paid, so less is owed of it.
    Column("offset_minor", BigInteger, nullable=False, server_default="0"),
    Column("tax_included", Boolean, nullable=False),
    Column("store_credit_id", Id, ForeignKey("store_credits.id"), index=True),
    Column("note", Text, nullable=False, info=personal.CONTENT),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    CheckConstraint(
        "kind = 'goodwill' OR amount_minor = items_minor + shipping_minor - fee_minor "
        "+ CASE WHEN tax_included THEN 0 ELSE tax_minor END",
        name="amount_of_parts",
    ),
    CheckConstraint(
        "order_id IS NOT NULL OR store_credit_id IS NOT NULL OR amount_minor = 0",
        name="money_goes_somewhere",
    ),
    CheckConstraint(
        "offset_minor <= amount_minor AND (offset_minor = 0 OR order_id IS NOT NULL)",
        name="offset_of_an_order",
    ),
    *at_least_zero(
        "amount_minor", "items_minor", "tax_minor", "shipping_minor", "fee_minor", "offset_minor"
    ),
    Index(None, "return_id", "created_at", "id"),
)
forbid_changes(return_refunds)

# For which pieces the money was.
return_refund_lines = Table(
    "return_refund_lines",
    metadata,
    Column("return_refund_id", Id, ForeignKey("return_refunds.id"), nullable=False),
    Column("line_id", Id, ForeignKey("return_lines.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("items_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("return_refund_id", "line_id"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    *at_least_zero("items_minor", "tax_minor", "shipping_minor", "fee_minor"),
    Index(None, "line_id"),
)
forbid_changes(return_refund_lines)

# Out of which payments the money came.
return_refund_payments = Table(
    "return_refund_payments",
    metadata,
    Column("return_refund_id", Id, ForeignKey("return_refunds.id"), nullable=False),
    Column("refund_id", Id, ForeignKey("refunds.id"), nullable=False, unique=True),
    PrimaryKeyConstraint("return_refund_id", "refund_id"),
)
forbid_changes(return_refund_payments)

# Money that did not go back after all, as the refund of a payment was called off. Append-only.
return_refund_reversals = Table(
    "return_refund_reversals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("return_refund_id", Id, ForeignKey("return_refunds.id"), nullable=False, index=True),
    # Each is called off once.
    Column("refund_id", Id, ForeignKey("refunds.id"), nullable=False, unique=True),
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False, index=True),
    choice("kind", ReturnRefundKind),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    Index(None, "return_id", "created_at", "id"),
)
forbid_changes(return_refund_reversals)

# For which pieces; none where it was not for pieces. `quantity` may be zero: of a piece that is
# to be paid back anew already, more of its money came back.
return_refund_reversal_lines = Table(
    "return_refund_reversal_lines",
    metadata,
    Column("reversal_id", Id, ForeignKey("return_refund_reversals.id"), nullable=False),
    Column("line_id", Id, ForeignKey("return_lines.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("items_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("reversal_id", "line_id"),
    *at_least_zero("quantity", "items_minor", "tax_minor", "shipping_minor", "fee_minor"),
    Index(None, "line_id"),
)
forbid_changes(return_refund_reversal_lines)
