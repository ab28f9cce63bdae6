"""What people do with payments: authorise, capture, void, and note what came by itself.

What goes through a gateway is asked by a worker afterwards; what is done by hand is so at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.orders import Order, OrderStatus
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.writing import (
    Posting,
    ask_gateway,
    book,
    check_amount,
    locked,
    tell,
    write,
)
from backoffice_api.domain.payments.model.drafts import check_token
from backoffice_api.domain.payments.model.events import (
    PaymentAuthorized,
    PaymentCaptured,
    PaymentReversed,
    PaymentVoided,
)
from backoffice_api.domain.payments.model.gateways import OperationKind
from backoffice_api.domain.payments.model.payments import (
    AUTHORIZED_FIRST,
    MACHINE,
    RECORDED,
    REFERENCE_LENGTH_MAX,
    AmountExceeded,
    KnownToProvider,
    NotByMethod,
    NotPayable,
    OperationUnderWay,
    Payment,
)
from backoffice_api.domain.payments.model.transactions import TransactionKind
from backoffice_api.domain.payments.tables import payments


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizePayment(Command):
    """`token`: what the provider made of a card."""

    scope = Scope.PAYMENTS_WRITE
    measures = False
    table = payments
    id: UUID
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturePayment(Command):
    """`amount` None: all that is authorised and not captured."""

    scope = Scope.PAYMENTS_WRITE
    measures = False
    table = payments
    id: UUID
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPayment(Command):
    scope = Scope.PAYMENTS_WRITE
    measures = False
    table = payments
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordIncoming(Command):
    """Money that came. `amount` None: all that was asked for and has not come yet.

    `reference`: what the statement of the bank, or the carrier, calls it. The same reference
    again, for the same payment, is refused.
    """

    scope = Scope.PAYMENTS_WRITE
    measures = False
    table = payments
    id: UUID
    amount: Money | None = None
    reference: str | None = None
    received_at: datetime | None = None


def authorize_payment(uow: UnitOfWork, command: AuthorizePayment) -> UUID:
    """Set the amount of a payment aside. Its id.

    Raises:
        UnknownPayment, InvalidTransition, NotByMethod, OperationUnderWay.
        NotPayable: the order is cancelled.
        CardNumberGiven, InvalidText: the token is none.
    """
    order, before = locked(uow, command.id)
    faults = Faults()
    check_token(faults, command.token)
    faults.check()
    authorize(uow, order, before, command.token)
    return before.id


def authorize(uow: UnitOfWork, order: Order, before: Payment, token: str | None) -> None:
    """The same for a payment whose order is locked.

    Raises:
        InvalidTransition, NotByMethod, OperationUnderWay, KnownToProvider, NotPayable.
    """
    _check_payable(order)
    MACHINE.check("authorize", before.status)
    _check_method(before)
    if before.provider_reference is not None:
        raise KnownToProvider
    if not before.is_by_hand:
        ask_gateway(uow, order, before, OperationKind.AUTHORIZE, before.amount, token=token)
        return
    postings = [Posting(TransactionKind.AUTHORIZE, before.amount_minor)]
    if before.capture_at_once:
        postings.append(Posting(TransactionKind.CAPTURE, before.amount_minor))
    after = write(uow, before, before, postings)
    tell(uow, told_of(order, after, postings), before, after)
    book(uow, order)


def capture_payment(uow: UnitOfWork, command: CapturePayment) -> UUID:
    """Capture what was set aside, or part of it. Its id.

    Raises:
        UnknownPayment, InvalidTransition, NotByMethod, OperationUnderWay.
        NotPayable: the order is cancelled.
        AmountExceeded: less is authorised and not captured.
        CurrencyMismatch, AmountNotPositive.
    """
    order, before = locked(uow, command.id)
    _check_payable(order)
    _check_method(before)
    MACHINE.check("capture", before.status)
    amount = before.capturable if command.amount is None else command.amount
    check_amount(amount, order, "amount")
    if amount > before.capturable:
        raise AmountExceeded(before.capturable).at("amount")
    if not before.is_by_hand:
        ask_gateway(uow, order, before, OperationKind.CAPTURE, amount)
        return before.id
    postings = [Posting(TransactionKind.CAPTURE, amount.minor)]
    after = write(uow, before, replace(before, expires_at=None), postings)
    tell(uow, told_of(order, after, postings), before, after)
    book(uow, order)
    return after.id


def void_payment(uow: UnitOfWork, command: VoidPayment) -> UUID:
    """Call off what is not captured of a payment. Its id.

    Raises:
        UnknownPayment, InvalidTransition, OperationUnderWay.
    """
    order, before = locked(uow, command.id)
    if before.pending_operation:
        raise OperationUnderWay(before.pending_operation)
    status = MACHINE.check("void", before.status)
    if not before.is_by_hand and before.provider_reference:
        left = before.capturable or before.amount
        ask_gateway(uow, order, before, OperationKind.VOID, left)
        return before.id
    if before.captured_minor:  # what came stays, and nothing more is expected
        status = MACHINE.check("complete", before.status)
    after = replace(before, status=status, expires_at=None, due_on=None)
    after = write(uow, before, after, rest_of(before))
    event = PaymentVoided(after.id, after.version, order.id, order.name)
    uow.emit(event, before=before, after=after)
    book(uow, order)
    return after.id


def record_incoming(uow: UnitOfWork, command: RecordIncoming) -> UUID:
    """Note money that came by bank, in cash or by a provider that tells nothing. Id of the payment.

    More than was asked for is taken as it came: it shows as overpaid.

    Raises:
        UnknownPayment, InvalidTransition, NotByMethod.
        CurrencyMismatch, AmountNotPositive, InvalidText.
        Duplicate: money with this reference was noted before.
    """
    order, before = locked(uow, command.id)
    if before.method not in RECORDED:
        raise NotByMethod(before.method.value)
    MACHINE.check("record", before.status)
    faults = Faults()
    check_text(command.reference, faults, "reference", maximum=REFERENCE_LENGTH_MAX)
    faults.check()
    if command.reference and queries.is_recorded(uow.db, before.id, command.reference):
        raise Duplicate(command.reference).at("reference")
    left = before.money(max(before.amount_minor - before.captured_minor, 0))
    amount = left if command.amount is None else command.amount
    check_amount(amount, order, "amount")
    posting = Posting(
        TransactionKind.CAPTURE,
        amount.minor,
        external_reference=command.reference,
        occurred_at=command.received_at,
    )
    after = write(uow, before, replace(before, expires_at=None), [posting])
    tell(uow, told_of(order, after, [posting]), before, after)
    book(uow, order)
    return after.id


def reverse_incoming(
    uow: UnitOfWork, payment_id: UUID, amount: Money, due_on: date, received_at: datetime
) -> None:
    """Take back that money came, for whoever knows the bank: it was that of something else.

    `due_on`: when it is due, as before. `received_at`: when it was believed to have come.

    Raises:
        UnknownPayment, InvalidTransition, NotByMethod.
        AmountExceeded: less was noted, or it was paid back since.
    """
    order, before = locked(uow, payment_id)
    if before.method not in RECORDED:
        raise NotByMethod(before.method.value)
    status = MACHINE.check("reverse", before.status)
    if amount > before.refundable:
        raise AmountExceeded(before.refundable).at("amount")
    posting = Posting(TransactionKind.REVERSAL, amount.minor, occurred_at=received_at)
    after = write(uow, before, replace(before, status=status, due_on=due_on), [posting])
    event = PaymentReversed(
        after.id, after.version, order.id, order.name, after.method, str(amount)
    )
    uow.emit(event, before=before, after=after)
    book(uow, order)


def told_of(order: Order, after: Payment, postings: Sequence[Posting]) -> list[Event]:
    """What is told of money that was set aside or captured."""
    kinds = {
        TransactionKind.AUTHORIZE: PaymentAuthorized,
        TransactionKind.CAPTURE: PaymentCaptured,
    }
    return [
        kinds[each.kind](
            after.id,
            after.version,
            order.id,
            order.name,
            after.method,
            str(after.money(each.amount_minor)),
        )
        for each in postings
        if each.kind in kinds
    ]


def rest_of(payment: Payment) -> list[Posting]:
    """What is authorised and not captured, given up."""
    left = payment.capturable_minor
    return [Posting(TransactionKind.VOID, left)] if left else []


def _check_payable(order: Order) -> None:
    """Raises: NotPayable."""
    if order.status is OrderStatus.CANCELLED:
        raise NotPayable


def _check_method(payment: Payment) -> None:
    """Raises: NotByMethod, OperationUnderWay."""
    if payment.method not in AUTHORIZED_FIRST:
        raise NotByMethod(payment.method.value)
    if payment.pending_operation:
        raise OperationUnderWay(payment.pending_operation)
