"""Consents: whether a customer may be written to by a channel, and what proves it.

What was said is recorded and never changed; a withdrawal is a record of its own. Of each channel
the latest statement counts, by when it was made, not by when it was recorded (LGPD art. 8, GDPR
art. 7: who relies on a consent proves it, and withdrawing is as easy as giving).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.customers.model import CONTENT
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.texts import check_text

CONSENTS_AT_ONCE_MAX = 20
TEXT_VERSION_LENGTH_MAX = 60
EVIDENCE_LENGTH_MAX = 1_000
# Clocks of shops and of this house differ a little.
CLOCK_DIFFERENCE_MAX = timedelta(minutes=5)


class ConsentChannel(Choice):
    """By what a customer is written to or called."""

    EMAIL = "email", "E-mail."
    SMS = "sms", "Text messages."
    WHATSAPP = "whatsapp", "WhatsApp and the like."
    PHONE = "phone", "Calls."
    PUSH = "push", "Notifications of an app."
    POST = "post", "Letters."


class ConsentStatus(Choice):
    """What a customer said of a channel."""

    GRANTED = "granted", "The shop may write to the customer."
    WITHDRAWN = "withdrawn", "The shop may not."


class LegalBasis(Choice):
    """Why the shop may write to a customer."""

    CONSENT = "consent", "The customer agreed: LGPD art. 7 I, GDPR art. 6(1)(a)."
    CONTRACT = "contract", "An order demands it: LGPD art. 7 V, GDPR art. 6(1)(b)."
    LEGAL_OBLIGATION = "legal_obligation", "The law demands it: LGPD art. 7 II, GDPR art. 6(1)(c)."
    LEGITIMATE_INTEREST = (
        "legitimate_interest",
        "The shop may expect it to be welcome: LGPD art. 7 IX, GDPR art. 6(1)(f).",
    )


class ConsentSource(Choice):
    """Where a customer said it."""

    CHECKOUT = "checkout", "When ordering."
    ACCOUNT = "account", "In the account at the shop."
    FORM = "form", "In a form, as for a newsletter."
    MESSAGE = "message", "By a link in a message, or in the answer to one."
    PHONE = "phone", "In a call."
    IN_PERSON = "in_person", "Face to face, or on paper."
    IMPORT = "import", "Taken over from another system."
    MERGE = "merge", "Taken over from a duplicate, or put back when that was undone."


class ConsentSortKey(Choice):
    """By what a list of consents is sorted."""

    GIVEN_AT = "given_at", "When the customer said it."


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDraft:
    """What a customer said. `given_at` None: now. `evidence`: what proves it beyond the rest."""

    channel: ConsentChannel
    status: ConsentStatus
    source: ConsentSource
    legal_basis: LegalBasis | None = None
    given_at: datetime | None = None
    text_version: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """What a customer said of a channel, kept for ever. `text_version`: the text agreed to.

    `retracts_id`: it says nothing itself, but that this one was recorded by mistake.
    """

    id: UUID
    created_at: datetime
    customer_id: UUID
    channel: ConsentChannel
    status: ConsentStatus
    legal_basis: LegalBasis | None
    source: ConsentSource
    given_at: datetime
    text_version: str | None
    evidence: str | None = field(metadata=CONTENT)
    actor_kind: str
    actor_id: UUID | None
    retracts_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ConsentState:
    """What counts of a channel now: the latest that the customer said."""

    customer_id: UUID
    channel: ConsentChannel
    status: ConsentStatus
    legal_basis: LegalBasis | None
    source: ConsentSource
    given_at: datetime
    text_version: str | None
    consent_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerConsentGranted(Event):
    type = "customer.consent_granted"
    subject = "cus"
    summary = "The customer may be written to by {channel}."
    id: UUID
    version: int
    channel: ConsentChannel
    consent_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerConsentWithdrawn(Event):
    type = "customer.consent_withdrawn"
    subject = "cus"
    summary = "The customer may no longer be written to by {channel}."
    id: UUID
    version: int
    channel: ConsentChannel
    consent_id: UUID


@dataclass(eq=False)
class LegalBasisMissing(Invalid):
    """Nobody is written to without a reason in law."""

    message = "What is granted needs a legal basis."


@dataclass(eq=False)
class ConsentTextMissing(Invalid):
    """A consent is to something: the version of the text proves to what."""

    message = "A consent names the version of the text that was agreed to."


@dataclass(eq=False)
class ConsentInFuture(Invalid):
    """A customer has said only what was said already."""

    message = "A consent cannot be given in the future."


def check_consent(draft: ConsentDraft, now: datetime, faults: Faults, *path: str | int) -> None:
    """Note what is wrong with what a customer is to have said."""
    check_text(draft.text_version, faults, *path, "text_version", maximum=TEXT_VERSION_LENGTH_MAX)
    check_text(draft.evidence, faults, *path, "evidence", maximum=EVIDENCE_LENGTH_MAX)
    if draft.given_at is not None and draft.given_at > now + CLOCK_DIFFERENCE_MAX:
        faults.add(ConsentInFuture().at(*path, "given_at"))
    if draft.status is ConsentStatus.GRANTED:
        if draft.legal_basis is None:
            faults.add(LegalBasisMissing().at(*path, "legal_basis"))
        if draft.legal_basis is LegalBasis.CONSENT and draft.text_version is None:
            faults.add(ConsentTextMissing().at(*path, "text_version"))


def counts(new: Consent, present: ConsentState | None) -> bool:
    """Whether what was said counts above what counted until now. Of one moment, the later id."""
    if present is None:
        return True
    return (new.given_at, new.id) > (present.given_at, present.consent_id)


def prevails(other: ConsentState, present: ConsentState | None) -> bool:
    """Whether what a duplicate said counts above this: the stricter does; of two alike, the later.

    None: the one that stays has said nothing of the channel.
    """
    if present is None:
        return True
    if other.status is not present.status:
        return other.status is ConsentStatus.WITHDRAWN
    return other.given_at > present.given_at


def state_of(consent: Consent) -> ConsentState:
    return ConsentState(
        consent.customer_id,
        consent.channel,
        consent.status,
        consent.legal_basis,
        consent.source,
        consent.given_at,
        consent.text_version,
        consent.id,
    )
