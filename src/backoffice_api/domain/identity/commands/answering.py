"""What a code does: it ends a sign-in that was begun, or proves anew who is there."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.identity.commands.codes import use_code
from backoffice_api.domain.identity.commands.sessions import NewSession, let_in
from backoffice_api.domain.identity.commands.tries import Try, forgive
from backoffice_api.domain.identity.model.factors import (
    ChallengeOver,
    CodeRefused,
    SessionVerified,
)
from backoffice_api.domain.identity.model.origins import NOWHERE, Origin, SignInWay
from backoffice_api.domain.identity.model.staff import StaffStatus, WrongCredentials
from backoffice_api.domain.identity.queries import factors
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import login_challenges, sessions
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChallenge(Command):
    """To be run as the member of staff who is signing in. `tried` is the try that this is."""

    scope = None
    challenge_id: UUID
    staff_id: UUID
    way: SignInWay
    code: Secret
    tried: Try
    origin: Origin = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifySession(Command):
    """To be run as who has the session. `tried` is the try that this is."""

    scope = None
    code: Secret
    tried: Try


def answer_challenge(uow: UnitOfWork, command: AnswerChallenge) -> NewSession:
    """Let somebody in who gave the password and now a code. One code lets in once.

    Raises:
        ChallengeOver: it was answered already, or took too long, or the password was changed.
        CodeRefused: the code is wrong, or was used.
        WrongCredentials: meanwhile the person was disabled.
    """
    owner = queries.staff_member(uow.db, command.staff_id, lock=True)
    if owner.status is not StaffStatus.ACTIVE:
        raise WrongCredentials
    answered = uow.db.execute(
        delete(login_challenges).where(
            login_challenges.c.id == command.challenge_id,
            login_challenges.c.staff_id == owner.id,
            login_challenges.c.expires_at > uow.now,
        )
    )
    if answered.rowcount != 1:
        raise ChallengeOver
    if not use_code(uow, owner, command.code):
        raise CodeRefused
    forgive(uow, command.tried)
    return let_in(uow, owner.id, command.way, command.origin, verified_at=uow.now)


def verify_session(uow: UnitOfWork, command: VerifySession) -> UUID:
    """Note that who has the session gave a code just now. The id of the session.

    Raises:
        CodeRefused: the code is wrong or was used, or there is no second factor.
    """
    staff_id = uow.caller.staff_id
    if staff_id is None:
        raise CodeRefused
    owner = queries.staff_member(uow.db, staff_id, lock=True)
    session = factors.own_session(uow.db, uow.caller)
    if session is None or not use_code(uow, owner, command.code):
        raise CodeRefused
    forgive(uow, command.tried)
    after = save(uow, sessions, session, replace(session, verified_at=uow.now))
    event = SessionVerified(after.id, after.version, after.staff_id)
    uow.emit(event, before=session, after=after)
    return after.id
