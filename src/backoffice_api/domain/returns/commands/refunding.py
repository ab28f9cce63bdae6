"""Paying back: money for pieces that came back or need not come, and goodwill besides.

M3: at most as many pieces as were inspected to be paid back or waived, and at most what they are
worth. Whoever pays back holds the orders and the return, so two at once pay one after the other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payments import queries as on_payments
from backoffice_api.domain.payments.model.payments import AmountNotPositive
from backoffice_api.domain.payments.model.refunds import (
    NOTE_LENGTH_MAX,
    PaymentOfAnotherOrder,
    PaymentShare,
    RefundDestination,
)
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands.exchange_settling import pay_anew
from backoffice_api.domain.returns.commands.paying import (
    Going,
    is_paid_here,
    pay_back,
    save_paid,
)
from backoffice_api.domain.returns.commands.writing import (
    Opened,
    check_pieces,
    opened,
)
from backoffice_api.domain.returns.model.drafts import RefundedDraft
from backoffice_api.domain.returns.model.inspections import MONEY, Resolution
from backoffice_api.domain.returns.model.refunds import (
    GoodwillNeedsReason,
    NotReceivedToRefund,
    RefundAboveWorth,
    RefundSuggestion,
    ReturnRefund,
    ReturnRefundKind,
    Terms,
    Worth,
    summed,
)
from backoffice_api.domain.returns.model.refusals import OrdersDiffer
from backoffice_api.domain.returns.model.returns import (
    LINES_MAX,
    LinePieces,
    ReturnLine,
)
from backoffice_api.domain.returns.tables import returns
from backoffice_api.domain.returns.tables.money import return_refund_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReturn(Command):
    """`lines` empty: all that may be paid back, as suggested.

    `destination` None: store credit if that was decided of all pieces, else the way it came.
    `shipping` None: the share of the delivery goes back as the policy says. `payments`: out of
    which payments; empty: the oldest of each order.
    """

    scope = Scope.REFUNDS_WRITE
    measures = True
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
    measures = True
    table = returns
    id: UUID
    amount: Money
    note: str
    order_id: UUID | None = None
    destination: RefundDestination = RefundDestination.ORIGINAL


def refund_return(uow: UnitOfWork, command: RefundReturn) -> UUID:
    """Pay pieces back that came, or need not come: out of the payments of each order. Its id.

    With no line named, what an exchange owes and was called off goes back, too.

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
    anew = () if command.lines else pay_anew(uow, of, command.destination, command.note)
    if not wanted and not anew:
        raise NotReceivedToRefund(0).at("lines")
    settled = _settled(uow, of, command, wanted)
    destination = command.destination or _destination(uow, settled)
    shares = _shares_by_order(uow, command, {each.order_id for each in settled})
    paid = list(anew)
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
    uow.check_amount(Scope.REFUNDS_WRITE, Money(more, of.before.currency))
    after = replace(of.before, refunded_minor=of.before.refunded_minor + more)
    save_paid(uow, of, after, _with_settled(of.lines, settled), paid)
    return of.before.id


def give_goodwill(uow: UnitOfWork, command: GiveGoodwill) -> UUID:
    """Give a customer more than pieces are worth, with a reason that is kept. Its id.

    Raises:
        UnknownReturn, InvalidTransition, InvalidText.
        GoodwillNeedsReason: no reason is given.
        AmountNotPositive, CurrencyMismatch, OrdersDiffer: the input is wrong.
        NothingToRefund, AmountExceeded, TooManyRefunds: the order was not paid that much.
        NoCustomerToCredit: there is nobody to give credit to.
        NotAllowed: no payment is behind it, and the caller may not give credit of its own.
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
    if order_id is None or not is_paid_here(of.orders[order_id], command.destination):
        # Nothing bounds it, and nobody approves it: as with any credit that is given so.
        uow.require_here(Scope.PAYMENTS_WRITE)
        uow.check_amount(Scope.PAYMENTS_WRITE, command.amount)
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
    save_paid(uow, of, replace(of.before, goodwill_minor=more), of.lines, [paid])
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


def _shares_by_order(
    uow: UnitOfWork, command: RefundReturn, order_ids: Collection[UUID | None]
) -> Mapping[UUID, Mapping[UUID, int]]:
    """What is to come out of which payments, by order. Raises: PaymentOfAnotherOrder."""
    if not command.payments:
        return {}
    known = on_payments.payments_by_ids(uow.db, {each.payment_id for each in command.payments})
    found: dict[UUID, dict[UUID, int]] = {}
    for position, each in enumerate(command.payments):
        payment = known.get(each.payment_id)
        if payment is None or payment.order_id not in order_ids:
            raise PaymentOfAnotherOrder().at("payments", position, "payment_id")
        if each.amount.currency != payment.currency:
            raise PaymentOfAnotherOrder().at("payments", position, "payment_id")
        of_order = found.setdefault(payment.order_id, {})
        of_order[payment.id] = of_order.get(payment.id, 0) + each.amount.minor
    return found


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
