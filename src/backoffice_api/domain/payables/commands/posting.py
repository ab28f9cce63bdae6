"""What bills come to in the books.

Approved: goods at the price of the order against what is received and not billed, what they cost
beyond it as a variance, services on the account of their line, tax as input tax; all of it owed.
A credit note is the same with both sides turned round, against what suppliers owe; but goods that
went back are in the books from when they left.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import (
    AccountRef,
    Dimensions,
    EntryDraft,
    Posting,
    PostingDraft,
)
from backoffice_api.domain.ledger.tables import entries, postings
from backoffice_api.domain.payables.model.bills import Bill, BillKind, BillLine
from backoffice_api.domain.payables.model.settlements import (
    BillCredit,
    BillPayment,
    BillPaymentMethod,
)
from backoffice_api.domain.payables.queries import matching as matches
from backoffice_api.domain.purchasing import queries as purchasing


def post_approval(uow: UnitOfWork, bill: Bill, lines: Sequence[BillLine]) -> UUID | None:
    """Post what an approved bill comes to. The entry; None: it comes to nothing."""
    wanted = {each.order_line_id for each in lines if each.order_line_id}
    ordered = purchasing.lines_by_ids(uow.db, wanted) if wanted else {}
    product_ids = matches.product_ids_of(uow.db, list(ordered.values())) if ordered else {}
    owed = _owed_on(bill)
    made: list[PostingDraft] = []
    for each in lines:
        product_id = product_ids.get(each.order_line_id) if each.order_line_id else None
        about = Dimensions(supplier_id=bill.supplier_id, product_id=product_id)
        for account, amount in _shares(bill.kind, each):
            made += _posting(bill, account, owed, amount, about)
    word = "Bill" if bill.kind is BillKind.BILL else "Credit note"
    text = f"{word} {bill.number}"
    ids = post(uow, _draft(f"bill:{bill.id}", bill.issued_on, text, made, bill))
    return ids[0] if ids else None


def post_reversal(uow: UnitOfWork, bill: Bill) -> None:
    """Take the entry of a bill back, posting for posting, unless somebody did so in the books."""
    by_hand = select(exists().where(entries.c.reverses_id == bill.entry_id))
    if bill.entry_id is None or uow.db.execute(by_hand).scalar_one():
        return
    statement = select_as(Posting, postings).where(postings.c.entry_id == bill.entry_id)
    made = [
        PostingDraft(
            debit=each.credit_account_id,
            credit=each.debit_account_id,
            amount=each.amount,
            dimensions=Dimensions(
                channel_id=each.channel_id,
                supplier_id=each.supplier_id,
                product_id=each.product_id,
                location_id=each.location_id,
            ),
        )
        for each in fetch(uow.db, Posting, statement.order_by(postings.c.position))
    ]
    draft = EntryDraft(
        source=f"bill_void:{bill.id}",
        booked_on=uow.now.date(),
        description=f"Voided: {bill.number}",
        postings=made,
        subject=("bil", bill.id),
        reverses_id=bill.entry_id,
    )
    post(uow, draft)


def post_payments(
    uow: UnitOfWork, bills: Mapping[UUID, Bill], payments: Sequence[BillPayment]
) -> None:
    """Post money that settled bills, or came back where it is below zero."""
    post(uow, *(_of_payment(bills[each.bill_id], each) for each in payments))


def post_credits(
    uow: UnitOfWork, bills: Mapping[UUID, Bill], credits: Sequence[BillCredit]
) -> None:
    """Post what credit notes were set off for: owed less, and to be had less."""
    drafts = []
    for each in credits:
        bill = bills[each.bill_id]
        about = Dimensions(supplier_id=bill.supplier_id)
        made = _turned(AccountRole.PAYABLES, AccountRole.SUPPLIER_CREDITS, each.amount, about)
        text = f"Credit set off: {bill.number}"
        drafts.append(_draft(f"bill_credit:{each.id}", each.applied_on, text, made, bill))
    post(uow, *drafts)


def _owed_on(bill: Bill) -> AccountRole:
    is_bill = bill.kind is BillKind.BILL
    return AccountRole.PAYABLES if is_bill else AccountRole.SUPPLIER_CREDITS


def _shares(kind: BillKind, line: BillLine) -> Sequence[tuple[AccountRef, Money]]:
    tax = (AccountRole.INPUT_TAX, line.tax)
    if line.order_line_id is None:
        return [(line.account_id or AccountRole.PURCHASED_SERVICES, line.amount), tax]
    expected = line.amount if line.expected is None else line.expected
    variance = (AccountRole.PRICE_VARIANCE, line.amount - expected)
    if kind is BillKind.CREDIT_NOTE:
        # What goes back is posted when it leaves; only pieces that never left are not yet.
        quantity, waived = line.quantity or 0, line.waived_quantity
        expected = expected.allocate((waived, quantity - waived))[0]
    return [(AccountRole.GOODS_NOT_BILLED, expected), variance, tax]


def _posting(
    bill: Bill, account: AccountRef, owed: AccountRole, amount: Money, about: Dimensions
) -> Sequence[PostingDraft]:
    """A bill debits the account; a credit note credits it."""
    signed = amount if bill.kind is BillKind.BILL else -amount
    return _turned(account, owed, signed, about)


def _turned(
    debit: AccountRef, credit: AccountRef, amount: Money, about: Dimensions
) -> Sequence[PostingDraft]:
    """One posting, turned round where the amount is below zero; none where it is zero."""
    if not amount:
        return []
    if amount.minor < 0:
        debit, credit = credit, debit
    return [PostingDraft(debit=debit, credit=credit, amount=abs(amount), dimensions=about)]


def _of_payment(bill: Bill, payment: BillPayment) -> EntryDraft:
    about = Dimensions(supplier_id=bill.supplier_id)
    in_cash = payment.method is BillPaymentMethod.CASH
    out_of = AccountRole.CASH if in_cash else AccountRole.PAYMENTS_UNDER_WAY
    owed = _owed_on(bill)
    made = [
        *_posting(bill, owed, out_of, payment.amount, about),
        *_posting(bill, owed, AccountRole.PURCHASE_DISCOUNTS, payment.discount, about),
    ]
    word = "Payment taken back" if payment.reverses_id else "Payment"
    text = f"{word}: {bill.number}"
    return _draft(f"bill_payment:{payment.id}", payment.paid_on, text, made, bill)


def _draft(
    source: str, day: date, text: str, made: Sequence[PostingDraft], bill: Bill
) -> EntryDraft:
    return EntryDraft(
        source=source,
        booked_on=day,
        description=text,
        postings=made,
        subject=("bil", bill.id),
    )
