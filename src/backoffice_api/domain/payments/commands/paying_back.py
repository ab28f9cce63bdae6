"""How refunds are written, by whichever command: made, submitted, paid back, refused, called off.

A refund that is on its way holds its amount on its payment (`refunding_minor`), so that nobody else
promises the same money. It becomes a transaction when it is paid back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.approving import needs_approval
from backoffice_api.domain.payments.commands.crediting import Origin, change_credit
from backoffice_api.domain.payments.commands.writing import (
    Posting,
    ask_gateway,
    book,
    locked,
    write,
)
from backoffice_api.domain.payments.model.credits import CreditReason
from backoffice_api.domain.payments.model.events import (
    RefundApprovalAsked,
    RefundCancelled,
    RefundFailed,
    RefundRequested,
    RefundSubmitted,
    RefundSucceeded,
)
from backoffice_api.domain.payments.model.gateways import OperationKind
from backoffice_api.domain.payments.model.payments import (
    AmountExceeded,
    Payment,
    PaymentMethod,
)
from backoffice_api.domain.payments.model.refunds import (
    MACHINE,
    ON_ITS_WAY,
    REFUNDS_MAX,
    NoCustomerToCredit,
    Refund,
    RefundDestination,
    RefundReason,
    TooManyRefunds,
)
from backoffice_api.domain.payments.model.transactions import TransactionKind
from backoffice_api.domain.payments.tables import refunds


@dataclass(frozen=True, slots=True)
class Why:
    """What several refunds of one order have in common."""

    reason: RefundReason
    destination: RefundDestination = RefundDestination.ORIGINAL
    note: str = ""


def make_refunds(
    uow: UnitOfWork, order: Order, shares: Mapping[UUID, int], why: Why
) -> Sequence[Refund]:
    """Ask for refunds of a locked order, by payment. What they hold must still be booked.

    Raises:
        TooManyRefunds, NoCustomerToCredit, AmountExceeded.
    """
    count = queries.refunds_made(uow.db, order.id)
    if count + len(shares) > REFUNDS_MAX:
        raise TooManyRefunds(REFUNDS_MAX)
    if why.destination is RefundDestination.STORE_CREDIT and order.customer_id is None:
        raise NoCustomerToCredit().at("destination")
    if uow.caller.reach.has_limit(Scope.REFUNDS_WRITE):
        # With what the same one paid back before: no limit is passed in small steps.
        before = queries.refunded_by(uow.db, order.id, uow.caller.actor)
        total = Money(before + sum(shares.values()), order.currency)
        uow.check_amount(Scope.REFUNDS_WRITE, total)
    found = queries.payments_by_ids(uow.db, shares)
    return [
        _make(uow, order, found[id], minor, why, f"{order.name}-R{count + position}")
        for position, (id, minor) in enumerate(shares.items(), start=1)
    ]


def submit_if_free(uow: UnitOfWork, order: Order, refund: Refund) -> Refund:
    """Submit a refund that was asked for, unless somebody has to approve it first."""
    if not refund.is_approved:
        approval_id = needs_approval(uow, order, refund)
        if approval_id is not None:
            status = MACHINE.check("ask", refund.status)
            after = replace(refund, status=status, approval_id=approval_id)
            after = save(uow, refunds, refund, after)
            event = RefundApprovalAsked(
                after.id, after.version, after.number, after.order_id, str(after.amount)
            )
            uow.emit(event, before=refund, after=after)
            return after
    return submit(uow, order, refund, "submit")


def submit(uow: UnitOfWork, order: Order, before: Refund, action: str) -> Refund:
    """Have a refund paid back whose amount its payment holds. It must still be booked.

    Raises:
        AmountExceeded: a bank has taken the money back since the refund was asked for.
    """
    payment = queries.payment(uow.db, before.payment_id)
    if action == "submit" and before.amount_minor > _there(payment):
        raise AmountExceeded(payment.refundable)
    after = save(
        uow,
        refunds,
        before,
        replace(
            before,
            status=MACHINE.check(action, before.status),
            submitted_at=uow.now,
            attempts=before.attempts + 1,
            failure=None,
        ),
    )
    event: Event = RefundSubmitted(
        after.id, after.version, after.number, order.id, str(after.amount)
    )
    uow.emit(event, before=before, after=after)
    into_credit = (
        after.destination is RefundDestination.STORE_CREDIT
        or payment.method is PaymentMethod.STORE_CREDIT
    )
    if into_credit:
        _credit(uow, order, after)
    elif not payment.is_by_hand:
        ask_gateway(uow, order, payment, OperationKind.REFUND, after.amount, refund=after)
        return after
    return succeed(uow, order, after, None)


def succeed(uow: UnitOfWork, order: Order, before: Refund, reference: str | None) -> Refund:
    """Note that a refund that was submitted is paid back; it must still be booked."""
    status = MACHINE.check("succeed", before.status)
    payment = queries.payment(uow.db, before.payment_id)
    posting = Posting(TransactionKind.REFUND, before.amount_minor, reference, refund_id=before.id)
    held = replace(payment, refunding_minor=payment.refunding_minor - before.amount_minor)
    write(uow, payment, held, [posting])
    after = replace(
        before,
        status=status,
        settled_at=uow.now,
        provider_reference=reference or before.provider_reference,
        failure=None,
    )
    after = save(uow, refunds, before, after)
    event = RefundSucceeded(
        after.id,
        after.version,
        after.number,
        order.id,
        order.name,
        str(after.amount),
        after.destination,
    )
    uow.emit(event, before=before, after=after)
    return after


def fail(uow: UnitOfWork, before: Refund, failure: str | None) -> Refund:
    """Note that the provider refused; what the refund held is free. It must still be booked."""
    status = MACHINE.check("fail", before.status)
    payment = queries.payment(uow.db, before.payment_id)
    hold(uow, payment, -before.amount_minor)
    after = save(uow, refunds, before, replace(before, status=status, failure=failure))
    event = RefundFailed(after.id, after.version, after.number, after.order_id, str(after.amount))
    uow.emit(event, before=before, after=after)
    return after


def name(uow: UnitOfWork, before: Refund, reference: str) -> Refund:
    """Note what the provider calls a refund that it has not decided on."""
    if before.provider_reference == reference:
        return before
    return save(uow, refunds, before, replace(before, provider_reference=reference))


def note_foreign(
    uow: UnitOfWork, order: Order, payment: Payment, amount: Money, reference: str
) -> Refund:
    """Note a refund that somebody made at the provider: it is paid back already.

    Raises:
        AmountExceeded: it is more than was paid and not promised.
    """
    why = Why(RefundReason.OTHER, note="Made at the provider.")
    (made,) = make_refunds(uow, order, {payment.id: amount.minor}, why)
    submitted = replace(
        made, status=MACHINE.check("submit", made.status), submitted_at=uow.now, attempts=1
    )
    return succeed(uow, order, save(uow, refunds, made, submitted), reference)


def cancel(uow: UnitOfWork, order: Order, before: Refund) -> None:
    """Raises: InvalidTransition."""
    status = MACHINE.check("cancel", before.status)
    if before.status in ON_ITS_WAY:
        hold(uow, queries.payment(uow.db, before.payment_id), -before.amount_minor)
    after = save(uow, refunds, before, replace(before, status=status))
    event = RefundCancelled(after.id, after.version, after.number, after.order_id)
    uow.emit(event, before=before, after=after)
    book(uow, order)


def hold(uow: UnitOfWork, payment: Payment, minor: int) -> None:
    """Let a payment hold so much more for refunds on their way; less than nothing frees it."""
    held = replace(payment, refunding_minor=payment.refunding_minor + minor)
    if minor > 0 and minor > payment.refundable_minor:
        raise AmountExceeded(payment.refundable)
    write(uow, payment, held)


def locked_refund(uow: UnitOfWork, refund_id: UUID) -> tuple[Order, Refund]:
    """Raises: UnknownRefund."""
    payment_id = queries.refund(uow.db, refund_id).payment_id
    order, _ = locked(uow, payment_id)
    return order, queries.refund(uow.db, refund_id)


def _there(payment: Payment) -> int:
    """What of a payment has neither gone back nor been taken back, in minor units."""
    return payment.captured_minor - payment.charged_back_minor - payment.refunded_minor


def _make(
    uow: UnitOfWork, order: Order, payment: Payment, minor: int, why: Why, number: str
) -> Refund:
    hold(uow, payment, minor)
    made = Refund(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        order_id=order.id,
        payment_id=payment.id,
        number=number,
        status=MACHINE.start,
        destination=why.destination,
        reason=why.reason,
        note=why.note,
        created_by_kind=uow.caller.actor.kind.value,
        created_by_id=uow.caller.actor.id,
        currency=order.currency,
        amount_minor=minor,
        is_approved=False,
        approval_id=None,
        attempts=0,
        submitted_at=None,
        settled_at=None,
        provider_reference=None,
        failure=None,
    )
    add(uow, refunds, [made])
    event = RefundRequested(
        id=made.id,
        version=made.version,
        number=made.number,
        order_id=order.id,
        order=order.name,
        payment_id=payment.id,
        amount=str(made.amount),
        reason=made.reason,
        destination=made.destination,
    )
    uow.emit(event, after=made)
    return made


def _credit(uow: UnitOfWork, order: Order, refund: Refund) -> None:
    """Raises: NoCustomerToCredit."""
    if order.customer_id is None:
        raise NoCustomerToCredit
    origin = Origin(CreditReason.REFUNDED, payment_id=refund.payment_id, refund_id=refund.id)
    change_credit(uow, order.customer_id, refund.amount, origin)
