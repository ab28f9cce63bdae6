"""Where channels and orders lie."""

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
    UniqueConstraint,
    false,
    text,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Instant,
    Json,
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.orders.model.backorders import BackorderStatus
from backoffice_api.domain.orders.model.channels import (
    PREFIX_LENGTH_MAX,
    ChannelStatus,
    UnknownSkus,
)
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.lines import TITLE_LENGTH_MAX, LineKind
from backoffice_api.domain.orders.model.orders import AddressKind, FulfillmentStatus, OrderStatus
from backoffice_api.domain.orders.model.payments import PaymentGate, PaymentStatus
from backoffice_api.domain.orders.model.quotes import QuoteStatus
from backoffice_api.domain.orders.model.returning import ReturnStatus
from backoffice_api.domain.taxes.model.terms import TaxSource

channels = Table(
    "channels",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    currency_column(),
    Column("number_prefix", line(PREFIX_LENGTH_MAX), nullable=False),
    # The serial of the next order, which only ever grows, and how many below it were passed over.
    Column("number_next", BigInteger, nullable=False),
    Column("numbers_skipped", BigInteger, nullable=False),
    choice("status", ChannelStatus),
    choice("payment_gate", PaymentGate, default=PaymentGate.NONE),
    # For how long a cancelled order can be taken up again.
    Column("uncancel_minutes", Integer, nullable=False, server_default="30"),
    choice("unknown_skus", UnknownSkus, default=UnknownSkus.HOLD),
    choice("tax_source", TaxSource, default=TaxSource.GIVEN),
    *at_least_zero("uncancel_minutes"),
    CheckConstraint("number_next > 0", name="number_next_positive"),
    CheckConstraint(
        "numbers_skipped >= 0 AND numbers_skipped < number_next", name="numbers_skipped_below_next"
    ),
    sorted_by("code"),
    sorted_by("created_at"),
    Index(None, "status", "code", "id"),
)

channel_stock_rules = Table(
    "channel_stock_rules",
    metadata,
    *aggregate_columns(),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    # NULL: the variants without a rule of their own.
    Column("variant_id", Id, ForeignKey("variants.id")),
    Column("buffer", Integer, nullable=False),
    Column("cap", Integer),
    Column("backorder_limit", Integer, nullable=False, server_default="0"),
    UniqueConstraint("channel_id", "variant_id"),
    *at_least_zero("buffer", "cap", "backorder_limit"),
    sorted_by("created_at"),
    Index(None, "channel_id", "created_at", "id"),
    Index(None, "variant_id", "created_at", "id"),
    Index(
        "uq_channel_stock_rules_of_all",
        "channel_id",
        unique=True,
        sqlite_where=text("variant_id IS NULL"),
        postgresql_where=text("variant_id IS NULL"),
    ),
)

# Sums over the payments of an order.
_SUMS = ("authorized", "captured", "refunded", "refunding", "charged_back", "written_off")
_PAID = tuple(f"{each}_minor" for each in _SUMS)
_AMOUNTS = ("subtotal_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor")


def _total(prefix: str = "") -> str:
    """O3, as far as one row can tell: how the total follows from the other amounts."""
    subtotal, discount, shipping, tax, total = (f"{prefix}{name}" for name in _AMOUNTS)
    added = f"CASE WHEN tax_included THEN 0 ELSE {tax} END"
    return f"{total} = {subtotal} - {discount} + {shipping} + {added}"


orders = Table(
    "orders",
    metadata,
    *aggregate_columns(),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("number", line()),
    Column("serial", BigInteger, nullable=False),  # Digits that the number ends with; or 0.
    # Completed in another system: its number was not drawn from the channel's series.
    Column("recorded", Boolean, nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id")),
    choice("status", OrderStatus),
    choice("fulfillment_status", FulfillmentStatus),
    Column("unshipped", BigInteger, nullable=False),
    Column("has_hold", Boolean, nullable=False),
    Column("placed_at", Instant),
    # `placed_at`, or `created_at` while there is none: never NULL, so it can be sorted by.
    Column("dated_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("cancelled_at", Instant),
    Column("reserved_until", Instant),
    Column("email", line(), info=personal.CONTACT),
    Column("phone", String(40), info=personal.CONTACT),
    Column("note", Text, nullable=False, info=personal.NOTE),
    currency_column(),
    Column("tax_included", Boolean, nullable=False),
    Column("shipping_tax_minor", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in _AMOUNTS),
    *(Column(f"current_{name}", BigInteger, nullable=False) for name in _AMOUNTS),
    choice("payment_status", PaymentStatus, default=PaymentStatus.UNPAID),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in _PAID),
    Column("uncancel_until", Instant),
    Column("merged_into_id", Id, ForeignKey("orders.id")),
    Column("split_from_id", Id, ForeignKey("orders.id")),
    Column("quote_count", Integer, nullable=False, server_default="0"),
    Column("quoted_until", Instant),
    choice("return_status", ReturnStatus, default=ReturnStatus.NONE),
    # What returns gave back: it is not to be paid any more.
    Column("allowance_minor", BigInteger, nullable=False, server_default="0"),
    choice("tax_source", TaxSource, default=TaxSource.GIVEN),
    Column("buyer_id", Id),  # A contact of the customer, which may have been removed since.
    CheckConstraint(
        "status = 'cancelled' OR (uncancel_until IS NULL AND merged_into_id IS NULL)",
        name="undone_and_merged_when_cancelled",
    ),
    CheckConstraint(
        "quote_count >= 0 AND (quoted_until IS NULL OR (quote_count > 0 AND status = 'draft'))",
        name="quoted_until_when_quoted",
    ),
    UniqueConstraint("channel_id", "number"),
    CheckConstraint(  # M2
        "refunded_minor + refunding_minor <= captured_minor "
        "AND charged_back_minor <= captured_minor",
        name="refunded_at_most_captured",
    ),
    CheckConstraint("(number IS NULL) = (placed_at IS NULL)", name="number_when_placed"),
    CheckConstraint(
        "number IS NOT NULL OR status IN ('draft', 'cancelled')", name="draft_without_number"
    ),
    CheckConstraint("(closed_at IS NOT NULL) = (status = 'closed')", name="closed_at_when_closed"),
    CheckConstraint(
        "(cancelled_at IS NOT NULL) = (status = 'cancelled')", name="cancelled_at_when_cancelled"
    ),
    CheckConstraint(
        "NOT has_hold OR status IN ('draft', 'pending_approval', 'open')",
        name="hold_only_while_unfinished",
    ),
    CheckConstraint(
        "unshipped = 0 OR status IN ('draft', 'pending_approval', 'open')",
        name="ended_with_nothing_left",
    ),
    CheckConstraint(_total(), name="total_of_parts"),
    CheckConstraint(_total("current_"), name="current_total_of_parts"),
    CheckConstraint("discount_minor <= subtotal_minor", name="discount_bounded"),
    *at_least_zero("unshipped", "shipping_tax_minor", *_AMOUNTS),
    *at_least_zero(*(f"current_{name}" for name in _AMOUNTS)),
    *at_least_zero("allowance_minor", *_PAID),
    *map(sorted_by, ("created_at", "updated_at", "dated_at", "serial", "total_minor")),
    Index(None, "status", "created_at", "id"),
    Index(None, "fulfillment_status", "created_at", "id"),
    Index(None, "payment_status", "created_at", "id"),
    Index(None, "return_status", "created_at", "id"),
    Index(None, "has_hold", "created_at", "id"),
    Index(None, "channel_id", "created_at", "id"),
    Index(None, "customer_id", "created_at", "id"),
    Index(None, "currency", "total_minor", "id"),
    Index(None, "number", "id"),
    Index(None, "placed_at", "id"),
    Index(None, "merged_into_id", "created_at", "id"),
    Index(None, "split_from_id", "created_at", "id"),
    # Quotes that are to end, and only drafts have them.
    Index(None, "quoted_until", "id"),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("position", Integer, nullable=False),
    choice("kind", LineKind),
    Column("variant_id", Id, ForeignKey("variants.id")),
    Column("sku", line(CODE_LENGTH_MAX), nullable=False),
    Column("title", String(TITLE_LENGTH_MAX), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("shipped", Integer, nullable=False),
    Column("returned", Integer, nullable=False),
    currency_column(),
    Column("unit_price_micro", BigInteger, nullable=False),
    Column("price_given", Boolean, nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("rounding_micro", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("current_subtotal_minor", BigInteger, nullable=False),
    Column("current_discount_minor", BigInteger, nullable=False),
    Column("current_tax_minor", BigInteger, nullable=False),
    Column("is_kit", Boolean, nullable=False, server_default=false()),
    Column("added", Integer, nullable=False, server_default="0"),  # after it was placed
    # Of the cancelled, pieces that went with the order as a whole.
    Column("cancelled_with_order", Integer, nullable=False, server_default="0"),
    Column("external_key", line()),  # What the channel calls the line, if it came from there.
    Column("delivered", Integer, nullable=False, server_default="0"),
    # O1. As one constraint each: together they are asked of every one of many rows.
    CheckConstraint("quantity > 0 AND cancelled >= 0 AND shipped >= 0", name="quantities_bounded"),
    CheckConstraint("cancelled <= quantity - shipped", name="cancelled_or_shipped_at_most_ordered"),
    CheckConstraint("returned >= 0 AND returned <= shipped", name="returned_at_most_shipped"),
    CheckConstraint("delivered >= 0 AND delivered <= shipped", name="delivered_at_most_shipped"),
    CheckConstraint("added >= 0 AND added <= quantity", name="added_at_most_all"),
    CheckConstraint(
        "cancelled_with_order >= 0 AND cancelled_with_order <= cancelled",
        name="cancelled_with_order_at_most_all",
    ),
    CheckConstraint("(kind = 'goods') = (variant_id IS NOT NULL)", name="variant_of_goods"),
    CheckConstraint("kind = 'goods' OR shipped = 0", name="charges_not_shipped"),
    CheckConstraint("kind = 'goods' OR NOT is_kit", name="kits_are_goods"),
    CheckConstraint(
        "unit_price_micro >= 0 AND subtotal_minor >= 0 AND discount_minor >= 0 "
        "AND discount_minor <= subtotal_minor AND tax_minor >= 0",
        name="amounts_bounded",
    ),
    CheckConstraint(
        "current_subtotal_minor >= 0 AND current_discount_minor >= 0 AND current_tax_minor >= 0",
        name="current_amounts_bounded",
    ),
    Index(None, "order_id", "position", "id"),
    Index(None, "sku", "order_id"),
)

# What kits were made of when they were ordered.
order_line_components = Table(
    "order_line_components",
    metadata,
    Column("line_id", Id, ForeignKey("order_lines.id"), primary_key=True),
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("sku", line(CODE_LENGTH_MAX), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("weight", BigInteger, nullable=False),
    CheckConstraint("quantity > 0 AND weight >= 0", name="amounts_bounded"),
    Index(None, "variant_id", "line_id"),
)

backorders = Table(
    "backorders",
    metadata,
    *aggregate_columns(),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("line_id", Id, ForeignKey("order_lines.id"), nullable=False, unique=True),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("ordered", Integer, nullable=False),
    Column("filled", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    choice("status", BackorderStatus),
    CheckConstraint("ordered > 0 AND filled + cancelled <= ordered", name="pieces_bounded"),
    CheckConstraint(
        "(status = 'waiting') = (filled + cancelled < ordered)", name="waiting_while_open"
    ),
    *at_least_zero("filled", "cancelled", "priority"),
    sorted_by("priority"),
    sorted_by("created_at"),
    Index(None, "status", "priority", "id"),
    Index(None, "variant_id", "status", "priority", "id"),
    Index(None, "order_id", "priority", "id"),
    Index(None, "channel_id", "priority", "id"),
)

# What was offered, as it was. Written once; then only its end.
order_quotes = Table(
    "order_quotes",
    metadata,
    Column("order_id", Id, ForeignKey("orders.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    choice("status", QuoteStatus),
    Column("sent_at", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("ended_at", Instant),
    currency_column(),
    *(Column(name, BigInteger, nullable=False) for name in _AMOUNTS),
    Column("lines", Json, nullable=False),
    CheckConstraint("number > 0 AND valid_until > sent_at", name="valid_for_a_while"),
    CheckConstraint("(ended_at IS NULL) = (status = 'open')", name="ended_at_when_ended"),
    *at_least_zero(*_AMOUNTS),
    Index(
        "uq_order_quotes_open",
        "order_id",
        unique=True,
        sqlite_where=text("status = 'open'"),
        postgresql_where=text("status = 'open'"),
    ),
)

# What channels have told of their orders, by the channel's own id: so far, and not more.
channel_orders = Table(
    "channel_orders",
    metadata,
    Column("channel_id", Id, ForeignKey("channels.id"), primary_key=True),
    Column("key", line(), primary_key=True),
    # NULL: it was called off before it was ever seen, so none was made.
    Column("order_id", Id, ForeignKey("orders.id"), unique=True),
    # When the channel last changed it, by the channel's clock, and its revision of that time.
    Column("changed_at", Instant),
    Column("revision", BigInteger, nullable=False),
    # What was told then, to see what the channel changed since: all but the lines as digests.
    Column("told", Json),
    CheckConstraint("revision >= 0", name="revision_not_negative"),
)

order_discounts = Table(
    "order_discounts",
    metadata,
    Column("order_id", Id, ForeignKey("orders.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("label", line(), nullable=False),
    Column("code", line(CODE_LENGTH_MAX)),
    Column("amount_minor", BigInteger, nullable=False),
    currency_column(),
    Column("code_id", Id, ForeignKey("discount_codes.id"), index=True),
    *at_least_zero("amount_minor"),
)

order_addresses = Table(
    "order_addresses",
    metadata,
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    choice("kind", AddressKind),
    Column("recipient", line(), nullable=False, info=personal.ADDRESS),
    Column("lines", Json, nullable=False, info=personal.ADDRESS),
    Column("district", line(), info=personal.ADDRESS),
    Column("city", line(), nullable=False, info=personal.ADDRESS),
    Column("region", line(), info=personal.ADDRESS),
    Column("postal_code", line(), info=personal.ADDRESS),
    Column("country", String(2), nullable=False),
    PrimaryKeyConstraint("order_id", "kind"),
)

holds = Table(
    "order_holds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    choice("kind", HoldKind),
    Column("note", Text, nullable=False, info=personal.NOTE),
    Column("release_at", Instant),
    Column("placed_at", Instant, nullable=False),
    Column("placed_by_kind", String(10), nullable=False),
    Column("placed_by_id", Id),
    Column("released_at", Instant),
    Column("released_by_kind", String(10)),
    Column("released_by_id", Id),
    # NULL: the whole order waits.
    Column("line_id", Id, ForeignKey("order_lines.id"), index=True),
    Column("owner_id", Id, ForeignKey("staff.id")),
    CheckConstraint(
        "(released_at IS NULL) = (released_by_kind IS NULL)", name="released_by_somebody"
    ),
    Index(None, "order_id", "placed_at", "id"),
    # What is due: those still open (released_at IS NULL), by when they end.
    Index(None, "released_at", "release_at"),
    sorted_by("placed_at"),
    Index(None, "kind", "placed_at", "id"),
    Index(None, "owner_id", "placed_at", "id"),
    Index(None, "released_at", "placed_at", "id"),
    Index(None, "release_at", "id"),
)
