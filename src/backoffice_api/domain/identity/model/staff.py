"""Staff, sessions and API tokens: words and rules.

Staff sign in with a password and get a session; programs have API tokens. Both bear a secret that
is shown once: a prefix for scanners, 256 random bits, and a checksum that tells a typing error from
a wrong key. Only its SHA-256 is kept, which is enough where nobody can guess.
"""

import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.identity.model.origins import SignInWay
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.contacts import InvalidEmail, check_email, email_key
from backoffice_api.domain.kernel.errors import Denied, Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.texts import InvalidText, check_text
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller

# NIST SP 800-63B-4, 3.1.1.2: at least 15 where the password is the only factor.
PASSWORD_LENGTH_MIN = 15
PASSWORD_LENGTH_MAX = 256
PASSWORD_SIGNS_MIN = 5

SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
# Who signs in once more ends the oldest of so many.
SESSIONS_OPEN_MAX = 20

# So often, at most, it is noted that a secret was used.
USE_NOTED_EVERY = timedelta(minutes=1)

SECRET_BYTES = 32
HINT_LENGTH = 7
_CHECKSUM_BYTES = 4
_SECRET_PREFIXES = {ActorKind.TOKEN: "bo", ActorKind.STAFF: "bs"}
_SECRET = re.compile(r"(bo|bs)_([A-Za-z0-9_-]{48})")

# The kinds of id by which actors are named.
ACTOR_PREFIXES = {ActorKind.STAFF: "stf", ActorKind.TOKEN: "tok"}


class StaffStatus(Choice):
    """Whether a member of staff may sign in."""

    ACTIVE = "active", "May sign in."
    DISABLED = "disabled", "May not sign in; all sessions are ended."


MACHINE = Machine(
    StaffStatus.ACTIVE,
    move("update", {StaffStatus.ACTIVE, StaffStatus.DISABLED}),
    move("setPassword", {StaffStatus.ACTIVE, StaffStatus.DISABLED}),
    move("disable", {StaffStatus.ACTIVE}, StaffStatus.DISABLED),
    move("enable", {StaffStatus.DISABLED}, StaffStatus.ACTIVE),
)


class StaffSortKey(Choice):
    """By what a list of staff is sorted."""

    CREATED_AT = "created_at", "When the account was made."
    NAME = "name", "The name, by code point."


class ApiTokenSortKey(Choice):
    """By what a list of API tokens is sorted."""

    CREATED_AT = "created_at", "When the token was made."
    NAME = "name", "The name, by code point."


class SessionSortKey(Choice):
    """By what a list of sessions is sorted."""

    CREATED_AT = "created_at", "When the session was started."


@dataclass(frozen=True, slots=True)
class Staff:
    """A person who works here. The password lies apart from it."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str = field(metadata={"personal": "staff"})
    email: str = field(metadata={"personal": "staff"})
    scopes: Sequence[str]
    status: StaffStatus

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What a program bears. `hint` is how its secret begins; `expires_at` None: never.

    `budget` is the cost that it may spend at once. None: what everybody may.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    hint: str
    scopes: Sequence[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    budget: int | None


@dataclass(frozen=True, slots=True)
class Session:
    """What a member of staff bears after signing in.

    `verified_at`: when a code of the second factor was last given in it. `address` and `agent`:
    where it was started from, as far as that is known.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    staff_id: UUID
    expires_at: datetime
    last_used_at: datetime
    ended_at: datetime | None
    verified_at: datetime | None
    way: SignInWay
    address: str | None = field(metadata={"personal": "device"})
    agent: str | None = field(metadata={"personal": "device"})


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose secret it is, and when its use was last noted. None: never.

    `budget` is the cost that may be spent at once. None: what everybody may.
    """

    caller: Caller
    last_used_at: datetime | None
    budget: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What may be signed in to, by whom, and what is kept of the password."""

    staff_id: UUID
    caller: Caller
    password_hash: str


@dataclass(frozen=True, slots=True)
class StaffCreated(Event):
    type = "staff.created"
    subject = "stf"
    summary = "A member of staff was added."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class StaffUpdated(Event):
    type = "staff.updated"
    subject = "stf"
    summary = "A member of staff was changed."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class StaffPasswordSet(Event):
    type = "staff.password_set"
    subject = "stf"
    summary = "The password of a member of staff was set."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class StaffDisabled(Event):
    type = "staff.disabled"
    subject = "stf"
    summary = "A member of staff may not sign in any more."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class StaffEnabled(Event):
    type = "staff.enabled"
    subject = "stf"
    summary = "A member of staff may sign in again."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class TokenCreated(Event):
    type = "token.created"
    subject = "tok"
    summary = "API token {name} was made."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class TokenRevoked(Event):
    type = "token.revoked"
    subject = "tok"
    summary = "API token {name} was revoked."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class SessionStarted(Event):
    type = "session.started"
    subject = "ses"
    summary = "A member of staff signed in."
    id: UUID
    version: int
    staff_id: UUID


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    type = "session.ended"
    subject = "ses"
    summary = "A session of a member of staff was ended."
    id: UUID
    version: int
    staff_id: UUID


@dataclass(eq=False)
class UnknownStaff(Missing):
    """There is no member of staff with this id."""

    id: UUID
    message = "There is no such member of staff."


@dataclass(eq=False)
class UnknownToken(Missing):
    """There is no API token with this id."""

    id: UUID
    message = "There is no such API token."


@dataclass(eq=False)
class UnknownSession(Missing):
    """There is no session with this id."""

    id: UUID
    message = "There is no such session."


@dataclass(eq=False)
class EmailTaken(Refused):
    """Another member of staff signs in with this address."""

    message = "Another member of staff has this e-mail address."


@dataclass(eq=False)
class ScopeNotHeld(Refused):
    """Nobody gives rights that they do not hold, or changes staff who hold rights they lack."""

    scopes: tuple[str, ...]
    message = "You do not hold all of these scopes yourself."


@dataclass(eq=False)
class GuessablePassword(Invalid):
    """A password is made of a few signs only, or holds the address of its owner."""

    message = "This password is too easy to guess."


@dataclass(eq=False)
class ExpiryPassed(Invalid):
    """A token would have expired before it is made."""

    message = "This moment has passed."


@dataclass(eq=False)
class WrongCredentials(Denied):
    """No active account has this address and this password. It is not said which is wrong."""

    message = "The e-mail address or the password is wrong."


@dataclass(eq=False)
class TooManyTries(Denied):
    """Too many wrong passwords for one account, or from one address of the network."""

    retry_after_s: int
    message = "Too many tries. Try again in {retry_after_s} s."


def new_secret(kind: ActorKind, random: bytes) -> Secret:
    """What a token or, for staff, a session is known by; made of `SECRET_BYTES` random bytes."""
    prefix = _SECRET_PREFIXES[kind]
    body = urlsafe_b64encode(random + _checksum(prefix, random))
    return Secret(f"{prefix}_{body.decode()}")


def kind_of(secret: Secret) -> ActorKind | None:
    """Who bears such a secret. None: nobody, for it is mistyped or no secret of ours at all."""
    if not (match := _SECRET.fullmatch(secret.reveal())):
        return None
    prefix, body = match[1], urlsafe_b64decode(match[2])
    if body[SECRET_BYTES:] != _checksum(prefix, body[:SECRET_BYTES]):
        return None
    return next(kind for kind, each in _SECRET_PREFIXES.items() if each == prefix)


def secret_hash(secret: Secret) -> str:
    """What is kept of a secret, and what it is found by."""
    return sha256(secret.reveal().encode()).hexdigest()


def hint_of(secret: Secret) -> str:
    """How a secret begins, for telling tokens apart."""
    return secret.reveal()[:HINT_LENGTH]


def caller_of(kind: ActorKind, id: UUID, name: str, scopes: Iterable[str]) -> Caller:
    """Somebody with those of the stored rights that this version of the program knows."""
    stored = frozenset(scopes)
    return Caller(Actor(kind, id, name), frozenset(each for each in Scope if each in stored))


def check_name(faults: Faults, name: str) -> None:
    check_text(name, faults, "name")


def checked_email(faults: Faults, email: str) -> str:
    """The address as it is kept; as it was given, and noted, if it is none."""
    try:
        return check_email(email)
    except InvalidEmail as fault:
        faults.add(fault.at("email"))
        return email


def check_password(faults: Faults, password: Secret, email: str) -> None:
    """Note if a password is too short, too long or easy to guess for who knows the address."""
    text = password.reveal()
    if not PASSWORD_LENGTH_MIN <= len(text) <= PASSWORD_LENGTH_MAX:
        faults.add(InvalidText(PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX).at("password"))
    elif len(set(text)) < PASSWORD_SIGNS_MIN or email_key(email) in text.casefold():
        faults.add(GuessablePassword().at("password"))


def check_held(faults: Faults, caller: Caller, scopes: Iterable[str], *path: str | int) -> None:
    """Note if the caller lacks some of `scopes`, or holds them for a part only."""
    if lacking := set(scopes) - (caller.scopes - caller.reach.scopes()):
        faults.add(ScopeNotHeld(tuple(sorted(lacking))).at(*path))


def in_order(scopes: Iterable[Scope]) -> tuple[str, ...]:
    """Rights as they are kept: each once, sorted."""
    return tuple(sorted({each.value for each in scopes}))


def _checksum(prefix: str, random: bytes) -> bytes:
    return zlib.crc32(prefix.encode() + random).to_bytes(_CHECKSUM_BYTES)
