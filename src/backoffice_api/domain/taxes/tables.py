"""Where tax rates lie, the tax terms of channels, the tax classes of variants, taxes of orders."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Json,
    aggregate_columns,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.taxes.model.categories import TaxCategory
from backoffice_api.domain.taxes.model.questions import PlaceSource
from backoffice_api.domain.taxes.model.rates import (
    HS_PREFIX_LENGTH_MAX,
    NAME_LENGTH_MAX,
    REGION_LENGTH_MAX,
    TaxBuyers,
)
from backoffice_api.domain.taxes.model.sheets import TaxAnswerStatus
from backoffice_api.domain.taxes.model.terms import TaxRounding

tax_rates = Table(
    "tax_rates",
    metadata,
    *aggregate_columns(),
    Column("name", line(NAME_LENGTH_MAX), nullable=False),
    Column("place", line(REGION_LENGTH_MAX + 3), nullable=False),
    Column("country", line(2)),
    Column("region", line(REGION_LENGTH_MAX)),
    Column("tax_class", line(CODE_LENGTH_MAX)),
    Column("hs_prefix", line(HS_PREFIX_LENGTH_MAX)),
    choice("buyers", TaxBuyers),
    choice("category", TaxCategory),
    Column("rate_ppm", Integer, nullable=False),
    Column("reason", line()),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("is_active", Boolean, nullable=False),
    CheckConstraint("rate_ppm BETWEEN 0 AND 1000000", name="rate_bounded"),
    CheckConstraint("(category = 'standard') = (rate_ppm > 0)", name="rate_of_standard"),
    CheckConstraint("region IS NULL OR country IS NOT NULL", name="region_of_country"),
    CheckConstraint("valid_until IS NULL OR valid_from < valid_until", name="ends"),
    sorted_by("place"),
    sorted_by("created_at"),
    sorted_by("valid_from"),
    Index(None, "is_active", "place", "id"),
    Index(None, "country", "place", "id"),
    Index(None, "tax_class", "place", "id"),
)

channel_taxes = Table(
    "channel_taxes",
    metadata,
    Column("channel_id", Id, ForeignKey("channels.id"), primary_key=True),
    Column("prices_include_tax", Boolean, nullable=False),
    Column("country", String(2), nullable=False),
    Column("region", line(REGION_LENGTH_MAX)),
    Column("time_zone", line(), nullable=False),
    Column("shipping_class", line(CODE_LENGTH_MAX)),
    choice("rounding", TaxRounding),
    Column("provider", line(CODE_LENGTH_MAX)),
    Column("needs_provider", Boolean, nullable=False),
)

variant_tax_classes = Table(
    "variant_tax_classes",
    metadata,
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    Column("tax_class", line(CODE_LENGTH_MAX), nullable=False, index=True),
)

order_taxes = Table(
    "order_taxes",
    metadata,
    Column("order_id", Id, ForeignKey("orders.id"), primary_key=True),
    choice("status", TaxAnswerStatus),
    Column("provider", line(CODE_LENGTH_MAX)),
    Column("digest", String(64), nullable=False),
    Column("message", Text),
    Column("country", String(2), nullable=False),
    Column("region", line(REGION_LENGTH_MAX)),
    choice("place_source", PlaceSource),
    Column("is_business", Boolean, nullable=False),
    Column("shipping_given", Boolean, nullable=False),
    Column("lines", Json, nullable=False),
)
