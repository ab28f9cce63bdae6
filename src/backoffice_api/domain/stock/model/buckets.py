"""Buckets: in which condition pieces lie where they lie.

A bucket is no place. Pieces under inspection stand in the same bin as those for sale, and an
inspection ends by moving them from one bucket to another one of the same location.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid


class Bucket(Choice):
    """In which condition pieces are. Only what is sellable can be promised."""

    SELLABLE = "sellable", "Fit for sale: what is available is among these."
    QUALITY_CHECK = "quality_check", "Waits for an inspection."
    QUARANTINE = "quarantine", "Set aside: refused, recalled or in doubt."
    DAMAGED = "damaged", "Broken. Waits for repair or scrap."
    IN_TRANSIT = "in_transit", "On its way; only transfers put it there and take it away."


# Where people may put pieces by hand.
SHELVED = frozenset(Bucket) - {Bucket.IN_TRANSIT}


@dataclass(eq=False)
class WrongBucket(Invalid):
    """Only transfers move what is on its way; only sellable pieces have a safety stock."""

    bucket: Bucket
    message = "This cannot be done with the bucket {bucket.name}."


@dataclass(frozen=True, slots=True)
class Contents:
    """How many pieces there are by bucket. The first four are of the sellable ones."""

    on_hand: int
    reserved: int
    safety: int
    available: int
    quality_check: int
    quarantine: int
    damaged: int
    in_transit: int

    @property
    def owned(self) -> int:
        """All pieces, in whatever condition."""
        return self.on_hand + self.quality_check + self.quarantine + self.damaged + self.in_transit


def contents(rows: Mapping[Bucket, tuple[int, int, int, int]]) -> Contents:
    """The contents, from pieces on hand, reserved, safety and available of each bucket."""
    none = (0, 0, 0, 0)
    return Contents(
        *rows.get(Bucket.SELLABLE, none),
        quality_check=rows.get(Bucket.QUALITY_CHECK, none)[0],
        quarantine=rows.get(Bucket.QUARANTINE, none)[0],
        damaged=rows.get(Bucket.DAMAGED, none)[0],
        in_transit=rows.get(Bucket.IN_TRANSIT, none)[0],
    )
