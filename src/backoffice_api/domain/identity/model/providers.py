"""Signing in through an identity provider (OpenID Connect Core 1.0): words and rules."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.kernel.errors import Denied, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.secret import Secret

ISSUER_LENGTH_MAX = 250
# OpenID Connect Core 1.0, section 2: at most 255 ASCII characters.
SUBJECT_LENGTH_MAX = 255
# There and back, with a password and a code to be typed in between.
LOGIN_LIFE = timedelta(minutes=10)
RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a provider says somebody is.

    `email` is None unless the provider has verified it. `by_second_factor`: it has asked for more
    than one factor itself. `signed_in_at`: when they did so there (`auth_time`); None: it does not
    say.
    """

    issuer: str
    subject: str
    email: str | None
    by_second_factor: bool
    signed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """As whom a provider knows a member of staff."""

    staff_id: UUID
    issuer: str
    subject: str = field(metadata={"personal": "staff"})
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class Outward:
    """What goes to the provider: `state` comes back, `nonce` returns in the token, `challenge`
    stands for the verifier (PKCE, RFC 7636)."""

    state: str
    nonce: str
    challenge: str


@dataclass(frozen=True, slots=True)
class StaffLinked(Event):
    type = "staff.provider_linked"
    subject = "stf"
    summary = "A member of staff signs in through {issuer} from now on."
    id: UUID
    version: int
    issuer: str


@dataclass(frozen=True, slots=True)
class StaffUnlinked(Event):
    type = "staff.provider_unlinked"
    subject = "stf"
    summary = "A member of staff is known to no identity provider any more."
    id: UUID
    version: int


@dataclass(eq=False)
class NotLinked(Refused):
    """The account is known to no identity provider."""

    message = "This account is linked with no identity provider."


@dataclass(eq=False)
class NobodyLinked(Denied):
    """Nobody of the staff is known to be whom the provider names. No account is made of that."""

    message = "Nobody here is known by this account."


@dataclass(eq=False)
class SignInOver(Denied):
    """This sign-in was not begun here, or too long ago, or is done."""

    message = "This sign-in is over. Begin anew."


def random_text(random: bytes) -> str:
    """Random bytes as they stand in an address."""
    return urlsafe_b64encode(random).rstrip(b"=").decode()


def challenge_of(verifier: Secret) -> str:
    """What stands for a verifier until it is shown: S256 of RFC 7636, section 4.2."""
    digest = sha256(verifier.reveal().encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
