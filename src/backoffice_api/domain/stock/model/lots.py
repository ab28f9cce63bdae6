"""Lots: which pieces of a variant are which, where that matters.

A serial number is a lot of one piece. What is tracked is known by its lot wherever it lies and in
every movement; what expires first is taken first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move

# GS1 allows 20 characters for a lot (AI 10) and for a serial number (AI 21); suppliers more.
LOT_CODE_LENGTH_MAX = 80


class Tracking(Choice):
    """How the pieces of a variant are told apart."""

    NONE = "none", "Not at all."
    LOT = "lot", "By lots: pieces that were made or bought together."
    SERIAL = "serial", "Piece by piece, by a serial number."


class LotStatus(Choice):
    """Whether a lot may leave the house."""

    ACTIVE = "active", "May be shipped."
    BLOCKED = "blocked", "Recalled or in doubt: it may be moved, not shipped."


MACHINE = Machine(
    LotStatus.ACTIVE,
    move("update", set(LotStatus)),
    move("block", {LotStatus.ACTIVE}, LotStatus.BLOCKED),
    move("unblock", {LotStatus.BLOCKED}, LotStatus.ACTIVE),
)


class LotSortKey(Choice):
    """By what a list of lots is sorted."""

    CREATED_AT = "created_at", "When the lot was first heard of."
    CODE = "code", "The code, by code point."


@dataclass(frozen=True, slots=True)
class Lot:
    """Pieces of one variant that belong together. `kind` SERIAL: one piece.

    `expires_on`: the last day on which it is good. None: it does not expire, or nobody said.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    variant_id: UUID
    kind: Tracking
    code: str
    expires_on: date | None
    received_on: date | None
    status: LotStatus

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class LotLevel:
    """How many pieces of a lot a level holds."""

    level_id: UUID
    lot_id: UUID
    kind: Tracking
    on_hand: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotDraft:
    """Names a lot of a variant by its code; it is made if there is none.

    `expires_on`: for a lot that is new. One that is known keeps what it has.
    """

    code: str
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class LotPieces:
    """So many pieces of a lot."""

    lot_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class LotShare:
    """So many pieces are to be taken of this lot. `available`: how many there are of it."""

    lot_id: UUID
    quantity: int
    available: int


@dataclass(frozen=True, slots=True)
class LotCreated(Event):
    type = "lot.created"
    subject = "lot"
    summary = "Lot {lot} was heard of for the first time."
    id: UUID
    version: int
    variant_id: UUID
    lot: str


@dataclass(frozen=True, slots=True)
class LotUpdated(Event):
    type = "lot.updated"
    subject = "lot"
    summary = "Lot {lot} was changed."
    id: UUID
    version: int
    variant_id: UUID
    lot: str


@dataclass(frozen=True, slots=True)
class LotBlocked(Event):
    type = "lot.blocked"
    subject = "lot"
    summary = "Lot {lot} was blocked: it is not to be shipped."
    id: UUID
    version: int
    variant_id: UUID
    lot: str


@dataclass(frozen=True, slots=True)
class LotUnblocked(Event):
    type = "lot.unblocked"
    subject = "lot"
    summary = "Lot {lot} may be shipped again."
    id: UUID
    version: int
    variant_id: UUID
    lot: str


@dataclass(frozen=True, slots=True)
class TrackingSet(Event):
    type = "variant.tracking_set"
    subject = "sku"
    summary = "Pieces are now told apart by {tracking}, before by {before}."
    id: UUID
    version: int
    tracking: Tracking
    before: Tracking


@dataclass(eq=False)
class UnknownLot(Missing):
    """There is no lot with this id, or it is of another variant."""

    id: UUID
    message = "The variant has no such lot."


@dataclass(eq=False)
class LotNeeded(Invalid):
    """The variant is tracked: it must be said which lot or serial number is meant."""

    sku: str
    tracking: Tracking
    message = "Of {sku}, say which {tracking.value} is meant."


@dataclass(eq=False)
class LotNotTracked(Invalid):
    """The variant is not tracked: it has no lots."""

    sku: str
    message = "The pieces of {sku} are not told apart: name no lot."


@dataclass(eq=False)
class InsufficientLot(Refused):
    """There are not so many pieces of the lot there."""

    lot: str
    requested: int
    available: int
    message = "Of {lot!r:.90} there are {available} pieces there, not {requested}."


@dataclass(eq=False)
class SerialElsewhere(Refused):
    """A serial number is one piece: it is in stock already, or more than one was said to come."""

    lot: str
    message = "The serial number {lot!r:.90} is one piece, and in stock already."


@dataclass(eq=False)
class LotIsBlocked(Refused):
    """The lot must not be shipped."""

    lot: str
    message = "The lot {lot!r:.90} is blocked: it must not be shipped."


@dataclass(eq=False)
class NoLotToShip(Refused):
    """What there is of the variant has expired, or is blocked."""

    variant_id: UUID
    requested: int
    available: int
    message = "Of {requested} pieces, {available} are of lots that may be shipped."


@dataclass(eq=False)
class StillInStock(Refused):
    """How pieces are told apart or valued changes only while there are none."""

    quantity: int
    message = "There are still {quantity} pieces: this changes only while there are none."


def first_expired(
    there: Sequence[tuple[Lot, int]], quantity: int, today: date
) -> Sequence[LotShare]:
    """Which lots to take so many pieces of: what expires first, first (FEFO).

    Of lots that expire on the same day or never, the one that came first. Not of what has expired
    or is blocked. Together fewer than `quantity` if there are not more.
    """
    good = sorted(
        (
            (lot.expires_on or date.max, lot.created_at, lot.id, pieces)
            for lot, pieces in there
            if pieces > 0
            and lot.status is LotStatus.ACTIVE
            and (lot.expires_on is None or lot.expires_on >= today)
        ),
    )
    shares = []
    for _, _, lot_id, pieces in good:
        if taken := min(pieces, quantity):
            shares.append(LotShare(lot_id, taken, pieces))
            quantity -= taken
    return shares
