"""What a bank statement says has come: receivables and payouts settled, and taken back.

For whoever knows the bank. What settles a receivable is noted as paid on its payment, so that its
order is paid as well; that a match was a mistake takes it back from both.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import EntryDraft, PostingDraft
from backoffice_api.domain.payments.commands.moving import (
    RecordIncoming,
    record_incoming,
    reverse_incoming,
)
from backoffice_api.domain.payments.model.payments import AmountNotPositive
from backoffice_api.domain.payments.queries import payments_by_ids
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.commands.following import follow_order, settle_captured
from backoffice_api.domain.receivables.commands.writing import Came, locked, settle
from backoffice_api.domain.receivables.model.events import PayoutSettled, PayoutUnsettled
from backoffice_api.domain.receivables.model.payouts import Payout, payout_state
from backoffice_api.domain.receivables.model.receivables import (
    Receivable,
    ReceivableKind,
    ReceivableState,
    SettledBeyondOpen,
    SettledByPayout,
    SettlementSource,
)
from backoffice_api.domain.receivables.tables import payouts


def settle_receivable(uow: UnitOfWork, id: UUID, amount: Money, booked_on: date) -> None:
    """Note that so much of a receivable came at the bank on a day.

    Its payment is noted as paid with it, which tells orders and the books.

    Raises:
        UnknownReceivable, CurrencyMismatch, AmountNotPositive.
        SettledByPayout: a provider pays it out with others.
        SettledBeyondOpen: less is open, or was written off.
    """
    _, before = locked(uow, id)
    _check(amount, before.currency)
    if before.kind is ReceivableKind.PAYOUT:
        raise SettledByPayout
    if amount.minor > before.open_minor + before.lost_minor:
        raise SettledBeyondOpen(before.money(before.open_minor + before.lost_minor)).at("amount")
    settle(uow, [Came(before, amount.minor, SettlementSource.BANK, booked_on)])
    _hand_over(uow, before, amount, booked_on)
    record_incoming(
        uow,
        RecordIncoming(id=before.payment_id, amount=amount, received_at=_noon(booked_on)),
    )


def unsettle_receivable(uow: UnitOfWork, id: UUID, amount: Money, booked_on: date) -> None:
    """Take back what the bank was believed to have brought.

    Raises:
        UnknownReceivable, CurrencyMismatch, AmountNotPositive.
        SettledBeyondOpen: less has settled it.
        AmountExceeded: it was paid back to the buyer since.
    """
    order, before = locked(uow, id)
    _check(amount, before.currency)
    if amount.minor > before.settled_minor:
        raise SettledBeyondOpen(before.settled).at("amount")
    settle(uow, [Came(before, -amount.minor, SettlementSource.BANK, booked_on)])
    _hand_over(uow, before, -amount, booked_on)
    reverse_incoming(uow, before.payment_id, amount, before.due_on, _noon(booked_on))
    # What was paid beyond the rest had nothing to settle until now.
    settle_captured(uow, payments_by_ids(uow.db, [before.payment_id])[before.payment_id])
    follow_order(uow, order.id)


def settle_payout(uow: UnitOfWork, id: UUID, amount: Money, booked_on: date) -> None:
    """Note that so much of a payout came at the bank on a day. Below zero: it went.

    Raises:
        UnknownPayout, CurrencyMismatch, AmountNotPositive.
        SettledBeyondOpen: less is open.
    """
    before = _locked_payout(uow, id)
    _check(amount if before.amount_minor > 0 else -amount, before.currency)
    if abs(amount.minor) > abs(before.open_minor):
        raise SettledBeyondOpen(before.open).at("amount")
    after = _with_settled(uow, before, amount, booked_on)
    event = PayoutSettled(after.id, after.version, after.reference, str(amount), str(after.open))
    uow.emit(event, before=before, after=after)


def unsettle_payout(uow: UnitOfWork, id: UUID, amount: Money, booked_on: date) -> None:
    """Take back what the bank was believed to have brought of a payout.

    Raises:
        UnknownPayout, CurrencyMismatch, AmountNotPositive.
        SettledBeyondOpen: less has settled it.
    """
    before = _locked_payout(uow, id)
    _check(amount if before.amount_minor > 0 else -amount, before.currency)
    if abs(amount.minor) > abs(before.settled_minor):
        raise SettledBeyondOpen(before.settled).at("amount")
    after = _with_settled(uow, before, -amount, booked_on)
    event = PayoutUnsettled(after.id, after.version, after.reference, str(amount), str(after.open))
    uow.emit(event, before=before, after=after)


def _hand_over(uow: UnitOfWork, of: Receivable, amount: Money, booked_on: date) -> None:
    """Leave it to the bank account where the money is.

    That the payment was noted as paid is posted with it: the money is with the bank, or in hand,
    and is owed no more. The line of the statement is posted against what is owed as well; so that
    is owed once more here, and the account that the payment named has nothing of it.
    """
    is_cash = of.kind is ReceivableKind.CASH_ON_DELIVERY
    debit, credit = AccountRole.RECEIVABLES, AccountRole.CASH if is_cash else AccountRole.BANK
    if amount.minor < 0:
        debit, credit = credit, debit
    draft = EntryDraft(
        source=f"receivable_at_bank:{uow.new_id().hex}",
        booked_on=booked_on,
        description="Paid to the bank account of the statement",
        postings=[PostingDraft(debit=debit, credit=credit, amount=abs(amount))],
        subject=("rcv", of.id),
    )
    post(uow, draft)


def _locked_payout(uow: UnitOfWork, id: UUID) -> Payout:
    """Raises: UnknownPayout."""
    uow.db.execute(select(payouts.c.id).where(payouts.c.id == id).with_for_update())
    return queries.payout(uow.db, id)


def _with_settled(uow: UnitOfWork, before: Payout, amount: Money, booked_on: date) -> Payout:
    after = replace(
        before,
        settled_minor=before.settled_minor + amount.minor,
        open_minor=before.open_minor - amount.minor,
    )
    state = payout_state(after, uow.now.date())
    is_settled = state is ReceivableState.SETTLED
    after = replace(after, state=state, settled_on=booked_on if is_settled else None)
    return save(uow, payouts, before, after)


def _check(amount: Money, currency: str) -> None:
    """Raises: CurrencyMismatch, AmountNotPositive."""
    if amount.currency != currency:
        raise CurrencyMismatch(currency, amount.currency).at("amount")
    if amount.minor <= 0:
        raise AmountNotPositive().at("amount")


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
