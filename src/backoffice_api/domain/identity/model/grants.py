"""Grants: who holds which role, and how far. Own roles stand beside the templates.

A grant gives the rights of a role to a member of staff or to an API token, within its bounds.
What somebody may is the union of the rights given directly, which have no bounds, and of all
grants.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.identity.model.limitable import MEASURED, bounded_by, is_given
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.reach import EVERYWHERE, Bounds, Reach, united
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller

# So many ids a bound may hold; they stand in each statement that is narrowed by it.
BOUND_MAX = 100
AMOUNTS_MAX = 10
GRANTS_MAX = 20


class RoleSortKey(Choice):
    """By what a list of roles is sorted."""

    CREATED_AT = "created_at", "When the role was made."
    NAME = "name", "The name, by code point."


class GrantSortKey(Choice):
    """By what a list of grants is sorted."""

    CREATED_AT = "created_at", "When the role was given."


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the shop's own. `template`: the key of that which it was copied from."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    description: str
    template: str | None
    scopes: Sequence[str]
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role that somebody holds: a template by its key, or a role of the shop's own.

    Each of the bounds None: there is none. Ids are kept as 32 digits, amounts in minor units by
    currency. `ended_at` None: it holds.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    staff_id: UUID | None
    token_id: UUID | None
    template: str | None
    role_id: UUID | None
    channel_ids: Sequence[str] | None
    location_ids: Sequence[str] | None
    team_ids: Sequence[str] | None
    amounts: Mapping[str, int] | None
    ended_at: datetime | None

    @property
    def bounds(self) -> Bounds:
        return bounds_of(self.channel_ids, self.location_ids, self.team_ids, self.amounts)


@dataclass(frozen=True, slots=True)
class Given:
    """What one grant gives: the rights of its role, and the bounds."""

    scopes: frozenset[Scope]
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may, and how far."""

    scopes: frozenset[Scope]
    reach: Reach = EVERYWHERE


@dataclass(frozen=True, slots=True)
class RoleCreated(Event):
    type = "role.created"
    subject = "rol"
    summary = "Role {name} was made."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class RoleUpdated(Event):
    type = "role.updated"
    subject = "rol"
    summary = "Role {name} was changed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class RoleArchived(Event):
    type = "role.archived"
    subject = "rol"
    summary = "Role {name} was archived: it gives nothing any more."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class RoleGranted(Event):
    """One of `staff_id` and `token_id` is who holds it."""

    type = "role.granted"
    subject = "grt"
    summary = "Somebody was given the role {role}."
    id: UUID
    version: int
    role: str
    staff_id: UUID | None
    token_id: UUID | None


@dataclass(frozen=True, slots=True)
class RoleGrantEnded(Event):
    type = "role.grant_ended"
    subject = "grt"
    summary = "Somebody holds the role {role} no more."
    id: UUID
    version: int
    role: str
    staff_id: UUID | None
    token_id: UUID | None


@dataclass(eq=False)
class UnknownRole(Missing):
    """There is no such role, or it was archived."""

    id: str
    message = "There is no such role that could be given."


@dataclass(eq=False)
class UnknownGrant(Missing):
    """There is no grant with this id."""

    id: UUID
    message = "There is no such grant."


@dataclass(eq=False)
class UnknownBound(Missing):
    """A bound names something that is not there."""

    ids: tuple[UUID, ...]
    message = "There is no such thing to be bounded by."


@dataclass(eq=False)
class RoleNameTaken(Refused):
    """Another role has this name."""

    message = "Another role has this name."


@dataclass(eq=False)
class ReachNotHeld(Refused):
    """Nobody gives rights further than their own reach."""

    scopes: tuple[str, ...]
    message = "Your own rights do not reach that far."


@dataclass(eq=False)
class TooManyGrants(Refused):
    """Somebody holds as many roles as one may hold."""

    maximum: int
    message = "Nobody holds more than {maximum} roles."


@dataclass(eq=False)
class NothingToBound(Invalid):
    """An empty bound would give nothing at all."""

    message = "A bound names one thing at least; leave it out for all."


def bounds_of(
    channels: Iterable[str] | None,
    locations: Iterable[str] | None,
    teams: Iterable[str] | None,
    amounts: Mapping[str, int] | None,
) -> Bounds:
    """Bounds as they are kept."""
    return Bounds(
        channels=_ids(channels),
        locations=_ids(locations),
        teams=_ids(teams),
        amounts=None if amounts is None else tuple(sorted(amounts.items())),
    )


def kept_ids(given: Iterable[UUID] | None) -> list[str] | None:
    """Ids of a bound as they are kept: each once, sorted."""
    return None if given is None else sorted({each.hex for each in given})


def scopes_in(stored: Iterable[str]) -> frozenset[Scope]:
    """Those of the stored rights that this version of the program knows."""
    known = frozenset(stored)
    return frozenset(each for each in Scope if each in known)


def given_by(given: Given) -> Mapping[Scope, Bounds]:
    """The rights that a grant gives, each with those of its bounds that it can have."""
    dimensions = given.bounds.dimensions()
    return {
        scope: given.bounds.only(bounded_by(scope), amounts=scope in MEASURED)
        for scope in given.scopes
        if is_given(scope, dimensions)
    }


def rights_of(direct: Iterable[str], grants: Iterable[Given]) -> Rights:
    """What somebody may who holds these rights as such, and these grants."""
    scopes = scopes_in(direct)
    granted: dict[Scope, list[Bounds]] = {}
    for each in grants:
        for scope, bounds in given_by(each).items():
            granted.setdefault(scope, []).append(bounds)
    if not granted:
        return Rights(scopes)
    return Rights(scopes.union(granted), united(scopes, granted))


def check_reached(
    faults: Faults, caller: Caller, given: Mapping[Scope, Bounds], *path: str
) -> None:
    """Note if the caller would give rights further than he holds them himself."""
    short = [
        scope.value
        for scope, bounds in given.items()
        if caller.may(scope) and not caller.reach.covers(scope, bounds)
    ]
    if short:
        faults.add(ReachNotHeld(tuple(sorted(short))).at(*path))


def covers(caller: Caller, rights: Rights) -> bool:
    """Whether the caller holds all these rights, as far as they reach."""
    return all(
        caller.may(scope)
        and all(caller.reach.covers(scope, each) for each in rights.reach.of(scope) or (Bounds(),))
        for scope in rights.scopes
    )


def _ids(kept: Iterable[str] | None) -> frozenset[UUID] | None:
    return None if kept is None else frozenset(UUID(hex=each) for each in kept)
