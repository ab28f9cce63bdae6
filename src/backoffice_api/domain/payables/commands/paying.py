"""Paying: money that settles bills, in runs or by hand, and payments that came back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.posting import post_payments
from backoffice_api.domain.payables.commands.writing import save_bills
from backoffice_api.domain.payables.model.bills import MACHINE, Bill, with_money
from backoffice_api.domain.payables.model.events import BillPaid, BillPaymentReversed
from backoffice_api.domain.payables.model.refusals import (
    AmountAboveOpen,
    DiscountTooLate,
    NotAboveZero,
    PaymentCleared,
    PaymentReversed,
    UnknownBill,
)
from backoffice_api.domain.payables.model.settlements import (
    BY_STATEMENT,
    REFERENCE_LENGTH_MAX,
    BillPayment,
    BillPaymentMethod,
)
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.tables.bills import bill_payments, bills


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBillPayment(Command):
    """`amount` None: all that is open, less the discount. `discount` None: none is taken."""

    scope = Scope.BILLS_WRITE
    table = bills
    id: UUID
    amount: Money | None = None
    discount: Money | None = None
    paid_on: date | None = None
    method: BillPaymentMethod = BillPaymentMethod.BANK_TRANSFER
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseBillPayment(Command):
    scope = Scope.BILLS_WRITE
    payment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDraft:
    """Money that settles a part of a bill.

    `run_line_id`: the line of a payment run that it comes from; what that line had promised of the
    bill is free again. `is_posted`: the books know it already, from when the run was exported.
    """

    bill_id: UUID
    amount: Money
    discount_minor: int = 0
    paid_on: date
    method: BillPaymentMethod
    reference: str | None = None
    run_line_id: UUID | None = None
    attempt: int = 1
    is_posted: bool = False

    @property
    def settles_minor(self) -> int:
        return self.amount.minor + self.discount_minor


def record_bill_payment(uow: UnitOfWork, command: RecordBillPayment) -> UUID:
    """Note that a bill was paid outside of runs, or that a credit note was paid back. Its id.

    Raises:
        UnknownBill, InvalidTransition.
        AmountAboveOpen: less is open, or what is open is scheduled.
        DiscountTooLate: there is no such discount on that day.
        NotAboveZero, CurrencyMismatch, InvalidText: the input is wrong.
    """
    faults = Faults()
    check_text(command.reference, faults, "reference", maximum=REFERENCE_LENGTH_MAX)
    faults.check()
    bill = queries.locked_bill(uow.db, command.id)
    paid_on = command.paid_on or uow.now.date()
    discount = _checked_discount(uow, bill, command.discount, paid_on)
    free = Money(bill.open_minor - bill.scheduled_minor, bill.currency)
    amount = command.amount
    if amount is None:
        amount = free - Money(discount, bill.currency)
    draft = PaymentDraft(
        bill_id=bill.id,
        amount=amount,
        discount_minor=discount,
        paid_on=paid_on,
        method=command.method,
        # The one word that tells what a statement made, and nobody by hand.
        reference=None if command.reference == BY_STATEMENT else command.reference,
    )
    add_payments(uow, [draft])
    return bill.id


def reverse_bill_payment(uow: UnitOfWork, command: ReverseBillPayment) -> UUID:
    """Take a payment back that was noted by mistake, or that came back. Id of the bill.

    Raises:
        UnknownBillPayment.
        PaymentReversed: it was taken back before. PaymentCleared: a statement shows it.
    """
    reverse_payments(uow, [command.payment_id])
    return queries.payment(uow.db, command.payment_id).bill_id


def add_payments(uow: UnitOfWork, drafts: Sequence[PaymentDraft]) -> Sequence[BillPayment]:
    """Settle bills by payments. The payments, in the order given; a constant number of statements.

    Raises:
        UnknownBill, InvalidTransition, CurrencyMismatch, NotAboveZero.
        AmountAboveOpen: less of a bill is open, or what is open is scheduled by other lines.
    """
    if not drafts:
        return ()
    before = {each.id: each for each in queries.locked_bills(uow.db, {d.bill_id for d in drafts})}
    bills_now = dict(before)
    made = []
    for each in drafts:
        if each.bill_id not in bills_now:
            raise UnknownBill(each.bill_id).at("id")
        bills_now[each.bill_id] = _paid(bills_now[each.bill_id], each)
        made.append(_row(uow, each))
    saved = _save(uow, before, bills_now)
    add(uow, bill_payments, made)
    post_payments(
        uow, saved, [row for row, each in zip(made, drafts, strict=True) if not each.is_posted]
    )
    for row in made:
        bill = saved[row.bill_id]
        event = BillPaid(
            bill.id, bill.version, bill.supplier_id, bill.number, row.id, str(row.amount)
        )
        uow.emit(event, before=before[bill.id], after=bill)
        before[bill.id] = bill
    return made


def reverse_payments(uow: UnitOfWork, ids: Sequence[UUID], *, are_under_way: bool = False) -> None:
    """Take payments back: what they settled is open again. A constant number of statements.

    `are_under_way`: they are lines of a run that the bank may pay yet. What they settled is
    promised again, and stands in the books as when the run was exported.

    Raises:
        UnknownBillPayment, PaymentReversed, PaymentCleared.
        InvalidTransition: the bill was taken over as paid, from another system.
    """
    payments = [queries.payment(uow.db, id) for id in ids]
    before = {each.id: each for each in queries.locked_bills(uow.db, {p.bill_id for p in payments})}
    # Read again below the lock: somebody else may have been faster.
    fresh = queries.payments_by_ids(uow.db, ids)
    taken_back = {
        each.reverses_id
        for of_one in queries.payments_by_bills(uow.db, before).values()
        for each in of_one
    }
    bills_now = dict(before)
    made = []
    for each in fresh.values():
        if each.reverses_id or each.id in taken_back:
            raise PaymentReversed
        if each.cleared_minor:
            raise PaymentCleared
        bill = bills_now[each.bill_id]
        if bill.approved_by_kind is None:
            # Taken over from another system: never posted here, and nobody here agreed to owe it.
            raise InvalidTransition("unsettle", bill.status.name, ())
        MACHINE.check("unsettle", bill.status)
        promised = each.amount_minor + each.discount_minor if are_under_way else 0
        bills_now[bill.id] = replace(
            bill,
            paid_minor=bill.paid_minor - each.amount_minor,
            discounted_minor=bill.discounted_minor - each.discount_minor,
            scheduled_minor=bill.scheduled_minor + promised,
        )
        made.append(_reversal(uow, each))
    saved = _save(uow, before, bills_now)
    add(uow, bill_payments, made)
    if not are_under_way:
        post_payments(uow, saved, made)
    for row in made:
        bill = saved[row.bill_id]
        event = BillPaymentReversed(
            bill.id, bill.version, bill.supplier_id, bill.number, row.id, str(-row.amount)
        )
        uow.emit(event, before=before[bill.id], after=bill)
        before[bill.id] = bill


def _checked_discount(uow: UnitOfWork, bill: Bill, discount: Money | None, paid_on: date) -> int:
    if discount is None:
        return 0
    if discount.currency != bill.currency:
        raise CurrencyMismatch(bill.currency, discount.currency).at("discount")
    if discount.minor < 0:
        raise NotAboveZero().at("discount")
    parts = queries.instalments_of(uow.db, bill.id)
    in_time = [each for each in parts if each.discount_until and each.discount_until >= paid_on]
    offered = sum(each.discount_minor for each in in_time) - bill.discounted_minor
    if discount.minor > offered:
        until = max((each.discount_until for each in parts if each.discount_until), default=None)
        raise DiscountTooLate(until).at("discount")
    return discount.minor


def _paid(bill: Bill, each: PaymentDraft) -> Bill:
    MACHINE.check("pay", bill.status)
    if each.amount.currency != bill.currency:
        raise CurrencyMismatch(bill.currency, each.amount.currency).at("amount")
    if each.amount.minor <= 0:
        raise NotAboveZero().at("amount")
    from_run = each.run_line_id is not None
    free = bill.open_minor - (0 if from_run else bill.scheduled_minor)
    if each.settles_minor > free:
        raise AmountAboveOpen(Money(free, bill.currency)).at("amount")
    freed = min(bill.scheduled_minor, each.settles_minor) if from_run else 0
    return replace(
        bill,
        paid_minor=bill.paid_minor + each.amount.minor,
        discounted_minor=bill.discounted_minor + each.discount_minor,
        scheduled_minor=bill.scheduled_minor - freed,
    )


def _save(
    uow: UnitOfWork, before: Mapping[UUID, Bill], now: Mapping[UUID, Bill]
) -> Mapping[UUID, Bill]:
    parts = queries.instalments_by_bills(uow.db, before)
    changes = [(before[id], with_money(bill, parts.get(id, ()))) for id, bill in now.items()]
    return {each.id: each for each in save_bills(uow, changes)}


def _row(uow: UnitOfWork, each: PaymentDraft) -> BillPayment:
    actor = uow.caller.actor
    return BillPayment(
        id=uow.new_id(),
        created_at=uow.now,
        bill_id=each.bill_id,
        method=each.method,
        paid_on=each.paid_on,
        currency=each.amount.currency,
        amount_minor=each.amount.minor,
        discount_minor=each.discount_minor,
        cleared_minor=0,
        reference=each.reference,
        run_line_id=each.run_line_id,
        attempt=each.attempt,
        reverses_id=None,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )


def _reversal(uow: UnitOfWork, each: BillPayment) -> BillPayment:
    actor = uow.caller.actor
    return replace(
        each,
        id=uow.new_id(),
        created_at=uow.now,
        paid_on=uow.now.date(),
        amount_minor=-each.amount_minor,
        discount_minor=-each.discount_minor,
        reverses_id=each.id,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )
