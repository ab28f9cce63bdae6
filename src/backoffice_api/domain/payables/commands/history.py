"""Payments of other systems, taken over as bills that are paid: the history of what was owed.

They are not posted: what happened before the books began is in their opening balances.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
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
    BillKind,
    BillStatus,
    number_key,
)
from backoffice_api.domain.payables.model.history import RECORDED_MAX, RecordedPayment
from backoffice_api.domain.payables.model.matching import MatchStatus
from backoffice_api.domain.payables.model.settlements import BillPaymentMethod
from backoffice_api.domain.payables.tables.bills import (
    bill_instalments,
    bill_lines,
    bill_payments,
    bills,
)
from backoffice_api.domain.purchasing.commands.history import RecordedSupplier, record_suppliers

# Under which those are kept of whom nobody says who they are.
NOBODY = "unnamed"


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
    of = _Taken(
        ids=[uow.new_id() for _ in payments],
        payments=payments,
        numbers=numbers,
        supplier_ids=[suppliers[each.supplier_key or NOBODY] for each in payments],
        moments=[days[each.paid_on] for each in payments],
        currency=currency,
    )
    _insert(uow, of)
    words = zip(of.ids, numbers, payments, strict=True)
    search.add(uow.db, "bil", {id: (number, each.supplier_name) for id, number, each in words})
    return new_suppliers


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is taken over, column by column."""

    ids: Sequence[UUID]
    payments: Sequence[RecordedPayment]
    numbers: Sequence[str]
    supplier_ids: Sequence[UUID]
    moments: Sequence[datetime]
    currency: str

    @property
    def amounts(self) -> Sequence[int]:
        return [abs(each.amount_minor) for each in self.payments]

    @property
    def days(self) -> Sequence[date]:
        return [each.paid_on for each in self.payments]


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


def _insert(uow: UnitOfWork, of: _Taken) -> None:
    """Write the bills, each with one line, and what was paid of those that come to something."""
    insert_many(uow.db, bills, _of_bills(uow, of))
    lines = {
        "id": [uow.new_id() for _ in of.ids],
        "bill_id": of.ids,
        "description": [each.description for each in of.payments],
        "amount_minor": of.amounts,
        "position": 0,
        "currency": of.currency,
        "tax_minor": 0,
        "billed_quantity": 0,
        "waived_quantity": 0,
    }
    insert_many(uow.db, bill_lines, _filled(lines, len(of.ids)))
    paid = [at for at, each in enumerate(of.payments) if each.amount_minor]
    if not paid:
        return
    shared = {
        "bill_id": [of.ids[at] for at in paid],
        "amount_minor": [abs(of.payments[at].amount_minor) for at in paid],
        "currency": of.currency,
        "discount_minor": 0,
    }
    due = [of.payments[at].paid_on for at in paid]
    parts = {**shared, "position": 0, "due_on": due}
    insert_many(uow.db, bill_instalments, _filled(parts, len(paid)))
    rows = {
        **shared,
        "id": [uow.new_id() for _ in paid],
        "created_at": [of.moments[at] for at in paid],
        "paid_on": due,
        "reference": [of.numbers[at] for at in paid],
        "method": BillPaymentMethod.OTHER,
        "cleared_minor": 0,
        "actor_kind": uow.caller.actor.kind.value,
        "actor_id": uow.caller.actor.id,
    }
    insert_many(uow.db, bill_payments, _filled(rows, len(paid)))


def _of_bills(uow: UnitOfWork, of: _Taken) -> Mapping[str, Sequence[Any]]:
    columns = {
        "id": of.ids,
        "version": 1,
        "created_at": of.moments,
        # Not when it was there: who follows the list by this time is to notice what came in.
        "updated_at": uow.now,
        "supplier_id": of.supplier_ids,
        "kind": [_kind(each) for each in of.payments],
        "status": BillStatus.PAID,
        "match_status": MatchStatus.MATCHED,
        "number": of.numbers,
        "number_key": [number_key(each) for each in of.numbers],
        "issued_on": of.days,
        "due_on": of.days,
        "currency": of.currency,
        "subtotal_minor": of.amounts,
        "tax_minor": 0,
        "total_minor": of.amounts,
        "scheduled_minor": 0,
        "paid_minor": of.amounts,
        "credited_minor": 0,
        "discounted_minor": 0,
        "note": "",
        "created_by_kind": uow.caller.actor.kind.value,
        "created_by_id": uow.caller.actor.id,
        "approved_at": of.moments,
    }
    return _filled(columns, len(of.ids))


def _filled(columns: Mapping[str, Any], count: int) -> Mapping[str, Sequence[Any]]:
    """Columns with a value per row: a list has them, anything else is the same in all rows."""
    return {
        name: each if isinstance(each, list) else [each] * count for name, each in columns.items()
    }
