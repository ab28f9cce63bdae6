"""Where sellers, invoices and their lines lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from backoffice_api.domain.invoicing.model.documents import DocumentKind, DocumentStatus
from backoffice_api.domain.invoicing.model.fiscal import FiscalStatus
from backoffice_api.domain.invoicing.model.invoices import (
    InvoiceKind,
    InvoiceLineKind,
    InvoiceStatus,
)
from backoffice_api.domain.invoicing.model.sellers import PATTERN_LENGTH_MAX
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.contacts import LOCALE_LENGTH_MAX
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
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.orders.model.lines import TITLE_LENGTH_MAX
from backoffice_api.domain.taxes.model.categories import TaxCategory

sellers = Table(
    "sellers",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    Column("trade_name", line()),
    Column("lines", Json, nullable=False),
    Column("district", line()),
    Column("city", line(), nullable=False),
    Column("region", line()),
    Column("postal_code", line()),
    Column("country", String(2), nullable=False),
    Column("tax_ids", Json, nullable=False),
    Column("registration", line()),
    Column("email", line()),
    Column("phone", String(40)),
    Column("iban", String(34)),
    Column("bic", String(11)),
    Column("bank_name", line()),
    Column("locale", String(LOCALE_LENGTH_MAX), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("tax_rates", Json, nullable=False),
    choice("untaxed_category", TaxCategory),
    Column("untaxed_reason", line()),
    Column("invoice_prefix", line(PATTERN_LENGTH_MAX), nullable=False),
    Column("credit_note_prefix", line(PATTERN_LENGTH_MAX), nullable=False),
    Column("number_digits", Integer, nullable=False),
    Column("payment_days", Integer),
    Column("footer", Text, nullable=False),
    Column("fiscal_provider", line(CODE_LENGTH_MAX)),
    Column("fiscal_data", Json, nullable=False),
    Column("gates_dispatch", Boolean, nullable=False),
    CheckConstraint("untaxed_category <> 'standard'", name="untaxed_is_not_standard"),
    CheckConstraint(
        "NOT gates_dispatch OR fiscal_provider IS NOT NULL", name="gate_has_a_provider"
    ),
    *at_least_zero("number_digits", "payment_days"),
    sorted_by("code"),
    sorted_by("created_at"),
)

# Who sells in a channel: at most one.
seller_channels = Table(
    "seller_channels",
    metadata,
    Column("channel_id", Id, ForeignKey("channels.id"), primary_key=True),
    Column("seller_id", Id, ForeignKey("sellers.id"), nullable=False, index=True),
)

invoice_series = Table(
    "invoice_series",
    metadata,
    *series_columns(),
    Column("seller_id", Id, ForeignKey("sellers.id"), nullable=False),
    choice("kind", InvoiceKind),
    UniqueConstraint("seller_id", "kind", "prefix"),
)

invoices = Table(
    "invoices",
    metadata,
    *aggregate_columns(),
    choice("kind", InvoiceKind),
    choice("status", InvoiceStatus),
    Column("series_id", Id, ForeignKey("invoice_series.id"), nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("number", line(), nullable=False),
    Column("seller_id", Id, ForeignKey("sellers.id"), nullable=False),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("order_number", line(), nullable=False),
    Column("fulfillment_id", Id, ForeignKey("fulfillments.id")),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("credits_id", Id, ForeignKey("invoices.id")),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date),
    Column("locale", String(LOCALE_LENGTH_MAX), nullable=False),
    currency_column(),
    Column("tax_included", Boolean, nullable=False),
    Column("net_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("credited_minor", BigInteger, nullable=False),
    Column("seller", Json, nullable=False),
    Column("buyer", Json, nullable=False, info=personal.IDENTITY),
    Column("ship_to", Json, info=personal.ADDRESS),
    Column("note", Text, nullable=False, info=personal.CONTENT),
    Column("reason", Text, info=personal.CONTENT),
    UniqueConstraint("series_id", "serial"),
    UniqueConstraint("seller_id", "kind", "number"),
    CheckConstraint("total_minor = net_minor + tax_minor", name="total_of_parts"),
    CheckConstraint(
        "credited_minor >= 0 AND credited_minor <= total_minor", name="credited_at_most_invoiced"
    ),
    CheckConstraint(
        "(kind = 'credit_note') = (credits_id IS NOT NULL)", name="credit_notes_credit"
    ),
    CheckConstraint(
        "kind = 'invoice' OR (status = 'issued' AND credited_minor = 0)",
        name="credit_notes_are_not_credited",
    ),
    *at_least_zero("net_minor", "tax_minor"),
    sorted_by("created_at"),
    sorted_by("issued_on"),
    sorted_by("total_minor"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "seller_id", "created_at", "id"),
    Index(None, "channel_id", "created_at", "id"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "customer_id", "created_at", "id"),
    Index(None, "fulfillment_id", "created_at", "id"),
    Index(None, "credits_id", "created_at", "id"),
    Index(None, "number", "id"),
    Index(None, "due_on", "id"),
    info=personal.kept("invoices", "issued_on"),
)
# The customer may be merged into another one; whom it was issued to is in `buyer`.
forbid_changes(invoices, but=("version", "updated_at", "status", "credited_minor", "customer_id"))

invoice_lines = Table(
    "invoice_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("invoice_id", Id, ForeignKey("invoices.id"), nullable=False),
    Column("position", Integer, nullable=False),
    choice("kind", InvoiceLineKind),
    Column("order_line_id", Id, ForeignKey("order_lines.id"), index=True),
    Column("credited_line_id", Id, ForeignKey("invoice_lines.id"), index=True),
    Column("variant_id", Id, ForeignKey("variants.id")),
    Column("sku", line(CODE_LENGTH_MAX), nullable=False),
    Column("title", String(TITLE_LENGTH_MAX), nullable=False),
    Column("quantity", Integer, nullable=False),
    currency_column(),
    Column("unit_price_micro", BigInteger, nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("net_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    choice("tax_category", TaxCategory),
    Column("tax_rate_ppm", Integer, nullable=False),
    Column("tax_reason", line()),
    UniqueConstraint("invoice_id", "position"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    CheckConstraint("(kind = 'shipping') = (order_line_id IS NULL)", name="shipping_has_no_line"),
    CheckConstraint("tax_category = 'standard' OR tax_minor = 0", name="tax_of_taxed_lines"),
    *at_least_zero("subtotal_minor", "discount_minor", "tax_minor", "tax_rate_ppm"),
)
forbid_changes(invoice_lines)

invoice_taxes = Table(
    "invoice_taxes",
    metadata,
    Column("invoice_id", Id, ForeignKey("invoices.id"), nullable=False),
    choice("category", TaxCategory),
    Column("rate_ppm", Integer, nullable=False),
    Column("reason", line()),
    currency_column(),
    Column("net_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("invoice_id", "category", "rate_ppm"),
)
forbid_changes(invoice_taxes)

documents = Table(
    "documents",
    metadata,
    *aggregate_columns(),
    choice("kind", DocumentKind),
    choice("status", DocumentStatus),
    # What it is of: an invoice, a fulfillment, an order. NULL: of several, a print stream.
    Column("subject_id", Id),
    # All pages in their order: kind of document and id of what it is of.
    Column("parts", Json, nullable=False),
    Column("locale", String(LOCALE_LENGTH_MAX)),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id),
    Column("job_id", Id),
    Column("media_type", String(40)),
    Column("name", line(), info=personal.CONTENT),
    Column("size_bytes", BigInteger),
    Column("pages", Integer),
    Column("sha256", String(64), info=personal.file("documents")),
    Column("input_sha256", String(64)),
    Column("error", Text, info=personal.CONTENT),
    Column("finished_at", Instant),
    CheckConstraint("(status = 'rendered') = (sha256 IS NOT NULL)", name="rendered_has_a_file"),
    sorted_by("created_at"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "subject_id", "created_at", "id"),
    info=personal.of("subject_id"),
)

fiscal_documents = Table(
    "fiscal_documents",
    metadata,
    *aggregate_columns(),
    Column("invoice_id", Id, ForeignKey("invoices.id"), nullable=False, unique=True),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("fulfillment_id", Id, ForeignKey("fulfillments.id")),
    choice("status", FiscalStatus),
    Column("provider", line(CODE_LENGTH_MAX), nullable=False),
    # How often it was sent: with the id, the key under which it is sent once.
    Column("attempt", Integer, nullable=False),
    Column("reference", line()),
    Column("message", Text, info=personal.CONTENT),
    Column("submitted_at", Instant),
    Column("authorised_at", Instant),
    Column("cancelled_at", Instant),
    *at_least_zero("attempt"),
    CheckConstraint(
        "(authorised_at IS NOT NULL) OR status <> 'authorised'",
        name="authorised_at_when_authorised",
    ),
    sorted_by("created_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "fulfillment_id", "created_at", "id"),
)
