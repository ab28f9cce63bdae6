"""What can be done with locations: made, changed, archived, restored. Only with physical ones."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, update

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.commands.ledger import hold_locations
from backoffice_api.domain.stock.model.locations import (
    MACHINE,
    PRIORITY_DEFAULT,
    Location,
    LocationArchived,
    LocationCodeTaken,
    LocationCreated,
    LocationKind,
    LocationNotEmpty,
    LocationRestored,
    LocationUpdated,
    StockBelowZero,
    UnknownLocation,
    VirtualLocation,
    check_location,
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
        LocationCodeTaken, InvalidText, OutOfRange.
    """
    faults = Faults()
    if not command.kind.is_physical:
        faults.add(VirtualLocation(command.kind).at("kind"))
    check_location(faults, code=command.code, name=command.name, priority=command.priority)
    faults.check()
    _check_code(uow, command.code)
    made = Location(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        kind=command.kind,
        priority=command.priority,
        negative_allowed=command.negative_allowed,
        status=MACHINE.start,
    )
    add(uow, locations, [made])
    uow.emit(LocationCreated(made.id, made.version, made.code), after=made)
    return made.id


def update_location(uow: UnitOfWork, command: UpdateLocation) -> UUID:
    """Change what is given of a location; what is absent stays. Its id.

    Raises:
        UnknownLocation, VirtualLocation, InvalidTransition, LocationCodeTaken, InvalidText,
            OutOfRange.
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
    )
    faults = Faults()
    check_location(faults, code=after.code, name=after.name, priority=after.priority)
    faults.check()
    if after.code != before.code:
        _check_code(uow, after.code)
    if after.negative_allowed != before.negative_allowed:
        _allow_negative(uow, after)
    after = save(uow, locations, before, after)
    uow.emit(LocationUpdated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def archive_location(uow: UnitOfWork, command: ArchiveLocation) -> UUID:
    """Take an empty location out of use: nothing can come, go or be promised there. Its id.

    Raises:
        UnknownLocation, VirtualLocation, InvalidTransition.
        LocationNotEmpty: some level there is not zero, or something is promised from it.
    """
    before = _held(uow, command.id)
    after = replace(before, status=MACHINE.check("archive", before.status))
    if _any_level(uow, before.id, or_(levels.c.on_hand != 0, levels.c.reserved != 0)):
        raise LocationNotEmpty(before.id).at("id")
    after = save(uow, locations, before, after)
    uow.emit(LocationArchived(after.id, after.version, after.code), before=before, after=after)
    return after.id


def restore_location(uow: UnitOfWork, command: RestoreLocation) -> UUID:
    """Take an archived location into use again. Its id.

    Raises:
        UnknownLocation, VirtualLocation, InvalidTransition.
    """
    before = _held(uow, command.id)
    after = replace(before, status=MACHINE.check("restore", before.status))
    after = save(uow, locations, before, after)
    uow.emit(LocationRestored(after.id, after.version, after.code), before=before, after=after)
    return after.id


def _check_code(uow: UnitOfWork, code: str) -> None:
    if queries.locations_by_codes(uow.db, [code]):
        raise LocationCodeTaken(code).at("code")


def _held(uow: UnitOfWork, id: UUID) -> Location:
    """The physical location `id`, with nobody posting to it until the transaction ends."""
    found = hold_locations(uow, [id], exclusively=True).get(id)
    if found is None:
        raise UnknownLocation(id).at("id")
    if not found.kind.is_physical:
        raise VirtualLocation(found.kind).at("id")
    return found


def _allow_negative(uow: UnitOfWork, location: Location) -> None:
    """Carry the permission over to the levels of the location."""
    below = or_(levels.c.on_hand < 0, levels.c.reserved > levels.c.on_hand)
    if not location.negative_allowed and _any_level(uow, location.id, below):
        raise StockBelowZero(location.id).at("negative_allowed")
    uow.db.execute(
        update(levels)
        .where(levels.c.location_id == location.id)
        .values(negative_allowed=location.negative_allowed)
    )


def _any_level(uow: UnitOfWork, location_id: UUID, where: ColumnElement[bool]) -> bool:
    found = select(exists().where(levels.c.location_id == location_id, where))
    return bool(uow.db.execute(found).scalar_one())
