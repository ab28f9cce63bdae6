"""What can be done with store credit: given, taken, spent, and got back."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import bindparam, update

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.commands import moving
from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.customers.model.merging import CustomerMerged, CustomerMergeUndone
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import INT64_MAX, AmountTooLarge, Money
from backoffice_api.domain.kernel.rows import columns_of, insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.model.credits import (
    NOTE_LENGTH_MAX,
    CreditEntry,
    CreditReason,
    InsufficientStoreCredit,
    NothingToAdjust,
    StoreCredit,
)
from backoffice_api.domain.payments.model.events import StoreCreditChanged
from backoffice_api.domain.payments.tables import credit_entries, store_credits

_of = store_credits.c
# Guarded: the balance never falls below zero, nor rises above 64 bits, whoever else changes it.
_CHANGE = (
    update(store_credits)
    .where(
        _of.customer_id == bindparam("of"),
        _of.currency == bindparam("in_currency"),
        _of.balance_minor >= bindparam("balance_min"),
        _of.balance_minor <= bindparam("balance_max"),
    )
    .values(
        balance_minor=_of.balance_minor + bindparam("delta"),
        version=_of.version + 1,
        updated_at=bindparam("now"),
    )
    .returning(*columns_of(StoreCredit, store_credits))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustStoreCredit(Command):
    """`delta` above zero gives, below zero takes."""

    scope = Scope.PAYMENTS_WRITE
    measures = True
    customer_id: UUID
    delta: Money
    note: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What credit came from, or went into."""

    reason: CreditReason
    payment_id: UUID | None = None
    refund_id: UUID | None = None
    note: str = ""


def adjust_store_credit(uow: UnitOfWork, command: AdjustStoreCredit) -> UUID:
    """Give a customer credit, or take it. Id of the account, which the first credit opens.

    Raises:
        UnknownCustomer: there is none.
        InsufficientStoreCredit: there is less than is to be taken.
        NothingToAdjust, InvalidText, AmountTooLarge: the input is wrong.
    """
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    if not command.delta:
        faults.add(NothingToAdjust().at("delta"))
    if not customers.customers_by_ids(uow.db, [command.customer_id]):
        faults.add(UnknownCustomer(command.customer_id).at("customer_id"))
    faults.check()
    uow.check_amount(Scope.PAYMENTS_WRITE, command.delta)
    origin = Origin(CreditReason.ADJUSTED, note=command.note)
    return change_credit(uow, command.customer_id, command.delta, origin).id


def change_credit(uow: UnitOfWork, customer_id: UUID, delta: Money, origin: Origin) -> StoreCredit:
    """Change a customer's credit in the currency of `delta`. The account as it is now.

    Raises:
        InsufficientStoreCredit, AmountTooLarge.
    """
    _open(uow, customer_id, delta.currency)
    given = {
        "of": customer_id,
        "in_currency": delta.currency,
        "delta": delta.minor,
        "balance_min": max(-delta.minor, 0),
        "balance_max": min(INT64_MAX, INT64_MAX - delta.minor),
        "now": uow.now,
    }
    row = uow.db.execute(_CHANGE, given).one_or_none()
    if row is None:
        raise _too_little_or_much(uow, customer_id, delta)
    after = StoreCredit(*row)
    entry = CreditEntry(
        id=uow.new_id(),
        created_at=uow.now,
        account_id=after.id,
        reason=origin.reason,
        currency=delta.currency,
        delta_minor=delta.minor,
        balance_minor=after.balance_minor,
        payment_id=origin.payment_id,
        refund_id=origin.refund_id,
        note=origin.note,
    )
    add(uow, credit_entries, [entry])
    uow.note(entry)
    event = StoreCreditChanged(
        after.id, after.version, customer_id, origin.reason, str(delta), str(after.balance)
    )
    before = replace(after, balance_minor=after.balance_minor - delta.minor)
    uow.emit(event, before=before, after=after)
    return after


def follow_merge(uow: UnitOfWork, event: CustomerMerged) -> None:
    """The credit of a duplicate goes to the customer that stays, currency by currency."""
    found = queries.store_credits_by_customers(uow.db, [event.from_id]).get(event.from_id, ())
    moved = [each for each in found if each.balance_minor]
    for each in moved:
        change_credit(uow, event.from_id, -each.balance, Origin(CreditReason.MERGED))
        change_credit(uow, event.id, each.balance, Origin(CreditReason.MERGED))
    rows = {each.id: {"minor": each.balance_minor, "currency": each.currency} for each in moved}
    moving.record(uow, event.merge_id, store_credits.name, rows)


def follow_undone_merge(uow: UnitOfWork, event: CustomerMergeUndone) -> None:
    """What came over goes back.

    Raises:
        InsufficientStoreCredit: some of it was spent.
    """
    for _, detail in moving.recorded(uow, event.merge_id, store_credits.name):
        amount = Money(detail["minor"], detail["currency"])
        change_credit(uow, event.id, -amount, Origin(CreditReason.MERGED))
        change_credit(uow, event.from_id, amount, Origin(CreditReason.MERGED))


def _open(uow: UnitOfWork, customer_id: UUID, currency: str) -> None:
    """Make the account, unless there is one."""
    row = {
        "id": uow.new_id(),
        "version": 0,
        "created_at": uow.now,
        "updated_at": uow.now,
        "customer_id": customer_id,
        "currency": currency,
        "balance_minor": 0,
    }
    insert_or_ignore(uow.db, store_credits, row)


def _too_little_or_much(
    uow: UnitOfWork, customer_id: UUID, delta: Money
) -> InsufficientStoreCredit | AmountTooLarge:
    accounts = queries.store_credits_by_customers(uow.db, [customer_id]).get(customer_id, ())
    (present,) = (each for each in accounts if each.currency == delta.currency)
    if delta.minor > 0:
        return AmountTooLarge(delta.currency, Money(INT64_MAX, delta.currency).amount)
    return InsufficientStoreCredit(present.balance)
