"""Callers whose rights hold for a part only, as grants of OWNER make them."""

from typing import Any
from uuid import UUID

from backoffice_api.domain.identity.model.grants import Given, rights_of
from backoffice_api.domain.kernel.reach import Bounds
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller


def bounded(*grants: Bounds, number: int = 9) -> Caller:
    """Somebody who may do everything that such grants give."""
    rights = rights_of((), [Given(ALL_SCOPES, each) for each in grants])
    return Caller(Actor(ActorKind.TOKEN, UUID(int=number), "bounded"), rights.scopes, rights.reach)


def within(**bounds: Any) -> Caller:
    """The same with one grant: `channels`, `locations`, `teams` are ids, `amounts` pairs."""
    given = {
        name: tuple(each) if name == "amounts" else frozenset(each) for name, each in bounds.items()
    }
    return bounded(Bounds(**given))
