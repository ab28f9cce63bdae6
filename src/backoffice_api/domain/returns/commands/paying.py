"""How money of returns is paid, by whichever command: refunds of payments, or store credit.

What goes back is written down for what it is, and the order is not to be paid that much any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.commands.returning import allow
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.payments import queries as on_payments
from backoffice_api.domain.payments.commands.crediting import Origin, change_credit
from backoffice_api.domain.payments.commands.paying_back import Why, make_refunds, submit_if_free
from backoffice_api.domain.payments.commands.writing import book
from backoffice_api.domain.payments.model.credits import CreditReason
from backoffice_api.domain.payments.model.payments import NothingToRefund, Payment
from backoffice_api.domain.payments.model.refunds import (
    NoCustomerToCredit,
    RefundDestination,
    RefundReason,
    allocated,
    refundable_of,
)
from backoffice_api.domain.returns.commands.writing import Opened, save_told, tell
from backoffice_api.domain.returns.model.events import ReturnRefundMade
from backoffice_api.domain.returns.model.refunds import (
    ReturnRefund,
    ReturnRefundKind,
    SharesDiffer,
    Worth,
)
from backoffice_api.domain.returns.model.returns import Return, ReturnLine
from backoffice_api.domain.returns.tables.money import return_refund_payments, return_refunds


@dataclass(frozen=True, slots=True)
class Going:
    """What is to go back for one order, or for pieces without one."""

    order_id: UUID | None
    kind: ReturnRefundKind
    destination: RefundDestination
    amount_minor: int
    worth: Worth
    fee_minor: int
    note: str


@dataclass(frozen=True, slots=True)
class Paid:
    """What went back, and the refunds of payments that pay it."""

    row: ReturnRefund
    refund_ids: tuple[UUID, ...]

    @property
    def facts(self) -> Mapping[str, Any]:
        """What its event tells."""
        row = self.row
        return {
            "return_refund_id": row.id,
            "order_id": row.order_id,
            "kind": row.kind,
            "destination": row.destination,
            "currency": row.currency,
            "amount_minor": row.amount_minor,
            "items_minor": row.items_minor,
            "tax_minor": row.tax_minor,
            "shipping_minor": row.shipping_minor,
            "fee_minor": row.fee_minor,
            "tax_included": row.tax_included,
            "offset_minor": row.offset_minor,
            "refund_ids": self.refund_ids,
            "store_credit_id": row.store_credit_id,
        }


def pay_back(uow: UnitOfWork, of: Opened, going: Going, shares: Mapping[UUID, int] | None) -> Paid:
    """Have money paid back, and write down for what.

    What of the order was never paid is not paid back: the customer owes so much less.
    """
    order = on_orders.locked_order(uow.db, going.order_id) if going.order_id else None
    refund_ids: tuple[UUID, ...] = ()
    credit_id, offset_minor = None, 0
    amount = Money(going.amount_minor, of.before.currency)
    uow.check_amount(Scope.REFUNDS_WRITE, amount)
    if going.amount_minor and order and is_paid_here(order, going.destination):
        present = on_payments.payments_of(uow.db, order.id)
        if shares is None and order.payment_status is not PaymentStatus.NOT_TRACKED:
            offset_minor = offset(order, refundable_of(present), going.amount_minor)
        refund_ids = _refund(uow, order, present, going, offset_minor, shares)
    elif going.amount_minor:
        credit_id = _credit(uow, of, going)
    actor = uow.caller.actor
    row = ReturnRefund(
        id=uow.new_id(),
        created_at=uow.now,
        return_id=of.before.id,
        order_id=going.order_id,
        kind=going.kind,
        destination=going.destination,
        currency=of.before.currency,
        amount_minor=going.amount_minor,
        items_minor=going.worth.items,
        tax_minor=going.worth.tax,
        shipping_minor=going.worth.shipping,
        fee_minor=going.fee_minor,
        offset_minor=offset_minor,
        tax_included=going.worth.tax_included,
        store_credit_id=credit_id,
        note=going.note,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )
    add(uow, return_refunds, [row])
    if refund_ids:
        uow.db.execute(
            return_refund_payments.insert(),
            [{"return_refund_id": row.id, "refund_id": id} for id in refund_ids],
        )
    return Paid(row, refund_ids)


def offset(order: Order, refundable_minor: int, minor: int) -> int:
    """How much of an amount that goes back lessens what is owed of an order, in minor units.

    First what was never paid; of what was paid back before without a return, so much as is owed
    still and no payment holds.
    """
    never_paid = min(minor, max(0, order.due_minor - order.captured_minor))
    short = minor - never_paid - refundable_minor
    owed = max(0, order.outstanding_minor) - never_paid
    return never_paid + max(0, min(short, owed))


def is_paid_here(order: Order, destination: RefundDestination) -> bool:
    """Of what was paid elsewhere, credit can be given all the same."""
    is_elsewhere = order.payment_status is PaymentStatus.NOT_TRACKED
    return not (is_elsewhere and destination is RefundDestination.STORE_CREDIT)


def _refund(
    uow: UnitOfWork,
    order: Order,
    present: Sequence[Payment],
    going: Going,
    offset_minor: int,
    shares: Mapping[UUID, int] | None,
) -> tuple[UUID, ...]:
    """Refunds of the payments of an order. Raises: SharesDiffer, NothingToRefund, ..."""
    # First, so that nobody takes what goes back for money that is missing.
    order = allow(uow, order, order.allowance_minor + going.amount_minor)
    if offset_minor == going.amount_minor:
        return ()
    if not present:
        raise NothingToRefund
    if shares is None:
        shares = allocated(present, going.amount_minor - offset_minor)
    elif sum(shares.values()) != going.amount_minor or min(shares.values()) <= 0:
        raise SharesDiffer(Money(going.amount_minor, order.currency)).at("payments")
    is_goodwill = going.kind is ReturnRefundKind.GOODWILL
    reason = RefundReason.GOODWILL if is_goodwill else RefundReason.RETURNED
    made = make_refunds(uow, order, shares, Why(reason, going.destination, going.note))
    for each in made:
        submit_if_free(uow, order, each)
    book(uow, order)
    return tuple(each.id for each in made)


def _credit(uow: UnitOfWork, of: Opened, going: Going) -> UUID:
    """Store credit without a payment behind it. Raises: NoCustomerToCredit."""
    if of.before.customer_id is None:
        raise NoCustomerToCredit().at("destination")
    amount = Money(going.amount_minor, of.before.currency)
    origin = Origin(CreditReason.REFUNDED, note=going.note or of.before.number)
    return change_credit(uow, of.before.customer_id, amount, origin).id


def save_paid(
    uow: UnitOfWork,
    of: Opened,
    after: Return,
    lines: Sequence[ReturnLine],
    paid: Sequence[Paid],
) -> None:
    """Write the return, and tell of each order what goes back for it."""
    after = save_told(uow, of, after, lines, ReturnRefundMade, **paid[0].facts)
    tell_paid(uow, of, after, paid[1:])


def tell_paid(uow: UnitOfWork, of: Opened, after: Return, paid: Sequence[Paid]) -> None:
    """Tell of what went back for a return that is written already."""
    for each in paid:
        tell(uow, after, after, sorted(of.orders), ReturnRefundMade, **each.facts)
