"""Signing in through an identity provider: the way there, the way back, and who that is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from sqlalchemy import delete, insert, select

from backoffice_api.domain.identity.commands.challenges import NewChallenge, new_challenge
from backoffice_api.domain.identity.commands.sessions import (
    NewSession,
    end_open_sessions,
    let_in,
)
from backoffice_api.domain.identity.commands.staff import check_covered
from backoffice_api.domain.identity.commands.tries import count_outset
from backoffice_api.domain.identity.model.factors import FRESH_FOR
from backoffice_api.domain.identity.model.origins import NOWHERE, Origin, SignInWay
from backoffice_api.domain.identity.model.providers import (
    LOGIN_LIFE,
    RANDOM_BYTES,
    Identity,
    NobodyLinked,
    NotLinked,
    Outward,
    SignInOver,
    StaffLinked,
    StaffUnlinked,
    challenge_of,
    random_text,
)
from backoffice_api.domain.identity.model.staff import StaffStatus, secret_hash
from backoffice_api.domain.identity.queries import factors
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.queries.providers import linked, owner_of
from backoffice_api.domain.identity.tables import provider_accounts, provider_logins, staff
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOut(Command):
    """To be run as the system: nobody is known yet. `address` is that of the network."""

    scope = Scope.ACCESS_WRITE
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBack(Command):
    """To be run as the system. `secret` is what was told who set out, `state` what came back."""

    scope = Scope.ACCESS_WRITE
    secret: Secret
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInThrough(Command):
    """To be run as the member of staff whom `identity` was found to be."""

    scope = None
    staff_id: UUID
    identity: Identity
    origin: Origin = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkStaff(Command):
    """Of somebody whom the provider knows by another subject now, or not any more."""

    scope = Scope.ACCESS_WRITE
    table = staff
    id: UUID


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Somebody on the way to the provider. The secret stays with who set out."""

    secret: Secret
    outward: Outward
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """What was kept meanwhile: to be shown to the provider, and to be found in its token."""

    verifier: Secret
    nonce: str


def set_out(uow: UnitOfWork, command: SetOut) -> OnTheWay:
    """Note that somebody goes to the provider, and what they must come back with.

    Raises:
        TooManyTries: too many set out from this address.
    """
    count_outset(uow, command.address)
    secret, state, nonce, verifier = (random_text(uow.random_bytes(RANDOM_BYTES)) for _ in range(4))
    expires_at = uow.now + LOGIN_LIFE
    uow.db.execute(
        insert(provider_logins).values(
            id=uow.new_id(),
            secret_hash=secret_hash(Secret(secret)),
            state_hash=secret_hash(Secret(state)),
            nonce=nonce,
            verifier=verifier,
            expires_at=expires_at,
        )
    )
    outward = Outward(state, nonce, challenge_of(Secret(verifier)))
    return OnTheWay(Secret(secret), outward, expires_at)


def come_back(uow: UnitOfWork, command: ComeBack) -> Returned:
    """Take note that somebody is back, which is so once. A state alone is not enough: it may have
    been put upon somebody by another.

    Raises:
        SignInOver: nobody set out so, or too long ago, or is back already.
    """
    row = uow.db.execute(
        select(provider_logins).where(
            provider_logins.c.secret_hash == secret_hash(command.secret),
            provider_logins.c.expires_at > uow.now,
        )
    ).one_or_none()
    if row is None or not compare_digest(row.state_hash, secret_hash(Secret(command.state))):
        raise SignInOver
    gone = uow.db.execute(delete(provider_logins).where(provider_logins.c.id == row.id))
    if gone.rowcount != 1:
        raise SignInOver
    return Returned(Secret(row.verifier), row.nonce)


def sign_in_through(uow: UnitOfWork, command: SignInThrough) -> NewSession | NewChallenge:
    """Let somebody in whom the provider vouches for, or ask for their second factor here.

    Whoever comes for the first time is linked by the address that the provider has verified. No
    account is ever made, and none gets rights by it.

    Raises:
        NobodyLinked: the person was disabled, or is somebody else meanwhile.
    """
    owner = queries.staff_member(uow.db, command.staff_id, lock=True)
    identity = command.identity
    if owner.status is not StaffStatus.ACTIVE or owner_of(uow.db, identity) != owner.id:
        raise NobodyLinked
    if linked(uow.db, identity) is None:
        uow.db.execute(
            insert(provider_accounts).values(
                issuer=identity.issuer,
                subject=identity.subject,
                staff_id=owner.id,
                linked_at=uow.now,
            )
        )
        uow.emit(StaffLinked(owner.id, owner.version, identity.issuer))
    if not identity.by_second_factor and factors.has_second_factor(uow.db, owner.id):
        return new_challenge(uow, owner.id, SignInWay.PROVIDER)
    return let_in(
        uow,
        owner.id,
        SignInWay.PROVIDER,
        command.origin,
        verified_at=_verified_at(uow, identity),
    )


def _verified_at(uow: UnitOfWork, identity: Identity) -> datetime | None:
    """When the provider has seen a second factor, which may be long ago: it keeps sessions, too."""
    if not identity.by_second_factor:
        return None
    # One that does not say when may have seen it at any time: it counts, and is not fresh.
    return min(identity.signed_in_at or uow.now - FRESH_FOR - timedelta(seconds=1), uow.now)


def unlink_staff(uow: UnitOfWork, command: UnlinkStaff) -> UUID:
    """Forget as whom providers know a member of staff, and end all sessions of theirs. The id.

    Whoever comes next with the verified address is linked anew.

    Raises:
        UnknownStaff, NotLinked.
        ScopeNotHeld: the other one holds rights that the caller lacks.
    """
    owner = queries.staff_member(uow.db, command.id, lock=True)
    check_covered(uow, owner)
    gone = uow.db.execute(delete(provider_accounts).where(provider_accounts.c.staff_id == owner.id))
    if gone.rowcount == 0:
        raise NotLinked().at("id")
    after = save(uow, staff, owner, owner)
    uow.emit(StaffUnlinked(after.id, after.version), before=owner, after=after)
    end_open_sessions(uow, owner.id)
    return owner.id
