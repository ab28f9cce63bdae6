"""Picking: what is taken from where, in the order of the walk through the house."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid, Refused

# How many fulfillments one pick list may be of, and how many stops it has at most.
FULFILLMENTS_MAX = 250
STOPS_MAX = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Picking:
    """What somebody takes: of a line by its id, or of what carries a code.

    `quantity`: pieces of the line, or packs that carry the code. `location_id` None: from where
    it is promised, in the order of the walk. `lot_id` None: of what is tracked, what the code
    says, else what expires first.
    """

    line_id: UUID | None = None
    code: str | None = None
    quantity: int = 1
    location_id: UUID | None = None
    lot_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """So many pieces of a line are still to be taken from a location.

    `walk`: its place in the walk of the site, by which the stops of a list are sorted.
    """

    fulfillment_id: UUID
    fulfillment_line_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int
    walk: int


@dataclass(frozen=True, slots=True)
class Bin:
    """A location as a pick list sees it: its codes from the site down, its place in the walk."""

    location_id: UUID
    site_id: UUID
    codes: tuple[str, ...]
    walk: int | None


@dataclass(frozen=True, slots=True)
class Open:
    """A line of which pieces are still to be picked, or were."""

    fulfillment_id: UUID
    fulfillment_line_id: UUID
    order_line_id: UUID
    variant_id: UUID
    site_id: UUID
    quantity: int
    picked: int
    since: datetime


@dataclass(eq=False)
class TooMuchPicked(Refused):
    """More pieces of a line are to be picked than it is of."""

    requested: int
    allowed: int
    message = "{requested} pieces cannot be picked: {allowed} are left."


@dataclass(eq=False)
class NotAllPicked(Refused):
    """Pieces are missing: pick them, or say that they are not there."""

    missing: int
    message = "{missing} pieces are not picked: say that they were not found."


@dataclass(eq=False)
class NothingPicked(Invalid):
    """A pick is of at least one piece."""

    message = "Name at least one piece."


def in_walking_order(bins: Iterable[Bin]) -> Mapping[UUID, int]:
    """The place of each location in the walk, from 0. Where none was set, by its codes, last."""
    ordered = sorted(
        bins,
        key=lambda each: (
            each.site_id,
            each.walk is None,
            each.walk or 0,
            each.codes,
            each.location_id,
        ),
    )
    return {each.location_id: position for position, each in enumerate(ordered)}


def stops(
    lines: Sequence[Open],
    promised: Mapping[tuple[UUID, UUID, UUID], Mapping[UUID, int]],
    picked: Mapping[tuple[UUID, UUID], int],
    walk: Mapping[UUID, int],
) -> Sequence[Stop]:
    """Where to take what is still to be picked, in the order of the walk.

    `promised`: pieces by location for each (line of the order, variant, site); `picked`: pieces
    that were taken, by (fulfillment line, location). Several fulfillments of one line share what
    is promised: the older one is served first, so that each piece is named once.
    """
    left = {key: dict(by_location) for key, by_location in promised.items()}
    for line in lines:
        there = left.get((line.order_line_id, line.variant_id, line.site_id), {})
        for location_id in there:
            there[location_id] -= picked.get((line.fulfillment_line_id, location_id), 0)
    found: list[Stop] = []
    for line in sorted(lines, key=lambda each: (each.since, each.fulfillment_line_id)):
        there = left.get((line.order_line_id, line.variant_id, line.site_id), {})
        missing = line.quantity - line.picked
        for location_id in sorted(there, key=lambda id: walk.get(id, len(walk))):
            taken = min(missing, max(0, there[location_id]))
            if taken:
                missing -= taken
                there[location_id] -= taken
                found.append(
                    Stop(
                        line.fulfillment_id,
                        line.fulfillment_line_id,
                        line.variant_id,
                        location_id,
                        taken,
                        walk.get(location_id, len(walk)),
                    )
                )
    return sorted(found, key=lambda each: (each.walk, each.variant_id, each.fulfillment_line_id))
