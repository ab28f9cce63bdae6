"""Which scans of a batch are accepted: those after which nothing ends as it may not.

No level may end below what is promised of it, no lot below nothing, and a serial number is one
piece. That is asked of a batch as a whole, as pieces may come back that have left before; if it is
not so, the latest scans that took, or brought, too much are refused. A device that sends all that
it still has together is therefore rid of it, in whichever order it has sent the rest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.scanning.model.scans import Posting, Scan, Shelf, apply_scan
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX, Place

# How often a batch is gone through, leaving out what took too much, before more is left out.
PASSES_MAX = 20

# A level, or, where pieces are told apart, a lot at a level.
Slot = tuple[Place, UUID | None]


@dataclass(frozen=True, slots=True)
class Step:
    """A scan with the slots that it is about. `pieces`: how many it stands for."""

    scan: Scan
    pieces: int
    here: Slot
    there: Slot | None

    @property
    def slots(self) -> Sequence[Slot]:
        return (self.here, self.there) if self.there else (self.here,)


@dataclass(frozen=True, slots=True)
class Bound:
    """By how many pieces slots may change together: at least, and at most (None: any number).

    `refusal` is why a scan of so many pieces cannot be accepted that broke it.
    """

    slots: tuple[Slot, ...]
    least: int
    most: int | None
    refusal: Callable[[int], DomainError]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a batch: accepted scans and their movements; by number, why others are not."""

    accepted: Sequence[Step] = ()
    postings: Sequence[Posting] = ()
    refused: Mapping[int, DomainError] = field(default_factory=dict)


def gone_through(
    shelves: Mapping[Slot, Shelf], bounds: Sequence[Bound], steps: Sequence[Step]
) -> Outcome:
    """Apply the scans in their order, and leave out as many of the latest as bounds demand."""
    left, refused = list(steps), dict[int, DomainError]()
    for number in range(len(steps) + 1):
        now = {slot: shelf.copy() for slot, shelf in shelves.items()}
        effects: dict[Slot, list[tuple[int, Step]]] = {slot: [] for slot in shelves}
        postings: list[Posting] = []
        for step in left:
            before = [now[slot].on_hand for slot in step.slots]
            there = now[step.there] if step.there else None
            postings += apply_scan(step.scan, step.pieces, now[step.here], there)
            for slot, was in zip(step.slots, before, strict=True):
                effects[slot].append((now[slot].on_hand - was, step))
        broken = {
            step.scan.sequence: bound.refusal(abs(step.pieces))
            for bound in bounds
            # After so many passes, all that took something from there.
            for step in _to_refuse(bound, effects, hard=number >= PASSES_MAX)
        }
        if not broken:
            return Outcome(left, postings, refused)
        refused |= broken
        left = [step for step in left if step.scan.sequence not in broken]
    return Outcome(refused=refused)


def _to_refuse(
    bound: Bound, effects: Mapping[Slot, Sequence[tuple[int, Step]]], *, hard: bool
) -> Iterator[Step]:
    """The latest of the scans that broke a bound; none if it holds."""
    made = [each for slot in bound.slots for each in effects[slot]]
    delta = sum(difference for difference, _ in made)
    if delta < bound.least:
        sign, excess = -1, bound.least - delta
    elif bound.most is not None and delta > bound.most:
        sign, excess = 1, delta - bound.most
    else:
        return
    made.sort(key=_sequence)
    differences = [sign * difference for difference, _ in made]
    for at in takers(differences, QUANTITY_MAX if hard else excess):
        yield made[at][1]


def takers(effects: Sequence[int], excess: int) -> Iterator[int]:
    """Which scans to refuse so that it is `excess` pieces less: the latest of those that add some.

    `effects` are the differences that the scans made to a shelf, in their order. Positions in it.
    """
    for position in reversed(range(len(effects))):
        if excess <= 0:
            return
        if effects[position] > 0:
            excess -= effects[position]
            yield position


def _sequence(made: tuple[int, Step]) -> int:
    return made[1].scan.sequence
