"""Returns: words and rules.

A return is asked for, approved by a policy or by hand, received by pieces, inspected by pieces,
and resolved when every piece that came has got what was decided for it. One return can span
several orders of a customer, and pieces of which no order is on record.

Of each line (R1):

    received + waived + cancelled <= requested
    inspected <= received
    refunded + exchanged + repaired + rejected <= inspected + waived
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.returns.model.inspections import ItemCondition
from backoffice_api.domain.returns.model.policies import Rule, Verdict
from backoffice_api.domain.returns.model.reasons import ReturnReason
from backoffice_api.domain.returns.model.refunds import (
    RefundSuggestion,
    Terms,
    Worth,
    fee_of,
    is_of_the_shop,
)

LINES_MAX = 250
ORDERS_MAX = 20
QUANTITY_MAX = 1_000_000
NOTE_LENGTH_MAX = 5_000
REFERENCE_LENGTH_MAX = 120


class ReturnKind(Choice):
    """What kind of a return it is. Each has a series of numbers of its own."""

    RETURN = "return", "The customer sends goods back."
    CLAIM = "claim", "Goods were lost or broken on their way: nothing, or not all, comes back."
    REFUSAL = "refusal", "The customer did not take the goods: they come back by themselves."


# What numbers of a kind begin with.
PREFIXES: Mapping[ReturnKind, str] = {
    ReturnKind.RETURN: "RMA-",
    ReturnKind.CLAIM: "CLM-",
    ReturnKind.REFUSAL: "REF-",
}


class ReturnOrigin(Choice):
    """Who asked for it."""

    STAFF = "staff", "Somebody of the shop, or a program on its behalf."
    PARTNER = "partner", "A marketplace or another partner."
    CUSTOMER = "customer", "The customer, with a link of theirs."
    RECORDED = "recorded", "It was taken over from another system."


class ReturnState(Choice):
    """How far a return is."""

    REQUESTED = "requested", "Asked for; somebody has to look at it."
    APPROVED = "approved", "The goods may come back."
    DECLINED = "declined", "The goods may not come back."
    AWAITING_ITEMS = "awaiting_items", "The customer knows how to send the goods, and is to do so."
    IN_TRANSIT = "in_transit", "The goods are on their way back."
    PARTIALLY_RECEIVED = "partially_received", "Some of the goods are here."
    RECEIVED = "received", "All the goods that are to come are here."
    RESOLVED = "resolved", "Everybody has got what was decided."
    CANCELLED = "cancelled", "Called off before anything came."
    EXPIRED = "expired", "Nothing came in time."


_AWAITED = {ReturnState.APPROVED, ReturnState.AWAITING_ITEMS, ReturnState.IN_TRANSIT}
_HERE = {ReturnState.PARTIALLY_RECEIVED, ReturnState.RECEIVED}

# Something may still happen to these.
OPEN = frozenset({ReturnState.REQUESTED, *_AWAITED, *_HERE})
# What expires when nothing comes.
EXPIRING = frozenset({ReturnState.APPROVED, ReturnState.AWAITING_ITEMS})

MACHINE = Machine(
    ReturnState.REQUESTED,
    move("approve", {ReturnState.REQUESTED}, ReturnState.APPROVED),
    move("decline", {ReturnState.REQUESTED}, ReturnState.DECLINED),
    move("await_items", {ReturnState.APPROVED}, ReturnState.AWAITING_ITEMS),
    move("send_off", {ReturnState.APPROVED, ReturnState.AWAITING_ITEMS}, ReturnState.IN_TRANSIT),
    move("receive", _AWAITED | {ReturnState.PARTIALLY_RECEIVED}, ReturnState.PARTIALLY_RECEIVED),
    # Instead of `receive`, with the last piece.
    move("receive_all", _AWAITED | {ReturnState.PARTIALLY_RECEIVED}, ReturnState.RECEIVED),
    # What comes when all is here is more than was announced.
    move("receive_more", {ReturnState.RECEIVED}),
    move("inspect", set(_HERE)),
    move("waive", _AWAITED | _HERE),
    move("repair", set(_HERE)),
    move("refund", _AWAITED | _HERE),
    move("resolve", _AWAITED | _HERE, ReturnState.RESOLVED),
    move("reopen", {ReturnState.RESOLVED}, ReturnState.RECEIVED),
    move("cancel", {ReturnState.REQUESTED, *_AWAITED}, ReturnState.CANCELLED),
    # Instead of `cancel`, where some of it is here already: the rest is not waited for any more.
    move("cancel_rest", {ReturnState.PARTIALLY_RECEIVED}, ReturnState.RECEIVED),
    move("expire", set(EXPIRING), ReturnState.EXPIRED),
)

# Moves that follow from others, by the one that people ask for; None: nobody asks for them.
DERIVED: Mapping[str, str | None] = {
    "receive_all": "receive",
    "receive_more": "receive",
    "cancel_rest": "cancel",
    "expire": None,
}


class LineOrigin(Choice):
    """How a line came into a return."""

    REQUESTED = "requested", "It was asked for."
    OVER = "over", "More came than was asked for."
    WRONG_ITEM = "wrong_item", "Something came that was not asked for."


class ReturnSortKey(Choice):
    """By what a list of returns is sorted."""

    CREATED_AT = "created_at", "When it was asked for."
    UPDATED_AT = "updated_at", "When it was last changed."
    NUMBER = "number", "By the digits of the number."
    VALUE = "value", "What its pieces are worth, whatever the currency."


@dataclass(frozen=True, slots=True)
class Return:
    """`value_minor`: what its lines are worth, without what was cancelled.

    `refunded_minor`: what has gone back for pieces, or is on its way; `fee_minor` was kept of
    that, `goodwill_minor` was given besides. `verdict` and `rule`: what its policies said when it
    was asked for, of the line that is worst off. `recorded`: taken over from another system, its
    number was not drawn here.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: str
    serial: int
    recorded: bool
    kind: ReturnKind
    status: ReturnState
    origin: ReturnOrigin
    customer_id: UUID | None
    channel_id: UUID | None
    location_id: UUID | None
    currency: str
    reference: str | None
    note: str
    verdict: Verdict
    rule: Rule
    expires_at: datetime | None
    closed_at: datetime | None
    value_minor: int
    refunded_minor: int
    fee_minor: int
    goodwill_minor: int

    @property
    def value(self) -> Money:
        return Money(self.value_minor, self.currency)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def goodwill(self) -> Money:
        return Money(self.goodwill_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        """What can be done with it; each as people ask for it.

        What was taken over has ended elsewhere, with money that was never here: it stays ended.
        """
        allowed = set[str]() if self.recorded else set(MACHINE.allowed(self.status))
        allowed |= {DERIVED[name] or name for name in allowed if name in DERIVED}
        reason = (f"state is {self.status.name}",)
        return [
            Action(name, name in allowed, () if name in allowed else reason)
            for name in MACHINE.moves
            if name not in DERIVED
        ]


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """So many pieces of a variant that are to come back; of a kit, of one of its components.

    `order_line_id` None: no order is on record for them. `to_refund`, `to_exchange` and
    `to_repair` are what inspections decided, `refunded`, `exchanged` and `repaired` what was done;
    `waived` need not come back and are paid back all the same. `missing` and `sent_back` are of
    those inspected: they are not here.

    Amounts are of all pieces that are not cancelled: price less discounts, tax, and their share of
    what was asked for the delivery, with its tax. Tax is part of the price where `tax_included`.
    `settled_` amounts are of pieces that were paid back or exchanged, before `fee_minor` was kept.
    `fee_basis_points` and `refunds_shipping` are the terms of its policy when it was asked for.
    """

    id: UUID
    return_id: UUID
    position: int
    origin: LineOrigin
    order_id: UUID | None
    order_line_id: UUID | None
    variant_id: UUID
    sku: str
    title: str
    reason_id: UUID | None
    note: str
    condition: ItemCondition
    lot_code: str | None
    verdict: Verdict
    rule: Rule
    policy_id: UUID | None
    requested: int
    cancelled: int
    waived: int
    received: int
    inspected: int
    missing: int
    sent_back: int
    to_refund: int
    to_exchange: int
    to_repair: int
    rejected: int
    refunded: int
    exchanged: int
    repaired: int
    currency: str
    tax_included: bool
    items_minor: int
    tax_minor: int
    shipping_minor: int
    settled_items_minor: int
    settled_tax_minor: int
    settled_shipping_minor: int
    fee_minor: int
    fee_basis_points: int = 0
    refunds_shipping: bool = True

    @property
    def wanted(self) -> int:
        """Pieces that are to come, or came, or need not come."""
        return self.requested - self.cancelled

    @property
    def awaited(self) -> int:
        """Pieces that are still to come."""
        return self.wanted - self.waived - self.received

    @property
    def to_inspect(self) -> int:
        return self.received - self.inspected

    @property
    def back(self) -> int:
        """Pieces that came and stayed: what the order counts as returned."""
        return self.received - self.missing - self.sent_back

    @property
    def refundable(self) -> int:
        """Pieces that may be paid back now (M3)."""
        return self.to_refund + self.waived - self.refunded

    @property
    def open_resolutions(self) -> int:
        """Pieces whose customer has not got yet what was decided."""
        return self.refundable + self.to_exchange - self.exchanged + self.to_repair - self.repaired

    @property
    def worth(self) -> Worth:
        """What all its pieces are worth that were not cancelled."""
        return Worth(self.items_minor, self.tax_minor, self.shipping_minor, self.tax_included)

    @property
    def value(self) -> Money:
        return Money(self.worth.total, self.currency)

    @property
    def settled(self) -> Worth:
        """What the pieces were worth that were paid back or exchanged."""
        return Worth(
            self.settled_items_minor,
            self.settled_tax_minor,
            self.settled_shipping_minor,
            self.tax_included,
        )

    def worth_of(self, pieces: int) -> Worth:
        """What so many of the pieces are worth that are not settled yet."""
        left = self.wanted - self.refunded - self.exchanged
        return (self.worth - self.settled).share(pieces, left, self.currency)

    def terms(self, reason: ReturnReason | None) -> Terms:
        """On which terms it is paid back; for what is the shop's doing, all goes back."""
        if is_of_the_shop(reason):
            return Terms()
        return Terms(self.fee_basis_points, self.refunds_shipping)

    def suggestion(self, pieces: int, terms: Terms) -> RefundSuggestion:
        """What may go back for so many of the pieces that may be paid back."""
        most = self.worth_of(pieces)
        worth = most if terms.refunds_shipping else replace(most, shipping=0)
        return RefundSuggestion(
            self.id,
            self.order_id,
            pieces,
            self.currency,
            worth,
            fee_of(most.items, terms.fee_basis_points),
            most.total,
        )

    @property
    def held(self) -> Worth:
        """What of its order no other return may claim: that of pieces that were not sent back."""
        return self.settled + self.worth_of(
            self.wanted - self.refunded - self.exchanged - self.sent_back
        )

    def without(self, pieces: int) -> "ReturnLine":
        """The line with so many pieces cancelled that nobody waits for any more."""
        kept = self.settled + self.worth_of(self.wanted - self.refunded - self.exchanged - pieces)
        return replace(
            self,
            cancelled=self.cancelled + pieces,
            items_minor=kept.items,
            tax_minor=kept.tax,
            shipping_minor=kept.shipping,
        )

    def settling(self, worth: Worth) -> "ReturnLine":
        """The line with more of its worth settled."""
        gone = self.settled + worth
        return replace(
            self,
            settled_items_minor=gone.items,
            settled_tax_minor=gone.tax,
            settled_shipping_minor=gone.shipping,
        )


@dataclass(frozen=True, slots=True)
class LinePieces:
    """So many pieces of a line of a return."""

    line_id: UUID
    quantity: int


@dataclass(eq=False)
class UnknownReturn(Missing):
    """There is no return with this id."""

    id: UUID
    message = "There is no such return."


@dataclass(eq=False)
class UnknownReturnLine(Missing):
    """The return has no line with this id."""

    line_id: UUID
    message = "The return has no such line."
