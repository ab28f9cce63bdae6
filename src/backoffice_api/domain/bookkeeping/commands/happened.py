"""What of a command concerns the books, sorted by the rule that it is posted by."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentShipped
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.model.events import (
    OrderCancelled,
    OrderClosed,
    OrderEdited,
    OrderLinesCancelled,
)
from backoffice_api.domain.orders.model.moves import OrderMerged, OrderSplit
from backoffice_api.domain.payments.model.credits import CreditEntry, CreditReason
from backoffice_api.domain.payments.model.transactions import MoneyMoved, TransactionKind
from backoffice_api.domain.purchasing.model.receipts import (
    PurchaseReturnMade,
    ReceiptChargesSet,
    ReceiptMade,
)
from backoffice_api.domain.returns.model.claims import CarrierClaimGranted, CarrierClaimPaid
from backoffice_api.domain.returns.model.events import (
    RestockedPieces,
    ReturnRefundMade,
    ReturnRestocked,
)
from backoffice_api.domain.returns.model.labels import ReturnLabelBought, ReturnLabelVoided
from backoffice_api.domain.returns.model.reversals import ReturnRefundReversed
from backoffice_api.domain.shipping.model.shipment_events import LabelBought, LabelVoided
from backoffice_api.domain.stock.model.costs import ValueChanged

# What moves money: the other transactions only set it aside.
_MOVING = set(TransactionKind) - {TransactionKind.AUTHORIZE, TransactionKind.VOID}
# What changes the amounts of an order of which some may have left the house.
_CHANGING = (
    OrderCancelled,
    OrderClosed,
    OrderEdited,
    OrderLinesCancelled,
    OrderMerged,
    OrderSplit,
)


@dataclass(slots=True)
class Happened:
    """Facts of one command, in the order in which they were told."""

    money: list[MoneyMoved] = field(default_factory=list)
    credits: list[CreditEntry] = field(default_factory=list)
    values: list[ValueChanged] = field(default_factory=list)
    shipped: list[FulfillmentShipped] = field(default_factory=list)
    changed: dict[UUID, int] = field(default_factory=dict)
    closed: set[UUID] = field(default_factory=set)
    receipts: list[UUID] = field(default_factory=list)
    charges: list[ReceiptChargesSet] = field(default_factory=list)
    returns: list[UUID] = field(default_factory=list)
    bought: list[UUID] = field(default_factory=list)
    voided: list[UUID] = field(default_factory=list)
    coming_back: list[ReturnLabelBought | ReturnLabelVoided] = field(default_factory=list)
    promised: list[ReturnRefundMade] = field(default_factory=list)
    unpromised: list[ReturnRefundReversed] = field(default_factory=list)
    restocked: list[RestockedPieces] = field(default_factory=list)
    granted: list[CarrierClaimGranted] = field(default_factory=list)
    compensated: list[CarrierClaimPaid] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Nothing of it concerns the books."""
        return not any(getattr(self, name) for name in self.__slots__)

    @property
    def order_ids(self) -> Sequence[UUID]:
        """The orders that money or goods moved of, or that changed."""
        found = dict.fromkeys(each.transaction.order_id for each in self.money)
        found |= dict.fromkeys(each.order_id for each in self.shipped)
        found |= dict.fromkeys(each.order_id for each in self.promised if each.order_id)
        found |= dict.fromkeys(each.order_id for each in self.unpromised)
        found |= dict.fromkeys(each.order_id for each in self.restocked if each.order_id)
        return list(found | dict.fromkeys(self.changed))


def happened(uow: UnitOfWork) -> Happened:
    """Sort out what a command has told and noted. No statement."""
    found = Happened()
    for fact in uow.noted:
        match fact:
            case MoneyMoved(transaction) if transaction.kind in _MOVING:
                found.money.append(fact)
            case CreditEntry(reason=CreditReason.ADJUSTED):
                found.credits.append(fact)
            case ValueChanged():
                found.values.append(fact)
    for told in uow.told:
        _sort_in(found, told.event)
    return found


def _sort_in(found: Happened, event: object) -> None:
    match event:
        case FulfillmentShipped():
            found.shipped.append(event)
        case ReceiptMade():
            found.receipts.append(event.id)
        case ReceiptChargesSet():
            found.charges.append(event)
        case PurchaseReturnMade():
            found.returns.append(event.id)
        case ReturnRefundMade():
            found.promised.append(event)
        case ReturnRefundReversed():
            found.unpromised.append(event)
        case ReturnRestocked():
            found.restocked += event.pieces
        case CarrierClaimGranted():
            found.granted.append(event)
        case CarrierClaimPaid():
            found.compensated.append(event)
        case LabelBought():
            found.bought.append(event.id)
        case LabelVoided():
            found.voided.append(event.id)
        case ReturnLabelBought() | ReturnLabelVoided():
            found.coming_back.append(event)
    if isinstance(event, _CHANGING):
        found.changed[event.id] = event.version
        if isinstance(event, OrderClosed):
            found.closed.add(event.id)
