"""Where contacts, locations, groups and notes of customers lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    text,
)

from backoffice_api.domain.customers.model import POSTAL_CODE_LENGTH_MAX
from backoffice_api.domain.customers.model.accounts import BuyerRole
from backoffice_api.domain.customers.model.groups import GroupStatus
from backoffice_api.domain.kernel.contacts import (
    EMAIL_LENGTH_MAX,
    LOCALE_LENGTH_MAX,
    PHONE_LENGTH_MAX,
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

_IDENTITY = {"personal": "identity"}
_CONTACT = {"personal": "contact"}
_ADDRESS = {"personal": "address"}

locations = Table(
    "customer_locations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("name", line(), nullable=False, info=_ADDRESS),
    Column("recipient", line(), info=_ADDRESS),
    Column("lines", Json, nullable=False, info=_ADDRESS),
    Column("district", line(), info=_ADDRESS),
    Column("city", line(), nullable=False, info=_ADDRESS),
    Column("region", line(), info=_ADDRESS),
    Column("postal_code", String(POSTAL_CODE_LENGTH_MAX), info=_ADDRESS),
    Column("country", String(2), nullable=False, info=_ADDRESS),
    Index(None, "customer_id", "id"),
    info={"goes": True},
)

contacts = Table(
    "customer_contacts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("name", line(), nullable=False, info=_IDENTITY),
    Column("title", line(), info=_IDENTITY),
    Column("email", line(EMAIL_LENGTH_MAX), info=_CONTACT),
    Column("email_key", line(EMAIL_LENGTH_MAX), info=_CONTACT),
    Column("phone", String(PHONE_LENGTH_MAX), info=_CONTACT),
    Column("locale", String(LOCALE_LENGTH_MAX)),
    Column("is_primary", Boolean, nullable=False),
    choice("buyer_role", BuyerRole, nullable=True),
    Column("location_id", Id, ForeignKey("customer_locations.id")),
    Column("spend_limit_minor", BigInteger),
    currency_column("spend_currency", nullable=True),
    CheckConstraint("coalesce(email_key, '') = lower(coalesce(email, ''))", name="email_key_fits"),
    CheckConstraint(
        "(spend_limit_minor IS NULL) = (spend_currency IS NULL)", name="spend_limit_whole"
    ),
    CheckConstraint(
        "spend_limit_minor IS NULL OR coalesce(buyer_role, '') IN ('buyer', 'admin')",
        name="buyers_spend",
    ),
    *at_least_zero("spend_limit_minor"),
    Index(None, "customer_id", "id"),
    Index(None, "email_key", "id"),
    Index(None, "location_id"),
    # One is asked first.
    Index(
        "uq_customer_contacts_primary",
        "customer_id",
        unique=True,
        sqlite_where=text("is_primary"),
        postgresql_where=text("is_primary"),
    ),
    info={"goes": True},
)

notes = Table(
    "customer_notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("author_kind", String(10), nullable=False),
    Column("author_id", Id),
    Column("body", Text, nullable=False, info={"personal": "content"}),
    sorted_by("created_at"),
    Index(None, "customer_id", "created_at", "id"),
)

groups = Table(
    "customer_groups",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("name", line(), nullable=False),
    Column("description", Text),
    choice("status", GroupStatus),
    sorted_by("name"),
    sorted_by("created_at"),
    Index(None, "status", "name", "id"),
)

group_members = Table(
    "customer_group_members",
    metadata,
    Column("group_id", Id, ForeignKey("customer_groups.id"), primary_key=True),
    Column("customer_id", Id, ForeignKey("customers.id"), primary_key=True),
    Index(None, "customer_id", "group_id"),
)
