"""What can be done with locations: made, changed, archived, restored. Only with physical ones."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, literal, or_, select, update

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults, StaleVersion
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.commands.ledger import hold_locations
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import (
    DEPTH_MAX,
    MACHINE,
    PRIORITY_DEFAULT,
    Location,
    LocationArchived,
    LocationCodeTaken,
    LocationCreated,
    LocationCycle,
    LocationHasParts,
    LocationKind,
    LocationNotEmpty,
    LocationRestored,
    LocationStatus,
    LocationTooDeep,
    LocationUpdated,
    StockBelowZero,
    UnknownLocation,
    VirtualLocation,
    check_location,
    check_parent,
    path_of,
)
from backoffice_api.domain.stock.tables import levels, locations


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLocation(Command):
    scope = Scope.STOCK_WRITE
    code: str
    name: str
    kind: LocationKind = LocationKind.WAREHOUSE
    priority: int = PRIORITY_DEFAULT
    negative_allowed: bool = False
    parent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateLocation(Command):
    """The kind stays what it is."""

    scope = Scope.STOCK_WRITE
    table = locations
    id: UUID
    code: str | Keep = KEEP
    name: str | Keep = KEEP
    priority: int | Keep = KEEP
    negative_allowed: bool | Keep = KEEP
    parent_id: UUID | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLocation(Command):
    scope = Scope.STOCK_WRITE
    table = locations
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreLocation(Command):
    scope = Scope.STOCK_WRITE
    table = locations
    id: UUID


def create_location(uow: UnitOfWork, command: CreateLocation) -> UUID:
    """Make a physical location. Its id.

    Raises:
        VirtualLocation: the kind is virtual; there is one location of each such kind already.
        UnknownLocation, ArchivedLocation, WrongParent, LocationTooDeep: it cannot stand there.
        LocationCodeTaken, InvalidText, OutOfRange.
    """
    faults = Faults()
    if not command.kind.is_physical:
        faults.add(VirtualLocation(command.kind).at("kind"))
    check_location(faults, code=command.code, name=command.name, priority=command.priority)
    faults.check()
    _check_code(uow, command.code)
    id = uow.new_id()
    parent = _parent(uow, command.parent_id)
    check_parent(command.kind, parent)
    made = Location(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        kind=command.kind,
        priority=command.priority,
        negative_allowed=command.negative_allowed,
        status=MACHINE.start,
        parent_id=command.parent_id,
        path=path_of(id, parent),
        depth=_depth(parent, 1),
    )
    add(uow, locations, [made])
    uow.emit(LocationCreated(made.id, made.version, made.code), after=made)
    return made.id


def update_location(uow: UnitOfWork, command: UpdateLocation) -> UUID:
    """Change what is given of a location; what is absent stays. Its id.

    Raises:
        UnknownLocation, VirtualLocation, InvalidTransition, LocationCodeTaken, InvalidText,
            OutOfRange.
        ArchivedLocation, WrongParent, LocationCycle, LocationTooDeep: it cannot stand there.
        StockBelowZero: negative stock shall be allowed no more, and there is some.
    """
    before = _held(uow, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        code=patched(command.code, before.code),
        name=patched(command.name, before.name),
        priority=patched(command.priority, before.priority),
        negative_allowed=patched(command.negative_allowed, before.negative_allowed),
        parent_id=patched(command.parent_id, before.parent_id),
    )
    faults = Faults()
    check_location(faults, code=after.code, name=after.name, priority=after.priority)
    faults.check()
    if after.code != before.code:
        _check_code(uow, after.code)
    if after.negative_allowed != before.negative_allowed:
        _allow_negative(uow, after)
    if after.parent_id != before.parent_id:
        after = _moved(uow, before, after)
    after = save(uow, locations, before, after)
    uow.emit(LocationUpdated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def archive_location(uow: UnitOfWork, command: ArchiveLocation) -> UUID:
    """Take an empty location out of use: nothing can come, go or be promised there. Its id.

    Raises:
        UnknownLocation, VirtualLocation, InvalidTransition.
        LocationNotEmpty: some level there is not zero, or something is promised from it.
        LocationHasParts: some part of it is in use.
    """
    before = _held(uow, command.id)
    after = replace(before, status=MACHINE.check("archive", before.status))
    if _any_level(uow, before.id, or_(levels.c.on_hand != 0, levels.c.reserved != 0)):
        raise LocationNotEmpty(before.id).at("id")
    if any(
        part.status is LocationStatus.ACTIVE for part in queries.locations_below(uow.db, before)
    ):
        raise LocationHasParts(before.id).at("id")
    after = save(uow, locations, before, after)
    uow.emit(LocationArchived(after.id, after.version, after.code), before=before, after=after)
    return after.id


def restore_location(uow: UnitOfWork, command: RestoreLocation) -> UUID:
    """Take an archived location into use again. Its id.

    Raises:
        UnknownLocation, VirtualLocation, InvalidTransition.
        ArchivedLocation: what it is a part of is archived.
    """
    before = _held(uow, command.id)
    after = replace(before, status=MACHINE.check("restore", before.status))
    check_parent(before.kind, _parent(uow, before.parent_id))
    after = save(uow, locations, before, after)
    uow.emit(LocationRestored(after.id, after.version, after.code), before=before, after=after)
    return after.id


def _check_code(uow: UnitOfWork, code: str) -> None:
    if queries.locations_by_codes(uow.db, [code]):
        raise LocationCodeTaken(code).at("code")


def _parent(uow: UnitOfWork, id: UUID | None) -> Location | None:
    """The location that another one is to be a part of. Nobody moves any part of its site."""
    if id is None:
        return None
    parent = queries.locations_by_ids(uow.db, [id]).get(id)
    if parent is None:
        raise UnknownLocation(id).at("parent_id")
    _hold_sites(uow, parent)
    # Read again: it may have been moved until the lock was ours.
    now = queries.locations_by_ids(uow.db, [id])[id]
    if now.path != parent.path:
        raise StaleVersion(parent.version, now.version)
    return hold_locations(uow, [id])[id]


def _hold_sites(uow: UnitOfWork, *of: Location) -> None:
    """Let nobody else change the tree of the sites that these locations stand in."""
    ids = {UUID(each.path.split("/", 1)[0]) for each in of}
    sites = select(locations.c.id).where(locations.c.id.in_(ids)).order_by(locations.c.id)
    uow.db.execute(sites.with_for_update(key_share=True)).all()


def _depth(parent: Location | None, height: int) -> int:
    """The depth of a part of `parent`, below which there may be more, all `height` levels high.

    Raises:
        LocationTooDeep.
    """
    depth = parent.depth + 1 if parent else 1
    if depth + height - 1 > DEPTH_MAX:
        raise LocationTooDeep(DEPTH_MAX).at("parent_id")
    return depth


def _moved(uow: UnitOfWork, before: Location, after: Location) -> Location:
    """The location as a part of another one; all its parts go with it."""
    named = queries.locations_by_ids(uow.db, [after.parent_id]) if after.parent_id else {}
    _hold_sites(uow, before, *named.values())
    parent = _parent(uow, after.parent_id)
    check_parent(before.kind, parent)
    if parent and parent.path.startswith(before.path):
        raise LocationCycle(before.id).at("parent_id")
    parts = queries.locations_below(uow.db, before)
    height = max((part.depth for part in parts), default=before.depth) - before.depth + 1
    moved = replace(after, path=path_of(before.id, parent), depth=_depth(parent, height))
    deeper = moved.depth - before.depth
    inside = locations.c.path > before.path, locations.c.path < before.path + queries.PATH_END
    uow.db.execute(
        update(locations)
        .where(*inside)
        .values(
            path=literal(moved.path).concat(func.substr(locations.c.path, len(before.path) + 1)),
            depth=locations.c.depth + deeper,
        )
    )
    return moved


def _held(uow: UnitOfWork, id: UUID) -> Location:
    """The physical location `id`, with nobody posting to it until the transaction ends."""
    found = hold_locations(uow, [id], exclusively=True).get(id)
    if found is None:
        raise UnknownLocation(id).at("id")
    if not found.kind.is_physical:
        raise VirtualLocation(found.kind).at("id")
    return found


def _allow_negative(uow: UnitOfWork, location: Location) -> None:
    """Carry the permission over to the levels of the location, of what is sellable."""
    below = or_(levels.c.on_hand < 0, levels.c.reserved > levels.c.on_hand)
    if not location.negative_allowed and _any_level(uow, location.id, below):
        raise StockBelowZero(location.id).at("negative_allowed")
    uow.db.execute(
        update(levels)
        .where(levels.c.location_id == location.id, levels.c.bucket == Bucket.SELLABLE)
        .values(negative_allowed=location.negative_allowed)
    )


def _any_level(uow: UnitOfWork, location_id: UUID, where: ColumnElement[bool]) -> bool:
    found = select(exists().where(levels.c.location_id == location_id, where))
    return bool(uow.db.execute(found).scalar_one())
