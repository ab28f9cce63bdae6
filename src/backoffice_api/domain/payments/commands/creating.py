"""Making payments: so much is asked for, in one way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.model.orders import NotInFuture, Order, OrderStatus
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.crediting import Origin, change_credit
from backoffice_api.domain.payments.commands.moving import authorize
from backoffice_api.domain.payments.commands.writing import Posting, book, check_amount, write
from backoffice_api.domain.payments.model.boleto import (
    BoletoTerms,
    bar_code,
    check_terms,
    digit_line,
)
from backoffice_api.domain.payments.model.br_code import PixReceiver, br_code, check_receiver
from backoffice_api.domain.payments.model.credits import CreditReason
from backoffice_api.domain.payments.model.drafts import check_provider, check_token, new_payment
from backoffice_api.domain.payments.model.events import PaymentCaptured, PaymentCreated
from backoffice_api.domain.payments.model.payments import (
    BY_HAND,
    PAYMENTS_MAX,
    NotByMethod,
    NothingOutstanding,
    NotPayable,
    Payment,
    PaymentMethod,
    TooManyPayments,
)
from backoffice_api.domain.payments.model.refunds import NOTE_LENGTH_MAX, NoCustomerToCredit
from backoffice_api.domain.payments.model.schedules import (
    Installment,
    InstallmentDraft,
    check_schedule,
)
from backoffice_api.domain.payments.model.transactions import TransactionKind
from backoffice_api.domain.payments.tables import installments, payments

_EXPIRING = frozenset({PaymentMethod.TERMS, PaymentMethod.STORE_CREDIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePayment(Command):
    """`amount` None: what is still to be paid of the order and not yet asked for.

    `token`: what the provider made of a card; with it, the provider is asked at once.
    `installments` and `due_on`: by when it should be paid; one of them, or none.
    """

    scope = Scope.PAYMENTS_WRITE
    measures = False
    order_id: UUID
    method: PaymentMethod
    amount: Money | None = None
    provider: str = BY_HAND
    token: str | None = None
    capture_at_once: bool = False
    expires_at: datetime | None = None
    due_on: date | None = None
    installments: tuple[InstallmentDraft, ...] = ()
    pix: PixReceiver | None = None
    boleto: BoletoTerms | None = None
    note: str = ""


def create_payment(uow: UnitOfWork, command: CreatePayment) -> UUID:
    """Ask for a payment. Its id.

    Store credit is taken at once; a card whose token is given is charged by a worker after this.

    Raises:
        UnknownOrder, NotPayable, TooManyPayments.
        NothingOutstanding: no amount is given, and nothing is left to be paid.
        NoCustomerToCredit, InsufficientStoreCredit: store credit does not do.
        ProviderNotFit, NotByMethod, CardNumberGiven, CurrencyMismatch, AmountNotPositive,
        ScheduleNotWhole, ScheduleNotInOrder, NotInFuture, InvalidPixKey, InvalidBrCode,
        InvalidBoletoTerms, InvalidText: the input is wrong.
    """
    order = on_orders.locked_order(uow.db, command.order_id)
    present = queries.payments_of(uow.db, order.id)
    if order.status is OrderStatus.CANCELLED:
        raise NotPayable
    if len(present) >= PAYMENTS_MAX:
        raise TooManyPayments(PAYMENTS_MAX)
    _check(uow, command)
    amount = _open_amount(order, present) if command.amount is None else command.amount
    check_amount(amount, order, "amount")
    faults = Faults()
    check_schedule(faults, command.installments, amount)
    faults.check()
    made = _made(uow, command, order, amount)
    _add(uow, order, made, command.installments)
    if made.method is PaymentMethod.STORE_CREDIT:
        _spend(uow, order, made)
    elif command.token is not None:
        authorize(uow, order, made, command.token)
    return made.id


def request_payment(uow: UnitOfWork, order: Order, amount: Money) -> Payment:
    """Ask for a payment of a locked order, whatever way the buyer then takes."""
    made = new_payment(uow.new_id(), uow.now, order.id, PaymentMethod.BANK_TRANSFER, amount)
    _add(uow, order, made, ())
    return made


def _check(uow: UnitOfWork, command: CreatePayment) -> None:
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    check_provider(faults, command.method, command.provider)
    check_token(faults, command.token)
    if command.token is not None and command.method is not PaymentMethod.CARD:
        faults.add(NotByMethod(command.method.value).at("token"))
    if command.expires_at is not None and command.expires_at <= uow.now:
        faults.add(NotInFuture().at("expires_at"))
    if command.expires_at is not None and command.method in _EXPIRING:
        faults.add(NotByMethod(command.method.value).at("expires_at"))
    by_method = {
        "installments": (bool(command.installments), PaymentMethod.TERMS),
        "pix": (command.pix is not None, PaymentMethod.PIX),
        "boleto": (command.boleto is not None, PaymentMethod.BOLETO),
    }
    for name, (is_given, method) in by_method.items():
        if is_given and command.method is not method:
            faults.add(NotByMethod(command.method.value).at(name))
    if command.pix is not None:
        check_receiver(command.pix, faults, "pix")
    if command.boleto is not None:
        check_terms(command.boleto, faults, "boleto")
    faults.check()


def _open_amount(order: Order, present: Sequence[Payment]) -> Money:
    """Raises: NothingOutstanding."""
    left = order.outstanding_minor - sum(each.requested_minor for each in present)
    if left <= 0:
        raise NothingOutstanding
    return Money(left, order.currency)


def _made(uow: UnitOfWork, command: CreatePayment, order: Order, amount: Money) -> Payment:
    """Raises: InvalidBrCode, InvalidBoletoTerms."""
    due_on = command.installments[0].due_on if command.installments else command.due_on
    made = replace(
        new_payment(uow.new_id(), uow.now, order.id, command.method, amount),
        provider=command.provider,
        capture_at_once=command.capture_at_once,
        expires_at=command.expires_at,
        due_on=due_on,
        note=command.note,
    )
    if command.pix is not None:
        # The id of a transaction has at most 25 letters and digits.
        id = made.id.hex[-25:]
        made = replace(made, pay_code=br_code(command.pix, amount=amount, transaction_id=id))
    if command.boleto is not None:
        code = bar_code(command.boleto, due_on=due_on or uow.now.date(), amount=amount)
        made = replace(
            made, bar_code=code, pay_code=digit_line(code), due_on=due_on or uow.now.date()
        )
    return made


def _add(
    uow: UnitOfWork, order: Order, made: Payment, drafts: tuple[InstallmentDraft, ...]
) -> None:
    add(uow, payments, [made])
    rows = [
        Installment(made.id, position, each.due_on, each.amount.currency, each.amount.minor)
        for position, each in enumerate(drafts)
    ]
    add(uow, installments, rows)
    event = PaymentCreated(
        id=made.id,
        version=made.version,
        order_id=order.id,
        order=order.name,
        method=made.method,
        amount=str(made.amount),
        due_on=made.due_on,
    )
    uow.emit(event, after=made)


def _spend(uow: UnitOfWork, order: Order, made: Payment) -> None:
    """Raises: NoCustomerToCredit, InsufficientStoreCredit."""
    if order.customer_id is None:
        raise NoCustomerToCredit
    origin = Origin(CreditReason.SPENT, payment_id=made.id)
    change_credit(uow, order.customer_id, -made.amount, origin)
    after = write(uow, made, made, [Posting(TransactionKind.CAPTURE, made.amount_minor)])
    event = PaymentCaptured(
        after.id, after.version, order.id, order.name, after.method, str(after.amount)
    )
    uow.emit(event, before=made, after=after)
    book(uow, order)
