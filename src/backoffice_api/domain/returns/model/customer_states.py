"""How far a return is, in the few words that its customer is told."""

from collections.abc import Mapping

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.returns.model.returns import ReturnState


class CustomerState(Choice):
    """How far a return is, as its customer is told."""

    UNDER_REVIEW = "under_review", "We are looking at it."
    SEND_IT_BACK = "send_it_back", "You can send it back."
    ON_ITS_WAY = "on_its_way", "It is on its way to us."
    ARRIVED = "arrived", "It is here, and we are looking at it."
    DONE = "done", "It is settled."
    DECLINED = "declined", "We cannot take it back."
    ENDED = "ended", "It was called off, or nothing came in time."


CUSTOMER_STATES: Mapping[ReturnState, CustomerState] = {
    ReturnState.REQUESTED: CustomerState.UNDER_REVIEW,
    ReturnState.APPROVED: CustomerState.SEND_IT_BACK,
    ReturnState.AWAITING_ITEMS: CustomerState.SEND_IT_BACK,
    ReturnState.IN_TRANSIT: CustomerState.ON_ITS_WAY,
    ReturnState.PARTIALLY_RECEIVED: CustomerState.ARRIVED,
    ReturnState.RECEIVED: CustomerState.ARRIVED,
    ReturnState.RESOLVED: CustomerState.DONE,
    ReturnState.DECLINED: CustomerState.DECLINED,
    ReturnState.CANCELLED: CustomerState.ENDED,
    ReturnState.EXPIRED: CustomerState.ENDED,
}
