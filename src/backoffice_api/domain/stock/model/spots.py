"""Spots: levels as whoever decides about them sees them, each with the site that it is part of."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.stock.model.lots import LotPieces


@dataclass(frozen=True, slots=True)
class Spot:
    """A sellable level in use. `free`: how many more pieces may be promised there.

    It is negative where more is promised than there is, or where the safety stock is eaten into.
    `site_id`: the top of the tree that its location stands in.
    """

    level_id: UUID
    variant_id: UUID
    location_id: UUID
    site_id: UUID
    free: int


@dataclass(frozen=True, slots=True)
class Held:
    """Pieces of a variant that are allocated to a line at a location, and are to leave it.

    `lots`: of which they are, if the variant is tracked.
    """

    line_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int
    lots: tuple[LotPieces, ...] = ()


def site_of(path: str) -> UUID:
    """The site at the top of a location's path."""
    return UUID(path.partition("/")[0])
