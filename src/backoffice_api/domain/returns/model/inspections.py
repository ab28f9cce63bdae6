"""Receiving and inspecting: what came, in which condition, where it goes, what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.stock.model.buckets import Bucket

PHOTOS_MAX = 10
NOTE_LENGTH_MAX = 2_000


class ItemCondition(Choice):
    """In which condition pieces are."""

    UNKNOWN = "unknown", "Nobody has said."
    UNOPENED = "unopened", "As it was sent."
    OPENED = "opened", "Unpacked and looked at, not used."
    USED = "used", "Used."
    DAMAGED = "damaged", "Broken or incomplete."
    DEFECTIVE = "defective", "It does not work as it should."


class ReceiptOutcome(Choice):
    """Whether what came is what was announced."""

    EXPECTED = "expected", "It was announced."
    OVER = "over", "More of it came than was announced."
    WRONG_ITEM = "wrong_item", "It was not announced at all."


class Disposition(Choice):
    """Where pieces go that came back."""

    RESTOCK = "restock", "Back on the shelf: fit for sale."
    REFURBISH = "refurbish", "Into the house, to be mended before it is sold again."
    QUARANTINE = "quarantine", "Set aside, in doubt."
    SCRAP = "scrap", "Thrown away."
    TO_SUPPLIER = "to_supplier", "Set aside for the supplier, who gets it back."
    BACK_TO_CUSTOMER = "back_to_customer", "Sent back to the customer: it stays theirs."
    MISSING = "missing", "It was counted when it came, and is not there."


class ResaleGrade(Choice):
    """As what pieces can be sold again."""

    A = "a", "As new: nobody has opened it."
    B = "b", "Opened, or nobody has said in which condition it is."
    C = "c", "Used, or after it was mended."


class Resolution(Choice):
    """What the customer gets for pieces that came back."""

    REFUND = "refund", "Their money."
    STORE_CREDIT = "store_credit", "Credit with the shop."
    EXCHANGE = "exchange", "Other pieces."
    REPAIR = "repair", "The same pieces, mended."
    REJECT = "reject", "Nothing."


# Of what goes back on the shelf.
GRADES: Mapping[ItemCondition, ResaleGrade] = {
    ItemCondition.UNOPENED: ResaleGrade.A,
    ItemCondition.OPENED: ResaleGrade.B,
    ItemCondition.UNKNOWN: ResaleGrade.B,
    ItemCondition.USED: ResaleGrade.C,
    ItemCondition.DAMAGED: ResaleGrade.C,
    ItemCondition.DEFECTIVE: ResaleGrade.C,
}

MONEY = frozenset({Resolution.REFUND, Resolution.STORE_CREDIT})

# Into which bucket pieces go; others never enter the stock.
BUCKETS: Mapping[Disposition, Bucket] = {
    Disposition.RESTOCK: Bucket.SELLABLE,
    Disposition.REFURBISH: Bucket.DAMAGED,
    Disposition.QUARANTINE: Bucket.QUARANTINE,
    Disposition.TO_SUPPLIER: Bucket.QUARANTINE,
}

# With a movement: into the stock, or past it to what was thrown away.
MOVED = frozenset({*BUCKETS, Disposition.SCRAP})

_KEPT = frozenset(Resolution) - {Resolution.REPAIR}
RESOLUTIONS: Mapping[Disposition, frozenset[Resolution]] = {
    **dict.fromkeys(MOVED, _KEPT),
    Disposition.BACK_TO_CUSTOMER: frozenset({Resolution.REPAIR, Resolution.REJECT}),
    Disposition.MISSING: frozenset({*MONEY, Resolution.REJECT}),
}


@dataclass(frozen=True, slots=True)
class ReturnReceipt:
    """So many pieces came. `code`: what was scanned, if they were scanned.

    `lot_matches`: whether the lot or serial that was scanned with them was sent with the order.
    None: none was, or nothing is on record to compare with.
    """

    id: UUID
    created_at: datetime
    return_id: UUID
    line_id: UUID
    location_id: UUID
    quantity: int
    outcome: ReceiptOutcome
    code: str | None
    lot_code: str | None
    lot_matches: bool | None
    actor_kind: str
    actor_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReturnInspection:
    """Somebody looked at so many pieces and decided. Rows never change.

    `movement_id`: how they got into the stock, or past it. None: they did not.
    `unit_cost_micro`: what a piece cost when it was sent, at which it came back. `lot_matches`:
    whether the lot or serial number is one that was sent. None: the variant is not tracked, or
    nothing is on record.
    """

    id: UUID
    created_at: datetime
    return_id: UUID
    line_id: UUID
    variant_id: UUID
    quantity: int
    condition: ItemCondition
    disposition: Disposition
    resolution: Resolution
    location_id: UUID | None
    movement_id: UUID | None
    lot_id: UUID | None
    lot_matches: bool | None
    unit_cost_micro: int | None
    cost_currency: str | None
    note: str
    actor_kind: str
    actor_id: UUID | None

    @property
    def grade(self) -> ResaleGrade | None:
        """As what the pieces can be sold again. None: not at all."""
        if self.disposition is Disposition.REFURBISH:
            return ResaleGrade.C
        return GRADES.get(self.condition) if self.disposition is Disposition.RESTOCK else None

    @property
    def unit_cost(self) -> UnitPrice | None:
        if self.unit_cost_micro is None or self.cost_currency is None:
            return None
        return UnitPrice(self.unit_cost_micro, self.cost_currency)


@dataclass(eq=False)
class ResolutionNotPossible(Invalid):
    """The two do not go together: what is sent back to the customer is not paid back, for one."""

    disposition: Disposition
    resolution: Resolution
    message = "{disposition.name} does not go together with {resolution.name}."


@dataclass(eq=False)
class LotNotShipped(Refused):
    """The lot or serial number was not sent with the order: it may be another one's piece."""

    lot: str
    message = "{lot!r:.90} was not sent with the order."


@dataclass(eq=False)
class PhotoNeeded(Refused):
    """The reason asks for a photo as evidence, and there is none."""

    reason: str
    message = "Pieces that come back for {reason!r:.90} are inspected with a photo."


@dataclass(eq=False)
class LocationNeeded(Invalid):
    """It has not been said where the pieces are received."""

    message = "Say at which location."
