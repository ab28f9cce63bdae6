"""Receiving: what arrived goes on stock at its cost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import Variant
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands.goods import Goods, move_goods
from backoffice_api.domain.purchasing.commands.scans import (
    Arrival,
    ReceivedLine,
    arrivals,
    pieces_of,
)
from backoffice_api.domain.purchasing.commands.series import draw
from backoffice_api.domain.purchasing.commands.writing import (
    in_state,
    move,
    put_lines,
    save_order,
)
from backoffice_api.domain.purchasing.model.lines import (
    LINES_MAX,
    OverReceipt,
    PurchaseOrderLine,
    cancelled,
    receivable,
    short_enough,
    status_after,
    with_lines,
)
from backoffice_api.domain.purchasing.model.orders import PurchaseOrder, PurchaseOrderReceived
from backoffice_api.domain.purchasing.model.receipts import (
    Charge,
    NothingReceived,
    Receipt,
    ReceiptChargesSet,
    ReceiptLine,
    ReceiptMade,
    ReceivedLater,
    UnknownReceipt,
    check_charges,
    landed,
)
from backoffice_api.domain.purchasing.model.series import DocumentKind
from backoffice_api.domain.purchasing.model.suppliers import Supplier
from backoffice_api.domain.purchasing.tables.orders import (
    purchase_orders,
    receipt_charges,
    receipt_lines,
    receipts,
)
from backoffice_api.domain.stock.commands.revaluing import revalue
from backoffice_api.domain.stock.model.costs import Recosted
from backoffice_api.domain.stock.model.movements import Cause

_PUT_COSTS = UpdateEach(
    lambda given: (
        receipt_lines.update()
        .where(receipt_lines.c.id == given("id"))
        .values(charges_minor=given("charges_minor"), unit_cost_micro=given("unit_cost_micro"))
    ),
    id=Id(),
    charges_minor=receipt_lines.c.charges_minor.type,
    unit_cost_micro=receipt_lines.c.unit_cost_micro.type,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivePurchase(Command):
    """`id` is that of the order. `received_at` None: now. `delivery_note`: the supplier's."""

    scope = Scope.PURCHASING_WRITE
    table = purchase_orders
    id: UUID
    lines: tuple[ReceivedLine, ...]
    charges: tuple[Charge, ...] = ()
    delivery_note: str | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReceiptCharges(Command):
    """The charges take the place of those that were."""

    scope = Scope.PURCHASING_WRITE
    table = receipts
    id: UUID
    charges: tuple[Charge, ...]


def receive_purchase(uow: UnitOfWork, command: ReceivePurchase) -> UUID:
    """Take in what arrived: accepted pieces go on stock at their cost. Id of the receipt.

    Rejected pieces stay open, since the supplier still owes them. What is missing of a line
    within the supplier's tolerance is called off.

    Raises:
        UnknownPurchaseOrder, InvalidTransition, UnknownPurchaseOrderLine, CodeNotOrdered.
        OverReceipt: more arrived than the supplier's policy allows.
        WeightUnknown, NothingToBear, CurrencyMismatch: the charges cannot be spread.
        NothingReceived, ReceiptLineUnnamed, ReceivedLater, OutOfRange, InvalidText, TooMany.
        ArchivedLocation: its location is out of use.
        LotNeeded, LotNotTracked, SerialElsewhere: the lots are wrong.
    """
    before = queries.locked_order(uow.db, command.id)
    order = move(uow, before, "receive")
    present = queries.lines_of(uow.db, before.id)
    supplier = queries.supplier(uow.db, before.supplier_id)
    arrived = _checked(uow, command, before, present, supplier)
    variants = products.variants_by_ids(uow.db, {each.line.variant_id for each in arrived})

    receipt_id = uow.new_id()
    made = _lines(uow, receipt_id, arrived, variants)
    skus = {id: each.sku for id, each in variants.items()}
    made = landed(made, command.charges, skus)
    lines = _received(present, arrived, supplier)
    put_lines(uow, lines)
    order = in_state(uow, with_lines(order, lines), status_after(before.status, lines))
    after = save_order(uow, before, order)

    # Everybody who sells the goods waits for their stock from here on.
    goods = [
        Goods(line.variant_id, line.accepted, line.unit_cost, line.bucket, each.lot)
        for line, each in zip(made, arrived, strict=True)
        if line.accepted
    ]
    move_goods(uow, before.location_id, goods, Cause("rcp", receipt_id))
    receipt = _receipt(uow, command, receipt_id, before, made)
    add(uow, receipts, [receipt])
    add(uow, receipt_lines, made)
    _add_charges(uow, receipt.id, command.charges)
    uow.emit(ReceiptMade(receipt.id, 1, receipt.number, before.id), after=receipt)
    event = PurchaseOrderReceived(after.id, after.version, after.name, receipt.number)
    uow.emit(event, before=before, after=after)
    return receipt.id


def set_receipt_charges(uow: UnitOfWork, command: SetReceiptCharges) -> UUID:
    """Say what a receipt cost besides its goods, and spread that over its lines. Its id.

    Pieces that are still there are worth more from now on, or less. What has left keeps the cost
    of its hour (ADR 0015): its share is a variance in the books. What the goods cost in the end
    stands on the lines of the receipt.

    Raises:
        UnknownReceipt.
        WeightUnknown, NothingToBear, CurrencyMismatch, AmountBelowZero, TooMany, InvalidText.
    """
    statement = select_as(Receipt, receipts).where(receipts.c.id == command.id)
    found = fetch(uow.db, Receipt, statement.with_for_update())
    if not found:
        raise UnknownReceipt(command.id).at("id")
    before = found[0]
    faults = Faults()
    check_charges(command.charges, before.currency, faults)
    faults.check()
    present = queries.lines_by_receipts(uow.db, [before.id])[before.id]
    variants = products.variants_by_ids(uow.db, {line.variant_id for line in present})
    skus = {id: each.sku for id, each in variants.items()}
    lines = landed(present, command.charges, skus)
    names = ("id", "charges_minor", "unit_cost_micro")
    _PUT_COSTS(uow.db, [{name: getattr(line, name) for name in names} for line in lines])
    charges_minor = sum(each.amount_minor for each in command.charges)
    after = save(uow, receipts, before, replace(before, charges_minor=charges_minor))
    uow.db.execute(delete(receipt_charges).where(receipt_charges.c.receipt_id == before.id))
    _add_charges(uow, before.id, command.charges)
    raised = revalue(uow, _recosted(present, lines), Cause("rcp", before.id))
    in_stock = str(raised or UnitPrice(0, before.currency))
    event = ReceiptChargesSet(
        after.id, after.version, after.number, str(after.charges_total), in_stock
    )
    uow.emit(event, before=before, after=after)
    return after.id


def _recosted(before: Sequence[ReceiptLine], after: Sequence[ReceiptLine]) -> Sequence[Recosted]:
    """What pieces that were taken cost now, and what was thought."""
    return [
        Recosted(
            new.variant_id, new.accepted, old.unit_cost_micro, new.unit_cost_micro, new.currency
        )
        for old, new in zip(before, after, strict=True)
        if old.unit_cost_micro is not None and new.unit_cost_micro is not None
    ]


def _checked(
    uow: UnitOfWork,
    command: ReceivePurchase,
    order: PurchaseOrder,
    present: Sequence[PurchaseOrderLine],
    supplier: Supplier,
) -> Sequence[Arrival]:
    """What arrived of each line. Raises all that is wrong with it."""
    faults = Faults()
    check_size(command.lines, faults, "lines", maximum=LINES_MAX)
    check_text(command.delivery_note, faults, "delivery_note")
    check_charges(command.charges, order.currency, faults)
    if not command.lines:
        faults.add(NothingReceived().at("lines"))
    if command.received_at is not None and command.received_at > uow.now:
        faults.add(ReceivedLater().at("received_at"))
    faults.check()
    arrived = arrivals(uow, faults, present, command.lines)
    faults.check()
    lines = {each.line.id: each.line for each in arrived}
    for id, accepted in pieces_of(arrived).items():
        if accepted > (maximum := receivable(lines[id], supplier)):
            faults.add(OverReceipt(lines[id].sku, maximum).at("lines"))
    faults.check()
    return arrived


def _lines(
    uow: UnitOfWork,
    receipt_id: UUID,
    arrived: Sequence[Arrival],
    variants: Mapping[UUID, Variant],
) -> Sequence[ReceiptLine]:
    """The lines of the receipt, without charges as yet."""
    return [
        ReceiptLine(
            id=uow.new_id(),
            receipt_id=receipt_id,
            order_line_id=each.line.id,
            variant_id=each.line.variant_id,
            position=position,
            accepted=each.accepted,
            rejected=each.rejected,
            rejection=each.rejection,
            bucket=each.bucket,
            lot_code=each.lot.code if each.lot else None,
            weight_g=variants[each.line.variant_id].weight_g,
            currency=each.line.currency,
            unit_price_micro=each.line.unit_price_micro,
            value_minor=each.line.unit_price.times(each.accepted).money.minor,
            charges_minor=0,
            unit_cost_micro=None,
        )
        for position, each in enumerate(arrived)
    ]


def _received(
    present: Sequence[PurchaseOrderLine], arrived: Sequence[Arrival], supplier: Supplier
) -> Sequence[PurchaseOrderLine]:
    """The lines of the order with what arrived of them."""
    accepted = pieces_of(arrived)
    rejected = Counter[UUID]()
    for each in arrived:
        rejected[each.line.id] += each.rejected
    lines = []
    for line in present:
        came = accepted.get(line.id, 0)
        line = replace(
            line, received=line.received + came, rejected=line.rejected + rejected[line.id]
        )
        if came and short_enough(line, supplier):
            line = cancelled(line, line.open)
        lines.append(line)
    return lines


def _receipt(
    uow: UnitOfWork,
    command: ReceivePurchase,
    id: UUID,
    order: PurchaseOrder,
    lines: Sequence[ReceiptLine],
) -> Receipt:
    number = draw(uow, DocumentKind.RECEIPT)
    return Receipt(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number=number.text,
        serial=number.serial,
        order_id=order.id,
        supplier_id=order.supplier_id,
        location_id=order.location_id,
        received_at=command.received_at or uow.now,
        delivery_note=command.delivery_note,
        currency=order.currency,
        goods_minor=sum(line.value_minor for line in lines),
        charges_minor=sum(each.amount_minor for each in command.charges),
    )


def _add_charges(uow: UnitOfWork, receipt_id: UUID, charges: Sequence[Charge]) -> None:
    rows = [
        {
            "receipt_id": receipt_id,
            "position": position,
            **{field.name: getattr(each, field.name) for field in fields(Charge)},
        }
        for position, each in enumerate(charges)
    ]
    if rows:
        uow.db.execute(receipt_charges.insert(), rows)
