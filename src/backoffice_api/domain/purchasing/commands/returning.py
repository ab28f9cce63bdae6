"""Returning: goods go back to the supplier, who owes what was paid for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands.goods import Goods, move_goods
from backoffice_api.domain.purchasing.commands.series import draw
from backoffice_api.domain.purchasing.commands.writing import (
    asked_quantities,
    put_lines,
    save_order,
)
from backoffice_api.domain.purchasing.model.lines import PurchaseOrderLine
from backoffice_api.domain.purchasing.model.orders import (
    MACHINE,
    NOTE_LENGTH_MAX,
    PurchaseOrder,
    PurchaseOrderReturned,
)
from backoffice_api.domain.purchasing.model.receipts import (
    NothingReceived,
    PurchaseReturn,
    PurchaseReturnLine,
    PurchaseReturnMade,
)
from backoffice_api.domain.purchasing.model.series import DocumentKind
from backoffice_api.domain.purchasing.model.suppliers import AmountBelowZero
from backoffice_api.domain.purchasing.tables.orders import (
    purchase_orders,
    purchase_return_lines,
    purchase_returns,
)
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.lots import LotDraft
from backoffice_api.domain.stock.model.movements import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    """Pieces of a line that go back, out of a bucket, and of a lot where the variant is tracked.

    `amount` None: what they cost on the order.
    """

    line_id: UUID
    quantity: int
    amount: Money | None = None
    bucket: Bucket = Bucket.SELLABLE
    lot: LotDraft | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPurchase(Command):
    """`id` is that of the order."""

    scope = Scope.PURCHASING_WRITE
    table = purchase_orders
    id: UUID
    lines: tuple[ReturnedLine, ...]
    reason: str


def return_purchase(uow: UnitOfWork, command: ReturnPurchase) -> UUID:
    """Send goods back to the supplier, with a debit note. Id of the return.

    They leave the location where they arrived. They are not ordered again by that.

    Raises:
        UnknownPurchaseOrder, InvalidTransition, UnknownPurchaseOrderLine.
        MoreThanLeft: fewer pieces of a line were received and not yet returned.
        InsufficientStock: they are not there any more, or promised.
        NothingReceived, CurrencyMismatch, AmountBelowZero, OutOfRange, Duplicate, TooMany,
        InvalidText: the input is wrong.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("return", before.status)
    present = {line.id: line for line in queries.lines_of(uow.db, before.id)}
    quantities = _checked(command, before, list(present.values()))

    return_id = uow.new_id()
    lines = [
        _line(uow, return_id, present[each.line_id], each, position)
        for position, each in enumerate(command.lines)
    ]
    went = [
        replace(present[id], returned=present[id].returned + quantity)
        for id, quantity in quantities.items()
    ]
    put_lines(uow, went)
    after = save_order(uow, before, before)
    goods = [
        Goods(present[each.line_id].variant_id, -each.quantity, None, each.bucket, each.lot)
        for each in command.lines
    ]
    move_goods(uow, before.location_id, goods, Cause("prt", return_id))
    made = _made(uow, return_id, before, lines, command.reason)
    add(uow, purchase_returns, [made])
    add(uow, purchase_return_lines, lines)
    told = PurchaseReturnMade(made.id, 1, made.number, before.id, str(made.amount))
    uow.emit(told, after=made)
    event = PurchaseOrderReturned(after.id, after.version, after.name, made.number)
    uow.emit(event, before=before, after=after)
    return made.id


def _checked(
    command: ReturnPurchase, order: PurchaseOrder, present: Sequence[PurchaseOrderLine]
) -> Mapping[UUID, int]:
    """Pieces by line. Raises all that is wrong with the input."""
    faults = Faults()
    check_text(command.reason, faults, "reason", maximum=NOTE_LENGTH_MAX)
    if not command.lines:
        faults.add(NothingReceived().at("lines"))
    for position, each in enumerate(command.lines):
        _check_amount(faults, each.amount, order.currency, "lines", position, "amount")
    faults.check()
    asked = [(each.line_id, each.quantity) for each in command.lines]
    return asked_quantities(present, asked, of="returnable")


def _line(
    uow: UnitOfWork, return_id: UUID, line: PurchaseOrderLine, each: ReturnedLine, position: int
) -> PurchaseReturnLine:
    amount = each.amount
    if amount is None:
        amount = line.unit_price.times(each.quantity).money
    return PurchaseReturnLine(
        id=uow.new_id(),
        return_id=return_id,
        order_line_id=line.id,
        variant_id=line.variant_id,
        position=position,
        quantity=each.quantity,
        currency=line.currency,
        amount_minor=amount.minor,
    )


def _made(
    uow: UnitOfWork,
    id: UUID,
    order: PurchaseOrder,
    lines: Sequence[PurchaseReturnLine],
    reason: str,
) -> PurchaseReturn:
    number = draw(uow, DocumentKind.DEBIT_NOTE)
    amount = Money(sum(each.amount_minor for each in lines), order.currency)
    return PurchaseReturn(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number=number.text,
        serial=number.serial,
        order_id=order.id,
        supplier_id=order.supplier_id,
        location_id=order.location_id,
        reason=reason,
        currency=order.currency,
        amount_minor=amount.minor,
    )


def _check_amount(faults: Faults, amount: Money | None, currency: str, *path: str | int) -> None:
    if amount is None:
        return
    if amount.currency != currency:
        faults.add(CurrencyMismatch(currency, amount.currency).at(*path))
    if amount.minor < 0:
        faults.add(AmountBelowZero().at(*path))
