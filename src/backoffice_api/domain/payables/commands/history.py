"""Payments of other systems, taken over as bills that are paid: the history of what was owed.

They are not posted: what happened before the books began is in their opening balances.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.batches import insert_many
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.payables.model.bills import (
    Bill,
    BillKind,
    BillLine,
    BillStatus,
    Instalment,
    number_key,
)
from backoffice_api.domain.payables.model.history import RECORDED_MAX, RecordedPayment
from backoffice_api.domain.payables.model.matching import MatchStatus
from backoffice_api.domain.payables.model.settlements import BillPayment, BillPaymentMethod
from backoffice_api.domain.payables.tables.bills import (
    bill_instalments,
    bill_lines,
    bill_payments,
    bills,
)
from backoffice_api.domain.purchasing.commands.history import RecordedSupplier, record_suppliers

# Under which those are kept of whom nobody says who they are.
NOBODY = "unnamed"
_SHOWN_OF_DIGEST = 32


def record_payments(
    uow: UnitOfWork, system: str, currency: str, payments: Sequence[RecordedPayment]
) -> int:
    """Take over payments that are not known yet, each as a bill with its payment.

    What the supplier gave back is a credit note that was paid back. Answers how many suppliers
    are new. The number of statements is the same for any number of payments.

    Raises:
        NotAllowed: the caller lacks the scope imports:write.
        TooMany: they are more than `RECORDED_MAX`.
        InvalidText, SupplierCodeTaken: a supplier is wrong.
    """
    uow.require(Scope.IMPORTS_WRITE)
    faults = Faults()
    check_size(tuple(payments), faults, maximum=RECORDED_MAX)
    faults.check()
    told = len(uow.told)
    days = {each.paid_on: datetime.combine(each.paid_on, time(), UTC) for each in payments}
    suppliers = record_suppliers(
        uow,
        system,
        currency,
        [
            RecordedSupplier(each.supplier_key or NOBODY, each.supplier_name, days[each.paid_on])
            for each in payments
        ],
    )
    new_suppliers = len(uow.told) - told
    numbers = _numbers(uow, payments, suppliers)
    made = [
        _bill(uow, system, currency, each, suppliers, number, days)
        for each, number in zip(payments, numbers, strict=True)
    ]
    _insert(uow, payments, made)
    words = {
        bill.id: (bill.number, each.supplier_name, each.description)
        for bill, each in zip(made, payments, strict=True)
    }
    search.add(uow.db, "bil", words)
    return new_suppliers


def _numbers(
    uow: UnitOfWork, payments: Sequence[RecordedPayment], suppliers: Mapping[str, UUID]
) -> Sequence[str]:
    """The numbers they get; one that its supplier has used before is counted on."""
    wanted = select(bills.c.supplier_id, bills.c.kind, bills.c.number).where(
        among(bills.c.number, {each.number for each in payments})
    )
    used: Counter[tuple[UUID, BillKind, str]] = Counter(
        (row.supplier_id, row.kind, row.number) for row in uow.db.execute(wanted)
    )
    numbers = []
    for each in payments:
        key = (suppliers[each.supplier_key or NOBODY], _kind(each), each.number)
        used[key] += 1
        again = used[key] > 1
        numbers.append(f"{each.number} ({each.line})" if again else each.number)
    return numbers


def _kind(each: RecordedPayment) -> BillKind:
    return BillKind.CREDIT_NOTE if each.amount_minor < 0 else BillKind.BILL


def _bill(
    uow: UnitOfWork,
    system: str,
    currency: str,
    each: RecordedPayment,
    suppliers: Mapping[str, UUID],
    number: str,
    days: Mapping[date, datetime],
) -> Bill:
    actor, at = uow.caller.actor, days[each.paid_on]
    amount = abs(each.amount_minor)
    digest = sha256(each.key.encode()).hexdigest()[:_SHOWN_OF_DIGEST]
    return Bill(
        id=uow.new_id(),
        version=1,
        created_at=at,
        updated_at=uow.now,
        supplier_id=suppliers[each.supplier_key or NOBODY],
        kind=_kind(each),
        status=BillStatus.PAID,
        match_status=MatchStatus.MATCHED,
        number=number,
        number_key=number_key(number),
        issued_on=each.paid_on,
        due_on=each.paid_on,
        currency=currency,
        subtotal_minor=amount,
        tax_minor=0,
        total_minor=amount,
        scheduled_minor=0,
        paid_minor=amount,
        credited_minor=0,
        discounted_minor=0,
        note="",
        reason=None,
        purchase_return_id=None,
        source_reference=f"{system}:{digest}",
        entry_id=None,
        created_by_kind=actor.kind.value,
        created_by_id=actor.id,
        submitted_by_kind=None,
        submitted_by_id=None,
        submitted_at=None,
        waived_by_kind=None,
        waived_by_id=None,
        waiver_reason=None,
        approved_by_kind=None,
        approved_by_id=None,
        approved_at=at,
        voided_at=None,
    )


def _insert(uow: UnitOfWork, payments: Sequence[RecordedPayment], made: Sequence[Bill]) -> None:
    """Write the bills, each with one line, and what was paid of those that come to something."""
    insert_many(uow.db, bills, _by_columns(Bill, made))
    lines = [
        BillLine(
            id=uow.new_id(),
            bill_id=bill.id,
            position=0,
            description=each.description,
            order_line_id=None,
            account_id=None,
            quantity=None,
            unit_price_micro=None,
            currency=bill.currency,
            amount_minor=bill.total_minor,
            tax_minor=0,
            expected_minor=None,
            quantity_mismatch=None,
            price_mismatch=None,
            billed_quantity=0,
            waived_quantity=0,
        )
        for bill, each in zip(made, payments, strict=True)
    ]
    insert_many(uow.db, bill_lines, _by_columns(BillLine, lines))
    paid = [each for each in made if each.total_minor]
    if not paid:
        return
    parts = [
        Instalment(each.id, 0, each.due_on, each.currency, each.total_minor, 0, None)
        for each in paid
    ]
    insert_many(uow.db, bill_instalments, _by_columns(Instalment, parts))
    rows = [_payment(uow, each) for each in paid]
    insert_many(uow.db, bill_payments, _by_columns(BillPayment, rows))


def _payment(uow: UnitOfWork, bill: Bill) -> BillPayment:
    return BillPayment(
        id=uow.new_id(),
        created_at=bill.created_at,
        bill_id=bill.id,
        method=BillPaymentMethod.OTHER,
        paid_on=bill.issued_on,
        currency=bill.currency,
        amount_minor=bill.total_minor,
        discount_minor=0,
        cleared_minor=0,
        reference=bill.number,
        run_line_id=None,
        reverses_id=None,
        actor_kind=bill.created_by_kind,
        actor_id=bill.created_by_id,
    )


def _by_columns(shape: type[Any], rows: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    return {each.name: [getattr(row, each.name) for row in rows] for each in fields(shape)}
