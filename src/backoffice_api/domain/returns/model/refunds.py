"""Money for returns: what a piece is worth, what is kept of it, what goes back.

What a line of a return is worth is frozen when it is asked for: its share of the order line's
price, discounts and tax, and of what was asked for the delivery. Shares are taken of what no other
return has, so that all returns of a line never come to more than the line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.payments.model.refunds import RefundDestination
from backoffice_api.domain.returns.model.reasons import ReturnReason, RootCause

GOODWILL_NOTE_LENGTH_MAX = 1_000


class ReturnRefundKind(Choice):
    """What money of a return is for."""

    UNITS = "units", "Pieces that came back, or need not come back."
    EXCHANGE = "exchange", "What pieces were worth beyond the goods that were sent for them."
    GOODWILL = "goodwill", "More than that, to please the customer."


@dataclass(frozen=True, slots=True)
class Worth:
    """What pieces are worth, in minor units. `tax` is part of the others if it is included."""

    items: int = 0
    tax: int = 0
    shipping: int = 0
    tax_included: bool = True

    @property
    def total(self) -> int:
        return self.items + self.shipping + (0 if self.tax_included else self.tax)

    def __sub__(self, other: "Worth") -> "Worth":
        return self + Worth(-other.items, -other.tax, -other.shipping)

    def share(self, pieces: int, left: int, currency: str) -> "Worth":
        """What falls to so many of the `left` pieces that it is of; the others bear the rest."""
        return Worth(
            part(self.items, pieces, left, currency),
            part(self.tax, pieces, left, currency),
            part(self.shipping, pieces, left, currency),
            self.tax_included,
        )

    def portion(self, minor: int, currency: str) -> "Worth":
        """What makes up so much of the total: of no part more than there is, to the last cent."""
        parts = [self.items, self.shipping, 0 if self.tax_included else self.tax]
        shares = Money(minor, currency).allocate(parts)
        items, shipping, tax = (each.minor for each in shares)
        if self.tax_included:
            tax = self.tax * minor // self.total
        return Worth(items, tax, shipping, self.tax_included)

    def __add__(self, other: "Worth") -> "Worth":
        return Worth(
            self.items + other.items,
            self.tax + other.tax,
            self.shipping + other.shipping,
            self.tax_included,
        )


def summed(worths: Sequence[Worth]) -> Worth:
    """What several are worth together; they are of one order, so of one kind of prices."""
    whole = Worth(tax_included=worths[0].tax_included)
    for each in worths:
        whole = whole + each
    return whole


@dataclass(frozen=True, slots=True)
class ReturnRefund:
    """Money of a return that goes back for one order. Rows never change.

    `amount = items + shipping - fee + tax`, without the tax where it is included in the others.
    For goodwill there is only an amount. `offset_minor` of it was not paid out: so much less is
    owed of the order, which was not paid.
    """

    id: UUID
    created_at: datetime
    return_id: UUID
    order_id: UUID | None
    kind: ReturnRefundKind
    destination: RefundDestination
    currency: str
    amount_minor: int
    items_minor: int
    tax_minor: int
    shipping_minor: int
    fee_minor: int
    offset_minor: int
    tax_included: bool
    store_credit_id: UUID | None
    note: str
    actor_kind: str
    actor_id: UUID | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def offset(self) -> Money:
        return Money(self.offset_minor, self.currency)

    @property
    def items(self) -> Money:
        return Money(self.items_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def shipping(self) -> Money:
        return Money(self.shipping_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)


@dataclass(eq=False)
class NotReceivedToRefund(Refused):
    """M3: at most so many pieces of the line were inspected to be paid back, or waived."""

    maximum: int
    message = "At most {maximum} pieces of the line can be paid back now."


@dataclass(eq=False)
class RefundAboveWorth(Refused):
    """M3: pieces cannot be paid back with more than they are worth; goodwill is another thing."""

    maximum: Money
    message = "These pieces are worth {maximum}; anything beyond that is goodwill."


@dataclass(eq=False)
class SharesDiffer(Invalid):
    """What is to come out of the payments of an order is not what is to go back for it."""

    amount: Money
    message = "Out of these payments, {amount} has to come."


@dataclass(eq=False)
class GoodwillNeedsReason(Invalid):
    """Money beyond what pieces are worth is given with a reason."""

    message = "Say why more is given than the pieces are worth."


def part(minor: int, pieces: int, left: int, currency: str) -> int:
    """What of an amount for `left` pieces falls to so many of them.

    By the largest remainder; the pieces that stay bear the rest.
    """
    if not pieces:
        return 0
    return Money(minor, currency).allocate((pieces, left - pieces))[0].minor


def fee_of(items_minor: int, basis_points: int) -> int:
    """What is kept of an amount, rounded half-even to the minor unit."""
    whole, rest = divmod(items_minor * basis_points, 10_000)
    return whole + (1 if rest > 5_000 or (rest == 5_000 and whole % 2) else 0)


# Whose doing it is not the customer's: nothing is kept, and the delivery is paid back.
_OF_THE_SHOP = frozenset(
    {
        RootCause.PRODUCT,
        RootCause.SUPPLIER,
        RootCause.DESCRIPTION,
        RootCause.WAREHOUSE,
        RootCause.CARRIER,
    }
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is kept of a price, and whether the delivery is paid back."""

    fee_basis_points: int = 0
    refunds_shipping: bool = True


def is_of_the_shop(reason: ReturnReason | None) -> bool:
    """Whether goods come back for something that is not the customer's doing."""
    return reason is not None and reason.root_cause in _OF_THE_SHOP


@dataclass(frozen=True, slots=True)
class RefundSuggestion:
    """What may go back for pieces of a line now.

    `worth` is what is suggested, before the `fee_minor` that is kept; `maximum_minor` is all that
    they are worth, with the delivery and without a fee.
    """

    line_id: UUID
    order_id: UUID | None
    quantity: int
    currency: str
    worth: Worth
    fee_minor: int
    maximum_minor: int

    @property
    def suggested(self) -> Money:
        return Money(self.worth.total - self.fee_minor, self.currency)

    @property
    def maximum(self) -> Money:
        return Money(self.maximum_minor, self.currency)

    @property
    def items(self) -> Money:
        return Money(self.worth.items, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.worth.tax, self.currency)

    @property
    def shipping(self) -> Money:
        return Money(self.worth.shipping, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)
