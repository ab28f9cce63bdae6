"""Each check is silent on what commands wrote, and finds what they would never write."""

import pytest
from sqlalchemy import update

from backoffice_api.domain.kernel.checks import verify
from backoffice_api.domain.purchasing.checks import CHECKS
from backoffice_api.domain.purchasing.commands.bank import (
    ApproveBankChange,
    ProposeBankChange,
    approve_bank_change,
    propose_bank_change,
)
from backoffice_api.domain.purchasing.commands.returning import (
    ReturnedLine,
    ReturnPurchase,
    return_purchase,
)
from backoffice_api.domain.purchasing.model.bank import BankChangeKind, BankDetails
from backoffice_api.domain.purchasing.model.receipts import Charge, ChargeBasis, ChargeKind
from backoffice_api.domain.purchasing.tables.orders import (
    purchase_order_lines,
    purchase_orders,
    purchase_return_lines,
    purchase_returns,
    receipt_charges,
    receipt_lines,
    receipts,
    series,
)
from backoffice_api.domain.purchasing.tables.suppliers import supplier_bank_accounts
from tests.purchasing.desk import ANNA, BERT, Desk

ORDER, LINE = purchase_orders.c, purchase_order_lines.c
RECEIPT, RECEIVED = receipts.c, receipt_lines.c

WRONG = {
    "a line rounded wrongly": (
        {"U1", "U2"},
        update(purchase_order_lines).values(subtotal_minor=LINE.subtotal_minor + 1),
    ),
    "an order that is not its lines": (
        {"U2"},
        update(purchase_orders).values(
            subtotal_minor=ORDER.subtotal_minor + 1, total_minor=ORDER.total_minor + 1
        ),
    ),
    "more received than came": (
        {"U3"},
        update(purchase_order_lines).values(received=LINE.received + 1),
    ),
    "fewer rejected than were": ({"U3"}, update(purchase_order_lines).values(rejected=0)),
    "received with pieces open": ({"U4"}, update(purchase_orders).values(status="received")),
    "sent with pieces received": ({"U4"}, update(purchase_orders).values(status="sent")),
    "goods that are not the lines": (
        {"U5"},
        update(receipts).values(goods_minor=RECEIPT.goods_minor + 1),
    ),
    "charges that are not spread": ({"U5"}, update(receipt_charges).values(amount_minor=99)),
    "a cost without its share": (
        {"U6"},
        update(receipt_lines).values(unit_cost_micro=RECEIVED.unit_price_micro),
    ),
    "a debit note that is not its lines": ({"U7"}, update(purchase_returns).values(amount_minor=1)),
    "a return that was not moved": (
        {"U3", "U8"},
        update(purchase_return_lines).values(quantity=2),
    ),
    "a number that is missing": (
        {"U9"},
        update(series).values(number_next=series.c.number_next + 1),
    ),
    "an account that nobody approved": (
        {"F8-numbers"},
        update(supplier_bank_accounts).values(iban="DE02120300000000202051"),
    ),
}


@pytest.fixture
def books(desk: Desk) -> Desk:
    """An order that was received in part, with freight, a return, and an approved account."""
    order = desk.sent((desk.a, 12))
    freight = Charge(ChargeKind.FREIGHT, ChargeBasis.VALUE, None, 100, "EUR")
    desk.receive(order, (0, 6, 1), charges=(freight,))
    back = ReturnedLine(line_id=desk.lines(order)[0].id, quantity=1)
    desk.world.run(return_purchase, ReturnPurchase(id=order, lines=(back,), reason="broken"))
    details = BankDetails("ACME", "DE89370400440532013000")
    proposed = ProposeBankChange(supplier_id=desk.acme, kind=BankChangeKind.ADD, details=details)
    change = desk.world.run(propose_bank_change, proposed, caller=ANNA).value
    desk.world.run(approve_bank_change, ApproveBankChange(id=change), caller=BERT)
    return desk


def found(desk: Desk, statement=None) -> set[str]:
    """Ids of the checks that do not hold after a statement, which is taken back."""
    with desk.world.database.writing.connect() as db:
        if statement is not None:
            db.execute(statement)
        broken = {each.check.id for each in verify(db, CHECKS) if not each.holds}
        db.rollback()
    return broken


def test_checks_are_silent_on_what_is_right(books: Desk) -> None:
    assert found(books) == set()


def test_checks_find_what_is_wrong(books: Desk) -> None:
    for what, (expected, statement) in WRONG.items():
        assert found(books, statement) == expected, what
