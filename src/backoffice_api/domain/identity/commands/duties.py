"""Whether rights may come into one hand, wherever they are given: by roles, or directly."""

from collections.abc import Collection, Iterable

from backoffice_api.domain.identity.model.duties import DutiesConflict, conflicts_in
from backoffice_api.domain.identity.queries.roles import policy
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import ActorKind, UnitOfWork


def check_duties(
    uow: UnitOfWork, held: Iterable[Scope], given: Iterable[Scope], where: str
) -> None:
    """Refuse what brings a conflict that was not there before, where the policy says so.

    `held`: all rights of the holder so far. Whoever works on the machine itself is not asked.

    Raises:
        DutiesConflict.
    """
    check_duties_of_all(uow, [frozenset(held)], given, where)


def check_duties_of_all(
    uow: UnitOfWork, held: Iterable[Collection[Scope]], given: Iterable[Scope], where: str
) -> None:
    """The same for several who are given the same.

    Raises:
        DutiesConflict.
    """
    if uow.caller.actor.kind is ActorKind.SYSTEM:
        return
    present = policy(uow.db)
    if present is None or not present.refuses_conflicts:
        return
    more = frozenset(given)
    new = {
        each.key: None
        for scopes in held
        for each in conflicts_in(more.union(scopes))
        if each not in conflicts_in(scopes)
    }
    if new:
        raise DutiesConflict(tuple(new)).at(where)
