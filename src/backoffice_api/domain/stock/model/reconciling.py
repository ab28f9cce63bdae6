"""What somebody else says that there is, compared with our books."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedLine:
    """So many sellable pieces of a variant were there, somebody else says."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What was reported of a variant, and what our books held of that moment."""

    variant_id: UUID
    reported: int
    expected: int

    @property
    def drift(self) -> int:
        return self.reported - self.expected


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a report came to, in the order of its lines."""

    location_id: UUID
    lines: tuple[Compared, ...]


@dataclass(eq=False)
class ReportedLater(Invalid):
    """What is to come cannot have been counted."""

    message = "A report cannot be of the future."
