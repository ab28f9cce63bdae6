"""Where purchase orders, receipts and returns lie, and the numbers they get."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from backoffice_api.domain.kernel.series import series_columns
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    NAME_LENGTH_MAX,
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
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.purchasing.model.orders import PurchaseOrderStatus
from backoffice_api.domain.purchasing.model.receipts import ChargeBasis, ChargeKind
from backoffice_api.domain.purchasing.model.series import DocumentKind
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.lots import LOT_CODE_LENGTH_MAX

series = Table(
    "purchasing_series",
    metadata,
    *series_columns(),
    choice("kind", DocumentKind),
    UniqueConstraint("kind"),
)

approval_limits = Table(
    "purchase_approval_limits",
    metadata,
    *aggregate_columns(),
    Column("currency", line(3), nullable=False, unique=True),
    Column("limit_minor", BigInteger, nullable=False),
    *at_least_zero("limit_minor"),
    sorted_by("currency"),
)

_AMOUNTS = ("subtotal_minor", "tax_minor", "total_minor")

purchase_orders = Table(
    "purchase_orders",
    metadata,
    *aggregate_columns(),
    Column("number", line(), unique=True),
    # The digits that the number ends with; 0 without a number.
    Column("serial", BigInteger, nullable=False),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    choice("status", PurchaseOrderStatus),
    currency_column(),
    Column("note", Text, nullable=False),
    Column("supplier_reference", line()),
    Column("expected_on", Date),
    choice("created_by_kind", ActorKind),
    Column("created_by_id", Id),
    choice("submitted_by_kind", ActorKind, nullable=True),
    Column("submitted_by_id", Id),
    choice("approved_by_kind", ActorKind, nullable=True),
    Column("approved_by_id", Id),
    Column("submitted_at", Instant),
    Column("approved_at", Instant),
    Column("sent_at", Instant),
    Column("confirmed_at", Instant),
    Column("closed_at", Instant),
    *(Column(name, BigInteger, nullable=False) for name in _AMOUNTS),
    *(Column(f"current_{name}", BigInteger, nullable=False) for name in _AMOUNTS),
    CheckConstraint("total_minor = subtotal_minor + tax_minor", name="total_of_parts"),
    CheckConstraint(
        "current_total_minor = current_subtotal_minor + current_tax_minor",
        name="current_total_of_parts",
    ),
    CheckConstraint("(number IS NULL) = (serial = 0)", name="number_with_serial"),
    CheckConstraint(
        "number IS NOT NULL OR status IN ('draft', 'cancelled')", name="draft_without_number"
    ),
    CheckConstraint("(closed_at IS NOT NULL) = (status = 'closed')", name="closed_at_when_closed"),
    *at_least_zero(*_AMOUNTS, *(f"current_{name}" for name in _AMOUNTS)),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("serial"),
    sorted_by("total_minor"),
    Index(None, "status", "created_at", "id"),
    Index(None, "supplier_id", "created_at", "id"),
    Index(None, "location_id", "created_at", "id"),
    Index(None, "currency", "total_minor", "id"),
    Index(None, "expected_on", "id"),
)

purchase_order_lines = Table(
    "purchase_order_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("order_id", Id, ForeignKey("purchase_orders.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("supplier_item_id", Id, ForeignKey("supplier_items.id")),
    Column("supplier_sku", line(CODE_LENGTH_MAX), nullable=False),
    Column("sku", line(CODE_LENGTH_MAX), nullable=False),
    Column("title", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("confirmed", Integer),
    Column("received", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("returned", Integer, nullable=False),
    # Stored, so that what is expected is summed by one formula.
    Column(
        "open",
        Integer,
        Computed(
            "CASE WHEN quantity - cancelled > received THEN quantity - cancelled - received "
            "ELSE 0 END",
            persisted=True,
        ),
        nullable=False,
    ),
    currency_column(),
    Column("unit_price_micro", BigInteger, nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("current_subtotal_minor", BigInteger, nullable=False),
    Column("current_tax_minor", BigInteger, nullable=False),
    Column("lead_time_days", Integer, nullable=False),
    Column("expected_on", Date),
    CheckConstraint("quantity > 0 AND cancelled <= quantity", name="quantities_bounded"),
    CheckConstraint("confirmed IS NULL OR confirmed <= quantity", name="confirmed_bounded"),
    CheckConstraint("returned <= received", name="returned_at_most_received"),
    *at_least_zero("received", "rejected", "cancelled", "returned", "unit_price_micro"),
    *at_least_zero("confirmed", "subtotal_minor", "tax_minor"),
    *at_least_zero("current_subtotal_minor", "current_tax_minor"),
    Index(None, "order_id", "position", "id"),
    Index(None, "variant_id", "order_id"),
    Index(None, "supplier_sku", "order_id"),
)

receipts = Table(
    "purchase_receipts",
    metadata,
    *aggregate_columns(),
    Column("number", line(), nullable=False, unique=True),
    Column("serial", BigInteger, nullable=False),
    Column("order_id", Id, ForeignKey("purchase_orders.id"), nullable=False),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("delivery_note", line()),
    currency_column(),
    Column("goods_minor", BigInteger, nullable=False),
    Column("charges_minor", BigInteger, nullable=False),
    *at_least_zero("goods_minor", "charges_minor"),
    sorted_by("received_at"),
    sorted_by("created_at"),
    Index(None, "order_id", "received_at", "id"),
    Index(None, "supplier_id", "received_at", "id"),
    Index(None, "delivery_note", "id"),
)

receipt_lines = Table(
    "purchase_receipt_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("receipt_id", Id, ForeignKey("purchase_receipts.id"), nullable=False),
    Column("order_line_id", Id, ForeignKey("purchase_order_lines.id"), nullable=False, index=True),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("rejection", String(NAME_LENGTH_MAX)),
    choice("bucket", Bucket, default=Bucket.SELLABLE),
    Column("lot_code", line(LOT_CODE_LENGTH_MAX)),
    Column("weight_g", Integer),
    currency_column(),
    Column("unit_price_micro", BigInteger, nullable=False),
    Column("value_minor", BigInteger, nullable=False),
    Column("charges_minor", BigInteger, nullable=False),
    Column("unit_cost_micro", BigInteger),
    CheckConstraint(
        "accepted >= 0 AND rejected >= 0 AND accepted + rejected > 0", name="something_arrived"
    ),
    CheckConstraint("(accepted = 0) = (unit_cost_micro IS NULL)", name="cost_of_accepted"),
    *at_least_zero("value_minor", "charges_minor"),
    Index(None, "receipt_id", "position", "id"),
)

receipt_charges = Table(
    "purchase_receipt_charges",
    metadata,
    Column("receipt_id", Id, ForeignKey("purchase_receipts.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    choice("kind", ChargeKind),
    choice("basis", ChargeBasis),
    Column("description", line()),
    Column("amount_minor", BigInteger, nullable=False),
    currency_column(),
    *at_least_zero("amount_minor"),
)

purchase_returns = Table(
    "purchase_returns",
    metadata,
    *aggregate_columns(),
    Column("number", line(), nullable=False, unique=True),
    Column("serial", BigInteger, nullable=False),
    Column("order_id", Id, ForeignKey("purchase_orders.id"), nullable=False),
    Column("supplier_id", Id, ForeignKey("suppliers.id"), nullable=False),
    Column("location_id", Id, ForeignKey("stock_locations.id"), nullable=False),
    Column("reason", Text, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    *at_least_zero("amount_minor"),
    sorted_by("created_at"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "supplier_id", "created_at", "id"),
)

purchase_return_lines = Table(
    "purchase_return_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("return_id", Id, ForeignKey("purchase_returns.id"), nullable=False),
    Column("order_line_id", Id, ForeignKey("purchase_order_lines.id"), nullable=False, index=True),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    currency_column(),
    Column("amount_minor", BigInteger, nullable=False),
    CheckConstraint("quantity > 0 AND amount_minor >= 0", name="quantity_positive"),
    Index(None, "return_id", "position", "id"),
)
