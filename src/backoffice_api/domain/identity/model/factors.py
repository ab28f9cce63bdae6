"""The second factor of staff: codes of an app (TOTP, RFC 6238), and codes for when it is lost.

The app and the server share 160 random bits and a clock. Codes have six digits and change every
thirty seconds; one that is a step early or late is taken too, and none is taken twice.
"""

import re
from base64 import b32decode, b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from backoffice_api.domain.kernel.errors import Denied, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret

# RFC 4226, section 4, R6: 160 bits are recommended.
SEED_BYTES = 20
DIGITS = 6
STEP_S = 30
# How many steps a clock may be wrong (RFC 6238, section 5.2).
DRIFT_STEPS = 1
ISSUER = "Back office"

RECOVERY_CODES = 10
# 80 bits, which nobody guesses: kept as SHA-256.
RECOVERY_BYTES = 10

# Wrong codes for one account within the window of wrong passwords; and in a row, ever, after which
# only a reset helps (NIST SP 800-63B-4, 3.2.2, allows 100).
CODES_MAX = 5
MISSES_MAX = 100

CHALLENGE_LIFE = timedelta(minutes=5)
# What weakens an account takes a code given so recently in the same session.
FRESH_FOR = timedelta(minutes=10)

_CODE = re.compile(rf"[0-9]{{{DIGITS}}}")
_RECOVERY = re.compile(r"[a-z2-7]{16}")


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What is known of somebody's second factor besides its secret.

    `confirmed_at` None: it was begun, and nothing asks for it yet.
    """

    staff_id: UUID
    enrolled_at: datetime
    confirmed_at: datetime | None
    codes_left: int


@dataclass(frozen=True, slots=True)
class Demand:
    """Of whom a second factor is demanded: of all staff, or of those who hold one of `scopes`.

    `fresh`: rights that are held only for `FRESH_FOR` after a code was given.
    """

    of_all: bool = False
    scopes: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()

    def concerns(self, held: Iterable[str]) -> bool:
        """Whether it is demanded of somebody who holds these scopes."""
        return self.of_all or not self.scopes.isdisjoint(held)

    def left(
        self, held: frozenset[Scope], verified_at: datetime | None, now: datetime
    ) -> frozenset[Scope]:
        """What is left of somebody's rights in a session in which a code was given then."""
        if verified_at is None and self.concerns(held):
            return frozenset()
        if verified_at is not None and verified_at >= now - FRESH_FOR:
            return held
        return frozenset(each for each in held if each not in self.fresh)


NO_DEMAND = Demand()


@dataclass(frozen=True, slots=True)
class SecondFactorEnrolled(Event):
    type = "staff.second_factor_enrolled"
    subject = "stf"
    summary = "A member of staff began to set up a second factor."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class SecondFactorConfirmed(Event):
    type = "staff.second_factor_confirmed"
    subject = "stf"
    summary = "A member of staff signs in with a second factor from now on."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class SecondFactorRemoved(Event):
    type = "staff.second_factor_removed"
    subject = "stf"
    summary = "A member of staff gave the second factor up."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class SecondFactorReset(Event):
    type = "staff.second_factor_reset"
    subject = "stf"
    summary = "The second factor of a member of staff was reset by somebody else."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class RecoveryCodesRenewed(Event):
    type = "staff.recovery_codes_renewed"
    subject = "stf"
    summary = "A member of staff has new recovery codes; the old ones are good for nothing."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class RecoveryCodeUsed(Event):
    type = "staff.recovery_code_used"
    subject = "stf"
    summary = "A member of staff signed in with a recovery code; {left} are left."
    id: UUID
    version: int
    left: int


@dataclass(frozen=True, slots=True)
class SessionVerified(Event):
    type = "session.verified"
    subject = "ses"
    summary = "A member of staff gave a code of the second factor in a session."
    id: UUID
    version: int
    staff_id: UUID


@dataclass(eq=False)
class OnlyStaffHave(Refused):
    """Programs have no sessions and no second factor: only people do."""

    message = "Only a member of staff who is signed in has this."


@dataclass(eq=False)
class SecondFactorPresent(Refused):
    """The account has a second factor. Give it up first."""

    message = "This account has a second factor already."


@dataclass(eq=False)
class NoSecondFactor(Refused):
    """The account has no second factor, or none that was begun."""

    message = "This account has no second factor."


@dataclass(eq=False)
class WrongCode(Refused):
    """The code is not that of now, or was used already."""

    message = "The code is wrong, or was used already."


@dataclass(eq=False)
class FreshCodeNeeded(Refused):
    """This weakens the account: it takes a code given in this session of late."""

    minutes: int
    message = "Give a code anew first: one given in the last {minutes} minutes is needed."


@dataclass(eq=False)
class FreshSignInNeeded(Refused):
    """A second factor is set up right after signing in: an old session may be a stolen one."""

    minutes: int
    message = "Sign in anew first: this takes a session of at most {minutes} minutes."


@dataclass(eq=False)
class OwnSecondFactor(Refused):
    """Nobody resets a second factor of their own: whoever found the session could."""

    message = "Your own second factor is given up with a code, or reset by somebody else."


@dataclass(eq=False)
class CodeRefused(Denied):
    """The code that was to end a sign-in is wrong, or was used."""

    message = "The code is wrong, or was used already."


@dataclass(eq=False)
class ChallengeOver(Denied):
    """The sign-in that this code belongs to was not begun, or too long ago, or is done."""

    message = "This sign-in is over. Begin anew."


@dataclass(eq=False)
class SecondFactorLocked(Denied):
    """There were so many wrong codes in a row that no code is looked at any more."""

    message = "There were too many wrong codes. Have the second factor reset."


def new_seed(random: bytes) -> Secret:
    """What the app is told, of `SEED_BYTES` random bytes, in base32."""
    return Secret(b32encode(random).decode())


def seed_uri(seed: Secret, email: str) -> Secret:
    """The seed as apps read it off a QR code (Key Uri Format)."""
    return Secret(_totp(seed).get_provisioning_uri(email, ISSUER))


def matching_step(seed: Secret, code: Secret, now: datetime, last_step: int) -> int | None:
    """The step whose code this is, near `now` and after the last one used. None: of none."""
    given = _stripped(code)
    if not _CODE.fullmatch(given):
        return None
    totp, present = _totp(seed), int(now.timestamp()) // STEP_S
    found = None
    # All of them, whichever fits: the time must not tell.
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if compare_digest(totp.generate(step * STEP_S), given.encode()) and step > last_step:
            found = step
    return found


def new_recovery_code(random: bytes) -> Secret:
    """A code to be written down, of `RECOVERY_BYTES` random bytes: `abcd-efgh-ijkl-mnop`."""
    text = b32encode(random).decode().lower()
    return Secret("-".join(text[at : at + 4] for at in range(0, len(text), 4)))


def recovery_hash(code: Secret) -> str | None:
    """What is kept of a recovery code. None: it has not the form of one."""
    given = _stripped(code).lower()
    return sha256(given.encode()).hexdigest() if _RECOVERY.fullmatch(given) else None


def _totp(seed: Secret) -> TOTP:
    # What all apps know. HMAC does not rest on what is broken of SHA-1 (RFC 6151 says so of MD5).
    return TOTP(b32decode(seed.reveal()), DIGITS, SHA1(), STEP_S)  # noqa: S303  # nosec B303


def _stripped(code: Secret) -> str:
    """As people type them: with spaces and hyphens, which say nothing."""
    return code.reveal().replace(" ", "").replace("-", "")
