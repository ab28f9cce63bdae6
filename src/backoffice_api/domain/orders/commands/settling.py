"""How far an order is paid, written onto it: the only place that does, whoever knows it."""

from collections.abc import Sequence
from dataclasses import fields, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.uow import SYSTEM, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.holds import take_off
from backoffice_api.domain.orders.commands.writing import save_order
from backoffice_api.domain.orders.model.holds import HOLDS_MAX, Hold, HoldKind, OrderHeld
from backoffice_api.domain.orders.model.orders import PROMISED, Order
from backoffice_api.domain.orders.model.parts import with_payment_status
from backoffice_api.domain.orders.model.payments import (
    OrderPaymentChanged,
    OrderWrittenOff,
    PaymentGate,
    PaymentSums,
    RefundedBeyondCaptured,
    passes,
)
from backoffice_api.domain.orders.tables import holds

NOTE = "Waits for the payment."
DISPUTED = "The buyer has asked the bank for the money back."


def record_payment(uow: UnitOfWork, before: Order, sums: PaymentSums) -> Order:
    """Write what all payments of an order come to; the order must be locked. It as it is now.

    A hold that the channel's gate asks for is placed or released with it.

    Raises:
        RefundedBeyondCaptured: more would be paid back than was paid.
    """
    if sums == sums_of(before):
        return before
    if sums.refunded_minor + sums.refunding_minor > sums.captured_minor:
        raise RefundedBeyondCaptured
    values = {each.name: getattr(sums, each.name) for each in fields(PaymentSums)}
    after = save_order(uow, before, with_payment_status(replace(before, **values)))
    event = OrderPaymentChanged(
        id=after.id,
        version=after.version,
        order=after.name,
        payment_status=after.payment_status,
        currency=after.currency,
        authorized_minor=after.authorized_minor,
        captured_minor=after.captured_minor,
        refunded_minor=after.refunded_minor,
    )
    uow.emit(event, before=before, after=after)
    return mind_gate(uow, before, after)


def note_written_off(uow: UnitOfWork, order_id: UUID, minor: int) -> None:
    """Write how much of what an order owes is given up, in all."""
    before = queries.locked_order(uow.db, order_id)
    if before.written_off_minor == minor:
        return
    after = save_order(uow, before, replace(before, written_off_minor=minor))
    event = OrderWrittenOff(after.id, after.version, after.name, str(after.written_off))
    uow.emit(event, before=before, after=after)


def sums_of(order: Order) -> PaymentSums:
    """What is written onto an order."""
    return PaymentSums(**{each.name: getattr(order, each.name) for each in fields(PaymentSums)})


def mind_gate(uow: UnitOfWork, before: Order, after: Order) -> Order:
    """Place or release the hold for want of payment, after a change of sums or of the total.

    `before` and `after`: the order before the change, and as it is stored now. A hold that
    somebody took off stays off until what was paid falls short anew. An order that waits for
    approval is held as well, so that its goods do not leave unpaid once it is approved.
    """
    if after.status not in PROMISED:
        return after
    gate = queries.channels_by_ids(uow.db, [after.channel_id])[after.channel_id].payment_gate
    if gate is PaymentGate.NONE and not after.has_hold:
        return after
    was_enough, is_enough = _passes(gate, before), _passes(gate, after)
    if is_enough and after.has_hold:
        return _release(uow, after, HoldKind.PAYMENT)
    if was_enough and not is_enough:
        return hold_for_payment(uow, after)
    return after


def hold_for_payment(uow: UnitOfWork, before: Order) -> Order:
    """Let an order wait for its payment, unless it does already. The order as it is now."""
    return _hold(uow, before, HoldKind.PAYMENT, NOTE)


def hold_for_dispute(uow: UnitOfWork, before: Order) -> Order:
    """Let what is left of an order wait while the bank decides on its money. It as it is now."""
    if before.status not in PROMISED:
        return before
    return _hold(uow, before, HoldKind.DISPUTE, DISPUTED)


def release_disputed(uow: UnitOfWork, before: Order) -> Order:
    """Let an order go on of which no dispute is left. The order as it is now."""
    return _release(uow, before, HoldKind.DISPUTE)


def _hold(uow: UnitOfWork, before: Order, kind: HoldKind, note: str) -> Order:
    """Hold an order for a reason of its money, unless it is held for it already."""
    present = _open(uow, before)
    if _waiting(present, kind) or len(present) >= HOLDS_MAX or not before.unshipped:
        return before
    hold = Hold(
        id=uow.new_id(),
        order_id=before.id,
        kind=kind,
        note=note,
        release_at=None,
        placed_at=uow.now,
        placed_by_kind=SYSTEM.kind.value,
        placed_by_id=None,
        released_at=None,
        released_by_kind=None,
        released_by_id=None,
    )
    add(uow, holds, [hold])
    after = save_order(uow, before, replace(before, has_hold=True))
    event = OrderHeld(after.id, after.version, after.name, hold.id, hold.kind, hold.note, None)
    uow.emit(event, before=before, after=after)
    return after


def hold_if_unpaid(uow: UnitOfWork, order_id: UUID, gate: PaymentGate) -> None:
    """Let an order that was just placed wait for its payment, if the gate asks for one."""
    order = queries.locked_order(uow.db, order_id)
    if not _passes(gate, order):
        hold_for_payment(uow, order)


def _passes(gate: PaymentGate, order: Order) -> bool:
    return passes(gate, total=order.due_minor, sums=sums_of(order))


def _release(uow: UnitOfWork, before: Order, kind: HoldKind) -> Order:
    present = _open(uow, before)
    waiting = _waiting(present, kind)
    if not waiting:
        return before
    return take_off(uow, before, waiting, others_stay=len(waiting) < len(present))


def _open(uow: UnitOfWork, order: Order) -> Sequence[Hold]:
    if not order.has_hold:
        return ()
    return queries.open_holds_by_orders(uow.db, [order.id]).get(order.id, ())


def _waiting(present: Sequence[Hold], kind: HoldKind) -> Sequence[Hold]:
    """Those that this file has placed: what people hold, people release."""
    return [
        each for each in present if each.kind is kind and each.placed_by_kind == SYSTEM.kind.value
    ]
