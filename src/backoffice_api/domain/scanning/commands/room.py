"""What fits where it was put: asked of what moved, before any level is locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.scanning.commands.naming import Found
from backoffice_api.domain.stock.commands.capacity import Added, overfilled


@dataclass(frozen=True, slots=True)
class Fitting:
    """Scans that find room, and the locations that are too full after them, but may be."""

    found: Sequence[Found]
    overfilled: frozenset[UUID]


def with_room(uow: UnitOfWork, found: Sequence[Found], refused: dict[int, DomainError]) -> Fitting:
    """Those of the scans that find room; by their identity, why others are `refused`.

    One after the other, by their numbers: what leaves a place makes room for what comes; what is
    refused stays where it is.
    """
    first = {each.scan.sequence: each for each in reversed(found) if each.there}
    moving = [first[number] for number in sorted(first)]
    added = [
        Added(each.there.id, each.packed.variant.id, each.pieces, leaves=each.here.id)
        for each in moving
        if each.there
    ]
    refusals, full = overfilled(uow, added)
    by_number = {
        each.scan.sequence: refusal
        for each, refusal in zip(moving, refusals, strict=True)
        if refusal
    }
    if not by_number:
        return Fitting(found, full)
    left = []
    for each in found:
        if refusal := by_number.get(each.scan.sequence):
            refused[id(each.scan)] = refusal
        else:
            left.append(each)
    return Fitting(left, full)
