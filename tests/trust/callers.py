"""Callers whose rights hold for a part only, as grants of OWNER make them."""

from collections.abc import Iterable
from uuid import UUID

from backoffice_api.domain.identity.model.grants import Given, rights_of
from backoffice_api.domain.kernel.reach import Bounds
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller


def bounded(*grants: Bounds, number: int = 9) -> Caller:
    """Somebody who may do everything that such grants give."""
    rights = rights_of((), [Given(ALL_SCOPES, each) for each in grants])
    return Caller(Actor(ActorKind.TOKEN, UUID(int=number), "bounded"), rights.scopes, rights.reach)


def within(
    *,
    channels: Iterable[UUID] | None = None,
    locations: Iterable[UUID] | None = None,
    teams: Iterable[UUID] | None = None,
    amounts: Iterable[tuple[str, int]] | None = None,
) -> Caller:
    """The same with one grant. `amounts`: the most that may be moved at once, by currency."""
    return bounded(
        Bounds(
            channels=None if channels is None else frozenset(channels),
            locations=None if locations is None else frozenset(locations),
            teams=None if teams is None else frozenset(teams),
            amounts=None if amounts is None else tuple(amounts),
        )
    )
