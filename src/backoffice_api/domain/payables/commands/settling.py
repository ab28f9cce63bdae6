"""Settling: what a statement of the bank shows of payments and bills. For the bank's context.

A payment that is noted already is cleared by it; a bill without one is paid by it. In the books
that is PAYABLES against PAYMENTS_UNDER_WAY here, and the bank's context posts PAYMENTS_UNDER_WAY
against the bank account. Nothing is ever settled beyond what is open (F5).
"""

from datetime import date
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.payables.commands.paying import (
    PaymentDraft,
    add_payments,
    reverse_payments,
)
from backoffice_api.domain.payables.commands.returns_of_bank import reopen_line, settle_line
from backoffice_api.domain.payables.model.refusals import (
    AmountAboveOpen,
    NotAboveZero,
    PaymentReversed,
    UnknownBillPayment,
)
from backoffice_api.domain.payables.model.runs import RunLineStatus
from backoffice_api.domain.payables.model.settlements import (
    BY_STATEMENT,
    BillPayment,
    BillPaymentMethod,
    not_reversed,
)
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.queries.runs import locked_run, run_lines_by_ids
from backoffice_api.domain.payables.tables.bills import bill_payments


def settle_bill_payment(uow: UnitOfWork, id: UUID, amount: Money, booked_on: date) -> UUID:
    """A statement shows `amount` of a payment, or pays so much of a bill. Id of the payment.

    `id`: of a payment, of the line of a run, or of a bill. A line that is under way is settled.

    Raises:
        UnknownBillPayment, InvalidTransition, PaymentReversed, CurrencyMismatch, NotAboveZero.
        AmountAboveOpen: the bank has shown the rest already, or less of the bill is open.
    """
    if amount.minor <= 0:
        raise NotAboveZero().at("amount")
    payment = queries.payments_by_ids(uow.db, [id]).get(id) or queries.payment_of_run_line(
        uow.db, id
    )
    if payment is None:
        payment = _paid_by_line(uow, id, booked_on)
    if payment is None:
        payment = _paid_by_statement(uow, id, amount, booked_on)
    else:
        # Nobody takes the payment back while it is shown.
        queries.locked_bill(uow.db, payment.bill_id)
        if queries.is_reversed(uow.db, payment.id):
            raise PaymentReversed
    _clear(uow, payment, amount)
    return payment.id


def unsettle_bill_payment(uow: UnitOfWork, id: UUID, amount: Money, *, keeps: bool = False) -> None:
    """The statement does not show that after all. `id` as it was given to settle, or answered.

    A payment that the statement had made is taken back. `keeps`: there was one before.

    Raises:
        UnknownBillPayment, CurrencyMismatch.
        AmountAboveOpen: the bank has not shown so much of it.
    """
    payment = queries.payments_by_ids(uow.db, [id]).get(id) or queries.payment_of_run_line(
        uow.db, id
    )
    if payment is None:
        of_bill = not_reversed(queries.payments_by_bills(uow.db, [id]).get(id, ()))
        made = [
            each
            for each in of_bill
            if each.reference == BY_STATEMENT and each.cleared_minor == amount.minor
        ]
        if not made:
            raise UnknownBillPayment(id).at("id")
        payment = made[-1]
    queries.locked_bill(uow.db, payment.bill_id)
    _clear(uow, payment, -amount)
    if payment.reference == BY_STATEMENT and not keeps:
        reverse_payments(uow, [payment.id])


def unsettle_run_line(uow: UnitOfWork, payment_id: UUID, amount: Money) -> None:
    """The statement does not show that payment of a run after all: it is under way again.

    It stays paid where something else says that it is.

    Raises:
        UnknownBillPayment, CurrencyMismatch.
        AmountAboveOpen: the bank has not shown so much of it.
    """
    payment = queries.payment(uow.db, payment_id)
    if payment.run_line_id is None:
        raise UnknownBillPayment(payment_id).at("id")
    line = run_lines_by_ids(uow.db, [payment.run_line_id])[payment.run_line_id]
    # Runs are locked before their bills, as by those who settle.
    run = locked_run(uow.db, line.run_id)
    queries.locked_bill(uow.db, payment.bill_id)
    _clear(uow, payment, -amount)
    reopen_line(uow, run, payment)


def _paid_by_line(uow: UnitOfWork, id: UUID, booked_on: date) -> BillPayment | None:
    """The payment by the line `id` of a run that was given to the bank. None: there is no such."""
    line = run_lines_by_ids(uow.db, [id]).get(id)
    if line is None or line.status is not RunLineStatus.UNDER_WAY:
        return None
    settle_line(uow, line, booked_on)
    return queries.payment_of_run_line(uow.db, id)


def _paid_by_statement(uow: UnitOfWork, id: UUID, amount: Money, booked_on: date) -> BillPayment:
    if queries.bills_by_ids(uow.db, [id]).get(id) is None:
        raise UnknownBillPayment(id).at("id")
    draft = PaymentDraft(
        bill_id=id,
        amount=amount,
        paid_on=booked_on,
        method=BillPaymentMethod.BANK_TRANSFER,
        reference=BY_STATEMENT,
    )
    return add_payments(uow, [draft])[0]


def _clear(uow: UnitOfWork, payment: BillPayment, amount: Money) -> None:
    """One guarded statement: two who match the same payment cannot both have its last cent."""
    if amount.currency != payment.currency:
        raise CurrencyMismatch(payment.currency, amount.currency).at("amount")
    cleared = bill_payments.c.cleared_minor + amount.minor
    statement = update(bill_payments).where(
        bill_payments.c.id == payment.id,
        bill_payments.c.reverses_id.is_(None),
        cleared >= 0,
        cleared <= bill_payments.c.amount_minor,
    )
    if uow.db.execute(statement.values(cleared_minor=cleared)).rowcount == 0:
        shown = payment.amount - payment.cleared if amount.minor > 0 else payment.cleared
        raise AmountAboveOpen(shown).at("amount")
