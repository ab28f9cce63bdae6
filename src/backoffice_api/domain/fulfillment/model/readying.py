"""A fulfillment becomes ready: labelled, and every document is there."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class FulfillmentReadied(Event):
    type = "fulfillment.readied"
    subject = "ful"
    summary = "Fulfillment {fulfillment} of order {order} may be given to the carrier."
    id: UUID
    version: int
    fulfillment: str
    order: str
