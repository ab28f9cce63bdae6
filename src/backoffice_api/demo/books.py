"""How the demo keeps its books: opened before the last weeks, with bills and a bank account."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from backoffice_api.demo.stage import Shop
from backoffice_api.domain.banking.commands.accounts import CreateBankAccount, create_bank_account
from backoffice_api.domain.bookkeeping.commands.opening import OpenBooks, open_books
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.commands.rates import (
    AddExchangeRates,
    SetBooks,
    add_exchange_rates,
    set_books,
)
from backoffice_api.domain.ledger.model.rates import RateDraft
from backoffice_api.domain.payables.commands.approving import SubmitBill, submit_bill
from backoffice_api.domain.payables.commands.entering import CreateBill, create_bill
from backoffice_api.domain.payables.model.drafts import BillLineDraft
from backoffice_api.domain.purchasing.queries import lines_by_orders

# Days ago.
OPENED = 60
BRL_IN_EUR = Decimal("0.16")


def opening(shop: Shop) -> Iterator[int]:
    at = shop.now - timedelta(days=OPENED)
    shop.run(set_books, SetBooks(base_currency="EUR"), at)
    rate = RateDraft(valid_on=at.date(), from_currency="BRL", to_currency="EUR", rate=BRL_IN_EUR)
    shop.run(add_exchange_rates, AddExchangeRates(source="demo", rates=(rate,)), at)
    shop.run(open_books, OpenBooks(), at)
    account = CreateBankAccount(
        name="House bank", opening=Money(2_500_000, "EUR"), opened_on=at.date()
    )
    shop.run(create_bank_account, account, at)
    yield 1


def bills(shop: Shop) -> Iterator[int]:
    """Of what was received: most are matched and to be paid, some are still drafts."""
    for number, (order_id, supplier_id, at) in enumerate(shop.received):
        lines = shop.read(lines_by_orders, [order_id])[order_id]
        bill = CreateBill(
            supplier_id=supplier_id,
            number=f"R-{10_000 + number}",
            issued_on=at.date(),
            lines=tuple(
                BillLineDraft(order_line_id=each.id, quantity=each.received)
                for each in lines
                if each.received
            ),
        )
        id = shop.run(create_bill, bill, at)
        if number % 4:
            shop.run(submit_bill, SubmitBill(id=id), at + timedelta(hours=3))
        yield 1
