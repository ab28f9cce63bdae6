"""Locations: where stock lies, where it comes from and where it goes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_text

PRIORITY_DEFAULT = 100
PRIORITY_MAX = 1_000_000


class LocationKind(Choice):
    """What a location is. Stock lies at physical ones; it comes from and goes to virtual ones."""

    WAREHOUSE = "warehouse", "A warehouse of the shop. Physical."
    STORE = "store", "A shop that people walk into. Physical."
    THIRD_PARTY = "third_party", "A warehouse that somebody else runs for the shop. Physical."
    SUPPLIER = "supplier", "All suppliers: where stock comes from. Virtual."
    CUSTOMER = "customer", "All customers: where stock goes to. Virtual."
    SCRAP = "scrap", "What was thrown away. Virtual."
    CORRECTION = "correction", "What was found or missed. Virtual."
    IN_TRANSIT = "in_transit", "What is on its way between two locations. Virtual."

    @property
    def is_physical(self) -> bool:
        """Whether stock is counted there: whether it has levels."""
        return self in PHYSICAL


PHYSICAL = frozenset({LocationKind.WAREHOUSE, LocationKind.STORE, LocationKind.THIRD_PARTY})

# There is one location of each virtual kind. They come with the tables and never change, so their
# ids are constants.
SUPPLIER_ID = UUID("00000000-0000-7000-8000-000000000001")
CUSTOMER_ID = UUID("00000000-0000-7000-8000-000000000002")
SCRAP_ID = UUID("00000000-0000-7000-8000-000000000003")
CORRECTION_ID = UUID("00000000-0000-7000-8000-000000000004")
IN_TRANSIT_ID = UUID("00000000-0000-7000-8000-000000000005")
VIRTUAL_IDS: Mapping[LocationKind, UUID] = {
    LocationKind.SUPPLIER: SUPPLIER_ID,
    LocationKind.CUSTOMER: CUSTOMER_ID,
    LocationKind.SCRAP: SCRAP_ID,
    LocationKind.CORRECTION: CORRECTION_ID,
    LocationKind.IN_TRANSIT: IN_TRANSIT_ID,
}


class LocationStatus(Choice):
    """Whether a location is in use."""

    ACTIVE = "active", "In use."
    ARCHIVED = "archived", "Out of use and empty: kept for the movements that name it."


MACHINE = Machine(
    LocationStatus.ACTIVE,
    move("update", {LocationStatus.ACTIVE}),
    move("archive", {LocationStatus.ACTIVE}, LocationStatus.ARCHIVED),
    move("restore", {LocationStatus.ARCHIVED}, LocationStatus.ACTIVE),
)


class LocationSortKey(Choice):
    """By what a list of locations is sorted."""

    CREATED_AT = "created_at", "When the location was made."
    CODE = "code", "The code, by code point."
    PRIORITY = "priority", "The order in which stock is promised from it."


@dataclass(frozen=True, slots=True)
class Location:
    """`priority`: stock is promised from locations with smaller numbers first.

    `negative_allowed`: more may be promised and shipped than there is, of the variants that are
    kept there (that have a level).
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    kind: LocationKind
    priority: int
    negative_allowed: bool
    status: LocationStatus

    @property
    def actions(self) -> Sequence[Action]:
        blocks = () if self.kind.is_physical else ("it is virtual",)
        return MACHINE.actions(self.status, dict.fromkeys(MACHINE.moves, blocks))


@dataclass(frozen=True, slots=True)
class LocationCreated(Event):
    type = "location.created"
    subject = "loc"
    summary = "Location {code} was created."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class LocationUpdated(Event):
    type = "location.updated"
    subject = "loc"
    summary = "Location {code} was changed."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class LocationArchived(Event):
    type = "location.archived"
    subject = "loc"
    summary = "Location {code} was archived."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class LocationRestored(Event):
    type = "location.restored"
    subject = "loc"
    summary = "Location {code} is in use again."
    id: UUID
    version: int
    code: str


@dataclass(eq=False)
class UnknownLocation(Missing):
    """There is no location with this id."""

    id: UUID
    message = "There is no such location."


@dataclass(eq=False)
class LocationCodeTaken(Refused):
    """Another location has this code."""

    name: str
    message = "Another location has the code {name!r:.90}."


@dataclass(eq=False)
class VirtualLocation(Invalid):
    """A virtual location has no stock of its own, and cannot be made, changed or archived."""

    kind: LocationKind
    message = "A location of the kind {kind.name} is virtual; this takes a physical one."


@dataclass(eq=False)
class ArchivedLocation(Refused):
    """The location is out of use: nothing can come, go or be promised there."""

    id: UUID
    message = "The location is archived."


@dataclass(eq=False)
class LocationNotEmpty(Refused):
    """Something lies at the location, is missing there, or is promised from it."""

    id: UUID
    message = "The location is not empty: first move what lies there or is promised from it."


@dataclass(eq=False)
class StockBelowZero(Refused):
    """Some level at the location is below zero, or below what is promised of it."""

    id: UUID
    message = "Some stock at the location is below zero or below what is promised: correct it."


def check_location(
    faults: Faults, *, code: str | None, name: str | None, priority: int | None
) -> None:
    check_text(code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(name, faults, "name")
    check_range(priority, faults, "priority", minimum=0, maximum=PRIORITY_MAX)
