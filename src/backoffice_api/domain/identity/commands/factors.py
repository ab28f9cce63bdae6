"""What can be done with second factors: set up, confirmed, given up, reset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, update

from backoffice_api.domain.identity.commands.codes import use_step
from backoffice_api.domain.identity.commands.sessions import end_open_sessions
from backoffice_api.domain.identity.commands.staff import check_covered
from backoffice_api.domain.identity.model.factors import (
    FRESH_FOR,
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SEED_BYTES,
    FreshCodeNeeded,
    FreshSignInNeeded,
    NoSecondFactor,
    OnlyStaffHave,
    OwnSecondFactor,
    RecoveryCodesRenewed,
    SecondFactorConfirmed,
    SecondFactorEnrolled,
    SecondFactorPresent,
    SecondFactorRemoved,
    SecondFactorReset,
    WrongCode,
    new_recovery_code,
    new_seed,
    recovery_hash,
    seed_uri,
)
from backoffice_api.domain.identity.model.staff import Session, Staff
from backoffice_api.domain.identity.queries import factors
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import (
    recovery_codes,
    second_factors,
    sessions,
    staff,
)
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolSecondFactor(Command):
    """One's own, as the other ones here that need no scope."""

    scope = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSecondFactor(Command):
    scope = None
    code: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSecondFactor(Command):
    scope = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewRecoveryCodes(Command):
    scope = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetSecondFactor(Command):
    """Somebody else's, who has lost app and codes."""

    scope = Scope.ACCESS_WRITE
    table = staff
    id: UUID


@dataclass(frozen=True, slots=True)
class NewFactor:
    """What an app is told, and the codes for when it is lost.

    All of it is None when the answer is given again.
    """

    staff_id: UUID
    secret: Secret | None
    uri: Secret | None
    codes: tuple[Secret | None, ...]


@dataclass(frozen=True, slots=True)
class NewCodes:
    """New recovery codes. Each is None when the answer is given again."""

    staff_id: UUID
    codes: tuple[Secret | None, ...]


def enrol_second_factor(uow: UnitOfWork, command: EnrolSecondFactor) -> NewFactor:
    """Begin to set up a second factor: nothing asks for it before it is confirmed.

    Begun once more, it begins anew.

    Raises:
        OnlyStaffHave: a program asks.
        FreshSignInNeeded: the session is older than `FRESH_FOR`, so that it may be a stolen one.
        SecondFactorPresent: there is one.
    """
    owner, session = _own(uow)
    _check_new(uow, session)
    if factors.has_second_factor(uow.db, owner.id):
        raise SecondFactorPresent
    _forget(uow, owner.id)
    seed = new_seed(uow.random_bytes(SEED_BYTES))
    uow.db.execute(
        insert(second_factors).values(
            staff_id=owner.id,
            secret=seed.reveal(),
            enrolled_at=uow.now,
            confirmed_at=None,
            last_step=0,
            misses=0,
            codes_left=RECOVERY_CODES,
        )
    )
    codes = _new_codes(uow, owner.id)
    after = save(uow, staff, owner, owner)
    uow.emit(SecondFactorEnrolled(after.id, after.version), before=owner, after=after)
    return NewFactor(owner.id, seed, seed_uri(seed, owner.email), tuple(codes))


def confirm_second_factor(uow: UnitOfWork, command: ConfirmSecondFactor) -> UUID:
    """Show that the app is set up, by its first code. Whose it is.

    From now on signing in takes a code. All other sessions end: they were started without one.

    Raises:
        OnlyStaffHave: a program asks.
        NoSecondFactor: it was not begun.
        SecondFactorPresent: it was confirmed before.
        WrongCode: the code is not that of now.
        FreshSignInNeeded: the session is older than `FRESH_FOR`. Wrong codes are not counted here:
            whoever found it could guess, and have the account for good.
    """
    owner, session = _own(uow)
    _check_new(uow, session)
    seed = factors.locked_seed(uow.db, owner.id)
    if seed is None:
        raise NoSecondFactor
    if seed.is_confirmed:
        raise SecondFactorPresent
    if not use_step(uow, owner.id, seed, command.code):
        raise WrongCode().at("code")
    uow.db.execute(
        update(second_factors)
        .where(second_factors.c.staff_id == owner.id)
        .values(confirmed_at=uow.now)
    )
    after = save(uow, staff, owner, owner)
    uow.emit(SecondFactorConfirmed(after.id, after.version), before=owner, after=after)
    _verify(uow, session, uow.now)
    end_open_sessions(uow, owner.id, but=session.id)
    return owner.id


def remove_second_factor(uow: UnitOfWork, command: RemoveSecondFactor) -> UUID:
    """Give one's own second factor up. Whose it was.

    Raises:
        OnlyStaffHave, NoSecondFactor.
        FreshCodeNeeded: no code was given in this session of late.
    """
    owner, session = _own(uow)
    _check_fresh(uow, owner, session)
    _forget(uow, owner.id)
    after = save(uow, staff, owner, owner)
    uow.emit(SecondFactorRemoved(after.id, after.version), before=owner, after=after)
    end_open_sessions(uow, owner.id, but=session.id)
    _verify(uow, session, None)
    return owner.id


def renew_recovery_codes(uow: UnitOfWork, command: RenewRecoveryCodes) -> NewCodes:
    """Make new recovery codes in place of all that there were.

    Raises:
        OnlyStaffHave, NoSecondFactor.
        FreshCodeNeeded: no code was given in this session of late.
    """
    owner, session = _own(uow)
    _check_fresh(uow, owner, session)
    uow.db.execute(delete(recovery_codes).where(recovery_codes.c.staff_id == owner.id))
    codes = _new_codes(uow, owner.id)
    uow.db.execute(
        update(second_factors)
        .where(second_factors.c.staff_id == owner.id)
        .values(codes_left=len(codes))
    )
    after = save(uow, staff, owner, owner)
    uow.emit(RecoveryCodesRenewed(after.id, after.version), before=owner, after=after)
    return NewCodes(owner.id, tuple(codes))


def reset_second_factor(uow: UnitOfWork, command: ResetSecondFactor) -> UUID:
    """Let somebody sign in with the password alone, who has lost app and codes. Their id.

    All sessions of theirs end. It takes two: nobody resets their own.

    Raises:
        UnknownStaff, NoSecondFactor, OwnSecondFactor.
        ScopeNotHeld: the other one holds rights that the caller lacks.
    """
    owner = queries.staff_member(uow.db, command.id, lock=True)
    check_covered(uow, owner)
    if uow.caller.staff_id == owner.id:
        raise OwnSecondFactor().at("id")
    if factors.locked_seed(uow.db, owner.id) is None:
        raise NoSecondFactor().at("id")
    _forget(uow, owner.id)
    after = save(uow, staff, owner, owner)
    uow.emit(SecondFactorReset(after.id, after.version), before=owner, after=after)
    end_open_sessions(uow, owner.id)
    return owner.id


def _own(uow: UnitOfWork) -> tuple[Staff, Session]:
    """Who asks, whom nobody else changes until the end, and the session in which they do."""
    staff_id = uow.caller.staff_id
    if staff_id is None:
        raise OnlyStaffHave
    owner = queries.staff_member(uow.db, staff_id, lock=True)
    session = factors.own_session(uow.db, uow.caller)
    if session is None:
        raise OnlyStaffHave
    return owner, session


def _check_new(uow: UnitOfWork, session: Session) -> None:
    if session.created_at < uow.now - FRESH_FOR:
        raise FreshSignInNeeded(_minutes())


def _check_fresh(uow: UnitOfWork, owner: Staff, session: Session) -> None:
    if not factors.has_second_factor(uow.db, owner.id):
        raise NoSecondFactor
    if session.verified_at is None or session.verified_at < uow.now - FRESH_FOR:
        raise FreshCodeNeeded(_minutes())


def _verify(uow: UnitOfWork, session: Session, at: datetime | None) -> None:
    """Note when a code was given in a session. None: there is nothing any more to give one of."""
    uow.db.execute(update(sessions).where(sessions.c.id == session.id).values(verified_at=at))


def _new_codes(uow: UnitOfWork, staff_id: UUID) -> Sequence[Secret]:
    codes = [new_recovery_code(uow.random_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    rows = [{"staff_id": staff_id, "code_hash": recovery_hash(code)} for code in codes]
    uow.db.execute(insert(recovery_codes), rows)
    return codes


def _forget(uow: UnitOfWork, staff_id: UUID) -> None:
    for table in (recovery_codes, second_factors):
        uow.db.execute(delete(table).where(table.c.staff_id == staff_id))


def _minutes() -> int:
    return int(FRESH_FOR.total_seconds()) // 60
