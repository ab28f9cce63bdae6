"""How invoices are taken back: by credit notes, never for more than was invoiced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands.issuing import put_invoice, with_sums
from backoffice_api.domain.invoicing.commands.numbering import draw
from backoffice_api.domain.invoicing.model.billing import credited
from backoffice_api.domain.invoicing.model.invoices import (
    LINES_MAX,
    MACHINE,
    REASON_LENGTH_MAX,
    CreditExceeded,
    CreditNoteIssued,
    Invoice,
    InvoiceCredited,
    InvoicedQuantity,
    InvoiceKind,
    InvoiceLine,
    InvoiceStatus,
    NotAnInvoice,
    NothingToCredit,
    UnknownInvoiceLine,
)
from backoffice_api.domain.invoicing.tables import invoices
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.lines import QUANTITY_MAX
from backoffice_api.domain.orders.model.orders import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCreditNote(Command):
    """`lines` empty: all that is left of the invoice."""

    scope = Scope.INVOICES_WRITE
    table = invoices
    id: UUID
    lines: tuple[InvoicedQuantity, ...] = ()
    reason: str


def create_credit_note(uow: UnitOfWork, command: CreateCreditNote) -> UUID:
    """Take an invoice back, in whole or in part. The id of the credit note.

    Raises:
        UnknownInvoice, UnknownInvoiceLine, NotAnInvoice, NothingToCredit, CreditExceeded.
        InvalidText, OutOfRange, TooMany: the input is wrong.
    """
    faults = Faults()
    check_text(command.reason, faults, "reason", maximum=REASON_LENGTH_MAX)
    check_size(command.lines, faults, "lines", maximum=LINES_MAX)
    for position, line in enumerate(command.lines[:LINES_MAX]):
        here = ("lines", position, "quantity")
        check_range(line.quantity, faults, *here, minimum=1, maximum=QUANTITY_MAX)
    faults.check()
    found = queries.invoice(uow.db, command.id)
    if found.kind is InvoiceKind.CREDIT_NOTE:
        raise NotAnInvoice().at("id")
    # All that is issued and credited of one order comes one after the other.
    order = orders.locked_order(uow.db, found.order_id)
    before = queries.invoice(uow.db, command.id)
    lines = queries.lines_by_invoices(uow.db, [before.id])[before.id]
    parts = _parts(uow, command.lines, before, lines)
    note = _note(uow, order, before, parts, command.reason)
    put_invoice(uow, note, parts)
    event = CreditNoteIssued(
        note.id, note.version, note.number, str(note.total), before.number, note.order_id
    )
    uow.emit(event, after=note)
    _count(uow, before, note, is_whole=_is_whole(uow, before, lines))
    return note.id


def _note(
    uow: UnitOfWork,
    order: Order,
    before: Invoice,
    parts: Sequence[InvoiceLine],
    reason: str,
) -> Invoice:
    """The credit note, with its number and sums."""
    channel = orders.channels_by_ids(uow.db, [order.channel_id])[order.channel_id]
    seller = queries.sellers_by_ids(uow.db, [before.seller_id])[before.seller_id]
    today = seller.today(uow.now)
    drawn = draw(uow, seller, InvoiceKind.CREDIT_NOTE, on=today, channel=channel.code)
    return with_sums(
        replace(
            before,
            id=parts[0].invoice_id,
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            kind=InvoiceKind.CREDIT_NOTE,
            status=MACHINE.start,
            series_id=drawn.series_id,
            serial=drawn.serial,
            number=drawn.text,
            credits_id=before.id,
            issued_on=today,
            due_on=None,
            credited_minor=0,
            note="",
            reason=reason,
        ),
        parts,
    )


def _parts(
    uow: UnitOfWork,
    wanted: Sequence[InvoicedQuantity],
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
) -> Sequence[InvoiceLine]:
    """The lines of the credit note."""
    done = queries.credited_of(uow.db, invoice.id)
    left = {line.id: line.quantity - done.get(line.id, 0) for line in lines}
    quantities = _named(wanted, left) if wanted else left
    id = uow.new_id()
    parts = [
        credited(
            line,
            done.get(line.id, 0),
            quantities[line.id],
            tax_included=invoice.tax_included,
            id=uow.new_id(),
            invoice_id=id,
            position=line.position,
        )
        for line in lines
        if quantities.get(line.id, 0) > 0
    ]
    if not parts:
        raise NothingToCredit().at("id")
    return parts


def _named(wanted: Sequence[InvoicedQuantity], left: Mapping[UUID, int]) -> Mapping[UUID, int]:
    faults = Faults()
    summed: dict[UUID, int] = {}
    for position, each in enumerate(wanted):
        if each.line_id not in left:
            faults.add(UnknownInvoiceLine(each.line_id).at("lines", position, "line_id"))
            continue
        summed[each.line_id] = summed.get(each.line_id, 0) + each.quantity
        if summed[each.line_id] > left[each.line_id]:
            fault = CreditExceeded(left[each.line_id])
            faults.add(fault.at("lines", position, "quantity"))
    faults.check()
    return summed


def _is_whole(uow: UnitOfWork, invoice: Invoice, lines: Sequence[InvoiceLine]) -> bool:
    """Whether every piece of the invoice is credited now."""
    done = queries.credited_of(uow.db, invoice.id)
    return all(done.get(line.id, 0) == line.quantity for line in lines)


def _count(uow: UnitOfWork, before: Invoice, note: Invoice, *, is_whole: bool) -> None:
    action = "finish_credit" if is_whole else "credit"
    status: InvoiceStatus = MACHINE.check(action, before.status)
    after = save(
        uow,
        invoices,
        before,
        replace(before, status=status, credited_minor=before.credited_minor + note.total_minor),
    )
    event = InvoiceCredited(after.id, after.version, after.number, str(note.total), note.number)
    uow.emit(event, before=before, after=after)
