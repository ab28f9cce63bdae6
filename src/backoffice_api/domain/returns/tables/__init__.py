"""Where returns lie."""

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
    text,
    true,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.series import series_columns
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
from backoffice_api.domain.orders.model.lines import TITLE_LENGTH_MAX
from backoffice_api.domain.returns.model.inspections import (
    Disposition,
    ItemCondition,
    ReceiptOutcome,
    Resolution,
)
from backoffice_api.domain.returns.model.policies import (
    FEE_BASIS_POINTS_MAX,
    SOURCE_LENGTH_MAX,
    WINDOW_DAYS_MAX,
    PolicyPreset,
    Rule,
    ShippingPayer,
    Verdict,
    WindowStart,
)
from backoffice_api.domain.returns.model.reasons import ReasonStatus, RootCause
from backoffice_api.domain.returns.model.returns import (
    REFERENCE_LENGTH_MAX,
    LineOrigin,
    ReturnKind,
    ReturnOrigin,
    ReturnState,
)
from backoffice_api.domain.stock.model.lots import LOT_CODE_LENGTH_MAX

return_series = Table(
    "return_series",
    metadata,
    *series_columns(),
    choice("kind", ReturnKind),
    UniqueConstraint("kind"),
)

return_reasons = Table(
    "return_reasons",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    Column("parent_id", Id, ForeignKey("return_reasons.id")),
    choice("root_cause", RootCause),
    Column("needs_photo", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    choice("status", ReasonStatus),
    *at_least_zero("position"),
    CheckConstraint("parent_id <> id", name="not_its_own_part"),
    sorted_by("position"),
    sorted_by("code"),
    Index(None, "parent_id", "position", "id"),
    Index(None, "status", "position", "id"),
    Index(None, "root_cause", "position", "id"),
)

return_policies = Table(
    "return_policies",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    Column("priority", Integer, nullable=False),
    # NULL: whatever the channel, the category. Countries: empty for any.
    Column("channel_id", Id, ForeignKey("channels.id")),
    Column("category_id", Id, ForeignKey("categories.id")),
    Column("countries", Json, nullable=False),
    Column("window_days", Integer, nullable=False),
    choice("window_start", WindowStart),
    Column("conditions", Json, nullable=False),
    Column("excluded", Boolean, nullable=False),
    Column("fee_basis_points", Integer, nullable=False),
    Column("refunds_shipping", Boolean, nullable=False),
    choice("shipping_payer", ShippingPayer),
    Column("auto_approve_minor", BigInteger),
    Column("auto_decline", Boolean, nullable=False),
    Column("expires_days", Integer, nullable=False),
    currency_column(),
    choice("preset", PolicyPreset, nullable=True),
    Column("source", String(SOURCE_LENGTH_MAX)),
    CheckConstraint(f"window_days BETWEEN 0 AND {WINDOW_DAYS_MAX}", name="window_bounded"),
    CheckConstraint(f"expires_days BETWEEN 1 AND {WINDOW_DAYS_MAX}", name="expiry_bounded"),
    CheckConstraint(f"fee_basis_points BETWEEN 0 AND {FEE_BASIS_POINTS_MAX}", name="fee_bounded"),
    *at_least_zero("priority", "auto_approve_minor"),
    sorted_by("priority"),
    sorted_by("code"),
    Index(None, "channel_id", "priority", "id"),
    Index(None, "category_id"),
)

_AMOUNTS = ("value_minor", "refunded_minor", "fee_minor", "goodwill_minor")

returns = Table(
    "returns",
    metadata,
    *aggregate_columns(),
    Column("number", line(), nullable=False),
    # Its place in the series of its kind; 0 where the number was drawn elsewhere.
    Column("serial", BigInteger, nullable=False),
    Column("recorded", Boolean, nullable=False),
    choice("kind", ReturnKind),
    choice("status", ReturnState),
    choice("origin", ReturnOrigin),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("channel_id", Id, ForeignKey("channels.id")),
    Column("location_id", Id, ForeignKey("stock_locations.id")),
    currency_column(),
    Column("reference", line(REFERENCE_LENGTH_MAX), info=personal.CONTENT),
    Column("note", Text, nullable=False, info=personal.NOTE),
    choice("verdict", Verdict),
    choice("rule", Rule),
    Column("expires_at", Instant),
    Column("closed_at", Instant),
    *(Column(name, BigInteger, nullable=False) for name in _AMOUNTS),
    *at_least_zero("serial", *_AMOUNTS),
    CheckConstraint("recorded = (serial = 0)", name="serial_when_drawn"),
    CheckConstraint(
        "(closed_at IS NOT NULL) = (status IN ('declined', 'resolved', 'cancelled', 'expired'))",
        name="closed_at_when_closed",
    ),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("serial"),
    sorted_by("value_minor"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "origin", "created_at", "id"),
    Index(None, "customer_id", "created_at", "id"),
    Index(None, "channel_id", "created_at", "id"),
    Index(None, "location_id", "created_at", "id"),
    Index(None, "verdict", "created_at", "id"),
    Index(None, "rule", "created_at", "id"),
    Index(None, "currency", "value_minor", "id"),
    Index(None, "reference", "id"),
    Index(None, "expires_at", "id"),
    # As with orders: two channels may have drawn the same number in another system.
    Index(
        "uq_returns_recorded_number",
        "channel_id",
        "number",
        unique=True,
        sqlite_where=text("recorded"),
        postgresql_where=text("recorded"),
    ),
    Index(
        "uq_returns_number",
        "number",
        unique=True,
        sqlite_where=text("NOT recorded"),
        postgresql_where=text("NOT recorded"),
    ),
    Index(None, "number", "id"),
    Index(
        "ix_returns_numbered",
        "kind",
        "serial",
        unique=True,
        sqlite_where=text("NOT recorded"),
        postgresql_where=text("NOT recorded"),
    ),
)

# Which orders a return is of.
return_orders = Table(
    "return_orders",
    metadata,
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    PrimaryKeyConstraint("return_id", "order_id"),
    Index(None, "order_id", "return_id"),
)

_COUNTS = (
    "cancelled",
    "waived",
    "received",
    "inspected",
    "missing",
    "sent_back",
    "to_refund",
    "to_exchange",
    "to_repair",
    "rejected",
    "refunded",
    "exchanged",
    "repaired",
)
_WORTH = (
    "items_minor",
    "tax_minor",
    "shipping_minor",
    "settled_items_minor",
    "settled_tax_minor",
    "settled_shipping_minor",
    "fee_minor",
)

return_lines = Table(
    "return_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False),
    Column("position", Integer, nullable=False),
    choice("origin", LineOrigin),
    # NULL: no order is on record for it.
    Column("order_id", Id, ForeignKey("orders.id")),
    Column("order_line_id", Id, ForeignKey("order_lines.id")),
    # Of a kit, the component.
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("sku", line(CODE_LENGTH_MAX), nullable=False),
    Column("title", String(TITLE_LENGTH_MAX), nullable=False),
    Column("reason_id", Id, ForeignKey("return_reasons.id")),
    Column("note", Text, nullable=False, info=personal.NOTE),
    choice("condition", ItemCondition),
    # The lot or serial number that the customer names.
    Column("lot_code", line(LOT_CODE_LENGTH_MAX)),
    choice("verdict", Verdict),
    choice("rule", Rule),
    Column("policy_id", Id, ForeignKey("return_policies.id")),
    Column("requested", Integer, nullable=False),
    *(Column(name, Integer, nullable=False) for name in _COUNTS),
    currency_column(),
    Column("tax_included", Boolean, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in _WORTH),
    # The terms of its policy when it was asked for; the policy may change, or go.
    Column("fee_basis_points", Integer, nullable=False, server_default="0"),
    Column("refunds_shipping", Boolean, nullable=False, server_default=true()),
    # R1. Over-receipt is a line of its own.
    CheckConstraint("requested > 0", name="requested_positive"),
    CheckConstraint("received + waived + cancelled <= requested", name="received_at_most_wanted"),
    CheckConstraint("inspected <= received", name="inspected_at_most_received"),
    CheckConstraint(
        "to_refund + to_exchange + to_repair + rejected = inspected",
        name="resolutions_of_inspected",
    ),
    CheckConstraint(
        "refunded + exchanged + repaired + rejected <= inspected + waived",
        name="resolved_at_most_inspected",
    ),
    CheckConstraint("refunded <= to_refund + waived", name="refunded_at_most_decided"),
    CheckConstraint("exchanged <= to_exchange", name="exchanged_at_most_decided"),
    CheckConstraint("repaired <= to_repair", name="repaired_at_most_decided"),
    CheckConstraint("missing + sent_back <= inspected", name="gone_at_most_inspected"),
    # M3.
    CheckConstraint(
        "settled_items_minor <= items_minor AND settled_tax_minor <= tax_minor "
        "AND settled_shipping_minor <= shipping_minor AND fee_minor <= settled_items_minor",
        name="refunded_at_most_worth",
    ),
    CheckConstraint("order_line_id IS NULL OR order_id IS NOT NULL", name="order_of_order_line"),
    *at_least_zero(*_COUNTS, *_WORTH, "fee_basis_points"),
    Index(None, "return_id", "position", "id"),
    Index(None, "order_line_id", "id"),
    Index(None, "order_id", "id"),
    Index(None, "variant_id", "return_id"),
    Index(None, "sku", "return_id"),
    Index(None, "reason_id", "return_id"),
    Index(None, "policy_id"),
)

# What came, when, and who took it in. Append-only.
return_receipts = Table(
    "return_receipts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False),
    Column("line_id", Id, ForeignKey("return_lines.id"), nullable=False, index=True),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False, index=True),
    Column("quantity", Integer, nullable=False),
    choice("outcome", ReceiptOutcome),
    Column("code", line()),
    Column("lot_code", line(LOT_CODE_LENGTH_MAX)),
    Column("lot_matches", Boolean),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    Index(None, "return_id", "created_at", "id"),
)
forbid_changes(return_receipts)

# What was decided of pieces that came. Append-only. R2: what goes into the stock has a movement,
# and that no other.
return_inspections = Table(
    "return_inspections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False),
    Column("line_id", Id, ForeignKey("return_lines.id"), nullable=False, index=True),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    choice("condition", ItemCondition),
    choice("disposition", Disposition),
    choice("resolution", Resolution),
    Column("location_id", Id, ForeignKey("stock_locations.id"), index=True),
    Column("movement_id", Id, ForeignKey("stock_movements.id"), unique=True),
    Column("lot_id", Id, ForeignKey("stock_lots.id"), index=True),
    Column("lot_matches", Boolean),
    # What a piece cost when it was sent. NULL: not known, so it came back at the average.
    Column("unit_cost_micro", BigInteger),
    currency_column("cost_currency", nullable=True),
    Column("note", Text, nullable=False, info=personal.CONTENT),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    CheckConstraint(
        "(movement_id IS NOT NULL) = (disposition IN "
        "('restock', 'refurbish', 'quarantine', 'scrap', 'to_supplier'))",
        name="movement_of_what_stays",
    ),
    CheckConstraint(
        "(unit_cost_micro IS NULL) = (cost_currency IS NULL)", name="cost_has_a_currency"
    ),
    *at_least_zero("unit_cost_micro"),
    Index(None, "return_id", "created_at", "id"),
    Index(None, "variant_id", "created_at", "id"),
)
forbid_changes(return_inspections)

# Leave that customers got, by the link of an order, to upload photos of what they send back.
return_link_uploads = Table(
    "return_link_uploads",
    metadata,
    # Uploads are forgotten when nothing came of them: no foreign key.
    Column("upload_id", Id, primary_key=True),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "order_id", "created_at", "upload_id"),
)
