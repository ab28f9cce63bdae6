"""What can be done with refunds: asked for, approved, submitted, tried again, called off."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.approvals.commands.asking import withdraw
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.approvals.model.events import (
    ApprovalDeclined,
    ApprovalGranted,
    ApprovalWithdrawn,
)
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.paying_back import (
    Why,
    cancel,
    hold,
    locked_refund,
    make_refunds,
    submit,
    submit_if_free,
)
from backoffice_api.domain.payments.commands.writing import (
    book,
    check_amount,
)
from backoffice_api.domain.payments.model.events import (
    RefundApproved,
)
from backoffice_api.domain.payments.model.payments import (
    AmountExceeded,
    NothingToRefund,
    Payment,
)
from backoffice_api.domain.payments.model.refunds import (
    MACHINE,
    NOTE_LENGTH_MAX,
    PaymentOfAnotherOrder,
    PaymentShare,
    RefundDestination,
    RefundReason,
    RefundsMade,
    RefundStatus,
    allocated,
    refundable_of,
)
from backoffice_api.domain.payments.tables import refunds


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRefund(Command):
    """`amount` None: all that can be paid back. `shares`: out of which payments; empty: the oldest.

    `submit`: at once, if nobody has to approve. Of a payment by hand that says: it was paid back.
    """

    scope = Scope.REFUNDS_WRITE
    measures = True
    order_id: UUID
    amount: Money | None = None
    shares: tuple[PaymentShare, ...] = ()
    reason: RefundReason
    destination: RefundDestination = RefundDestination.ORIGINAL
    note: str = ""
    submit: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRefund(Command):
    scope = Scope.REFUNDS_WRITE
    measures = True
    table = refunds
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRefund(Command):
    scope = Scope.REFUNDS_WRITE
    measures = True
    table = refunds
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRefund(Command):
    scope = Scope.REFUNDS_WRITE
    measures = False
    table = refunds
    id: UUID


def create_refund(uow: UnitOfWork, command: CreateRefund) -> RefundsMade:
    """Pay money of an order back: one refund for each payment that it comes out of. Their ids.

    Raises:
        UnknownOrder, UnknownPayment, PaymentOfAnotherOrder, Duplicate, TooManyRefunds.
        NothingToRefund: nothing was paid that is not paid back.
        AmountExceeded: less was paid than is to be paid back.
        NoCustomerToCredit: there is nobody to give credit to.
        CurrencyMismatch, AmountNotPositive, InvalidText: the input is wrong.
    """
    order = on_orders.locked_order(uow.db, command.order_id)
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    faults.check()
    shares = _shares(uow, order, command)
    why = Why(command.reason, command.destination, command.note)
    made = make_refunds(uow, order, shares, why)
    if command.submit:
        for each in made:
            submit_if_free(uow, order, each)
    book(uow, order)
    return RefundsMade(tuple(each.id for each in made))


def submit_refund(uow: UnitOfWork, command: SubmitRefund) -> UUID:
    """Have a refund paid back that was asked for. Its id.

    Raises:
        UnknownRefund, InvalidTransition.
    """
    order, refund = locked_refund(uow, command.id)
    MACHINE.check("submit", refund.status)
    uow.check_amount(Scope.REFUNDS_WRITE, refund.amount)
    submit_if_free(uow, order, refund)
    book(uow, order)
    return refund.id


def retry_refund(uow: UnitOfWork, command: RetryRefund) -> UUID:
    """Try a refund again that the provider refused. Its id.

    Raises:
        UnknownRefund, InvalidTransition.
        AmountExceeded: the money was paid back another way since.
    """
    order, refund = locked_refund(uow, command.id)
    MACHINE.check("retry", refund.status)
    uow.check_amount(Scope.REFUNDS_WRITE, refund.amount)
    payment = queries.payment(uow.db, refund.payment_id)
    if refund.amount_minor > payment.refundable_minor:
        raise AmountExceeded(payment.refundable)
    hold(uow, payment, refund.amount_minor)
    submit(uow, order, refund, "retry")
    book(uow, order)
    return refund.id


def cancel_refund(uow: UnitOfWork, command: CancelRefund) -> UUID:
    """Call off a refund that was not submitted, or that failed. Its id.

    Raises:
        UnknownRefund, InvalidTransition.
    """
    order, refund = locked_refund(uow, command.id)
    if refund.status is RefundStatus.PENDING_APPROVAL:
        withdraw(uow, ApprovalKind.REFUND, refund.id)
    cancel(uow, order, refund)
    return refund.id


def on_approval_granted(uow: UnitOfWork, event: ApprovalGranted) -> None:
    """A second person agreed: the refund goes its way."""
    if event.kind is not ApprovalKind.REFUND:
        return
    order, before = locked_refund(uow, event.subject_id)
    if before.status is not RefundStatus.PENDING_APPROVAL:
        return
    after = replace(before, status=MACHINE.check("approve", before.status), is_approved=True)
    after = save(uow, refunds, before, after)
    uow.emit(
        RefundApproved(after.id, after.version, after.number, after.order_id),
        before=before,
        after=after,
    )
    submit(uow, order, after, "submit")
    book(uow, order)


def on_approval_declined(uow: UnitOfWork, event: ApprovalDeclined) -> None:
    """A second person refused: the refund is called off."""
    if event.kind is not ApprovalKind.REFUND:
        return
    order, refund = locked_refund(uow, event.subject_id)
    if refund.status is RefundStatus.PENDING_APPROVAL:
        cancel(uow, order, refund)


def on_approval_withdrawn(uow: UnitOfWork, event: ApprovalWithdrawn) -> None:
    """Who asked has taken it back: the refund is called off."""
    if event.kind is not ApprovalKind.REFUND:
        return
    order, refund = locked_refund(uow, event.subject_id)
    if refund.status is RefundStatus.PENDING_APPROVAL:
        cancel(uow, order, refund)


def _shares(uow: UnitOfWork, order: Order, command: CreateRefund) -> Mapping[UUID, int]:
    """What comes out of each payment, by its id."""
    present = queries.payments_of(uow.db, order.id)
    if command.shares:
        return _chosen(order, {each.id: each for each in present}, command)
    left = refundable_of(present)
    if not left:
        raise NothingToRefund
    amount = Money(left, order.currency) if command.amount is None else command.amount
    check_amount(amount, order, "amount")
    return allocated(present, amount.minor)


def _chosen(
    order: Order, present: Mapping[UUID, Payment], command: CreateRefund
) -> Mapping[UUID, int]:
    shares: dict[UUID, int] = {}
    for position, each in enumerate(command.shares):
        here = ("payments", str(position))
        check_amount(each.amount, order, *here, "amount")
        payment = present.get(each.payment_id)
        if payment is None:
            raise PaymentOfAnotherOrder().at(*here, "payment_id")
        if each.payment_id in shares:
            raise Duplicate(each.payment_id.hex).at(*here, "payment_id")
        if each.amount > payment.refundable:
            raise AmountExceeded(payment.refundable).at(*here, "amount")
        shares[each.payment_id] = each.amount.minor
    return shares
