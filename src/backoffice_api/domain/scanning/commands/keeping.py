"""What was accepted of a device is kept: that is why nothing is done twice."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from backoffice_api.domain.kernel.batches import insert_many
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.scanning.model.devices import Device
from backoffice_api.domain.scanning.model.scans import Scan
from backoffice_api.domain.scanning.queries import Packed
from backoffice_api.domain.scanning.tables import scans
from backoffice_api.domain.stock.model.locations import Location
from backoffice_api.domain.stock.model.lots import Lot


class Accepted(Protocol):
    """A scan with what it names."""

    @property
    def scan(self) -> Scan: ...
    @property
    def packed(self) -> Packed: ...
    @property
    def here(self) -> Location: ...
    @property
    def there(self) -> Location | None: ...
    @property
    def pieces(self) -> int: ...


def keep_scans(
    uow: UnitOfWork, device: Device, accepted: Sequence[Accepted], lots: Mapping[int, Lot]
) -> None:
    """Keep what was accepted, so that it is not done again.

    `lots`: of each scan, by its identity, where pieces are told apart.
    """
    if not accepted:
        return
    count = len(accepted)
    lot_of = [lots.get(id(each.scan)) for each in accepted]
    columns: dict[str, Sequence[Any]] = {
        "device_id": [device.id] * count,
        "sequence": [each.scan.sequence for each in accepted],
        "kind": [each.scan.kind for each in accepted],
        "variant_id": [each.packed.variant.id for each in accepted],
        "location_id": [each.here.id for each in accepted],
        "to_location_id": [each.there.id if each.there else None for each in accepted],
        "pieces": [each.pieces for each in accepted],
        "lot_id": [lot.id if lot else None for lot in lot_of],
        "digest": [each.scan.digest for each in accepted],
        "scanned_at": [each.scan.scanned_at for each in accepted],
        "recorded_at": [uow.now] * count,
    }
    insert_many(uow.db, scans, columns)
