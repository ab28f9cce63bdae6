"""Paying back: money for pieces that came back or need not come, and goodwill besides.

M3: at most as many pieces as were inspected to be paid back or waived, and at most what they are
worth. Whoever pays back holds the orders and the return, so two at once pay one after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.commands.returning import allow
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.payments import queries as on_payments
from backoffice_api.domain.payments.commands.crediting import Origin, change_credit
from backoffice_api.domain.payments.commands.paying_back import Why, make_refunds, submit_if_free
from backoffice_api.domain.payments.commands.writing import book
from backoffice_api.domain.payments.model.credits import CreditReason
from backoffice_api.domain.payments.model.payments import AmountNotPositive, NothingToRefund
from backoffice_api.domain.payments.model.refunds import (
    NOTE_LENGTH_MAX,
    NoCustomerToCredit,
    PaymentOfAnotherOrder,
    PaymentShare,
    RefundDestination,
    RefundReason,
    allocated,
)
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands.writing import (
    Opened,
    check_pieces,
    opened,
    save_told,
    tell,
)
from backoffice_api.domain.returns.model.drafts import RefundedDraft
from backoffice_api.domain.returns.model.events import ReturnRefundMade
from backoffice_api.domain.returns.model.inspections import MONEY, Resolution
from backoffice_api.domain.returns.model.refunds import (
    GoodwillNeedsReason,
    NotReceivedToRefund,
    RefundAboveWorth,
    RefundSuggestion,
    ReturnRefund,
    ReturnRefundKind,
    SharesDiffer,
    Terms,
    Worth,
    summed,
)
from backoffice_api.domain.returns.model.returns import (
    LINES_MAX,
    LinePieces,
    OrdersDiffer,
    Return,
    ReturnLine,
)
from backoffice_api.domain.returns.tables import (
    return_refund_lines,
    return_refund_payments,
    return_refunds,
    returns,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReturn(Command):
    """`lines` empty: all that may be paid back, as suggested.

    `destination` None: store credit if that was decided of all pieces, else the way it came.
    `shipping` None: the share of the delivery goes back as the policy says. `payments`: out of
    which payments; empty: the oldest of each order.
    """

    scope = Scope.REFUNDS_WRITE
    table = returns
    id: UUID
    lines: tuple[RefundedDraft, ...] = ()
    destination: RefundDestination | None = None
    shipping: bool | None = None
    payments: tuple[PaymentShare, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveGoodwill(Command):
    """`order_id` None: the only one of the return; without any, it becomes store credit."""

    scope = Scope.REFUNDS_WRITE
    table = returns
    id: UUID
    amount: Money
    note: str
    order_id: UUID | None = None
    destination: RefundDestination = RefundDestination.ORIGINAL


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
            "refund_ids": self.refund_ids,
            "store_credit_id": row.store_credit_id,
        }


def refund_return(uow: UnitOfWork, command: RefundReturn) -> UUID:
    """Pay pieces back that came, or need not come: out of the payments of each order. Its id.

    Raises:
        UnknownReturn, InvalidTransition, UnknownReturnLine, Duplicate, OutOfRange, InvalidText.
        NotReceivedToRefund: so many pieces were neither inspected to be paid back nor waived.
        RefundAboveWorth: they are not worth that much.
        SharesDiffer, PaymentOfAnotherOrder: the payments named do not come to it.
        NothingToRefund, AmountExceeded, TooManyRefunds: the orders were not paid that much.
        NoCustomerToCredit: there is nobody to give credit to.
    """
    _check(command)
    of = opened(uow, command.id, "refund")
    wanted = command.lines or tuple(
        RefundedDraft(line_id=line.id, quantity=line.refundable)
        for line in of.lines
        if line.refundable > 0
    )
    if not wanted:
        raise NotReceivedToRefund(0).at("lines")
    settled = _settled(uow, of, command, wanted)
    destination = command.destination or _destination(uow, settled)
    shares = _shares_by_order(uow, command)
    paid = []
    for order_id in sorted({each.order_id for each in settled}, key=str):
        theirs = [each for each in settled if each.order_id == order_id]
        fee = sum(each.fee_minor for each in theirs)
        worth = summed([each.worth for each in theirs])
        going = Going(
            order_id,
            ReturnRefundKind.UNITS,
            destination if order_id else RefundDestination.STORE_CREDIT,
            worth.total - fee,
            worth,
            fee,
            command.note,
        )
        paid.append(pay_back(uow, of, going, shares.get(order_id) if order_id else None))
        _add_lines(uow, paid[-1].row, theirs)
    more = sum(each.row.amount_minor for each in paid)
    after = replace(of.before, refunded_minor=of.before.refunded_minor + more)
    _save(uow, of, after, _with_settled(of.lines, settled), paid)
    return of.before.id


def give_goodwill(uow: UnitOfWork, command: GiveGoodwill) -> UUID:
    """Give a customer more than pieces are worth, with a reason that is kept. Its id.

    Raises:
        UnknownReturn, InvalidTransition, InvalidText.
        GoodwillNeedsReason: no reason is given.
        AmountNotPositive, CurrencyMismatch, OrdersDiffer: the input is wrong.
        NothingToRefund, AmountExceeded, TooManyRefunds: the order was not paid that much.
        NoCustomerToCredit: there is nobody to give credit to.
    """
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    if not command.note.strip():
        faults.add(GoodwillNeedsReason().at("note"))
    if command.amount.minor <= 0:
        faults.add(AmountNotPositive().at("amount"))
    faults.check()
    of = opened(uow, command.id, "refund")
    if command.amount.currency != of.before.currency:
        raise CurrencyMismatch(of.before.currency, command.amount.currency).at("amount")
    order_id = command.order_id or (next(iter(of.orders)) if len(of.orders) == 1 else None)
    if (order_id is None and of.orders) or (order_id and order_id not in of.orders):
        raise OrdersDiffer("return").at("order_id")
    going = Going(
        order_id,
        ReturnRefundKind.GOODWILL,
        command.destination if order_id else RefundDestination.STORE_CREDIT,
        command.amount.minor,
        Worth(),
        0,
        command.note,
    )
    paid = pay_back(uow, of, going, None)
    more = of.before.goodwill_minor + command.amount.minor
    _save(uow, of, replace(of.before, goodwill_minor=more), of.lines, [paid])
    return of.before.id


def _check(command: RefundReturn) -> None:
    check_pieces([LinePieces(each.line_id, each.quantity) for each in command.lines])
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    check_size(command.payments, faults, "payments", maximum=LINES_MAX)
    faults.check()


def _settled(
    uow: UnitOfWork, of: Opened, command: RefundReturn, wanted: Sequence[RefundedDraft]
) -> Sequence[RefundSuggestion]:
    """What goes back for each line: as suggested, or as much as is said."""
    lines = [of.line(each.line_id, "lines", at, "line_id") for at, each in enumerate(wanted)]
    reasons = queries.reasons_by_ids(uow.db, {line.reason_id for line in lines if line.reason_id})
    faults, found = Faults(), list[RefundSuggestion]()
    for position, (draft, line) in enumerate(zip(wanted, lines, strict=True)):
        here = ("lines", position)
        if draft.quantity > line.refundable:
            faults.add(NotReceivedToRefund(max(0, line.refundable)).at(*here, "quantity"))
            continue
        of_line = line.terms(reasons.get(line.reason_id) if line.reason_id else None)
        if command.shipping is not None:
            of_line = Terms(of_line.fee_basis_points, command.shipping)
        suggestion = line.suggestion(draft.quantity, of_line)
        found.append(suggestion)
        if draft.amount is None:
            continue
        if draft.amount.currency != line.currency:
            fault = CurrencyMismatch(line.currency, draft.amount.currency)
            faults.add(fault.at(*here, "amount"))
            continue
        fee = suggestion.worth.total - draft.amount.minor
        if draft.amount.minor < 0 or not 0 <= fee <= suggestion.worth.items:
            most = Money(suggestion.worth.total, line.currency)
            faults.add(RefundAboveWorth(most).at(*here, "amount"))
        found[-1] = replace(suggestion, fee_minor=fee)
    faults.check()
    return found


def _destination(uow: UnitOfWork, settled: Sequence[RefundSuggestion]) -> RefundDestination:
    """Store credit where that, and nothing else, was decided of all the pieces."""
    decided = queries.inspections_by_lines(uow.db, [each.line_id for each in settled])
    said = {
        each.resolution
        for of_line in decided.values()
        for each in of_line
        if each.resolution in MONEY
    }
    if said == {Resolution.STORE_CREDIT}:
        return RefundDestination.STORE_CREDIT
    return RefundDestination.ORIGINAL


def _shares_by_order(uow: UnitOfWork, command: RefundReturn) -> Mapping[UUID, Mapping[UUID, int]]:
    """What is to come out of which payments, by order. Raises: PaymentOfAnotherOrder."""
    if not command.payments:
        return {}
    known = on_payments.payments_by_ids(uow.db, {each.payment_id for each in command.payments})
    found: dict[UUID, dict[UUID, int]] = {}
    for position, each in enumerate(command.payments):
        payment = known.get(each.payment_id)
        if payment is None or each.amount.currency != payment.currency:
            raise PaymentOfAnotherOrder().at("payments", position, "payment_id")
        of_order = found.setdefault(payment.order_id, {})
        of_order[payment.id] = of_order.get(payment.id, 0) + each.amount.minor
    return found


def pay_back(uow: UnitOfWork, of: Opened, going: Going, shares: Mapping[UUID, int] | None) -> Paid:
    """Have money paid back, and write down for what."""
    order = of.orders[going.order_id] if going.order_id else None
    refund_ids: tuple[UUID, ...] = ()
    credit_id = None
    if going.amount_minor and order and _is_paid_here(order, going):
        refund_ids = _refund(uow, order, going, shares)
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


def _is_paid_here(order: Order, going: Going) -> bool:
    """Of what was paid elsewhere, credit can be given all the same."""
    is_elsewhere = order.payment_status is PaymentStatus.NOT_TRACKED
    return not (is_elsewhere and going.destination is RefundDestination.STORE_CREDIT)


def _refund(
    uow: UnitOfWork, order: Order, going: Going, shares: Mapping[UUID, int] | None
) -> tuple[UUID, ...]:
    """Refunds of the payments of an order. Raises: SharesDiffer, NothingToRefund, ..."""
    present = on_payments.payments_of(uow.db, order.id)
    if not present:
        raise NothingToRefund
    # First, so that nobody takes what goes back for money that is missing.
    order = allow(uow, order, order.allowance_minor + going.amount_minor)
    if shares is None:
        shares = allocated(present, going.amount_minor)
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


def _add_lines(uow: UnitOfWork, row: ReturnRefund, settled: Sequence[RefundSuggestion]) -> None:
    uow.db.execute(
        return_refund_lines.insert(),
        [
            {
                "return_refund_id": row.id,
                "line_id": each.line_id,
                "quantity": each.quantity,
                "items_minor": each.worth.items,
                "tax_minor": each.worth.tax,
                "shipping_minor": each.worth.shipping,
                "fee_minor": each.fee_minor,
            }
            for each in settled
        ],
    )


def _with_settled(
    lines: Sequence[ReturnLine], settled: Sequence[RefundSuggestion]
) -> Sequence[ReturnLine]:
    by_line = {each.line_id: each for each in settled}
    return [
        replace(
            line.settling(each.worth),
            refunded=line.refunded + each.quantity,
            fee_minor=line.fee_minor + each.fee_minor,
        )
        if (each := by_line.get(line.id))
        else line
        for line in lines
    ]


def _save(
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
