"""Where claims on carriers lie, and which parcels were not taken."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table, Text

from backoffice_api.domain.kernel import personal
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
from backoffice_api.domain.returns.model.claims import (
    CARRIER_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
    ClaimKind,
    ClaimState,
)

carrier_claims = Table(
    "carrier_claims",
    metadata,
    *aggregate_columns(),
    Column("number", line(), nullable=False, unique=True),
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False),
    choice("kind", ClaimKind),
    choice("status", ClaimState),
    Column("carrier", line(CARRIER_LENGTH_MAX), nullable=False),
    Column("parcel_id", Id, ForeignKey("parcels.id"), index=True),
    Column("tracking_id", Id, ForeignKey("trackings.id"), index=True),
    Column("exception_id", Id, ForeignKey("tracking_exceptions.id"), index=True),
    currency_column(),
    Column("claimed_minor", BigInteger, nullable=False),
    Column("granted_minor", BigInteger, nullable=False),
    Column("reference", String(REFERENCE_LENGTH_MAX), info=personal.CONTENT),
    Column("note", Text, nullable=False, info=personal.NOTE),
    Column("submitted_at", Instant),
    Column("decided_at", Instant),
    Column("paid_at", Instant),
    CheckConstraint("claimed_minor > 0", name="claimed_positive"),
    CheckConstraint("granted_minor <= claimed_minor", name="granted_at_most_claimed"),
    CheckConstraint(
        "(granted_minor > 0) = (status IN ('granted', 'paid'))", name="granted_when_granted"
    ),
    CheckConstraint("(paid_at IS NOT NULL) = (status = 'paid')", name="paid_at_when_paid"),
    *at_least_zero("granted_minor"),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    Index(None, "return_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "carrier", "created_at", "id"),
)

# For which parcels there is a return because nobody took them: one each.
refused_parcels = Table(
    "refused_parcels",
    metadata,
    Column("parcel_id", Id, ForeignKey("parcels.id"), primary_key=True),
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False, index=True),
)
