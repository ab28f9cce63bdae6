"""Where consents lie: what was said, for ever, and what counts of each channel now."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from backoffice_api.domain.customers.model.consents import (
    TEXT_VERSION_LENGTH_MAX,
    ConsentChannel,
    ConsentSource,
    ConsentStatus,
    LegalBasis,
)
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import Id, Instant, choice, metadata, sorted_by

consents = Table(
    "customer_consents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    choice("channel", ConsentChannel),
    choice("status", ConsentStatus),
    choice("legal_basis", LegalBasis, nullable=True),
    choice("source", ConsentSource),
    Column("given_at", Instant, nullable=False),
    Column("text_version", String(TEXT_VERSION_LENGTH_MAX)),
    Column("evidence", Text, info={"personal": "content"}),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    Column("retracts_id", Id, ForeignKey("customer_consents.id"), unique=True),
    CheckConstraint(
        "status = 'withdrawn' OR legal_basis IS NOT NULL", name="granted_on_a_legal_basis"
    ),
    sorted_by("given_at"),
    Index(None, "customer_id", "given_at", "id"),
    Index(None, "customer_id", "channel", "given_at", "id"),
)
# Who erases a person erases the evidence, too; what was said, and when, stays as proof.
forbid_changes(consents, but=("evidence",))

consent_states = Table(
    "customer_consent_states",
    metadata,
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    choice("channel", ConsentChannel),
    choice("status", ConsentStatus),
    choice("legal_basis", LegalBasis, nullable=True),
    choice("source", ConsentSource),
    Column("given_at", Instant, nullable=False),
    Column("text_version", String(TEXT_VERSION_LENGTH_MAX)),
    Column("consent_id", Id, ForeignKey("customer_consents.id"), nullable=False),
    PrimaryKeyConstraint("customer_id", "channel"),
    Index(None, "status", "channel", "customer_id"),
)
