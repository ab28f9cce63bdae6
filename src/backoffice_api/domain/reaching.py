"""What bounds mean for commands and for reading: where rights that are limited are enforced.

Reading goes through `seen_by`. A command is looked at before its handler runs: every row that it
names has to be within one and the same grant. If one is not, the handler is given the id of
something that there is not in its place, and says so itself: "not yours" and "not there" are then
one answer, made by the same lines. Whatever nobody can tell apart is refused.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache, partial
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import Connection, String, column, text

from backoffice_api.domain.aiming import Aim, aims_of, rename_back, renamed, subjects_of
from backoffice_api.domain.identity.model.limitable import LIMITABLE
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.places import FREE, Conditions, Part, Place, Words
from backoffice_api.domain.kernel.reach import Bounds, Dimension, NotToldApart, OutOfReach, Reach
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.seeing import seen_through
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.uow import Caller, Command, UnitOfWork
from backoffice_api.domain.placed_kinds import KINDS
from backoffice_api.domain.places import PLACES, SIGHT

C = TypeVar("C", bound=Command)
R = TypeVar("R")

_KEPT = 10_000

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


def is_open(caller: Caller, kind: str) -> bool:
    """Whether the caller's bounds can tell rows of this kind apart at all."""
    return not caller.reach.bounded or kind not in KINDS or _is_open(caller.reach, KINDS[kind])


@lru_cache(maxsize=_KEPT)
def _is_open(reach: Reach, table: str) -> bool:
    conditions = Conditions(PLACES, Words("", is_postgresql=False), dict(reach.bounded))
    try:
        conditions.of(table, "_r0")
    except (NotToldApart, OutOfReach):
        return False
    return True


def is_seen(db: Connection, caller: Caller, kind: str, id: UUID) -> bool:
    """Whether the row with the id of this kind is one that the caller's bounds let him see."""
    if not caller.reach.bounded or kind not in KINDS:
        return True
    test = _seen(SIGHT.conditions(db, caller), (Aim(KINDS[kind], (id,)),))
    return test is not None and bool(db.execute(text(f"SELECT {test}")).scalar())


def run_within(
    uow: UnitOfWork, handler: Callable[[UnitOfWork, C], R], command: C, beyond: Command | None
) -> R:
    """What the handler does for a caller with bounds. `beyond`: what `first_beyond` has found.

    Raises:
        NotToldApart: the handler has not missed what is out of reach.
        DomainError: what the handler raises, be it for lack of what is out of reach.
    """
    if beyond is not None:
        absent = _absent(uow, beyond)
        try:
            handler(uow, renamed(command, absent))
        except DomainError as refusal:
            rename_back(refusal, absent)
            raise
        # Whatever it did is rolled back.
        raise NotToldApart
    if command.scope in _AS_SEEN:
        with seen_by(uow.db, uow.caller):
            return handler(uow, command)
    return handler(uow, command)


def first_beyond(uow: UnitOfWork, command: Command) -> Command | None:
    """The command, or that within it, which names something out of reach. None: nothing does.

    The grants that hold for all that is named are then kept in the unit of work, by the right, so
    that amounts can be measured by them.

    Raises:
        OutOfReach: no grant can hold for such a command, whatever it names.
    """
    uow.holding = partial(_holding, uow, command)
    for each in _with_inner(command):
        if not _is_within(uow, each):
            return each
    return None


def _with_inner(command: Command) -> tuple[Command, ...]:
    inner = (getattr(command, each.name) for each in fields(command))  # type: ignore[arg-type]
    return (command, *(part for part in inner if isinstance(part, Command)))


def _holding(uow: UnitOfWork, command: Command, scope: Scope) -> tuple[Bounds, ...]:
    """The grants of a right, taken besides, that hold for all that a command names."""
    aims = [aims_of(each) for each in _with_inner(command)]
    found: tuple[Aim, ...] = ()
    if all(each.are_all for each in aims):
        found = tuple(aim for each in aims for aim in each.found)
    tests = tuple(_tests(SIGHT.conditions(uow.db), found, uow.caller.reach.of(scope)))
    if not tests:
        return ()
    texts = {each.name: each.text for each in found if each.text}
    columns = ", ".join(test for _, test in tests)
    held = uow.db.execute(text(f"SELECT {columns}"), texts).one()
    return tuple(bounds for (bounds, _), holds in zip(tests, held, strict=True) if holds)


def _is_within(uow: UnitOfWork, command: Command) -> bool:
    """Whether the caller sees all that is named, and one grant of the right holds for all of it."""
    scope, reach = command.scope, uow.caller.reach
    # What is done only with what is seen, is within what is seen.
    given = () if scope is None or scope in _AS_SEEN else reach.of(scope)
    aims = aims_of(command)
    if scope is not None and reach.has_limit(scope) and command.measures is None:
        raise OutOfReach(scope.value)
    seen = _seen(SIGHT.conditions(uow.db, uow.caller), aims.found)
    if seen is None:
        return False
    tests = tuple(_tests(SIGHT.conditions(uow.db), aims.found, given)) if aims.are_all else ()
    if scope is not None and given and not tests:
        raise OutOfReach(scope.value)
    texts = {each.name: each.text for each in aims.found if each.text}
    columns = ", ".join((seen, *(test for _, test in tests)))
    is_seen, *held = uow.db.execute(text(f"SELECT {columns}"), texts).one()
    if scope is not None and given:
        holding = tuple(bounds for (bounds, _), holds in zip(tests, held, strict=True) if holds)
        uow.bounds[scope] = holding
        return bool(is_seen and holding)
    return bool(is_seen)


def _seen(conditions: Conditions, aims: tuple[Aim, ...]) -> str | None:
    """What tells whether the caller sees all that is aimed at. None: he never does."""
    tests: list[str] = []
    for aim in aims:
        try:
            condition = conditions.of(aim.table, "_r0")
        except (NotToldApart, OutOfReach):
            return None
        if condition is not None:
            tests.append(aim.test(conditions.words, condition))
    return " AND ".join(tests) or "1 = 1"


def _tests(
    conditions: Conditions, aims: tuple[Aim, ...], given: tuple[Bounds, ...]
) -> Iterator[tuple[Bounds, str]]:
    """Each grant that can tell the aims apart, with what tells whether all of them are in it."""
    for bounds in given:
        told: frozenset[Dimension] = frozenset()
        tests: list[str] = []
        try:
            for aim in aims:
                place = _place(aim.table)
                if place is None or (aim := aim.without(place.everybodys)).is_empty:
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


def _absent(uow: UnitOfWork, command: Command) -> Mapping[UUID | str, UUID | str]:
    """For what a command names out of reach, names of things that there are not.

    All that it names, if each of it is within some grant, and nothing holds for all of it.
    """
    aims = [each for each in aims_of(command).found if _place(each.table) is not None]
    reached = set[UUID | str]().union(*(_reached(uow, command, each) for each in aims))
    named = {name for each in aims for name in ((each.text,) if each.text else each.ids)}
    found: dict[UUID | str, UUID | str] = {}
    for each in sorted(named - reached or named, key=str):
        new = uow.new_id()
        found[each] = new if isinstance(each, UUID) else new.hex
    for kind, id in subjects_of(command):
        if isinstance(new_id := found.get(id), UUID):
            found[ids.text(kind, id)] = ids.text(kind, new_id)
    return found


def _reached(uow: UnitOfWork, command: Command, aim: Aim) -> set[UUID | str]:
    """What an aim names that the caller sees, and that is within some grant of the right."""
    strict, seen = SIGHT.conditions(uow.db), SIGHT.conditions(uow.db, uow.caller)
    given = () if command.scope is None else uow.caller.reach.of(command.scope)
    try:
        conditions = [seen.of(aim.table, "_r0") or "1 = 1"]
    except (NotToldApart, OutOfReach):
        return set()
    place = _place(aim.table)
    if given and place is not None:
        own = [each.only(LIMITABLE[place.scope], amounts=False) for each in given]
        within = [strict.within(aim.table, "_r0", each) or "1 = 1" for each in own]
        conditions.append(f"({' OR '.join(within)})")
    statement = text(aim.select(strict.words, " AND ".join(conditions)))
    kind = Id() if aim.text is None else String()
    rows = uow.db.execute(
        statement.columns(column("name", kind)), {aim.name: aim.text} if aim.text else {}
    )
    return set(rows.scalars())


def _place(table: str) -> Place | None:
    placing = PLACES.placed.get(table)
    while isinstance(placing, Part):
        placing = PLACES.placed[placing.of]
    return placing if isinstance(placing, Place) else None
