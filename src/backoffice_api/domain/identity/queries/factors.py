"""What can be asked about second factors, and about sign-ins that wait for a code."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.identity.model.factors import SecondFactor
from backoffice_api.domain.identity.model.origins import SignInWay
from backoffice_api.domain.identity.model.staff import (
    Session,
    StaffStatus,
    caller_of,
    secret_hash,
)
from backoffice_api.domain.identity.tables import (
    login_challenges,
    second_factors,
    sessions,
    staff,
)
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import ActorKind, Caller

factors_by_staff = one_per(SecondFactor, second_factors, second_factors.c.staff_id)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A sign-in that waits for a code, and whose it is."""

    id: UUID
    staff_id: UUID
    way: SignInWay
    caller: Caller


@dataclass(frozen=True, slots=True)
class Seed:
    """What codes are compared with. Locked: nobody else uses one meanwhile."""

    secret: Secret
    last_step: int
    is_confirmed: bool
    codes_left: int


def has_second_factor(db: Connection, staff_id: UUID) -> bool:
    """Whether this member of staff signs in with a second factor."""
    found = factors_by_staff(db, [staff_id]).get(staff_id)
    return found is not None and found.confirmed_at is not None


def locked_seed(db: Connection, staff_id: UUID) -> Seed | None:
    """What the codes of a member of staff are compared with. None: there is nothing."""
    row = db.execute(
        select(
            second_factors.c.secret,
            second_factors.c.last_step,
            second_factors.c.confirmed_at,
            second_factors.c.codes_left,
        )
        .where(second_factors.c.staff_id == staff_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    return Seed(Secret(row.secret), row.last_step, row.confirmed_at is not None, row.codes_left)


def open_challenge(db: Connection, secret: Secret, now: datetime) -> Challenge | None:
    """The sign-in that this secret stands for. None: there is none, or it took too long."""
    row = db.execute(
        select(
            login_challenges.c.id,
            login_challenges.c.staff_id,
            login_challenges.c.way,
            staff.c.name,
            staff.c.scopes,
        )
        .join_from(login_challenges, staff)
        .where(
            login_challenges.c.secret_hash == secret_hash(secret),
            login_challenges.c.expires_at > now,
            staff.c.status == StaffStatus.ACTIVE,
        )
    ).one_or_none()
    if row is None:
        return None
    caller = caller_of(ActorKind.STAFF, row.staff_id, row.name, row.scopes)
    return Challenge(row.id, row.staff_id, row.way, caller)


def own_session(db: Connection, caller: Caller) -> Session | None:
    """The session in which somebody asks. None: a program asks, or nobody is there."""
    id = caller.actor.session_id
    if id is None:
        return None
    statement = select_as(Session, sessions).where(sessions.c.id == id).with_for_update()
    return next(iter(fetch(db, Session, statement)), None)
