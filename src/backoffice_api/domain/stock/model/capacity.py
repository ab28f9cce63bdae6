"""How much a location holds: pieces, volume, weight. What is too much is refused, or warned of.

Only what people put somewhere is held against it: moves and put-aways. What was counted, corrected
or came in lies there already, whatever somebody thought would fit.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.texts import check_range

AMOUNT_MAX = 2_000_000_000
_MM3_PER_CM3 = 1_000


class CapacityPolicy(Choice):
    """What happens where more is put somewhere than fits."""

    REFUSE = "refuse", "It is refused."
    WARN = "warn", "It is done, and told of."


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a location holds. None: as much as one likes, by this measure."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    location_id: UUID
    pieces_max: int | None
    volume_max_cm3: int | None
    weight_max_g: int | None
    policy: CapacityPolicy


@dataclass(frozen=True, slots=True)
class Fill:
    """What lies somewhere. A variant whose sizes or weight nobody knows takes no room."""

    pieces: int = 0
    volume_mm3: int = 0
    weight_g: int = 0

    def __add__(self, other: "Fill") -> "Fill":
        return Fill(
            self.pieces + other.pieces,
            self.volume_mm3 + other.volume_mm3,
            self.weight_g + other.weight_g,
        )

    def times(self, pieces: int) -> "Fill":
        return Fill(self.pieces * pieces, self.volume_mm3 * pieces, self.weight_g * pieces)

    @property
    def volume_litres(self) -> int:
        return -(-self.volume_mm3 // 1_000_000)

    @property
    def weight_kg(self) -> int:
        return -(-self.weight_g // 1_000)

    def exceeds(self, capacity: Capacity) -> bool:
        volume = capacity.volume_max_cm3
        return (
            (capacity.pieces_max is not None and self.pieces > capacity.pieces_max)
            or (volume is not None and self.volume_mm3 > volume * _MM3_PER_CM3)
            or (capacity.weight_max_g is not None and self.weight_g > capacity.weight_max_g)
        )


@dataclass(frozen=True, slots=True)
class LocationCapacitySet(Event):
    type = "location.capacity_set"
    subject = "loc"
    summary = "It was set how much location {code} holds."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class LocationOverfilled(Event):
    """`pieces`: how many lie there now, as far as the books say."""

    type = "location.overfilled"
    subject = "loc"
    summary = "More was put to location {code} than fits there."
    id: UUID
    version: int
    code: str
    pieces: int


@dataclass(eq=False)
class LocationFull(Refused):
    """So much does not fit into the location."""

    name: str
    message = "So much does not fit into location {name!r:.90}."


def check_capacity(
    faults: Faults,
    *,
    pieces_max: int | None,
    volume_max_cm3: int | None,
    weight_max_g: int | None,
) -> None:
    check_range(pieces_max, faults, "pieces_max", minimum=0, maximum=AMOUNT_MAX)
    check_range(volume_max_cm3, faults, "volume_max_cm3", minimum=0, maximum=AMOUNT_MAX)
    check_range(weight_max_g, faults, "weight_max_g", minimum=0, maximum=AMOUNT_MAX)
