"""Each check is silent on what commands wrote, and finds what they would never write."""

import pytest
from sqlalchemy import update

from backoffice_api.domain.payables.commands.crediting import ApplyCreditNote, apply_credit_note
from backoffice_api.domain.payables.commands.paying import RecordBillPayment, record_bill_payment
from backoffice_api.domain.payables.model.bills import BillKind
from backoffice_api.domain.payables.tables.bills import bill_instalments, bill_lines, bills
from backoffice_api.domain.payables.tables.matching import billed_lines
from tests.payables.accounting import Accounting
from tests.purchasing.desk import euros

BILL, LINE = bills.c, bill_lines.c
GOODS = LINE.order_line_id.is_not(None)

WRONG = {
    "paid without a payment": ({"F3"}, update(bills).values(paid_minor=BILL.paid_minor + 1)),
    "a discount nobody gave": (
        {"F3"},
        update(bills).values(discounted_minor=BILL.discounted_minor + 1),
    ),
    "credited without a note": (
        {"F3-credits"},
        update(bills).values(credited_minor=BILL.credited_minor + 1),
    ),
    "a state that sums deny": ({"F3-status"}, update(bills).values(status="approved")),
    "owed and not in the books": ({"F3-posted"}, update(bills).values(entry_id=None)),
    "in the books and not owed": ({"F3-posted"}, update(bills).values(approved_by_kind=None)),
    "lines that come to more": (
        {"F3-totals"},
        update(bill_lines).values(amount_minor=LINE.amount_minor + 1),
    ),
    "instalments that come to less": (
        {"F3-totals"},
        update(bill_instalments).values(amount_minor=bill_instalments.c.amount_minor - 1),
    ),
    "pieces counted by nobody": (
        {"F4"},
        update(billed_lines).values(quantity=billed_lines.c.quantity - 1),
    ),
    "a line that does not count": (
        {"F4", "F4-lines"},
        update(bill_lines).where(GOODS).values(billed_quantity=0),
    ),
    "approved by who entered it": (
        {"F4-people"},
        update(bills).values(
            approved_by_kind=BILL.created_by_kind, approved_by_id=BILL.created_by_id
        ),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(books: Accounting, name: str) -> None:
    bill = books.approved(books.goods(6), books.service("10"))
    note = books.approved(books.service("4"), kind=BillKind.CREDIT_NOTE)
    books.world.run(apply_credit_note, ApplyCreditNote(id=note, bill_id=bill, amount=euros("3")))
    books.world.run(record_bill_payment, RecordBillPayment(id=bill, amount=euros("5")))
    assert books.broken() == []
    found, statement = WRONG[name]

    with books.world.database.writing.begin() as db:
        db.execute(statement)

    assert set(books.broken()) == found
