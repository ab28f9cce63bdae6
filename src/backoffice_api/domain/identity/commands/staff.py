"""What can be done with staff: added, changed, disabled, enabled, given a password."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.identity.commands.duties import check_duties
from backoffice_api.domain.identity.commands.sessions import end_open_sessions
from backoffice_api.domain.identity.commands.tries import Try, forgive
from backoffice_api.domain.identity.model.grants import covers, scopes_in
from backoffice_api.domain.identity.model.staff import (
    MACHINE,
    EmailTaken,
    ScopeNotHeld,
    Staff,
    StaffCreated,
    StaffDisabled,
    StaffEnabled,
    StaffPasswordSet,
    StaffUpdated,
    WrongCredentials,
    check_held,
    check_name,
    check_password,
    checked_email,
    in_order,
)
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.queries.roles import rights_of_staff
from backoffice_api.domain.identity.tables import passwords as password_table
from backoffice_api.domain.identity.tables import staff
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import PASSWORDS, SALT_BYTES, Passwords, Secret
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateStaff(Command):
    scope = Scope.ACCESS_WRITE
    name: str
    email: str
    password: Secret
    scopes: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateStaff(Command):
    scope = Scope.ACCESS_WRITE
    table = staff
    id: UUID
    name: str | Keep = KEEP
    email: str | Keep = KEEP
    scopes: tuple[Scope, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStaffPassword(Command):
    scope = Scope.ACCESS_WRITE
    table = staff
    id: UUID
    password: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOwnPassword(Command):
    """To be run as the member of staff who gave the right password of before.

    `verified` is the stored hash that it was compared with, `tried` the try that this was.
    """

    scope = None
    verified: str
    password: Secret
    tried: Try


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableStaff(Command):
    scope = Scope.ACCESS_WRITE
    table = staff
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableStaff(Command):
    scope = Scope.ACCESS_WRITE
    table = staff
    id: UUID


def create_staff(
    uow: UnitOfWork, command: CreateStaff, *, passwords: Passwords = PASSWORDS
) -> UUID:
    """Add a member of staff, who may sign in at once. The id.

    Raises:
        EmailTaken: somebody else has the address.
        ScopeNotHeld: the caller would give rights that it lacks.
        DutiesConflict: the policy refuses them in one hand.
        InvalidText, InvalidEmail, GuessablePassword: the input is wrong.
    """
    faults = Faults()
    check_name(faults, command.name)
    email = checked_email(faults, command.email)
    check_password(faults, command.password, command.email)
    check_held(faults, uow.caller, command.scopes, "scopes")
    faults.check()
    check_duties(uow, (), command.scopes, "scopes")
    made = Staff(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        name=command.name,
        email=email,
        scopes=in_order(command.scopes),
        status=MACHINE.start,
    )
    _check_free(uow, made)
    add(uow, staff, [made], email_key=[email_key(made.email)])
    kept = passwords.hash(command.password, uow.random_bytes(SALT_BYTES))
    uow.db.execute(password_table.insert().values(staff_id=made.id, hash=kept, set_at=uow.now))
    uow.emit(StaffCreated(made.id, made.version), after=made)
    return made.id


def update_staff(uow: UnitOfWork, command: UpdateStaff) -> UUID:
    """Change what is given of a member of staff; what is absent stays. The id.

    New rights hold from the next request on, for sessions that are open as well.

    Raises:
        UnknownStaff, EmailTaken, InvalidText, InvalidEmail.
        ScopeNotHeld: the caller lacks rights that it would give, or that the other one holds.
        DutiesConflict: the policy refuses them in one hand.
    """
    before = _changeable(uow, command.id, "update")
    faults = Faults()
    after = replace(
        before,
        name=patched(command.name, before.name),
        email=checked_email(faults, patched(command.email, before.email)),
        # As a list, as which it is read: what is the same must compare as the same.
        scopes=before.scopes if command.scopes is KEEP else list(in_order(command.scopes)),
    )
    check_name(faults, after.name)
    check_held(faults, uow.caller, after.scopes, "scopes")
    faults.check()
    if added := scopes_in(after.scopes) - scopes_in(before.scopes):
        held = rights_of_staff(uow.db, {before.id: before.scopes})[before.id]
        check_duties(uow, held.scopes, added, "scopes")
    _check_free(uow, after)
    after = save(uow, staff, before, after, email_key=email_key(after.email))
    uow.emit(StaffUpdated(after.id, after.version), before=before, after=after)
    return after.id


def set_staff_password(
    uow: UnitOfWork, command: SetStaffPassword, *, passwords: Passwords = PASSWORDS
) -> UUID:
    """Give a member of staff another password. All sessions of theirs end. The id.

    Raises:
        UnknownStaff, InvalidText, GuessablePassword.
        ScopeNotHeld: the other one holds rights that the caller lacks.
    """
    before = _changeable(uow, command.id, "setPassword")
    faults = Faults()
    check_password(faults, command.password, before.email)
    faults.check()
    _set_password(uow, before, command.password, passwords)
    end_open_sessions(uow, before.id)
    return before.id


def change_own_password(
    uow: UnitOfWork, command: ChangeOwnPassword, *, passwords: Passwords = PASSWORDS
) -> UUID:
    """Take another password of one's own. All other sessions end. Whose it is.

    Raises:
        WrongCredentials: meanwhile another one was set, or a program asks.
        InvalidText, GuessablePassword.
    """
    staff_id = uow.caller.staff_id
    if staff_id is None:
        raise WrongCredentials
    before = queries.staff_member(uow.db, staff_id, lock=True)
    if queries.password_hash(uow.db, before.id) != command.verified:
        raise WrongCredentials
    faults = Faults()
    check_password(faults, command.password, before.email)
    faults.check()
    forgive(uow, command.tried)
    _set_password(uow, before, command.password, passwords)
    end_open_sessions(uow, before.id, but=uow.caller.actor.session_id)
    return before.id


def disable_staff(uow: UnitOfWork, command: DisableStaff) -> UUID:
    """Let a member of staff sign in no more, and end all sessions of theirs. The id.

    Raises:
        UnknownStaff, InvalidTransition.
        ScopeNotHeld: the other one holds rights that the caller lacks.
    """
    before, after = _move(uow, command.id, "disable")
    uow.emit(StaffDisabled(after.id, after.version), before=before, after=after)
    end_open_sessions(uow, after.id)
    return after.id


def enable_staff(uow: UnitOfWork, command: EnableStaff) -> UUID:
    """Let a member of staff sign in again, with the password that they had. The id.

    Raises:
        UnknownStaff, InvalidTransition.
        ScopeNotHeld: the other one holds rights that the caller lacks.
    """
    before, after = _move(uow, command.id, "enable")
    uow.emit(StaffEnabled(after.id, after.version), before=before, after=after)
    return after.id


def _set_password(uow: UnitOfWork, before: Staff, password: Secret, passwords: Passwords) -> None:
    after = save(uow, staff, before, before)
    kept = passwords.hash(password, uow.random_bytes(SALT_BYTES))
    uow.db.execute(
        update(password_table)
        .where(password_table.c.staff_id == after.id)
        .values(hash=kept, set_at=uow.now)
    )
    uow.emit(StaffPasswordSet(after.id, after.version), before=before, after=after)


def _move(uow: UnitOfWork, id: UUID, action: str) -> tuple[Staff, Staff]:
    """The only place that changes the status of a member of staff: before and after."""
    before = _changeable(uow, id, action)
    after = replace(before, status=MACHINE.check(action, before.status))
    return before, save(uow, staff, before, after)


def _changeable(uow: UnitOfWork, id: UUID, action: str) -> Staff:
    """The member of staff, whom nobody else changes until the end, if the caller may."""
    found = queries.staff_member(uow.db, id, lock=True)
    check_covered(uow, found)
    MACHINE.check(action, found.status)
    return found


def check_covered(uow: UnitOfWork, member: Staff) -> None:
    """Refuse unless the caller holds all that somebody else does, as far as that reaches.

    Raises:
        ScopeNotHeld: it does not.
    """
    rights = rights_of_staff(uow.db, {member.id: member.scopes})[member.id]
    if not covers(uow.caller, rights):
        lacking = rights.scopes - (uow.caller.scopes - uow.caller.reach.scopes())
        raise ScopeNotHeld(tuple(sorted(lacking))).at("id")


def _check_free(uow: UnitOfWork, member: Staff) -> None:
    key = email_key(member.email)
    holder = queries.staff_by_email_keys(uow.db, [key]).get(key)
    if holder is not None and holder.id != member.id:
        raise EmailTaken().at("email")
