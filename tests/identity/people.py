"""People and programs that tests let in."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from backoffice_api.domain.identity.commands.sessions import (
    NewSession,
    StartSession,
    start_session,
)
from backoffice_api.domain.identity.commands.staff import (
    CreateStaff,
    create_staff,
    set_staff_password,
)
from backoffice_api.domain.identity.commands.tokens import CreateToken, NewToken, create_token
from backoffice_api.domain.identity.commands.tries import Candidate, ClaimTry, claim_try
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Passwords, Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from tests.world import NOW, World

# A thousandth of the price, in tests that are not about the price.
CHEAP = Passwords(memory_kib=8, passes=1)
EMAIL = "ada@shop.example"
PASSWORD = "a sentence that nobody guesses"
ADDRESS = "203.0.113.7"

cheap_create_staff = partial(create_staff, passwords=CHEAP)
cheap_set_password = partial(set_staff_password, passwords=CHEAP)


def add_staff(world: World, *scopes: Scope, email: str = EMAIL, **run: Any) -> UUID:
    command = CreateStaff(name="Ada", email=email, password=Secret(PASSWORD), scopes=scopes)
    id: UUID = world.run(cheap_create_staff, command, **run).value
    return id


def add_token(
    world: World,
    *scopes: Scope,
    name: str = "robot",
    expires_at: datetime | None = None,
    **run: Any,
) -> NewToken:
    command = CreateToken(name=name, scopes=scopes, expires_at=expires_at)
    token: NewToken = world.run(create_token, command, **run).value
    return token


def claim(
    world: World, *, email: str = EMAIL, address: str | None = ADDRESS, now: datetime = NOW
) -> Candidate:
    command = ClaimTry(email=email, address=address)
    candidate: Candidate = world.run(claim_try, command, caller=THE_SYSTEM, now=now).value
    return candidate


def sign_in(world: World, *, email: str = EMAIL, now: datetime = NOW) -> NewSession:
    """Start a session as if the password had been right."""
    candidate = claim(world, email=email, now=now)
    assert candidate.account is not None
    command = StartSession(
        staff_id=candidate.account.staff_id,
        verified=candidate.account.password_hash,
        renewed=None,
        tried=candidate.tried,
    )
    started: NewSession = world.run(
        start_session, command, caller=candidate.account.caller, now=now
    ).value
    return started


def bearer(world: World, secret: Secret | None, now: datetime = NOW) -> Any:
    """Whoever bears the secret, or None."""
    assert secret is not None
    return world.read(queries.authenticate, secret, now)
