"""What is promised of some variants, and where, while it is decided what moves.

Everything is decided in memory under the locks of the levels, for one order or for hundreds, and
written at the end with a constant number of statements.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.stock.commands.relocating import (
    Arrival,
    allocated_to,
    lock_spots,
    relocate,
)
from backoffice_api.domain.stock.model.levels import InsufficientStock, Shortage
from backoffice_api.domain.stock.model.reservations import Demand, Reservation

# A line of an order and a variant that it is made of.
Part = tuple[UUID, UUID]
# A location and a variant.
Bin = tuple[UUID, UUID]


@dataclass(slots=True)
class _Held:
    """What of a reservation is not spoken for yet."""

    reservation: Reservation
    site_id: UUID
    left: int


@dataclass(frozen=True, slots=True)
class Want:
    """So many pieces of a part are to be promised at a site; at a certain location, if named."""

    part: Part
    site_id: UUID
    pieces: int
    location_id: UUID | None = None


class Promises:
    """Locks the levels of the variants, and knows what is promised to the lines of orders.

    `owners`: the order of each line. `shunned`: where pieces are not to be promised any more.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        owners: Mapping[UUID, UUID],
        variant_ids: Collection[UUID],
        shunned: Collection[Bin] = (),
    ) -> None:
        self._uow = uow
        self._owners = owners
        self._shunned = frozenset(shunned)
        self._spots = {spot.level_id: spot for spot in lock_spots(uow, variant_ids)}
        self._free = Counter({id: spot.free for id, spot in self._spots.items()})
        self._levels: dict[Bin, list[UUID]] = defaultdict(list)
        for spot in self._spots.values():
            self._levels[spot.site_id, spot.variant_id].append(spot.level_id)
        self._held: dict[Part, list[_Held]] = defaultdict(list)
        for each in allocated_to(uow, owners):
            if each.level_id in self._spots:
                site_id = self._spots[each.level_id].site_id
                part = (each.line_id, each.variant_id)
                self._held[part].append(_Held(each, site_id, each.quantity))
        self._leaving: dict[UUID, tuple[Reservation, int]] = {}
        self._arriving: Counter[tuple[Part, UUID]] = Counter()

    def held(self, part: Part) -> Mapping[UUID, int]:
        """Pieces that are promised to a part and not spoken for, by site."""
        found: Counter[UUID] = Counter()
        for each in self._held.get(part, ()):
            if not self._is_shunned(each):
                found[each.site_id] += each.left
        return found

    def free(self, site_id: UUID, variant_id: UUID) -> int:
        """Pieces of a variant that may be promised at a site to anybody."""
        return sum(self._free_at(id) for id in self._levels.get((site_id, variant_id), ()))

    def claim(self, wants: Sequence[Want], *, anywhere: bool = True) -> Sequence[Want]:
        """Speak for what is promised where it is wanted. What is not promised there.

        `anywhere`: also where pieces were missed; somebody may still find them.
        """
        missing = []
        for each in sorted(wants, key=lambda want: want.location_id is None):
            left = each.pieces
            for held in sorted(self._held.get(each.part, ()), key=self._is_shunned):
                if self._is_shunned(held) and not anywhere:
                    continue
                if held.site_id == each.site_id and each.location_id in (
                    None,
                    held.reservation.location_id,
                ):
                    taken = min(left, held.left)
                    held.left -= taken
                    left -= taken
            if left:
                missing.append(Want(each.part, each.site_id, left, each.location_id))
        return missing

    def settle(self, wants: Sequence[Want]) -> None:
        """Have everything promised where it is wanted: what is promised elsewhere moves there.

        Raises:
            InsufficientStock: there are not so many pieces there.
        """
        missing = self.claim(wants, anywhere=False)
        for each in missing:
            self.drop(each.part, each.pieces)
        for each in missing:
            self._arrive(each)

    def drop(self, part: Part, pieces: int) -> int:
        """Give back so many pieces of a part that nobody has spoken for. How many there were."""
        missing = pieces
        # What is shunned first, then what was promised last.
        latest = self._held.get(part, ())[::-1]
        for held in sorted(latest, key=lambda each: not self._is_shunned(each)):
            taken = min(missing, held.left)
            missing -= taken
            if taken:
                self._leave(held, taken)
        return pieces - missing

    def write(self) -> None:
        """Write what was decided."""
        arriving: list[Arrival] = [
            (
                Demand(part[0], self._owners[part[0]], part[1], pieces),
                self._spots[level_id],
                pieces,
            )
            for (part, level_id), pieces in self._arriving.items()
        ]
        if self._leaving or arriving:
            relocate(self._uow, list(self._leaving.values()), arriving)
        self._leaving, self._arriving = {}, Counter()

    def _is_shunned(self, held: _Held) -> bool:
        bin = (held.reservation.location_id, held.reservation.variant_id)
        return bin in self._shunned

    def _free_at(self, level_id: UUID) -> int:
        spot = self._spots[level_id]
        is_shunned = (spot.location_id, spot.variant_id) in self._shunned
        return 0 if is_shunned else max(0, self._free[level_id])

    def _leave(self, held: _Held, pieces: int) -> None:
        held.left -= pieces
        each = held.reservation
        _, before = self._leaving.get(each.id, (each, 0))
        self._leaving[each.id] = (each, before + pieces)
        self._free[each.level_id] += pieces

    def _arrive(self, want: Want) -> None:
        missing = want.pieces
        levels = [
            id
            for id in self._levels.get((want.site_id, want.part[1]), ())
            if want.location_id in (None, self._spots[id].location_id)
        ]
        for level_id in sorted(levels, key=lambda id: (-self._free_at(id), id)):
            taken = min(missing, self._free_at(level_id))
            if taken:
                missing -= taken
                self._free[level_id] -= taken
                self._arriving[want.part, level_id] += taken
        if missing:
            shortage = Shortage(want.part[1], None, want.pieces, want.pieces - missing)
            raise InsufficientStock((shortage,))
