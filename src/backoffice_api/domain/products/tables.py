"""Where products lie."""

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
    text,
)

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
from backoffice_api.domain.products.model import (
    PACK_QUANTITY_MAX,
    BarcodeKind,
    PackLevel,
    ProductStatus,
    VariantKind,
)
from backoffice_api.domain.products.model.costs import CostSource

products = Table(
    "products",
    metadata,
    *aggregate_columns(),
    Column("title", line(), nullable=False),
    Column("description", Text, nullable=False),
    Column("brand", line()),
    Column("option_names", Json, nullable=False),
    choice("status", ProductStatus),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("title"),
    Index(None, "status", "created_at"),
    Index(None, "brand", "created_at"),
)

variants = Table(
    "variants",
    metadata,
    *aggregate_columns(),
    Column("product_id", Id, ForeignKey("products.id"), nullable=False),
    Column("sku", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("option_values", Json, nullable=False),
    # NULL while archived: the options are free for another one.
    Column("options_key", String(64)),
    choice("status", ProductStatus),
    Column("weight_g", Integer),
    Column("length_mm", Integer),
    Column("width_mm", Integer),
    Column("height_mm", Integer),
    choice("kind", VariantKind, default=VariantKind.SINGLE),
    Column("merged_into_id", Id, ForeignKey("variants.id"), index=True),
    CheckConstraint(
        "merged_into_id IS NULL OR (status = 'archived' AND merged_into_id <> id)",
        name="merged_is_archived",
    ),
    UniqueConstraint("product_id", "options_key"),
    # What refers to both says which kind it takes: stock of its own, or components.
    UniqueConstraint("id", "kind"),
    UniqueConstraint("id", "product_id"),
    *at_least_zero("weight_g", "length_mm", "width_mm", "height_mm"),
    sorted_by("created_at"),
    sorted_by("sku"),
    Index(None, "product_id", "created_at", "id"),
    Index(None, "status", "created_at"),
    Index(None, "kind", "created_at"),
)

# That a kit is no part of a kit is held by the kinds that the foreign keys ask for: a component
# cannot become a kit while it is one, nor a kit that has components anything else.
kit_components = Table(
    "kit_components",
    metadata,
    Column("kit_id", Id, primary_key=True),
    Column("component_id", Id, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("kit_kind", String(40), nullable=False, server_default=VariantKind.KIT.value),
    Column("component_kind", String(40), nullable=False, server_default=VariantKind.SINGLE.value),
    ForeignKeyConstraint(["kit_id", "kit_kind"], ["variants.id", "variants.kind"]),
    ForeignKeyConstraint(["component_id", "component_kind"], ["variants.id", "variants.kind"]),
    CheckConstraint("kit_kind = 'kit' AND component_kind = 'single'", name="not_nested"),
    CheckConstraint(f"quantity BETWEEN 1 AND {PACK_QUANTITY_MAX}", name="quantity_bounded"),
    Index(None, "component_id", "kit_id"),
)

barcodes = Table(
    "barcodes",
    metadata,
    Column("key", line(CODE_LENGTH_MAX), primary_key=True),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False, index=True),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, index=True),
    choice("kind", BarcodeKind),
    choice("level", PackLevel, default=PackLevel.EACH),
    Column("pack_quantity", Integer, nullable=False),
    CheckConstraint("pack_quantity > 0", name="pack_quantity_positive"),
)

prices = Table(
    "prices",
    metadata,
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("price_micro", BigInteger, nullable=False),
    *at_least_zero("price_micro"),
)

# What the price was from when on; NULL: it had none any more.
price_history = Table(
    "price_history",
    metadata,
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("valid_from", Instant, primary_key=True),
    Column("price_micro", BigInteger),
    *at_least_zero("price_micro"),
)

# Apart from the variant, since few may read it.
costs = Table(
    "costs",
    metadata,
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    currency_column(),
    Column("cost_micro", BigInteger, nullable=False),
    *at_least_zero("cost_micro"),
)

cost_history = Table(
    "cost_history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("variant_id", Id, ForeignKey("variants.id"), nullable=False),
    currency_column(nullable=True),
    Column("cost_micro", BigInteger),
    choice("source", CostSource),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    CheckConstraint("(currency IS NULL) = (cost_micro IS NULL)", name="cost_whole"),
    CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="ends"),
    *at_least_zero("cost_micro"),
    Index(None, "variant_id", "valid_from", "id"),
    sorted_by("valid_from"),
    # One cost at a time.
    Index(
        "uq_cost_history_open",
        "variant_id",
        unique=True,
        postgresql_where=text("valid_to IS NULL"),
        sqlite_where=text("valid_to IS NULL"),
    ),
)
