"""Freight audit: what carriers charge, against what they had said.

A charge belongs to the shipment with its tracking number. Within the tolerance of a currency's
smallest unit it is in order; else a person accepts the difference or disputes it.
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

CHARGES_MAX = 1_000
INVOICE_LENGTH_MAX = 80


class ChargeStatus(Choice):
    """What is thought of a charge."""

    AGREES = "agrees", "It is what was expected."
    DIFFERS = "differs", "It is more or less than was expected; somebody has to look."
    UNKNOWN = "unknown", "No shipment has its number; somebody has to look."
    ACCEPTED = "accepted", "Somebody looked, and it is to be paid."
    DISPUTED = "disputed", "Somebody looked, and it is not to be paid."


_OPEN = {ChargeStatus.DIFFERS, ChargeStatus.UNKNOWN}
# A charge is born with what its comparison came to.
MACHINE = Machine(
    ChargeStatus.UNKNOWN,
    move("match", {ChargeStatus.UNKNOWN}, ChargeStatus.AGREES),
    move("mismatch", {ChargeStatus.UNKNOWN}, ChargeStatus.DIFFERS),
    move("accept", {*_OPEN, ChargeStatus.DISPUTED}, ChargeStatus.ACCEPTED),
    move("dispute", {*_OPEN, ChargeStatus.ACCEPTED}, ChargeStatus.DISPUTED),
)


class ChargeSortKey(Choice):
    """By what a list of carriers' charges is sorted."""

    CREATED_AT = "created_at", "When the charge was recorded."
    VARIANCE = "variance", "How much more was charged than expected, whatever the currency."


@dataclass(frozen=True, slots=True)
class FreightCharge:
    """`expected_minor`: what the label had cost, or was quoted at; None: not known.

    `variance_minor`: charged less expected; 0 where nothing was expected.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    carrier_id: UUID
    shipment_id: UUID | None
    invoice: str
    position: int
    tracking_number: str
    status: ChargeStatus
    currency: str
    charged_minor: int
    expected_minor: int | None
    variance_minor: int

    @property
    def charged(self) -> Money:
        return Money(self.charged_minor, self.currency)

    @property
    def expected(self) -> Money | None:
        return None if self.expected_minor is None else Money(self.expected_minor, self.currency)

    @property
    def variance(self) -> Money | None:
        if self.expected_minor is None:
            return None
        return Money(self.variance_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        inner = ("match", "mismatch")
        return [each for each in MACHINE.actions(self.status) if each.name not in inner]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeDraft:
    """A line of a carrier's invoice."""

    tracking_number: str
    amount: Money


@dataclass(frozen=True, slots=True)
class FreightChargesRecorded(Event):
    type = "carrier.charges_recorded"
    subject = "ctr"
    summary = "Invoice {invoice} of carrier {code}: {charges} charges, {differing} to look at."
    id: UUID
    version: int
    code: str
    invoice: str
    charges: int
    differing: int


@dataclass(frozen=True, slots=True)
class FreightChargeAccepted(Event):
    type = "freight_charge.accepted"
    subject = "frc"
    summary = "A charge of invoice {invoice} is to be paid."
    id: UUID
    version: int
    invoice: str


@dataclass(frozen=True, slots=True)
class FreightChargeDisputed(Event):
    type = "freight_charge.disputed"
    subject = "frc"
    summary = "A charge of invoice {invoice} is not to be paid."
    id: UUID
    version: int
    invoice: str


@dataclass(eq=False)
class UnknownFreightCharge(Missing):
    """There is no charge with this id."""

    id: UUID
    message = "There is no such charge."


@dataclass(eq=False)
class InvoiceRecorded(Refused):
    """The charges of this invoice have been recorded before."""

    invoice: str
    message = "Invoice {invoice!r:.90} of this carrier was recorded before."


@dataclass(eq=False)
class NoCharges(Invalid):
    """An invoice has at least one charge."""

    message = "Name at least one charge."


def judged(charged_minor: int, expected_minor: int | None, tolerance_minor: int) -> ChargeStatus:
    """What the comparison of a charge comes to. `tolerance_minor`: so much either way is fine."""
    if expected_minor is None:
        return ChargeStatus.UNKNOWN
    if abs(charged_minor - expected_minor) <= tolerance_minor:
        return ChargeStatus.AGREES
    return ChargeStatus.DIFFERS
