"""What must be true of stored invoices."""

from sqlalchemy import Select, and_, func, or_, select

from backoffice_api.domain.invoicing.model.fiscal import FiscalStatus
from backoffice_api.domain.invoicing.model.invoices import InvoiceKind, InvoiceStatus
from backoffice_api.domain.invoicing.tables import (
    fiscal_documents,
    invoice_lines,
    invoice_series,
    invoice_taxes,
    invoices,
)
from backoffice_api.domain.kernel.checks import Check

_of, _line, _tax = invoices.c, invoice_lines.c, invoice_taxes.c


def _sums() -> Select[tuple[object, ...]]:
    sums = (
        select(
            _line.invoice_id,
            func.sum(_line.net_minor).label("net"),
            func.sum(_line.tax_minor).label("tax"),
        )
        .group_by(_line.invoice_id)
        .subquery("sums")
    )
    return (
        select(_of.id, _of.net_minor, _of.tax_minor, sums.c.net, sums.c.tax)
        .outerjoin(sums, sums.c.invoice_id == _of.id)
        .where(
            or_(
                sums.c.invoice_id.is_(None),
                sums.c.net != _of.net_minor,
                sums.c.tax != _of.tax_minor,
            )
        )
    )


def _breakdown() -> Select[tuple[object, ...]]:
    sums = (
        select(
            _line.invoice_id,
            _line.tax_category,
            _line.tax_rate_ppm,
            func.sum(_line.net_minor).label("net"),
            func.sum(_line.tax_minor).label("tax"),
        )
        .group_by(_line.invoice_id, _line.tax_category, _line.tax_rate_ppm)
        .subquery("sums")
    )
    same = and_(
        _tax.invoice_id == sums.c.invoice_id,
        _tax.category == sums.c.tax_category,
        _tax.rate_ppm == sums.c.tax_rate_ppm,
    )
    return (
        select(sums, _tax.net_minor, _tax.tax_minor)
        .outerjoin(invoice_taxes, same)
        .where(
            or_(
                _tax.invoice_id.is_(None),
                _tax.net_minor != sums.c.net,
                _tax.tax_minor != sums.c.tax,
            )
        )
    )


def _credited() -> Select[tuple[object, ...]]:
    notes = (
        select(_of.credits_id, func.sum(_of.total_minor).label("credited"))
        .where(_of.kind == InvoiceKind.CREDIT_NOTE)
        .group_by(_of.credits_id)
        .subquery("notes")
    )
    credited = func.coalesce(notes.c.credited, 0)
    return (
        select(_of.id, _of.number, _of.credited_minor, notes.c.credited)
        .outerjoin(notes, notes.c.credits_id == _of.id)
        .where(or_(credited != _of.credited_minor, credited > _of.total_minor))
    )


def _credited_lines() -> Select[tuple[object, ...]]:
    notes = invoice_lines.alias("notes")
    pieces = func.sum(notes.c.quantity)
    net, tax = func.sum(notes.c.net_minor), func.sum(notes.c.tax_minor)
    # With the last piece of a line, its amounts are given back to the last minor unit.
    amounts_differ = or_(net != _line.net_minor, tax != _line.tax_minor)
    return (
        select(_line.id, _line.quantity, pieces.label("pieces"))
        .join(notes, notes.c.credited_line_id == _line.id)
        .group_by(_line.id, _line.quantity, _line.net_minor, _line.tax_minor)
        .having(or_(pieces > _line.quantity, and_(pieces == _line.quantity, amounts_differ)))
    )


def _statuses() -> Select[tuple[object, ...]]:
    notes = invoice_lines.alias("notes")
    left = _line.quantity - func.coalesce(
        select(func.sum(notes.c.quantity))
        .where(notes.c.credited_line_id == _line.id)
        .scalar_subquery(),
        0,
    )
    lines = (
        select(
            _line.invoice_id,
            func.sum(left).label("left_over"),
            func.sum(_line.quantity).label("pieces"),
        )
        .group_by(_line.invoice_id)
        .subquery("lines")
    )
    is_whole, is_touched = lines.c.left_over == 0, lines.c.left_over != lines.c.pieces
    return (
        select(_of.id, _of.status, lines.c.left_over)
        .join(lines, lines.c.invoice_id == _of.id)
        .where(
            _of.kind == InvoiceKind.INVOICE,
            or_(
                (_of.status == InvoiceStatus.CREDITED) != is_whole,
                (_of.status == InvoiceStatus.ISSUED) == is_touched,
            ),
        )
    )


def _numbers() -> Select[tuple[object, ...]]:
    used = (
        select(
            _of.series_id,
            func.count().label("documents"),
            func.max(_of.serial).label("last"),
        )
        .group_by(_of.series_id)
        .subquery("used")
    )
    series = invoice_series.c
    return (
        select(
            series.id, series.prefix, series.number_next, series.numbers_skipped, used.c.documents
        )
        .outerjoin(used, used.c.series_id == series.id)
        .where(
            or_(
                series.number_next - 1 - series.numbers_skipped
                != func.coalesce(used.c.documents, 0),
                func.coalesce(used.c.last, 0) >= series.number_next,
            )
        )
    )


def _authorised() -> Select[tuple[object, ...]]:
    of = fiscal_documents.c
    return select(of.id, of.status, of.reference).where(
        of.status == FiscalStatus.AUTHORISED, of.reference.is_(None)
    )


CHECKS: tuple[Check, ...] = (
    Check("I1", "Amounts of an invoice are the sums of its lines.", _sums()),
    Check("I2", "The breakdown by tax of an invoice is that of its lines.", _breakdown()),
    Check("I3", "Credit notes come to what is noted, at most to the invoice.", _credited()),
    Check("I4", "No more pieces are credited than were invoiced.", _credited_lines()),
    Check("I5", "The state of an invoice is that of its credit notes.", _statuses()),
    Check("I6", "Numbers of invoices and credit notes have no gaps.", _numbers()),
    Check("I7", "What was authorised has the office's reference.", _authorised()),
)
