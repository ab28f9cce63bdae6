"""Sign-ins that wait for a code: begun, counted, dropped."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, update

from backoffice_api.domain.identity.commands.tries import Try, count_try
from backoffice_api.domain.identity.model.factors import (
    CHALLENGE_LIFE,
    CODES_MAX,
    MISSES_MAX,
    SecondFactorLocked,
)
from backoffice_api.domain.identity.model.origins import SignInWay
from backoffice_api.domain.identity.model.providers import random_text
from backoffice_api.domain.identity.model.staff import SECRET_BYTES, secret_hash
from backoffice_api.domain.identity.queries import factors
from backoffice_api.domain.identity.tables import login_challenges, second_factors
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCode(Command):
    """To be run as the system, before a code is looked at: what is refused is counted too."""

    scope = Scope.ACCESS_WRITE
    staff_id: UUID
    address: str | None


@dataclass(frozen=True, slots=True)
class NewChallenge:
    """What a code is to be sent with. The secret is None when the answer is given again."""

    secret: Secret | None
    expires_at: datetime


def claim_code(uow: UnitOfWork, command: ClaimCode) -> Try:
    """Count one code that is about to be tried.

    Raises:
        TooManyTries: there were too many of late; this one is not counted.
        SecondFactorLocked: there were too many in a row.
    """
    tried = count_try(uow, f"code:{command.staff_id.hex}", CODES_MAX, command.address)
    counted = uow.db.execute(
        update(second_factors)
        .where(second_factors.c.staff_id == command.staff_id, second_factors.c.misses < MISSES_MAX)
        .values(misses=second_factors.c.misses + 1)
    )
    if counted.rowcount == 0 and factors.has_second_factor(uow.db, command.staff_id):
        raise SecondFactorLocked
    return tried


def new_challenge(uow: UnitOfWork, staff_id: UUID, way: SignInWay) -> NewChallenge:
    """Ask somebody whose row the caller has locked for a code. Each has one challenge at most."""
    drop_challenges(uow, staff_id)
    secret = Secret(random_text(uow.random_bytes(SECRET_BYTES)))
    expires_at = uow.now + CHALLENGE_LIFE
    uow.db.execute(
        insert(login_challenges).values(
            id=uow.new_id(),
            secret_hash=secret_hash(secret),
            staff_id=staff_id,
            way=way,
            expires_at=expires_at,
        )
    )
    return NewChallenge(secret, expires_at)


def drop_challenges(uow: UnitOfWork, staff_id: UUID) -> None:
    """Have all sign-ins of somebody begin anew."""
    uow.db.execute(delete(login_challenges).where(login_challenges.c.staff_id == staff_id))
