"""What can be done with devices: registered, retired, taken into use again."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.identity.queries import staff as identity
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import ActorKind, Command, UnitOfWork
from backoffice_api.domain.scanning import queries
from backoffice_api.domain.scanning.model.devices import (
    MACHINE,
    BoundToNobody,
    Device,
    DeviceCodeTaken,
    DeviceRegistered,
    DeviceRestored,
    DeviceRetired,
    UnknownOwner,
)
from backoffice_api.domain.scanning.tables import devices
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.locations import UnknownLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDevice(Command):
    """Bound to a token or to a member of staff. `location_id`: where it is used, if anywhere."""

    scope = Scope.STOCK_WRITE
    code: str
    name: str
    token_id: UUID | None = None
    staff_id: UUID | None = None
    location_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireDevice(Command):
    scope = Scope.STOCK_WRITE
    table = devices
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreDevice(Command):
    scope = Scope.STOCK_WRITE
    table = devices
    id: UUID


def register_device(uow: UnitOfWork, command: RegisterDevice) -> UUID:
    """Make a scanner or phone known, so that it can send what it scans. Its id.

    Raises:
        BoundToNobody, UnknownOwner: it is bound to no one, or to somebody who is not there.
        UnknownLocation: there is no such location.
        DeviceCodeTaken: another device has the code.
        InvalidText: code or name is empty or too long.
    """
    faults = Faults()
    check_text(command.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(command.name, faults, "name")
    owner = command.token_id or command.staff_id
    if owner is None or (command.token_id and command.staff_id):
        raise BoundToNobody
    by_token = command.token_id is not None
    found = (identity.tokens_by_ids if by_token else identity.staff_by_ids)(uow.db, [owner])
    if owner not in found:
        faults.add(UnknownOwner(owner).at("token_id" if by_token else "staff_id"))
    if command.location_id:
        known = stock.locations_by_ids(uow.db, [command.location_id])
        if command.location_id not in known:
            faults.add(UnknownLocation(command.location_id).at("location_id"))
    faults.check()
    if queries.devices_by_codes(uow.db, [command.code]):
        raise DeviceCodeTaken(command.code).at("code")
    made = Device(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        actor_kind=ActorKind.TOKEN if by_token else ActorKind.STAFF,
        actor_id=owner,
        location_id=command.location_id,
        status=MACHINE.start,
    )
    add(uow, devices, [made])
    uow.emit(DeviceRegistered(made.id, made.version, made.code), after=made)
    return made.id


def retire_device(uow: UnitOfWork, command: RetireDevice) -> UUID:
    """Take nothing from a device any more. Its id.

    Raises:
        UnknownDevice, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "retire")
    uow.emit(DeviceRetired(after.id, after.version, after.code), before=before, after=after)
    return after.id


def restore_device(uow: UnitOfWork, command: RestoreDevice) -> UUID:
    """Take a retired device into use again. Its id.

    Raises:
        UnknownDevice, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "restore")
    uow.emit(DeviceRestored(after.id, after.version, after.code), before=before, after=after)
    return after.id


def _moved(uow: UnitOfWork, id: UUID, action: str) -> tuple[Device, Device]:
    before = queries.device(uow.db, id)
    after = replace(before, status=MACHINE.check(action, before.status))
    return before, save(uow, devices, before, after)
