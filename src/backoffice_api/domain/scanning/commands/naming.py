"""What scans name: a variant by its code, places by code or id, and perhaps a lot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import OutOfRange
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products.model import VariantKind
from backoffice_api.domain.scanning import queries
from backoffice_api.domain.scanning.model.devices import Device
from backoffice_api.domain.scanning.model.scans import (
    MOVING,
    PlaceNotInUse,
    SamePlace,
    Scan,
    ScannedInFuture,
    UnknownCode,
    UnknownPlace,
)
from backoffice_api.domain.scanning.queries import Packed
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.ledger import hold_locations
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX, KitHasNoStock, Place
from backoffice_api.domain.stock.model.locations import Location, LocationStatus
from backoffice_api.domain.stock.model.lots import LotNeeded, LotNotTracked, Tracking


@dataclass(frozen=True, slots=True)
class Found:
    """A scan with what it names."""

    scan: Scan
    packed: Packed
    here: Location
    there: Location | None

    @property
    def pieces(self) -> int:
        return self.scan.quantity * self.packed.pieces

    def lot_code(self, tracking: Tracking) -> str | None:
        """Which lot it names, or serial number, as the variant is tracked. None: it has none.

        Raises:
            LotNeeded, LotNotTracked.
        """
        sku, message = self.packed.variant.sku, self.packed.message
        if tracking is Tracking.NONE:
            if self.scan.lot is not None:
                raise LotNotTracked(sku)
            return None
        said = message and (message.serial if tracking is Tracking.SERIAL else message.lot)
        if not (code := self.scan.lot or said):
            raise LotNeeded(sku, tracking)
        return code

    def expires_on(self, today: date) -> date | None:
        """The last day on which it is good, as far as the code says."""
        message = self.packed.message
        return message.day("17", today) if message else None

    @property
    def places(self) -> Sequence[Place]:
        of = self.packed.variant.id
        return [Place(of, each.id) for each in (self.here, self.there) if each]


def named_by(
    uow: UnitOfWork, device: Device, given: Sequence[Scan], refused: dict[int, DomainError]
) -> Sequence[Found]:
    """The scans with what they name. By their identity, why others are `refused`."""
    packed = queries.packed_by_codes(uow.db, {scan.code for scan in given})
    places = _places(uow, device, given)
    found = []
    for scan in given:
        try:
            found.append(_resolve(uow, device, scan, packed, places))
        except DomainError as refusal:
            refused[id(scan)] = refusal
    return found


def _resolve(
    uow: UnitOfWork,
    device: Device,
    scan: Scan,
    packed: Mapping[str, Packed],
    places: Mapping[str | UUID, Location],
) -> Found:
    if scan.scanned_at > uow.now:
        raise ScannedInFuture
    if (pack := packed.get(scan.code)) is None:
        raise UnknownCode(scan.code)
    if pack.variant.kind is VariantKind.KIT:
        raise KitHasNoStock(pack.variant.sku)
    if abs(scan.quantity * pack.pieces) > QUANTITY_MAX:
        raise OutOfRange(-QUANTITY_MAX, QUANTITY_MAX)
    here = _place(scan.location or device.location_id, places)
    there = None
    if scan.kind in MOVING:
        if scan.to_location is None:
            raise SamePlace
        there = _place(scan.to_location, places)
        if there.id == here.id:
            raise SamePlace
    return Found(scan, pack, here, there)


def _places(
    uow: UnitOfWork, device: Device, given: Sequence[Scan]
) -> Mapping[str | UUID, Location]:
    """The locations that the scans name, by code, by id as text, and that of the device.

    They stay as they are until the transaction ends.
    """
    named = {name for scan in given for name in (scan.location, scan.to_location) if name}
    by_code = stock.locations_by_codes(uow.db, named)
    by_id = {name: parts[1] for name in named if (parts := ids.split(name)) and parts[0] == "loc"}
    wanted = {each.id for each in by_code.values()} | set(by_id.values())
    held = {
        id: each
        for id, each in hold_locations(
            uow, wanted | ({device.location_id} if device.location_id else set())
        ).items()
        if _is_reached(uow, each)
    }
    keys: dict[str | UUID, UUID] = {id: id for id in held}
    keys |= {name: id for name, id in by_id.items() if id in held}
    keys |= {code: each.id for code, each in by_code.items() if each.id in held}
    return {key: held[id] for key, id in keys.items()}


def _is_reached(uow: UnitOfWork, location: Location) -> bool:
    """Whether a grant that holds for the device holds there, too. Another location is none."""
    given = uow.bounds.get(Scope.STOCK_WRITE)
    return given is None or any(each.reaches_path(location.path) for each in given)


def _place(name: str | UUID | None, places: Mapping[str | UUID, Location]) -> Location:
    if name is None or (found := places.get(name)) is None:
        raise UnknownPlace("" if name is None else str(name))
    if not found.kind.is_physical or found.status is LocationStatus.ARCHIVED:
        raise PlaceNotInUse(found.code)
    return found
