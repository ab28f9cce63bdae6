"""Roles, grants and duties on the wire."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import UNSET

from backoffice_api.domain.identity.model import duties, grants
from backoffice_api.domain.identity.model import roles as templates
from backoffice_api.domain.identity.model.grants import (
    GrantSortKey,
    ReachNotHeld,
    RoleSortKey,
)
from backoffice_api.domain.identity.queries import duties as duty_queries
from backoffice_api.domain.identity.queries import roles as queries
from backoffice_api.domain.identity.queries.staff import staff_by_ids, tokens_by_ids
from backoffice_api.domain.identity.tables import role_grants
from backoffice_api.domain.kernel import ids, money, uow
from backoffice_api.domain.kernel.reach import AboveLimit, Bounds
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection, StringFilter, filter_input
from backoffice_api.schema.identity import READ, ApiToken, Me, Staff
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money, MoneyInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload

for _choices in (GrantSortKey, RoleSortKey):
    choice(_choices)


@described
class DutyConflict:
    """Two rights that should be in different hands."""

    key: str = about("A stable name.")
    one: Scope = about("The one right.")
    other: Scope = about("The other right.")
    risk: str = about("What somebody could do alone who holds both.")


def _in_order(scopes: frozenset[Scope]) -> list[Scope]:
    return [each for each in Scope if each in scopes]


def _scopes_of_template(parent: strawberry.Parent[templates.RoleTemplate]) -> list[Scope]:
    return _in_order(parent.scopes)


def _conflicts_of_template(
    parent: strawberry.Parent[templates.RoleTemplate],
) -> list[DutyConflict]:
    return list(duties.conflicts_in(parent.scopes))  # type: ignore[arg-type]


@described
class RoleTemplate:
    """A role that every shop has. It changes with new versions of the program only."""

    key: str = about("Its name for ever, as ORDER_DESK.")
    name: str = about("Its name.")
    description: str = about("What its holders do.")
    scopes: list[Scope] = about("What they may.", resolver=_scopes_of_template)
    conflicts: list[DutyConflict] = about(
        "Duties that it puts into one hand.", resolver=_conflicts_of_template
    )


def _scopes_of_role(parent: strawberry.Parent[grants.Role]) -> list[Scope]:
    return _in_order(grants.scopes_in(parent.scopes))


def _conflicts_of_role(parent: strawberry.Parent[grants.Role]) -> list[DutyConflict]:
    found = duties.conflicts_in(grants.scopes_in(parent.scopes))
    return list(found)  # type: ignore[arg-type]


@node("rol", grants.Role, queries.roles_by_ids, scope=READ)
class Role(Node, Versioned, HasTimeline):
    """A role of the shop's own."""

    name: str = about("Its name; no other role has it.")
    description: str = about("What its holders do.")
    template: str | None = about("The key of the template that it was copied from, if it was.")
    scopes: list[Scope] = about("What its holders may.", resolver=_scopes_of_role)
    archived_at: datetime | None = about(
        "When it was archived: it gives nothing any more. Null: it was not."
    )
    conflicts: list[DutyConflict] = about(
        "Duties that it puts into one hand.", resolver=_conflicts_of_role
    )
    grants: Connection["RoleGrant"] = listed_under(
        queries.grant_list,
        role_grants.c.role_id,
        "To whom it was given, newest first; those that ended, too.",
    )


def _shown(prefix: str, kept: Sequence[str] | None) -> list[strawberry.ID] | None:
    if kept is None:
        return None
    return [strawberry.ID(ids.text(prefix, UUID(hex=each))) for each in kept]


def _channel_ids(parent: strawberry.Parent[grants.RoleGrant]) -> list[strawberry.ID] | None:
    return _shown("chn", parent.channel_ids)


def _location_ids(parent: strawberry.Parent[grants.RoleGrant]) -> list[strawberry.ID] | None:
    return _shown("loc", parent.location_ids)


def _team_ids(parent: strawberry.Parent[grants.RoleGrant]) -> list[strawberry.ID] | None:
    return _shown("tem", parent.team_ids)


def _limits(parent: strawberry.Parent[grants.RoleGrant]) -> list[Money] | None:
    if parent.amounts is None:
        return None
    kept = sorted(parent.amounts.items())
    return [money.Money(minor, currency) for currency, minor in kept]  # type: ignore[misc]


@node("grt", grants.RoleGrant, queries.grants_by_ids, scope=READ)
class RoleGrant(Node, Versioned, HasTimeline):
    """A role that somebody holds, and how far it reaches."""

    staff: Staff | None = one(staff_by_ids, "staff_id", "Who holds it. Null: a program does.")
    api_token: ApiToken | None = one(
        tokens_by_ids, "token_id", "The API token that holds it. Null: a person does."
    )
    template: str | None = about("The key of the template. Null: it is a role of the shop's own.")
    role: Role | None = one(queries.roles_by_ids, "role_id", "The role. Null: it is a template.")
    channel_ids: list[strawberry.ID] | None = about(
        "Only for these channels. Null: for all.", resolver=_channel_ids
    )
    location_ids: list[strawberry.ID] | None = about(
        "Only for these locations and what is within them. Null: for all.", resolver=_location_ids
    )
    team_ids: list[strawberry.ID] | None = about(
        "Only for these teams. Null: for all.", resolver=_team_ids
    )
    limits: list[Money] | None = about(
        "The most that may be moved at once, by currency; nothing of others. Null: any amount.",
        resolver=_limits,
    )
    ended_at: datetime | None = about("When it was taken away. Null: it holds.")
    conflicts: list[DutyConflict] = many(
        duty_queries.conflicts_by_grants,
        "id",
        "Duties that are in the hand of its holder, by all of his rights. Warnings, unless the "
        "policy refuses them.",
        weight=10,
    )


attach(
    Staff,
    "role_grants",
    list[RoleGrant],
    many(queries.grants_by_staff, "id", "The roles that they hold, oldest first; at most 20."),
)
attach(
    ApiToken,
    "role_grants",
    list[RoleGrant],
    many(queries.grants_by_tokens, "id", "The roles that it holds, oldest first; at most 20."),
)


@described
class ScopeBounds:
    """What one grant allows of a right that its holder has for a part only."""

    scope: Scope = about("The right.")
    channel_ids: list[strawberry.ID] | None = about("Only for these channels. Null: for all.")
    location_ids: list[strawberry.ID] | None = about("Only for these locations. Null: for all.")
    team_ids: list[strawberry.ID] | None = about("Only for these teams. Null: for all.")
    limits: list[Money] | None = about("The most that may be moved at once. Null: any amount.")


def _sorted(prefix: str, ids_: frozenset[UUID] | None) -> list[strawberry.ID] | None:
    return None if ids_ is None else _shown(prefix, sorted(each.hex for each in ids_))


def _bounds(scope: Scope, bounds: Bounds) -> ScopeBounds:
    amounts = bounds.amounts
    limits = None if amounts is None else [money.Money(minor, each) for each, minor in amounts]
    return ScopeBounds(
        scope=scope,
        channel_ids=_sorted("chn", bounds.channels),
        location_ids=_sorted("loc", bounds.locations),
        team_ids=_sorted("tem", bounds.teams),
        limits=limits,  # type: ignore[arg-type]
    )


def _own_bounds(parent: strawberry.Parent[uow.Caller]) -> list[ScopeBounds]:
    return [_bounds(scope, each) for scope, found in parent.reach.bounded for each in found]


attach(
    Me,
    "bounds",
    list[ScopeBounds],
    about(
        "Of rights held for a part only: what each grant allows, any of which will do. All other "
        "rights hold everywhere.",
        resolver=_own_bounds,
    ),
)


@described
class ConflictedHolder:
    """Somebody in whose hand conflicting duties are."""

    staff: Staff | None = one(staff_by_ids, "staff_id", "Who it is. Null: it is a program.")
    api_token: ApiToken | None = one(
        tokens_by_ids, "token_id", "The API token. Null: it is a person."
    )
    conflicts: list[DutyConflict] = about("What could be done alone.")


@node("acp", duties.AccessPolicy, queries.policies_by_ids, scope=READ)
class AccessPolicy(Node, Versioned, HasTimeline):
    """What holds for everybody."""

    refuses_conflicts: bool = about(
        "Whether grants are refused that put conflicting duties into one hand, and acts of who has"
        " done the other duty for the same thing. Else conflicts are shown."
    )


@filter_input
class RoleFilter:
    """Which roles. All words that are given must hold."""

    name: StringFilter | None = about("By name.", default=UNSET)
    archived: bool | None = about("Whether it was archived.", default=UNSET)


@strawberry.input(description="The order of a list of roles.")
class RoleSort:
    key: RoleSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="A role to be made.")
class RoleCreateInput:
    name: str = about("The name, at most 250 characters; no other role's.")
    description: str = about("What its holders do, at most 1,000 characters.", default="")
    template: str | None = about("The key of a template to copy, as ORDER_DESK.", default=None)
    scopes: list[Scope] | None = about(
        "What its holders may; only what you may do yourself. Null: what the template gives.",
        default=None,
    )


@strawberry.input(description="What is to change of a role. What is absent stays.")
class RoleUpdateInput:
    name: str | None = about("The name.", default=UNSET)
    description: str | None = about("What its holders do.", default=UNSET)
    scopes: list[Scope] | None = about(
        "What its holders may; takes the place of all they might.", default=UNSET
    )


@strawberry.input(one_of=True, description="Who is given a role.")
class RoleHolderInput:
    staff_id: strawberry.ID | None = about("A member of staff.", default=UNSET)
    token_id: strawberry.ID | None = about("An API token.", default=UNSET)


@strawberry.input(one_of=True, description="The role that is given.")
class RoleChoiceInput:
    template: str | None = about("A template by its key, as ORDER_DESK.", default=UNSET)
    id: strawberry.ID | None = about("A role of the shop's own.", default=UNSET)


@strawberry.input(description="A role to be given, and how far it reaches.")
class RoleGrantInput:
    holder: RoleHolderInput = about("To whom.")
    role: RoleChoiceInput = about("Which.")
    channel_ids: list[strawberry.ID] | None = about(
        "Only for these channels, at most 100. Null: for all.", default=None
    )
    location_ids: list[strawberry.ID] | None = about(
        "Only for these locations and what is within them, at most 100. Null: for all.",
        default=None,
    )
    team_ids: list[strawberry.ID] | None = about(
        "Only for these teams, at most 100. Null: for all.", default=None
    )
    limits: list[MoneyInput] | None = about(
        "The most that may be moved at once, by currency; nothing of others. Null: any amount.",
        default=None,
    )


@strawberry.input(description="What holds for everybody.")
class AccessPolicySetInput:
    refuses_conflicts: bool = about(
        "Whether to refuse grants that put conflicting duties into one hand, and acts of who has"
        " done the other duty for the same thing."
    )


@payload
class RolePayload(MutationPayload):
    """What a mutation of a role answers."""

    role: Role | None = one(
        queries.roles_by_ids, "value", "The role as it is now. Null if it was refused."
    )


@payload
class RoleGrantPayload(MutationPayload):
    """What the giving or taking of a role answers."""

    grant: RoleGrant | None = one(
        queries.grants_by_ids, "value", "The grant as it is now. Null if it was refused."
    )


@payload
class AccessPolicyPayload(MutationPayload):
    """What the setting of the policy answers."""

    policy: AccessPolicy | None = one(
        queries.policies_by_ids, "value", "The policy as it is now. Null if it was refused."
    )


@error(AboveLimit)
class AboveLimitError(UserError):
    """The amount is above what you may move alone."""

    scope: str = about("The right whose limit it is, as `refunds:write`.")
    minor: str = about("The limit, in the smallest unit of the currency. 0: you may move nothing.")
    currency: str = about("The currency of the amount.")


@error(ReachNotHeld)
class ReachNotHeldError(UserError):
    """Your own rights do not reach as far as what you would give."""

    scopes: list[str] = about("The rights that you hold for a smaller part only.")


@error(duties.DutiesConflict)
class DutiesConflictError(UserError):
    """Conflicting duties would be in one hand, which the policy refuses."""

    conflicts: list[str] = about("The keys of the conflicts.")


@error(duties.DutyDoneBefore)
class DutyDoneBeforeError(UserError):
    """You have done the other one of two duties for this thing, which the policy refuses."""

    conflict: str = about("The key of the conflict.")
    count: int = about("How many things are concerned that you made or proposed.")
