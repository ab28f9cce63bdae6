"""What whoever holds a scanner may see: what is to be done and counted, and no level."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.counts.model import CountLineStatus
from backoffice_api.domain.kernel.errors import Faults, Missing
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.scanning.model.scans import CODE_READ_MAX
from backoffice_api.domain.scanning.model.tasks import TaskKind
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.lots import LOT_CODE_LENGTH_MAX

PAGE_MAX = 250


@dataclass(frozen=True, slots=True)
class DeviceTask:
    """A task in words, without anything behind it that could be followed to a level."""

    kind: TaskKind
    title: str
    subject_id: str
    since: datetime
    sku: str | None
    lot: str | None
    bucket: Bucket | None
    from_location: str | None
    to_location: str | None


@dataclass(frozen=True, slots=True)
class SheetLine:
    """What is to be counted at one place. `counted`: what was entered, not what is expected."""

    position: int
    sku: str
    location: str
    bucket: Bucket
    lot: str | None
    status: CountLineStatus
    counted: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry:
    """What was found: all there were (`quantity`), or some more of them (`scanned`).

    `location`: by code or id. `lot`: by its code, if the code that was read does not say it.
    """

    code: str
    location: str
    quantity: int | None = None
    scanned: int | None = None
    bucket: Bucket = Bucket.SELLABLE
    lot: str | None = None
    counted_at: datetime | None = None


@dataclass(eq=False)
class NoSuchLot(Missing):
    """The variant has no lot with this code."""

    name: str
    message = "There is no lot {name!r:.90} of this."


@dataclass(frozen=True, slots=True)
class Names:
    """Codes of locations and lots, and SKUs, by their ids."""

    skus: dict[UUID, str]
    locations: dict[UUID, str]
    lots: dict[UUID, str]


def check_entry(faults: Faults, entry: CodeEntry, *path: str | int) -> None:
    check_text(entry.code, faults, *path, "code", maximum=CODE_READ_MAX)
    check_text(entry.location, faults, *path, "location")
    check_text(entry.lot, faults, *path, "lot", maximum=LOT_CODE_LENGTH_MAX)
