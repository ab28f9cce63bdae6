"""Claims on carriers: what they owe for goods that were lost or broken on their way.

open > submitted > granted > paid
                 > rejected > submitted again
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move

CARRIER_LENGTH_MAX = 60
REFERENCE_LENGTH_MAX = 120
NOTE_LENGTH_MAX = 2_000
PER_RETURN_MAX = 20


class ClaimKind(Choice):
    """What happened to the goods."""

    LOST = "lost", "They never arrived."
    DAMAGED = "damaged", "They arrived broken."
    INCOMPLETE = "incomplete", "Some of them were not in the parcel."


class ClaimState(Choice):
    """How far a claim on a carrier is."""

    OPEN = "open", "The carrier does not know of it."
    SUBMITTED = "submitted", "The carrier is to decide."
    GRANTED = "granted", "The carrier owes something for it."
    PAID = "paid", "The carrier has paid."
    REJECTED = "rejected", "The carrier pays nothing."
    WITHDRAWN = "withdrawn", "Given up."


class ClaimSortKey(Choice):
    """By what a list of claims is sorted."""

    CREATED_AT = "created_at", "When it was made."
    UPDATED_AT = "updated_at", "When it was last changed."


MACHINE = Machine(
    ClaimState.OPEN,
    move("submit", {ClaimState.OPEN, ClaimState.REJECTED}, ClaimState.SUBMITTED),
    move("grant", {ClaimState.SUBMITTED}, ClaimState.GRANTED),
    move("reject", {ClaimState.SUBMITTED}, ClaimState.REJECTED),
    move("pay", {ClaimState.GRANTED}, ClaimState.PAID),
    move("withdraw", {ClaimState.OPEN, ClaimState.SUBMITTED}, ClaimState.WITHDRAWN),
)


@dataclass(frozen=True, slots=True)
class CarrierClaim:
    """`number` is that of its return with a running count. `carrier`: by its code.

    `reference`: what the carrier calls it. `exception_id`: what made the shop look after the
    parcel.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: str
    return_id: UUID
    kind: ClaimKind
    status: ClaimState
    carrier: str
    parcel_id: UUID | None
    tracking_id: UUID | None
    exception_id: UUID | None
    currency: str
    claimed_minor: int
    granted_minor: int
    reference: str | None
    note: str
    submitted_at: datetime | None
    decided_at: datetime | None
    paid_at: datetime | None

    @property
    def claimed(self) -> Money:
        return Money(self.claimed_minor, self.currency)

    @property
    def granted(self) -> Money:
        return Money(self.granted_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class CarrierClaimEvent(Event):
    """Something that happened to a claim on a carrier. Amounts are in minor units."""

    subject = "clm"
    id: UUID
    version: int
    number: str
    return_id: UUID
    carrier: str
    currency: str
    claimed_minor: int
    granted_minor: int


@dataclass(frozen=True, slots=True)
class CarrierClaimMade(CarrierClaimEvent):
    type = "carrier_claim.made"
    summary = "Claim {number} on {carrier} was made."


@dataclass(frozen=True, slots=True)
class CarrierClaimSubmitted(CarrierClaimEvent):
    type = "carrier_claim.submitted"
    summary = "Claim {number} was submitted to {carrier}."


@dataclass(frozen=True, slots=True)
class CarrierClaimGranted(CarrierClaimEvent):
    type = "carrier_claim.granted"
    summary = "{carrier} owes {granted_minor} of {currency} for claim {number}."


@dataclass(frozen=True, slots=True)
class CarrierClaimRejected(CarrierClaimEvent):
    type = "carrier_claim.rejected"
    summary = "{carrier} pays nothing for claim {number}."


@dataclass(frozen=True, slots=True)
class CarrierClaimPaid(CarrierClaimEvent):
    type = "carrier_claim.paid"
    summary = "{carrier} has paid {granted_minor} of {currency} for claim {number}."


@dataclass(frozen=True, slots=True)
class CarrierClaimWithdrawn(CarrierClaimEvent):
    type = "carrier_claim.withdrawn"
    summary = "Claim {number} on {carrier} was given up."


EVENTS: dict[str, type[CarrierClaimEvent]] = {
    "submit": CarrierClaimSubmitted,
    "grant": CarrierClaimGranted,
    "reject": CarrierClaimRejected,
    "pay": CarrierClaimPaid,
    "withdraw": CarrierClaimWithdrawn,
}


@dataclass(eq=False)
class UnknownCarrierClaim(Missing):
    """There is no claim with this id."""

    id: UUID
    message = "There is no such claim."


@dataclass(eq=False)
class CarrierNeeded(Invalid):
    """Neither the carrier is named nor a parcel that is followed."""

    message = "Name the carrier, or a parcel that is followed."


@dataclass(eq=False)
class ClaimTooHigh(Invalid):
    """A claim is of more than nothing, and no carrier owes more than is claimed."""

    maximum: Money
    message = "This is more than nothing and at most {maximum}."


@dataclass(eq=False)
class ParcelRefusedBefore(Refused):
    """There is a return for the parcel already."""

    message = "There is a return for this parcel already."


@dataclass(eq=False)
class ParcelNotOnItsWay(Refused):
    """The parcel has not left the house, or holds nothing."""

    message = "This parcel has not left, or holds nothing that could come back."
