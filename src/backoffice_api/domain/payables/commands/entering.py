"""Entering bills: as drafts, which can be changed until they are submitted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.media import queries as media
from backoffice_api.domain.media.commands.attaching import replace_files
from backoffice_api.domain.payables.commands.drafting import make_instalments, make_lines
from backoffice_api.domain.payables.commands.writing import (
    BillSheet,
    add_bill,
    index,
    replace_parts,
    row_of,
    save_bill,
    sheet_of,
)
from backoffice_api.domain.payables.model.bills import (
    ATTACHMENTS_MAX,
    INSTALMENTS_MAX,
    LINES_MAX,
    MACHINE,
    NOTE_LENGTH_MAX,
    NUMBER_LENGTH_MAX,
    Attachment,
    Bill,
    BillKind,
    BillLine,
    due_of,
    number_key,
)
from backoffice_api.domain.payables.model.drafts import (
    AttachmentDraft,
    BillLineDraft,
    InstalmentDraft,
)
from backoffice_api.domain.payables.model.events import BillCreated, BillUpdated
from backoffice_api.domain.payables.model.matching import MatchStatus
from backoffice_api.domain.payables.model.refusals import (
    DuplicateBill,
    SimilarBill,
    TotalBelowZero,
    UnknownAttachment,
)
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.tables.bills import bills
from backoffice_api.domain.purchasing import queries as purchasing


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBill(Command):
    """`currency` None: that of the supplier. Without instalments all of it is due on `due_on`.

    `due_on` None: so many days after its date as was agreed with the supplier.
    `source_reference`: what it was read from, which makes one bill only. `allow_similar`: it is
    another one, though it looks like one that is there.
    """

    scope = Scope.BILLS_WRITE
    supplier_id: UUID
    number: str
    issued_on: date
    kind: BillKind = BillKind.BILL
    currency: str | None = None
    lines: tuple[BillLineDraft, ...] = ()
    instalments: tuple[InstalmentDraft, ...] = ()
    due_on: date | None = None
    attachments: tuple[AttachmentDraft, ...] = ()
    note: str = ""
    source_reference: str | None = None
    purchase_return_id: UUID | None = None
    freight_charge_id: UUID | None = None
    allow_similar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateBill(Command):
    """Supplier, kind and currency stay. A list takes the place of the one that was."""

    scope = Scope.BILLS_WRITE
    table = bills
    id: UUID
    number: str | Keep = KEEP
    issued_on: date | Keep = KEEP
    lines: tuple[BillLineDraft, ...] | Keep = KEEP
    instalments: tuple[InstalmentDraft, ...] | Keep = KEEP
    due_on: date | Keep = KEEP
    attachments: tuple[AttachmentDraft, ...] | Keep = KEEP
    note: str | Keep = KEEP
    allow_similar: bool = False


def create_bill(uow: UnitOfWork, command: CreateBill) -> UUID:
    """Enter a bill, or a credit note, as a draft. Its id.

    Lines for goods without a price get that of the purchase order.

    Raises:
        UnknownSupplier, UnknownPurchaseOrderLine, UnknownLedgerAccount, UnknownAttachment.
        DuplicateBill: the supplier has a bill of that number. SimilarBill: it may have.
        OrderOfAnotherSupplier, GoodsOrService, QuantityNeeded, InstalmentsDiffer, InstalmentWrong,
        TotalBelowZero, CurrencyMismatch, UnknownCurrency, InvalidText, OutOfRange, TooMany,
        AmountTooLarge: the input is wrong.
    """
    supplier = purchasing.supplier(uow.db, command.supplier_id, "supplier_id")
    currency = command.currency or supplier.currency
    exponent(currency)
    # Never beyond the last day that there is.
    agreed = min(timedelta(days=supplier.payment_days), date.max - command.issued_on)
    due_on = command.due_on or command.issued_on + agreed
    faults = Faults()
    _check_texts(command.number, command.note, faults)
    _check_sizes(command.lines, command.instalments, command.attachments, faults)
    faults.check()
    blank = _blank(uow, command, currency, due_on)
    lines = make_lines(uow, blank, command.lines)
    bill = _summed(blank, lines)
    instalments = make_instalments(bill, command.instalments, due_on)
    bill = replace(bill, due_on=due_of(bill, instalments))
    _check_alike(uow, bill, but=None, allow_similar=command.allow_similar)
    files = _attached(uow, bill.id, command.attachments)
    sheet = sheet_of(bill, lines, instalments, files)
    add_bill(uow, sheet, supplier)
    replace_files(uow, bill.id, [each.file_id for each in files])
    uow.emit(BillCreated(bill.id, bill.version, bill.supplier_id, bill.number), after=sheet)
    return bill.id


def update_bill(uow: UnitOfWork, command: UpdateBill) -> UUID:
    """Change what is given of a draft; what is absent stays. Its id.

    Raises:
        UnknownBill, InvalidTransition.
        The faults of `create_bill`.
    """
    before = read_sheet(uow, queries.locked_bill(uow.db, command.id))
    MACHINE.check("update", before.status)
    supplier = purchasing.supplier(uow.db, before.supplier_id)
    number = patched(command.number, before.number)
    bill = replace(
        row_of(before),
        number=number,
        number_key=number_key(number),
        issued_on=patched(command.issued_on, before.issued_on),
        note=patched(command.note, before.note),
    )
    faults = Faults()
    _check_texts(bill.number, bill.note, faults)
    _check_sizes(command.lines, command.instalments, command.attachments, faults)
    faults.check()
    lines: Sequence[BillLine] = before.lines
    if command.lines is not KEEP:
        lines = make_lines(uow, bill, command.lines)
    bill = _summed(bill, lines)
    drafts = _instalment_drafts(command, before, bill)
    due_on = patched(command.due_on, before.due_on)
    instalments = make_instalments(bill, drafts, due_on)
    bill = replace(bill, due_on=due_of(replace(bill, due_on=due_on), instalments))
    looks_new = (bill.number_key, bill.issued_on, bill.total) != (
        before.number_key,
        before.issued_on,
        before.total,
    )
    if looks_new or bill.number != before.number:
        _check_alike(uow, bill, but=bill.id, allow_similar=command.allow_similar)
    files: Sequence[Attachment] = before.attachments
    if command.attachments is not KEEP:
        files = _attached(uow, bill.id, command.attachments)
        replace_files(uow, bill.id, [each.file_id for each in files])
    saved = save_bill(uow, row_of(before), bill)
    after = sheet_of(saved, lines, instalments, files)
    replace_parts(uow, before, after)
    index(uow, after, supplier)
    event = BillUpdated(after.id, after.version, after.supplier_id, after.number)
    uow.emit(event, before=before, after=after)
    return after.id


def read_sheet(uow: UnitOfWork, bill: Bill) -> BillSheet:
    """The bill with all that belongs to it."""
    return sheet_of(
        bill,
        queries.lines_of(uow.db, bill.id),
        queries.instalments_of(uow.db, bill.id),
        queries.attachments_of(uow.db, bill.id),
    )


def check_number_free(uow: UnitOfWork, bill: Bill) -> None:
    """Raises: DuplicateBill: another bill of the supplier has its number."""
    _check_alike(uow, bill, but=bill.id, allow_similar=True)


def _blank(uow: UnitOfWork, command: CreateBill, currency: str, due_on: date) -> Bill:
    actor = uow.caller.actor
    return Bill(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        supplier_id=command.supplier_id,
        kind=command.kind,
        status=MACHINE.start,
        match_status=MatchStatus.UNMATCHED,
        number=command.number.strip(),
        number_key=number_key(command.number),
        issued_on=command.issued_on,
        due_on=due_on,
        currency=currency,
        subtotal_minor=0,
        tax_minor=0,
        total_minor=0,
        scheduled_minor=0,
        paid_minor=0,
        credited_minor=0,
        discounted_minor=0,
        note=command.note,
        reason=None,
        purchase_return_id=command.purchase_return_id,
        source_reference=command.source_reference,
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
        approved_at=None,
        voided_at=None,
        freight_charge_id=command.freight_charge_id,
    )


def _summed(bill: Bill, lines: Sequence[BillLine]) -> Bill:
    """The bill with the sums of its lines. Raises: TotalBelowZero, AmountTooLarge."""
    subtotal = sum(each.amount_minor for each in lines)
    tax = sum(each.tax_minor for each in lines)
    if subtotal + tax < 0:
        raise TotalBelowZero().at("lines")
    return replace(
        bill,
        subtotal_minor=Money(subtotal, bill.currency).minor,
        tax_minor=Money(tax, bill.currency).minor,
        # As money, so that a total which is too large is refused.
        total_minor=Money(subtotal + tax, bill.currency).minor,
    )


def _instalment_drafts(
    command: UpdateBill, before: BillSheet, bill: Bill
) -> Sequence[InstalmentDraft]:
    """Those given; else those that were, unless one day for all of it was, or is, to be told."""
    if command.instalments is not KEEP:
        return command.instalments
    if command.due_on is not KEEP or len(before.instalments) < 2:
        return ()
    return [
        InstalmentDraft(
            due_on=each.due_on,
            amount=each.amount,
            discount=each.discount if each.discount_minor else None,
            discount_until=each.discount_until,
        )
        for each in before.instalments
    ]


def _check_alike(uow: UnitOfWork, bill: Bill, *, but: UUID | None, allow_similar: bool) -> None:
    found = queries.alike(
        uow.db,
        supplier_id=bill.supplier_id,
        kind=bill.kind,
        number=bill.number,
        key=bill.number_key,
        issued_on=bill.issued_on,
        total_minor=bill.total_minor,
        currency=bill.currency,
        but=but,
    )
    for each in found:
        if each.number == bill.number:
            raise DuplicateBill(each.id, each.number).at("number")
        if not allow_similar:
            raise SimilarBill(each.id, each.number).at("number")


def _attached(
    uow: UnitOfWork, bill_id: UUID, drafts: Sequence[AttachmentDraft]
) -> Sequence[Attachment]:
    kept = media.kept_files_by_ids(uow.db, {each.file_id for each in drafts})
    faults = Faults()
    for position, each in enumerate(drafts):
        check_text(each.name, faults, "attachments", position, "name")
        if each.file_id not in kept:
            faults.add(UnknownAttachment(each.file_id).at("attachments", position, "file_id"))
    faults.check()
    return [
        Attachment(bill_id, position, each.file_id, each.name)
        for position, each in enumerate(drafts)
    ]


def _check_texts(number: str, note: str, faults: Faults) -> None:
    check_text(number, faults, "number", maximum=NUMBER_LENGTH_MAX)
    check_text(note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)


def _check_sizes(lines: object, instalments: object, attachments: object, faults: Faults) -> None:
    check_size(lines, faults, "lines", maximum=LINES_MAX)
    check_size(instalments, faults, "instalments", maximum=INSTALMENTS_MAX)
    check_size(attachments, faults, "attachments", maximum=ATTACHMENTS_MAX)
