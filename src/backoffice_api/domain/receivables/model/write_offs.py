"""Write-offs: what is owed and given up, once somebody else agrees.

pending approval > posted | declined
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Machine, move


class WriteOffStatus(Choice):
    """How far a write-off is."""

    PENDING_APPROVAL = "pending_approval", "Somebody else has to agree."
    POSTED = "posted", "It is given up, and the books say so."
    DECLINED = "declined", "It is owed as before."


class WriteOffReason(Choice):
    """Why it is given up."""

    UNCOLLECTIBLE = "uncollectible", "Nobody will pay it."
    INSOLVENT = "insolvent", "The customer cannot pay."
    GOODWILL = "goodwill", "The shop lets it be."
    SMALL = "small", "It is not worth the trouble."
    OTHER = "other", "Another reason."


class WriteOffSortKey(Choice):
    """By what a list of write-offs is sorted."""

    CREATED_AT = "created_at", "When it was asked for."
    UPDATED_AT = "updated_at", "When it was last changed."


_P = WriteOffStatus.PENDING_APPROVAL
MACHINE = Machine(
    _P,
    move("post", {_P}, WriteOffStatus.POSTED),
    move("decline", {_P}, WriteOffStatus.DECLINED),
)


@dataclass(frozen=True, slots=True)
class WriteOff:
    """`amount_minor`: what is to be given up; once posted, what was."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    receivable_id: UUID
    status: WriteOffStatus
    reason: WriteOffReason
    note: str
    currency: str
    amount_minor: int
    created_by_kind: str
    created_by_id: UUID | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(eq=False)
class UnknownWriteOff(Missing):
    """There is no write-off with this id."""

    id: UUID
    message = "There is no such write-off."


@dataclass(eq=False)
class WriteOffPending(Refused):
    """One is asked for already, and somebody has to decide on that first."""

    message = "A write-off of this waits for approval already."
