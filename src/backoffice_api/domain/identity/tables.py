"""Where staff, sessions and API tokens lie."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, String, Table

from backoffice_api.domain.identity.model.staff import HINT_LENGTH, StaffStatus
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.contacts import EMAIL_LENGTH_MAX
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Json,
    aggregate_columns,
    choice,
    line,
    metadata,
    sorted_by,
)

_SHA256_DIGITS = 64
DESCRIPTION_LENGTH_MAX = 1_000
TEMPLATE_LENGTH_MAX = 40

staff = Table(
    "staff",
    metadata,
    *aggregate_columns(),
    Column("name", line(), nullable=False, info=personal.STAFF),
    Column("email", line(EMAIL_LENGTH_MAX), nullable=False, info=personal.STAFF),
    Column("email_key", line(EMAIL_LENGTH_MAX), nullable=False, unique=True, info=personal.STAFF),
    Column("scopes", Json, nullable=False),
    choice("status", StaffStatus),
    sorted_by("created_at"),
    sorted_by("name"),
    sorted_by("status", "created_at"),
    info=personal.OF_STAFF,
)

# Apart from the staff, so that no row that is read, compared or logged holds a hash.
passwords = Table(
    "passwords",
    metadata,
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True),
    Column("hash", String(250), nullable=False),
    Column("set_at", Instant, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    *aggregate_columns(),
    Column("name", line(), nullable=False),
    Column("hint", String(HINT_LENGTH), nullable=False),
    Column("secret_hash", String(_SHA256_DIGITS), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    sorted_by("created_at"),
    sorted_by("name"),
    sorted_by("revoked_at", "created_at"),
)

sessions = Table(
    "sessions",
    metadata,
    *aggregate_columns(),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("secret_hash", String(_SHA256_DIGITS), nullable=False, unique=True),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("last_used_at", Instant, nullable=False),
    Column("ended_at", Instant),
    sorted_by("created_at"),
    Index(None, "staff_id", "created_at", "id"),
)

# Wrong passwords of late, by account and by address of the network.
login_tries = Table(
    "login_tries",
    metadata,
    Column("key", String(80), primary_key=True),
    # Seconds since 1970, oldest first.
    Column("tried_at", Json, nullable=False),
    Column("updated_at", Instant, nullable=False, index=True),
)

# Beside the templates, which are no rows: they change with the program.
roles = Table(
    "roles",
    metadata,
    *aggregate_columns(),
    Column("name", line(), nullable=False, unique=True),
    Column("description", line(DESCRIPTION_LENGTH_MAX), nullable=False),
    Column("template", line(TEMPLATE_LENGTH_MAX)),
    Column("scopes", Json, nullable=False),
    Column("archived_at", Instant),
    sorted_by("created_at"),
    sorted_by("name"),
    sorted_by("archived_at", "created_at"),
)

role_grants = Table(
    "role_grants",
    metadata,
    *aggregate_columns(),
    Column("staff_id", Id, ForeignKey("staff.id")),
    Column("token_id", Id, ForeignKey("api_tokens.id")),
    Column("template", line(TEMPLATE_LENGTH_MAX)),
    Column("role_id", Id, ForeignKey("roles.id")),
    # NULL: no bound. Ids as 32 digits; amounts in minor units by currency.
    Column("channel_ids", Json),
    Column("location_ids", Json),
    Column("team_ids", Json),
    Column("amounts", Json),
    Column("ended_at", Instant),
    CheckConstraint("(staff_id IS NULL) <> (token_id IS NULL)", name="of_one_holder"),
    CheckConstraint("(template IS NULL) <> (role_id IS NULL)", name="of_one_role"),
    sorted_by("created_at"),
    Index(None, "staff_id", "created_at", "id"),
    Index(None, "token_id", "created_at", "id"),
    Index(None, "role_id", "created_at", "id"),
)

access_policies = Table(
    "access_policies",
    metadata,
    *aggregate_columns(),
    Column("refuses_conflicts", Boolean, nullable=False),
)
