"""Matching: bills held against orders and receipts, and what may be off all the same.

What a bill bills of a line of a purchase order counts from the moment it matches, or is waived.
The counts are locked before receipts are read, so of two bills for the same goods one finds them
billed; the database refuses more than was received or waived in any case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import bindparam, update

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.writing import (
    is_author,
    save_bill,
    write_lines,
)
from backoffice_api.domain.payables.model.bills import (
    MACHINE,
    REASON_LENGTH_MAX,
    Bill,
    BillKind,
    BillLine,
)
from backoffice_api.domain.payables.model.events import BillMatched, BillMatchWaived
from backoffice_api.domain.payables.model.matching import (
    Billed,
    LineToMatch,
    MatchStatus,
    matched,
)
from backoffice_api.domain.payables.model.refusals import NothingToWaive, WaiverByCreator
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.queries import matching as matches
from backoffice_api.domain.payables.tables.bills import bills
from backoffice_api.domain.payables.tables.matching import billed_lines
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.model.lines import PurchaseOrderLine
from backoffice_api.domain.purchasing.model.receipts import ReceiptMade


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchBill(Command):
    scope = Scope.BILLS_WRITE
    table = bills
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveBillMatch(Command):
    scope = Scope.BILLS_APPROVE
    table = bills
    id: UUID
    reason: str


def match_bill(uow: UnitOfWork, command: MatchBill) -> UUID:
    """Hold a bill that waits against orders and receipts once more. Its id.

    Raises:
        UnknownBill, InvalidTransition.
    """
    before = queries.locked_bill(uow.db, command.id)
    MACHINE.check("match", before.status)
    if before.match_status in (MatchStatus.MATCHED, MatchStatus.WAIVED):
        return before.id
    bill = hold_against_receipts(uow, before, queries.lines_of(uow.db, before.id))
    after = save_bill(uow, before, bill)
    event = BillMatched(
        after.id, after.version, after.supplier_id, after.number, after.match_status.value
    )
    uow.emit(event, before=before, after=after)
    return after.id


def match_what_came(uow: UnitOfWork, event: ReceiptMade) -> None:
    """Hold bills that do not match against their orders again, now that goods have arrived.

    One statement where no bill waits for goods of that order.
    """
    receipt_lines = purchasing.lines_by_receipts(uow.db, [event.id]).get(event.id, ())
    came = {each.order_line_id for each in receipt_lines}
    for id in matches.waiting_for(uow.db, came):
        match_bill(uow, MatchBill(id=id))


def waive_bill_match(uow: UnitOfWork, command: WaiveBillMatch) -> UUID:
    """Agree to what does not match of a bill that somebody else entered. Its id.

    Raises:
        UnknownBill, InvalidTransition, InvalidText.
        NothingToWaive: it matches. WaiverByCreator: the caller entered or submitted it.
    """
    faults = Faults()
    check_text(command.reason, faults, "reason", maximum=REASON_LENGTH_MAX)
    faults.check()
    before = queries.locked_bill(uow.db, command.id)
    MACHINE.check("waive", before.status)
    if before.match_status is not MatchStatus.EXCEPTION:
        raise NothingToWaive
    if is_author(uow, before):
        raise WaiverByCreator
    lines = queries.lines_of(uow.db, before.id)
    goods = [each for each in lines if each.order_line_id]
    billed = _locked(uow, before.kind, goods)
    compared, allowed = _compared(uow, before, goods, billed)
    counted = _counted(compared, billed, allowed)
    _write_counts(uow, before.kind, counted, billed, allowed)
    write_lines(uow, counted)
    actor = uow.caller.actor
    waived = replace(
        before,
        match_status=MatchStatus.WAIVED,
        waived_by_kind=actor.kind.value,
        waived_by_id=actor.id,
        waiver_reason=command.reason,
    )
    after = save_bill(uow, before, waived)
    event = BillMatchWaived(after.id, after.version, after.supplier_id, after.number)
    uow.emit(event, before=before, after=after)
    return after.id


def hold_against_receipts(uow: UnitOfWork, bill: Bill, lines: Sequence[BillLine]) -> Bill:
    """The bill with what comparing it comes to; its lines are written. Constant statements."""
    goods = [each for each in lines if each.order_line_id]
    if not goods:
        return replace(bill, match_status=MatchStatus.MATCHED)
    billed = _locked(uow, bill.kind, goods)
    compared, allowed = _compared(uow, bill, goods, billed)
    fits = not any(each.mismatches for each in compared)
    if fits:
        compared = _counted(compared, billed, allowed)
        _write_counts(uow, bill.kind, compared, billed, allowed)
    write_lines(uow, compared)
    return replace(bill, match_status=MatchStatus.MATCHED if fits else MatchStatus.EXCEPTION)


def release(uow: UnitOfWork, bill: Bill) -> Bill:
    """The bill counts for nothing any more: others may bill what it billed."""
    counted = [each for each in queries.lines_of(uow.db, bill.id) if each.billed_quantity]
    if counted:
        billed = _locked(uow, bill.kind, counted)
        freed = dict(billed)
        for each in counted:
            id = _order_line_id(each)
            freed[id] = replace(
                freed[id],
                quantity=freed[id].quantity - each.billed_quantity,
                waived=freed[id].waived - each.waived_quantity,
            )
        _put(uow, bill.kind, freed)
        write_lines(uow, [replace(each, billed_quantity=0, waived_quantity=0) for each in counted])
    return replace(
        bill,
        match_status=MatchStatus.UNMATCHED,
        waived_by_kind=None,
        waived_by_id=None,
        waiver_reason=None,
    )


def _locked(uow: UnitOfWork, kind: BillKind, goods: Sequence[BillLine]) -> Mapping[UUID, Billed]:
    ids = sorted({_order_line_id(each) for each in goods})
    blank = {"kind": kind, "quantity": 0, "allowed": 0, "waived": 0}
    insert_or_ignore(uow.db, billed_lines, *({"order_line_id": id, **blank} for id in ids))
    return matches.locked_billed(uow.db, kind, ids)


def _compared(
    uow: UnitOfWork, bill: Bill, goods: Sequence[BillLine], billed: Mapping[UUID, Billed]
) -> tuple[Sequence[BillLine], Mapping[UUID, int]]:
    """The lines with what comparing them came to, and how many pieces of each may be billed."""
    ordered = purchasing.lines_by_ids(uow.db, billed)
    expected = _expected(uow, bill, goods, ordered)
    product_ids = matches.product_ids_of(uow.db, list(ordered.values()))
    tolerances = matches.tolerances_of(uow.db, bill.supplier_id, product_ids)
    sums = {id: each.quantity for id, each in billed.items()}
    allowed: dict[UUID, int] = {}
    compared = []
    for each in goods:
        id, quantity = _order_line_id(each), each.quantity or 0
        line = ordered[id]
        found = matched(
            LineToMatch(
                quantity=quantity,
                amount_minor=each.amount_minor,
                expected_minor=expected[each.id],
                received=line.received if bill.kind is BillKind.BILL else line.returned,
                billed=sums[id],
                tolerance=tolerances[id],
            )
        )
        sums[id] += quantity
        allowed[id] = found.allowed
        after = replace(
            each,
            expected_minor=expected[each.id],
            quantity_mismatch=found.quantity_mismatch,
            price_mismatch=found.price_mismatch,
        )
        compared.append(after)
    return compared, allowed


def _expected(
    uow: UnitOfWork,
    bill: Bill,
    goods: Sequence[BillLine],
    ordered: Mapping[UUID, PurchaseOrderLine],
) -> Mapping[UUID, int]:
    """What each line should come to: by the order, or by the debit note it was made from."""
    if bill.purchase_return_id is not None:
        return _by_debit_note(uow, bill.purchase_return_id, goods)
    return {
        each.id: ordered[_order_line_id(each)].unit_price.times(each.quantity or 0).money.minor
        for each in goods
    }


def _by_debit_note(
    uow: UnitOfWork, return_id: UUID, goods: Sequence[BillLine]
) -> Mapping[UUID, int]:
    """What lines should come to by the debit note; pieces that it does not name: nothing."""
    lines = purchasing.lines_by_returns(uow.db, [return_id]).get(return_id, ())
    said = {each.order_line_id: each for each in lines}
    expected = {}
    for each in goods:
        line = said.get(_order_line_id(each))
        share = line.amount_minor * (each.quantity or 0) // line.quantity if line else 0
        expected[each.id] = share
    return expected


def _counted(
    goods: Sequence[BillLine], billed: Mapping[UUID, Billed], allowed: Mapping[UUID, int]
) -> Sequence[BillLine]:
    """The lines with their pieces counted; those beyond what is allowed as waived."""
    left = {
        id: max(each.allowed, allowed[id]) + each.waived - each.quantity
        for id, each in billed.items()
    }
    counted = []
    for each in goods:
        id, quantity = _order_line_id(each), each.quantity or 0
        over = min(quantity, max(0, quantity - left[id]))
        left[id] -= quantity - over
        counted.append(replace(each, billed_quantity=quantity, waived_quantity=over))
    return counted


def _write_counts(
    uow: UnitOfWork,
    kind: BillKind,
    counted: Sequence[BillLine],
    billed: Mapping[UUID, Billed],
    allowed: Mapping[UUID, int],
) -> None:
    sums = {
        id: replace(each, allowed=max(each.allowed, allowed[id])) for id, each in billed.items()
    }
    for each in counted:
        id = _order_line_id(each)
        sums[id] = replace(
            sums[id],
            quantity=sums[id].quantity + each.billed_quantity,
            waived=sums[id].waived + each.waived_quantity,
        )
    _put(uow, kind, sums)


def _put(uow: UnitOfWork, kind: BillKind, sums: Mapping[UUID, Billed]) -> None:
    statement = update(billed_lines).where(
        billed_lines.c.order_line_id == bindparam("line_id"), billed_lines.c.kind == kind
    )
    values = [
        {
            "line_id": id,
            "quantity": each.quantity,
            "allowed": each.allowed,
            "waived": each.waived,
        }
        for id, each in sorted(sums.items())
    ]
    uow.db.execute(statement, values)


def _order_line_id(line: BillLine) -> UUID:
    if line.order_line_id is None:
        raise ValueError("only goods are matched")
    return line.order_line_id
