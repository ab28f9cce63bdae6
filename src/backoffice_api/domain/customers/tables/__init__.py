"""Where customers lie."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from backoffice_api.domain.customers.model import (
    POSTAL_CODE_LENGTH_MAX,
    TAG_LENGTH_MAX,
    CustomerKind,
    CustomerStatus,
)
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.contacts import (
    EMAIL_LENGTH_MAX,
    LOCALE_LENGTH_MAX,
    PHONE_LENGTH_MAX,
)
from backoffice_api.domain.kernel.sealing import INDEX_LENGTH_MAX, sealed
from backoffice_api.domain.kernel.tables import (
    Id,
    Json,
    aggregate_columns,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.tax_ids import TaxIdKind

customers = Table(
    "customers",
    metadata,
    *aggregate_columns(),
    choice("kind", CustomerKind),
    Column("name", line(), nullable=False, info=personal.NAME),
    Column("email", line(EMAIL_LENGTH_MAX), info=personal.CONTACT),
    Column("email_key", line(EMAIL_LENGTH_MAX), info=personal.CONTACT),
    Column("phone", String(PHONE_LENGTH_MAX), info=personal.CONTACT),
    Column("locale", String(LOCALE_LENGTH_MAX)),
    Column("country", line(2)),
    Column("note", Text, info=personal.CONTENT),
    choice("status", CustomerStatus),
    # Addresses are ASCII, so both databases agree on what lower() is.
    CheckConstraint("coalesce(email_key, '') = lower(coalesce(email, ''))", name="email_key_fits"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("name"),
    Index(None, "status", "created_at", "id"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "country", "created_at", "id"),
    # Not unique: a household or a company may share a mailbox.
    Index(None, "email_key", "created_at", "id"),
)

tags = Table(
    "customer_tags",
    metadata,
    Column("customer_id", Id, ForeignKey("customers.id"), primary_key=True),
    Column("tag", line(TAG_LENGTH_MAX), primary_key=True, info=personal.CUSTOM),
    Index(None, "tag", "customer_id"),
    info=personal.GOES,
)

tax_ids = Table(
    "customer_tax_ids",
    metadata,
    choice("kind", TaxIdKind),
    sealed("customer_tax_ids", "value", indexed_by="value_index", **personal.IDENTITY),
    # What it is found by. Until the first rotation of keys, the value of a row of before.
    Column("value_index", line(INDEX_LENGTH_MAX), nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False, index=True),
    PrimaryKeyConstraint("kind", "value_index"),
    info=personal.GOES,
)

addresses = Table(
    "customer_addresses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("label", line(), info=personal.ADDRESS),
    Column("recipient", line(), info=personal.ADDRESS),
    Column("lines", Json, nullable=False, info=personal.ADDRESS),
    Column("district", line(), info=personal.ADDRESS),
    Column("city", line(), nullable=False, info=personal.ADDRESS),
    Column("region", line(), info=personal.ADDRESS),
    Column("postal_code", String(POSTAL_CODE_LENGTH_MAX), info=personal.ADDRESS),
    Column("country", String(2), nullable=False),
    Column("is_default_shipping", Boolean, nullable=False),
    Column("is_default_billing", Boolean, nullable=False),
    Index(None, "customer_id", "id"),
    info=personal.GOES,
)

# At most one default of each kind.
for _flag in ("is_default_shipping", "is_default_billing"):
    Index(
        f"uq_customer_addresses_{_flag.removeprefix('is_')}",
        addresses.c.customer_id,
        unique=True,
        sqlite_where=text(_flag),
        postgresql_where=text(_flag),
    )
