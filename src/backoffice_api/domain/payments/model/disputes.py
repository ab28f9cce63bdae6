"""Disputes: a buyer asks the bank for the money back.

needs response > under review > won, lost
               > accepted
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move

REASON_LENGTH_MAX = 250
EVIDENCE_LENGTH_MAX = 5_000


class DisputeStatus(Choice):
    """How far a dispute is."""

    NEEDS_RESPONSE = "needs_response", "The shop must answer or accept."
    UNDER_REVIEW = "under_review", "The bank looks at the answer."
    WON = "won", "The shop keeps the money."
    LOST = "lost", "The bank took the money back."
    ACCEPTED = "accepted", "The shop let the money go back."


_OPEN = {DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW}

MACHINE = Machine(
    DisputeStatus.NEEDS_RESPONSE,
    move("update", _OPEN),
    move("respond", {DisputeStatus.NEEDS_RESPONSE}, DisputeStatus.UNDER_REVIEW),
    move("accept", {DisputeStatus.NEEDS_RESPONSE}, DisputeStatus.ACCEPTED),
    move("win", _OPEN, DisputeStatus.WON),
    move("lose", _OPEN, DisputeStatus.LOST),
)
# Outcomes that take the money away.
TAKING = frozenset({DisputeStatus.LOST, DisputeStatus.ACCEPTED})


class DisputeSortKey(Choice):
    """By what a list of disputes is sorted."""

    CREATED_AT = "created_at", "When the dispute was noted here."
    UPDATED_AT = "updated_at", "When it was last changed."


@dataclass(frozen=True, slots=True)
class Dispute:
    """`reason`: in the bank's words. `respond_by`: when an answer is too late."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    payment_id: UUID
    order_id: UUID
    provider: str
    provider_reference: str
    status: DisputeStatus
    currency: str
    amount_minor: int
    reason: str
    evidence: str
    respond_by: datetime | None
    closed_at: datetime | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(eq=False)
class UnknownDispute(Missing):
    """There is no dispute with this id."""

    id: UUID
    message = "There is no such dispute."
