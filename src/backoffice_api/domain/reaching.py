"""What bounds mean for commands and for reading: where rights that are limited are enforced.

Reading goes through `seen_by`. A command is looked at before its handler runs: every row that it
names has to be within one and the same grant. If one is not, the handler runs in a world without
the rows out of reach, and says itself that there is no such thing: so "not yours" and "not there"
are one answer. Whatever nobody can tell apart is refused.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import Connection, text

from backoffice_api.domain.aiming import Aim, aims_of, subjects_of
from backoffice_api.domain.identity.model.limitable import LIMITABLE
from backoffice_api.domain.kernel.places import FREE, Conditions, Part, Place
from backoffice_api.domain.kernel.reach import Bounds, Dimension, OutOfReach, Reach
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.seeing import View, seen_through
from backoffice_api.domain.kernel.uow import Caller, Command, UnitOfWork
from backoffice_api.domain.places import KINDS, PLACES, SIGHT

C = TypeVar("C", bound=Command)
R = TypeVar("R")

# Their commands do nothing but with what the caller sees: lists are kept, things commented on.
_AS_SEEN: Final = frozenset(
    {
        Scope.BULK_READ,
        Scope.BULK_WRITE,
        Scope.COMMENTS_READ,
        Scope.COMMENTS_WRITE,
        Scope.VIEWS_READ,
        Scope.VIEWS_WRITE,
    }
)


@contextmanager
def seen_by(db: Connection, caller: Caller) -> Iterator[Connection]:
    """Have the caller see through the connection what is within reach, until the block ends."""
    if not caller.reach.bounded:
        yield db
        return
    with seen_through(db, SIGHT.view(caller, db)):
        yield db


def is_seen(db: Connection, caller: Caller, kind: str, id: UUID) -> bool:
    """Whether the row with the id of this kind is one that the caller's bounds let him see."""
    table = KINDS.get(kind)
    if not caller.reach.bounded or table is None:
        return True
    conditions = SIGHT.conditions(db, caller)
    try:
        condition = conditions.of(table, "_r0")
    except OutOfReach:
        return False
    if condition is None:
        return True
    test = Aim(table, (id,)).test(conditions.words, condition)
    return bool(db.execute(text(f"SELECT {test}")).scalar())


def run_within(
    uow: UnitOfWork, handler: Callable[[UnitOfWork, C], R], command: C, *, is_there: bool
) -> R:
    """What the handler does for a caller with bounds. `is_there`: what `is_within` has found.

    Raises:
        OutOfReach: no grant can hold for such a command, whatever it names.
        DomainError: what the handler raises, be it for lack of what is out of reach.
    """
    if not is_there:
        with seen_through(uow.db, _without_the_rest(uow, command)):
            handler(uow, command)
        # It has not missed what is out of reach. Whatever it did is rolled back.
        raise OutOfReach("" if command.scope is None else command.scope.value)
    if command.scope in _AS_SEEN:
        with seen_by(uow.db, uow.caller):
            return handler(uow, command)
    return handler(uow, command)


def is_within(uow: UnitOfWork, command: Command) -> bool:
    """Whether some grant of the caller holds for every row that the command names.

    Those grants are then kept in the unit of work, so that it can measure amounts by them.

    Raises:
        OutOfReach: no grant can hold for such a command, whatever it names.
    """
    scope, reach = command.scope, uow.caller.reach
    if not all(is_seen(uow.db, uow.caller, *each) for each in subjects_of(command)):
        return False
    given = () if scope is None else reach.of(scope)
    if scope is None or not given:
        return True
    if reach.has_limit(scope) and not command.measures:
        raise OutOfReach(scope.value)
    conditions = SIGHT.conditions(uow.db)
    aims = aims_of(command)
    tests = () if aims is None else tuple(_tests(conditions, aims, given))
    if aims is None or not tests:
        raise OutOfReach(scope.value)
    statement = text(f"SELECT {', '.join(test for _, test in tests)}")
    row = uow.db.execute(statement, {each.name: each.text for each in aims if each.text}).one()
    uow.bounds = tuple(each for (each, _), holds in zip(tests, row, strict=True) if holds)
    return bool(uow.bounds)


def _tests(
    conditions: Conditions, aims: tuple[Aim, ...], given: tuple[Bounds, ...]
) -> Iterator[tuple[Bounds, str]]:
    """Each grant that can tell the aims apart, with what tells whether all of them are in it."""
    for bounds in given:
        told: frozenset[Dimension] = frozenset()
        tests: list[str] = []
        try:
            for aim in aims:
                if (place := _place(aim.table)) is None:
                    continue
                own = bounds.only(LIMITABLE[place.scope], amounts=False)
                condition = conditions.within(aim.table, "_r0", own)
                told |= {each for each in own.dimensions() if place.ways[each] is not FREE}
                if condition is not None:
                    tests.append(aim.test(conditions.words, condition))
        except OutOfReach:
            continue
        if bounds.dimensions() <= told:
            yield bounds, " AND ".join(tests) or "1 = 1"


def _without_the_rest(uow: UnitOfWork, command: Command) -> View:
    """The world in which there is nothing but what the grants of the command's right hold for."""
    scope, caller = command.scope, uow.caller
    given = () if scope is None else caller.reach.of(scope)
    if not given:
        return SIGHT.view(caller, uow.db)
    bounded = ((each, _narrowed(given, by)) for each, by in LIMITABLE.items())
    reach = Reach(tuple((each, bounds) for each, bounds in bounded if bounds))
    return SIGHT.view(replace(caller, reach=reach), uow.db)


def _narrowed(given: tuple[Bounds, ...], by: frozenset[Dimension]) -> tuple[Bounds, ...]:
    found = tuple(each.only(by, amounts=False) for each in given)
    return () if any(each.is_open for each in found) else found


def _place(table: str) -> Place | None:
    placing = PLACES.placed.get(table)
    while isinstance(placing, Part):
        placing = PLACES.placed[placing.of]
    return placing if isinstance(placing, Place) else None
