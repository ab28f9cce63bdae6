"""Packing: what lies in which box, and whether it weighs what it should."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event

SIZE_MM_MAX = 100_000
WEIGHT_G_MAX = 100_000_000
PARCELS_MAX = 200


class PackagingSortKey(Choice):
    """By what a list of packagings is sorted."""

    CODE = "code", "The code, by code point."


@dataclass(frozen=True, slots=True)
class Packaging:
    """A kind of box: its inner size in millimetres, what it weighs empty in grams."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """What goes into a parcel: of a line by its id, or of what carries a code.

    `quantity`: pieces of the line, or packs that carry the code.
    """

    line_id: UUID | None = None
    code: str | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class PackagingSet(Event):
    type = "packaging.set"
    subject = "pkg"
    summary = "The packaging {code} was set."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ParcelEvent(Event):
    """Something that happened to a parcel."""

    subject = "pcl"
    id: UUID
    version: int
    parcel: str
    order_id: UUID


@dataclass(frozen=True, slots=True)
class ParcelCreated(ParcelEvent):
    type = "parcel.created"
    summary = "Parcel {parcel} was begun."


@dataclass(frozen=True, slots=True)
class ParcelPacked(ParcelEvent):
    type = "parcel.packed"
    summary = "{pieces} pieces were put into parcel {parcel}."
    pieces: int


@dataclass(frozen=True, slots=True)
class ParcelUpdated(ParcelEvent):
    """`expected_g`: what it should weigh. None: somebody does not know what a piece weighs."""

    type = "parcel.updated"
    summary = "Parcel {parcel} was measured."
    expected_g: int | None


@dataclass(frozen=True, slots=True)
class ParcelRemoved(ParcelEvent):
    type = "parcel.removed"
    summary = "Parcel {parcel} was taken apart: {pieces} pieces."
    pieces: int


@dataclass(eq=False)
class UnknownPackaging(Missing):
    """There is no packaging with this id."""

    id: UUID
    message = "There is no such packaging."


@dataclass(eq=False)
class ParcelCodeTaken(Refused):
    """Another parcel has this code."""

    name: str
    message = "Another parcel has the code {name!r:.90}."


@dataclass(eq=False)
class WrongItem(Refused):
    """What was scanned does not belong to this fulfillment."""

    name: str
    message = "{name!r:.90} does not belong here."


@dataclass(eq=False)
class TooMuchPacked(Refused):
    """More pieces are to be packed than are picked and lie in no parcel yet."""

    requested: int
    allowed: int
    message = "{requested} pieces cannot be packed: {allowed} are left to pack."


@dataclass(eq=False)
class LineOrCode(Invalid):
    """Something is named by its line or by what is printed on it: by one of the two."""

    message = "Name either the line or the code."


@dataclass(eq=False)
class WrongWeight(Refused):
    """The parcel weighs something else than what is in it."""

    measured_g: int
    expected_g: int
    tolerated_g: int
    message = (
        "The parcel weighs {measured_g} g and should weigh {expected_g} g, "
        "{tolerated_g} g more or less."
    )


@dataclass(eq=False)
class ParcelHasLeft(Refused):
    """The parcel has left the house."""

    message = "The parcel has left the house."


@dataclass(eq=False)
class TooManyParcels(Refused):
    """The fulfillment has as many parcels as it may have."""

    maximum: int
    message = "A fulfillment has at most {maximum} parcels."


@dataclass(eq=False)
class EmptyParcel(Refused):
    """A parcel with nothing in it cannot leave: remove it."""

    name: str
    message = "Nothing lies in parcel {name!r:.90}: remove it."


def expected_g(contents: Sequence[tuple[int | None, int]], tare_g: int) -> int | None:
    """What a parcel should weigh: pieces by weight of one, and the box.

    None: nobody knows what one of the pieces weighs.
    """
    total = tare_g
    for weight_g, pieces in contents:
        if weight_g is None:
            return None
        total += weight_g * pieces
    return total
