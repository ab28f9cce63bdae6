"""Where staff, sessions and API tokens lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
)

from backoffice_api.domain.identity.model.origins import AGENT_LENGTH_MAX, SignInWay
from backoffice_api.domain.identity.model.providers import ISSUER_LENGTH_MAX, SUBJECT_LENGTH_MAX
from backoffice_api.domain.identity.model.staff import HINT_LENGTH, StaffStatus
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.contacts import EMAIL_LENGTH_MAX
from backoffice_api.domain.kernel.sealing import sealed
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Json,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)

_SHA256_DIGITS = 64
DESCRIPTION_LENGTH_MAX = 1_000
TEMPLATE_LENGTH_MAX = 40
_ADDRESS_LENGTH_MAX = 45

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
    Column("budget", Integer),
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
    # When a code of the second factor was last given in it.
    Column("verified_at", Instant),
    choice("way", SignInWay, default=SignInWay.PASSWORD),
    Column("address", String(_ADDRESS_LENGTH_MAX), info=personal.DEVICE),
    Column("agent", line(AGENT_LENGTH_MAX), info=personal.DEVICE),
    sorted_by("created_at"),
    Index(None, "staff_id", "created_at", "id"),
    info=personal.OF_STAFF,
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True),
    sealed("second_factors", "secret"),
    Column("enrolled_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    # The last step whose code was taken: none before it is good any more.
    Column("last_step", BigInteger, nullable=False),
    # Wrong codes in a row.
    Column("misses", Integer, nullable=False),
    Column("codes_left", Integer, nullable=False),
    *at_least_zero("last_step", "misses", "codes_left"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True),
    Column("code_hash", String(_SHA256_DIGITS), primary_key=True),
    Column("used_at", Instant),
)

# Who gave a right password, and a code is awaited from.
login_challenges = Table(
    "login_challenges",
    metadata,
    Column("id", Id, primary_key=True),
    Column("secret_hash", String(_SHA256_DIGITS), nullable=False, unique=True),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False, index=True),
    choice("way", SignInWay),
    Column("expires_at", Instant, nullable=False, index=True),
)

# Who is on the way to an identity provider and back.
provider_logins = Table(
    "provider_logins",
    metadata,
    Column("id", Id, primary_key=True),
    Column("secret_hash", String(_SHA256_DIGITS), nullable=False, unique=True),
    Column("state_hash", String(_SHA256_DIGITS), nullable=False),
    Column("nonce", String(80), nullable=False),
    sealed("provider_logins", "verifier"),
    Column("expires_at", Instant, nullable=False, index=True),
)

# Whom identity providers know members of staff as.
provider_accounts = Table(
    "provider_accounts",
    metadata,
    Column("issuer", line(ISSUER_LENGTH_MAX), primary_key=True),
    Column("subject", line(SUBJECT_LENGTH_MAX), primary_key=True, info=personal.STAFF),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False, index=True),
    Column("linked_at", Instant, nullable=False),
    info=personal.OF_STAFF,
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

# What is left of the budgets that several processes share, each with its leases taken off.
shared_budgets = Table(
    "shared_budgets",
    metadata,
    # A member of staff or an API token.
    Column("owner_id", Id, primary_key=True),
    Column("available", BigInteger, nullable=False),
    Column("filled_at", Instant, nullable=False, index=True),
)
