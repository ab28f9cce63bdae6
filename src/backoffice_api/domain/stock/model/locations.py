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
    ZONE = "zone", "A part of one of these: a hall, an aisle, a rack. Physical."
    BIN = "bin", "The smallest place, which holds no other: a shelf, a box. Physical."
    SUPPLIER = "supplier", "All suppliers: where stock comes from. Virtual."
    CUSTOMER = "customer", "All customers: where stock goes to. Virtual."
    SCRAP = "scrap", "What was thrown away. Virtual."
    CORRECTION = "correction", "What was found or missed. Virtual."
    IN_TRANSIT = "in_transit", "What is on its way between two locations. Virtual."

    @property
    def is_physical(self) -> bool:
        """Whether stock lies there and people may put it there."""
        return self in PHYSICAL


SITES = frozenset({LocationKind.WAREHOUSE, LocationKind.STORE, LocationKind.THIRD_PARTY})
PHYSICAL = SITES | {LocationKind.ZONE, LocationKind.BIN}

# Where stock is counted, which has levels: what is on its way is still the shop's.
KEPT = PHYSICAL | {LocationKind.IN_TRANSIT}

# What a location of a kind may be a part of. Sites stand for themselves.
PARENTS: Mapping[LocationKind, frozenset[LocationKind]] = dict.fromkeys(
    (LocationKind.ZONE, LocationKind.BIN), SITES | {LocationKind.ZONE}
)
DEPTH_MAX = 5

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

# Where pieces come from and go to, and are not the shop's.
OUTSIDE_IDS = frozenset(VIRTUAL_IDS.values()) - {IN_TRANSIT_ID}


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
    PATH = "path", "Each location before its parts, site by site."


@dataclass(frozen=True, slots=True)
class Location:
    """`priority`: stock is promised from locations with smaller numbers first.

    `negative_allowed`: more may be promised and shipped than there is, of the variants that are
    kept there (that have a level).
    `path`: the ids from the site down to itself, each with a slash behind it; so the path of a
    location begins those of all its parts. `depth`: how many ids that are.
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
    parent_id: UUID | None
    path: str
    depth: int

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


@dataclass(eq=False)
class WrongParent(Invalid):
    """A zone or a bin is a part of a site or of a zone; a site is part of nothing.

    `parent_kind` is None where no parent is named.
    """

    kind: LocationKind
    parent_kind: LocationKind | None
    message = "A location of the kind {kind.name} cannot stand there."


@dataclass(eq=False)
class LocationCycle(Refused):
    """A location cannot be moved into a part of itself."""

    id: UUID
    message = "The location would become a part of itself."


@dataclass(eq=False)
class LocationTooDeep(Refused):
    """The tree of locations would have more levels than it may have."""

    maximum: int
    message = "Locations are at most {maximum} deep."


@dataclass(eq=False)
class LocationHasParts(Refused):
    """Some zone or bin of the location is in use."""

    id: UUID
    message = "Some part of the location is in use: archive its zones and bins first."


def check_parent(kind: LocationKind, parent: Location | None) -> None:
    """Refuse a parent that a location of this kind cannot have.

    Raises:
        WrongParent, ArchivedLocation.
    """
    parent_kind = parent.kind if parent else None
    allowed = PARENTS.get(kind, frozenset())
    if (parent_kind not in allowed) if allowed else parent is not None:
        raise WrongParent(kind, parent_kind).at("parent_id")
    if parent and parent.status is LocationStatus.ARCHIVED:
        raise ArchivedLocation(parent.id).at("parent_id")


def path_of(id: UUID, parent: Location | None) -> str:
    return f"{parent.path if parent else ''}{id.hex}/"


def check_location(
    faults: Faults, *, code: str | None, name: str | None, priority: int | None
) -> None:
    check_text(code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(name, faults, "name")
    check_range(priority, faults, "priority", minimum=0, maximum=PRIORITY_MAX)
