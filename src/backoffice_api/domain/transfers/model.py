"""Transfers: words and rules.

    draft > ready > in transit > partially received > received

A transfer that is ready holds its pieces where they lie. Shipping moves them to the location in
transit, so that nothing disappears on the way; each receipt takes pieces from there and accepts
them, or rejects them into quarantine. What never arrives is written off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move

LINES_MAX = 500


class TransferStatus(Choice):
    """How far a transfer is."""

    DRAFT = "draft", "Being written; nothing is held."
    READY = "ready", "To be picked: its pieces are held where they lie."
    IN_TRANSIT = "in_transit", "On its way."
    PARTIALLY_RECEIVED = "partially_received", "Some of it has arrived."
    RECEIVED = "received", "All of it has arrived, or was written off."
    CANCELLED = "cancelled", "Not to be shipped any more."


MACHINE = Machine(
    TransferStatus.DRAFT,
    move("update", {TransferStatus.DRAFT}),
    move("ready", {TransferStatus.DRAFT}, TransferStatus.READY),
    move("reopen", {TransferStatus.READY}, TransferStatus.DRAFT),
    move("ship", {TransferStatus.READY}, TransferStatus.IN_TRANSIT),
    move(
        "receive",
        {TransferStatus.IN_TRANSIT, TransferStatus.PARTIALLY_RECEIVED},
        TransferStatus.PARTIALLY_RECEIVED,
    ),
    # By itself, with the last piece.
    move(
        "complete",
        {TransferStatus.IN_TRANSIT, TransferStatus.PARTIALLY_RECEIVED},
        TransferStatus.RECEIVED,
    ),
    move(
        "write_off",
        {TransferStatus.IN_TRANSIT, TransferStatus.PARTIALLY_RECEIVED},
        TransferStatus.RECEIVED,
    ),
    move("cancel", {TransferStatus.DRAFT, TransferStatus.READY}, TransferStatus.CANCELLED),
)


class TransferSortKey(Choice):
    """By what a list of transfers is sorted."""

    CREATED_AT = "created_at", "When the transfer was made."
    UPDATED_AT = "updated_at", "When it was last changed."


@dataclass(frozen=True, slots=True)
class Transfer:
    """`reference`: what people call it. `expected_on`: the day on which it should arrive."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    from_location_id: UUID
    to_location_id: UUID
    status: TransferStatus
    reference: str | None
    expected_on: date | None
    shipped_at: datetime | None
    received_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name != "complete"]


@dataclass(frozen=True, slots=True)
class TransferLine:
    """So many pieces of one variant; a transfer has one line for each.

    `shipped` of the `quantity` left; of these, `received` were accepted, `rejected` were put into
    quarantine where they arrived, `lost` were written off.
    """

    id: UUID
    transfer_id: UUID
    position: int
    variant_id: UUID
    quantity: int
    shipped: int
    received: int
    rejected: int
    lost: int

    @property
    def in_transit(self) -> int:
        """Pieces that are on their way now."""
        return self.shipped - self.received - self.rejected - self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """What is to be transferred."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotQuantity:
    """So many pieces of a lot."""

    lot_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipLine:
    """How many pieces of a line are shipped. `lots` None: those that expire first."""

    line_id: UUID
    quantity: int
    lots: tuple[LotQuantity, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveLine:
    """What has arrived of a line. `lot_id` None: any of the lots that were shipped."""

    line_id: UUID
    accepted: int = 0
    rejected: int = 0
    lot_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TransferCreated(Event):
    type = "transfer.created"
    subject = "trf"
    summary = "A transfer of {pieces} pieces was made."
    id: UUID
    version: int
    pieces: int


@dataclass(frozen=True, slots=True)
class TransferUpdated(Event):
    type = "transfer.updated"
    subject = "trf"
    summary = "The transfer was changed; it is of {pieces} pieces."
    id: UUID
    version: int
    pieces: int


@dataclass(frozen=True, slots=True)
class TransferReadied(Event):
    type = "transfer.readied"
    subject = "trf"
    summary = "The transfer is ready: {pieces} pieces are held."
    id: UUID
    version: int
    pieces: int


@dataclass(frozen=True, slots=True)
class TransferReopened(Event):
    type = "transfer.reopened"
    subject = "trf"
    summary = "The transfer is a draft again; {pieces} pieces are held no more."
    id: UUID
    version: int
    pieces: int


@dataclass(frozen=True, slots=True)
class TransferShipped(Event):
    type = "transfer.shipped"
    subject = "trf"
    summary = "{pieces} pieces were shipped."
    id: UUID
    version: int
    pieces: int


@dataclass(frozen=True, slots=True)
class TransferPartReceived(Event):
    type = "transfer.part_received"
    subject = "trf"
    summary = "{accepted} pieces were accepted and {rejected} rejected; {left} are on their way."
    id: UUID
    version: int
    accepted: int
    rejected: int
    left: int


@dataclass(frozen=True, slots=True)
class TransferReceived(Event):
    type = "transfer.received"
    subject = "trf"
    summary = "{accepted} pieces were accepted and {rejected} rejected: all has arrived."
    id: UUID
    version: int
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class TransferWrittenOff(Event):
    type = "transfer.written_off"
    subject = "trf"
    summary = "{pieces} pieces that never arrived were written off."
    id: UUID
    version: int
    pieces: int


@dataclass(frozen=True, slots=True)
class TransferCancelled(Event):
    type = "transfer.cancelled"
    subject = "trf"
    summary = "The transfer was cancelled."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownTransfer(Missing):
    """There is no transfer with this id."""

    id: UUID
    message = "There is no such transfer."


@dataclass(eq=False)
class UnknownTransferLine(Missing):
    """The transfer has no line with this id."""

    id: UUID
    message = "The transfer has no such line."


@dataclass(eq=False)
class SameLocation(Invalid):
    """A transfer leads from a location to another one, neither a part of the other."""

    message = "A transfer leads to another location, and not within one."


@dataclass(eq=False)
class NothingToTransfer(Invalid):
    """A transfer, a shipment or a receipt is of at least one piece."""

    message = "Name at least one piece."


@dataclass(eq=False)
class ShippedTooMuch(Refused):
    """More pieces of a line are to be shipped than it is of."""

    requested: int
    allowed: int
    message = "{requested} pieces cannot be shipped: the line is of {allowed}."


@dataclass(eq=False)
class MoreThanInTransit(Refused):
    """More pieces of a line are to be received than are on their way."""

    requested: int
    in_transit: int
    message = "{requested} pieces cannot be received: {in_transit} are on their way."


def received(line: TransferLine, accepted: int, rejected: int) -> TransferLine:
    """The line with what has arrived.

    Raises:
        MoreThanInTransit: there is not so much on its way.
    """
    if (pieces := accepted + rejected) > line.in_transit:
        raise MoreThanInTransit(pieces, line.in_transit)
    return TransferLine(
        line.id,
        line.transfer_id,
        line.position,
        line.variant_id,
        line.quantity,
        line.shipped,
        line.received + accepted,
        line.rejected + rejected,
        line.lost,
    )


def pieces_of(lines: Iterable[TransferLine]) -> int:
    return sum(line.quantity for line in lines)
