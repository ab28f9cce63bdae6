"""What can be done with exchanges: asked for, reserved, released, settled, called off.

Whoever changes one holds its return and that one's orders first, as `writing` says. What is sent
is an order of its own; so stock, payments and invoices know nothing of exchanges.
"""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.payments.model.refunds import RefundDestination
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.returns.commands.exchange_sending import (
    can_be_cancelled,
    cancel,
    promised_by,
    release,
    reserve,
)
from backoffice_api.domain.returns.commands.exchange_settling import settle
from backoffice_api.domain.returns.commands.writing import opened
from backoffice_api.domain.returns.model.events import (
    ReturnApproved,
    ReturnCancelled,
    ReturnDeclined,
    ReturnExpired,
    ReturnReceived,
)
from backoffice_api.domain.returns.model.exchanges import (
    LINES_MAX,
    MACHINE,
    Exchange,
    ExchangeHasLeft,
    ExchangeLine,
    ExchangeNotReady,
    ExchangeRequested,
    ExchangeState,
    ExchangeUnderWay,
    NothingToExchange,
    SendWhen,
    facts_of,
)
from backoffice_api.domain.returns.model.refusals import NothingReturned
from backoffice_api.domain.returns.model.returns import (
    OPEN,
    QUANTITY_MAX,
    Return,
    ReturnState,
)
from backoffice_api.domain.returns.queries import exchanges as on_exchanges
from backoffice_api.domain.returns.tables.exchanges import (
    exchange_lines,
    exchanges,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingLine:
    """So many pieces that are to be sent. `unit_price` None: the list price of then."""

    variant_id: UUID
    quantity: int
    unit_price: UnitPrice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateExchange(Command):
    """Other goods for those of a return."""

    scope = Scope.RETURNS_WRITE
    return_id: UUID
    lines: tuple[OutgoingLine, ...]
    send_when: SendWhen = SendWhen.ON_RECEIPT


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleExchange(Command):
    """`method`: in which way a difference is asked for; `destination`: how one is paid back."""

    scope = Scope.REFUNDS_WRITE
    measures = True
    table = exchanges
    id: UUID
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER
    destination: RefundDestination = RefundDestination.ORIGINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelExchange(Command):
    scope = Scope.RETURNS_WRITE
    table = exchanges
    id: UUID


def create_exchange(uow: UnitOfWork, command: CreateExchange) -> UUID:
    """Ask for other goods; where the return is approved already, they are reserved now. Its id.

    Raises:
        UnknownReturn, UnknownVariant, CurrencyMismatch, OutOfRange, TooMany, NothingReturned.
        NothingToExchange: the return has ended, or is of no order.
        ExchangeUnderWay: another exchange of it is not settled.
        InsufficientStock, UnknownPrice, VariantNotForSale, ChannelNotActive: they cannot be sold.
    """
    of = opened(uow, command.return_id)
    _check(uow, command, of.before.currency)
    if of.before.status not in OPEN or not of.orders or not promised_by(uow, of):
        raise NothingToExchange().at("return_id")
    if live := on_exchanges.live_exchange(uow.db, of.before.id):
        raise ExchangeUnderWay(live.number).at("return_id")
    earlier = on_exchanges.exchanges_by_returns(uow.db, [of.before.id]).get(of.before.id, ())
    made = _new(uow, of.before, command, len(earlier) + 1)
    lines = [
        ExchangeLine(
            id=uow.new_id(),
            exchange_id=made.id,
            position=position,
            variant_id=each.variant_id,
            quantity=each.quantity,
            unit_price_micro=each.unit_price.micro if each.unit_price else None,
            currency=made.currency,
        )
        for position, each in enumerate(command.lines)
    ]
    add(uow, exchanges, [made])
    add(uow, exchange_lines, lines)
    uow.emit(ExchangeRequested(*facts_of(made)), after=made)
    if of.before.status is not ReturnState.REQUESTED:
        reserve(uow, of, made)
    return made.id


def settle_exchange(uow: UnitOfWork, command: SettleExchange) -> UUID:
    """Settle the difference, once: ask for what is missing, pay back what is too much. Its id.

    Goods that waited may leave then. Pieces that were inspected to be exchanged count as settled.

    Raises:
        UnknownExchange, InvalidTransition.
        ExchangeNotReady: pieces are still to come, or to be inspected.
        NothingToRefund, AmountExceeded, TooManyRefunds, NoCustomerToCredit: it cannot be paid back.
    """
    return_id = on_exchanges.exchange(uow.db, command.id).return_id
    of = opened(uow, return_id)
    present = on_exchanges.exchange(uow.db, command.id)
    MACHINE.check("settle", present.status)
    awaited, to_inspect = (sum(getattr(x, name) for x in of.lines) for name in _NOT_READY)
    if awaited or to_inspect:
        raise ExchangeNotReady(awaited, to_inspect)
    if present.status is ExchangeState.RESERVED:
        present = release(uow, present)
    settle(uow, of, present, command.method, command.destination)
    return present.id


def cancel_exchange(uow: UnitOfWork, command: CancelExchange) -> UUID:
    """Call an exchange off whose goods are in the house; its order is cancelled. Its id.

    Raises:
        UnknownExchange, InvalidTransition.
        ExchangeHasLeft: goods of it have left.
    """
    opened(uow, on_exchanges.exchange(uow.db, command.id).return_id)
    present = on_exchanges.exchange(uow.db, command.id)
    MACHINE.check("cancel", present.status)
    if not can_be_cancelled(uow, present):
        raise ExchangeHasLeft().at("id")
    cancel(uow, present)
    return present.id


def reserve_approved(uow: UnitOfWork, event: ReturnApproved) -> None:
    """Reserve what is wanted for a return that was just approved; without stock, it is not."""
    live = on_exchanges.live_exchange(uow.db, event.id)
    if live and live.status is ExchangeState.REQUESTED:
        reserve(uow, opened(uow, event.id), live)


def release_received(uow: UnitOfWork, event: ReturnReceived) -> None:
    """Let goods leave that waited for what is all here now."""
    live = on_exchanges.live_exchange(uow.db, event.id) if event.is_complete else None
    if live and live.status is ExchangeState.RESERVED:
        release(uow, live)


def follow_ended(uow: UnitOfWork, event: ReturnDeclined | ReturnCancelled | ReturnExpired) -> None:
    """Call off what was wanted for a return that ended with nothing here.

    What has left is asked for in full.
    """
    live = on_exchanges.live_exchange(uow.db, event.id)
    if live is None:
        return
    of = opened(uow, event.id)
    if of.before.status in OPEN or of.before.status is ReturnState.RESOLVED:
        return
    if can_be_cancelled(uow, live):
        cancel(uow, live)
    else:
        settle(uow, of, live, PaymentMethod.BANK_TRANSFER, RefundDestination.ORIGINAL)


_NOT_READY = ("awaited", "to_inspect")


def _check(uow: UnitOfWork, command: CreateExchange, currency: str) -> None:
    faults = Faults()
    check_size(command.lines, faults, "lines", maximum=LINES_MAX)
    if not command.lines:
        faults.add(NothingReturned().at("lines"))
    faults.check()
    known = products.variants_by_ids(uow.db, {each.variant_id for each in command.lines})
    for position, each in enumerate(command.lines):
        here = ("lines", position)
        check_range(each.quantity, faults, *here, "quantity", minimum=1, maximum=QUANTITY_MAX)
        if each.variant_id not in known:
            faults.add(UnknownVariant(each.variant_id.hex).at(*here, "variant_id"))
        if each.unit_price and each.unit_price.currency != currency:
            fault = CurrencyMismatch(currency, each.unit_price.currency)
            faults.add(fault.at(*here, "unit_price"))
    faults.check()


def _new(uow: UnitOfWork, of: Return, command: CreateExchange, count: int) -> Exchange:
    return Exchange(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number=f"{of.number}-X{count}",
        return_id=of.id,
        status=MACHINE.start,
        send_when=command.send_when,
        currency=of.currency,
        order_id=None,
        outgoing_minor=0,
        promised_minor=0,
        deducted_minor=0,
        earned_minor=0,
        surcharge_minor=0,
        refunded_minor=0,
        surcharge_order_id=None,
        settled_at=None,
    )
