"""Money of returns that did not go back after all.

A refund of a payment that is called off takes its amount out of what a return paid back. One
amount can be paid by several refunds; so what is called off falls to the pieces it was for by
their shares, and the last of them takes the rest. As many pieces may be paid back anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.returns.model.events import ReturnEvent
from backoffice_api.domain.returns.model.refunds import ReturnRefundKind, Worth


@dataclass(frozen=True, slots=True)
class ReturnRefundReversal:
    """Money that did not go back: the refund `refund_id` was called off. Rows never change."""

    id: UUID
    created_at: datetime
    return_refund_id: UUID
    refund_id: UUID
    return_id: UUID
    order_id: UUID
    kind: ReturnRefundKind
    currency: str
    amount_minor: int

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class PaidPieces:
    """So many pieces of a line that were paid back: their worth, and what was kept as a fee."""

    line_id: UUID
    quantity: int
    worth: Worth
    fee_minor: int

    @property
    def amount_minor(self) -> int:
        return self.worth.total - self.fee_minor

    def share(self, minor: int, currency: str) -> "PaidPieces":
        """What falls to so much of their amount, which is less than all of it.

        Pieces and fee are rounded up: so a fee never exceeds the price that stays, and what is to
        be paid back anew always has a piece to be paid for.
        """
        if not minor:
            return PaidPieces(self.line_id, 0, Worth(tax_included=self.worth.tax_included), 0)
        amount = self.amount_minor
        fee = -(-self.fee_minor * minor // amount)
        return PaidPieces(
            self.line_id,
            -(-self.quantity * minor // amount),
            self.worth.portion(minor + fee, currency),
            fee,
        )


def called_off(paid: Sequence[PaidPieces], minor: int, currency: str) -> Sequence[PaidPieces]:
    """What of pieces that were paid back is not, when so much of their amounts is called off."""
    amounts = [each.amount_minor for each in paid]
    if minor == sum(amounts):
        return paid
    shares = Money(minor, currency).allocate(amounts)
    return [
        each if share.minor == each.amount_minor > 0 else each.share(share.minor, currency)
        for each, share in zip(paid, shares, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class ReturnRefundReversed(ReturnEvent):
    """A refund of the return was called off: its amount is not paid back, and can be anew.

    `reopened`: the return had ended, and is open again.
    """

    type = "return.refund_reversed"
    summary = "Money of return {number} did not go back: {amount_minor} of {currency}."
    reversal_id: UUID
    return_refund_id: UUID
    refund_id: UUID
    order_id: UUID
    kind: ReturnRefundKind
    currency: str
    amount_minor: int
    tax_included: bool
    reopened: bool


@dataclass(frozen=True, slots=True)
class ReturnRefundFailed(ReturnEvent):
    """The provider refused a refund of the return: it is to be tried again, or called off.

    `reopened`: the return had ended, and is open again.
    """

    type = "return.refund_failed"
    summary = "A refund of return {number} was refused: {refund}."
    refund_id: UUID
    refund: str
    reopened: bool


@dataclass(eq=False)
class RefundRefused(Refused):
    """A refund of the return was refused by the provider: try it again, or call it off."""

    refund: str
    message = "Refund {refund} was refused: try it again, or call it off."


@dataclass(eq=False)
class MoneyOpen(Refused):
    """What an exchange pays back was called off: it is to be paid back anew."""

    amount: Money
    message = "Still to be paid back: {amount}."
