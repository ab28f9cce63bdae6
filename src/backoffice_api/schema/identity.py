"""Staff, sessions and API tokens on the wire."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import strawberry
from sqlalchemy import Connection as Db
from strawberry import UNSET

from backoffice_api.context import Info, Outcome
from backoffice_api.domain.identity.model import staff as model
from backoffice_api.domain.identity.model.budgets import InvalidBudget
from backoffice_api.domain.identity.model.origins import SignInWay
from backoffice_api.domain.identity.model.staff import (
    ACTOR_PREFIXES,
    ApiTokenSortKey,
    ScopeNotHeld,
    StaffSortKey,
    StaffStatus,
)
from backoffice_api.domain.identity.queries import factors
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.queries.providers import accounts_by_staff
from backoffice_api.domain.identity.tables import sessions
from backoffice_api.domain.kernel import ids, uow
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import many, one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.second_factors import ProviderAccount, SecondFactor

READ = Scope.ACCESS_READ

for _choices in (ApiTokenSortKey, Scope, SignInWay, StaffSortKey, StaffStatus):
    choice(_choices)


def _scopes(parent: strawberry.Parent[model.Staff | model.ApiToken]) -> list[Scope]:
    return [each for each in Scope if each in parent.scopes]


@node("stf", model.Staff, queries.staff_by_ids, scope=READ)
class Staff(Node, Versioned, HasTimeline):
    """A person who works here and signs in with a password."""

    name: str = about("The name.", personal="staff")
    email: str = about("The address to sign in with.", personal="staff")
    scopes: list[Scope] = about("What they may do.", resolver=_scopes)
    status: StaffStatus = about("Whether they may sign in.")
    actions: list[ActionState] = about("What can be done with the account now.")
    sessions: Connection["Session"] = listed_under(
        queries.session_list,
        sessions.c.staff_id,
        "Their sessions, those that ran out too, newest first.",
    )
    second_factor: SecondFactor | None = one(
        factors.factors_by_staff, "id", "Their second factor. Null: they sign in without one."
    )
    provider_accounts: list[ProviderAccount] = many(
        accounts_by_staff, "id", "As whom identity providers know them, at most one each."
    )


@node("ses", model.Session, queries.sessions_by_ids, scope=READ)
class Session(Node, Versioned, HasTimeline):
    """What a member of staff has after signing in. Two idle hours end it, too."""

    expires_at: datetime = about("When it ends at the latest.")
    last_used_at: datetime = about("When it was last used, to the minute.")
    ended_at: datetime | None = about("When it was ended. Null: it was not, though it may be over.")
    verified_at: datetime | None = about(
        "When a code of the second factor was last given in it. Null: none was."
    )
    way: SignInWay = about("In which way it was started.")
    address: str | None = about(
        "Address of the network from which it was started. Null: not known.", personal="device"
    )
    agent: str | None = about(
        "What the program that started it said it is, cut to 120 characters. Null: nothing.",
        personal="device",
    )
    staff: Staff = one(queries.staff_by_ids, "staff_id", "Whose session it is.")


@node("tok", model.ApiToken, queries.tokens_by_ids, scope=READ)
class ApiToken(Node, Versioned, HasTimeline):
    """What a program bears: `Authorization: Bearer bo_…`. The secret itself is not kept."""

    name: str = about("What it is for.")
    hint: str = about("How the secret begins.")
    scopes: list[Scope] = about("What its bearer may do.", resolver=_scopes)
    expires_at: datetime | None = about("When it expires. Null: never.")
    last_used_at: datetime | None = about("When it was last used, to the minute. Null: never.")
    revoked_at: datetime | None = about("When it was revoked. Null: it was not.")
    budget: int | None = about(
        "Cost that its bearer may spend at once; it comes back in the same time as that of others. "
        "Null: what everybody has."
    )


def _session_id(parent: strawberry.Parent[model.Session]) -> strawberry.ID:
    return strawberry.ID(ids.text("ses", parent.id))


def _is_current(parent: strawberry.Parent[model.Session], info: Info) -> bool:
    return parent.id == info.context.caller.actor.session_id


@described
class OwnSession:
    """A session of the caller's own that can be used now."""

    id: strawberry.ID = about("Its id, for ending it.", resolver=_session_id)
    created_at: datetime = about("When it was started.")
    last_used_at: datetime = about("When it was last used, to the minute.")
    expires_at: datetime = about("When it ends at the latest.")
    verified_at: datetime | None = about(
        "When a code of the second factor was last given in it. Null: none was."
    )
    way: SignInWay = about("In which way it was started.")
    address: str | None = about(
        "Address of the network from which it was started. Null: not known.", personal="device"
    )
    agent: str | None = about(
        "What the program that started it said it is, cut to 120 characters. Null: nothing.",
        personal="device",
    )
    is_current: bool = about("Whether this is asked in it.", resolver=_is_current)


def _open_now(db: Db, staff_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[model.Session]]:
    return queries.open_sessions_by_staff(db, staff_ids, datetime.now(UTC))


def _actor(parent: strawberry.Parent[uow.Caller]) -> Actor:
    kind, id = parent.actor.kind, parent.actor.id
    shown = strawberry.ID(ids.text(ACTOR_PREFIXES[kind], id)) if id else None
    return Actor(kind=kind, id=shown)


def _name(parent: strawberry.Parent[uow.Caller]) -> str:
    return parent.actor.name


def _held(parent: strawberry.Parent[uow.Caller]) -> list[Scope]:
    return [each for each in Scope if parent.may(each)]


@described
class Me:
    """Who asks. Needs no scope."""

    actor: Actor = about("Who it is.", resolver=_actor)
    name: str = about("The name of the person or of the token.", personal="staff", resolver=_name)
    scopes: list[Scope] = about("What the caller may do.", resolver=_held)
    sessions: list[OwnSession] = many(
        _open_now,
        "staff_id",
        "The caller's own open sessions, oldest first, at most 20. Empty for API tokens.",
        weight=10,
    )
    second_factor: SecondFactor | None = one(
        factors.factors_by_staff,
        "staff_id",
        "The caller's own second factor. Null: there is none, as for API tokens.",
    )


@filter_input
class StaffFilter:
    """Which members of staff. All words that are given must hold."""

    status: list[StaffStatus] | None = about("In one of these states.", default=UNSET)
    name: StringFilter | None = about("By name.", default=UNSET)
    email: StringFilter | None = about("By address; capitals do not count.", default=UNSET)
    created_at: DateTimeFilter | None = about("Added at such a time.", default=UNSET)


@filter_input
class ApiTokenFilter:
    """Which API tokens. All words that are given must hold."""

    name: StringFilter | None = about("By name.", default=UNSET)
    revoked: bool | None = about("Whether it was revoked.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of staff.")
class StaffSort:
    key: StaffSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="The order of a list of API tokens.")
class ApiTokenSort:
    key: ApiTokenSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one member of staff, in one of these ways.")
class StaffLookup:
    id: strawberry.ID | None = about("By the id.", default=UNSET)
    email: str | None = about("By the address; capitals do not count.", default=UNSET)


@strawberry.input(description="A member of staff to be added.")
class StaffCreateInput:
    name: str = about("The name, at most 250 characters.")
    email: str = about("The address to sign in with; nobody else's.")
    password: Secret = about("15 to 256 characters. Any signs will do; a sentence does well.")
    scopes: list[Scope] = about(
        "What they may do; only what you may do yourself.", default_factory=list
    )


@strawberry.input(description="What is to change of a member of staff. What is absent stays.")
class StaffUpdateInput:
    name: str | None = about("The name.", default=UNSET)
    email: str | None = about("The address to sign in with.", default=UNSET)
    scopes: list[Scope] | None = about(
        "What they may do; takes the place of all they had.", default=UNSET
    )


@strawberry.input(description="A password for a member of staff.")
class StaffSetPasswordInput:
    password: Secret = about("15 to 256 characters. Any signs will do; a sentence does well.")


@strawberry.input(description="An API token to be made.")
class TokenCreateInput:
    name: str = about("What it is for, at most 250 characters.")
    scopes: list[Scope] = about("What its bearer may do; only what you may do yourself.")
    expires_at: datetime | None = about("When it expires; null: never.", default=None)
    budget: int | None = about(
        "Cost that its bearer may spend at once, from 1,000; null: what everybody has.",
        default=None,
    )


@strawberry.input(description="What the bearer of an API token may spend.")
class TokenSetBudgetInput:
    budget: int | None = about(
        "Cost that may be spent at once, from 1,000; null: what everybody has.", default=None
    )


@payload
class StaffPayload(MutationPayload):
    """What a mutation of a member of staff answers."""

    staff: Staff | None = one(
        queries.staff_by_ids, "value", "The account as it is now. Null if it was refused."
    )


def _new_token_id(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return parent.value.id if parent.value else None


def _new_secret(parent: strawberry.Parent[Outcome]) -> Secret | None:
    return parent.value.secret if parent.value else None


@payload
class TokenCreatePayload(MutationPayload):
    """What the making of an API token answers."""

    token: ApiToken | None = found_of(
        _new_token_id, queries.tokens_by_ids, "The token. Null if it was refused."
    )
    secret: Secret | None = about(
        "What its bearer sends; you see it this once. Null if it was refused, or if this is the "
        "answer to a repeated request.",
        resolver=_new_secret,
    )


@payload
class TokenPayload(MutationPayload):
    """What a mutation of an API token answers."""

    token: ApiToken | None = one(
        queries.tokens_by_ids, "value", "The token as it is now. Null if it was refused."
    )


@payload
class SessionPayload(MutationPayload):
    """What a mutation of a session answers."""

    session: Session | None = one(
        queries.sessions_by_ids, "value", "The session as it is now. Null if it was refused."
    )


@error(ScopeNotHeld)
class ScopeNotHeldError(UserError):
    """You cannot give rights that you do not hold, or change staff who hold rights you lack."""

    scopes: list[str] = about("The scopes that you lack, as `orders:write`.")


@error(InvalidBudget)
class InvalidBudgetError(UserError):
    """This is no budget that a token can have."""

    minimum: int = about("The smallest that it can be.")
    maximum: int = about("The largest that it can be.")
