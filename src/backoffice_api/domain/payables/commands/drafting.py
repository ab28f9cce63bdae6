"""Drafting: how what is entered of lines and instalments becomes rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.model.accounts import Account
from backoffice_api.domain.payables.model.bills import NOTE_LENGTH_MAX, Bill, BillLine, Instalment
from backoffice_api.domain.payables.model.drafts import BillLineDraft, InstalmentDraft
from backoffice_api.domain.payables.model.refusals import (
    GoodsOrService,
    InstalmentsDiffer,
    InstalmentWrong,
    OrderOfAnotherSupplier,
    QuantityNeeded,
    UnknownLedgerAccount,
)
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.model.lines import (
    QUANTITY_MAX,
    PurchaseOrderLine,
    UnknownPurchaseOrderLine,
)


@dataclass(frozen=True, slots=True)
class _Named:
    """What the drafts of the lines name."""

    order_lines: Mapping[UUID, PurchaseOrderLine]
    suppliers: Mapping[UUID, UUID]
    accounts: Mapping[UUID, Account]


def make_lines(uow: UnitOfWork, bill: Bill, drafts: Sequence[BillLineDraft]) -> Sequence[BillLine]:
    """Rows for the drafts, in their order. Raises all that is wrong with them."""
    named = _named(uow, drafts)
    faults = Faults()
    lines = []
    for position, each in enumerate(drafts):
        found = list(_wrong(each, bill, named))
        _check_numbers(each, faults, position)
        if found:
            faults.extend(fault.at("lines", position, *fault.path) for fault in found)
        else:
            lines.append(_line(uow, bill, position, each, named))
    faults.check()
    return lines


def make_instalments(
    bill: Bill, drafts: Sequence[InstalmentDraft], due_on: date
) -> Sequence[Instalment]:
    """Rows for the drafts; without any, one for all of it. None of a bill that comes to nothing.

    Raises:
        InstalmentsDiffer, InstalmentWrong, CurrencyMismatch.
    """
    if not drafts:
        if bill.total_minor == 0:
            return []
        return [Instalment(bill.id, 0, due_on, bill.currency, bill.total_minor, 0, None)]
    faults = Faults()
    for position, each in enumerate(drafts):
        faults.extend(fault.at("instalments", position) for fault in _wrong_part(each, bill))
    faults.check()
    whole = Money(sum(each.amount.minor for each in drafts), bill.currency)
    if whole != bill.total:
        raise InstalmentsDiffer(whole, bill.total).at("instalments")
    return [
        Instalment(
            bill.id,
            position,
            each.due_on,
            bill.currency,
            each.amount.minor,
            each.discount.minor if each.discount else 0,
            each.discount_until if each.discount else None,
        )
        for position, each in enumerate(drafts)
    ]


def _named(uow: UnitOfWork, drafts: Sequence[BillLineDraft]) -> _Named:
    wanted = {each.order_line_id for each in drafts if each.order_line_id}
    order_lines = purchasing.lines_by_ids(uow.db, wanted) if wanted else {}
    orders = purchasing.orders_by_ids(uow.db, {each.order_id for each in order_lines.values()})
    account_ids = {each.account_id for each in drafts if each.account_id}
    accounts = queries.accounts_by_ids(uow.db, account_ids) if account_ids else {}
    return _Named(order_lines, {id: each.supplier_id for id, each in orders.items()}, accounts)


def _wrong(each: BillLineDraft, bill: Bill, named: _Named) -> Sequence[DomainError]:
    found: list[DomainError] = []
    amounts = (("unit_price", each.unit_price), ("amount", each.amount), ("tax", each.tax))
    for name, amount in amounts:
        if amount is not None and amount.currency != bill.currency:
            found.append(CurrencyMismatch(bill.currency, amount.currency).at(name))
    if each.order_line_id is not None and each.account_id is not None:
        found.append(GoodsOrService().at("account_id"))
    if each.account_id is not None:
        account = named.accounts.get(each.account_id)
        if account is None or account.is_archived:
            found.append(UnknownLedgerAccount(each.account_id).at("account_id"))
    if each.order_line_id is None:
        if each.amount is None and (each.unit_price is None or each.quantity is None):
            found.append(QuantityNeeded().at("quantity"))
        return found
    if each.quantity is None or (each.amount and each.amount.minor < 0):
        found.append(QuantityNeeded().at("quantity"))
    line = named.order_lines.get(each.order_line_id)
    if line is None:
        found.append(UnknownPurchaseOrderLine(each.order_line_id).at("order_line_id"))
    elif named.suppliers[line.order_id] != bill.supplier_id:
        found.append(OrderOfAnotherSupplier().at("order_line_id"))
    elif line.currency != bill.currency:
        found.append(CurrencyMismatch(bill.currency, line.currency).at("order_line_id"))
    return found


def _check_numbers(each: BillLineDraft, faults: Faults, position: int) -> None:
    where = ("lines", position)
    check_text(each.description, faults, *where, "description", minimum=0, maximum=NOTE_LENGTH_MAX)
    check_range(each.quantity, faults, *where, "quantity", minimum=1, maximum=QUANTITY_MAX)
    micro = each.unit_price.micro if each.unit_price else None
    check_range(micro, faults, *where, "unit_price", minimum=0, maximum=2**63 - 1)


def _line(
    uow: UnitOfWork, bill: Bill, position: int, each: BillLineDraft, named: _Named
) -> BillLine:
    ordered = named.order_lines.get(each.order_line_id) if each.order_line_id else None
    price = each.unit_price
    if price is None and each.amount is None and ordered:
        price = ordered.unit_price
    amount = each.amount
    if amount is None and price is not None and each.quantity is not None:
        amount = price.times(each.quantity).money
    return BillLine(
        id=uow.new_id(),
        bill_id=bill.id,
        position=position,
        description=each.description or (ordered.title if ordered else ""),
        order_line_id=each.order_line_id,
        account_id=each.account_id,
        quantity=each.quantity,
        unit_price_micro=price.micro if price else None,
        currency=bill.currency,
        amount_minor=amount.minor if amount else 0,
        tax_minor=each.tax.minor if each.tax else 0,
        expected_minor=None,
        quantity_mismatch=None,
        price_mismatch=None,
        billed_quantity=0,
        waived_quantity=0,
    )


def _wrong_part(each: InstalmentDraft, bill: Bill) -> Sequence[DomainError]:
    for amount in (each.amount, each.discount):
        if amount is not None and amount.currency != bill.currency:
            return [CurrencyMismatch(bill.currency, amount.currency)]
    if each.amount.minor <= 0:
        return [InstalmentWrong()]
    if not each.discount:
        return [] if each.discount_until is None else [InstalmentWrong()]
    fits = 0 < each.discount.minor < each.amount.minor
    in_time = each.discount_until is not None and each.discount_until <= each.due_on
    return [] if fits and in_time else [InstalmentWrong()]
