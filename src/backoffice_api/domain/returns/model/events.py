"""What happens to returns. Amounts are in minor units of `currency`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.payments.model.refunds import RefundDestination
from backoffice_api.domain.returns.model.inspections import Disposition, Resolution
from backoffice_api.domain.returns.model.policies import Rule, Verdict
from backoffice_api.domain.returns.model.refunds import ReturnRefundKind
from backoffice_api.domain.returns.model.returns import LinePieces, ReturnKind


@dataclass(frozen=True, slots=True)
class ReturnEvent(Event):
    """Something that happened to a return, of these orders."""

    subject = "ret"
    id: UUID
    version: int
    number: str
    customer_id: UUID | None
    order_ids: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class ReturnRequested(ReturnEvent):
    type = "return.requested"
    summary = "Return {number} was asked for; its policy says {verdict}: {rule}."
    kind: ReturnKind
    channel_id: UUID | None
    verdict: Verdict
    rule: Rule
    currency: str
    value_minor: int


@dataclass(frozen=True, slots=True)
class ReturnApproved(ReturnEvent):
    """`by_policy`: nobody had to look at it."""

    type = "return.approved"
    summary = "Return {number} was approved."
    by_policy: bool
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReturnDeclined(ReturnEvent):
    type = "return.declined"
    summary = "Return {number} was declined: {rule}."
    by_policy: bool
    rule: Rule
    note: str


@dataclass(frozen=True, slots=True)
class ReturnAwaited(ReturnEvent):
    """The customer knows how to send the goods."""

    type = "return.awaited"
    summary = "The goods of return {number} are to be sent."
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReturnSentOff(ReturnEvent):
    type = "return.sent_off"
    summary = "The goods of return {number} are on their way back."


@dataclass(frozen=True, slots=True)
class ReturnReceived(ReturnEvent):
    """`lines`: what came, on which line. `is_complete`: nothing more is waited for."""

    type = "return.received"
    summary = "Goods of return {number} came: {pieces} pieces, {unexpected} of them unexpected."
    location_id: UUID
    lines: Sequence[LinePieces]
    pieces: int
    unexpected: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class InspectedPieces:
    """What was decided of some pieces. `movement_id` None: they did not enter the stock."""

    inspection_id: UUID
    line_id: UUID
    variant_id: UUID
    quantity: int
    disposition: Disposition
    resolution: Resolution
    movement_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReturnInspected(ReturnEvent):
    type = "return.inspected"
    summary = "Goods of return {number} were inspected."
    pieces: Sequence[InspectedPieces]


@dataclass(frozen=True, slots=True)
class RestockedPieces:
    """Pieces that came back into the stock by a movement; its cost entry says at which cost."""

    movement_id: UUID
    order_id: UUID | None
    variant_id: UUID
    quantity: int
    disposition: Disposition


@dataclass(frozen=True, slots=True)
class ReturnRestocked(ReturnEvent):
    """Pieces entered the stock again, in whichever bucket."""

    type = "return.restocked"
    summary = "Goods of return {number} are in the stock again."
    pieces: Sequence[RestockedPieces]


@dataclass(frozen=True, slots=True)
class ReturnWaived(ReturnEvent):
    """These pieces need not come back, and are paid back all the same."""

    type = "return.waived"
    summary = "Goods of return {number} need not come back: {pieces} pieces."
    lines: Sequence[LinePieces]
    pieces: int


@dataclass(frozen=True, slots=True)
class ReturnRepaired(ReturnEvent):
    type = "return.repaired"
    summary = "Goods of return {number} were mended: {pieces} pieces."
    lines: Sequence[LinePieces]
    pieces: int


@dataclass(frozen=True, slots=True)
class ReturnRefundMade(ReturnEvent):
    """Money goes back for one order, or for pieces without one.

    `amount = items + shipping - fee`, and the tax besides unless `tax_included`; for goodwill the
    amount stands alone. `refund_ids`: the refunds of payments that pay it; none where it became
    store credit without an order (`store_credit_id`). `offset_minor` of the amount is not paid
    out: the order was not paid, so less is owed of it.
    """

    type = "return.refund_made"
    summary = "Money goes back for return {number}: {kind}, {amount_minor} of {currency}."
    return_refund_id: UUID
    order_id: UUID | None
    kind: ReturnRefundKind
    destination: RefundDestination
    currency: str
    amount_minor: int
    items_minor: int
    tax_minor: int
    shipping_minor: int
    fee_minor: int
    tax_included: bool
    refund_ids: Sequence[UUID]
    store_credit_id: UUID | None
    offset_minor: int = 0


@dataclass(frozen=True, slots=True)
class ReturnResolved(ReturnEvent):
    """Everybody has got what was decided. Amounts: of all that was paid back for it."""

    type = "return.resolved"
    summary = "Return {number} is settled."
    currency: str
    refunded_minor: int
    fee_minor: int
    goodwill_minor: int


@dataclass(frozen=True, slots=True)
class ReturnReopened(ReturnEvent):
    type = "return.reopened"
    summary = "Return {number} was taken up again."


@dataclass(frozen=True, slots=True)
class ReturnCancelled(ReturnEvent):
    """`pieces` are not waited for any more; what is here already stays."""

    type = "return.cancelled"
    summary = "Return {number} was called off for {pieces} pieces."
    pieces: int


@dataclass(frozen=True, slots=True)
class ReturnExpired(ReturnEvent):
    type = "return.expired"
    summary = "Nothing came in time for return {number}."


@dataclass(frozen=True, slots=True)
class ReturnPolicySet(Event):
    type = "return_policy.set"
    subject = "rpo"
    summary = "The return policy {code} was set."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ReturnPolicyRemoved(Event):
    type = "return_policy.removed"
    subject = "rpo"
    summary = "The return policy {code} was removed."
    id: UUID
    version: int
    code: str
