"""What can be done with API tokens: made and revoked. Of one, only its budget is ever changed."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.identity.commands.duties import check_duties
from backoffice_api.domain.identity.model.budgets import TokenBudgetSet, check_budget
from backoffice_api.domain.identity.model.staff import (
    SECRET_BYTES,
    ApiToken,
    ExpiryPassed,
    TokenCreated,
    TokenRevoked,
    check_held,
    hint_of,
    in_order,
    new_secret,
    secret_hash,
)
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import api_tokens
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import ActorKind, Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateToken(Command):
    """`expires_at` None: it is good until it is revoked. `budget` None: what everybody has."""

    scope = Scope.ACCESS_WRITE
    name: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None
    budget: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTokenBudget(Command):
    """`budget` None: what everybody has."""

    scope = Scope.ACCESS_WRITE
    table = api_tokens
    id: UUID
    budget: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken(Command):
    scope = Scope.ACCESS_WRITE
    table = api_tokens
    id: UUID


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was made. The secret is None when the answer is given again."""

    id: UUID
    secret: Secret | None


def create_token(uow: UnitOfWork, command: CreateToken) -> NewToken:
    """Make an API token. This is the only time that its secret is known.

    Raises:
        ScopeNotHeld: the caller would give rights that it lacks.
        DutiesConflict: the policy refuses them in one hand.
        InvalidText, ExpiryPassed, InvalidBudget: the input is wrong.
    """
    faults = Faults()
    check_text(command.name, faults, "name")
    check_held(faults, uow.caller, command.scopes, "scopes")
    if command.expires_at is not None and command.expires_at <= uow.now:
        faults.add(ExpiryPassed().at("expires_at"))
    check_budget(command.budget, faults, "budget")
    faults.check()
    check_duties(uow, (), command.scopes, "scopes")
    secret = new_secret(ActorKind.TOKEN, uow.random_bytes(SECRET_BYTES))
    made = ApiToken(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        name=command.name,
        hint=hint_of(secret),
        scopes=in_order(command.scopes),
        expires_at=command.expires_at,
        last_used_at=None,
        revoked_at=None,
        budget=command.budget,
    )
    add(uow, api_tokens, [made], secret_hash=[secret_hash(secret)])
    uow.emit(TokenCreated(made.id, made.version, made.name), after=made)
    return NewToken(made.id, secret)


def set_token_budget(uow: UnitOfWork, command: SetTokenBudget) -> UUID:
    """Say what the bearer of an API token may spend at once. It holds within a second. The id.

    Raises:
        UnknownToken: there is none.
        InvalidBudget: it is too small or too large.
    """
    faults = Faults()
    check_budget(command.budget, faults, "budget")
    faults.check()
    before = queries.token(uow.db, command.id)
    if before.budget != command.budget:
        after = save(uow, api_tokens, before, replace(before, budget=command.budget))
        event = TokenBudgetSet(after.id, after.version, after.name)
        uow.emit(event, before=before, after=after)
    return before.id


def revoke_token(uow: UnitOfWork, command: RevokeToken) -> UUID:
    """Make an API token good for nothing, for ever. One that is revoked stays so. The id.

    Whoever may change tokens at all may revoke any: that takes rights away and gives none.

    Raises:
        UnknownToken: there is none.
    """
    before = queries.token(uow.db, command.id)
    if before.revoked_at is None:
        after = save(uow, api_tokens, before, replace(before, revoked_at=uow.now))
        event = TokenRevoked(after.id, after.version, after.name)
        uow.emit(event, before=before, after=after)
    return before.id
