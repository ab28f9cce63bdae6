"""What happens to fulfillments on their way through the house."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class FulfillmentEvent(Event):
    """Something that happened to a fulfillment, of `pieces` pieces."""

    subject = "ful"
    id: UUID
    version: int
    fulfillment: str
    order: str
    order_id: UUID
    pieces: int


@dataclass(frozen=True, slots=True)
class FulfillmentPlanned(FulfillmentEvent):
    type = "fulfillment.planned"
    summary = "Fulfillment {fulfillment} was planned: {pieces} pieces."


@dataclass(frozen=True, slots=True)
class FulfillmentUpdated(FulfillmentEvent):
    type = "fulfillment.updated"
    summary = "Fulfillment {fulfillment} was changed."


@dataclass(frozen=True, slots=True)
class FulfillmentSplit(FulfillmentEvent):
    type = "fulfillment.split"
    summary = "Of fulfillment {fulfillment}, {pieces} pieces went their own way."


@dataclass(frozen=True, slots=True)
class FulfillmentMerged(FulfillmentEvent):
    type = "fulfillment.merged"
    summary = "Fulfillment {fulfillment} took over {pieces} pieces of others."


@dataclass(frozen=True, slots=True)
class FulfillmentMoved(FulfillmentEvent):
    type = "fulfillment.moved"
    summary = "Fulfillment {fulfillment} is sent from another location: {pieces} pieces."


@dataclass(frozen=True, slots=True)
class FulfillmentShrunk(FulfillmentEvent):
    type = "fulfillment.shrunk"
    summary = "Fulfillment {fulfillment} is of {pieces} pieces less."


@dataclass(frozen=True, slots=True)
class FulfillmentCancelled(FulfillmentEvent):
    type = "fulfillment.cancelled"
    summary = "Fulfillment {fulfillment} was cancelled."


@dataclass(frozen=True, slots=True)
class FulfillmentReleased(FulfillmentEvent):
    type = "fulfillment.released"
    summary = "Fulfillment {fulfillment} is to be picked: {pieces} pieces."


@dataclass(frozen=True, slots=True)
class FulfillmentPickedFrom(FulfillmentEvent):
    type = "fulfillment.picked_from"
    summary = "For fulfillment {fulfillment}, {pieces} pieces were picked."


@dataclass(frozen=True, slots=True)
class FulfillmentPicked(FulfillmentEvent):
    type = "fulfillment.picked"
    summary = "Fulfillment {fulfillment} is picked: {pieces} pieces."


@dataclass(frozen=True, slots=True)
class FulfillmentPacked(FulfillmentEvent):
    type = "fulfillment.packed"
    summary = "Fulfillment {fulfillment} is packed: {pieces} pieces."


@dataclass(frozen=True, slots=True)
class FulfillmentUnpacked(FulfillmentEvent):
    type = "fulfillment.unpacked"
    summary = "Of fulfillment {fulfillment}, {pieces} pieces lie in no parcel any more."


@dataclass(frozen=True, slots=True)
class FulfillmentReadied(FulfillmentEvent):
    type = "fulfillment.readied"
    summary = "Fulfillment {fulfillment} is ready for the carrier."


@dataclass(frozen=True, slots=True)
class FulfillmentUnreadied(FulfillmentEvent):
    type = "fulfillment.unreadied"
    summary = "Fulfillment {fulfillment} is not ready any more: a label was given back."


@dataclass(frozen=True, slots=True)
class PickedShort(Event):
    """Pieces that the books say are there were not found: `lacking` of `variant_id`."""

    type = "fulfillment.picked_short"
    subject = "ful"
    summary = "For fulfillment {fulfillment}, {lacking} pieces were not found at a location."
    id: UUID
    version: int
    fulfillment: str
    order_id: UUID
    variant_id: UUID
    location_id: UUID
    lacking: int


@dataclass(frozen=True, slots=True)
class PiecesToPutBack(Event):
    """Pieces that were picked are not wanted any more."""

    type = "fulfillment.put_back_due"
    subject = "ful"
    summary = "Of fulfillment {fulfillment}, {pieces} pieces are to be put back."
    id: UUID
    version: int
    fulfillment: str
    order_id: UUID
    pieces: int


@dataclass(frozen=True, slots=True)
class PiecesPutBack(Event):
    type = "fulfillment.put_back"
    subject = "ful"
    summary = "{pieces} pieces were put back."
    id: UUID
    version: int
    pieces: int
