"""What can be done with sessions: started after a password was given, and ended.

Where the account has a second factor, the right password starts no session: it is answered by a
challenge, and `answering` goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.identity.commands.challenges import (
    NewChallenge,
    drop_challenges,
    new_challenge,
)
from backoffice_api.domain.identity.commands.tries import Try, forgive
from backoffice_api.domain.identity.model.factors import OnlyStaffHave
from backoffice_api.domain.identity.model.origins import NOWHERE, Origin, SignInWay
from backoffice_api.domain.identity.model.staff import (
    SECRET_BYTES,
    SESSION_LIFE,
    SESSIONS_OPEN_MAX,
    Session,
    SessionEnded,
    SessionStarted,
    StaffStatus,
    UnknownSession,
    WrongCredentials,
    new_secret,
    secret_hash,
)
from backoffice_api.domain.identity.queries import factors
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import passwords, sessions, staff
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import ActorKind, Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSession(Command):
    """To be run as the member of staff who gave the right password.

    `verified` is the stored hash that the password was compared with; `renewed` is what to keep in
    its place, where that was made with other parameters. `tried` is the try that this was.
    """

    scope = None
    staff_id: UUID
    verified: str
    renewed: str | None
    tried: Try
    origin: Origin = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession(Command):
    """One's own needs no right, others' need that to change access."""

    scope = None
    table = sessions
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOwnSessions(Command):
    """All sessions of who asks, but the one in which that is asked."""

    scope = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSessionsOf(Command):
    """All sessions of a member of staff."""

    scope = Scope.ACCESS_WRITE
    table = staff
    id: UUID


@dataclass(frozen=True, slots=True)
class Ended:
    """How many sessions of whom were ended."""

    staff_id: UUID
    sessions: int


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was started. The secret is None when the answer is given again."""

    id: UUID
    secret: Secret | None
    expires_at: datetime


def start_session(uow: UnitOfWork, command: StartSession) -> NewSession | NewChallenge:
    """Let somebody in whose password was found to be right, or ask for their second factor.

    Raises:
        WrongCredentials: meanwhile the password was changed or the person disabled.
    """
    owner = queries.staff_member(uow.db, command.staff_id, lock=True)
    is_current = queries.password_hash(uow.db, owner.id) == command.verified
    if owner.status is not StaffStatus.ACTIVE or not is_current:
        raise WrongCredentials
    if command.renewed is not None:
        uow.db.execute(
            update(passwords).where(passwords.c.staff_id == owner.id).values(hash=command.renewed)
        )
    forgive(uow, command.tried)
    if factors.has_second_factor(uow.db, owner.id):
        return new_challenge(uow, owner.id, SignInWay.PASSWORD)
    return let_in(uow, owner.id, SignInWay.PASSWORD, command.origin)


def let_in(
    uow: UnitOfWork,
    staff_id: UUID,
    way: SignInWay,
    origin: Origin,
    *,
    verified_at: datetime | None = None,
) -> NewSession:
    """Start a session of somebody whose row the caller has locked. The only place that does.

    Of `SESSIONS_OPEN_MAX` open sessions of the same person, the oldest ends. `verified_at`: when a
    second factor was given, if one was.
    """
    present = queries.open_sessions(uow.db, staff_id, uow.now, lock=True)
    _end(uow, present[: max(0, len(present) - SESSIONS_OPEN_MAX + 1)])
    secret = new_secret(ActorKind.STAFF, uow.random_bytes(SECRET_BYTES))
    made = Session(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        staff_id=staff_id,
        expires_at=uow.now + SESSION_LIFE,
        last_used_at=uow.now,
        ended_at=None,
        verified_at=verified_at,
        way=way,
        address=origin.address,
        agent=origin.agent,
    )
    add(uow, sessions, [made], secret_hash=[secret_hash(secret)])
    uow.emit(SessionStarted(made.id, made.version, made.staff_id), after=made)
    return NewSession(made.id, secret, made.expires_at)


def end_session(uow: UnitOfWork, command: EndSession) -> UUID:
    """End a session, one's own or another's. One that has ended stays so. The id.

    Raises:
        NotAllowed: it is not the caller's own, or there is none, and the caller may not know.
        UnknownSession: there is none.
    """
    found = queries.locked_session(uow.db, command.id)
    if found is None or found.staff_id != uow.caller.actor.id:
        uow.require(Scope.ACCESS_WRITE)
    if found is None:
        raise UnknownSession(command.id).at("id")
    if found.ended_at is None:
        _end(uow, [found])
    return found.id


def end_own_sessions(uow: UnitOfWork, command: EndOwnSessions) -> Ended:
    """End all sessions of who asks, but the one in which that is asked.

    Raises:
        OnlyStaffHave: a program asks.
    """
    staff_id = uow.caller.staff_id
    if staff_id is None:
        raise OnlyStaffHave
    return Ended(staff_id, end_open_sessions(uow, staff_id, but=uow.caller.actor.session_id))


def end_sessions_of(uow: UnitOfWork, command: EndSessionsOf) -> Ended:
    """End all sessions of a member of staff. It takes rights away and gives none.

    Raises:
        UnknownStaff: there is none.
    """
    owner = queries.staff_member(uow.db, command.id, lock=True)
    return Ended(owner.id, end_open_sessions(uow, owner.id))


def end_open_sessions(uow: UnitOfWork, staff_id: UUID, *, but: UUID | None = None) -> int:
    """End all sessions of one member of staff, and sign-ins that wait for a code. How many.

    `but`: the one session that goes on.
    """
    drop_challenges(uow, staff_id)
    present = queries.open_sessions(uow.db, staff_id, uow.now, lock=True)
    found = [each for each in present if each.id != but]
    _end(uow, found)
    return len(found)


def _end(uow: UnitOfWork, found: Sequence[Session]) -> None:
    """The only place that ends sessions, with one statement."""
    if not found:
        return
    uow.db.execute(
        update(sessions)
        .where(among(sessions.c.id, [each.id for each in found]), sessions.c.ended_at.is_(None))
        .values(ended_at=uow.now, updated_at=uow.now, version=sessions.c.version + 1)
    )
    for before in found:
        after = replace(before, version=before.version + 1, updated_at=uow.now, ended_at=uow.now)
        event = SessionEnded(after.id, after.version, after.staff_id)
        uow.emit(event, before=before, after=after)
