"""Crediting: credit notes set off against bills, and those that returned goods give rise to."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.entering import CreateBill, create_bill
from backoffice_api.domain.payables.commands.posting import post_credits
from backoffice_api.domain.payables.commands.writing import save_bills
from backoffice_api.domain.payables.model.bills import MACHINE, Bill, BillKind, with_money
from backoffice_api.domain.payables.model.drafts import BillLineDraft
from backoffice_api.domain.payables.model.events import (
    BillCredited,
    BillCreditReversed,
    CreditNoteApplied,
)
from backoffice_api.domain.payables.model.refusals import (
    AmountAboveOpen,
    CreditReversed,
    NotAboveZero,
    UnknownBill,
    UnknownBillCredit,
    WrongKindOfBill,
)
from backoffice_api.domain.payables.model.settlements import BillCredit
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.tables.bills import bill_credits, bills
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.model.receipts import PurchaseReturnMade


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyCreditNote(Command):
    """`id` is that of the credit note. `amount` None: as much as both have open."""

    scope = Scope.BILLS_WRITE
    table = bills
    id: UUID
    bill_id: UUID
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseBillCredit(Command):
    scope = Scope.BILLS_WRITE
    credit_id: UUID


def apply_credit_note(uow: UnitOfWork, command: ApplyCreditNote) -> UUID:
    """Set a credit note off against a bill of the same supplier. Id of the credit note.

    Raises:
        UnknownBill, InvalidTransition: of either of both.
        AmountAboveOpen: less is open on one side, or what is open is scheduled.
        WrongKindOfBill, CurrencyMismatch, NotAboveZero: the input is wrong.
    """
    found = {each.id: each for each in queries.locked_bills(uow.db, {command.id, command.bill_id})}
    if command.id not in found:
        raise UnknownBill(command.id).at("id")
    if command.bill_id not in found:
        raise UnknownBill(command.bill_id).at("bill_id")
    note, bill = found[command.id], found[command.bill_id]
    amount = _checked(note, bill, command.amount)
    parts = queries.instalments_by_bills(uow.db, found)
    changes = [
        (
            each,
            with_money(
                replace(each, credited_minor=each.credited_minor + amount.minor),
                parts.get(each.id, ()),
            ),
        )
        for each in (note, bill)
    ]
    note_now, bill_now = save_bills(uow, changes)
    credit = _row(uow, note, bill, amount)
    add(uow, bill_credits, [credit])
    post_credits(uow, {bill.id: bill_now}, [credit])
    text = str(amount)
    applied = CreditNoteApplied(
        note.id, note_now.version, note.supplier_id, note.number, bill.id, text
    )
    uow.emit(applied, before=note, after=note_now)
    credited = BillCredited(bill.id, bill_now.version, bill.supplier_id, bill.number, note.id, text)
    uow.emit(credited, before=bill, after=bill_now)
    return note.id


def reverse_bill_credit(uow: UnitOfWork, command: ReverseBillCredit) -> UUID:
    """Take back that a credit note was set off: both are open again by that. Id of the note.

    Raises:
        UnknownBillCredit, InvalidTransition.
        CreditReversed: it was taken back before.
    """
    credit = queries.credits_by_ids(uow.db, [command.credit_id]).get(command.credit_id)
    if credit is None:
        raise UnknownBillCredit(command.credit_id).at("credit_id")
    found = queries.locked_bills(uow.db, {credit.credit_note_id, credit.bill_id})
    # Read below the locks: somebody else may have been faster.
    of_bill = queries.credits_by_bills(uow.db, [credit.bill_id])[credit.bill_id]
    if credit.reverses_id or credit.id in {each.reverses_id for each in of_bill}:
        raise CreditReversed
    parts = queries.instalments_by_bills(uow.db, {each.id for each in found})
    changes = []
    for each in found:
        MACHINE.check("unsettle", each.status)
        less = replace(each, credited_minor=each.credited_minor - credit.amount_minor)
        changes.append((each, with_money(less, parts.get(each.id, ()))))
    saved = save_bills(uow, changes)
    back = _taken_back(uow, credit)
    add(uow, bill_credits, [back])
    post_credits(uow, {each.id: each for each in saved}, [back])
    for before, after in zip(found, saved, strict=True):
        event = BillCreditReversed(
            after.id,
            after.version,
            after.supplier_id,
            after.number,
            credit.id,
            str(credit.amount),
        )
        uow.emit(event, before=before, after=after)
    return credit.credit_note_id


def draft_debit_note(uow: UnitOfWork, event: PurchaseReturnMade) -> None:
    """Enter what a supplier owes for goods that went back, as a draft of a credit note."""
    returned = purchasing.returns_by_ids(uow.db, [event.id])[event.id]
    lines = purchasing.lines_by_returns(uow.db, [event.id]).get(event.id, ())
    drafts = [
        BillLineDraft(
            order_line_id=each.order_line_id,
            quantity=each.quantity,
            amount=Money(each.amount_minor, each.currency),
        )
        for each in lines
    ]
    command = CreateBill(
        supplier_id=returned.supplier_id,
        kind=BillKind.CREDIT_NOTE,
        number=returned.number,
        issued_on=uow.now.date(),
        currency=returned.currency,
        lines=tuple(drafts),
        due_on=uow.now.date(),
        note=returned.reason,
        purchase_return_id=returned.id,
        allow_similar=True,
    )
    create_bill(uow, command)


def _checked(note: Bill, bill: Bill, amount: Money | None) -> Money:
    """How much is set off. Raises what stands against it."""
    fits = note.kind is BillKind.CREDIT_NOTE and bill.kind is BillKind.BILL
    if not fits or note.supplier_id != bill.supplier_id:
        raise WrongKindOfBill().at("bill_id")
    if note.currency != bill.currency:
        raise CurrencyMismatch(note.currency, bill.currency).at("bill_id")
    for each in (note, bill):
        MACHINE.check("credit", each.status)
    free = min(each.open_minor - each.scheduled_minor for each in (note, bill))
    wanted = Money(free, bill.currency) if amount is None else amount
    if wanted.currency != bill.currency:
        raise CurrencyMismatch(bill.currency, wanted.currency).at("amount")
    if wanted.minor <= 0:
        raise NotAboveZero().at("amount")
    if wanted.minor > free:
        raise AmountAboveOpen(Money(free, bill.currency)).at("amount")
    return wanted


def _row(uow: UnitOfWork, note: Bill, bill: Bill, amount: Money) -> BillCredit:
    actor = uow.caller.actor
    return BillCredit(
        id=uow.new_id(),
        created_at=uow.now,
        credit_note_id=note.id,
        bill_id=bill.id,
        applied_on=uow.now.date(),
        currency=amount.currency,
        amount_minor=amount.minor,
        reverses_id=None,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )


def _taken_back(uow: UnitOfWork, credit: BillCredit) -> BillCredit:
    actor = uow.caller.actor
    return replace(
        credit,
        id=uow.new_id(),
        created_at=uow.now,
        applied_on=uow.now.date(),
        amount_minor=-credit.amount_minor,
        reverses_id=credit.id,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )
